"""How much of a paper's text one message may hold: a usual length, then what the server turns out to read."""

from collections.abc import Iterator

from paperbot.summaries import OUTPUT_TOKENS
from paperbot.summaries.error_table import TOO_LONG
from paperbot.summaries.errors import SummaryError, failure
from paperbot.summaries.prompts import CHARS_PER_TOKEN, TEXT_CHARS, estimate_tokens
from paperbot.summaries.replies import Completion
from paperbot.summaries.server import Server

FILE_MODEL_MESSAGE_TOKENS = 8_000
"""qwen-long takes 9,000 tokens in a message of its own; the rest is for errors of the estimate."""
MIN_TEXT_SHARE = 0.5
"""Of a text that was sent; estimates are at most a third too high."""
MIN_EXCERPT_CHARS = 2_000


class ContextSize:
    """Of one server, learned during a run."""

    def __init__(self, server: Server) -> None:
        self.is_small = False
        """The server counted far fewer tokens than it was sent."""
        self._server = server
        self._text_chars = TEXT_CHARS[0]

    def text_limits(self, asked_tokens: int) -> Iterator[int]:
        """How many characters of a text to send: first the most, then less if that was too much."""
        first = self._text_chars
        if self._server.reads_files:
            first = min(first, int((FILE_MODEL_MESSAGE_TOKENS - asked_tokens) * CHARS_PER_TOKEN))
        if first < MIN_EXCERPT_CHARS:
            raise SummaryError(failure(TOO_LONG, self._server))
        yield first
        second = self._text_chars if self.is_small else TEXT_CHARS[-1]
        if second < first:
            yield second

    def is_cut(self, sent_tokens: int, excerpt: str, completion: Completion) -> bool:
        """Whether the server read far less than it was sent (Ollama drops what exceeds its context).

        Then this and all later texts are shortened to what it reads.
        """
        if not completion.counted_input or completion.input_tokens >= MIN_TEXT_SHARE * sent_tokens:
            return False
        self.is_small = True
        needed = sent_tokens - estimate_tokens(excerpt) + OUTPUT_TOKENS // 2
        fitting = int((completion.input_tokens - needed) * CHARS_PER_TOKEN)
        self._text_chars = max(MIN_EXCERPT_CHARS, min(self._text_chars, fitting))
        return True
