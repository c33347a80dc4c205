"""Lines for a terminal and for the log of GitHub Actions, in which no text of others can give a command.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

from paperbot.errors import Problem
from paperbot.redaction import redacted

Level = Literal["error", "warning"]

OLD_COMMAND = "##["
"""Begins a command of the old form, which the runner takes at any place of a line."""


def printable(text: str) -> str:
    """On one line, with nothing that moves a cursor, breaks the encoding or commands the runner."""
    line = "".join(char if char.isprintable() else " " for char in text).replace(OLD_COMMAND, "## [")
    encoding = sys.stdout.encoding or "utf-8"
    return redacted(line.encode(encoding, "backslashreplace").decode(encoding))


def annotation(level: Level, title: str, problem: Problem, root: Path, workspace: Path | None) -> str:
    """The command that puts a problem on its line of the file, beside the changes of the commit."""
    file = _from_the_top(problem.file, root, workspace or Path.cwd())
    # GitHub shows nothing beside a file that is not in the repository: then the text names it.
    told = problem.message if file or not problem.file else str(problem)
    properties = {"file": file, "line": str(problem.line) if file and problem.line else "", "title": title}
    escaped = {
        name: _escaped(value).replace(":", "%3A").replace(",", "%2C") for name, value in properties.items()
    }
    listed = ",".join(f"{name}={value}" for name, value in escaped.items() if value)
    return f"::{level} {listed}::{_escaped(told)}"


def _from_the_top(file: str, root: Path, workspace: Path) -> str:
    """A file's path from the top of the repository; empty if it is not there. Names may begin at `root`."""
    top = workspace.resolve()
    for path in (Path(file), root / file):
        with suppress(OSError, ValueError):  # the name of a problem's file may be one that no file can have
            if file and path.is_file() and path.resolve().is_relative_to(top):
                return path.resolve().relative_to(top).as_posix()
    return ""


def _escaped(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
