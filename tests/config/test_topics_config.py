"""Topics in config.json: what they inherit, and what is said about wrong ones."""

import re
from pathlib import Path
from typing import Any

import pytest

from paperbot.config import Config
from tests.config.written import ROOT, errors, load

A = {"name": "Inference", "keywords": ["KV cache"]}
B = {"name": "Agents", "keywords": ["agent"]}


def test_without_topics_the_top_level_is_one_topic_without_a_name() -> None:
    (rules,) = Config.model_validate({"max_papers": 5}).topic_rules
    assert (rules.name, rules.max_papers, rules.min_score) == ("", 5, 2.5)
    assert (rules.keywords, rules.categories) == (Config().keywords, Config().categories)


def test_a_topic_takes_from_the_top_level_what_it_does_not_give(tmp_path: Path) -> None:
    own = {
        "name": " Long \u200bcontext ",
        "keywords": ["context", "Context"],
        "exclude_keywords": [],
        "watch_authors": ["Ada"],
        "categories": ["cs.SY"],
        "min_score": 0.5,
        "max_papers": 3,
    }
    top = {"keywords": ["LLM"], "categories": ["cs.SY", "cs.AI"], "match": "substring", "min_score": 1}
    config, _ = load(tmp_path, top | {"topics": [own, {"name": "Rest"}, B | {"paused": True}]})
    first, second = config.topic_rules
    assert (first.name, config.topics[0].slug) == ("Long context", "long-context")
    assert [(word.term, word.match) for word in first.keywords] == [
        ("context", "substring"),
        ("Context", "substring"),
    ]
    assert (first.exclude_keywords, first.watch_authors[0].name) == ((), "Ada")
    assert (first.categories, first.min_score, first.max_papers) == (("cs.SY", "eess.SY"), 0.5, 3)
    assert second.categories == ("cs.SY", "eess.SY", "cs.AI")
    assert [word.term for word in second.keywords] == ["LLM"]
    assert (second.exclude_keywords, second.max_papers) == (config.exclude_keywords, 30)


def test_with_topics_the_defaults_are_the_topics_own(tmp_path: Path) -> None:
    topics = [A | {"categories": ["cs.CV"]}, B | {"categories": ["cs.MA", "cs.CV"]}]
    config, warnings = load(tmp_path, {"topics": topics, "min_score": 0})
    assert (config.categories, config.keywords, warnings) == (("cs.CV", "cs.MA"), (), [])
    config, _ = load(tmp_path, {"topics": [A, B | {"categories": ["cs.MA"]}]})
    assert config.categories == (*Config().categories, "cs.MA")


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (
            {"topics": [A, B, A | {"name": "inference"}]},
            16,
            'topics, item 3, name is "inference", and so is that of item 1. Rename one of them.',
        ),
        (
            {"topics": [A | {"name": "RL & agents"}, B | {"name": "RL, Agents!"}]},
            10,
            'topics, item 2, name is "RL, Agents!"; in addresses that is the same as "RL & agents", item 1: '
            "rl-agents. Rename one of them.",
        ),
        (
            {"topics": [A, {"name": "Agents"}]},
            9,
            'topics, item 2, "Agents", has no keywords, so no paper can be found for it. '
            'Give it "keywords", or add "keywords" at the top level for all topics.',
        ),
        (
            {"categories": ["cs.AI"], "topics": [A | {"categories": ["cs.AI", "cs.CV"]}]},
            13,
            'topics, item 1, categories, item 2 is "cs.CV", which is not in the categories of the top level. '
            "Add it there, or delete it here.",
        ),
        (
            {"topics": [A | {"categories": ["cs.cv"]}]},
            9,
            'topics, item 1, categories, item 1 is "cs.cv". arXiv has no such category. Did you mean cs.CV?',
        ),
        (
            {"topics": [A | {"kewords": ["x"]}]},
            8,
            "topics, item 1, kewords is not a known key. Did you mean keywords?",
        ),
        (
            {"topics": [A | {"days_back": 3}]},
            8,
            "topics, item 1, days_back is not a known key. "
            "Did you mean days_back, outside of the inner brackets?",
        ),
        ({"topics": [{"keywords": ["x"]}]}, 3, "topics, item 1, name is missing. Allowed: text in double"),
        (
            {"topics": [A | {"name": "🚀"}]},
            4,
            'topics, item 1, name is "🚀". Write a name with at least one letter or digit.',
        ),
        (
            {"topics": [A | {"keywords": [{"term": "x", "weight": "2"}]}]},
            8,
            'topics, item 1, keywords, item 1, weight is "2". Allowed: a number from -1000 to 1000. Write 2',
        ),
        (
            {"topics": [A | {"categories": []}]},
            8,
            "topics, item 1, categories is an empty list. Allowed: a list in [ ], not empty or null.",
        ),
        ({"topics": [A | {"max_papers": 0}]}, 8, "topics, item 1, max_papers is 0. Allowed: a whole number"),
        ({"topics": "Agents"}, 2, 'topics is "Agents". Allowed: a list in [ ], at most 30 items.'),
        ({"topics": ["Agents"]}, 3, 'topics, item 1 is "Agents". Allowed: an object in { } with name, keywo'),
        ({"topics": [{"name": str(n), "keywords": ["x"]} for n in range(31)]}, 2, "topics is a list. Allow"),
        ({"interests": {"library": ["/etc/x.bib"]}}, 4, 'interests.library, item 1 is "/etc/x.bib". Allowed'),
        ({"interests": {"library": ["../x.bib"]}}, 4, 'interests.library, item 1 is "../x.bib". Allowed: th'),
        ({"interests": {"library": ["x.ris"]}}, 4, 'interests.library, item 1 is "x.ris". Allowed: the path'),
        ({"interests": {"weight": -1}}, 3, "interests.weight is -1. Allowed: a number from 0 to 10."),
        (
            {"interests": {"related": 2.5}},
            3,
            "interests.related is 2.5. Allowed: a whole number from 0 to",
        ),
        ({"follow_up": {"days": 400}}, 3, "follow_up.days is 400. Allowed: a whole number from 0 to 365."),
        ({"ai_summary": {"max_minutes": 0}}, 3, "ai_summary.max_minutes is 0. Allowed: a number above 0, at"),
        (
            {"ai_summary": {"tldr": "no"}},
            3,
            'ai_summary.tldr is "no". Allowed: true or false, without quotes',
        ),
        (
            {"arxiv": {"rss_url": "https://a.b/"}},
            3,
            'arxiv.rss_url is "https://a.b/". Allowed: an add',
        ),
        ({"site": {"branch": "Main"}}, 3, 'site.branch is "Main". The bot replaces this branch as a whole'),
        ({"site": {"branch": "a..b"}}, 3, 'site.branch is "a..b". Allowed: a name for a git branch'),
        ({"mail": "me@example.org"}, 2, 'mail is "me@example.org". Allowed: true or false, without'),
    ],
)
def test_an_error_names_its_line(tmp_path: Path, content: dict[str, Any], line: int, message: str) -> None:
    (found,) = errors(tmp_path, content)
    assert found.startswith(f", line {line}: {message}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"topics": [A, B | {"paused": True}]},
            ['line 14: topics, item 2, paused: "Agents" is paused: no papers are shown in it.'],
        ),
        (
            {"topics": [A | {"paused": True}]},
            [
                "line 2: topics: all topics are paused, so no paper can be shown.",
                'line 8: topics, item 1, paused: "Inference" is paused: no papers are shown in it.',
            ],
        ),
        (
            {"topics": [A], "keywords": ["LLM"]},
            ["line 10: keywords: not used: every topic has keywords of its own."],
        ),
        (
            {"topics": [A | {"categories": ["cs.AI"]}], "categories": ["cs.AI", "cs.CV"]},
            ["line 13: categories: no topic uses cs.CV."],
        ),
        (
            {"topics": [A | {"exclude_keywords": ["kv-cache"]}]},
            [
                'line 9: topics, item 1, exclude_keywords, item 1: "kv-cache" is a keyword too; '
                "papers with it are left out."
            ],
        ),
        (
            {"topics": [A | {"min_score": 4}]},
            [
                "line 8: topics, item 1, min_score: no paper can be shown: it takes 4 points, but all "
                "keywords give 1.5 together. Lower min_score, or give weights to your keywords."
            ],
        ),
        (
            {"topics": [A | {"keywords": ["LLM", "llm"]}]},
            ['line 7: topics, item 1, keywords, item 2: "llm" repeats "LLM", item 1; it counts once.'],
        ),
    ],
)
def test_a_setting_that_was_hardly_meant_is_a_warning(
    tmp_path: Path, content: dict[str, Any], expected: list[str]
) -> None:
    _, warnings = load(tmp_path, content | {"min_score": 0})
    assert [warning.removeprefix("config.json, ") for warning in warnings] == expected


def test_the_configs_in_the_docs_can_be_pasted(tmp_path: Path) -> None:
    page = (ROOT / "docs/topics.md").read_text("utf-8")
    before, after = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    for pasted, names in ((before, [""]), (after, ["Inference", "Agents", "Training"])):
        config, warnings = load(tmp_path, pasted)
        assert ([rules.name for rules in config.topic_rules], warnings) == (names, [])
