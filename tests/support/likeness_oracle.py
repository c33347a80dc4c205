"""Likeness once more, written apart from the product: literally by docs/ranking.md, without shortcuts."""

import re
import unicodedata
from collections.abc import Sequence
from math import log, sqrt

from paperbot.model import Paper

Row = tuple[Paper, float, bool]
"""A paper of the window, its keyword points, and whether it may be a stand-in."""
Pick = tuple[str, str, float, float]
"""Title, abstract, keyword points, factor."""


def tokens(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [word for word in re.findall(r"\w+", folded) if len(word) > 1 and not word.isdigit()]


def oracle(window: Sequence[Row], earlier: set[str], picks: Sequence[Pick], weight: float = 1) -> dict[str, float]:
    """The points of each paper that has any."""
    size = len(window)
    bags = [tokens(paper.title) * 2 + tokens(paper.abstract) for paper, _, _ in window]
    frequency: dict[str, int] = {}
    for bag in bags:
        for word in set(bag):
            frequency[word] = frequency.get(word, 0) + 1
    known = {word: n for word, n in frequency.items() if n >= 2 and n * 10 <= size * 3}

    def unit(bag: list[str]) -> dict[str, float]:
        raw = {w: (1 + log(bag.count(w))) * log((size + 1) / (known[w] + 0.5)) for w in set(bag) if w in known}
        norm = sqrt(sum(x * x for x in raw.values()))
        return {w: x / norm for w, x in raw.items()}

    vectors = [unit(bag) for bag in bags]
    mean: dict[str, float] = {}
    for vector in vectors:
        for word, x in vector.items():
            mean[word] = mean.get(word, 0) + x / size
    points = [score for _, score, _ in window]
    average = sum(points) / size
    deviation = sqrt(sum((score - average) ** 2 for score in points) / size)
    ordered = sorted(points)
    place = 0.9 * (size - 1)
    ninetieth = ordered[int(place)]
    if place > int(place):
        ninetieth += (ordered[int(place) + 1] - ordered[int(place)]) * (place - int(place))
    allowed = [i for i in range(size) if window[i][2] and points[i] > 0]
    if any(paper.id in earlier for paper, _, _ in window):
        allowed = [i for i in allowed if window[i][0].id in earlier]
    allowed.sort(key=lambda i: (-points[i], -window[i][0].published.timestamp(), window[i][0].id))
    stand_ins = allowed[: max(10, size * 2 // 100)]
    weighed = []
    for title, abstract, score, factor in picks if len(picks) >= 3 else ():
        share = min(1, score / ninetieth) if ninetieth > 0 else float(score > 0)
        vector = unit(tokens(title) * 2 + tokens(abstract))
        if share > 0 and vector:
            weighed.append((vector, share * factor))

    result = {}
    cache: dict[int, dict[str, float]] = {}
    for i, (paper, _, _) in enumerate(window):
        left_out = i if i in stand_ins else -1
        if left_out not in cache:
            others = [j for j in stand_ins if j != i]
            examples = weighed + [(vectors[j], 5 / len(others)) for j in others]
            profile: dict[str, float] = {}
            for vector, share in examples:
                for word in known:
                    profile[word] = profile.get(word, 0) + share * (vector.get(word, 0) - mean.get(word, 0))
            norm = sqrt(sum(x * x for x in profile.values()))
            cache[left_out] = {word: x / norm for word, x in profile.items()} if norm > 1e-9 else {}
        scale = 60 * deviation * min(1, size / 600) * weight
        products = {word: x * cache[left_out].get(word, 0) for word, x in vectors[i].items()}
        words = [round(x * scale, 1) for x in products.values() if abs(x) >= 0.0027]
        if any(words):
            result[paper.id] = sum(words)
    return result
