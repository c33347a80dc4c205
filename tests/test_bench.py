"""The measuring itself: no figure is judged here."""

import datetime as dt
import sys
from pathlib import Path
from statistics import median

import pytest

from paperbot.archive.layout import weeks_of_pages
from paperbot.archive.store import load_archive
from paperbot.config import Config
from paperbot.ranking.keywords import Scorer
from paperbot.render.site_data import months_to_render
from tools.bench.archives import MATCHING_A_DAY, SHOWN_A_DAY, write_years
from tools.bench.goals import Goal, goals_of
from tools.bench.measures import Figures, Plan, RunFigures, SummaryFigures
from tools.bench.modules import MODULES
from tools.bench.page import render, site_table
from tools.bench.papers import invented_papers
from tools.bench.runs import Cost, Fork, bound_seconds, requests_of
from tools.bench.site import SiteFigures, measure_site
from tools.bench.world import DAYS, NOW, serving
from tools.look import CHROMIUM, DRIVER


def test_invented_papers_are_like_real_ones() -> None:
    papers = list(invented_papers(500, NOW, DAYS))
    assert len({paper.id for paper in papers}) == 500
    assert all(NOW - dt.timedelta(days=DAYS) <= paper.published < NOW for paper in papers)
    assert 60 < median(len(paper.title) for paper in papers) < 100
    assert 1_100 < median(len(paper.abstract) for paper in papers) < 1_500
    share = len(Scorer(Config()).candidates(papers)) / 500
    assert 0.4 < share < 0.7  # 0.55 of the real ones of December 2025


def test_an_invented_archive_is_one_that_the_bot_reads(tmp_path: Path) -> None:
    write_years(tmp_path, dt.date(2025, 12, 3), months=2)
    archive = load_archive(tmp_path, dt.date(2025, 11, 1))
    assert archive.broken == ()
    assert len(archive.entries) == MATCHING_A_DAY * len(archive.runs) == MATCHING_A_DAY * (20 + 3)
    assert set(archive.dates) == set(archive.runs)
    assert sum(entry.shown for entry in archive.of(dt.date(2025, 11, 28))) == SHOWN_A_DAY
    index = (tmp_path / "site" / "papers.json").read_text("utf-8")
    assert months_to_render(archive.dates, index) == ()
    assert max(weeks_of_pages(tmp_path)) == "2025-W48"  # the one after it is not finished


def test_a_run_and_its_modules_are_measured(tmp_path: Path) -> None:
    with serving(20) as address:
        fork = Fork(tmp_path / "fork", address.config())
        cost = fork.cost("--no-summaries")
        log = address.log()
        by_module = fork.cpu_seconds_by_module("--no-summaries")
    assert requests_of(log) == "1 api"
    assert cost.began < log[0]["began"] < cost.began + cost.wall_seconds
    assert cost.cpu_seconds > 0
    assert cost.peak_megabytes > 10
    assert list(by_module) == list(MODULES)
    assert all(by_module[module] > 0 for module, functions in MODULES.items() if functions)
    assert not (tmp_path / "fork" / "README.md").exists()  # every run is made on a copy


def test_a_run_that_fails_is_no_figure(tmp_path: Path) -> None:
    fork = Fork(tmp_path / "fork", {"max_papers": "many"})
    with pytest.raises(SystemExit, match=r"(?s)exit code 2.*max_papers"):
        fork.cost()


def test_no_run_is_faster_than_its_answers() -> None:
    pages = [{"kind": kind, "began": 0.0, "seconds": 1.0} for kind in ("api", "pdf", "pdf")]
    answers = [{"kind": "chat", "began": 0.0, "seconds": 8.0}] * 3
    assert bound_seconds(pages, delay_seconds=3, workers=3) == 1 + 3 + 1 + 3 + 1
    assert bound_seconds([*pages, *answers], delay_seconds=0, workers=3) == 3 + 8
    assert bound_seconds([*pages, *answers], delay_seconds=0, workers=1) == 3 * 8
    assert requests_of([*pages, *answers]) == "1 api, 2 pdf, 3 chat"


def run_of(name: str, cpu_seconds: float, **by_module: float) -> RunFigures:
    modules = dict.fromkeys(MODULES, 0.1) | by_module
    return RunFigures(name, Cost(0.0, 5.5, cpu_seconds, 104.0), [], 0.41, modules)


def test_each_goal_is_judged_by_its_figure() -> None:
    figures = Figures(
        Plan((500, 5_000), (0, 120), 5_000, ((1.0, 0.0), (8.0, 3.0)), 3),
        sizes=[run_of("500", 0.6), run_of("5,000", 1.5)],
        growth=[run_of("0", 1.5), run_of("120", 1.7)],
        interests=[run_of("picks", 2.0, score=1.4)],
        scoring=[],
        summaries=[SummaryFigures(run_of("the sample", 2.0), 1.0, pause, 5.0) for pause in (0.0, 3.0)],
        site=SiteFigures(60, 0.5, 2.0, "in 17,640 papers", 151.0, 90.0),
        fresh_sample_seconds=None,
    )
    verdicts = [goal.verdict for goal in goals_of(figures)]
    assert verdicts == [
        *("met", "met", "not measured", "missed", "missed"),
        *("met", "met"),
        *("met", "not measured"),
        *("met", "missed"),
    ]
    page = render(figures)
    assert "| until the first request | at most 0.4 s | 0.41 | missed |" in page
    assert "| in 17,640 papers | 0.50 | 2.00 | 151 | 90 |" in page
    assert Goal("", "s", 1, 1.0).verdict == "met"


def test_the_sites_search_is_measured_where_there_is_a_browser(tmp_path: Path) -> None:
    figures = measure_site(tmp_path, dt.date(2025, 12, 3), months=2)
    assert (figures is not None) == bool(CHROMIUM and DRIVER and sys.platform == "linux")
    if figures:
        assert 0 < figures.first_seconds <= figures.whole_seconds
        assert figures.searched == "in 2,760 papers, 2025-11 to 2025-12"
        assert 0 < figures.heap_megabytes < figures.megabytes
    assert "Not measured: needs Linux and Chromium" in site_table(None)
