"""The papers being summarised at this moment: several at a time, each from the best source that works."""

import asyncio
import contextlib
import datetime as dt
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from paperbot.model import Entry, Grounding, Paper, Summary, SummarySource
from paperbot.summaries import OUTPUT_TOKENS, PDF_TOKENS
from paperbot.summaries.connection import not_asked
from paperbot.summaries.endpoint import Endpoint
from paperbot.summaries.faults import TOO_LONG, Fault, Refused, Remedy, filled
from paperbot.summaries.grounding import ground
from paperbot.summaries.pdf import PaperText, UnreadablePdf, read_pdf, within_budget
from paperbot.summaries.prompts import Message, Prompt, estimate_tokens, message_tokens, messages_for
from paperbot.summaries.replies import Completion

log = logging.getLogger(__name__)

UPLOADS = 2
TEXT_CHARS = (120_000, 30_000)
"""Of a paper's text in a message; the second where the model has no room for the first."""
FILE_MODEL_MESSAGE_TOKENS = 8_000
"""qwen-long takes 9,000 tokens in a message of its own; the rest is for errors of the estimate."""
READERS = 2
LOOK_AHEAD = 2
"""PDFs at hand beyond those being summarised."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """A paper's PDF, or why it is not at hand."""

    data: bytes = b""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Manuscript:
    """What is at hand of one paper beside its abstract."""

    pdf: Pdf
    text: PaperText | None = None
    problem: str = ""
    """Why there is no text."""

    @property
    def is_whole(self) -> bool:
        """The PDF is complete, even if its text can't be read here."""
        return b"%PDF-" in self.pdf.data[:1024] and b"%%EOF" in self.pdf.data[-4096:]


class Budget:
    """The tokens that one run may spend; what is under way counts by its estimate."""

    def __init__(self, limit: int | None, endpoint: Endpoint) -> None:
        self._limit, self._endpoint, self._reserved = limit, endpoint, 0

    @property
    def left(self) -> float:
        if self._limit is None:
            return float("inf")
        return self._limit - self._reserved - self._endpoint.input_tokens - self._endpoint.output_tokens

    @property
    def used_up(self) -> Fault:
        limit = f"{self._limit or 0:,} tokens (ai_summary.max_tokens_per_run)"
        return Fault(Remedy.THIS_PAPER, f"left out: one run may spend {limit}")

    @contextlib.contextmanager
    def reserved(self, tokens: int) -> Iterator[None]:
        """Raises Refused if there is not so much left."""
        if tokens > self.left:
            raise Refused(self.used_up)
        self._reserved += tokens
        try:
            yield
        finally:
            self._reserved -= tokens


class Desk:
    """Takes papers in rank order, hands each finished summary to `keep` at once.

    It lives in one event loop; only `slots` and `closed` are for the thread that brings the papers.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        prompt: Prompt,
        sources: Sequence[SummarySource],
        *,
        max_tokens: int | None,
        workers: int,
        keep: Callable[[str, Summary], None],
        now: dt.datetime,
    ) -> None:
        self.endpoint, self.budget = endpoint, Budget(max_tokens, endpoint)
        self.summaries: dict[str, Summary] = {}
        self.failures: dict[str, Fault] = {}
        """By paper id."""
        self.context_cut = False
        """The server counted far fewer tokens than it was sent."""
        self.slots = threading.Semaphore(workers + LOOK_AHEAD)
        self._prompt, self._fingerprint, self._sources = prompt, prompt.fingerprint, sources
        self._workers, self._keep, self._now = workers, keep, now
        self._waiting: asyncio.Queue[tuple[Entry, asyncio.Task[Manuscript]] | None] = asyncio.Queue()
        self._readers = asyncio.Semaphore(READERS)
        self._task: asyncio.Task[None] | None = None
        self._cancelled = False

    @property
    def closed(self) -> Fault | None:
        """Why no further paper is worth fetching."""
        if self.endpoint.stopped:
            return not_asked(self.endpoint.stopped)
        return self.budget.used_up if self.budget.left < OUTPUT_TOKENS else None

    def accept(self, entry: Entry, pdf: Pdf) -> None:
        """The next paper; its text is read while it waits for its turn."""
        self._waiting.put_nowait((entry, asyncio.ensure_future(self._read(pdf, entry.paper.abstract))))

    def accept_no_more(self) -> None:
        self._waiting.put_nowait(None)

    def cancel(self) -> None:
        self._cancelled = True
        if self._task:
            self._task.cancel()

    async def work(self) -> None:
        """Until all papers are done, or until it is cancelled: then uploads are deleted all the same."""
        self._task = asyncio.current_task()
        if self._cancelled:
            return
        try:
            async with self.endpoint, self._tidy_files(), asyncio.TaskGroup() as group:
                for _ in range(self._workers):
                    group.create_task(self._worker())
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    @contextlib.asynccontextmanager
    async def _tidy_files(self) -> AsyncIterator[None]:
        """Before and after, the server holds no file of the bot's."""
        if "file" not in self._sources:
            yield
            return
        uploads = self.endpoint.uploads
        await uploads.delete_left_over()
        try:
            yield
        finally:
            if uploads.untidy:
                await uploads.delete_left_over()

    async def _read(self, pdf: Pdf, abstract: str) -> Manuscript:
        if not pdf.data:
            return Manuscript(pdf, problem=pdf.problem or "the PDF is empty")
        try:
            async with self._readers:
                return Manuscript(pdf, await asyncio.to_thread(read_pdf, pdf.data, abstract=abstract))
        except UnreadablePdf as error:
            return Manuscript(pdf, problem=str(error))

    async def _worker(self) -> None:
        while waiting := await self._waiting.get():
            entry, manuscript = waiting
            await self._summarise(entry, await manuscript)
            self.slots.release()
        self.accept_no_more()  # for the next worker

    async def _summarise(self, entry: Entry, manuscript: Manuscript) -> None:
        """From the first source that works; what remains of a failure is the last source's reason."""
        for source in self._sources:
            try:
                return await self._from(source, entry, manuscript)
            except Refused as refused:
                fault = refused.fault
            if fault.remedy is not Remedy.OTHER_SOURCE:
                break
            log.debug("%s: no summary from its %s: %s", entry.paper.id, source, fault)
        return self.fail(entry, fault)

    async def _from(self, source: SummarySource, entry: Entry, manuscript: Manuscript) -> None:
        if source is SummarySource.FILE:
            await self._from_file(entry, manuscript)
        elif source is SummarySource.TEXT:
            await self._from_text(entry, manuscript)
        else:
            await self._from_message(entry, manuscript, source, self._messages(entry, source))

    async def _from_file(self, entry: Entry, manuscript: Manuscript) -> None:
        """A file that the server can't read is uploaded once more: its parser fails now and then."""
        for _ in range(UPLOADS):
            try:
                return await self._from_upload(entry, manuscript)
            except Refused as refused:
                fault = refused.fault
            if fault.remedy is not Remedy.NEW_UPLOAD:
                raise Refused(fault)
        raise Refused(replace(fault, remedy=Remedy.OTHER_SOURCE))

    async def _from_upload(self, entry: Entry, manuscript: Manuscript) -> None:
        if not manuscript.is_whole:
            raise Refused(Fault(Remedy.OTHER_SOURCE, manuscript.problem))
        tokens = estimate_tokens(manuscript.text.text) if manuscript.text else PDF_TOKENS
        tokens += message_tokens(self._messages(entry, SummarySource.FILE))
        name = entry.paper.versioned_id.replace("/", "-") + ".pdf"
        with self.budget.reserved(tokens + OUTPUT_TOKENS):
            async with self.endpoint.uploads.uploaded(name, manuscript.pdf.data) as file_id:
                completion = await self.endpoint.ask(
                    self._messages(entry, SummarySource.FILE, file_id=file_id), tokens
                )
                self._finish(entry, manuscript, SummarySource.FILE, completion)

    async def _from_text(self, entry: Entry, manuscript: Manuscript) -> None:
        """The whole text if the model has room for it, else its beginning and its end."""
        if manuscript.text is None:
            raise Refused(Fault(Remedy.OTHER_SOURCE, manuscript.problem))
        text = manuscript.text.without_references
        for max_chars in TEXT_CHARS:
            messages = self._messages(entry, SummarySource.TEXT, text=within_budget(text, max_chars))
            if self.endpoint.server.reads_files and message_tokens(messages) > FILE_MODEL_MESSAGE_TOKENS:
                raise Refused(filled(TOO_LONG, self.endpoint.server))
            try:
                return await self._from_message(entry, manuscript, SummarySource.TEXT, messages)
            except Refused as refused:
                fault = refused.fault
            if fault.remedy is not Remedy.OTHER_SOURCE or len(text) <= TEXT_CHARS[-1]:
                break
        raise Refused(fault)

    async def _from_message(
        self, entry: Entry, manuscript: Manuscript, source: SummarySource, messages: Sequence[Message]
    ) -> None:
        tokens = message_tokens(messages)
        with self.budget.reserved(tokens + OUTPUT_TOKENS):
            completion = await self.endpoint.ask(messages, tokens)
        self.context_cut |= source is SummarySource.TEXT and completion.input_tokens < tokens / 2
        self._finish(entry, manuscript, source, completion)

    def _messages(
        self, entry: Entry, source: SummarySource, *, text: str = "", file_id: str = ""
    ) -> tuple[Message, ...]:
        return messages_for(self._prompt, entry.paper, source, text=text, file_id=file_id)

    def _finish(
        self, entry: Entry, manuscript: Manuscript, source: SummarySource, completion: Completion
    ) -> None:
        """Nothing is awaited between the answer and here: what was paid for is kept."""
        text = manuscript.text
        summary = replace(
            self._blank(entry),
            text=completion.text,
            source=source,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
            cut_short=completion.cut_short,
            # Where this says mostly_missing, the run should ask once more, from the text.
            grounding=_grounding(completion.text, entry.paper, source, text),
            hidden_text=text.hidden_text if text else "",
        )
        self._put(entry, summary)

    def fail(self, entry: Entry, fault: Fault) -> None:
        """A summary paid for earlier is replaced only by another one."""
        self.failures[entry.paper.id] = fault
        if not (entry.summary and entry.summary.text):
            self._put(entry, replace(self._blank(entry), reason=str(fault)))

    def has_done(self, entry: Entry) -> bool:
        return entry.paper.id in self.summaries or entry.paper.id in self.failures

    def _blank(self, entry: Entry) -> Summary:
        model, version = self.endpoint.server.model, entry.paper.version
        return Summary(model=model, prompt=self._fingerprint, version=version, made=self._now)

    def _put(self, entry: Entry, summary: Summary) -> None:
        self.summaries[entry.paper.id] = summary
        self._keep(entry.paper.id, summary)


def _grounding(summary: str, paper: Paper, source: SummarySource, text: PaperText | None) -> Grounding | None:
    """Against all of the paper that is at hand; None if that is less than what the model read."""
    if source is not SummarySource.ABSTRACT and (text is None or (text.cut and source is SummarySource.FILE)):
        return None
    return ground(summary, f"{paper.title}\n\n{paper.abstract}", text.page_texts if text else ())
