"""Topics: each paper is ranked in every topic that it matches, and shown once, in the best one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from paperbot.config import TopicRules
from paperbot.model import Candidate, Entry, Likeness, Paper, TopicScore, rank_key
from paperbot.ranking.keywords import Assessment, Scorer

LikenessById = Mapping[str, Likeness]
"""By paper id."""


@dataclass(frozen=True, slots=True)
class TopicRanking:
    """All papers of a run, by the rules of one topic."""

    rules: TopicRules
    assessments: Sequence[Assessment]
    likeness: LikenessById

    def candidates(self) -> list[Candidate]:
        """The papers that match this topic, in no particular order."""
        return [
            Candidate(
                one.paper,
                one.score,
                one.type,
                topic=self.rules.name,
                likeness=self.likeness.get(one.paper.id),
            )
            for one in self.assessments
            if one.is_match
        ]


def assess_topic(
    papers: Iterable[Paper], rules: TopicRules, likeness: LikenessById | None = None
) -> TopicRanking:
    """Every paper by a topic's keywords; `likeness` may be added later with `replace`."""
    return TopicRanking(rules, tuple(map(Scorer(rules).assess, papers)), likeness or {})


def rank_papers(rankings: Iterable[TopicRanking]) -> list[Candidate]:
    """Every matching paper once, in its best topic; best first.

    The best topic is the one with the most points, the earlier one where they are equal.
    """
    by_paper: dict[str, list[Candidate]] = {}
    for ranking in rankings:
        for candidate in ranking.candidates():
            by_paper.setdefault(candidate.paper.id, []).append(candidate)
    ranked = map(_in_best_topic, by_paper.values())
    return sorted(ranked, key=lambda candidate: rank_key(candidate.points, candidate.paper))


def _in_best_topic(candidates: Sequence[Candidate]) -> Candidate:
    """One of the same paper's candidates, given in the order of topics, with the others in `also_in`."""
    best, *others = sorted(candidates, key=lambda candidate: -candidate.points)  # stable for equal points
    return replace(best, also_in=tuple(TopicScore(other.topic, other.score) for other in others))


def find_related(ranking: TopicRanking, known_ids: set[str], max_related: int) -> list[Candidate]:
    """Papers without any keyword that are like the reader's, for a topic with free places.

    At most `max_related`, and no more than fill the topic up to its `max_papers`. `known_ids` are the papers
    that match any topic or are in an earlier digest.
    """
    matching = sum(one.is_match for one in ranking.assessments)
    free_places = min(max_related, ranking.rules.max_papers - matching)
    found = [
        Candidate(
            one.paper,
            one.score,
            one.type,
            topic=ranking.rules.name,
            likeness=ranking.likeness[one.paper.id],
        )
        for one in ranking.assessments
        if one.is_eligible
        and not one.score.matches
        and one.paper.id not in known_ids
        and one.paper.id in ranking.likeness
        and ranking.likeness[one.paper.id].value > 0
    ]
    found.sort(key=lambda candidate: rank_key(candidate.points, candidate.paper))
    return found[: max(free_places, 0)]


def in_turn(entries: Iterable[Entry]) -> list[Entry]:
    """The best paper of every topic, then the second best of every topic, and so on.

    For what has a limit per day, such as summaries: no topic gets none because another scores higher. Papers
    in the same place of their topics are in the order of rank; without topics this is the order of rank.
    """
    taken: Counter[str] = Counter()
    by_turn = []
    for entry in sorted(entries, key=lambda entry: entry.rank):
        taken[entry.topic] += 1
        by_turn.append((taken[entry.topic], entry.rank, entry))
    return [entry for _, _, entry in sorted(by_turn, key=lambda turn: turn[:2])]
