"""Keywords -> matches -> score; which papers match, and in what order.

A keyword counts `weight` once if it stands in the title or the abstract, and `title_bonus` x weight more if
it stands in the title. Every rule here is the same on every run: no clock, no chance.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paperbot.config import Config, Keyword
from paperbot.model import Candidate, Match, Paper, PaperType, Score, rank_key

WORD = re.compile(r"\w+")
JOINTS = r"[\s\u2010-\u2015-]+"  # spaces, and hyphens in all their forms
SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")
SCORE_DIGITS = 6
SIGNS_TO_SPACES = str.maketrans({sign: " " for sign in map(chr, range(128)) if not WORD.match(sign)})

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
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def keyword_pattern(keyword: Keyword) -> re.Pattern[str]:
    """Finds a keyword in text as its author wrote it, by the same rules as the score (for marking it)."""
    return re.compile(_expression(unicodedata.normalize("NFKC", keyword.term), keyword.match), re.IGNORECASE)


def is_withdrawn(paper: Paper) -> bool:
    """Does the abstract begin by saying so, or the comment say so? arXiv has no flag for it."""
    said = (paper.abstract[:ABSTRACT_START_CHARS], paper.comment)
    return any("withdrawn" in text.lower() and WITHDRAWN.search(text) for text in said)


@dataclass(frozen=True, slots=True)
class _Text:
    """One side of a paper, ready for many keywords."""

    whole: str
    words: list[str]

    @classmethod
    def of(cls, text: str) -> "_Text":
        whole = normalised(text)
        words = whole.translate(SIGNS_TO_SPACES).split() if whole.isascii() else WORD.findall(whole)
        return cls(whole, words)


class Scorer:
    """The config's keywords, made ready once for all papers."""

    def __init__(self, config: Config) -> None:
        self._title_bonus = config.title_bonus
        self._keywords = config.keywords
        self._terms = _Terms([*config.keywords, *config.exclude_keywords])
        self._authors = [(author, _name(author.name)) for author in config.watch_authors]
        self._categories = frozenset(config.categories)
        self._types = frozenset(config.types)
        self._min_score = config.min_score

    def score(self, paper: Paper) -> Score:
        """The matches of keywords, then of watched authors, each in the config's order, and their sum."""
        return self._score(
            self._terms.found_in(_Text.of(paper.title)),
            self._terms.found_in(_Text.of(paper.abstract)),
            paper.authors,
        )

    def candidates(self, papers: Iterable[Paper]) -> list[Candidate]:
        """The papers that match, best first: by score, then newer submission, then id."""
        found = [candidate for paper in papers if (candidate := self._candidate(paper))]
        return sorted(found, key=lambda candidate: rank_key(candidate.score.value, candidate.paper))

    def _candidate(self, paper: Paper) -> Candidate | None:
        kind = paper_type(paper, self._categories)
        if kind not in self._types or is_withdrawn(paper):
            return None
        in_title = self._terms.found_in(_Text.of(paper.title))
        in_abstract = self._terms.found_in(_Text.of(paper.abstract))
        if any(position >= len(self._keywords) for position in in_title | in_abstract):  # an excluding one
            return None
        score = self._score(in_title, in_abstract, paper.authors)
        return Candidate(paper, score, kind) if score.matches and score.value >= self._min_score else None

    def _score(self, in_title: set[int], in_abstract: set[int], authors: Sequence[str]) -> Score:
        matches = []
        value = 0.0
        for position in sorted(in_title | in_abstract):
            if position < len(self._keywords):
                keyword, title = self._keywords[position], position in in_title
                matches.append(Match(keyword.term, keyword.weight, title, position in in_abstract))
                value += keyword.weight * (1 + self._title_bonus * title)
        names = [_name(each) for each in authors] if self._authors else []
        for author, name in self._authors:
            if name in names:
                matches.append(Match(author.name, author.weight, False, False, author=True))
                value += author.weight
        return Score(round(value, SCORE_DIGITS), tuple(matches))


def paper_type(paper: Paper, categories: Iterable[str]) -> PaperType:
    """`new` where the primary category is one of ours, `cross` where only a cross-list is."""
    return PaperType.NEW if paper.primary_category in categories else PaperType.CROSS


class _Terms:
    """Many keywords looked for at once: the forms of single words, as most are, are looked up together."""

    def __init__(self, keywords: Sequence[Keyword]) -> None:
        self._by_form: dict[str, list[int]] = defaultdict(list)
        self._others: list[tuple[int, _Finder]] = []
        for position, keyword in enumerate(keywords):
            term = normalised(keyword.term)
            if keyword.match == "word" and WORD.fullmatch(term):
                for form in _forms(term):
                    self._by_form[form].append(position)
            else:
                self._others.append((position, _Finder(term, keyword.match)))
        self._forms = frozenset(self._by_form)

    def found_in(self, text: _Text) -> set[int]:
        """The positions of those that a text has."""
        forms = self._forms.intersection(text.words)
        found = {position for form in forms for position in self._by_form[form]}
        found.update(position for position, finder in self._others if finder.found_in(text.whole))
        return found


class _Finder:
    """A part of a word, several words, or the beginning of one, in normalised text."""

    def __init__(self, term: str, match: str) -> None:
        self._literal = term if match == "substring" else _beginning(term)
        self._pattern = None if match == "substring" else re.compile(_expression(term, match))

    def found_in(self, text: str) -> bool:
        if self._literal not in text:  # seldom there, and quickly seen
            return False
        return self._pattern is None or self._pattern.search(text) is not None


def _beginning(term: str) -> str:
    """What every occurrence of a term in `word` mode begins with."""
    words = [word for word in re.split(JOINTS, term) if word]
    if len(words) > 1:
        return words[0]
    return words[0][:-1] if words else ""  # its last letter is a star, or may change in the plural


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
