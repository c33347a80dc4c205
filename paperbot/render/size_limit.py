"""What is left out of a page so that it stays below its byte limit.

The lowest-ranked summaries go first, then abstracts become shorter, then papers are listed by title only.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from paperbot.render.views import Block, DigestView, ListedView, PaperView, RoomView, SummaryView, Url

Elsewhere = Callable[[PaperView], str]

PAGE_MAX_BYTES = 450_000
"""GitHub cuts a README at 512,000 bytes."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a digest a page takes, counted from the best paper."""

    papers: int
    summaries: int
    abstracts: Literal["whole", "beginning", "none"]
    titles: int
    """Of papers below the cut, and of those that more room would have shown in full."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page, and what of the digest found room on it."""

    markdown: str
    digest: DigestView


def fit(digest: DigestView, elsewhere: Elsewhere, render: Callable[[DigestView], str]) -> Drawn:
    """The page with as much of `digest` as PAGE_MAX_BYTES allow.

    `elsewhere` gives the address at which a summary that is left out is found.
    """
    rooms = list(_rooms(len(digest.papers), len(digest.listed)))

    @cache
    def drawn(room: Room) -> Drawn:
        part = within(digest, room, elsewhere)
        return Drawn(render(part), part)

    def fits(room: Room) -> bool:
        return len(drawn(room).markdown.encode()) <= PAGE_MAX_BYTES

    if fits(rooms[0]):
        return drawn(rooms[0])
    return drawn(rooms[bisect_left(rooms, True, lo=1, hi=len(rooms) - 1, key=fits)])


def within(digest: DigestView, room: Room, elsewhere: Elsewhere) -> DigestView:
    """The part of a digest that there is room for, and how much that leaves out."""
    papers = tuple(
        _paper_within(paper, room, position, elsewhere)
        for position, paper in enumerate(digest.papers[: room.papers])
    )
    by_title = digest.papers[room.papers :]
    listed = (*map(_title_of, by_title), *digest.listed)
    return replace(
        digest,
        papers=papers,
        listed=listed[: room.titles],
        listed_left_out=digest.listed_left_out + max(0, len(listed) - room.titles),
        left_out=RoomView(
            limit=PAGE_MAX_BYTES,
            summaries=sum(1 for paper in papers if paper.summary and paper.summary.elsewhere),
            abstracts=sum(1 for paper in papers if paper.abstract_cut),
            papers=len(by_title),
        ),
    )


def _rooms(papers: int, titles: int) -> Iterator[Room]:
    """From the whole to the least, each smaller than the one before."""
    for summaries in reversed(range(papers + 1)):
        yield Room(papers, summaries, "whole", titles)
    yield Room(papers, 0, "beginning", titles)
    yield Room(papers, 0, "none", titles)
    for in_full in _halves(papers):
        yield Room(in_full, 0, "none", titles + papers - in_full)
    for by_title in _halves(titles + papers):
        yield Room(0, 0, "none", by_title)


def _halves(number: int) -> Iterator[int]:
    while number:
        number //= 2
        yield number


def _paper_within(paper: PaperView, room: Room, position: int, elsewhere: Elsewhere) -> PaperView:
    if position >= room.summaries and paper.summary and paper.summary.text:
        paper = replace(paper, summary=_elsewhere(paper.summary, elsewhere(paper)))
    if room.abstracts == "whole" or not paper.abstract:
        return paper
    beginning = paper.abstract if room.abstracts == "beginning" else Block("")
    cut = paper.abstract_cut or not beginning or bool(paper.abstract_rest)
    return replace(paper, abstract=beginning, abstract_rest=Block(""), abstract_cut=cut)


def _elsewhere(summary: SummaryView, address: str) -> SummaryView:
    return replace(summary, text=Block(""), elsewhere=Url(address))


def _title_of(paper: PaperView) -> ListedView:
    return ListedView(title=paper.title, url=paper.abstract_url, score=paper.score, category=paper.category)
