"""The queue towards arXiv, against a real HTTP server on loopback."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from paperbot.sources.http import Answer, NoAnswer, Patience, PoliteSession, Unusable

DELAY_SECONDS = 0.05
PLENTY_BYTES = 1_000_000


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def session(pauses: list[float]) -> Iterator[PoliteSession]:
    """Real requests and a real pace; the pauses after failures are noted instead of slept."""

    def sleep(seconds: float) -> None:
        if seconds > DELAY_SECONDS * 5:
            pauses.append(seconds)
        else:
            time.sleep(seconds)

    with PoliteSession(
        delay_seconds=DELAY_SECONDS,
        timeout_seconds=0.3,
        patience_seconds=9,
        contact="https://github.com/ada/papers",
        sleep=sleep,
    ) as session:
        yield session


def get(session: PoliteSession, url: str, max_bytes: int = PLENTY_BYTES) -> Answer:
    return session.get(url, accept="text/plain", max_bytes=max_bytes)


def test_says_who_asks_and_for_what(session: PoliteSession, httpserver: HTTPServer) -> None:
    seen: list[Request] = []

    def handle(request: Request) -> Response:
        seen.append(request)
        return Response("ok", content_type="text/plain")

    httpserver.expect_request("/").respond_with_handler(handle)
    assert get(session, httpserver.url_for("/")) == Answer(200, "text/plain", b"ok")
    assert seen[0].headers["User-Agent"] == "arxiv-papers-bot/1.0 (+https://github.com/ada/papers)"
    assert seen[0].headers["Accept"] == "text/plain"


@pytest.mark.parametrize("status", [406, 408, 429, 500, 502, 503, 504])
def test_tries_again_what_may_pass(
    session: PoliteSession, httpserver: HTTPServer, pauses: list[float], status: int
) -> None:
    httpserver.expect_ordered_request("/").respond_with_data("busy", status=status)
    httpserver.expect_ordered_request("/").respond_with_data("busy", status=status)
    httpserver.expect_ordered_request("/").respond_with_data("here")
    assert get(session, httpserver.url_for("/")).body == b"here"
    first, second = pauses
    assert 10 * DELAY_SECONDS <= first < second


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_another_client_error_is_final_at_once(
    session: PoliteSession, httpserver: HTTPServer, pauses: list[float], status: int
) -> None:
    httpserver.expect_request("/").respond_with_data("no such\nthing", status=status)
    with pytest.raises(NoAnswer, match=f"arXiv answered HTTP {status}: no such thing") as refusal:
        get(session, httpserver.url_for("/"))
    assert refusal.value.status == status
    assert len(httpserver.log) == 1
    assert not pauses


def test_the_words_of_an_api_error_are_kept(session: PoliteSession, httpserver: HTTPServer) -> None:
    body = "<feed><entry><title>Error</title><summary>incorrect id format for abc</summary></entry></feed>"
    httpserver.expect_request("/").respond_with_data(body, status=400)
    with pytest.raises(NoAnswer, match="HTTP 400: incorrect id format for abc"):
        get(session, httpserver.url_for("/"))


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
    with pytest.raises(NoAnswer, match="asks to wait 3600 s"):
        get(session, httpserver.url_for("/"))
    assert not pauses


def test_patience_ends(session: PoliteSession, httpserver: HTTPServer, pauses: list[float]) -> None:
    httpserver.expect_request("/").respond_with_data("Rate exceeded.", status=429)
    with pytest.raises(NoAnswer, match=r"arXiv answered HTTP 429: Rate exceeded\. \(asked \d times\)"):
        get(session, httpserver.url_for("/"))
    assert sum(pauses) <= 9
    assert pauses == sorted(pauses)


def test_an_unusable_answer_is_asked_for_again(session: PoliteSession, httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/").respond_with_data("half")
    httpserver.expect_ordered_request("/").respond_with_data("whole")

    def read(answer: Answer) -> str:
        if answer.body != b"whole":
            raise Unusable("cut")
        return "read"

    url = httpserver.url_for("/")
    assert session.ask(url, read, accept="*/*", max_bytes=99, patience=Patience(9)) == "read"


def test_a_stalled_and_a_dripping_server_are_given_up(session: PoliteSession, httpserver: HTTPServer) -> None:
    def drip(request: Request) -> Response:
        return Response((b"x" for _ in iter(lambda: time.sleep(0.1), 1)), content_type="text/plain")

    def stall(request: Request) -> Response:
        time.sleep(1)
        return Response("late")

    httpserver.expect_ordered_request("/").respond_with_handler(drip)
    httpserver.expect_ordered_request("/").respond_with_handler(stall)
    httpserver.expect_ordered_request("/").respond_with_data("in time")
    assert get(session, httpserver.url_for("/")).body == b"in time"


def test_a_cut_connection_is_no_answer(session: PoliteSession) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_twice() -> None:
            for body in (b"ha", b"whole"):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(10_000)
                    connection.sendall(head + body)

        server = threading.Thread(target=answer_twice)
        server.start()
        assert get(session, f"http://127.0.0.1:{listener.getsockname()[1]}/").body == b"whole"
        server.join()


def test_nobody_listening(session: PoliteSession) -> None:
    with pytest.raises(NoAnswer, match="the connection to arXiv failed"):
        session.get("http://127.0.0.1:9/", max_bytes=9, patience_seconds=0)


def test_too_large_an_answer(session: PoliteSession, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("x" * 2_000_000)
    with pytest.raises(NoAnswer, match="larger than 1 MB"):
        get(session, httpserver.url_for("/"))


def test_redirects_keep_the_pace(session: PoliteSession, httpserver: HTTPServer) -> None:
    starts: list[float] = []

    def handle(request: Request) -> Response:
        starts.append(time.monotonic())
        return Response("", 302, {"Location": "/there"}) if request.path == "/" else Response("here")

    httpserver.expect_request("/").respond_with_handler(handle)
    httpserver.expect_request("/there").respond_with_handler(handle)
    assert get(session, httpserver.url_for("/")).body == b"here"
    assert starts[1] - starts[0] >= DELAY_SECONDS


@pytest.mark.parametrize("target", ["/", "file:///etc/passwd"])
def test_redirects_that_lead_nowhere(session: PoliteSession, httpserver: HTTPServer, target: str) -> None:
    httpserver.expect_request("/").respond_with_data("", status=301, headers={"Location": target})
    with pytest.raises(NoAnswer, match="redirects lead nowhere"):
        get(session, httpserver.url_for("/"))


def test_one_request_at_a_time_from_many_threads(session: PoliteSession, httpserver: HTTPServer) -> None:
    spans: list[tuple[float, float]] = []

    def handle(request: Request) -> Response:
        began = time.monotonic()
        time.sleep(0.02)
        spans.append((began, time.monotonic()))
        return Response("ok")

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

    def handle(request: Request) -> Response:
        starts.append(time.monotonic())
        return Response("ok", 429 if len(starts) == 1 else 200)

    httpserver.expect_request("/").respond_with_handler(handle)
    for _ in range(3):
        get(session, httpserver.url_for("/"))
    assert starts[3] - starts[2] >= 2 * DELAY_SECONDS
