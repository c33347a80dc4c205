"""Every text in the code that a user may come to read, found in its syntax tree, as patterns."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = (
    ROOT / "fetch_papers.py",
    *sorted((ROOT / "paperbot").rglob("*.py")),
    *sorted((ROOT / ".github/scripts").glob("*.py")),
)
GAP = "\0"
FORMAT = re.compile(r"\{[^{}]*\}|%[-\d.]*[a-z]")
"""What str.format and logging fill in."""


def message_patterns() -> list[re.Pattern[str]]:
    """Each finds one text of the code in a sentence that has something in the text's gaps."""
    texts = {text for path in CODE for text in _texts(ast.parse(path.read_text("utf-8")))}
    telling = (text for text in texts if re.search("[A-Za-z']{3,}.*[A-Za-z']{3}", text))
    return [re.compile(".*?".join(map(re.escape, _pieces(text)))) for text in telling]


def _pieces(text: str) -> list[str]:
    return " ".join(text.replace("`", "").split()).strip(GAP + " ").split(GAP)


def _texts(node: ast.AST) -> Iterator[str]:
    """The strings below a node; an f-string is one text with gaps."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            yield "".join(
                FORMAT.sub(GAP, str(part.value)) if isinstance(part, ast.Constant) else GAP
                for part in child.values
            )
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield FORMAT.sub(GAP, child.value)
        yield from _texts(child)
