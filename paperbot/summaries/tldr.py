"""TL;DRs: one sentence about each paper, from the call of its summary or by a small call of its own.

Each call holds one paper, so no paper's text can change another's line.
"""

import re
from collections.abc import Sequence

from paperbot.model import Paper
from paperbot.summaries.prompts import title_and_abstract
from paperbot.summaries.short_texts import has_only_numbers_of, plain_sentence, within_length

_LABEL = re.compile(
    r"^[\s>#*_-]*(?P<label>TL\s?[;；:]?\s?DR|一句话(?:总结|概括|摘要|概述)|一文で(?:の)?要約)\s*"
    r"(?P<rest>(?:\([^)\n]*\)|（[^）\n]*）)?[*_]{0,2}\s*[:：]?[*_]{0,2}[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
MAX_LINES_BEFORE = 2
"""A line of preface and an empty one."""


def split_answer(text: str) -> tuple[str, str]:
    """(the TL;DR, the summary behind it) of an answer with both; the TL;DR is empty where there is none.

    A TL;DR with nothing behind it was cut: then all of it is the summary.
    """
    found = _LABEL.search(text)
    if not found or text.count("\n", 0, found.start()) > MAX_LINES_BEFORE:
        return "", text
    sentence, rest = _unlabelled(found["rest"]), text[found.end() :].lstrip("\n")
    if not sentence:
        sentence, _, rest = rest.partition("\n")
    return (sentence, rest.strip()) if rest.strip() else ("", text)


def sentence_of(answer: str) -> str:
    """The sentence of an answer that should hold nothing else; empty where it holds more."""
    lines = [line for line in answer.splitlines() if line.strip()]
    if found := _LABEL.search(answer):
        sentence = _unlabelled(found["rest"])
        return sentence or next((line for line in answer[found.end() :].splitlines() if line.strip()), "")
    return lines[0] if len(lines) == 1 else ""


def _unlabelled(rest: str) -> str:
    return re.sub(r"^(?:\([^)]*\)|（[^）]*）)?[\s*_]*[:：]?[\s*_]*", "", rest).strip()


def checked_tldr(sentence: str, paper: Paper, pages: Sequence[str] = ()) -> str:
    """The sentence if it is short, plain and without numbers that the model did not read; else empty."""
    line = within_length(plain_sentence(sentence))
    if line.rstrip(".").casefold() == paper.title.rstrip(".").casefold():
        return ""
    is_true = bool(line) and has_only_numbers_of(line, title_and_abstract(paper), pages)
    return line if is_true else ""
