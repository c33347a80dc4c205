"""Picks: the reader's word on single papers, as files `picks/2512.20276` with the line `star` or `skip`.

The folder is written by hand, on GitHub's pages, and by pull requests. So neither the names nor the contents
are trusted: what is no pick is named in a problem and ignored.
"""

import codecs
import re
import stat
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from paperbot.config.errors import shown
from paperbot.errors import Problem
from paperbot.model import Entry
from paperbot.ranking.keywords import words_of

FOLDER = "picks"
FILE_NAME = re.compile(
    r"([0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}|[a-z]+(?:-[a-z]+)?_[0-9]{7})(?:v[1-9][0-9]{0,2})?"
)
"""An arXiv id, with `_` for the `/` of old ones."""
OTHER_FILES = frozenset({"readme.md", "readme", "thumbs.db", "desktop.ini"})
MAX_FILES = 10_000
MAX_READ_BYTES = 1000


class PickKind(StrEnum):
    """What the reader says about a paper."""

    STAR = "star"
    """More like this."""
    SKIP = "skip"
    """Not for me."""


def pick_path(paper_id: str) -> str:
    """The file of a paper's pick, relative to the repository's root."""
    return f"{FOLDER}/{paper_id.replace('/', '_')}"


def read_picks(root: Path) -> tuple[Mapping[str, PickKind], tuple[Problem, ...]]:
    """The picks by paper id, and a problem for each file that is none. Never raises OSError."""
    try:
        names = sorted(path.name for path in (root / FOLDER).iterdir())
    except FileNotFoundError:
        return {}, ()
    except OSError as error:
        return {}, (Problem(f"The folder can't be read: {error.strerror}.", FOLDER),)
    picks: dict[str, PickKind] = {}
    problems: list[Problem] = []
    if len(names) > MAX_FILES:
        problems.append(Problem(f"Only the first {MAX_FILES} of {len(names)} files are used.", FOLDER))
    for name in names[:MAX_FILES]:
        if name.startswith(".") or name.lower() in OTHER_FILES:
            continue
        try:
            paper_id, kind = _read_pick(root / FOLDER / name, name)
            if paper_id in picks:
                raise ValueError(f"there is another file for {paper_id}")
            picks[paper_id] = kind
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or error
            problems.append(Problem(f"{shown(name)} is not used: {reason}.", FOLDER))
    return picks, tuple(problems)


def starred_ids(picks: Mapping[str, PickKind]) -> frozenset[str]:
    """The ids of the papers with a star."""
    return frozenset(paper_id for paper_id, kind in picks.items() if kind is PickKind.STAR)


def starred_first(entries: Iterable[Entry], starred: Collection[str]) -> list[Entry]:
    """The papers with a star, then the others, each part by rank. `starred` are ids."""
    return sorted(entries, key=lambda entry: (entry.paper.id not in starred, entry.rank_key))


def _read_pick(path: Path, name: str) -> tuple[str, PickKind]:
    """Raises OSError or ValueError, whose text says what is wrong."""
    found = FILE_NAME.fullmatch(name)
    if not found:
        raise ValueError("its name must be an arXiv id such as 2512.20276 or math_0309136")
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ValueError("it is a link or a folder, not a file")
    with path.open("rb") as file:
        data = file.read(MAX_READ_BYTES)
    # PowerShell's `echo star > picks/2512.20276` writes UTF-16.
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    first_line = next(iter(data.decode(encoding, "replace").strip().splitlines()), "")
    try:
        return found[1].replace("_", "/"), PickKind(" ".join(words_of(first_line)))
    except ValueError:
        raise ValueError(f"its first line is {shown(first_line)}; it must be star or skip") from None
