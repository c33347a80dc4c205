"""Links from one page of the archive to others, and to the files beside a page."""

import datetime as dt
from dataclasses import dataclass
from itertools import islice

from paperbot.archive import Archive
from paperbot.archive.layout import FOLDER, day_path, in_archive, week_path
from paperbot.render.safe import SafeUrl
from paperbot.weekly import Week

FROM_README = f"{FOLDER}/"
FROM_DATED_PAGE = "../"
"""The paths from README.md, and from the page of a day or a week, to archive/."""


@dataclass(frozen=True, slots=True)
class DateLink:
    """The page of another date's digest."""

    date: dt.date
    url: SafeUrl
    papers: int | None
    """None for digests that are too old to be loaded."""


@dataclass(frozen=True, slots=True)
class MonthLinks:
    """A month of the archive's index."""

    first: dt.date
    """The first of the month."""
    digests: tuple[DateLink, ...]
    """Oldest first."""
    data_url: SafeUrl
    """The month's JSON lines."""


@dataclass(frozen=True, slots=True)
class WeekLink:
    """The page of a week."""

    week: Week
    url: SafeUrl


@dataclass(frozen=True, slots=True)
class ExportUrls:
    """The files with a page's papers, as links from that page."""

    page_url: str
    """The address of the page, without `.md`."""

    @property
    def bibtex(self) -> SafeUrl:
        """The link to the BibTeX file, for LaTeX, Zotero and JabRef."""
        return SafeUrl(f"{self.page_url}.bib")

    @property
    def ris(self) -> SafeUrl:
        """The link to the RIS file, for Zotero, Mendeley and EndNote."""
        return SafeUrl(f"{self.page_url}.ris")


def earlier_digests(archive: Archive, before: dt.date, archive_url: str, count: int) -> tuple[DateLink, ...]:
    """The last `count` digests before a date, newest first."""
    dates = (date for date in archive.dates if date < before)
    return tuple(date_link(archive, date, archive_url) for date in islice(dates, count))


def week_link(week: Week, archive_url: str) -> WeekLink:
    """The link to a week's page; `archive_url` is the path from the page to archive/, ending in a slash."""
    return WeekLink(week, SafeUrl(archive_url + in_archive(week_path(week.name))))


def date_link(archive: Archive, date: dt.date, archive_url: str) -> DateLink:
    """The link to the page of a date's digest; `archive_url` is as for `week_link`."""
    url = SafeUrl(archive_url + in_archive(day_path(date)))
    return DateLink(date, url, len(archive.digests[date]) if date in archive.digests else None)
