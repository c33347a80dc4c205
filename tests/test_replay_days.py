"""Working days of December 2025, one after the other: no matching paper missed, none shown twice."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from paperbot.config import load_config
from paperbot.model import Paper
from paperbot.ranking.keywords import Scorer
from tests.support.replay import Bot, needs_replay, world

pytestmark = needs_replay

FIRST, LAST = dt.date(2025, 12, 2), dt.date(2025, 12, 24)
WORKING_DAYS = [
    day for day in (FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)) if day.weekday() < 5
]
MORNING, NOON = "08:17:00Z", "13:47:00Z"
DAYS_BACK = 7
NO_PAGES = {"site": {"enabled": False}}
STALE = {"on": "api", "kind": "stale"}
DOWN = {"on": "api", "kind": "503"}
UNSTABLE = {"on": "api", "kind": "unstable_ties", "window_seconds": 3600}
Faults = list[dict[str, Any]]


def matching_papers(bot: Bot) -> dict[str, Any]:
    """The replay's own records of all papers that match, by id."""
    config, _ = load_config(bot.config)
    papers = {paper.id: paper for paper in bot.replay.papers(config.categories)}
    in_our_words = [
        Paper(
            paper.id,
            1,
            paper.title,
            tuple(paper.authors),
            paper.primary,
            tuple(paper.categories),
            paper.published_at,
            paper.published_at,
            paper.comment or "",
            paper.abstract,
        )
        for paper in papers.values()
    ]
    return {each.paper.id: papers[each.paper.id] for each in Scorer(config).candidates(in_our_words)}


def replay(root: Path, runs: Sequence[tuple[str, Faults]]) -> tuple[Bot, list[int], dict[str, Any]]:
    """All runs in turn, each with its faults: the bot, the exit codes, the papers that match at the end."""
    with world(clock=runs[0][0]) as server:
        bot = Bot(root, server, **NO_PAGES)
        codes = []
        for clock, faults in runs:
            server.control(faults=faults, reset_log=True)
            codes.append(bot.run(clock, "--no-summaries"))
            assert server.stats()["max_concurrent_arxiv"] == 1
            if codes[-1] == 0 and not faults:
                looks_back = bot.days()[-1]["looked_back"]
                assert server.stats()["counts"]["api"] <= (12 if looks_back else 3)
        return bot, codes, matching_papers(bot)


def assert_right(bot: Bot, matching: dict[str, Any], first: str) -> None:
    """Each matching paper in exactly one digest, in time."""
    shown = Counter(entry["id"] for entry in bot.entries())
    assert not [paper_id for paper_id, times in shown.items() if times > 1]
    assert set(shown) <= set(matching)
    window_start = dt.datetime.fromisoformat(first) - dt.timedelta(days=DAYS_BACK)
    last_monday = LAST - dt.timedelta(days=LAST.weekday())
    digests = {entry["id"]: dt.date.fromisoformat(entry["digest"]) for entry in bot.entries()}
    held = 0
    for paper_id, paper in matching.items():
        announced = dt.date.fromisoformat(paper.announced)
        held_for = announced - paper.published_at.date()
        if announced <= FIRST and paper.published_at < window_start:
            continue  # no news to a fresh archive
        if paper.held_why == "old-id" and held_for.days >= DAYS_BACK:
            continue  # announced months ago, and cross-listed now: no news
        if held_for.days >= DAYS_BACK:
            held += 1
            if announced > last_monday:
                continue  # next Monday's
            assert paper_id in digests, f"{paper_id}, held for {held_for.days} days, is missing"
            assert (digests[paper_id] - announced).days <= 7
        assert paper_id in digests, f"{paper_id}, announced {announced}, is missing"
    assert held > 20


def mornings() -> list[str]:
    return [f"{day}T{MORNING}" for day in WORKING_DAYS]


def test_every_working_day(tmp_path: Path) -> None:
    runs: list[tuple[str, Faults]] = [(clock, []) for clock in mornings()]
    bot, codes, matching = replay(tmp_path, runs)
    assert set(codes) == {0}
    assert_right(bot, matching, runs[0][0])
    digests = {entry["id"]: entry["digest"] for entry in bot.entries()}
    late = [
        paper_id
        for paper_id, paper in matching.items()
        if paper.announced > str(FIRST)
        and paper_id in digests
        and digests[paper_id] != paper.announced
        and (dt.date.fromisoformat(paper.announced) - paper.published_at.date()).days < DAYS_BACK
    ]
    assert late == []
    covered = [listing for day in bot.days() for listing in day["covers"]]
    assert len(covered) == len(set(covered))
    assert set(covered) >= {str(day) for day in WORKING_DAYS}


def test_every_third_run_fails(tmp_path: Path) -> None:
    runs: list[tuple[str, Faults]] = [
        (clock, [DOWN] if number % 3 == 2 else []) for number, clock in enumerate(mornings())
    ]
    bot, codes, matching = replay(tmp_path, runs)
    assert codes == [1 if faults else 0 for _, faults in runs]
    assert_right(bot, matching, runs[0][0])


def test_two_runs_a_day(tmp_path: Path) -> None:
    runs: list[tuple[str, Faults]] = [(f"{day}T{at}", []) for day in WORKING_DAYS for at in (MORNING, NOON)]
    bot, codes, matching = replay(tmp_path, runs)
    assert set(codes) == {0}
    assert_right(bot, matching, runs[0][0])


def test_a_stale_index_on_two_days(tmp_path: Path) -> None:
    stale = ("2025-12-10", "2025-12-16")
    runs: list[tuple[str, Faults]] = [
        (clock, [STALE] if clock.startswith(stale) else []) for clock in mornings()
    ]
    bot, codes, matching = replay(tmp_path, runs)
    assert set(codes) == {0}
    assert_right(bot, matching, runs[0][0])
    ends = {day["date"]: day["index_ends"] for day in bot.days() if day["index_ends"]}
    assert ends == {"2025-12-10": "2025-12-09", "2025-12-16": "2025-12-15"}
    covers = {day["date"]: day["covers"] for day in bot.days()}
    assert covers["2025-12-10"] == []
    assert covers["2025-12-11"] == ["2025-12-10", "2025-12-11"]


def test_unstable_order(tmp_path: Path) -> None:
    runs: list[tuple[str, Faults]] = [(clock, [UNSTABLE]) for clock in mornings()]
    bot, codes, matching = replay(tmp_path, runs)
    assert set(codes) == {0}
    assert_right(bot, matching, runs[0][0])


@pytest.mark.parametrize("gap", [range(5, 12)])
def test_more_than_a_week_without_a_run(tmp_path: Path, gap: range) -> None:
    runs: list[tuple[str, Faults]] = [
        (clock, []) for number, clock in enumerate(mornings()) if number not in gap
    ]
    bot, codes, matching = replay(tmp_path, runs)
    assert set(codes) == {0}
    shown = {entry["id"] for entry in bot.entries()}
    missed = [
        paper_id
        for paper_id, paper in matching.items()
        if str(FIRST) < paper.announced <= "2025-12-22"
        and paper_id not in shown
        and paper.held_why != "old-id"
    ]
    assert missed == []
