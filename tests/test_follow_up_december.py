"""What happens to December's papers after they were shown; their later versions are invented."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path

from paperbot.sample.papers import AnnouncedPaper
from tests.support.december import MORNING, DecemberWorld, announced_in_december

DAYS = [dt.date(2025, 12, day) for day in (1, 4, 8, 9, 11, 15, 18, 22, 24, 29)] + [dt.date(2026, 1, 5)]
CLOCKS = [dt.datetime.combine(day, MORNING) for day in DAYS]


def later(number: int, known: AnnouncedPaper) -> tuple[AnnouncedPaper, list[str]] | None:
    """The paper some days later, and the kinds of what has changed."""
    paper, at = known.paper, known.indexed + dt.timedelta(days=4)
    second = replace(paper, version=2, updated=at)
    match number % 20:
        case 0:
            return replace(known, paper=second, indexed=at), ["new-version"]
        case 1 if not paper.comment:
            accepted = replace(second, comment="Accepted at ICML 2026")
            return replace(known, paper=accepted, indexed=at), ["new-version", "accepted"]
        case 2:
            withdrawn = replace(second, comment="This paper has been withdrawn by the authors")
            return replace(known, paper=withdrawn, indexed=at), ["withdrawn"]
        case 3:
            published = replace(paper, journal_ref="J. Ex. 1 (2025) 2-3", doi="10.5555/1")
            return replace(known, paper=published, indexed=at), ["published"]
    return None


def test_every_change_is_told_once_and_none_is_invented(tmp_path: Path) -> None:
    papers = announced_in_december()
    changes = [change for number, known in enumerate(papers) if (change := later(number, known))]
    with DecemberWorld(CLOCKS[0]) as world:
        versions = [*papers, *(known for known, _ in changes)]
        world.papers = sorted(versions, key=lambda known: known.indexed)
        fork = world.fork(tmp_path, site={"enabled": False}, max_papers=200)
        for world.clock in CLOCKS:
            world.asked.clear()
            assert fork.run(world.clock, "--no-summaries").code == 0
            assert world.count("api") <= 12
    entries = {entry["id"]: entry for entry in fork.entries()}
    expected = {
        known.paper.id: Counter(kinds)
        for known, kinds in changes
        if (entry := entries.get(known.paper.id))
        and entry["shown"]
        and dt.datetime.combine(dt.date.fromisoformat(entry["digest"]), MORNING) < known.indexed
    }
    told = {
        key: Counter(change["kind"] for change in entry.get("changes", ())) for key, entry in entries.items()
    }
    assert {key: kinds for key, kinds in told.items() if kinds} == expected
    assert sum(expected.values(), Counter()).keys() == {"new-version", "accepted", "withdrawn", "published"}
    withdrawn = {key for key, entry in entries.items() if entry.get("withdrawn") and entry["shown"]}
    assert withdrawn == {key for key, kinds in told.items() if kinds["withdrawn"]}


def test_a_change_is_told_by_one_page_where_papers_of_the_date_come_later(tmp_path: Path) -> None:
    tuesday, wednesday = (dt.datetime(2025, 12, day, 8, 17, tzinfo=dt.UTC) for day in (9, 10))
    noon = wednesday.replace(hour=12)
    papers = [
        replace(known, indexed=noon) if wednesday.date() == known.indexed.date() else known
        for known in announced_in_december()
    ]
    with DecemberWorld(tuesday) as world:
        world.papers = papers
        fork = world.fork(tmp_path)
        assert fork.run(tuesday, "--no-summaries").code == 0
        best = next(entry["id"] for entry in fork.entries() if entry["shown"])
        known = next(known for known in papers if known.paper.id == best)
        second = replace(known.paper, version=2, updated=wednesday.replace(hour=5))
        revised = replace(known, paper=second, indexed=wednesday.replace(hour=5))
        world.papers = sorted([*papers, revised], key=lambda known: known.indexed)
        for world.clock in (wednesday, noon.replace(hour=14)):
            assert fork.run(world.clock, "--no-summaries").code == 0
            assert "What Changed" in fork.read()
    assert "What Changed" in fork.read("archive/2025/2025-12-10.md")
    assert "What Changed" not in fork.read("archive/2025/2025-12-09.md")
    assert fork.wrong() == []
