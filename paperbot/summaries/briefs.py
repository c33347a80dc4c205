"""The short texts of a run, after its summaries: TL;DRs of single papers, and an overview of each topic."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from paperbot.config.settings import AiSummary
from paperbot.containment import Faults
from paperbot.model import Entry, NoSummaryReason, Overview, TlDr
from paperbot.summaries.budget import Budget
from paperbot.summaries.client import Client
from paperbot.summaries.errors import SummaryError
from paperbot.summaries.overview import OUTPUT_TOKENS as OVERVIEW_TOKENS
from paperbot.summaries.overview import OverviewDue, read_overview
from paperbot.summaries.prompts import Message
from paperbot.summaries.replies import Completion
from paperbot.summaries.tldr import checked_tldr, sentence_of
from paperbot.summaries.tldr_prompt import OUTPUT_TOKENS as TLDR_TOKENS
from paperbot.summaries.tldr_prompt import tldr_fingerprint, tldr_messages

log = logging.getLogger(__name__)

KeepTlDr = Callable[[str, TlDr], None]
"""Takes a paper's id and its finished TL;DR."""


class Briefs:
    """One small call a paper or topic. What fails is left out and asked for again by a later run."""

    def __init__(
        self,
        settings: AiSummary,
        client: Client,
        budget: Budget,
        faults: Faults,
        keep: KeepTlDr | None,
    ) -> None:
        self.tldrs: dict[str, TlDr] = {}
        """By paper id."""
        self.overviews: list[Overview] = []
        self.failed = 0
        """Calls without an answer."""
        self._settings, self._client, self._budget = settings, client, budget
        self._faults, self._keep = faults, keep
        self._fingerprint = tldr_fingerprint(settings.language)
        self._workers = asyncio.Semaphore(settings.max_workers)

    def put(self, entry: Entry, text: str, completion: Completion | None = None) -> None:
        """A TL;DR, or "" for one that can't be used; `completion` where it had a call of its own."""
        paper, model = entry.paper, self._client.server.model
        tldr = TlDr(text, model, self._fingerprint, paper.version)
        if completion:
            tokens = completion.input_tokens, completion.output_tokens
            tldr = replace(tldr, input_tokens=tokens[0], output_tokens=tokens[1])
        self.tldrs[paper.id] = tldr
        if self._keep:
            self._keep(paper.id, tldr)

    async def make_tldr(self, entry: Entry) -> None:
        """Make a paper's TL;DR from its title and abstract."""
        paper = entry.paper
        async with self._one_call(f"The TL;DR of {paper.id}"):
            try:
                completion = await self._ask(tldr_messages(paper, self._settings.language), TLDR_TOKENS)
            except SummaryError as error:
                if error.failure.kind is NoSummaryReason.MODERATED:  # it would be again
                    self.put(entry, "")
                raise
            sentence = "" if completion.cut_short else sentence_of(completion.text)
            self.put(entry, checked_tldr(sentence, paper), completion)

    async def make_overview(self, due: OverviewDue) -> None:
        """Make the overview of one topic on a date or in a week."""
        about = " of ".join(filter(None, ("The overview", due.topic, due.week)))
        async with self._one_call(about):
            completion = await self._ask(due.messages, OVERVIEW_TOKENS)
            self.overviews.append(read_overview(completion.text, due, self._client.server.model))

    async def _ask(self, messages: Sequence[Message], output_tokens: int) -> Completion:
        if self._budget.closed:
            raise SummaryError(self._budget.closed)
        return await self._budget.ask(messages, output_tokens)

    @contextlib.asynccontextmanager
    async def _one_call(self, part: str) -> AsyncIterator[None]:
        """A place among those under way; whatever goes wrong costs this part alone."""
        with self._faults.contained(part):
            try:
                async with self._workers:
                    yield
            except SummaryError as error:
                self.failed += 1
                log.info("%s was not made: %s", part, error.failure)
            except asyncio.CancelledError:
                if not self._budget.closed:
                    raise
