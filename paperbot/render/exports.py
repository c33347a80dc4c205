"""Papers to take along: BibTeX and RIS files beside pages and feeds, and JSON feeds."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from paperbot.archive import Archive
from paperbot.archive.layout import READING_LIST, day_path, week_path
from paperbot.config import Config
from paperbot.model import Paper
from paperbot.reading_list import ReadingList
from paperbot.render.citations import bibtex, ris
from paperbot.render.feeds import acknowledgement, farewells, feeds_of
from paperbot.render.json_feed import json_feed, json_path, paper_item
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
    """The files of these dates' digests, of these weeks and of the reading list, by their paths.

    Without abstracts, which the archive has already, except for the reading list. A digest's files have the
    papers shown in full, a week's those that its page names.
    """
    entries = {day_path(date): archive.shown(date) for date in archive.digests if date in dates}
    entries |= {week_path(review.week.name): review.entries for review in reviews}
    papers = {
        path.removesuffix(".md"): [replace(entry.paper, abstract="") for entry in found]
        for path, found in entries.items()
    }
    if reading_list:
        papers[READING_LIST.removesuffix(".md")] = [entry.paper for entry in reading_list.entries]
    return _files(papers, templates)


def feed_exports(
    archive: Archive, config: Config, templates: Templates, repository_url: str, starred: Collection[str]
) -> dict[str, str]:
    """The papers of each feed as JSON feed, BibTeX and RIS, by the paths of the files.

    The JSON feed of a removed topic says so, as its RSS feed does; the other files are emptied.
    """
    removed = [*farewells(archive, config)]
    feeds = [*feeds_of(archive, config, starred), *(feed for feed, _ in removed)]
    papers = {feed.path.removesuffix(".xml"): [entry.paper for entry in feed.entries] for feed in feeds}
    files = _files(papers, templates)
    told = {feed.path: [item.as_json()] for feed, item in removed}
    items: dict[str, dict[str, object]] = {}
    for feed in feeds:
        with templates.faults.contained(f"The feed {json_path(feed)}"):
            new = {entry.paper.id: entry for entry in feed.entries if entry.paper.id not in items}
            items |= {key: paper_item(entry, config.zone, templates) for key, entry in new.items()}
            of_feed = [items[entry.paper.id] for entry in feed.entries]
            of_feed, thanks = told.get(feed.path, of_feed), acknowledgement(templates)
            files[json_path(feed)] = json_feed(feed, of_feed, config, repository_url, thanks)
    return files


def _files(papers: Mapping[str, Iterable[Paper]], templates: Templates) -> dict[str, str]:
    files = {}
    for path, found in papers.items():
        for ending, write in FORMATS.items():
            with templates.faults.contained(f"The export {path}{ending}"):
                files[path + ending] = write(found)
    return files
