"""Likeness: how like the reader's picks and library a paper is, as points beside its keyword points.

Without picks, papers are compared with the week's best keyword matches. The rule and how it was chosen are in
docs/ranking.md. It is linear: the points of a paper are the sum of the points of its words, so that each can
be explained. It depends on nothing but its arguments: no clock, no randomness, no order of the papers.
"""

import math
import statistics
from array import array
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import mul
from sys import intern

from paperbot.model import Likeness, LikenessBasis, rank_key
from paperbot.ranking.keywords import Assessment, PreparedPaper

WordCounts = Mapping[str, int]
"""How often a paper has each of its words; those of the title count more."""
NumberCounts = Mapping[int, int]
"""The same by the numbers of the words."""

MIN_WORD_LETTERS = 2
MIN_PAPERS_WITH_WORD = 2
MAX_SHARE_WITH_WORD = 0.3
TITLE_COUNTS = 2
MIN_STAND_INS = 10
STAND_IN_SHARE = 0.02
STAND_IN_WEIGHT = 5.0
"""Of all stand-ins together; a pick weighs at most 1."""
MIN_PICKS = 3
MAX_SKIP_SHARE = 0.25
"""Skips together weigh at most this share of all other examples.

With a half, seven skips of one subject moved a tenth of the papers of other subjects below the cut; with a
quarter a twentieth, and as few papers of the skipped subject stayed above it.
"""
PICK_PERCENTILE = 0.9
STRENGTH = 60.0
FULL_STRENGTH_PAPERS = 600
"""With fewer papers the points shrink in proportion: rare words mean little in a small window."""
MIN_WORD_PRODUCT = 0.0027
"""A word with a smaller product of the paper's and the profile's weight counts nothing."""
POINT_DIGITS = 1
"""Points of words are rounded before they are added, so that what a page shows adds up."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A paper's words with their weights, only those of its window, with length 1; perhaps empty.

    A run has thousands of them: as dicts they would take four times the memory.
    """

    words: tuple[int, ...] = ()
    """By their numbers in the window."""
    weights: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A paper that the reader picked, skipped or has in the library."""

    words: WordCounts
    keyword_points: float
    """In the topic that it belongs to."""
    factor: float = 1.0
    """1 for a pick, -1 for a skip, 0.5 for an entry of the library without an abstract."""


class WordNumbers(dict[str, int]):
    """The words of a run, each with a number from 0 on: numbers take less time to count and to look up."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number

    def counts(self, paper: PreparedPaper) -> NumberCounts:
        """How often a paper has each word; words that no paper had before get their numbers."""
        return Counter(map(self.__getitem__, _words(paper)))


class Window:
    """The words of all papers of a run, and what each word is worth; made once for all topics."""

    def __init__(self, numbers: WordNumbers, counts_by_id: dict[str, NumberCounts]) -> None:
        """Empties `counts_by_id`, so that the words are not held twice."""
        ids = sorted(counts_by_id)  # for the same sums whatever the order of the papers
        self.size = len(ids)
        self.numbers = numbers
        self.words = tuple(numbers)
        """By their numbers."""
        papers_with = Counter(chain.from_iterable(counts_by_id[paper_id] for paper_id in ids))
        self._word_values = [self._value(word, papers_with[number]) for word, number in numbers.items()]
        self.vectors = {paper_id: self._vector(counts_by_id.pop(paper_id)) for paper_id in ids}
        sums = [0.0] * len(numbers)
        for vector in self.vectors.values():
            _add(sums, vector, 1.0)
        self.mean = [value / self.size for value in sums]

    def _value(self, word: str, papers: int) -> float:
        """Rare words are worth more; 0 for one that does not count."""
        is_counted = (
            papers >= MIN_PAPERS_WITH_WORD
            and papers / self.size <= MAX_SHARE_WITH_WORD
            and len(word) >= MIN_WORD_LETTERS
            and not word.isdigit()
        )
        return math.log((self.size + 1) / (papers + 0.5)) if is_counted else 0.0

    def vector_of(self, counts: WordCounts) -> Vector:
        """The direction of a paper in this window."""
        numbers = self.numbers
        return self._vector({numbers[word]: count for word, count in counts.items() if word in numbers})

    def _vector(self, counts: NumberCounts) -> Vector:
        values = self._word_values
        words = tuple(word for word in counts if values[word])
        weights = [
            values[word] if (count := counts[word]) == 1 else (1 + math.log(count)) * values[word]
            for word in words
        ]
        length = math.hypot(*weights)
        return Vector(words, array("d", [weight / length for weight in weights]))


def likeness_by_id(
    window: Window,
    assessments: Sequence[Assessment],
    earlier_ids: Container[str],
    examples: Sequence[Example],
    weight: float,
) -> dict[str, Likeness]:
    """The likeness of the papers of a window to the reader's examples, for one topic.

    `assessments` are of the papers in `window`. `earlier_ids` are the papers of earlier digests' days, among
    which the stand-ins are chosen; all of them on a first run, when none is an earlier one. `weight` is
    `interests.weight`. Papers without a common word are missing, and all are where there is nothing to
    compare with, or where all keyword points are equal.
    """
    points = [one.score.value for one in assessments]
    if len(points) < 2:
        return {}
    scale = STRENGTH * statistics.pstdev(points) * min(1.0, window.size / FULL_STRENGTH_PAPERS) * weight
    profile = _Profile(window, _stand_ins(assessments, earlier_ids), _weighted(examples, points))
    found = {}
    for one in assessments:
        words = profile.points_of_words(one.paper.id, scale)
        if words:
            value = round(sum(words.values()), POINT_DIGITS)
            found[one.paper.id] = Likeness(value, profile.basis, words)
    return found


def word_counts(paper: PreparedPaper) -> WordCounts:
    """How often a paper has each word."""
    return Counter(map(intern, _words(paper)))


def _words(paper: PreparedPaper) -> list[str]:
    return paper.abstract.words + paper.title.words * TITLE_COUNTS


def percentile(values: Sequence[float], share: float) -> float:
    """Between the two nearest values in proportion, as numpy's default does."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _stand_ins(assessments: Sequence[Assessment], earlier_ids: Container[str]) -> list[str]:
    """The ids of the best keyword matches of earlier days, which are used in place of picks."""
    allowed = [one for one in assessments if one.score.value > 0 and not one.is_excluded]
    if any(one.paper.id in earlier_ids for one in assessments):
        allowed = [one for one in allowed if one.paper.id in earlier_ids]
    allowed.sort(key=lambda one: rank_key(one.score.value, one.paper))
    number = max(MIN_STAND_INS, math.floor(STAND_IN_SHARE * len(assessments)))
    return [one.paper.id for one in allowed[:number]]


def _weighted(examples: Sequence[Example], points: Sequence[float]) -> list[tuple[Example, float]]:
    """Examples with their weights: papers that the keywords find less are less like the reader's topic."""
    if len(examples) < MIN_PICKS:
        return []
    full = percentile(points, PICK_PERCENTILE)
    weighted = []
    for example in examples:
        share = min(1.0, example.keyword_points / full) if full > 0 else float(example.keyword_points > 0)
        if share > 0:
            weighted.append((example, share * example.factor))
    liked = STAND_IN_WEIGHT + sum(weight for _, weight in weighted if weight > 0)
    skipped = -sum(weight for _, weight in weighted if weight < 0)
    limit = min(1.0, MAX_SKIP_SHARE * liked / skipped) if skipped else 1.0
    return [(example, weight * limit if weight < 0 else weight) for example, weight in weighted]


class _Profile:
    """The direction in which the examples differ from the mean of the window.

    A stand-in is compared with the profile of the others: among its own examples it would lift itself.
    """

    def __init__(self, window: Window, stand_ins: list[str], examples: list[tuple[Example, float]]) -> None:
        self.basis = LikenessBasis.PICKS if examples else LikenessBasis.BEST_MATCHES
        self._window = window
        self._picks = [0.0] * len(window.words)
        total = 0.0
        for example, weight in examples:
            vector = window.vector_of(example.words)
            if vector.words:
                _add(self._picks, vector, weight)
                total += weight
        self._picks = _without_mean(self._picks, window, total)
        self._stand_ins = frozenset(stand_ins)
        self._all = self._with_stand_ins(stand_ins, len(stand_ins))
        self._length = _length(self._all)
        # The others of a stand-in: all of them with the weight that they have without it, less its own part.
        self._others = self._with_stand_ins(stand_ins, len(stand_ins) - 1)
        self._others_length = _length(self._others)
        self._weight_among_others = STAND_IN_WEIGHT / (len(stand_ins) - 1) if len(stand_ins) > 1 else 0.0

    def _with_stand_ins(self, stand_ins: list[str], number: int) -> list[float]:
        """The picks' profile, and `stand_ins` counted as that many picks."""
        profile = list(self._picks)
        if not number > 0:
            return profile
        for paper_id in stand_ins:
            _add(profile, self._window.vectors[paper_id], STAND_IN_WEIGHT / number)
        return _without_mean(profile, self._window, STAND_IN_WEIGHT)

    def points_of_words(self, paper_id: str, scale: float) -> dict[str, float]:
        """Those of each word that counts, the most important first."""
        vector = self._window.vectors[paper_id]
        profile, length, own = self._all, self._length, 0.0
        if paper_id in self._stand_ins:
            profile, own = self._others, self._weight_among_others
            product = sum(map(mul, map(profile.__getitem__, vector.words), vector.weights))
            length = math.sqrt(max(self._others_length**2 - 2 * own * product + own * own, 0.0))
        if length < 1e-9:
            return {}
        least = MIN_WORD_PRODUCT * length
        directions = map(profile.__getitem__, vector.words)
        rounded = {
            self._window.words[word]: round(product / length * scale, POINT_DIGITS)
            for word, weight, direction in zip(vector.words, vector.weights, directions, strict=True)
            if abs(product := weight * (direction - own * weight)) >= least
        }
        counted = [(word, points) for word, points in rounded.items() if points]
        return dict(sorted(counted, key=lambda item: (-abs(item[1]), item[0])))


def _add(sums: list[float], vector: Vector, factor: float) -> None:
    for word, weight in zip(vector.words, vector.weights, strict=True):
        sums[word] += factor * weight


def _without_mean(sums: list[float], window: Window, vectors: float) -> list[float]:
    """The sum of so many vectors, as the sum of their differences from the mean."""
    return [value - vectors * mean for value, mean in zip(sums, window.mean, strict=True)]


def _length(profile: Sequence[float]) -> float:
    return math.sqrt(math.fsum(map(mul, profile, profile)))  # the same whatever the order of the words
