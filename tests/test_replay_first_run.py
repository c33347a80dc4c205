"""The reference page's config against real metadata: the first run, the second, and the original's scores."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import oracle
from tests.support.replay import REFERENCE_CONFIG, Bot, needs_replay, world

pytestmark = needs_replay

MORNING, LATER = "2025-12-24T08:17:00Z", "2025-12-24T08:40:00Z"
WINDOW_START = "2025-12-16T19:00:00Z"
CATEGORIES = ("cs.AI", "cs.CL", "cs.DC", "cs.LG")


class FirstRun:
    """A bot that has run once, and what the replay saw of it."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.code = bot.run(MORNING)
        self.stats = bot.replay.stats()
        self.tree = bot.tree()
        self.papers = bot.replay.papers(CATEGORIES, since=WINDOW_START, until=MORNING)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstRun]:
    with world(clock=MORNING) as replay:
        yield FirstRun(Bot(tmp_path_factory.mktemp("fork"), replay))


def reference() -> dict[str, Any]:
    config: dict[str, Any] = json.loads(REFERENCE_CONFIG.read_text("utf-8"))
    return config


def test_thirty_papers_and_fifteen_summaries(first: FirstRun) -> None:
    entries = first.bot.entries()
    shown = [entry for entry in entries if entry["shown"]]
    summaries = [entry["summary"] for entry in shown if entry.get("summary")]
    assert first.code == 0
    assert len(shown) == len(re.findall(r"^### ", first.bot.readme, re.MULTILINE)) == 30
    assert len(summaries) == sum(bool(summary["text"]) for summary in summaries) == 15
    assert [entry["rank"] for entry in shown if entry.get("summary")] == list(range(1, 16))
    assert first.stats["counts"]["chat"] == first.stats["counts"]["pdf"] == 15
    assert first.stats["files_uploaded"] == first.stats["files_deleted"] == 15
    assert first.stats["files_left"] == 0
    assert first.stats["counts"]["api"] <= 3
    assert first.stats["max_concurrent_arxiv"] == 1
    assert first.stats["max_concurrent_llm"] <= 3


def test_the_funnel_agrees_with_the_data(first: FirstRun) -> None:
    right = oracle.matching(first.papers, reference())
    [day] = first.bot.days()
    assert day["fetched"] == len(first.papers)
    assert day["matching"] == day["new"] == len(right)
    assert day["shown"] == 30
    in_order = sorted(first.bot.entries(), key=lambda entry: int(entry["rank"]))
    assert [(entry["id"], entry["score"]) for entry in in_order] == [
        (paper.id, score) for paper, score in right
    ]
    page = first.bot.readme
    assert f"**Total Papers Found**: {len(right):,}\n" in page
    for figure in (len(first.papers), len(right), 30):
        assert re.search(rf"\b{figure:,}\b", page.partition("## 📚 Recent Papers")[0])


def test_tokens_are_those_that_the_endpoint_counted(first: FirstRun) -> None:
    [day] = first.bot.days()
    assert (day["input_tokens"], day["output_tokens"]) == (
        first.stats["tokens_in"],
        first.stats["tokens_out"],
    )


def test_a_second_run_changes_nothing_but_the_time(first: FirstRun) -> None:
    first.bot.replay.control(reset_log=True)
    assert first.bot.run(LATER) == 0
    second = first.bot.tree()
    assert set(first.bot.replay.stats()["counts"]) == {"api"}
    assert second.keys() == first.tree.keys()
    assert [path for path in second if without_time(second[path]) != without_time(first.tree[path])] == []
    assert second["archive/2025/2025-12.jsonl"] == first.tree["archive/2025/2025-12.jsonl"]


def without_time(data: bytes) -> bytes:
    return re.sub(rb"(?<!\d)08:(?:17|40)(?!\d)", b"TIME", data)


def test_substrings_score_as_in_the_original(tmp_path: Path) -> None:
    config = reference()
    with world(clock=MORNING) as replay:
        bot = Bot(tmp_path, replay, match="substring", min_score=0, site={"enabled": False})
        assert bot.run(MORNING, "--no-summaries") == 0
        papers = {paper.id: paper for paper in replay.papers(CATEGORIES, since=WINDOW_START, until=MORNING)}
    right = {
        paper.id: score
        for paper in papers.values()
        if paper.primary in CATEGORIES
        and not any(word in f"{paper.title} {paper.abstract}".lower() for word in config["exclude_keywords"])
        and (score := oracle.original_score(paper, config["keywords"]))
    }
    assert len(right) > 500
    assert {entry["id"]: entry["score"] for entry in bot.entries()} == right
