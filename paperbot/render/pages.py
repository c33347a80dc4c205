"""The list of pages and charts that a run renders from the archive, the config and the templates.

The same input gives the same bytes: the only clock is the time of the last run in the archive.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from paperbot.archive import Archive
from paperbot.archive.layout import INDEX, READING_LIST, day_path, week_path
from paperbot.config import Config
from paperbot.containment import FAULT_TEXT
from paperbot.model import Entry
from paperbot.reading_list import ReadingList
from paperbot.render.facts import title
from paperbot.render.last_resort import last_resort_page
from paperbot.render.links import FROM_DATED_PAGE, FROM_README, week_link
from paperbot.render.page_data import (
    TITLES_ON_DAY_PAGE,
    TITLES_ON_README,
    WEEKS_ON_README,
    DayPage,
    DigestOnPage,
    IndexPage,
    ReadingListPage,
    ReadmePage,
    WeekPage,
    digest_on_page,
    entries_of_page,
)
from paperbot.render.pictures import Pictures, render_pictures
from paperbot.render.repository import RepositoryInfo
from paperbot.render.size_limit import PAGE_MAX_BYTES, AbstractDetail, Detail, RenderedPage, shrink_to_limit
from paperbot.render.templating import Templates, render
from paperbot.render.topic_sections import topics_in_use, topics_of_date
from paperbot.render.validated import DigestPage, render_validated
from paperbot.text import limit_formulas
from paperbot.text.page_check import PaperSection
from paperbot.weekly import WeeklyPages

README = "README.md"
NO_WEEKS = WeeklyPages()
NO_PAPERS = Detail(papers=0, summaries=0, abstracts=AbstractDetail.NONE, titles=0)


@dataclass(frozen=True, slots=True)
class PageSource:
    """What pages are made from."""

    archive: Archive
    config: Config
    repository: RepositoryInfo
    dates: Collection[dt.date]
    """Those whose day pages are wanted."""
    pictures: Pictures
    weekly: WeeklyPages
    reading_list: ReadingList | None = None
    """None where there is none to be rendered."""


class PaperLists(Protocol):
    """The papers of a page that lists them by title."""

    @property
    def name(self) -> str:
        """What they are the papers of."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every paper that the page names, once."""

    def with_entries(self, entries: Sequence[Entry]) -> "PaperLists":
        """The same lists with these entries instead of those with the same ids."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: its name, template and data, the limit of its size, and its papers, if any.

    A page with papers is checked against its reference page, and shows less where it would be too large.
    """

    path: str
    """From the root."""
    template: str
    data: Callable[[Any], object]
    """The template's `page`, given the part of the digest, or of the papers, that the page shows."""
    date: dt.date | None = None
    """Of its digest."""
    archive_url: str = ""
    """The path from the page to archive/, ending in a slash."""
    max_titles: int = 0
    """Papers listed by title, at most."""
    topics: tuple[str, ...] = ()
    """The first ones, in the page's order; those without papers are named too."""
    max_bytes: int = PAGE_MAX_BYTES
    papers: PaperLists | None = None
    """Of a page that is no digest's, for example of a week."""

    def last_resort(self, archive: Archive) -> str | None:
        """The page's papers by title, for when a fault prevents the page; None for a page without papers."""
        if self.papers:
            return last_resort_page(self.papers.entries, self.papers.name)
        return last_resort_page(archive.of(self.date)) if self.date else None


def readme_pages(source: PageSource) -> Iterator[Page]:
    """README.md: the newest digest, or how to begin."""
    data = partial(
        ReadmePage,
        source.archive,
        source.config,
        source.repository,
        pictures=source.pictures.on_readme,
        faults=source.pictures.faults,
        weeks=tuple(week_link(week, FROM_README) for week in source.weekly.weeks[:WEEKS_ON_README]),
    )
    newest, topics = source.archive.newest_date, topics_in_use(source.config)
    yield Page(README, "README.md.j2", data, newest, FROM_README, TITLES_ON_README, topics)


def day_pages(source: PageSource) -> Iterator[Page]:
    """A page for each date, which keeps what the README showed on it."""
    for date in source.archive.digests:
        if date in source.dates:
            data = partial(DayPage, source.archive, source.config, source.repository)
            topics = topics_of_date(source.archive, date)
            yield Page(day_path(date), "day.md.j2", data, date, FROM_DATED_PAGE, TITLES_ON_DAY_PAGE, topics)


def index_pages(source: PageSource) -> Iterator[Page]:
    """Every digest's date there ever was; none before the first run."""
    if source.archive.runs or source.archive.digests:
        weeks = tuple(week_link(week, "") for week in source.weekly.weeks)
        yield Page(
            INDEX,
            "archive_index.md.j2",
            lambda _: IndexPage(source.archive, source.config, source.repository, weeks),
        )


def week_pages(source: PageSource) -> Iterator[Page]:
    """The weekly round-ups that are due."""
    for review in source.weekly.reviews:
        earlier = (week for week in source.weekly.weeks if week < review.week)
        data = partial(
            WeekPage,
            source.archive,
            source.config,
            source.repository,
            picture=source.pictures.of_weeks.get(review.week),
            previous=next((week_link(week, FROM_DATED_PAGE) for week in earlier), None),
        )
        yield Page(week_path(review.week.name), "week.md.j2", data, papers=review)


def reading_list_pages(source: PageSource) -> Iterator[Page]:
    """The starred papers."""
    if source.reading_list:
        data = partial(ReadingListPage, source.repository)
        yield Page(READING_LIST, "reading_list.md.j2", data, papers=source.reading_list)


PAGES = {
    "README.md": readme_pages,
    "The day pages": day_pages,
    "The archive's index": index_pages,
    "The weekly pages": week_pages,
    "The reading list": reading_list_pages,
}
"""A further page needs an entry here and a template."""


def render_pages(
    archive: Archive,
    config: Config,
    templates: Templates,
    repository: RepositoryInfo,
    dates: Collection[dt.date] | None = None,
    weekly: WeeklyPages = NO_WEEKS,
    reading_list: ReadingList | None = None,
) -> dict[str, str]:
    """Every page and chart by its path from the root; before the first run, README.md alone.

    `dates` names the day pages that are wanted; without it, that of the newest digest. A fault of the bot's
    own costs the chart or page that it is in: a page without papers is then left out, any other lists them by
    title. Raises UserError for a template that can't be rendered.
    """
    wanted = {*filter(None, [archive.newest_date])} if dates is None else dates
    pictures = Pictures(faults=(f"The charts {FAULT_TEXT}.",))
    with templates.faults.contained("The charts"):
        pictures = render_pictures(archive, weekly.reviews, templates)
    source = PageSource(archive, config, repository, wanted, pictures, weekly, reading_list)
    pages: dict[str, str] = {}
    for part, pages_of in PAGES.items():
        with templates.faults.contained(part):
            for page in pages_of(source):
                with templates.faults.contained(page.path):
                    pages[page.path] = render_page(page, source, templates)
                    continue
                if by_title := page.last_resort(archive):
                    pages[page.path] = by_title
    return {**pages, **pictures.files}


def render_page(page: Page, source: PageSource, templates: Templates) -> str:
    """One page of the list, checked and below its limit."""
    date = page.date
    if page.papers:
        return _render_lists(page, page.papers, templates)
    if date is None:
        return render(templates, page.template, page=page.data(None))

    def digest(entries: Sequence[Entry]) -> DigestOnPage:
        return digest_on_page(
            date,
            entries,
            source.archive,
            source.config,
            page.archive_url,
            page.max_titles,
            source.repository,
            page.topics,
        )

    def render_entries(entries: Sequence[Entry]) -> RenderedPage:
        whole = digest(entries)
        return shrink_to_limit(
            whole.detail,
            lambda detail: limit_formulas(
                render(templates, page.template, page=page.data(replace(whole, detail=detail)))
            ),
            page.max_bytes,
        )

    def sections(entries: Sequence[Entry], detail: Detail) -> tuple[PaperSection, ...]:
        return _paper_sections(replace(digest(entries), detail=detail), source.config, templates)

    checked = DigestPage(page.template, page.max_bytes, render_entries, sections)
    return render_validated(checked, entries_of_page(source.archive, date))


def _paper_sections(digest: DigestOnPage, config: Config, templates: Templates) -> tuple[PaperSection, ...]:
    """With the folds of paper.md.j2: further authors, words of likeness, abstract, summary, BibTeX."""
    filters = templates.filters
    has_abstracts = digest.detail.abstracts == AbstractDetail.WHOLE
    without_space = digest.without_space
    return tuple(
        PaperSection(
            title(entry.paper),
            bool(filters["other_authors"](entry))
            + bool(digest.explains_likeness and entry.likeness and filters["likeness"](entry).others)
            + digest.detail.citations
            + (has_abstracts and bool(filters["abstract"](entry, config).rest))
            + (entry.paper.id not in without_space and bool(filters["summary_text"](entry))),
        )
        for entry in digest.in_full
    )


def _render_lists(page: Page, papers: PaperLists, templates: Templates) -> str:
    """Its lists have limits, so that it needs no shrinking; none of its papers is shown in full."""

    def render_entries(entries: Sequence[Entry]) -> RenderedPage:
        data = page.data(papers.with_entries(entries))
        return RenderedPage(limit_formulas(render(templates, page.template, page=data)), NO_PAPERS)

    checked = DigestPage(page.template, page.max_bytes, render_entries, sections=lambda *_: ())
    return render_validated(checked, papers.entries)
