"""Invented papers of realistic size: as long, as varied and as often on the default keywords as real ones.

The measures are those of a month's announcements in cs.AI, cs.CL, cs.DC and cs.LG.
"""

import datetime as dt
import itertools
import random
from collections.abc import Iterator

from paperbot.model import Paper

CATEGORIES = ("cs.LG", "cs.CL", "cs.AI", "cs.DC")
ELSEWHERE = ("cs.CV", "stat.ML", "cs.RO", "math.OC", "eess.SP")
SHARE_ELSEWHERE = 0.15
"""Of papers that are only cross-listed in one of the categories."""

KEYWORD_SHARES = {
    "framework": 0.45, "training": 0.3, "LLMs": 0.29, "system": 0.29, "network": 0.19, "efficient": 0.18,
    "generation": 0.18, "efficiency": 0.14, "inference": 0.14, "optimization": 0.14, "pipeline": 0.09,
    "attention": 0.09, "scalable": 0.08, "linear": 0.06, "RL": 0.05, "sparse": 0.05, "communication": 0.04,
    "video": 0.04, "decoding": 0.03, "distributed": 0.03, "parallel": 0.03, "fast": 0.03, "hardware": 0.03,
    "kernels": 0.02, "throughput": 0.02, "clusters": 0.02, "quantization": 0.01, "MoE": 0.01,
    "state space": 0.01, "speculative": 0.01, "FP8": 0.002, "survey": 0.03, "review": 0.03,
}  # fmt: skip
"""In how many papers each of them stands."""
EVERYDAY = (
    "the of and to a in we that for is on with this by are as our from which model data an show results "
    "method than task performance can propose learning based while language problem across existing large "
    "over through between using approach at these it not only both first new more such without design how"
)
SYLLABLES = "al ber con dis er fi gra hel in jo kal lum mor nev or pla qui ras sol tru ul vec wen xi yo zer"
RARE_WORDS = 8_000
SHARE_EVERYDAY = 0.55
FORMULA, ACCENTED = "$O(n \\log n)$", "naïve"
SHARE_FORMULA, SHARE_ACCENTED, SHARE_PARAGRAPHS, SHARE_COMMENT = 0.08, 0.03, 0.06, 0.44


def invented_papers(count: int, end: dt.datetime, days: float, seed: int = 1) -> Iterator[Paper]:
    """Papers, submitted in the days before `end`, oldest first, as their ids are."""
    chance = random.Random(seed)  # noqa: S311
    rare = ["".join(parts) for parts in itertools.product(SYLLABLES.split(), repeat=3)][:RARE_WORDS]
    step = dt.timedelta(days=days) / count
    for number in range(count):
        yield _paper(chance, rare, number, (end - step * (count - number)).replace(microsecond=0))


def _paper(chance: random.Random, rare: list[str], number: int, published: dt.datetime) -> Paper:
    categories = _categories(chance)
    words = _words(chance, rare, chance.randint(120, 250))
    return Paper(
        id=f"{published:%y%m}.{number + 1:05}",
        version=1,
        title=" ".join(chance.choices(words, k=chance.randint(7, 14))).capitalize(),
        authors=tuple(_name(chance, rare) for _ in range(chance.choice((1, 2, 3, 3, 4, 4, 5, 6, 7, 11)))),
        abstract=_abstract(chance, words),
        primary_category=categories[0],
        categories=categories,
        published=published,
        updated=published,
        comment="15 pages, 6 figures, 3 tables" if chance.random() < SHARE_COMMENT else "",
    )


def _words(chance: random.Random, rare: list[str], length: int) -> list[str]:
    everyday = round(length * SHARE_EVERYDAY)
    words = chance.choices(EVERYDAY.split(), k=everyday) + chance.choices(rare, k=length - everyday)
    words += [word for word, share in KEYWORD_SHARES.items() if chance.random() < share]
    words += [FORMULA] * (chance.random() < SHARE_FORMULA) + [ACCENTED] * (chance.random() < SHARE_ACCENTED)
    chance.shuffle(words)
    return words


def _abstract(chance: random.Random, words: list[str]) -> str:
    """Sentences of about twenty words, now and then in two paragraphs."""
    sentences = [" ".join(words[at : at + 20]).capitalize() + "." for at in range(0, len(words), 20)]
    end = "\n" if chance.random() < SHARE_PARAGRAPHS else " "
    return " ".join(sentences[:4]) + end + " ".join(sentences[4:])


def _categories(chance: random.Random) -> tuple[str, ...]:
    ours = chance.sample(CATEGORIES, chance.choice((1, 1, 2, 2, 3)))
    if chance.random() < SHARE_ELSEWHERE:
        return (chance.choice(ELSEWHERE), *ours)
    return tuple(ours)


def _name(chance: random.Random, rare: list[str]) -> str:
    return " ".join(chance.choices(rare, k=2)).title()
