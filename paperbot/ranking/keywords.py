"""Keywords -> matches -> score; which papers match, and in what order.

A keyword counts `weight` once if it is in the title or the abstract, and `title_bonus` x weight more if
it is in the title. The result depends on nothing else: no clock, no randomness.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paperbot.config import Config, Keyword, TopicRules
from paperbot.model import Candidate, Match, Paper, PaperType, Score, rank_key
from paperbot.text.plain import without_latex

WORD = re.compile(r"\w+")
JOINTS = r"[\s~\u2010-\u2015\u2212-]+"  # spaces, LaTeX's too, and hyphens in all their forms
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Soft hyphens and the like, which copying from PDFs leaves inside of words."""
FORMULA_OF_A_WORD = re.compile(r"\$(\w+)\$")
"""`$k$-means`."""
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"}
)
"""Letters that Unicode does not take for others with an accent, as people type them without one."""
SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")
SCORE_DIGITS = 6
SIGNS_TO_SPACES = str.maketrans({sign: " " for sign in map(chr, range(128)) if not WORD.match(sign)})

_WORK = (
    r"(?:paper|article|submission|(?<=this )submissions|manuscript|preprint|e-?print|work|version|thesis|"
    r"report|note|draft|study)"
)
_THIS_WORK = rf"(?:this|the|our)\s+(?:following\s+)?(?:arxiv\s+)?{_WORK}"
_AUTHORS_WISH = (
    r"(?:we|i|(?:the\s+)?authors?)\s+(?:(?:has|have|would|must|are|am|be|wish|want|like|decided|chose|"
    r"request|requested|ask|asked|need|hereby|therefore|kindly|now|to|that|for)\s+){0,6}"
)
_ENDS_NOTICE = r"(?:\s+(?:by|due|because|from|for|as|since|pending|at|until)\b|\s*[.;:,!)\]]|\s*$)"
_BEFORE_NOTICE = (
    r"(?:^|[.;]\s+|(?:pages|figures|tables),\s+)\W*(?:(?:arXiv\s+)?admin\s+note:\s*|v[0-9]+\W*\s+)?"
    r"(?:(?:note|notice|update|unfortunately)\W+|(?:due to|because of|owing to|given)\s[^.;]{1,200}?,\s+)?"
)
_FROM_A_VENUE = r"\s+from\s+(?:the\s+)?(?-i:[A-Z])"
# From real notices by arXiv's admins and authors; must not match "many drugs have been withdrawn", nor a
# paper that was withdrawn from a conference.
WITHDRAWN = re.compile(
    rf"{_BEFORE_NOTICE}(?:"
    rf"(?:(?:this|the|our)\s+)?(?:following\s+)?(?:arxiv\s+)?{_WORK}\s+"
    r"(?:(?:is|was|has been)\s+(?:superseded|replaced|merged|subsumed)\b.{0,80}?\s+and\s+)?"
    r"(?:(?:has|have|has now|had to|needs? to|must|should|will)\s+be(?:en)?|was|is being|"
    r"is hereby|is now|is)\s+"
    rf"(?:[a-z]+ly\s+)?(?:(?:withdrawn|retracted)\b(?!\s+by\s+mistake|{_FROM_A_VENUE})"
    r"|removed\s+by\s+(?:arxiv|(?:the|its)\s+authors?)\b)"
    rf"|(?:{_AUTHORS_WISH}|please\s+)?(?:withdrawing|withdraw|withdrew|withdrawn|(?:the\s+)?withdrawal\s+of)\s+"
    rf"{_THIS_WORK}\b"
    rf"|{_AUTHORS_WISH}{_THIS_WORK}\s+(?:to\s+)?be\s+withdrawn\b"
    rf"|(?:(?:(?:this|the|our)\s+)?{_WORK}\s+|temporarily\s+)?(?:withdrawn|retracted)"
    rf"(?!{_FROM_A_VENUE}){_ENDS_NOTICE})",
    re.IGNORECASE,
)
WITHDRAWAL_AS_COMMENT = re.compile(
    r"(?:withdrawal|withdrawing|retraction)\s+(?:due|because|by)\b", re.IGNORECASE
)
"""At the beginning of a comment; an abstract may begin so as well, about something else."""
SIGNS_OF_WITHDRAWAL = ("withdr", "retracted", "removed by")
"""Every notice has one of them; looking for them is quick."""
ABSTRACT_START_CHARS = 200


def normalised(text: str) -> str:
    """Text in the form in which keywords are compared: compatibility forms unified, case folded."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _in_words(text: str) -> tuple[str, list[str]]:
    whole = normalised(text)
    return whole, whole.translate(SIGNS_TO_SPACES).split() if whole.isascii() else WORD.findall(whole)


def _without_marks(text: str) -> str:
    """Without invisible characters, and without LaTeX's marks on and around letters."""
    visible = text if text.isascii() else INVISIBLE.sub("", text)
    bare = FORMULA_OF_A_WORD.sub(r"\1", visible) if "$" in visible else visible
    return without_latex(bare) if "\\" in bare else bare


def keyword_pattern(keyword: Keyword) -> re.Pattern[str]:
    """Finds a keyword in unnormalised text, by the same rules as the score (to highlight it)."""
    return re.compile(_expression(unicodedata.normalize("NFKC", keyword.term), keyword.match), re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """The words that keywords are compared with, in their order."""
    return PreparedText.of(text).words


def is_withdrawn(paper: Paper) -> bool:
    """Does the beginning of the abstract, or the comment, say so? arXiv's API has no flag for it."""
    return bool(withdrawal_notice(paper))


def withdrawal_notice(paper: Paper) -> str:
    """The text that says that the paper has been withdrawn; mostly empty."""
    if WITHDRAWAL_AS_COMMENT.match(paper.comment):
        return paper.comment
    notices = (paper.comment, paper.abstract[:ABSTRACT_START_CHARS])
    possible = [text for text in notices if any(word in text.lower() for word in SIGNS_OF_WITHDRAWAL)]
    notice = next(filter(WITHDRAWN.search, possible), "")
    in_brackets = re.match(r"\[([^\[\]]+)\]", notice)  # before the abstract as it was
    return in_brackets[1] if in_brackets else notice


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A title or an abstract, prepared for many keywords."""

    whole: str
    words: list[str]
    without_marks: "PreparedText | None" = None
    """The same without LaTeX's marks on letters, in which keywords are found too; None if it has none."""

    @classmethod
    def of(cls, text: str) -> "PreparedText":
        """Case and compatibility forms are unified; `text` may hold anything."""
        bare = _without_marks(text)
        return cls(*_in_words(text), cls(*_in_words(bare)) if bare != text else None)


@dataclass(frozen=True, slots=True)
class PreparedPaper:
    """What keywords and likeness look at, prepared once for all topics."""

    title: PreparedText
    abstract: PreparedText

    @classmethod
    def of(cls, title: str, abstract: str) -> "PreparedPaper":
        """Each text on its own: no keyword is found across the end of the title."""
        return cls(PreparedText.of(title), PreparedText.of(abstract))


@dataclass(frozen=True, slots=True)
class Assessment:
    """A paper by the rules of one topic."""

    paper: Paper
    score: Score
    type: PaperType
    is_excluded: bool
    """It has an excluding keyword, or was withdrawn."""
    is_eligible: bool
    """Of a wanted type and category, and not excluded."""
    is_match: bool
    """Eligible, with a keyword or watched author, and with enough points."""


class Scorer:
    """One topic's keywords, prepared once for all papers."""

    def __init__(self, rules: TopicRules | Config) -> None:
        self._title_bonus = rules.title_bonus
        self._keywords = rules.keywords
        self._terms = _Terms([*rules.keywords, *rules.exclude_keywords])
        self._authors = [
            # as it is written, and as arXiv would write `LeCun, Yann`
            (author, (_name(author.name), _name(" ".join(author.name.rpartition(",")[::-1]))))
            for author in rules.watch_authors
        ]
        self._categories = frozenset(rules.categories)
        self._types = frozenset(rules.types)
        self._min_score = rules.min_score

    def score(self, paper: Paper) -> Score:
        """The matches of keywords, then of watched authors, each in the config's order, and their sum."""
        return self.assess(paper).score

    def candidates(self, papers: Iterable[Paper]) -> list[Candidate]:
        """The papers that match, best first: by score, then newer submission, then id."""
        assessed = map(self.assess, papers)
        found = [Candidate(one.paper, one.score, one.type) for one in assessed if one.is_match]
        return sorted(found, key=lambda candidate: rank_key(candidate.score.value, candidate.paper))

    def score_of(self, prepared: PreparedPaper, authors: Sequence[str]) -> Score:
        """The same for a text of whose paper no more is known."""
        found_in = self._terms.found_in
        return self._score(found_in(prepared.title), found_in(prepared.abstract), authors)

    def assess(self, paper: Paper, prepared: PreparedPaper | None = None) -> Assessment:
        """Its score and type, and whether it is one of the topic's papers."""
        prepared = prepared or PreparedPaper.of(paper.title, paper.abstract)
        in_title = self._terms.found_in(prepared.title)
        in_abstract = self._terms.found_in(prepared.abstract)
        score = self._score(in_title, in_abstract, paper.authors)
        kind = paper_type(paper, self._categories)
        has_excluding_keyword = any(place >= len(self._keywords) for place in in_title | in_abstract)
        is_excluded = has_excluding_keyword or is_withdrawn(paper)
        # A run fetches the categories of all topics.
        is_listed = not self._categories.isdisjoint(paper.categories)
        is_eligible = not is_excluded and kind in self._types and is_listed
        is_match = is_eligible and bool(score.matches) and score.value >= self._min_score
        return Assessment(paper, score, kind, is_excluded, is_eligible, is_match)

    def _score(self, in_title: set[int], in_abstract: set[int], authors: Sequence[str]) -> Score:
        matches = []
        value = 0.0
        for position in sorted(in_title | in_abstract):
            if position < len(self._keywords):
                keyword, title = self._keywords[position], position in in_title
                matches.append(Match(keyword.term, keyword.weight, title, position in in_abstract))
                value += keyword.weight * (1 + self._title_bonus * title)
        names = [_name(author) for author in authors] if self._authors else []
        for watched, forms in self._authors:
            if any(name in names for name in forms):
                matches.append(Match(watched.name, watched.weight, False, False, author=True))
                value += watched.weight
        return Score(round(value, SCORE_DIGITS), tuple(matches))


def paper_type(paper: Paper, categories: Iterable[str]) -> PaperType:
    """`new` where the primary category is one of these, `cross` where only a cross-list is."""
    return PaperType.NEW if paper.primary_category in categories else PaperType.CROSS


class _Terms:
    """Finds many keywords at once: most are single words, whose forms are looked up in one set."""

    def __init__(self, keywords: Sequence[Keyword]) -> None:
        self._by_form: dict[str, list[int]] = defaultdict(list)
        self._others: list[tuple[int, str, re.Pattern[str]]] = []
        for position, keyword in enumerate(keywords):
            term = normalised(keyword.term)
            if keyword.match == "word" and WORD.fullmatch(term):
                for form in _forms(term):
                    self._by_form[form].append(position)
            else:
                words = [word for word in re.split(JOINTS, term) if word] or [""]
                # The last letter of a single word is a star, or may change in the plural.
                beginning = words[0] if len(words) > 1 else words[0][:-1]
                pattern = re.compile(_expression(term, keyword.match))
                self._others.append((position, term if keyword.match == "substring" else beginning, pattern))
        self._forms = frozenset(self._by_form)

    def found_in(self, text: PreparedText) -> set[int]:
        """The positions of the keywords in a text."""
        forms = self._forms.intersection(text.words)
        found = {position for form in forms for position in self._by_form[form]}
        # Mostly the literal is missing, which is faster to see than that the pattern is.
        found.update(
            position
            for position, literal, pattern in self._others
            if literal in text.whole and pattern.search(text.whole)
        )
        return found | self.found_in(text.without_marks) if text.without_marks else found


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
    letters = unicodedata.normalize("NFKD", normalised(_without_marks(text))).translate(UNDECOMPOSED)
    return WORD.findall("".join(char for char in letters if not unicodedata.combining(char)))
