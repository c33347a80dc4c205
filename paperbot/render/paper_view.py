"""One entry of the archive as a template may print it. Every text of others is made safe here."""

import html
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from urllib.parse import quote

from paperbot.config import Config, Keyword
from paperbot.model import Entry, Match, Paper, Summary, SummarySource
from paperbot.ranking.keywords import keyword_pattern
from paperbot.render.figure_check import MOSTLY_MISSING, figure_check_text, figure_marks
from paperbot.render.views import (
    Block,
    Html,
    Line,
    LinkView,
    ListedView,
    MatchView,
    PaperView,
    SummaryView,
    Url,
)
from paperbot.text import FigureMarks, block, inline, link_label, plain, truncate
from paperbot.text.authors import author_names
from paperbot.text.urls import find_urls, link_destination, split_url

AUTHORS_SHOWN = 12
AUTHORS_IN_FOLD = 200
ABSTRACT_SHOWN = 600
"""Characters before the fold, more or less: whole sentences."""
ABSTRACT_LEFT_WHOLE = 720
"""Characters that are shown without a fold, since little would be in it."""
ABSTRACT_MAX = 10_000
"""Five times what arXiv accepts."""
TITLE_MAX = 500
LINE_MAX = 1_000
LINKS_SHOWN = 4
NOTHING_TO_SHOW = "the model's answer has nothing that can be shown."

SOURCES: dict[SummarySource | None, str] = {
    SummarySource.FILE: "the uploaded PDF",
    SummarySource.TEXT: "the text of the PDF",
    SummarySource.ABSTRACT: "the abstract",
    None: "",
}

_SENTENCE_END = re.compile(r"[.!?][\"')\]\u201d]*\s+(?=[\"'(\[\u201c$\\]?[A-Z0-9])|\n")
_NO_SENTENCE_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|al|vs|cf|resp|approx|w\.r\.t|Figs?|Eqs?|Secs?|Tabs?|Refs?|No|Dr|St)|\b[A-Z])\.\s+$"
)


def paper_view(entry: Entry, place: int, config: Config) -> PaperView:
    """With all that a page may say of it; `place` counts from 1."""
    paper = entry.paper
    bold = _keywords_in(entry.score.matches, config)
    abstract, rest = split_abstract(truncate(paper.abstract, ABSTRACT_MAX))
    authors = [truncate(author, 200) for author in author_names(paper.authors)]
    return PaperView(
        place=place,
        anchor=anchor(paper),
        id=line(paper.id),
        versioned_id=line(paper.versioned_id),
        title=label(shown_title(paper)),
        abstract_url=arxiv_url("abs", paper.id),
        pdf_url=arxiv_url("pdf", paper.versioned_id),
        html_url=arxiv_url("html", paper.versioned_id),
        authors=line(", ".join(authors[:AUTHORS_SHOWN])),
        authors_rest=line(_names_in_fold(authors[AUTHORS_SHOWN:])),
        authors_rest_count=len(authors[AUTHORS_SHOWN:]),
        category=line(paper.primary_category),
        cross_lists=line(truncate(", ".join(paper.categories[1:]), LINE_MAX)),
        published=paper.published.date(),
        updated=paper.updated.date(),
        version=paper.version,
        score=entry.score.value,
        matches=match_views(entry, config.title_bonus),
        type=entry.type,
        comment=line(truncate(paper.comment, LINE_MAX)),
        links=tuple(link_views(paper)),
        abstract=_paragraphs(abstract, bold),
        abstract_rest=_paragraphs(rest, bold),
        abstract_cut=len(paper.abstract) > ABSTRACT_MAX,
        summary=summary_view(entry.summary, pdf_url(entry)) if entry.summary else None,
        withdrawn=entry.withdrawn,
    )


def listed_view(entry: Entry) -> ListedView:
    """A paper below the cut."""
    return ListedView(
        title=label(shown_title(entry.paper)),
        url=arxiv_url("abs", entry.paper.id),
        score=entry.score.value,
        category=line(entry.paper.primary_category),
    )


def pdf_url(entry: Entry) -> Url:
    """The PDF that the entry's summary was made from."""
    version = entry.summary.version if entry.summary else entry.paper.version
    return arxiv_url("pdf", f"{entry.paper.id}v{version}")


def summary_view(summary: Summary, pdf_url: Url) -> SummaryView:
    """A summary, or the reason why there is none."""
    grounding = summary.grounding
    missing = grounding.missing if grounding else ()
    text = _summary_block(summary.text, figure_marks(summary, pdf_url))
    return SummaryView(
        text=text,
        reason=Line("") if text else line(truncate(summary.reason or NOTHING_TO_SHOW, LINE_MAX)),
        elsewhere=Url(""),
        model=html_text(truncate(summary.model, 100)),
        source=SOURCES[summary.source],
        version=summary.version,
        input_tokens=summary.input_tokens,
        output_tokens=summary.output_tokens,
        figure_check=figure_check_text(grounding),
        figures_warning=MOSTLY_MISSING if grounding and grounding.mostly_missing else "",
        figures_missing=line(truncate(", ".join(missing), LINE_MAX)),
        hidden_text=line(truncate(summary.hidden_text, 200)),
        cut_short=summary.cut_short,
    )


@lru_cache(maxsize=256)
def _summary_block(text: str, marks: FigureMarks) -> Block:
    """Kept, because README and day page have the same summaries."""
    return Block(block(text, marks))


def match_views(entry: Entry, title_bonus: float) -> tuple[MatchView, ...]:
    """Empty when the points don't add up to the archived score: better no explanation than a wrong one."""
    views = tuple(
        MatchView(
            keyword=line(truncate(match.keyword, 100)),
            points=match.weight * (1 + title_bonus * match.title),
            in_title=match.title,
            is_author=match.author,
        )
        for match in entry.score.matches
    )
    adds_up = abs(sum(view.points for view in views) - entry.score.value) < 0.005
    return views if adds_up else ()


def link_views(paper: Paper) -> Iterator[LinkView]:
    """The http(s) addresses in comment and abstract, the first few, each once."""
    text = f"{plain(paper.comment)} {plain(paper.abstract)}"
    for address in list(dict.fromkeys(address for _, address in find_urls(text)))[:LINKS_SHOWN]:
        parts, destination = split_url(address), link_destination(address)
        if parts and destination:
            words = (parts.netloc.removeprefix("www.") + parts.path).rstrip("/")
            yield LinkView(label(truncate(words, 60)), Url(destination))


def safe_url(address: str) -> Url:
    """An http(s) address in which nothing means anything to Markdown or to GitHub's math."""
    return Url(quote(address, safe="/:?#=&;%~+,@.-_").replace("&", "&amp;"))


def arxiv_url(kind: str, paper_id: str) -> Url:
    """See https://info.arxiv.org/help/arxiv_identifier.html."""
    return Url(f"https://arxiv.org/{kind}/{quote(paper_id, safe='/')}")


def anchor(paper: Paper) -> Html:
    """For example `paper-2512.20276`; old ids lose their slash."""
    return Html("paper-" + re.sub(r"[^A-Za-z0-9.-]", "-", paper.id))


def shown_title(paper: Paper) -> str:
    """The id where there is no title: a link needs a text."""
    return truncate(paper.title, TITLE_MAX) if line(paper.title) else paper.id


def line(text: str) -> Line:
    """Text of others, safe on one line."""
    return Line(inline(text))


def label(text: str) -> Line:
    """The same for the inside of a link."""
    return Line(link_label(text))


def html_text(text: str) -> Html:
    """Text of others for a line of HTML, or for an attribute."""
    return Html(html.escape(plain(text)))


def split_abstract(text: str) -> tuple[str, str]:
    """Whole sentences of about ABSTRACT_SHOWN characters, and the sentences after them."""
    if len(text) <= ABSTRACT_LEFT_WHOLE:
        return text, ""
    ends = (end for end in _sentence_ends(text) if end <= ABSTRACT_LEFT_WHOLE)
    cut = min(ends, key=lambda end: abs(end - ABSTRACT_SHOWN), default=0)
    return (text[:cut].rstrip(), text[cut:].lstrip()) if cut else _split_between_words(text)


def _sentence_ends(text: str) -> Iterator[int]:
    for match in _SENTENCE_END.finditer(text):
        before = text[: match.end()]
        if before.count("$") % 2 == 0 and not _NO_SENTENCE_END.search(before[-12:]):
            yield match.end()


def _split_between_words(text: str) -> tuple[str, str]:
    """For a first sentence as long as other people's abstracts."""
    spaces = [
        m.start() for m in re.finditer(r"\s", text[:ABSTRACT_SHOWN]) if text[: m.start()].count("$") % 2 == 0
    ]
    cut = spaces[-1] if spaces else ABSTRACT_SHOWN
    return text[:cut].rstrip() + " …", "… " + text[cut:].lstrip()


def _paragraphs(text: str, bold: re.Pattern[str] | None) -> Block:
    lines = (inline(paragraph, bold) for paragraph in text.split("\n"))
    return Block("\n\n".join(made for made in lines if made))


def _names_in_fold(names: Sequence[str]) -> str:
    more = len(names) - AUTHORS_IN_FOLD
    return ", ".join(names[:AUTHORS_IN_FOLD]) + (f" and {more:,} more" if more > 0 else "")


def _keywords_in(matches: Sequence[Match], config: Config) -> re.Pattern[str] | None:
    """Finds the matched keywords, longest first, by today's rule for each where the config still has it."""
    rules = {keyword.term: keyword for keyword in config.keywords}
    terms = {match.keyword for match in matches if not match.author}
    patterns = [
        keyword_pattern(rules.get(term) or Keyword(term=term)).pattern
        for term in sorted(terms, key=lambda term: (-len(term), term))
    ]
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None
