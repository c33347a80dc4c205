"""A valid setting that was probably not meant is a warning."""

from pathlib import Path
from typing import Any

import pytest

from paperbot.config import Config
from tests.config.written import load


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"keywords": ["State Space", "state-space", {"term": "STATE  SPACE", "weight": 4}]},
            [
                'line 4: keywords, item 2: "state-space" repeats "State Space", item 1; it counts once.',
                'line 5: keywords, item 3: "STATE SPACE" repeats "State Space", item 1; '
                "only the first counts, weight 1.",
            ],
        ),
        (
            {"keywords": ["a*"]},
            ['line 3: keywords, item 1: "a*" finds every word that begins with this letter.'],
        ),
        (
            {"keywords": ["LLM, RL", "1,2-dichloroethane", "KV cache；decoding"]},
            [
                'line 3: keywords, item 1: "LLM, RL" is one keyword. If you mean several, write "LLM", "RL".',
                'line 5: keywords, item 3: "KV cache；decoding" is one keyword. '
                'If you mean several, write "KV cache", "decoding".',
            ],
        ),
        (
            {"keywords": ["*former"]},
            [
                'line 3: keywords, item 1: "*former" begins with a star; '
                "a star works only at the end of a word."
            ],
        ),
        (
            {"keywords": ["LLM OR RL", "LLM | RL", "A* search", "quantiz* models"]},
            [
                'line 3: keywords, item 1: "LLM OR RL" is one keyword. '
                'If you mean several, write "LLM", "RL".',
                'line 4: keywords, item 2: "LLM | RL" is one keyword. '
                'If you mean several, write "LLM", "RL".',
                'line 6: keywords, item 4: "quantiz* models" has a star inside; '
                "a star works only at the end of a keyword.",
            ],
        ),
        (
            {"keywords": ["a", {"term": "b", "weight": 0}]},
            ['line 4: keywords, item 2: "b" has the weight 0, so it adds nothing to a score.'],
        ),
        (
            {"exclude_keywords": ["x", "LLM"], "keywords": ["llm"]},
            ['line 4: exclude_keywords, item 2: "LLM" is a keyword too; papers with it are left out.'],
        ),
        (
            {"watch_authors": ["Ada Noether", "ada  noether"]},
            ['line 4: watch_authors, item 2: "ada  noether" repeats "Ada Noether", item 1; it counts once.'],
        ),
        (
            {"categories": ["math.MP", "cs.SY", "eess.SY", "cs.SY"]},
            [
                "line 3: categories, item 1: math.MP is an alias of math-ph, which is watched too.",
                "line 6: categories, item 4: cs.SY is listed twice.",
            ],
        ),
        (
            {"ai_summary": {"base_url": "http://192.168.1.2:11434/v1"}},
            [
                "line 3: ai_summary.base_url: with http:// your key travels unencrypted. "
                "Use https:// if you can."
            ],
        ),
        ({"ai_summary": {"base_url": "http://127.0.0.1:11434/v1"}}, []),
        ({"ai_summary": {"base_url": "http://localhost:11434/v1"}}, []),
        ({"ai_summary": {"base_url": "http://[::1]:11434/v1"}}, []),
        (
            {"arxiv": {"delay_seconds": 0.5}},
            ["line 3: arxiv.delay_seconds: raised to 3, the least that arXiv asks for."],
        ),
        (
            {"arxiv": {"held_days": 7}},
            ["line 3: arxiv.held_days: has no effect unless it is more than days_back, which is 7."],
        ),
        ({"arxiv": {"held_days": 0}}, []),
        ({"ai_summary": {"max_papers_to_summarize": 50}}, []),
    ],
)
def test_a_setting_that_was_hardly_meant_is_a_warning(
    tmp_path: Path, content: dict[str, Any], expected: list[str]
) -> None:
    _, warnings = load(tmp_path, content | {"min_score": 0})
    assert [warning.removeprefix("config.json, ") for warning in warnings] == expected


def test_a_score_that_no_paper_can_reach_is_a_warning(tmp_path: Path) -> None:
    content = {"keywords": ["quantum", {"term": "x", "weight": -1}], "min_score": 2}
    advice = "Lower min_score, or give weights to your keywords."
    assert load(tmp_path, content)[1] == [
        "config.json, line 9: min_score: no paper can be shown: it takes 2 points, "
        f"but all keywords give 1.5 together. {advice}"
    ]
    assert load(tmp_path, content | {"watch_authors": ["Ada Lovelace"]})[1] == []


def test_repeated_keywords_count_once_by_word_and_each_time_by_substring(tmp_path: Path) -> None:
    keywords = ["framework", "Framework", {"term": "FRAMEWORK", "match": "substring"}]
    by_word, _ = load(tmp_path, {"keywords": keywords})
    assert [word.term for word in by_word.keywords] == ["framework", "FRAMEWORK"]
    by_substring, warnings = load(tmp_path, {"keywords": keywords, "match": "substring"})
    assert [word.term for word in by_substring.keywords] == ["framework", "Framework", "FRAMEWORK"]
    assert warnings == []


def test_an_alias_of_a_category_is_watched_with_the_first(tmp_path: Path) -> None:
    config, _ = load(tmp_path, {"categories": ["cs.SY", "cs.LG", "cs.LG"]})
    assert config.categories == ("cs.SY", "eess.SY", "cs.LG")


@pytest.mark.parametrize(
    ("host", "given", "kept"),
    [
        ("arxiv.org", 0, 3.0),
        ("EXPORT.arXiv.org", 1.5, 3.0),
        ("arxiv.org", 10, 10.0),
        ("127.0.0.1:8000", 0, 0.0),
        ("notarxiv.org", 0.5, 0.5),
        ("arxiv.org.example", 0, 0.0),
    ],
)
@pytest.mark.parametrize("key", ["api_url", "pdf_url"])
def test_arxiv_itself_is_never_asked_faster_than_it_allows(
    key: str, host: str, given: float, kept: float
) -> None:
    mirror = {"api_url": "http://127.0.0.1/api", "pdf_url": "http://127.0.0.1/{id}"}
    settings = mirror | {key: f"https://{host}/{{id}}", "delay_seconds": given}
    assert Config.model_validate({"arxiv": settings}).arxiv.delay_seconds == kept
