"""Are the figures of a summary in the paper's own text, and on which page?

Formats are tolerated, values are not: 1,000 = 1000, 84.4 % = 0.844, 2.55x = 2.55 times = 2.55 倍, 7B = 70亿,
250 ms = 0.25 s. A number with three significant digits or more may be rounded (30.6720 -> 30.67); a shorter
one only where the summary says that it rounded ("about 84%", "超过 84%").

Everything here is linear in the length of its input, which is capped: no summary and no paper can hang a run.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal, DivisionByZero, InvalidOperation
from itertools import accumulate, islice, permutations

from paperbot.model import Grounding
from paperbot.summaries.figure_pages import figure_pages
from paperbot.summaries.figures import FACTOR, PERCENT, Figure, figures_in
from paperbot.summaries.paper_figures import PaperFigures
from paperbot.summaries.table_rows import figures_in_other_rows

SUMMARY_CHARS = 100_000
PAPER_CHARS = 1_000_000
MAX_FIGURES = 2_000
MAX_NEIGHBOURS = 10
"""Of one line, the most missing figures that may have been worked out from it."""


def ground(summary: str, text: str, pages: Sequence[str] = ()) -> Grounding:
    """Which figures of the summary are in the paper; what is written the same way counts once.

    `pages` are the texts of the PDF's pages in order, `text` is what else belongs to the paper. Looks at the
    first 100,000 characters and 2,000 figures of the summary and at 1,000,000 characters of the paper.
    """
    summary = summary[:SUMMARY_CHARS]
    starts = accumulate(map(len, pages), initial=0)
    pages = [page[: max(0, PAPER_CHARS - start)] for page, start in zip(pages, starts, strict=False)]
    text = text[: PAPER_CHARS - sum(map(len, pages))]
    page_figures = [PaperFigures.of(page) for page in pages]
    paper = PaperFigures.union([*page_figures, PaperFigures.of(text)])
    figures = list(islice(figures_in(summary), MAX_FIGURES))
    found = {figure.literal for figure in figures if paper.holds(figure)}
    is_exact = {figure.literal: figure.is_exact for figure in figures}
    worked_out = set(_worked_out(summary, figures, found))
    missing = [literal for literal in is_exact if literal not in found | worked_out]
    found_figures = [figure for figure in figures if figure.literal in found]
    return Grounding(
        found=len(found),
        checked=len(is_exact),
        missing=tuple(missing),
        exact_found=sum(is_exact[literal] for literal in found),
        exact_checked=sum(is_exact[literal] for literal in (*found, *missing)),
        worked_out=tuple(literal for literal in is_exact if literal in worked_out),
        other_row=figures_in_other_rows(summary, found_figures, [*pages, text]),
        pages=figure_pages(summary, found_figures, pages, page_figures),
    )


def _worked_out(summary: str, figures: Sequence[Figure], found: set[str]) -> Iterator[str]:
    """Missing figures that follow from two found ones of their line."""
    lines: dict[int, list[Figure]] = defaultdict(list)
    line, position = 0, 0
    for figure in figures:
        line += summary.count("\n", position, figure.start)
        position = figure.start
        lines[line].append(figure)
    for neighbours in lines.values():
        known = [figure for figure in neighbours if figure.literal in found][:MAX_NEIGHBOURS]
        missing = [figure for figure in neighbours if figure.literal not in found][:MAX_NEIGHBOURS]
        for figure in missing:
            if any(_follows(figure, one, other) for one, other in permutations(known, 2)):
                yield figure.literal


def _follows(figure: Figure, one: Figure, other: Figure) -> bool:
    """Is it a - b, a / b, a x b, or a change in per cent, rounded as it is written?"""
    if len(figure.quantities) > 1 or figure.quantities[0].significant_digits < 2:
        return False
    result, unit = figure.quantities[0].values[0], figure.quantities[0].unit
    a, b = (neighbour.quantities[-1] for neighbour in (one, other))
    (x, y), units = (a.values[0], b.values[0]), {a.unit, b.unit}
    exponent = result.as_tuple().exponent
    half = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) / 2
    dimension = unit.dimension if unit else ""
    try:
        if a.unit and b.unit and a.unit.dimension == b.unit.dimension:
            ratio = x * a.unit.size / (y * b.unit.size)
        else:
            ratio = x / y
        candidates = [x * y] if dimension not in (PERCENT, FACTOR) else []
        if len(units) == 1 and (unit is None or unit in units):
            candidates.append(x - y)
        if dimension in ("", FACTOR):
            candidates.append(ratio)
        if dimension in ("", PERCENT):
            candidates += [100 * ratio, 100 * abs(ratio - 1)]
    except (DivisionByZero, InvalidOperation):
        return False
    return any(abs(candidate - result) <= half for candidate in candidates)
