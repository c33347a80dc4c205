"""Where everything lies in archive/, as paths from the root of the user's repository."""

import contextlib
import datetime as dt
import re
from pathlib import Path

FOLDER = "archive"
INDEX = f"{FOLDER}/README.md"
JOURNAL = f"{FOLDER}/.unfinished.jsonl"
MANIFEST = f"{FOLDER}/.run.json"
"""The list of the files that a run wrote; git ignores it."""
_MONTH_FILE = re.compile(r"([0-9]{4}-[0-9]{2})(?:\.days)?\.jsonl")
_DAY_PAGE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.md")


def month_of(date: dt.date) -> str:
    """For example `2025-12`."""
    return date.isoformat()[:7]  # much faster than strftime, and a run needs it thousands of times


def entries_path(month: str) -> str:
    """The papers of a month: `archive/2025/2025-12.jsonl`."""
    return f"{FOLDER}/{month[:4]}/{month}.jsonl"


def runs_path(month: str) -> str:
    """The runs of a month: `archive/2025/2025-12.days.jsonl`."""
    return f"{FOLDER}/{month[:4]}/{month}.days.jsonl"


def day_path(date: dt.date) -> str:
    """A date's page: `archive/2025/2025-12-25.md`."""
    return f"{FOLDER}/{date:%Y}/{date}.md"


def picture_path(name: str, theme: str) -> str:
    """A chart: `archive/trend-light.svg`."""
    return f"{FOLDER}/{name}-{theme}.svg"


def in_archive(path: str) -> str:
    """A path seen from archive/, for the links of the pages there."""
    return path.removeprefix(f"{FOLDER}/")


def months_on_disk(root: Path) -> list[str]:
    """The months that have data, newest first."""
    names = (_MONTH_FILE.fullmatch(path.name) for path in (root / FOLDER).glob("*/*.jsonl"))
    return sorted({name[1] for name in names if name}, reverse=True)


def day_pages_on_disk(root: Path) -> set[dt.date]:
    """The dates that have a page."""
    names = [path.stem for path in (root / FOLDER).glob("*/*.md") if _DAY_PAGE.fullmatch(path.name)]
    dates = set()
    for name in names:
        with contextlib.suppress(ValueError):  # 2025-13-01.md is no date's page
            dates.add(dt.date.fromisoformat(name))
    return dates
