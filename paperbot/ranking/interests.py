"""From the reader's picks and library to the likeness of a run's papers, topic by topic."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from paperbot.config import TopicRules
from paperbot.model import KeptText, LibraryEntry, Paper
from paperbot.ranking.keywords import Assessment, PreparedPaper, Scorer
from paperbot.ranking.likeness import Example, Window, WordNumbers, likeness_by_id, word_counts
from paperbot.ranking.picks import PickKind, pick_path
from paperbot.ranking.topics import TopicRanking

FACTORS = {PickKind.STAR: 1.0, PickKind.SKIP: -1.0}
TITLE_ONLY_FACTOR = 0.5

ExamplesByTopic = Mapping[str, Sequence[Example]]
"""By topic name."""


@dataclass(frozen=True, slots=True)
class InterestText:
    """The text of a paper that the reader picked or has."""

    origin: str
    """Where the reader names it: `picks/2512.20276`, or file and line of the library."""
    text: KeptText
    factor: float
    """See Example."""

    def keyword_points(self, scorer: Scorer) -> float:
        """Its points by the rules of one topic."""
        prepared = PreparedPaper.of(self.text.title, self.text.abstract)
        return scorer.score_of(prepared, self.text.authors).value


@dataclass(frozen=True, slots=True)
class Interests:
    """What the reader starred, skipped and has read."""

    picks: Mapping[str, PickKind] = field(default_factory=dict)
    """By paper id."""
    library: Sequence[LibraryEntry] = ()
    kept_texts: Mapping[str, KeptText] = field(default_factory=dict)
    """What arXiv says of some of these papers, by id."""

    def texts(self) -> Iterator[InterestText]:
        """The known texts of the reader's papers; one that is picked and in the library counts as picked.

        An entry of the library without an abstract counts half: its title says less.
        """
        for paper_id, kind in self.picks.items():
            if (kept := self.kept_texts.get(paper_id)) and kept.title:
                yield InterestText(pick_path(paper_id), kept, FACTORS[kind])
        for entry in self.library:
            if entry.arxiv_id not in self.picks:
                kept = self.kept_texts.get(entry.arxiv_id, KeptText(""))
                abstract = entry.abstract or kept.abstract
                text = KeptText(entry.arxiv_id, entry.title, abstract, kept.authors)
                yield InterestText(entry.origin, text, 1.0 if abstract else TITLE_ONLY_FACTOR)

    def unknown_ids(self) -> list[str]:
        """The ids of papers whose title or abstract must still be fetched from arXiv."""
        missing = (entry.arxiv_id for entry in self.library if not entry.abstract and not entry.is_private)
        wanted = dict.fromkeys((*self.picks, *missing))
        return [paper_id for paper_id in wanted if paper_id and paper_id not in self.kept_texts]


def examples_by_topic(topics: Sequence[TopicRules], texts: Iterable[InterestText]) -> ExamplesByTopic:
    """Each text in the topic where it has the most keyword points, the earlier one where they are equal."""
    scorers = {rules.name: Scorer(rules) for rules in topics}
    by_topic: dict[str, list[Example]] = {name: [] for name in scorers}
    for one in texts:
        prepared = PreparedPaper.of(one.text.title, one.text.abstract)
        points = {name: scorer.score_of(prepared, one.text.authors).value for name, scorer in scorers.items()}
        if points:
            best = max(points, key=lambda name: points[name])
            by_topic[best].append(Example(word_counts(prepared), points[best], one.factor))
    return by_topic


def rank_topics(
    papers: Sequence[Paper],
    topics: Sequence[TopicRules],
    earlier_ids: Container[str],
    examples: ExamplesByTopic,
    weight: float,
) -> list[TopicRanking]:
    """All papers of a run by the rules of every topic, with their likeness.

    `earlier_ids` are the papers that were announced before today's; see `likeness_by_id`. `weight` is
    `interests.weight`; 0 leaves the order by keywords.
    """
    scorers = [Scorer(rules) for rules in topics]
    assessments: list[list[Assessment]] = [[] for _ in topics]
    numbers, counts = WordNumbers(), {}
    for paper in papers:
        prepared = PreparedPaper.of(paper.title, paper.abstract)
        for scorer, assessed in zip(scorers, assessments, strict=True):
            assessed.append(scorer.assess(paper, prepared))
        if weight:
            counts[paper.id] = numbers.counts(prepared)
    rankings = [TopicRanking(*pair, likeness={}) for pair in zip(topics, assessments, strict=True)]
    if not weight:
        return rankings
    window = Window(numbers, counts)
    return [
        replace(
            ranking,
            likeness=likeness_by_id(
                window, ranking.assessments, earlier_ids, examples.get(ranking.rules.name, ()), weight
            ),
        )
        for ranking in rankings
    ]
