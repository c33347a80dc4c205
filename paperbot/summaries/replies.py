"""What a chat reply holds: the model's text and its price in tokens, or a fault. All of it is untrusted."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paperbot.summaries.faults import (
    EMPTY,
    MODERATED,
    NO_ROOM,
    NOT_JSON,
    ONLY_THOUGHTS,
    Refused,
    Server,
    classify,
    filled,
)
from paperbot.text import truncate

MOST_SUMMARY_CHARS = 40_000
"""About ten times a long summary."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote, and what it cost."""

    text: str
    cut_short: bool = False
    input_tokens: int = 0
    output_tokens: int = 0


def read_json(server: Server, body: bytes) -> Any:
    """The JSON value of a body, whose broken characters become U+FFFD; raises Refused if it is no JSON."""
    try:
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise Refused(filled(NOT_JSON, server)) from None


def is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_completion(server: Server, reply: object) -> Completion:
    """The model's text out of a chat reply, its cost not yet filled in; raises Refused if there is none."""
    if not isinstance(reply, dict):
        raise Refused(filled(NOT_JSON, server))
    choice = _first(reply.get("choices"))
    error = reply if reply.get("error") else choice
    if error.get("error"):
        raise Refused(classify(server, _status_of(error["error"]), error))
    message = choice.get("message")
    if not isinstance(message, dict):
        raise Refused(filled(NOT_JSON, server))
    if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
        raise Refused(filled(MODERATED, server))
    ran_out = choice.get("finish_reason") == "length"
    content = server.without_key(_content(message))
    text = _summary_text(server, content, ran_out, bool(_thoughts(message)))
    shortened = shorten(text)
    return Completion(shortened, cut_short=ran_out or shortened != text)


def _first(choices: object) -> dict[str, Any]:
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _status_of(error: object) -> int:
    """The HTTP status inside an error that came with a 200; a fault of the server's if it names none."""
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else 500


def _content(message: Mapping[str, Any]) -> str:
    """The content as text; some models give a list of parts, thoughts among them."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    joined = "".join(text for text in texts if isinstance(text, str))
    return joined.encode(
        errors="replace"
    ).decode()  # JSON can name halves of characters; files can't hold them


def _thoughts(message: Mapping[str, Any]) -> object:
    return message.get("reasoning_content") or message.get("reasoning")


THINKING = re.compile(r"\s*<(think|thinking|reasoning)>(.*?)(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
END_OF_THINKING = re.compile(r"^\s*</(think|thinking|reasoning)>\s*$", re.MULTILINE | re.IGNORECASE)


def _summary_text(server: Server, content: str, ran_out: bool, thoughts: bool) -> str:
    text = without_thinking(content)
    if text:
        return text
    fault = NO_ROOM if ran_out else ONLY_THOUGHTS if thoughts or content.strip() else EMPTY
    raise Refused(filled(fault, server))


def without_thinking(content: str) -> str:
    """The text after leading think blocks; empty if one never ends."""
    text = content
    while block := THINKING.match(text):
        text = text[block.end() :]
    end = END_OF_THINKING.search(text)
    if end and "<think" not in text[: end.start()]:  # some chat templates open the block inside the prompt
        text = text[end.end() :]
    return text.strip()


def shorten(text: str) -> str:
    """At most MOST_SUMMARY_CHARS, cut at the end of a line."""
    return truncate(text, MOST_SUMMARY_CHARS, "", ["\n"])


def token_counts(reply: object) -> tuple[int | None, int | None]:
    """(input, output) tokens as the server counted them, None where it didn't."""
    usage = reply.get("usage") if isinstance(reply, dict) else None
    if not isinstance(usage, dict):
        return None, None
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
