"""What is measured: whole runs by size and by module, the start, scoring, growth, and runs with summaries."""

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from paperbot.config import Config
from paperbot.model import Paper
from paperbot.ranking.keywords import Scorer
from paperbot.render.citations import bibtex
from tests.support.december import real_papers
from tools.bench.archives import write_years
from tools.bench.papers import invented_papers
from tools.bench.runs import Cost, Fork, Log, bound_seconds
from tools.bench.site import SiteFigures, measure_site
from tools.bench.world import DAYS, HERE, NOW, serving

ReadLog = Callable[[], Log]

WITHOUT = "--no-summaries"
YESTERDAY = NOW.date() - dt.timedelta(days=1)
SCORED_PAPERS = 2_000
PICKS, LIBRARY_PAPERS = 100, 3_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    sizes: tuple[int, ...]
    """Fetched papers."""
    months: tuple[int, ...]
    growth_papers: int
    paces: tuple[tuple[float, float], ...]
    """The seconds that the model takes for an answer, and those between two requests to arXiv."""
    repeats: int
    """Of each run without summaries, and of `make sample`; the figures are those of the fastest."""
    site_months: int = 60
    with_fresh_sample: bool = True
    """Fetches packages."""


FULL = Plan((500, 5_000, 50_000), (0, 1, 12, 120), 5_000, ((1.0, 0.0), (8.0, 3.0)), 5)
QUICK = Plan((100,), (0, 1), 100, ((0.1, 0.0),), 1, site_months=2, with_fresh_sample=False)


@dataclass(frozen=True, slots=True)
class RunFigures:
    """Of one kind of run."""

    name: str
    cost: Cost
    log: Log
    first_request_seconds: float = 0.0
    """From the start of the process, by the clock on the wall."""
    by_module: dict[str, float] = field(default_factory=dict)
    """CPU seconds."""


@dataclass(frozen=True, slots=True)
class ScoringFigures:
    """Microseconds a paper."""

    name: str
    scoring: float
    substrings: float
    """One `in` for each default keyword, in title and abstract in lower case."""


@dataclass(frozen=True, slots=True)
class SummaryFigures:
    """Of a run with summaries."""

    run: RunFigures
    answer_seconds: float
    delay_seconds: float
    bound_seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it."""

    plan: Plan
    sizes: list[RunFigures]
    growth: list[RunFigures]
    interests: list[RunFigures]
    scoring: list[ScoringFigures]
    summaries: list[SummaryFigures]
    site: SiteFigures | None
    """None without Linux and Chromium."""
    fresh_sample_seconds: float | None
    """Of `make sample` in a bare clone, without caches; None where it was not run or failed."""


def measure(folder: Path, plan: Plan) -> Figures:
    """Takes minutes; `folder` is for the forks."""
    return Figures(
        plan,
        sizes=[*_sizes(folder / "sizes", plan)],
        growth=[*_growth(folder / "growth", plan)],
        interests=[*_interests(folder / "interests", plan)],
        scoring=[*_scoring(plan)],
        summaries=[*_summaries(folder / "summaries", plan)],
        site=measure_site(folder / "site", YESTERDAY, plan.site_months),
        fresh_sample_seconds=_fresh_sample_seconds(plan.repeats) if plan.with_fresh_sample else None,
    )


def _fresh_sample_seconds(repeats: int) -> float | None:
    seconds = []
    for _ in range(repeats):
        began = time.monotonic()
        ran = subprocess.run([sys.executable, HERE / "tools" / "fresh.py", "sample"], cwd=HERE, check=False)
        if ran.returncode:
            return None
        seconds.append(time.monotonic() - began)
    return min(seconds)


def _sizes(folder: Path, plan: Plan) -> Iterator[RunFigures]:
    """First runs, on an empty archive."""
    for papers in plan.sizes:
        with serving(papers) as address:
            fork = Fork(folder / str(papers), address.config())
            yield from _measured({f"{papers:,}": fork}, address.log, plan.repeats)


def _growth(folder: Path, plan: Plan) -> Iterator[RunFigures]:
    """The same run, whose papers are all new, with this number of months in the archive."""
    with serving(plan.growth_papers) as address:
        forks = {str(months): Fork(folder / str(months), address.config()) for months in plan.months}
        for months, fork in zip(plan.months, forks.values(), strict=True):
            if months:
                write_years(fork.root, YESTERDAY, months)
        yield from _measured(forks, address.log, plan.repeats)


def _interests(folder: Path, plan: Plan) -> Iterator[RunFigures]:
    """The same run by keywords alone, with likeness to the best matches, and with the reader's own papers."""
    papers = list(invented_papers(plan.growth_papers, NOW, DAYS))
    read = invented_papers(LIBRARY_PAPERS, NOW - dt.timedelta(days=400), days=300, seed=5)
    with serving(plan.growth_papers) as address:
        weights = {
            "keywords alone": 0,
            "with likeness": 1,
            f"{PICKS} picks, library of {LIBRARY_PAPERS:,}": 1,
        }
        forks = {
            name: Fork(folder / name, address.config() | {"interests": {"weight": weight}})
            for name, weight in weights.items()
        }
        *_, own = forks.values()
        own.change(interests={"library": ["library.bib"]})
        (own.root / "library.bib").write_text(bibtex(read), encoding="utf-8")
        (own.root / "picks").mkdir()
        for paper in papers[:: max(1, len(papers) // PICKS)]:
            (own.root / "picks" / paper.id).write_text("star\n", encoding="utf-8")
        yield from _measured(forks, address.log, plan.repeats)


def _summaries(folder: Path, plan: Plan) -> Iterator[SummaryFigures]:
    """Runs that upload the sample's PDFs."""
    for answer_seconds, delay_seconds in plan.paces:
        with serving(0, answer_seconds) as address:
            fork = Fork(folder / f"{answer_seconds}-{delay_seconds}", address.config(delay_seconds))
            run = RunFigures("the sample", *_run(fork, address.log))
        bound = bound_seconds(run.log, delay_seconds, Config().ai_summary.max_workers)
        yield SummaryFigures(run, answer_seconds, delay_seconds, bound)


def _scoring(plan: Plan) -> Iterator[ScoringFigures]:
    yield _scored("invented papers", [*invented_papers(SCORED_PAPERS, NOW, DAYS)], plan.repeats)
    yield _scored("papers of December 2025", real_papers(), plan.repeats)


def _scored(name: str, papers: Sequence[Paper], repeats: int) -> ScoringFigures:
    scorer = Scorer(Config())
    terms = [keyword.term.lower() for keyword in Config().keywords]

    def look_for_substrings() -> None:
        for paper in papers:
            text = f"{paper.title} {paper.abstract}".lower()
            [term for term in terms if term in text]

    turns = [
        (_cpu_seconds(lambda: scorer.candidates(papers)), _cpu_seconds(look_for_substrings))
        for _ in range(repeats)
    ]
    scoring, substrings = (min(seconds) / len(papers) * 1e6 for seconds in zip(*turns, strict=True))
    return ScoringFigures(name, scoring, substrings)


def _cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _measured(forks: Mapping[str, Fork], read_log: ReadLog, repeats: int) -> Iterator[RunFigures]:
    """The fastest of a number of runs without summaries.

    What else happens on a machine only adds time: the fastest run is the least disturbed one. The forks take
    turns, so that a machine that is slower for a minute is so for all of them.
    """
    turns = [{name: _run(fork, read_log, WITHOUT) for name, fork in forks.items()} for _ in range(repeats)]
    turns_by_module = [
        {name: fork.cpu_seconds_by_module(WITHOUT) for name, fork in forks.items()} for _ in range(repeats)
    ]
    for name in forks:
        runs = [turn[name] for turn in turns]
        cost, log = min(runs, key=lambda run: run[0].cpu_seconds)
        yield RunFigures(
            name,
            cost,
            log,
            min(log[0]["began"] - cost.began for cost, log in runs),
            min((turn[name] for turn in turns_by_module), key=lambda seconds: sum(seconds.values())),
        )


def further_thousand_seconds(small: RunFigures, large: RunFigures) -> float:
    """The CPU seconds of each further thousand papers between two sizes."""
    papers = int(large.name.replace(",", "")) - int(small.name.replace(",", ""))
    return (large.cost.cpu_seconds - small.cost.cpu_seconds) / papers * 1000


def _run(fork: Fork, read_log: ReadLog, *options: str) -> tuple[Cost, Log]:
    before = len(read_log())
    cost = fork.cost(*options)
    return cost, read_log()[before:]
