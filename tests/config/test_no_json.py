"""What is no JSON, and what editors and phones make of it."""

from pathlib import Path
from typing import Any

import pytest

from paperbot.config import load_config
from paperbot.errors import UserError
from tests.config.written import errors


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
        ('{"a": "x”,\n"b": 1}', 1, 11, "A text on this line ends with a curly quote"),
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
        ('{"a": "x', 1, 7, "The double quote that ends a text on this line"),
        ('{"a": "C:\\dir"}', 1, 10, "A backslash in a text must be doubled"),
        ('{"a": "say "x" so"}', 1, 12, "A comma is missing after this, or a quote"),
        ('{"a": ["x". "y"]}', 1, 10, ". has no meaning behind this; type a comma instead"),
        ('{"a": "x"!}', 1, 9, "! has no meaning behind this"),
        ('{"a": True}', 1, 7, "Write true, in small letters."),
        ('{"a": None}', 1, 7, "Write null, in small letters."),
        ('{"a": word}', 1, 7, "Text must be in double quotes."),
        ('{"a": }', 1, 7, "A value is missing before this."),
        ('{"a": 2,5}', 1, 9, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": 05}', 1, 7, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": .5}', 1, 7, "Numbers are written like 5, 0.5 or -1"),
        ("{a: 1}", 1, 2, "A key in double quotes belongs here"),
        ('{"a" 1}', 1, 6, "A colon is missing between a key and its value."),
        ('{"a": 1}}', 1, 9, "All brackets are closed before here."),
        ('{"a": ["x”, "y"]}', 1, 13, "A text before this ends with a curly quote"),
        ('{"a": ["x”]}', 1, 8, "A text on this line ends with a curly quote"),
        ("{‹a›: 1}", 1, 2, "Single quotes"),
        ("{″a″: 1}", 1, 2, "Curly quotes"),
        ('{"a"∶ 1}', 1, 5, "∶ has no meaning in JSON; type : instead."),
        ('{"a": 1، "b": 2}', 1, 8, "، has no meaning in JSON; type , instead."),
        ('{"a": 1};', 1, 9, "All brackets are closed before here."),
        ('{"a": −1}', 1, 7, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": 2。5}', 1, 7, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": 50%}', 1, 8, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": 0x10}', 1, 7, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": nan}', 1, 7, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": on}', 1, 7, "Write true, in small letters."),
        ('{"a": nil}', 1, 7, "Write null, in small letters."),
        ('{"a": ["x", …]}', 1, 13, "Delete the dots"),
        ('{<!-- x -->"a": 1}', 1, 2, "JSON has no comments"),
        ('```json\n{"a": 1}\n```', 1, 1, "Delete the lines with ```"),
        ("---\na: 1\n", 1, 1, "This looks like YAML."),
        ('{"a": 5 papers}', 1, 7, "Numbers are written like 5, 0.5 or -1"),
        ('{"a": ("x", "y")}', 1, 7, "( has no meaning in JSON; type [ instead."),
        ('{"a": [tru', 1, 10, "The file ends here. The [ of line 1 is still open"),
        ('{\r"a": 1,\r}', 2, 7, "A comma too many"),
        ("a: 1\nb: 2\n", 1, 1, "The file must begin with { and end with }"),
        ('\n"a": 1}', 2, 1, "The file must begin with { and end with }"),
        ('{\n<<<<<<< HEAD\n"a": 1}', 2, 1, "Git left a merge conflict"),
        ('{"a": 1,\n=======\n"b": 1}', 2, 1, "Git left a merge conflict"),
    ],
)
def test_broken_json_names_the_place_and_the_likely_cause(
    tmp_path: Path, text: str, line: int, column: int, cause: str
) -> None:
    (found,) = errors(tmp_path, text)
    assert found.startswith(f", line {line}: not valid JSON at column {column}: {cause}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ", line 1: The file is empty. For all the defaults write {} in it."),
        (b"\xef\xbb\xbf \n", ", line 1: The file is empty. For all the defaults write {} in it."),
        ("[]", ", line 1: The file holds an empty list; it must be an object in { }."),
        (b'{\n"a": "\xe4"}', ", line 2: The file is not UTF-8 text. Save it again with the encoding UTF-8."),
        *(
            (
                "{}".encode(encoding),
                ", line 1: The file is not UTF-8 text. Save it again with the encoding UTF-8.",
            )
            for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
        ),
    ],
)
def test_what_is_no_object_in_utf_8_is_refused(tmp_path: Path, content: Any, expected: str) -> None:
    assert errors(tmp_path, content) == [expected]


def test_a_file_that_is_absurd_or_absent(tmp_path: Path) -> None:
    assert errors(tmp_path, "[" * 100_000) == [": The brackets are nested far too deeply."]
    (found,) = errors(tmp_path, '{"max_papers": ' + "9" * 9_000 + "}")
    assert found == ", line 1: max_papers is Infinity. Allowed: a whole number from 1 to 200."
    with pytest.raises(UserError, match="There is no such file"):
        load_config(tmp_path / "absent.json")
    with pytest.raises(UserError, match="can't be read: Is a directory"):
        load_config(tmp_path)
