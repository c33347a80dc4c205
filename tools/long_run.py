"""Working days, one after the other: `make longrun` writes a year of them into docs/reliability.md.

Invented papers, announced on arXiv's schedule, held and revised as there; two runs a day, outages, changes of
the topics, picks; each run's output committed to a git repository, as the workflow does.
"""

import argparse
import datetime as dt
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from paperbot.config import Config, load_config
from paperbot.model import Paper
from paperbot.ranking.keywords import Scorer
from paperbot.render.size_limit import PAGE_MAX_BYTES
from tests.support.announced import DAY, AnnouncingWorld, announced_papers
from tests.support.faulty_world import Fault
from tests.support.fork import Fork, RunBot, elsewhere, run_here
from tests.support.host_runner import git
from tools.reliability import machine, write_section

START = dt.date(2027, 6, 7)
"""250 working days later both nights of the clock, a year's end and a leap day are past."""
WORKING_DAYS, PAPERS_A_DAY = 250, 120
MORNING, NOON = dt.time(8, 17, tzinfo=dt.UTC), dt.time(13, 47, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
INFERENCE = {
    "name": "Inference",
    "keywords": ["LLM", "inference", "attention", "sparse", "throughput", "decoding", "quantiz*"],
}
TRAINING = {"name": "Training", "keywords": ["LLM", "RL", "training", "efficient"], "max_papers": 12}
SYSTEMS = {
    "name": "Systems",
    "keywords": [{"term": "framework", "weight": 0.5}, "LLM", "efficiency", "pipeline", "network", "MoE"],
    "categories": ["cs.DC", "cs.LG"],
}
VIDEO = {"name": "Video", "keywords": ["video", "LLM", "state space", {"term": "network", "weight": -1}]}
TOPICS: Sequence[Sequence[Mapping[str, Any]]] = (
    (INFERENCE, TRAINING, SYSTEMS),
    (INFERENCE, TRAINING, VIDEO),
    (SYSTEMS, INFERENCE | {"name": "Serving"}, TRAINING),
    (SYSTEMS, INFERENCE | {"name": "Serving"}, VIDEO),
)
"""A topic is added, moved, renamed or removed in each step."""
SETTINGS = {
    "topics": TOPICS[0],
    "exclude_keywords": ["survey"],
    "min_score": 2,
    "timezone": "Europe/Berlin",
    "ai_summary": {"source": "abstract"},
    "arxiv": {"delay_seconds": 0, "timeout_seconds": 30, "patience_seconds": 0},
}
RUNS_PER_PICK = 4
DOWN: Sequence[Fault] = ({"on": "api", "kind": "503"},)
LATE: Sequence[Fault] = ({"on": "api", "kind": "stale"},)


@dataclass(slots=True)
class Figures:
    """What the runs came to."""

    runs: int = 0
    failed: int = 0
    readme_bytes: list[int] = field(default_factory=list)
    requests: Counter[int] = field(default_factory=Counter)
    """Runs by how many requests they made of arXiv's API."""
    wrong: list[str] = field(default_factory=list)


class LongRun:
    """One fork, day after day, and what it must show."""

    def __init__(self, fork: Fork, world: AnnouncingWorld) -> None:
        self.fork, self.world, self.figures = fork, world, Figures()
        self._digest_of: dict[str, dt.date] = {}
        self._matching: dict[tuple[str, int], bool] = {}
        self._always_matching: dict[str, bool] = {}
        self._worked: list[dt.date] = []

    def change_topics(self, topics: Sequence[Mapping[str, Any]]) -> None:
        self.fork.change(topics=list(topics))
        self._matching.clear()

    def pick(self, kind: str) -> None:
        """The reader's word on the newest digest's best paper."""
        best = next((entry for entry in reversed(self.fork.entries()) if entry["rank"] == 1), None)
        if best:
            (self.fork.root / "picks").mkdir(exist_ok=True)
            (self.fork.root / "picks" / best["id"]).write_text(kind, "utf-8")

    def run(self, now: dt.datetime, faults: Sequence[Fault] = ()) -> None:
        """One run, and all that must be true after it."""
        world, figures = self.world, self.figures
        world.clock, world.faults = now, faults
        world.asked.clear()
        before = self.fork.published()
        ran = self.fork.run(now)
        figures.runs += 1
        config = load_config(self.fork.config)[0]
        if ran.code:
            figures.failed += 1
            if self.fork.published() != before or not faults:
                figures.wrong.append(f"{now}: {ran.said}")
            return
        self._worked.append(now.date())
        figures.requests[world.count("api")] += 1
        figures.readme_bytes.append((self.fork.root / "README.md").stat().st_size)
        known = world.known(now - DAY if faults else now).values()
        self._check(now, config, [announced.paper for announced in known])

    def _check(self, now: dt.datetime, config: Config, known: Sequence[Paper]) -> None:
        """What the window holds is in the archive, each paper once, and stays in its digest."""
        today, wrong = now.astimezone(config.zone).date(), self.figures.wrong
        entries = self.fork.entries()
        digests = {entry["id"]: dt.date.fromisoformat(entry["digest"]) for entry in entries}
        wrong += [f"{now}: {paper_id} twice" for paper_id in _twice(entry["id"] for entry in entries)]
        moved = {key for key, digest in self._digest_of.items() if digests.get(key) != digest}
        wrong += [f"{now}: {paper_id} moved or lost" for paper_id in moved]
        for paper in known:
            matches = self._matches(paper, config)
            in_window = paper.published >= now - config.days_back * DAY
            if matches and in_window and paper.id not in digests:
                wrong.append(f"{now}: {paper.id} is missing")
        dated = {key: digest for key, digest in digests.items() if key not in self._digest_of}
        wrong += [f"{now}: {key} dated {digest}" for key, digest in dated.items() if digest != today]
        self._digest_of = digests

    def _matches(self, paper: Paper, config: Config) -> bool:
        key = (paper.id, paper.version)
        if key not in self._matching:
            scorers = map(Scorer, config.topic_rules)
            self._matching[key] = any(scorer.assess(paper).is_match for scorer in scorers)
            always = self._always_matching.get(paper.id, True)
            self._always_matching[paper.id] = always and self._matching[key]
        return self._matching[key]

    def missed(self, since: dt.date, until: dt.date, days: int = 7) -> list[str]:
        """Of the papers announced between the dates: those that always matched, yet never came, or not even
        with the first run that was `days` days after the first one that could have known of them."""
        found = []
        for announced in self.world.papers:
            paper, listing = announced.paper, announced.listing
            if paper.version > 1 or not since < listing <= until or not self._always_matching.get(paper.id):
                continue
            digest = self._digest_of.get(paper.id)
            first_run = next(date for date in self._worked if date >= listing)
            due = next((date for date in self._worked if date >= first_run + days * DAY), digest)
            if digest is None or (due and digest > due):
                found.append(f"{paper.id}, announced {listing}, submitted {paper.published}: {digest}")
        return found

    @property
    def papers(self) -> int:
        return len(self._digest_of)


def a_fork(folder: Path, world: AnnouncingWorld) -> Fork:
    """Pointed at that world."""
    fork = Fork(folder, SETTINGS, world.key)
    addresses = {"api_url": world.api_url, "pdf_url": world.pdf_url}
    fork.change(arxiv=addresses, ai_summary={"base_url": world.llm_url})
    return fork


def _twice(ids: Iterator[str]) -> list[str]:
    return [paper_id for paper_id, times in Counter(ids).items() if times > 1]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated."""

    working_days: int = WORKING_DAYS
    papers_a_day: int = PAPERS_A_DAY
    away_days: int = 8
    """The length of one break without runs, in working days: longer than its window."""
    share_down: float = 0.08
    share_late: float = 0.04
    """Of the runs; arXiv does not answer, or its index lacks the newest announcement."""
    seed: int = 1

    @property
    def days(self) -> list[dt.date]:
        """From Monday to Friday."""
        days = (START + at * DAY for at in range(2 * self.working_days + 7))
        return [day for day in days if day.weekday() < 5][: self.working_days]

    @property
    def away(self) -> range:
        first = self.working_days * 2 // 3
        return range(first, first + self.away_days)

    @property
    def topics(self) -> dict[int, Sequence[Mapping[str, Any]]]:
        """By the number of the day on which they are changed."""
        step = self.working_days // len(TOPICS) + 1
        return {step * at: TOPICS[at] for at in range(1, len(TOPICS))}

    def weather(self, chance: random.Random) -> Sequence[Fault]:
        """What is wrong with arXiv at a run."""
        fate = chance.random()
        return DOWN if fate < self.share_down else LATE if fate < self.share_down + self.share_late else ()


def simulate(
    folder: Path,
    plan: Plan,
    run_bot: RunBot = run_here,
    after_run: Callable[[LongRun], None] = lambda long_run: None,
) -> LongRun:
    """Two runs on all of the days, except in the break; the last run meets no fault."""
    chance = random.Random(plan.seed)  # noqa: S311
    days = plan.days
    announced = announced_papers(days[0] - 40 * DAY, days[-1] + DAY, plan.papers_a_day, plan.seed)
    with AnnouncingWorld(announced, dt.datetime.combine(days[0], MORNING)) as world:
        long_run = LongRun(a_fork(folder, world), world)
        long_run.fork.run_bot = run_bot
        for number, day in enumerate(days):
            if number in plan.topics:
                long_run.change_topics(plan.topics[number])
            for time in (MORNING, NOON) if number not in plan.away else ():
                long_run.run(dt.datetime.combine(day, time), plan.weather(chance))
                after_run(long_run)
                if long_run.figures.runs % RUNS_PER_PICK == 0:
                    long_run.pick("skip" if long_run.figures.runs % (3 * RUNS_PER_PICK) == 0 else "star")
        long_run.run(dt.datetime.combine(days[-1], NOON) + HOUR)
        return long_run


def commit(long_run: LongRun) -> None:
    """As the workflow does after each run: main grows, the site is a branch of one commit."""
    folder = long_run.fork.root
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
        git(folder, "config", "gc.auto", "0")
    present = [name for name in ("README.md", "archive", "picks") if (folder / name).exists()]
    git(folder, "add", "--all", "--", *present, ":!archive/.lock", ":!archive/.run.json")
    if git(folder, "diff", "--cached", "--name-only"):
        git(folder, "commit", "--quiet", "--message", "Digest")
    if (folder / "site").exists():
        index = {"GIT_INDEX_FILE": str(folder / ".git" / "site-index")}
        git(folder, "add", "--all", "--", "site", **index)
        site = git(folder, "commit-tree", "-m", "Site", git(folder, "write-tree", **index).strip())
        git(folder, "update-ref", "refs/heads/site", site.strip())


def packed_bytes(folder: Path) -> tuple[Mapping[str, int], Counter[str]]:
    """The sizes of main and of all branches after `git gc`, and what of it is for which files' versions."""
    git(folder, "reflog", "expire", "--expire=now", "--all")
    git(folder, "gc", "--quiet", "--prune=now")
    totals, by_kind = {}, Counter[str]()
    for branches in ("main", "--all"):
        objects = git(folder, "rev-list", "--objects", branches)
        form = "%(objecttype) %(objectsize:disk) %(rest)"
        sizes = git(folder, "cat-file", f"--batch-check={form}", feed=objects)
        by_kind = Counter()
        for line in sizes.splitlines():
            kind, size, path = (*line.split(" ", 2), "")[:3]
            by_kind[kind_of(path) if kind == "blob" else "commits and folders"] += int(size)
        totals[branches] = by_kind.total()
    return totals, by_kind


KINDS = (
    *(("site/rss*", "site: feeds"), ("site/papers/*", "site: papers by month"), ("site/*", "site: the rest")),
    *(("picks/*", "picks"), ("*.svg", "pictures")),
    *(("*.bib", "archive: exports"), ("*.ris", "archive: exports")),
    *(("*.days.jsonl", "archive: runs"), ("*.jsonl", "archive: papers")),
    *(("README.md", "README.md"), ("*", "archive: pages")),
)
"""Patterns of published paths; the first that matches counts."""


def kind_of(path: str) -> str:
    """What a published file is, in the words of a table."""
    return next(kind for pattern, kind in KINDS if fnmatch(path, pattern))


def section(plan: Plan, long_run: LongRun) -> tuple[str, str]:
    """Summary and details in Markdown."""
    folder, figures, days = long_run.fork.root, long_run.figures, plan.days
    packed, kinds = packed_bytes(folder)
    files = [file for file in folder.rglob("*") if file.is_file() and ".git" not in file.parts]
    requests = ", ".join(
        f"{requests} in {runs:,} runs" for requests, runs in sorted(figures.requests.items())
    )
    commits = git(folder, "rev-list", "--count", "main").strip()
    summary = (
        f"{machine('make longrun')} {plan.working_days} working days, {figures.runs} runs, "
        f"{figures.failed} of which found arXiv down; the topics changed {len(plan.topics)} times, and on "
        f"{plan.away_days} working days in a row the bot did not run. "
        f"Of {len(long_run.world.papers):,} versions of papers that arXiv "
        f"announced, {long_run.papers:,} papers matched. Missing, late, twice, moved to another digest, "
        f"or pages that are not what their archive says: {len(figures.wrong)}. "
        f"The branch main after `git gc`: {packed['main'] / 1e6:.1f} MB; the whole "
        f"repository, with the branch of the site: {packed['--all'] / 1e6:.1f} MB."
    )
    found = [
        f"From {days[0]} to {days[-1]}; {commits} commits on main.",
        f"README.md: at most {max(figures.readme_bytes):,} bytes of {PAGE_MAX_BYTES:,}, "
        f"{sum(figures.readme_bytes) // len(figures.readme_bytes):,} on average.",
        f"Requests of arXiv's API in a run that worked: {requests}.",
        f"Checked out: {sum(file.stat().st_size for file in files) / 1e6:.1f} MB in {len(files)} files.",
    ]
    rows = "\n".join(f"| {kind} | {size / 1e6:.1f} |" for kind, size in kinds.most_common())
    listed = "\n".join(f"- {line}" for line in found)
    return summary, f"{listed}\n\n| What makes the repository grow | MB |\n|---|---:|\n{rows}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=int, default=WORKING_DAYS)
    parser.add_argument("--papers-a-day", type=int, default=PAPERS_A_DAY)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    plan = Plan(options.days, options.papers_a_day, seed=options.seed)
    with tempfile.TemporaryDirectory() as folder, elsewhere() as run_bot:
        long_run = simulate(Path(folder) / "fork", plan, run_bot, commit)
        wrong = long_run.figures.wrong
        wrong += [*long_run.missed(plan.days[0], plan.days[-1] - 7 * DAY), *long_run.fork.wrong()]
        write_section("A year", *section(plan, long_run))
    print("\n".join(wrong[:50]) or "Nothing is wrong.")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
