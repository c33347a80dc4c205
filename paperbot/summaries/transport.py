"""How the model's server is reached: proxy, certificates, and a limit for every body, errors included."""

import os
import ssl
import urllib.request
import zlib
from collections.abc import Mapping
from pathlib import Path

import httpx2  # comes with openai

from paperbot.summaries.server import Server

MAX_BODY_BYTES = 16_000_000
"""As it is after decompression."""
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class SetupError(Exception):
    """This machine cannot ask the server: what is wrong, and what the owner can do."""

    def __init__(self, why: str, todo: str) -> None:
        super().__init__(why)
        self.why, self.todo = why, todo


class BodyTooLarge(httpx2.ReadError):
    """A body of more than MAX_BODY_BYTES."""


class LimitedTransport(httpx2.AsyncHTTPTransport):
    """Reads each body itself, so that nothing behind it can meet a large one."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        try:
            body = await _limited_body(response)
        finally:
            await response.aclose()
        dropped = (b"content-encoding", b"content-length", b"transfer-encoding")
        headers = [(name, value) for name, value in response.headers.raw if name.lower() not in dropped]
        return httpx2.Response(response.status_code, headers=headers, content=body, request=request)


async def _limited_body(response: httpx2.Response) -> bytes:
    encoding = response.headers.get("content-encoding", "").strip().lower()
    decoder = zlib.decompressobj(47) if encoding in ("gzip", "x-gzip", "deflate") else None
    body = bytearray()
    async for part in response.aiter_raw():
        try:
            body += decoder.decompress(part, MAX_BODY_BYTES + 1) if decoder else part
        except zlib.error as error:
            raise httpx2.DecodingError(str(error)) from error
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge("too large")
    return bytes(body)


def make_transport(server: Server, environ: Mapping[str, str] = os.environ) -> LimitedTransport:
    """Raises SetupError before anything is sent."""
    _check_address(server)
    proxy = None if server.is_local else _proxy(server, environ)
    return LimitedTransport(verify=_certificates(environ), proxy=proxy, trust_env=False)


def _check_address(server: Server) -> None:
    try:
        url = httpx2.URL(server.base_url)
        is_usable = (
            url.scheme in ("http", "https") and bool(url.host) and not any(map(str.isspace, server.base_url))
        )
        url.raw_host.decode("ascii").encode("idna")
    except (httpx2.InvalidURL, ValueError, TypeError):
        is_usable = False
    if not is_usable:
        raise SetupError(
            "ai_summary.base_url in config.json is not a valid address",
            "Write it like https://api.openai.com/v1.",
        )


def _proxy(server: Server, environ: Mapping[str, str]) -> httpx2.Proxy | None:
    """The proxy's address may hold a password: messages name only the variable."""
    name, address = _proxy_setting(server, environ)
    if not address:
        return None
    todo = f"Set {name} to an address like http://proxy.example:8080, or remove it."
    if address.lower().startswith("socks") and not _can_use_socks(address):
        raise SetupError(
            f"{name} names a SOCKS proxy, for which a package is missing",
            f"Install it with: pip install socksio. Or set {name} to an http:// proxy.",
        )
    try:
        proxy = httpx2.Proxy(address)
        is_usable = bool(proxy.url.host) and not any(map(str.isspace, address))
        proxy.url.raw_host.decode("ascii").encode("idna")
    except (httpx2.InvalidURL, ValueError, TypeError):
        is_usable = False
    if not is_usable:
        raise SetupError(f"{name} holds no valid address of a proxy", todo)
    return proxy


def _proxy_setting(server: Server, environ: Mapping[str, str]) -> tuple[str, str]:
    """(variable, address) of the proxy for this server; lower case wins, as in curl."""
    scheme = httpx2.URL(server.base_url).scheme
    if urllib.request.proxy_bypass(server.host):
        return "", ""
    for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"):
        if address := environ.get(name, "").strip():
            return name, address if "://" in address else f"http://{address}"
    return "", ""


def _can_use_socks(address: str) -> bool:
    try:
        import socksio  # noqa: F401
    except ImportError:
        return False
    return address.lower().startswith(("socks5://", "socks5h://"))


def _certificates(environ: Mapping[str, str]) -> ssl.SSLContext:
    given = {name: environ[name] for name in CERTIFICATES if environ.get(name)}
    try:
        for path in given.values():
            Path(path).stat()
        if not given:
            return httpx2.create_ssl_context(trust_env=False)
        return ssl.create_default_context(cafile=given.get("SSL_CERT_FILE"), capath=given.get("SSL_CERT_DIR"))
    except (OSError, ValueError) as error:
        names = " and ".join(given) or "Python's own certificates"
        raise SetupError(
            f"the certificates of {names} cannot be read ({getattr(error, 'strerror', '') or 'not PEM'})",
            f"Let {names} name a file of certificates that exists, or remove it.",
        ) from None
