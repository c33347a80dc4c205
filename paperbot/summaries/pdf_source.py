"""PDFs from arXiv for one run, and their texts."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, TypeVar

from paperbot.containment import FAULT_TEXT, Faults
from paperbot.model import Paper
from paperbot.network import RetryBudget
from paperbot.sources.http import FetchFailed, PoliteSession
from paperbot.summaries import pdf_address
from paperbot.summaries.pdf import MAX_PDF_BYTES, PaperText, UnreadablePdf, read_pdf

log = logging.getLogger(__name__)

Value = TypeVar("Value")

PDF_FAILURES_IN_A_ROW = 3
MAX_READERS = 2


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


class PdfSource:
    """PDFs from arXiv. They share one retry budget; after some failures in a row no more are asked for."""

    def __init__(self, session: PoliteSession, url: str, patience_seconds: float) -> None:
        self._session, self._url, self._budget = session, url, RetryBudget(patience_seconds)
        self._failures = 0
        self._arxiv, self._readers = asyncio.Lock(), asyncio.Semaphore(MAX_READERS)

    async def content(self, paper: Paper, faults: Faults, is_wanted: Callable[[], bool]) -> PaperContent:
        """The PDF and its text, if they are still wanted when arXiv is free."""
        async with self._arxiv:
            if not is_wanted():
                return PaperContent()
            content = await in_thread(lambda: self.fetch(paper))
        if not content.pdf:
            return replace(content, problem=content.problem or "the PDF is empty")
        with faults.contained(f"The text of {paper.id}"):
            async with self._readers:
                try:
                    text = await in_thread(lambda: read_pdf(content.pdf, abstract=paper.abstract))
                    return replace(content, text=text)
                except UnreadablePdf as error:
                    return replace(content, problem=str(error))
        return replace(content, problem=f"the text {FAULT_TEXT}")

    def fetch(self, paper: Paper) -> PaperContent:
        """Blocks."""
        if self._failures >= PDF_FAILURES_IN_A_ROW:
            return PaperContent(problem="arXiv gave no PDFs in this run")
        try:
            data = self._session.fetch(
                pdf_address(self._url, paper),
                lambda body: body,
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


async def in_thread(function: Callable[[], Value]) -> Value:
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
