"""arXiv's categories, and the schema that editors read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from paperbot.config import schema_text
from paperbot.config.categories import ALIASES, SUCCESSORS, category_names
from tests.config.written import ROOT
from tests.support.december import real_papers


def test_taxonomy_is_whole() -> None:
    names = category_names()
    assert len(names) == 155
    assert (names["cs.LG"], names["hep-th"]) == ("Machine Learning", "High Energy Physics - Theory")
    assert set(ALIASES) | set(ALIASES.values()) | set(SUCCESSORS.values()) <= set(names)
    assert not set(SUCCESSORS) & set(names)


def test_taxonomy_knows_every_category_of_a_week_of_papers() -> None:
    seen = {category for paper in real_papers() for category in paper.categories}
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
