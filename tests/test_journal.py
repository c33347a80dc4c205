"""Finished summaries of a run that has not ended."""

from pathlib import Path

import pytest

from paperbot.archive_lines import read_summary, summary_line
from paperbot.errors import ArchiveError
from paperbot.journal import NAME, Journal
from paperbot.model import Summary
from tests.builders import utc

ONE = Summary(
    text="## 结果", model="m", source="text", version=2, input_tokens=9, made=utc("2025-12-24T08:17:00")
)
OTHER = Summary(reason="no PDF", model="m")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    (tmp_path / "archive").mkdir()
    return Journal(tmp_path)


def test_what_is_kept_is_there_until_the_end(journal: Journal, tmp_path: Path) -> None:
    assert not journal.left_over
    assert journal.load() == {}
    journal.begin()
    assert journal.left_over
    assert journal.load() == {}
    journal.keep("2512.99001", ONE)
    journal.keep("2512.99002", OTHER)
    assert Journal(tmp_path).load() == {"2512.99001": ONE, "2512.99002": OTHER}
    journal.end()
    assert not journal.left_over
    journal.end()


def test_of_a_paper_twice_the_last_one_counts(journal: Journal) -> None:
    journal.keep("2512.99001", OTHER)
    journal.keep("2512.99001", ONE)
    assert journal.load() == {"2512.99001": ONE}


def test_a_line_that_was_cut_costs_itself_alone(journal: Journal, tmp_path: Path) -> None:
    journal.keep("2512.99001", ONE)
    file = tmp_path / "archive" / NAME
    file.write_bytes(file.read_bytes() + summary_line("2512.99002", ONE).encode()[:-20])
    assert journal.load() == {"2512.99001": ONE}
    journal.begin()
    journal.keep("2512.99003", OTHER)
    assert journal.load() == {"2512.99001": ONE, "2512.99003": OTHER}


def test_a_line_of_the_journal() -> None:
    assert read_summary(summary_line("2512.99001", ONE)) == ("2512.99001", ONE)
    with pytest.raises(ValueError, match="^summary: Field required$"):
        read_summary('{"id": "2512.99001"}')


def test_a_journal_that_cannot_be_written(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "archive" / NAME).mkdir()
    with pytest.raises(ArchiveError, match=f"can't write .*{NAME}: Is a directory"):
        journal.begin()
