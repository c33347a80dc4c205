"""No paper and no summary may break a page: what would is left out, and the page says so.

What a sound page looks like is learnt from its twin: the same page with papers that have nothing but ids.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import unescape

from paperbot.errors import ExternalError, Problem, UserError
from paperbot.model import Entry, Summary
from paperbot.render.paper_view import shown_title
from paperbot.render.size_limit import PAGE_MAX_BYTES, Drawn
from paperbot.render.views import PaperView
from paperbot.text.gfm import gfm_html
from paperbot.text.page_check import ExpectedPage, PaperSection, page_problems

UNSAFE = Summary(reason="its text can't be shown safely on this page; the archive's data has it.")


Draw = Callable[[Sequence[Entry]], Drawn]


def sound_page(entries: Sequence[Entry], draw: Draw, template: str) -> str:
    """The page of a digest, in which nothing that a paper says has changed the order of things.

    Raises UserError when the template leaves out what every page has, ExternalError when no such page can be
    made.
    """
    twin = [_with_id_alone(entry) for entry in entries]
    drawn_twin = draw(twin)
    like = ExpectedPage((), PAGE_MAX_BYTES, _headings(drawn_twin.markdown))
    if _problems(twin, drawn_twin, like):
        like = replace(like, has_own_template=True)
        if problems := _problems(twin, drawn_twin, like):
            raise UserError(Problem(f"the page that it makes is not whole: {problems[0]}", template))
    drawn = draw(entries)
    if not _problems(entries, drawn, like):
        return drawn.markdown
    safe = [_safest(entry, draw, like) for entry in entries]
    drawn = draw(safe)
    if problems := _problems(safe, drawn, like):
        raise ExternalError(
            "The new page would be broken, so the old one stays; please report this: "
            + "; ".join(problems[:3])
        )
    return drawn.markdown


def _problems(entries: Sequence[Entry], drawn: Drawn, like: ExpectedPage) -> list[str]:
    shown = (entry for entry in entries if entry.shown)
    sections = (
        PaperSection(shown_title(entry.paper), _folds(view))
        for entry, view in zip(shown, drawn.digest.papers, strict=False)
    )
    return page_problems(drawn.markdown, replace(like, papers=tuple(sections)))


def _folds(paper: PaperView) -> int:
    return sum(map(bool, (paper.authors_rest, paper.abstract_rest, paper.summary and paper.summary.text)))


def _safest(entry: Entry, draw: Draw, like: ExpectedPage) -> Entry:
    """As much of a paper as does no harm on a page of its own."""
    for candidate in (entry, replace(entry, summary=UNSAFE)):
        if not _problems([candidate], draw([candidate]), like):
            return candidate
    return _with_id_alone(entry)


def _with_id_alone(entry: Entry) -> Entry:
    paper = replace(entry.paper, title=entry.paper.id, authors=(), abstract="", comment="")
    return replace(entry, paper=paper, summary=None)


def _headings(markdown: str) -> frozenset[str]:
    found = re.findall(r"<h[12]>(.*?)</h[12]>", gfm_html(markdown))
    return frozenset(" ".join(unescape(re.sub(r"<[^>]*>", "", heading)).split()) for heading in found)
