"""One run of the bot with a clock at the door of each room: `python -m bench.rooms ARGUMENTS OF THE BOT`.

Writes the CPU seconds of each to stderr's last line as JSON; what no room takes is left over.
"""

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from types import ModuleType
from typing import Any

import fetch_papers
from paperbot import publish, today

ROOMS = ("start", "check", "fetch and parse", "score", "archive", "pages", "site", "write", "other")
DOORS: tuple[tuple[ModuleType, str, str], ...] = (
    (fetch_papers, "read_job", "check"),
    (today, "fetch", "fetch and parse"),
    (today, "with_todays_digest", "score"),
    (fetch_papers, "_load", "archive"),
    (fetch_papers, "changed_dates", "archive"),
    (fetch_papers, "write_archive", "archive"),
    (publish, "load_month", "archive"),
    (publish, "render_pages", "pages"),
    (publish, "render_site", "site"),
    (fetch_papers, "write", "write"),
)
"""Where each is called, by which name, and its room."""


def main() -> int:
    began = time.process_time()
    spent: dict[str, float] = defaultdict(float, start=began)
    for module, name, room in DOORS:
        setattr(module, name, _timed(getattr(module, name), room, spent))
    exit_code = fetch_papers.main(sys.argv[1:], os.environ)
    spent["other"] = time.process_time() - sum(spent.values())
    sys.stderr.write("\n" + json.dumps(spent) + "\n")
    return exit_code


def _timed(function: Callable[..., Any], room: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[room] += time.process_time() - began

    return timed


if __name__ == "__main__":
    raise SystemExit(main())
