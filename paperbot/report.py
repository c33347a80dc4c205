"""What a run reports: log lines, its last line, annotations, the job summary in Actions, notifications."""

import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from paperbot import notify
from paperbot.annotations import Level, annotation, printable
from paperbot.archive import Archive
from paperbot.config import Environment
from paperbot.containment import Faults
from paperbot.context import BUNDLED_TEMPLATES, RunContext
from paperbot.errors import ExternalError, Problem, UserError
from paperbot.fault_report import fault_section
from paperbot.interests_report import explain_likeness
from paperbot.model import Entry, RunRecord
from paperbot.redaction import redacted
from paperbot.render.facts import notices
from paperbot.render.job_summary import (
    JobSummaryPage,
    RunState,
    SummaryCosts,
    estimated_costs,
    render_job_summary,
    run_page,
    summary_costs,
)
from paperbot.render.templating import Templates, load_templates
from paperbot.summaries import Estimate, Outcome, cost_in_words, estimate
from paperbot.text import truncate

log = logging.getLogger(__name__)

MAX_TITLE_CHARS = 80


class _OneLine(logging.Formatter):
    """A record stays one line that starts with the time."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def configure_logging(verbose: bool) -> None:
    """Plain lines on stderr; the libraries' own only where they are errors."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("paperbot")
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger("arxiv").setLevel(logging.ERROR)


class Report:
    """What a run reports: on a terminal or in Actions, and to those who want to be notified of failures."""

    def __init__(self, environment: Environment, root: Path, faults: Faults) -> None:
        self.faults = faults
        self._environment, self._root = environment, root
        self._warnings: list[Problem] = []

    def line(self, text: str) -> None:
        """One line for the person who started the run."""
        _print(printable(text), sys.stdout)

    def lines(self, texts: Iterable[str]) -> None:
        """Each on a line of its own."""
        for text in texts:
            self.line(text)

    def warnings(self, problems: Iterable[Problem]) -> None:
        """What works but is likely not meant."""
        for problem in problems:
            self._warnings.append(problem)
            self._annotate("warning", "Check this setting", problem)

    def mistakes(self, error: UserError) -> None:
        """Each on its line of the file where one is known."""
        for problem in error.problems:
            self._annotate("error", "Please correct this", problem)
        self.line("Nothing was changed.")
        self._stopped(RunState.INVALID, error.problems)

    def failure(self, error: ExternalError) -> None:
        """Why there is no new digest, and what happens next."""
        problem = Problem(str(error))
        self._annotate("error", "No digest this time", problem)
        self._stopped(RunState.FAILED, [problem])

    def crash(self) -> None:
        """A fault of the bot's own ended the run before anything was changed; the log has its traceback."""
        problem = Problem(
            "This run was ended by a fault in the bot. Nothing was changed; the log says where."
        )
        self._annotate("error", "No digest this time", problem)
        self._stopped(RunState.FAILED, [problem])

    def ranking(self, context: RunContext, archive: Archive) -> None:
        """Today's digest as a table, best first; then its related papers."""
        self.lines(_table(archive.of(context.today)))
        if related := archive.related_of(context.today):
            self.line("Related, without a keyword:")
            self.lines(_table(related))
        spent = (
            estimated_costs(_estimate(context, archive), context.config) if context.wants_summaries else None
        )
        self._job_summary(context.templates, self._page(context, archive, RunState.DRY_RUN, spent))

    def likeness(self, context: RunContext, archive: Archive) -> None:
        """Each paper's points for likeness, word by word."""
        self.lines(explain_likeness((*archive.of(context.today), *archive.related_of(context.today))))

    def estimate(self, context: RunContext, archive: Archive) -> None:
        """What the summaries of a dry run would take."""
        guess, price = _estimate(context, archive), context.config.ai_summary.price
        cost = cost_in_words(price, guess.input_tokens, guess.output_tokens)
        unknown = "" if price else " (the cost is not known: ai_summary.price in config.json is not set)"
        self.line(
            f"{guess.papers} summaries would be made, for about {guess.input_tokens:,} tokens read and "
            f"{guess.output_tokens:,} written{f', about {cost}' if cost else unknown}"
        )

    def done(
        self, context: RunContext, archive: Archive, outcome: Outcome | None, written: Sequence[str]
    ) -> None:
        """The run in one line, as a page in the job summary, and its figures for later steps."""
        day = archive.runs[context.today]
        told = notices(day)
        for notice in told:
            self._annotate("warning", "Something is missing", Problem(notice.text))
        self.line(sentence(archive.of(context.today), day))
        spent = (
            summary_costs(outcome, archive.entries.values(), context.today, context.config)
            if outcome
            else None
        )
        self._job_summary(context.templates, self._page(context, archive, RunState.DONE, spent, written))
        if self._environment.output_path:
            # For later steps of the workflow: numbers and true or false, never text from outside.
            summarised, degraded = outcome.made if outcome else 0, "true" if told else "false"
            outputs = f"shown={day.shown}\nsummarised={summarised}\ndegraded={degraded}\n"
            _append(self._environment.output_path, outputs)

    def _page(
        self,
        context: RunContext,
        archive: Archive,
        state: RunState,
        spent: SummaryCosts | None,
        written: Sequence[str] = (),
    ) -> JobSummaryPage:
        return run_page(
            state,
            archive,
            context.today,
            context.config,
            context.repository,
            warnings=self._warnings,
            spent=spent,
            written=written,
            home=context.home,
        )

    def _stopped(self, state: RunState, problems: Sequence[Problem]) -> None:
        with self.faults.contained("The notifications"):
            self.warnings(notify.notify_of_failure(self._environment, problems))
        with self.faults.contained("The job summary"):
            # The bot's own template, since a user's may be what is wrong.
            templates = load_templates(BUNDLED_TEMPLATES.parent, BUNDLED_TEMPLATES, self.faults)
            self._job_summary(templates, JobSummaryPage(state, tuple(problems), tuple(self._warnings)))

    def _job_summary(self, templates: Templates, page: JobSummaryPage) -> None:
        """Add to the page that Actions shows for the run."""
        if self._environment.step_summary_path:
            _append(self._environment.step_summary_path, render_job_summary(templates, page))

    def ask_for_fault_report(self) -> None:
        """Add what failed, and a link that reports it, to the page that Actions shows for the run."""
        if self._environment.step_summary_path:
            _append(self._environment.step_summary_path, fault_section(self.faults.recorded))

    def _annotate(self, level: Level, title: str, problem: Problem) -> None:
        if self._environment.in_actions:
            _print(annotation(level, title, problem, self._root, self._environment.workspace), sys.stdout)
        else:
            _print(f"{level}: {printable(str(problem))}", sys.stderr)


def sentence(digest: Sequence[Entry], day: RunRecord) -> str:
    """For example: 30 of 87 matching papers shown (2,412 fetched), 15 summarised, 0 failed."""
    if not digest:
        return f"no new matching papers ({day.fetched:,} fetched, {day.matching:,} match and are known)"
    summaries = [entry.summary for entry in digest if entry.shown and entry.summary]
    summarised = sum(bool(summary.text) for summary in summaries)
    return (
        f"{day.shown} of {day.new} matching papers shown ({day.fetched:,} fetched), "
        f"{summarised} summarised, {len(summaries) - summarised} failed"
    )


def _table(digest: Sequence[Entry]) -> Iterator[str]:
    """A dash marks what would be listed by title only."""
    yield "rank   score  category           id           title  [keywords]"
    for entry in digest:
        paper = entry.paper
        mark = " " if entry.shown else "-"
        keywords = ", ".join(match.keyword for match in entry.score.matches)
        yield (
            f"{entry.rank:4}{mark} {round(entry.points, 2):6g}  {paper.primary_category:<18} "
            f"{paper.id:<12} {truncate(paper.title, MAX_TITLE_CHARS)}  [{keywords}]"
        )


def _estimate(context: RunContext, archive: Archive) -> Estimate:
    tldrs = context.briefs_due(archive).tldrs
    return estimate(context.due(archive), context.config.ai_summary, context.prompt, tldrs)


def _append(path: Path, text: str) -> None:
    """A file of Actions' that can't be written costs what it would have shown: the digest is out."""
    try:
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(redacted(text))
    except OSError as error:
        reason = error.strerror or error
        log.warning("can't write %s, which GITHUB_STEP_SUMMARY or GITHUB_OUTPUT names: %s", path, reason)


def _print(text: str, stream: TextIO) -> None:
    stream.write(text + "\n")
    stream.flush()
