"""One run of making summaries: PDFs from arXiv, answers from the model's server, several papers at a time.

All of it runs in one event loop. Threads are used only where a library blocks: fetching and reading a PDF.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import math
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from paperbot.config.settings import AiSummary
from paperbot.containment import FAULT_TEXT, Faults
from paperbot.errors import UserError
from paperbot.model import Entry, NoSummaryReason, Paper, Summary, SummarySource
from paperbot.sources.http import PoliteSession
from paperbot.summaries import OUTPUT_TOKENS, PDF_TOKENS, BriefsDue, Outcome, no_key, server_of, sources_of
from paperbot.summaries.briefs import Briefs, KeepTlDr
from paperbot.summaries.budget import Budget
from paperbot.summaries.client import Client, Waits
from paperbot.summaries.context_size import ContextSize
from paperbot.summaries.error_rules import (
    BOT_FAULT,
    NO_PDF,
    PROMPT,
    STOPPED,
    TIME_BUDGET,
    UNREAD_FILE,
    UNREAD_TEXT,
    Action,
)
from paperbot.summaries.errors import Failure, SummaryError, failure
from paperbot.summaries.grounding import ground
from paperbot.summaries.no_paper import says_it_saw_no_paper
from paperbot.summaries.notices import run_notices
from paperbot.summaries.overview import overviews_due
from paperbot.summaries.pdf import within_budget
from paperbot.summaries.pdf_source import PaperContent, PdfSource
from paperbot.summaries.prompts import (
    TEXT_CHARS,
    Prompt,
    estimate_tokens,
    message_tokens,
    messages_for,
    title_and_abstract,
)
from paperbot.summaries.replies import Completion
from paperbot.summaries.tldr import checked_tldr, split_answer
from paperbot.summaries.uploads import Uploads

log = logging.getLogger(__name__)

MAX_UPLOADS = 2
"""Of one paper: the server's parser fails now and then, and a file may vanish."""
LOOK_AHEAD = 2
"""PDFs at hand beyond those being summarised."""
MIN_FILE_SHARE, MIN_FILE_TOKENS = 0.25, 300
"""With less than this share of a file's text, or fewer tokens than this, a server did not read the file."""


@dataclass(frozen=True, slots=True)
class SummaryInputs:
    """Everything that a run of summaries is given."""

    chosen: Sequence[Entry]
    """The papers to be summarised, the most urgent first."""
    settings: AiSummary
    prompt: Prompt
    api_key: str = field(repr=False)
    session: PoliteSession
    """The queue for what goes to arXiv."""
    pdf_url: str
    now: dt.datetime
    keep: Callable[[str, Summary], None]
    """Takes a paper's id and its finished summary."""
    keep_tldr: KeepTlDr | None = None
    briefs: BriefsDue = BriefsDue()
    faults: Faults = field(default_factory=Faults)
    repository: str = ""
    """Whose uploaded files may be deleted."""
    pdf_patience_seconds: float = 60.0
    """What failures of arXiv may cost in all."""
    waits: Waits = Waits()


def summarise(given: SummaryInputs) -> Outcome:
    """Make the summaries of these papers, then TL;DRs and overviews; each is kept, each upload deleted.

    PDFs are fetched one after the other while earlier papers are summarised. When `ai_summary.max_minutes`
    are used up, no new summary is begun; at SIGTERM those under way are given up as well, and the rest is
    returned. Ctrl-C: KeyboardInterrupt.
    """
    if not (given.chosen or given.briefs.tldrs or any(overviews_due(given.briefs, {}, given.settings))):
        return Outcome()
    if not given.api_key:
        return Outcome(notices=(no_key(given.settings),) if given.chosen else ())
    run = SummaryRun(given)
    asyncio.run(run.work())
    return run.outcome()


class SummaryRun:
    """Takes papers in rank order."""

    def __init__(self, given: SummaryInputs) -> None:
        settings, workers = given.settings, given.settings.max_workers
        self._given, self._prompt, self._faults = given, given.prompt, given.faults
        self._client = Client(
            server_of(settings, given.api_key),
            timeout_seconds=settings.timeout_seconds,
            max_concurrent=workers,
            waits=given.waits,
        )
        self._budget = Budget(settings, self._client)
        self._briefs = Briefs(settings, self._client, self._budget, given.faults, given.keep_tldr)
        self._pdfs = PdfSource(given.session, given.pdf_url, given.pdf_patience_seconds)
        self._context, self._sources = ContextSize(self._client.server), sources_of(settings)
        self._at_hand, self._workers = asyncio.Semaphore(workers + LOOK_AHEAD), asyncio.Semaphore(workers)
        self._summaries: dict[str, Summary] = {}
        self._failures: dict[str, Failure] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._is_given_up = False

    async def work(self) -> None:
        """Make summaries until all papers are done, or none may be begun any more."""
        chosen, due = self._given.chosen, self._given.briefs
        async with self._client, self._time_limit():
            async with self._uploads_deleted() if chosen else contextlib.nullcontext():
                turns = [asyncio.Event() for _ in range(len(chosen) + 1)]
                turns[0].set()
                triples = zip(chosen, turns, turns[1:], strict=False)
                await self._all(self._paper(*triple) for triple in triples)
            made = self._briefs.tldrs
            await self._all(
                self._briefs.make_tldr(entry) for entry in due.tldrs if entry.paper.id not in made
            )
            await self._all(map(self._briefs.make_overview, overviews_due(due, made, self._given.settings)))

    async def _all(self, parts: Iterable[Coroutine[Any, Any, None]]) -> None:
        """At the same time; raises what ends the run, such as a full disk."""
        tasks = [asyncio.create_task(part) for part in parts]
        if not tasks:
            return
        try:
            await asyncio.sleep(0)  # a part that is cancelled before it has begun can't say what is missing
            self._tasks = tasks
            if self._is_given_up:
                self._cancel()
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in ended:
                if not task.cancelled():  # that would end the run without a page
                    task.result()
        finally:
            self._tasks = tasks
            self._cancel()
            await asyncio.wait(tasks)

    @contextlib.asynccontextmanager
    async def _uploads_deleted(self) -> AsyncIterator[None]:
        """Before and after, the server holds no file of this repository's."""
        self._uploads = Uploads(self._client, self._given.repository, self._given.now)
        if SummarySource.FILE not in self._sources or self._client.stopped:
            yield
            return
        await self._all([self._uploads.delete_orphans()])
        try:
            yield
        finally:
            if self._uploads.may_have_orphans:
                await self._uploads.delete_orphans()

    @contextlib.asynccontextmanager
    async def _time_limit(self) -> AsyncIterator[None]:
        loop, seconds = asyncio.get_running_loop(), self._given.settings.max_minutes * 60

        def stop() -> None:
            self._budget.close(STOPPED)
            self._give_up()  # at SIGTERM a process has some ten seconds left

        end = loop.call_later(seconds, self._budget.close, TIME_BUDGET)
        end_of_grace = loop.call_later(seconds + self._given.waits.grace, self._give_up)
        # only the main thread of a process can ask for signals
        is_main = threading.current_thread() is threading.main_thread()
        if is_main:
            before = signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(stop))
        try:
            yield
        finally:
            end.cancel()
            end_of_grace.cancel()
            if is_main:
                signal.signal(signal.SIGTERM, before)

    def _give_up(self) -> None:
        self._is_given_up = True
        self._cancel()

    def _cancel(self) -> None:
        """Once each: a second time would end the deletion of an upload."""
        for task in self._tasks:
            if not task.cancelling():
                task.cancel()

    async def _paper(self, entry: Entry, turn: asyncio.Event, next_turn: asyncio.Event) -> None:
        """From a paper's PDF to a summary by the first source that works, or to the last source's reason."""
        makers = {
            SummarySource.FILE: self._from_file,
            SummarySource.TEXT: self._from_text,
            SummarySource.ABSTRACT: self._from_abstract,
        }
        bot_fault = failure(BOT_FAULT, self._client.server, why=FAULT_TEXT)
        problem = bot_fault
        try:
            with self._faults.contained(f"The summary of {entry.paper.id}"):
                async with self._in_turn(entry.paper, turn, next_turn) as content:
                    closed = self._budget.why_closed()
                    problem = closed or bot_fault
                    for source in () if closed else self._sources:
                        problem = bot_fault  # unless the source says otherwise
                        try:
                            await makers[source](entry, content)
                            return
                        except SummaryError as error:
                            problem = error.failure
                        except UserError as error:
                            problem = failure(PROMPT, self._client.server, why=error)
                        if problem.action is not Action.OTHER_SOURCE:
                            break
        except asyncio.CancelledError:
            if not self._budget.closed:
                raise
            problem = self._budget.closed
        if (made := self._summaries.get(entry.paper.id)) and made.text:
            return  # paid for earlier, and replaced only by another one
        self._failures[entry.paper.id] = problem
        if not (entry.summary and entry.summary.text):
            self._put(entry, reason=str(problem), reason_kind=problem.kind)

    @contextlib.asynccontextmanager
    async def _in_turn(
        self, paper: Paper, turn: asyncio.Event, next_turn: asyncio.Event
    ) -> AsyncIterator[PaperContent]:
        """A place among those under way: PDFs are read in any order, summaries begun in rank order."""
        reads_pdfs = self._sources != (SummarySource.ABSTRACT,)
        try:
            async with self._at_hand:
                content = await self._pdfs.content(
                    paper, self._faults, lambda: reads_pdfs and not self._budget.why_closed()
                )
                await turn.wait()
                next_turn.set()
                async with self._workers:
                    yield content
        finally:
            next_turn.set()

    async def _from_file(self, entry: Entry, content: PaperContent) -> None:
        """A file that the server can't read or has lost is uploaded once more."""
        if not content.is_whole:
            raise SummaryError(failure(NO_PDF, self._client.server, why=content.problem))
        asked_tokens = message_tokens(messages_for(self._prompt, entry.paper, SummarySource.FILE))
        file_tokens = estimate_tokens(content.text.text) if content.text else PDF_TOKENS
        name = entry.paper.versioned_id.replace("/", "-") + ".pdf"
        for uploads_left in reversed(range(MAX_UPLOADS)):
            try:
                with self._budget.reserved(asked_tokens + file_tokens + OUTPUT_TOKENS):
                    async with self._uploads.uploaded(name, content.pdf) as file_id:
                        messages = messages_for(
                            self._prompt, entry.paper, SummarySource.FILE, file_id=file_id
                        )
                        completion = await self._client.ask(messages, asked_tokens + file_tokens)
                        least = MIN_FILE_SHARE * file_tokens if content.text else MIN_FILE_TOKENS
                        tokens = completion.input_tokens if completion.counted_input else math.inf
                        if tokens < asked_tokens + least or says_it_saw_no_paper(completion.text):
                            self._uploads.record_unread()
                            raise SummaryError(failure(UNREAD_FILE, self._client.server))
                        self._finish(entry, content, SummarySource.FILE, completion)
                        return
            except SummaryError as error:
                if error.failure.action is not Action.UPLOAD_AGAIN:
                    raise
                if not uploads_left:
                    raise SummaryError(replace(error.failure, action=Action.OTHER_SOURCE)) from None

    async def _from_text(self, entry: Entry, content: PaperContent) -> None:
        """The whole text if the model can take it, else its beginning and its end."""
        if content.text is None:
            raise SummaryError(failure(NO_PDF, self._client.server, why=content.problem))
        text = content.text.text
        asked = message_tokens(messages_for(self._prompt, entry.paper, SummarySource.TEXT))
        for max_chars in self._context.text_limits(asked):
            excerpt = within_budget(text, max_chars)
            messages = messages_for(self._prompt, entry.paper, SummarySource.TEXT, text=excerpt)
            tokens = message_tokens(messages)
            try:
                completion = await self._budget.ask(messages)
            except SummaryError as error:
                if error.failure.kind is not NoSummaryReason.TOO_LONG or len(excerpt) <= TEXT_CHARS[-1]:
                    raise
                continue
            if says_it_saw_no_paper(completion.text):
                raise SummaryError(failure(UNREAD_TEXT, self._client.server))
            is_cut = self._context.is_cut(tokens, excerpt, completion)
            if not is_cut:
                break
        self._finish(entry, content, SummarySource.TEXT, completion, partial=is_cut or excerpt != text)

    async def _from_abstract(self, entry: Entry, content: PaperContent) -> None:
        messages = messages_for(self._prompt, entry.paper, SummarySource.ABSTRACT)
        completion = await self._budget.ask(messages)
        if says_it_saw_no_paper(completion.text):
            raise SummaryError(replace(failure(UNREAD_TEXT, self._client.server), action=Action.SKIP_PAPER))
        self._finish(entry, content, SummarySource.ABSTRACT, completion)

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
        paper, read = entry.paper, content.text
        tldr, text = split_answer(completion.text) if self._prompt.request else ("", completion.text)
        pages, grounding = read.pages if read else (), None
        with self._faults.contained(f"The figure check of {paper.id}"):
            # against all that is at hand, unless that is less than what the model read
            if source is SummarySource.ABSTRACT or read and not (read.cut and source is SummarySource.FILE):
                grounding = ground(text, title_and_abstract(paper), pages)
        is_about_another = grounding is not None and grounding.mostly_missing
        if tldr and not (is_about_another or read and read.hidden_text):
            # else it gets one from its abstract; kept first: a summary is the end
            with self._faults.contained(f"The TL;DR of {paper.id}"):
                seen = () if source is SummarySource.ABSTRACT else pages
                self._briefs.put(entry, checked_tldr(tldr, paper, seen))
        self._put(
            entry,
            text=text,
            source=source,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
            cut_short=completion.cut_short,
            partial=partial,
            grounding=grounding,
            hidden_text=read.hidden_text if read else "",
        )
        if source is SummarySource.FILE and is_about_another:  # the text may give a better one
            raise SummaryError(failure(UNREAD_FILE, self._client.server))

    def _put(self, entry: Entry, **fields: Any) -> None:
        model, version = self._client.server.model, entry.paper.version
        summary = Summary(
            model=model, prompt=self._prompt.fingerprint, version=version, made=self._given.now, **fields
        )
        self._summaries[entry.paper.id] = summary
        self._given.keep(entry.paper.id, summary)

    def outcome(self) -> Outcome:
        """What came of it, after `work`."""
        made = sum(1 for summary in self._summaries.values() if summary.text)
        stopped, failures = self._client.stopped, list(self._failures.values())
        notices = run_notices(stopped, failures, made, self._briefs.failed, self._context.is_small)
        return Outcome(
            summaries=self._summaries,
            tldrs=self._briefs.tldrs,
            overviews=tuple(self._briefs.overviews),
            made=made,
            failed=len(failures),
            input_tokens=self._client.input_tokens,
            output_tokens=self._client.output_tokens,
            notices=tuple(notices),
            refused=stopped is not None and stopped.needs_owner and not made,
        )
