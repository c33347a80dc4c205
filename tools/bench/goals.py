"""What a run may cost: each goal, and whether the figures meet it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.bench.measures import Figures, RunFigures, further_thousand_seconds

LINEAR = 1.1
"""A tenth is what two measurements of the same differ by."""
FRESH_SAMPLE_SECONDS = 12
"""Half of what setting up took with pip, 23.8 s."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and the most that it may be."""

    name: str
    unit: str
    most: float
    measured: float | None
    """None where it was not measured."""

    @property
    def verdict(self) -> str:
        """`met`, `missed` or `not measured`."""
        if self.measured is None:
            return "not measured"
        return "met" if self.measured <= self.most else "missed"


def goals_of(figures: Figures) -> list[Goal]:
    """All goals; what the plan leaves out is not measured."""
    return [*_without_summaries(figures), *_ranking(figures), *_with_summaries(figures), *_site(figures)]


def _without_summaries(figures: Figures) -> Iterator[Goal]:
    few, some, many = (_named(name, figures.sizes) for name in ("500", "5,000", "50,000"))
    none, years = (_named(name, figures.growth) for name in ("0", "120"))
    linear = growth = None
    if few and some and many:
        linear = further_thousand_seconds(some, many) / further_thousand_seconds(few, some)
    if none and years:
        growth = years.cost.cpu_seconds / none.cost.cpu_seconds
    yield Goal("5,000 papers without summaries", "CPU seconds", 1.5, some.cost.cpu_seconds if some else None)
    yield Goal("5,000 papers without summaries", "MB", 120, some.cost.peak_megabytes if some else None)
    yield Goal("each paper from 5,000 to 50,000", "times one of the first 5,000", LINEAR, linear)
    yield Goal("until the first request", "s", 0.4, some.first_request_seconds if some else None)
    yield Goal("120 months of archive", "times none", 1.1, growth)


def _ranking(figures: Figures) -> Iterator[Goal]:
    own, papers = figures.interests[-1], figures.plan.growth_papers
    seconds = own.by_module["score"]
    yield Goal(f"ranking {papers:,} papers, {own.name}", "s", 1.5, seconds)
    yield Goal(f"ranking {papers:,} papers, {own.name}", "ms a paper", 1, seconds / papers * 1000)


def _with_summaries(figures: Figures) -> Iterator[Goal]:
    for run in figures.summaries:
        if not run.delay_seconds:
            name = f"with summaries, {run.answer_seconds:g} s an answer, no pauses"
            yield Goal(name, "times the bound", 1.15, run.run.cost.wall_seconds / run.bound_seconds)
    sample_seconds = figures.fresh_sample_seconds
    yield Goal("`make sample` in a bare clone, no caches", "s", FRESH_SAMPLE_SECONDS, sample_seconds)


def _site(figures: Figures) -> Iterator[Goal]:
    site, name = figures.site, f"site of {figures.plan.site_months} months, first search"
    yield Goal(name, "s", 1, site.first_seconds if site else None)
    yield Goal(name, "MB in the tab", 150, site.megabytes if site else None)


def _named(name: str, runs: Iterable[RunFigures]) -> RunFigures | None:
    return next((run for run in runs if run.name == name), None)
