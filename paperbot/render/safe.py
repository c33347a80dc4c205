"""Values of any origin -> text that is safe in its place on a page: all that templates print passes here."""

import datetime as dt
import html
from collections.abc import Callable
from functools import lru_cache

from markupsafe import Markup

from paperbot.render.last_resort import escaped_by_entities
from paperbot.text import inline, plain
from paperbot.text.urls import link_destination


class SafeMarkdown(str):
    """Markdown that a page template prints as it is. Every other string is escaped when it is printed.

    Any operation on it (`~`, `replace`, `join`) gives a common string again, which is then escaped: a
    mistake in a template costs looks, never safety.
    """

    __slots__ = ()


class SafeUrl(str):
    """A relative or an http(s) address without characters that Markdown, HTML or GitHub's math would read."""

    __slots__ = ()


def safe_url(address: str) -> SafeUrl:
    """The address, percent-encoded; empty unless it is an http(s) address."""
    return SafeUrl(html.unescape(link_destination(address) or ""))


def markdown_value(value: object) -> str:
    """What a Markdown template prints: one safe line, unless the value is known to be safe."""
    kind = type(value)
    if kind is SafeMarkdown:
        return value  # type: ignore[return-value]
    if kind is int or kind is float or isinstance(value, dt.date):
        return str(value)
    if kind is SafeUrl:
        return html.escape(str(value))
    return "" if value is None else safe_line(str(value))


def html_value(value: object) -> Markup:
    """What an HTML, SVG or XML template prints: escaped, without invisible or control characters."""
    if isinstance(value, Markup):
        return value
    return Markup("" if value is None else html.escape(_with_edges(str(value), plain)))


@lru_cache(maxsize=16_384)
def safe_line(text: str) -> SafeMarkdown:
    """One line of Markdown. Cached, since pages are rendered several times and share most of their text."""
    return SafeMarkdown(_with_edges(text, inline))


def html_text(text: str) -> SafeMarkdown:
    """The text escaped for a line of HTML in a Markdown page, or for an attribute's value in quotes."""
    return SafeMarkdown(html.escape(plain(str(text))))


def escape_everything(text: str) -> SafeMarkdown:
    """Every character but letters, digits and spaces as an entity, for text that `inline` failed at."""
    return SafeMarkdown(escaped_by_entities(text))


def _with_edges(text: str, escape: Callable[[str], str]) -> str:
    """A space at either end stays: literals such as `{{ ", " if more }}` mean it."""
    if not text[:1].isspace() and not text[-1:].isspace():
        return escape(text)
    inside = text.strip()
    return " " * text[:1].isspace() + escape(inside) + " " * (bool(inside) and text[-1:].isspace())
