"""Proxies, certificates and addresses on the way to arXiv and to the model's server, over real connections.

What waiting can't change is said at once, with what to do, and no message quotes a password.
"""

import contextlib
import gc
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme

from paperbot.model import NoSummaryReason
from paperbot.network import HTTPX, REQUESTS, RetryBudget
from paperbot.sources.http import FetchFailed, PoliteSession
from paperbot.summaries.error_rules import Action
from tests.support.fake_endpoint import OPENAI, TEXT, FakeEndpoint
from tests.test_endpoint import ask, fault_of

SECRET = "pa55word0123"
PROXY_NAMES = [
    name for one in ("http", "https", "all", "no") for name in (f"{one}_proxy", f"{one}_proxy".upper())
]


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        methods = self.rfile.read(self.rfile.read(2)[1])
        wanted = 2 if self.server.login else 0
        if wanted not in methods:
            self.wfile.write(b"\x05\xff")
            return
        self.wfile.write(bytes([5, wanted]))
        if self.server.login and not self._may_enter():
            return
        self.rfile.read(4)  # version, command, reserved, address type: a name
        self.server.hosts.append(self.rfile.read(self.rfile.read(1)[0]).decode())
        self.rfile.read(2)  # port
        self.wfile.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        with socket.create_connection(self.server.target, timeout=10) as upstream:
            self.server.upstreams.append(upstream)
            back = threading.Thread(target=_pump, args=(upstream, self.connection))
            back.start()
            _pump(self.connection, upstream)
            back.join()

    def _may_enter(self) -> bool:
        self.rfile.read(1)
        user, password = (self.rfile.read(self.rfile.read(1)[0]).decode() for _ in range(2))
        is_right = f"{user}:{password}" == self.server.login
        self.wfile.write(b"\x01\x00" if is_right else b"\x01\x01")
        return is_right


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    target: tuple[str, int]
    login: str
    hosts: list[str]
    upstreams: list[socket.socket]


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def socks_proxy(target_port: int, login: str = "") -> Iterator[tuple[int, list[str]]]:
    """A SOCKS5 proxy (RFC 1928, 1929) that leads every host to one local server.

    Gives its port, and the hosts that it was asked for; `login` is `user:password`.
    """
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.target, server.login, server.hosts = ("127.0.0.1", target_port), login, []
        server.upstreams = []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.server_address[1], server.hosts
        finally:
            server.shutdown()
            for upstream in server.upstreams:  # a client may keep its connection for later
                with contextlib.suppress(OSError):
                    upstream.shutdown(socket.SHUT_RDWR)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        *PROXY_NAMES,
        *map(str.upper, PROXY_NAMES),
        *REQUESTS.ca_variables,
        *HTTPX.ca_variables,
        "SSLKEYLOGFILE",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def fake() -> Iterator[FakeEndpoint]:
    with FakeEndpoint(OPENAI) as running:
        yield running


def port_of(fake: FakeEndpoint) -> int:
    return urlsplit(fake.llm_url).port or 0


def refused(fake: FakeEndpoint, **changes: str) -> str:
    """What is said of a server that can't be reached; nothing is tried twice."""
    failure = fault_of(fake, **changes)
    assert (failure.kind, failure.action) == (NoSummaryReason.LOCAL_SETUP, Action.STOP)
    assert failure.needs_owner
    assert SECRET not in f"{failure!r} {failure.advice}"
    assert fake.requests == []
    return failure.cause


def arxiv_says(url: str) -> str:
    """Why arXiv can't be asked; at the first attempt."""
    session = PoliteSession(delay_seconds=0, timeout_seconds=2)
    with pytest.raises(FetchFailed) as failed:
        session.fetch(
            url,
            lambda body: body,
            accept="*/*",
            max_bytes=1000,
            budget=RetryBudget(0),
            setting="arxiv.api_url",
        )
    assert SECRET not in str(failed.value)
    return str(failed.value)


@pytest.mark.parametrize("login", ["", f"ada:{SECRET}"])
def test_a_socks_proxy_leads_to_both_servers(
    monkeypatch: pytest.MonkeyPatch, fake: FakeEndpoint, login: str
) -> None:
    with socks_proxy(port_of(fake), login) as (port, hosts):
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{f'{login}@' if login else ''}127.0.0.1:{port}")
        assert ask(fake, base_url="http://models.example.org/v1").text == TEXT
        assert "arXiv answered HTTP 401" in arxiv_says("http://arxiv.example.org/v1/models")
    assert hosts == ["models.example.org", "arxiv.example.org"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_socks_proxy_that_refuses_the_password(monkeypatch: pytest.MonkeyPatch, fake: FakeEndpoint) -> None:
    with socks_proxy(port_of(fake), "ada:another") as (port, hosts):
        monkeypatch.setenv("ALL_PROXY", f"socks5h://ada:{SECRET}@127.0.0.1:{port}")
        expected = "the proxy refused the user or the password"
        assert expected in refused(fake, base_url="http://models.example.org/v1")
        assert expected in arxiv_says("http://arxiv.example.org/api/query")
    assert hosts == []
    gc.collect()  # httpcore leaves the socket of a refused login open: its warning belongs to this test


@pytest.mark.parametrize(
    "proxy", ["http://", "proxy:port", f"http://me:{SECRET}@:1", "ftp://x:21", "socks9://x:1"]
)
def test_a_malformed_proxy(monkeypatch: pytest.MonkeyPatch, fake: FakeEndpoint, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    expected = "the proxy in HTTPS_PROXY has no valid address"
    assert expected in refused(fake, base_url="https://models.example.org/v1")
    assert expected in arxiv_says("https://arxiv.example.org/api/query")
    assert ask(fake).text == TEXT  # this machine needs no proxy


@contextlib.contextmanager
def refusing_proxy(status: int) -> Iterator[int]:
    """Answers every request with one status."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(2)
                        connection.recv(65536)
                        connection.sendall(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def test_a_proxy_that_wants_a_password(monkeypatch: pytest.MonkeyPatch, fake: FakeEndpoint) -> None:
    with refusing_proxy(407) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ada:{SECRET}@127.0.0.1:{port}")
        assert "with HTTP 407; check its user, password" in refused(
            fake, base_url="https://models.example.org/v1"
        )
        assert "with HTTP 407; check its user, password" in arxiv_says("https://arxiv.example.org/api")


@pytest.mark.parametrize("name", ["gone.pem", "text.pem", ""])
def test_certificates_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, fake: FakeEndpoint, tmp_path: Path, name: str
) -> None:
    (tmp_path / "text.pem").write_text("no certificate", "utf-8")
    path = tmp_path / name if name else tmp_path / "text.pem"
    monkeypatch.setenv(HTTPX.ca_variables[0], f"{path}")
    monkeypatch.setenv(REQUESTS.ca_variables[0], f"{path}")
    assert f"SSL_CERT_FILE points to {path}" in refused(fake, base_url="https://127.0.0.1:9/v1")
    assert f"REQUESTS_CA_BUNDLE points to {path}" in arxiv_says("https://127.0.0.1:9/api")
    assert ask(fake).text == TEXT  # http:// needs no certificates


def test_an_address_that_speaks_no_tls(fake: FakeEndpoint) -> None:
    address = f"https://127.0.0.1:{port_of(fake)}"
    assert "write http:// instead of https:// in ai_summary.base_url" in refused(
        fake, base_url=f"{address}/v1"
    )
    assert "write http:// instead of https:// in arxiv.api_url" in arxiv_says(address)


def test_a_certificate_of_an_unknown_authority(fake: FakeEndpoint) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError), listener.accept()[0] as connection:
                    context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"https://127.0.0.1:{listener.getsockname()[1]}"
        try:
            assert "could not be verified" in refused(fake, base_url=f"{address}/v1")
            assert "could not be verified" in arxiv_says(address)
        finally:
            over.set()
            socket.create_connection(listener.getsockname()).close()
            thread.join()


@pytest.mark.parametrize(
    "address",
    [
        "models.example.org/v1", "https://", "https:///v1", "https://a..b/v1", "https://[::1/v1",
        "https://x:y/v1",
        "https://x:99999/v1", "https://a b/v1", "htps://x/v1", "file:///etc/passwd",
        "https://" + "a" * 64 + ".org",
        f"https://me:{SECRET}@a b/v1", "https://\u2028/v1", "http://:80",
    ],
)  # fmt: skip
def test_an_address_that_is_none(fake: FakeEndpoint, address: str) -> None:
    assert "is not valid; correct ai_summary.base_url in config.json" in refused(fake, base_url=address)


def test_a_host_that_does_not_exist(fake: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    said = refused(fake, base_url="https://models.example.org/v1")
    assert "there is no host models.example.org; correct ai_summary.base_url in config.json" in said


@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h", "socks4"])
@pytest.mark.parametrize(("errno", "is_lasting"), [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False)])
def test_a_proxy_whose_host_does_not_exist(
    fake: FakeEndpoint, monkeypatch: pytest.MonkeyPatch, scheme: str, errno: int, is_lasting: bool
) -> None:
    """EAI_AGAIN: the resolver itself gives no answer at the moment, which may pass."""
    look_up = socket.getaddrinfo

    def unknown(host: Any, *others: Any, **options: Any) -> Any:
        if "proxy" in str(host):
            raise socket.gaierror(errno, "not found")
        return look_up(host, *others, **options)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://ada:{SECRET}@proxy.example.org:3128")
    expected = "the host of the proxy in ALL_PROXY does not exist"
    assert (expected in arxiv_says("https://arxiv.example.org/api")) == is_lasting
    if is_lasting and scheme != "socks4":  # of which httpx knows nothing
        assert expected in refused(fake, base_url="https://models.example.org/v1")
