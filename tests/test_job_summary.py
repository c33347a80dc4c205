"""What Actions shows of a run: true, inert, and never too large."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from paperbot.archive import Archive
from paperbot.errors import Problem
from paperbot.model import Entry, Summary
from paperbot.render.job_summary import (
    MAX_BYTES,
    JobSummaryPage,
    RunState,
    render_job_summary,
    run_page,
    summary_costs,
)
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from paperbot.summaries import Outcome
from paperbot.text.gfm import gfm_html
from tests.support import invented
from tests.support.fork import Fork
from tests.support.hostile import HostilePaper, hostile_papers
from tests.support.invented import TEMPLATES

MONDAY, TUESDAY, _ = SAMPLE_CLOCKS

RunIt = Callable[..., str]


@pytest.fixture
def world() -> SampleWorld:
    return SampleWorld()


@pytest.fixture
def run_it(tmp_path: Path, world: SampleWorld) -> Iterator[RunIt]:
    """Run in a fork, and read the job summary as Markdown without its escapes."""
    fork = Fork.of_sample(tmp_path / "fork", world)
    fork.change(ai_summary={"tldr": True, "overview": True})
    runs = iter(range(100))

    def run(*options: str, config: str = "", tuesday: bool = False, **environ: str) -> str:
        if config:
            fork.config.write_text(config, "utf-8")
        path = tmp_path / f"summary-{next(runs)}.md"
        world.clock = TUESDAY if tuesday else MONDAY
        fork.run(world.clock, *options, GITHUB_STEP_SUMMARY=str(path), **environ)
        return path.read_text("utf-8").replace("\\", "")

    with world:
        yield run


def test_of_a_digest(run_it: RunIt) -> None:
    said = run_it(GITHUB_REPOSITORY="ada/papers")
    assert said.startswith("## 📚 Monday 22 December 2025\n")
    assert "**8 new matching papers**, 8 shown in full, 3 summarised, 0 failed." in said
    assert "| 12 | 8 | 8 | 8 |" in said
    assert (
        "| 1 | 5.8 | [Draft Horses: Speculative Decoding with a Stable of Tiny Models]"
        "(https://arxiv.org/abs/2512.99001) | cs.LG | from the uploaded PDF |" in said
    )
    assert re.search(
        r"\*\*Summaries of this run\*\*: 3 made, 0 failed, \d TL;DRs, 1 overview; "
        r"[\d,]+ tokens read, [\d,]+ written, 0\.\d\d CNY",
        said,
    )
    assert re.search(r"<summary>[0-9]+ files written</summary>", said)
    assert "- archive/2025/2025-12.jsonl\n" in said
    assert "- README.md\n" in said


def test_of_a_run_with_nothing_new(run_it: RunIt) -> None:
    run_it()
    said = run_it()
    assert "3 summarised, 0 failed." in said
    assert "Summaries of this run" not in said
    assert "**Nothing was written**" in said


def test_of_refused_summaries_and_of_those_that_are_still_missing(run_it: RunIt) -> None:
    said = run_it(DASHSCOPE_API_KEY="sk-wrong-0123456789")
    assert "> [!WARNING]\n> There are no new summaries: 127.0.0.1 refused the key." in said
    assert "0 summarised, 3 failed." in said
    assert said.count("| none: not asked: 127.0.0.1 refused the key |") == 3
    assert "sk-wrong" not in said
    later = run_it(tuesday=True, DASHSCOPE_API_KEY="sk-wrong-0123456789")
    assert "Still without one" not in later  # three new papers come first


def test_without_a_key_nothing_is_wrong(run_it: RunIt) -> None:
    said = run_it(DASHSCOPE_API_KEY="")
    assert "> [!NOTE]\n> There are no summaries because no key is set." in said
    assert "Summaries of this run" not in said


def test_of_a_dry_run(run_it: RunIt) -> None:
    said = run_it("--dry-run")
    assert said.startswith("## 📚 Monday 22 December 2025: a dry run, nothing was written\n")
    assert "[Draft Horses" in said
    assert "**Summaries**: 3 papers would get one, for about 6" in said
    assert "files written" not in said


def test_of_a_wrong_config(run_it: RunIt) -> None:
    said = run_it(config='{\n  "max_papers": "many",\n  "keyword": []\n}\n')
    assert said.startswith("## ❌ Nothing was changed: please correct this\n")
    assert 'config.json, line 2**: max_papers is "many". Allowed: a whole number from 1 to 200.\n' in said
    assert re.search(r"config.json, line 3\*\*: keyword .* Did you mean keywords\?\n", said)


def test_of_a_failure_with_the_warnings_before_it(run_it: RunIt) -> None:
    config = {"display_limit": 5, "arxiv": {"api_url": "http://127.0.0.1:9/api", "patience_seconds": 0}}
    said = run_it(config=json.dumps(config, indent=1))
    assert said.startswith("## ❌ No digest this time\n\n- the connection to arXiv failed (")
    assert "the next run looks back 7 days" in said
    assert "config.json, line 2**: display_limit: no longer needed" in said


def test_a_broken_template_of_ones_own_does_not_silence_it(run_it: RunIt, tmp_path: Path) -> None:
    own = tmp_path / "fork/templates/job_summary.md.j2"
    own.parent.mkdir()
    own.write_text("{{ page.nonsense }}", "utf-8")
    said = run_it()
    assert said.startswith("## ❌ Nothing was changed")
    assert (
        "**templates/job_summary.md.j2, line 1**: 'paperbot.render.job_summary.JobSummaryPage object' has no"
        in said
    )


def test_a_template_of_ones_own_is_used(run_it: RunIt, tmp_path: Path) -> None:
    own = tmp_path / "fork/templates/job_summary.md.j2"
    own.parent.mkdir()
    own.write_text("{{ page.state }}: {{ page.run.shown if page.run }}", "utf-8")
    assert run_it() == "done: 8"


def page_of(archive: Archive, **given: Any) -> JobSummaryPage:
    return run_page(RunState.DONE, archive, invented.TODAY, invented.CONFIG, invented.REPOSITORY, **given)


def test_a_summary_that_failed_again_is_named_after_its_digest() -> None:
    today, yesterday = invented.entry(1, shown=True), invented.entry(2, shown=True)
    yesterday = replace(yesterday, digest_date=invented.TODAY.replace(day=24))
    reasons = {entry.paper.id: Summary(reason="no answer") for entry in (today, yesterday)}
    spent = summary_costs(Outcome(reasons, 0, 2), (today, yesterday), invented.TODAY, invented.CONFIG)
    page = page_of(invented.archive(), spent=spent)
    assert [missing.entry for missing in spent.missing] == [yesterday]
    assert f"](https://arxiv.org/abs/{yesterday.paper.id}): no answer" in render_job_summary(TEMPLATES, page)


# Inert


def with_texts(entry: Entry, paper: HostilePaper) -> Entry:
    summary = Summary(reason=paper.summary, model=paper.author)
    return replace(
        entry, paper=replace(entry.paper, title=paper.title, authors=(paper.author,)), summary=summary
    )


@given(hostile_papers)
@settings(deadline=None, max_examples=40)
def test_no_text_of_others_leaves_its_place(paper: HostilePaper) -> None:
    entries = tuple(with_texts(invented.entry(place, shown=True), paper) for place in (1, 2))
    archive = invented.archive(invented.digest_of(entries, invented.digest().latest_run))
    problems = [Problem(paper.comment, paper.title, 3), Problem(paper.abstract)]
    spent = summary_costs(
        Outcome({entry.paper.id: entry.summary for entry in entries if entry.summary}, 0, 2),
        [replace(entry, digest_date=invented.TODAY.replace(day=24)) for entry in entries],
        invented.TODAY,
        invented.CONFIG,
    )
    page = page_of(archive, warnings=problems, spent=spent, written=[paper.title])
    html = gfm_html(render_job_summary(TEMPLATES, page))
    assert re.findall(r"<h\d", html) == ["<h2"]
    assert html.count("<tr>") == 2 + 3
    assert html.count("<td") == 4 + 2 * 5
    assert html.count("<li>") == 2 + 1 + len(spent.missing)
    assert (html.count("<details"), html.count("</details>"), html.count("<table>")) == (1, 1, 2)
    assert set(re.findall(r"<(?:img|script|iframe|style|input|p align)", html)) == set()
    assert all(
        url.startswith("https://arxiv.org/abs/2512.") for url in re.findall(r'<a href="([^"]*)"', html)
    )


@given(hostile_papers)
@settings(deadline=None, max_examples=40)
def test_no_mistake_leaves_its_place(paper: HostilePaper) -> None:
    problems = [Problem(paper.comment, paper.title, 3), Problem(paper.abstract)]
    html = gfm_html(render_job_summary(TEMPLATES, JobSummaryPage(RunState.INVALID, tuple(problems))))
    assert (html.count("<li>"), html.count("<h2"), html.count("<a ")) == (2, 1, 0)


# Not too large


def test_it_stays_below_what_github_takes() -> None:
    entries = tuple(
        replace(entry, paper=replace(entry.paper, title="<*_`" * 125), summary=Summary(reason="[<|" * 300))
        for entry in (invented.entry(place, shown=True) for place in range(1, 201))
    )
    archive = invented.archive(invented.digest_of(entries, invented.digest().latest_run))
    warnings = [Problem("<" * 900, "config.json", line) for line in range(1, 5_000)]
    page = page_of(archive, warnings=warnings)
    said = render_job_summary(TEMPLATES, page)
    assert 100_000 < len(said.encode()) <= MAX_BYTES
    assert said.count("https://arxiv.org/abs/") == 50
    assert f"There is no space here for {200 + 4_999 - 2 * 50:,} more rows." in said
