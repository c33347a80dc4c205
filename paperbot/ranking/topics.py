"""Topics: each paper is ranked in every topic that it matches, and shown once, in the best one."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from paperbot.config import TopicRules
from paperbot.model import Candidate, Entry, Likeness, TopicScore, rank_key
from paperbot.ranking.keywords import Assessment

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
        return [self.candidate(one) for one in self.assessments if one.is_match]

    def candidate(self, one: Assessment) -> Candidate:
        """One of the assessed papers, with its likeness."""
        likeness = self.likeness.get(one.paper.id)
        return Candidate(one.paper, one.score, one.type, topic=self.rules.name, likeness=likeness)


def rank_papers(rankings: Iterable[TopicRanking]) -> list[Candidate]:
    """Every matching paper once, in its best topic; best first.

    The best topic is the one with the most points, the earlier one where they are equal.
    """
    by_paper: dict[str, list[Candidate]] = {}
    for ranking in rankings:
        for candidate in ranking.candidates():
            by_paper.setdefault(candidate.paper.id, []).append(candidate)
    ranked = []
    for candidates in by_paper.values():
        best, *others = sorted(candidates, key=lambda candidate: -candidate.points)  # stable for equal points
        also_in = tuple(TopicScore(other.topic, other.score) for other in others)
        ranked.append(replace(best, also_in=also_in))
    return sorted(ranked, key=lambda candidate: rank_key(candidate.points, candidate.paper))


def find_related(ranking: TopicRanking, known_ids: Container[str], max_related: int) -> list[Candidate]:
    """Papers without any keyword of a topic that are like the reader's, the best first.

    `known_ids` are papers that are not wanted: they match a topic, or earlier digests have them.
    """
    found = [
        ranking.candidate(one)
        for one in ranking.assessments
        if one.is_eligible
        and not one.score.matches
        and one.paper.id not in known_ids
        and one.paper.id in ranking.likeness
        and ranking.likeness[one.paper.id].value > 0
    ]
    found.sort(key=lambda candidate: rank_key(candidate.points, candidate.paper))
    return found[: max(max_related, 0)]


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
