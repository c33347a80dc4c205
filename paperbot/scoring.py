"""Keywords -> matches -> score; which papers match, and in what order.

A keyword counts `weight` once if it stands in the title or the abstract, and `title_bonus` x weight more if
it stands in the title. Every rule here is the same on every run: no clock, no chance.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paperbot.config import Config, Keyword
from paperbot.model import Candidate, Match, Paper, PaperType, Score

WORD = re.compile(r"\w+")
JOINTS = r"[\s\u2010-\u2015-]+"  # spaces, and hyphens in all their forms
SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")
SCORE_DIGITS = 6

# Real wordings of arXiv's admins and of authors; "many drugs have been withdrawn" is none of them.
WITHDRAWN = re.compile(
    r"(?:^|[.;]\s+)\W*(?:arXiv admin note:\s*)?"
    r"(?:(?:this|the|our)\s+)?(?:following\s+)?(?:arxiv\s+)?"
    r"(?:paper|article|submission|manuscript|preprint|work|version)\s+"
    r"(?:has been|have been|was|is|is being)\s+(?:temporarily\s+)?withdrawn\b"
    r"|(?:^|[.;]\s+)\W*withdrawn(?:\s+(?:by|due|because|from)\b|\s*[.;:,!]|\s*$)",
    re.IGNORECASE,
)
ABSTRACT_START_CHARS = 200


def normalised(text: str) -> str:
    """Text in the form in which keywords are compared: compatibility forms unified, case folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def keyword_pattern(keyword: Keyword) -> re.Pattern[str]:
    """Finds a keyword in text as its author wrote it, by the same rules as the score (for marking it)."""
    return re.compile(_expression(unicodedata.normalize("NFKC", keyword.term), keyword.match), re.IGNORECASE)


def is_withdrawn(paper: Paper) -> bool:
    """Does the abstract begin by saying so, or the comment say so? arXiv has no flag for it."""
    return bool(WITHDRAWN.search(paper.abstract[:ABSTRACT_START_CHARS]) or WITHDRAWN.search(paper.comment))


@dataclass(frozen=True, slots=True)
class _Text:
    """One side of a paper, ready for many keywords."""

    whole: str
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "_Text":
        whole = normalised(text)
        return cls(whole, frozenset(WORD.findall(whole)))


class Scorer:
    """The config's keywords, made ready once for all papers."""

    def __init__(self, config: Config) -> None:
        self._title_bonus = config.title_bonus
        self._keywords = [(keyword, _Finder(keyword)) for keyword in config.keywords]
        self._excluding = [_Finder(keyword) for keyword in config.exclude_keywords]
        self._authors = [(author, _name(author.name)) for author in config.watch_authors]
        self._categories = frozenset(config.categories)
        self._types = frozenset(config.types)
        self._min_score = config.min_score

    def score(self, paper: Paper) -> Score:
        """The matches of keywords, then of watched authors, each in the config's order, and their sum."""
        return self._score(_Text.of(paper.title), _Text.of(paper.abstract), paper.authors)

    def candidates(self, papers: Iterable[Paper]) -> list[Candidate]:
        """The papers that match, best first: by score, then newer submission, then id."""
        found = [candidate for paper in papers if (candidate := self._candidate(paper))]
        return sorted(found, key=rank_key)

    def _candidate(self, paper: Paper) -> Candidate | None:
        kind = paper_type(paper, self._categories)
        if kind not in self._types or is_withdrawn(paper):
            return None
        title, abstract = _Text.of(paper.title), _Text.of(paper.abstract)
        if any(finder.found_in(title) or finder.found_in(abstract) for finder in self._excluding):
            return None
        score = self._score(title, abstract, paper.authors)
        return Candidate(paper, score, kind) if score.matches and score.value >= self._min_score else None

    def _score(self, title: _Text, abstract: _Text, authors: Sequence[str]) -> Score:
        matches = []
        value = 0.0
        for keyword, finder in self._keywords:
            in_title, in_abstract = finder.found_in(title), finder.found_in(abstract)
            if in_title or in_abstract:
                matches.append(Match(keyword.term, keyword.weight, in_title, in_abstract))
                value += keyword.weight * (1 + self._title_bonus * in_title)
        for author, name in self._authors:
            if any(name == _name(each) for each in authors):
                matches.append(Match(author.name, author.weight, False, False, author=True))
                value += author.weight
        return Score(round(value, SCORE_DIGITS), tuple(matches))


def rank_key(candidate: Candidate) -> tuple[float, float, str]:
    """Sorts best first; a total order."""
    return (-candidate.score.value, -candidate.paper.published.timestamp(), candidate.paper.id)


def paper_type(paper: Paper, categories: Iterable[str]) -> PaperType:
    """`new` where the primary category is one of ours, `cross` where only a cross-list is."""
    return "new" if paper.primary_category in categories else "cross"


class _Finder:
    """Is one keyword in a text? Single words are looked up, since most keywords are single words."""

    def __init__(self, keyword: Keyword) -> None:
        term = normalised(keyword.term)
        self._substring = term if keyword.match == "substring" else ""
        single = keyword.match == "word" and WORD.fullmatch(term)
        self._forms = frozenset(_forms(term)) if single else frozenset()
        self._pattern = None if self._substring or single else re.compile(_expression(term, keyword.match))

    def found_in(self, text: _Text) -> bool:
        if self._substring:
            return self._substring in text.whole
        if self._pattern:
            return self._pattern.search(text.whole) is not None
        return not self._forms.isdisjoint(text.words)


def _forms(word: str) -> list[str]:
    """A word and its plurals. A possessive needs none: its apostrophe ends the word."""
    forms = [word, word + "s"]
    if SIBILANT.search(word):
        forms.append(word + "es")
    if word.endswith("y"):
        forms.append(word[:-1] + "ies")
    return forms


def _expression(term: str, match: str) -> str:
    """The same rule as a regular expression, for any term."""
    if match == "substring":
        return re.escape(term)
    words = [word for word in re.split(JOINTS, term) if word]
    if not words:
        return re.escape(term)
    *before, last = words
    if last.endswith("*"):
        ending = re.escape(last[:-1]) + r"\w*"
    else:
        longest_first = sorted(_forms(last), key=len, reverse=True)
        ending = "(?:" + "|".join(map(re.escape, longest_first)) + ")"
    return r"(?<!\w)" + JOINTS.join([*map(re.escape, before), ending]) + r"(?!\w)"


def _name(text: str) -> list[str]:
    """A person's name as words, without accents and dots."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return WORD.findall("".join(char for char in letters if not unicodedata.combining(char)))
