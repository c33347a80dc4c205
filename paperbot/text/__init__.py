"""Untrusted text -> what the page (Markdown as GitHub reads it) and the feeds (HTML) can show safely.

The HTML is what GitHub's renderer makes of the safe Markdown, so both say the same.
"""

import re

import nh3

from paperbot.text.escaping import LinkLabel, MarkdownLine, escape, escape_line_start
from paperbot.text.figure_marks import NO_MARKS, FigureMarks
from paperbot.text.formulas import limit_formulas, split_formulas
from paperbot.text.gfm import gfm_html
from paperbot.text.markdown import parsed
from paperbot.text.plain import clean, plain, truncate
from paperbot.text.writer import SummaryWriter

__all__ = [
    "CUT_NOTE", "FigureMarks", "MAX_SUMMARY_CHARS", "block", "block_html", "inline", "inline_html",
    "limit_formulas", "link_label", "plain", "plain_formulas", "truncate",
]  # fmt: skip

MAX_SUMMARY_CHARS = 20_000
"""Of the source read and of the Markdown written; a model is asked for about a fifth."""
_BREAKS = ("\n\n", "\n", " ")
CUT_NOTE = "*(cut here: the summary was too long)*"

_FORMULA_HTML = re.compile(r"\$(<code>[^<]*</code>)\$")
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h4", "h5", "h6", "ins", "li", "ol", "p", "pre", "strong",
    "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}},
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="nofollow noopener noreferrer",
)


def inline(text: str, bold: re.Pattern[str] | None = None) -> str:
    """One line of Markdown, for any place in a page but the inside of code; matches of `bold` are strong."""
    return _written(MarkdownLine(), text, bold)


def link_label(text: str, bold: re.Pattern[str] | None = None) -> str:
    """The same for the inside of a link."""
    return _written(LinkLabel(), text, bold)


def plain_formulas(text: str) -> str:
    """Plain text for titles of feeds and messages: formulas in Unicode, as far as it goes."""
    pieces = split_formulas(plain(text))
    return "".join(formula.unicode if formula else source for source, formula in pieces)


def inline_html(text: str) -> str:
    """The same text as HTML without a block around it; formulas as their TeX in `<code>`."""
    html = gfm_html(inline(text)).strip().removeprefix("<p>").removesuffix("</p>")
    return _safe_html(html)


def block(text: str, marks: FigureMarks = NO_MARKS) -> str:
    """A summary as Markdown for a fold below a level-3 heading, at most MAX_SUMMARY_CHARS and a note.

    Figures get their `marks` wherever they occur whole.
    """
    source = clean(text[: 2 * MAX_SUMMARY_CHARS]).strip()
    shortened = truncate(source, MAX_SUMMARY_CHARS, "", _BREAKS)
    while len(written := SummaryWriter(parsed(shortened), marks).write()) > MAX_SUMMARY_CHARS:
        max_chars = int(0.95 * len(shortened) * MAX_SUMMARY_CHARS / len(written))
        shortened = truncate(shortened, max_chars, "", _BREAKS)
    is_whole = shortened == source and len(text) <= 2 * MAX_SUMMARY_CHARS
    return written if is_whole else f"{written}\n\n{CUT_NOTE}".strip()


def block_html(text: str, marks: FigureMarks = NO_MARKS) -> str:
    """The same summary as HTML."""
    return _safe_html(gfm_html(block(text, marks)))


def _written(line: MarkdownLine, text: str, bold: re.Pattern[str] | None) -> str:
    for source, formula in split_formulas(plain(text)):
        if formula:
            line.add_formula(formula)
            continue
        position = 0
        for found in bold.finditer(source) if bold else ():
            line.add_text(source[position : found.start()])
            line.add_emphasis(escape(found[0]), "**", "strong")
            position = found.end()
        line.add_text(source[position:])
    return escape_line_start(str(line))


def _safe_html(html: str) -> str:
    return _CLEANER.clean(_FORMULA_HTML.sub(r"\1", html)).strip()
