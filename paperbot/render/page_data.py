"""What each page's template is given as `page`: the model's values, and how much of them the page shows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from paperbot.archive import Archive
from paperbot.archive.layout import (
    READING_LIST,
    day_path,
    entries_path,
    in_archive,
    month_of,
    week_path,
)
from paperbot.config import Config
from paperbot.model import Change, Entry, RunRecord
from paperbot.ranking.picks import starred_first, starred_ids
from paperbot.ranking.topics import in_turn
from paperbot.reading_list import ReadingList
from paperbot.render.facts import abs_url, anchor
from paperbot.render.links import (
    FROM_DATED_PAGE,
    FROM_README,
    DateLink,
    ExportUrls,
    MonthLinks,
    WeekLink,
    date_link,
    earlier_digests,
    week_link,
)
from paperbot.render.overview_on_page import OverviewOnPage, overviews_on_page, week_overviews_on_page
from paperbot.render.repository import RepositoryInfo
from paperbot.render.safe import SafeUrl, safe_url
from paperbot.render.size_limit import PAGE_MAX_BYTES, Detail
from paperbot.render.topic_sections import TopicFeed, TopicSection, count_topics, topic_names, topic_sections
from paperbot.summaries import cost_in_words
from paperbot.weekly import Week, WeekReview

EARLIER_ON_README = 14
WEEKS_ON_README = 4
TITLES_ON_README = 50
TITLES_ON_DAY_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart in light and in dark colours."""

    light: SafeUrl
    dark: SafeUrl
    text: str
    """Its figures in a sentence."""


@dataclass(frozen=True, slots=True)
class QuietDays:
    """The latest runs brought no paper, so the page still shows an older digest."""

    since: dt.date
    """The date of the digest on the page."""
    last_announcement: dt.date | None
    """The newest of arXiv's announcements that any run took in."""
    without_match: tuple[dt.date, ...]
    """Announcements since then in which nothing new matched."""


@dataclass(frozen=True, slots=True)
class DigestOnPage:
    """One date's papers, and how much of them the page shows.

    With topics, `shown` and `listed` begin with the best paper of every topic: what is last in them loses its
    space first, so that each topic has its share of the page.
    """

    date: dt.date
    shown: tuple[Entry, ...]
    """Those shown in full by rank, whether or not the page has space for all of them."""
    listed: tuple[Entry, ...]
    """Those below them."""
    run: RunRecord | None
    """None where an interrupted run left no record."""
    detail: Detail
    max_titles: int
    archive_url: str
    """The path from the page to archive/, ending in a slash."""
    price_text: str = ""
    """The cost of the date's summaries, for example `0.42 CNY`; empty where no price is configured."""
    topics: tuple[str, ...] = ()
    """The names of the page's topics; empty without topics."""
    changed: tuple[Entry, ...] = ()
    """Papers of any digest whose changes are told on this page, the starred ones first, then the best."""
    until: dt.date = dt.date.max
    """The date of the next digest: later changes are told on its page."""
    related: tuple[Entry, ...] = ()
    """Papers without a keyword that are like the reader's."""
    repository: RepositoryInfo = RepositoryInfo()

    def changes_of(self, entry: Entry) -> tuple[Change, ...]:
        """The paper's changes that this page tells, the oldest first."""
        return _changes_between(entry, self.date, self.until)

    @property
    def changes_week(self) -> WeekLink | None:
        """The round-up that tells all of the changes, once its week is over; None without changes."""
        dates = [change.date for entry in self.changed for change in self.changes_of(entry)]
        return week_link(Week.of(max(dates)), self.archive_url) if dates else None

    @property
    def sections(self) -> tuple[TopicSection, ...]:
        """The papers by topic, a topic without papers included; empty without topics."""
        of_date = (*self.shown, *self.listed)
        return topic_sections(self.topics, of_date, self.in_full, self.by_title, self.related)

    @property
    def without_space(self) -> tuple[str, ...]:
        """The ids of the papers for whose summaries the page has no space."""
        return tuple(entry.paper.id for entry in self.shown[self.detail.summaries :])

    @property
    def total(self) -> int:
        """All papers of the digest."""
        return len(self.shown) + len(self.listed)

    @property
    def in_full(self) -> tuple[Entry, ...]:
        """The papers that the page shows in full, topic by topic, best first."""
        in_full = self.shown[: self.detail.papers]
        return tuple(sorted(in_full, key=lambda entry: self.topics.index(entry.topic) if self.topics else 0))

    @property
    def by_title(self) -> tuple[Entry, ...]:
        """The papers that the page lists by title."""
        return (*self.shown[self.detail.papers :], *self.listed)[: self.detail.titles]

    @property
    def overviews(self) -> tuple[OverviewOnPage, ...]:
        """The overviews with references to papers in full on the page; a sentence without any is left out."""
        return overviews_on_page(self.run.overviews if self.run else (), self.in_full)

    @property
    def titles_left_out(self) -> int:
        """Papers that the page does not name."""
        return self.total - len(self.in_full) - len(self.by_title)

    @property
    def is_shortened(self) -> bool:
        """The size limit made the page leave something out."""
        return self.detail != self.whole

    @property
    def explains_likeness(self) -> bool:
        """The page lists every word of a paper's likeness, in a fold: a day's page does."""
        return self.archive_url == FROM_DATED_PAGE

    @property
    def whole(self) -> Detail:
        """Everything that the page shows where the size limit allows."""
        return Detail.whole(len(self.shown), min(len(self.listed), self.max_titles))

    @property
    def max_bytes(self) -> int:
        """The page's size limit."""
        return PAGE_MAX_BYTES

    @property
    def url(self) -> SafeUrl:
        """This date's page, as a link from the page it is on."""
        return SafeUrl(self.archive_url + in_archive(day_path(self.date)))

    @property
    def exports(self) -> ExportUrls:
        """The files with the papers shown in full."""
        return ExportUrls(self.url.removesuffix(".md"))

    @property
    def data_url(self) -> SafeUrl:
        """The month's JSON lines, as a link from the page."""
        return SafeUrl(self.archive_url + in_archive(entries_path(month_of(self.date))))


@dataclass(frozen=True, slots=True)
class ReadmePage:
    """`page` in README.md.j2."""

    archive: Archive
    config: Config
    repository: RepositoryInfo
    digest: DigestOnPage | None
    """The newest; None until a first paper has matched."""
    pictures: tuple[Picture, ...] = ()
    faults: tuple[str, ...] = ()
    """Sentences about charts that could not be made."""
    weeks: tuple[WeekLink, ...] = ()
    """The newest weekly round-ups, at most 4."""

    @property
    def latest_run(self) -> RunRecord | None:
        """The latest run with or without papers; None before the first."""
        return self.archive.latest_run

    @property
    def next_run(self) -> dt.datetime | None:
        """When the workflow runs next, in the config's time zone; None where its times are unknown."""
        run = self.archive.latest_run
        due = self.repository.schedule.next_run(run.last_run) if run else None
        return due.astimezone(self.config.zone) if due else None

    @property
    def quiet(self) -> QuietDays | None:
        """None where the latest run brought papers."""
        since, latest = self.archive.newest_date, self.archive.latest_run
        if not since or not latest or latest.date <= since:
            return None
        runs = self.archive.runs.values()
        announced = [date for run in runs for date in run.announcement_dates]
        later = {date for run in runs if run.date > since for date in run.announcement_dates}
        return QuietDays(since, max(announced, default=None), tuple(sorted(later)))

    @property
    def earlier(self) -> tuple[DateLink, ...]:
        """The digests before the one on the page, newest first, at most 14."""
        newest = self.archive.newest_date
        return earlier_digests(self.archive, newest, FROM_README, EARLIER_ON_README) if newest else ()

    @property
    def feed_url(self) -> SafeUrl:
        """The feed of all papers; empty where it has no address."""
        return self.repository.feed_url(self.config)

    @property
    def topic_feeds(self) -> tuple[TopicFeed, ...]:
        """One for each topic of the config; none where they have no address."""
        all_papers = self.feed_url.removesuffix("rss.xml")
        topics = self.config.topics if all_papers else ()
        return tuple(
            TopicFeed(topic.name, safe_url(f"{all_papers}rss/topic-{topic.slug}.xml")) for topic in topics
        )


@dataclass(frozen=True, slots=True)
class DayPage:
    """`page` in day.md.j2."""

    archive: Archive
    config: Config
    repository: RepositoryInfo
    digest: DigestOnPage

    @property
    def previous(self) -> DateLink | None:
        """The digest before this one."""
        return next(iter(earlier_digests(self.archive, self.digest.date, FROM_DATED_PAGE, 1)), None)


@dataclass(frozen=True, slots=True)
class TopicCounts:
    """How many papers each topic has in one digest."""

    digest: DateLink
    topics: tuple[tuple[str, int], ...]
    """Names and numbers, the most papers first."""


@dataclass(frozen=True, slots=True)
class IndexPage:
    """`page` in archive_index.md.j2."""

    archive: Archive
    config: Config
    repository: RepositoryInfo
    weeks: tuple[WeekLink, ...] = ()
    """The weekly round-ups, newest first."""

    @property
    def by_topic(self) -> tuple[TopicCounts, ...]:
        """The newest digests with topics, newest first, at most 14."""
        found = ((date, count_topics(entries)) for date, entries in self.archive.digests.items())
        with_topics = ((date, counts) for date, counts in found if counts)
        return tuple(
            TopicCounts(date_link(self.archive, date, ""), counts)
            for date, counts in islice(with_topics, EARLIER_ON_README)
        )

    @property
    def months(self) -> tuple[MonthLinks, ...]:
        """Newest first."""
        by_month = groupby(self.archive.dates, key=lambda date: date.replace(day=1))
        return tuple(
            MonthLinks(
                first=first,
                digests=tuple(date_link(self.archive, date, "") for date in reversed(list(dates))),
                data_url=SafeUrl(in_archive(entries_path(month_of(first)))),
            )
            for first, dates in by_month
        )


@dataclass(frozen=True, slots=True)
class WeekPage:
    """`page` in week.md.j2."""

    archive: Archive
    config: Config
    repository: RepositoryInfo
    review: WeekReview
    picture: Picture | None = None
    """The keywords that rose and fell; None where none did, or where there is nothing to compare with."""
    previous: WeekLink | None = None
    """The round-up before this one."""

    @property
    def exports(self) -> ExportUrls:
        """The files with the papers that the page names."""
        return ExportUrls(f"../{in_archive(week_path(self.review.week.name))}".removesuffix(".md"))

    @property
    def digests(self) -> tuple[DateLink, ...]:
        """The digests of the week, oldest first."""
        return tuple(date_link(self.archive, date, FROM_DATED_PAGE) for date in self.review.dates)

    @property
    def overviews(self) -> tuple[OverviewOnPage, ...]:
        """Of the week's best papers, at most one a topic."""
        return week_overviews_on_page(self.review)

    def paper_url(self, entry: Entry) -> SafeUrl:
        """A paper in the page of its digest; on arXiv where that page only lists it."""
        if not entry.shown:
            return abs_url(entry.paper)
        day = date_link(self.archive, entry.digest_date, FROM_DATED_PAGE).url
        return SafeUrl(f"{day}#{anchor(entry.paper)}")


@dataclass(frozen=True, slots=True)
class ReadingListPage:
    """`page` in reading_list.md.j2."""

    repository: RepositoryInfo
    reading_list: ReadingList

    @property
    def exports(self) -> ExportUrls:
        """The files with the same papers."""
        return ExportUrls(in_archive(READING_LIST).removesuffix(".md"))

    def digest_url(self, entry: Entry) -> SafeUrl:
        """The page of the digest that has the paper."""
        return SafeUrl(in_archive(day_path(entry.digest_date)))


def digest_on_page(
    date: dt.date,
    entries: Sequence[Entry],
    archive: Archive,
    config: Config,
    archive_url: str,
    max_titles: int,
    repository: RepositoryInfo,
    topics: Sequence[str] = (),
) -> DigestOnPage:
    """The digest with everything that a page without a size limit would show of these entries.

    They are those of `entries_of_page`, or of the date alone. `topics` are named even without papers.
    """
    related_ids = {entry.paper.id for entry in archive.related_of(date)}
    of_date = [entry for entry in entries if entry.digest_date == date]
    related = tuple(entry for entry in of_date if entry.paper.id in related_ids)
    matching = [entry for entry in of_date if entry.paper.id not in related_ids]
    shown = tuple(in_turn(entry for entry in matching if entry.shown))
    listed = tuple(in_turn(entry for entry in matching if not entry.shown))
    run, price = archive.runs.get(date), config.ai_summary.price
    until = _next_date(archive, date)
    changed = [entry for entry in entries if _changes_between(entry, date, until)]
    return DigestOnPage(
        date=date,
        shown=shown,
        listed=listed,
        run=run,
        detail=Detail.whole(len(shown), min(len(listed), max_titles)),
        max_titles=max_titles,
        archive_url=archive_url,
        price_text=cost_in_words(price, run.input_tokens, run.output_tokens) if run else "",
        topics=topic_names((*matching, *related), topics),
        changed=tuple(starred_first(changed, starred_ids(repository.picks))),
        until=until,
        related=related,
        repository=repository,
    )


def entries_of_page(archive: Archive, date: dt.date) -> list[Entry]:
    """A date's papers by rank, its related ones, and those of other digests that changed before the next."""
    until = _next_date(archive, date)
    others = (entry for entry in archive.all_entries.values() if entry.digest_date != date)
    changed = (entry for entry in others if _changes_between(entry, date, until))
    return [*archive.of(date), *archive.related_of(date), *changed]


def _changes_between(entry: Entry, since: dt.date, until: dt.date) -> tuple[Change, ...]:
    return tuple(change for change in entry.changes if since <= change.date < until)


def _next_date(archive: Archive, date: dt.date) -> dt.date:
    """The date of the next digest; far in the future for the newest."""
    return min((later for later in archive.dates if later > date), default=dt.date.max)
