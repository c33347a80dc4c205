"""Each public function behind the fetch raises in turn: the papers, the archive and README.md come out."""

import functools
import gc
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
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
}
"""Modules that are not behind the fetch, or must not fail; and why."""


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


class Trap:
    """Makes one function raise once the fetch is done, also where another module imported it by name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.is_armed = False
        self._original: Callable[..., Any] = inspect.getattr_static(owner, name)
        self._fetch = pipeline.todays_digest
        monkeypatch.setattr(fetch_papers, "todays_digest", self._fetch_and_arm)
        trapped = functools.wraps(self._original)(lambda *given, **named: self._call(*given, **named))
        monkeypatch.setattr(owner, name, trapped)
        for module in [module for key, module in sys.modules.items() if key.startswith("paperbot")]:
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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_fault_in_one_function_costs_its_part_alone(
    name: str, tmp_path: Path, world: SampleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork = Fork.of_sample(tmp_path / "fork", world)
    Trap(monkeypatch, *FUNCTIONS[name])
    summary = tmp_path / "summary.md"
    ran = fork.run(SAMPLE_CLOCKS[0], GITHUB_STEP_SUMMARY=f"{summary}", GITHUB_ACTIONS="true")
    assert ran.code == 0, ran.said
    shown = [entry for entry in fork.entries() if entry["shown"]]
    page = (fork.root / "README.md").read_text("utf-8")
    assert shown
    assert [entry["id"] for entry in shown if entry["id"] not in page] == []
    if "a fault of the bot's own" in ran.err:
        assert "because of a fault in the bot" in ran.err + page
        assert "/issues/new?title=" in summary.read_text("utf-8")
    if name.startswith("paperbot.summaries"):
        gc.collect()  # a coroutine that was never awaited warns in this test, not in a later one
