"""One run of the bot with a clock around each module: `python -m tools.bench.modules BOT ARGUMENTS`.

The last line on stderr is JSON: the CPU seconds of each module; `other` is what passes outside of them.
"""

import importlib
import json
import os
import re
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from fetch_papers import main as command

MODULES = {
    "start": (),
    "config and templates": ("context.read_context",),
    "fetch and parse": ("sources.arxiv_api.ArxivSource.fetch_window",),
    "score": ("digest.with_todays_digest",),
    "archive": (
        "archive.store.load_archive",
        "archive.store.load_month",
        "archive.store.changed_dates",
        "archive.store.changed_files",
    ),
    "render": ("render.pages.render_pages",),
    "site": ("render.site.render_site",),
    "write": ("output.write_files",),
    "other": (),
}
"""The functions of paperbot/ by which each is entered. `start` lasts until all is imported."""

ENTRY_POINT = re.compile(r"([a-z_.]+?)(?:\.([A-Z]\w+))?\.([a-z_]+)")


class Clocks:
    """CPU seconds by module; a module that is entered from another one counts to that one."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(MODULES, 0.0) | {"start": time.process_time()}
        self._is_inside = False

    def install(self) -> None:
        """Every module that calls such a function by name gets the one with the clock."""
        for part, path in ((part, path) for part, paths in MODULES.items() for path in paths):
            module, owner, name = ENTRY_POINT.fullmatch(path).groups()  # type: ignore[union-attr]
            imported = importlib.import_module(f"paperbot.{module}")
            users: list[Any] = [getattr(imported, owner)] if owner else _own_modules()
            function: Callable[..., Any] = getattr(users[0] if owner else imported, name)
            for user in users:
                if getattr(user, name, None) is function:
                    setattr(user, name, self._timed(function, part))

    def _timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            if self._is_inside:
                return function(*args, **kwargs)
            self._is_inside, began = True, time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self._is_inside = False
                self.seconds[part] += time.process_time() - began

        return timed


def _own_modules() -> list[ModuleType]:
    return [module for name, module in sys.modules.items() if name.startswith(("paperbot", "fetch_papers"))]


def main() -> int:
    clocks = Clocks()
    clocks.install()
    exit_code = command(sys.argv[1:], os.environ)
    clocks.seconds["other"] = time.process_time() - sum(clocks.seconds.values())
    sys.stderr.write("\n" + json.dumps(clocks.seconds) + "\n")
    return exit_code


if __name__ == "__main__":
    raise SystemExit(main())
