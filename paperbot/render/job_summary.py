"""The page that GitHub Actions shows of a run: what came of it, in the words of job_summary.md.j2."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from jinja2 import Environment

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.errors import Problem
from paperbot.model import Entry
from paperbot.render.page_views import banner_views, digest_view, run_view
from paperbot.render.paper_view import LINE_MAX, arxiv_url, label, line, shown_title
from paperbot.render.templating import render
from paperbot.render.views import JobSummaryView, NoSummaryView, ProblemView, SpentView
from paperbot.summaries import Estimate, Outcome, cost_in_words
from paperbot.text import truncate

TEMPLATE = "job_summary.md.j2"
MAX_BYTES = 1_000_000
"""GitHub takes 1 MiB a step, and shows nothing of what is larger."""
ROWS = (200, 50, 10, 0)
"""Of each list; the first that fits."""


def stopped_page(state: str, problems: Sequence[Problem], warnings: Sequence[Problem] = ()) -> JobSummaryView:
    """Of a run that changed nothing."""
    return JobSummaryView(
        state=state,
        problems=_problem_views(problems),
        warnings=_problem_views(warnings),
        banners=(),
        digest=None,
        run=None,
        spent=None,
        written=(),
        left_out=sum(max(0, len(each) - ROWS[0]) for each in (problems, warnings)),
    )


def run_page(
    state: str,
    archive: Archive,
    date: dt.date,
    config: Config,
    *,
    warnings: Sequence[Problem] = (),
    spent: SpentView | None = None,
    written: Sequence[str] = (),
    home: str = "",
) -> JobSummaryView:
    """Of a run of that date; `home` is the address of the files that it wrote, with a slash at its end."""
    run, entries = archive.runs[date], archive.of(date)
    return replace(
        stopped_page(state, (), warnings),
        banners=banner_views(run),
        digest=digest_view(date, entries, run, config, home + "archive/", titles=0) if entries else None,
        run=run_view(run, config),
        spent=spent,
        written=tuple(map(line, written)),
    )


def spent_view(outcome: Outcome, entries: Iterable[Entry], date: dt.date, config: Config) -> SpentView:
    """`entries` are those that a summary was wanted for, among others; `date` is the run's."""
    known = {entry.paper.id: entry for entry in entries if entry.digest_date != date}
    failed = [
        (known[paper_id], summary.reason)
        for paper_id, summary in outcome.summaries.items()
        if summary.reason and paper_id in known
    ]
    return SpentView(
        made=outcome.made,
        failed=outcome.failed,
        reasons=tuple(_no_summary_view(entry, reason) for entry, reason in failed),
        input_tokens=outcome.input_tokens,
        output_tokens=outcome.output_tokens,
        cost=line(cost_in_words(config.ai_summary.price, outcome.input_tokens, outcome.output_tokens)),
    )


def estimate_view(estimate: Estimate, config: Config) -> SpentView:
    """What a run would spend."""
    tokens = estimate.input_tokens, estimate.output_tokens
    cost = line(cost_in_words(config.ai_summary.price, *tokens))
    return SpentView(estimate.papers, 0, (), *tokens, cost)


def render_job_summary(templates: Environment, page: JobSummaryView) -> str:
    """With as many rows as there is room for. UserError for a template that can't be rendered."""
    for most in ROWS:
        text = render(templates, TEMPLATE, page=_within(page, most))
        if len(text.encode("utf-8", "replace")) <= MAX_BYTES:
            break
    return text


def _within(page: JobSummaryView, most: int) -> JobSummaryView:
    """The first rows of each list, and how many that leaves out."""
    digest, spent = page.digest, page.spent
    papers = digest.papers if digest else ()
    reasons = spent.reasons if spent else ()
    rows = (page.problems, page.warnings, page.banners, papers, reasons)
    return replace(
        page,
        problems=page.problems[:most],
        warnings=page.warnings[:most],
        banners=page.banners[:most],
        digest=replace(digest, papers=papers[:most]) if digest else None,
        spent=replace(spent, reasons=reasons[:most]) if spent else None,
        left_out=page.left_out + sum(max(0, len(each) - most) for each in rows),
    )


def _problem_views(problems: Sequence[Problem]) -> tuple[ProblemView, ...]:
    return tuple(
        ProblemView(line(truncate(problem.message, LINE_MAX)), line(problem.file), problem.line)
        for problem in problems[: ROWS[0]]
    )


def _no_summary_view(entry: Entry, reason: str) -> NoSummaryView:
    paper = entry.paper
    return NoSummaryView(
        label(shown_title(paper)), arxiv_url("abs", paper.id), line(truncate(reason, LINE_MAX))
    )
