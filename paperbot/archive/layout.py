"""Where everything lies in archive/, as paths from the root of the user's repository."""

import contextlib
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

FOLDER = "archive"
INDEX = f"{FOLDER}/README.md"
READING_LIST = f"{FOLDER}/reading-list.md"
JOURNAL = f"{FOLDER}/.unfinished.jsonl"
KEPT_TEXTS = f"{FOLDER}/interests.jsonl"
MANIFEST = f"{FOLDER}/.run.json"
"""The list of the files that a run wrote; git ignores it."""
_MONTH_FILE = re.compile(r"([0-9]{4}-[0-9]{2})(?:\.days|\.related)?\.jsonl")
_WEEK = re.compile(r"[0-9]{4}-W(?:0[1-9]|[1-4][0-9]|5[0-3])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def month_of(date: dt.date) -> str:
    """The month of a date, for example `2025-12`."""
    return date.isoformat()[:7]  # much faster than strftime, and a run needs it thousands of times


def entries_path(month: str) -> str:
    """The papers of a month: `archive/2025/2025-12.jsonl`."""
    return f"{FOLDER}/{month[:4]}/{month}.jsonl"


def runs_path(month: str) -> str:
    """The runs of a month: `archive/2025/2025-12.days.jsonl`."""
    return f"{FOLDER}/{month[:4]}/{month}.days.jsonl"


def related_path(month: str) -> str:
    """The related papers of a month: `archive/2025/2025-12.related.jsonl`."""
    return f"{FOLDER}/{month[:4]}/{month}.related.jsonl"


def day_path(date: dt.date) -> str:
    """A date's page: `archive/2025/2025-12-25.md`."""
    return f"{FOLDER}/{date:%Y}/{date}.md"


def week_path(name: str) -> str:
    """The page of a week such as `2026-W47`: `archive/2026/2026-W47.md`."""
    return f"{FOLDER}/{name[:4]}/{name}.md"


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


def dates_of_pages(root: Path) -> set[dt.date]:
    """The dates that have a page."""
    pages = (root / FOLDER).glob("*/*.md")
    return set(valid_dates(path.stem for path in pages if _DATE.fullmatch(path.stem)))


def weeks_of_pages(root: Path) -> list[str]:
    """The names of the weeks that have a page, newest first."""
    names = (path.stem for path in (root / FOLDER).glob("*/*-W*.md"))
    return sorted((name for name in names if _WEEK.fullmatch(name)), reverse=True)


def valid_dates(texts: Iterable[str]) -> Iterator[dt.date]:
    """The dates among texts like `2025-12-25`; what is none, for example `2025-13-01`, is left out."""
    for text in texts:
        with contextlib.suppress(ValueError):
            yield dt.date.fromisoformat(text)
