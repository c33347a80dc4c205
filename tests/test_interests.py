"""Picks and library per topic."""

from paperbot.model import LikenessBasis
from paperbot.ranking.interests import examples_by_topic, rank_topics
from paperbot.ranking.library import LibraryEntry
from paperbot.ranking.likeness import Example
from paperbot.ranking.picks import PickKind
from paperbot.ranking.topics import rank_papers
from tests.support.builders import a_config, a_paper
from tests.support.real_papers import real_papers

TOPICS = a_config(
    topics=[
        {"name": "Inference", "keywords": ["inference", "decoding", "quantiz*"]},
        {"name": "Agents", "keywords": ["agent", "tool", "decoding"]},
    ],
    min_score=1,
).topic_rules


def test_an_example_belongs_to_the_topic_with_most_keyword_points() -> None:
    picked = [
        (a_paper(title="Inference", abstract=""), PickKind.STAR),
        (a_paper(title="Agents", abstract="Tools"), PickKind.SKIP),
        (a_paper(title="Decoding", abstract=""), PickKind.STAR),  # equal: the earlier topic
    ]
    library = [LibraryEntry("Agent"), LibraryEntry("Agent", "A tool."), LibraryEntry("Bees", "Honey.")]
    assert examples_by_topic(TOPICS, picked, library) == {
        "Inference": [
            Example("Inference", "", 1.5),
            Example("Decoding", "", 1.5),
            Example("Bees", "Honey.", 0.0),
        ],
        "Agents": [
            Example("Agents", "Tools", 2.5, -1.0),
            Example("Agent", "", 1.5, 0.5),
            Example("Agent", "A tool.", 2.5),
        ],
    }


def test_the_picks_of_one_topic_do_not_touch_another() -> None:
    papers = real_papers()[:300]
    picked = [(paper, PickKind.STAR) for paper in papers if "agent" in paper.title.lower()][:5]
    examples = examples_by_topic(TOPICS, picked)
    assert len(examples["Agents"]) >= 3 > len(examples["Inference"])
    without, with_picks = (rank_topics(papers, TOPICS, (), given, 1.0) for given in ({}, examples))
    assert without[0].likeness == with_picks[0].likeness
    assert without[1].likeness != with_picks[1].likeness
    assert {likeness.basis for likeness in with_picks[1].likeness.values()} == {LikenessBasis.PICKS}
    both = [{candidate.paper.id for candidate in rank_papers(one)} for one in (without, with_picks)]
    assert both[0] == both[1]


def test_weight_zero_is_the_order_by_keywords() -> None:
    papers = real_papers()[:100]
    assert all(not ranking.likeness for ranking in rank_topics(papers, TOPICS, (), {}, 0.0))
