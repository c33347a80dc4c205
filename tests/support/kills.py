"""One run killed, and the next one: what is wrong after them."""

import itertools
import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from paperbot.archive.records import JournalLine, read_record
from paperbot.sample import SAMPLE_CLOCKS
from tests.support.faulty_world import FaultyWorld
from tests.support.fork import KILLED, Fork, RunBot, differing, end_of, run_here

MONDAY, TUESDAY, _ = SAMPLE_CLOCKS
WORKERS = 3


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a killed run and the one after it came to."""

    was_killed: bool
    """Or it was faster."""
    published: str
    """After the kill: `before`, `after` or `between` the two digests."""
    kept: int
    """Summaries that the killed run had finished."""
    asked_again: int
    """Papers whose summary was under way when the run was killed."""
    wrong: tuple[str, ...]


class Killing:
    """A fork with Monday's digest, the same with Tuesday's, and the time that Tuesday's run takes."""

    def __init__(self, folder: Path, world: FaultyWorld, run_bot: RunBot = run_here) -> None:
        self.folder, self.world = folder, world
        self._numbers = itertools.count(1)
        world.clock = MONDAY
        self.before = Fork.of_sample(folder / "before", world)
        self.before.run_bot = run_bot
        assert self.before.run(MONDAY).code == 0
        world.clock = TUESDAY
        self.undisturbed = self.before.copy(folder / "undisturbed")
        asked = threading.Event()
        world.on_request = lambda _: asked.set()
        process = self.undisturbed.start(TUESDAY)
        assert asked.wait(60)
        began = time.monotonic()
        assert end_of(process).code == 0
        self.seconds = time.monotonic() - began
        world.on_request = lambda _: None

    def fork(self) -> Fork:
        """Another one with Monday's digest."""
        return self.before.copy(self.folder / f"fork-{next(self._numbers)}")


def killed_after(killing: Killing, share: float) -> Aftermath:
    """Kill a run after a share of the time between its first request and its end."""
    fork, asked = killing.fork(), threading.Event()
    killing.world.asked.clear()
    killing.world.on_request = lambda _: asked.set()
    process = fork.start(TUESDAY)
    assert asked.wait(60)
    killing.world.on_request = lambda _: None
    time.sleep(killing.seconds * share)
    process.kill()
    return _aftermath(killing, fork, end_of(process).code == KILLED)


def killed_before_write(killing: Killing, number: int) -> Aftermath:
    """Kill a run when it is about to create, replace, fill or remove its n-th file or folder."""
    fork = killing.fork()
    killing.world.asked.clear()
    return _aftermath(killing, fork, fork.child(TUESDAY, kill_before_write=number).code == KILLED)


def _aftermath(killing: Killing, fork: Fork, was_killed: bool) -> Aftermath:
    asked, published, kept = killing.world.papers_asked_about(), _published(killing, fork), _kept(fork)
    wrong = [] if len(asked) - len(kept) <= WORKERS else [f"{asked} were asked, only {kept} are kept"]
    wrong += _loads(fork)
    killing.world.asked.clear()
    ran = fork.run(TUESDAY)
    if ran.code:
        wrong.append(f"the next run: {ran.said}")
    again = killing.world.papers_asked_about()
    wrong += [f"{paper} is paid twice" for paper in again if paper in kept]
    wrong += fork.wrong()
    others = differing(fork.published(), killing.undisturbed.published())
    wrong += [f"{path} is not as after an undisturbed run" for path in others]
    hidden = {path.name for path in fork.root.rglob(".*")} - {".lock", ".run.json"}
    wrong += [f"{name} is left over" for name in sorted(hidden)]
    if killing.world.model.files and killing.world.count("files"):
        wrong.append("files are left over at the model's server")
    killing.world.model.files.clear()  # of a run killed after its last summary, for the next day's to delete
    return Aftermath(was_killed, published, len(kept), len(set(asked) & set(again)), tuple(wrong))


def _published(killing: Killing, fork: Fork) -> str:
    tree = fork.published()
    return (
        "before"
        if tree == killing.before.published()
        else "after"
        if tree == killing.undisturbed.published()
        else "between"
    )


def _kept(fork: Fork) -> set[str]:
    """The papers with a summary on disk, in the archive or in the journal."""
    kept = {entry["id"] for entry in fork.entries() if (entry.get("summary") or {}).get("text")}
    journal = fork.root / "archive" / ".unfinished.jsonl"
    for line in journal.read_text("utf-8").splitlines() if journal.exists() else ():
        if line.endswith("}") and (finished := read_record(JournalLine, line)).summary:
            kept.add(finished.id)
    return kept


def _loads(fork: Fork) -> list[str]:
    """Every line of the archive is whole, whatever the moment."""
    try:
        papers = [entry["id"] for entry in fork.entries()]
        fork.days()
    except json.JSONDecodeError as fault:
        return [f"half-written: {fault}"]
    return [] if len(papers) == len(set(papers)) else ["a paper is there twice"]
