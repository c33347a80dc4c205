"""Two runs at once, and runs that are killed: real processes."""

import shutil
import signal
from collections.abc import Callable

import pytest

from tests.command.conftest import TUESDAY, Gate, process, wait_until
from tests.support.faulty_world import FaultyWorld
from tests.support.fork import SUMMARIES, Fork, differing, end_of


def test_of_two_runs_at_once_one_waits_for_its_next_time(
    known: Fork, world: FaultyWorld, gates: Callable[..., Gate]
) -> None:
    before, gate = known.published(), gates("api")
    first = process(known)
    gate.wait_for(1)
    second = end_of(process(known))
    assert second.code == 1
    assert "another run is at work" in second.err
    assert world.sites == ["api"]
    assert known.published() == before
    gate.opened.set()
    assert end_of(first).code == 0
    assert world.count("chat") == SUMMARIES


def test_a_run_that_is_killed_at_its_first_write_is_made_good(known: Fork) -> None:
    """A run that ended between two files: the next one draws whatever is missing."""
    right = known.copy(known.root.parent / "right")
    right.run(TUESDAY, "--no-summaries")
    for name in ("2025-12.jsonl", "2025-12.days.jsonl"):
        shutil.copy(right.root / "archive/2025" / name, known.root / "archive/2025" / name)
    (known.root / "archive/.unfinished.jsonl").write_text("\n")
    assert known.run(TUESDAY, "--no-summaries").code == 0
    assert differing(known.published(), right.published()) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_run_that_is_asked_to_stop_deletes_its_uploads_at_once(
    known: Fork, world: FaultyWorld, gates: Callable[..., Gate], sign: signal.Signals
) -> None:
    before, gate = known.published(), gates("chat", first=2)
    running = process(known)
    gate.wait_for(2)
    wait_until(lambda: known.read("archive/.unfinished.jsonl").count("\n{") == 1)
    assert world.model.files
    running.send_signal(sign)
    ran = end_of(running, timeout_seconds=20)
    assert not world.model.files
    if sign is signal.SIGTERM:  # what is finished is published
        assert ran.code == 0
        assert "asked to stop" in known.read("README.md")
    else:
        assert ran.code not in (0, 1, 2, 3)
        assert known.published() == before
    gate.opened.set()
    asked_before = world.count("chat")
    assert known.run(TUESDAY).code == 0
    assert world.count("chat") - asked_before == SUMMARIES - 1


def test_a_run_that_is_asked_to_stop_says_so_without_a_traceback(
    known: Fork, gates: Callable[..., Gate]
) -> None:
    gate = gates("api")
    running = process(known)
    gate.wait_for(1)
    running.terminate()
    ran = end_of(running, timeout_seconds=20)
    assert "Traceback" not in ran.err
