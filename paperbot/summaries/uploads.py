"""PDFs as files at the model's server (DashScope): uploaded, read there, and deleted whatever happens.

They never expire, and an account holds 10,000 of them.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from paperbot.summaries.connection import Connection
from paperbot.summaries.faults import (
    FILE_BROKEN,
    FILE_NOT_READY,
    NO_FILES,
    UPLOAD_STATUSES,
    Fault,
    Refused,
    Remedy,
    filled,
    plain_line,
)
from paperbot.summaries.replies import read_json

if TYPE_CHECKING:
    import openai

    from paperbot.summaries.connection import Call

log = logging.getLogger(__name__)

NAME_PREFIX = "arxiv-papers-bot-"
"""Begins the name of every uploaded file, so that a later run finds those that a killed run left behind."""
MOST_PAGES = 100
FAILURES_IN_A_ROW = 3
READ, UNREADABLE = "processed", ("error", "failed", "cancelled", "expired")


class Uploads:
    """The files of one run."""

    def __init__(self, connection: Connection, client: "openai.AsyncOpenAI") -> None:
        self.accepted: bool | None = None
        """Whether the server takes files at all; None until the first upload has been answered."""
        self.untidy = True
        """The server may hold files of the bot's whose ids are not known."""
        self._connection, self._server = connection, connection.server
        self._files = client.files.with_streaming_response
        self._failures = 0
        self._first = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def uploaded(self, name: str, data: bytes) -> AsyncIterator[str]:
        """The id of a PDF that the server has read; deleted at the end, whatever happens. Raises Refused."""
        file_id = ""
        try:
            try:
                file = await self._upload(NAME_PREFIX + name, data)
                file_id = file["id"]
                await self._until_read(file)
            except Refused as refused:
                raise Refused(self._counted(refused.fault)) from None
            self._failures = 0
            yield file_id
        finally:
            if file_id:
                await self._delete(file_id)

    def _counted(self, fault: Fault) -> Fault:
        """The paper can still go in another form; after some failures in a row, all others go so at once."""
        self._failures += fault.remedy is not Remedy.STOP
        if self.accepted is not False and (fault.no_files or self._failures >= FAILURES_IN_A_ROW):
            self.accepted = False
            log.info("no more PDFs are uploaded in this run: %s", fault)
        return replace(fault, remedy=Remedy.OTHER_SOURCE) if fault.remedy is Remedy.THIS_PAPER else fault

    async def _upload(self, name: str, data: bytes) -> Mapping[str, Any]:
        """Until one upload has shown whether the server takes files, they go one at a time."""
        async with self._first if self.accepted is None else contextlib.nullcontext():
            if self.accepted is False:
                raise Refused(filled(NO_FILES, self._server))
            file = await self._connection.patiently(lambda: self._send(name, data))
            self.accepted = True
            return file

    async def _send(self, name: str, data: bytes) -> Mapping[str, Any]:
        purpose: Any = "file-extract"  # DashScope's own
        may_have_arrived = True
        try:
            file = await self._file(self._files.create(file=(name, data, "application/pdf"), purpose=purpose))
            may_have_arrived = False
            return file
        except Refused as refused:
            may_have_arrived = refused.fault.remedy is Remedy.TRY_AGAIN
            raise
        finally:
            self.untidy |= may_have_arrived

    async def _until_read(self, file: Mapping[str, Any]) -> None:
        """The server reads an uploaded file first; a question about it before that is refused."""
        waits, clock = self._connection.waits, asyncio.get_running_loop()
        deadline = clock.time() + waits.file
        for pause in itertools.chain(waits.polls, itertools.repeat(waits.polls[-1])):
            if file.get("status") == READ:
                return
            if file.get("status") in UNREADABLE:
                details = plain_line(self._server.without_key(str(file.get("status_details") or "")))
                raise Refused(replace(filled(FILE_BROKEN, self._server), said=details))
            if clock.time() + pause > deadline:
                raise Refused(replace(filled(FILE_NOT_READY, self._server), remedy=Remedy.OTHER_SOURCE))
            await self._connection.wait(pause)
            file = await self._look_at(file["id"])

    async def _look_at(self, file_id: str) -> Mapping[str, Any]:
        return await self._connection.patiently(lambda: self._file(self._files.retrieve(file_id)))

    async def _file(self, call: "Call") -> Mapping[str, Any]:
        file = await self._json(call)
        if not isinstance(file.get("id"), str):
            raise Refused(filled(NO_FILES, self._server))
        return file

    async def _json(self, call: "Call", limit_seconds: float | None = None) -> Mapping[str, Any]:
        body = await self._connection.exchange(call, UPLOAD_STATUSES, limit_seconds)
        value = read_json(self._server, body)
        return value if isinstance(value, dict) else {}

    async def _delete(self, file_id: str) -> None:
        """Also when the conversation is over."""
        waits, fault = self._connection.waits, None
        for pause in (0.0, waits.polls[0], waits.polls[-1]):
            await asyncio.sleep(pause)
            try:
                await self._connection.exchange(self._files.delete(file_id), UPLOAD_STATUSES, waits.cleanup)
            except Refused as refused:
                fault = refused.fault
                if fault.remedy is not Remedy.NEW_UPLOAD:
                    continue
            return  # deleted, or there is no such file any more
        log.warning("the uploaded file %s could not be deleted: %s; the next run tries again", file_id, fault)

    async def delete_left_over(self) -> None:
        """Delete the bot's files of earlier runs; only while none of this run is in use."""
        try:
            left_over = await self._left_over()
        except Refused as refused:
            self._connection.end_if_told(refused.fault)
            self.untidy = refused.fault.remedy is not Remedy.STOP and not refused.fault.no_files
            log.info("uploaded files of earlier runs could not be listed: %s", refused)
            return
        for file_id in left_over:
            await self._delete(file_id)
        self.untidy = False

    async def _left_over(self) -> list[str]:
        found: list[str] = []
        query: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = await self._json(self._files.list(extra_query=query), self._connection.waits.cleanup)
            listed = page.get("data")
            files = [file for file in listed if isinstance(file, dict)] if isinstance(listed, list) else []
            found += [str(file["id"]) for file in files if _is_ours(file)]
            last = str(files[-1].get("id")) if files else ""
            if not page.get("has_more") or last in ("", query.get("after")):
                break
            query = {"after": last}
        return found


def _is_ours(file: Mapping[str, Any]) -> bool:
    return str(file.get("filename")).startswith(NAME_PREFIX) and isinstance(file.get("id"), str)
