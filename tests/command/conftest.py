"""Forks and a world for tests of the whole command."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command.actions import Actions
from tests.command.gates import Gate
from tests.command.watched import MONDAY, Fork, WatchedWorld


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
