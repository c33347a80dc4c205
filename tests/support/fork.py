"""A fork in a folder of its own: a config that leads to a local world, runs, and what they left."""

import contextlib
import datetime as dt
import io
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fetch_papers
from paperbot.archive.store import load_archive
from paperbot.sample import SampleWorld, sample_config
from tests.support.child import short_waits

HERE = Path(__file__).resolve().parents[2]
CHILD = ("-m", "tests.support.child")
QUICK = {"delay_seconds": 0.01, "timeout_seconds": 5, "patience_seconds": 1}
SUMMARIES = 3
LONG_ONLY = {"tldr": False, "overview": False}
"""Each summary is one question to the model, and there are no others."""
FIRST_ID = re.compile(r'^\{"id": "([^"]+)"', re.MULTILINE)

Tree = dict[str, bytes]
RunBot = Callable[[list[str], Mapping[str, str]], "Ran"]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run came to, and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def gist(self) -> str:
        """The one line that a person in a hurry reads: the first error or warning, or else the last line."""
        lines = [*self.out.splitlines(), *self.err.splitlines()]
        lines = [line for line in lines if "config.json, line" not in line]  # what a config may be better at
        for beginning in ("error:", "warning:"):
            for line in lines:
                if line.startswith(beginning):
                    return line
        return self.out.splitlines()[-1] if self.out.strip() else (lines or [""])[-1]


def run_here(arguments: list[str], environ: Mapping[str, str]) -> Ran:
    """In this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), short_waits():
        try:
            code = fetch_papers.main(arguments, environ)
        except SystemExit as end:  # of argparse
            code = int(end.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def elsewhere(runs_per_process: int = 20) -> Iterator[RunBot]:
    """In processes that end now and then: hundreds of runs in one would fill the memory."""
    anew = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=anew, max_tasks_per_child=runs_per_process) as pool:
        yield lambda *given: pool.submit(run_here, *given).result()


class Fork:
    """Runs are quick: short pauses, few summaries."""

    def __init__(self, root: Path, settings: Mapping[str, Any], key: str) -> None:
        self.root, self.config, self.key = root, root / "config.json", key
        self.settings: dict[str, Any] = dict(settings)
        self.run_bot: RunBot = run_here
        root.mkdir(parents=True, exist_ok=True)
        self.change()

    @classmethod
    def of_sample(cls, root: Path, world: SampleWorld) -> "Fork":
        """Pointed at the sample's papers."""
        fork = cls(root, sample_config(world), world.key)
        fork.change(
            arxiv=QUICK, ai_summary=LONG_ONLY | {"max_papers_to_summarize": SUMMARIES, "timeout_seconds": 5}
        )
        return fork

    def change(self, **settings: Any) -> None:
        """Of config.json; a section keeps what is not given."""
        for key, value in settings.items():
            self.settings[key] = self.settings.get(key, {}) | value if isinstance(value, dict) else value
        self.config.write_text(json.dumps(self.settings, indent=2), encoding="utf-8")

    def copy(self, root: Path) -> "Fork":
        """The same in another folder, as it is now."""
        shutil.copytree(self.root, root)
        fork = Fork(root, self.settings, self.key)
        fork.run_bot = self.run_bot
        return fork

    def arguments(self, now: dt.datetime, options: Iterable[str] = ()) -> list[str]:
        return ["--root", f"{self.root}", "--config", f"{self.config}", "--now", now.isoformat(), *options]

    def run(self, now: dt.datetime, *options: str, **environ: str) -> Ran:
        """As `run_bot` does it: in this process, unless someone says otherwise."""
        return self.run_bot(self.arguments(now, options), {"DASHSCOPE_API_KEY": self.key} | environ)

    def start(
        self,
        now: dt.datetime,
        *options: str,
        within: Sequence[str] = (),
        kill_before_write: int = 0,
        bug: str = "",
        **environ: str,
    ) -> "subprocess.Popen[str]":
        """In a process of its own, which is killed before its n-th write, or has a bug, if wanted."""
        trouble = ["--kill-before-write", str(kill_before_write)] if kill_before_write else []
        trouble += ["--bug", bug] if bug else []
        command = (*CHILD, *trouble, *self.arguments(now, options))
        return start(command, HERE, within, **{"DASHSCOPE_API_KEY": self.key, **environ})

    def child(self, now: dt.datetime, *options: str, **given: Any) -> Ran:
        """The same to its end."""
        return end_of(self.start(now, *options, **given))

    def published(self) -> Tree:
        """Every file that a run publishes."""
        files = [self.root / "README.md", *self.root.glob("archive/**/*"), *self.root.glob("site/**/*")]
        return {
            file.relative_to(self.root).as_posix(): file.read_bytes()
            for file in files
            if file.is_file() and not file.name.startswith(".")
        }

    def everything(self) -> dict[str, bytes | None]:
        """Each file's bytes, and None for each folder."""
        paths = self.root.rglob("*")
        return {str(at.relative_to(self.root)): None if at.is_dir() else at.read_bytes() for at in paths}

    def lines(self, pattern: str) -> list[dict[str, Any]]:
        """The lines of the archive's files; raises ValueError if one is broken."""
        files = sorted(self.root.glob(f"archive/*/{pattern}.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text("utf-8").split("\n") if line]

    def paper_ids(self) -> list[str]:
        """Of all lines of the archive that name one, broken ones too."""
        files = sorted(self.root.glob("archive/*/????-??.jsonl"))
        return [name[1] for file in files for name in FIRST_ID.finditer(file.read_text("utf-8", "replace"))]

    def entries(self) -> list[dict[str, Any]]:
        return self.lines("????-??")

    def days(self) -> list[dict[str, Any]]:
        return self.lines("????-??.days")

    def summaries(self) -> list[dict[str, Any]]:
        return [entry["summary"] for entry in self.entries() if entry.get("summary")]

    def read(self, path: str = "README.md") -> str:
        return (self.root / path).read_text("utf-8")

    def banner(self) -> str:
        """The first line of the page's first alert."""
        lines = self.read().splitlines() if (self.root / "README.md").is_file() else []
        at = next((at for at, line in enumerate(lines) if line.startswith("> [!")), None)
        return "" if at is None else lines[at + 1].removeprefix("> ")

    def wrong(self, now: dt.datetime | None = None) -> list[str]:
        """What contradicts what: papers twice, broken lines, pages that the archive would not draw so.

        `now` is the last run's time, if it is not the latest in the archive.
        """
        ids = Counter(self.paper_ids())
        found = [
            f"{paper_id} is in the archive {times} times" for paper_id, times in ids.items() if times > 1
        ]
        broken = load_archive(self.root, dt.date.min).broken
        found += [str(line.problem) for line in broken]
        with tempfile.TemporaryDirectory() as folder:
            drawn = self.copy(Path(folder) / "drawn")
            last = dt.datetime.fromisoformat(max(day["last_run"] for day in self.days()))
            ran = drawn.run(now or last, "--rerender")
            assert ran.code == 0, ran.said
            found += [
                f"{path} is not what the archive says"
                for path in differing(self.published(), drawn.published())
            ]
        return found


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The names alone: a difference of whole pages is no message."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def start(
    arguments: Sequence[str], folder: Path, within: Sequence[str] = (), **environ: str
) -> "subprocess.Popen[str]":
    """Python in a process of its own; `within` is a command that leads it."""
    return subprocess.Popen(
        [*within, sys.executable, *arguments],
        cwd=folder,
        env=surroundings(**environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
    )


def surroundings(**environ: str) -> dict[str, str]:
    """As little of this process's environment as another one needs, so that no setting leaks in."""
    needed = ("PATH", "HOME", "TMPDIR", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    given = {name: os.environ[name] for name in needed if name in os.environ}
    return given | {"PYTHONUTF8": "1", **environ}


def end_of(process: "subprocess.Popen[str]", timeout_seconds: float = 120) -> Ran:
    out, err = process.communicate(timeout=timeout_seconds)
    return Ran(process.returncode, out, err)


KILLED = -signal.SIGKILL
