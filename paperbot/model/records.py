"""The archive's records: a paper in a digest, the runs of a date, the text of a picked paper."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from paperbot.model.fields import ALWAYS, INLINE, json_name
from paperbot.model.papers import Likeness, Paper, PaperType, Score, TopicScore, rank_key
from paperbot.model.summaries import Overview, Summary, TlDr


class ChangeKind(StrEnum):
    """What happened to a paper after it was shown."""

    NEW_VERSION = "new-version"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    """At a venue, by the paper's comment."""
    PUBLISHED = "published"
    """It got a DOI or a journal reference."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a paper after it was shown; told once."""

    kind: ChangeKind
    """`new-version`, `withdrawn`, `accepted` or `published`."""
    date: dt.date
    """The date of the digest that tells it."""
    text: str = ""
    """The age of the version before, the notice of the withdrawal, the venue, or where it was published.
    Untrusted."""
    version: int = 1
    """The paper's version with the change."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One matching paper in the digest of one date: a line of the archive."""

    paper: Paper = field(metadata=INLINE)
    digest_date: dt.date = field(metadata=json_name("digest"))
    """The date of the digest that has the paper, in the bot's time zone."""
    rank: int
    """Its place on that date, from 1."""
    shown: bool
    """In full; otherwise listed by title, without abstract and summary."""
    score: Score = field(metadata=INLINE)
    type: PaperType
    """`new`, or `cross` if it is only cross-listed in the configured categories."""
    summary: Summary | None = field(default=None, metadata=ALWAYS)
    """Null where there is none yet."""
    withdrawn: bool = False
    """It has been withdrawn since."""
    topic: str = ""
    """The topic where it scores highest, which `score` and `matches` are of; missing without topics."""
    also_in: tuple[TopicScore, ...] = ()
    """The other topics that it matches, the best first."""
    likeness: Likeness | None = None
    """Points beside the keyword points; `rank` follows their sum."""
    tldr: TlDr | None = None
    """One sentence about the paper by a model."""
    changes: tuple[Change, ...] = ()
    """What happened to it since, the oldest first."""
    related_on: dt.date | None = None
    """It was listed as related before: in the digest of this date, when it had no keyword yet."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the archive that this release does not know; kept unchanged."""

    @property
    def rank_key(self) -> tuple[float, float, str]:
        """See rank_key()."""
        return rank_key(self.points, self.paper)

    @property
    def points(self) -> float:
        """What papers are ranked by: keyword points and likeness."""
        return self.score.value + (self.likeness.value if self.likeness else 0.0)


class NoticeKind(StrEnum):
    """What the page must say about a run."""

    NO_KEY = "no-key"
    STALE_INDEX = "stale-index"
    BROKEN_ENTRY = "broken-entry"
    """An entry of arXiv's answer lacked what every paper has, and was left out."""
    FROM_FEED = "from-feed"
    """The API did not work: the papers are those of arXiv's feed of the day."""
    ENDPOINT_REFUSED = "endpoint-refused"
    """The key, the credit or the model name: its owner must act."""
    ENDPOINT_DOWN = "endpoint-down"
    BUDGET = "budget"
    CONTEXT = "context"
    """The model's server read only a part of the text."""
    TIME = "time"
    """The time of one run is used up; later runs make the rest."""
    FAULT = "fault"
    """A fault of the bot's own."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the page must say about a run."""

    kind: str
    """For example `no-key` or `stale-index`; see NoticeKind. Other releases may have others."""
    text: str
    """In words."""


@dataclass(frozen=True, slots=True)
class KeywordProposal:
    """A term that is frequent in the papers that rank high, and is no keyword yet."""

    term: str
    """A word, or two. Untrusted: from the texts of papers."""
    papers: int
    """How many more papers of the window would match with it."""
    starred: int = 0
    """Those of them that the reader starred."""
    topic: str = ""
    """Whose keywords it would join; missing without topics."""


@dataclass(frozen=True, slots=True)
class KeptText:
    """What arXiv says of a paper that the reader picked, or has in the library without its abstract."""

    id: str
    """arXiv's, without the version."""
    title: str = ""
    """Empty where arXiv has no paper of this id. Untrusted."""
    abstract: str = ""
    """Untrusted."""
    authors: tuple[str, ...] = ()
    """Their names, in the paper's order."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the archive that this release does not know; kept unchanged."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What the runs of one date saw and spent; where they differ, the last run's figures."""

    date: dt.date
    """In the bot's time zone."""
    last_run: dt.datetime
    """When the date's last run was, in UTC."""
    window_start: dt.datetime
    """Papers submitted since then were asked for, in UTC."""
    fetched: int
    """Papers in the window, of any score and type."""
    matching: int
    """Those of them that match."""
    new: int
    """Those that no earlier digest has: the size of this date's digest."""
    shown: int
    """Those shown in full."""
    announcement_dates: tuple[dt.date, ...] = field(default=(), metadata={**ALWAYS, **json_name("covers")})
    """The arXiv announcements (dates of arXiv's listings) in this digest."""
    stale_since: dt.date | None = field(default=None, metadata={**ALWAYS, **json_name("index_ends")})
    """The last announcement in arXiv's index, if the newest one is missing from it."""
    checked_held_papers: bool = field(default=False, metadata={**ALWAYS, **json_name("looked_back")})
    """A run of this date also asked for papers held longer than the window."""
    followed_up: bool = False
    """A run of this date asked what became of the papers shown before."""
    newest_id: str = ""
    """The id that arXiv announced last among all papers of the window, matching or not."""
    topics: tuple[str, ...] = ()
    """The names of the config's topics on that date; missing without topics."""
    paused_topics: tuple[str, ...] = ()
    """Those of them that were paused."""
    from_feed: bool = False
    """Only arXiv's feed of the day was at hand: the next run with the API looks at this date again."""
    related: int = 0
    """Papers without a keyword that this date's digest lists as related; in none of the other counts."""
    proposals: tuple[KeywordProposal, ...] = ()
    """Keywords that the run proposed to add."""
    input_tokens: int = field(default=0, metadata=ALWAYS)
    """Read by the model."""
    output_tokens: int = field(default=0, metadata=ALWAYS)
    """Written by the model."""
    notices: tuple[Notice, ...] = field(default=(), metadata=ALWAYS)
    """What the page must say about the run."""
    overviews: tuple[Overview, ...] = ()
    """Of the date's papers, one a topic."""
    week_overviews: tuple[Overview, ...] = ()
    """Of the best papers of the week that ended before the run, one a topic; made once."""
    news_sent: dt.datetime | None = None
    """When the notification of the digest was sent, in UTC."""
    trouble_sent: dt.datetime | None = None
    """When the notification of what is missing was sent, in UTC."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the archive that this release does not know; kept unchanged."""
