"""Whole runs over the real December of 2025 with the reference page's config."""

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from paperbot.model import Paper
from tests.support import oracle
from tests.support.builders import utc
from tests.support.december import DecemberWorld, mornings
from tests.support.fork import Fork

MORNING, LATER = utc("2025-12-24T08:17"), utc("2025-12-24T08:40")
WINDOW_START = utc("2025-12-16T19:00")
NO_SITE = {"site": {"enabled": False}}
ANY_PAPER = {"keywords": ["e"], "match": "substring", "min_score": 0, "exclude_keywords": []}
DOWN = {"on": "api", "kind": "503"}


class FirstRun:
    """A fork that has run once, and what was asked of the world."""

    def __init__(self, root: Path, world: DecemberWorld) -> None:
        self.world = world
        self.fork = world.fork(root, ai_summary={"max_workers": 3})
        self.ran = self.fork.run(MORNING)
        self.tree = self.fork.published()

    def papers(self) -> list[Paper]:
        """In the window; the categories of a paper may all be others."""
        categories = {*self.fork.settings["categories"]}
        papers = [known.paper for known in self.world.known(MORNING).values()]
        return [
            paper for paper in papers if paper.published >= WINDOW_START and categories & {*paper.categories}
        ]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstRun]:
    with DecemberWorld(MORNING) as world:
        yield FirstRun(tmp_path_factory.mktemp("fork"), world)


def test_thirty_papers_and_fifteen_summaries(first: FirstRun) -> None:
    shown = [entry for entry in first.fork.entries() if entry["shown"]]
    page = (first.fork.root / "README.md").read_text("utf-8")
    assert first.ran.code == 0
    assert len(shown) == len(re.findall(r"^### ", page, re.MULTILINE)) == 30
    made = [entry for entry in shown if entry.get("summary")]
    assert [entry["rank"] for entry in made if entry["summary"]["text"]] == list(range(1, 16))
    world = first.world
    assert [world.count("api"), world.count("chat"), world.count("pdf")] == [1, 15, 15]
    assert [world.count("files", "POST"), world.count("files", "DELETE")] == [15, 15]
    assert world.model.files == {}


def test_the_funnel_and_the_tokens_agree_with_the_data(first: FirstRun) -> None:
    papers = first.papers()
    right = oracle.matching(papers, first.fork.settings)
    (day,) = first.fork.days()
    assert (day["fetched"], day["matching"], day["new"], day["shown"]) == (
        len(papers),
        len(right),
        len(right),
        30,
    )
    in_order = sorted(first.fork.entries(), key=lambda entry: int(entry["rank"]))
    assert [(entry["id"], entry["score"]) for entry in in_order] == [
        (paper.id, score) for paper, score in right
    ]
    made = [entry["summary"] for entry in in_order if entry.get("summary")]
    for name in ("input_tokens", "output_tokens"):
        assert day[name] == sum(summary[name] for summary in made) > 0
    page = (first.fork.root / "README.md").read_text("utf-8")
    assert f"**Total Papers Found**: {len(right):,}\n" in page
    for figure in (len(papers), len(right), 30):
        assert re.search(rf"\b{figure:,}\b", page)


def test_a_second_run_changes_nothing_but_the_time(first: FirstRun) -> None:
    first.world.asked.clear()
    assert first.fork.run(LATER).code == 0
    second = first.fork.published()
    assert {asked.site for asked in first.world.asked} == {"api"}
    assert second.keys() == first.tree.keys()
    assert [path for path in second if without_time(second[path]) != without_time(first.tree[path])] == []


def without_time(data: bytes) -> bytes:
    return re.sub(rb"(?<!\d)08:(?:17|40)(?!\d)", b"TIME", data)


def test_substrings_score_as_in_the_original(first: FirstRun, tmp_path: Path) -> None:
    fork = first.world.fork(tmp_path, match="substring", min_score=0, **NO_SITE)
    assert fork.run(MORNING, "--no-summaries").code == 0
    config = fork.settings
    right = {
        paper.id: score
        for paper in first.papers()
        if paper.primary_category in config["categories"]
        and not any(word in f"{paper.title} {paper.abstract}".lower() for word in config["exclude_keywords"])
        and (score := oracle.original_score(paper, config["keywords"]))
    }
    assert len(right) > 150
    assert {entry["id"]: entry["score"] for entry in fork.entries()} == right


OUTAGE_BEGINS = dt.date(2025, 12, 10)
UNDISTURBED_UNTIL = dt.date(2025, 12, 22)
"""A Monday: papers held for long come on Mondays at the latest."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DecemberWorld, Path, Fork]]:
    """A daily run from 8 to 22 December, and the fork as it was before the outages."""
    before = tmp_path_factory.mktemp("before")
    with DecemberWorld(MORNING) as world:
        fork = world.fork(tmp_path_factory.mktemp("fork"), arxiv={"rss_url": world.rss_url}, **NO_SITE)
        for world.clock in mornings(dt.date(2025, 12, 8), UNDISTURBED_UNTIL):
            if world.clock.date() == OUTAGE_BEGINS:
                shutil.copytree(fork.root, before, dirs_exist_ok=True)
            assert fork.run(world.clock, "--no-summaries").code == 0
        yield world, before, fork


@pytest.mark.parametrize("days", [1, 3, 7])
def test_an_outage_leaves_no_more_than_marks(
    undisturbed: tuple[DecemberWorld, Path, Fork], tmp_path: Path, days: int
) -> None:
    """docs/following-papers.md says which."""
    world, before, without_outage = undisturbed
    shutil.copytree(before, tmp_path, dirs_exist_ok=True)
    fork = Fork(tmp_path, without_outage.settings, world.key)
    for world.clock in mornings(OUTAGE_BEGINS, UNDISTURBED_UNTIL):
        is_down = (world.clock.date() - OUTAGE_BEGINS).days < days
        world.faults = [DOWN] if is_down else []
        assert fork.run(world.clock, "--no-summaries").code == 0
        if is_down and world.clock.weekday() < 5:
            assert fork.days()[-1]["from_feed"] and fork.days()[-1]["new"] > 10
    assert fork.entries() == without_outage.entries()


def test_older_papers_that_are_newly_cross_listed(tmp_path: Path) -> None:
    """The API, asked by date of submission, does not give them; the feed of their day names them."""
    years_ago = tmp_path / "archive/2024/2024-12.jsonl"
    years_ago.parent.mkdir(parents=True)
    years_ago.write_text('{"id": "2412.20505", "digest": "2024-12-30"}\n')
    with DecemberWorld(MORNING) as world:
        settings = {"arxiv": {"rss_url": world.rss_url}, "categories": ["cs.LG"], "types": ["new", "cross"]}
        fork = world.fork(tmp_path, **settings, **ANY_PAPER, **NO_SITE, days_back=1)
        for time in ("11T08:17", "12T08:17", "12T14:17", "13T08:17"):
            world.clock = utc(f"2025-12-{time}")
            assert fork.run(world.clock, "--no-summaries").code == 0
        assert world.count("feed") == 3, "none on a Saturday"
    digests = [entry["digest"] for entry in fork.entries() if entry["id"] in ("2503.18702", "2412.20505")]
    assert sorted(digests) == ["2024-12-30", "2025-12-12"]


def test_new_keywords_add_to_todays_digest(tmp_path: Path) -> None:
    with DecemberWorld(MORNING) as world:
        fork: Fork = world.fork(tmp_path, **NO_SITE)
        assert fork.run(MORNING, "--no-summaries").code == 0
        before = {*fork.paper_ids()}
        fork.change(keywords=["translation", "dialogue", "speech", "retrieval"], min_score=1)
        assert fork.run(LATER, "--no-summaries").code == 0
        known = [announced.paper for announced in world.known(MORNING).values()]
    papers = [paper for paper in known if paper.published >= WINDOW_START]
    added = {*fork.paper_ids()} - before
    assert added == {paper.id for paper, _ in oracle.matching(papers, fork.settings)} - before
    assert len(added) > 5
    assert {entry["digest"] for entry in fork.entries()} == {"2025-12-24"}
