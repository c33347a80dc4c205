"""The sample's arXiv and model server with as many papers as one likes, with time to answer, and a log.

`python -m tools.bench.world` serves in a process of its own, so its cost is not counted as the bot's.
"""

import argparse
import contextlib
import datetime as dt
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from paperbot.model import Paper
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from paperbot.sample.papers import AnnouncedPaper
from paperbot.sample.server import Reply
from tools.bench.papers import invented_papers

HERE = Path(__file__).resolve().parents[2]
NOW = dt.datetime(2025, 12, 24, 8, 17, tzinfo=dt.UTC)
OVERVIEW = b"<papers>"
"""In a request for an overview."""
DAYS = 6.9
"""Within the default window of seven days."""


class BenchWorld(SampleWorld):
    """Without papers of its own, it has the sample's."""

    def __init__(self, papers: list[Paper], answer_seconds: float) -> None:
        clock = SAMPLE_CLOCKS[-1]
        announced = [AnnouncedPaper(paper, clock, clock.date()) for paper in papers]
        super().__init__(clock, announced or None)
        self._answer_seconds = answer_seconds
        self.log: list[dict[str, Any]] = []

    def answer(self, method: str, target: str, key: str, body: bytes) -> Reply:
        if target == "/log":
            return Reply(200, "application/json", json.dumps(self.log).encode())
        began = time.monotonic()
        kind = kind_of(target)
        if kind == "chat" and OVERVIEW in body:
            kind = "overview"
        if kind in ("chat", "overview"):
            time.sleep(self._answer_seconds)
        reply = super().answer(method, target, key, body)
        self.log.append({"kind": kind, "began": began, "seconds": time.monotonic() - began})
        return reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        handler = super()._handler()
        handler.disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement
        return handler


def kind_of(target: str) -> str:
    """`api`, `pdf`, `chat` or `files`; an overview is asked for by `chat` too."""
    parts = target.partition("?")[0].strip("/").split("/")
    return parts[0] if parts[0] != "v1" else parts[1]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a world answers."""

    base_url: str

    def config(self, delay_seconds: float = 0.0) -> dict[str, Any]:
        """The default config, pointed at this world."""
        arxiv = {"api_url": f"{self.base_url}/api/query", "pdf_url": f"{self.base_url}/pdf/{{id}}"}
        return {
            "arxiv": arxiv | {"delay_seconds": delay_seconds},
            "ai_summary": {"base_url": f"{self.base_url}/v1"},
        }

    def log(self) -> list[dict[str, Any]]:
        """Every request so far: its kind, when it came (as time.monotonic), and how long its answer took."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.base_url}/log", timeout=30) as answer:
            log: list[dict[str, Any]] = json.load(answer)
        return log


@contextlib.contextmanager
def serving(papers: int, answer_seconds: float = 0.0) -> Iterator[Address]:
    """A world in a process of its own; with 0 papers, the sample's."""
    command = [sys.executable, "-m", "tools.bench.world", str(papers), str(answer_seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE) as server:
        assert server.stdout
        try:
            yield Address(server.stdout.readline().strip())
        finally:
            server.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", type=int)
    parser.add_argument("answer_seconds", type=float)
    options = parser.parse_args()
    papers = list(invented_papers(options.papers, NOW, DAYS)) if options.papers else []
    with BenchWorld(papers, options.answer_seconds) as world:
        sys.stdout.write(world.address + "\n")
        sys.stdout.flush()
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
