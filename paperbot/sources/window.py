"""Which announcements a run is about, and which of arXiv's papers belong to them.

arXiv gives ids in the order of announcement, whatever the dates of submission. So a paper that was held by
the moderators is recognised by its id: it lies above the highest one that an earlier run has seen.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from paperbot.config import Config
from paperbot.model import Entry, Notice, NoticeKind, Paper, RunRecord, announcement_order
from paperbot.sources.atom import BrokenEntry
from paperbot.sources.calendar import INDEX_LAG, Announcement, indexed, stale_since

MAX_PAUSE_DAYS = 31
"""Papers that were held for weeks and announced before so long a pause are not looked for."""
USUALLY_HELD = dt.timedelta(days=8)
"""Every run looks for papers held so long; for those held longer, the first run of a week."""
MAX_BREAK = dt.timedelta(days=14)
MAX_WINDOW_GROWTH = dt.timedelta(days=5)
"""Between two runs of a date; more comes from another `days_back`."""


@dataclass(frozen=True, slots=True)
class FetchedWindow:
    """What a source has of a window, complete but for what the notices name."""

    now: dt.datetime
    window_start: dt.datetime
    papers: Mapping[str, Paper] = field(repr=False)
    """By id."""
    announcement_dates: tuple[dt.date, ...] = ()
    """Those that no earlier digest has, as arXiv's listings date them."""
    checked_held_papers: bool = False
    stale_since: dt.date | None = None
    """The last announcement in arXiv's index, if its newest one is missing from it."""
    newest_id: str = ""
    """The highest id of all papers that the source has."""
    from_feed: bool = False
    notices: tuple[Notice, ...] = ()


class PaperSource(Protocol):
    """Where papers come from."""

    def fetch_window(self, window: "Window") -> FetchedWindow:
        """The papers announced in the window. Raises SourceError if the source gives no complete answer."""


@dataclass(frozen=True, slots=True)
class Window:
    """The announcements of a run, and where their papers can be found."""

    categories: tuple[str, ...]
    now: dt.datetime
    start: dt.datetime
    """What was submitted since then was not announced before the window."""
    query_start: dt.datetime
    """Papers submitted since then are asked for: those that were held are among them."""
    above_id: str | None
    """Of those submitted before `start`, the ones with a higher id belong to the window; None: none."""
    announcements: tuple[dt.date, ...]
    """Dates of arXiv's listings, the oldest first, that no earlier digest has."""
    checks_held_papers: bool = False

    def select(self, papers: Mapping[str, Paper], broken: Iterable[BrokenEntry] = ()) -> FetchedWindow:
        """The papers announced in the window, among all those submitted since `query_start`."""
        stale = stale_since(papers.values(), self.query_start, self.now)
        return FetchedWindow(
            now=self.now,
            window_start=self.start,
            papers={key: paper for key, paper in papers.items() if self.includes(paper)},
            announcement_dates=tuple(day for day in self.announcements if stale is None or day <= stale),
            checked_held_papers=self.checks_held_papers,
            stale_since=stale,
            newest_id=max(papers, key=announcement_order, default=""),
            notices=tuple(map(broken_notice, broken)),
        )

    def includes(self, paper: Paper) -> bool:
        """Was the paper announced in the window?"""
        if paper.published >= self.start:
            return True
        return self.above_id is not None and announcement_order(paper.id) > announcement_order(self.above_id)


def plan_window(
    config: Config, now: dt.datetime, runs: Collection[RunRecord], entries: Collection[Entry]
) -> Window:
    """The announcements of the last `days_back` days, and everything announced since the last digest.

    `runs` and `entries` are the archive's; a fresh one takes nothing from before the window.
    """
    today = now.astimezone(config.zone).date()
    history = _History.before(today, runs, entries)
    recent = history.recent(config.days_back, now)
    unseen = history.unseen(max(config.days_back, config.arxiv.held_days), now)
    wanted = min((*recent, *unseen), key=lambda announcement: announcement.at, default=None)
    deadline = indexed(now - MAX_BREAK, now)[-1].closes  # what was submitted later is not announced yet
    start = _same_window(runs, today, wanted.opens if wanted else deadline)
    query_start = min(start, (unseen[0].at if unseen else now) - USUALLY_HELD)
    window_begins = today - dt.timedelta(days=config.days_back + 1)
    above_id = history.highest_id(window_begins)
    if history.dates and _has_new_topic(config, runs):
        # Its papers of the window were in no digest, however long they had been held.
        query_start = min(query_start, now - dt.timedelta(config.arxiv.held_days))
    is_checked = any(run.checked_held_papers for run in runs if run.date == today)
    checks_held = config.arxiv.held_days > 0 and not is_checked and history.is_due(today, config.days_back)
    if checks_held:
        above_id = history.highest_id(min(history.last_check, window_begins))
        query_start = min(query_start, now - dt.timedelta(config.arxiv.held_days) - history.pause(today))
    digested = {day for run in runs if run.date < today for day in run.announcement_dates}
    listings = [announcement.listing for announcement in (unseen or ([] if history.dates else recent))]
    return Window(
        categories=config.categories,
        now=now,
        start=start,
        query_start=query_start,
        above_id=above_id,
        announcements=tuple(day for day in listings if day not in digested),
        checks_held_papers=checks_held,
    )


@dataclass(frozen=True, slots=True)
class _History:
    """The runs and digests of earlier dates, without those from the feed.

    A day from the feed alone says nothing about what was announced before it.
    """

    runs: tuple[RunRecord, ...]
    entries: tuple[Entry, ...]

    @classmethod
    def before(cls, date: dt.date, runs: Collection[RunRecord], entries: Iterable[Entry]) -> "_History":
        """What the archive has of the dates before this one."""
        from_feed = {run.date for run in runs if run.from_feed}
        return cls(
            tuple(run for run in runs if run.date < date and not run.from_feed),
            tuple(e for e in entries if e.digest_date < date and e.digest_date not in from_feed),
        )

    @property
    def dates(self) -> set[dt.date]:
        return {run.date for run in self.runs} | {entry.digest_date for entry in self.entries}

    @property
    def last_listing(self) -> dt.date | None:
        """The newest announcement that was seen; None for a fresh archive."""
        if listings := [day for run in self.runs for day in run.announcement_dates]:
            return max(listings)
        if self.runs:  # on days without an announcement
            last_run = max(run.last_run for run in self.runs)
            return indexed(last_run - MAX_BREAK, last_run)[-1].listing
        return max((entry.digest_date for entry in self.entries), default=None)

    @property
    def last_check(self) -> dt.date:
        """When papers held longer were last looked for; a first run has no need to."""
        checks = [run.date for run in self.runs if run.checked_held_papers]
        return max(checks, default=min(self.dates))

    def recent(self, days_back: int, now: dt.datetime) -> tuple[Announcement, ...]:
        """The announcements of the last `days_back` days; for a fresh archive the newest one at least."""
        found = indexed(now - INDEX_LAG - dt.timedelta(days=days_back), now)
        return found if found or self.dates else indexed(now - MAX_BREAK, now)[-1:]

    def unseen(self, days: int, now: dt.datetime) -> tuple[Announcement, ...]:
        """The announcements since the last digest, within so many days; none for a fresh archive."""
        last = self.last_listing
        found = indexed(now - INDEX_LAG - dt.timedelta(days=days), now) if last else ()
        return tuple(announcement for announcement in found if last and announcement.listing > last)

    def highest_id(self, until: dt.date) -> str | None:
        """The highest id that runs until then have seen; the first run's, if none is as old.

        All that was announced since has a higher id. None for a fresh archive.
        """
        if not self.dates:
            return None
        until = max(until, min(self.dates))
        ids = [run.newest_id for run in self.runs if run.date <= until and run.newest_id]
        ids += [entry.paper.id for entry in self.entries if entry.digest_date <= until]
        return max(ids, key=announcement_order, default=None)

    def is_due(self, today: dt.date, days_back: int) -> bool:
        """Is this the first run of a week, or the first after more than `days_back` days without one?"""
        if not self.dates:
            return False
        dates = [run.date for run in self.runs]
        monday = today - dt.timedelta(days=today.weekday())
        return not dates or max(dates) < monday or (today - max(dates)).days > days_back

    def pause(self, today: dt.date) -> dt.timedelta:
        """How long ago the last check for held papers was, at most MAX_PAUSE_DAYS."""
        return dt.timedelta(days=min((today - self.last_check).days, MAX_PAUSE_DAYS))


def _has_new_topic(config: Config, runs: Iterable[RunRecord]) -> bool:
    """Does the config have a topic that the last run did not rank by, since it was not there or paused?"""
    last = max((run for run in runs if not run.from_feed), key=lambda run: run.date, default=None)
    known = set(last.topics) - set(last.paused_topics) if last else ()
    return any(topic.name not in known for topic in config.topics if not topic.paused)


def _same_window(runs: Iterable[RunRecord], today: dt.date, start: dt.datetime) -> dt.datetime:
    """A later run of a date begins where its first one began, so that both speak of the same window."""
    first = next((run.window_start for run in runs if run.date == today and not run.from_feed), start)
    return first if start - MAX_WINDOW_GROWTH <= first < start else start


def broken_notice(entry: BrokenEntry) -> Notice:
    """What the page says of an entry that was left out."""
    paper = f"The entry of {entry.id}" if entry.id else "An entry"
    return Notice(NoticeKind.BROKEN_ENTRY, f"{paper} in arXiv's answer {entry.problem}; it was left out.")
