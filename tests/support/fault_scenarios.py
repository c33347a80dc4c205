"""What can go wrong around a run, one scenario each: how it is brought about, and the exit code that follows.

A scenario happens on the second of the sample's mornings; in the afternoon, all is well again.
"""

import datetime as dt
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from paperbot.archive.files import only_run
from tests.support.faulty_world import Fault
from tests.support.fork import QUICK, Fork, Ran, end_of, surroundings

NOBODY = "http://127.0.0.1:9"
"""Nothing listens there."""
DAY = dt.timedelta(days=1)
MONTH = "archive/2025/2025-12"

Run = Callable[[Fork, dt.datetime], Ran]


def usual(fork: Fork, now: dt.datetime) -> Ran:
    """A process of its own."""
    return fork.child(now)


def here(fork: Fork, now: dt.datetime) -> Ran:
    """In this process: quicker."""
    return fork.run(now)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table."""

    what: str
    code: int = 0
    """The exit code that is right."""
    faults: Sequence[Fault] = ()
    """Of arXiv and of the model's server."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Of config.json, for this run alone."""
    prepare: str = ""
    """A shell command, run in the folder before the run."""
    run: Run = usual
    many_papers: bool = False
    """It needs more papers than the sample has."""
    damage: bool = False
    """The scenario itself has broken the archive, for good."""

    @property
    def is_of_the_world(self) -> bool:
        """Brought about by the servers alone."""
        return bool(self.faults) and not self.prepare and self.run is usual


def _served(part: str, site: str, usual_code: int = 0) -> Callable[..., Scenario]:
    """What makes the rows about one server; its further options are those of a fault."""

    def row(
        what: str, kind: str, code: int = usual_code, changes: Any = MappingProxyType({}), **more: Any
    ) -> Scenario:
        return Scenario(f"{part}: {what}", code, [{"on": site, "kind": kind, **more}], changes)

    return row


_arxiv, _pdf = _served("arXiv", "api", 1), _served("PDFs", "pdf")
_chat, _files = _served("Model", "chat"), _served("Model", "files")
IMPATIENT = {"arxiv": QUICK | {"timeout_seconds": 0.5, "patience_seconds": 0.3}}
IMPATIENT_MODEL = {"ai_summary": {"timeout_seconds": 0.5}}

ARXIV = (
    _arxiv("HTTP 429, and no end of it", "429"),
    _arxiv("HTTP 429 twice", "429", code=0, times=2),
    _arxiv("HTTP 429, come back in an hour", "429", retry_after=3600),
    _arxiv("HTTP 503, and no end of it", "503"),
    _arxiv("HTTP 503 once", "503", code=0, times=1),
    _arxiv("HTTP 500", "500"),
    _arxiv("HTTP 406, from its edge", "406"),
    _arxiv("HTTP 400", "400"),
    _arxiv("HTTP 403", "403"),
    _arxiv("HTTP 404", "404"),
    _arxiv("hangs", "hang", changes=IMPATIENT),
    _arxiv("drips, a byte at a time", "slow_drip", changes=IMPATIENT),
    _arxiv("the connection is cut within an answer", "cut"),
    _arxiv("the connection is cut once", "cut", code=0, times=1),
    _arxiv("the connection is reset", "reset"),
    _arxiv("the XML ends early", "truncated"),
    _arxiv("a web page instead of a feed", "not_xml_200"),
    _arxiv("an answer without a byte", "zero_bytes"),
    _arxiv("no papers where there must be some", "empty_200"),
    _arxiv("a total, but no papers", "empty_total"),
    _arxiv("a paper without its date", "missing_published", code=0),
    _arxiv("a paper twice in an answer", "duplicate_entries", code=0),
    Scenario(
        "arXiv: the index lacks the newest announcement",
        0,
        [{"on": "api", "kind": "stale"}],
        many_papers=True,
    ),
    Scenario("arXiv: nobody listens", 1, changes={"arxiv": {"api_url": f"{NOBODY}/api/query"}}),
)
PDFS = (
    _pdf("HTTP 404", "404"),
    _pdf("HTTP 403", "403"),
    _pdf("HTTP 503", "503"),
    _pdf("hang", "hang", changes=IMPATIENT),
    _pdf("the connection is cut", "cut"),
    _pdf("a web page instead", "html_instead"),
    _pdf("the file ends early", "truncated"),
    _pdf("a file without a byte", "zero_bytes"),
    _pdf("60 MB", "huge"),
)
MODEL = (
    Scenario("Model: no key is set", run=lambda fork, now: fork.child(now, DASHSCOPE_API_KEY="")),
    _chat("the key is refused", "401", code=3),
    Scenario(
        "Model: the key is not one", 2, run=lambda fork, now: fork.child(now, DASHSCOPE_API_KEY="my key 钥")
    ),
    _chat("no credit (HTTP 402)", "402", code=3),
    _chat("no credit (Arrearage)", "arrearage", code=3),
    _chat("no credit after the first summary", "arrearage", after=1),
    _chat("no such model", "404_model", code=3),
    _chat("too many requests, and no end of it", "limit_requests"),
    _chat("too many requests, twice", "limit_requests", times=2),
    _chat("HTTP 500, and no end of it", "500"),
    _chat("HTTP 503 once", "503", times=1),
    _chat("hangs", "hang", changes=IMPATIENT_MODEL),
    _chat("drips, a byte at a time", "slow_drip", changes=IMPATIENT_MODEL),
    _chat("the connection is reset", "reset"),
    _chat("the connection is cut once", "cut", times=1),
    _chat("a web page instead of an answer", "html_200"),
    _chat("HTTP 200 with an error in it", "error_200"),
    _chat("an empty summary", "empty_content"),
    _chat("a summary that ends early", "length"),
    _chat("its content filter stops a summary", "content_filter", times=1),
    _chat("its content check refuses a paper", "data_inspection_failed", times=1),
    _chat("thoughts without an end", "unclosed_think"),
    _chat("a summary that is not UTF-8", "invalid_utf8"),
    _files("takes no files", "404"),
    _files("can't read the files", "parsing_error"),
    _files("never finishes reading the files", "never_processed"),
    Scenario("Model: nobody listens", changes={"ai_summary": {"base_url": f"{NOBODY}/v1"}}),
)


# The folder -----------------------------------------------------------------------------------------------

IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
SMALL = 'mount -t tmpfs -o size="$1" tmpfs "$0" && cp -a "$2/." "$0" && out="$3" && shift 3 && "$@"; \
code=$?; cp -a "$0/." "$out"; exit $code'


def may_mount() -> bool:
    """Is this a system on which anyone may mount a disk for himself?"""
    if not shutil.which("unshare"):
        return False
    trial = subprocess.run(
        [*IN_A_NAMESPACE, "mount -t tmpfs tmpfs /mnt"], env=surroundings(), capture_output=True
    )
    return trial.returncode == 0


def read_only(fork: Fork, now: dt.datetime) -> Ran:
    return fork.child(now, within=[*IN_A_NAMESPACE, READ_ONLY, str(fork.root)])


def small_disk(free_kilobytes: int) -> Run:
    """A disk with this much free space beyond the files."""

    def run(fork: Fork, now: dt.datetime) -> Ran:
        there, after = fork.root.with_name("there"), fork.root.with_name("after")
        shutil.move(fork.root, there)
        for folder in (fork.root, after):
            folder.mkdir()
        used = sum(-(-file.stat().st_size // 4096) * 4 for file in there.rglob("*") if file.is_file())
        size = f"{used + free_kilobytes}k"
        ran = fork.child(now, within=[*IN_A_NAMESPACE, SMALL, str(fork.root), size, str(there), str(after)])
        shutil.rmtree(there)
        fork.root.rmdir()
        shutil.move(after, fork.root)
        return ran

    return run


DISK = (
    Scenario("Disk: read-only", 1, run=read_only),
    *(Scenario(f"Disk: full, {size} kB are free", 1, run=small_disk(size)) for size in (0, 8, 40, 80, 160)),
    Scenario("Disk: README.md is a folder", 1, prepare="rm README.md; mkdir README.md"),
    Scenario("Disk: site is a file", 1, prepare="mv site mine; printf mine > site"),
)
FILES = (
    Scenario("Files: README.md was deleted", prepare="rm README.md"),
    Scenario("Files: a page of the archive was deleted", prepare="rm archive/2025/2025-12-22.md"),
    Scenario("Files: the month's runs were deleted", prepare=f"rm {MONTH}.days.jsonl", damage=True),
    Scenario("Files: the month's papers were deleted", prepare=f"rm {MONTH}.jsonl", damage=True),
    Scenario(
        "Files: a line of the archive was cut",
        prepare=f"truncate -s -100 {MONTH}.jsonl; echo >> {MONTH}.jsonl",
        damage=True,
    ),
    Scenario(
        "Files: the archive has the marks of a merge conflict",
        prepare=f"sed -i '1i <<<<<<< HEAD' {MONTH}.jsonl; "
        f"printf '=======\\n>>>>>>> theirs\\n' >> {MONTH}.jsonl",
        damage=True,
    ),
    Scenario(
        "Files: bytes in the archive that are no text",
        prepare=f"printf '\\377\\376\\000\\n' >> {MONTH}.jsonl",
        damage=True,
    ),
    Scenario(
        "Files: half a line in the journal of a killed run",
        prepare="""printf '\\n{"id": "2512.99015", "summ' > archive/.unfinished.jsonl""",
    ),
)


# The clock, the process, the platform ---------------------------------------------------------------------


def at(change: dt.timedelta) -> Run:
    """With a clock that is wrong by so much."""
    return lambda fork, now: fork.child(now + change)


def while_another_run_works(fork: Fork, now: dt.datetime) -> Ran:
    with only_run(fork.root / "archive"):
        return fork.child(now)


def asked_to_stop(fork: Fork, now: dt.datetime) -> Ran:
    """As a person with Ctrl-C, or GitHub's "Cancel workflow"."""
    process = fork.start(now)
    journal = fork.root / "archive/.unfinished.jsonl"
    while not journal.exists() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    return end_of(process)


def with_surroundings(**environ: str) -> Run:
    return lambda fork, now: fork.child(now, **environ)


def strange_folder(fork: Fork, now: dt.datetime) -> Ran:
    """Run where the folder's name has spaces, other letters and a percent sign."""
    strange = fork.copy(fork.root.with_name("my papers, ünï 论文 100%"))
    ran = strange.child(now, PYTHONUTF8="0", LC_ALL="C.UTF-8")
    shutil.rmtree(fork.root)
    shutil.move(strange.root, fork.root)
    return ran


PLAIN = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
CLOCK = (
    Scenario("Clock: three days behind", run=at(-3 * DAY)),
    Scenario("Clock: a day ahead", run=at(DAY)),
    Scenario("Clock: a year ahead", run=at(365 * DAY)),
)
PROCESS = (
    Scenario("Process: another run is at work", 1, run=while_another_run_works),
    Scenario("Process: asked to stop (Ctrl-C)", 130, run=asked_to_stop),
)
PLATFORM = (
    Scenario("Platform: no UTF-8 (LC_ALL=C)", run=with_surroundings(**PLAIN)),
    Scenario("Platform: another time zone (TZ)", run=with_surroundings(TZ="Pacific/Kiritimati")),
    Scenario(
        "Platform: a proxy that does not work", run=with_surroundings(http_proxy=NOBODY, https_proxy=NOBODY)
    ),
    Scenario("Platform: a folder with an unusual name", run=strange_folder),
)
SCENARIOS = (*ARXIV, *PDFS, *MODEL, *DISK, *FILES, *CLOCK, *PROCESS, *PLATFORM)


def possible(scenario: Scenario) -> bool:
    """Can it be brought about here?"""
    return not scenario.what.startswith(("Disk: read", "Disk: full")) or may_mount()
