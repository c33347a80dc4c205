"""Forks and a world for tests of the whole command."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from paperbot.sample.server import Reply
from tests.command.watched import MONDAY, Fork, WatchedWorld


class Actions:
    """What a job's steps are given, and what they leave."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.summary, self.output = folder / "summary.md", folder / "output"
        self.environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_REPOSITORY": "someone/papers",
            "GITHUB_SERVER_URL": "https://github.com",
        }

    @property
    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text("utf-8").splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}


class Gate:
    """Requests that begin so wait before their answer, from the given one on."""

    def __init__(self, world: WatchedWorld, request: str, first: int = 1) -> None:
        self.opened, self.waiting = threading.Event(), 0
        self._request, self._first, self._seen = request, first, 0
        self._lock = threading.Lock()
        world.instead = self._hold

    def _hold(self, request: str, _: bytes) -> Reply | None:
        if request.startswith(self._request):
            with self._lock:
                self._seen += 1
                holds = self._seen >= self._first
                self.waiting += holds
            if holds:
                self.opened.wait(60)
        return None


@pytest.fixture
def world() -> Iterator[WatchedWorld]:
    with WatchedWorld() as world:
        yield world
        for process in world.runs:
            process.kill()
            process.communicate()


@pytest.fixture
def fork(tmp_path: Path, world: WatchedWorld) -> Fork:
    """Nothing but a config."""
    return Fork(tmp_path / "fork", world)


@pytest.fixture(scope="session")
def mondays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with WatchedWorld(MONDAY) as world:
        fork = Fork(tmp_path_factory.mktemp("monday"), world)
        fork.change(ai_summary={"max_papers_to_summarize": 6})
        assert fork.run(MONDAY).code == 0
        return fork.root


@pytest.fixture
def known(mondays: Path, tmp_path: Path, world: WatchedWorld) -> Fork:
    """A fork that published Monday's digest; now it is Tuesday."""
    shutil.copytree(mondays, tmp_path / "fork")
    return Fork(tmp_path / "fork", world)


@pytest.fixture
def gates(world: WatchedWorld) -> Iterator[Callable[..., Gate]]:
    made: list[Gate] = []

    def make(request: str, first: int = 1) -> Gate:
        made.append(Gate(world, request, first))
        return made[-1]

    yield make
    for gate in made:
        gate.opened.set()


@pytest.fixture
def actions(tmp_path: Path) -> Actions:
    return Actions(tmp_path / "actions")
