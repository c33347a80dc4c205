"""Topics: ranked in each, shown once, whatever is done to the topics from day to day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperbot.archive import Archive
from paperbot.archive.store import load_archive
from paperbot.config import Config
from paperbot.digest import merged_digest
from paperbot.model import Candidate, Likeness, LikenessBasis, Paper
from paperbot.ranking.interests import rank_topics
from paperbot.ranking.keywords import Scorer
from paperbot.ranking.topics import find_related, in_turn, rank_papers
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from tests.support.builders import a_config, a_paper, an_entry
from tests.support.fork import Fork

DAY = dt.date(2025, 12, 24)
TOPICS: list[dict[str, Any]] = [
    {"name": "A", "keywords": ["red", {"term": "blue", "weight": 2}]},
    {"name": "B", "keywords": ["blue", "green"], "max_papers": 1, "exclude_keywords": ["grey"]},
    {"name": "C", "keywords": ["green"], "categories": ["cs.CL"], "watch_authors": ["Ada Example"]},
]


def topics_of(topics: Sequence[Mapping[str, Any]], **given: Any) -> Config:
    defaults = {"categories": ["cs.LG", "cs.CL"], "min_score": 1, "exclude_keywords": []}
    return a_config(topics=topics, **(defaults | given))


def ranked(papers: Sequence[Paper], config: Config) -> list[Candidate]:
    return rank_papers(rank_topics(papers, config.topic_rules, (), {}, weight=0))


def test_without_topics_the_ranking_is_the_one_by_keywords() -> None:
    config = a_config(keywords=["red", "blue"], min_score=1)
    papers = [a_paper(f"2512.9900{n}", title=title) for n, title in enumerate(["red", "blue red", "green"])]
    assert ranked(papers, config) == Scorer(config).candidates(papers)
    assert {candidate.topic for candidate in ranked(papers, config)} == {""}


@pytest.mark.parametrize(
    ("title", "given", "expected"),
    [
        ("blue", {}, ("A", 3.0, [("B", 1.5)])),
        ("green", {}, ("B", 1.5, [])),
        ("green", {"primary_category": "cs.CL"}, ("C", 2.5, [("B", 1.5)])),  # the author counts in C alone
        ("blue green grey", {}, ("A", 3.0, [])),  # excluded from B
        ("red green", {"authors": ("X",)}, ("A", 1.5, [("B", 1.5)])),  # equal: the earlier topic
        ("green", {"primary_category": "cs.CV", "categories": ("cs.CV", "cs.CL")}, None),  # wrong type
    ],
)
def test_a_paper_is_in_its_best_topic_and_also_in_the_others(
    title: str, given: dict[str, Any], expected: tuple[str, float, list[tuple[str, float]]] | None
) -> None:
    found = ranked([a_paper(title=title, **given)], topics_of(TOPICS))
    shown = [
        (one.topic, one.score.value, [(other.topic, other.score.value) for other in one.also_in])
        for one in found
    ]
    assert shown == ([expected] if expected else [])


def test_a_paper_of_another_topics_category_matches_only_there() -> None:
    topics = [TOPICS[0] | {"categories": ["cs.LG"]}, TOPICS[2] | {"keywords": ["red"]}]
    (found,) = ranked(
        [a_paper(title="red", primary_category="cs.LG")], topics_of(topics, types=["cross", "new"])
    )
    assert (found.topic, found.also_in) == ("A", ())


def test_likeness_decides_between_topics_and_in_the_order() -> None:
    papers = [a_paper("2512.99001", title="blue"), a_paper("2512.99002", title="red")]
    first, second = rank_topics(papers, topics_of(TOPICS[:2]).topic_rules, (), {}, weight=0)
    likeness = {"2512.99001": Likeness(4.0, LikenessBasis.PICKS, {"x": 4.0})}
    blue, red = rank_papers([first, replace(second, likeness=likeness)])
    assert (blue.topic, blue.points, [other.topic for other in blue.also_in]) == ("B", 5.5, ["A"])
    assert (red.paper.id, red.topic) == ("2512.99002", "A")


@pytest.mark.parametrize(
    ("max_related", "known", "expected"),
    [
        (5, set(), ["2512.99003", "2512.99002"]),
        (1, set(), ["2512.99003"]),
        (0, set(), []),
        (-1, set(), []),
        (5, {"2512.99003"}, ["2512.99002"]),
    ],
)
def test_related_papers_are_the_most_like_without_a_keyword(
    max_related: int, known: set[str], expected: list[str]
) -> None:
    papers = [
        a_paper("2512.99001", title="red"),
        a_paper("2512.99002"),
        a_paper("2512.99003"),
        a_paper("2512.99004"),  # less like them than the mean
        a_paper("2512.99005", title="grey"),
        a_paper("2512.99006", primary_category="cs.CV", categories=("cs.CV", "cs.LG")),
        a_paper("2512.99007", comment="This paper has been withdrawn."),
    ]
    points = {"2512.99002": 1.0, "2512.99003": 2.0, "2512.99004": -1.0}
    likeness = {paper.id: Likeness(points.get(paper.id, 9.0), LikenessBasis.PICKS) for paper in papers}
    config = a_config(keywords=["red"], exclude_keywords=["grey"], min_score=1)
    (ranking,) = rank_topics(papers, config.topic_rules, (), {}, weight=0)
    found = find_related(replace(ranking, likeness=likeness), known, max_related)
    assert [one.paper.id for one in found] == expected


def test_in_turn_every_topic_gets_its_best_first() -> None:
    topics = ["A", "A", "A", "B", "A", "C", "B"]
    entries = [an_entry(str(rank), rank=rank, topic=topic) for rank, topic in enumerate(topics, 1)]
    assert [entry.rank for entry in in_turn(entries)] == [1, 4, 6, 2, 7, 3, 5]
    flat = [an_entry(str(rank), rank=rank) for rank in (3, 1, 2)]
    assert [entry.rank for entry in in_turn(flat)] == [1, 2, 3]


COLOURS = ["red", "blue", "green", "grey", "pink"]
topics_of_a_day = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from("ABCD"),
            "keywords": st.lists(st.sampled_from(COLOURS), min_size=1, max_size=3, unique=True),
            "max_papers": st.integers(1, 3),
            "paused": st.booleans(),
        }
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda topic: topic["name"],
)
titles = st.lists(st.lists(st.sampled_from(COLOURS), max_size=3, unique=True), max_size=5)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(topics_of_a_day, titles), min_size=1, max_size=5))
def test_whatever_happens_to_topics_each_paper_is_shown_once_in_the_right_one(
    days: list[tuple[list[dict[str, Any]], list[list[str]]]],
) -> None:
    """Each day has its own topics and new papers; the window is the papers of three days; two runs a day."""
    archive = Archive()
    window: list[tuple[dt.date, list[Paper]]] = []
    seen: dict[str, tuple[dt.date, str]] = {}
    for number, (topics, new_titles) in enumerate(days):
        today = DAY + dt.timedelta(days=number)
        new = [a_paper(f"2512.9{number}{n:03}", title=" ".join(title)) for n, title in enumerate(new_titles)]
        window = [*window, (today, new)][-3:]
        papers = [paper for _, of_day in window for paper in of_day]
        config = topics_of(topics)
        limits = {rules.name: rules.max_papers for rules in config.topic_rules}
        for _ in range(2):
            entries = merged_digest(archive, ranked(papers, config), today, limits)
            archive = archive.with_entries(entries)
        expected = expected_topics(papers, topics)
        for paper_id, topic in expected.items():
            seen.setdefault(paper_id, (today, topic))
        shown = {entry.paper.id: (entry.digest_date, entry.topic) for entry in archive.entries.values()}
        assert shown == seen
        for topic in limits:
            of_topic = [entry for entry in archive.of(today) if entry.topic == topic]
            assert sum(entry.shown for entry in of_topic) == min(len(of_topic), limits[topic])


def expected_topics(papers: Sequence[Paper], topics: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The oracle: a keyword in the title is 1.5 points; the first topic with the most points."""
    best: dict[str, str] = {}
    for paper in papers:
        points = [
            0 if topic["paused"] else sum(word in topic["keywords"] for word in paper.title.split())
            for topic in topics
        ]
        if max(points) > 0:
            best[paper.id] = topics[points.index(max(points))]["name"]
    return best


def test_a_fork_goes_from_one_list_to_topics_and_shows_no_paper_again(tmp_path: Path) -> None:
    with SampleWorld() as world:
        fork = Fork.of_sample(tmp_path, world)
        fork.run(SAMPLE_CLOCKS[0], "--no-summaries")
        before = load_archive(tmp_path, DAY.replace(day=1)).entries
        keywords = fork.settings["keywords"]
        fork.change(
            topics=[{"name": "First", "keywords": keywords[:1]}, {"name": "All", "keywords": keywords}],
            min_score=0,
        )
        world.clock = SAMPLE_CLOCKS[-1]
        ran = fork.run(world.clock, "--no-summaries")
    assert ran.code == 0
    after = load_archive(tmp_path, DAY.replace(day=1)).entries
    assert {key: after[key].digest_date for key in before} == {
        key: entry.digest_date for key, entry in before.items()
    }
    new = [entry for key, entry in after.items() if key not in before]
    assert new
    assert {entry.topic for entry in new} <= {"First", "All"}
    assert {entry.topic for entry in before.values()} == {""}
