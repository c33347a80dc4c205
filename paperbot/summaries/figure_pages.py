"""On which page of the PDF does a figure of a summary stand? The words and figures around it decide."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log

from paperbot.summaries.figures import Figure
from paperbot.summaries.paper_figures import PaperFigures
from paperbot.text.figure_marks import whole_figures

MIN_SCORE, MIN_GAP = 0.3, 0.15
"""Of the best page, and its lead over the next. The limits come from 236 real summaries and another formula
for the score, with which 62 % of the figures found got a page, 95 to 97 % of them the right one."""
MAX_PLACES = 500
MAX_WORDS, MAX_NEIGHBOURS = 60, 20
"""Of one sentence or table row that are looked at."""
FIGURE_WEIGHT = 2.0
"""A figure around it says more than a word."""
WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{3,30}|[\u3400-\u9fff]{2}")
PLACE_END = re.compile(r"(?<=[。！？])|(?<=[.!?])(?=\s)")


def figure_pages(
    summary: str, figures: Sequence[Figure], pages: Sequence[str], page_figures: Sequence[PaperFigures]
) -> dict[str, int]:
    """The pages of figures, counted from 1: of each sentence or table row the figure whose page is surest.

    `figures` are those of the summary that are in the paper. A figure has at most one page: where the
    summary has it first.
    """
    index = PageIndex(pages, page_figures)
    chosen: dict[str, int] = {}
    for words, neighbours in _places(summary, figures):
        candidates = []
        for figure in neighbours:
            digits = max(quantity.significant_digits for quantity in figure.quantities)
            # a hedged number of two digits could mean too many of the paper's
            is_telling = digits >= 3 or (digits == 2 and not figure.hedge)
            is_open = is_telling and figure.literal not in chosen
            if is_open and (best := index.best_page(figure, words, neighbours)):
                candidates.append((*best, figure))
        candidates.sort(key=lambda candidate: (not candidate[2].is_exact, -candidate[0]))
        for _, page, figure in candidates:
            pattern = whole_figures([figure.literal])
            first = pattern.search(summary) if pattern else None
            if first and first.start() == figure.start:
                chosen[figure.literal] = page
                break
    return chosen


def _places(summary: str, figures: Sequence[Figure]) -> Iterator[tuple[list[str], list[Figure]]]:
    """Words and figures of the sentences and table rows that have figures."""
    starts = []
    for line in re.finditer(r"^.*", summary, re.MULTILINE):
        starts.append(line.start())
        if "|" not in line[0]:
            starts += [line.start() + end.start() for end in PLACE_END.finditer(line[0]) if end.start()]
    by_place: dict[int, list[Figure]] = defaultdict(list)
    for figure in figures:
        by_place[bisect_right(starts, figure.start) - 1].append(figure)
    for place in sorted(by_place)[:MAX_PLACES]:
        end = starts[place + 1] if place + 1 < len(starts) else len(summary)
        words = _words(summary[starts[place] : end])
        yield words[:MAX_WORDS], by_place[place][:MAX_NEIGHBOURS]


def _words(text: str) -> list[str]:
    """Each once, in their order."""
    return list(dict.fromkeys(WORD.findall(text.lower())))


class PageIndex:
    """Which words and figures each page has, and how rare they are among the pages."""

    def __init__(self, pages: Sequence[str], page_figures: Sequence[PaperFigures]) -> None:
        self._words = [set(_words(page)) for page in pages]
        self._figures = page_figures
        self._pages_holding: dict[str, set[int]] = {}
        self._pages_with = Counter(word for words in self._words for word in words)

    def best_page(
        self, figure: Figure, words: Sequence[str], neighbours: Sequence[Figure]
    ) -> tuple[float, int] | None:
        """Score and number of the page, if it is sure."""
        holding = self._holding(figure)
        scores = dict.fromkeys(holding, 0.0)
        weights = [(self._weight(len(holding), FIGURE_WEIGHT), holding)]
        for neighbour in neighbours:
            pages = self._holding(neighbour) if neighbour is not figure else set()
            weights.append((self._weight(len(pages), FIGURE_WEIGHT), pages))
        for word in words:
            if count := self._pages_with[word]:
                pages = {page for page in holding if word in self._words[page]}
                weights.append((self._weight(count, 1.0), pages))
        for weight, pages in weights:
            for page in pages & scores.keys():
                scores[page] += weight
        ranked = sorted(((score, page) for page, score in scores.items()), reverse=True)
        total = sum(weight for weight, _ in weights)
        (best, page), (second, _) = [*ranked, (0.0, 0), (0.0, 0)][:2]
        is_sure = best and best >= MIN_SCORE * total and best - second >= MIN_GAP * total
        return (best / total, page + 1) if is_sure else None

    def _holding(self, figure: Figure) -> set[int]:
        if figure.literal not in self._pages_holding:
            pages = {page for page, figures in enumerate(self._figures) if figures.holds(figure)}
            self._pages_holding[figure.literal] = pages
        return self._pages_holding[figure.literal]

    def _weight(self, count: int, factor: float) -> float:
        """Rare ones say more; what stands nowhere says nothing."""
        return factor * log((len(self._figures) + 1) / count) if count else 0.0
