"""A scriptable OpenAI-compatible server on loopback.

It says what it was told to say, in turn, then its usual answer. What it doesn't know it refuses, and
`FakeEndpoint.__exit__` fails the test that asked for it.
"""

import json
import re
import secrets
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any

from paperbot.sample import SampleWorld
from paperbot.sample import server as sample
from tests.support.faulty_world import Delivery, FaultyHandler, Way

KEY = "sk-a-key-for-tests-0123456789"
TEXT = "## Contribution\n\nIt is 2.5x faster.\n\n## Results\n\nAccuracy is 84.4%."
FOREVER_SECONDS = 600
KNOWN_PARAMETERS = {"model", "messages", "stream", "max_tokens", "max_completion_tokens", "enable_thinking"}


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    body: Any
    """The parsed JSON, or the name and bytes of an uploaded file."""


@dataclass(frozen=True)
class Reply:
    """One answer, and how it misbehaves on its way."""

    body: object = ""
    """Bytes and text go out as they are, all else as JSON."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    way: Way = "whole"
    """Without a body it happens to the usual answer."""
    seconds: float = 0.0
    """Before the first byte."""

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        text = self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)
        return text.encode()


@dataclass(frozen=True)
class Provider:
    """What a server can do. The forms of real ones' answers and errors: `provider_world`."""

    model: str
    takes_files: bool = False
    needs_key: bool = True
    context_tokens: int | None = None
    """What goes beyond is silently cut."""


DASHSCOPE, OPENAI = Provider("qwen-long", takes_files=True), Provider("gpt-5-mini")
OLLAMA = Provider("llama3.2", needs_key=False, context_tokens=4096)


def _completion(
    text: str, tokens_in: int, tokens_out: int, finish: str = "stop", **message: object
) -> dict[str, Any]:
    choice = {"message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
    usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}
    return {"object": "chat.completion", "choices": [choice], "usage": usage}


def _error(status: int, message: str, code: str) -> Reply:
    return Reply({"error": {"message": message, "type": code, "param": None, "code": code}}, status)


ERRORS = {
    "wrong key": _error(401, f"Incorrect API key provided: {KEY}.", "invalid_api_key"),
    "no credit": _error(400, "Access denied: your account is not in good standing.", "Arrearage"),
    "free tier only": _error(403, "The free tier is exhausted.", "AllocationQuota.FreeTierOnly"),
    "no model": _error(404, "The model `m` does not exist.", "model_not_found"),
    "busy": _error(429, "You exceeded your current quota.", "insufficient_quota"),  # so says DashScope
    "too long": _error(400, "Range of input length should be [1, 9000]", "invalid_parameter_error"),
    "moderated": _error(400, "Input data may contain inappropriate content.", "data_inspection_failed"),
    "trouble": _error(500, "An internal error has occurred, please try again later.", "internal_error"),
    "file not ready": _error(400, "File parsing in progress, try again later.", "invalid_parameter_error"),
    "file broken": _error(400, "File: file-fe-1 parsing error", "invalid_parameter_error"),
}


class FakeEndpoint(SampleWorld):
    """Use as a context manager; `say` what it shall answer, and look at `requests` afterwards."""

    key = KEY
    headers_seen: Any
    """Of the latest request."""

    def __init__(self, provider: Provider = DASHSCOPE) -> None:
        self.provider = provider
        self.requests: list[Request] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.statuses = ["processed"]
        """Of a file, look by look; the last one stays."""
        self.reads_files = True
        """False: files are taken, and the model does not get to see them."""
        self.most_at_once = self._at_once = 0
        self._over = threading.Event()
        self._script: dict[str, list[Reply]] = defaultdict(list)
        self._unexpected: list[str] = []
        self._lock = threading.Lock()
        super().__init__(papers=())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        super().__exit__(kind, error, trace)
        if kind is None:
            assert not self._unexpected, f"nobody expected {self._unexpected}"
            left = {to: len(replies) for to, replies in self._script.items() if replies}
            assert not left, f"never said: {left}"

    def say(self, *replies: Reply | str, to: str = "POST /chat/completions") -> None:
        """What to answer next: an error by its name, or any reply; `to` also `POST /files` and so on."""
        named = [ERRORS[reply] if isinstance(reply, str) else reply for reply in replies]
        with self._lock:
            self._script[to] += named

    def forget(self) -> None:
        """What was to be said next is not said."""
        self._script.clear()

    def completion(self, text: str = TEXT, *, finish: str = "stop", **message: object) -> dict[str, Any]:
        """A completion, to be changed and said."""
        return _completion(text, 1000, 200, finish, **message)

    def asked(self, what: str = "POST /chat/completions") -> list[Request]:
        """The requests of one kind, by method and the beginning of the path."""
        return [request for request in self.requests if f"{request.method} {request.path}".startswith(what)]

    def deliver(self, method: str, target: str, key: str, body: bytes) -> Delivery:
        """What goes out for one request."""
        request = Request(method, target.removeprefix("/v1"), _parsed(body))
        is_chat = target.endswith("/chat/completions")
        with self._lock:
            self.requests.append(request)
            script = self._script[f"{method} {request.path.partition('?')[0]}"]
            told = script.pop(0) if script else None
            self._at_once += is_chat
            self.most_at_once = max(self.most_at_once, self._at_once)
        if self.provider.needs_key and key != f"Bearer {self.key}":
            reply = ERRORS["wrong key"]
        elif told and (told.body or told.way == "whole"):
            reply = told
        else:
            usual = self._usual(request)
            reply = replace(usual, way=told.way) if told else usual
        self._over.wait(reply.seconds)
        with self._lock:
            self._at_once -= is_chat
        kind = "application/json" if not isinstance(reply.body, str) else "text/html; charset=utf-8"
        sent = sample.Reply(reply.status, kind, reply.data)
        return Delivery(sent, reply.way, FOREVER_SECONDS, tuple(reply.headers.items()))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (FaultyHandler,), {"world": self, "over": self._over})

    def _usual(self, request: Request) -> Reply:
        path = request.path.partition("?")[0]
        if (request.method, path) == ("POST", "/chat/completions"):
            return self._chat(request.body)
        if path.partition("/files")[0] == "" and self.provider.takes_files:
            return self._file(request.method, path.removeprefix("/files").strip("/"), request)
        if not path.startswith("/files"):
            self._unexpected.append(f"{request.method} {request.path}")
        return _error(404, "Not found.", "not_found")

    def _chat(self, body: Any) -> Reply:
        if unknown := set(body) - KNOWN_PARAMETERS:
            self._unexpected.append(f"chat with {sorted(unknown)}")
            return _error(400, f"Unsupported parameter: {sorted(unknown)}", "unsupported_parameter")
        texts = [str(message["content"]) for message in body["messages"]]
        file_ids = re.findall(r"fileid://([\w-]*)", " ".join(texts))
        for file_id in file_ids:
            if self.provider.takes_files and file_id not in self.files:
                return _error(400, f"File [id:{file_id}] cannot be found.", "invalid_parameter_error")
        read = sum(self.files[file_id].get("tokens", 0) for file_id in file_ids if self.reads_files)
        tokens = min(sum(map(len, texts)) // 4 + read, self.provider.context_tokens or 10**9)
        return Reply(_completion(TEXT, tokens, len(TEXT) // 4))

    def _file(self, method: str, file_id: str, request: Request) -> Reply:
        with self._lock:
            if method == "POST":
                file_id = f"file-fe-{secrets.token_hex(8)}"
                name, data = request.body
                self.files[file_id] = {"id": file_id, "filename": name, "looks": 0, "tokens": len(data) // 4}
                return Reply(self._looked_at(file_id))
            if not file_id:
                listed = [dict(file) for file in self.files.values()]
                return Reply({"object": "list", "data": listed, "has_more": False})
            if file_id not in self.files:
                return _error(404, "No such File object.", "not_found")
            if method == "DELETE":
                del self.files[file_id]
                return Reply({"id": file_id, "object": "file", "deleted": True})
            return Reply(self._looked_at(file_id))

    def _looked_at(self, file_id: str) -> dict[str, Any]:
        file = self.files[file_id]
        file["status"] = self.statuses[min(file["looks"], len(self.statuses) - 1)]
        file["looks"] += 1
        return dict(file)


def _parsed(body: bytes) -> Any:
    if not body.startswith(b"--"):
        return json.loads(body) if body else None
    name = re.search(rb'filename="([^"]*)"', body)
    start = body.index(b"\r\n\r\n", name.start() if name else 0) + 4
    return (name[1].decode() if name else "", body[start : body.rindex(b"\r\n--")])
