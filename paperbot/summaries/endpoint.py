"""One conversation with the model: a question a paper, and no more at a time than the server bears."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

from paperbot.summaries.connection import Connection, Waits
from paperbot.summaries.faults import BROKEN_TEXT, Fault, Refused, Remedy, Server, filled
from paperbot.summaries.prompts import Message, estimate_tokens
from paperbot.summaries.replies import Completion, is_utf8, read_completion, read_json, token_counts
from paperbot.summaries.uploads import Uploads

FAILURES_IN_A_ROW = 3
ROOM = {"max_tokens": 16_384}
NO_THINKING = {"enable_thinking": False}


class Endpoint:
    """Use as an async context manager, within one event loop."""

    def __init__(self, server: Server, *, timeout_seconds: float, max_at_once: int, waits: Waits) -> None:
        self.server = server
        self.input_tokens = self.output_tokens = 0
        """Spent so far, on failed calls too; estimated where the server doesn't count."""
        self._connection = Connection(server, timeout_seconds, waits)
        self._at_once, self._turns = max_at_once, asyncio.Semaphore(max_at_once)
        self._failures = 0
        self._parameters: Mapping[str, object] = {}
        """Sent with each question; none unless the server asked for it."""
        self._refused_parameters: set[str] = set()

    async def __aenter__(self) -> Self:
        self._client = await self._connection.__aenter__()
        self.uploads = Uploads(self._connection, self._client)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._connection.__aexit__(*error)

    @property
    def stopped(self) -> Fault | None:
        """Why nothing more is asked in this run."""
        return self._connection.stopped

    async def ask(self, messages: Sequence[Message], expected_input_tokens: int) -> Completion:
        """The model's answer with its token counts, estimated if the server gives none; raises Refused."""
        try:
            completion = await self._connection.patiently(
                lambda: self._in_turn(messages, expected_input_tokens)
            )
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
        if self._failures >= FAILURES_IN_A_ROW:
            cause = f"{fault.cause}, {self._failures} papers in a row"
            self._connection.end_if_told(replace(fault, remedy=Remedy.STOP, cause=cause))

    async def _in_turn(self, messages: Sequence[Message], expected_tokens: int) -> Completion:
        """Waits for a free place; one that the server found too many is not given back."""
        await self._turns.acquire()
        free = True
        try:
            await self._connection.wait_until_quiet()
            self._connection.refuse_if_stopped()
            return await self._with_fitting_parameters(messages, expected_tokens)
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
        """What to send instead after this fault, None if that is hopeless. Each is added and dropped once."""
        dropped = {name for name in sent if name in fault.said}
        if dropped:
            self._refused_parameters |= dropped
            return {name: value for name, value in sent.items() if name not in dropped}
        wanted = ROOM if fault.needs_room else NO_THINKING if "enable_thinking" in fault.said else {}
        if not wanted or wanted.keys() & (sent.keys() | self._refused_parameters):
            return None
        return {**sent, **wanted}

    async def _complete(
        self, messages: Sequence[Message], expected_tokens: int, parameters: Mapping[str, object]
    ) -> Completion:
        call = self._client.chat.completions.with_streaming_response.create(
            model=self.server.model,
            messages=[dict(message) for message in messages],  # type: ignore[misc]
            extra_body=dict(parameters),
        )
        body = await self._connection.exchange(call)
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
