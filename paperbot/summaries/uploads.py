"""PDFs as files at the model's server (DashScope): uploaded, read there, and deleted whatever happens.

They never expire, and an account holds 10,000 of them. Several repositories may use one key: each deletes its
own files, and those of others only when they are so old that no run can still need them.
"""

import asyncio
import contextlib
import datetime as dt
import hashlib
import itertools
import logging
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from paperbot.summaries.client import FAILURES_IN_A_ROW, Client
from paperbot.summaries.error_bodies import plain_line
from paperbot.summaries.error_rules import NO_FILES, Action
from paperbot.summaries.error_table import FILE_BROKEN, FILE_NOT_READY
from paperbot.summaries.errors import Failure, SummaryError, failure
from paperbot.summaries.replies import read_reply

log = logging.getLogger(__name__)

NAME_PREFIX = "arxiv-papers-bot-"
"""Begins the name of every uploaded file, so that a later run finds those that a killed run left behind."""
OLD = dt.timedelta(days=1)
MAX_LIST_PAGES = 100
READ, UNREADABLE = "processed", ("error", "failed", "cancelled", "expired")


def name_prefix(repository: str) -> str:
    """Begins the names of one repository's files; the digest tells `a/b-c` from `a-b/c`."""
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", repository)[-60:].strip("-.") or "local"
    return f"{NAME_PREFIX}{readable}-{hashlib.sha256(repository.encode()).hexdigest()[:8]}-"


class Uploads:
    """The files of one run."""

    def __init__(self, client: Client, repository: str, now: dt.datetime) -> None:
        self.are_accepted: bool | None = None
        """Whether the server takes files at all; None until the first upload has been answered."""
        self.may_have_orphans = True
        """The server may hold files of the bot's whose ids are not known."""
        self._client, self._server = client, client.server
        self._files = client.openai.files.with_raw_response
        self._prefix, self._now = name_prefix(repository), now
        self._failures = self._unread = 0
        self._first = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def uploaded(self, name: str, data: bytes) -> AsyncIterator[str]:
        """The id of a PDF that the server has read; always deleted at the end. Raises SummaryError."""
        file_id = ""
        try:
            try:
                file = await self._upload(self._prefix + name, data)
                file_id = file["id"]
                await self._until_read(file)
            except SummaryError as error:
                raise SummaryError(self._recorded(error.failure)) from None
            self._failures = 0
            yield file_id
        finally:
            if file_id:
                await self._delete(file_id)

    def _recorded(self, problem: Failure) -> Failure:
        """The paper can be sent in another form; after some failures in a row, all others are at once."""
        self._failures += problem.action is not Action.STOP
        if self.are_accepted is not False and (
            problem.rule is NO_FILES or self._failures >= FAILURES_IN_A_ROW
        ):
            self.are_accepted = False
            log.info("no more PDFs are uploaded in this run: %s", problem)
        return (
            replace(problem, action=Action.OTHER_SOURCE) if problem.action is Action.SKIP_PAPER else problem
        )

    def record_unread(self) -> None:
        """The model did not get to see a file; after some of them in a row no more are uploaded."""
        self._unread += 1
        if self._unread >= FAILURES_IN_A_ROW:
            self.are_accepted = False

    async def _upload(self, name: str, data: bytes) -> Mapping[str, Any]:
        """Until one upload has shown whether the server takes files, they go one at a time."""
        async with self._first if self.are_accepted is None else contextlib.nullcontext():
            if self.are_accepted is False:
                raise SummaryError(failure(NO_FILES, self._server))
            file: Mapping[str, Any] = await self._client.with_retries(lambda: self._send(name, data))
            self.are_accepted = True
            return file

    async def _send(self, name: str, data: bytes) -> Mapping[str, Any]:
        purpose: Any = "file-extract"  # DashScope's own
        may_have_arrived = True
        try:
            file = await self._file(self._files.create(file=(name, data, "application/pdf"), purpose=purpose))
            may_have_arrived = False
            return file
        except SummaryError as error:
            may_have_arrived = error.failure.action is Action.RETRY
            raise
        finally:
            self.may_have_orphans |= may_have_arrived

    async def _until_read(self, file: Mapping[str, Any]) -> None:
        """The server reads an uploaded file first; a question about it before that is refused."""
        waits, loop, file_id = self._client.waits, asyncio.get_running_loop(), file["id"]
        deadline = loop.time() + waits.file
        for pause in itertools.chain(waits.polls, itertools.repeat(waits.polls[-1])):
            if file.get("status") == READ:
                return
            if file.get("status") in UNREADABLE:
                details = plain_line(self._server.without_key(str(file.get("status_details") or "")))
                raise SummaryError(replace(failure(FILE_BROKEN, self._server), said=details))
            if loop.time() + pause > deadline:
                raise SummaryError(replace(failure(FILE_NOT_READY, self._server), action=Action.OTHER_SOURCE))
            await asyncio.sleep(pause)
            file = await self._client.with_retries(lambda: self._file(self._files.retrieve(file_id)))

    async def _file(self, call: Any) -> Mapping[str, Any]:
        file = await self._json(call)
        if not isinstance(file.get("id"), str) or not file["id"]:
            raise SummaryError(failure(NO_FILES, self._server))
        return file

    async def _json(self, call: Any, limit_seconds: float | None = None) -> Mapping[str, Any]:
        async with self._client.request_errors(limit_seconds, upload=True):
            response = await call
        value = read_reply(self._server, response.content)
        return value if isinstance(value, dict) else {}

    async def _delete(self, file_id: str) -> None:
        """Also when the conversation is over."""
        waits, problem = self._client.waits, None
        for pause in (0.0,) if self._client.is_closing else (0.0, waits.polls[0], waits.polls[-1]):
            await asyncio.sleep(pause)
            try:
                async with self._client.request_errors(waits.cleanup, upload=True):
                    await self._files.delete(file_id)
            except SummaryError as error:
                problem = error.failure
                if problem.rule is not FILE_BROKEN:
                    continue
            return  # deleted, or there is no such file any more
        log.warning(
            "the uploaded file %s could not be deleted: %s; the next run tries again",
            plain_line(file_id),
            problem,
        )

    async def delete_orphans(self) -> None:
        """Delete this repository's files of earlier runs and all old ones; only while none is in use."""
        try:
            file_ids = await self._orphans()
        except SummaryError as error:
            self._client.stop_if_fatal(error.failure)
            self.may_have_orphans = (
                error.failure.action is not Action.STOP and error.failure.rule is not NO_FILES
            )
            log.info("uploaded files of earlier runs could not be listed: %s", error)
            return
        for file_id in file_ids:
            await self._delete(file_id)
        self.may_have_orphans = False

    async def _orphans(self) -> list[str]:
        found: list[str] = []
        query: dict[str, str] = {}
        for _ in range(MAX_LIST_PAGES):
            page = await self._json(self._files.list(extra_query=query), self._client.waits.cleanup)
            listed = page.get("data")
            files = [file for file in listed if isinstance(file, dict)] if isinstance(listed, list) else []
            for file in files:
                name, created = str(file.get("filename")), file.get("created_at")
                is_dated = isinstance(created, int) and 0 < created < 1e11
                age = self._now.timestamp() - file["created_at"] if is_dated else 0.0
                is_the_bots = isinstance(file.get("id"), str) and name.startswith(NAME_PREFIX)
                if is_the_bots and (name.startswith(self._prefix) or age > OLD.total_seconds()):
                    found.append(str(file["id"]))
            last = str(files[-1].get("id")) if files else ""
            if not page.get("has_more") or last in ("", query.get("after")):
                break
            query = {"after": last}
        return found
