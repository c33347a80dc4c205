"""Likeness once more, written apart from the product: literally by docs/ranking.md, without shortcuts."""

import re
import unicodedata
from collections.abc import Sequence
from math import log, sqrt

from paperbot.model import Paper

Row = tuple[Paper, float, bool]
"""A paper of the window, its keyword points, and whether it may be an example."""
Pick = tuple[str, str, float, float]
"""Title, abstract, keyword points, factor."""
Vector = dict[str, float]


def oracle(
    window: Sequence[Row], earlier: set[str], picks: Sequence[Pick], weight: float = 1
) -> dict[str, float]:
    """The points of each paper that has any."""
    size, points = len(window), [score for _, score, _ in window]
    unit = _Units([_bag(paper.title, paper.abstract) for paper, _, _ in window])
    average = sum(points) / size
    deviation = sqrt(sum((score - average) ** 2 for score in points) / size)
    scale = 60 * deviation * min(1, size / 600) * weight
    stand_ins = _stand_ins(window, earlier)
    weighed = _weighed(picks, points, unit) if len(picks) >= 3 else []
    result = {}
    common = unit.profile(weighed, stand_ins)
    for i, (paper, _, _) in enumerate(window):
        others = [j for j in stand_ins if j != i]
        profile = unit.profile(weighed, others) if i in stand_ins else common
        products = [x * profile.get(word, 0) for word, x in unit.vectors[i].items()]
        words = [round(x * scale, 1) for x in products if abs(x) >= 0.0027]
        if any(words):
            result[paper.id] = sum(words)
    return result


def _bag(title: str, abstract: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", f"{title} {title} {abstract}").casefold()
    return [word for word in re.findall(r"\w+", folded) if len(word) > 1 and not word.isdigit()]


def _stand_ins(window: Sequence[Row], earlier: set[str]) -> list[int]:
    allowed = [i for i, (_, score, may) in enumerate(window) if may and score > 0]
    if any(paper.id in earlier for paper, _, _ in window):
        allowed = [i for i in allowed if window[i][0].id in earlier]
    allowed.sort(key=lambda i: (-window[i][1], -window[i][0].published.timestamp(), window[i][0].id))
    return allowed[: max(10, len(window) * 2 // 100)]


def _weighed(picks: Sequence[Pick], points: Sequence[float], unit: "_Units") -> list[tuple[Vector, float]]:
    ordered, place = sorted(points), 0.9 * (len(points) - 1)
    low, high = ordered[int(place)], ordered[min(int(place) + 1, len(points) - 1)]
    ninetieth = low + (high - low) * (place - int(place))
    found = []
    for title, abstract, score, factor in picks:
        share = min(1, score / ninetieth) if ninetieth > 0 else float(score > 0)
        if share > 0:
            found.append((unit.of(_bag(title, abstract)), share * factor))
    most_against = (5 + sum(x for _, x in found if x > 0)) / 4
    against = sum(-x for _, x in found if x < 0)
    if against > most_against:
        found = [(vector, x * most_against / against if x < 0 else x) for vector, x in found]
    return [(vector, x) for vector, x in found if vector]


class _Units:
    """Vectors of length 1."""

    def __init__(self, bags: list[list[str]]) -> None:
        self.size = len(bags)
        having: dict[str, int] = {}
        for bag in bags:
            for word in set(bag):
                having[word] = having.get(word, 0) + 1
        self.known = {word: n for word, n in having.items() if n >= 2 and n * 10 <= self.size * 3}
        self.vectors = [self.of(bag) for bag in bags]
        self.mean: Vector = {}
        for vector in self.vectors:
            for word, x in vector.items():
                self.mean[word] = self.mean.get(word, 0) + x / self.size

    def of(self, bag: list[str]) -> Vector:
        raw = {
            word: (1 + log(bag.count(word))) * log((self.size + 1) / (self.known[word] + 0.5))
            for word in set(bag)
            if word in self.known
        }
        return _scaled(raw)

    def profile(self, picks: list[tuple[Vector, float]], stand_ins: list[int]) -> Vector:
        examples = picks + [(self.vectors[j], 5 / len(stand_ins)) for j in stand_ins]
        difference = dict.fromkeys(self.known, 0.0)
        for vector, share in examples:
            for word, x in self.mean.items():
                difference[word] += share * (vector.get(word, 0) - x)
        return _scaled(difference)


def _scaled(vector: Vector) -> Vector:
    norm = sqrt(sum(x * x for x in vector.values()))
    return {word: x / norm for word, x in vector.items()} if norm > 1e-9 else {}
