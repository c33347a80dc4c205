"""No paper and no summary may break a page: what would is left out, and the page says so.

What the page must look like is taken from a reference page: the same page with papers that have only ids.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from paperbot.errors import Problem, UserError
from paperbot.model import OPTIONAL_TEXTS, Entry, Summary
from paperbot.render.size_limit import Detail, RenderedPage
from paperbot.text.gfm import gfm_html
from paperbot.text.page_check import ExpectedPage, PaperSection, page_problems

UNSAFE = Summary(reason="its text can't be shown safely on this page; the archive's data has it.")


class InvalidPageError(Exception):
    """Even without the text of its papers the page is not as it should be: a fault of the bot."""


@dataclass(frozen=True, slots=True)
class DigestPage:
    """A page with papers, as far as its check must know it."""

    template: str
    max_bytes: int
    render: Callable[[Sequence[Entry]], RenderedPage]
    """The page of these papers."""
    sections: Callable[[Sequence[Entry], Detail], tuple[PaperSection, ...]]
    """Those of a page that shows so much of these papers, from its top to its bottom."""

    def problems(self, entries: Sequence[Entry], page: RenderedPage, expected: ExpectedPage) -> list[str]:
        """What is wrong with the page of these papers; empty when nothing is."""
        papers = self.sections(entries, page.detail)
        return page_problems(page.markdown, replace(expected, papers=papers))


def render_validated(source: DigestPage, entries: Sequence[Entry]) -> str:
    """The page, in which nothing that a paper says has changed the page's structure.

    Raises UserError when the template leaves out what every page has, InvalidPageError when no valid page can
    be made.
    """
    expected = _expected(source, [_with_id_only(entry) for entry in entries])
    page = source.render(entries)
    if not source.problems(entries, page, expected):
        return page.markdown
    safe = [_safest(entry, source, expected) for entry in entries]
    page = source.render(safe)
    if problems := source.problems(safe, page, expected):
        raise InvalidPageError("; ".join(problems[:3]))
    return page.markdown


def _expected(source: DigestPage, entries: Sequence[Entry]) -> ExpectedPage:
    """The structure of the reference page of these papers, which have only ids."""
    reference = source.render(entries)
    found = re.findall(r"<h[12]>(.*?)</h[12]>", gfm_html(reference.markdown))
    headings = (" ".join(unescape(re.sub(r"<[^>]*>", "", heading)).split()) for heading in found)
    expected = ExpectedPage((), source.max_bytes, frozenset(headings))
    if source.problems(entries, reference, expected):
        expected = replace(expected, has_own_template=True)
        if problems := source.problems(entries, reference, expected):
            message = f"the page that it makes is not whole: {problems[0]}"
            raise UserError(Problem(message, f"templates/{source.template}"))
    return expected


def _safest(entry: Entry, source: DigestPage, expected: ExpectedPage) -> Entry:
    """As much of a paper as does no harm on a page of its own."""
    for candidate in (entry, replace(entry, summary=UNSAFE)):
        if not source.problems([candidate], source.render([candidate]), expected):
            return candidate
    return _with_id_only(entry)


def _with_id_only(entry: Entry) -> Entry:
    no_texts: dict[str, Any] = dict.fromkeys(OPTIONAL_TEXTS, "")
    paper = replace(entry.paper, title=entry.paper.id, authors=(), **no_texts)
    changes = tuple(replace(change, text="") for change in entry.changes)
    return replace(entry, paper=paper, summary=None, tldr=None, changes=changes)
