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

ALWAYS: Mapping[str, Any] = {"always": True}
"""Metadata: written to the archive even where the field has its default."""
INLINE: Mapping[str, Any] = {"inline": True}
"""Metadata: in the archive, the value's fields are fields of the record that holds it."""


def json_name(name: str) -> Mapping[str, Any]:
    """Metadata: what the field is called in the archive."""
    return {"json": name}


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

    @property
    def words(self) -> str:
        """As pages and messages name it, for example `the uploaded PDF`."""
        return {"file": "the uploaded PDF", "text": "the text of the PDF", "abstract": "the abstract"}[self]


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


class NoSummaryReason(StrEnum):
    """Why a paper has no summary."""

    KEY = "key"
    CREDIT = "credit"
    DAILY_QUOTA = "daily-quota"
    RATE = "rate"
    MODEL = "model"
    MODEL_API = "model-api"
    """The model exists, but not for chat completions."""
    PERMISSION = "permission"
    REGION = "region"
    ADDRESS = "address"
    """There is no chat endpoint at `base_url`."""
    SERVER = "server"
    GATEWAY = "gateway"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    LOCAL_SETUP = "local-setup"
    """This machine's proxy or certificates, or the server's address as it is written."""
    MODERATED = "moderated"
    """The provider's content filter refused the paper; it would do so again."""
    TOO_LONG = "too-long"
    FILE = "file"
    NO_TEXT = "no-text"
    """Neither the PDF nor its text could be had."""
    NOT_ACCEPTED = "not-accepted"
    NOT_A_COMPLETION = "not-a-completion"
    EMPTY = "empty"
    UNFINISHED = "unfinished"
    TOKEN_BUDGET = "token-budget"
    TIME_BUDGET = "time-budget"
    BOT_FAULT = "bot-fault"
    OTHER = "other"
    """Read from an archive that has only the words, or a kind of a later release."""

    @classmethod
    def _missing_(cls, _value: object) -> "NoSummaryReason":
        return cls.OTHER


class ChangeKind(StrEnum):
    """What happened to a paper after it was shown."""

    NEW_VERSION = "new-version"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    """At a venue, by the paper's comment."""
    PUBLISHED = "published"
    """It got a DOI or a journal reference."""


class LikenessBasis(StrEnum):
    """What the likeness of a paper was measured against."""

    PICKS = "picks"
    """The reader's picks and library."""
    BEST_MATCHES = "best-matches"
    """The week's best keyword matches, while there are too few picks."""

    @property
    def words(self) -> str:
        """For pages."""
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
        """For example `2512.20276v1`."""
        return f"{self.id}v{self.version}"


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


MIN_EXACT_FIGURES, MAX_MISSING_SHARE = 10, 0.4
"""When a summary's missing figures mean that it is about another text. Measured on 236 real pairs: 100 of 101
summaries of another paper, 1 of 98 of the right one."""


@dataclass(frozen=True, slots=True)
class Grounding:
    """The check of a summary's figures against the paper's text; figures as the summary writes them, once."""

    found: int = field(metadata=json_name("figures_found"))
    """Of the figures in the text, those that are in the paper."""
    checked: int = field(default=0, metadata={**ALWAYS, **json_name("figures_checked")})
    """The figures in the text that were looked for."""
    missing: tuple[str, ...] = field(default=(), metadata={**ALWAYS, **json_name("figures_missing")})
    """Neither found nor worked out from figures that were."""
    exact_found: int | None = field(default=None, metadata=json_name("figures_exact_found"))
    """Of the figures with three significant digits or more, those found; shorter ones are in most papers by
    chance. Null in records of older releases."""
    exact_checked: int = field(default=0, metadata=json_name("figures_exact_checked"))
    """The figures with three significant digits or more, without those worked out."""
    worked_out: tuple[str, ...] = field(default=(), metadata=json_name("figures_worked_out"))
    """Not found, but the difference, ratio, product or change in per cent of found ones beside them."""
    other_row: tuple[str, ...] = field(default=(), metadata=json_name("figures_other_row"))
    """Found, but not in the row of the paper that has the same label and the neighbouring figures."""
    pages: Mapping[str, int] = field(default_factory=dict, metadata=json_name("figures_pages"))
    """The page of the PDF, counted from 1, of figures where it is sure: at most one figure of a sentence or
    table row. Each is meant where the summary has it first."""

    @property
    def mostly_missing(self) -> bool:
        """Perhaps about another text: of ten exact figures or more, over 40 % are not in the paper."""
        if self.exact_found is None or self.exact_checked < MIN_EXACT_FIGURES:
            return False
        return self.exact_checked - self.exact_found > MAX_MISSING_SHARE * self.exact_checked


@dataclass(frozen=True, slots=True)
class Summary:
    """A model's text about a paper, or the reason why there is none."""

    text: str = ""
    """The model's Markdown; missing where there is a `reason`. Untrusted."""
    reason: str = ""
    """Why there is no text, in words."""
    model: str = field(default="", metadata=ALWAYS)
    """The model's name, as the endpoint knows it."""
    source: SummarySource | None = field(default=None, metadata=ALWAYS)
    """What the model read: `file` (the uploaded PDF), `text` (extracted from it) or `abstract`."""
    prompt: str = field(default="", metadata=ALWAYS)
    """A fingerprint of the prompt without the paper."""
    version: int = field(default=1, metadata=ALWAYS)
    """The paper's version that was read."""
    input_tokens: int = field(default=0, metadata=ALWAYS)
    """Read by the model."""
    output_tokens: int = field(default=0, metadata=ALWAYS)
    """Written by the model."""
    made: dt.datetime | None = field(default=None, metadata=ALWAYS)
    """When, in UTC."""
    cut_short: bool = False
    """The model reached its limit of tokens before the text was finished."""
    partial: bool = False
    """The model read only a part of the paper\'s text: the beginning and the end."""
    grounding: Grounding | None = field(default=None, metadata=INLINE)
    hidden_text: str = ""
    """The beginning of text that the PDF hides from human readers, if it does."""
    reason_kind: NoSummaryReason | None = None
    """The kind of the reason; missing in archives of the first edition."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the archive that this release does not know; kept unchanged."""


@dataclass(frozen=True, slots=True)
class TlDr:
    """One sentence about a paper by a model; the answer is kept, so that it is paid for once."""

    text: str
    """One line of plain text; empty where the model's sentence could not be used. Untrusted."""
    model: str = ""
    """The model's name, as the endpoint knows it."""
    prompt: str = ""
    """A fingerprint of the prompt without the paper."""
    version: int = 1
    """The paper's version that was read."""
    input_tokens: int = 0
    """Read by the model in a call of its own; 0 where the sentence came with the summary."""
    output_tokens: int = 0
    """Written by the model in that call."""


@dataclass(frozen=True, slots=True)
class OverviewSentence:
    """One sentence of an overview."""

    text: str
    """One line of plain text, without its references. Untrusted."""
    papers: tuple[str, ...]
    """The ids of the papers that it is about; at least one."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What is new in one topic on one date, by a model, from titles and TL;DRs."""

    topic: str = ""
    """Empty where the config has no topics."""
    sentences: tuple[OverviewSentence, ...] = ()
    """At least two; none where too few of the model's could be used."""
    model: str = ""
    """The model's name, as the endpoint knows it."""
    prompt: str = ""
    """A fingerprint of the prompt with the titles and TL;DRs: with another one, the overview is made anew."""


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


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a paper after it was shown; told once."""

    kind: ChangeKind
    """`new-version`, `withdrawn`, `accepted` or `published`."""
    date: dt.date
    """Of the digest that tells it."""
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
    """So many more papers of the window would match with it."""
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
    news_sent: dt.datetime | None = None
    """When the notification of the digest was sent, in UTC."""
    trouble_sent: dt.datetime | None = None
    """When the notification of what is missing was sent, in UTC."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the archive that this release does not know; kept unchanged."""
