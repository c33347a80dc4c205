"""Finished summaries of a run that has not ended: kept at once, so that a killed run pays for none twice."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from paperbot.archive.files import append
from paperbot.archive.layout import JOURNAL
from paperbot.archive.records import JournalLine, read_record, record_line
from paperbot.errors import ArchiveError
from paperbot.model import Summary, TlDr
from paperbot.redaction import redacted

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FinishedTexts:
    """What an earlier run had finished, by paper id."""

    summaries: Mapping[str, Summary] = field(default_factory=dict)
    tldrs: Mapping[str, TlDr] = field(default_factory=dict)


class Journal:
    """A file that exists from the first write of a run until all of its pages are in place."""

    def __init__(self, root: Path) -> None:
        self._path = root / JOURNAL

    @property
    def exists(self) -> bool:
        """Did an earlier run end before its pages were in place?"""
        return self._path.exists()

    def load(self) -> FinishedTexts:
        """The last text of each paper. Raises ArchiveError."""
        lines = list(self._lines())
        summaries = {line.id: line.summary for line in lines if line.summary}
        return FinishedTexts(summaries, {line.id: line.tldr for line in lines if line.tldr})

    def _lines(self) -> Iterator[JournalLine]:
        for line in self._read().split("\n") if self.exists else ():
            try:
                if line:
                    yield read_record(JournalLine, line)
            except ValueError:
                log.warning("the last line of %s was cut when the run was killed", self._path.name)

    def _read(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise ArchiveError(f"can't read {JOURNAL}: {error.strerror or error}") from error

    def begin(self) -> None:
        """Mark that a run has begun; a line that a killed run left unfinished is ended."""
        append(self._path, "\n")

    def keep(self, paper_id: str, summary: Summary) -> None:
        """Write a finished summary to the disk; it is there when this returns. Raises ArchiveError."""
        self._append(JournalLine(paper_id, summary))

    def keep_tldr(self, paper_id: str, tldr: TlDr) -> None:
        """Write a finished TL;DR to the disk; it is there when this returns. Raises ArchiveError."""
        self._append(JournalLine(paper_id, tldr=tldr))

    def _append(self, line: JournalLine) -> None:
        append(self._path, redacted(record_line(line)) + "\n")

    def end(self) -> None:
        """All is in place."""
        self._path.unlink(missing_ok=True)
