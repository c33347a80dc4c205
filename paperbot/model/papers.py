"""A paper as arXiv describes it, and what ranking finds in it."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from paperbot.model.fields import ALWAYS, INLINE, json_name


class PaperType(StrEnum):
    """How a paper belongs to the configured categories."""

    NEW = "new"
    """Its primary category is one of them."""
    CROSS = "cross"
    """It is only cross-listed in one of them."""


class LikenessBasis(StrEnum):
    """What the likeness of a paper was measured against."""

    PICKS = "picks"
    """The reader's picks and library."""
    BEST_MATCHES = "best-matches"
    """The week's best keyword matches, while there are too few picks."""

    @property
    def words(self) -> str:
        """The basis in words, as pages name it."""
        return "your papers" if self is LikenessBasis.PICKS else "this week's best matches"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as the arXiv API describes it; all text is untrusted."""

    id: str
    """arXiv's, without the version, for example `2512.20276` or `quant-ph/0201082`."""
    version: int
    """The version that was current."""
    title: str
    """On one line. Untrusted, like all of the paper's text."""
    authors: tuple[str, ...]
    """Their names, in the paper's order."""
    primary_category: str
    """For example `cs.LG`."""
    categories: tuple[str, ...]
    """The primary category first, then the cross-lists."""
    published: dt.datetime
    """When version 1 was submitted, in UTC."""
    updated: dt.datetime
    """When the current version was submitted, in UTC."""
    comment: str = field(default="", metadata=ALWAYS)
    """The authors' own, for example the number of pages."""
    abstract: str = field(default="", metadata=ALWAYS)
    """Paragraphs are separated by one newline; missing for papers listed by title only."""
    journal_ref: str = ""
    """Where it was published, as its authors entered it on arXiv."""
    doi: str = ""
    """Of the published version, as its authors entered it on arXiv."""
    from_feed: bool = False
    """Known from arXiv's feed alone, which lacks the comment and the times of submission."""

    @property
    def versioned_id(self) -> str:
        """The id with the version, for example `2512.20276v1`."""
        return f"{self.id}v{self.version}"


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A paper that the reader has; untrusted, and private: never shown on a page."""

    title: str
    abstract: str = ""
    """Empty if the export has none."""
    arxiv_id: str = ""
    """Without its version; empty if the entry names none."""
    is_private: bool = False
    """arXiv is not asked for its abstract, and nothing of it is kept."""
    origin: str = field(default="", compare=False)
    """File and line, for messages that must not quote the entry."""


OPTIONAL_TEXTS = tuple(item.name for item in fields(Paper) if item.default == "")
"""The texts of a paper that arXiv may leave out: a new one reaches the site and the page check by itself."""


def announcement_order(paper_id: str) -> tuple[int, int]:
    """Sorts ids by announcement: arXiv gives them out when it announces a paper, counting up in a month.

    Ids older than April 2007 (`quant-ph/0201082`) come first, all alike.
    See https://info.arxiv.org/help/arxiv_identifier.html.
    """
    parts = re.fullmatch(r"([0-9]{4})\.([0-9]{4,5})", paper_id)
    return (int(parts[1]), int(parts[2])) if parts else (0, 0)


def rank_key(points: float, paper: Paper) -> tuple[float, float, str]:
    """Sorts papers best first: more points, then the newer submission, then the id."""
    return (-points, -paper.published.timestamp(), paper.id)


@dataclass(frozen=True, slots=True)
class Match:
    """One keyword or watched author found in a paper, and where."""

    keyword: str
    """Or the watched author's name."""
    weight: float
    """From config.json; negative for a penalty."""
    title: bool
    """It is in the title."""
    abstract: bool
    """It is in the abstract."""
    author: bool = False
    """It is a watched author, not a keyword."""


@dataclass(frozen=True, slots=True)
class Score:
    """A paper's keyword points and the matches they are the sum of."""

    value: float = field(metadata=json_name("score"))
    """The points of keywords and watched authors."""
    matches: tuple[Match, ...] = field(default=(), metadata=ALWAYS)
    """What the score is the sum of."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like the reader's picks a paper is, as points beside its keyword points."""

    value: float
    """The sum of the words' points."""
    basis: LikenessBasis
    """What the paper was compared with: `picks` or `best-matches`."""
    words: Mapping[str, float] = field(default_factory=dict)
    """Each word's points, the most important first."""


@dataclass(frozen=True, slots=True)
class TopicScore:
    """What a paper scores in one of the topics that it matches."""

    topic: str
    """Its name in config.json."""
    score: Score = field(metadata=INLINE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that matches, in the topic where it scores highest."""

    paper: Paper
    score: Score
    type: PaperType
    topic: str = ""
    """Empty where the config has no topics."""
    also_in: tuple[TopicScore, ...] = ()
    """The other topics that it matches, the best first."""
    likeness: Likeness | None = None

    @property
    def points(self) -> float:
        """What papers are ranked by: keyword points and likeness."""
        return self.score.value + (self.likeness.value if self.likeness else 0.0)
