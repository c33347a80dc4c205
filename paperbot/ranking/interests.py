"""From the reader's picks and library to the likeness of a run's papers, topic by topic."""

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from paperbot.config import TopicRules
from paperbot.model import Paper
from paperbot.ranking.keywords import Scorer
from paperbot.ranking.library import LibraryEntry
from paperbot.ranking.likeness import Example, Window, likeness_by_id
from paperbot.ranking.picks import PickKind
from paperbot.ranking.topics import TopicRanking, assess_topic

FACTORS = {PickKind.STAR: 1.0, PickKind.SKIP: -1.0}
TITLE_ONLY_FACTOR = 0.5
NO_DATE = dt.datetime.min.replace(tzinfo=dt.UTC)

ExamplesByTopic = Mapping[str, Sequence[Example]]
"""By topic name."""


def examples_by_topic(
    topics: Sequence[TopicRules],
    picked: Iterable[tuple[Paper, PickKind]],
    library: Iterable[LibraryEntry] = (),
) -> ExamplesByTopic:
    """Each example in the topic where it has the most keyword points, the earlier one where they are equal.

    A library's entry without an abstract counts half: its title says less.
    """
    scorers = [(rules.name, Scorer(rules)) for rules in topics]
    texts = [(paper, FACTORS[kind]) for paper, kind in picked]
    texts += [(_as_paper(entry), 1.0 if entry.abstract else TITLE_ONLY_FACTOR) for entry in library]
    by_topic: dict[str, list[Example]] = {rules.name: [] for rules in topics}
    for paper, factor in texts:
        points = [(scorer.score(paper).value, name) for name, scorer in scorers]
        if points:
            most, name = max(points, key=lambda found: found[0])
            by_topic[name].append(Example(paper.title, paper.abstract, most, factor))
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
    rankings = [assess_topic(papers, rules) for rules in topics]
    if not weight:
        return rankings
    window = Window(papers)
    return [
        replace(
            ranking,
            likeness=likeness_by_id(
                window, ranking.assessments, earlier_ids, examples.get(ranking.rules.name, ()), weight
            ),
        )
        for ranking in rankings
    ]


def _as_paper(entry: LibraryEntry) -> Paper:
    """For the keyword matcher, which looks at title and abstract."""
    return Paper(
        id=entry.arxiv_id,
        version=1,
        title=entry.title,
        authors=(),
        abstract=entry.abstract,
        primary_category="",
        categories=(),
        published=NO_DATE,
        updated=NO_DATE,
    )
