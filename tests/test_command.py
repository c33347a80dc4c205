"""The whole command: its options, its exit codes, and what must hold whatever happens to it.

Invented papers over real HTTP; real processes where a process matters.
"""

import datetime as dt
import html
import io
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_httpserver import HTTPServer

import fetch_papers
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld, sample_config
from paperbot.sample.server import Reply
from tests import hurry

COMMAND = Path(__file__).resolve().parents[1] / "fetch_papers.py"
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


@dataclass(frozen=True)
class Ran:
    """What a run came to, and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


class Fork:
    """A folder with a config that leads to a local world."""

    def __init__(self, root: Path, world: WatchedWorld) -> None:
        self.root, self.world, self.config = root, world, root / "config.json"
        root.mkdir(parents=True, exist_ok=True)
        self.settings: dict[str, Any] = sample_config(world)
        self.change(
            ai_summary={"max_papers_to_summarize": SUMMARIES, "timeout_seconds": 10},
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


def surroundings(**environ: str) -> dict[str, str]:
    """As little of this process's environment as another one needs, so that no setting leaks in."""
    needed = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return needed | {"PYTHONUTF8": "1", **environ}


def tree(root: Path) -> Tree:
    return {
        str(path.relative_to(root)): None if path.is_dir() else path.read_bytes() for path in root.rglob("*")
    }


def end_of(process: subprocess.Popen[str], timeout_seconds: float = 60) -> Ran:
    out, err = process.communicate(timeout=timeout_seconds)
    return Ran(process.returncode, out, err)


def wait_until(is_true: Callable[[], bool], seconds: float = 60) -> None:
    for _ in range(int(seconds / 0.02)):
        if is_true():
            return
        time.sleep(0.02)
    raise AssertionError("it never came about")


@pytest.fixture
def world() -> Iterator[WatchedWorld]:
    with WatchedWorld() as world:
        yield world
        for process in world.runs:
            process.kill()
            process.communicate()


@pytest.fixture
def fork(tmp_path: Path, world: WatchedWorld) -> Fork:
    """Nothing but a config."""
    return Fork(tmp_path / "fork", world)


@pytest.fixture(scope="session")
def mondays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with WatchedWorld(MONDAY) as world:
        fork = Fork(tmp_path_factory.mktemp("monday"), world)
        fork.change(ai_summary={"max_papers_to_summarize": 6})
        assert fork.run().code == 0
        return fork.root


@pytest.fixture
def known(mondays: Path, tmp_path: Path, world: WatchedWorld) -> Fork:
    """A fork that published Monday's digest; now it is Tuesday."""
    shutil.copytree(mondays, tmp_path / "fork")
    return Fork(tmp_path / "fork", world)


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry.in_a_hurry(monkeypatch)


# Published: exit 0 ----------------------------------------------------------------------------------------


def test_a_first_run_publishes_all_there_is(fork: Fork, world: WatchedWorld) -> None:
    ran = fork.run()
    assert ran.code == 0
    assert re.fullmatch(r"10 of 16 matching papers shown \(25 fetched\), 3 summarised, 0 failed\n", ran.out)
    assert fork.published().keys() >= {
        *("README.md", "archive/README.md", "archive/2025/2025-12.jsonl", "archive/2025/2025-12.days.jsonl"),
        *("archive/2025/2025-12-23.md", "site/index.html", "site/rss.xml", "site/today.json"),
    }
    assert len(fork.summaries()) == SUMMARIES == world.count(CHAT)
    assert not world.model.files


def test_the_defaults_are_the_current_folder_and_its_config(fork: Fork) -> None:
    ran = end_of(fork.process("--no-summaries"))
    assert (ran.code, fork.summaries()) == (0, [])
    assert "## 📚 Recent Papers" in fork.read("README.md")


def test_a_second_run_changes_nothing_but_the_time(known: Fork, world: WatchedWorld) -> None:
    assert known.run(now=TUESDAY).code == 0
    first = known.published()
    world.asked.clear()
    ran = known.run(now=LATER)
    second = known.published()
    assert ran.code == 0
    assert world.asked == [QUERY]
    assert second.keys() == first.keys()
    assert {path: without_time(data) for path, data in second.items()} == {
        path: without_time(data) for path, data in first.items()
    }
    changed = {path for path in first if first[path] != second[path]}
    assert "README.md" in changed
    assert "archive/2025/2025-12.jsonl" not in changed


def without_time(data: bytes | None) -> bytes:
    times = "|".join(f"{time:%H:%M}" for time in (TUESDAY, LATER)).encode()
    return re.sub(rb"(?<!\d)(?:" + times + rb")(?!\d)", b"TIME", data or b"")


def test_the_same_run_again_changes_not_a_byte(known: Fork) -> None:
    known.run()
    first = known.everything()
    known.run()
    assert known.everything() == first


def test_without_a_key_the_page_says_how_to_add_one(fork: Fork, world: WatchedWorld) -> None:
    ran = fork.run(key="")
    assert ran.code == 0
    assert set(world.asked) == {QUERY}
    for text in (ran.said, fork.read("README.md")):
        assert "no key is set" in text
        assert "Settings > Secrets and variables > Actions" in text.replace("\\", "").replace("&gt;", ">")
    assert "DASHSCOPE_API_KEY" in fork.read("README.md").replace("\\", "")
    assert fork.entries()
    assert not fork.summaries()


def test_no_summaries_asks_no_model_and_misses_no_key(fork: Fork, world: WatchedWorld) -> None:
    ran = fork.run("--no-summaries", key="")
    assert ran.code == 0
    assert set(world.asked) == {QUERY}
    assert "no key" not in ran.said + fork.read("README.md")


def test_summaries_that_were_left_out_are_made_by_the_next_run(fork: Fork, world: WatchedWorld) -> None:
    fork.run("--no-summaries")
    assert fork.run(now=LATER).code == 0
    assert len(fork.summaries()) == SUMMARIES


def take_down(fork: Fork, status: int | None) -> None:
    """The model's server answers nothing else; None: nobody is there."""
    if status:
        fork.world.break_down("POST /v1/", status)
    else:
        fork.change(ai_summary={"base_url": "http://127.0.0.1:9/v1"})


@pytest.mark.parametrize("source", ["auto", "file"])
@pytest.mark.parametrize("status", [503, None], ids=["503", "refused"])
def test_an_endpoint_that_is_down_costs_the_summaries_only(
    known: Fork, in_a_hurry: None, status: int | None, source: str
) -> None:
    known.change(ai_summary={"source": source})
    take_down(known, status)
    ran = known.run()
    reason = "does not work at the moment" if status else "could not be reached"
    assert ran.code == 0
    assert "8 of 8 matching papers shown (25 fetched), 0 summarised, 3 failed" in ran.out
    assert reason in ran.err
    assert known.read("README.md").count(reason) >= SUMMARIES


@pytest.mark.parametrize(("source", "papers"), [("auto", 3), ("file", 3), ("auto", 2)])
def test_an_endpoint_that_is_down_is_said_at_the_top_of_the_page(
    known: Fork, in_a_hurry: None, source: str, papers: int
) -> None:
    known.change(ai_summary={"source": source, "max_papers_to_summarize": papers})
    take_down(known, 503)
    known.run()
    top = known.read("README.md").partition("## ")[0]
    assert "There are no new summaries: 127.0.0.1 does not work at the moment" in top.replace("\\", "")


# Published, but the owner must act: exit 3 ----------------------------------------------------------------


def test_a_wrong_key_is_said_on_the_page_and_asked_once(fork: Fork, world: WatchedWorld) -> None:
    ran = fork.run(key="a-wrong-key")
    assert ran.code == 3
    for text in (ran.said, fork.read("README.md").replace("\\", "")):
        assert "127.0.0.1 refused the key" in text
        assert "Put a valid key" in text
    assert world.count("POST /v1/") == 0
    assert world.count("GET /v1/") <= 2
    assert len(fork.entries()) == 16
    assert not any(summary.get("text") for summary in fork.summaries())


@pytest.mark.parametrize(
    ("status", "code", "cure"),
    [
        (402, "insufficient_balance", "Top up"),
        (404, "model_not_found", "ai_summary.model"),
        (410, "gone", "base_url"),
    ],
)
def test_what_only_the_owner_can_cure_ends_with_3(
    fork: Fork, world: WatchedWorld, status: int, code: str, cure: str
) -> None:
    world.break_down(CHAT, status, json.dumps({"error": {"code": code, "message": "No."}}))
    fork.change(ai_summary={"max_workers": 1})
    ran = fork.run()
    assert ran.code == 3
    assert cure in ran.said
    assert world.count(CHAT) == 1
    assert not world.model.files


# Failed, nothing changed: exit 1 --------------------------------------------------------------------------


def test_arxiv_down_leaves_all_as_it_was_and_says_what_next(known: Fork, world: WatchedWorld) -> None:
    before = known.published()
    world.break_down(QUERY, 503)
    ran = known.run()
    assert ran.code == 1
    assert known.published() == before
    assert "arXiv answered HTTP 503" in ran.err
    assert "It last worked on 22 December 2025 at 08:17 UTC." in ran.err
    assert "Nothing was changed" in ran.err
    assert "the next run looks back 10 days" in ran.err


def test_a_first_run_that_fails_leaves_nothing(fork: Fork, world: WatchedWorld) -> None:
    world.break_down(QUERY, 403, "Forbidden")
    ran = fork.run()
    assert (ran.code, fork.published()) == (1, {})
    assert "It has not worked before." in ran.err
    assert world.asked == [QUERY]


def test_an_address_that_nobody_serves(known: Fork, unused_tcp_port: int) -> None:
    known.change(arxiv={"api_url": f"http://127.0.0.1:{unused_tcp_port}/api/query"})
    before = known.published()
    ran = known.run()
    assert (ran.code, known.published()) == (1, before)
    assert "the connection to arXiv failed (Connection refused" in ran.err.replace("[Errno 111] ", "")


@pytest.fixture
def unused_tcp_port() -> int:
    with HTTPServer() as server:
        return server.port


def test_a_web_page_instead_of_a_feed(known: Fork, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/query").respond_with_data(
        "<html>Please wait</html>", content_type="text/html"
    )
    known.change(arxiv={"api_url": httpserver.url_for("/api/query")})
    before = known.published()
    ran = known.run()
    assert (ran.code, known.published()) == (1, before)
    assert "arXiv's answer is no Atom feed" in ran.err


def test_a_file_where_the_archive_should_be(fork: Fork) -> None:
    (fork.root / "archive").write_text("mine")
    before = fork.everything()
    ran = fork.run()
    assert (ran.code, fork.everything()) == (1, before)
    assert f"{fork.root / 'archive'}" in ran.err


def test_a_site_that_cannot_be_written(known: Fork) -> None:
    shutil.rmtree(known.root / "site")
    (known.root / "site").write_text("mine")
    before = known.published()
    ran = known.run()
    assert ran.code == 1
    assert f"{known.root / 'site'}" in ran.err
    assert differing(known.published(), before) == []
    assert (known.root / "site").read_text() == "mine"


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
FULL_DISK = """
mount -t tmpfs -o size="$1" tmpfs "$0" && cp -a "$2/." "$0" && cd "$0" && shift 2 || exit
"$@"
echo $?
cp -a . "$OUT"
"""


def isolated(script: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A shell script where it may mount without anyone else seeing it."""
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, *arguments],
        env=surroundings(**environ),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


def may_mount() -> bool:
    return bool(shutil.which("unshare")) and isolated("mount -t tmpfs tmpfs /mnt").returncode == 0


needs_mounts = pytest.mark.skipif(
    not may_mount(), reason="mounting in a namespace of one's own is not allowed here"
)


@needs_mounts
def test_a_read_only_folder(known: Fork) -> None:
    before = known.everything()
    ran = isolated(
        READ_ONLY,
        str(known.root),
        sys.executable,
        str(COMMAND),
        *known.arguments(None, []),
        DASHSCOPE_API_KEY=known.world.key,
    )
    assert (ran.returncode, known.everything()) == (1, before)
    assert f"can't write into {known.root / 'archive'}" in ran.stderr
    assert "Read-only file system" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert known.world.asked == []


@needs_mounts
@pytest.mark.parametrize("free_kilobytes", [0, 8, 64])
def test_a_full_disk(known: Fork, tmp_path: Path, free_kilobytes: int) -> None:
    disk, after = tmp_path / "disk", tmp_path / "after"
    disk.mkdir()
    before, published = known.everything(), known.published()
    used = sum(-(-len(data) // 4096) * 4 for data in before.values() if data)
    ran = isolated(
        FULL_DISK,
        str(disk),
        f"{used + free_kilobytes}k",
        str(known.root),
        sys.executable,
        str(COMMAND),
        *("--now", TUESDAY.isoformat(), "--no-summaries"),
        OUT=str(after),
    )
    assert ran.stdout.split()[-1] == "1", ran
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr
    left = Fork(after, known.world)
    assert differing(left.published(), published) == []
    assert [path for path in left.everything() if path.endswith(".tmp")] == []


@needs_mounts
def test_after_a_full_disk_the_next_run_mends_all(known: Fork, tmp_path: Path) -> None:
    test_a_full_disk(known, tmp_path, 64)
    left = Fork(tmp_path / "after", known.world)
    assert left.run("--no-summaries").code == known.run("--no-summaries").code == 0
    assert differing(left.published(), known.published()) == []


def differing(one: Tree, other: Tree) -> list[str]:
    """The names alone: a difference of whole pages is no message."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


@needs_mounts
def test_a_folder_that_cannot_be_written_comes_with_advice(known: Fork) -> None:
    ran = isolated(READ_ONLY, str(known.root), sys.executable, str(COMMAND), *known.arguments(None, []))
    assert "Nothing was changed" in ran.stdout + ran.stderr
    assert "--root" in ran.stdout + ran.stderr


# Wrong use or wrong config, nothing changed: exit 2 -------------------------------------------------------


def broken_json(fork: Fork) -> str:
    fork.config.write_text('{\n  "keywords": ["LLM" "RL"]\n}', encoding="utf-8")
    return "config.json, line 2"


def two_mistakes(fork: Fork) -> str:
    fork.config.write_text('{\n  "max_paper": 3,\n  "days_back": 99\n}', encoding="utf-8")
    return "max_papers"


def no_config(fork: Fork) -> str:
    fork.config.unlink()
    return "config.json"


def template_syntax(fork: Fork) -> str:
    write(fork.root / "templates/README.md.j2", "# Mine\n{% if %}\n")
    return "templates/README.md.j2, line 2"


def template_unknown_name(fork: Fork) -> str:
    write(fork.root / "templates/day.md.j2", "# Mine\n\n{{ page.weather }}\n")
    return "templates/day.md.j2, line 3"


def prompt_mistake(fork: Fork) -> str:
    write(fork.root / "templates/summary_prompt.md.j2", "Summarise\n{{ nonsense }}\n")
    return "templates/summary_prompt.md.j2"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


MISTAKES = [broken_json, two_mistakes, no_config, template_syntax, template_unknown_name, prompt_mistake]


@pytest.mark.parametrize(
    ("mistake", "options"),
    [
        *((mistake, options) for mistake in MISTAKES for options in ([], ["--check"])),
        *((broken_json, [option]) for option in ("--dry-run", "--rerender")),
        *((template_syntax, [option]) for option in ("--dry-run", "--rerender")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value.__name__,
)
def test_a_users_mistake_is_named_with_its_place(
    known: Fork, mistake: Callable[[Fork], str], options: list[str]
) -> None:
    place = mistake(known)
    before = known.everything()
    ran = known.run(*options)
    assert ran.code == 2
    assert place in ran.err
    assert "Nothing was changed." in ran.out
    assert known.everything() == before
    assert known.world.asked == []


def test_all_mistakes_of_a_config_are_named_at_once(known: Fork) -> None:
    two_mistakes(known)
    ran = known.run("--check")
    assert ran.err.count("error: ") == 2
    assert "line 2" in ran.err
    assert "line 3" in ran.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--now", "2025-12-25T08:17:00"], "has no time zone"),
        (["--now", "yesterday"], "yesterday"),
        (["--max-papers", "3"], "unrecognized arguments: --max-papers 3"),
        (["today"], "unrecognized arguments: today"),
        (["--now"], "expected one argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use(known: Fork, options: list[str], words: str) -> None:
    before = known.everything()
    ran = known.run(*options)
    assert ran.code == 2
    assert words in ran.err
    assert "usage:" in ran.err
    assert known.everything() == before
    assert known.world.asked == []


def test_the_time_may_stand_in_any_zone(known: Fork) -> None:
    assert known.run("--no-summaries", "--now", "2025-12-23T16:17:00+08:00").code == 0
    assert json.loads(known.read("archive/2025/2025-12.days.jsonl").splitlines()[-1])["last_run"] == (
        "2025-12-23T08:17:00Z"
    )


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PAPERBOT_DAYS_BACK": "many"}, "PAPERBOT_DAYS_BACK"),
        ({"PAPERBOT_NO_SUMMARIES": "perhaps"}, "PAPERBOT_NO_SUMMARIES"),
        ({"DASHSCOPE_API_KEY": f"{CANARY} and a word"}, "DASHSCOPE_API_KEY"),
    ],
    ids=lambda value: "".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_environment(known: Fork, environ: Mapping[str, str], words: str) -> None:
    before = known.everything()
    ran = known.run(environ=environ)
    assert ran.code == 2
    assert words in ran.err
    assert CANARY not in ran.said
    assert known.everything() == before


def test_a_template_that_fails_on_real_papers_only(known: Fork, world: WatchedWorld) -> None:
    """The check draws invented papers; what it can't foresee stops before anything is written."""
    own = known.root / "templates/README.md.j2"
    bundled = (COMMAND.parent / "templates/README.md.j2").read_text("utf-8")
    write(own, "{% if page.digest and page.digest.total == 8 %}{{ nonsense }}{% endif %}\n" + bundled)
    assert known.run("--check").code == 0
    before = known.published()
    ran = known.run()
    assert ran.code == 2
    assert "templates/README.md.j2, line 1" in ran.err
    assert known.published() == before
    own.unlink()
    assert known.run().code == 0
    assert world.count(CHAT) == SUMMARIES
    assert (
        len([entry for entry in known.entries() if entry["digest"] == "2025-12-23" and entry["summary"]]) == 3
    )


def test_a_template_that_leaves_the_papers_out_is_its_owners_mistake(known: Fork) -> None:
    write(known.root / "templates/README.md.j2", "# Mine\n")
    before = known.everything()
    ran = known.run("--check")
    assert (ran.code, known.everything()) == (2, before)
    assert "templates/README.md.j2" in ran.err


def test_the_sample_does_not_overwrite_other_things(known: Fork) -> None:
    before = known.everything()
    ran = known.run("--sample")
    assert (ran.code, known.everything()) == (2, before)
    assert "--root" in ran.err


# Options that write nothing, or ask nobody ----------------------------------------------------------------


def test_a_dry_run_prints_the_ranking_and_writes_nothing(fork: Fork, world: WatchedWorld) -> None:
    before = fork.everything()
    ran = fork.run("--dry-run")
    assert ran.code == 0
    assert fork.everything() == before
    assert world.asked == [QUERY]
    rows = ran.out.splitlines()[1:]
    assert [int(row.split()[0].rstrip("-")) for row in rows] == list(range(1, len(rows) + 1))
    scores = [float(row.split()[1]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    fork.run("--no-summaries")
    shown = sorted(fork.entries(), key=lambda entry: int(entry["rank"]))
    assert [row.split()[3] for row in rows] == [entry["id"] for entry in shown]


def test_a_dry_run_can_be_asked_for_by_the_environment(known: Fork) -> None:
    before = known.everything()
    ran = known.run(environ={"PAPERBOT_DRY_RUN": "true"})
    assert (ran.code, known.everything()) == (0, before)
    assert ran.out.startswith("rank ")


def test_a_verbose_dry_run_estimates_tokens_and_cost(known: Fork) -> None:
    ran = known.run("--dry-run", "-v")
    assert "tokens" in ran.said
    assert "CNY" in ran.said


def test_rerender_draws_the_same_bytes_without_a_network(known: Fork, world: WatchedWorld) -> None:
    known.run()
    before = known.published()
    world.asked.clear()
    for path in (
        "README.md",
        "archive/README.md",
        "archive/2025/2025-12-23.md",
        "site/index.html",
        "site/rss.xml",
    ):
        (known.root / path).unlink()
    ran = known.run("--rerender", now=WEDNESDAY)
    assert ran.code == 0
    assert world.asked == []
    assert differing(known.published(), before) == []


def test_rerender_takes_up_a_changed_template(known: Fork) -> None:
    known.run("--rerender")
    before = known.published()
    write(known.root / "templates/how_to_use.md.j2", "Ask Ada.\n")
    assert known.run("--rerender").code == 0
    assert "Ask Ada." in known.read("README.md")
    assert differing(known.published(), before) == ["README.md"]


def test_rerender_of_nothing_is_the_front_page(fork: Fork, world: WatchedWorld) -> None:
    assert fork.run("--rerender").code == 0
    assert fork.read("README.md").startswith("# ")
    assert world.asked == []


def test_check_says_that_all_is_right_and_writes_nothing(fork: Fork, world: WatchedWorld) -> None:
    before = fork.everything()
    ran = fork.run("--check", key="")
    assert (ran.code, fork.everything(), world.asked) == (0, before, [])
    assert "all right" in ran.out


def test_help_names_every_option(fork: Fork) -> None:
    ran = fork.run("--help")
    assert ran.code == 0
    options = (
        "--config",
        "--root",
        "--now",
        "--no-summaries",
        "--dry-run",
        "--rerender",
        "--check",
        "--sample",
        "-v",
    )
    assert [option for option in options if option not in ran.out] == []


# Two at once, and runs that are killed --------------------------------------------------------------------


class Gate:
    """Requests that begin so wait before their answer, from the given one on."""

    def __init__(self, world: WatchedWorld, request: str, first: int = 1) -> None:
        self.opened, self.waiting = threading.Event(), 0
        self._request, self._first, self._seen = request, first, 0
        self._lock = threading.Lock()
        world.instead = self._hold

    def _hold(self, request: str, _: bytes) -> Reply | None:
        if request.startswith(self._request):
            with self._lock:
                self._seen += 1
                holds = self._seen >= self._first
                self.waiting += holds
            if holds:
                self.opened.wait(60)
        return None


@pytest.fixture
def gates(world: WatchedWorld) -> Iterator[Callable[..., Gate]]:
    made: list[Gate] = []

    def make(request: str, first: int = 1) -> Gate:
        made.append(Gate(world, request, first))
        return made[-1]

    yield make
    for gate in made:
        gate.opened.set()


def test_of_two_runs_at_once_one_waits_for_its_next_time(
    known: Fork, world: WatchedWorld, gates: Callable[..., Gate]
) -> None:
    before, gate = known.published(), gates(QUERY)
    first = known.process()
    wait_until(lambda: gate.waiting == 1)
    second = end_of(known.process())
    assert second.code == 1
    assert "another run is at work" in second.err
    assert world.asked == [QUERY]
    assert known.published() == before
    gate.opened.set()
    assert end_of(first).code == 0
    assert world.count(CHAT) == SUMMARIES


def test_a_run_that_is_killed_pays_for_no_finished_summary_twice(
    known: Fork, world: WatchedWorld, gates: Callable[..., Gate]
) -> None:
    known.change(ai_summary={"max_papers_to_summarize": 6})
    before, gate = known.published(), gates(CHAT, first=4)
    process = known.process()
    wait_until(lambda: gate.waiting == 3)
    wait_until(lambda: known.read("archive/.unfinished.jsonl").count("\n{") == 3)
    process.send_signal(signal.SIGKILL)
    assert end_of(process).code == -signal.SIGKILL
    assert known.published() == before
    assert world.model.files
    gate.opened.set()
    asked_before = world.count(CHAT)
    ran = known.run()
    assert ran.code == 0
    assert "6 summarised, 0 failed" in ran.out
    assert world.count(CHAT) - asked_before == 3
    assert not world.model.files
    assert not [path for path in known.everything() if "unfinished" in path or path.endswith(".tmp")]


def test_a_run_that_is_killed_at_its_first_write_is_made_good(known: Fork, world: WatchedWorld) -> None:
    """A run that ended between two files: the next one draws whatever is missing."""
    right = Fork(known.root.parent / "right", world)
    shutil.copytree(known.root, right.root, dirs_exist_ok=True)
    right.run("--no-summaries")
    for name in ("2025-12.jsonl", "2025-12.days.jsonl"):
        shutil.copy(right.root / "archive/2025" / name, known.root / "archive/2025" / name)
    (known.root / "archive/.unfinished.jsonl").write_text("\n")
    assert known.run("--no-summaries").code == 0
    assert differing(known.published(), right.published()) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_run_that_is_asked_to_stop_deletes_its_uploads_at_once(
    known: Fork, world: WatchedWorld, gates: Callable[..., Gate], sign: signal.Signals
) -> None:
    before, gate = known.published(), gates(CHAT, first=2)
    process = known.process()
    wait_until(lambda: gate.waiting == 2)
    assert world.model.files
    process.send_signal(sign)
    ran = end_of(process, timeout_seconds=20)
    assert ran.code not in (0, 1, 2, 3)
    assert not world.model.files
    assert known.published() == before
    gate.opened.set()
    asked_before = world.count(CHAT)
    assert known.run().code == 0
    assert world.count(CHAT) - asked_before == SUMMARIES - 1


def test_a_run_that_is_asked_to_stop_says_so_without_a_traceback(
    known: Fork, gates: Callable[..., Gate]
) -> None:
    gate = gates(QUERY)
    process = known.process()
    wait_until(lambda: gate.waiting == 1)
    process.terminate()
    ran = end_of(process, timeout_seconds=20)
    assert "Traceback" not in ran.err


# In GitHub Actions ----------------------------------------------------------------------------------------


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


@pytest.fixture
def actions(tmp_path: Path) -> Actions:
    return Actions(tmp_path / "actions")


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


def test_what_is_a_command_to_the_runner() -> None:
    lines = ["::error::x", "  ::add-mask::e", "::warning file=a,line=1::x", "12:00 ##[set-env name=a]b"]
    assert commands_in("\n".join([*lines, "12:00 ::error::x", "::nothing::x", "##[x]", "a::b"])) == lines


def annotations(ran: Ran, level: str) -> list[tuple[str, str]]:
    """File and line of each annotation; nothing else may be a command."""
    places = []
    for line in commands_in(ran.said):
        properties = re.match(rf"::{level} ([^:]*)::", line)
        assert properties, line
        given = dict(each.split("=", 1) for each in properties[1].split(",") if each)
        places.append((given.get("file", ""), given.get("line", "")))
    return places


def test_mistakes_are_annotations_on_their_line(known: Fork, actions: Actions) -> None:
    two_mistakes(known)
    ran = end_of(known.process(environ=actions.environ))
    assert ran.code == 2
    assert annotations(ran, "error") == [("config.json", "2"), ("config.json", "3")]
    summary = actions.summary.read_text("utf-8").replace("\\", "")
    assert "max_papers" in summary
    assert "days_back" in summary


def test_warnings_are_annotations_on_their_line(known: Fork, actions: Actions) -> None:
    known.settings["display_limit"] = 500
    known.change()
    line = known.config.read_text("utf-8").splitlines().index('  "display_limit": 500') + 1
    ran = end_of(known.process("--check", environ=actions.environ))
    assert ran.code == 0
    assert ("config.json", str(line)) in annotations(ran, "warning")


def test_a_mistake_in_a_template_is_an_annotation_on_its_line(known: Fork, actions: Actions) -> None:
    template_syntax(known)
    ran = end_of(known.process(environ=actions.environ))
    assert ran.code == 2
    assert annotations(ran, "error") == [("templates/README.md.j2", "2")]


def test_figures_of_a_run_are_outputs(known: Fork, actions: Actions) -> None:
    ran = known.run(environ=actions.environ)
    assert ran.code == 0
    assert actions.outputs == {"shown": "8", "summarised": "3", "degraded": "false"}
    summary = actions.summary.read_text("utf-8")
    assert "23 December 2025" in summary
    assert "3 summarised, 0 failed" in summary
    assert commands_in(ran.said) == []


def test_a_degraded_run_says_so(known: Fork, actions: Actions) -> None:
    ran = known.run(key="a-wrong-key", environ=actions.environ)
    assert ran.code == 3
    assert actions.outputs == {"shown": "8", "summarised": "0", "degraded": "true"}
    assert len(commands_in(ran.out)) == 1
    assert "refused the key" in commands_in(ran.out)[0]


def test_what_was_wrong_with_the_summaries_stands_in_the_job_summary(known: Fork, actions: Actions) -> None:
    known.run(key="a-wrong-key", environ=actions.environ)
    assert "refused the key" in actions.summary.read_text("utf-8")


def test_tokens_and_cost_stand_in_the_job_summary(known: Fork, actions: Actions) -> None:
    known.run(environ=actions.environ)
    summary = actions.summary.read_text("utf-8")
    assert "tokens" in summary
    assert "CNY" in summary


def test_a_failure_stands_in_the_job_summary(known: Fork, world: WatchedWorld, actions: Actions) -> None:
    world.break_down(QUERY, 429, "Rate exceeded.")
    ran = known.run(environ=actions.environ)
    assert ran.code == 1
    [line] = commands_in(ran.said)
    assert line.startswith("::error ")
    assert "Rate exceeded." in line
    summary = actions.summary.read_text("utf-8")
    assert "arXiv answered HTTP 429" in summary.replace("\\", "")
    assert "the next run looks back 10 days" in summary
    assert not actions.output.exists()


HOSTILE = (
    "::error::forged",
    "x %0A::set-output name=shown::9999",
    "x&#10;::add-mask::e",
    "x&#13;::stop-commands::now",
    "x\u2028::error::y\u0085::error::z",
    "##[error]forged",
    "x ##[add-mask]e",
    "##[set-env name=PATH]/tmp",
    "]]> ##[warning file=x]y",
)


def test_no_title_can_pose_as_a_command(known: Fork, world: WatchedWorld, actions: Actions) -> None:
    titles, answer = [""], world.answer

    def with_hostile_titles(method: str, target: str, key: str, body: bytes) -> Reply:
        reply = answer(method, target, key, body)
        title = titles[0].replace(">", "&gt;").encode() + b" "
        return reply._replace(body=re.sub(rb"(?<=    <title>)", lambda _: title, reply.body))

    world.answer = with_hostile_titles  # type: ignore[method-assign]
    for title in HOSTILE:
        titles[:] = [title]
        ran = known.run("--dry-run", environ=actions.environ)
        assert ran.code == 0
        assert html.unescape(title).split()[0].replace("##[", "## [") in ran.out
        assert commands_in(ran.said) == []
    titles[:] = [" ".join(HOSTILE)]
    ran = known.run("-v", environ=actions.environ)
    assert ran.code == 0
    assert commands_in(ran.said) == []
    assert any("##[add-mask]e" in entry["title"] for entry in known.entries())
    assert actions.outputs == {"shown": "8", "summarised": "3", "degraded": "false"}


def test_no_answer_of_the_model_s_server_can_pose_as_a_command(
    known: Fork, world: WatchedWorld, actions: Actions, in_a_hurry: None
) -> None:
    known.change(ai_summary={"source": "auto"})
    words = itertools.cycle(HOSTILE)
    world.instead = lambda request, _: (
        Reply(400, "application/json", json.dumps({"error": {"message": f"No: {next(words)}"}}).encode())
        if request.startswith("POST /v1/")
        else None
    )
    ran = known.run("-v", environ=actions.environ)
    assert ran.code == 0
    assert "forged" in ran.said
    assert_only_our_commands(ran, "warning")


@pytest.mark.parametrize("words", HOSTILE)
def test_no_answer_of_arxiv_can_pose_as_a_command(
    known: Fork, world: WatchedWorld, actions: Actions, words: str
) -> None:
    world.break_down(QUERY, 403, words.replace("&#10;", "\n").replace("&#13;", "\r"))
    ran = known.run("-v", environ=actions.environ)
    assert ran.code == 1
    assert_only_our_commands(ran, "error")


def assert_only_our_commands(ran: Ran, level: str) -> None:
    lines = commands_in(ran.said)
    assert lines
    assert [line for line in lines if ANYWHERE.search(line) or not line.startswith(f"::{level} ")] == []


# Everywhere, and for anyone -------------------------------------------------------------------------------


NO_UNICODE = {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("options", [["--dry-run"], ["-v"]], ids=" ".join)
def test_a_terminal_without_unicode(known: Fork, options: list[str]) -> None:
    known.settings["keywords"] += ["модель", "模型"]
    known.change()
    ran = end_of(known.process(*options, environ=NO_UNICODE))
    assert ran.code == 0
    assert ran.said.isascii()


def test_a_mistake_beyond_ascii_on_a_terminal_without_unicode(known: Fork) -> None:
    known.settings["display_límit"] = 1
    known.change()
    ran = end_of(known.process("--check", environ=NO_UNICODE))
    assert ran.code == 2
    assert ran.said.isascii()
    assert "Traceback" not in ran.err


def test_a_folder_with_an_unusual_name(world: WatchedWorld, tmp_path: Path) -> None:
    fork = Fork(tmp_path / "my papers, ünï 论文 100%", world)
    environ = {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}
    assert end_of(fork.process("--no-summaries", environ=environ)).code == 0
    assert len(fork.entries()) == 16


ECHOES: Mapping[str, tuple[int, Any]] = {
    "401": (401, {"error": {"message": f"Incorrect API key provided: {CANARY}", "code": "invalid_api_key"}}),
    "400": (400, {"error": {"message": f"Bad header 'Authorization: Bearer {CANARY}'"}}),
    "403": (403, {"message": f"{CANARY} may not do this"}),
    "429": (429, [{"error": {"message": f"{CANARY} is too fast"}}]),
    "500": (500, f"Stack trace: key={CANARY}"),
    "200": (200, {"error": {"message": f"{CANARY} failed", "code": 500}, "choices": None}),
}


@pytest.mark.parametrize("kind", [None, *ECHOES])
def test_the_key_appears_nowhere(
    known: Fork,
    world: WatchedWorld,
    actions: Actions,
    in_a_hurry: None,
    monkeypatch: pytest.MonkeyPatch,
    kind: str | None,
) -> None:
    monkeypatch.setattr(WatchedWorld, "key", CANARY)
    if kind:
        status, body = ECHOES[kind]
        world.break_down("POST /v1/", status, body if isinstance(body, str) else json.dumps(body))
    known.change(ai_summary={"source": "auto"})
    ran = known.run("-v", key=CANARY, environ=actions.environ)
    assert ran.code == (3 if kind in ("401", "403") else 0)
    assert CANARY not in ran.said
    written = {**known.everything(), **tree(actions.output.parent)}
    assert [path for path, data in written.items() if data and CANARY.encode() in data] == []
