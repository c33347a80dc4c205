"""The error in an answer's body, in any shape: object, list, flat, nested, JSON in a string, text, HTML."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from paperbot.text.plain import plain

MAX_SAID_CHARS = 160
MAX_VALUES, MAX_DEPTH, MAX_TEXT_CHARS = 200, 12, 4_000
CODE_FIELDS = re.compile(
    r"(http_?)?(error_?|err_?)?(code|type|status(_?code)?|reason|err(no|code))|quota_?id|quota_?metric"
)
TEXT_FIELDS = re.compile(
    r"(error_?|err_?|status_?)?(message|msg|detail|details|description|text|title|reason|raw|info|error"
    r"|errors)"
)
HTML_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error says of itself; all of it is untrusted."""

    codes: tuple[str, ...]
    """Codes, types and states: lower case, letters and digits only."""
    message: str
    """The first text for people; empty for a web page."""
    text: str
    """All of its texts, codes included, in lower case, for patterns."""
    status: int
    """An HTTP status named in the body, else 500."""


def read_error(body: object) -> ErrorBody:
    """Never raises."""
    fields = list(itertools.islice(_fields(body), MAX_VALUES))
    named = [str(value)[:200] for name, value in fields if CODE_FIELDS.fullmatch(name)]
    codes = tuple(NOT_ALPHANUMERIC.sub("", value.lower()) for value in named)
    texts = [value for name, value in fields if isinstance(value, str) and TEXT_FIELDS.fullmatch(name)]
    message = next((text for text in texts if _is_sentence(text)), texts[0] if texts else "")
    everything = " ".join(" ".join([*texts, *named])[:MAX_TEXT_CHARS].split()).lower()
    status = next((number for _, value in fields if 400 <= (number := _number(value)) < 600), 500)
    return ErrorBody(codes, "" if _is_web_page(body) else message, everything, status)


def _fields(value: object, name: str = "message", depth: int = 0) -> Iterator[tuple[str, object]]:
    """(field, text or number), the outermost first within each object."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        plain_values = [(key, item) for key, item in value.items() if not isinstance(item, (dict, list))]
        nested = [(key, item) for key, item in value.items() if isinstance(item, (dict, list))]
        for key, item in [*plain_values, *nested]:
            prefix = "minimax " if name == "base_resp" and key == "status_code" else ""
            yield from _fields(f"{prefix}{item}" if prefix else item, str(key).lower(), depth + 1)
    elif isinstance(value, list):
        for item in value[:MAX_VALUES]:
            yield from _fields(item, name, depth + 1)
    elif isinstance(value, str):
        yield from _text_fields(value, name, depth)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield name, value


def _text_fields(value: str, name: str, depth: int) -> Iterator[tuple[str, object]]:
    """Gateways pass on another server's body as a string."""
    text = value[:64_000].strip("\ufeff \t\r\n")
    if text[:1] in ("{", "["):
        try:
            yield from _fields(json.loads(text), name, depth + 1)
            return
        except (ValueError, RecursionError):
            pass
    yield name, " ".join(HTML_TAG.sub(" ", text).split()) if _is_web_page(text) else text


def _is_web_page(value: object) -> bool:
    return isinstance(value, str) and value.lstrip("\ufeff \t\r\n").startswith("<")


def _is_sentence(text: str) -> bool:
    return not text.replace("_", "").replace(".", "").isalnum() or " " in text


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) == 3 else 0


def plain_line(text: str) -> str:
    """Untrusted text for a message: one line, shortened."""
    line = plain(text[: 10 * MAX_SAID_CHARS]).rstrip(".")
    return line if len(line) <= MAX_SAID_CHARS else line[: MAX_SAID_CHARS - 1].rstrip() + "…"
