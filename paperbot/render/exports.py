"""Papers to take along: BibTeX and RIS files beside pages and feeds, and JSON feeds."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from paperbot.archive import Archive
from paperbot.archive.layout import READING_LIST, day_path, week_path
from paperbot.config import Config
from paperbot.model import Entry, Paper
from paperbot.reading_list import ReadingList
from paperbot.render.citations import bibtex, ris
from paperbot.render.feeds import acknowledgement, feeds_of
from paperbot.render.json_feed import json_feed
from paperbot.render.templating import Templates
from paperbot.weekly import WeekReview

FORMATS: Mapping[str, Callable[[Iterable[Paper]], str]] = {".bib": bibtex, ".ris": ris}
"""By the ending of the files' names."""


def archive_exports(
    archive: Archive,
    dates: Collection[dt.date],
    reviews: Iterable[WeekReview],
    reading_list: ReadingList | None,
    templates: Templates,
) -> dict[str, str]:
    """The files of these dates' digests, of these weeks, and of the reading list, by their paths.

    Without abstracts, which the archive has already, except for the reading list. A digest's files have the
    papers shown in full, a week's those that its page names.
    """
    of_dates = {date: archive.shown(date) for date in archive.digests if date in dates}
    papers = {day_path(date): without_abstracts(entries) for date, entries in of_dates.items()}
    papers |= {week_path(review.week.name): without_abstracts(review.entries) for review in reviews}
    if reading_list:
        papers[READING_LIST] = [entry.paper for entry in reading_list.entries]
    return _files({path.removesuffix(".md"): found for path, found in papers.items()}, templates)


def feed_exports(
    archive: Archive, config: Config, templates: Templates, repository_url: str, starred: Collection[str]
) -> dict[str, str]:
    """For each feed of the site its papers as a JSON feed, as BibTeX and as RIS, by their paths."""
    feeds = feeds_of(archive, config, starred)
    address = config.site.address(repository_url)
    home = f"{config.site.base_url}/" if config.site.base_url else repository_url
    papers = {feed.path.removesuffix(".xml"): [entry.paper for entry in feed.entries] for feed in feeds}
    files = _files(papers, templates)
    for feed in feeds:
        path = feed.path.removesuffix(".xml") + ".json"
        with templates.faults.contained(f"The feed {path}"):
            files[path] = json_feed(
                feed.entries,
                config.zone,
                templates.faults,
                feed.title,
                f"{feed.description}. {acknowledgement(templates)}",
                home,
                f"{address}/{path}" if address else "",
            )
    return files


def without_abstracts(entries: Iterable[Entry]) -> list[Paper]:
    """The entries' papers."""
    return [replace(entry.paper, abstract="") for entry in entries]


def _files(papers: Mapping[str, Iterable[Paper]], templates: Templates) -> dict[str, str]:
    files = {}
    for path, found in papers.items():
        for ending, write in FORMATS.items():
            with templates.faults.contained(f"The export {path}{ending}"):
                files[path + ending] = write(found)
    return files
