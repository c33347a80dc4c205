"""The arXiv API's Atom answers: well-formed and complete, with the entries that can't be used set apart.

Format: https://info.arxiv.org/help/api/user-manual.html#_query_interface
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from paperbot.model import Paper
from paperbot.sources.http import InvalidResponse

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
PAPER_ID = r"(?:[0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7})"
"""https://info.arxiv.org/help/arxiv_identifier.html"""
ENTRY_ID = re.compile(rf"/abs/(?P<id>{PAPER_ID})v(?P<version>[1-9][0-9]{{0,3}})$")
UNVERSIONED_ID = re.compile(rf"/abs/({PAPER_ID})(?![0-9])")
RAW_ENTRY_ID = re.compile(rb"<id>[^<]*/abs/(" + PAPER_ID.encode() + rb")(?:v[0-9]{1,4})?\s*</id>")
ENTRY_START = re.compile(rb"(?=<entry[\s>])")
YEARS = range(1991, 2200)
"""arXiv began in 1991; other years are faults."""
Children = defaultdict[str, list[Any]]
"""The elements below one, by tag, in order; of a tag that none has, an empty list."""
MAX_BROKEN_ENTRIES = 5
MAX_BROKEN_SHARE = 0.02
"""More broken entries than both limits allow: the answer as a whole is broken."""


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """An entry that lacks what every paper has."""

    id: str
    """Without its version; empty where it can't be read."""
    problem: str


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its papers by id, its broken entries, and how many entries arXiv has in all."""

    papers: dict[str, Paper]
    total: int
    broken: tuple[BrokenEntry, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Is everything on it that was asked for?"""
        return self.total == len(self.papers) + len(self.broken)


def read_page(body: bytes, page_size: int) -> Page:
    """An answer to a query, taken only if nothing is missing from it; else raises InvalidResponse.

    With a few broken entries, the exception carries the page without them.
    """
    total, entries = _parse(body)
    page = _page(entries, total)
    is_full = page.total > page_size and page.papers  # what is missing is noticed when the rest is there
    if not page.is_whole and not is_full:
        count = len(page.papers) + len(page.broken)
        raise InvalidResponse(f"arXiv's answer is incomplete: it says {page.total} papers and has {count}")
    if not page.broken:
        return page
    usable = None if has_too_many(page.broken, len(entries)) else page
    raise InvalidResponse(f"arXiv's answer has broken entries ({named(page.broken)})", usable)


def has_too_many(broken: Sequence[BrokenEntry], entries: int) -> bool:
    """Are so many of the entries broken that the rest can't be trusted?"""
    return len(broken) > max(MAX_BROKEN_ENTRIES, MAX_BROKEN_SHARE * entries)


def named(broken: Sequence[BrokenEntry]) -> str:
    """How many they are, and what is wrong with the first."""
    problems = "; ".join(f"{entry.id or 'an entry'} {entry.problem}" for entry in broken[:3])
    return f"{len(broken)}: {problems}"


def parse_xml(body: bytes) -> Any:
    """The root element; raises InvalidResponse for what is not well-formed. Entities are not expanded."""
    try:
        return etree.fromstring(
            body.lstrip(b" \t\r\n"), etree.XMLParser(resolve_entities=False, no_network=True)
        )
    except (etree.XMLSyntaxError, ValueError):
        raise InvalidResponse("arXiv's answer is cut or broken (no well-formed XML)") from None


def one_line(text: str) -> str:
    """The text on one line, without repeated spaces."""
    return " ".join(text.split())


def paragraphs(text: str) -> str:
    """One line for each paragraph: a newline in an abstract ends one."""
    return "\n".join(filter(None, map(one_line, text.splitlines())))


def names_only(authors: Iterator[str]) -> tuple[str, ...]:
    """The names without blank ones and the lone ":" that follows a team's name."""
    return tuple(name for name in map(one_line, authors) if any(map(str.isalnum, name)))


def _parse(body: bytes) -> tuple[int, list[Any]]:
    """How many papers arXiv has, and the entries; one that is not well-formed is a BrokenEntry."""
    try:
        feed = parse_xml(body)
        entries = feed.findall(ATOM + "entry")
    except InvalidResponse:
        feed, entries = _parse_entry_by_entry(body)
    if feed.tag != ATOM + "feed":
        raise InvalidResponse("arXiv's answer is no Atom feed")
    total = (feed.findtext(TOTAL) or "").strip()
    if not re.fullmatch("[0-9]{1,9}", total):
        raise InvalidResponse("arXiv's answer does not say how many papers there are")
    return int(total), entries


def _parse_entry_by_entry(body: bytes) -> tuple[Any, list[Any]]:
    """A stray character must not cost the other entries; raises InvalidResponse if it is outside of them."""
    head, *parts = ENTRY_START.split(body)
    if not parts:
        raise InvalidResponse("arXiv's answer is cut or broken (no well-formed XML)")
    last, end, tail = parts[-1].rpartition(b"</entry>")
    parts[-1] = last + end
    feed = parse_xml(head + tail)
    return feed, [_parse_entry(head + part + b"</feed>", part) for part in parts]


def _parse_entry(document: bytes, part: bytes) -> Any:
    try:
        return parse_xml(document).find(ATOM + "entry")
    except InvalidResponse:
        paper_id = RAW_ENTRY_ID.search(part)
        return BrokenEntry(paper_id[1].decode() if paper_id else "", "is not well-formed")


def _page(entries: list[Any], total: int) -> Page:
    papers: dict[str, Paper] = {}
    broken: list[BrokenEntry] = []
    for entry in entries:
        found = entry if isinstance(entry, BrokenEntry) else _read_entry(entry)
        if isinstance(found, BrokenEntry):
            broken.append(found)
        elif found.id not in papers or found.version > papers[found.id].version:
            papers[found.id] = found
    lasting = [entry for entry in broken if entry.id not in papers]
    named = {entry.id: entry for entry in lasting if entry.id}
    return Page(papers, total, (*named.values(), *(entry for entry in lasting if not entry.id)))


def _read_entry(entry: Any) -> Paper | BrokenEntry:
    """Raises InvalidResponse for arXiv's way to report an error: a feed with an entry about it."""
    children = _by_tag(entry)
    address = one_line(_text(children, ATOM + "id"))
    if "/api/errors" in address:
        raise InvalidResponse(f"arXiv answered with an error: {one_line(_text(children, ATOM + 'summary'))}")
    parts = ENTRY_ID.search(address)
    if not parts:
        paper_id = UNVERSIONED_ID.search(address)
        return (
            BrokenEntry(paper_id[1], "has no valid version")
            if paper_id
            else BrokenEntry("", "has no valid id")
        )
    primary_category = next(_terms(children, ARXIV + "primary_category"), "")
    published, updated = (read_instant(_text(children, ATOM + name)) for name in ("published", "updated"))
    title = one_line(_text(children, ATOM + "title"))
    names = (name for author in children[ATOM + "author"] for name in author.iterchildren(ATOM + "name"))
    authors = names_only(map(_all_text, names))
    required = {"title": title, "date": published, "authors": authors, "primary category": primary_category}
    if missing := [name for name, value in required.items() if not value]:
        return BrokenEntry(parts["id"], f"lacks its {' and its '.join(missing)}")
    assert published  # noqa: S101 - for the type checker: it is among the required ones
    categories = _terms(children, ATOM + "category")
    return Paper(
        id=parts["id"],
        version=int(parts["version"]),
        title=title,
        authors=authors,
        abstract=paragraphs(_text(children, ATOM + "summary")),
        primary_category=primary_category,
        categories=tuple(dict.fromkeys(filter(None, [primary_category, *categories]))),
        published=published,
        updated=updated or published,
        comment=one_line(_text(children, ARXIV + "comment")),
        journal_ref=one_line(_text(children, ARXIV + "journal_ref")),
        doi=one_line(_text(children, ARXIV + "doi")),
    )


def _by_tag(entry: Any) -> Children:
    """To go through all once takes less time than to look for each tag."""
    children: Children = defaultdict(list)
    for child in entry:
        children[child.tag].append(child)
    return children


def _text(children: Children, tag: str) -> str:
    return _all_text(children[tag][0]) if children[tag] else ""


def _terms(children: Children, tag: str) -> Iterator[str]:
    return (one_line(element.get("term", "")) for element in children[tag])


def _all_text(element: Any) -> str:
    return "".join(element.itertext()) if len(element) else element.text or ""


def read_instant(text: str) -> dt.datetime | None:
    """In UTC; None for what is no date of arXiv's."""
    try:
        instant = dt.datetime.fromisoformat(text.strip())
        in_utc = (instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return in_utc if in_utc.year in YEARS else None
