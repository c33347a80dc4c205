"""arXiv's schedule: https://info.arxiv.org/help/availability.html."""

import datetime as dt

import pytest

from paperbot.model import Paper
from paperbot.sources.calendar import announcements, holds_announcement, stale_since


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def submitted(*times: str) -> list[Paper]:
    return [
        Paper(f"2512.{n:05}", 1, "t", ("a",), "cs.LG", ("cs.LG",), utc(at), utc(at))
        for n, at in enumerate(times)
    ]


def test_a_week_of_announcements() -> None:
    week = announcements(utc("2025-12-07T12:00"), utc("2025-12-14T12:00"))
    assert [str(announcement.listing) for announcement in week] == [
        "2025-12-08", "2025-12-09", "2025-12-10", "2025-12-11", "2025-12-12"
    ]  # fmt: skip
    monday = week[0]
    assert (monday.at, monday.opens, monday.closes) == (
        utc("2025-12-08T01:00"),
        utc("2025-12-04T19:00"),
        utc("2025-12-05T19:00"),
    )


def test_deadlines_follow_one_another_without_a_gap() -> None:
    year = announcements(utc("2025-01-01T00:00"), utc("2026-12-31T00:00"))
    assert all(before.closes == after.opens for before, after in zip(year, year[1:], strict=False))
    assert all(announcement.opens < announcement.closes < announcement.at for announcement in year)


def test_summer_time_is_eastern_time() -> None:
    (tuesday,) = announcements(utc("2026-07-14T12:00"), utc("2026-07-15T12:00"))
    assert (tuesday.at, tuesday.closes) == (utc("2026-07-15T00:00"), utc("2026-07-14T18:00"))


def test_a_holiday_hands_its_papers_to_the_next_announcement() -> None:
    christmas = announcements(utc("2025-12-24T12:00"), utc("2025-12-29T12:00"))
    assert [str(announcement.listing) for announcement in christmas] == ["2025-12-25", "2025-12-29"]
    assert christmas[1].opens == utc("2025-12-24T19:00")


@pytest.mark.parametrize(
    ("start", "end", "now", "expected"),
    [
        ("2025-12-17T08:17", "2025-12-24T08:17", "2025-12-24T08:17", True),
        # Saturday to Sunday: those papers are announced on Monday evening.
        ("2025-12-13T08:17", "2025-12-14T08:17", "2025-12-14T08:17", False),
        # Announced an hour ago, not yet in the index.
        ("2025-12-08T20:00", "2025-12-10T02:00", "2025-12-10T02:00", False),
        ("2025-12-08T20:00", "2025-12-10T07:00", "2025-12-10T07:00", True),
    ],
)
def test_does_a_span_hold_an_announcement(start: str, end: str, now: str, expected: bool) -> None:
    assert holds_announcement(utc(start), utc(end), utc(now)) is expected


EARLIER = [f"2025-12-{day:02}T{hour}:00" for day in (18, 19, 22) for hour in (10, 11, 12, 15, 16, 17)]
NEWEST = ["2025-12-23T10:00", "2025-12-23T12:00"]


def test_an_index_that_ends_early_is_noticed() -> None:
    start, now = utc("2025-12-17T08:17"), utc("2025-12-24T08:17")
    assert stale_since(submitted(*EARLIER, *NEWEST), start, now) is None
    assert stale_since(submitted(*EARLIER), start, now) == dt.date(2025, 12, 23)


def test_before_the_index_follows_nothing_is_late() -> None:
    start, now = utc("2025-12-17T03:00"), utc("2025-12-24T03:00")
    assert stale_since(submitted(*EARLIER), start, now) is None


def test_a_small_category_is_no_sign_of_a_late_index() -> None:
    start, now = utc("2025-12-17T08:17"), utc("2025-12-24T08:17")
    assert stale_since(submitted("2025-12-18T10:00"), start, now) is None
    assert stale_since([], start, now) is None
