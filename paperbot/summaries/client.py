"""The client of the model's server: time limits, retries, and an end when it makes no sense to go on.

A thin layer over `openai.AsyncOpenAI`, whose own retries are off: which answers are worth another attempt is
in the table of errors.
"""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import httpx2  # comes with openai
import openai

from paperbot.model import NoSummaryReason
from paperbot.network import HTTPX, causes_of, diagnose, retry_after_seconds
from paperbot.summaries.error_bodies import plain_line
from paperbot.summaries.error_rules import (
    CONNECTION_LOST,
    LOCAL_SETUP,
    LONG_WAIT,
    TIMED_OUT,
    TOO_LARGE,
    UNREACHABLE,
    Action,
)
from paperbot.summaries.errors import Failure, SummaryError, classify, failure
from paperbot.summaries.prompts import Message, estimate_tokens
from paperbot.summaries.replies import (
    MAX_SUMMARY_CHARS,
    Completion,
    Json,
    check_utf8,
    read_completion,
    read_reply,
    token_counts,
)
from paperbot.summaries.server import Server
from paperbot.summaries.transport import (
    ENCODINGS,
    MAX_BODY_BYTES,
    BodyTooLarge,
    SetupError,
    make_transport,
)

log = logging.getLogger(__name__)

ADDRESS_SETTING = "ai_summary.base_url"
FAILURES_IN_A_ROW = 3
MAX_OUTPUT_TOKENS = 16_384
"""Asked for when an answer was cut at the server's own limit."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long to wait for what, in seconds."""

    pauses: tuple[float, ...] = (2, 10, 30, 60)
    """Before each new attempt; the last one repeats."""
    longest: float = 120
    """A server that asks for more is not asked again in this run."""
    polls: tuple[float, ...] = (0.3, 0.7, 1, 2, 3)
    """Between two looks at an uploaded file; the last one repeats."""
    file: float = 120
    connect: float = 20
    cleanup: float = 5
    """For each request that only deletes or lists files."""
    grace: float = 300
    """For the summaries under way when the time of a run is used up."""


class Client:
    """Use as an async context manager, within one event loop."""

    def __init__(self, server: Server, *, timeout_seconds: float, max_concurrent: int, waits: Waits) -> None:
        self.server, self.waits = server, waits
        self.input_tokens = self.output_tokens = 0
        """Spent so far, on failed calls too; estimated where the server doesn't count."""
        self.stopped: Failure | None = None
        """Why nothing more is asked in this run."""
        self.is_closing = False
        """What is under way may end; nothing is tried again."""
        self._timeout_seconds = timeout_seconds
        self._concurrent, self._turns = max_concurrent, asyncio.Semaphore(max_concurrent)
        self._stop = asyncio.Event()
        self._quiet_until = 0.0
        self._failures_in_a_row = 0
        self._parameters: Mapping[str, object] = {"stream": False}
        self._refused_parameters: set[str] = set()

    async def __aenter__(self) -> Self:
        """A machine that cannot ask the server ends the conversation before it begins; nothing is raised."""
        headers = {"Authorization": f"Bearer {self.server.api_key}", "Accept-Encoding": ENCODINGS}
        try:
            transport = make_transport(self.server.base_url, ADDRESS_SETTING)
        except SetupError as error:
            self.stop_if_fatal(failure(LOCAL_SETUP, self.server, why=str(error)))
            transport = None
        self.openai = openai.AsyncOpenAI(  # all that it would otherwise read from the environment is given
            api_key=self.server.api_key,
            base_url=self.server.base_url if transport else "http://invalid.",
            admin_api_key="",
            webhook_secret="",
            max_retries=0,
            timeout=openai.Timeout(
                self._timeout_seconds, connect=min(self._timeout_seconds, self.waits.connect)
            ),
            default_headers=headers if transport else None,
            http_client=openai.DefaultAsyncHttpxClient(transport=transport, trust_env=False),
        )
        self.openai.organization = self.openai.project = None
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.openai.close()

    async def ask(self, messages: Sequence[Message], expected_input_tokens: int) -> Completion:
        """The model's answer with its token counts, else estimates of them. Raises SummaryError."""
        attempt, cut = 0, None
        self.raise_if_stopped()
        while True:
            attempt += 1
            sent = self._parameters
            try:
                async with self._turn(), self.request_errors():
                    response = await self.openai.chat.completions.with_raw_response.create(
                        model=self.server.model,
                        messages=[dict(message) for message in messages],  # type: ignore[misc]
                        extra_body=dict(sent),
                    )
                completion = self._read_completion(response.content, expected_input_tokens)
            except SummaryError as error:
                if self._adjust_parameters(sent, error.failure):
                    attempt -= 1
                elif cut:
                    return cut
                else:
                    await self._before_next_attempt(error.failure, attempt)
                continue
            self._failures_in_a_row = 0
            is_short = len(completion.text) < MAX_SUMMARY_CHARS // 2
            if not (completion.cut_short and is_short) or cut or not self._give_more_output(sent):
                return max(
                    filter(None, (completion, cut)), key=lambda one: (not one.cut_short, len(one.text))
                )
            cut = completion

    def _read_completion(self, body: bytes, expected_tokens: int) -> Completion:
        """Counts what was spent, on a useless answer too. Raises SummaryError."""
        reply = read_reply(self.server, body)
        spent_in, spent_out = token_counts(reply)
        is_counted = spent_in is not None
        try:
            check_utf8(self.server, body)
            completion = read_completion(self.server, reply)
            spent_in = expected_tokens if spent_in is None else spent_in
            spent_out = estimate_tokens(completion.text) if spent_out is None else spent_out
            return replace(
                completion, input_tokens=spent_in, output_tokens=spent_out, counted_input=is_counted
            )
        finally:
            self.input_tokens += spent_in or 0
            self.output_tokens += spent_out or 0

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Waits for a free place; one that was too many for the server is not given back."""
        await self._turns.acquire()
        is_free = True
        try:
            await self.wait(self._quiet_until - asyncio.get_running_loop().time())
            self.raise_if_stopped()
            yield
        except SummaryError as error:
            if error.failure.kind is NoSummaryReason.RATE and self._concurrent > 1:
                self._concurrent -= 1
                is_free = False
            raise
        finally:
            if is_free:
                self._turns.release()

    def _adjust_parameters(self, sent: Mapping[str, object], problem: Failure) -> bool:
        """Whether other parameters may help after this failure. Each is added and dropped once."""
        if self._parameters is not sent:
            return problem.rule.attempts == 1 and any(name in problem.details for name in sent)
        named = {name for name in sent if name in problem.details and name != "stream"}
        kept = {name: value for name, value in sent.items() if name not in named}
        self._refused_parameters |= named
        if problem.rule.needs_more_output:
            wanted: Mapping[str, object] = {"max_tokens": MAX_OUTPUT_TOKENS}
        elif "max_tokens" in sent and "max_completion_tokens" in problem.details:
            wanted = {"max_completion_tokens": MAX_OUTPUT_TOKENS}
        elif "enable_thinking" in problem.details:
            wanted = {"enable_thinking": False}
        elif "support stream" in problem.details or "仅支持流式" in problem.details:
            wanted = {"stream": True}
        else:
            wanted = {}
        added = {name: value for name, value in wanted.items() if sent.get(name) != value}
        if not named and (not added or added.keys() & self._refused_parameters):
            return False
        self._parameters = kept | {
            name: value for name, value in added.items() if name not in self._refused_parameters
        }
        return True

    def _give_more_output(self, sent: Mapping[str, object]) -> bool:
        """Whether a cut answer may be asked for again with a larger limit."""
        if (
            self.is_closing
            or "max_tokens" in self._refused_parameters
            or {"max_tokens", "max_completion_tokens"} & sent.keys()
        ):
            return False
        self._parameters = {**self._parameters, "max_tokens": MAX_OUTPUT_TOKENS}
        return True

    async def with_retries(self, call: Callable[[], Awaitable[Json]]) -> Json:
        """The call's value, tried as often as its failures allow; raises SummaryError."""
        attempt = 0
        self.raise_if_stopped()
        while True:
            attempt += 1
            try:
                return await call()
            except SummaryError as error:
                await self._before_next_attempt(error.failure, attempt, counts=False)

    async def _before_next_attempt(self, problem: Failure, attempt: int, *, counts: bool = True) -> None:
        """Waits as long as this failure asks for; raises SummaryError if there is no next attempt."""
        if problem.action is Action.RETRY and problem.retry_after_seconds > self.waits.longest:
            problem = failure(LONG_WAIT, self.server, seconds=problem.retry_after_seconds)
        self.stop_if_fatal(problem)
        if problem.action is Action.RETRY and attempt < problem.rule.attempts and not self.is_closing:
            pauses = self.waits.pauses
            seconds = max(pauses[min(attempt, len(pauses)) - 1], problem.retry_after_seconds)
            log.info("%s; trying again in %.0f s", problem, seconds)
            if problem.kind is NoSummaryReason.RATE:
                self._quiet_until = asyncio.get_running_loop().time() + seconds
            await self.wait(seconds)
            if not self.stopped and not self.is_closing:
                return
        if problem.action is Action.RETRY:
            problem = replace(problem, action=problem.rule.on_exhausted)
        if counts and problem.kind is NoSummaryReason.MODERATED:
            self._failures_in_a_row = 0
        elif counts and problem.action is Action.SKIP_PAPER:
            self._failures_in_a_row += 1
        if counts and self._failures_in_a_row >= FAILURES_IN_A_ROW and not self.is_closing:
            cause = f"{problem.cause}, {self._failures_in_a_row} papers in a row"
            self.stop_if_fatal(replace(problem, action=Action.STOP, cause=cause))
        raise SummaryError(problem) from None

    async def wait(self, seconds: float) -> None:
        """Ends early when the conversation does."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stop.wait()

    def raise_if_stopped(self) -> None:
        """Raises SummaryError once the conversation is over."""
        if self.stopped:
            raise SummaryError(not_asked(self.stopped))

    def stop_if_fatal(self, problem: Failure) -> None:
        """Ask nothing more in this run if the failure says so."""
        if problem.action is Action.STOP:
            self.stopped = self.stopped or problem
            self._stop.set()

    def close(self) -> None:
        """Let what is under way end, without further attempts."""
        self.is_closing = True
        self._stop.set()

    @contextlib.asynccontextmanager
    async def request_errors(
        self, limit_seconds: float | None = None, *, upload: bool = False
    ) -> AsyncIterator[None]:
        """Turns whatever a request raises into SummaryError. The limit is for the whole answer."""
        limit_seconds = limit_seconds or self._timeout_seconds
        try:
            async with asyncio.timeout(limit_seconds):
                yield
        except openai.APIStatusError as error:
            seconds = retry_after_seconds(error.response.headers, time.time())
            value: Json = error.response.content.decode("utf-8", "replace")
            with contextlib.suppress(SummaryError):  # then it is text
                value = read_reply(self.server, error.response.content)
            problem = classify(self.server, error.status_code, value, seconds, upload=upload)
            raise SummaryError(problem) from None
        except (TimeoutError, openai.APIConnectionError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise SummaryError(_connection_failure(error, self.server, limit_seconds)) from None


def not_asked(stopped: Failure) -> Failure:
    """The error for a paper that was not sent because an earlier answer ended all requests."""
    if stopped.kind is NoSummaryReason.TIME_BUDGET:
        return stopped
    return replace(stopped, cause=f"not asked: {stopped.cause}")


def _connection_failure(error: BaseException, server: Server, seconds: float) -> Failure:
    causes = list(causes_of(error))
    if _first(causes, BodyTooLarge):
        return failure(TOO_LARGE, server, megabytes=MAX_BODY_BYTES / 1e6)
    if problem := diagnose(error, server.base_url, HTTPX, ADDRESS_SETTING):
        return failure(LOCAL_SETUP, server, why=problem)
    if _first(causes, httpx2.TooManyRedirects):
        return failure(LOCAL_SETUP, server, why=f"it redirects without end; correct {ADDRESS_SETTING}")
    if _first(causes, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError)):
        innermost = causes[-1]  # the operating system's own words
        number = getattr(innermost, "errno", None) or 0
        said = getattr(innermost, "strerror", "") or str(innermost) or "no answer in time"
        why = plain_line(os.strerror(number) if number > 0 else said)
        return failure(UNREACHABLE, server, why=why.replace("{", "(").replace("}", ")"))
    if _first(causes, (TimeoutError, httpx2.TimeoutException)):
        return failure(TIMED_OUT, server, seconds=seconds)
    return failure(CONNECTION_LOST, server)


def _first(causes: Sequence[BaseException], kinds: Any) -> Any:
    return next((cause for cause in causes if isinstance(cause, kinds)), None)
