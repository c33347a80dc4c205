"""Two runs at once, and runs that are killed: real processes."""

import shutil
import signal
from collections.abc import Callable

import pytest

from tests.command.conftest import Gate
from tests.command.watched import CHAT, QUERY, TUESDAY, Fork, WatchedWorld, wait_until
from tests.support.fork import SUMMARIES, differing, end_of


def test_of_two_runs_at_once_one_waits_for_its_next_time(
    known: Fork, world: WatchedWorld, gates: Callable[..., Gate]
) -> None:
    before, gate = known.published(), gates(QUERY)
    first = known.process()
    wait_until(lambda: gate.waiting == 1)
    second = end_of(known.process())
    assert second.code == 1
    assert "another run is at work" in second.err
    assert world.asked == [QUERY]
    assert known.published() == before
    gate.opened.set()
    assert end_of(first).code == 0
    assert world.count(CHAT) == SUMMARIES


def test_a_run_that_is_killed_pays_for_no_finished_summary_twice(
    known: Fork, world: WatchedWorld, gates: Callable[..., Gate]
) -> None:
    known.change(ai_summary={"max_papers_to_summarize": 6})
    before, gate = known.published(), gates(CHAT, first=4)
    process = known.process()
    wait_until(lambda: gate.waiting == 3)
    wait_until(lambda: known.read("archive/.unfinished.jsonl").count("\n{") == 3)
    process.send_signal(signal.SIGKILL)
    assert end_of(process).code == -signal.SIGKILL
    assert known.published() == before
    assert world.model.files
    gate.opened.set()
    asked_before = world.count(CHAT)
    ran = known.run(TUESDAY)
    assert ran.code == 0
    assert "6 summarised, 0 failed" in ran.out
    assert world.count(CHAT) - asked_before == 3
    assert not world.model.files
    assert not [path for path in known.everything() if "unfinished" in path or path.endswith(".tmp")]


def test_a_run_that_is_killed_at_its_first_write_is_made_good(known: Fork, world: WatchedWorld) -> None:
    """A run that ended between two files: the next one draws whatever is missing."""
    right = Fork(known.root.parent / "right", world)
    shutil.copytree(known.root, right.root, dirs_exist_ok=True)
    right.run(TUESDAY, "--no-summaries")
    for name in ("2025-12.jsonl", "2025-12.days.jsonl"):
        shutil.copy(right.root / "archive/2025" / name, known.root / "archive/2025" / name)
    (known.root / "archive/.unfinished.jsonl").write_text("\n")
    assert known.run(TUESDAY, "--no-summaries").code == 0
    assert differing(known.published(), right.published()) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_run_that_is_asked_to_stop_deletes_its_uploads_at_once(
    known: Fork, world: WatchedWorld, gates: Callable[..., Gate], sign: signal.Signals
) -> None:
    before, gate = known.published(), gates(CHAT, first=2)
    process = known.process()
    wait_until(lambda: gate.waiting == 2)
    wait_until(lambda: known.read("archive/.unfinished.jsonl").count("\n{") == 1)
    assert world.model.files
    process.send_signal(sign)
    ran = end_of(process, timeout_seconds=20)
    assert not world.model.files
    if sign is signal.SIGTERM:  # what is finished is published
        assert ran.code == 0
        assert "asked to stop" in known.read("README.md")
    else:
        assert ran.code not in (0, 1, 2, 3)
        assert known.published() == before
    gate.opened.set()
    asked_before = world.count(CHAT)
    assert known.run(TUESDAY).code == 0
    assert world.count(CHAT) - asked_before == SUMMARIES - 1


def test_a_run_that_is_asked_to_stop_says_so_without_a_traceback(
    known: Fork, gates: Callable[..., Gate]
) -> None:
    gate = gates(QUERY)
    process = known.process()
    wait_until(lambda: gate.waiting == 1)
    process.terminate()
    ran = end_of(process, timeout_seconds=20)
    assert "Traceback" not in ran.err
