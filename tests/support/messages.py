"""Every sentence in the code that a user may come to read, found in its syntax tree.

Whoever writes a new message need not know of this: a text of three words counts as one, unless it stands
where no message can stand. What is put into a sentence is a gap in it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = (
    ROOT / "fetch_papers.py",
    *sorted(path for path in (ROOT / "paperbot").rglob("*.py") if path.parent.name != "sample"),
    *sorted((ROOT / ".github/scripts").glob("*.py")),
)
GAP = "\0"
FORMAT = re.compile(r"\{[^{}]*\}|%[-\d.]*[a-z]")
"""What str.format and logging fill in."""

NO_MESSAGES = {
    "annotations.py": "the form of messages, not their words",
    "arxiv_source.py:ask": "a query",
    "markup/escaping.py": "Markdown",
    "summaries/faults.py:Remedy": "names of remedies",
    "summaries/faults.py:WORDS": "what servers say",
    "summaries/faults.py:WORDS_ABOUT_A_REQUEST": "what servers say",
    "site/feeds.py": "titles of feeds",
    "summaries/figures.py": "figures in summaries",
    "summaries/fulltext.py:LEFT_OUT": "part of a paper's text",
    "github.py:_settings": "what git is told",
    "github.py:NO_PERMISSION": "what git says",
    "github.py:RACES": "what git says",
    "summaries/grounding.py": "figures in summaries",
    "keyword_check.py": "what --check explains",
    "markup/__init__.py": "text of pages",
    "markup/mathtext.py": "formulas",
    "news.py:tell": "the news",
    "news.py:_why_not_told": "parts of `The news did not get out`",
    "news.py:tell_failure": "the news",
    "markup/pagecheck.py": "details of `The new page would be broken`, for whoever looks into it",
    "pages/paper_view.py": "text of pages",
    "markup/plaintext.py": "letters",
    "summaries/prompts.py:INTRODUCTIONS": "the prompt",
    "summaries/prompts.py:ROLE": "the prompt",
    "summaries/prompts.py:_names": "the prompt",
    "publish.py:commit_message": "for git's log",
    "report.py:_estimated": "what a dry run is for",
    "report.py:_table": "what a dry run is for",
    "report.py:sentence": "all went well",
    "scoring.py:WITHDRAWN": "what authors say",
    "show_prompt.py:FILE_ID": "what make prompt is for",
    "show_prompt.py:STAND_INS": "what make prompt is for",
    "show_prompt.py:what_is_sent": "what make prompt is for",
    "site/__init__.py:_status": "text of pages",
    "site/data.py": "the site's data",
    "template_check.py": "invented papers",
    "pages/trends.py": "text of pictures",
    "update.py:said": "all went well",
}
"""Whole files, or one name's value in a file, and what the texts in there are."""
NO_MESSAGE_ARGUMENTS = {"description", "examples", "help", "title", "link_rel"}
NO_MESSAGE_CALLS = {
    *("AssertionError", "_bar", "compile", "debug", "git", "info", "line", "say", "startswith", "summarise"),
}
"""Bugs, and calls that tell how a run goes on."""


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence of the code, or a part of one, and where it stands."""

    place: str
    text: str
    """With GAP where something is filled in."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds it in a text that has something in the gaps."""
        pieces = " ".join(self.text.replace("`", "").split()).strip(GAP + " ").split(GAP)
        return re.compile(".*?".join(map(re.escape, pieces)))


def messages() -> list[Message]:
    """In the order of files and lines."""
    return [message for path in CODE if _file(path) not in NO_MESSAGES for message in messages_in(path)]


def messages_in(path: Path) -> Iterator[Message]:
    """Of one file of Python."""
    for node in _strings(ast.parse(path.read_text("utf-8")), _file(path)):
        text = _text(node)
        words, gaps = len(re.findall(r"[A-Za-z']{2,}", text)), text.count(GAP)
        if words > 1 and words + gaps > 2 and " " in text.strip():
            yield Message(f"{_file(path)}:{node.lineno}", text)


def _file(path: Path) -> str:
    """`polite.py`, `markup/writer.py`"""
    return path.name if path.parent.name in ("paperbot", "scripts") else f"{path.parent.name}/{path.name}"


def _strings(node: ast.AST, file: str) -> Iterator[ast.expr]:
    """Those below a node, f-strings as a whole."""
    for child in ast.iter_child_nodes(node):
        if _is_no_message(child, file) or (isinstance(node, ast.Dict) and child in node.keys):
            continue
        if isinstance(child, ast.JoinedStr):
            yield child
            for part in child.values:
                yield from _strings(part, file) if isinstance(part, ast.FormattedValue) else ()
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child
        else:
            yield from _strings(child, file)


def _is_no_message(node: ast.AST, file: str) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring
    if isinstance(node, ast.Compare):
        return True
    if isinstance(node, ast.keyword):
        return node.arg in NO_MESSAGE_ARGUMENTS
    if isinstance(node, ast.Call):
        return _name(node.func) in NO_MESSAGE_CALLS
    names = [_name(target) for target in getattr(node, "targets", [getattr(node, "target", node)])]
    return any(f"{file}:{name}" in NO_MESSAGES for name in names)


def _name(node: ast.AST) -> str:
    """Of a variable, an attribute, a function or a class."""
    return str(getattr(node, "attr", getattr(node, "id", getattr(node, "name", ""))))


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else GAP for part in node.values)
    assert isinstance(node, ast.Constant)
    return FORMAT.sub(GAP, str(node.value))
