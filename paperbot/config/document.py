"""JSON as people write it: its values, the line of each, and the likely cause where it is broken.

The standard library's parser decides what is JSON and reads the values; it keeps no positions,
so a second look at the text finds the line of every key and list element.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paperbot.errors import Problem, UserError

KeyPath = tuple[str | int, ...]
"""The way to a value: the keys and, counted from 0, the positions in lists."""

TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
MAX_DIGITS = 300
"""In digits. Python refuses to read integers of some thousands; over 308 digits are an infinite float."""

CURLY_QUOTES = "“”„‟«»＂「」『』″‶〝〞〟❝❞"
SINGLE_QUOTES = "'‘’‚‛‹›＇′`´"
MEANT = dict(
    zip(
        "，、､؛،٬；;︔﹔﹐：=∶﹕꞉｛｝﹛﹜［］【】〔〕〖〗()（）",
        ",,,,,,,,,,,:::::{}{}[][][][][][]",
        strict=True,
    )
)
"""Characters that people type for those of JSON, for example with a Chinese keyboard."""
STRAY_MARKS = (
    (
        ("<<<<<<<", "=======", ">>>>>>>", "|||||||"),
        "Git left a merge conflict: keep one side, and delete the lines with <<<<<<<, =======, >>>>>>>.",
    ),
    (("```",), "Delete the lines with ```: they belong to a chat or a page, not to JSON."),
    (("...", "…"), "Delete the dots: JSON does not read them as more of the same."),
    (("---",), "This looks like YAML. The file must be JSON: begin with { and end with }."),
    (("#", "//", "/*", "<!--", "--"), "JSON has no comments; delete this one."),
    (tuple(CURLY_QUOTES), 'Curly quotes, as phones and word processors put them; type straight ones: "'),
    (tuple(SINGLE_QUOTES), 'Single quotes; JSON wants double ones: "'),
)
"""What people write outside of quotes, and the answer."""
SIGNS_OF_NUMBERS = "+-.−–—－＋±"

TOO_MANY_COMMAS = "A comma too many: only one goes between two parts, and none after the last."
CAUSES = {
    "Illegal trailing comma": TOO_MANY_COMMAS,
    "Invalid \\": "A backslash in a text must be doubled: \\\\",
    "Extra data": "All brackets are closed before here. Is one too many, or was something pasted?",
    "Expecting ':' delimiter": "A colon is missing between a key and its value.",
}
"""The likely cause, by the beginning of the parser's message."""
NUMBERS = "Numbers are written like 5, 0.5 or -1: no plus, no zero in front, no separators, no unit."
NO_END = "The double quote that ends a text on this line is missing."
CURLY_END = 'ends with a curly quote; type a straight one: "'
NO_KEY = 'A key in double quotes belongs here, for example "max_papers".'
NO_OBJECT = "The file must begin with { and end with }: this is something else, or its first { is missing."
LITERALS = {"true": "true", "false": "false", "null": "null"}
LITERALS |= {"yes": "true", "on": "true", "no": "false", "off": "false"}
LITERALS |= {"none": "null", "nil": "null", "undefined": "null"}
LITERALS |= dict.fromkeys(["是", "对", "开", "ja", "oui", "si", "sí", "sim", "да", "はい", "예"], "true")
LITERALS |= dict.fromkeys(["否", "不", "关", "nein", "non", "não", "нет", "いいえ", "아니요"], "false")
"""Words that stand without quotes, in JSON and in other languages, and how JSON has them."""


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON file's value, and the lines of its parts."""

    value: Any
    lines: Mapping[KeyPath, int]
    """The line of each key and of each list element."""
    repeated: tuple[tuple[KeyPath, int, int], ...] = ()
    """Keys that occur twice in one object, with the lines of the first and the later one."""

    def line_of(self, path: KeyPath) -> int:
        """The line of a value, or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def present_part(self, path: KeyPath) -> KeyPath:
        """A path up to the first plain value: a keyword given as text has no key "term" of its own."""
        value = self.value
        for depth, part in enumerate(path):
            if not isinstance(value, (dict, list)):
                return path[:depth]
            value = value.get(part) if isinstance(value, dict) else value[int(part)]
        return path


def read_document(path: Path) -> Document:
    """Raises `UserError` with one problem if the file can't be read, or is not JSON."""
    text = _read_text(path)
    try:
        value = json.loads(
            text, parse_int=lambda digits: int(digits) if len(digits) <= MAX_DIGITS else float(digits)
        )
    except json.JSONDecodeError as error:
        at, cause = explain(text, error)
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        told = f"not valid JSON at column {column}: {cause}"
        raise UserError(Problem(told, path.as_posix(), line)) from error
    except RecursionError as error:
        raise UserError(Problem("The brackets are nested far too deeply.", path.as_posix())) from error
    return locate(text, value)


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
        if "\0" in text[:2]:
            raise UnicodeDecodeError("utf-8", data, 0, 1, "UTF-16 without its mark")
    except FileNotFoundError as error:
        advice = (
            "There is no such file. Name it with --config, or take config.json from the original repository."
        )
        raise UserError(Problem(advice, path.as_posix())) from error
    except OSError as error:
        raise UserError(Problem(f"The file can't be read: {error.strerror}.", path.as_posix())) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        told = "The file is not UTF-8 text. Save it again with the encoding UTF-8."
        raise UserError(Problem(told, path.as_posix(), line)) from error
    if not text.strip():
        told = "The file is empty. For all the defaults write {} in it."
        raise UserError(Problem(told, path.as_posix(), 1))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def locate(text: str, value: Any) -> Document:
    """Finds the parts of a text that is known to be JSON."""
    lines: dict[KeyPath, int] = {}
    repeated: list[tuple[KeyPath, int, int]] = []
    way: list[Any] = []
    seen: list[dict[str, int]] = []
    line, counted = 1, 0
    for token in TOKEN.finditer(text):
        line += text.count("\n", counted, token.start())
        counted = token.start()
        mark = token.group()
        if mark in "]}":
            way.pop()
            seen.pop()
        elif mark == ",":
            way[-1] = way[-1] + 1 if isinstance(way[-1], int) else None
        elif way and way[-1] is None:
            way[-1] = key = json.loads(mark)
            lines[tuple(way)] = line
            if key in seen[-1]:
                repeated.append((tuple(way), seen[-1][key], line))
            seen[-1].setdefault(key, line)
        elif mark != ":":
            if way and isinstance(way[-1], int):
                lines[tuple(way)] = line
            if mark in "[{":
                way.append(0 if mark == "[" else None)
                seen.append({})
    return Document(value, lines, tuple(repeated))


def explain(text: str, error: json.JSONDecodeError) -> tuple[int, str]:
    """The place in the text of what broke the JSON, and the likely cause and what to do."""
    at, start = error.pos, len(text) - len(text.lstrip())
    before, here = text[:at].rstrip(), text[at : at + 1]
    if text[start] not in "{[":
        return start, _stray_mark(text, start) or NO_OBJECT
    if error.msg.startswith("Unterminated") or (error.msg.startswith("Invalid control") and here in "\r\n"):
        line = text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]
        has_curly_quote = any(mark in CURLY_QUOTES for mark in line)
        return at, f"A text on this line {CURLY_END}" if has_curly_quote else NO_END
    is_behind_all = error.msg.startswith("Extra data") and here in MEANT
    if (cause := _stray_mark(text, at)) and not is_behind_all:
        return at, cause
    if re.fullmatch(r"[\w.+-]*\s*", text[at:]) and not error.msg.startswith("Extra data"):
        return len(text.rstrip()) - 1, f"The file ends here. {_still_open(before)[1]}"
    if before.endswith(",") and here in "]},":
        return len(before) - 1, TOO_MANY_COMMAS
    if error.msg.startswith("Expecting ',' delimiter"):
        return len(before) - 1, _no_comma(before, text, at)
    if error.msg.startswith("Expecting property name"):
        is_number = here.isdigit() and re.search(r"\d,$", before)
        return at, NUMBERS if is_number else NO_KEY
    known = (cause for beginning, cause in CAUSES.items() if error.msg.startswith(beginning))
    return at, next(known, None) or _no_value(text[at:])


def _stray_mark(text: str, at: int) -> str:
    """About a character that JSON has only inside of quotes."""
    for marks, answer in STRAY_MARKS:
        if text.startswith(marks, at):
            return answer
    here = text[at : at + 1]
    if here in MEANT:
        return f"{here} has no meaning in JSON; type {MEANT[here]} instead."
    if not here.isprintable():
        return "An invisible character, as copying from web pages brings along; delete it, and type a space."
    return ""


def _no_comma(before: str, text: str, at: int) -> str:
    rest = text[at:]
    bracket, advice = _still_open(before)
    if rest[0] in "]}:" or (bracket == "[" and re.match(r'"[^"\n]*"\s*:', rest)):
        return advice
    is_joined = text[at - 1].isdigit() and not rest[0].isspace() and rest[0] not in '"{['
    if is_joined or (before[-1].isdigit() and rest[0].isalpha()):
        return NUMBERS
    if before.endswith('"') and any(mark in CURLY_QUOTES for mark in before[before.rfind("\n") + 1 :]):
        return f"A text before this {CURLY_END}"
    if rest[0] in ".!?*_&|":
        return f"{rest[0]} has no meaning behind this; type a comma instead, or delete it."
    if before.endswith('"') and rest[0].isalnum():
        return 'A comma is missing after this, or a quote inside the text must be written as \\".'
    return "A comma is missing after this."


def _no_value(rest: str) -> str:
    word = re.split(r"\W", rest, maxsplit=1)[0].lower()
    if word in LITERALS:
        return f"Write {LITERALS[word]}, in small letters."
    if rest[0] in SIGNS_OF_NUMBERS or word.isdigit() or word in ("nan", "inf", "infinity"):
        return NUMBERS
    if rest[0] in "]},:":
        return "A value is missing before this."
    return "Text must be in double quotes."


def _still_open(text: str) -> tuple[str, str]:
    """The innermost bracket that is not closed by the end of a text, and what to do about it."""
    opened: list[tuple[str, int]] = []
    for token in TOKEN.finditer(text):
        if token.group() in "[{":
            opened.append((token.group(), token.start()))
        elif token.group() in "]}" and opened:
            opened.pop()
    if not opened:
        return "", "Its beginning looks cut off as well."
    bracket, at = opened[-1]
    line = text.count("\n", 0, at) + 1
    closing = "]" if bracket == "[" else "}"
    return bracket, f"The {bracket} of line {line} is still open: a closing {closing} is missing here."
