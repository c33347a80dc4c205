"""The error in an answer's body, in any shape: object, list, flat, nested, JSON in a string, text, HTML."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from paperbot.network import MAX_RETRY_AFTER_SECONDS
from paperbot.text.plain import plain

MAX_SAID_CHARS = 160
MAX_VALUES, MAX_DEPTH, MAX_TEXT_CHARS = 200, 12, 4_000
CODE_FIELDS = re.compile(
    r"(http_?)?(error_?|err_?)?(code|type|status(_?code)?|reason|err(no|code))|quota_?id|quota_?metric"
)
TEXT_FIELDS = re.compile(
    r"(error_?|err_?|status_?)?(message|msg|detail|details|description|text|title|reason|raw|info|error"
    r"|errors|faultstring)"
)
HTML_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
WAIT_FIELDS = re.compile(r"retry_?(delay|after|in)(_?s(ec(onds)?)?)?")
WAIT_WORDS = re.compile(r"(?:retry|try again) (?:in|after) ((?:[0-9.]{1,12} ?(?:h|ms?|s)[a-z]*[ ,]*){1,3})")
_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{0,12})?"
WAIT = re.compile(
    rf"(?:(?P<hours>{_NUMBER}) ?h(?:ours?|rs?)?[ ,]*)?"
    rf"(?:(?P<minutes>{_NUMBER}) ?m(?:in(?:ute)?s?)?[ ,]*(?!s))?"
    rf"(?:(?P<seconds>{_NUMBER})(?: ?s(?:ec(?:ond)?s?)?[ ,.]*|\Z))?"
    rf"(?:(?P<milliseconds>{_NUMBER}) ?m(?:s|illi\w*))?\W*",
    re.IGNORECASE,
)
"""Such as `41s`, `7m12.5s`, `350ms` or a bare number."""
UNITS = {"hours": 3600.0, "minutes": 60.0, "seconds": 1.0, "milliseconds": 0.001}
"""In seconds."""
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
    """The lowest HTTP status named in the body, else 500: a gateway's 502 may hold another server's 400."""
    retry_after_seconds: float = 0.0
    """As Gemini's `retryDelay` or a sentence asks for."""


def read_error(body: object) -> ErrorBody:
    """Never raises."""
    fields = list(itertools.islice(_fields(body), MAX_VALUES))
    named = [str(value)[:200] for name, value in fields if CODE_FIELDS.fullmatch(name)]
    codes = tuple(NOT_ALPHANUMERIC.sub("", value.lower()) for value in named)
    texts = [value for name, value in fields if isinstance(value, str) and TEXT_FIELDS.fullmatch(name)]
    message = next((text for text in texts if re.search(r"[^\w.]", text)), texts[0] if texts else "")
    everything = " ".join(" ".join([*texts, *named])[:MAX_TEXT_CHARS].split()).lower()
    statuses = [int(value) for value in named if re.fullmatch("[45][0-9][0-9]", value)]
    waits = [str(value) for name, value in fields if WAIT_FIELDS.fullmatch(name)]
    wait = WAIT.fullmatch(waits[0] if waits else "".join(WAIT_WORDS.findall(everything)[:1]))
    seconds = sum(float(wait[name] or 0) * unit for name, unit in UNITS.items()) if wait else 0.0
    retry_after = min(seconds, MAX_RETRY_AFTER_SECONDS)
    shown = "" if _is_web_page(body) else message
    return ErrorBody(codes, shown, everything, min(statuses, default=500), retry_after)


def _provider_of(name: str, error: Mapping[str, object]) -> str:
    """Whose numbers are in this object: the same number means something else elsewhere."""
    if name == "base_resp":
        return "minimax"
    if "error_code" in error and "error_msg" in error:
        return "baidu"
    code = error.get("code") or error.get("type")
    if not re.fullmatch("[0-9]{4}", str(code)):
        return ""
    if error.get("object") == "error":
        return "mistral"
    return "zhipu" if isinstance(code, str) or "msg" in error else ""


def _fields(value: object, name: str = "message", depth: int = 0) -> Iterator[tuple[str, object]]:
    """(field, text or number), the outermost first within each object."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        plain_values = [(key, item) for key, item in value.items() if not isinstance(item, (dict, list))]
        nested = [(key, item) for key, item in value.items() if isinstance(item, (dict, list))]
        provider = _provider_of(name, value)
        for key, item in [*plain_values, *nested]:
            is_number = re.fullmatch("[0-9]{1,6}", str(item)) and CODE_FIELDS.fullmatch(str(key).lower())
            named = f"{provider} {item}" if provider and is_number else item
            yield from _fields(named, str(key).lower(), depth + 1)
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


def plain_line(text: str) -> str:
    """Untrusted text for a message: one line, shortened."""
    line = plain(text[: 10 * MAX_SAID_CHARS]).rstrip(".")
    return line if len(line) <= MAX_SAID_CHARS else line[: MAX_SAID_CHARS - 1].rstrip() + "…"
