"""The project's data as frozen values; the package imports no other module of the project.

All instants are aware datetimes in UTC; dates are calendar dates in the user's time zone
unless a field says otherwise.
"""

from paperbot.model.papers import (
    OPTIONAL_TEXTS,
    Candidate,
    LibraryEntry,
    Likeness,
    LikenessBasis,
    Match,
    Paper,
    PaperType,
    Score,
    TopicScore,
    announcement_order,
    rank_key,
)
from paperbot.model.records import (
    Change,
    ChangeKind,
    Entry,
    KeptText,
    KeywordProposal,
    Notice,
    NoticeKind,
    RunRecord,
)
from paperbot.model.summaries import (
    Grounding,
    NoSummaryReason,
    Overview,
    OverviewSentence,
    Summary,
    SummarySource,
    TlDr,
)

__all__ = [
    "OPTIONAL_TEXTS",
    "Candidate",
    "Change",
    "ChangeKind",
    "Entry",
    "Grounding",
    "KeptText",
    "KeywordProposal",
    "LibraryEntry",
    "Likeness",
    "LikenessBasis",
    "Match",
    "NoSummaryReason",
    "Notice",
    "NoticeKind",
    "Overview",
    "OverviewSentence",
    "Paper",
    "PaperType",
    "RunRecord",
    "Score",
    "Summary",
    "SummarySource",
    "TlDr",
    "TopicScore",
    "announcement_order",
    "rank_key",
]
