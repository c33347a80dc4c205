"""A fork and its world for tests of the whole command: what was asked, and what the fork holds."""

import datetime as dt
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import fetch_papers
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld, sample_config
from paperbot.sample.server import Reply
from tests.support.fork import LONG_ONLY, Ran, surroundings

COMMAND = Path(__file__).resolve().parents[2] / "fetch_papers.py"
MONDAY, TUESDAY, WEDNESDAY = SAMPLE_CLOCKS
LATER = TUESDAY + dt.timedelta(minutes=48)
SUMMARIES = 3
CANARY = "sk-canary-0123456789abcdef"
CHAT, UPLOAD, QUERY = "POST /v1/chat/completions", "POST /v1/files", "GET /api/query"

NOTHING: Mapping[str, str] = MappingProxyType({})
Tree = dict[str, bytes | None]
"""Path -> bytes; None for a folder."""


class WatchedWorld(SampleWorld):
    """Remembers what it was asked, and answers as `instead` says where that says something."""

    def __init__(self, clock: dt.datetime = TUESDAY) -> None:
        super().__init__(clock)
        self.asked: list[str] = []
        self.runs: list[subprocess.Popen[str]] = []
        self.instead: Callable[[str, bytes], Reply | None] = lambda request, body: None

    def answer(self, method: str, target: str, key: str, body: bytes) -> Reply:
        request = f"{method} {urlsplit(target).path}"
        self.asked.append(request)
        return self.instead(request, body) or super().answer(method, target, key, body)

    def count(self, request: str) -> int:
        """How many requests began so."""
        return sum(each.startswith(request) for each in self.asked)

    def break_down(self, request: str, status: int, body: str = "") -> None:
        """From now on requests that begin so are answered with an error."""
        reply = Reply(status, "application/json", body.encode())
        self.instead = lambda asked, _: reply if asked.startswith(request) else None


class Fork:
    """A folder with a config that leads to a local world."""

    def __init__(self, root: Path, world: WatchedWorld) -> None:
        self.root, self.world, self.config = root, world, root / "config.json"
        root.mkdir(parents=True, exist_ok=True)
        self.settings: dict[str, Any] = sample_config(world)
        self.change(
            ai_summary=LONG_ONLY | {"max_papers_to_summarize": SUMMARIES, "timeout_seconds": 10},
            arxiv={"delay_seconds": 0.01, "timeout_seconds": 10, "patience_seconds": 0.2},
        )

    def change(self, **sections: dict[str, Any]) -> None:
        for section, values in sections.items():
            self.settings[section] = self.settings.get(section, {}) | values
        self.config.write_text(json.dumps(self.settings, indent=2), encoding="utf-8")

    def arguments(self, now: dt.datetime | None, options: Iterable[str]) -> list[str]:
        clock = now or self.world.clock
        place = ["--root", str(self.root), "--config", str(self.config)]
        return [*place, "--now", clock.isoformat(), *options]

    def run(
        self,
        *options: str,
        now: dt.datetime | None = None,
        key: str = WatchedWorld.key,
        environ: Mapping[str, str] = NOTHING,
    ) -> Ran:
        """One run in this process."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = fetch_papers.main(self.arguments(now, options), {"DASHSCOPE_API_KEY": key, **environ})
            except SystemExit as end:
                code = int(end.code or 0)
        return Ran(code, out.getvalue(), err.getvalue())

    def process(self, *options: str, environ: Mapping[str, str] = NOTHING) -> subprocess.Popen[str]:
        """One run in a process of its own, started in the fork's folder, with the defaults of the options."""
        process = subprocess.Popen(
            [sys.executable, str(COMMAND), "--now", self.world.clock.isoformat(), *options],
            cwd=self.root,
            env={**surroundings(DASHSCOPE_API_KEY=WatchedWorld.key), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
        )
        self.world.runs.append(process)
        return process

    def published(self) -> Tree:
        """What a run may publish, without its hidden files."""
        return {
            path: data
            for path, data in self.everything().items()
            if data is not None
            and path.startswith(("README.md", "archive/", "site/"))
            and not path.rpartition("/")[2].startswith(".")
        }

    def everything(self) -> Tree:
        return tree(self.root)

    def read(self, path: str) -> str:
        return (self.root / path).read_text("utf-8")

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.read("archive/2025/2025-12.jsonl").splitlines()]

    def summaries(self) -> list[dict[str, Any]]:
        return [entry["summary"] for entry in self.entries() if entry.get("summary")]


def tree(root: Path) -> Tree:
    return {
        str(path.relative_to(root)): None if path.is_dir() else path.read_bytes() for path in root.rglob("*")
    }


def differing(one: Tree, other: Tree) -> list[str]:
    """The names alone: a difference of whole pages is no message."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def wait_until(is_true: Callable[[], bool], seconds: float = 60) -> None:
    for _ in range(int(seconds / 0.02)):
        if is_true():
            return
        time.sleep(0.02)
    raise AssertionError("it never came about")


def two_mistakes(fork: Fork) -> str:
    fork.config.write_text('{\n  "max_paper": 3,\n  "days_back": 99\n}', encoding="utf-8")
    return "max_papers"


def template_syntax(fork: Fork) -> str:
    write(fork.root / "templates/README.md.j2", "# Mine\n{% if %}\n")
    return "templates/README.md.j2, line 2"
