"""The day's announcement from arXiv's Atom feed: https://info.arxiv.org/help/rss.html.

It has the new papers and cross-lists of one announcement. It takes the API's place on days on which that
gives no complete answer, without the time of submission and the comment, which the next run with the API
fills in. It also tells which older papers are new in a category, which the API, asked by date of submission,
does not.
"""

import datetime as dt
import logging
import re
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any

from paperbot.model import Notice, NoticeKind, Paper, announcement_order
from paperbot.network import RetryBudget
from paperbot.sources.arxiv_api import ArxivSource
from paperbot.sources.atom import (
    ARXIV,
    ATOM,
    PAPER_ID,
    BrokenEntry,
    has_too_many,
    named,
    names_only,
    one_line,
    paragraphs,
    parse_xml,
    read_instant,
)
from paperbot.sources.calendar import EASTERN, Announcement, indexed
from paperbot.sources.http import FetchFailed, InvalidResponse, PoliteSession
from paperbot.sources.window import FetchedWindow, Window, broken_notice

log = logging.getLogger(__name__)

MAX_BYTES = 32_000_000
DC = "{http://purl.org/dc/elements/1.1/}"
FEED_ID = re.compile(rf"(?:oai:arXiv\.org:|/abs/)(?P<id>{PAPER_ID})v(?P<version>[1-9][0-9]{{0,3}})$")
ABSTRACT = re.compile(r"Abstract:(.*)", re.DOTALL)
SHOWN_TYPES = {"new", "cross"}
TYPES = SHOWN_TYPES | {"replace", "replace-cross"}
LOOK_BACK = dt.timedelta(days=14)
NOTICE = "arXiv's API did not work, so these are the papers of its feed of {day:%d %B %Y}; more may follow."
NO_NEWS = "arXiv's API did not work, but its feed says that nothing was announced on {day:%d %B %Y}."


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The feed of one day."""

    day: dt.date
    """The announcement's date, by arXiv's clock."""
    papers: list[Paper]
    """New ones and cross-lists."""
    broken: list[BrokenEntry]
    """Items without what every paper has."""


class ArxivFeed:
    """The feed of the categories at one address, asked for once, without retries."""

    def __init__(self, session: PoliteSession, rss_url: str) -> None:
        self._session, self._rss_url = session, rss_url

    def fetch_window(self, window: Window) -> FetchedWindow:
        """The papers of today's announcement; none on a day without one, if digests have all before it.

        Raises FetchFailed for a feed that is old, empty or cut.
        """
        announcement = indexed(window.now - LOOK_BACK, window.now)[-1]
        page = self._fetch(window.categories)
        day, papers = page.day, page.papers
        has_all = announcement.listing not in window.announcements
        if not papers and has_all and announcement.listing < day == window.now.astimezone(EASTERN).date():
            notice = NO_NEWS.format(day=day)
        elif day != announcement.listing:
            raise FetchFailed(f"arXiv's feed is of {day}, not of {announcement.listing}")
        elif not papers:
            raise FetchFailed("arXiv's feed is empty")
        else:
            notice = NOTICE.format(day=day)
        return FetchedWindow(
            now=window.now,
            window_start=announcement.opens,
            papers={paper.id: paper for paper in _dated(papers, announcement)},
            announcement_dates=tuple(day for day in window.announcements if day == announcement.listing),
            from_feed=True,
            notices=(Notice(NoticeKind.FROM_FEED, notice), *map(broken_notice, page.broken)),
        )

    def with_older_papers(
        self,
        fetched: FetchedWindow,
        window: Window,
        source: ArxivSource,
        known: Callable[[Collection[str]], Collection[str]],
    ) -> FetchedWindow:
        """What the API found, and the older papers that today's announcement adds to one of the categories.

        `known` tells which of some ids digests have. An id above the newest one of the API's answer is a new
        paper that its index lacks so far. Raises SourceError.
        """
        today = window.now.astimezone(EASTERN).date()
        due = [one.listing for one in indexed(window.now - LOOK_BACK, window.now)[-1:]]
        if due != [today] or today not in window.announcements:
            return fetched
        page = self._fetch(window.categories)
        if page.day != today:
            raise FetchFailed(f"arXiv's feed is of {page.day}, not of {today}")
        newest, announced = announcement_order(fetched.newest_id), {paper.id: paper for paper in page.papers}
        older = [one for one in announced if one not in fetched.papers and announcement_order(one) <= newest]
        already_known = known(older)
        found = source.fetch_by_ids(one for one in older if one not in already_known)
        added = {}
        for one, paper in found.papers.items():  # the API's index may not have the new category yet
            categories = dict.fromkeys((*paper.categories, *announced[one].categories))
            added[one] = replace(paper, categories=tuple(categories))
        log.info("%d older papers are new in these categories", len(added))
        notices = (*fetched.notices, *map(broken_notice, found.broken))
        return replace(fetched, papers={**fetched.papers, **added}, notices=notices)

    def _fetch(self, categories: Iterable[str]) -> FeedPage:
        return self._session.fetch(
            self._rss_url.replace("{categories}", "+".join(categories)),
            _read,
            accept="application/atom+xml, application/rss+xml",
            max_bytes=MAX_BYTES,
            budget=RetryBudget(0),
            setting="arxiv.rss_url",
        )


def _dated(papers: Iterable[Paper], announcement: Announcement) -> list[Paper]:
    """The papers, newest first, as if submitted a second apart, the newest just before the deadline.

    The feed has no times of submission, which decide between equal scores. Within an announcement, ids are
    given in the order of submission, so the order is right, except among papers that were held.
    """
    newest_first = sorted(papers, key=lambda paper: announcement_order(paper.id), reverse=True)
    times = (announcement.closes - dt.timedelta(seconds=place) for place in range(1, len(newest_first) + 1))
    return [
        replace(paper, published=time, updated=time) for paper, time in zip(newest_first, times, strict=True)
    ]


def _read(body: bytes) -> FeedPage:
    feed = parse_xml(body)
    if feed.tag not in (ATOM + "feed", "rss") or _text(feed, "title").startswith("Feed error"):
        raise InvalidResponse("arXiv's feed is not one of papers")
    day = _date(feed)
    found = [_paper(item, day) for item in feed.iter(ATOM + "entry", "item")]
    papers = [one for one in found if isinstance(one, Paper)]
    broken = [one for one in found if isinstance(one, BrokenEntry)]
    if broken and (not papers or has_too_many(broken, len(found))):
        raise InvalidResponse(f"arXiv's feed has broken items ({named(broken)})")
    return FeedPage(day, papers, broken)


def _date(feed: Any) -> dt.date:
    text = _text(feed, "updated") or _text(feed, "pubDate")
    instant = read_instant(text)
    if instant is None:
        with suppress(ValueError, TypeError):
            instant = read_instant(parsedate_to_datetime(text).isoformat())
    if instant is None:
        raise InvalidResponse("arXiv's feed has no date")
    return instant.astimezone(EASTERN).date()


def _paper(item: Any, day: dt.date) -> Paper | BrokenEntry | None:
    """None for a replacement."""
    kind = _text(item, "announce_type")
    parts = FEED_ID.search(_text(item, "guid") or _text(item, "id"))
    if kind not in TYPES or not parts:
        return BrokenEntry(parts["id"] if parts else "", "has no valid id or kind")
    if kind not in SHOWN_TYPES:
        return None
    categories = [
        element.get("term") or one_line(element.text or "") for element in _elements(item, "category")
    ]
    names = [name for creator in _elements(item, "creator") for name in (creator.text or "").split(", ")]
    names += ["".join(name.itertext()) for name in item.iterfind(f"{ATOM}author/{ATOM}name")]
    abstract = ABSTRACT.search(_text(item, "description") or _text(item, "summary"))
    title, authors = one_line(_text(item, "title")), names_only(iter(names))
    if not (title and authors and categories and abstract):
        return BrokenEntry(parts["id"], "lacks its title, its authors, its categories or its abstract")
    midnight = dt.datetime.combine(day, dt.time(), EASTERN)
    return Paper(
        id=parts["id"],
        version=int(parts["version"]),
        title=title,
        authors=authors,
        abstract=paragraphs(abstract[1]),
        primary_category=categories[0],
        categories=tuple(dict.fromkeys(categories)),
        published=midnight,
        updated=midnight,
        journal_ref=one_line(_text(item, "journal_reference")),
        doi=one_line(_text(item, "DOI")),
        from_feed=True,
    )


def _elements(parent: Any, name: str) -> list[Any]:
    """The child elements of this name, in the namespaces that the two forms of the feed use."""
    return [child for space in ("", ATOM, ARXIV, DC) for child in parent.iterfind(space + name)]


def _text(parent: Any, name: str) -> str:
    """Of the first such element, at the head of the feed or in an item."""
    head = parent.find("channel") if parent.tag == "rss" else parent
    found = [] if head is None else _elements(head, name)
    return "".join(found[0].itertext()).strip() if found else ""
