"""One run of making summaries: PDFs from arXiv, answers from the endpoint, and what came of it."""

import asyncio
import concurrent.futures
import contextlib
import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus

from paperbot.config.settings import AiSummary
from paperbot.model import Entry, Notice, NoticeKind, Paper, Summary
from paperbot.network import RetryBudget
from paperbot.sources.http import FetchFailed, PoliteSession
from paperbot.summaries import Outcome, server_of, sources_of
from paperbot.summaries.connection import Waits
from paperbot.summaries.desk import Desk, Pdf
from paperbot.summaries.endpoint import Endpoint
from paperbot.summaries.faults import Fault
from paperbot.summaries.prompts import Prompt

log = logging.getLogger(__name__)

MOST_PDF_BYTES = 50_000_000
PDF_FAILURES_IN_A_ROW = 3


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
    pdf_patience_seconds: float = 60.0,
    waits: Waits | None = None,
) -> Outcome:
    """Make the summaries of these papers; each goes to `keep`, from another thread, as soon as it is there.

    The caller's thread fetches the PDFs, one after the other, while earlier papers are summarised; failures
    of arXiv may cost `pdf_patience_seconds` in all. It can be interrupted at any time: uploads are deleted,
    and what was finished has been kept.
    """
    if not chosen:
        return Outcome()
    if not api_key:
        return Outcome(notices=(_no_key(settings),))
    endpoint = Endpoint(
        server_of(settings, api_key),
        timeout_seconds=settings.timeout_seconds,
        max_at_once=settings.max_workers,
        waits=waits or Waits(),
    )
    sources = sources_of(settings)
    desk = Desk(
        endpoint,
        prompt,
        sources,
        max_tokens=settings.max_tokens_per_run,
        workers=settings.max_workers,
        keep=keep,
        now=now,
    )
    pdfs = _Pdfs(session, pdf_url, pdf_patience_seconds)
    _work_through(chosen, desk, _no_pdf if sources == ("abstract",) else pdfs.fetch)
    return _outcome(desk)


def _work_through(chosen: Sequence[Entry], desk: Desk, fetch: Callable[[Paper], Pdf]) -> None:
    """A PDF is fetched when the desk has room for it; what the desk closes before fails for that reason."""
    closed: Fault | None = None
    with _at_work(desk) as hand_over:
        for entry in chosen:
            desk.slots.acquire()
            if closed := desk.closed:
                break
            hand_over(entry, fetch(entry.paper))
    for entry in chosen:
        if closed and not desk.has_done(entry):
            desk.fail(entry, closed)


@contextlib.contextmanager
def _at_work(desk: Desk) -> Iterator[Callable[[Entry, Pdf], None]]:
    """The desk at work in a thread of its own, until it has done all that is handed over."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=loop.run_forever, name="summaries")
        thread.start()
        work = asyncio.run_coroutine_threadsafe(desk.work(), loop)
        work.add_done_callback(lambda _: desk.slots.release())

        def hand_over(entry: Entry, pdf: Pdf) -> None:
            if work.done():
                work.result()  # raises what ended it
            loop.call_soon_threadsafe(desk.accept, entry, pdf)

        try:
            yield hand_over
            loop.call_soon_threadsafe(desk.accept_no_more)
            work.result()
        finally:
            loop.call_soon_threadsafe(desk.cancel)
            concurrent.futures.wait([work])
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


class _Pdfs:
    """PDFs from arXiv. They share one budget; after some failures in a row no more are asked for."""

    def __init__(self, session: PoliteSession, url: str, patience_seconds: float) -> None:
        self._session, self._url, self._budget = session, url, RetryBudget(patience_seconds)
        self._failures = 0

    def fetch(self, paper: Paper) -> Pdf:
        if self._failures >= PDF_FAILURES_IN_A_ROW:
            return Pdf(problem="arXiv gave no PDFs in this run")
        try:
            data = self._session.fetch(
                pdf_address(self._url, paper),
                lambda answer: answer.body,
                accept="application/pdf",
                max_bytes=MOST_PDF_BYTES,
                budget=self._budget,
                setting="arxiv.pdf_url",
            )
        except FetchFailed as error:
            self._failures += error.status != HTTPStatus.NOT_FOUND
            log.warning("%s: no PDF: %s", paper.id, error)
            return Pdf(problem=f"its PDF could not be fetched: {error}")
        self._failures = 0
        return Pdf(data)


def _no_pdf(_: Paper) -> Pdf:
    return Pdf()


def pdf_address(url: str, paper: Paper) -> str:
    """`{id}` in the config's address becomes the id with its version; without it, the id goes to the end."""
    pattern = url if "{id}" in url else url.rstrip("/") + "/{id}"
    return pattern.replace("{id}", paper.versioned_id)


def _no_key(settings: AiSummary) -> Notice:
    local = " A local server takes any word as its key." if server_of(settings, "").is_local else ""
    where = "on GitHub: Settings > Secrets and variables > Actions"
    cure = f"To get them, add the secret {settings.api_key_env} ({where})."
    return Notice(NoticeKind.NO_KEY, f"There are no summaries because no key is set. {cure}{local}")


def _outcome(desk: Desk) -> Outcome:
    made = sum(1 for summary in desk.summaries.values() if summary.text)
    stopped = desk.endpoint.stopped
    return Outcome(
        summaries=desk.summaries,
        made=made,
        failed=len(desk.failures),
        input_tokens=desk.endpoint.input_tokens,
        output_tokens=desk.endpoint.output_tokens,
        notices=tuple(_notices(desk, made)),
        refused=stopped is not None and stopped.owner_must_act and not made,
    )


def _notices(desk: Desk, made: int) -> Iterator[Notice]:
    stopped, failed = desk.endpoint.stopped, len(desk.failures)
    missing = f"{failed} of {made + failed} summaries are missing" if made else "There are no new summaries"
    if stopped:
        kind = NoticeKind.ENDPOINT_REFUSED if stopped.owner_must_act else NoticeKind.ENDPOINT_DOWN
        yield Notice(kind, f"{missing}: {stopped.advice}")
    elif not made and (faults := [fault for fault in desk.failures.values() if fault.tries > 1]):
        yield Notice(NoticeKind.ENDPOINT_DOWN, f"{missing}: {faults[0].advice}")
    if left_out := sum(fault == desk.budget.used_up for fault in desk.failures.values()):
        yield Notice(NoticeKind.BUDGET, f"{left_out} papers were {desk.budget.used_up}.")
    if desk.context_cut:
        cure = "Give it more context (Ollama: OLLAMA_CONTEXT_LENGTH) or set ai_summary.source to abstract."
        yield Notice(
            NoticeKind.CONTEXT, f"The model's server read only a part of the text that it was sent. {cure}"
        )
