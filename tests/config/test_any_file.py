"""Whatever is in the file: an answer in words."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperbot.config import Config, load_config
from paperbot.config.document import locate
from paperbot.errors import Problem, UserError
from tests.config.written import ROOT, SECRET, write

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
def test_any_object_is_a_config_or_a_list_of_errors(folder: Path, content: dict[str, Any]) -> None:
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
