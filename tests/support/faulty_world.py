"""The sample's local arXiv and model, with faults on demand, and what they were asked.

A fault is `{"on": site, "kind": kind}` and, if wanted, `"after": n` (the first n requests are spared),
`"times": n` (then it is over), `"seconds": s`, `"method": "GET"` (only such requests). Sites and kinds:
`KINDS`. `answering` makes one with an answer of one's own.
"""

import contextlib
import datetime as dt
import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from paperbot.sample.papers import AnnouncedPaper
from paperbot.sample.server import Reply

Fault = dict[str, Any]
Site = Literal["api", "feed", "pdf", "files", "chat"]
Way = Literal["whole", "cut", "slow_drip", "hang", "reset"]

HTML = Reply(200, "text/html", b"<html><body>Please enable JavaScript</body></html>")
HOSTILE = (
    "\n\n# A heading\n\n</details>\n\n</td></tr></table>\n\n<!-- never closed\n\n"
    "<script>alert(1)</script>\n\n![x](https://evil.example/p.png)\n\n[x](javascript:alert(1))\n\n[click][1]\n\n"
    "[1]: https://evil.example\n\n@someone and #123, $ unbalanced and $$ again\n\n"
    "| a | b |\n|---|\n| 1 | 2 | 3 |\n\n"
    "right \u202e to left, a NUL \x00 here, a zero width\u200b space\n\n```python\nprint('never closed')\n"
)
ENTRY = re.compile(rb"  <entry>.*?</entry>\n", re.DOTALL)
TOTAL = re.compile(rb"(<opensearch:totalResults>)\d+")
DAY = dt.timedelta(days=1)
KEEP = 0.6
HUGE_BYTES = 60_000_000


class Asked(NamedTuple):
    """One request."""

    site: Site
    method: str
    path: str
    paper: str
    """The id of the paper that it is about, where there is one."""
    key: str
    """Of the Authorization header."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer, and how it goes out."""

    reply: Reply
    way: Way = "whole"
    seconds: float = 30.0
    headers: tuple[tuple[str, str], ...] = ()


class FaultyWorld(SampleWorld):
    """Use as a context manager; `faults` may be changed at any time."""

    def __init__(
        self,
        clock: dt.datetime = SAMPLE_CLOCKS[0],
        faults: Sequence[Fault] = (),
        papers: Sequence[AnnouncedPaper] | None = None,
    ) -> None:
        self.asked: list[Asked] = []
        self.on_request: Callable[[Asked], None] = lambda asked: None
        self._lock, self._over = threading.Lock(), threading.Event()
        self.faults = faults
        super().__init__(clock, papers)

    @property
    def faults(self) -> Sequence[Fault]:
        return self._faults

    @faults.setter
    def faults(self, faults: Sequence[Fault]) -> None:
        unknown = [fault for fault in faults if fault["kind"] not in KINDS[fault["on"]]]
        assert not unknown, unknown
        with self._lock:
            self._faults, self._seen = faults, [0] * len(faults)
            self.fired = [0] * len(faults)
            """How often each fault happened."""

    def __exit__(self, *error: Any) -> None:
        self._over.set()
        super().__exit__(*error)

    def count(self, site: Site, method: str = "") -> int:
        """How many requests of a kind there were."""
        return sum(asked.site == site and asked.method.startswith(method) for asked in list(self.asked))

    @property
    def sites(self) -> list[Site]:
        """Who was asked, request by request."""
        return [asked.site for asked in list(self.asked)]

    def papers_asked_about(self) -> list[str]:
        """The ids of the papers whose summaries were asked for, in turn."""
        return [asked.paper for asked in list(self.asked) if asked.site == "chat" and asked.paper]

    def deliver(self, method: str, target: str, key: str, body: bytes) -> Delivery:
        """What goes out for one request."""
        asked = Asked(_site(target), method, urlsplit(target).path, self._paper_in(body), key)
        with self._lock:
            self.asked.append(asked)
            fault = self._fault_for(asked)
        self.on_request(asked)
        if fault and (instead := self._replacement(asked, fault)):
            headers = (("Retry-After", str(fault["retry_after"])),) if "retry_after" in fault else ()
            return Delivery(instead, headers=headers)
        usual = self.answer(method, target, key, body)
        return self._changed(asked, target, usual, fault) if fault else Delivery(usual)

    def _replacement(self, asked: Asked, fault: Fault) -> Reply | None:
        """An answer that is sent without doing what was asked for."""
        change = fault.get("reply") or CHANGES[asked.site].get(fault["kind"], STATUSES.get(fault["kind"]))
        return change if isinstance(change, Reply) else None

    def _paper_in(self, body: bytes) -> str:
        """The summary's request names its paper's file, or holds its title."""
        text = body.decode("utf-8", "replace")
        file = re.search(r"fileid://([\w-]+)", text)
        if file and file[1] in self.model.files:
            text = str(self.model.files[file[1]]["filename"])
        found = re.search(r"\d{4}\.\d{5}", text)
        return found[0] if found else ""

    def _fault_for(self, asked: Asked) -> Fault | None:
        for at, fault in enumerate(self._faults):
            method = "POST" if fault["kind"] in UPLOADS_ONLY else fault.get("method", asked.method)
            if fault["on"] != asked.site or asked.method != method:
                continue
            self._seen[at] += 1
            number = self._seen[at] - fault.get("after", 0)
            if 1 <= number <= fault.get("times", number):
                self.fired[at] += 1
                return fault
        return None

    def _changed(self, asked: Asked, target: str, usual: Reply, fault: Fault) -> Delivery:
        kind, seconds = fault["kind"], float(fault.get("seconds", 30))
        if kind in WAYS:
            return Delivery(usual, WAYS[kind], seconds)
        if kind == "stale":
            return Delivery(self.query(dict(parse_qsl(urlsplit(target).query)), self.clock - DAY))
        if kind == "never_processed":
            file = self.model.files[json.loads(usual.body)["id"]]
            file["status"] = "uploaded"
            return Delivery(usual._replace(body=json.dumps(file).encode()))
        change = CHANGES[asked.site][kind]
        assert not isinstance(change, Reply)
        return Delivery(change(usual))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (FaultyHandler,), {"world": self, "over": self._over})


class FaultyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement
    world: Any
    """What `deliver`s; it is told the latest request's headers."""
    over: threading.Event

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # a client that has gone, or was killed
            super().handle()

    def do_GET(self) -> None:
        length = int(self.headers["Content-Length"] or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # whoever asked was killed meanwhile
            self.close_connection = True
            return
        key, self.world.headers_seen = self.headers["Authorization"] or "", self.headers
        self._send(self.world.deliver(self.command, self.path, key, body))

    do_POST = do_DELETE = do_GET

    def _send(self, delivery: Delivery) -> None:
        reply, way = delivery.reply, delivery.way
        self.close_connection = way != "whole"
        if way in ("hang", "reset"):
            self.over.wait(delivery.seconds if way == "hang" else 0)
            return
        self.send_response_only(reply.status)
        headers = (("Content-Type", reply.content_type), ("Content-Length", str(len(reply.body))))
        for name, value in (*headers, *delivery.headers):
            self.send_header(name, value)
        self.end_headers()
        if way == "slow_drip":
            self._drip(reply.body, delivery.seconds)
        self.wfile.write(reply.body[: int(len(reply.body) * KEEP)] if way == "cut" else reply.body)

    def _drip(self, body: bytes, seconds: float) -> None:
        """A byte at a time, for so long."""
        end = time.monotonic() + seconds
        for at in range(len(body)):
            self.wfile.write(body[at : at + 1])
            self.wfile.flush()
            if self.over.wait(0.05) or time.monotonic() > end:
                raise ConnectionAbortedError

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def _site(target: str) -> Site:
    for beginning, site in SITES.items():
        if target.startswith(beginning):
            return site
    raise AssertionError(f"unexpected: {target}")


def answering(site: Site, status: int, body: str = "", **more: Any) -> Fault:
    """A fault: this answer, without doing what was asked for."""
    reply = Reply(status, "application/json", body.encode())
    return {"on": site, "kind": "500", "reply": reply, **more}


def _error(status: int, message: str, code: str = "") -> Reply:
    error = {"message": message, "type": code, "param": None, "code": code}
    return Reply(status, "application/json", json.dumps({"error": error}).encode())


def _completion(**changes: Any) -> Callable[[Reply], Reply]:
    """The usual completion with other words, or another end."""

    def change(usual: Reply) -> Reply:
        if usual.status != 200:
            return usual
        reply = json.loads(usual.body)
        choice = reply["choices"][0]
        choice["finish_reason"] = changes.get("finish", "stop")
        if "keep" in changes:
            text = choice["message"]["content"]
            choice["message"]["content"] = text[: int(len(text) * changes["keep"])]
        choice["message"]["content"] = changes.get("before", "") + choice["message"]["content"]
        choice["message"]["content"] += changes.get("behind", "")
        fields = {name: changes[name] for name in ("content", "reasoning_content") if name in changes}
        choice["message"] |= fields
        return usual._replace(body=json.dumps(reply).encode())

    return change


def _body(change: Callable[[bytes], bytes]) -> Callable[[Reply], Reply]:
    return lambda usual: usual._replace(body=change(usual.body))


def _without_dates(body: bytes) -> bytes:
    return re.sub(rb"    <published>.*?</published>\n", b"", body, count=1)


def _twice(body: bytes) -> bytes:
    first = ENTRY.search(body)
    return body.replace(b"</feed>", first[0] + b"</feed>") if first else body


def _without_entries(body: bytes) -> bytes:
    return ENTRY.sub(b"", body)


def _nothing(body: bytes) -> bytes:
    return TOTAL.sub(rb"\g<1>0", ENTRY.sub(b"", body))


SITES: dict[str, Site] = {
    "/api/": "api",
    "/atom/": "feed",
    "/pdf/": "pdf",
    "/v1/files": "files",
    "/v1/chat/": "chat",
}
WAYS: dict[str, Way] = {"cut": "cut", "slow_drip": "slow_drip", "hang": "hang", "reset": "reset"}
STATUSES = {
    "400": Reply(400, "text/plain", b"Bad request"),
    "403": Reply(403, "text/plain", b"Forbidden"),
    "404": Reply(404, "text/plain", b"Not found"),
    "406": Reply(406, "text/plain", b"Not acceptable"),
    "429": Reply(429, "text/plain", b"Rate exceeded."),
    "500": Reply(500, "text/plain", b"Internal server error"),
    "503": Reply(503, "text/html", b"<html><body>Service unavailable</body></html>"),
}
CHANGES: dict[Site, dict[str, Reply | Callable[[Reply], Reply]]] = {
    "feed": {},
    "api": {
        "truncated": _body(lambda body: body[: int(len(body) * KEEP)]),
        "not_xml_200": HTML,
        "empty_200": _body(_nothing),
        "empty_total": _body(_without_entries),
        "missing_published": _body(_without_dates),
        "duplicate_entries": _body(_twice),
        "zero_bytes": _body(lambda body: b""),
    },
    "pdf": {
        "html_instead": HTML,
        "truncated": _body(lambda body: body[: int(len(body) * KEEP)]),
        "zero_bytes": _body(lambda body: b""),
        "huge": _body(lambda body: body + b"\0" * HUGE_BYTES),
    },
    "files": {
        "401": _error(401, "Incorrect API key provided.", "invalid_api_key"),
        "parsing_error": _error(400, "File: file-1 parsing error", "invalid_parameter_error"),
    },
    "chat": {
        "401": _error(401, "Incorrect API key provided.", "invalid_api_key"),
        "402": _error(402, "Insufficient Balance"),
        "404_model": _error(404, "The model does not exist.", "model_not_found"),
        "arrearage": _error(400, "Access denied: account not in good standing.", "Arrearage"),
        "data_inspection_failed": _error(
            400, "Input data may contain inappropriate content.", "data_inspection_failed"
        ),
        "limit_requests": _error(429, "You exceeded your current rate.", "limit_requests"),
        "insufficient_quota": _error(429, "You exceeded your quota.", "insufficient_quota"),
        "html_200": HTML,
        "error_200": _error(200, "Something failed.", "internal_error"),
        "empty_content": _completion(content=""),
        "length": _completion(finish="length", keep=0.5),
        "content_filter": _completion(finish="content_filter", content=""),
        "unclosed_think": _completion(content="<think>Let me see"),
        "reasoning_content": _completion(content="", reasoning_content="Let me see"),
        "think": _completion(before="<think>\nLet me see\n</think>\n\n"),
        "huge_output": _completion(behind="\n\nOnce more: it is fast." * 40_000),
        "false_numbers": _completion(behind="\n\nIt is 873.21 times faster, with 41.07 % of the memory."),
        "injected": _completion(behind=HOSTILE),
        "invalid_utf8": _body(lambda body: body.replace(b"content\": \"", b"content\": \"\xff\xfe", 1)),
    },
}  # fmt: skip
UPLOADS_ONLY = {"parsing_error", "never_processed"}
ELSEWHERE = {"api": {"stale"}, "files": {"never_processed"}}
KINDS: dict[str, set[str]] = {
    site: {*WAYS, *STATUSES, *changes, *ELSEWHERE.get(site, ())} for site, changes in CHANGES.items()
}
