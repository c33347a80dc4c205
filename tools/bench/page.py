"""The figures as docs/performance.md."""

import datetime as dt
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.bench.goals import Goal, goals_of
from tools.bench.measures import (
    Figures,
    RunFigures,
    ScoringFigures,
    SummaryFigures,
    further_thousand_seconds,
)
from tools.bench.modules import MODULES
from tools.bench.runs import requests_of
from tools.bench.site import SiteFigures

BEFORE_FIRST_REQUEST = ("start", "config and templates")


TEXT = """\
# What a run costs

Written by `make bench` on {date}, on {machine}. Don't edit it. {how_often}
CPU seconds are those of the whole process, memory is its peak. The papers are invented: as long, as varied
and as rich in the default keywords as real ones.

## Goals

{goals}

## By size

First runs, on an empty archive, without summaries: the most that a run can have to do.

{sizes}

`start` lasts until all is imported; `other` is everything else. {further}

## Until the first request

{start}

## Likeness

{growth_papers:,} papers; the picks are of the run's papers, and the library has abstracts.

{interests}

## Scoring

Beside the least that any rule could do: one substring search for each of the default keywords.

{scoring}

## By the months behind it

{growth_papers:,} papers, all of them new, and an archive of every weekday of these months. A run loads the
last 31 days, and more only while they show fewer papers than a feed has space for. What the first month costs
is that, and feeds that are full.

{growth}

## With summaries

The bound is the time below which no run can get, by its own requests: arXiv is asked for one thing at a time,
with a pause after each, the model for three texts at a time, for the last summary when its PDF is there, and
for the overview when all TL;DRs are.

{summaries}

## The site's search

A site of {site_months} months, from a server on the same machine; the first search after the page was opened,
for a word that many papers have. It loads the newest months, and older ones when asked. Memory is what the
tab's process has for itself at the end of the search.

{site}
"""


def render(figures: Figures) -> str:
    """Markdown; every figure in it is measured now."""
    return TEXT.format(
        date=f"{dt.datetime.now(dt.UTC):%d %B %Y}",
        machine=_machine(),
        how_often=_how_often(figures.plan.repeats),
        sizes=_sizes(figures.sizes),
        further=_each_further_thousand(figures.sizes),
        start=_start(figures.sizes),
        interests=_interests(figures.interests),
        scoring=_scoring(figures.scoring),
        growth_papers=figures.plan.growth_papers,
        growth=_growth(figures.growth),
        summaries=_summaries(figures.summaries),
        goals=_goals(goals_of(figures)),
        site_months=figures.plan.site_months,
        site=site_table(figures.site),
    )


def _goals(goals: Iterable[Goal]) -> str:
    rows = [
        [
            goal.name,
            f"at most {goal.most:g} {goal.unit}",
            "" if goal.measured is None else f"{goal.measured:.2f}",
            goal.verdict,
        ]
        for goal in goals
    ]
    return _table(["", "goal", "measured", "verdict"], rows)


def _how_often(repeats: int) -> str:
    if repeats == 1:
        return "Each run was made once."
    return f"Figures are those of the fastest of {repeats} runs, with summaries of one."


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    busy = os.getloadavg()[2] / (os.cpu_count() or 1)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}, with {busy:.1f} processes waiting for each core"
    )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text("utf-8").splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _sizes(sizes: Sequence[RunFigures]) -> str:
    return _table(
        ["papers fetched", *(size.name for size in sizes)],
        [
            ["**CPU seconds**", *(f"**{size.cost.cpu_seconds:.2f}**" for size in sizes)],
            ["**memory, MB**", *(f"**{size.cost.peak_megabytes:.0f}**" for size in sizes)],
            ["requests", *(requests_of(size.log) for size in sizes)],
            *([module, *(f"{size.by_module[module]:.2f}" for size in sizes)] for module in MODULES),
        ],
    )


def _each_further_thousand(sizes: Sequence[RunFigures]) -> str:
    """Growth is linear where these are alike."""
    steps = [
        f"{further_thousand_seconds(small, large):.2f} from {small.name} to {large.name} papers"
        for small, large in zip(sizes, sizes[1:], strict=False)
    ]
    return f"CPU seconds for each further thousand papers: {', '.join(steps)}." if steps else ""


def _start(sizes: Sequence[RunFigures]) -> str:
    cpu_seconds = min(sum(size.by_module[module] for module in BEFORE_FIRST_REQUEST) for size in sizes)
    wall_seconds = min(size.first_request_seconds for size in sizes)
    return (
        f"{cpu_seconds:.2f} CPU seconds, and {wall_seconds:.2f} s by the clock on the wall: in that time all "
        "is imported, the config is read, and the templates are known to be the original ones."
    )


def _scoring(scoring: Iterable[ScoringFigures]) -> str:
    rows = [[measured.name, f"{measured.scoring:.0f}", f"{measured.substrings:.0f}"] for measured in scoring]
    return _table(["", "scoring, µs a paper", "substrings, µs a paper"], rows)


def _interests(runs: Iterable[RunFigures]) -> str:
    rows = [
        [
            run.name,
            f"{run.cost.cpu_seconds:.2f}",
            f"{run.cost.peak_megabytes:.0f}",
            f"{run.by_module['score']:.2f}",
        ]
        for run in runs
    ]
    return _table(["", "CPU seconds", "memory, MB", "of it scoring, s"], rows)


def _growth(growth: Sequence[RunFigures]) -> str:
    empty = growth[0].cost.cpu_seconds
    return _table(
        ["months", *(measured.name for measured in growth)],
        [
            ["**CPU seconds**", *(f"**{measured.cost.cpu_seconds:.2f}**" for measured in growth)],
            ["beside the first", *(f"{measured.cost.cpu_seconds / empty:.2f}" for measured in growth)],
            ["**memory, MB**", *(f"**{measured.cost.peak_megabytes:.0f}**" for measured in growth)],
            *([module, *(f"{measured.by_module[module]:.2f}" for measured in growth)] for module in MODULES),
        ],
    )


def _summaries(runs: Iterable[SummaryFigures]) -> str:
    rows = [
        [
            f"{run.run.name}, {run.answer_seconds:g} s an answer, {run.delay_seconds:g} s pauses",
            f"{run.run.cost.wall_seconds:.1f}",
            f"{run.bound_seconds:.1f}",
            f"{run.run.cost.wall_seconds / run.bound_seconds:.2f}",
            f"{run.run.cost.cpu_seconds:.1f}",
            f"{run.run.cost.peak_megabytes:.0f}",
            requests_of(run.run.log),
        ]
        for run in runs
    ]
    return _table(["", "seconds", "bound", "times the bound", "CPU seconds", "memory, MB", "requests"], rows)


def site_table(site: SiteFigures | None) -> str:
    """The search, or that it could not be measured."""
    if site is None:
        return "Not measured: needs Linux and Chromium (`apt-get install chromium chromium-driver`)."
    head = ["first papers, s", "all that it loads, s", "memory, MB", "of it JavaScript's, MB"]
    figures = (site.first_seconds, site.whole_seconds)
    memory = (site.megabytes, site.heap_megabytes)
    cells = [*(f"{seconds:.2f}" for seconds in figures), *(f"{megabytes:.0f}" for megabytes in memory)]
    return _table(["", *head], [[site.searched, *cells]])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
