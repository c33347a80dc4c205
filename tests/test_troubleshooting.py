"""Each row of docs/troubleshooting.md quotes a message that the bot still has, and says what to do."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from paperbot.summaries import error_rules, error_table
from paperbot.summaries.error_rules import BOT_FAULT, NO_PDF, Rule

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "troubleshooting.md"
WORKFLOWS = (*ROOT.glob(".github/workflows/*.yml"), ROOT / "action.yml")
CODE = (
    ROOT / "fetch_papers.py",
    *sorted((ROOT / "paperbot").rglob("*.py")),
    *sorted((ROOT / ".github/scripts").glob("*.py")),
)
GAP = "\0"
FORMAT = re.compile(r"\{[^{}]*\}|%[-\d.]*[a-z]")
"""What str.format and logging fill in."""


def texts_of(node: ast.AST) -> Iterator[str]:
    """The strings below a node; an f-string is one text with gaps."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            yield "".join(
                FORMAT.sub(GAP, str(part.value)) if isinstance(part, ast.Constant) else GAP
                for part in child.values
            )
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield FORMAT.sub(GAP, child.value)
        yield from texts_of(child)


def rows() -> Iterator[tuple[str, str]]:
    """Both columns of the tables of messages: the message, and what to do."""
    in_table = False
    for line in PAGE.read_text("utf-8").splitlines():
        in_table = line.lower().startswith("| message |") or (in_table and line.startswith("|"))
        if in_table and not line.lower().startswith(("| message |", "|---")):
            _, message, action, _ = re.split(r"(?<!\\)\|", line)
            yield message.strip(), action.strip()


@cache
def known_messages() -> list[re.Pattern[str]]:
    """Each finds one text of the code or a workflow's title; a text's gaps may hold anything."""
    texts = {text for path in CODE for text in texts_of(ast.parse(path.read_text("utf-8")))}
    known = [text for text in texts if re.search("[A-Za-z']{3,}.*[A-Za-z']{3}", text)]
    for path in WORKFLOWS:
        known += re.findall("::(?:error|warning|notice) title=([^:]+)::", path.read_text("utf-8"))
    lines = (" ".join(text.replace("`", "").split()).strip(GAP + " ") for text in known)
    return [re.compile(".*?".join(map(re.escape, line.split(GAP)))) for line in lines]


@pytest.mark.parametrize(("message", "action"), list(rows()))
def test_a_row_quotes_a_message_of_the_bot_and_says_what_to_do(message: str, action: str) -> None:
    quoted = [" ".join(text.split()) for text in re.findall("`([^`]+)`", message)]
    assert quoted
    assert [text for text in quoted if not any(known.search(text) for known in known_messages())] == []
    assert len(action.split()) > 2


RULES = {
    name: rule
    for module in (error_rules, error_table)
    for name, rule in vars(module).items()
    if isinstance(rule, Rule) and rule not in (BOT_FAULT, NO_PDF)
}
"""All that can go wrong with a model's server; the two left out take their texts from elsewhere."""


@pytest.mark.parametrize("name", RULES)
def test_every_failure_of_a_model_server_has_a_row(name: str) -> None:
    pieces = (re.escape(piece) for piece in re.split(r"\{[^}]*\}", RULES[name].cause))
    cause = re.compile(".+?".join(pieces))
    assert any(cause.search(quoted) for message, _ in rows() for quoted in re.findall("`([^`]+)`", message))
