"""What templates say about a paper beyond the archive's values: pure functions, which are filters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from paperbot.config import Config, Keyword
from paperbot.model import Entry, Match, Notice, NoticeKind, Paper, RunRecord, Summary
from paperbot.ranking.keywords import keyword_pattern
from paperbot.render.figure_check import MOSTLY_MISSING, figure_check_text, figure_marks
from paperbot.render.safe import SafeMarkdown, SafeUrl, safe_line, safe_url
from paperbot.text import FigureMarks, block, inline, link_label, plain, truncate
from paperbot.text.authors import author_names
from paperbot.text.sentences import sentence_ends
from paperbot.text.urls import find_urls, split_url
from paperbot.text.venues import venues_in

MAX_AUTHORS = 12
MAX_FOLDED_AUTHORS = 200
MAX_NAME_CHARS = 200
ABSTRACT_CHARS = 600
"""Characters before the fold, about: whole sentences."""
MAX_UNFOLDED_CHARS = 720
"""An abstract of at most this many characters is not folded."""
MAX_ABSTRACT_CHARS = 10_000
"""Five times what arXiv accepts."""
MAX_TITLE_CHARS = 500
MAX_LINE_CHARS = 1_000
MAX_TLDR_CHARS = 400
MAX_LINKS = 4
MAX_LINK_CHARS = 60
MAX_BEST_WORDS = 4
MAX_WORDS = 100
MAX_WORD_CHARS = 40


@dataclass(frozen=True, slots=True)
class Link:
    """A link that the authors gave in the comment or the abstract."""

    label: SafeMarkdown
    url: SafeUrl


@dataclass(frozen=True, slots=True)
class Points:
    """What one match adds to a paper's score."""

    match: Match
    value: float


@dataclass(frozen=True, slots=True)
class WordPoints:
    """What a word adds to a paper's likeness."""

    word: str
    points: SafeMarkdown
    """With a sign: `+3.2` or `−0.4`."""


@dataclass(frozen=True, slots=True)
class LikenessOnPage:
    """A paper's likeness as a page explains it."""

    points: SafeMarkdown
    """With a sign: `+ 15.4` or `− 0.4`."""
    basis: str
    """What it is like: `your papers` or `this week's best matches`."""
    best: tuple[WordPoints, ...]
    """The 4 words that count most."""
    others: tuple[WordPoints, ...]
    other_points: SafeMarkdown
    """Of the other words together, with a sign."""


@dataclass(frozen=True, slots=True)
class Abstract:
    """An abstract as Markdown, with the matched keywords in bold."""

    beginning: SafeMarkdown = SafeMarkdown()
    rest: SafeMarkdown = SafeMarkdown()
    """The sentences for the fold; empty for a short abstract."""
    is_cut: bool = False
    """It is longer than any page shows."""


def paper_title(paper: Paper) -> SafeMarkdown:
    """The title for the text of a link; the id where there is none."""
    return SafeMarkdown(link_label(title(paper)))


def title(paper: Paper) -> str:
    """The id where there is no title."""
    return truncate(paper.title, MAX_TITLE_CHARS) if safe_line(paper.title).strip() else paper.id


def anchor(paper: Paper) -> SafeMarkdown:
    """The name of the paper's place on its page, for example `paper-2512.20276`."""
    return SafeMarkdown("paper-" + re.sub(r"[^A-Za-z0-9.-]", "-", paper.id))


def abs_url(paper: Paper) -> SafeUrl:
    """The paper's page on arXiv: https://info.arxiv.org/help/arxiv_identifier.html."""
    return _arxiv_url("abs", paper.id)


def pdf_url(paper: Paper) -> SafeUrl:
    """The PDF of this version."""
    return _arxiv_url("pdf", paper.versioned_id)


def html_url(paper: Paper) -> SafeUrl:
    """This version as HTML, which arXiv has for most papers."""
    return _arxiv_url("html", paper.versioned_id)


def doi_url(paper: Paper) -> SafeUrl:
    """The address of the DOI, or of the first of several; empty without a well-formed one."""
    doi = re.search(r"(?<![^\s/:])10\.[0-9]{4,9}/\S{1,200}?(?=[.,;]*(?:\s|$)|[,;]10\.)", paper.doi)
    return SafeUrl("https://doi.org/" + quote(doi[0], safe="/:;.-_~")) if doi else SafeUrl()


def _arxiv_url(kind: str, paper_id: str) -> SafeUrl:
    return SafeUrl(f"https://arxiv.org/{kind}/{quote(paper_id, safe='/')}")


def first_authors(paper: Paper) -> str:
    """The first 12 names, separated by commas."""
    return _names(author_names(paper.authors)[:MAX_AUTHORS])


def other_authors(paper: Paper) -> str:
    """The names after the first 12; mostly empty."""
    others = author_names(paper.authors)[MAX_AUTHORS:]
    more = len(others) - MAX_FOLDED_AUTHORS
    return _names(others[:MAX_FOLDED_AUTHORS]) + (f" and {more:,} more" if more > 0 else "")


def _names(authors: Sequence[str]) -> str:
    return ", ".join(truncate(author, MAX_NAME_CHARS) for author in authors)


def points(entry: Entry, title_bonus: float) -> tuple[Points, ...]:
    """What each match adds; empty when that is not the archived score, since the config has changed."""
    found = tuple(
        Points(match, match.weight * (1 + title_bonus * match.title)) for match in entry.score.matches
    )
    is_sum = abs(sum(part.value for part in found) - entry.score.value) < 0.005
    return found if is_sum else ()


def likeness(entry: Entry) -> LikenessOnPage | None:
    """None where the paper is ranked by its keywords alone."""
    if entry.likeness is None:
        return None
    words = [
        WordPoints(truncate(word, MAX_WORD_CHARS), _signed(value))
        for word, value in entry.likeness.words.items()
    ]
    rest = entry.likeness.value - sum(list(entry.likeness.words.values())[:MAX_BEST_WORDS])
    return LikenessOnPage(
        _signed(entry.likeness.value, " "),
        entry.likeness.basis.words,
        tuple(words[:MAX_BEST_WORDS]),
        tuple(words[MAX_BEST_WORDS:MAX_WORDS]),
        _signed(rest),
    )


def _signed(points: float, space: str = "") -> SafeMarkdown:
    text = f"{points:+z.1f}".removesuffix(".0").replace("-", "−")
    return SafeMarkdown(text[0] + space + text[1:])


def links(paper: Paper) -> tuple[Link, ...]:
    """The first http(s) addresses in comment and abstract, each once."""
    text = f"{plain(paper.comment)} {plain(paper.abstract)}"
    addresses = list(dict.fromkeys(address for _, address in find_urls(text)))[:MAX_LINKS]
    found: dict[str, Link] = {}
    for address in addresses:
        parts, url = split_url(address), safe_url(address)
        if parts and url:
            words = (parts.netloc.removeprefix("www.") + parts.path).rstrip("/")
            label = SafeMarkdown(link_label(truncate(words, MAX_LINK_CHARS)))
            found.setdefault(words, Link(label, url))
    return tuple(found.values())


def venue(paper: Paper) -> str:
    """The first venue that the comment names, for example `ACL 2026 (Findings)`; empty if uncertain."""
    return next(iter(venues_in(paper.comment)), "")


def abstract(entry: Entry, config: Config) -> Abstract:
    """The abstract in two parts, the second for a fold."""
    text = entry.paper.abstract
    bold = _keywords(entry, config)
    beginning, rest = split_abstract(truncate(text, MAX_ABSTRACT_CHARS))
    return Abstract(_paragraphs(beginning, bold), _paragraphs(rest, bold), len(text) > MAX_ABSTRACT_CHARS)


def split_abstract(text: str) -> tuple[str, str]:
    """Whole sentences of about ABSTRACT_CHARS characters, and the sentences after them."""
    if len(text) <= MAX_UNFOLDED_CHARS:
        return text, ""
    ends = (end for end in sentence_ends(text) if end <= MAX_UNFOLDED_CHARS)
    cut = min(ends, key=lambda end: abs(end - ABSTRACT_CHARS), default=0)
    if cut:
        return text[:cut].rstrip(), text[cut:].lstrip()
    # The first sentence is too long: between two of its words, but not inside a formula.
    spaces = (found.start() for found in re.finditer(r"\s", text[:ABSTRACT_CHARS]))
    outside = [space for space in spaces if text[:space].count("$") % 2 == 0]
    cut = outside[-1] if outside else ABSTRACT_CHARS
    return text[:cut].rstrip() + " …", "… " + text[cut:].lstrip()


@lru_cache(maxsize=1024)
def _paragraphs(text: str, bold: re.Pattern[str] | None) -> SafeMarkdown:
    """Cached, because README, day page and their checks have the same abstracts."""
    lines = (inline(paragraph, bold) for paragraph in text.split("\n"))
    return SafeMarkdown("\n\n".join(line for line in lines if line))


def _keywords(entry: Entry, config: Config) -> re.Pattern[str] | None:
    """Finds the matched keywords, longest first, by the rule of the paper's topic if that still has them."""
    of_topic = (topic.keywords for topic in config.topic_rules if topic.name == entry.topic)
    rules = {keyword.term: keyword for keywords in of_topic for keyword in keywords}
    terms = {match.keyword for match in entry.score.matches if not match.author}
    patterns = [
        keyword_pattern(rules.get(term) or Keyword(term=term)).pattern
        for term in sorted(terms, key=lambda term: (-len(term), term))
    ]
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


def summary_text(entry: Entry) -> SafeMarkdown:
    """The summary as Markdown of several paragraphs; empty where there is nothing to show."""
    if entry.summary is None:
        return SafeMarkdown()
    return _summary_block(entry.summary.text, figure_marks(entry.summary, summarized_pdf_url(entry)))


@lru_cache(maxsize=256)
def _summary_block(text: str, marks: FigureMarks) -> SafeMarkdown:
    """Cached, because README and day page have the same summaries."""
    return SafeMarkdown(block(text, marks))


def tldr(entry: Entry) -> str:
    """One sentence about the paper; mostly there, empty where the model gave none that can be used."""
    return truncate(" ".join(plain(entry.tldr.text).split()), MAX_TLDR_CHARS) if entry.tldr else ""


def summarized_pdf_url(entry: Entry) -> SafeUrl:
    """The PDF that the entry's summary was made from."""
    version = entry.summary.version if entry.summary else entry.paper.version
    return _arxiv_url("pdf", f"{entry.paper.id}v{version}")


def figure_check(summary: Summary) -> str:
    """How much of the figures is proved, for example `18 of 18 exact figures found in the paper`."""
    return figure_check_text(summary.grounding)


def figures_warning(summary: Summary) -> str:
    """What to say above a summary that is perhaps about another text; mostly empty."""
    return MOSTLY_MISSING if summary.grounding and summary.grounding.mostly_missing else ""


def notices(run: RunRecord | None) -> tuple[Notice, ...]:
    """What readers must know about a date's last run, a stale index of arXiv's included."""
    if run is None:
        return ()
    if not run.stale_since or any(notice.kind == NoticeKind.STALE_INDEX for notice in run.notices):
        return run.notices
    text = f"arXiv's index is late: it ends with the announcement of {run.stale_since}; more will follow."
    return (*run.notices, Notice(NoticeKind.STALE_INDEX, text))
