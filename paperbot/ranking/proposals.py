"""Keywords to propose: terms that are frequent in the papers that rank high, and are no keywords yet.

Measured on a year of announcements: who accepts all eight finds a tenth more of what experts took up.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from paperbot.config import Keyword
from paperbot.model import KeywordProposal
from paperbot.ranking.keywords import Assessment, PreparedPaper, keyword_pattern
from paperbot.ranking.topics import TopicRanking

MAX_PROPOSALS = 8
TOP_SHARE = 0.06
MIN_PAPERS = 200
"""In fewer papers the frequencies of words say little."""
MIN_PAPERS_WITH_TERM = 4
MAX_SHARE_WITH_TERM = 0.15
"""A keyword that more papers have tells them apart badly."""
MIN_TERM_LETTERS = 3
ADVERB = re.compile(r"\w+(?:[cdeghklmnrstw]|[ai]b)ly")
"""Not `assembly`, `family`, `anomaly`, `supply`, `butterfly`."""
COUNT = re.compile(r"[0-9]+(?:st|nd|rd|th|x|k|m|b)?")
"""`2025`, `1st`, `10x`, `100k`."""


@cache
def words_of_prose() -> frozenset[str]:
    """Words that say nothing about a paper's subject, such as those that most abstracts are written with."""
    path = Path(__file__).resolve().parents[1] / "data" / "words_of_prose.txt"
    return frozenset(path.read_text(encoding="utf-8").split())


def propose_keywords(
    ranking: TopicRanking, starred: Collection[str], recent: Collection[str]
) -> list[KeywordProposal]:
    """At most eight, the most telling first; none of `recent`, and none that adds no paper.

    `starred` are ids of papers.
    """
    eligible = [one for one in ranking.assessments if one.is_eligible]
    if len(eligible) < MIN_PAPERS:
        return []
    in_order = sorted(eligible, key=lambda one: (-one.score.value, one.paper.id))
    number = max(MIN_PAPERS_WITH_TERM, round(TOP_SHARE * len(in_order)))
    # Papers without a keyword are in no order: their words would be proposed by chance.
    number = min(number, sum(one.score.value > 0 for one in in_order))
    terms = {one.paper.id: set(_terms(one)) for one in in_order}
    best = Counter(term for one in in_order[:number] for term in terms[one.paper.id])
    frequent = {term for term, papers in best.items() if papers >= MIN_PAPERS_WITH_TERM}
    everywhere = Counter(term for found in terms.values() for term in found & frequent)
    telling = {
        term: _log_odds(best[term], number, everywhere[term] - best[term], len(in_order) - number)
        for term in frequent
        if everywhere[term] <= MAX_SHARE_WITH_TERM * len(in_order)
    }
    keywords = [*map(keyword_pattern, (*ranking.rules.keywords, *ranking.rules.exclude_keywords))]
    proposals: list[KeywordProposal] = []
    proposed: set[str] = set()
    in_best = [term for term in telling if telling[term] > 0]
    for term in sorted(in_best, key=lambda term: (-telling[term], term)):
        words = {word.removesuffix("s") for word in term.split()}  # a part of a proposed pair is no news
        if term in recent or words & proposed or any(keyword.search(term) for keyword in keywords):
            continue
        proposal = _proposal(term, ranking, eligible, starred)
        if proposal.papers:
            proposals.append(proposal)
            proposed |= words
        if len(proposals) == MAX_PROPOSALS:
            break
    return proposals


def _terms(one: Assessment) -> Iterator[str]:
    """The words of a paper, and the pairs of words that stand side by side."""
    prepared = PreparedPaper.of(one.paper.title, one.paper.abstract)
    for text in (prepared.title, prepared.abstract):
        yield from filter(_is_telling, text.words)
        yield from (f"{a} {b}" for a, b in pairwise(text.words) if _is_telling(a) and _is_telling(b))


def _is_telling(word: str) -> bool:
    if len(word) < MIN_TERM_LETTERS or word in words_of_prose():
        return False
    return not (COUNT.fullmatch(word) or ADVERB.fullmatch(word))


def _log_odds(best: int, of_best: int, others: int, of_others: int) -> float:
    """How much more frequent a term is in the best papers, in standard deviations of chance."""
    difference = math.log((best + 0.5) / (of_best - best + 0.5))
    difference -= math.log((others + 0.5) / (of_others - others + 0.5))
    return difference / math.sqrt(1 / (best + 0.5) + 1 / (others + 0.5))


def _proposal(
    term: str, ranking: TopicRanking, eligible: Sequence[Assessment], starred: Collection[str]
) -> KeywordProposal:
    keyword, rules = Keyword(term=term), ranking.rules
    pattern = keyword_pattern(keyword)
    added = []
    for one in eligible:
        in_title = bool(pattern.search(one.paper.title))
        if one.is_match or not (in_title or pattern.search(one.paper.abstract)):
            continue
        if one.score.value + keyword.weight * (1 + rules.title_bonus * in_title) >= rules.min_score:
            added.append(one.paper.id)
    return KeywordProposal(term, len(added), len({*added} & {*starred}), rules.name)
