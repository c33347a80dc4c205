"""Archives as years of runs leave them: full months, each weekday and each finished week with its page."""

import datetime as dt
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from paperbot.archive import Archive
from paperbot.archive.layout import day_path, entries_path, month_of, runs_path, week_path
from paperbot.archive.records import entry_line, record_line
from paperbot.config import Config
from paperbot.model import Candidate, Entry, RunRecord
from paperbot.ranking.keywords import Scorer
from paperbot.render.repository import RepositoryInfo
from paperbot.render.site import render_site
from paperbot.render.site_data import FORMAT
from paperbot.render.templating import load_templates
from paperbot.weekly import Week
from tools.bench.papers import invented_papers
from tools.bench.world import HERE

MATCHING_A_DAY = 120
"""About as many new papers a weekday match the default keywords in the default categories."""
SHOWN_A_DAY = 30


def write_years(root: Path, last: dt.date, months: int) -> None:
    """The months that end with `last`, each of them full up to it."""
    dates = list(_weekdays(last, months))
    candidates = _candidates(dates[-1])
    for month, in_month in itertools.groupby(dates, month_of):
        dates_of_month = list(in_month)
        (root / entries_path(month)).parent.mkdir(parents=True, exist_ok=True)
        entries = [entry_line(entry) + "\n" for entry in _entries(dates_of_month, candidates)]
        (root / entries_path(month)).write_text("".join(entries), encoding="utf-8")
        days = [record_line(_day(date)) + "\n" for date in dates_of_month]
        (root / runs_path(month)).write_text("".join(days), encoding="utf-8")
        for date in dates_of_month:
            (root / day_path(date)).write_text(f"# {date}\n", encoding="utf-8")
    for week in {Week.of(date) for date in dates}:
        if dates[0] <= week.monday and week.sunday < last:
            (root / week_path(week.name)).write_text(f"# {week.name}\n", encoding="utf-8")
    _write_index(root, dates)


def write_site(root: Path, last: dt.date, months: int) -> None:
    """The site of such an archive."""
    dates = list(_weekdays(last, months))
    candidates = _candidates(dates[-1])
    months_entries = {
        month: [*_entries(of_month, candidates)] for month, of_month in itertools.groupby(dates, month_of)
    }
    archive = Archive(dates=tuple(dates[::-1])).with_entries(_entries(dates[-5:], candidates))
    templates = load_templates(HERE, HERE / "templates")
    for path, text in render_site(
        archive, Config(), templates, RepositoryInfo(), months=months_entries
    ).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def _weekdays(last: dt.date, months: int) -> Iterator[dt.date]:
    """Oldest first."""
    month = last.year * 12 + last.month - months
    first = dt.date(month // 12, month % 12 + 1, 1)
    for number in range(first.toordinal(), last.toordinal() + 1):
        date = dt.date.fromordinal(number)
        if date.weekday() < 5:
            yield date


def _candidates(date: dt.date) -> list[Candidate]:
    """A day's papers that match, best first; each day of the archive has these, under ids of its own."""
    noon = dt.datetime.combine(date, dt.time(12), dt.UTC)
    found = Scorer(Config()).candidates(invented_papers(4 * MATCHING_A_DAY, noon, days=1, seed=2))
    return found[:MATCHING_A_DAY]


def _entries(dates: Iterable[dt.date], candidates: list[Candidate]) -> Iterator[Entry]:
    for date in dates:
        for rank, candidate in enumerate(candidates, start=1):
            paper = replace(candidate.paper, id=f"{date:%y%m}.{90_000 + date.day * 200 + rank}")
            if rank > SHOWN_A_DAY:
                paper = replace(paper, abstract="")
            yield Entry(paper, date, rank, rank <= SHOWN_A_DAY, candidate.score, candidate.type)


def _day(date: dt.date) -> RunRecord:
    run = dt.datetime.combine(date, dt.time(8, 17), dt.UTC)
    return RunRecord(
        date=date,
        last_run=run,
        window_start=run - dt.timedelta(days=7),
        fetched=2_000,
        matching=5 * MATCHING_A_DAY,
        new=MATCHING_A_DAY,
        shown=SHOWN_A_DAY,
        announcement_dates=(date,),
    )


def _write_index(root: Path, dates: list[dt.date]) -> None:
    """What the site knows of the months, so that they are not all drawn anew."""
    counts = {"papers": 2_600, "shown": 650, "bytes": 2_000_000}
    rows = [
        {"month": month, **counts, "days": [date.day for date in in_month]}
        for month, in_month in itertools.groupby(dates, month_of)
    ]
    (root / "site").mkdir()
    text = json.dumps({"format": FORMAT, "months": rows[::-1]})
    (root / "site" / "papers.json").write_text(text, encoding="utf-8")
