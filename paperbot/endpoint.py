"""One conversation with the model's server, through the `openai` package (imported on first use).

Every call has a time limit for all of it, is tried again where that makes sense, and ends in an answer or in
`Refused`. After a fault that concerns the whole run, nothing more is asked.
"""

import asyncio
import contextlib
import email.utils
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from paperbot.faults import (
    BROKEN_OFF,
    BROKEN_TEXT,
    CHAT_STATUSES,
    FILE_BROKEN,
    FILE_NOT_READY,
    LONG_WAIT,
    NO_FILES,
    TIMED_OUT,
    TOO_MUCH,
    UNREACHABLE,
    UPLOAD_STATUSES,
    Fault,
    Refused,
    Remedy,
    Server,
    classify,
    filled,
    plain_line,
)
from paperbot.prompts import Message, estimate_tokens
from paperbot.replies import Completion, is_utf8, read_completion, read_json, token_counts

if TYPE_CHECKING:
    import openai

    Call = AbstractAsyncContextManager[openai.AsyncAPIResponse[Any]]

log = logging.getLogger(__name__)

Value = TypeVar("Value")

MOST_REPLY_BYTES = 16_000_000
MOST_PAGES_OF_FILES = 100
ROOM = {"max_tokens": 16_384}
NO_THINKING = {"enable_thinking": False}
FAILURES_THAT_END_UPLOADS = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    pauses_seconds: tuple[float, ...] = (2, 10, 30, 60)
    """Between tries; the last one is kept to."""
    longest_wait_seconds: float = 120
    """A server that asks for more has ended the conversation for this run."""
    polls_seconds: tuple[float, ...] = (0.3, 0.7, 1, 2, 3)
    """Between two looks at an uploaded file; the last one is kept to."""
    file_seconds: float = 120
    connect_seconds: float = 20
    cleanup_seconds: float = 5
    failures_in_a_row: int = 3
    """So many papers failed one after the other: the server is down."""


class Endpoint:
    """Use as an async context manager, within one event loop."""

    def __init__(
        self,
        server: Server,
        *,
        timeout_seconds: float,
        max_at_once: int,
        patience: Patience = Patience(),  # noqa: B008
    ) -> None:
        self.server = server
        self.stopped: Fault | None = None
        """Why nothing more is asked in this run."""
        self.takes_files: bool | None = None
        """None until the first upload has been answered."""
        self.input_tokens = self.output_tokens = 0
        """Spent so far, on failed calls too; estimated where the server doesn't count."""
        self._timeout_seconds, self._patience = timeout_seconds, patience
        self._at_once, self._turns = max_at_once, asyncio.Semaphore(max_at_once)
        self._quiet_until = 0.0
        self._stop = asyncio.Event()
        self._failures = self._file_failures = 0
        self._parameters: Mapping[str, object] = {}
        self._refused_parameters: set[str] = set()
        self._first_upload = asyncio.Lock()

    async def __aenter__(self) -> Self:
        import openai

        limit = self._timeout_seconds
        connect = min(limit, self._patience.connect_seconds)
        self._client = openai.AsyncOpenAI(
            api_key=self.server.api_key,
            base_url=self.server.base_url,
            admin_api_key="",
            webhook_secret="",
            max_retries=0,
            timeout=openai.Timeout(limit, connect=connect),
            # Explicit, for the environment may hold other headers and other organisations.
            default_headers={"Authorization": f"Bearer {self.server.api_key}"},
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not self.server.is_local),
        )
        self._client.organization = self._client.project = None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    # Asking ----------------------------------------------------------------------------------------------

    async def ask(self, messages: Sequence[Message], expected_input_tokens: int) -> Completion:
        """The model's answer with its token counts, estimated if the server gives none; raises Refused."""
        try:
            completion = await self._patiently(lambda: self._in_turn(messages, expected_input_tokens))
        except Refused as refused:
            self._count_failure(refused.fault)
            raise
        self._failures = 0
        return completion

    def _count_failure(self, fault: Fault) -> None:
        if fault.moderated:
            self._failures = 0
        elif fault.remedy is Remedy.THIS_PAPER:
            self._failures += 1
        if self._failures >= self._patience.failures_in_a_row:
            self._end(
                replace(fault, remedy=Remedy.STOP, cause=f"{fault.cause}, {self._failures} papers in a row")
            )

    async def _in_turn(self, messages: Sequence[Message], expected_input_tokens: int) -> Completion:
        """Waits for a free place; one that the server found too many is not given back."""
        await self._turns.acquire()
        free = True
        try:
            await self._wait(self._quiet_until - asyncio.get_running_loop().time())
            return await self._with_fitting_parameters(messages, expected_input_tokens)
        except Refused as refused:
            if refused.fault.crowded and self._at_once > 1:
                self._at_once -= 1
                free = False
            raise
        finally:
            if free:
                self._turns.release()

    async def _with_fitting_parameters(self, messages: Sequence[Message], expected_tokens: int) -> Completion:
        while True:
            sent = self._parameters
            try:
                return await self._complete(messages, expected_tokens, sent)
            except Refused as refused:
                better = self._better_parameters(sent, refused.fault)
                if better is None:
                    raise
                self._parameters = better

    def _better_parameters(self, sent: Mapping[str, object], fault: Fault) -> Mapping[str, object] | None:
        """What to send instead after this fault, None if nothing would help. Every parameter changes once."""
        refused = {name for name in sent if name in fault.said}
        if refused and fault.remedy is Remedy.THIS_PAPER:
            self._refused_parameters |= refused
            return {name: value for name, value in sent.items() if name not in refused}
        wanted = ROOM if fault.needs_room else NO_THINKING if "enable_thinking" in fault.said else {}
        if not wanted or wanted.keys() & (sent.keys() | self._refused_parameters):
            return None
        return {**sent, **wanted}

    async def _complete(
        self, messages: Sequence[Message], expected_tokens: int, parameters: Mapping[str, object]
    ) -> Completion:
        body = await self._exchange(
            self._client.chat.completions.with_streaming_response.create(
                model=self.server.model,
                messages=[dict(message) for message in messages],  # type: ignore[misc]
                extra_body=dict(parameters),
            )
        )
        reply = read_json(self.server, body)
        spent_in, spent_out = token_counts(reply)
        try:
            if not is_utf8(body):
                raise Refused(filled(BROKEN_TEXT, self.server))
            completion = read_completion(self.server, reply)
            spent_in = expected_tokens if spent_in is None else spent_in
            spent_out = estimate_tokens(completion.text) if spent_out is None else spent_out
            return replace(completion, input_tokens=spent_in, output_tokens=spent_out)
        finally:
            self.input_tokens += spent_in or 0
            self.output_tokens += spent_out or 0

    # Files -----------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def uploaded(self, name: str, data: bytes) -> AsyncIterator[str]:
        """The id of a PDF that the server has read; deleted at the end, whatever happens. Raises Refused."""
        file_id = ""
        try:
            try:
                file = await self._upload(name, data)
                file_id = file["id"]
                await self._until_read(file)
            except Refused as refused:
                raise Refused(self._counted_file_failure(refused.fault)) from None
            self._file_failures = 0
            yield file_id
        finally:
            if file_id:
                await self.delete(file_id)

    def _counted_file_failure(self, fault: Fault) -> Fault:
        self._file_failures += fault.remedy is not Remedy.STOP
        if fault.no_files or self._file_failures >= FAILURES_THAT_END_UPLOADS:
            self.takes_files = False
        return replace(fault, remedy=Remedy.OTHER_SOURCE) if fault.remedy is Remedy.THIS_PAPER else fault

    async def _upload(self, name: str, data: bytes) -> Mapping[str, Any]:
        """Until one upload has shown whether the server takes files, they go one at a time."""
        async with self._first_upload if self.takes_files is None else contextlib.nullcontext():
            if self.takes_files is False:
                raise Refused(filled(NO_FILES, self.server))
            file = await self._patiently(lambda: self._send_file(name, data))
            self.takes_files = True
            return file

    async def _send_file(self, name: str, data: bytes) -> Mapping[str, Any]:
        create = self._client.files.with_streaming_response.create
        purpose: Any = "file-extract"  # DashScope's own
        return await self._file(create(file=(name, data, "application/pdf"), purpose=purpose))

    async def _until_read(self, file: Mapping[str, Any]) -> None:
        """DashScope reads an uploaded file first; a question about it before that is refused."""
        deadline = asyncio.get_running_loop().time() + self._patience.file_seconds
        for pause in _kept_to(self._patience.polls_seconds):
            if file.get("status") == "processed":
                return
            if file.get("status") in ("error", "failed", "cancelled", "expired"):
                said = plain_line(str(file.get("status_details") or ""))
                raise Refused(replace(filled(FILE_BROKEN, self.server), said=said))
            if asyncio.get_running_loop().time() + pause > deadline:
                raise Refused(replace(filled(FILE_NOT_READY, self.server), remedy=Remedy.OTHER_SOURCE))
            await self._wait(pause)
            retrieve, file_id = self._client.files.with_streaming_response.retrieve, file["id"]
            file = await self._patiently(lambda: self._file(retrieve(file_id)))  # noqa: B023

    async def _file(self, call: "Call") -> Mapping[str, Any]:
        file = read_json(self.server, await self._exchange(call, UPLOAD_STATUSES))
        if not isinstance(file, dict) or not isinstance(file.get("id"), str):
            raise Refused(filled(NO_FILES, self.server))
        return file

    async def delete(self, file_id: str) -> None:
        """Also when the conversation is over; what can't be deleted is left to a later run's `left_over`."""
        fault = None
        for pause in (0.0, *self._patience.polls_seconds[:2]):
            await asyncio.sleep(pause)
            try:
                call = self._client.files.with_streaming_response.delete(file_id)
                await self._exchange(call, UPLOAD_STATUSES, self._patience.cleanup_seconds)
            except Refused as refused:
                fault = refused.fault
                if fault.remedy is Remedy.NEW_UPLOAD:  # there is no such file any more
                    return
            else:
                return
        log.warning("the uploaded file %s could not be deleted: %s; the next run tries again", file_id, fault)

    async def left_over(self, prefix: str) -> tuple[str, ...]:
        """The ids of uploaded files whose names begin so; none, with a log line, if the server lists none."""
        found: list[str] = []
        last = ""
        try:
            for _ in range(MOST_PAGES_OF_FILES):
                page = await self._patiently(lambda: self._page_of_files(last))  # noqa: B023
                files = [file for file in page.get("data") or () if isinstance(file, dict)]
                found += [
                    str(file.get("id")) for file in files if str(file.get("filename")).startswith(prefix)
                ]
                if not page.get("has_more") or not files or str(files[-1].get("id")) == last:
                    break
                last = str(files[-1].get("id"))
        except Refused as refused:
            log.info("files left by an earlier run were not looked for: %s", refused)
        return tuple(found)

    async def _page_of_files(self, after: str) -> Mapping[str, Any]:
        call = self._client.files.with_streaming_response.list(extra_query={"after": after} if after else {})
        page = read_json(self.server, await self._exchange(call, UPLOAD_STATUSES))
        return page if isinstance(page, dict) else {}

    # One request -----------------------------------------------------------------------------------------

    async def _patiently(self, call: Callable[[], Awaitable[Value]]) -> Value:
        """The call's value, tried as often as its faults allow."""
        tries = 0
        if self.stopped:
            raise Refused(not_asked(self.stopped))
        while True:
            tries += 1
            try:
                return await call()
            except Refused as refused:
                fault = refused.fault
                if fault.remedy is Remedy.STOP:
                    self._end(fault)
                if fault.remedy is not Remedy.TRY_AGAIN:
                    raise
                if tries >= fault.tries:
                    raise Refused(replace(fault, remedy=fault.afterwards)) from None
                await self._pause(fault, tries)
                if self.stopped:
                    raise

    async def _pause(self, fault: Fault, tries: int) -> None:
        pauses = self._patience.pauses_seconds
        seconds = max(pauses[min(tries, len(pauses)) - 1], fault.retry_after_seconds)
        log.info("%s; trying again in %.0f s", fault, seconds)
        if fault.crowded:
            self._quiet_until = asyncio.get_running_loop().time() + seconds
        await self._wait(seconds)

    async def _wait(self, seconds: float) -> None:
        """Ends early when the conversation does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._stop.wait()

    def _end(self, fault: Fault) -> None:
        self.stopped = self.stopped or fault
        self._stop.set()

    async def _exchange(
        self, call: "Call", statuses: Mapping[int, Fault] = CHAT_STATUSES, limit_seconds: float = 0.0
    ) -> bytes:
        """The whole body of a successful answer, within the time limit for all of it."""
        import httpx2
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
        if wait > self._patience.longest_wait_seconds:
            return filled(LONG_WAIT, self.server, seconds=wait)
        return classify(self.server, error.status_code, error.body, wait, statuses)


def not_asked(stopped: Fault) -> Fault:
    """For a paper that was not sent because the conversation had ended."""
    return replace(stopped, cause=f"not asked: {stopped.cause}")


def _kept_to(pauses: Sequence[float]) -> Iterator[float]:
    """The pauses one by one, then the last of them for ever."""
    return itertools.chain(pauses, itertools.repeat(pauses[-1]))


def _innermost(error: BaseException) -> str:
    """The operating system's own words about a connection that did not come about."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return plain_line(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _retry_after_seconds(headers: Mapping[str, str]) -> float:
    """Seconds from a Retry-After header (RFC 9110, 10.2.3): a number, or a date by the server's own clock."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        then, now = (email.utils.parsedate_to_datetime(text) for text in (value, headers.get("date", "")))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0
