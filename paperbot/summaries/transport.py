"""How the model's server is reached: proxy, certificates, and a limit for every body, errors included."""

import os
import ssl
import zlib

import httpx2  # comes with openai

from paperbot.network import HTTPX, fault_words, proxy_for, setup_problem

MAX_BODY_BYTES = 16_000_000
"""As it is after decompression."""
ENCODINGS = "gzip, deflate"
"""What `_limited_body` unpacks; httpx2 would ask for more where more packages are installed."""


class SetupError(Exception):
    """This machine cannot ask the server: what is wrong and what the owner can do, in one text."""


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


def make_transport(url: str, setting: str) -> LimitedTransport:
    """The transport for one server, whose address is in `setting`. Raises SetupError."""
    if problem := setup_problem(url, HTTPX, setting):
        raise SetupError(problem)
    try:
        proxy = proxy_for(url)
        file, folder = (os.environ.get(name) or None for name in HTTPX.ca_variables)
        if url.startswith("https:") and (file or folder):  # elsewhere a lost file does no harm
            certificates = ssl.create_default_context(cafile=file, capath=folder)
        else:
            certificates = httpx2.create_ssl_context(trust_env=False)
        return LimitedTransport(
            verify=certificates, proxy=httpx2.Proxy(proxy) if proxy else None, trust_env=False
        )
    except (OSError, ValueError, TypeError, ImportError, httpx2.InvalidURL) as error:
        raise SetupError(fault_words(error)) from None
