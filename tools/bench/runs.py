"""Runs of the bot as its users have them, in processes of their own, and what each of them cost."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paperbot.sample import SampleWorld
from paperbot.schedule import WORKFLOW_FILE
from tools.bench.world import HERE, NOW

Log = Sequence[Mapping[str, Any]]
"""A world's requests: `kind`, `began` and `seconds` of each."""

FROM_ARXIV = ("api", "pdf")
KEY_NAME = "DASHSCOPE_API_KEY"
METER = Path(__file__).with_name("meter.py")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run; the processes that read its PDFs are counted with it."""

    began: float
    """As time.monotonic."""
    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float


class Fork:
    """A user's folder, in which every run begins with the same archive and the same config."""

    def __init__(self, root: Path, config: Mapping[str, Any]) -> None:
        self.root = root
        (root / WORKFLOW_FILE).parent.mkdir(parents=True)
        self._config = dict(config)
        self.change()
        shutil.copy(HERE / WORKFLOW_FILE, root / WORKFLOW_FILE)

    def change(self, **settings: Any) -> None:
        """Set keys of config.json."""
        self._config |= settings
        (self.root / "config.json").write_text(json.dumps(self._config), encoding="utf-8")

    def cost(self, *options: str) -> Cost:
        """Of a whole run of fetch_papers.py on a copy of the folder."""
        bot = [sys.executable, str(HERE / "fetch_papers.py")]
        ran = self._run([sys.executable, "-I", "-S", str(METER), *bot], options)
        cost = json.loads(ran.stdout.splitlines()[-1])
        if exit_code := cost.pop("exit_code"):
            raise SystemExit(f"the bot ended with exit code {exit_code}:\n{ran.stderr}")
        return Cost(**cost)

    def cpu_seconds_by_module(self, *options: str) -> dict[str, float]:
        """Of the same run with a clock around each module."""
        ran = self._run([sys.executable, "-m", "tools.bench.modules"], options)
        if ran.returncode:
            raise SystemExit(f"the bot ended with exit code {ran.returncode}:\n{ran.stderr}")
        seconds: dict[str, float] = json.loads(ran.stderr.splitlines()[-1])
        return seconds

    def _run(self, command: Sequence[str], options: Iterable[str]) -> "subprocess.CompletedProcess[str]":
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
        environ[KEY_NAME] = SampleWorld.key
        environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each run would compile all modules again
        with tempfile.TemporaryDirectory(prefix="tools.bench-") as folder:
            shutil.copytree(self.root, folder, dirs_exist_ok=True)
            arguments = ["--root", folder, "--config", f"{folder}/config.json", "--now", NOW.isoformat()]
            return subprocess.run(
                [*command, *arguments, *options], cwd=HERE, env=environ, capture_output=True, text=True
            )


def requests_of(log: Log) -> str:
    """For example `3 api, 15 pdf`."""
    counts = Counter(request["kind"] for request in log)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "none"


def bound_seconds(log: Log, delay_seconds: float, workers: int) -> float:
    """No run with these answers can be faster: arXiv is asked for one thing at a time, with pauses, the model
    for at most `workers` summaries at a time, for the last one when the last PDF is there, and for the
    overview when all else is."""
    from_arxiv: list[float] = [request["seconds"] for request in log if request["kind"] in FROM_ARXIV]
    answers: list[float] = [request["seconds"] for request in log if request["kind"] == "chat"]
    queue_seconds = sum(from_arxiv) + delay_seconds * (len(from_arxiv) - 1)
    overviews: list[float] = [request["seconds"] for request in log if request["kind"] == "overview"]
    return max(queue_seconds + min(answers, default=0.0), sum(answers) / workers) + max(
        overviews, default=0.0
    )
