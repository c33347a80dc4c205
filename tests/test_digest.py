"""Today's digest over several days: what is news, what was held, what it covers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperbot.archive import Archive, BrokenLine
from paperbot.archive.journal import FinishedTexts
from paperbot.config import Config
from paperbot.digest import (
    loaded_since,
    merged_digest,
    related_papers,
    what_next,
    with_new_summaries,
    with_recovered_summaries,
    with_todays_digest,
)
from paperbot.errors import Problem
from paperbot.model import (
    Entry,
    Likeness,
    LikenessBasis,
    Notice,
    Overview,
    Paper,
    PaperType,
    RunRecord,
    Score,
    Summary,
    TlDr,
    TopicScore,
)
from paperbot.ranking.interests import rank_topics
from paperbot.ranking.topics import TopicRanking
from paperbot.sources.window import FetchedWindow, Window, plan_window
from paperbot.summaries import Outcome
from tests.support.builders import a_candidate, a_config, a_paper, a_run, an_archive, an_entry, utc

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


def test_what_the_record_of_a_date_says() -> None:
    now, start = utc("2025-12-24T08:17:00.123456"), utc("2025-12-17T00:00:00.654321")
    papers = [a_paper("2512.00001", title="Video"), a_paper("2512.00002", title="Video"), a_paper()]
    fetched = FetchedWindow(
        now,
        start,
        {paper.id: paper for paper in papers},
        announcement_dates=(dt.date(2025, 12, 24),),
        checked_held_papers=True,
        stale_since=dt.date(2025, 12, 23),
        newest_id="2512.99001",
        from_feed=True,
        notices=(Notice("from-feed", "Words."),),
    )
    topics = [{"name": "A", "keywords": ["video"]}, {"name": "B", "keywords": ["sound"], "paused": True}]
    config = a_config(topics=topics, min_score=1, max_papers=1, interests={"weight": 0})
    archive = with_todays_digest(Archive(), fetched, config)
    expected = RunRecord(
        TODAY,
        last_run=utc("2025-12-24T08:17:00"),
        window_start=utc("2025-12-17"),
        fetched=3,
        matching=2,
        new=2,
        shown=1,
        announcement_dates=(dt.date(2025, 12, 24),),
        stale_since=dt.date(2025, 12, 23),
        checked_held_papers=True,
        newest_id="2512.99001",
        topics=("A", "B"),
        paused_topics=("B",),
        from_feed=True,
        notices=fetched.notices,
    )
    assert archive.runs == {TODAY: expected}
    # The second run of the date finds next to nothing, and has another topic.
    later = FetchedWindow(utc("2025-12-24T13:47"), utc("2025-12-18"), {}, (), newest_id="quant-ph/0201082")
    config = a_config(topics=[{"name": "C", "keywords": ["sea"]}])
    assert with_todays_digest(archive, later, config).runs[TODAY] == replace(
        expected,
        last_run=later.now,
        window_start=later.window_start,
        stale_since=None,
        topics=("C", "A", "B"),
        paused_topics=(),
        from_feed=False,
        notices=(),
    )
    (empty,) = with_todays_digest(Archive(), later, config).runs.values()
    assert (empty.fetched, empty.matching) == (0, 0)


def test_a_later_run_ranks_by_its_own_rules_what_it_did_not_fetch_again() -> None:
    listing = Listing([("2025-12-08T01:00", video("2512.00004", "2025-12-07T10:00", authors=("Ada",)))])
    archive = after(listing, ["2025-12-08T08:17"])
    listing.announced = []
    config = a_config(keywords=["video"], watch_authors=["Ada"], min_score=1)
    before = archive.entries["2512.00004"].points
    assert run(listing, archive, config).entries["2512.00004"].points > before


@pytest.mark.parametrize(
    ("days", "starred", "is_told"), [(15, False, True), (14, False, False), (14, True, True)]
)
def test_changes_of_papers_shown_before_are_told(days: int, starred: bool, is_told: bool) -> None:
    archive = an_archive(an_entry("2512.00001", "2025-12-09"))
    papers = {"2512.00001": a_paper("2512.00001", version=2)}
    fetched = FetchedWindow(utc("2025-12-24T08:17"), utc("2025-12-17"), papers)
    config = a_config(follow_up={"days": days})
    stars = ["2512.00001"] if starred else []
    after = with_todays_digest(archive, fetched, config, starred=stars)
    assert bool(after.entries["2512.00001"].changes) is is_told


@pytest.mark.parametrize(
    ("held_days", "follow_up_days", "loaded_days"),
    [(30, 60, 61), (30, 1, 38), (0, 1, 32)],
)
def test_the_archive_is_loaded_as_far_back_as_a_run_may_look(
    held_days: int, follow_up_days: int, loaded_days: int
) -> None:
    config = a_config(days_back=30, arxiv={"held_days": held_days}, follow_up={"days": follow_up_days})
    assert TODAY - loaded_since(TODAY, config) == dt.timedelta(days=loaded_days)


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


def test_what_a_killed_run_spent_is_counted_once() -> None:
    text = Summary("Text", input_tokens=1000, output_tokens=50)
    kept = FinishedTexts({"2512.99001": text})
    stored = an_archive(an_entry(summary=text)).with_run(a_run(TODAY, input_tokens=7, output_tokens=3))
    unwritten = replace(stored, runs={})
    for before, spent in ((stored, (7, 3)), (unwritten, (1007, 53))):
        run = with_recovered_summaries(stored, kept, before, TODAY).runs[TODAY]
        assert (run.input_tokens, run.output_tokens) == spent


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
    likeness = Likeness(2.0, LikenessBasis.PICKS, {"word": 2.0})
    moved = replace(revised, topic="B", also_in=(TopicScore("C", Score(1.0)),), likeness=likeness)
    for archive in (an_archive(*first), Archive()):
        (entry,) = merged_digest(archive, [moved], TODAY, {"B": 1})
        assert (entry.topic, entry.also_in, entry.likeness) == ("B", moved.also_in, likeness)


def test_what_the_feed_knows_of_a_paper_replaces_nothing_fuller() -> None:
    fuller, from_feed = a_candidate(), a_candidate(from_feed=True, comment="of the feed")
    newer = a_candidate(from_feed=True, comment="of a later feed")
    for first, second, kept in (
        (fuller, from_feed, fuller),
        (from_feed, fuller, fuller),
        (from_feed, newer, newer),
    ):
        archive = an_archive(*merged_digest(Archive(), [first], TODAY, {"": 1}))
        (entry,) = merged_digest(archive, [second], TODAY, {"": 1})
        assert entry.paper == kept.paper


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


EARLIER = TODAY - dt.timedelta(days=2)


def rankings_of(*numbers: int, topics: Sequence[str] = ("",), **given: Any) -> list[TopicRanking]:
    """Of papers without a keyword, each with its number as points of likeness; in each topic half as many."""
    papers = [a_paper(f"2512.{number:05}", abstract=f"As {number}.", **given) for number in numbers]
    named = [{"name": name, "keywords": ["x"], "max_papers": 3} for name in topics if name]
    rules = a_config(keywords=["x"], max_papers=3, topics=named).topic_rules
    return [
        replace(
            ranking,
            likeness={
                paper.id: Likeness(number / 2**place, LikenessBasis.PICKS)
                for paper, number in zip(papers, numbers, strict=True)
            },
        )
        for place, ranking in enumerate(rank_topics(papers, rules, (), {}, weight=0))
    ]


def related(
    archive: Archive, *numbers: int, max_related: int = 5, topics: Sequence[str] = ("",), **given: Any
) -> list[tuple[int, str, int]]:
    """The rank, the topic and the number of each related paper."""
    found = related_papers(archive, rankings_of(*numbers, topics=topics, **given), TODAY, max_related)
    assert all((entry.digest_date, entry.shown) == (TODAY, False) for entry in found)
    return [(entry.rank, entry.topic, int(entry.paper.id[5:])) for entry in found]


def numbered(number: int, date: dt.date = TODAY, **given: Any) -> Entry:
    paper_id = f"2512.{number:05}"
    return an_entry(paper_id, str(date), paper=a_paper(paper_id), **given)


@pytest.mark.parametrize("from_feed", [False, True])
def test_related_papers_are_the_best_announced_since_the_last_digest(from_feed: bool) -> None:
    """Those of a date without a digest are among them."""
    yesterday = TODAY - dt.timedelta(days=1)
    archive = an_archive(numbered(50), numbered(10, EARLIER), an_entry("quant-ph/0201082", "2025-12-01"))
    for date, newest_id in ((EARLIER, "2512.00012"), (yesterday, "2512.00020"), (TODAY, "2512.00060")):
        archive = archive.with_run(a_run(date, newest_id=newest_id))
    assert related(archive, 9, 11, 12, 20, 30, from_feed=from_feed) == [(1, "", 30), (2, "", 20)]
    assert related(archive, 9, 11, 12, 13) == [(1, "", 13)]
    on_the_next_day = an_archive(numbered(50), numbered(10, yesterday))
    assert related(on_the_next_day, 9, 11) == [(1, "", 11)]
    assert related(an_archive(numbered(10, EARLIER)), 11) == [], "no digest today"


def test_what_is_known_is_not_related() -> None:
    archive = an_archive(numbered(50)).with_related(EARLIER, [numbered(51, EARLIER)])
    broken = BrokenLine("archive/2025/2025-12.jsonl", '{"id": "2512.00052"', Problem("cut"))
    assert related(replace(archive, broken=(broken,)), 50, 51, 52, 53) == [(1, "", 53)]


def test_an_earlier_runs_related_papers_stay_unless_they_match_now() -> None:
    listed = [numbered(number, shown=False, rank=9) for number in (51, 52, 53)]
    archive = an_archive(numbered(51)).with_related(TODAY, listed)
    found = related_papers(archive, rankings_of(52), TODAY, 5)
    assert found == [
        replace(listed[1], rank=1, paper=replace(listed[1].paper, abstract="As 52.")),
        replace(listed[2], rank=2, paper=replace(listed[2].paper, abstract="")),
    ]


def test_each_topic_has_places_for_related_papers_of_its_own() -> None:
    of_a = [numbered(number, topic="A") for number in (10, 11)]
    archive = an_archive(*of_a, numbered(12, topic="B"))
    assert related(archive, 20, 30, 40, 50, topics="AB") == [(1, "A", 50), (2, "B", 40), (3, "B", 30)]
    archive = archive.with_related(TODAY, [numbered(13, topic="B", shown=False, score=Score(99.0))])
    numbers = [number for *_, number in related(archive, 20, 30, 40, topics="AB", max_related=2)]
    assert numbers == [13, 40, 30]
    assert related(archive, 20, 30, topics="AB", max_related=1) == [(1, "B", 13), (2, "A", 30)]


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
