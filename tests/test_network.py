"""Failures that can't pass are named at once, with what to do, whatever library met them."""

import datetime as dt
import socket
import ssl
from pathlib import Path

import pytest
import requests

from paperbot.network import (
    HTTPX,
    MAX_RETRY_AFTER_SECONDS,
    REQUESTS,
    diagnose,
    fault_words,
    retry_after_seconds,
)

URL = "https://export.arxiv.org/api/query"
NOW = dt.datetime(2025, 12, 24, tzinfo=dt.UTC).timestamp()
SECRET = "pa55word"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        for spelling in (f"{name}_proxy", f"{name}_proxy".upper()):
            monkeypatch.delenv(spelling, raising=False)
    for name in (*REQUESTS.ca_variables, *HTTPX.ca_variables, "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


def found(url: str = URL, fault: Exception | None = None, library: object = REQUESTS) -> str:
    assert library in (REQUESTS, HTTPX)
    return diagnose(fault or OSError("unreachable"), url, library, "arxiv.api_url") or ""


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("4", 4), (" 4 ", 4), ("1.5", 1.5), ("9" * 5000, MAX_RETRY_AFTER_SECONDS),
        ("-4", 0), ("²", 0), ("٣", 0),
        ("\xff", 0), ("", 0), ("nan", 0), ("inf", 0), ("1e5", 0), ("0x10", 0), ("1_000", 0),
        ("Wed, 24 Dec 2025 00:01:00 GMT", 60), ("Wed, 24 Dec 2025 01:01:00 +0100", 60),
        ("Wed, 24 Dec 2025 00:01:00", 60), ("Wed, 24 Dec 2025 00:01:00 -0000", 60),
        ("Tue, 23 Dec 2025 00:00:00 GMT", 0),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER_SECONDS),
        ("Wed, 24 Dec 2025 00:01:00 +9999999999", 0), ("Wed, 99 Foo 2025", 0),
    ],
)  # fmt: skip
def test_retry_after(value: str, seconds: float) -> None:
    assert retry_after_seconds({"Retry-After": value}, NOW) == seconds


def test_a_date_counts_by_the_servers_own_clock() -> None:
    headers = {"Retry-After": "Thu, 01 Jan 2026 00:01:00 GMT", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    assert retry_after_seconds(headers, NOW) == 60


@pytest.mark.parametrize(
    "proxy",
    [
        "http://", "http://proxy:port", "http://proxy:99999", "http://proxy:0",
        "ftp://proxy:21", "socks6://proxy:1080",
        "http://[::1:3128", "http://a..b:3128", "http://pro xy:3128",
        f"http://me:{SECRET}@:3128", "proxy:80:80", "://x",
        f"http://me:{SECRET}/x@proxy:3128", f"http://me:x#{SECRET}@proxy:80",
        "http://" + "x" * 64 + ".org:3128", ":3128",
        " ", "none", "DIRECT", "http:/proxy:3128", '"http://proxy:3128"',
    ],
)  # fmt: skip
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_malformed_proxy_is_named_but_never_quoted(
    monkeypatch: pytest.MonkeyPatch, proxy: str, variable: str
) -> None:
    monkeypatch.setenv(variable, proxy)
    words = found()
    assert f"the proxy in {variable} has no valid address" in words
    assert SECRET not in words
    assert found("http://127.0.0.1:9/") == ""
    assert variable in found(library=HTTPX)


@pytest.mark.parametrize(
    "proxy", ["proxy:3128", "http://me:p%40ss@proxy:3128", "socks5h://proxy", "http://[::1]:1"]
)
def test_a_well_formed_proxy_may_be_down_for_a_while(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert found() == ""


def test_only_the_proxy_that_would_be_used_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://:x")
    assert found() == ""
    assert found(library=HTTPX) == ""
    monkeypatch.setenv("HTTPS_PROXY", "http://:x")
    for names in ("arxiv.org", "example.org, .ARXIV.org", "[::1],*"):
        monkeypatch.setenv("NO_PROXY", names)
        assert found() == ""
    monkeypatch.setenv("HTTPS_PROXY", "")
    monkeypatch.setenv("NO_PROXY", "")
    assert found() == ""


@pytest.mark.parametrize("library", [REQUESTS, HTTPX])
def test_certificates_that_are_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library: object) -> None:
    assert library in (REQUESTS, HTTPX)
    name = library.ca_variables[0]
    for path in (
        tmp_path / "gone.pem",
        tmp_path / "gone" / "dir",
        tmp_path / "text.pem",
        tmp_path / "~" / "x",
    ):
        (tmp_path / "text.pem").write_text("no certificate", "utf-8")
        monkeypatch.setenv(name, str(path))
        assert f"{name} points to {path}" in found(library=library)
        assert found("http://example.org/", library=library) == ""
    monkeypatch.setenv(name, f"/tmp/{'x' * 300}")  # longer than a name may be
    assert f"{name} points to /tmp/xxx" in found(library=library)
    monkeypatch.setenv(name, "")
    assert found(library=library) == ""
    for keys in (tmp_path / "gone" / "keys", tmp_path, tmp_path / ("x" * 300)):
        monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
        assert "SSLKEYLOGFILE" in found(library=library)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://export.arxiv.org/", "export.arxiv.org/api", "https:///api", "https://a..b/", "https://[::1/", "https://x:y/",
        "https://x:99999/", "https://x y/", "", "https://" + "a" * 64 + ".org/", "htps://export.arxiv.org",
    ],
)  # fmt: skip
def test_an_address_that_is_not_valid(url: str) -> None:
    assert "correct arxiv.api_url in config.json" in found(url)


def test_a_proxy_that_only_the_http_library_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = requests.exceptions.InvalidProxyURL("Please check proxy URL.")
    assert found(fault=fault) == ""
    monkeypatch.setenv("HTTPS_PROXY", f"me:{SECRET}@proxy:3128")
    assert "the proxy in HTTPS_PROXY has no valid address" in found(fault=fault)


def test_causes_that_lie_deep_in_an_exception() -> None:
    unknown = requests.ConnectionError(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    passing = requests.ConnectionError(socket.gaierror(socket.EAI_AGAIN, "Temporary failure"))
    assert found("https://arxiv.example.org/", unknown).startswith("there is no host arxiv.example.org")
    assert found("https://arxiv.example.org/", passing) == ""
    assert found(URL, unknown) == ""  # arXiv exists: this machine is offline
    certificate = ssl.SSLCertVerificationError("x")
    certificate.verify_message = "self-signed certificate"
    assert "self-signed certificate" in found(fault=requests.exceptions.SSLError(certificate))
    assert "pip install" in found(
        fault=requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")
    )
    assert "pip install" in found(fault=ImportError("install httpx[socks]"), library=HTTPX)


@pytest.mark.parametrize(("status", "lasting"), [(407, True), (403, True), (502, False), (504, False)])
def test_what_a_proxy_refuses(monkeypatch: pytest.MonkeyPatch, status: int, lasting: bool) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    fault = requests.exceptions.ProxyError(OSError(f"Tunnel connection failed: {status} No"))
    assert (f"HTTP {status}" in found(fault=fault)) == lasting


def test_no_credentials_in_the_words_of_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = f"http://ada:{SECRET}@proxy:3128"
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    for text in (
        proxy,
        f"Failed to parse: {proxy}",
        f"ada:{SECRET}@proxy refused",
        f"//ada:{SECRET}@x@proxy/",
    ):
        assert SECRET not in fault_words(OSError(text))
