"""A fork and its world for tests of the whole command: what was asked, and what the fork holds."""

import datetime as dt
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from paperbot.sample import SAMPLE_CLOCKS, SampleWorld, sample_config
from paperbot.sample.server import Reply
from tests.support import fork
from tests.support.fork import HERE, LONG_ONLY, QUICK, SUMMARIES, start

COMMAND = HERE / "fetch_papers.py"
MONDAY, TUESDAY, WEDNESDAY = SAMPLE_CLOCKS
LATER = TUESDAY + dt.timedelta(minutes=48)
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
        return sum(asked.startswith(request) for asked in self.asked)

    def break_down(self, request: str, status: int, body: str = "") -> None:
        """From now on requests that begin so are answered with an error."""
        reply = Reply(status, "application/json", body.encode())
        self.instead = lambda asked, _: reply if asked.startswith(request) else None


class Fork(fork.Fork):
    """Of the sample, with a world that remembers."""

    def __init__(self, root: Path, world: WatchedWorld) -> None:
        super().__init__(root, sample_config(world), world.key)
        self.world = world
        self.change(
            ai_summary=LONG_ONLY | {"max_papers_to_summarize": SUMMARIES, "timeout_seconds": 10},
            arxiv=QUICK | {"timeout_seconds": 10, "patience_seconds": 0.2},
        )

    def process(self, *options: str, environ: Mapping[str, str] = NOTHING) -> subprocess.Popen[str]:
        """One run in a process of its own, started in the fork's folder, with the defaults of the options."""
        arguments = ["--now", self.world.clock.isoformat(), *options]
        process = start((str(COMMAND), *arguments), self.root, DASHSCOPE_API_KEY=self.key, **environ)
        self.world.runs.append(process)
        return process

    def everything(self) -> Tree:
        return tree(self.root)


def tree(root: Path) -> Tree:
    return {
        str(path.relative_to(root)): None if path.is_dir() else path.read_bytes() for path in root.rglob("*")
    }


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
