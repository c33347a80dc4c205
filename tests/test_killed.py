"""Killed at any moment: the archive loads, nothing is lost, twice or half-written, no summary is paid twice.

Real processes, real SIGKILL, real HTTP; the sample's world lives in this process. `make faults` does the
same at every write and at 200 moments.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.faulty_world import FaultyWorld
from tests.support.fork import Fork
from tests.support.kills import MONDAY, Killing, killed_after, killed_before_write

MOMENTS = 5
WRITES = (1, 5, 40)


@pytest.fixture(scope="module")
def killing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    folder = tmp_path_factory.mktemp("killed")
    with FaultyWorld(MONDAY) as world:
        yield Killing(folder, world)


@pytest.mark.parametrize("part", range(MOMENTS))
def test_killed_at_a_random_moment(killing: Killing, part: int) -> None:
    assert killed_after(killing, (part + random.random()) / MOMENTS).wrong == ()


@pytest.mark.parametrize("number", WRITES)
def test_killed_before_a_write(killing: Killing, number: int) -> None:
    after = killed_before_write(killing, number)
    assert after.was_killed
    assert after.wrong == ()


def test_what_would_be_noticed(killing: Killing, tmp_path: Path) -> None:
    """The checks themselves: a page that is not what the archive says, a paper twice, a line cut."""
    fork = killing.undisturbed.copy(tmp_path / "fork")
    assert fork.wrong() == []
    page = fork.root / "README.md"
    page.write_text(page.read_text("utf-8").replace("Monday", "Sunday") + "\n", "utf-8")
    month = fork.root / "archive/2025/2025-12.jsonl"
    lines = month.read_text("utf-8").splitlines(keepends=True)
    month.write_text("".join([*lines, lines[0]]), "utf-8")
    assert "README.md is not what the archive says" in fork.wrong()
    assert any("is in the archive 2 times" in words for words in fork.wrong())
    assert Fork.of_sample(tmp_path / "other", killing.world).entries() == []
