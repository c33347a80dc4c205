"""The papers of a span of time from the arXiv API: complete, or not at all.

Rules and limits: https://info.arxiv.org/help/api/user-manual.html. The `arxiv` package builds the queries
and reads the entries; what counts as an answer is decided here, since the package takes a broken one for
a short one.
"""

import datetime as dt
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import arxiv
import arxiv._feed
from lxml import etree

from paperbot.errors import SourceError
from paperbot.model import Paper
from paperbot.network import RetryBudget
from paperbot.sources.calendar import holds_announcement
from paperbot.sources.http import InvalidResponse, PoliteSession, Response

log = logging.getLogger(__name__)

PAGE_SIZE = 2000  # the most that one response brings
MOST_BYTES = 64_000_000
MINUTE = dt.timedelta(minutes=1)
ATOM = "{http://www.w3.org/2005/Atom}"
TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
ENTRY_ID = re.compile(r"/abs/(?P<id>.+?)v(?P<version>[0-9]{1,4})$")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: the papers in it by id, and how many arXiv says there are in all."""

    papers: dict[str, Paper]
    total: int


Span = Callable[[dt.datetime, dt.datetime], Page]


class ArxivSource:
    """The API behind one address, asked through one polite session.

    `patience_seconds` is the time that failures may cost over all of its requests; `received` is told of each
    answer that is taken.
    """

    def __init__(
        self,
        session: PoliteSession,
        api_url: str,
        patience_seconds: float,
        received: Callable[[Page], None] = lambda _: None,
    ) -> None:
        self._session, self._received = session, received
        self._budget = RetryBudget(patience_seconds)
        self._addresses = arxiv.Client(page_size=PAGE_SIZE)
        self._addresses.query_url_format = api_url + "?{}"

    def fetch_span(
        self, categories: tuple[str, ...], start: dt.datetime, end: dt.datetime
    ) -> dict[str, Paper]:
        """Every paper of these categories, cross-lists too, submitted from `start` to `end`.

        Raises SourceError if arXiv gives no complete answer.
        """

        def ask(since: dt.datetime, until: dt.datetime) -> Page:
            return self._ask(f"({_any(categories)}) AND submittedDate:[{_stamp(since)} TO {_stamp(until)}]")

        return fetch_whole(ask, _minute(start), _minute(end) + MINUTE)

    def fetch_window(
        self, categories: tuple[str, ...], start: dt.datetime, now: dt.datetime
    ) -> dict[str, Paper]:
        """As fetch_span up to now, where nothing at all must be believable.

        Raises SourceError("arXiv answered with nothing ...") for an emptiness that can't be true.
        """
        papers = self.fetch_span(categories, start, now)
        if papers or not holds_announcement(start, now, now):
            return papers
        log.warning("arXiv has no papers since %s, though it announced some; asking again", start.date())
        papers = self.fetch_span(categories, start, now)
        if papers:
            return papers
        newest = self._newest_submission(categories)
        if newest is None or newest >= start:
            raise SourceError(
                f"arXiv answered with nothing: no papers in {', '.join(categories)} since {start:%d %B %Y}, "
                "which can't be true"
            )
        return papers

    def fetch_paper(self, paper_id: str) -> Paper | None:
        """The paper of this id, in its newest version unless the id names another; None if arXiv has none.

        Raises SourceError.
        """
        page = self._answer(arxiv.Search(id_list=[paper_id]), page_size=1)
        return next(iter(page.papers.values()), None)

    def _newest_submission(self, categories: tuple[str, ...]) -> dt.datetime | None:
        """When the newest paper of these categories was submitted, at any time; None if there is none."""
        page = self._ask(f"({_any(categories)})", arxiv.SortOrder.Descending, page_size=1)
        return max((paper.published for paper in page.papers.values()), default=None)

    def _ask(
        self, query: str, order: arxiv.SortOrder = arxiv.SortOrder.Ascending, page_size: int = PAGE_SIZE
    ) -> Page:
        search = arxiv.Search(query=query, sort_by=arxiv.SortCriterion.SubmittedDate, sort_order=order)
        return self._answer(search, page_size)

    def _answer(self, search: arxiv.Search, page_size: int) -> Page:
        page = self._session.fetch(
            self._addresses._format_url(search, 0, page_size),
            lambda response: read_page(response, page_size),
            accept="application/atom+xml",
            max_bytes=MOST_BYTES,
            budget=self._budget,
            setting="arxiv.api_url",
        )
        self._received(page)
        return page


def fetch_whole(ask: Span, start: dt.datetime, end: dt.datetime) -> dict[str, Paper]:
    """Everything between two whole minutes, in as few responses as hold it.

    A full page is kept up to the minute of its last paper, the rest is asked for from that minute on, and
    both together must be as many papers as arXiv said. If they are not (its order is unstable, or its
    index has moved), the span is cut in two.
    """
    page = ask(start, end)
    if page.total == len(page.papers):
        return page.papers
    cut = _minute(max(paper.published for paper in page.papers.values()))
    if start < cut <= end:
        kept = {key: paper for key, paper in page.papers.items() if paper.published < cut}
        union = kept | fetch_whole(ask, cut, end)
        if len(union) == page.total:
            return union
    middle = _minute(start + (end - start) / 2)
    if not start < middle < end:
        raise SourceError(f"arXiv says that {page.total} papers were submitted at {start:%Y-%m-%d %H:%M}")
    return fetch_whole(ask, start, middle) | fetch_whole(ask, middle, end)


def read_page(response: Response, page_size: int = PAGE_SIZE) -> Page:
    """An answer of the query API, taken only if nothing is missing from it; else raises InvalidResponse."""
    feed = _feed(response.body)
    papers = {paper.id: paper for paper in map(_paper, feed.iter(ATOM + "entry"))}
    total = _total(feed)
    page_is_full = total > page_size and papers  # what lacks on it is noticed when the rest is there
    if len(papers) != total and not page_is_full:
        raise InvalidResponse(f"arXiv's answer is not whole: it says {total} papers and brings {len(papers)}")
    return Page(papers, total)


def _feed(body: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        feed = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise InvalidResponse("arXiv's answer is cut or broken (no well-formed XML)") from None
    if feed.tag != ATOM + "feed":
        raise InvalidResponse("arXiv's answer is no Atom feed")
    return feed


def _total(feed: Any) -> int:
    text = (feed.findtext(TOTAL) or "").strip()
    if not re.fullmatch("[0-9]{1,9}", text):
        raise InvalidResponse("arXiv's answer does not say how many papers there are")
    return int(text)


def _paper(entry: Any) -> Paper:
    """One entry in our words; InvalidResponse if a field that arXiv always gives is missing."""
    try:
        result = arxiv._feed._build_result(entry)
    except ValueError:
        raise InvalidResponse("in arXiv's answer a date is no date") from None
    parts = ENTRY_ID.search(result.entry_id) if result else None
    if not result or not parts or not result.title:
        raise InvalidResponse("in arXiv's answer an entry lacks its id, title or date")
    if not result.authors or not result.primary_category:
        raise InvalidResponse(
            f"in arXiv's answer the entry of {parts['id']} lacks its authors or its primary category"
        )
    primary = result.primary_category
    return Paper(
        id=parts["id"],
        version=int(parts["version"]),
        title=_one_line(result.title),
        authors=tuple(_one_line(author.name) for author in result.authors),
        abstract=_paragraphs(result.summary),
        primary_category=primary,
        categories=tuple(dict.fromkeys([primary, *result.categories])),
        published=result.published.astimezone(dt.UTC),
        updated=(result.updated or result.published).astimezone(dt.UTC),
        comment=_one_line(result.comment or ""),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> str:
    """A newline within an abstract is a paragraph's end."""
    return "\n".join(filter(None, map(_one_line, text.splitlines())))


def _any(categories: tuple[str, ...]) -> str:
    return " OR ".join(f"cat:{category}" for category in categories)


def _stamp(instant: dt.datetime) -> str:
    return f"{instant.astimezone(dt.UTC):%Y%m%d%H%M}"


def _minute(instant: dt.datetime) -> dt.datetime:
    return instant.replace(second=0, microsecond=0)
