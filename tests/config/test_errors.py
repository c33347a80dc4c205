"""An error in a config names its line and what is allowed."""

from pathlib import Path
from typing import Any

import pytest

from tests.config.written import SECRET, errors, load

NO_ADDRESS = "Allowed: a whole address that begins with https:// (or http://), without a user name."


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"max_papers": "30"},
            'max_papers is "30". Allowed: a whole number from 1 to 200. Write 30 without the quotes.',
        ),
        ({"max_papers": 5.0}, "max_papers is 5.0. Allowed: a whole number from 1 to 200. Write 5."),
        (
            {"mail": "Yes"},
            'mail is "Yes". Allowed: true or false, without quotes or null. Write true without the quotes.',
        ),
        ({"keywords": "LLM，RL"}, 'keywords is "LLM，RL". Allowed: a list in [ ]. Write ["LLM", "RL"].'),
        (
            {"timezone": 8},
            "timezone is 8. There is no such time zone. For UTC+08:00 write a city with that time, such as "
            "Asia/Shanghai, or Etc/GMT-8 (in Etc names the sign is reversed).",
        ),
        (
            {"min_score": "2,5"},
            'min_score is "2,5". Allowed: a number from -1000000 to 1000000. Write 2.5 without the quotes.',
        ),
        (
            {"max_papers": "+5"},
            'max_papers is "+5". Allowed: a whole number from 1 to 200. Write 5 without the quotes.',
        ),
        ({"max_papers": "thirty"}, 'max_papers is "thirty". Allowed: a whole number from 1 to 200.'),
        ({"mail": 1}, "mail is 1. Allowed: true or false, without quotes or null. Write true."),
        (
            {"mail": "是"},
            'mail is "是". Allowed: true or false, without quotes or null. Write true without the quotes.',
        ),
        (
            {"site": False},
            "site is false. Allowed: an object in { } with enabled, base_url, branch. "
            'Write {"enabled": false}.',
        ),
        ({"timezone": ["UTC"]}, "timezone is a list. Allowed: text in double quotes. Leave out the [ ]."),
        ({"types": [["new"]]}, 'types, item 1 is a list. Allowed: "new" or "cross". Leave out the [ ].'),
        ({"max_papers ": 3}, '"max_papers " is not a known key. Did you mean max_papers?'),
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
            "keywords, item 1, wieght is not a known key. Did you mean weight?",
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
        ({"maxPapers": 3}, "maxPapers is not a known key. Did you mean max_papers?"),
        (
            {"model": "m"},
            'model is not a known key. Did you mean model, inside of "ai_summary"?',
        ),
        (
            {"ai_summary": {"max_papers": 3}},
            "ai_summary.max_papers is not a known key. "
            "Did you mean max_papers, outside of the inner brackets?",
        ),
        (
            {"site": {"colour": "red"}},
            "site.colour is not a known key. Known keys here: enabled, base_url, branch.",
        ),
        (
            {"site": None},
            "site is null. Allowed: an object in { } with enabled, base_url, branch.",
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
            'ai_summary.base_url is "example.org/v1". ' + NO_ADDRESS,
        ),
        (
            {"ai_summary": {"base_url": "https://example.org/v1/chat/completions"}},
            'ai_summary.base_url is "https://example.org/v1/chat/completions". '
            "Leave out /chat/completions: the bot adds it.",
        ),
        (
            {"ai_summary": {"base_url": "https://example.org/v1/responses/"}},
            'ai_summary.base_url is "https://example.org/v1/responses/". '
            "Leave out /responses: the bot adds /chat/completions.",
        ),
        (
            {"interests": {"library": ["https://example.org/mine.bib"]}},
            'interests.library, item 1 is "https://example.org/mine.bib". '
            "An address belongs in the secret LIBRARY_BIB_URL; here stand files of the repository.",
        ),
        (
            {"categories": ["https://arxiv.org/list/cs.LG/recent"]},
            'categories, item 1 is "https://arxiv.org/list/cs.LG/recent". '
            "arXiv has no such category. Did you mean cs.LG?",
        ),
        (
            {"categories": ["[cs.LG](http://cs.lg)/cs.AI"]},
            'categories, item 1 is "[cs.LG](http://cs.lg)/cs.AI". '
            'Write each category as an item of its own: "cs.LG", "cs.AI".',
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
        ({"arxiv": {"api_url": "http://[::1"}}, 'arxiv.api_url is "http://[::1". ' + NO_ADDRESS),
        (
            {"timezone": "Asia/Shangai"},
            'timezone is "Asia/Shangai". There is no such time zone. Did you mean Asia/Shanghai?',
        ),
        (
            {"arxiv": {"api_url": "file:///etc/passwd"}},
            'arxiv.api_url is "file:///etc/passwd". ' + NO_ADDRESS,
        ),
        (
            {"arxiv": {"pdf_url": "https://example.org/"}},
            'arxiv.pdf_url is "https://example.org/". '
            "Allowed: an address with {id} once, where the paper's id belongs.",
        ),
        ({"arxiv": {"held_days": 91}}, "arxiv.held_days is 91. Allowed: a whole number from 0 to 90."),
    ],
)
def test_a_error_is_named_with_what_is_allowed(tmp_path: Path, content: Any, expected: str) -> None:
    (found,) = errors(tmp_path, content)
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
        ("cs.AI, cs.cl", 'Write each category as an item of its own: "cs.AI", "cs.CL".'),
        ("cs.AI cs.LG", 'Write each category as an item of its own: "cs.AI", "cs.LG".'),
        ("Robotics (cs.RO)", "arXiv has no such category. Did you mean cs.RO?"),
        ("cs.*", "This is a whole archive. Name the categories that you want in it, such as cs.AI,"),
        ("cs.ML", "arXiv has no such category. Did you mean cs.LG or stat.ML?"),
        ("cmp-lg", "This archive was closed in the 1990s; its papers now go to cs.CL."),
        ("", "arXiv has no such category. They are listed at https://arxiv.org/category_taxonomy"),
    ],
)
def test_an_unknown_category_gets_the_nearest_right_name(tmp_path: Path, name: str, expected: str) -> None:
    (found,) = errors(tmp_path, {"categories": ["cs.LG", name]})
    assert found.startswith(
        f': line 4: categories, item 2 is "{name}". {expected}'.replace(": line", ", line", 1)
    )


def test_every_error_is_reported_at_once_on_its_own_line(tmp_path: Path) -> None:
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
    assert errors(tmp_path, text) == [
        ', line 3: categories, item 2 is "cs.ml". arXiv has no such category. Did you mean cs.LG or stat.ML?',
        ', line 7: keywords, item 2, weight is "2". Allowed: a number from -1000 to 1000. '
        "Write 2 without the quotes.",
        ', line 8: keywords, item 3 is "". Allowed: text in double quotes, 1 to 300 characters.',
        ", line 11: ai_summary.max_workers is 0. Allowed: a whole number from 1 to 16.",
        ", line 11: ai_summary.modle is not a known key. Did you mean model?",
        ", line 14: max_papers is 500. Allowed: a whole number from 1 to 200.",
        ", line 14: max_papers stands here and on line 13. Keep one of them.",
    ]


def test_a_repeated_key_is_a_error_even_where_the_last_one_is_right(tmp_path: Path) -> None:
    text = '{"ai_summary": {"model": "a",\n "model": "b"},\n\n "site": {}, "s\\u0069te": {}}'
    assert errors(tmp_path, text) == [
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
    (found,) = errors(tmp_path, content)
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
    (found,) = errors(tmp_path, {"ai_summary": {"api_key": "DASHSCOPE_API_KEY"}})
    assert found.endswith("ai_summary.api_key is not a known key. Did you mean api_key_env?")
