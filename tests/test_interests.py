"""Picks and library per topic."""

from paperbot.model import KeptText, LibraryEntry, LikenessBasis
from paperbot.ranking.interests import Interests, examples_by_topic, rank_topics
from paperbot.ranking.likeness import Example
from paperbot.ranking.picks import PickKind
from paperbot.ranking.topics import rank_papers
from tests.support.builders import a_config
from tests.support.december import real_papers

TOPICS = a_config(
    topics=[
        {"name": "Inference", "keywords": ["inference", "decoding", "quantiz*"]},
        {"name": "Agents", "keywords": ["agent", "tool", "decoding"]},
    ],
    min_score=1,
).topic_rules


def test_an_example_belongs_to_the_topic_with_most_keyword_points() -> None:
    texts = [KeptText("1", "Inference"), KeptText("2", "Agents", "Tools"), KeptText("3", "Decoding")]
    library = (LibraryEntry("Agent"), LibraryEntry("Agent", "A tool."), LibraryEntry("Bees", "Honey."))
    interests = Interests(
        {"1": PickKind.STAR, "2": PickKind.SKIP, "3": PickKind.STAR, "4": PickKind.STAR},
        library,
        {text.id: text for text in (*texts, KeptText("4"))},
    )
    assert examples_by_topic(TOPICS, interests.texts()) == {
        "Inference": [
            Example({"inference": 2}, 1.5),
            Example({"decoding": 2}, 1.5),  # as good in both: the earlier topic
            Example({"bees": 2, "honey": 1}, 0.0),
        ],
        "Agents": [
            Example({"agents": 2, "tools": 1}, 2.5, -1.0),
            Example({"agent": 2}, 1.5, 0.5),
            Example({"agent": 2, "a": 1, "tool": 1}, 2.5),
        ],
    }


def test_a_picked_paper_of_the_library_counts_once() -> None:
    entry = LibraryEntry("Agent", arxiv_id="2512.20276")
    interests = Interests({entry.arxiv_id: PickKind.SKIP}, (entry,), {})
    assert interests.unknown_ids() == ["2512.20276"]
    assert list(interests.texts()) == []


def test_the_picks_of_one_topic_do_not_touch_another() -> None:
    papers = real_papers()[:300]
    picked = [paper for paper in papers if "agent" in paper.title.lower()][:5]
    texts = {paper.id: KeptText(paper.id, paper.title, paper.abstract) for paper in picked}
    interests = Interests(dict.fromkeys(texts, PickKind.STAR), (), texts)
    examples = examples_by_topic(TOPICS, interests.texts())
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
