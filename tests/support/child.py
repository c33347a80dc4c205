"""The bot's command in a process of its own, with short pauses, and killed before its n-th write, or
with a bug, if wanted.

python -m tests.support.child [--kill-before-write N | --bug MODULE:NAME] <the bot's arguments>
"""

import importlib
import itertools
import os
import signal
import sys
from functools import partial
from typing import Any
from unittest import mock

import fetch_papers
from paperbot.summaries import run
from paperbot.summaries.client import Waits

SHORT = Waits(pauses=(0.01,), polls=(0.01, 0.01, 0.01), file=0.5, connect=2, cleanup=2)

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def kill_before_write(number: int, folder: str) -> None:
    """Die as if by the kernel's hand: nothing is flushed, nothing is tidied up."""
    writes = itertools.count(1)

    def watch(event: str, given: tuple[Any, ...]) -> None:
        is_write = event in ("os.rename", "os.remove", "os.mkdir") or (
            event == "open" and bool(given[2] & WRITES)
        )
        if is_write and str(given[0]).startswith(folder) and next(writes) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def short_waits() -> Any:
    """A context in which nobody waits long before asking again."""
    return mock.patch.object(run, "SummaryInputs", partial(run.SummaryInputs, waits=SHORT))


def put_bug(place: str) -> None:
    """From now on a function fails, with all that it was given in its words."""
    module, _, names = place.partition(":")
    *owners, name = names.split(".")
    owner: Any = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)

    def broken(*given: Any, **named: Any) -> Any:
        raise RuntimeError(f"a bug, given {given} and {named}")

    setattr(owner, name, broken)


def main(arguments: list[str]) -> int:
    """The bot's exit code."""
    if arguments[:1] == ["--kill-before-write"]:
        kill_before_write(int(arguments[1]), arguments[arguments.index("--root") + 1])
        arguments = arguments[2:]
    elif arguments[:1] == ["--bug"]:
        put_bug(arguments[1])
        arguments = arguments[2:]
    with short_waits():
        return fetch_papers.main(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
