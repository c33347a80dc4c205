"""The weekly round-up's decisions: which weeks are due, and what the archive says about one."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperbot.archive import Archive
from paperbot.archive.layout import week_path, weeks_of_pages
from paperbot.archive.store import load_archive, with_months_since, write_archive
from paperbot.model import Change, ChangeKind, Entry, Match, Score, TopicScore
from paperbot.ranking.picks import PickKind
from paperbot.weekly import Week, due_weeks, finished_weeks, first_date_needed, review_week
from tests.support.builders import a_paper, a_run, an_archive, an_entry, utc

MONDAY = dt.date(2025, 12, 15)
WEEK = Week(MONDAY)
FRIDAY_MORNING = utc("2025-12-19T08:17:00")


def day(offset: int) -> dt.date:
    """The date that many days from the week's Monday."""
    return MONDAY + dt.timedelta(days=offset)


def with_runs(archive: Archive, *dates: dt.date, last: dt.datetime = FRIDAY_MORNING) -> Archive:
    """A run on each date; the last of them at `last`."""
    for date in dates:
        run = replace(a_run(date), last_run=last, announcement_dates=(date,))
        archive = archive.with_run(run)
    return archive


def entries_of(offset: int, first_id: int, *points: float, **given: Any) -> list[Entry]:
    """A day's papers with these scores, best first."""
    return [
        an_entry(
            f"2512.{first_id + index:05}",
            str(day(offset)),
            paper=a_paper(f"2512.{first_id + index:05}"),
            rank=index + 1,
            **{"score": Score(value, (Match("LLM", value, False, True),)), **given},
        )
        for index, value in enumerate(points)
    ]


def ids(entries: Iterable[Entry]) -> list[str]:
    return [entry.paper.id for entry in entries]


# Which weeks


@pytest.mark.parametrize(
    ("date", "name"),
    [
        ("2025-12-28", "2025-W52"),
        ("2025-12-29", "2026-W01"),
        ("2026-01-04", "2026-W01"),
        ("2026-11-25", "2026-W48"),
        ("2026-12-31", "2026-W53"),
        ("2027-01-03", "2026-W53"),
        ("2027-01-04", "2027-W01"),
    ],
)
def test_weeks_are_named_as_in_iso_8601(date: str, name: str) -> None:
    week = Week.of(dt.date.fromisoformat(date))
    assert week.name == name
    assert Week.named(name) == week
    assert dt.date.fromisoformat(date) in week


@given(st.dates(dt.date(2007, 4, 1), dt.date(2100, 1, 1)))
def test_every_date_is_in_one_week_of_seven_days(date: dt.date) -> None:
    week = Week.of(date)
    assert week.monday.weekday() == 0
    assert week.monday <= date <= week.sunday
    assert Week.named(week.name) == week


@pytest.mark.parametrize(
    ("monday", "holidays", "finished"),
    [
        # Thursday 20:00 Eastern, and five hours for the index; in summer an hour earlier in UTC.
        ("2025-12-15", [], "2025-12-19T06:00"),
        ("2025-07-14", [], "2025-07-18T05:00"),
        # Without the evening of Thursday 25 December, the last is Wednesday's.
        ("2025-12-22", ["2025-12-26"], "2025-12-25T06:00"),
        ("2026-11-23", ["2026-11-27"], "2026-11-26T06:00"),
        ("2026-12-28", ["2027-01-01"], "2026-12-31T06:00"),
        ("2025-06-16", ["2025-06-20"], "2025-06-19T05:00"),
        ("2025-09-01", ["2025-09-02"], "2025-09-05T05:00"),
        ("2025-07-07", ["2025-07-07"], "2025-07-11T05:00"),
    ],
)
def test_a_week_is_finished_when_its_last_announcement_is_in_the_index(
    monday: str, holidays: list[str], finished: str
) -> None:
    week = Week(dt.date.fromisoformat(monday))
    assert [str(date) for date in week.holidays] == holidays
    assert week.finished_at == utc(finished)


def test_a_week_without_any_announcement_is_finished_after_friday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paperbot.weekly.announcements", lambda *_: ())
    assert Week(MONDAY).finished_at == utc("2025-12-20T00:00")
    assert Week(MONDAY).holidays == tuple(map(day, range(5)))


@pytest.mark.parametrize(
    ("last_run", "finished"),
    [
        ("2025-12-18T13:47", ["2025-W50"]),
        ("2025-12-19T05:59", ["2025-W50"]),
        ("2025-12-19T08:17", ["2025-W51", "2025-W50"]),
        ("2025-12-20T08:17", ["2025-W51", "2025-W50"]),
    ],
)
def test_the_first_run_after_the_last_announcement_finishes_the_week(
    last_run: str, finished: list[str]
) -> None:
    archive = with_runs(an_archive(*entries_of(-7, 1, 3)), day(-7), day(3), last=utc(last_run))
    assert [week.name for week in finished_weeks(archive)] == finished


def test_weeks_that_are_due() -> None:
    archive = with_runs(Archive(), day(-14), day(-7), day(4))
    old, before = WEEK.before(2), WEEK.before(1)
    assert due_weeks(archive, (), ()) == (WEEK, before, old)  # missed ones are made later
    assert due_weeks(archive, (), (WEEK, before, old)) == (WEEK,)  # for the reader's stars
    assert due_weeks(archive, [day(-13)], (WEEK, before, old)) == (WEEK, old)  # its papers changed
    assert due_weeks(archive, (), (WEEK, old)) == (WEEK, before)
    assert due_weeks(Archive(), [day(0)], ()) == ()


def test_a_week_of_which_a_part_is_not_loaded_is_left_alone() -> None:
    archive = with_runs(an_archive(*entries_of(1, 1, 3)), day(1), day(4))
    assert finished_weeks(archive) == (WEEK,)
    assert finished_weeks(replace(archive, dates=(day(1), day(0)))) == ()


# What is in a review


def test_the_best_of_a_week_below_the_cut_and_starred() -> None:
    monday = entries_of(0, 100, *range(12, 0, -1))
    friday = [*entries_of(4, 200, 20, 11.5), *entries_of(4, 300, *range(15, 0, -1), shown=False)]
    gone = replace(friday[0], withdrawn=True)
    sunday_before = entries_of(-1, 400, 99)
    archive = with_runs(an_archive(*monday, *friday, gone, *sunday_before), day(0), day(4))
    archive = archive.with_related(day(4), entries_of(4, 500, 0.5, shown=False))
    stars = dict.fromkeys(
        ("2512.00111", "2512.00400", "2512.00302", "2512.00500", "2512.77777"), PickKind.STAR
    )
    review = review_week(archive, WEEK, stars | {"2512.00100": PickKind.SKIP})
    (best,) = review.best
    assert ids(best.entries)[:3] == ["2512.00300", "2512.00301", "2512.00302"]
    assert "2512.00200" not in ids(review.entries)
    assert best.papers == review.papers == 29
    assert (review.shown, review.dates) == (14, (day(0), day(4)))
    assert ids(review.starred) == ["2512.00302", "2512.00111", "2512.00500"]
    assert ids(review.below_cut) == [f"2512.{number:05}" for number in range(300, 310)]


def test_the_best_by_topic_in_the_configs_order() -> None:
    first, second, old = (entries_of(0, 100 * n, 9 - n, 2, topic=name) for n, name in enumerate("ABC", 1))
    archive = with_runs(an_archive(*first, *second, *old), day(0), day(1))
    archive = archive.with_run(replace(archive.runs[day(1)], topics=("B", "D", "A")))
    review = review_week(archive, WEEK, {})
    assert [(topic.topic, len(topic.entries)) for topic in review.best] == [("B", 2), ("A", 2), ("C", 2)]


def test_changes_of_the_week_starred_papers_first() -> None:
    told, earlier = (Change(ChangeKind.NEW_VERSION, date, "version 2") for date in (day(2), day(-3)))
    best, starred, other = entries_of(-30, 1, 9, 2, 5)
    changed = [replace(best, changes=(earlier, told)), replace(starred, changes=(told,))]
    archive = with_runs(an_archive(*changed, replace(other, changes=(earlier,))), day(2))
    review = review_week(archive, WEEK, {starred.paper.id: PickKind.STAR})
    assert ids(review.changed) == [starred.paper.id, best.paper.id]
    assert review.changes_of(changed[0]) == (told,)


def test_other_entries_in_the_place_of_those_with_their_ids() -> None:
    entries = entries_of(0, 100, 3, 2)
    review = review_week(with_runs(an_archive(*entries), day(0)), WEEK, {"2512.00100": PickKind.STAR})
    other = replace(entries[0], topic="other")
    assert review.with_entries([other]).entries == (other,)
    assert review.with_entries([other]).starred == (other,)


# Keywords


def with_keywords(offset: int, first_id: int, **papers: int) -> list[Entry]:
    """For each keyword, that many papers that have it."""
    names = [name for name, count in papers.items() for _ in range(count)]
    return [
        entries_of(offset, first_id + index, 1, score=Score(1, (Match(name, 1, True, True),)))[0]
        for index, name in enumerate(names)
    ]


def weeks_of(**papers: int) -> list[Entry]:
    """The same papers on the Mondays of the four weeks before."""
    return [entry for week in range(1, 5) for entry in with_keywords(-7 * week, 1000 * week, **papers)]


def test_keywords_that_rose_and_fell() -> None:
    before, now = (
        weeks_of(rising=4, falling=9, steady=6, removed=8),
        with_keywords(0, 1, rising=12, steady=7, new=5, falling=3),
    )
    archive = with_runs(an_archive(*before, *now), *(day(-7 * week) for week in range(5)))
    review = review_week(archive, WEEK, {})
    assert [(change.keyword, change.papers, change.before, change.percent) for change in review.rose] == [
        ("new", 5, 0, None),
        ("rising", 12, 4, 200),
    ]
    assert [(change.keyword, change.change, change.percent) for change in review.fell] == [
        ("falling", -6, -67)
    ]
    assert review.weeks_compared == 4


def test_fewer_announcements_are_no_fall() -> None:
    before, now = weeks_of(LLM=10), with_keywords(0, 1, LLM=6)
    archive = an_archive(*before, *now)
    for week in range(5):
        covered = tuple(day(-7 * week + offset) for offset in range(3 if week == 0 else 5))
        archive = archive.with_run(replace(a_run(day(-7 * week)), announcement_dates=covered))
    review = review_week(archive, WEEK, {})
    assert (review.rose, review.fell) == ((), ())
    assert review.covered == (day(0), day(1), day(2))


def test_weeks_before_in_which_nothing_ran_are_not_compared() -> None:
    archive = an_archive(*with_keywords(-21, 1, LLM=9), *with_keywords(0, 100, LLM=2))
    archive = with_runs(archive, day(-21), day(0))
    review = review_week(archive, WEEK, {})
    assert review.weeks_compared == 1
    assert [(change.keyword, change.before) for change in review.fell] == [("LLM", 9)]


def test_a_first_week_has_nothing_to_compare_with() -> None:
    review = review_week(with_runs(an_archive(*with_keywords(0, 1, LLM=9)), day(0)), WEEK, {})
    assert (review.rose, review.fell, review.weeks_compared) == ((), (), 0)


def test_archives_without_announcements_count_their_digests() -> None:
    archive = an_archive(*weeks_of(LLM=4), *with_keywords(0, 1, LLM=8), *with_keywords(1, 100, LLM=1))
    review = review_week(archive, WEEK, {})
    assert (review.weeks_compared, review.covered) == (4, (day(0), day(1)))
    assert (review.rose, review.fell) == ((), ())  # 9 in two digests, 4 in one


def test_a_keyword_counts_a_paper_once_and_penalties_and_authors_never() -> None:
    matches = (
        Match("LLM", 1, True, True),
        Match("hype", -3, True, True),
        Match("Ada Example", 2, False, False, author=True),
    )
    other = TopicScore("other", Score(2, (Match("LLM", 1, True, True), Match("agent", 1, True, True))))
    entry = entries_of(0, 1, 1, score=Score(0, matches), also_in=(other,))[0]
    papers = [replace(entry, paper=a_paper(f"2512.{number:05}")) for number in range(9)]
    before = with_keywords(-7, 500, rest=1)
    review = review_week(with_runs(an_archive(*papers, *before), day(-7), day(0)), WEEK, {})
    assert {(change.keyword, change.papers) for change in review.rose} == {("LLM", 9), ("agent", 9)}


# On disk


def test_older_months_are_read_when_a_week_needs_them(tmp_path: Path) -> None:
    dates = [dt.date(2025, month, 15) for month in (9, 10, 11, 12)]
    entries = [
        an_entry(f"25{date.month}.00001", str(date), paper=a_paper(f"25{date.month}.00001")) for date in dates
    ]
    write_archive(tmp_path, an_archive(*entries), Archive())
    loaded = load_archive(tmp_path, dates[-1])
    changed = replace(entries[-1], withdrawn=True)
    archive = with_months_since(
        tmp_path, loaded.with_entries([changed]), first_date_needed([Week.of(dates[-1])])
    )
    assert sorted(archive.digests) == dates[2:]
    assert archive.of(dates[-1]) == (changed,)  # as this run has it
    assert archive.dates == tuple(reversed(dates))


def test_weeks_with_a_page(tmp_path: Path) -> None:
    for name in ("2025-W52", "2026-W01", "2026-W54", "2026-W1", "notes-W01"):
        path = tmp_path / week_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert weeks_of_pages(tmp_path) == ["2026-W01", "2025-W52"]
