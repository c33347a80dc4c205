"""config.json as people write it, and the environment of a run."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperbot.config import (
    Config,
    Environment,
    apply_overrides,
    load_config,
    read_environment,
    read_surroundings,
    resolve_prompt_file,
    schema_text,
)
from paperbot.config.categories import ALIASES, SUCCESSORS, category_names
from paperbot.config.document import locate
from paperbot.errors import Problem, UserError

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SECRET = "sk-0123456789abcdef0123456789abcdef"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference files are not here")


def load(folder: Path, content: Any) -> tuple[Config, list[str]]:
    config, warnings = load_config(write(folder, content))
    return config, [str(warning).removeprefix(f"{folder.as_posix()}/") for warning in warnings]


def write(folder: Path, content: Any) -> Path:
    """Text and bytes as they are, anything else as JSON with one value a line."""
    path = folder / "config.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, content: Any) -> list[str]:
    with pytest.raises(UserError) as raised:
        load_config(write(folder, content))
    return [
        str(problem).removeprefix(f"{folder.as_posix()}/config.json") for problem in raised.value.problems
    ]


# What is right


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


@needs_shared
def test_original_config_loads_as_it_is() -> None:
    path = SHARED / "reference/config-2025-12-25.json"
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


def test_a_byte_order_mark_and_tabs_are_no_mistakes(tmp_path: Path) -> None:
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


def test_invisible_marks_are_no_part_of_a_keyword(tmp_path: Path) -> None:
    config, _ = load(tmp_path, {"keywords": ["\u200bstate\u00a0 space\ufeff"], "min_score": 1})
    assert config.keywords[0].term == "state space"


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


# What is wrong in it


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"max_papers": "30"},
            'max_papers is "30". Allowed: a whole number from 1 to 200. Write 30 without the quotes.',
        ),
        ({"max_papers": 0}, "max_papers is 0. Allowed: a whole number from 1 to 200."),
        ({"max_papers": 201}, "max_papers is 201. Allowed: a whole number from 1 to 200."),
        ({"max_papers": 2.5}, "max_papers is 2.5. Allowed: a whole number from 1 to 200."),
        ({"days_back": True}, "days_back is true. Allowed: a whole number from 1 to 30."),
        ({"days_back": 31}, "days_back is 31. Allowed: a whole number from 1 to 30."),
        ({"days_back": None}, "days_back is null. Allowed: a whole number from 1 to 30."),
        ({"min_score": float("nan")}, "min_score is NaN. Allowed: a number from -1000000 to 1000000."),
        ({"title_bonus": float("inf")}, "title_bonus is Infinity. Allowed: a number from 0 to 100."),
        ({"title_bonus": True}, "title_bonus is true. Allowed: a number from 0 to 100."),
        ({"match": "Word"}, 'match is "Word". Allowed: "word" or "substring".'),
        ({"types": []}, "types is an empty list. Allowed: a list in [ ], not empty."),
        ({"types": ["replace"]}, 'types, item 1 is "replace". Allowed: "new" or "cross".'),
        ({"categories": []}, "categories is an empty list. Allowed: a list in [ ], not empty."),
        (
            {"categories": "cs.AI, cs.CL"},
            'categories is "cs.AI, cs.CL". Allowed: a list in [ ], not empty. Write ["cs.AI", "cs.CL"].',
        ),
        (
            {"keywords": []},
            "keywords is an empty list. Name at least one keyword (or an author in watch_authors), "
            "or no paper can be found.",
        ),
        (
            {"keywords": [7]},
            "keywords, item 1 is 7. Allowed: text in double quotes, 1 to 300 characters "
            "or an object in { } with term, weight, match.",
        ),
        ({"keywords": [""]}, 'keywords, item 1 is "". Allowed: text in double quotes, 1 to 300 characters.'),
        (
            {"keywords": ["*"]},
            'keywords, item 1 is "*". Write a word, or the beginning of one with a star after it: quantiz*.',
        ),
        (
            {"keywords": [{"weight": 2}]},
            "keywords, item 1, term is missing. Allowed: text in double quotes, 1 to 300 characters.",
        ),
        (
            {"keywords": [{"term": "a", "weight": 1001}]},
            "keywords, item 1, weight is 1001. Allowed: a number from -1000 to 1000.",
        ),
        (
            {"keywords": [{"term": "a", "wieght": 1}]},
            "keywords, item 1, wieght is not a key that the bot knows. Did you mean weight?",
        ),
        (
            {"watch_authors": [{"name": ""}]},
            'watch_authors, item 1, name is "". Allowed: text in double quotes, 1 to 300 characters.',
        ),
        (
            {"timezone": "shanghai"},
            'timezone is "shanghai". There is no such time zone. Did you mean Asia/Shanghai?',
        ),
        (
            {"timezone": "../../etc/passwd"},
            'timezone is "../../etc/passwd". There is no such time zone. Allowed are IANA names, '
            "such as UTC, Asia/Shanghai, Europe/Berlin, America/New_York.",
        ),
        ({"maxPapers": 3}, "maxPapers is not a key that the bot knows. Did you mean max_papers?"),
        (
            {"model": "m"},
            'model is not a key that the bot knows. Did you mean model, inside of "ai_summary"?',
        ),
        (
            {"ai_summary": {"max_papers": 3}},
            "ai_summary.max_papers is not a key that the bot knows. "
            "Did you mean max_papers, outside of the inner brackets?",
        ),
        (
            {"site": {"colour": "red"}},
            "site.colour is not a key that the bot knows. Known here: enabled, base_url.",
        ),
        (
            {"site": None},
            "site is null. Allowed: an object in { } with enabled, base_url.",
        ),
        (
            {"ai_summary": {"enabled": "true"}},
            'ai_summary.enabled is "true". Allowed: true or false, without quotes. '
            "Write true without the quotes.",
        ),
        (
            {"ai_summary": {"max_workers": 17}},
            "ai_summary.max_workers is 17. Allowed: a whole number from 1 to 16.",
        ),
        (
            {"ai_summary": {"timeout_seconds": 0}},
            "ai_summary.timeout_seconds is 0. Allowed: a number above 0, at most 3600.",
        ),
        (
            {"ai_summary": {"max_tokens_per_run": 1}},
            "ai_summary.max_tokens_per_run is 1. Allowed: a whole number from 1000 to 1000000000 or null.",
        ),
        (
            {"ai_summary": {"source": "pdf"}},
            'ai_summary.source is "pdf". Allowed: "auto" or "file" or "text" or "abstract".',
        ),
        (
            {"ai_summary": {"base_url": "example.org/v1"}},
            'ai_summary.base_url is "example.org/v1". '
            "Allowed: a whole address that begins with https:// (or http://).",
        ),
        (
            {"ai_summary": {"base_url": "https://example.org/v1/chat/completions"}},
            'ai_summary.base_url is "https://example.org/v1/chat/completions". '
            "Leave out /chat/completions: the bot adds it.",
        ),
        (
            {"ai_summary": {"api_key_env": "MY KEY"}},
            'ai_summary.api_key_env is "MY KEY". '
            "Allowed: the name of an environment variable, in letters, digits and _.",
        ),
        (
            {"ai_summary": {"price": {"input_per_million": 1, "output_per_million": 1, "currency": "yuan"}}},
            'ai_summary.price.currency is "yuan". '
            'Allowed: the three letters of a currency, such as "CNY", "EUR" or "USD".',
        ),
        (
            {"arxiv": {"api_url": "http://[::1"}},
            'arxiv.api_url is "http://[::1". Allowed: a whole address that begins with https:// (or http://).',
        ),
        (
            {"timezone": "Asia/Shangai"},
            'timezone is "Asia/Shangai". There is no such time zone. Did you mean Asia/Shanghai?',
        ),
        (
            {"arxiv": {"api_url": "file:///etc/passwd"}},
            'arxiv.api_url is "file:///etc/passwd". '
            "Allowed: a whole address that begins with https:// (or http://).",
        ),
        (
            {"arxiv": {"pdf_url": "https://example.org/"}},
            'arxiv.pdf_url is "https://example.org/". '
            "Allowed: an address with {id} once, where the paper's id belongs.",
        ),
        ({"arxiv": {"held_days": 91}}, "arxiv.held_days is 91. Allowed: a whole number from 0 to 90."),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(tmp_path: Path, content: Any, expected: str) -> None:
    (found,) = mistakes(tmp_path, content)
    assert found.partition(": ")[2] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cs.ai", "arXiv has no such category. Did you mean cs.AI?"),
        ("cs-AI", "arXiv has no such category. Did you mean cs.AI?"),
        ("hep.th", "arXiv has no such category. Did you mean hep-th?"),
        ("cond-mat.superconductivity", "arXiv has no such category."),
        ("robotics", "arXiv has no such category. Did you mean cs.RO?"),
        ("Machine Learning", "arXiv has no such category. Did you mean cs.LG or stat.ML?"),
        ("Numerical Analysis", "arXiv has no such category. Did you mean math.NA?"),
        ("cs", "This is a whole archive. Name the categories that you want in it, such as cs.AI, cs.AR,"),
        ("cs.*", "This is a whole archive. Name the categories that you want in it, such as cs.AI,"),
        ("cs.ML", "arXiv has no such category. Did you mean cs.LG or stat.ML?"),
        ("cmp-lg", "This archive was closed in the 1990s; its papers now go to cs.CL."),
        ("", "arXiv has no such category. They are listed at https://arxiv.org/category_taxonomy"),
    ],
)
def test_an_unknown_category_gets_the_nearest_right_name(tmp_path: Path, name: str, expected: str) -> None:
    (found,) = mistakes(tmp_path, {"categories": ["cs.LG", name]})
    assert found.startswith(
        f': line 4: categories, item 2 is "{name}". {expected}'.replace(": line", ", line", 1)
    )


def test_every_mistake_is_reported_at_once_on_its_own_line(tmp_path: Path) -> None:
    text = """{
  "categories": ["cs.LG",
    "cs.ml"],
  "keywords": [
    "LLM",
    {"term": "RL",
     "weight": "2"},
    ""
  ],
  "ai_summary": {
    "max_workers": 0, "modle": "x"
  },
  "max_papers": 5,
  "max_papers":
     500
}"""
    assert mistakes(tmp_path, text) == [
        ', line 3: categories, item 2 is "cs.ml". arXiv has no such category. Did you mean cs.LG or stat.ML?',
        ', line 7: keywords, item 2, weight is "2". Allowed: a number from -1000 to 1000. '
        "Write 2 without the quotes.",
        ', line 8: keywords, item 3 is "". Allowed: text in double quotes, 1 to 300 characters.',
        ", line 11: ai_summary.max_workers is 0. Allowed: a whole number from 1 to 16.",
        ", line 11: ai_summary.modle is not a key that the bot knows. Did you mean model?",
        ", line 14: max_papers is 500. Allowed: a whole number from 1 to 200.",
        ", line 14: max_papers stands here and on line 13. Keep one of them.",
    ]


def test_a_repeated_key_is_a_mistake_even_where_the_last_one_is_right(tmp_path: Path) -> None:
    text = '{"ai_summary": {"model": "a",\n "model": "b"},\n\n "site": {}, "s\\u0069te": {}}'
    assert mistakes(tmp_path, text) == [
        ", line 2: ai_summary.model stands here and on line 1. Keep one of them.",
        ", line 4: site stands here and on line 4. Keep one of them.",
    ]


@pytest.mark.parametrize(
    "content",
    [
        {"ai_summary": {"api_key_env": SECRET}},
        {"ai_summary": {"api_key_env": "Zk3J9xQ7Lm2Pw8Rt5Vy1Bn4"}},
        {"ai_summary": {"api_key": "hunter2-hunter2"}},
        {"ai_summary": {"base_url": f"https://example.org/v1?key={SECRET}"}},
        {"ai_summary": {"base_url": "https://me:hunter2@example.org/v1"}},
        {"ai_summary": {"model": SECRET}},
        {"keywords": ["LLM", SECRET]},
        {"categories": [SECRET]},
        {"DASHSCOPE_API_KEY": "0123456789abcdef0123456789abcdef"},
        {SECRET: ""},
        {"timezone": SECRET},
    ],
)
def test_a_key_in_the_file_must_be_revoked_and_is_never_repeated(
    tmp_path: Path, content: dict[str, Any]
) -> None:
    (found,) = mistakes(tmp_path, content)
    assert "revoke that key" in found
    assert "repository secret" in found
    for secret in (SECRET, SECRET[3:], "hunter2", "Zk3J9xQ7Lm2Pw8Rt5Vy1Bn4"):
        assert secret not in found


def test_what_only_resembles_a_key_is_let_through(tmp_path: Path) -> None:
    account = "https://gateway.example.org/v1/0123456789abcdef0123456789abcdef/openai"
    settings = {"api_key_env": "openai_key_number_2_of_mine", "base_url": account}
    keywords = ["sk-learn", "risk-sensitive decision-making", "token", "xai-interpretability"]
    config, _ = load(tmp_path, {"ai_summary": settings, "keywords": keywords})
    assert config.ai_summary.base_url == account
    (found,) = mistakes(tmp_path, {"ai_summary": {"api_key": "DASHSCOPE_API_KEY"}})
    assert found.endswith("ai_summary.api_key is not a key that the bot knows. Did you mean api_key_env?")


# What is no JSON


@pytest.mark.parametrize(
    ("text", "line", "column", "cause"),
    [
        ('{"a": 1\n "b": 2}', 1, 7, "A comma is missing after this."),
        ('{"a": [1\n 2]}', 1, 8, "A comma is missing after this."),
        ('{\n"a": 1,\n}', 2, 7, "A comma too many"),
        ('{"a": [1, 2,]}', 1, 12, "A comma too many"),
        ('{"a": 1,, "b": 2}', 1, 8, "A comma too many"),
        ("{\n“a”: 1}", 2, 1, "Curly quotes"),
        ('{"a": “x”}', 1, 7, "Curly quotes"),
        ('{"a": "x”,\n"b": 1}', 1, 11, "This text ends with a curly quote"),
        ("{'a': 1}", 1, 2, "Single quotes"),
        ('{"a"： 1}', 1, 5, "： has no meaning in JSON; type : instead."),
        ('{"a": 1，"b": 2}', 1, 8, "， has no meaning in JSON; type , instead."),
        ('{"a": 1 // one\n}', 1, 9, "JSON has no comments"),
        ("# mine\n{}", 1, 1, "JSON has no comments"),
        ('{\u00a0"a": 1}', 1, 2, "An invisible character"),
        ('{"a": [1, 2\n', 1, 11, "The file ends here. The [ of line 1 is still open"),
        ('{"a": {"b": 1}\n', 1, 14, "The file ends here. The { of line 1 is still"),
        ('{"a": [1, 2}', 1, 11, "The [ of line 1 is still open: a closing ] is missing"),
        ('{"a": ["x"\n"b": 1}', 1, 10, "The [ of line 1 is still open: a closing ]"),
        ('{"a": "x\n}', 1, 9, "The double quote that ends a text on this line"),
        ('{"a": "x', 1, 7, "The double quote that ends this text is missing."),
        ('{"a": "C:\\dir"}', 1, 10, "A backslash in a text must be doubled"),
        ('{"a": "say "x" so"}', 1, 12, "A comma is missing after this, or a quote"),
        ('{"a": True}', 1, 7, "Write true, in small letters."),
        ('{"a": None}', 1, 7, "Write null."),
        ('{"a": word}', 1, 7, "Text must stand in double quotes."),
        ('{"a": }', 1, 7, "A value is missing before this."),
        ('{"a": 2,5}', 1, 9, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": 05}', 1, 7, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": .5}', 1, 7, "Numbers are written like 5, 0.5 or -1"),
        ("{a: 1}", 1, 2, "A key in double quotes belongs here"),
        ('{"a" 1}', 1, 6, "A colon is missing between a key and its value."),
        ('{"a": 1}}', 1, 9, "All brackets are closed before here."),
        ('{\n<<<<<<< HEAD\n"a": 1}', 2, 1, "Git left a merge conflict"),
        ('{"a": 1,\n=======\n"b": 1}', 2, 1, "Git left a merge conflict"),
    ],
)
def test_broken_json_names_the_place_and_the_likely_cause(
    tmp_path: Path, text: str, line: int, column: int, cause: str
) -> None:
    (found,) = mistakes(tmp_path, text)
    assert found.startswith(f", line {line}: not valid JSON at column {column}: {cause}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ", line 1: The file is empty. For all the defaults write {} in it."),
        (b"\xef\xbb\xbf \n", ", line 1: The file is empty. For all the defaults write {} in it."),
        ("[]", ", line 1: The file holds an empty list; it must be an object in { }."),
        (b'{\n"a": "\xe4"}', ", line 2: The file is not UTF-8 text. Save it again with the encoding UTF-8."),
        (
            "{}".encode("utf-16"),
            ", line 1: The file is not UTF-8 text. Save it again with the encoding UTF-8.",
        ),
    ],
)
def test_what_is_no_object_in_utf_8_is_refused(tmp_path: Path, content: Any, expected: str) -> None:
    assert mistakes(tmp_path, content) == [expected]


def test_a_file_that_is_absurd_or_absent(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "[" * 100_000) == [": The brackets are nested far too deeply."]
    (found,) = mistakes(tmp_path, '{"max_papers": ' + "9" * 9_000 + "}")
    assert found == ", line 1: max_papers is Infinity. Allowed: a whole number from 1 to 200."
    with pytest.raises(UserError, match="There is no such file"):
        load_config(tmp_path / "absent.json")
    with pytest.raises(UserError, match="can't be read: Is a directory"):
        load_config(tmp_path)


# What is doubtful


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
            {"keywords": ["*former"]},
            ['line 3: keywords, item 1: "*former" begins with a star; only one at the end has a meaning.'],
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
                "line 3: categories, item 1: math.MP is a second name of math-ph, which is watched too.",
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
            ["line 3: arxiv.delay_seconds: raised to 3: arXiv asks for no less."],
        ),
        (
            {"arxiv": {"held_days": 7}},
            ["line 3: arxiv.held_days: adds nothing unless it is more than days_back, which is 7."],
        ),
        ({"arxiv": {"held_days": 0}}, []),
        ({"ai_summary": {"max_papers_to_summarize": 50}}, []),
    ],
)
def test_a_doubt_is_a_warning(tmp_path: Path, content: dict[str, Any], expected: list[str]) -> None:
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


def test_a_second_name_of_a_category_is_watched_with_the_first(tmp_path: Path) -> None:
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


# The taxonomy and the schema


def test_taxonomy_is_whole() -> None:
    names = category_names()
    assert len(names) == 155
    assert (names["cs.LG"], names["hep-th"]) == ("Machine Learning", "High Energy Physics - Theory")
    assert set(ALIASES) | set(ALIASES.values()) | set(SUCCESSORS.values()) <= set(names)
    assert not set(SUCCESSORS) & set(names)


@needs_shared
def test_taxonomy_knows_every_category_of_a_month_of_papers() -> None:
    with gzip.open(SHARED / "replay/papers-2025-12.jsonl.gz", "rt", encoding="utf-8") as lines:
        seen = {category for line in lines for category in json.loads(line)["categories"]}
    assert len(seen) > 50
    assert seen <= set(category_names())


def test_committed_schema_is_fresh() -> None:
    committed = (ROOT / "config.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(), "run: python -m paperbot.config > config.schema.json"


def test_schema_describes_every_key() -> None:
    schema = json.loads(schema_text())
    parts = [schema, *schema["$defs"].values()]
    undescribed = [
        key
        for part in parts
        for key, node in part["properties"].items()
        if key != "$schema" and not node.get("description")
    ]
    assert undescribed == []
    assert "cs.AI" in schema["properties"]["categories"]["items"]["enum"]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a JSON schema checker says of one good and several bad files."""
    folder = tmp_path_factory.mktemp("schema")
    contents: dict[str, dict[str, Any]] = {
        "good": {"keywords": ["a", {"term": "b", "weight": 2}], "site": {"base_url": None}},
        "unknown-key": {"max_paper": 3},
        "unknown-category": {"categories": ["cs.ai"]},
        "number-in-quotes": {"max_papers": "30"},
        "unnamed-keyword": {"keywords": [{"weight": 2}]},
        "no-address": {"ai_summary": {"base_url": "example.org"}},
        "no-variable": {"ai_summary": {"api_key_env": "sk-x"}},
    }
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    checker = str(Path(sys.executable).with_name("check-jsonschema"))
    files = [ROOT / "config.json", *sorted(folder.iterdir())]
    command = [checker, "--schemafile", str(ROOT / "config.schema.json"), *map(str, files)]
    return str(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


@pytest.mark.parametrize(
    "bad",
    ["unknown-key", "unknown-category", "number-in-quotes", "unnamed-keyword", "no-address", "no-variable"],
)
def test_editors_mark_what_the_bot_refuses(judged: str, bad: str) -> None:
    assert f"{bad}.json" in judged


def test_editors_accept_what_the_bot_accepts(judged: str) -> None:
    assert "good.json" not in judged
    assert "config.json" not in judged.replace("config.schema.json", "")


def test_the_command_prints_the_schema_and_imports_little() -> None:
    probe = "import sys, paperbot.config as c; sys.stdout.write(' '.join(sys.modules)); assert c.Config()"
    modules = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in modules.stdout.split()}
    assert "pydantic" in loaded
    assert not loaded & {"yaml", "requests", "openai", "jinja2", "arxiv", "lxml", "tqdm"}
    printed = subprocess.run(
        [sys.executable, "-m", "paperbot.config"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert printed.stdout == schema_text()


# The prompt


def test_a_prompt_in_the_users_folder_wins(tmp_path: Path) -> None:
    config = Config()
    own, _ = resolve_prompt_file(config, tmp_path, tmp_path / "config.json")
    assert own == ROOT / "templates/summary_prompt.md.j2"
    mine = tmp_path / "templates/summary_prompt.md.j2"
    mine.parent.mkdir()
    mine.write_text("Summarise.", encoding="utf-8")
    assert resolve_prompt_file(config, tmp_path, tmp_path / "config.json") == (mine, ())


def test_the_originals_prompt_is_replaced_with_a_warning_where_it_is_absent(tmp_path: Path) -> None:
    path = write(tmp_path, {"ai_summary": {"prompt_file": "ai_summary_prompt.txt"}})
    config, _ = load_config(path)
    used, (warning,) = resolve_prompt_file(config, tmp_path, path)
    assert used == ROOT / "templates/summary_prompt.md.j2"
    assert warning.line == 3
    assert warning.message.startswith("There is no ai_summary_prompt.txt here; the bot's own prompt is used.")
    (tmp_path / "ai_summary_prompt.txt").write_text("Summarise.", encoding="utf-8")
    assert resolve_prompt_file(config, tmp_path, path) == (tmp_path / "ai_summary_prompt.txt", ())


def test_any_other_prompt_must_be_there(tmp_path: Path) -> None:
    path = write(tmp_path, {"ai_summary": {"prompt_file": "mine.txt"}})
    config, _ = load_config(path)
    with pytest.raises(
        UserError, match='line 3: ai_summary.prompt_file is "mine.txt", but there is no such file'
    ):
        resolve_prompt_file(config, tmp_path, path)


# The environment


def test_an_empty_environment_is_a_laptop_without_a_key() -> None:
    assert read_environment(Config(), {}) == Environment()
    names = ["API_KEY", "DASHSCOPE_API_KEY", "GITHUB_STEP_SUMMARY", "GITHUB_SERVER_URL"]
    unset = dict.fromkeys([*names, "PAPERBOT_DRY_RUN", "PAPERBOT_DAYS_BACK"], "")
    assert read_environment(Config(), unset) == Environment()
    assert apply_overrides(Config(), unset) == Config()


def test_environment_of_actions() -> None:
    environment = read_environment(
        Config(),
        {
            "DASHSCOPE_API_KEY": f' "{SECRET}"\n',
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": "/tmp/summary",
            "GITHUB_OUTPUT": "/tmp/output",
            "GITHUB_REPOSITORY": "someone/papers",
            "GITHUB_SERVER_URL": "https://github.example.org",
            "PAPERBOT_NO_SUMMARIES": "false",
            "PAPERBOT_DRY_RUN": "True",
        },
    )
    assert environment == Environment(
        api_key=SECRET,
        in_actions=True,
        step_summary_path=Path("/tmp/summary"),
        output_path=Path("/tmp/output"),
        repository="someone/papers",
        server_url="https://github.example.org",
        dry_run=True,
    )
    assert SECRET not in repr(environment)


def test_surroundings_are_known_before_any_config() -> None:
    environ = {"GITHUB_ACTIONS": "true", "PAPERBOT_DRY_RUN": "nonsense", "DASHSCOPE_API_KEY": SECRET}
    assert read_surroundings(environ) == Environment(in_actions=True)


def test_the_key_is_read_from_the_variable_that_the_config_names() -> None:
    config = Config.model_validate({"ai_summary": {"api_key_env": "OPENAI_API_KEY"}})
    environ = {"OPENAI_API_KEY": "mine", "DASHSCOPE_API_KEY": "other"}
    assert read_environment(config, environ).api_key == "mine"


@pytest.mark.parametrize("key", ["sk-one sk-two", "sk-öne", "DASHSCOPE_API_KEY=\nsk-one"])
def test_a_key_that_can_be_none_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(UserError) as raised:
        read_environment(Config(), {"DASHSCOPE_API_KEY": key})
    assert str(raised.value).startswith("DASHSCOPE_API_KEY holds a space, a line break or a letter")
    assert key not in str(raised.value)


def test_days_back_of_a_manual_run() -> None:
    assert apply_overrides(Config(), {"PAPERBOT_DAYS_BACK": " 14 "}).days_back == 14


@pytest.mark.parametrize(
    ("given", "shown"), [("31", "31"), ("-1", "-1"), ("a week", '"a week"'), ("1.5", '"1.5"')]
)
def test_a_wrong_override_names_its_variable(given: str, shown: str) -> None:
    with pytest.raises(UserError) as raised:
        apply_overrides(Config(), {"PAPERBOT_DAYS_BACK": given})
    assert raised.value.problems == (
        Problem(f"PAPERBOT_DAYS_BACK is {shown}. Allowed: a whole number from 1 to 30."),
    )


def test_wrong_switches_are_named_together() -> None:
    with pytest.raises(UserError) as raised:
        read_environment(Config(), {"PAPERBOT_NO_SUMMARIES": "maybe", "PAPERBOT_DRY_RUN": "2"})
    assert [str(problem) for problem in raised.value.problems] == [
        'PAPERBOT_NO_SUMMARIES is "maybe". Allowed: true or false.',
        'PAPERBOT_DRY_RUN is "2". Allowed: true or false.',
    ]


# Whatever is in the file

unhurried = settings(deadline=None, max_examples=80)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
known_keys = st.sampled_from([*Config.model_fields, "api_key", "$schema", "display_limit", "modle"])
sections = st.dictionaries(
    st.sampled_from(
        ["model", "base_url", "api_key_env", "enabled", "price", "delay_seconds", "api_url", "x"]
    ),
    json_values,
    max_size=3,
)


@unhurried
@given(value=json_values, indent=st.sampled_from([None, 0, 1, "\t"]), ascii_only=st.booleans())
def test_every_key_and_item_is_found_on_its_line(value: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    lines = text.split("\n")
    document = locate(text, value)
    for path, line in document.lines.items():
        part, found = path[-1], lines[line - 1]
        assert isinstance(part, int) or json.dumps(part, ensure_ascii=ascii_only) in found
    assert document.repeated == ()
    assert set(document.lines) == set(_paths(value, ()))


def _paths(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for part, item in inner for found in ((*path, part), *_paths(item, (*path, part)))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


def _problems(folder: Path, content: Any) -> tuple[Problem, ...]:
    """Anything but a config or a `UserError` fails the test."""
    try:
        _, problems = load_config(write(folder, content))
    except UserError as error:
        problems = error.problems
    return problems


@unhurried
@given(content=st.dictionaries(known_keys, json_values | sections, max_size=4))
def test_any_object_is_a_config_or_a_list_of_mistakes(folder: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=1)
    for problem in _problems(folder, text):
        assert 1 <= problem.line <= text.count("\n") + 1
        assert problem.message.isprintable()
        problem.message.encode("utf-8")


@unhurried
@given(
    at=st.integers(min_value=0),
    cut=st.integers(0, 3),
    put=st.text(max_size=2) | st.sampled_from("{}[],:\"'”#"),
)
def test_any_slip_of_the_hand_is_understood(folder: Path, at: int, cut: int, put: str) -> None:
    text = (ROOT / "config.json").read_text(encoding="utf-8")
    at %= len(text) + 1
    slipped = text[:at] + put + text[at + cut :]
    for problem in _problems(folder, slipped.encode("utf-8", "surrogatepass")):
        assert 1 <= problem.line <= slipped.count("\n") + 1
        assert problem.message.isprintable()


@unhurried
@given(text=st.text(alphabet='{}[]":,\\ua1-.tn\n', max_size=12))
def test_any_scrap_of_json_is_understood(folder: Path, text: str) -> None:
    for problem in _problems(folder, text):
        assert 1 <= problem.line <= text.count("\n") + 1


@unhurried
@given(content=st.dictionaries(known_keys, json_values, min_size=1, max_size=3), data=st.data())
def test_a_key_is_shown_nowhere(folder: Path, content: dict[str, Any], data: st.DataObject) -> None:
    secret_at = data.draw(st.sampled_from(sorted(content)))
    content[secret_at] = data.draw(
        st.sampled_from([SECRET, [SECRET], {"term": SECRET}, {SECRET: 1}, {"x": [SECRET]}])
    )
    for problem in _problems(folder, content):
        assert SECRET[3:] not in problem.message
