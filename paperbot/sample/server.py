"""A local arXiv and a local model's server behind one port of this machine, for `--sample` and for tests."""

import datetime as dt
import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from paperbot.sample.feed import BadQuery, announcement_feed, answer_query, error_feed
from paperbot.sample.model_server import KEY, ModelServer, Refusal, events_of
from paperbot.sample.papers import SAMPLE_CLOCKS, AnnouncedPaper, known_at, sample_papers
from paperbot.sources.calendar import EASTERN

ATOM = "application/atom+xml; charset=utf-8"
EVENT_STREAM = "text/event-stream; charset=utf-8"


class Reply(NamedTuple):
    """An answer over HTTP."""

    status: int
    content_type: str
    body: bytes


class SampleWorld:
    """Serves papers, by default the invented ones, on 127.0.0.1 while entered.

    `clock` decides what has been announced.
    """

    key = KEY

    def __init__(
        self, clock: dt.datetime = SAMPLE_CLOCKS[0], papers: Sequence[AnnouncedPaper] | None = None
    ) -> None:
        self.clock = clock
        self.papers = sample_papers() if papers is None else papers
        self.model = ModelServer(lambda: self.known(self.clock))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def api_url(self) -> str:
        return f"{self.address}/api/query"

    @property
    def pdf_url(self) -> str:
        """The address of a PDF, with `{id}` for the paper's id, with or without its version."""
        return f"{self.address}/pdf/{{id}}"

    @property
    def llm_url(self) -> str:
        return f"{self.address}/v1"

    @property
    def rss_url(self) -> str:
        """The address of the feed, with `{categories}` for their names, joined by `+`."""
        return f"{self.address}/atom/{{categories}}"

    def known(self, clock: dt.datetime) -> dict[str, AnnouncedPaper]:
        """What the arXiv API knows at that time, by id."""
        return known_at(clock, self.papers)

    def answer(self, method: str, target: str, key: str, body: bytes) -> Reply:
        """What the server says to one request; `key` is the Authorization header."""
        url = urlsplit(target)
        match url.path.strip("/").split("/"):
            case ["api", "query"]:
                return self.query(dict(parse_qsl(url.query)), self.clock)
            case ["atom", names]:
                day = self.clock.astimezone(EASTERN).date()
                papers = [known.paper for known in self.known(self.clock).values() if known.listing == day]
                return Reply(200, ATOM, announcement_feed(unquote(names), papers, day).encode())
            case ["pdf", name]:
                known = self.known(self.clock).get(name.partition("v")[0])
                if known and name in (known.paper.id, known.paper.versioned_id):
                    return Reply(200, "application/pdf", known.pdf())
                return Reply(404, "text/plain", b"No such paper")
            case ["v1", *path]:
                return self._ask_model([method, *path], key, body)
        return Reply(404, "text/plain", b"Not found")

    def query(self, asked: dict[str, str], indexed_until: dt.datetime) -> Reply:
        """The API's answer from an index of that time."""
        papers = [known.paper for known in self.known(indexed_until).values()]
        try:
            return Reply(200, ATOM, answer_query(asked, papers, self.clock).encode())
        except BadQuery as problem:
            return Reply(400, ATOM, error_feed(str(problem), self.clock).encode())

    def _ask_model(self, request: list[str], key: str, body: bytes) -> Reply:
        try:
            if key != f"Bearer {self.key}":
                raise Refusal(401, "invalid_api_key", "Incorrect API key provided.")
            return self._answer_of_model(request, body)
        except Refusal as refusal:
            error = {"message": str(refusal), "type": refusal.code, "param": None, "code": refusal.code}
            return _json({"error": error}, refusal.status)

    def _answer_of_model(self, request: list[str], body: bytes) -> Reply:
        match request:
            case ["POST", "chat", "completions"]:
                asked = json.loads(body)
                completion = self.model.complete(asked)
                if not asked.get("stream"):
                    return _json(completion)
                with_usage = (asked.get("stream_options") or {}).get("include_usage", False)
                return Reply(200, EVENT_STREAM, events_of(completion, with_usage).encode())
            case ["POST", "files"]:
                return _json(self.model.upload(body))
            case ["GET", "files"]:
                return _json({"object": "list", "data": [*self.model.files.values()], "has_more": False})
            case ["GET", "files", file_id]:
                return _json(self.model.retrieve(file_id))
            case ["DELETE", "files", file_id]:
                return _json(self.model.delete(file_id))
        raise Refusal(404, "invalid_request_error", f"Unknown request: {' '.join(request)}")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                reply = world.answer(self.command, self.path, self.headers["Authorization"] or "", body)
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_POST = do_DELETE = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        return Handler


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(status, "application/json", json.dumps(value).encode())
