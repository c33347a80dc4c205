"""Forks and a world for tests of the whole command."""

import datetime as dt
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from paperbot.sample import SAMPLE_CLOCKS
from tests.support.faulty_world import Asked, FaultyWorld, Site
from tests.support.fork import HERE, Fork, start

COMMAND = HERE / "fetch_papers.py"
MONDAY, TUESDAY, WEDNESDAY = SAMPLE_CLOCKS
LATER = TUESDAY + dt.timedelta(minutes=48)


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
    """Requests of a site wait before their answer, from the given one on."""

    def __init__(self, world: FaultyWorld, site: Site, first: int = 1) -> None:
        self.opened, self.waiting = threading.Event(), 0
        self._site, self._spared, self._lock = site, first - 1, threading.Lock()
        world.on_request = self._hold

    def _hold(self, asked: Asked) -> None:
        if asked.site != self._site:
            return
        with self._lock:
            is_spared = self._spared > 0
            self._spared -= is_spared
            self.waiting += not is_spared
        if not is_spared:
            self.opened.wait(60)

    def wait_for(self, requests: int) -> None:
        wait_until(lambda: self.waiting == requests)


def wait_until(is_true: Callable[[], bool], seconds: float = 60) -> None:
    for _ in range(int(seconds / 0.02)):
        if is_true():
            return
        time.sleep(0.02)
    raise AssertionError("it never came about")


def process(fork: Fork, *options: str, **environ: str) -> subprocess.Popen[str]:
    """Tuesday's run in a process of its own, in the fork's folder, with the defaults of the options."""
    arguments = (str(COMMAND), "--now", TUESDAY.isoformat(), *options)
    return start(arguments, fork.root, DASHSCOPE_API_KEY=fork.key, **environ)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def two_mistakes(fork: Fork) -> str:
    fork.config.write_text('{\n  "max_paper": 3,\n  "days_back": 99\n}', encoding="utf-8")
    return "max_papers"


def template_syntax(fork: Fork) -> str:
    write(fork.root / "templates/README.md.j2", "# Mine\n{% if %}\n")
    return "templates/README.md.j2, line 2"


@pytest.fixture
def world() -> Iterator[FaultyWorld]:
    with FaultyWorld(TUESDAY) as world:
        yield world


@pytest.fixture
def fork(tmp_path: Path, world: FaultyWorld) -> Fork:
    """Nothing but a config."""
    return Fork.of_sample(tmp_path / "fork", world)


@pytest.fixture(scope="session")
def mondays(tmp_path_factory: pytest.TempPathFactory) -> Fork:
    with FaultyWorld(MONDAY) as world:
        fork = Fork.of_sample(tmp_path_factory.mktemp("monday"), world)
        fork.change(ai_summary={"max_papers_to_summarize": 6})
        assert fork.run(MONDAY).code == 0
        return fork


@pytest.fixture
def known(mondays: Fork, tmp_path: Path, world: FaultyWorld) -> Fork:
    """A fork that published Monday's digest; now it is Tuesday."""
    mondays.copy(tmp_path / "fork")
    return Fork.of_sample(tmp_path / "fork", world)


@pytest.fixture
def gates(world: FaultyWorld) -> Iterator[Callable[..., Gate]]:
    made: list[Gate] = []

    def make(site: Site, first: int = 1) -> Gate:
        made.append(Gate(world, site, first))
        return made[-1]

    yield make
    for gate in made:
        gate.opened.set()


@pytest.fixture
def actions(tmp_path: Path) -> Actions:
    return Actions(tmp_path / "actions")
