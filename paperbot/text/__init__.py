"""Untrusted text -> what the page (Markdown as GitHub reads it) and the feeds (HTML) can show safely.

The HTML is what GitHub's renderer makes of the safe Markdown, so both say the same.
"""

import re
from collections.abc import Collection, Iterator

import nh3

from paperbot.text.escaping import MarkdownLine, escaped, guarded
from paperbot.text.formulas import split_formulas
from paperbot.text.gfm import gfm_html
from paperbot.text.markdown import parsed
from paperbot.text.plain import clean, plain
from paperbot.text.writer import SummaryWriter

__all__ = ["CUT_NOTE", "MAX_SUMMARY_CHARS", "block", "block_html", "inline", "inline_html", "plain"]

MAX_SUMMARY_CHARS = 20_000
"""Of the source read and of the Markdown written; a model is asked for about a fifth."""
CUT_NOTE = "*(cut here: the summary was too long)*"

_FORMULA_HTML = re.compile(r"\$(<code>[^<]*</code>)\$")
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h4", "h5", "h6", "ins", "li", "ol", "p", "pre", "strong",
    "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
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
    line = MarkdownLine()
    for source, tex in split_formulas(plain(text)):
        if tex:
            line.add_formula(tex)
            continue
        for piece, is_bold in _divided(source, bold):
            if is_bold:
                line.add_emphasis(escaped(piece), "**", "strong")
            else:
                line.add_text(piece)
    return guarded(str(line))


def inline_html(text: str) -> str:
    """The same text as HTML without a block around it; formulas as their TeX in `<code>`."""
    html = gfm_html(inline(text)).strip().removeprefix("<p>").removesuffix("</p>")
    return _safe_html(html)


def block(text: str, flagged: Collection[str] = ()) -> str:
    """A summary as Markdown for a fold below a level-3 heading, at most MAX_SUMMARY_CHARS and a note.

    `flagged` figures, given as the summary writes them, are marked as unverified wherever they stand whole.
    """
    source = clean(text[: 2 * MAX_SUMMARY_CHARS]).strip()
    shortened = _cut(source, MAX_SUMMARY_CHARS)
    written = SummaryWriter(parsed(shortened), flagged).write()
    while len(written) > MAX_SUMMARY_CHARS:
        shortened = _cut(shortened, int(0.95 * len(shortened) * MAX_SUMMARY_CHARS / len(written)))
        written = SummaryWriter(parsed(shortened), flagged).write()
    is_whole = shortened == source and len(text) <= 2 * MAX_SUMMARY_CHARS
    return written if is_whole else f"{written}\n\n{CUT_NOTE}".strip()


def block_html(text: str, flagged: Collection[str] = ()) -> str:
    """The same summary as HTML."""
    return _safe_html(gfm_html(block(text, flagged)))


def _divided(text: str, bold: re.Pattern[str] | None) -> Iterator[tuple[str, bool]]:
    position = 0
    for found in bold.finditer(text) if bold else ():
        yield text[position : found.start()], False
        yield found[0], True
        position = found.end()
    yield text[position:], False


def _cut(text: str, max_chars: int) -> str:
    """The text up to the last paragraph, line or word that ends within `max_chars`."""
    if len(text) <= max_chars:
        return text
    for end in ("\n\n", "\n", " "):
        place = text.rfind(end, max_chars // 2, max_chars)
        if place > 0:
            return text[:place]
    return text[:max_chars]


def _safe_html(html: str) -> str:
    return _CLEANER.clean(_FORMULA_HTML.sub(r"\1", html)).strip()
