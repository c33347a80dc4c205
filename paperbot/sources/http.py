"""The one queue for everything that goes to arXiv: pace, time limits, patience, who we are.

arXiv asks for at most one request every three seconds on one connection, over all of one's
machines (https://info.arxiv.org/help/api/tou.html).
"""

import email.utils
import logging
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from paperbot.errors import SourceError

log = logging.getLogger(__name__)

Value = TypeVar("Value")

WORTH_ANOTHER_TRY = {406, 408, 429}  # 406 comes from arXiv's edge under load, not from what was asked
PAUSES_IN_DELAYS = (10, 20, 40, 100)  # at arXiv's 3 s: 30, 60, 120, then 300 s
SLOWEST_IN_DELAYS = 4
ATTEMPT_IN_TIMEOUTS = 3
MOST_REDIRECTS = 5
MOST_MESSAGE_CHARS = 200
BLOCK_BYTES = 65536
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class NoAnswer(SourceError):
    """arXiv gave nothing usable; `str()` is the reason in words, `status` the last HTTP status if any."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class Unusable(Exception):
    """Raised by a reader of answers: this one is broken, another try may bring a good one."""


class _Fault(Exception):
    """One attempt failed in a way that may pass."""

    def __init__(self, reason: str, status: int | None = None, retry_after_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP 200 answer."""

    status: int
    content_type: str
    body: bytes


class Patience:
    """How much time failures may cost in all; shared by the requests of one purpose."""

    def __init__(self, seconds: float) -> None:
        self.left_seconds = seconds

    def spend(self, seconds: float) -> bool:
        """Take the time off; False if there is not so much left."""
        self.left_seconds -= seconds
        return self.left_seconds >= 0


class PoliteSession:
    """One connection, one request at a time, a pause after every attempt. Safe to share between threads."""

    def __init__(
        self,
        *,
        delay_seconds: float = 3.0,
        timeout_seconds: float = 60.0,
        patience_seconds: float = 900.0,
        contact: str = "",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._delay_seconds = self._first_delay_seconds = delay_seconds
        self._timeout_seconds = timeout_seconds
        self._patience_seconds = patience_seconds
        self._clock, self._sleep = clock, sleep
        self._free_at = float("-inf")
        self._turn = threading.Lock()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "arxiv-papers-bot/1.0" + (f" (+{contact})" if contact else "")

    def __enter__(self) -> "PoliteSession":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(
        self, url: str, *, accept: str = "*/*", max_bytes: int, patience_seconds: float | None = None
    ) -> Answer:
        """The answer to a request; NoAnswer when patience (seconds lost to failures) is at its end."""
        limit = self._patience_seconds if patience_seconds is None else patience_seconds
        return self.ask(
            url, lambda answer: answer, accept=accept, max_bytes=max_bytes, patience=Patience(limit)
        )

    def ask(
        self,
        url: str,
        read: Callable[[Answer], Value],
        *,
        accept: str,
        max_bytes: int,
        patience: Patience,
    ) -> Value:
        """What `read` makes of the answer; it raises Unusable to have the request made again.

        Raises NoAnswer: at once for a status that another try won't change, else when the patience ends.
        """
        tries = 0
        while True:
            tries += 1
            began = self._clock()
            try:
                return read(self._follow(url, accept, max_bytes))
            except Unusable as fault:
                failure = _Fault(str(fault), 200)
            except _Fault as fault:
                failure = fault
            pause = self._pause_seconds(tries, failure)
            if not patience.spend(self._clock() - began + pause):
                raise NoAnswer(self._gave_up(failure, tries), failure.status)
            log.warning("%s; trying again in %.0f s", failure, pause)
            self._sleep(pause)

    def _pause_seconds(self, tries: int, failure: _Fault) -> float:
        unit = max(self._first_delay_seconds, 0.01)  # a test server's 0 must not become a busy loop
        pause = unit * PAUSES_IN_DELAYS[min(tries, len(PAUSES_IN_DELAYS)) - 1]
        return max(pause * random.uniform(1.0, 1.25), failure.retry_after_seconds)

    @staticmethod
    def _gave_up(failure: _Fault, tries: int) -> str:
        wanted = failure.retry_after_seconds
        asks = f", and asks to wait {wanted:.0f} s" if wanted else ""
        times = "once" if tries == 1 else f"{tries} times"
        return f"{failure}{asks} (asked {times})"

    def _follow(self, url: str, accept: str, max_bytes: int) -> Answer:
        """One answer, redirects followed at the same pace."""
        for _ in range(MOST_REDIRECTS):
            found = self._attempt(url, accept, max_bytes)
            if isinstance(found, Answer):
                return found
            url = urljoin(url, found)
            if urlsplit(url).scheme not in ("http", "https"):
                break
        raise NoAnswer(f"arXiv's redirects lead nowhere: {_shortened(url)}")

    def _attempt(self, url: str, accept: str, max_bytes: int) -> Answer | str:
        """A complete answer, or the address that it redirects to."""
        with self._turn:
            self._sleep(max(0.0, self._free_at - self._clock()))
            try:
                return self._exchange(url, accept, max_bytes)
            except (requests.Timeout, urllib3.exceptions.TimeoutError):
                raise _Fault(f"arXiv gave no answer within {self._timeout_seconds:g} s") from None
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as fault:
                raise _Fault(f"the connection to arXiv failed ({_cause(fault)})") from fault
            finally:
                self._free_at = self._clock() + self._delay_seconds

    def _exchange(self, url: str, accept: str, max_bytes: int) -> Answer | str:
        self._session.trust_env = urlsplit(url).hostname not in LOOPBACK  # no proxy between us and ourselves
        ends_at = self._clock() + ATTEMPT_IN_TIMEOUTS * self._timeout_seconds
        with self._session.get(
            url,
            headers={"Accept": accept},
            timeout=self._timeout_seconds,
            stream=True,
            allow_redirects=False,
        ) as response:
            if response.is_redirect:
                return response.headers["Location"]
            body = self._body(response, max_bytes if response.status_code == 200 else BLOCK_BYTES, ends_at)
            self._refuse(response, body)
            return Answer(response.status_code, response.headers.get("Content-Type", ""), body)

    def _body(self, response: requests.Response, max_bytes: int, ends_at: float) -> bytes:
        """All of the body; a server that drips is a stalled server."""
        parts, size = [], 0
        while part := response.raw.read1(BLOCK_BYTES, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > max_bytes:
                raise NoAnswer(f"the answer is larger than {max_bytes / 1e6:.0f} MB", response.status_code)
            if self._clock() > ends_at:
                raise requests.Timeout
        return b"".join(parts)

    def _refuse(self, response: requests.Response, body: bytes) -> None:
        """Raise unless the status is 200; a 429 slows down everything that follows."""
        status = response.status_code
        if status == 200:
            return
        reason = f"arXiv answered HTTP {status}" + _said(body)
        if status == 429:
            slowest = SLOWEST_IN_DELAYS * self._first_delay_seconds
            self._delay_seconds = min(2 * self._delay_seconds, slowest)
        if status in WORTH_ANOTHER_TRY or status >= 500:
            raise _Fault(reason, status, _retry_after_seconds(response.headers.get("Retry-After", "")))
        raise NoAnswer(reason, status)


def _retry_after_seconds(value: str) -> float:
    """Seconds from a Retry-After header (RFC 9110, 10.2.3): a number or a date; 0 for anything else."""
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):  # year 0001, no date at all
        return 0.0


def _said(body: bytes) -> str:
    """The server's own words, if they are words: the message of an API error, or short plain text."""
    text = body.decode("utf-8", "replace")
    if "<summary>" in text:  # an API error: a feed with one entry titled Error
        text = text.partition("<summary>")[2].partition("</summary>")[0]
    elif text.lstrip().startswith("<"):
        return ""
    text = _shortened(" ".join(text.split()))
    return f": {text}" if text else ""


def _shortened(text: str) -> str:
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= MOST_MESSAGE_CHARS else text[: MOST_MESSAGE_CHARS - 1] + "…"


def _cause(fault: BaseException) -> str:
    """The innermost reason in a chain of wrapped network errors."""
    while inner := fault.__cause__ or fault.__context__:
        fault = inner
    return _shortened(str(fault) or type(fault).__name__)
