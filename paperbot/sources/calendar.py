"""When arXiv announces what: its weekly schedule and its holidays.

Sunday to Thursday at 20:00 Eastern, for submissions received until 14:00 Eastern (Sunday's: until Friday
14:00): https://info.arxiv.org/help/availability.html. The evenings without an announcement stand in
data/arxiv_holidays.json.
"""

import datetime as dt
import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from paperbot.model import Paper

EASTERN = ZoneInfo("America/New_York")
HOLIDAYS = Path(__file__).resolve().parents[1] / "data" / "arxiv_holidays.json"
DEADLINE = dt.time(14)
ANNOUNCED = dt.time(20)
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
INDEX_LAG = dt.timedelta(hours=5)
"""The API's index follows an announcement at about midnight Eastern; an hour of grace."""
USUAL_PAPERS = 5
"""Fewer papers than this in the other announcements, and a missing one is no sign of a late index."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One evening's announcement; `opens` to `closes` is when its papers were submitted, unless held."""

    listing: dt.date
    """The date that arXiv's listings give it: the day after the evening."""
    at: dt.datetime
    opens: dt.datetime
    closes: dt.datetime


@functools.cache
def holidays() -> frozenset[dt.date]:
    """The evenings on which nothing is announced though it is no Friday or Saturday."""
    data = json.loads(HOLIDAYS.read_text(encoding="utf-8"))
    return frozenset(dt.date.fromisoformat(day) for day in data["evenings_without_announcement"])


def announcements(since: dt.datetime, until: dt.datetime) -> tuple[Announcement, ...]:
    """The announcements made from `since` to `until`, oldest first."""
    evening = since.astimezone(EASTERN).date() - dt.timedelta(days=1)
    found = []
    while (at := _eastern(evening, ANNOUNCED)) <= until:
        if _announces(evening) and at >= since:
            found.append(Announcement(evening + dt.timedelta(days=1), at, _opens(evening), _closes(evening)))
        evening += dt.timedelta(days=1)
    return tuple(found)


def indexed(since: dt.datetime, now: dt.datetime) -> tuple[Announcement, ...]:
    """The announcements since then that the API's index should hold by now."""
    return announcements(since, now - INDEX_LAG)


def holds_announcement(start: dt.datetime, end: dt.datetime, now: dt.datetime) -> bool:
    """Were papers submitted between `start` and `end` announced, and indexed, by now?"""
    announced = indexed(start, now)
    return any(announcement.opens < end and announcement.closes > start for announcement in announced)


def stale_since(papers: Iterable[Paper], start: dt.datetime, now: dt.datetime) -> dt.date | None:
    """The last announcement in the index if the newest one is missing from it, else None.

    Judged by the papers submitted since `start`: the newest announcement should have brought some, as the
    others did.
    """
    expected = [announcement for announcement in indexed(start, now) if announcement.opens >= start]
    submitted = [paper.published for paper in papers]
    counts = [sum(one.opens <= at < one.closes for at in submitted) for one in expected]
    while counts and counts[-1] == 0:
        counts.pop()
    missing = len(expected) - len(counts)
    usual = sum(counts) / len(counts) if counts else 0.0
    if not missing or usual < USUAL_PAPERS:
        return None
    return expected[len(counts) - 1].listing


def _announces(evening: dt.date) -> bool:
    return evening.weekday() not in (FRIDAY, SATURDAY) and evening not in holidays()


def _closes(evening: dt.date) -> dt.datetime:
    return _eastern(evening - dt.timedelta(days=2 if evening.weekday() == SUNDAY else 0), DEADLINE)


def _opens(evening: dt.date) -> dt.datetime:
    """The deadline of the announcement before."""
    before = evening - dt.timedelta(days=1)
    while not _announces(before):
        before -= dt.timedelta(days=1)
    return _closes(before)


def _eastern(day: dt.date, at: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, at, EASTERN).astimezone(dt.UTC)
