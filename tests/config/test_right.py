"""A config that is right: its values, its defaults, and the original's file."""

import json
from pathlib import Path

from paperbot.config import Config, load_config
from tests.config.written import ROOT, load


def test_nothing_set_is_all_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, {}) == (Config(), [])


def test_defaults_are_the_designs() -> None:
    config = Config()
    assert config.categories == ("cs.AI", "cs.CL", "cs.DC", "cs.LG")
    assert (config.max_papers, config.days_back, config.min_score, config.title_bonus) == (30, 7, 2.5, 0.5)
    assert (config.types, config.match, config.timezone, config.watch_authors) == (
        ("new",),
        "word",
        "UTC",
        (),
    )
    assert [keyword.term for keyword in config.exclude_keywords] == ["survey", "review", "tutorial"]
    summary = config.ai_summary
    assert (summary.enabled, summary.api_key_env, summary.model) == (True, "DASHSCOPE_API_KEY", "qwen-long")
    assert (summary.max_papers_to_summarize, summary.max_workers, summary.timeout_seconds) == (15, 3, 300)
    assert (summary.max_tokens_per_run, summary.price, summary.source) == (None, None, "auto")
    assert (config.arxiv.held_days, config.arxiv.delay_seconds) == (30, 3)
    assert (config.arxiv.timeout_seconds, config.arxiv.patience_seconds) == (60, 900)
    assert (config.site.enabled, config.site.base_url) == (True, None)


def test_committed_config_holds_the_defaults_and_draws_no_warning() -> None:
    assert load_config(ROOT / "config.json") == (Config(), ())


def test_original_config_loads_as_it_is() -> None:
    path = ROOT / "tests/data/original_config.json"
    config, warnings = load_config(path)
    original = json.loads(path.read_text(encoding="utf-8"))
    assert [keyword.term for keyword in config.keywords] == [
        term for term in original["keywords"] if term != "Framework"
    ]
    assert config.ai_summary.prompt_file == "ai_summary_prompt.txt"
    assert [(warning.line, warning.message) for warning in warnings] == [
        (29, 'keywords, item 21: "Framework" repeats "framework", item 3; it counts once.'),
        (54, "min_score: the original bot ignored it; here papers with a lower score are left out."),
        (55, "enable_deduplication: no longer needed: no paper is ever shown twice. Delete the key."),
        (
            56,
            "deduplication_methods: no longer needed: papers are told apart by their arXiv id. "
            "Delete the key.",
        ),
        (
            57,
            "fetch_ratings: no longer needed: it did nothing in the original either; "
            "papers are ranked by your keywords. Delete the key.",
        ),
        (58, "display_limit: no longer needed: max_papers says how many papers are shown. Delete the key."),
    ]


def test_a_byte_order_mark_and_tabs_are_no_errors(tmp_path: Path) -> None:
    config, warnings = load(tmp_path, b'\xef\xbb\xbf{\r\n\t"max_papers":\t5\r\n}')
    assert (config.max_papers, warnings) == (5, [])


def test_keywords_take_the_configs_match_unless_they_name_their_own(tmp_path: Path) -> None:
    keywords = ["a b", {"term": "  llm  ", "weight": -2}, {"term": "rl", "match": "word"}]
    config, _ = load(tmp_path, {"keywords": keywords, "match": "substring", "min_score": 0})
    assert [(word.term, word.weight, word.match) for word in config.keywords] == [
        ("a b", 1.0, "substring"),
        ("llm", -2.0, "substring"),
        ("rl", 1.0, "word"),
    ]
    assert {word.match for word in config.exclude_keywords} == {"substring"}


def test_invisible_marks_and_outer_quotes_are_no_part_of_a_keyword(tmp_path: Path) -> None:
    keywords = ["\u200bstate\u00a0 space\ufeff", "“LLM”", "'RL '"]
    config, _ = load(tmp_path, {"keywords": keywords, "min_score": 1})
    assert [keyword.term for keyword in config.keywords] == ["state space", "LLM", "RL"]


def test_watched_authors_alone_will_do(tmp_path: Path) -> None:
    authors = ["Ada Lovelace", {"name": "Alan Turing", "weight": 3}]
    config, warnings = load(tmp_path, {"keywords": [], "watch_authors": authors})
    assert [(author.name, author.weight) for author in config.watch_authors] == [
        ("Ada Lovelace", 1.0),
        ("Alan Turing", 3.0),
    ]
    assert warnings == []


def test_values_are_tidied(tmp_path: Path) -> None:
    config, _ = load(
        tmp_path,
        {
            "types": ["cross", "new", "cross"],
            "timezone": "Asia/Shanghai",
            "ai_summary": {
                "base_url": "https://example.org/v1/",
                "price": {"input_per_million": 0.5, "output_per_million": 2, "currency": "cny"},
            },
            "site": {"base_url": ""},
        },
    )
    assert config.types == ("cross", "new")
    assert config.zone.key == "Asia/Shanghai"
    assert config.ai_summary.base_url == "https://example.org/v1"
    assert config.ai_summary.price is not None
    assert config.ai_summary.price.currency == "CNY"
    assert config.site.base_url is None


def test_invisible_characters_are_no_part_of_a_value(tmp_path: Path) -> None:
    summary = {
        "base_url": "https://example.org/v1\u200b",
        "model": "qwen\u00ad-long",
        "language": "\ufeffGerman",
    }
    config, _ = load(tmp_path, {"ai_summary": summary, "timezone": "Asia/\u2060Shanghai"})
    found = config.ai_summary
    assert (found.base_url, found.model, found.language) == ("https://example.org/v1", "qwen-long", "German")
    assert config.timezone == "Asia/Shanghai"
