"""The words of the field as frozen values. Imports no other room.

All instants are aware datetimes in UTC; dates are calendar dates in the user's time zone
unless a field says otherwise.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

PaperType = Literal["new", "cross"]
SummarySource = Literal["file", "text", "abstract"]


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as the arXiv API describes it; all text is untrusted."""

    id: str
    """Without its version, for example `2512.20276` or `quant-ph/0201082`."""
    version: int
    title: str
    authors: tuple[str, ...]
    abstract: str
    """Paragraphs are separated by one newline; empty for archived papers listed by title only."""
    primary_category: str
    categories: tuple[str, ...]
    """The primary category first, then the cross-lists."""
    published: dt.datetime
    """When version 1 was submitted."""
    updated: dt.datetime
    """When the current version was submitted."""
    comment: str = ""

    @property
    def versioned_id(self) -> str:
        """For example `2512.20276v1`."""
        return f"{self.id}v{self.version}"


def announcement_order(paper_id: str) -> tuple[int, int]:
    """Sorts ids by announcement: arXiv gives them out when it announces a paper, counting up in a month.

    Ids older than April 2007 (`quant-ph/0201082`) come first, all alike.
    See https://info.arxiv.org/help/arxiv_identifier.html.
    """
    parts = re.fullmatch(r"([0-9]{4})\.([0-9]{4,5})", paper_id)
    return (int(parts[1]), int(parts[2])) if parts else (0, 0)


@dataclass(frozen=True, slots=True)
class Match:
    """One keyword or watched author found in a paper, and where."""

    keyword: str
    weight: float
    title: bool
    abstract: bool
    author: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A paper's score and the matches it is the sum of."""

    value: float
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that matches, with its score and type."""

    paper: Paper
    score: Score
    type: PaperType


@dataclass(frozen=True, slots=True)
class Grounding:
    """How many of a summary's figures stand in the paper's text."""

    found: int
    checked: int
    missing: tuple[str, ...] = ()
    """The figures not found, as the summary writes them, each once."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A model's text about a paper, or the reason why there is none."""

    text: str = ""
    """Untrusted Markdown; empty when `reason` is set."""
    reason: str = ""
    """In plain words for the page; empty when `text` is set."""
    model: str = ""
    source: SummarySource | None = None
    """What the model read: the uploaded PDF, the text taken from it, or the abstract."""
    prompt: str = ""
    """A fingerprint of the prompt without the paper."""
    version: int = 1
    """The paper's version that was read."""
    input_tokens: int = 0
    output_tokens: int = 0
    made: dt.datetime | None = None
    cut_short: bool = False
    """The model ran out of room before it had finished."""
    grounding: Grounding | None = None
    hidden_text: str = ""
    """The beginning of text that the PDF hides from human readers, if it does."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the archive that this release does not know; kept as they are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One matching paper in the digest of one date: a line of the archive."""

    paper: Paper
    digest: dt.date
    rank: int
    shown: bool
    """In full; otherwise listed by title, without abstract and summary."""
    score: Score
    type: PaperType
    summary: Summary | None = None
    withdrawn: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the archive's line that this release does not know; kept as they are."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the page must say about a run: a stale index, a refused key, no key."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Day:
    """What the runs of one date saw and spent, the last run's figures standing."""

    date: dt.date
    last_run: dt.datetime
    window_start: dt.datetime
    fetched: int
    """Papers in the window, of any score and type."""
    matching: int
    """Those among them that match."""
    new: int
    """Those that no earlier date's digest holds: the size of this date's digest."""
    shown: int
    covers: tuple[dt.date, ...] = ()
    """The arXiv announcements (dates of arXiv's listings) that this digest takes in."""
    index_ends: dt.date | None = None
    """Set when arXiv's index lacked the newest announcement: the last one it had."""
    looked_back: bool = False
    """A run of this date also asked for papers held longer than the window."""
    input_tokens: int = 0
    output_tokens: int = 0
    notices: tuple[Notice, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Digest:
    """The papers of one date, in rank order, and what its runs saw."""

    date: dt.date
    entries: tuple[Entry, ...]
    day: Day | None = None
    """None only where an interrupted run left the papers without it."""

    shown: tuple[Entry, ...] = field(init=False)
    listed: tuple[Entry, ...] = field(init=False)

    def __post_init__(self) -> None:
        ranked = tuple(sorted(self.entries, key=lambda entry: entry.rank))
        object.__setattr__(self, "entries", ranked)
        object.__setattr__(self, "shown", tuple(entry for entry in ranked if entry.shown))
        object.__setattr__(self, "listed", tuple(entry for entry in ranked if not entry.shown))


@dataclass(frozen=True, slots=True)
class History:
    """What the archive holds of the last weeks, and which dates it holds at all."""

    digests: tuple[Digest, ...] = ()
    """Newest first; those of at least the last 31 days."""
    days: tuple[Day, ...] = ()
    """Newest first: every date with a successful run, papers or not."""
    dates: tuple[dt.date, ...] = ()
    """Every digest's date ever, newest first."""
