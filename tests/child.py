"""The bot's command in a process of its own, with short pauses, and killed before its n-th write if wanted.

python -m tests.child [--kill-before-write N] <the bot's arguments>
"""

import itertools
import os
import signal
import sys
from typing import Any
from unittest import mock

import fetch_papers
from paperbot import summaries
from paperbot.connection import Waits

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
    """A context in which the model's server is asked again without delay."""
    return mock.patch.object(summaries, "Waits", lambda: SHORT)


def main(arguments: list[str]) -> int:
    """The bot's exit code."""
    if arguments[:1] == ["--kill-before-write"]:
        number, arguments = int(arguments[1]), arguments[2:]
        kill_before_write(number, arguments[arguments.index("--root") + 1])
    with short_waits():
        return fetch_papers.main(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
