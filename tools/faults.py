"""Each fault, what its user sees, and what the next run does: `make faults` writes docs/reliability.md.

With the sample's papers, and with real ones of December 2025.
"""

import argparse
import datetime as dt
import random
import re
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from paperbot.archive.store import load_archive
from paperbot.sample import SAMPLE_CLOCKS
from tests.support.announced import AnnouncingWorld, announced_papers
from tests.support.december import DecemberWorld
from tests.support.fault_scenarios import SCENARIOS, Scenario, possible
from tests.support.faulty_world import FaultyWorld
from tests.support.fork import SUMMARIES, Fork, Ran, elsewhere
from tests.support.kills import Aftermath, Killing, killed_after, killed_before_write
from tools.long_run import LongRun, a_fork
from tools.reliability import machine, write_section

MONDAY, TUESDAY, _ = SAMPLE_CLOCKS
AFTERNOON = TUESDAY.replace(hour=13, minute=47)
KEY = "sk-canary-0fb5c1a9e7d34826"
MOMENTS = 100
DAY = dt.timedelta(days=1)
Ids = frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """What happened in a scenario."""

    what: str
    code: int
    said: str
    page: str
    """What the page shows after it."""
    after: str
    """What the next run did."""
    wrong: tuple[str, ...] = ()


class Laboratory:
    """Tries scenarios on copies of a fork with Monday's digest."""

    def __init__(self, folder: Path, world: FaultyWorld, fork: Fork) -> None:
        self._folder, self._world = folder, world
        self._monday, tuesday = fork, fork.copy(folder / "tuesday")
        for used, clock in ((self._monday, MONDAY), (tuesday, MONDAY), (tuesday, TUESDAY)):
            world.clock = clock
            assert used.run(clock).code == 0
        self._best = _ids_with_summary(tuesday) - _ids_with_summary(self._monday)
        self._papers = _ids(tuesday)

    def try_out(self, scenario: Scenario) -> Row:
        """Monday is over; on Tuesday morning it happens; in the afternoon all is well."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            fork = self._monday.copy(Path(folder) / "fork")
            fork.change(**scenario.changes)
            subprocess.run(scenario.prepare, shell=True, cwd=fork.root, check=True)  # noqa: S602
            before = fork.published()
            self._world.clock, self._world.faults = TUESDAY, scenario.faults
            ran = scenario.run(fork, TUESDAY)
            wrong = [] if ran.code == scenario.code else [f"exit {ran.code}: {ran.said}"]
            wrong += ["a traceback"] if "Traceback" in ran.said else []
            unchanged = fork.published() == before
            wrong += ["published all the same"] if ran.code in (1, 2) and not unchanged else []
            page = "as before" if unchanged else fork.banner() or "the new digest"
            self._world.clock, self._world.faults = AFTERNOON, ()
            fork.settings = self._monday.settings
            fork.change()
            after, wrong_after = self._next_run(fork, scenario)
            wrong += [f"the key is in {place}" for place in _keys_places(fork, ran)]
            return Row(scenario.what, ran.code, _gist(fork, ran), page, after, (*wrong, *wrong_after))

    def _next_run(self, fork: Fork, scenario: Scenario) -> tuple[str, list[str]]:
        ran = fork.run(AFTERNOON)
        if ran.code:
            return f"exit {ran.code}: {_gist(fork, ran)}", []
        missing, added = self._papers - _ids(fork), _ids(fork) - self._papers
        wrong = [f"missing: {sorted(missing)}"] if missing and not scenario.damage else []
        wrong += [f"unexpected: {sorted(added)}"] if added else []
        wrong += [] if scenario.damage else fork.wrong(AFTERNOON)
        papers = f"{len(missing)} papers missing" if missing else "no paper missing"
        made = len(_ids_with_summary(fork) & self._best)
        return f"{papers}, none twice; {made} of {len(self._best)} summaries", wrong


def _keys_places(fork: Fork, ran: Ran) -> list[str]:
    files = {file.name: file.read_bytes() for file in fork.root.rglob("*") if file.is_file()}
    places = files | {"what is said": ran.said.encode()}
    return [name for name, data in places.items() if fork.key.encode() in data]


def _ids(fork: Fork) -> Ids:
    return frozenset(fork.paper_ids())


def _ids_with_summary(fork: Fork) -> Ids:
    archive = load_archive(fork.root, dt.date.min)
    return frozenset(key for key, entry in archive.entries.items() if entry.summary and entry.summary.text)


def _gist(fork: Fork, ran: Ran) -> str:
    """The first sentence, without what differs from run to run."""
    line = re.sub(r"^\d\d:\d\d:\d\d ", "", ran.gist.replace(str(fork.root), "…"))
    line = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", line)
    return re.split(r"(?<=[a-z0-9)…])\. (?=[A-Z])", line)[0]


# The calendar ---------------------------------------------------------------------------------------------

HOURS = (dt.time(0, 30), dt.time(16, 30))
CALENDAR = (
    ("the clock goes forward", dt.date(2028, 3, 26), "Europe/Berlin"),
    ("the clock goes back", dt.date(2027, 10, 31), "Europe/Berlin"),
    ("arXiv's clock goes forward", dt.date(2028, 3, 12), "UTC"),
    ("arXiv's clock goes back", dt.date(2027, 11, 7), "America/New_York"),
    ("29 February", dt.date(2028, 2, 29), "UTC"),
    ("the year ends", dt.date(2027, 12, 31), "Asia/Shanghai"),
)


def calendar_row(folder: Path, what: str, day: dt.date, zone: str) -> Row:
    """Two runs a day, from some days before to a week after."""
    days = [day + at * DAY for at in range(-2, 8)]
    announced = announced_papers(days[0] - 40 * DAY, days[-1], papers_a_day=30)
    clock = dt.datetime.combine(days[0], HOURS[0], dt.UTC)
    with AnnouncingWorld(announced, clock) as world, elsewhere() as run_bot:
        fork = a_fork(folder / what, world)
        fork.run_bot = run_bot
        fork.change(timezone=zone, ai_summary={"max_papers_to_summarize": 1})
        long_run = LongRun(fork, world)
        for day in days:
            for hour in HOURS:
                long_run.run(dt.datetime.combine(day, hour, dt.UTC))
        wrong = [*long_run.figures.wrong, *long_run.missed(days[0], days[-1] - 7 * DAY), *fork.wrong()]
    runs = f"{long_run.figures.runs} runs from {days[0]} to {days[-1]} ({zone})"
    found = f"{long_run.papers} papers, none missing, none twice"
    code = 0 if not long_run.figures.failed else 1
    return _told(Row(f"Calendar: {what}", code, runs, "the new digest", found, tuple(wrong)))


# Killed ---------------------------------------------------------------------------------------------------


def killed_at_moments(folder: Path, moments: int) -> list[Aftermath]:
    with FaultyWorld(MONDAY) as world, elsewhere() as run_bot:
        killing = Killing(folder, world, run_bot)
        found: list[Aftermath] = []
        while sum(aftermath.was_killed for aftermath in found) < moments:
            found.append(killed_after(killing, share=random.random()))  # noqa: S311
    return found


def killed_at_writes(folder: Path) -> list[Aftermath]:
    """Before the first write, before the second one, and so on to the last."""
    with FaultyWorld(MONDAY) as world, elsewhere() as run_bot:
        killing = Killing(folder, world, run_bot)
        found: list[Aftermath] = []
        while not found or found[-1].was_killed:
            found.append(killed_before_write(killing, len(found) + 1))
    return found[:-1]


def killed_section(at_moments: Sequence[Aftermath], at_writes: Sequence[Aftermath]) -> tuple[str, str]:
    """Summary and details of what killed runs left."""
    both = (*at_moments, *at_writes)
    wrong = sum(bool(aftermath.wrong) for aftermath in both)
    summary = (
        f"{machine('make faults')} Runs killed at random moments: {len(at_moments)}; before each of their "
        f"writes: {len(at_writes)}. After the next run, every file was as after an undisturbed run, and no "
        f"summary on disk was paid for again, except after {wrong} of them."
    )
    intro = (
        f"A run with {SUMMARIES} summaries is killed (SIGKILL), and the same run is started again. Right is: "
        "at the kill, every line of the archive is whole; after the next run, the folder is, byte for byte, "
        "that of an undisturbed run; no summary that was on disk is asked for again."
    )
    head = (
        "| Killed | Runs | Too fast to be killed | Left the last digest | Left the new one | In between "
        "| Summaries kept | Asked for again, as they were under way | Paid for twice | Anything wrong |"
    )
    rows = [
        _killed_row("before each of its writes", at_writes),
        _killed_row("at random moments", at_moments),
    ]
    return summary, "\n".join([intro, "", head, "|---" + "|---:" * 9 + "|", *rows])


def _killed_row(when: str, found: Sequence[Aftermath]) -> str:
    left = Counter(outcome.published for outcome in found)
    twice = sum("paid twice" in words for outcome in found for words in outcome.wrong)
    figures = (
        len(found),
        sum(not outcome.was_killed for outcome in found),
        *(left[state] for state in ("before", "after", "between")),
        sum(outcome.kept for outcome in found),
        sum(outcome.asked_again for outcome in found),
        twice,
        sum(bool(outcome.wrong) for outcome in found),
    )
    return f"| {when} | " + " | ".join(map(str, figures)) + " |"


# The page -------------------------------------------------------------------------------------------------


def table(rows: Iterable[Row]) -> str:
    lines = ["| What happens | Exit | What is said | README.md | The next run |", "|---|---:|---|---|---|"]
    for row in rows:
        cells = (row.what, str(row.code), row.said, row.page, row.after)
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines)


def faults_section(rows: Sequence[Row], real: Sequence[Row]) -> tuple[str, str]:
    """Summary and details in Markdown."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kind, _, what = row.what.partition(": ")
        kinds.setdefault(kind, []).append(replace(row, what=what))
    if real:
        kinds["The same with arXiv's papers of December 2025"] = [*real]
    parts = [f"### {kind}\n\n{table(of_kind)}" for kind, of_kind in kinds.items()]
    published = sum(row.code in (0, 3) for row in (*rows, *real))
    summary = (
        f"{machine('make faults')} {len(rows)} faults of arXiv, of PDFs, of the model, of the disk, the "
        f"clock and the calendar, {len(real)} of them again with arXiv's papers of December 2025. In "
        f"{published} of these runs the digest was published all the same; in the others nothing changed. "
        "Looked for after each: a paper missing or twice, a page that differs from what the archive says, "
        "something published by a run that failed, a traceback, the key in a file or in what is said. "
        f"Found: {_wrong_words(rows, real)}."
    )
    intro = (
        "It happens on the second of two mornings; in the afternoon, all is well again. What is said is the "
        "first error or warning, or else the last line, up to its first full stop. Exit 0: published. 1: "
        "failed, nothing changed. 2: wrong use, nothing changed. 3: published, but the owner must act."
    )
    return summary, "\n\n".join([intro, *parts])


def _wrong_words(*of: Sequence[Row]) -> str:
    wrong = [f"{words} ({row.what})" for rows in of for row in rows for words in row.wrong]
    return "; ".join(wrong) or "none"


def sample_rows(folder: Path, only: str) -> list[Row]:
    with FaultyWorld(MONDAY) as world:
        world.key = KEY
        chosen = [scenario for scenario in SCENARIOS if possible(scenario) and not scenario.many_papers]
        return _rows(folder, world, Fork.of_sample(folder / "fork", world), only, chosen)


def december_rows(folder: Path, only: str) -> list[Row]:
    with DecemberWorld(MONDAY) as world:
        fork = world.fork(folder / "fork", ai_summary={"max_papers_to_summarize": SUMMARIES})
        chosen = [scenario for scenario in SCENARIOS if scenario.is_of_the_world]
        return _rows(folder, world, fork, only, chosen)


def _rows(
    folder: Path, world: FaultyWorld, fork: Fork, only: str, scenarios: Iterable[Scenario]
) -> list[Row]:
    with elsewhere() as fork.run_bot:
        laboratory = Laboratory(folder, world, fork)
        chosen = (scenario for scenario in scenarios if scenario.what.startswith(only))
        return [_told(laboratory.try_out(scenario)) for scenario in chosen]


def _told(row: Row) -> Row:
    print(f"{row.code}  {row.what}: {row.said} | {row.page} | {row.after}", flush=True)
    print(*(f"   WRONG: {words[:600]}\n" for words in row.wrong), sep="", end="", flush=True)
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="only scenarios whose names begin so; nothing is written")
    parser.add_argument("--moments", type=int, default=MOMENTS, help="how many kills at random (%(default)s)")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin by ignoring it
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(2) as pool:
        folder = Path(name)
        december = pool.submit(december_rows, folder / "december", options.only)
        sample = pool.submit(sample_rows, folder / "sample", options.only)
        calendar = [
            pool.submit(calendar_row, folder, *day) for day in CALENDAR if "Calendar".startswith(options.only)
        ]
        killed = (
            ()
            if options.only
            else (
                pool.submit(killed_at_writes, folder / "writes"),
                pool.submit(killed_at_moments, folder / "moments-1", options.moments // 2),
                pool.submit(killed_at_moments, folder / "moments-2", options.moments - options.moments // 2),
            )
        )
        rows, real = [*sample.result(), *(future.result() for future in calendar)], december.result()
        wrong = [words for row in (*rows, *real) for words in row.wrong]
        if killed:
            at_writes, *at_moments = (future.result() for future in killed)
            together = [aftermath for found in at_moments for aftermath in found]
            wrong += [words for aftermath in (*at_writes, *together) for words in aftermath.wrong]
            write_section("Faults", *faults_section(rows, real))
            write_section("Killed", *killed_section(together, at_writes))
    print(f"{len(wrong)} things are wrong." if wrong else "Nothing is wrong.", *wrong[:20], sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
