"""The page that GitHub Actions shows of a run: its result, its problems, and what to do about them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.errors import Problem
from paperbot.model import Entry, RunRecord
from paperbot.render.links import FROM_README
from paperbot.render.page_data import DigestOnPage, digest_on_page
from paperbot.render.repository import RepositoryInfo
from paperbot.render.templating import Templates, render
from paperbot.render.topic_sections import topics_in_use
from paperbot.summaries import Estimate, Outcome, cost_in_words

TEMPLATE = "job_summary.md.j2"
MAX_BYTES = 1_000_000
"""GitHub takes 1 MiB a step, and shows nothing of what is larger."""
MAX_ROWS = (200, 50, 10, 0)
"""Of each list; the first that fits."""


class RunState(StrEnum):
    """How a run ended."""

    DONE = "done"
    DRY_RUN = "dry run"
    FAILED = "failed"
    INVALID = "invalid"
    """Used or configured wrongly: nothing was changed."""


@dataclass(frozen=True, slots=True)
class MissingSummary:
    """A paper of an earlier digest for which the run made no summary."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class SummaryCosts:
    """What one run did about summaries; for a dry run, what it would do, by estimate."""

    made: int
    failed: int
    missing: tuple[MissingSummary, ...]
    """Of earlier digests; those of today's digest say it themselves."""
    input_tokens: int
    output_tokens: int
    cost: str
    """For example `0.42 CNY`; empty where no price is configured."""
    tldrs: int = 0
    """TL;DRs, those that came with a summary too."""
    overviews: int = 0


@dataclass(frozen=True, slots=True)
class JobSummaryPage:
    """`page` in job_summary.md.j2."""

    state: RunState
    problems: tuple[Problem, ...] = ()
    """Why there is no digest; empty when there is one."""
    warnings: tuple[Problem, ...] = ()
    run: RunRecord | None = None
    """None when there is no digest."""
    digest: DigestOnPage | None = None
    """The date's; None when nothing was new."""
    spent: SummaryCosts | None = None
    """None when no summaries were wanted."""
    written: tuple[str, ...] = ()
    """The files that changed, by their paths from the root."""
    repository: RepositoryInfo = RepositoryInfo()
    max_rows: int = MAX_ROWS[0]
    """Of each list."""

    @property
    def rows_left_out(self) -> int:
        """Rows for which GitHub has no space."""
        papers = self.digest.shown if self.digest else ()
        missing = self.spent.missing if self.spent else ()
        lists = (self.problems, self.warnings, papers, missing)
        return sum(max(0, len(rows) - self.max_rows) for rows in lists)


def run_page(
    state: RunState,
    archive: Archive,
    date: dt.date,
    config: Config,
    repository: RepositoryInfo,
    *,
    warnings: Sequence[Problem] = (),
    spent: SummaryCosts | None = None,
    written: Sequence[str] = (),
    home: str = "",
) -> JobSummaryPage:
    """The page about a run of that date; `home` is the address of the files it wrote, ending in a slash."""
    entries = archive.of(date)
    digest = None
    if entries:
        topics, archive_url = topics_in_use(config), f"{home}{FROM_README}"
        digest = digest_on_page(date, entries, archive, config, archive_url, 0, repository, topics)
    return JobSummaryPage(
        state, (), tuple(warnings), archive.runs[date], digest, spent, tuple(written), repository
    )


def summary_costs(outcome: Outcome, entries: Iterable[Entry], date: dt.date, config: Config) -> SummaryCosts:
    """`entries` are those that a summary was wanted for, among others; `date` is the run's."""
    earlier = {entry.paper.id: entry for entry in entries if entry.digest_date != date}
    missing = tuple(
        MissingSummary(earlier[paper_id], summary.reason)
        for paper_id, summary in outcome.summaries.items()
        if summary.reason and paper_id in earlier
    )
    tokens = outcome.input_tokens, outcome.output_tokens
    cost = cost_in_words(config.ai_summary.price, *tokens)
    tldrs = sum(bool(tldr.text) for tldr in outcome.tldrs.values())
    overviews = sum(bool(overview.sentences) for overview in outcome.overviews)
    return SummaryCosts(outcome.made, outcome.failed, missing, *tokens, cost, tldrs, overviews)


def estimated_costs(estimate: Estimate, config: Config) -> SummaryCosts:
    """What a run would spend."""
    tokens = estimate.input_tokens, estimate.output_tokens
    cost = cost_in_words(config.ai_summary.price, *tokens)
    return SummaryCosts(estimate.papers, 0, (), *tokens, cost)


def render_job_summary(templates: Templates, page: JobSummaryPage) -> str:
    """The job summary in Markdown, with as many rows as fit. Raises UserError for a template's mistake."""
    for max_rows in MAX_ROWS:
        text = render(templates, TEMPLATE, page=replace(page, max_rows=max_rows))
        if len(text.encode("utf-8", "replace")) <= MAX_BYTES:
            break
    return text
