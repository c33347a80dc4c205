"""Finished summaries of a run that has not ended."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from paperbot.archive.journal import FinishedTexts, Journal
from paperbot.archive.layout import JOURNAL
from paperbot.archive.records import JournalLine, read_record, record_line
from paperbot.errors import ArchiveError
from paperbot.model import Summary, SummarySource, TlDr
from tests.support.builders import utc

ONE = Summary(
    text="## 结果",
    model="m",
    source=SummarySource.TEXT,
    version=2,
    input_tokens=9,
    made=utc("2025-12-24T08:17:00"),
)
OTHER = Summary(reason="no PDF", model="m")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    (tmp_path / "archive").mkdir()
    return Journal(tmp_path)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    logger = logging.getLogger("paperbot.archive.journal")
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)
    logger.propagate = propagates


def test_what_is_kept_is_there_until_the_end(journal: Journal, tmp_path: Path) -> None:
    assert not journal.exists
    assert journal.load().summaries == {}
    journal.begin()
    assert journal.exists
    assert journal.load().summaries == {}
    journal.keep("2512.99001", ONE)
    journal.keep("2512.99002", OTHER)
    assert Journal(tmp_path).load().summaries == {"2512.99001": ONE, "2512.99002": OTHER}
    journal.end()
    assert not journal.exists
    journal.end()


def test_of_a_paper_twice_the_last_one_counts(journal: Journal) -> None:
    journal.keep("2512.99001", OTHER)
    journal.keep("2512.99001", ONE)
    assert journal.load().summaries == {"2512.99001": ONE}


@pytest.mark.parametrize("end", [1, 20, len(' 果"}}')])
def test_a_line_that_was_cut_costs_itself_alone(
    journal: Journal, tmp_path: Path, logged: pytest.LogCaptureFixture, end: int
) -> None:
    """Also within a letter."""
    journal.keep("2512.99001", ONE)
    file = tmp_path / JOURNAL
    file.write_bytes(file.read_bytes() + '{"id": "2512.99002", "summary": {"text": "结 果"}}'.encode()[:-end])
    assert journal.load().summaries == {"2512.99001": ONE}
    assert logged.messages == [f"the last line of {Path(JOURNAL).name} was cut when the run was killed"]
    journal.begin()
    journal.keep("2512.99003", OTHER)
    assert journal.load().summaries == {"2512.99001": ONE, "2512.99003": OTHER}


def test_tldrs_are_kept_beside_the_summaries(journal: Journal) -> None:
    tldr = TlDr("It is.", "m", "p", input_tokens=300)
    journal.keep("2512.99001", ONE)
    journal.keep_tldr("2512.99001", tldr)
    assert journal.load() == FinishedTexts({"2512.99001": ONE}, {"2512.99001": tldr})


def test_half_a_character_does_not_stop_it(journal: Journal) -> None:
    journal.keep("2512.99001", replace(ONE, text="a \ud800 b"))
    assert journal.load().summaries == {"2512.99001": replace(ONE, text="a ? b")}


def test_a_line_of_the_journal() -> None:
    line = JournalLine("2512.99001", ONE)
    assert read_record(JournalLine, record_line(line)) == line
    with pytest.raises(ValueError, match="^id: Field required$"):
        read_record(JournalLine, '{"summary": null}')


def test_a_journal_that_cannot_be_written(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / JOURNAL).mkdir()
    with pytest.raises(ArchiveError, match=f"can't write .*{Path(JOURNAL).name}: Is a directory"):
        journal.begin()
    with pytest.raises(ArchiveError, match="can't read .*: Is a directory"):
        journal.load()
