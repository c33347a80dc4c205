"""A job of GitHub Actions around a run, and what its runner takes for commands."""

import re
from pathlib import Path

from tests.support.fork import Ran


class Actions:
    """What a job's steps are given, and what they leave."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.summary, self.output = folder / "summary.md", folder / "output"
        self.environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_REPOSITORY": "someone/papers",
            "GITHUB_SERVER_URL": "https://github.com",
        }

    @property
    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text("utf-8").splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}


COMMANDS = (
    *(
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "internal-set-repo-path",
    ),
    *("notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning"),
)
AT_THE_START = re.compile(rf"\s*::(?:{'|'.join(COMMANDS)})(?: [^\n]*?)?::")
ANYWHERE = re.compile(rf"##\[(?:{'|'.join(COMMANDS)})(?: [^\]]*)?\]")
"""The runner still obeys this older form, wherever it stands in a line."""


def commands_in(text: str) -> list[str]:
    """The lines that the runner takes for commands (actions/runner, ActionCommand.cs)."""
    return [
        line for line in re.split(r"\r\n|\r|\n", text) if AT_THE_START.match(line) or ANYWHERE.search(line)
    ]


def annotations(ran: Ran, level: str) -> list[tuple[str, str]]:
    """File and line of each annotation; nothing else may be a command."""
    places = []
    for line in commands_in(ran.said):
        properties = re.match(rf"::{level} ([^:]*)::", line)
        assert properties, line
        given = dict(part.split("=", 1) for part in properties[1].split(",") if part)
        places.append((given.get("file", ""), given.get("line", "")))
    return places


def assert_only_our_commands(ran: Ran, level: str) -> None:
    lines = commands_in(ran.said)
    assert lines
    assert [line for line in lines if ANYWHERE.search(line) or not line.startswith(f"::{level} ")] == []
