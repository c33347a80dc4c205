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
    "natural|(natural)?stop(ped|ping)?(sequence|token|tokens|word|words|string|str|criteria|eos)?|(stop)?(end"
    "|done)(of)?(turn|sequence|message|text|stream)?"
    "|eos(token)?(found)?|eot|eod|imend|complete[d]?|finish(ed)?|done|success|normal|endturn"
)
_CUT = re.compile(
    ".*length.*|.*max.*token.*|.*token.*limit.*|.*limit.*tokens?|toolong|.*truncat.*|incomplete|.*context.*(window|exceed|limit"
    "|overflow).*|.*output.*limit.*|max(output|new)?|limit(reached)?"
)
_MODERATED = re.compile(
    ".*(contentfilter|filtered|safety|recitation|sensitive|prohibited|blocklist|spii|refus|moderat|blocked"
    "|guardrail|policy|censor|violation|illegal|inspection|harm|unsafe|risk|toxic|armor|language).*"
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
    """The data of each event, several lines of it joined."""
    lines: list[str] = []
    for line in [*re.split(r"\r\n|\n|\r", text), ""]:
        if line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
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
    content = server.without_key(_content(message))[:MAX_CONTENT_CHARS]
    text = _answer(server, content, end, bool(_thoughts(message)))
    shortened = shorten(text)
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
    """The content as text; some models give a list of parts, thoughts among them."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    texts = [
        part.get("text")
        for part in parts
        if isinstance(part, dict) and part.get("type", "text") in ("text", "output_text")
    ]
    joined = "".join(text for text in texts if isinstance(text, str))
    # JSON can name halves of characters; files can't hold them.
    return (
        joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\ufffd", "?")
        if _has_halves(joined)
        else joined
    )


def _has_halves(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _thoughts(message: Mapping[str, Any]) -> object:
    return message.get("reasoning_content") or message.get("reasoning") or message.get("thinking")


def _answer(server: Server, content: str, end: End, has_thoughts: bool) -> str:
    text = unwrapped(without_thoughts(content))
    if text:
        return text
    thought = has_thoughts or content.strip()
    raise SummaryError(
        failure(NO_OUTPUT_LEFT if end is End.CUT else ONLY_THOUGHTS if thought else EMPTY, server)
    )


_FENCED = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[ \t]*(?:markdown|md|text|txt)?[ \t]*\n(?P<inside>.*)\n(?P=fence)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
MAX_PREFACE_CHARS = 300


def unwrapped(text: str) -> str:
    """A summary without the code block that some models put around it, behind a line of preface."""
    found = _FENCED.search(text)
    if (
        not found
        or f"\n{found['fence']}" in found["inside"]
        and found["inside"].count(f"\n{found['fence']}") % 2
    ):
        return text
    before, after = text[: found.start()].strip(), text[found.end() :].strip()
    is_wrapper = len(before) + len(after) <= MAX_PREFACE_CHARS and len(found["inside"]) > 2 * (
        len(before) + len(after)
    )
    has_headings = re.search(r"^#{1,6} ", f"{before}\n{after}", re.MULTILINE)
    is_preface = not before or ("\n\n" not in before and before.endswith((":", "：", ".", "。", "!", "！")))
    return found["inside"].strip() if is_wrapper and is_preface and not has_headings else text


MAX_APOLOGY_CHARS = 1_500
_NO_PAPER = re.compile(
    r"(?:do(?:n['’]t| not)|did(?:n['’]t| not)|can(?:['’]t|not| not)|could(?:n['’]t| not)|unable to"
    r"|not able to|no|without|never)\s+(?:\w+\s+){0,6}?"
    r"(?:see|find|access|open|read|view|receive|received|have|get|got|locate|detect|any|actual|uploaded"
    r"|attached)?\s*(?:\w+\s+){0,6}?(?:file|attachment|document|pdf|paper|upload)s?\b"
    r"|(?:file|attachment|document|pdf|paper|upload)s?(?: \S+){0,3}? (?:was|were|is|are|has|have|did|does"
    r"|seems?|appears?)(?: not|n['’]t| to be (?:missing|empty)| missing| empty| to not)\b"
    r"|(?:please|could you) (?:please )?(?:re-?)?(?:upload|attach|provide|share|paste|send)"
    r"|(?:未|没有?|没能|无法|不能|并未|尚未)(?:看到|找到|收到|检测到|读取|访问|打开|查看|获取|接收到|提供"
    r"|上传|直接读取)?[^。\n]{0,16}(?:文件|附件|文档|论文"
    r"|PDF|全文)"
    r"|(?:文件|附件|文档|论文|PDF)[^。\n]{0,12}(?:未|没有|无法|不能|缺失|为空|失败)|请(?:您)?(?:重新"
    r"|先)?(?:上传|提供|粘贴|发送|附上)"
    r"|(?:ファイル|添付|文書|論文|PDF)[^。\n]{0,20}(?:見当たり|見つかり|確認でき|読み取れ|アクセスでき"
    r"|ありません|受け取って)|アップロードして(?:ください|いただ)"
    r"|(?:파일|첨부|문서|논문|PDF)[^.\n]{0,20}(?:없|찾을 수|볼 수|열 수|읽을 수|확인할 수)|업로드해"
    r"|(?:ne (?:vois|trouve|peux|parviens|dispose)|n['’]ai (?:pas|reçu)|aucun)[^.\n]{0,60}(?:fichier"
    r"|document|pièce jointe|article|pdf)|veuillez (?:télé|joindre|fournir|partager)"
    r"|(?:no (?:veo|encuentro|pude|puedo|tengo|he recibido|se ha)|ningún)[^.\n]{0,60}(?:archivo|documento"
    r"|adjunto|artículo|pdf)|por favor,? (?:sube|suba|adjunt|proporcion|comparte)"
    r"|(?:kein\w*|nicht)[^.\n]{0,60}(?:datei|anhang|dokument|pdf|artikel|paper)|(?:datei|anhang|dokument"
    r"|pdf)[^.\n]{0,40}(?:nicht|fehlt|leer)|bitte (?:laden|lade|fügen|stellen|senden)"
    r"|(?:não (?:vejo|encontr|consigo|recebi|há|tenho)|nenhum)[^.\n]{0,60}(?:arquivo|ficheiro|documento"
    r"|anexo|artigo|pdf)|por favor,? (?:envie|anexe|forneça)"
    r"|(?:non (?:vedo|trovo|riesco|ho|è|posso)|nessun)[^.\n]{0,60}(?:file|documento|allegato|articolo|pdf)"
    r"|(?:carica|allega|fornisci)\w* (?:il|un)"
    r"|(?:не (?:вижу|нашел|могу|получ|удалось|прикреп)|нет)[^.\n]{0,60}(?:файл|документ|вложен|стать|pdf)"
    r"|(?:файл|документ|статья|вложение)[^.\n]{0,30} не |no content in (?:the|this) file|not its content"
    r"|пожалуйста,? (?:загруз|прикреп|предостав)",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"\bI\b(?!/)|\bI['’]|\bme\b|sorry|apolog|unfortunately|\bplease|could you|抱歉|对不起|很遗憾"
    r"|请(?!求)|我(?!们)|申し訳|ください|ません|죄송|주세요|désolé|je |j['’]|veuillez"
    r"|lo siento|por favor|veo|puedo|leider|bitte|ich "
    r"|desculp|mi dispiace|spiacente|purtroppo|извин|к сожалению|пожалуйста|я "
    r"|\A\W*(?:unable|cannot|could not|no |there is no|it (?:seems|appears)|(?:the|this|your) (?:content of "
    r"the )?(?:uploaded |attached )?(?:file|document|pdf|attachment)\b|无法|未能|未|没有|文件|附件|由于)",
    re.IGNORECASE,
)


def says_it_saw_no_paper(text: str) -> bool:
    """A short answer that apologises, in one of several languages, for a file it did not see."""
    if len(text) > MAX_APOLOGY_CHARS:
        return False
    start = text[:400]
    is_structured = len(re.findall(r"^#{1,6} ", text, re.MULTILINE)) >= 2
    return not is_structured and bool(_NO_PAPER.search(start) and _FIRST_PERSON.search(start))


def shorten(text: str) -> str:
    """At most MAX_SUMMARY_CHARS, cut at the end of a line."""
    return truncate(text, MAX_SUMMARY_CHARS, "", ["\n"])


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
