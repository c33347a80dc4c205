"""The weekly round-up: which weeks are due, and what the archive says about one of them. Pure.

A week is an ISO week of digest dates. It is finished when a run could see its last announcement.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from math import sqrt

from paperbot.archive import Archive
from paperbot.model import Change, Entry, KeywordProposal, Overview
from paperbot.ranking.picks import PickKind, starred_first, starred_ids
from paperbot.sources.calendar import INDEX_LAG, Announcement, announcements

MAX_BEST_OF_WEEK = 10
MAX_BEST_OF_TOPIC = 5
BELOW_CUT = 10
WEEKS_COMPARED = 4
KEYWORDS_EACH_WAY = 5
MIN_DEVIATION = 1.0
"""In standard deviations of a count by chance: below it, a keyword neither rose nor fell."""


@dataclass(frozen=True, order=True)  # without slots: cached_property needs a __dict__
class Week:
    """An ISO week, Monday to Sunday."""

    monday: dt.date
    """Its first date."""

    @classmethod
    def of(cls, date: dt.date) -> "Week":
        """The week that has a date."""
        return cls(date - dt.timedelta(days=date.weekday()))

    @classmethod
    def named(cls, name: str) -> "Week":
        """The week with a name like `2026-W47`. Raises ValueError."""
        year, _, number = name.partition("-W")
        return cls(dt.date.fromisocalendar(int(year), int(number), 1))

    def __contains__(self, date: dt.date) -> bool:
        return self.monday <= date <= self.sunday

    @property
    def name(self) -> str:
        """The name, for example `2026-W47`; the year is ISO's, to which a week of two years belongs."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def number(self) -> int:
        """The number of the week in its ISO year, from 1 to 53."""
        return self.monday.isocalendar().week

    @property
    def year(self) -> int:
        """ISO's year."""
        return self.monday.isocalendar().year

    @property
    def sunday(self) -> dt.date:
        """Its last date."""
        return self.monday + dt.timedelta(days=6)

    @cached_property
    def _announcements(self) -> tuple[Announcement, ...]:
        """Those that arXiv's listings date in this week."""
        start = dt.datetime.combine(self.monday - dt.timedelta(days=2), dt.time(), dt.UTC)
        made = announcements(start, start + dt.timedelta(days=9))
        return tuple(announcement for announcement in made if announcement.listing in self)

    @property
    def announcement_dates(self) -> tuple[dt.date, ...]:
        """The announcements (dates of arXiv's listings) of this week by arXiv's calendar."""
        return tuple(announcement.listing for announcement in self._announcements)

    @property
    def holidays(self) -> tuple[dt.date, ...]:
        """Its workdays without an announcement."""
        workdays = (self.monday + dt.timedelta(days=day) for day in range(5))
        return tuple(date for date in workdays if date not in self.announcement_dates)

    @property
    def finished_at(self) -> dt.datetime:
        """When arXiv's index has the last announcement; of a week without any, the end of Friday in UTC."""
        if self._announcements:
            return self._announcements[-1].at + INDEX_LAG
        return dt.datetime.combine(self.monday + dt.timedelta(days=5), dt.time(), dt.UTC)

    def before(self, weeks: int) -> "Week":
        """The week that many weeks earlier."""
        return Week(self.monday - dt.timedelta(weeks=weeks))


@dataclass(frozen=True, slots=True)
class TopicBest:
    """The best papers of one topic in a week."""

    topic: str
    """Empty where the config has no topics."""
    papers: int
    """All that matched."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class KeywordChange:
    """A keyword's papers in a week, beside those of the weeks before."""

    keyword: str
    papers: int
    before: float
    """The average of the weeks before, for as many announcements as this week's digests take in."""

    @property
    def change(self) -> float:
        """More papers than before; negative for fewer."""
        return self.papers - self.before

    @property
    def percent(self) -> int | None:
        """The change in per cent; None where no paper had the keyword before."""
        return round(100 * self.change / self.before) if self.before else None

    @property
    def deviation(self) -> float:
        """The change in standard deviations of a Poisson count, with one paper added: rare keywords vary."""
        return self.change / sqrt(self.before + 1)


@dataclass(frozen=True, slots=True)
class WeekReview:
    """What the archive says about one week."""

    week: Week
    papers: int
    """All that matched."""
    shown: int
    """Those shown in full."""
    dates: tuple[dt.date, ...]
    """Of its digests, oldest first."""
    covered: tuple[dt.date, ...]
    """The announcements (dates of arXiv's listings) that its digests take in, oldest first."""
    best: tuple[TopicBest, ...]
    """By topic, in the order that the config had; withdrawn papers are left out here and below the cut."""
    starred: tuple[Entry, ...]
    """The week's papers that the reader starred, best first."""
    below_cut: tuple[Entry, ...]
    """The best of those listed by title only."""
    changed: tuple[Entry, ...]
    """Papers of any date of whose changes this week's digests tell, starred ones first, then the best."""
    rose: tuple[KeywordChange, ...]
    """Keywords with more papers than in the weeks before, the most remarkable first."""
    fell: tuple[KeywordChange, ...]
    """Those with fewer."""
    weeks_compared: int
    """The weeks before that have digests; 0 where nothing can be compared."""
    proposals: tuple[KeywordProposal, ...] = ()
    """Keywords that the week's first run proposed."""
    overviews: tuple[Overview, ...] = ()
    """Of the best papers, at most one a topic."""

    def with_entries(self, entries: Iterable[Entry]) -> "WeekReview":
        """The review with these entries in place of those with their ids, and without all others."""
        by_id = {entry.paper.id: entry for entry in entries}

        def chosen(old: Sequence[Entry]) -> tuple[Entry, ...]:
            return tuple(by_id[entry.paper.id] for entry in old if entry.paper.id in by_id)

        return replace(
            self,
            best=tuple(replace(topic, entries=chosen(topic.entries)) for topic in self.best),
            starred=chosen(self.starred),
            below_cut=chosen(self.below_cut),
            changed=chosen(self.changed),
        )

    @property
    def name(self) -> str:
        """The week's name, for example `2026-W47`."""
        return self.week.name

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every paper that it names, once."""
        best = (entry for topic in self.best for entry in topic.entries)
        every = (*best, *self.starred, *self.below_cut, *self.changed)
        return tuple({entry.paper.id: entry for entry in every}.values())

    def changes_of(self, entry: Entry) -> tuple[Change, ...]:
        """The paper's changes that this week's digests tell, the oldest first."""
        return tuple(change for change in entry.changes if change.date in self.week)


@dataclass(frozen=True, slots=True)
class WeeklyPages:
    """What a run knows of the pages of weeks."""

    reviews: tuple[WeekReview, ...] = ()
    """The reviews of the weeks whose pages are to be rendered, newest first."""
    weeks: tuple[Week, ...] = ()
    """Every week that has a page when the run is done, newest first."""


def finished_weeks(archive: Archive) -> tuple[Week, ...]:
    """The loaded weeks with a run whose last announcement the latest run could see, newest first."""
    if archive.latest_run is None:
        return ()
    now = archive.latest_run.last_run
    weeks = {Week.of(date) for date in (*archive.runs, *archive.digests)}
    not_loaded = {Week.of(date) for date in archive.dates if date not in archive.digests}
    return tuple(sorted((week for week in weeks - not_loaded if week.finished_at <= now), reverse=True))


def due_weeks(archive: Archive, changed: Collection[dt.date], existing: Collection[Week]) -> tuple[Week, ...]:
    """The finished weeks whose pages are to be made, newest first.

    Those without a page, those in which digests have `changed`, and always the newest: the reader may have
    starred more of its papers.
    """
    finished = finished_weeks(archive)
    touched = {Week.of(date) for date in changed}
    return tuple(week for week in finished if week == finished[0] or week in touched or week not in existing)


def first_date_needed(weeks: Iterable[Week]) -> dt.date:
    """The date from which on the archive must be loaded to review these weeks."""
    return min(weeks).before(WEEKS_COMPARED).monday


def review_week(
    archive: Archive,
    week: Week,
    picks: Mapping[str, PickKind],
) -> WeekReview:
    """Topics are in the order that the config had on the week's last run."""
    entries = [entry for date in archive.digests if date in week for entry in archive.digests[date]]
    known, starred = archive.all_entries, starred_ids(picks)
    changed = {key: one for key, one in known.items() for change in one.changes if change.date in week}
    of_week = [entry for entry in map(known.get, starred) if entry and entry.digest_date in week]
    compared = compared_weeks(archive, week)
    changes = keyword_changes(archive, week, compared)
    return WeekReview(
        week=week,
        papers=len(entries),
        shown=sum(entry.shown for entry in entries),
        dates=tuple(sorted({entry.digest_date for entry in entries})),
        covered=announcements_covered(archive, week),
        best=best_of_week(archive, week),
        starred=_by_points(of_week),
        below_cut=_by_points(entry for entry in entries if not entry.shown and not entry.withdrawn)[
            :BELOW_CUT
        ],
        changed=tuple(starred_first(changed.values(), starred)),
        rose=_most_remarkable(change for change in changes if change.deviation >= MIN_DEVIATION),
        fell=_most_remarkable(change for change in changes if change.deviation <= -MIN_DEVIATION),
        weeks_compared=len(compared),
        proposals=tuple(one for date in archive.runs if date in week for one in archive.runs[date].proposals),
        overviews=tuple(overview for overview in week_overviews(archive, week) if overview.sentences),
    )


def best_of_week(archive: Archive, week: Week) -> tuple[TopicBest, ...]:
    """By topic, in the order that the config had on the week's last run."""
    entries = [entry for date in archive.digests if date in week for entry in archive.digests[date]]
    last_run = max((date for date in archive.runs if date in week), default=None)
    return best_by_topic(entries, archive.runs[last_run].topics if last_run else ())


def week_overviews(archive: Archive, week: Week) -> tuple[Overview, ...]:
    """Those that the runs after a week have asked for, at most one a topic."""
    runs = (archive.runs[date] for date in sorted(archive.runs))
    made = (overview for run in runs for overview in run.week_overviews if overview.week == week.name)
    return tuple({overview.topic: overview for overview in made}.values())


def best_by_topic(entries: Sequence[Entry], topics: Sequence[str]) -> tuple[TopicBest, ...]:
    """The best papers of each topic that has any; topics that the config no longer had come last."""
    by_topic: dict[str, list[Entry]] = {topic: [] for topic in topics}
    for entry in entries:
        by_topic.setdefault(entry.topic, []).append(entry)
    found = {topic: papers for topic, papers in by_topic.items() if papers}
    count = MAX_BEST_OF_WEEK if len(found) == 1 else MAX_BEST_OF_TOPIC
    return tuple(
        TopicBest(topic, len(papers), _by_points(paper for paper in papers if not paper.withdrawn)[:count])
        for topic, papers in found.items()
    )


def compared_weeks(archive: Archive, week: Week) -> tuple[Week, ...]:
    """The four weeks before, without those whose digests take in no announcement."""
    earlier = (week.before(weeks) for weeks in range(1, WEEKS_COMPARED + 1))
    return tuple(one for one in earlier if announcements_covered(archive, one))


def announcements_covered(archive: Archive, week: Week) -> tuple[dt.date, ...]:
    """The announcements that a week's digests take in; the digests' dates where old records don't say."""
    runs = [run for date, run in archive.runs.items() if date in week]
    covered = {date for run in runs for date in run.announcement_dates}
    return tuple(sorted(covered or {date for date in archive.digests if date in week}))


def keyword_changes(archive: Archive, week: Week, compared: Sequence[Week]) -> list[KeywordChange]:
    """Each keyword of the week's papers, in no particular order.

    One that only earlier weeks have is left out: the archive can't tell whether the config still has it.

    The average is scaled by announcements: a week of holidays has fewer papers, and a first run takes in
    several days at once. Without it, all keywords would fall or rise together.
    """
    now = _keyword_counts(archive, [week])
    before = _keyword_counts(archive, compared)
    if not compared:
        return []
    covered_before = sum(len(announcements_covered(archive, one)) for one in compared)
    scale = len(announcements_covered(archive, week)) / covered_before
    return [KeywordChange(name, papers, scale * before[name]) for name, papers in now.items()]


def _keyword_counts(archive: Archive, weeks: Collection[Week]) -> Counter[str]:
    """How many papers have each keyword."""
    counts: Counter[str] = Counter()
    for date, of_date in archive.keyword_counts.items():
        if Week.of(date) in weeks:
            counts.update(of_date)
    return counts


def _most_remarkable(changes: Iterable[KeywordChange]) -> tuple[KeywordChange, ...]:
    ranked = sorted(changes, key=lambda change: (-abs(change.deviation), change.keyword))
    return tuple(islice(ranked, KEYWORDS_EACH_WAY))


def _by_points(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.rank_key))
