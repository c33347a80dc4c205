"""The papers of a time span, or of a list of ids, from the arXiv API: complete, or not at all.

Rules and limits: https://info.arxiv.org/help/api/user-manual.html.
"""

import datetime as dt
import functools
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from paperbot.errors import SourceError
from paperbot.model import Paper
from paperbot.network import RetryBudget
from paperbot.sources.atom import BrokenEntry, Page, read_page
from paperbot.sources.calendar import holds_announcement
from paperbot.sources.http import PoliteSession
from paperbot.sources.window import FetchedWindow, Window

log = logging.getLogger(__name__)

PAGE_SIZE = 2000
"""arXiv puts no more papers into one response."""
IDS_PER_REQUEST = 200
"""arXiv refuses addresses of about 8,000 characters and more."""
MAX_BYTES = 64_000_000
MINUTE = dt.timedelta(minutes=1)
OLDEST_FIRST, NEWEST_FIRST = "ascending", "descending"


@dataclass(frozen=True, slots=True)
class FetchedPapers:
    """What arXiv has of a span or a list of ids: complete but for broken entries."""

    papers: dict[str, Paper] = field(default_factory=dict)
    """By id."""
    broken: tuple[BrokenEntry, ...] = ()

    def __or__(self, other: "FetchedPapers") -> "FetchedPapers":
        papers = self.papers | other.papers
        broken = dict.fromkeys((*self.broken, *other.broken))
        return FetchedPapers(papers, tuple(entry for entry in broken if entry.id not in papers))


@dataclass(frozen=True, slots=True)
class Span:
    """Two whole minutes, and how many papers must be between them if a fuller page before told."""

    start: dt.datetime
    end: dt.datetime
    expected: int | None = None
    page_start: dt.datetime | None = None
    """Where the page before began: from there on all is asked for again if it is not as expected."""

    def halves(self, total: int) -> tuple["Span", "Span"]:
        """Raises SourceError if it is too short to be cut in two."""
        start = self.page_start or self.start
        middle = whole_minute(start + (self.end - start) / 2)
        if not start < middle < self.end:
            raise SourceError(f"arXiv says that {total} papers were submitted at {start:%Y-%m-%d %H:%M}")
        return Span(start, middle), Span(middle, self.end)


class ArxivSource:
    """The API at one address, asked through one polite session.

    `patience_seconds` is the time that failures may cost over all of its requests; `on_page` is called with
    each answer that is accepted.
    """

    def __init__(
        self,
        session: PoliteSession,
        api_url: str,
        patience_seconds: float,
        on_page: Callable[[Page], None] = lambda _: None,
    ) -> None:
        self._api_url, self._on_page = api_url, on_page
        self._request = functools.partial(
            session.fetch,
            accept="application/atom+xml",
            max_bytes=MAX_BYTES,
            budget=RetryBudget(patience_seconds),
            setting="arxiv.api_url",
        )

    def fetch_span(self, categories: Sequence[str], start: dt.datetime, end: dt.datetime) -> FetchedPapers:
        """Every paper of these categories, cross-lists too, submitted from `start` to `end`.

        In as few responses as hold it: a full page is kept, and the rest is asked for from the minute of its
        last paper on. Where that is not as many papers as arXiv said, its order is unstable or its index has
        moved, and the span is cut in two. Raises SourceError if arXiv gives no complete answer.
        """
        found = FetchedPapers()
        spans = [Span(whole_minute(start), whole_minute(end) + MINUTE)]
        while spans:
            span = spans.pop()
            page = self._request(self._search_url(categories, span), self._read(PAGE_SIZE))
            found |= FetchedPapers(page.papers, page.broken)
            if span.expected not in (None, page.total):
                spans += span.halves(page.total)
            elif not page.is_whole:
                spans += _after(span, page)
        return found

    def fetch_window(self, window: Window) -> FetchedWindow:
        """The papers announced in the window. Raises SourceError, also if there can't be so few."""
        found = self.fetch_span(window.categories, window.query_start, window.now)
        if not found.papers and holds_announcement(window.query_start, window.now, window.now):
            log.warning("arXiv has no papers since %s, though it announced some; asking again", window.start)
            found = self.fetch_span(window.categories, window.query_start, window.now)
            newest = None if found.papers else self.newest_submission(window.categories)
            if not found.papers and (newest is None or newest >= window.query_start):
                raise SourceError(
                    f"arXiv answered with nothing: no papers in {', '.join(window.categories)} since "
                    f"{window.query_start:%d %B %Y}, which can't be true"
                )
        log.info(
            "arXiv has %d papers since %s", len(found.papers), f"{window.query_start:%Y-%m-%d %H:%M} UTC"
        )
        return window.select(found.papers, found.broken)

    def fetch_by_ids(self, ids: Iterable[str]) -> FetchedPapers:
        """The papers of these ids in their newest versions, or in those that the ids name (`2512.20276v1`).

        What arXiv does not have is left out. Raises SourceError if it gives no complete answer.
        """
        found, wanted = FetchedPapers(), list(dict.fromkeys(ids))
        for first in range(0, len(wanted), IDS_PER_REQUEST):
            some = wanted[first : first + IDS_PER_REQUEST]
            parameters = urlencode({"id_list": ",".join(some), "max_results": len(some)}, safe=",/")
            page = self._request(f"{self._api_url}?{parameters}", self._read(len(some)))
            found |= FetchedPapers(page.papers, page.broken)
        return found

    def fetch_paper(self, paper_id: str) -> Paper | None:
        """The paper of this id, in its newest version unless the id names another; None if arXiv has none.

        Raises SourceError.
        """
        return next(iter(self.fetch_by_ids([paper_id]).papers.values()), None)

    def newest_submission(self, categories: Sequence[str]) -> dt.datetime | None:
        """When the newest paper of these categories was submitted, at any time; None if there is none."""
        page = self._request(self._search_url(categories), self._read(1))
        return max((paper.published for paper in page.papers.values()), default=None)

    def _search_url(self, categories: Sequence[str], span: Span | None = None) -> str:
        """The oldest papers of a span; without one, the newest of all times."""
        query = f"({' OR '.join(f'cat:{category}' for category in categories)})"
        if span:
            query += f" AND submittedDate:[{_stamp(span.start)} TO {_stamp(span.end)}]"
        parameters = {
            "search_query": query,
            "sortBy": "submittedDate",
            "sortOrder": OLDEST_FIRST if span else NEWEST_FIRST,
            "start": 0,
            "max_results": PAGE_SIZE if span else 1,
        }
        return f"{self._api_url}?{urlencode(parameters)}"

    def _read(self, page_size: int) -> Callable[[bytes], Page]:
        def read(body: bytes) -> Page:
            page = read_page(body, page_size)
            self._on_page(page)
            return page

        return read


def whole_minute(instant: dt.datetime) -> dt.datetime:
    """The API compares whole minutes."""
    return instant.replace(second=0, microsecond=0)


def _after(span: Span, page: Page) -> tuple[Span, ...]:
    """What is still to be asked for behind a full page."""
    cut = whole_minute(max(paper.published for paper in page.papers.values()))
    if not span.start < cut <= span.end:
        return span.halves(page.total)
    kept = len(page.broken) + sum(paper.published < cut for paper in page.papers.values())
    return (Span(cut, span.end, expected=page.total - kept, page_start=span.start),)


def _stamp(instant: dt.datetime) -> str:
    return f"{instant.astimezone(dt.UTC):%Y%m%d%H%M}"
