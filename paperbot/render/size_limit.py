"""How much of a digest a page shows, so that the page stays below its size limit.

The papers' BibTeX is left out first, then the summaries of the lowest ranks, then abstracts are shortened,
then papers are listed by title only.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

PAGE_MAX_BYTES = 450_000
"""GitHub cuts a README at 512,000 bytes."""


class AbstractDetail(StrEnum):
    """How much of each abstract a page shows."""

    WHOLE = "whole"
    BEGINNING = "beginning"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of a digest a page shows, counted from the best paper."""

    papers: int
    """In full; the others are listed by title."""
    summaries: int
    abstracts: AbstractDetail
    titles: int
    """Papers listed by title."""
    citations: bool = False
    """The BibTeX of each paper in full."""

    @classmethod
    def whole(cls, papers: int, titles: int) -> "Detail":
        """Everything about these numbers of papers."""
        return cls(papers, papers, AbstractDetail.WHOLE, titles, citations=True)


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page's text, and how much of the digest it shows."""

    markdown: str
    detail: Detail


def shrink_to_limit(
    whole: Detail, render: Callable[[Detail], str], max_bytes: int = PAGE_MAX_BYTES
) -> RenderedPage:
    """The page with the most detail that fits into `max_bytes`; the least detailed one if none fits."""

    @cache
    def page(detail: Detail) -> RenderedPage:
        return RenderedPage(render(detail), detail)

    def fits(detail: Detail) -> bool:
        return len(page(detail).markdown.encode()) <= max_bytes

    if fits(whole):
        return page(whole)
    steps = list(_steps(whole.papers, whole.titles))
    return page(steps[bisect_left(steps, True, hi=len(steps) - 1, key=fits)])


def _steps(papers: int, titles: int) -> Iterator[Detail]:
    """From all to nothing, each smaller than the one before."""
    for summaries in reversed(range(papers + 1)):
        yield Detail(papers, summaries, AbstractDetail.WHOLE, titles)
    yield Detail(papers, 0, AbstractDetail.BEGINNING, titles)
    yield Detail(papers, 0, AbstractDetail.NONE, titles)
    for in_full in _halves(papers):
        yield Detail(in_full, 0, AbstractDetail.NONE, titles + papers - in_full)
    for by_title in _halves(titles + papers):
        yield Detail(0, 0, AbstractDetail.NONE, by_title)


def _halves(number: int) -> Iterator[int]:
    while number:
        number //= 2
        yield number
