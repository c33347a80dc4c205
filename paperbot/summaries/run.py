"""One run of making summaries: PDFs from arXiv, answers from the model's server, several papers at a time.

All of it runs in one event loop. Threads are used only where a library blocks: fetching and reading a PDF.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, TypeVar

from paperbot.config.settings import AiSummary
from paperbot.containment import FAULT_TEXT, Faults
from paperbot.model import (
    Entry,
    Grounding,
    NoSummaryReason,
    Notice,
    NoticeKind,
    Paper,
    Summary,
    SummarySource,
)
from paperbot.network import RetryBudget
from paperbot.sources.http import FetchFailed, PoliteSession
from paperbot.summaries import OUTPUT_TOKENS, PDF_TOKENS, Outcome, no_key, pdf_address, server_of, sources_of
from paperbot.summaries.client import Client, Waits, not_asked
from paperbot.summaries.error_rules import (
    BOT_FAULT,
    NO_PDF,
    STOPPED,
    TIME_BUDGET,
    TOKEN_BUDGET,
    UNREAD_FILE,
    UNREAD_TEXT,
    Action,
    Rule,
)
from paperbot.summaries.error_table import TOO_LONG
from paperbot.summaries.errors import Failure, SummaryError, failure
from paperbot.summaries.grounding import ground
from paperbot.summaries.pdf import PaperText, UnreadablePdf, read_pdf, within_budget
from paperbot.summaries.prompts import (
    CHARS_PER_TOKEN,
    TEXT_CHARS,
    Message,
    Prompt,
    estimate_tokens,
    message_tokens,
    messages_for,
)
from paperbot.summaries.replies import Completion, says_it_saw_no_paper
from paperbot.summaries.uploads import Uploads

log = logging.getLogger(__name__)

Value = TypeVar("Value")

MAX_PDF_BYTES = 50_000_000
PDF_FAILURES_IN_A_ROW = 3
MAX_UPLOADS = 2
"""Of one paper: the server's parser fails now and then, and a file may vanish."""
FILE_MODEL_MESSAGE_TOKENS = 8_000
"""qwen-long takes 9,000 tokens in a message of its own; the rest is for errors of the estimate."""
MAX_READERS = 2
LOOK_AHEAD = 2
"""PDFs at hand beyond those being summarised."""
MIN_FILE_SHARE, MIN_FILE_TOKENS = 0.25, 300
"""With less than this share of a file's text, or so many tokens, a server did not read the file."""
MIN_TEXT_SHARE = 0.5
"""Of a text that was sent; estimates are at most a third too high."""
MIN_EXCERPT_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class PaperContent:
    """What is at hand of one paper beside its abstract."""

    pdf: bytes = b""
    text: PaperText | None = None
    problem: str = ""
    """Why there is no text, or no PDF."""

    @property
    def is_whole(self) -> bool:
        """The PDF is complete, even if its text can't be read here."""
        return b"%PDF-" in self.pdf[:1024] and b"%%EOF" in self.pdf[-4096:]


def summarise(
    chosen: Sequence[Entry],
    settings: AiSummary,
    prompt: Prompt,
    api_key: str,
    *,
    session: PoliteSession,
    pdf_url: str,
    keep: Callable[[str, Summary], None],
    now: dt.datetime,
    faults: Faults | None = None,
    repository: str = "",
    pdf_patience_seconds: float = 60.0,
    waits: Waits | None = None,
) -> Outcome:
    """Make the summaries of these papers; each goes to `keep` as soon as it is there.

    PDFs are fetched one after the other while earlier papers are summarised; failures of arXiv may cost
    `pdf_patience_seconds` in all. When `ai_summary.max_minutes` are used up, no new summary is begun; at
    SIGTERM those under way are given up as well. In both cases what is finished is returned. Ctrl-C raises
    KeyboardInterrupt. Uploads are deleted in each case.
    """
    if not chosen:
        return Outcome()
    if not api_key:
        return Outcome(notices=(no_key(settings),))
    pdfs = PdfSource(session, pdf_url, pdf_patience_seconds)
    run = SummaryRun(
        settings, prompt, api_key, pdfs, keep, now, faults or Faults(), repository, waits or Waits()
    )
    asyncio.run(run.work(chosen))
    return run.outcome()


class SummaryRun:
    """Takes papers in rank order."""

    def __init__(
        self,
        settings: AiSummary,
        prompt: Prompt,
        api_key: str,
        pdfs: "PdfSource",
        keep: Callable[[str, Summary], None],
        now: dt.datetime,
        faults: Faults,
        repository: str,
        waits: Waits,
    ) -> None:
        self._settings, self._prompt, self._fingerprint = settings, prompt, prompt.fingerprint
        self._pdfs, self._keep, self._now, self._faults = pdfs, keep, now, faults
        self._repository, self._sources = repository, sources_of(settings)
        self._client = Client(
            server_of(settings, api_key),
            timeout_seconds=settings.timeout_seconds,
            max_concurrent=settings.max_workers,
            waits=waits,
        )
        self._makers = {
            SummarySource.FILE: self._from_file,
            SummarySource.TEXT: self._from_text,
            SummarySource.ABSTRACT: self._from_abstract,
        }
        self._summaries: dict[str, Summary] = {}
        self._failures: dict[str, Failure] = {}
        self._closed: Failure | None = None
        """Why no further summary is begun, beside a refusal of the server's: time, or a signal."""
        self._reserved_tokens = 0
        self._text_chars = TEXT_CHARS[0]
        self._context_is_small = False
        """The server counted far fewer tokens than it was sent."""
        self._at_hand = asyncio.Semaphore(settings.max_workers + LOOK_AHEAD)
        self._workers = asyncio.Semaphore(settings.max_workers)
        self._arxiv, self._readers = asyncio.Lock(), asyncio.Semaphore(MAX_READERS)
        self._tasks: list[asyncio.Task[None]] = []

    async def work(self, chosen: Sequence[Entry]) -> None:
        """Until all papers are done, or none is begun any more."""
        async with self._client, self._uploads_deleted(), self._time_limit():
            turns = [asyncio.Event() for _ in range(len(chosen) + 1)]
            turns[0].set()
            triples = zip(chosen, turns, turns[1:], strict=False)
            self._tasks = [asyncio.create_task(self._paper(*triple)) for triple in triples]
            try:
                ended, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in ended:
                    task.result()  # raises what ends the run, such as a full disk
            finally:
                self._cancel()
                await asyncio.wait(self._tasks)

    @contextlib.asynccontextmanager
    async def _uploads_deleted(self) -> AsyncIterator[None]:
        """Before and after, the server holds no file of this repository's."""
        self._uploads = Uploads(self._client, self._repository, self._now)
        if SummarySource.FILE not in self._sources or self._client.stopped:
            yield
            return
        await self._uploads.delete_orphans()
        try:
            yield
        finally:
            if self._uploads.may_have_orphans:
                await self._uploads.delete_orphans()

    @contextlib.asynccontextmanager
    async def _time_limit(self) -> AsyncIterator[None]:
        loop, minutes = asyncio.get_running_loop(), self._settings.max_minutes
        end = loop.call_later(minutes * 60, self._close, TIME_BUDGET)
        end_of_grace = loop.call_later(minutes * 60 + self._client.waits.grace, self._cancel)
        with _on_sigterm(lambda: loop.call_soon_threadsafe(self._stop)):
            try:
                yield
            finally:
                end.cancel()
                end_of_grace.cancel()

    def _close(self, rule: Rule) -> None:
        """Begin no further summary."""
        if not self._closed:
            self._closed = failure(rule, self._client.server, minutes=self._settings.max_minutes)
            self._client.close()

    def _cancel(self) -> None:
        """Once each: a second time would end the deletion of an upload."""
        for task in self._tasks:
            if not task.cancelling():
                task.cancel()

    def _stop(self) -> None:
        """At SIGTERM a process has some ten seconds left."""
        self._close(STOPPED)
        self._cancel()

    async def _paper(self, entry: Entry, turn: asyncio.Event, next_turn: asyncio.Event) -> None:
        """From a paper's PDF to a summary by the first source that works, or to the last source's reason."""
        bot_fault = failure(BOT_FAULT, self._client.server, why=FAULT_TEXT)
        problem: Failure | None = bot_fault
        try:
            with self._faults.contained(f"The summary of {entry.paper.id}"):
                async with self._at_hand:
                    content = await self._content(entry.paper)
                    await turn.wait()  # PDFs are read in any order, summaries begun in rank order
                    next_turn.set()
                    async with self._workers:
                        problem = self._why_closed()
                        for source in () if problem else self._sources:
                            problem = bot_fault
                            try:
                                await self._makers[source](entry, content)
                                return
                            except SummaryError as error:
                                problem = error.failure
                            if problem.action is not Action.OTHER_SOURCE:
                                break
        except asyncio.CancelledError:
            if not self._closed:
                raise
            problem = self._closed
        finally:
            next_turn.set()
        self._fail(entry, problem or bot_fault)

    def _why_closed(self) -> Failure | None:
        if self._closed:
            return self._closed
        if self._client.stopped:
            return not_asked(self._client.stopped)
        return self._token_budget_used() if self._tokens_left < OUTPUT_TOKENS else None

    async def _from_file(self, entry: Entry, content: PaperContent) -> None:
        """A file that the server can't read or has lost is uploaded once more."""
        if not content.is_whole:
            raise SummaryError(failure(NO_PDF, self._client.server, why=content.problem))
        asked_tokens = message_tokens(self._messages(entry, SummarySource.FILE))
        file_tokens = estimate_tokens(content.text.text) if content.text else PDF_TOKENS
        name = entry.paper.versioned_id.replace("/", "-") + ".pdf"
        for upload in range(MAX_UPLOADS):
            try:
                with self._reserved(asked_tokens + file_tokens + OUTPUT_TOKENS):
                    async with self._uploads.uploaded(name, content.pdf) as file_id:
                        messages = self._messages(entry, SummarySource.FILE, file_id=file_id)
                        completion = await self._client.ask(messages, asked_tokens + file_tokens)
                        least = MIN_FILE_SHARE * file_tokens if content.text else MIN_FILE_TOKENS
                        self._refuse_if_unread(completion, asked_tokens + least)
                        self._finish(entry, content, SummarySource.FILE, completion)
                        return
            except SummaryError as error:
                if error.failure.action is not Action.UPLOAD_AGAIN:
                    raise
                if upload == MAX_UPLOADS - 1:
                    raise SummaryError(replace(error.failure, action=Action.OTHER_SOURCE)) from None

    def _refuse_if_unread(self, completion: Completion, least_tokens: float) -> None:
        is_ignored = completion.counted_input and completion.input_tokens < least_tokens
        if is_ignored or says_it_saw_no_paper(completion.text):
            self._uploads.record_unread()
            raise SummaryError(failure(UNREAD_FILE, self._client.server))

    async def _from_text(self, entry: Entry, content: PaperContent) -> None:
        """The whole text if the model has room for it, else its beginning and its end."""
        if content.text is None:
            raise SummaryError(failure(NO_PDF, self._client.server, why=content.problem))
        text = content.text.without_references
        for max_chars in self._text_limits(entry):
            excerpt = within_budget(text, max_chars)
            messages = self._messages(entry, SummarySource.TEXT, text=excerpt)
            tokens = message_tokens(messages)
            try:
                with self._reserved(tokens + OUTPUT_TOKENS):
                    completion = await self._client.ask(messages, tokens)
            except SummaryError as error:
                if error.failure.kind is not NoSummaryReason.TOO_LONG or len(excerpt) <= TEXT_CHARS[-1]:
                    raise
                continue
            if says_it_saw_no_paper(completion.text):
                raise SummaryError(failure(UNREAD_TEXT, self._client.server))
            is_cut = self._is_context_cut(tokens, excerpt, completion)
            if not is_cut:
                break
        self._finish(entry, content, SummarySource.TEXT, completion, partial=is_cut or excerpt != text)

    def _text_limits(self, entry: Entry) -> Iterator[int]:
        """How many characters of a text to send: first the most, then less if that was too much."""
        first = self._text_chars
        if self._client.server.reads_files:
            asked = message_tokens(self._messages(entry, SummarySource.TEXT))
            first = min(first, int((FILE_MODEL_MESSAGE_TOKENS - asked) * CHARS_PER_TOKEN))
        if first < MIN_EXCERPT_CHARS:
            raise SummaryError(failure(TOO_LONG, self._client.server))
        yield first
        second = self._text_chars if self._context_is_small else TEXT_CHARS[-1]
        if second < first:
            yield second

    def _is_context_cut(self, sent_tokens: int, excerpt: str, completion: Completion) -> bool:
        """Whether the server read far less than it was sent (Ollama drops what its context has no room for).

        Then this and all later texts are shortened to what it reads.
        """
        if not completion.counted_input or completion.input_tokens >= MIN_TEXT_SHARE * sent_tokens:
            return False
        self._context_is_small = True
        needed = sent_tokens - estimate_tokens(excerpt) + OUTPUT_TOKENS // 2
        fitting = int((completion.input_tokens - needed) * CHARS_PER_TOKEN)
        self._text_chars = max(MIN_EXCERPT_CHARS, min(self._text_chars, fitting))
        return True

    async def _from_abstract(self, entry: Entry, content: PaperContent) -> None:
        messages = self._messages(entry, SummarySource.ABSTRACT)
        tokens = message_tokens(messages)
        with self._reserved(tokens + OUTPUT_TOKENS):
            completion = await self._client.ask(messages, tokens)
        if says_it_saw_no_paper(completion.text):
            raise SummaryError(replace(failure(UNREAD_TEXT, self._client.server), action=Action.SKIP_PAPER))
        self._finish(entry, content, SummarySource.ABSTRACT, completion)

    def _messages(
        self, entry: Entry, source: SummarySource, *, text: str = "", file_id: str = ""
    ) -> tuple[Message, ...]:
        return messages_for(self._prompt, entry.paper, source, text=text, file_id=file_id)

    @property
    def _tokens_left(self) -> float:
        limit = self._settings.max_tokens_per_run
        if limit is None:
            return float("inf")
        return limit - self._reserved_tokens - self._client.input_tokens - self._client.output_tokens

    def _token_budget_used(self) -> Failure:
        return failure(TOKEN_BUDGET, self._client.server, limit=self._settings.max_tokens_per_run or 0)

    @contextlib.contextmanager
    def _reserved(self, tokens: int) -> Iterator[None]:
        """What is under way counts by its estimate. Raises SummaryError if so much is not left."""
        if tokens > self._tokens_left:
            raise SummaryError(self._token_budget_used())
        self._reserved_tokens += tokens
        try:
            yield
        finally:
            self._reserved_tokens -= tokens

    def _finish(
        self,
        entry: Entry,
        content: PaperContent,
        source: SummarySource,
        completion: Completion,
        *,
        partial: bool = False,
    ) -> None:
        """Nothing is awaited between the answer and here: what was paid for is kept."""
        grounding = None
        with self._faults.contained(f"The figure check of {entry.paper.id}"):
            grounding = _grounding(completion.text, entry.paper, source, content.text)
        self._put(
            entry,
            text=completion.text,
            source=source,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
            cut_short=completion.cut_short,
            partial=partial,
            grounding=grounding,
            hidden_text=content.text.hidden_text if content.text else "",
        )

    def _fail(self, entry: Entry, problem: Failure) -> None:
        """A summary paid for earlier is replaced only by another one."""
        self._failures[entry.paper.id] = problem
        if not (entry.summary and entry.summary.text):
            self._put(entry, reason=str(problem), reason_kind=problem.kind)

    def _put(self, entry: Entry, **fields: Any) -> None:
        model, version = self._client.server.model, entry.paper.version
        summary = Summary(model=model, prompt=self._fingerprint, version=version, made=self._now, **fields)
        self._summaries[entry.paper.id] = summary
        self._keep(entry.paper.id, summary)

    async def _content(self, paper: Paper) -> PaperContent:
        """The PDF and its text; neither where abstracts are all that is read."""
        if self._sources == (SummarySource.ABSTRACT,):
            return PaperContent()
        async with self._arxiv:
            if self._why_closed():
                return PaperContent()
            content = await _in_thread(lambda: self._pdfs.fetch(paper))
        if not content.pdf:
            return replace(content, problem=content.problem or "the PDF is empty")
        with self._faults.contained(f"The text of {paper.id}"):
            async with self._readers:
                try:
                    return replace(
                        content, text=await _in_thread(lambda: read_pdf(content.pdf, abstract=paper.abstract))
                    )
                except UnreadablePdf as error:
                    return replace(content, problem=str(error))
        return replace(content, problem=f"the text {FAULT_TEXT}")

    def outcome(self) -> Outcome:
        """What came of it, after `work`."""
        made = sum(1 for summary in self._summaries.values() if summary.text)
        stopped = self._client.stopped
        return Outcome(
            summaries=self._summaries,
            made=made,
            failed=len(self._failures),
            input_tokens=self._client.input_tokens,
            output_tokens=self._client.output_tokens,
            notices=tuple(self._notices(made)),
            refused=stopped is not None and stopped.needs_owner and not made,
        )

    def _notices(self, made: int) -> Iterator[Notice]:
        stopped, failures = self._client.stopped, list(self._failures.values())
        missing = (
            f"{len(failures)} of {made + len(failures)} summaries are missing"
            if made
            else "There are no new summaries"
        )
        if stopped:
            kind = NoticeKind.ENDPOINT_REFUSED if stopped.needs_owner else NoticeKind.ENDPOINT_DOWN
            yield Notice(kind, f"{missing}: {stopped.advice}")
        elif not made and (telling := [problem for problem in failures if problem.rule.concerns_all_papers]):
            yield Notice(NoticeKind.ENDPOINT_DOWN, f"{missing}: {telling[0].advice}")
        if left_out := [problem for problem in failures if problem.kind is NoSummaryReason.TOKEN_BUDGET]:
            yield Notice(NoticeKind.BUDGET, f"{_papers(len(left_out))} {left_out[0]}.")
        if left := [problem for problem in failures if problem.kind is NoSummaryReason.TIME_BUDGET]:
            yield Notice(NoticeKind.TIME, f"{_papers(len(left))} {left[0]}.")
        if self._context_is_small:
            hint = (
                "Give it more context (Ollama: OLLAMA_CONTEXT_LENGTH) or set ai_summary.source to abstract."
            )
            yield Notice(
                NoticeKind.CONTEXT,
                f"The model's server read only a part of the text that it was sent. {hint}",
            )


def _papers(count: int) -> str:
    return f"{count} paper{'s were' if count != 1 else ' was'}"


def _grounding(summary: str, paper: Paper, source: SummarySource, text: PaperText | None) -> Grounding | None:
    """Against all of the paper that is at hand; None if that is less than what the model read."""
    if source is not SummarySource.ABSTRACT and (text is None or (text.cut and source is SummarySource.FILE)):
        return None
    return ground(summary, f"{paper.title}\n\n{paper.abstract}", text.page_texts if text else ())


class PdfSource:
    """PDFs from arXiv. They share one retry budget; after some failures in a row no more are asked for."""

    def __init__(self, session: PoliteSession, url: str, patience_seconds: float) -> None:
        self._session, self._url, self._budget = session, url, RetryBudget(patience_seconds)
        self._failures = 0

    def fetch(self, paper: Paper) -> PaperContent:
        """Blocks."""
        if self._failures >= PDF_FAILURES_IN_A_ROW:
            return PaperContent(problem="arXiv gave no PDFs in this run")
        try:
            data = self._session.fetch(
                pdf_address(self._url, paper),
                lambda answer: answer.body,
                accept="application/pdf",
                max_bytes=MAX_PDF_BYTES,
                budget=self._budget,
                setting="arxiv.pdf_url",
            )
        except FetchFailed as error:
            self._failures += error.status != HTTPStatus.NOT_FOUND
            log.warning("%s: no PDF: %s", paper.id, error)
            return PaperContent(problem=f"its PDF could not be fetched: {error}")
        self._failures = 0
        return PaperContent(data)


async def _in_thread(function: Callable[[], Value]) -> Value:
    """The function's value. Unlike for a thread of asyncio's own, a run that ends does not wait for it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Value] = loop.create_future()

    def deliver(change: Callable[[Any], None], value: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(lambda: None if future.done() else change(value))

    def run() -> None:
        try:
            deliver(future.set_result, function())
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            deliver(future.set_exception, error)

    threading.Thread(target=run, daemon=True).start()
    return await future


@contextlib.contextmanager
def _on_sigterm(stop: Callable[[], object]) -> Iterator[None]:
    """Call `stop` at SIGTERM; only the main thread of a process can ask for that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
