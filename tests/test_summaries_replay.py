"""Every fault of the replay's model server and of its PDFs: what is made of it, at which cost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paperbot.config.settings import AiSummary
from paperbot.sources.http import PoliteSession
from paperbot.summaries import Outcome
from paperbot.summaries.client import Waits
from paperbot.summaries.prompts import load_prompt
from paperbot.summaries.run import summarise
from tests.support.builders import a_paper, an_entry, utc
from tests.support.replay import KEY, needs_replay, world

pytestmark = needs_replay

PROMPT = load_prompt(Path(__file__).resolve().parents[1] / "templates" / "summary_prompt.md.j2", "Chinese")
QUICK = Waits(pauses=(0.01,), polls=(0.01,), file=0.2, connect=2, cleanup=1)
CLOCK = "2025-12-24T08:17:00Z"
DOWN, REFUSED = "endpoint-down", "endpoint-refused"
SLOW: dict[str, dict[str, float]] = {"hang": {"seconds": 5}, "slow_drip": {"bytes": 16, "seconds": 0.5}}


@pytest.fixture(scope="module")
def replay() -> Iterator[Any]:
    with world(CLOCK, llm={"latency": 0.0}) as running:
        yield running


def run(replay: Any, on: str, kind: str, times: int | None, papers: int = 3, **settings: Any) -> Outcome:
    fault = {"on": on, "kind": kind, "times": times, **SLOW.get(kind, {})}
    replay.control(clock=CLOCK, faults=[fault] if kind else [], reset_log=True)
    found = replay.papers(("cs.LG",), since="2025-12-20T00:00:00Z")[:papers]
    chosen = [
        an_entry(paper.id, rank=rank, paper=a_paper(paper.id, title=paper.title, abstract=paper.abstract))
        for rank, paper in enumerate(found, start=1)
    ]
    ai: dict[str, Any] = {"base_url": replay.llm_url, "timeout_seconds": 0.5, "max_workers": 1}
    return summarise(
        chosen,
        AiSummary(**(ai | settings)),
        PROMPT,
        KEY,
        session=PoliteSession(delay_seconds=0, timeout_seconds=1),
        pdf_url=replay.pdf_url + "/{id}",
        keep=lambda paper_id, summary: None,
        now=utc("2025-12-24T08:17:00"),
        pdf_patience_seconds=0.1,
        waits=QUICK,
    )


def chats(replay: Any) -> int:
    return int(replay.stats()["counts"].get("chat", 0))


@pytest.mark.parametrize(
    ("kind", "calls", "made", "notice"),
    [
        ("", 3, 3, ""),
        ("429", 15, 0, DOWN),
        ("limit_requests", 15, 0, DOWN),
        ("insufficient_quota", 15, 0, DOWN),
        ("500", 9, 0, DOWN),
        ("503", 9, 0, DOWN),
        ("reset", 9, 0, DOWN),
        ("html_200", 9, 0, DOWN),
        ("error_200", 9, 0, DOWN),
        ("empty_content", 6, 0, DOWN),
        ("invalid_utf8", 6, 0, DOWN),
        ("unclosed_think", 3, 0, DOWN),
        ("reasoning_content", 3, 0, DOWN),
        ("401", 1, 0, REFUSED),
        ("402", 1, 0, REFUSED),
        ("403", 1, 0, REFUSED),
        ("404_model", 1, 0, REFUSED),
        ("arrearage", 1, 0, REFUSED),
        ("data_inspection_failed", 3, 0, ""),
        ("content_filter", 3, 0, ""),
        ("length", 3, 3, ""),
        ("think", 3, 3, ""),
        ("huge_output", 3, 3, ""),
        ("injected", 3, 3, ""),
        ("false_numbers", 3, 3, ""),
    ],
)
def test_a_fault_of_every_chat(replay: Any, kind: str, calls: int, made: int, notice: str) -> None:
    outcome = run(replay, "chat", kind, None)
    assert (outcome.made, outcome.failed) == (made, 3 - made)
    assert [found.kind for found in outcome.notices] == ([notice] if notice else [])
    assert outcome.refused is (notice == REFUSED)
    assert chats(replay) == calls
    assert replay.stats()["files_left"] == 0
    assert all(summary.cut_short is (kind in ("length", "huge_output")) for summary in _texts(outcome))


def _texts(outcome: Outcome) -> list[Any]:
    return [summary for summary in outcome.summaries.values() if summary.text]


@pytest.mark.parametrize("kind", ["429", "500", "503", "reset", "html_200", "error_200", "empty_content"])
def test_a_fault_that_passes_costs_nothing(replay: Any, kind: str) -> None:
    outcome = run(replay, "chat", kind, 1, papers=2)
    assert (outcome.made, outcome.failed, outcome.notices) == (2, 0, ())
    assert replay.stats()["files_left"] == 0


@pytest.mark.parametrize(
    ("kind", "times", "sources"),
    [
        ("403", None, ["text", "text"]),
        ("404", None, ["text", "text"]),
        ("429", None, ["text", "text"]),
        ("500", None, ["text", "text"]),
        ("parsing_error", None, ["text", "text"]),
        ("never_processed", None, ["text", "text"]),
        ("parsing_error", 1, ["file", "file"]),
        ("never_processed", 1, ["text", "file"]),
        ("503", 1, ["file", "file"]),
        ("reset", 1, ["file", "file"]),
    ],
)
def test_a_fault_of_the_files(replay: Any, kind: str, times: int | None, sources: list[str]) -> None:
    outcome = run(replay, "files", kind, times, papers=2)
    assert [summary.source for summary in outcome.summaries.values()] == sources
    assert replay.stats()["files_left"] == 0


@pytest.mark.parametrize("kind", list(SLOW))
def test_what_is_slow_is_given_up(kind: str) -> None:
    with world(CLOCK) as replay:  # one of its own: what was given up is still being answered
        outcome = run(replay, "chat", kind, None, papers=4)
        assert (outcome.made, [notice.kind for notice in outcome.notices]) == (0, [DOWN])
        assert replay.stats()["files_left"] == 0
        assert run(replay, "chat", kind, 1, papers=1).made == 1
        outcome = run(replay, "files", kind, 1, papers=2)
        assert [summary.source for summary in outcome.summaries.values()] == ["file", "file"]
        assert replay.stats()["files_left"] == 0


def test_a_key_that_the_files_refuse(replay: Any) -> None:
    assert run(replay, "files", "401", None).refused
    assert replay.stats()["counts"]["files"] == 1
    assert chats(replay) == 0


@pytest.mark.parametrize(
    "kind", ["403", "404", "429", "503", "html_instead", "truncated", "cut", "zero_bytes", "reset"]
)
def test_a_fault_of_a_pdf(replay: Any, kind: str) -> None:
    outcome = run(replay, "pdf", kind, None, papers=2)
    assert [summary.source for summary in outcome.summaries.values()] == ["abstract", "abstract"]
    assert replay.stats()["files_uploaded"] == 0


def test_without_files_the_text_is_sent(replay: Any) -> None:
    outcome = run(replay, "chat", "", None, base_url=replay.nofiles_url)
    assert {summary.source for summary in outcome.summaries.values()} == {"text"}
    assert len([row for row in replay.log() if row["kind"] == "files" and row["method"] == "POST"]) == 1


def test_planted_figures_are_found_out(replay: Any) -> None:
    honest, planted = run(replay, "chat", "", None), run(replay, "chat", "false_numbers", None)
    for paper_id, summary in planted.summaries.items():
        before = honest.summaries[paper_id].grounding
        assert before
        assert summary.grounding
        assert before.missing == ()
        assert len(summary.grounding.missing) == 4


def test_as_many_are_asked_at_a_time_as_the_server_bears(replay: Any) -> None:
    replay.control(llm={"latency": 0.1, "max_concurrency": 1})
    try:
        outcome = run(replay, "chat", "", None, papers=4, source="abstract", max_workers=3)
    finally:
        replay.control(llm={"latency": 0.0, "max_concurrency": None})
    assert (outcome.made, outcome.failed) == (4, 0)
