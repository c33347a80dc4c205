"""The connection to the model's server: time limits, patience, and an end when it makes no sense to go on.

The `openai` package is imported on first use; it takes half a second.
"""

import asyncio
import contextlib
import email.utils
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from paperbot.summaries.faults import (
    BROKEN_OFF,
    CHAT_STATUSES,
    LONG_WAIT,
    TIMED_OUT,
    TOO_MUCH,
    UNREACHABLE,
    Fault,
    Refused,
    Remedy,
    Server,
    classify,
    filled,
    plain_line,
)

if TYPE_CHECKING:
    import openai

    Call = AbstractAsyncContextManager[openai.AsyncAPIResponse[Any]]
    """One request, made when it is entered."""

log = logging.getLogger(__name__)

Value = TypeVar("Value")

MOST_REPLY_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Waits:
    """How long to wait for what, in seconds."""

    pauses: tuple[float, ...] = (2, 10, 30, 60)
    """Before each new try; the last one is kept to."""
    longest: float = 120
    """A server that asks for more has ended the conversation for this run."""
    polls: tuple[float, ...] = (0.3, 0.7, 1, 2, 3)
    """Between two looks at an uploaded file; the last one is kept to."""
    file: float = 120
    connect: float = 20
    cleanup: float = 10
    """For each request that only tidies up."""


class Connection:
    """Use as an async context manager, within one event loop."""

    def __init__(self, server: Server, timeout_seconds: float, waits: Waits) -> None:
        self.server, self.waits = server, waits
        self.stopped: Fault | None = None
        """Why nothing more is asked in this run."""
        self._timeout_seconds = timeout_seconds
        self._stop = asyncio.Event()
        self._quiet_until = 0.0

    async def __aenter__(self) -> "openai.AsyncOpenAI":
        import openai

        connect = min(self._timeout_seconds, self.waits.connect)
        self._client = openai.AsyncOpenAI(
            api_key=self.server.api_key,
            base_url=self.server.base_url,
            admin_api_key="",
            webhook_secret="",
            max_retries=0,
            timeout=openai.Timeout(self._timeout_seconds, connect=connect),
            default_headers={"Authorization": f"Bearer {self.server.api_key}"},
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not self.server.is_local),
        )
        # All of this is said, for the package would look into the environment for what isn't.
        self._client.organization = self._client.project = None
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def patiently(self, call: Callable[[], Awaitable[Value]]) -> Value:
        """The call's value, tried as often as its faults allow; raises Refused."""
        tries = 0
        self.refuse_if_stopped()
        while True:
            tries += 1
            try:
                return await call()
            except Refused as refused:
                fault = refused.fault
                self.end_if_told(fault)
                if fault.remedy is not Remedy.TRY_AGAIN:
                    raise
                if tries >= fault.tries:
                    raise Refused(replace(fault, remedy=fault.afterwards)) from None
                await self._pause(fault, tries)
                if self.stopped:
                    raise

    def refuse_if_stopped(self) -> None:
        """Raises Refused once the conversation is over."""
        if self.stopped:
            raise Refused(not_asked(self.stopped))

    def end_if_told(self, fault: Fault) -> None:
        """Ask nothing more in this run if the fault says so."""
        if fault.remedy is Remedy.STOP:
            self.stopped = self.stopped or fault
            self._stop.set()

    async def _pause(self, fault: Fault, tries: int) -> None:
        pauses = self.waits.pauses
        seconds = max(pauses[min(tries, len(pauses)) - 1], fault.retry_after_seconds)
        log.info("%s; trying again in %.0f s", fault, seconds)
        if fault.crowded:
            self._quiet_until = asyncio.get_running_loop().time() + seconds
        await self.wait(seconds)

    async def wait(self, seconds: float) -> None:
        """Ends early when the conversation does."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stop.wait()

    async def wait_until_quiet(self) -> None:
        """Until the server wants to hear something again."""
        await self.wait(self._quiet_until - asyncio.get_running_loop().time())

    async def exchange(
        self,
        call: "Call",
        statuses: Mapping[int, Fault] = CHAT_STATUSES,
        limit_seconds: float | None = None,
    ) -> bytes:
        """The body of a good answer; the time limit is for all of it, however it trickles. Raises Refused."""
        import httpx2  # comes with openai
        import openai

        limit = limit_seconds or self._timeout_seconds
        try:
            async with asyncio.timeout(limit), call as response:
                return await self._body(response)
        except openai.APIStatusError as error:
            raise Refused(self._fault_of(error, statuses)) from None
        except (TimeoutError, openai.APIConnectionError, httpx2.HTTPError) as error:
            cause = error if isinstance(error, TimeoutError) else error.__cause__ or error
            if isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout)):
                fault = filled(UNREACHABLE, self.server, why=_innermost(cause))
            elif isinstance(cause, (TimeoutError, httpx2.TimeoutException)):
                fault = filled(TIMED_OUT, self.server, seconds=limit)
            else:
                fault = filled(BROKEN_OFF, self.server)
            raise Refused(fault) from None

    async def _body(self, response: "openai.AsyncAPIResponse[Any]") -> bytes:
        body = bytearray()
        async for part in response.iter_bytes():
            body += part
            if len(body) > MOST_REPLY_BYTES:
                raise Refused(filled(TOO_MUCH, self.server, megabytes=MOST_REPLY_BYTES / 1e6))
        return bytes(body)

    def _fault_of(self, error: "openai.APIStatusError", statuses: Mapping[int, Fault]) -> Fault:
        wait = _retry_after_seconds(error.response.headers)
        if wait > self.waits.longest:
            return filled(LONG_WAIT, self.server, seconds=wait)
        return classify(self.server, error.status_code, error.body, wait, statuses)


def not_asked(stopped: Fault) -> Fault:
    """For a paper that was not sent because the conversation had ended."""
    return replace(stopped, cause=f"not asked: {stopped.cause}")


def _innermost(error: BaseException) -> str:
    """The operating system's own words about a connection that did not come about."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    number = getattr(error, "errno", None) or 0
    return plain_line(os.strerror(number) if number > 0 else getattr(error, "strerror", "") or str(error))


def _retry_after_seconds(headers: Mapping[str, str]) -> float:
    """Of a Retry-After header (RFC 9110, 10.2.3): a number, or a date by the server's own clock; else 0."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        then, now = (email.utils.parsedate_to_datetime(text) for text in (value, headers.get("date", "")))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0
