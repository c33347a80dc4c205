"""What happened to papers after they were shown: each change is told once, and none is invented."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from paperbot.archive import Archive
from paperbot.digest import with_news
from paperbot.follow_up import MAX_PAPERS, Following, updated_entries
from paperbot.model import Change, ChangeKind, Entry, Score, Summary
from tests.support.builders import a_paper, a_run, an_archive, an_entry, utc

TODAY = dt.date(2025, 12, 31)
FOLLOWING = Following(TODAY, days=60)
WITHDRAWN = "This paper has been withdrawn by the author."
SHOWN = a_paper(comment="12 pages", published=utc("2025-12-22T10:00"))


def changes(entry: Entry, following: Following = FOLLOWING, **now: Any) -> tuple[Change, ...]:
    """What is told when the entry's paper is like this now."""
    updated = updated_entries(an_archive(entry), [replace(entry.paper, **now)], following)
    return updated[0].changes if updated else ()


def words(told: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(change.kind.value, change.text) for change in told]


def shown(**given: Any) -> Entry:
    return an_entry(digest="2025-12-24", paper=SHOWN, summary=Summary("Text"), **given)


V2: dict[str, Any] = {"version": 2, "updated": utc("2025-12-31T11:00")}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({}, []),
        (V2, [("new-version", "9 days after v1")]),
        (V2 | {"updated": utc("2025-12-23T12:00")}, [("new-version", "1 day after v1")]),
        (V2 | {"updated": utc("2025-12-22T12:00")}, [("new-version", "less than a day after v1")]),
        (V2 | {"title": "Other", "abstract": "Other words."}, [("new-version", "9 days after v1")]),
        (V2 | {"abstract": WITHDRAWN}, [("withdrawn", WITHDRAWN)]),
        (V2 | {"abstract": f"[{WITHDRAWN}] We study"}, [("withdrawn", WITHDRAWN)]),
        (V2 | {"comment": "Withdrawn for an error"}, [("withdrawn", "Withdrawn for an error")]),
        (
            V2 | {"comment": "12 pages. Accepted at ICML 2026"},
            [("new-version", "9 days after v1"), ("accepted", "ICML 2026")],
        ),
        ({"journal_ref": "J. Test 1 (2026) 3", "doi": "10.5555/1"}, [("published", "J. Test 1 (2026) 3")]),
        ({"doi": "10.5555/1"}, [("published", "DOI 10.5555/1")]),
        ({"doi": "10.48550/arXiv.2512.99001"}, []),
    ],
)
def test_what_is_news(now: dict[str, Any], told: list[tuple[str, str]]) -> None:
    assert words(changes(shown(), **now)) == told


def test_a_change_is_told_once_and_the_paper_stays_as_it_was_shown() -> None:
    archive = an_archive(shown())
    now = replace(SHOWN, **V2, abstract="Other words.", comment="Accepted at ICML 2026", doi="10.5555/1")
    archive = with_news(archive, [now, a_paper("2512.99009")], FOLLOWING)
    (entry,) = archive.entries.values()
    assert [change.kind for change in entry.changes] == [
        ChangeKind.NEW_VERSION,
        ChangeKind.ACCEPTED,
        ChangeKind.PUBLISHED,
    ]
    assert {(change.date, change.version) for change in entry.changes} == {(TODAY, 2)}
    assert entry.paper == replace(now, abstract=SHOWN.abstract)
    assert entry.summary == Summary("Text")
    later = Following(TODAY + dt.timedelta(days=7), 60)
    # As arXiv has it, or as an older mirror has it, or after a field was lost for a while.
    for again in (now, SHOWN, replace(now, doi=""), replace(now, comment=""), now):
        archive = archive.with_entries(updated_entries(archive, [again], later))
        assert archive.entries[SHOWN.id].changes == entry.changes


def test_a_withdrawn_paper_is_marked_and_may_come_back() -> None:
    archive = an_archive(shown())
    gone, back = replace(SHOWN, **V2, comment=WITHDRAWN), replace(SHOWN, **V2, comment="")
    for paper, withdrawn in ((gone, True), (gone, True), (replace(back, version=3), False)):
        archive = archive.with_entries(updated_entries(archive, [paper], FOLLOWING))
        assert archive.entries[SHOWN.id].withdrawn is withdrawn
    assert words(archive.entries[SHOWN.id].changes) == [
        ("withdrawn", WITHDRAWN),
        ("new-version", "less than a day after v2"),
    ]


def test_what_the_feed_could_not_say_is_no_news() -> None:
    from_feed = replace(SHOWN, comment="", published=utc("2025-12-23T19:00"), from_feed=True)
    whole = replace(SHOWN, comment="Accepted at ICML 2026")
    archive = an_archive(replace(shown(), paper=from_feed))
    assert Following(TODAY, days=0).ids(archive) == (SHOWN.id,), "asked for, to fill in what is missing"
    archive = archive.with_entries(updated_entries(archive, [whole], FOLLOWING))
    assert archive.entries[SHOWN.id] == replace(shown(), paper=whole)
    assert updated_entries(archive, [from_feed], FOLLOWING) == []
    assert words(
        changes(replace(shown(), paper=from_feed), **V2, published=SHOWN.published, from_feed=False)
    ) == [("new-version", "9 days after v1")]


def test_a_digest_is_ranked_again_when_times_of_submission_come_to_be_known() -> None:
    times = {"2512.00001": utc("2025-12-22T10:00"), "2512.00002": utc("2025-12-23T10:00")}
    papers = [a_paper(paper_id, published=published) for paper_id, published in times.items()]
    of_feed = [replace(paper, published=utc("2025-12-24"), from_feed=True) for paper in papers]
    archive = an_archive(
        *(an_entry(paper.id, paper=paper, rank=rank) for rank, paper in enumerate(of_feed, 1))
    )
    archive = with_news(archive, papers, FOLLOWING)
    assert [entry.paper for entry in archive.of(dt.date(2025, 12, 24))] == [papers[1], papers[0]]
    assert all(entry.shown for entry in archive.entries.values())


@pytest.mark.parametrize(
    ("entry", "following", "followed"),
    [
        (shown(), FOLLOWING, True),
        (shown(), Following(TODAY, days=7), True),
        (shown(), Following(TODAY, days=6), False),
        (shown(), Following(TODAY, days=0, starred={SHOWN.id}), False),
        (shown(), Following(TODAY, days=6, starred={SHOWN.id}), True),
        (replace(shown(), shown=False), FOLLOWING, False),
        (replace(shown(), shown=False), Following(TODAY, days=60, starred={SHOWN.id}), True),
        (shown(), Following(dt.date(2025, 12, 24), days=60), False),
    ],
)
def test_who_is_followed(entry: Entry, following: Following, followed: bool) -> None:
    archive = an_archive(entry)
    assert bool(following.ids(archive)) is followed
    assert bool(changes(entry, following, **V2)) is followed


def test_starred_papers_come_first_then_the_best_and_the_number_is_limited() -> None:
    numbers = range(MAX_PAPERS + 10)
    entries = [an_entry(f"2512.{n:05}", paper=a_paper(f"2512.{n:05}"), score=Score(n)) for n in numbers]
    ids = Following(TODAY, 60, {"2512.00007"}).ids(an_archive(*entries))
    assert ids[:2] == ("2512.00007", f"2512.{numbers[-1]:05}")
    assert len(ids) == MAX_PAPERS


@pytest.mark.parametrize(
    ("asked_on", "is_due"),
    [([], True), (["2025-12-28"], True), (["2025-12-29"], False), (["2025-12-31"], False)],
)
def test_the_first_run_of_a_week_asks(asked_on: list[str], is_due: bool) -> None:
    archive = Archive().with_run(a_run(dt.date(2025, 12, 30)))
    for day in map(dt.date.fromisoformat, asked_on):
        archive = archive.with_run(a_run(day, followed_up=True))
    assert FOLLOWING.is_due(archive) is is_due
