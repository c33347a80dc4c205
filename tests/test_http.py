"""The queue towards arXiv, against a real HTTP server on loopback."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request
from werkzeug import Response as Reply

from paperbot import VERSION
from paperbot.network import RetryBudget
from paperbot.sources.http import FetchFailed, InvalidResponse, PoliteSession

DELAY_SECONDS = 0.05
PLENTY_BYTES = 1_000_000


@pytest.fixture
def pauses() -> list[float]:
    return []


@contextlib.contextmanager
def polite(pauses: list[float], timeout_seconds: float = 20) -> Iterator[PoliteSession]:
    """Real requests and a real pace; the pauses after failures are noted instead of slept."""

    def sleep(seconds: float) -> None:
        if seconds > DELAY_SECONDS * 5:
            pauses.append(seconds)
        else:
            time.sleep(seconds)

    with PoliteSession(
        delay_seconds=DELAY_SECONDS,
        timeout_seconds=timeout_seconds,
        contact="https://github.com/ada/papers",
        sleep=sleep,
    ) as session:
        yield session


@pytest.fixture
def session(pauses: list[float]) -> Iterator[PoliteSession]:
    """With a time limit that no busy machine reaches."""
    with polite(pauses) as session:
        yield session


def get(session: PoliteSession, url: str, budget_seconds: float = 9) -> bytes:
    return session.fetch(
        url,
        lambda body: body,
        accept="text/plain",
        max_bytes=PLENTY_BYTES,
        budget=RetryBudget(budget_seconds),
        setting="arxiv.api_url",
    )


def test_no_login_of_the_users_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, httpserver: HTTPServer
) -> None:
    """~/.netrc may have one for every host, or be unreadable."""
    for content in (b"default login ada password secret", b"machine \xff"):
        (tmp_path / "netrc").write_bytes(content)
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        monkeypatch.setattr("paperbot.sources.http.is_loopback", lambda url: False)
        httpserver.expect_ordered_request("/").respond_with_data("fine")
        with PoliteSession(delay_seconds=0) as session:
            get(session, httpserver.url_for("/"))
    assert not any("Authorization" in request.headers for request, _ in httpserver.log)


def test_says_who_asks_and_for_what(session: PoliteSession, httpserver: HTTPServer) -> None:
    seen: list[Request] = []

    def handle(request: Request) -> Reply:
        seen.append(request)
        return Reply("ok", content_type="text/plain")

    httpserver.expect_request("/").respond_with_handler(handle)
    assert get(session, httpserver.url_for("/")) == b"ok"
    assert seen[0].headers["User-Agent"] == f"arxiv-papers-bot/{VERSION} (+https://github.com/ada/papers)"
    assert seen[0].headers["Accept"] == "text/plain"


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        *((status, "busy", {}) for status in (406, 408, 421, 429, 500, 502, 503, 504)),
        (503, "<html>" + "x" * 200_000, {}),
        (503, "", {"Retry-After": "Fri, 01 Jan 2027 00:00:00 +9999999"}),
    ],
)
def test_tries_again_what_may_pass(
    session: PoliteSession,
    httpserver: HTTPServer,
    pauses: list[float],
    status: int,
    body: str,
    headers: dict[str, str],
) -> None:
    for _ in range(2):
        httpserver.expect_ordered_request("/").respond_with_data(body, status=status, headers=headers)
    httpserver.expect_ordered_request("/").respond_with_data("here")
    assert get(session, httpserver.url_for("/")) == b"here"
    first, second = pauses
    assert 10 * DELAY_SECONDS <= first < second


API_ERROR = "<feed><entry><title>Error</title><summary>incorrect id format for abc</summary></entry></feed>"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        *((status, "no such\nthing", "no such thing") for status in (400, 401, 403, 404, 410)),
        (400, API_ERROR, "incorrect id format for abc"),
    ],
)
def test_another_client_error_is_final_at_once(
    session: PoliteSession, httpserver: HTTPServer, status: int, body: str, words: str
) -> None:
    httpserver.expect_request("/").respond_with_data(body, status=status)
    with pytest.raises(FetchFailed, match=f"arXiv answered HTTP {status}: {words}") as refusal:
        get(session, httpserver.url_for("/"))
    assert refusal.value.status == status
    assert len(httpserver.log) == 1


def test_retry_after_counts_when_it_asks_for_longer(
    session: PoliteSession, httpserver: HTTPServer, pauses: list[float]
) -> None:
    httpserver.expect_ordered_request("/").respond_with_data("", status=429, headers={"Retry-After": "4"})
    httpserver.expect_ordered_request("/").respond_with_data("", status=503, headers={"Retry-After": "0"})
    httpserver.expect_ordered_request("/").respond_with_data("here")
    get(session, httpserver.url_for("/"))
    asked_for, own = pauses
    assert asked_for == 4
    assert own > 20 * DELAY_SECONDS


def test_gives_up_at_once_when_asked_to_wait_longer_than_patience(
    session: PoliteSession, httpserver: HTTPServer, pauses: list[float]
) -> None:
    httpserver.expect_request("/").respond_with_data("", status=429, headers={"Retry-After": "3600"})
    with pytest.raises(FetchFailed, match="asks to wait 3600 s"):
        get(session, httpserver.url_for("/"))
    assert not pauses


def test_patience_ends(session: PoliteSession, httpserver: HTTPServer, pauses: list[float]) -> None:
    httpserver.expect_request("/").respond_with_data("Rate exceeded.", status=429)
    with pytest.raises(FetchFailed, match=r"arXiv answered HTTP 429: Rate exceeded\. \(asked \d times\)"):
        get(session, httpserver.url_for("/"))
    assert sum(pauses) <= 9
    assert pauses == sorted(pauses)


def test_an_unusable_answer_is_asked_for_again(session: PoliteSession, httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/").respond_with_data("half")
    httpserver.expect_ordered_request("/").respond_with_data("whole")

    def read(body: bytes) -> str:
        if body != b"whole":
            raise InvalidResponse("cut")
        return "read"

    url = httpserver.url_for("/")
    assert session.fetch(url, read, accept="*/*", max_bytes=99, budget=RetryBudget(9)) == "read"


def test_a_stalled_and_a_dripping_server_are_given_up(pauses: list[float], httpserver: HTTPServer) -> None:
    def drip(request: Request) -> Reply:
        return Reply((b"x" for _ in iter(lambda: time.sleep(0.1), 1)), content_type="text/plain")

    def stall(request: Request) -> Reply:
        time.sleep(1)
        return Reply("late")

    httpserver.expect_ordered_request("/").respond_with_handler(drip)
    httpserver.expect_ordered_request("/").respond_with_handler(stall)
    httpserver.expect_request("/").respond_with_data("in time")
    with polite(pauses, timeout_seconds=0.3) as session:
        assert get(session, httpserver.url_for("/"), budget_seconds=60) == b"in time"
    assert len(pauses) >= 2


@contextlib.contextmanager
def raw_server(*replies: bytes) -> Iterator[str]:
    """The address of a server that sends these bytes, one reply for each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for reply in replies:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(10_000)
                    connection.sendall(reply)

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwhole"


@pytest.mark.parametrize(
    "reply",
    [
        WHOLE[:-3],
        b"",
        b"not HTTP at all\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 30,
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nwh",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nwhole",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nwhole",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 503 \xff\xfe\r\nRetry-After: \xb2\xff\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nRetry-After: 1\r\nRetry-After: 2\r\n\r\n",
    ],
)
def test_a_broken_reply_may_pass(session: PoliteSession, reply: bytes) -> None:
    with raw_server(reply, WHOLE) as url:
        assert get(session, url) == b"whole"


INTERIM = [b"100 Continue", b"102 Processing", b"103 Early Hints", b"103", b"199 Odd"]


@pytest.mark.parametrize("interim", [*([one] for one in INTERIM), INTERIM, [INTERIM[2]] * 10])
def test_interim_answers_are_skipped(
    session: PoliteSession, pauses: list[float], interim: list[bytes]
) -> None:
    heads = [b"HTTP/1.1 " + status + b"\r\nLink: </style.css>; rel=preload\r\n\r\n" for status in interim]
    with raw_server(b"".join(heads) + WHOLE) as url:
        assert get(session, url) == b"whole"
    assert not pauses


@pytest.mark.parametrize(
    "location", [b"http://[", b"\xff://\xfe", b"//[x]:y/", b"http://a..b/", b"http://x:99999/"]
)
def test_a_malformed_redirect(session: PoliteSession, location: bytes) -> None:
    head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: "
    with raw_server(head + location + b"\r\n\r\n") as url, pytest.raises(FetchFailed):
        get(session, url)


def test_nobody_listening(session: PoliteSession) -> None:
    with pytest.raises(FetchFailed, match="the connection to arXiv failed"):
        get(session, "http://127.0.0.1:9/", budget_seconds=0)


def test_too_large_an_answer(session: PoliteSession, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("x" * 2_000_000)
    with pytest.raises(FetchFailed, match="larger than 1 MB"):
        get(session, httpserver.url_for("/"))


def test_redirects_keep_the_pace(session: PoliteSession, httpserver: HTTPServer) -> None:
    starts: list[float] = []

    def handle(request: Request) -> Reply:
        starts.append(time.monotonic())
        return Reply("", 302, {"Location": "/there"}) if request.path == "/" else Reply("here")

    httpserver.expect_request("/").respond_with_handler(handle)
    httpserver.expect_request("/there").respond_with_handler(handle)
    assert get(session, httpserver.url_for("/")) == b"here"
    assert starts[1] - starts[0] >= DELAY_SECONDS


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("/", "redirects more than 5 times"),
        ("file:///etc/passwd", "redirects to file:///etc/passwd, which is no web address"),
        ("javascript:alert(1)", "no web address"),
    ],
)
def test_redirects_that_lead_nowhere(
    session: PoliteSession, httpserver: HTTPServer, location: str, words: str
) -> None:
    httpserver.expect_request("/").respond_with_data("", status=301, headers={"Location": location})
    with pytest.raises(FetchFailed, match=words):
        get(session, httpserver.url_for("/"))


def test_a_defective_response_is_asked_for_again_and_then_taken(
    session: PoliteSession, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("with a defect")

    def read(body: bytes) -> str:
        raise InvalidResponse("one entry is broken", usable="the rest")

    url = httpserver.url_for("/")
    assert session.fetch(url, read, accept="*/*", max_bytes=99, budget=RetryBudget(9)) == "the rest"
    assert len(httpserver.log) == 2
    assert session.fetch(url, read, accept="*/*", max_bytes=99, budget=RetryBudget(0)) == "the rest"


def test_one_request_at_a_time_from_many_threads(session: PoliteSession, httpserver: HTTPServer) -> None:
    spans: list[tuple[float, float]] = []

    def handle(request: Request) -> Reply:
        began = time.monotonic()
        time.sleep(0.02)
        spans.append((began, time.monotonic()))
        return Reply("ok")

    httpserver.expect_request("/").respond_with_handler(handle)
    threads = [threading.Thread(target=get, args=(session, httpserver.url_for("/"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spans.sort()
    assert len(spans) == 6
    assert all(
        later[0] - earlier[1] >= DELAY_SECONDS for earlier, later in zip(spans, spans[1:], strict=False)
    )


def test_a_429_slows_down_what_follows(session: PoliteSession, httpserver: HTTPServer) -> None:
    starts: list[float] = []

    def handle(request: Request) -> Reply:
        starts.append(time.monotonic())
        return Reply("ok", 429 if len(starts) == 1 else 200)

    httpserver.expect_request("/").respond_with_handler(handle)
    for _ in range(3):
        get(session, httpserver.url_for("/"))
    assert starts[3] - starts[2] >= 2 * DELAY_SECONDS
