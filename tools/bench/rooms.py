"""One run of the bot with a clock around each module: `python -m tools.bench.rooms BOT ARGUMENTS`.

The last line on stderr is JSON: the CPU seconds of each room; `other` is what passes outside of them.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from fetch_papers import main as command

ROOMS = {
    "start": (),
    "config and templates": ("context.read_context",),
    "fetch and parse": ("digest.fetch",),
    "score": ("digest.with_todays_digest",),
    "archive": (
        "archive.store.load_archive",
        "archive.store.load_month",
        "archive.store.changed_dates",
        "archive.store.changed_files",
    ),
    "render": ("render.pages.render_pages",),
    "site": ("render.site.render_site",),
    "write": ("render.output.write",),
    "other": (),
}
"""The functions of paperbot/ by which each is entered. `start` lasts until all is imported."""


class Clocks:
    """CPU seconds by room; a room that is entered from another one counts to that one."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(ROOMS, 0.0) | {"start": time.process_time()}
        self._is_inside = False

    def put_at_doors(self) -> None:
        """Every module that calls a door by name gets the one with the clock."""
        for room, door in ((room, door) for room, doors in ROOMS.items() for door in doors):
            module, _, name = door.rpartition(".")
            function: Callable[..., Any] = getattr(importlib.import_module(f"paperbot.{module}"), name)
            for user in _own_modules():
                if getattr(user, name, None) is function:
                    setattr(user, name, self._timed(function, room))

    def _timed(self, function: Callable[..., Any], room: str) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            if self._is_inside:
                return function(*args, **kwargs)
            self._is_inside, began = True, time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self._is_inside = False
                self.seconds[room] += time.process_time() - began

        return timed


def _own_modules() -> list[ModuleType]:
    return [module for name, module in sys.modules.items() if name.startswith(("paperbot", "fetch_papers"))]


def main() -> int:
    clocks = Clocks()
    clocks.put_at_doors()
    exit_code = command(sys.argv[1:], os.environ)
    clocks.seconds["other"] = time.process_time() - sum(clocks.seconds.values())
    sys.stderr.write("\n" + json.dumps(clocks.seconds) + "\n")
    return exit_code


if __name__ == "__main__":
    raise SystemExit(main())
