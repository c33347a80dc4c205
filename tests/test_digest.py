"""Today's digest over several days: what is news, what was held, what it covers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from paperbot.archive import Archive
from paperbot.archive.journal import FinishedTexts
from paperbot.config import Config
from paperbot.digest import (
    merged_digest,
    what_next,
    with_new_summaries,
    with_recovered_summaries,
    with_todays_digest,
)
from paperbot.model import Notice, Overview, Paper, PaperType, Summary, TlDr
from paperbot.sources.window import FetchedWindow, Window, plan_window
from paperbot.summaries import Outcome
from tests.support.builders import a_candidate, a_config, a_paper, an_archive, an_entry, utc

HOURS = dt.timedelta(hours=1)
TODAY = dt.date(2025, 12, 24)


class Listing:
    """arXiv with these papers, each from the hour it was announced; nothing goes over a network."""

    def __init__(self, announced: Sequence[tuple[str, Paper]]) -> None:
        self.announced = announced
        self.now = dt.datetime.min.replace(tzinfo=dt.UTC)
        self.spans: list[tuple[dt.datetime, dt.datetime]] = []

    def fetch_window(self, window: Window) -> FetchedWindow:
        self.spans.append((window.query_start, window.now))
        visible = [paper for at, paper in self.announced if utc(at) <= self.now]
        return window.select({paper.id: paper for paper in visible if paper.published >= window.query_start})


def video(paper_id: str, published: str, **given: Any) -> Paper:
    return a_paper(paper_id, title="Video", published=utc(published), **given)


def run(listing: Listing, archive: Archive, config: Config) -> Archive:
    window = plan_window(config, listing.now, archive.runs.values(), archive.entries.values())
    return with_todays_digest(archive, listing.fetch_window(window), config)


def after(listing: Listing, runs: Sequence[str], config: Config | None = None) -> Archive:
    """The archive after runs at these times."""
    archive = Archive()
    for clock in runs:
        listing.now = utc(clock)
        config = config or a_config(keywords=["video"], min_score=1)
        archive = run(listing, archive, config)
    return archive


def digests(archive: Archive) -> dict[str, str]:
    return {key: f"{entry.digest_date:%m-%d}" for key, entry in archive.entries.items()}


def test_what_failed_runs_missed_is_in_the_next_digest() -> None:
    listing = Listing(
        [
            ("2025-12-09T01:00", video("2512.00001", "2025-12-08T10:00")),
            ("2025-12-10T01:00", video("2512.00002", "2025-12-09T10:00")),
            ("2025-12-11T01:00", video("2512.00003", "2025-12-10T10:00")),
        ]
    )
    archive = after(listing, ["2025-12-09T08:17", "2025-12-11T08:17"])
    assert digests(archive) == {"2512.00001": "12-09", "2512.00002": "12-11", "2512.00003": "12-11"}
    run = archive.runs[dt.date(2025, 12, 11)]
    assert run.announcement_dates == (
        dt.date(2025, 12, 10),
        dt.date(2025, 12, 11),
    )


def test_a_paper_held_longer_than_the_window_comes_with_the_next_week() -> None:
    listing = Listing(
        [
            ("2025-12-02T01:00", video("2512.00001", "2025-12-01T10:00")),
            ("2025-12-02T01:00", video("2511.00900", "2025-11-20T10:00")),  # before our time
            ("2025-12-04T01:00", video("2512.00004", "2025-11-21T10:00")),  # held for 13 days
            ("2025-12-04T01:00", video("2506.00005", "2025-11-22T10:00")),  # an old paper, cross-listed now
        ]
    )
    archive = after(listing, ["2025-12-02T08:17", "2025-12-04T08:17", "2025-12-05T08:17"])
    assert digests(archive) == {"2512.00001": "12-02"}
    archive = after(listing, ["2025-12-02T08:17", "2025-12-05T08:17", "2025-12-08T08:17", "2025-12-08T13:47"])
    assert digests(archive) == {"2512.00001": "12-02", "2512.00004": "12-08"}
    assert archive.runs[dt.date(2025, 12, 8)].checked_held_papers
    backwards = [(end - start).days for start, end in listing.spans if (end - start).days > 20]
    assert backwards == [36], "once a week, 30 days back from the last time"


def test_a_paper_that_was_held_for_a_month_is_found_whatever_its_weekday() -> None:
    listing = Listing(
        [
            ("2025-12-02T01:00", video("2512.00001", "2025-12-01T10:00")),
            ("2025-12-09T01:00", video("2512.00002", "2025-11-09T10:00")),  # 36 days old on the 15th
            (
                "2025-12-16T01:00",
                video("2512.00003", "2025-11-16T10:00"),
            ),  # 44 days old on the 30th
        ]
    )
    archive = after(listing, ["2025-12-02T08:17", "2025-12-08T08:17", "2025-12-15T08:17", "2025-12-30T08:17"])
    assert digests(archive) == {"2512.00001": "12-02", "2512.00002": "12-15", "2512.00003": "12-30"}


def test_held_days_0_turns_looking_back_off() -> None:
    config = a_config(keywords=["video"], min_score=1, arxiv={"held_days": 0})
    listing = Listing([("2025-12-04T01:00", video("2512.00004", "2025-11-21T10:00"))])
    assert digests(after(listing, ["2025-12-02T08:17", "2025-12-08T08:17"], config)) == {}


def test_after_more_than_a_window_without_runs_the_gap_is_closed() -> None:
    listing = Listing(
        [
            ("2025-12-02T01:00", video("2512.00001", "2025-12-01T10:00")),
            ("2025-12-05T01:00", video("2512.00002", "2025-12-04T10:00")),
            ("2025-12-18T01:00", video("2512.00003", "2025-12-17T10:00")),
        ]
    )
    archive = after(listing, ["2025-12-02T08:17", "2025-12-18T08:17"])
    assert digests(archive) == {"2512.00001": "12-02", "2512.00002": "12-18", "2512.00003": "12-18"}
    covers = archive.runs[dt.date(2025, 12, 18)].announcement_dates
    assert (covers[0], covers[-1]) == (dt.date(2025, 12, 3), dt.date(2025, 12, 18))


def test_new_keywords_bring_papers_of_the_window_that_were_never_shown() -> None:
    listing = Listing([("2025-12-09T01:00", video("2512.00001", "2025-12-08T10:00"))])
    archive = after(listing, ["2025-12-09T08:17"], a_config(keywords=["robot"], min_score=1))
    assert digests(archive) == {}
    config = a_config(keywords=["video"], min_score=1)
    listing.now = utc("2025-12-10T08:17")
    archive = run(listing, archive, config)
    assert digests(archive) == {"2512.00001": "12-10"}


def test_a_second_run_speaks_of_the_same_window() -> None:
    listing = Listing([("2025-12-09T01:00", video("2512.00001", "2025-12-02T10:00"))])
    once = after(listing, ["2025-12-09T08:17"])
    twice = after(listing, ["2025-12-09T08:17", "2025-12-09T13:47"])
    (first,), (second,) = once.runs.values(), twice.runs.values()
    assert once.entries == twice.entries
    assert (first.fetched, first.matching, first.new) == (second.fetched, second.matching, second.new)
    assert first.window_start == second.window_start
    assert second.last_run - first.last_run == 5.5 * HOURS


def test_the_date_is_the_users() -> None:
    config = a_config(keywords=["video"], min_score=1, timezone="Pacific/Auckland")
    listing = Listing([("2025-12-09T01:00", video("2512.00001", "2025-12-08T10:00"))])
    assert digests(after(listing, ["2025-12-09T13:47"], config)) == {"2512.00001": "12-10"}


def test_a_late_index_is_said_and_its_announcement_left_to_the_next_digest() -> None:
    papers = [
        (f"2025-12-{day + 1:02}T01:00", video(f"2512.{day:02}{n:03}", f"2025-12-{day:02}T1{n}:00"))
        for day in (3, 4, 8, 9)
        for n in range(8)
    ]
    late = [("2025-12-11T20:00", video("2512.10001", "2025-12-10T10:00"))]
    archive = after(Listing([*papers, *late]), ["2025-12-10T08:17", "2025-12-11T08:17", "2025-12-12T08:17"])
    first, second, third = (archive.runs[dt.date(2025, 12, day)] for day in (10, 11, 12))
    assert (first.stale_since, second.stale_since) == (None, dt.date(2025, 12, 10))
    assert (second.announcement_dates, third.announcement_dates[0]) == ((), dt.date(2025, 12, 11))
    assert digests(archive)["2512.10001"] == "12-12"


def test_what_a_run_spent_adds_up_over_a_date() -> None:
    listing = Listing([("2025-12-09T01:00", video("2512.00001", "2025-12-08T10:00"))])
    archive = after(listing, ["2025-12-09T08:17"])
    today = dt.date(2025, 12, 9)
    outcome = Outcome({"2512.00001": Summary("Good.")}, 1, 0, 1000, 50, (Notice("budget", "Spent."),))
    archive = with_new_summaries(with_new_summaries(archive, outcome, today), outcome, today)
    assert (archive.runs[today].input_tokens, archive.runs[today].output_tokens) == (2000, 100)
    assert archive.runs[today].notices == outcome.notices
    summary = archive.entries["2512.00001"].summary
    assert summary and summary.text == "Good."


def test_related_papers_get_tldrs_and_overviews_of_a_week_are_kept_apart() -> None:
    """Also those that a killed run had finished."""
    today, related = dt.date(2025, 12, 9), an_entry("2512.00002", "2025-12-09", shown=False)
    listing = Listing([("2025-12-09T01:00", video("2512.00001", "2025-12-08T10:00"))])
    archive = after(listing, ["2025-12-09T08:17"]).with_related(today, [related])
    tldrs = {paper_id: TlDr("It is.", input_tokens=9) for paper_id in ("2512.00001", "2512.00002", "9.9")}
    of_date, of_week = Overview("T", model="m"), Overview("T", model="m", week="2025-W49")
    made = with_new_summaries(archive, Outcome(tldrs=tldrs, overviews=(of_week, of_date)), today)
    made = with_new_summaries(made, Outcome(), today)
    assert (made.runs[today].overviews, made.runs[today].week_overviews) == ((of_date,), (of_week,))
    recovered = with_recovered_summaries(archive, FinishedTexts(tldrs=tldrs), archive, today)
    for texts in (made, recovered):
        assert texts.entries["2512.00001"].tldr == texts.related["2512.00002"].tldr == tldrs["2512.00001"]
    assert recovered.runs[today].input_tokens == 18


def test_after_a_failure_it_says_when_it_worked_and_what_comes_next() -> None:
    config = a_config()
    assert what_next(Archive(), config).startswith("It has not worked before. Nothing was changed")
    archive = after(Listing([]), ["2025-12-09T08:17"])
    assert "It last worked on 09 December 2025 at 08:17 UTC." in what_next(archive, config)
    assert "the next run looks back 7 days, and up to 30 days" in what_next(archive, config)


def merged_ids(archive: Archive, *candidates: str, max_papers: int = 30) -> list[tuple[str, bool]]:
    made = [a_candidate(paper_id, score=float(paper_id[-1])) for paper_id in candidates]
    return [(entry.paper.id, entry.shown) for entry in merged_digest(archive, made, TODAY, {"": max_papers})]


def test_a_digest_holds_what_no_other_date_holds() -> None:
    archive = an_archive(an_entry("2512.99001", "2025-12-23"))
    assert merged_ids(archive, "2512.99001", "2512.99002") == [("2512.99002", True)]


def test_of_equal_scores_the_newer_submission_is_first_then_the_lower_id() -> None:
    old, new = utc("2025-12-20T00:00:00"), utc("2025-12-21T00:00:00")
    papers = [("2512.99001", old), ("2512.99003", new), ("2512.99002", new)]
    candidates = [a_candidate(paper_id, published=published) for paper_id, published in papers]
    digest = merged_digest(Archive(), candidates, TODAY, {"": 30})
    assert [entry.paper.id for entry in digest] == ["2512.99002", "2512.99003", "2512.99001"]


def test_a_second_run_takes_up_a_paper_as_it_is_now() -> None:
    first = merged_digest(Archive(), [a_candidate()], TODAY, {"": 1})
    revised = replace(a_candidate(version=2), type=PaperType.CROSS)
    (entry,) = merged_digest(an_archive(*first), [revised], TODAY, {"": 1})
    assert (first[0].type, entry.type, entry.paper.version) == ("new", "cross", 2)


def test_the_best_are_shown_and_the_rest_listed() -> None:
    listed = merged_digest(
        Archive(), [a_candidate("2512.99001", 1), a_candidate("2512.99002", 2)], TODAY, {"": 1}
    )[1]
    assert (listed.rank, listed.shown, listed.paper.abstract) == (2, False, "")


def test_a_second_run_adds_and_takes_nothing_back() -> None:
    first = merged_digest(Archive(), [a_candidate("2512.99005", 5.0)], TODAY, {"": 1})
    archive = an_archive(*first).with_summaries({"2512.99005": Summary("Text")})
    second = merged_digest(
        archive, [a_candidate("2512.99005", 5.0), a_candidate("2512.99009", 9.0)], TODAY, {"": 1}
    )
    assert [(entry.paper.id, entry.rank, entry.shown) for entry in second] == [
        ("2512.99009", 1, True),
        ("2512.99005", 2, True),
    ]
    assert second[1].summary == Summary("Text")


def test_a_second_run_with_other_keywords_scores_anew_and_keeps_what_no_longer_matches() -> None:
    archive = an_archive(*merged_digest(Archive(), [a_candidate("2512.99005", 5.0)], TODAY, {"": 9}))
    (kept, added) = merged_digest(archive, [a_candidate("2512.99001", 1.0)], TODAY, {"": 9})
    assert (kept.score.value, added.paper.id) == (5.0, "2512.99001")
    (again,) = merged_digest(archive, [a_candidate("2512.99005", 2.0)], TODAY, {"": 9})
    assert again.score.value == 2.0


def test_more_room_shows_papers_that_an_earlier_run_listed() -> None:
    candidates = [a_candidate("2512.99001", 1), a_candidate("2512.99002", 2)]
    archive = an_archive(*merged_digest(Archive(), candidates, TODAY, {"": 1}))
    shown = merged_digest(archive, candidates, TODAY, {"": 2})
    assert [(entry.shown, bool(entry.paper.abstract)) for entry in shown] == [(True, True)] * 2


RUNS = st.lists(
    st.tuples(st.integers(0, 3), st.frozensets(st.integers(1, 12)), st.integers(1, 5)), max_size=8
)


@given(RUNS)
def test_every_candidate_is_in_exactly_one_digest_and_no_shown_paper_vanishes(
    runs: list[tuple[int, frozenset[int], int]],
) -> None:
    archive = Archive()
    for days_on, numbers, max_papers in sorted(runs, key=lambda run: run[0]):
        today = TODAY + dt.timedelta(days=days_on)
        candidates = [a_candidate(f"2512.{number:05}", float(number)) for number in numbers]
        shown = {key for key, entry in archive.entries.items() if entry.shown}
        archive = archive.with_entries(merged_digest(archive, candidates, today, {"": max_papers}))
        assert {candidate.paper.id for candidate in candidates} <= set(archive.entries)
        assert shown <= {key for key, entry in archive.entries.items() if entry.shown}
        assert sorted(entry.rank for entry in archive.of(today)) == list(range(1, len(archive.of(today)) + 1))
