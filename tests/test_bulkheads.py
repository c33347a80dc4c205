"""Each public function behind the fetch raises in turn: the papers, the archive and README.md come out."""

import functools
import gc
import importlib
import inspect
import pkgutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import fetch_papers
import paperbot
from paperbot import pipeline
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from tests.support.fork import Fork

BEFORE = {
    "paperbot.config": "read before anything else; a mistake in it ends the run",
    "paperbot.context": "as config",
    "paperbot.errors": "values",
    "paperbot.model": "values",
    "paperbot.schedule": "as config",
    "paperbot.sources": "the fetch",
    "paperbot.digest": "decides what is new: without it there is nothing to publish",
    "paperbot.ranking": "as digest",
    "paperbot.archive": "the point of no return: a run that can't write it changes nothing",
    "paperbot.pipeline": "runs the parts",
    "paperbot.containment": "the bulkhead itself",
    "paperbot.report": "tells of faults",
    "paperbot.fault_report": "as report",
    "paperbot.annotations": "as report",
    "paperbot.redaction": "a text that can't be searched for secrets is not written",
    "paperbot.render.last_resort": "what comes out when the rest fails",
    "paperbot.sample": "a world for tests",
    "paperbot.show_prompt": "another command",
    "paperbot.keyword_report": "--check",
    "paperbot.render.template_check": "before the fetch: tries the user's templates",
    "paperbot.render.original_templates": "as template_check",
}
"""Modules that are not behind the fetch, or must not fail; and why."""
SERVERS = "paperbot.sample"
"""They run in this process, too, and go on working."""


def public_functions() -> Iterator[tuple[str, Any, str]]:
    """(name, owner, attribute) of each function and method that a module behind the fetch defines."""
    for info in pkgutil.walk_packages(paperbot.__path__, "paperbot."):
        if info.name.startswith(tuple(BEFORE)) or info.name.endswith(("__main__", "pdf_worker")):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", "") != info.name:
                continue
            if inspect.isfunction(value):
                yield f"{info.name}:{name}", module, name
            elif inspect.isclass(value):
                for method, function in vars(value).items():
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield f"{info.name}:{name}.{method}", value, method


# A call that fails before it is awaited leaves its coroutine behind.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

FUNCTIONS = {name: (owner, attribute) for name, owner, attribute in public_functions()}


@pytest.fixture(scope="module")
def world() -> Iterator[SampleWorld]:
    with SampleWorld(SAMPLE_CLOCKS[0]) as world:
        yield world


def small_fork(folder: Path, world: SampleWorld) -> Fork:
    """Three papers with TL;DRs and an overview, one of them with a summary."""
    fork = Fork.of_sample(folder, world)
    fork.change(max_papers=3, ai_summary={"max_papers_to_summarize": 1, "tldr": True, "overview": True})
    return fork


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory, world: SampleWorld) -> set[str]:
    """The functions that a run calls: a fault in any other one would not happen."""
    codes = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        codes.add(frame.f_code)

    fork = small_fork(tmp_path_factory.mktemp("undisturbed"), world)
    summary = fork.root / "summary.md"
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        fork.run(SAMPLE_CLOCKS[0], GITHUB_STEP_SUMMARY=f"{summary}", GITHUB_ACTIONS="true")
    finally:
        threading.setprofile(None)
        sys.setprofile(None)
    functions = {name: inspect.getattr_static(*found) for name, found in FUNCTIONS.items()}
    return {name for name, function in functions.items() if inspect.unwrap(function).__code__ in codes}


def test_a_run_calls_most_of_them(called: set[str]) -> None:
    assert len(called) > len(FUNCTIONS) / 2, sorted(FUNCTIONS.keys() - called)


class Trap:
    """Makes one function raise once the fetch is done, also where another module imported it by name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.is_armed = False
        self._original: Callable[..., Any] = inspect.getattr_static(owner, name)
        self._fetch = pipeline.todays_digest
        monkeypatch.setattr(fetch_papers, "todays_digest", self._fetch_and_arm)
        trapped = functools.wraps(self._original)(lambda *given, **named: self._call(*given, **named))
        monkeypatch.setattr(owner, name, trapped)
        ours = [key for key in sys.modules if key.startswith("paperbot") and not key.startswith(SERVERS)]
        for module in map(sys.modules.__getitem__, ours):
            for attribute, value in list(vars(module).items()):
                if value is self._original:
                    monkeypatch.setattr(module, attribute, trapped)

    def _fetch_and_arm(self, *given: Any) -> Any:
        fetched = self._fetch(*given)
        self.is_armed = True
        return fetched

    def _call(self, *given: Any, **named: Any) -> Any:
        if self.is_armed:
            raise RuntimeError("a fault of the bot's own")
        return self._original(*given, **named)


@pytest.mark.parametrize("module", sorted({name.partition(":")[0] for name in FUNCTIONS}))
def test_a_fault_in_one_function_costs_its_part_alone(
    module: str, tmp_path: Path, world: SampleWorld, called: set[str]
) -> None:
    names = sorted(name for name in called if name.startswith(f"{module}:"))
    faults = {name: fault_of(name, tmp_path / str(number), world) for number, name in enumerate(names)}
    assert {name: fault for name, fault in faults.items() if fault} == {}


def fault_of(name: str, folder: Path, world: SampleWorld) -> str:
    """What is wrong with a run in which this function raises; empty if its part alone is missing."""
    fork = small_fork(folder, world)
    summary = folder / "summary.md"
    with pytest.MonkeyPatch.context() as monkeypatch:
        Trap(monkeypatch, *FUNCTIONS[name])
        ran = fork.run(SAMPLE_CLOCKS[0], GITHUB_STEP_SUMMARY=f"{summary}", GITHUB_ACTIONS="true")
    if name.startswith("paperbot.summaries"):
        gc.collect()  # a coroutine that was never awaited warns in this test, not in a later one
    if ran.code:
        return ran.said
    page = fork.read()
    shown = [entry["id"] for entry in fork.entries() if entry["shown"]]
    if len(shown) < 3 or any(paper_id not in page for paper_id in shown):
        return f"not all papers are on the page: {shown}"
    if "a fault of the bot's own" not in ran.err:
        return ""
    is_told = "because of a fault in the bot" in ran.err + page and "/issues/new?title=" in summary.read_text(
        "utf-8"
    )
    return "" if is_told else "the owner is not told"
