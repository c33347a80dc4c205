"""The one queue for all requests to arXiv: pace, time limits, retries, identification.

arXiv asks for at most one request every three seconds on one connection, over all of one's
machines (https://info.arxiv.org/help/api/tou.html).
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from paperbot import VERSION
from paperbot.errors import SourceError
from paperbot.network import (
    REQUESTS,
    RetryBudget,
    diagnose,
    fault_words,
    is_loopback,
    retry_after_seconds,
    shorten,
)
from paperbot.sources.connection import open_session

log = logging.getLogger(__name__)

Value = TypeVar("Value")

ANSWERS = {200, 203}
"""203: something on the way has changed an answer with 200."""
RETRIED_REFUSALS = {406, 408, 421, 425, 429}  # arXiv's edge answers 406 under load, whatever was asked
PAUSES_IN_DELAYS = (10, 20, 40, 100)  # at arXiv's 3 s: 30, 60, 120, then 300 s
MAX_SLOWDOWN = 4
ATTEMPT_IN_TIMEOUTS = 3
MAX_REDIRECTS = 5
TRIES_FOR_DEFECTIVE = 2
BLOCK_BYTES = 65536
NETWORK_ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
"""requests passes some errors of urllib3, and of malformed addresses, on as they are."""


class FetchFailed(SourceError):
    """arXiv gave nothing usable; `str()` is the reason in words, `status` the last HTTP status if any."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class TransientError(Exception):
    """One attempt failed in a way that may pass."""

    usable: Any = None
    """What can be taken of the answer, should the next try be no better."""

    def __init__(self, reason: str, status: int | None = None, retry_after_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class InvalidResponse(TransientError):
    """Raised by a reader of answers: this one is broken, another try may bring a valid one."""

    def __init__(self, reason: str, usable: Any = None) -> None:
        super().__init__(reason, 200)
        self.usable = usable


class PoliteSession:
    """One connection, one request at a time, a pause after every attempt. Safe to share between threads."""

    def __init__(
        self,
        *,
        delay_seconds: float = 3.0,
        timeout_seconds: float = 60.0,
        contact: str = "",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._delay_seconds = self._initial_delay_seconds = delay_seconds
        self._timeout_seconds = timeout_seconds
        self._clock, self._sleep = clock, sleep
        self._free_at = float("-inf")
        self._lock = threading.Lock()
        self._session = open_session()
        # No login from ~/.netrc: arXiv has no need of one, and the file may be unreadable.
        self._session.auth = lambda request: request
        self._session.headers["User-Agent"] = f"arxiv-papers-bot/{VERSION}" + (
            f" (+{contact})" if contact else ""
        )

    def __enter__(self) -> "PoliteSession":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def fetch(
        self,
        url: str,
        read: Callable[[bytes], Value],
        *,
        accept: str,
        max_bytes: int,
        budget: RetryBudget,
        setting: str = "the address",
    ) -> Value:
        """What `read` makes of the whole body of an answer with a status of ANSWERS.

        `read` raises InvalidResponse to have the request made again. `setting` is the key of config.json
        that holds the address. Raises FetchFailed: at once if another try can't help, else when the budget
        is used up.
        """
        tries, usable = 0, None  # type: int, Value | None
        while True:
            tries += 1
            began = self._clock()
            try:
                return read(self._attempt(url, accept, max_bytes, setting))
            except TransientError as error:
                failure = error
                usable = error.usable if error.usable is not None else usable
            if usable is not None and tries >= TRIES_FOR_DEFECTIVE and failure.status == 200:
                return usable
            pause = self._pause_seconds(tries, failure)
            if not budget.spend(self._clock() - began + pause):
                if usable is not None:
                    return usable
                wanted = failure.retry_after_seconds
                asks = f", and asks to wait {wanted:.0f} s" if wanted else ""
                times = "once" if tries == 1 else f"{tries} times"
                raise FetchFailed(f"{failure}{asks} (asked {times})", failure.status)
            log.warning("%s; trying again in %.0f s", failure, pause)
            self._sleep(pause)

    def _pause_seconds(self, tries: int, failure: TransientError) -> float:
        unit = max(self._initial_delay_seconds, 0.01)  # a test server's 0 must not become a busy loop
        pause = unit * PAUSES_IN_DELAYS[min(tries, len(PAUSES_IN_DELAYS)) - 1]
        return max(pause * random.uniform(1.0, 1.25), failure.retry_after_seconds)

    def _attempt(self, url: str, accept: str, max_bytes: int, setting: str) -> bytes:
        """One complete answer; redirects are followed at the same pace."""
        for _ in range(MAX_REDIRECTS):
            with self._lock:
                self._sleep(max(0.0, self._free_at - self._clock()))
                try:
                    self._session.trust_env = not is_loopback(url)  # no proxy on the way to this machine
                    with self._session.get(
                        url,
                        headers={"Accept": accept},
                        timeout=self._timeout_seconds,
                        stream=True,
                        allow_redirects=False,
                    ) as response:
                        if not response.is_redirect:
                            return self._read(response, max_bytes)
                        url = _redirected(url, response.headers["Location"])
                except (requests.Timeout, urllib3.exceptions.TimeoutError):
                    raise TransientError(f"arXiv gave no answer within {self._timeout_seconds:g} s") from None
                except NETWORK_ERRORS as error:
                    if problem := diagnose(error, url, REQUESTS, setting):
                        raise FetchFailed(f"arXiv can't be reached: {problem}") from None
                    raise TransientError(f"the connection to arXiv failed ({fault_words(error)})") from None
                finally:
                    self._free_at = self._clock() + self._delay_seconds
        raise FetchFailed(f"arXiv redirects more than {MAX_REDIRECTS} times, last to {shorten(url)}")

    def _read(self, response: requests.Response, max_bytes: int) -> bytes:
        """The whole body; raises TransientError or FetchFailed unless its status is in ANSWERS."""
        status = response.status_code
        is_answer = status in ANSWERS
        body = self._body(response, max_bytes if is_answer else None)
        if is_answer:
            return body
        server = "the proxy" if status == 407 else "arXiv"
        reason = f"{server} answered HTTP {status}" + _server_words(body)
        if status == 429:
            slowest = MAX_SLOWDOWN * self._initial_delay_seconds
            self._delay_seconds = min(2 * self._delay_seconds, slowest)
        if 400 <= status < 500 and status not in RETRIED_REFUSALS:
            raise FetchFailed(reason, status)
        raise TransientError(reason, status, retry_after_seconds(response.headers, time.time()))

    def _body(self, response: requests.Response, max_bytes: int | None) -> bytes:
        """All of the body, or without a limit the beginning; a server that drips is a stalled server."""
        ends_at = self._clock() + ATTEMPT_IN_TIMEOUTS * self._timeout_seconds
        parts, size = [], 0
        while part := response.raw.read1(BLOCK_BYTES, decode_content=True):
            parts.append(part)
            size += len(part)
            if max_bytes is None and size > BLOCK_BYTES:
                break
            if max_bytes is not None and size > max_bytes:
                raise FetchFailed(f"the answer is larger than {max_bytes / 1e6:.0f} MB", 200)
            if self._clock() > ends_at:
                raise requests.Timeout
        return b"".join(parts)


def _redirected(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        if urlsplit(target).scheme in ("http", "https"):
            return target
    except ValueError:
        target = location
    raise FetchFailed(f"arXiv redirects to {shorten(target)}, which is no web address")


def _server_words(body: bytes) -> str:
    """The server's own words, if they are words: the message of an API error, or short plain text."""
    text = body.decode("utf-8", "replace")
    if "<summary>" in text:  # an API error: a feed with one entry titled Error
        text = text.partition("<summary>")[2].partition("</summary>")[0]
    elif text.lstrip("\ufeff \t\r\n").startswith("<"):
        return ""
    text = shorten(text)
    return f": {text}" if text else ""
