"""Likeness: the rule of docs/ranking.md, against a second implementation, by hand, and by its properties."""

import dataclasses
import datetime as dt
import random
import re
import unicodedata
from collections.abc import Container, Sequence
from math import log, sqrt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperbot.config import Config, TopicRules
from paperbot.model import Candidate, LikenessBasis, Paper
from paperbot.ranking.interests import rank_topics
from paperbot.ranking.keywords import PreparedPaper
from paperbot.ranking.likeness import Example, Window, WordCounts, WordNumbers, percentile, word_counts
from paperbot.ranking.topics import TopicRanking, rank_papers
from tests.support.builders import a_config, a_paper
from tests.support.december import announced_in_december, real_papers

ROOT = Path(__file__).resolve().parents[1]
RULES = Config().topic_rules[0]
DAYS = sorted({announced.listing for announced in announced_in_december()})[-10:]
SIZES = (60, 300, 900)


Row = tuple[Paper, float, bool]
"""A paper of the window, its keyword points, and whether it may be an example."""
Pick = tuple[str, str, float, float]
"""Title, abstract, keyword points, factor."""
Vector = dict[str, float]


def oracle(
    window: Sequence[Row], earlier: set[str], picks: Sequence[Pick], weight: float = 1
) -> dict[str, float]:
    """The points of each paper that has any, written apart from the product by docs/ranking.md alone."""
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


def ranking(
    papers: Sequence[Paper],
    examples: Sequence[Example] = (),
    *,
    earlier: Container[str] = (),
    weight: float = 1.0,
    rules: TopicRules = RULES,
) -> TopicRanking:
    return rank_topics(papers, [rules], earlier, {rules.name: examples}, weight)[0]


def picked(papers: Sequence[Paper], factor: float = 1.0) -> list[Example]:
    return [
        Example(words(one.paper.title, one.paper.abstract), one.score.value, factor)
        for one in ranking(papers, weight=0).assessments
    ]


def words(title: str, abstract: str) -> WordCounts:
    return word_counts(PreparedPaper.of(title, abstract))


def ids_of(papers: Sequence[Paper]) -> set[str]:
    return {paper.id for paper in papers}


def ids(ranked: TopicRanking) -> list[str]:
    return [candidate.paper.id for candidate in rank_papers([ranked])]


@pytest.mark.parametrize("picks", [0, 3, 10, 30])
@pytest.mark.parametrize(("number", "day"), list(enumerate(DAYS)))
def test_a_second_implementation_finds_the_same(number: int, day: dt.date, picks: int) -> None:
    """On real days, with the papers announced before them; some picks are skips or titles alone."""
    newest_first = [one for one in reversed(announced_in_december()) if one.listing <= day]
    papers = [one.paper for one in newest_first][: SIZES[number % len(SIZES)]]
    earlier = {one.paper.id for one in newest_first if one.listing < day} if number else set()
    chosen_papers = random.Random(f"{day} {picks}").sample(real_papers(), picks)
    chosen = picked(chosen_papers)
    for place in range(0, picks, 5):
        chosen[place] = dataclasses.replace(chosen[place], factor=-1.0 if place % 2 else 0.5)
    found = ranking(papers, chosen, earlier=earlier)
    rows = [(one.paper, one.score.value, not one.is_excluded) for one in found.assessments]
    picks_of_oracle = [
        (paper.title, paper.abstract, one.keyword_points, one.factor)
        for paper, one in zip(chosen_papers, chosen, strict=True)
    ]
    points = {key: likeness.value for key, likeness in found.likeness.items()}
    assert points == pytest.approx(oracle(rows, earlier, picks_of_oracle), abs=0.001)
    assert len(points) > len(papers) / 2


def test_the_example_of_the_docs_to_the_last_digit() -> None:
    page = (ROOT / "docs/ranking.md").read_text("utf-8")
    rows = re.findall(r"^\| ([A-J]) \| ([A-Z][^|]+) \| (\d+) \|$", page, re.MULTILINE)
    rules = a_config(keywords=[{"term": "decoding", "weight": 10}]).topic_rules[0]
    papers = [a_paper(letter, title=title, abstract="") for letter, title, _ in rows]
    found = ranking(papers, rules=rules)
    assert [(one.paper.id, f"{one.score.value:g}") for one in found.assessments] == [
        (letter, points) for letter, _, points in rows
    ]
    assert found.likeness["A"].words == {"decoding": 2.9, "speculative": 1.5}
    assert found.likeness["B"].words == {"decoding": 2.4, "speculative": 1.6, "cache": -0.9}
    assert found.likeness["C"].words == {"decoding": 2.2, "images": -1.2}
    assert [found.likeness[letter].value for letter in "ABC"] == [4.4, 3.1, 1.0]
    for result in (
        "= 2.9\n",
        "= 1.5\n",
        "2.9 + 1.5 = 4.4",
        "15 + 4.4 = 19.4",
        "- 0.9 (cache) = 3.1",
        "= 1.0.",
    ):
        assert result in page
    numbers = WordNumbers()
    prepared = {paper.id: PreparedPaper.of(paper.title, paper.abstract) for paper in papers}
    window = Window(numbers, {key: numbers.counts(paper) for key, paper in prepared.items()})
    for letter, shown in re.findall(r"^\| ([ABCm]) \| ([-\d. |]+) \|$", page, re.MULTILINE)[-4:]:
        weights = filter(None, window.mean) if letter == "m" else window.vectors[letter].weights
        assert sorted(f"{weight:.4f}" for weight in weights) == sorted(re.findall(r"[\d.]+", shown))


@settings(deadline=None, max_examples=8)
@given(chance=st.randoms(use_true_random=False), size=st.integers(60, 300), picks=st.integers(3, 12))
def test_properties_of_any_window(chance: random.Random, size: int, picks: int) -> None:
    """Points are the sum of their words; no order matters; more weight never moves a pick down."""
    papers = chance.sample(real_papers(), size)
    starred = chance.sample(best(papers), picks)
    chosen = picked(starred)
    found = ranking(papers, chosen)
    for likeness in found.likeness.values():
        assert likeness.value == pytest.approx(sum(likeness.words.values()), abs=1e-9)
        assert all(points == round(points, 1) != 0 for points in likeness.words.values())
        sizes = [abs(points) for points in likeness.words.values()]
        assert sizes == sorted(sizes, reverse=True)
    assert ids(ranking(papers[::-1], chosen[::-1])) == ids(found)
    assert set(ids(found)) == set(ids(ranking(papers, weight=0)))
    places = []
    for factor in (-1.0, 0.0, 0.25, 0.5, 1.0, 2.0, 4.0):
        examples = [dataclasses.replace(chosen[0], factor=factor), *chosen[1:]]
        places.append(ids(ranking(papers, examples)).index(starred[0].id))
    assert places == sorted(places, reverse=True)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_no_weight_or_equal_points_give_the_keyword_order(weight: float) -> None:
    papers = real_papers()[:300]
    equal = a_config(keywords=["the"], min_score=0, title_bonus=0).topic_rules[0]
    rules = equal if weight else RULES
    found = ranking(papers, picked(papers[:5]), weight=weight, rules=rules)
    if weight:
        papers = [one.paper for one in found.assessments if one.is_match]
        found = ranking(papers, picked(papers[:5]), rules=rules)
    assert found.likeness == {}
    assert ids(found) == ids(ranking(papers, rules=rules, weight=0))


def test_fewer_than_three_picks_are_not_used() -> None:
    papers = real_papers()[:300]
    without = ranking(papers).likeness
    assert ranking(papers, picked(papers[:2])).likeness == without
    with_three = ranking(papers, picked(best(papers)[:3])).likeness
    assert {one.basis for one in without.values()} == {LikenessBasis.BEST_MATCHES}
    assert {one.basis for one in with_three.values()} == {LikenessBasis.PICKS}


def test_picks_without_keywords_weigh_nothing() -> None:
    """A library of other subjects leaves the order as it is."""
    papers = real_papers()[:300]
    others = [Example(words("Bees", "The bees of the meadow, and their language model"), 0.0)] * 300
    assert ranking(papers, others).likeness == ranking(papers).likeness


@pytest.mark.parametrize("flaw", [{"comment": "This paper has been withdrawn."}, {"title": "A survey: LLM"}])
def test_excluded_and_withdrawn_papers_are_never_examples(flaw: dict[str, Any]) -> None:
    papers = real_papers()[:300]
    top = best(papers)[0]
    spoilt = [paper if paper is not top else dataclasses.replace(paper, **flaw) for paper in papers]
    assert ranking(spoilt, earlier={top.id}).likeness == {}


def test_no_paper_is_its_own_example() -> None:
    """Alone among the earlier papers it has nothing to be compared with; the others are compared with it."""
    papers = real_papers()[:300]
    top = best(papers)[0]
    found = ranking(papers, earlier={top.id}).likeness
    assert top.id not in found
    assert len(found) > 250


def test_a_skip_moves_its_like_down_and_leaves_most_of_the_order() -> None:
    papers = real_papers()[:600]
    top = best(papers)
    before = ids(ranking(papers, picked(top[2:12])))
    skipped = top[0]
    after = ids(ranking(papers, [*picked(top[2:12]), *picked([skipped], factor=-1.0)]))
    assert after.index(skipped.id) > before.index(skipped.id)
    assert len(set(before[:30]) & set(after[:30])) >= 24


@pytest.mark.parametrize("number", [3, 7, 15])
def test_skips_of_one_subject_leave_the_papers_of_others(number: int) -> None:
    papers = real_papers()
    earlier = papers[:-200]
    has_subject = {paper.id: "agent" in paper.title.lower() for paper in papers[-200:]}
    skipped = [paper for paper in best(earlier) if "agent" in paper.title.lower()][:number]
    before, after = (
        [
            paper_id
            for paper_id in ids(ranking(papers, chosen, earlier=ids_of(earlier)))
            if paper_id in has_subject
        ]
        for chosen in ([], picked(skipped, factor=-1.0))
    )
    others = {paper_id for paper_id in before[:30] if not has_subject[paper_id]}
    assert len(others & {*after[:30]}) >= 0.9 * len(others)
    places = [[place for place, key in enumerate(order) if has_subject[key]] for order in (before, after)]
    assert sum(places[1]) > 1.2 * sum(places[0])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_tiny_window_is_no_problem(number: int) -> None:
    papers = [a_paper(str(n), title="LLM inference") for n in range(number)]
    assert ranking(papers).likeness == {}


def test_hostile_and_empty_texts_are_no_problem() -> None:
    papers = [
        a_paper(str(n), title=title, abstract="") for n, title in enumerate(["", "\0", "💥" * 99, "LLM"])
    ]
    assert set(ranking(papers + real_papers()[:20], [Example({}, 9.0)] * 3).likeness) <= {
        *ids_of(real_papers()[:20]),
        "3",
    }


def test_percentile_lies_between_the_nearest_values() -> None:
    assert percentile([4, 1, 3, 2], 0.9) == pytest.approx(3.7)
    assert percentile([5], 0.9) == 5


def best(papers: Sequence[Paper]) -> list[Paper]:
    candidates: list[Candidate] = rank_papers([ranking(papers, weight=0)])
    return [candidate.paper for candidate in candidates]
