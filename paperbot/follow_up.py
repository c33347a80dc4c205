"""Follow-up: what happened to papers after they were shown. Decides which papers to ask for and what is news.

A change is told once: the entry is updated to the paper as it is now, and keeps the change.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from paperbot.archive import Archive
from paperbot.model import Change, ChangeKind, Entry, Paper
from paperbot.ranking.keywords import is_withdrawn, withdrawal_notice
from paperbot.ranking.picks import starred_first
from paperbot.text import truncate
from paperbot.text.venues import venues_in

MAX_PAPERS = 2_000
"""Asked for in a week: ten requests."""
MAX_TEXT_CHARS = 300
ARXIV_DOI = "10.48550/"
"""The prefix of the DOIs that arXiv gives to all its papers: no publication."""


@dataclass(frozen=True, slots=True)
class Following:
    """The rules for which papers are looked up again on a date."""

    today: dt.date
    days: int
    """`follow_up.days`; 0: no paper's."""
    starred: Collection[str] = frozenset()
    """Ids of papers; these are followed however old they are."""

    def includes(self, entry: Entry) -> bool:
        """Shown in full on one of the last days before today, or starred."""
        age_days = (self.today - entry.digest_date).days
        if not self.days or age_days <= 0:
            return False
        return entry.paper.id in self.starred or (entry.shown and age_days <= self.days)

    def ids(self, archive: Archive) -> tuple[str, ...]:
        """The papers to ask for today, the starred ones first, then the best; at most MAX_PAPERS.

        Those followed, if no run of this week has asked yet, and at any time those known from the feed alone:
        an old paper that was cross-listed is in no later window.
        """
        is_due = self.is_due(archive)
        wanted = (e for e in archive.entries.values() if e.paper.from_feed or (is_due and self.includes(e)))
        return tuple(entry.paper.id for entry in starred_first(wanted, self.starred))[:MAX_PAPERS]

    def is_due(self, archive: Archive) -> bool:
        """Has no run of this week asked yet?"""
        monday = self.today - dt.timedelta(days=self.today.weekday())
        return not any(run.followed_up for date, run in archive.runs.items() if date >= monday)


def updated_entries(archive: Archive, papers: Iterable[Paper], following: Following) -> list[Entry]:
    """The entries of those papers that are not as the archive has them.

    Title and abstract stay as they were shown, except for a paper known from the feed alone, which is taken
    as it is now.
    """
    known = ((archive.entries.get(paper.id), paper) for paper in papers if not paper.from_feed)
    pairs = [(entry, paper) for entry, paper in known if entry and paper.version >= entry.paper.version]
    updated = [(entry, _updated(entry, paper, following)) for entry, paper in pairs]
    return [now for before, now in updated if now != before]


def _updated(entry: Entry, paper: Paper, following: Following) -> Entry:
    before = entry.paper
    changes = _changes(entry, paper, following.today) if following.includes(entry) else ()
    told = {(change.kind, change.version, change.text) for change in entry.changes}
    as_shown = replace(paper, abstract=paper.abstract if entry.shown else "") if before.from_feed else before
    return replace(
        entry,
        paper=replace(
            as_shown,
            version=paper.version,
            updated=paper.updated,
            comment=paper.comment,
            journal_ref=paper.journal_ref or before.journal_ref,
            doi=paper.doi or before.doi,
        ),
        withdrawn=is_withdrawn(paper),
        changes=(*entry.changes, *(c for c in changes if (c.kind, c.version, c.text) not in told)),
    )


def _changes(entry: Entry, paper: Paper, today: dt.date) -> Iterator[Change]:
    """In the order in which a page tells them."""
    before = entry.paper
    if is_withdrawn(paper):
        if not entry.withdrawn:
            yield _change(ChangeKind.WITHDRAWN, withdrawal_notice(paper), paper, today)
    elif paper.version > before.version:
        yield _change(ChangeKind.NEW_VERSION, _age_of_version_before(before, paper), paper, today)
    known_venues = venues_in(before.comment)
    venues = [venue for venue in venues_in(paper.comment) if venue not in known_venues]
    if venues and not before.from_feed:  # else the comment was not known
        yield _change(ChangeKind.ACCEPTED, ", ".join(venues), paper, today)
    if paper.journal_ref and paper.journal_ref != before.journal_ref:
        yield _change(ChangeKind.PUBLISHED, paper.journal_ref, paper, today)
    elif paper.doi and paper.doi != before.doi and not paper.doi.startswith(ARXIV_DOI):
        yield _change(ChangeKind.PUBLISHED, f"DOI {paper.doi}", paper, today)


def _change(kind: ChangeKind, text: str, paper: Paper, today: dt.date) -> Change:
    return Change(kind, today, truncate(text, MAX_TEXT_CHARS), paper.version)


def _age_of_version_before(before: Paper, paper: Paper) -> str:
    """For example `9 days after v1`."""
    since = paper.published if before.version == 1 else before.updated
    days = (paper.updated - since).days
    words = {0: "less than a day", 1: "1 day"}.get(days, f"{days} days")
    return f"{words} after v{before.version}"
