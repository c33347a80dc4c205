"""Are the templates right? All are compiled, pages and site are drawn from invented archives."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial

from jinja2 import Environment

from paperbot.archive.store import month_of
from paperbot.config import Config
from paperbot.errors import Problem, UserError
from paperbot.model import Day, Digest, Entry, Grounding, History, Match, Notice, Paper, Score, Summary
from paperbot.render.job_summary import render_job_summary, run_page, spent_view, stopped_page
from paperbot.render.page_views import NO_KEY, Place
from paperbot.render.pages import render_pages
from paperbot.render.site import render_site
from paperbot.render.templating import SUFFIX, compiled
from paperbot.render.views import JobSummaryView
from paperbot.schedule import Cron, Schedule
from paperbot.summaries import Outcome

DATE = dt.date(2025, 12, 24)
MORNING = dt.datetime(2025, 12, 24, 8, 17, tzinfo=dt.UTC)
IN_A_FORK = Place(Schedule("Daily", True, (Cron("17 8 * * 1-5"),)), "owner/name", version="1.0.0")
ANYWHERE = Place(Schedule(problem="There is no workflow."), is_prepared=False)


def check_templates(templates: Environment, config: Config) -> None:
    """Raises UserError with every mistake found. Nothing is drawn before all templates can be compiled."""
    names = templates.list_templates(filter_func=lambda name: name.endswith(SUFFIX))
    problems = _problems([partial(compiled, templates, name) for name in names])
    problems = problems or _problems(
        [
            partial(render_pages, history, config, templates, place, dates)
            for history, place, dates in _examples()
        ]
    )
    problems = problems or _problems(
        [
            partial(render_job_summary, templates, page)
            for history in example_histories()
            for page in example_job_summaries(history, config)
        ]
    )
    problems = problems or _problems([partial(_render_site, templates, config)])
    if problems:
        raise UserError(*problems)


def _render_site(templates: Environment, config: Config) -> None:
    *_, history = example_histories()
    entries = {month_of(digest.date): digest.entries for digest in history.digests}
    render_site(history, config, templates, schedule=IN_A_FORK.schedule, months=entries)


def example_histories() -> Iterator[History]:
    """No run yet, a run without papers, a digest with every kind of paper, and a quiet day after it."""
    yield History()
    yield History(days=(_day(DATE),))
    digest = Digest(DATE, _entries(), _day(DATE))
    before = replace(digest, date=DATE - dt.timedelta(days=1), day=None)
    dates = (digest.date, before.date)
    yield History((digest, before), (_day(DATE),), dates)
    quiet = replace(_day(DATE + dt.timedelta(days=1)), covers=(), index_ends=DATE, new=0, shown=0)
    yield History((digest, before), (quiet, _day(DATE)), dates)


def _examples() -> Iterator[tuple[History, Place, Collection[dt.date]]]:
    """And the dates whose pages are drawn: these don't know the place."""
    histories = list(example_histories())
    yield from ((history, IN_A_FORK, {DATE}) for history in histories)
    yield from ((history, ANYWHERE, ()) for history in (histories[0], histories[-1]))


def example_job_summaries(history: History, config: Config) -> Iterator[JobSummaryView]:
    """Of a run that made this history, and of runs that changed nothing."""
    warnings = (Problem("A warning.", "config.json", 1), Problem("Another."))
    yield stopped_page("wrong", warnings)
    yield stopped_page("failed", warnings, warnings)
    if history.days:
        entries = _entries()
        reasons = {entry.paper.id: entry.summary for entry in entries if entry.summary}
        date = history.days[0].date
        earlier = [replace(entry, digest=date - dt.timedelta(days=1)) for entry in entries]
        spent = spent_view(Outcome(reasons, 1, 1, 9_000, 700), earlier, date, config)
        yield run_page("done", history, date, config, warnings=warnings, spent=spent, written=("README.md",))
        yield run_page("done", history, date, config)
        yield run_page("dry run", history, date, config, spent=spent)


def _problems(attempts: list[Callable[[], object]]) -> tuple[Problem, ...]:
    found: dict[Problem, None] = {}
    for attempt in attempts:
        try:
            attempt()
        except UserError as error:
            found |= dict.fromkeys(error.problems)
    return tuple(found)


def _day(date: dt.date) -> Day:
    notices = (Notice(NO_KEY, "No key is set."), Notice("example", "Something was not as it should be."))
    return Day(date, MORNING, MORNING, 2412, 312, 5, 4, (date,), None, True, 41_208, 1_630, notices)


def _entries() -> tuple[Entry, ...]:
    plain = _entry(1)
    authors = tuple(f"Author {number}" for number in range(1, 20))
    rich = replace(
        plain.paper, authors=authors, version=2, comment="https://example.org", abstract="A word. " * 200
    )
    made = Summary(
        "A summary.", "", "model", "file", "", 1, 9_000, 700, MORNING, True, Grounding(1, 2, ("3",)), "Hidden"
    )
    return (
        replace(plain, paper=rich, summary=made),
        replace(_entry(2), withdrawn=True, type="cross", score=Score(7.0, plain.score.matches)),
        replace(_entry(3), summary=Summary(reason="The endpoint gave no answer.")),
        replace(_entry(4), paper=replace(plain.paper, authors=(), abstract="", categories=("cs.LG",))),
        replace(_entry(5), shown=False),
    )


def _entry(rank: int) -> Entry:
    paper = Paper(
        id=f"2512.9900{rank}",
        version=1,
        title="A Title",
        authors=("An Author",),
        abstract="An abstract.",
        primary_category="cs.LG",
        categories=("cs.LG", "cs.AI"),
        published=MORNING,
        updated=MORNING,
    )
    matches = (Match("keyword", 1.0, False, True), Match("An Author", 2.0, False, False, author=True))
    return Entry(paper, DATE, rank, True, Score(3.0, matches), "new")
