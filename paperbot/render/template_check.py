"""The check of the templates: all are compiled, and pages and site are rendered from invented archives."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial

from paperbot.archive import Archive
from paperbot.archive.layout import month_of
from paperbot.config import Config
from paperbot.errors import Problem, UserError
from paperbot.model import (
    Change,
    ChangeKind,
    Entry,
    Grounding,
    KeywordProposal,
    Likeness,
    LikenessBasis,
    Match,
    Notice,
    NoticeKind,
    Overview,
    OverviewSentence,
    Paper,
    PaperType,
    RunRecord,
    Score,
    Summary,
    SummarySource,
    TlDr,
)
from paperbot.ranking.picks import PickKind
from paperbot.render.job_summary import JobSummaryPage, RunState, render_job_summary, run_page, summary_costs
from paperbot.render.mail import mail_digest, render_mail
from paperbot.render.pages import NO_PAPERS, render_pages
from paperbot.render.repository import RepositoryInfo
from paperbot.render.site import render_site
from paperbot.render.templating import SUFFIX, Templates, compiled
from paperbot.schedule import Cron, Schedule
from paperbot.summaries import Outcome
from paperbot.weekly import KeywordChange, Week, WeeklyPages, review_week

DATE = dt.date(2025, 12, 24)
MORNING = dt.datetime(2025, 12, 24, 8, 17, tzinfo=dt.UTC)
IN_A_FORK = RepositoryInfo(
    Schedule("Daily", True, (Cron("17 8 * * 1-5"),)),
    "owner/name",
    version="1.0.0",
    picks={"2512.99001": PickKind.STAR},
)
ANYWHERE = RepositoryInfo(Schedule(problem="There is no workflow."))


def check_templates(templates: Templates, config: Config) -> None:
    """Raises UserError with every mistake found. Nothing is rendered before all templates can be compiled."""
    names = templates.list_templates(filter_func=lambda name: name.endswith(SUFFIX))
    archives = list(example_archives())
    examples: list[tuple[Archive, RepositoryInfo, Collection[dt.date]]] = [
        *((archive, IN_A_FORK, {DATE}) for archive in archives),
        *((archive, ANYWHERE, ()) for archive in (archives[0], archives[-1])),
    ]
    months = {month_of(date): entries for date, entries in archives[-1].digests.items()}
    compilations = [partial(compiled, templates, name) for name in names]
    pages = [
        partial(render_pages, archive, config, templates, repository, dates, example_weeks(archive))
        for archive, repository, dates in examples
    ]
    job_summaries = [
        partial(render_job_summary, templates, page)
        for archive in archives
        for page in example_job_summaries(archive, config)
    ]
    site = partial(render_site, archives[-1], config, templates, IN_A_FORK, months=months)
    digests = [mail_digest(archives[-1], DATE, config, repository) for repository in (IN_A_FORK, ANYWHERE)]
    digests += [replace(digest, detail=NO_PAPERS, related=(), changed=()) for digest in digests]
    mails = [
        partial(render_mail, templates, digest, "New on arXiv", ("Something is missing.",), url)
        for digest in digests
        for url in ("https://example.org", "")
    ]
    for attempts in (compilations, pages, job_summaries, [site], mails):
        found: dict[Problem, None] = {}
        for attempt in attempts:
            try:
                attempt()
            except UserError as error:
                found |= dict.fromkeys(error.problems)
        if found:
            raise UserError(*found)


def example_archives() -> Iterator[Archive]:
    """No run yet, a run without papers, a digest with every kind of paper, and a quiet day after it."""
    yield Archive()
    ran = Archive().with_run(_run_record(DATE))
    yield ran
    before = replace(_entry(9), digest_date=DATE - dt.timedelta(days=1))
    liked = Likeness(2.6, LikenessBasis.PICKS, dict.fromkeys(("one", "two", "three", "four", "five"), 0.5))
    best, *others = _entries()
    related = replace(_entry(8), likeness=liked, shown=False)
    entries = [replace(best, likeness=liked, related_on=before.digest_date), *others]
    with_papers = ran.with_entries([*entries, before]).with_related(DATE, [related])
    yield with_papers
    quiet = _run_record(DATE + dt.timedelta(days=1))
    yield with_papers.with_run(replace(quiet, announcement_dates=(), stale_since=DATE, new=0, shown=0))


def example_weeks(archive: Archive) -> WeeklyPages:
    """A week with everything, and one with nothing; none before the first run."""
    if not archive.runs:
        return WeeklyPages()
    week = Week.of(DATE)
    entries = _entries()
    stars = {entry.paper.id: PickKind.STAR for entry in entries}
    change = Change(ChangeKind.NEW_VERSION, DATE, "Version 2.")
    full = replace(
        review_week(archive, week, stars),
        changed=tuple(replace(entry, changes=(change, change)) for entry in entries),
        rose=(KeywordChange("keyword", 9, 3.0), KeywordChange("new", 5, 0.0)),
        fell=(KeywordChange("other", 0, 7.5),),
        weeks_compared=4,
    )
    return WeeklyPages((full, review_week(Archive(), week.before(1), {})), (week, week.before(1)))


def example_job_summaries(archive: Archive, config: Config) -> Iterator[JobSummaryPage]:
    """The job summaries of a run that made this archive, and of runs that changed nothing."""
    warnings = (Problem("A warning.", "config.json", 1), Problem("Another."))
    yield JobSummaryPage(RunState.INVALID, warnings)
    yield JobSummaryPage(RunState.FAILED, warnings, warnings)
    if archive.latest_run:
        entries = _entries()
        reasons = {entry.paper.id: entry.summary for entry in entries if entry.summary}
        date = archive.latest_run.date
        earlier = [replace(entry, digest_date=date - dt.timedelta(days=1)) for entry in entries]
        spent = summary_costs(Outcome(reasons, 1, 1, 9_000, 700), earlier, date, config)
        page_of = partial(run_page, archive=archive, date=date, config=config, repository=ANYWHERE)
        yield page_of(RunState.DONE, warnings=warnings, spent=spent, written=("README.md",))
        yield page_of(RunState.DONE)
        yield page_of(RunState.DRY_RUN, spent=spent)


def _run_record(date: dt.date) -> RunRecord:
    notices = (
        Notice(NoticeKind.NO_KEY, "No key is set."),
        Notice("example", "Something was not as it should be."),
    )
    record = RunRecord(date, MORNING, MORNING, 2412, 312, 5, 4, (date,), checked_held_papers=True)
    proposals = (KeywordProposal("kv cache", 6, 2, "Topic"), KeywordProposal("memory", 1))
    ids = ("2512.99001", "2512.99002")
    overview = Overview(sentences=tuple(OverviewSentence("A sentence.", (paper_id,)) for paper_id in ids))
    return replace(
        record,
        notices=notices,
        related=1,
        proposals=proposals,
        overviews=(overview,),
        week_overviews=(replace(overview, week=Week.of(DATE).name),),
        input_tokens=41_208,
        output_tokens=1_630,
    )


def _entries() -> tuple[Entry, ...]:
    plain = _entry(1)
    authors = tuple(f"Author {number}" for number in range(1, 20))
    rich = replace(
        plain.paper, authors=authors, version=2, comment="https://example.org", abstract="A word. " * 200
    )
    made = Summary(
        text="A summary.",
        model="model",
        source=SummarySource.FILE,
        input_tokens=9_000,
        output_tokens=700,
        made=MORNING,
        cut_short=True,
        grounding=Grounding(1, 2, ("3",)),
        hidden_text="Hidden",
    )
    return (
        replace(plain, paper=rich, summary=made, tldr=TlDr("A sentence.", "model")),
        replace(_entry(2), withdrawn=True, type=PaperType.CROSS, score=Score(7.0, plain.score.matches)),
        replace(_entry(3), summary=Summary(reason="The endpoint gave no answer.")),
        replace(
            _entry(4),
            paper=replace(plain.paper, id="2512.99004", authors=(), abstract="", categories=("cs.LG",)),
        ),
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
    return Entry(paper, DATE, rank, True, Score(3.0, matches), PaperType.NEW)
