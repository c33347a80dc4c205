"""HTTP sessions of `requests` that wait for a server's final answer."""

import functools
import http.client
from typing import Any

import requests
from requests.adapters import HTTPAdapter

MAX_INTERIM_ANSWERS = 20


class _FinalResponse(http.client.HTTPResponse):
    """Python's own takes an interim answer other than 100, such as 103 (Early Hints), for the answer."""

    def begin(self) -> None:
        for _ in range(MAX_INTERIM_ANSWERS):
            super().begin()
            if not 100 <= self.status < 200 or self.status == http.client.SWITCHING_PROTOCOLS:
                return
            self.headers = None  # type: ignore[assignment]  # so that it reads the next answer
        raise http.client.BadStatusLine(f"{MAX_INTERIM_ANSWERS} interim answers")


@functools.cache
def _with_final_response(connection: type) -> Any:
    return type(connection.__name__, (connection,), {"response_class": _FinalResponse})


class _FinalAnswerAdapter(HTTPAdapter):
    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        if getattr(pool.ConnectionCls, "response_class", None) is not _FinalResponse:
            pool.ConnectionCls = _with_final_response(pool.ConnectionCls)
        return pool


def open_session() -> requests.Session:
    """A session that skips interim answers (RFC 9110, 15.2)."""
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _FinalAnswerAdapter())
    return session
