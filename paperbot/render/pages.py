"""The list of pages and charts that a run renders from the archive, the config and the templates.

The same input gives the same bytes: the only clock is the time of the last run in the archive.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from paperbot.archive import Archive
from paperbot.archive.layout import INDEX, day_path, picture_path
from paperbot.config import Config
from paperbot.containment import FAULT_TEXT
from paperbot.model import Entry
from paperbot.render.charts import CHARTS
from paperbot.render.last_resort import last_resort_page
from paperbot.render.page_data import (
    TITLES_ON_DAY_PAGE,
    TITLES_ON_README,
    DayPage,
    DigestOnPage,
    IndexPage,
    Picture,
    ReadmePage,
    digest_on_page,
)
from paperbot.render.repository import RepositoryInfo
from paperbot.render.safe import SafeUrl
from paperbot.render.size_limit import PAGE_MAX_BYTES, AbstractDetail, Detail, RenderedPage, shrink_to_limit
from paperbot.render.templating import Templates, render
from paperbot.render.validated import DigestPage, render_validated
from paperbot.text import limit_formulas

README = "README.md"
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class PageSource:
    """What pages are made from."""

    archive: Archive
    config: Config
    repository: RepositoryInfo
    dates: Collection[dt.date]
    """Those whose day pages are wanted."""
    pictures: tuple[Picture, ...] = ()
    faults: tuple[str, ...] = ()
    """Sentences about charts that could not be made."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: its name, template and data, the limit of its size, and its papers, if any.

    A page with papers is checked against its reference page, and shows less where it would be too large.
    """

    path: str
    """From the root."""
    template: str
    data: Callable[[DigestOnPage | None], object]
    """The template's `page`, given the part of the digest that the page shows."""
    date: dt.date | None = None
    """Of its digest."""
    archive_url: str = ""
    """The way from the page to archive/, with a slash at its end."""
    max_titles: int = 0
    """Papers listed by title, at most."""
    max_bytes: int = PAGE_MAX_BYTES


def readme_pages(source: PageSource) -> Iterator[Page]:
    """README.md: the newest digest, or how to begin."""
    data = partial(_readme_page, source)
    yield Page(README, "README.md.j2", data, source.archive.newest_date, "archive/", TITLES_ON_README)


def _readme_page(source: PageSource, digest: DigestOnPage | None) -> ReadmePage:
    return ReadmePage(
        source.archive, source.config, source.repository, digest, source.pictures, source.faults
    )


def day_pages(source: PageSource) -> Iterator[Page]:
    """A page for each date, which keeps what the README showed on it."""
    for date in source.archive.digests:
        if date in source.dates:
            data = partial(DayPage, source.archive, source.config, source.repository)
            yield Page(day_path(date), "day.md.j2", data, date, "../", TITLES_ON_DAY_PAGE)


def index_pages(source: PageSource) -> Iterator[Page]:
    """Every digest's date there ever was; none before the first run."""
    if source.archive.runs or source.archive.digests:
        yield Page(INDEX, "archive_index.md.j2", lambda _: IndexPage(source.archive, source.repository))


PAGES = {"README.md": readme_pages, "The day pages": day_pages, "The archive's index": index_pages}
"""A further page needs an entry here and a template."""


def render_pages(
    archive: Archive,
    config: Config,
    templates: Templates,
    repository: RepositoryInfo,
    dates: Collection[dt.date] | None = None,
) -> dict[str, str]:
    """Every page and chart by its path from the root; before the first run, README.md alone.

    `dates` names the day pages that are wanted; without it, that of the newest digest. A fault of the bot's
    own costs the chart or page that it is in; README.md comes out whatever happens. Raises UserError for a
    template that can't be rendered.
    """
    newest = () if archive.newest_date is None else (archive.newest_date,)
    charts, pictures, faults = _render_charts(archive, templates)
    source = PageSource(archive, config, repository, newest if dates is None else dates, pictures, faults)
    pages: dict[str, str] = {}
    for part, pages_of in PAGES.items():
        with templates.faults.contained(part):
            for page in pages_of(source):
                if page.date:
                    pages[page.path] = last_resort_page(archive.of(page.date))
                with templates.faults.contained(page.path):
                    pages[page.path] = render_page(page, source, templates)
    if README not in pages:
        pages[README] = last_resort_page(archive.of(newest[0]) if newest else ())
    return pages | charts


def render_page(page: Page, source: PageSource, templates: Templates) -> str:
    """One page of the list, checked and below its limit."""
    date = page.date
    if date is None:
        return render(templates, page.template, page=page.data(None))

    def render_entries(entries: Sequence[Entry]) -> RenderedPage:
        digest = digest_on_page(
            date, entries, source.archive, source.config, page.archive_url, page.max_titles
        )
        return shrink_to_limit(
            digest.detail,
            lambda detail: limit_formulas(
                render(templates, page.template, page=page.data(replace(digest, detail=detail)))
            ),
            page.max_bytes,
        )

    count_folds = partial(_count_folds, templates, source.config)
    checked = DigestPage(page.template, page.max_bytes, render_entries, count_folds)
    return render_validated(checked, source.archive.of(date))


def _count_folds(templates: Templates, config: Config, entry: Entry, index: int, detail: Detail) -> int:
    """As paper.md.j2 makes them: further authors, the rest of the abstract, the summary."""
    filters = templates.filters
    has_rest = detail.abstracts == AbstractDetail.WHOLE and bool(filters["abstract"](entry, config).rest)
    has_summary = index < detail.summaries and bool(filters["summary_text"](entry))
    return bool(filters["other_authors"](entry)) + has_rest + has_summary


def _render_charts(
    archive: Archive, templates: Templates
) -> tuple[dict[str, str], tuple[Picture, ...], tuple[str, ...]]:
    """The files by path, what README.md says about them, and sentences about those that failed."""
    files: dict[str, str] = {}
    pictures: list[Picture] = []
    failed: list[str] = []
    dates = [*archive.runs, *archive.digests]
    for name, (part, make) in CHARTS.items() if dates else ():
        with templates.faults.contained(part):
            chart = make(archive, max(dates))
            files |= {
                picture_path(name, theme): render(templates, f"{name}.svg.j2", chart=chart, theme=theme)
                for theme in THEMES
            }
            light, dark = (SafeUrl(picture_path(name, theme)) for theme in THEMES)
            pictures.append(Picture(light, dark, chart.text))
            continue
        failed.append(f"{part} {FAULT_TEXT}.")
    return files, tuple(pictures), tuple(failed)
