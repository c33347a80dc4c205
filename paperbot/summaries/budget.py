"""What a run may still ask the model's server for: its tokens, its time, and the server's own limits."""

import contextlib
from collections.abc import Iterator, Sequence

from paperbot.config.settings import AiSummary
from paperbot.summaries import OUTPUT_TOKENS
from paperbot.summaries.client import Client, not_asked
from paperbot.summaries.error_rules import TOKEN_BUDGET, Rule
from paperbot.summaries.errors import Failure, SummaryError, failure
from paperbot.summaries.prompts import Message, message_tokens
from paperbot.summaries.replies import Completion


class Budget:
    """The tokens and the time of all calls of one run."""

    def __init__(self, settings: AiSummary, client: Client) -> None:
        self.closed: Failure | None = None
        """Why nothing more is begun, beside a refusal of the server's: time, or a signal."""
        self._settings, self._client = settings, client
        self._reserved_tokens = 0

    def close(self, rule: Rule) -> None:
        """Begin nothing more."""
        if not self.closed:
            self.closed = failure(rule, self._client.server, minutes=self._settings.max_minutes)
            self._client.close()
            self._client.stop_if_fatal(self.closed)

    def why_closed(self) -> Failure | None:
        """None while there is time and a server, and while tokens are left for an answer."""
        if self.closed:
            return self.closed
        if self._client.stopped:
            return not_asked(self._client.stopped)
        return self._tokens_used_up() if self._tokens_left < OUTPUT_TOKENS else None

    @contextlib.contextmanager
    def reserved(self, tokens: int) -> Iterator[None]:
        """What is under way counts by its estimate. Raises SummaryError if so much is not left."""
        if tokens > self._tokens_left:
            raise SummaryError(self._tokens_used_up())
        self._reserved_tokens += tokens
        try:
            yield
        finally:
            self._reserved_tokens -= tokens

    async def ask(self, messages: Sequence[Message], output_tokens: int = OUTPUT_TOKENS) -> Completion:
        """The model's answer. Raises SummaryError, also where not enough tokens are left."""
        tokens = message_tokens(messages)
        with self.reserved(tokens + output_tokens):
            return await self._client.ask(messages, tokens)

    @property
    def _tokens_left(self) -> float:
        limit = self._settings.max_tokens_per_run
        if limit is None:
            return float("inf")
        return limit - self._reserved_tokens - self._client.input_tokens - self._client.output_tokens

    def _tokens_used_up(self) -> Failure:
        return failure(TOKEN_BUDGET, self._client.server, limit=self._settings.max_tokens_per_run or 0)
