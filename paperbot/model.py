"""The project's data as frozen values. Imports no other module of the project.

All instants are aware datetimes in UTC; dates are calendar dates in the user's time zone
unless a field says otherwise.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class PaperType(StrEnum):
    """How a paper belongs to the configured categories."""

    NEW = "new"
    """Its primary category is one of them."""
    CROSS = "cross"
    """It is only cross-listed in one of them."""


class SummarySource(StrEnum):
    """What the model read for a summary."""

    FILE = "file"
    """The uploaded PDF."""
    TEXT = "text"
    """The text extracted from the PDF."""
    ABSTRACT = "abstract"


class NoticeKind(StrEnum):
    """What the page must say about a run."""

    NO_KEY = "no-key"
    STALE_INDEX = "stale-index"
    ENDPOINT_REFUSED = "endpoint-refused"
    """The key, the credit or the model name: its owner must act."""
    ENDPOINT_DOWN = "endpoint-down"
    BUDGET = "budget"
    CONTEXT = "context"
    """The model's server read only a part of the text."""


class NoSummaryReason(StrEnum):
    """Why a paper has no summary."""

    OTHER = "other"
    """Read from an archive that has only the words."""


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
    journal_ref: str = ""
    """Where it was published, as its authors entered it on arXiv."""
    doi: str = ""
    """Of the published version, as its authors entered it on arXiv."""

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
    reason_kind: NoSummaryReason | None = None
    """None when `text` is set, and in archives that have only the words."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the archive that this release does not know; kept as they are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One matching paper in the digest of one date: a line of the archive."""

    paper: Paper
    digest_date: dt.date
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
    """Something the page must say about a run."""

    kind: NoticeKind | str
    """A str where another release wrote a kind that this one does not know."""
    text: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What the runs of one date saw and spent; where they differ, the last run's figures."""

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
    announcement_dates: tuple[dt.date, ...] = ()
    """The arXiv announcements (dates of arXiv's listings) in this digest."""
    stale_since: dt.date | None = None
    """The last announcement in arXiv's index, if the newest one is missing from it."""
    checked_held_papers: bool = False
    """A run of this date also asked for papers held longer than the window."""
    input_tokens: int = 0
    output_tokens: int = 0
    notices: tuple[Notice, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
