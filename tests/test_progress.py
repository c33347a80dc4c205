"""How far a run has come: bars on a terminal, plain lines where there is none."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from paperbot.model import Summary, SummarySource
from paperbot.progress import papers_received, summaries_made
from paperbot.report import configure_logging
from paperbot.sources.atom import Page
from tests.support.fork import surroundings

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = [sys.executable, "fetch_papers.py", "--sample", "--root"]


def on_a_terminal(arguments: list[str]) -> tuple[int, str]:
    """The exit code, and all that a terminal was sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
    process = subprocess.Popen(arguments, cwd=ROOT, env=surroundings(), stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux says that the other side has been closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    return process.wait(), said.decode("utf-8", "replace")


def test_a_terminal_gets_bars_with_log_lines_above_them(tmp_path: Path) -> None:
    code, said = on_a_terminal([*SAMPLE, str(tmp_path / "sample")])
    assert code == 0
    assert re.search(r"papers from arXiv: 100%.*12/12", said)
    assert re.search(r"summaries: 100%.*6/6", said)
    assert re.search(r"^\d\d:\d\d:\d\d arXiv has 12 papers since", said.replace("\r", "\n"), re.M)
    assert "summary 1 of 6" not in said


def test_a_pipe_gets_plain_lines(tmp_path: Path) -> None:
    done = subprocess.run(
        [*SAMPLE, str(tmp_path / "sample")], cwd=ROOT, env=surroundings(), capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "\r" not in done.stderr
    assert "\x1b" not in done.stderr
    lines = [line[len("00:00:00 ") :] for line in done.stderr.splitlines()]
    assert "arXiv sent 12 of 12 papers" in lines
    first_morning = [line for line in lines if line.startswith("summary ")][:6]
    assert [line[: len("summary 1 of 6")] for line in first_morning] == [
        f"summary {n} of 6" for n in range(1, 7)
    ]
    assert all(re.search(r": 2512\.\d{5}, from the uploaded PDF$", line) for line in first_morning)


def test_why_there_is_no_summary_stands_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(verbose=False)
    kept: list[str] = []
    with summaries_made(2, lambda paper_id, summary: kept.append(paper_id)) as keep:
        keep("2512.99001", Summary(text="Good.", source=SummarySource.ABSTRACT))
        keep("2512.99002", Summary(reason="no answer"))
    assert kept == ["2512.99001", "2512.99002"]
    assert [line.split(" ", 1)[1] for line in capsys.readouterr().err.splitlines()] == [
        "summary 1 of 2: 2512.99001, from the abstract",
        "summary 2 of 2: 2512.99002, none: no answer",
    ]


def test_each_answer_of_arxiv_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(verbose=False)
    with papers_received() as received:
        received(Page({}, 0))
    assert capsys.readouterr().err.endswith(" arXiv sent 0 of 0 papers\n")
