"""Runs over the real December of 2025: all that was announced is shown once, on the first run after it.

The rules are written down here a second time, from the data alone: a batch's papers were submitted between
two deadlines (19:00 UTC), or were held; ids count up from batch to batch.
"""

import datetime as dt
import functools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.digest import with_todays_digest
from paperbot.model import NoticeKind, RunRecord
from paperbot.sample.papers import INDEXED, AnnouncedPaper
from paperbot.sources.arxiv_api import ArxivSource, FetchedPapers
from paperbot.sources.atom import BrokenEntry
from paperbot.sources.http import PoliteSession
from paperbot.sources.window import FetchedWindow, plan_window
from tests.support.builders import a_config, an_entry, utc
from tests.support.december import in_categories, mornings

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
DEADLINE = dt.time(19, tzinfo=dt.UTC)
CATEGORIES = ("cs.LG", "cs.DC")
ANY_PAPER: dict[str, Any] = {"keywords": ["e"], "match": "substring", "exclude_keywords": [], "min_score": 0}
DAYS_BACK = (1, 2, 3, 4, 5, 7)
START = dt.date(2025, 12, 9)
"""The first run: batches lie before it."""


@functools.cache
def known_papers() -> Sequence[AnnouncedPaper]:
    """In the order of announcement."""
    return in_categories(*CATEGORIES)


class Index(ArxivSource):
    """arXiv's index of December at a time of its own; nothing goes over a network."""

    def __init__(self, stale_on: Collection[dt.date] = ()) -> None:
        super().__init__(PoliteSession(), "http://127.0.0.1:9/", 0)
        self.clock, self.stale_on = utc("2025-12-01"), stale_on

    def fetch_span(self, categories: Sequence[str], start: dt.datetime, end: dt.datetime) -> FetchedPapers:
        today = self.clock.date()
        visible = [
            announced.paper
            for announced in known_papers()
            if announced.indexed <= self.clock and not (today in self.stale_on and announced.listing == today)
        ]
        return FetchedPapers({paper.id: paper for paper in visible if start <= paper.published <= end})


def config_of(days_back: int, topics: Sequence[object] = ()) -> Config:
    return a_config(
        categories=list(CATEGORIES),
        days_back=days_back,
        types=["new", "cross"],
        timezone="UTC",
        topics=topics,
        interests={"weight": 0},  # the order of papers is not what these tests look at
        **ANY_PAPER,
    )


def runs(
    times: Sequence[dt.datetime], days_back: int, index: Index | None = None, archive: Archive | None = None
) -> Iterator[tuple[Archive, FetchedWindow]]:
    config = config_of(days_back)
    index, archive = index or Index(), archive or Archive()
    for now in times:
        index.clock = now
        window = plan_window(config, now, archive.runs.values(), archive.entries.values())
        fetched = index.fetch_window(window)
        archive = with_todays_digest(archive, fetched, config)
        yield archive, fetched


@functools.cache
def first_digests(pattern: str, days_back: int) -> dict[str, dt.date]:
    """Where each paper was shown first; fails if one is shown a second time."""
    shown: dict[str, dt.date] = {}
    for archive, _ in runs(PATTERNS[pattern], days_back):
        now = {key: entry.digest_date for key, entry in archive.entries.items()}
        assert now.items() >= shown.items()
        shown = now
    return shown


@functools.cache
def batches() -> list[dt.date]:
    return sorted({paper.listing for paper in known_papers()})


def opening(listing: dt.date) -> dt.datetime:
    """The deadline of the batch before: the day before its announcement."""
    before = max(day for day in batches() if day < listing)
    working_day = before - DAY
    while working_day.weekday() > 4:
        working_day -= DAY
    return dt.datetime.combine(working_day, DEADLINE)


def is_old(announced: AnnouncedPaper) -> bool:
    """Announced long ago, and now cross-listed: its id lies below those of the batches before."""
    return announced.paper.id < highest_id_before(announced.listing)


@functools.cache
def highest_id_before(listing: dt.date) -> str:
    return max((one.paper.id for one in known_papers() if one.listing < listing), default="")


def held(announced: AnnouncedPaper) -> dt.timedelta:
    return announced.indexed - announced.paper.published


def due(announced: AnnouncedPaper, times: Sequence[dt.datetime], days_back: int) -> dt.date | None:
    """The date of the digest that a paper belongs to, where the rules are strict about it."""
    if is_old(announced):
        return None
    oldest = min((day for day in batches() if at_index(day) > times[0] - days_back * DAY), default=None)
    if announced.indexed <= times[0]:
        is_in_first = oldest and announced.listing >= oldest and announced.paper.published >= opening(oldest)
        return times[0].date() if is_in_first else None
    if held(announced) > 7 * DAY + 12 * HOUR:
        return None
    return next((now.date() for now in times if now >= at_index(announced.listing)), None)


def at_index(listing: dt.date) -> dt.datetime:
    """An hour of grace behind the feeds."""
    return dt.datetime.combine(listing, INDEXED) + HOUR


PATTERNS = {
    "every morning": mornings(START),
    "working days": [now for now in mornings(START) if now.weekday() < 5],
    "twice a day": [now + hours * HOUR for now in mornings(START) for hours in (0, 6)],
    "late in the evening": [now + 14 * HOUR for now in mornings(START)],
    "every third day": mornings(START)[::3],
    "nothing for nine days": [*mornings(START)[:2], *mornings(START)[11:]],
    "from a weekend on": mornings(dt.date(2025, 12, 13)),
}


@pytest.mark.parametrize(
    ("pattern", "days_back"),
    [("every morning", days) for days in DAYS_BACK]
    + [(pattern, days) for pattern in PATTERNS if pattern != "every morning" for days in (1, 3, 7)],
)
def test_each_paper_on_the_first_run_after_its_announcement(pattern: str, days_back: int) -> None:
    times = PATTERNS[pattern]
    shown = first_digests(pattern, days_back)
    expected = {paper.paper.id: due(paper, times, days_back) for paper in known_papers()}
    assert sum(date is not None for date in expected.values()) > 150
    assert {
        key: (shown.get(key), date) for key, date in expected.items() if date and shown.get(key) != date
    } == {}


@pytest.mark.parametrize("days_back", [1, 3, 7])
@pytest.mark.parametrize("pattern", ["every morning", "working days"])
def test_a_paper_held_longer_comes_within_a_week(pattern: str, days_back: int) -> None:
    times = PATTERNS[pattern]
    shown = first_digests(pattern, days_back)
    late = [
        paper
        for paper in known_papers()
        if paper.indexed > times[0] and not is_old(paper) and paper.listing <= dt.date(2025, 12, 19)
    ]
    assert sum(held(announced) > 8 * DAY for announced in late) > 10
    assert [announced.paper.id for announced in late if announced.paper.id not in shown] == []
    assert max(shown[announced.paper.id] - announced.listing for announced in late) <= 7 * DAY


@pytest.mark.parametrize("days_back", DAYS_BACK)
def test_a_stale_index_is_noticed_and_made_up_for(days_back: int) -> None:
    stale_on = [dt.date(2025, 12, 10), dt.date(2025, 12, 15), dt.date(2025, 12, 16)]
    records = {}
    for archive, fetched in runs(mornings(START), days_back, Index(stale_on)):
        records[fetched.now.date()] = archive.runs[fetched.now.date()]
    assert {day for day, record in records.items() if record.stale_since} == set(stale_on)
    assert not any(stale in records[stale].announcement_dates for stale in stale_on)
    covered = [day for record in records.values() for day in record.announcement_dates]
    assert len(covered) == len(set(covered))
    assert set(covered) >= {day for day in batches() if day >= START}


def test_a_stale_index_is_noticed_on_the_first_run_of_all() -> None:
    ((archive, _),) = runs(mornings(START)[:1], 1, Index([START]))
    (record,) = archive.runs.values()
    assert (record.stale_since, record.announcement_dates, archive.entries) == (dt.date(2025, 12, 8), (), {})


@pytest.mark.parametrize(
    ("day", "listing"), [("13", "2025-12-12"), ("14", "2025-12-12"), ("15", "2025-12-15")]
)
def test_a_first_run_shows_the_newest_announcement_also_at_a_weekend(day: str, listing: str) -> None:
    ((archive, fetched),) = runs([utc(f"2025-12-{day}T08:17")], 1)
    assert [str(date) for date in fetched.announcement_dates] == [listing]
    assert archive.entries


@pytest.mark.parametrize("days_back", [1, 7])
def test_an_archive_of_an_earlier_release_goes_on(days_back: int) -> None:
    """Its records do not name the highest id."""
    *_, (archive, _) = runs(mornings(START, dt.date(2025, 12, 15)), days_back)
    old = replace(archive, runs={day: replace(run, newest_id="") for day, run in archive.runs.items()})
    *_, (archive, _) = runs(mornings(dt.date(2025, 12, 16)), days_back, archive=old)
    wanted = [paper for paper in known_papers() if START < paper.listing <= dt.date(2025, 12, 19)]
    assert [
        announced.paper.id
        for announced in wanted
        if announced.paper.id not in archive.entries and not is_old(announced)
    ] == []


def test_broken_entries_are_named() -> None:
    window = plan_window(a_config(), utc("2025-12-24T08:17"), (), ())
    fetched = window.select(
        {}, [BrokenEntry("2512.00001", "lacks its date"), BrokenEntry("", "has no valid id")]
    )
    assert [notice.kind for notice in fetched.notices] == [NoticeKind.BROKEN_ENTRY] * 2
    assert "2512.00001" in fetched.notices[0].text


@pytest.mark.parametrize(
    ("ran_on", "now", "days_back", "is_due"),
    [
        ([], "2025-12-24", 7, False),  # a fresh archive
        (["2025-12-22", "2025-12-23"], "2025-12-24", 7, False),
        (["2025-12-19"], "2025-12-22", 7, True),  # a new week
        (["2025-12-19"], "2025-12-24", 7, True),  # in which Monday's run failed
        (["2025-12-22"], "2025-12-22", 7, False),  # again on the same date
        (["2025-12-11"], "2025-12-22", 7, True),
        (["2025-12-22"], "2025-12-24", 1, True),
        (["2025-12-22"], "2025-12-23", 1, False),
    ],
)
def test_when_held_papers_are_checked(ran_on: list[str], now: str, days_back: int, is_due: bool) -> None:
    records = [
        RunRecord(dt.date.fromisoformat(day), utc(day), utc(day), 0, 0, 0, 0, checked_held_papers=True)
        for day in ran_on
    ]
    config = a_config(days_back=days_back, timezone="UTC")
    assert plan_window(config, utc(now), records, ()).checks_held_papers is is_due


def test_above_which_id_a_held_paper_is_new() -> None:
    config = a_config(timezone="UTC")
    entries = [an_entry("2512.20002", "2025-12-22"), an_entry("2512.30003", "2025-12-23")]

    def above_id() -> str | None:
        return plan_window(config, utc("2025-12-25T08:17"), (run,), entries).above_id

    run = RunRecord(dt.date(2025, 12, 24), utc("2025-12-24"), utc("2025-12-24"), 0, 0, 0, 0)
    assert above_id() == "2512.20002"
    entries += [an_entry("2512.10001", "2025-12-15"), an_entry("hep-th/9901001", "2025-12-16")]
    assert above_id() == "2512.10001"
    assert plan_window(config, utc("2025-12-25T08:17"), (), ()).above_id is None


@pytest.mark.parametrize("days_back", [1, 7])
def test_after_days_with_the_feed_alone_the_archive_is_as_if_nothing_had_happened(days_back: int) -> None:
    times = mornings(START, dt.date(2025, 12, 22))
    *_, (undisturbed, _) = runs(times, days_back)
    *_, (archive, _) = runs(times[:3], days_back)
    for now in times[3:9]:
        archive = with_feed(archive, now, days_back)
    *_, (archive, _) = runs(times[9:], days_back, archive=archive)
    assert undisturbed.entries.keys() == archive.entries.keys()
    long_held = {paper.paper.id for paper in known_papers() if held(paper) > 7 * DAY}
    for key, entry in undisturbed.entries.items():
        assert key in long_held or archive.entries[key].digest_date == entry.digest_date
        assert replace(archive.entries[key].paper, abstract="") == replace(entry.paper, abstract="")


def with_feed(archive: Archive, now: dt.datetime, days_back: int) -> Archive:
    """A day on which only the feed is there: it lacks the times of submission."""
    papers = {
        paper.paper.id: replace(paper.paper, published=now, updated=now, comment="", from_feed=True)
        for paper in known_papers()
        if paper.listing == now.date() and not is_old(paper)
    }
    dates = (now.date(),) if papers else ()
    fetched = FetchedWindow(now, now, papers, announcement_dates=dates, from_feed=True)
    return with_todays_digest(archive, fetched, config_of(days_back)) if papers else archive


@pytest.mark.parametrize("before", [[], [{"name": "Anything", "paused": True}]], ids=["new", "resumed"])
def test_a_new_topic_gets_the_papers_of_the_window_however_long_they_were_held(
    before: Sequence[object],
) -> None:
    times, index = mornings(START, dt.date(2025, 12, 19)), Index()
    nothing, anything = {"name": "Nothing", "keywords": ["never found in any paper"]}, {"name": "Anything"}

    def run(archive: Archive, now: dt.datetime, topics: Sequence[object]) -> Archive:
        index.clock, config = now, config_of(7, topics)
        window = plan_window(config, now, archive.runs.values(), archive.entries.values())
        return with_todays_digest(archive, index.fetch_window(window), config)

    archive = Archive()
    for now in times[:-1]:
        archive = run(archive, now, [nothing, *before])
    assert not archive.entries
    archive = run(archive, times[-1], [nothing, anything])
    listings = {day for day in batches() if times[-1] - 7 * DAY < at_index(day) <= times[-1]}
    announced = {one.paper.id for one in known_papers() if one.listing in listings and not is_old(one)}
    assert announced <= archive.entries.keys()
    assert any(held(one) > 8 * DAY for one in known_papers() if one.paper.id in announced)
