"""The marks beside a summary's figures on the page: what the check of figures found, links to pages."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from paperbot.text.plain import clean

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
        return dict.fromkeys(self.other_row, OTHER_ROW) | dict.fromkeys(self.missing, UNVERIFIED)


NO_MARKS = FigureMarks()


@dataclass(frozen=True, slots=True)
class Figure:
    """A marked figure as written in a text."""

    text: str
    warning: str
    """Empty if it gets none."""
    page_link: str
    """Markdown; empty if it gets none."""


class FigureMarker:
    """Finds the figures to mark in the texts of one summary, in their order."""

    def __init__(self, marks: FigureMarks) -> None:
        self._warnings = {_one_line(figure.strip()): mark for figure, mark in marks.warnings().items()}
        self._pages = {_one_line(figure.strip()): page for figure, page in marks.pages}
        self._pdf_url = marks.pdf_url
        self._pattern = whole_figures([*self._warnings, *self._pages])

    def split(self, text: str, can_link: bool = True) -> Iterator[str | Figure]:
        """The text and the figures in it; a figure's page is linked once, and only where links may be."""
        end = 0
        for found in self._pattern.finditer(text) if self._pattern else ():
            name = self._name(found[0])
            warning, link = self._warnings.get(name, ""), ""
            if can_link and (page := self._pages.pop(name, None)) and self._pdf_url and not warning:
                link = f"<sup>[p.{page}]({self._pdf_url}#page={page})</sup>"
            if warning or link:
                yield text[end : found.start()]
                yield Figure(found[0], warning, link)
                end = found.end()
        yield text[end:]

    def figures(self, text: str, can_link: bool = True) -> list[Figure]:
        return [part for part in self.split(text, can_link) if isinstance(part, Figure)]

    def _name(self, text: str) -> str:
        """Of a figure as it was given, whatever its blanks in this place."""
        if text in self._warnings or text in self._pages:
            return text
        bare = re.sub(r"\s", "", text.replace("\\%", "%"))
        names = (*self._warnings, *self._pages)
        return next((name for name in names if re.sub(r"\s", "", name.replace("\\%", "%")) == bare), text)


def whole_figures(figures: Collection[str]) -> re.Pattern[str] | None:
    """Each figure as a whole: 9.73 is not found in 99.73, nor 5 in 5% or GPT5."""
    longest_first = sorted({figure for figure in figures if figure}, key=len, reverse=True)
    if not longest_first:
        return None
    patterns = (re.escape(figure).replace(r"\ ", r"\s*").replace("%", r"\\?%") for figure in longest_first)
    return re.compile(
        rf"(?<![A-Za-z0-9_])(?<![0-9][.,])({'|'.join(patterns)})"
        r"(?:(?<=[0-9])(?!\d|[.,]\d|\\?%)|(?<![0-9])(?!\w))",
        re.ASCII,
    )


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", clean(text))
