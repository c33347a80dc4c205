"""The marks beside a summary's figures on the page: what the check of figures found, links to pages."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from paperbot.text.plain import one_line

UNVERIFIED = "⚠️ unverified"
"""Beside each figure that the paper's text does not hold."""
OTHER_ROW = "⚠️ in another row"
"""Beside a figure that the paper's table has in another row."""


@dataclass(frozen=True, slots=True)
class FigureMarks:
    """Which figures get which mark; each figure as the summary writes it."""

    missing: tuple[str, ...] = ()
    other_row: tuple[str, ...] = ()
    pages: tuple[tuple[str, int], ...] = ()
    """Figures with their page of the PDF, linked where the summary has them first."""
    pdf_url: str = ""

    def warnings(self) -> dict[str, str]:
        """Figure -> what its mark says; "unverified" where a figure would have both."""
        return dict.fromkeys(self.other_row, OTHER_ROW) | dict.fromkeys(self.missing, UNVERIFIED)


NO_MARKS = FigureMarks()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with a mark, as written in a text."""

    name: str
    """As the marks have it, whatever its blanks in this place."""
    text: str
    warning: str
    """Empty if it gets none."""


class FigureMarker:
    """Finds the figures to mark in the texts of one summary, in their order."""

    def __init__(self, marks: FigureMarks) -> None:
        self._warnings = {one_line(figure.strip()): mark for figure, mark in marks.warnings().items()}
        self._pages = {one_line(figure.strip()): page for figure, page in marks.pages if marks.pdf_url}
        self._pdf_url = marks.pdf_url
        self._names = {_without_blanks(name): name for name in (*self._pages, *self._warnings)}
        self._pattern = whole_figures([*self._warnings, *self._pages])

    def split(self, text: str) -> Iterator[str | Figure]:
        """The text and the figures in it."""
        end = 0
        for found in self._pattern.finditer(text) if self._pattern else ():
            name = self._names.get(_without_blanks(found[0]), found[0])
            yield text[end : found.start()]
            yield Figure(name, found[0], self._warnings.get(name, ""))
            end = found.end()
        yield text[end:]

    def figures(self, text: str) -> list[Figure]:
        """The figures alone."""
        return [part for part in self.split(text) if isinstance(part, Figure)]

    def page_link(self, figure: Figure) -> str:
        """Markdown the first time that it is asked for; empty if the figure has a warning or no page."""
        page = None if figure.warning else self._pages.pop(figure.name, None)
        return f"<sup>[p.{page}]({self._pdf_url}#page={page})</sup>" if page else ""


def whole_figures(figures: Collection[str]) -> re.Pattern[str] | None:
    """Each figure as a whole: 9.73 is not found in 99.73, nor 5 in 5% or GPT5."""
    longest_first = sorted({figure for figure in figures if figure}, key=len, reverse=True)
    if not longest_first:
        return None
    patterns = (re.escape(figure).replace(r"\ ", r"\s*").replace("%", r"\\?%") for figure in longest_first)
    return re.compile(
        rf"(?<![A-Za-z_\d])(?<!\d[.,．٫])({'|'.join(patterns)})"
        r"(?:(?<=\d)(?!\d|[.,．٫]\d|\\?[%％﹪٪])|(?<!\d)(?![A-Za-z_\d]))"
    )


def _without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text.replace("\\%", "%"))
