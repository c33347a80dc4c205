"""What an answer holds: the model's text and its price in tokens, or a failure. All of it is untrusted."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from paperbot.summaries.error_bodies import plain_line, read_error
from paperbot.summaries.error_rules import (
    BROKEN_TEXT,
    EMPTY,
    NO_OUTPUT_LEFT,
    NOT_JSON,
    ONLY_THOUGHTS,
    UNFINISHED,
)
from paperbot.summaries.error_table import MODERATED
from paperbot.summaries.errors import SummaryError, classify, failure
from paperbot.summaries.server import Server
from paperbot.summaries.thoughts import without_thoughts
from paperbot.text import truncate

MAX_SUMMARY_CHARS = 40_000
"""About ten times a long summary."""
MAX_CONTENT_CHARS = 400_000
"""Thoughts included."""

Json = Any


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote, and what it cost."""

    text: str
    cut_short: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    counted_input: bool = False
    """The server counted the input; otherwise it is an estimate."""


class End(Enum):
    """Why a model stopped writing."""

    FINISHED = "finished"
    CUT = "cut"
    MODERATED = "moderated"
    FAILED = "failed"
    """Also what is not known: only a known end is complete."""


_FINISHED = re.compile(
    "natural|(natural|normal|model)?stop(ped|ping)?(sequences?|token|tokens|word|words|string|str|criteria"
    "|eos)?|(stop)?(end"
    "|done)(of)?(turn|sequence|sentence|message|text|stream)?(reached)?"
    "|(hit)?eos(token)?(found|reached)?|textend|final|eot|eod|imend|complete[d]?|finish(ed)?|done|success"
    "|normal|endturn"
)
_CUT = re.compile(
    ".*length.*|.*budget.*|.*(max|many).*token.*|.*token.*limit.*|.*limit.*tokens?|toolong|.*truncat.*"
    "|incomplete|.*context.*(window|exceed|limit"
    "|overflow).*|.*output.*limit.*|max(output|new)?|(stop(ped)?|error)?limit(reached)?"
)
_MODERATED = re.compile(
    ".*(contentfilter|filtered|safety|recitation|sensitive|prohibited|blocklist|spii|refus|moderat|blocked"
    "|guardrail|policy|flagged|copyright|censor|violation|illegal|inspection|harm|unsafe|risk|toxic|armor"
    "|language).*"
)


def end_of(reason: object) -> End:
    """The family of a finish reason in any spelling: `stop`, `END_TURN`, `FINISH_REASON_STOP`."""
    if not isinstance(reason, str):
        return End.FAILED
    name = re.sub("[^a-z]", "", reason.lower())
    name = re.sub("^(finish|stop|end)?reason", "", name) or name
    for end, pattern in ((End.FINISHED, _FINISHED), (End.MODERATED, _MODERATED), (End.CUT, _CUT)):
        if pattern.fullmatch(name):
            return end
    return End.FAILED


def read_reply(server: Server, body: bytes) -> Json:
    """The value of a body: JSON, or an event stream put together as one completion. Raises SummaryError."""
    text = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if _STREAM_START.match(text):
        return _from_stream(text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SummaryError(failure(NOT_JSON, server)) from None


def check_utf8(server: Server, body: bytes) -> None:
    """Raises SummaryError for a body with broken characters: digits may be among them."""
    try:
        body.decode()
    except UnicodeDecodeError:
        raise SummaryError(failure(BROKEN_TEXT, server)) from None


_STREAM_START = re.compile(r"(?::[^\n\r]*|data:|event:|id:|retry:)")


def _from_stream(text: str) -> Json:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html; the last error in it counts most."""
    content, thoughts, end, usage, is_done = [], [], None, None, False
    for data in _events(text):
        if data.strip() == "[DONE]":
            is_done = True
            continue
        try:
            chunk = json.loads(data.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            continue  # a broken event: then the end is missing, or the figures are checked
        if not isinstance(chunk, dict) or _error_in(chunk):
            return chunk
        usage = chunk.get("usage") or usage
        choice = _first(chunk.get("choices"))
        delta = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
        if isinstance(delta, dict):
            content.append(_content(delta))
            thoughts.append(str(_thoughts(delta) or ""))
        end = _end_reason(choice) or end
    message = {"content": "".join(content), "reasoning_content": "".join(thoughts)}
    return {
        "choices": [{"message": message, "finish_reason": end or ("stop" if is_done else None)}],
        "usage": usage,
    }


def _events(text: str) -> Iterator[str]:
    """The data of each event, several lines of it joined; some gateways leave out the empty line between."""
    lines: list[str] = []
    for line in [*re.split(r"\r\n|\n|\r", text), ""]:
        if line.startswith("data:"):
            data = line[5:].removeprefix(" ")
            if lines and data.startswith(("{", "[DONE]")):
                yield "\n".join(lines)
                lines = []
            lines.append(data)
        elif not line and lines:
            yield "\n".join(lines)
            lines = []


def read_completion(server: Server, reply: Json) -> Completion:
    """The model's text, its cost not yet filled in; raises SummaryError if there is none."""
    if error := _error_in(reply):
        raise SummaryError(classify(server, 200, error))
    choice = _first(reply.get("choices")) if isinstance(reply, dict) else {}
    message = choice.get("message")
    message = {"content": choice.get("text")} if message is None and choice.get("text") else message
    if not isinstance(message, dict):
        raise SummaryError(failure(NOT_JSON, server))
    reason = _end_reason(choice)
    end = End.MODERATED if message.get("refusal") else end_of(reason)
    if end is End.MODERATED:
        raise SummaryError(failure(MODERATED, server))
    if end is End.FAILED:
        described = f"“{plain_line(str(reason))}”" if reason else "no reason"
        raise SummaryError(failure(UNFINISHED, server, reason=described.replace("{", "(").replace("}", ")")))
    content = server.without_key(_content(message)).replace("\r\n", "\n")[:MAX_CONTENT_CHARS]
    text = unwrapped(without_thoughts(content))
    if not text:
        without_text = ONLY_THOUGHTS if _thoughts(message) or content.strip() else EMPTY
        raise SummaryError(failure(NO_OUTPUT_LEFT if end is End.CUT else without_text, server))
    shortened = truncate(text, MAX_SUMMARY_CHARS, "", ["\n"])
    return Completion(shortened, cut_short=end is End.CUT or shortened != text)


def _error_in(reply: Json) -> Json:
    """The part of a reply that says what went wrong, None in a completion."""
    if isinstance(reply, list):
        return reply if any(isinstance(item, dict) and item for item in reply) else None
    if isinstance(reply, str):
        return reply
    if not isinstance(reply, dict):
        return None
    choice = _first(reply.get("choices"))
    status = reply.get("base_resp")
    if reply.get("error") or choice.get("error") or (isinstance(status, dict) and status.get("status_code")):
        return reply if not choice.get("error") else choice
    if choice or isinstance(reply.get("usage"), dict) and "choices" in reply and not _names_error(reply):
        return None
    return reply if _names_error(reply) else None


def _names_error(reply: Mapping[str, Json]) -> bool:
    known = {
        name: value
        for name, value in reply.items()
        if name not in ("id", "object", "model", "created", "usage")
    }
    error = read_error(known)
    return bool(error.message or error.codes)


def _first(choices: Json) -> dict[str, Any]:
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _end_reason(choice: Mapping[str, Json]) -> Json:
    names = ("finish_reason", "finishReason", "native_finish_reason", "stop_reason")
    return next((choice[name] for name in names if choice.get(name)), None)


def _content(message: Mapping[str, Any]) -> str:
    """The content as text; some models give a part or a list of parts, thoughts among them."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    texts = [
        part.get("text") if isinstance(part, dict) else part
        for part in parts
        if not isinstance(part, dict) or part.get("type", "text") in ("text", "output_text")
    ]
    joined = "".join(text for text in texts if isinstance(text, str))
    # JSON can name halves of characters; files can't hold them.
    return (
        joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\ufffd", "?")
        if re.search("[\ud800-\udfff]", joined)
        else joined
    )


def _thoughts(message: Mapping[str, Any]) -> object:
    return message.get("reasoning_content") or message.get("reasoning") or message.get("thinking")


_FENCED = re.compile(
    r"^[ \t]{0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?:(?:markdown|mdx?)\b[^\n#]*|(?:plain)?text"
    r"|txt)?[ \t]*\n(?P<inside>.*)"
    r"\n[ \t]{0,3}(?P=fence)[ \t]*$",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_NEVER_CLOSED = re.compile(
    r"\A\s*(?P<fence>`{3,}|~{3,})[ \t]*(?:(?:markdown|mdx?)\b[^\n#]*\n"
    r"|(?:(?:plain)?text|txt)?[ \t]*\n(?!.*^[ \t]*(?P=fence)[ \t]*$))",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
"""The first line of a block around a summary that was cut."""
MAX_PREFACE_CHARS = 300


def unwrapped(text: str) -> str:
    """A summary without the code block that some models put around it, behind a line of preface."""
    found = _FENCED.search(text)
    if (
        not found
        or f"\n{found['fence']}" in found["inside"]
        and found["inside"].count(f"\n{found['fence']}") % 2
    ):
        return _NEVER_CLOSED.sub("", text)
    before, after = text[: found.start()].strip(), text[found.end() :].strip()
    is_wrapper = len(before) + len(after) <= MAX_PREFACE_CHARS and len(found["inside"]) > 2 * (
        len(before) + len(after)
    )
    has_headings = re.search(r"^#{1,6} ", f"{before}\n{after}", re.MULTILINE)
    is_preface = not before or ("\n\n" not in before and before.endswith((":", "：", ".", "。", "!", "！")))
    return found["inside"].strip() if is_wrapper and is_preface and not has_headings else text


def token_counts(reply: Json) -> tuple[int | None, int | None]:
    """(input, output) tokens as the server counted them; None where it didn't, or says 0."""
    usage = reply.get("usage") if isinstance(reply, dict) else None
    if not isinstance(usage, dict):
        return None, None
    asked = _count(usage.get("prompt_tokens")) or _count(usage.get("input_tokens")) or None
    answered = _count(usage.get("completion_tokens"))
    return asked, _count(usage.get("output_tokens")) if answered is None else answered


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None
