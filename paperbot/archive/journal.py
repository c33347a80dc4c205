"""Finished summaries of a run that has not ended: kept at once, so that a killed run pays for none twice."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from paperbot.archive.store import FOLDER
from paperbot.archive.records import JournalLine, read_record, record_line
from paperbot.errors import ArchiveError
from paperbot.model import Summary

log = logging.getLogger(__name__)

NAME = ".unfinished.jsonl"


class Journal:
    """A file that is there from the first write of a run until all of its pages are in place."""

    def __init__(self, root: Path) -> None:
        self._path = root / FOLDER / NAME

    @property
    def exists(self) -> bool:
        """Did an earlier run end before its pages were in place?"""
        return self._path.exists()

    def load(self) -> Mapping[str, Summary]:
        """The summaries that an earlier run had finished, by paper id."""
        if not self.exists:
            return {}
        summaries = {}
        for line in self._path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                if line:
                    finished = read_record(JournalLine, line)
                    summaries[finished.id] = finished.summary
            except ValueError:
                log.warning("the last line of %s was cut when the run was killed", NAME)
        return summaries

    def begin(self) -> None:
        """Say that a run is at work; a line that a killed run left cut is ended."""
        self._append("\n")

    def keep(self, paper_id: str, summary: Summary) -> None:
        """On disk when this returns."""
        self._append(record_line(JournalLine(paper_id, summary)) + "\n")

    def end(self) -> None:
        """All is in place."""
        self._path.unlink(missing_ok=True)

    def _append(self, text: str) -> None:
        try:
            with self._path.open("ab") as file:
                file.write(text.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as fault:
            raise ArchiveError(f"can't write {self._path}: {fault.strerror or fault}") from fault
