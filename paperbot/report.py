"""What a run says of itself: log lines, progress, annotations in Actions, its last line, the job summary."""

import logging
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from paperbot.config import Environment
from paperbot.errors import Problem, UserError, WorldError
from paperbot.markup import inline
from paperbot.model import Day, Digest, Entry, History
from paperbot.summaries import Outcome

LOGGER = "paperbot"


class _OneLine(logging.Formatter):
    """A record stays one line that starts with the time: no text in it can pose as a workflow command."""

    def format(self, record: logging.LogRecord) -> str:
        return _printable(super().format(record))


def configure_logging(verbose: bool) -> None:
    """Plain lines on stderr; the libraries' own only where they are errors."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger(LOGGER)
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger("arxiv").setLevel(logging.ERROR)


def quiet_around_progress() -> AbstractContextManager[Any]:
    """Log lines go above a progress bar, where there is a terminal for one."""
    if sys.stderr.isatty():
        return logging_redirect_tqdm([logging.getLogger(LOGGER)])
    return nullcontext()


def progress(total: int, label: str) -> "tqdm[Any]":
    """A bar on a terminal, nothing elsewhere."""
    return tqdm(total=total, desc=label, unit="paper", leave=False, disable=not sys.stderr.isatty())


class Report:
    """Where the run's words go: a person's terminal, or the annotations and outputs of Actions."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def line(self, text: str) -> None:
        """One line for the person who started the run."""
        _print(_printable(text), sys.stdout)

    def warnings(self, problems: Iterable[Problem]) -> None:
        """What works but is likely not meant."""
        for problem in problems:
            self._annotate("warning", problem)

    def mistakes(self, error: UserError) -> None:
        """Each on its line of the file where one is known."""
        for problem in error.problems:
            self._annotate("error", problem)
        self.line("Nothing was changed.")
        self._job_summary("## Nothing was changed", [str(problem) for problem in error.problems])

    def failure(self, error: WorldError) -> None:
        """Why there is no new digest, and what happens next."""
        self._annotate("error", Problem(str(error)))
        self._job_summary("## No digest this time", [str(error)])

    def ranking(self, entries: Iterable[Entry], most_chars: int = 80) -> None:
        """Today's digest as a table, best first."""
        self.line("rank  score  category           id           title  [keywords]")
        for entry in sorted(entries, key=lambda entry: entry.rank):
            paper = entry.paper
            title = paper.title if len(paper.title) <= most_chars else paper.title[: most_chars - 1] + "…"
            keywords = ", ".join(match.keyword for match in entry.score.matches)
            mark = " " if entry.shown else "-"
            self.line(
                f"{entry.rank:4}{mark} {entry.score.value:6g}  {paper.primary_category:<18} {paper.id:<12} "
                f"{title}  [{keywords}]"
            )

    def done(self, history: History, outcome: Outcome | None) -> None:
        """The run in one line, here and in the job summary, and its figures for later steps."""
        day = history.days[0]
        digest = next((digest for digest in history.digests if digest.date == day.date), None)
        for notice in day.notices:
            self._annotate("warning", Problem(notice.text))
        self.line(sentence(digest, day))
        self._job_summary(f"## {day.date:%d %B %Y}", [sentence(digest, day)])
        self._outputs(
            shown=day.shown,
            summarised=outcome.made if outcome else 0,
            degraded=bool(day.notices or day.index_ends),
        )

    def _job_summary(self, heading: str, lines: Iterable[str]) -> None:
        """Add to the page that Actions shows for the run; the lines are no Markdown."""
        if self._environment.step_summary_path:
            text = "\n".join([heading, "", *(f"- {inline(line)}" for line in lines), "", ""])
            with self._environment.step_summary_path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(text)

    def _outputs(self, **values: object) -> None:
        """Numbers and true/false for later steps of a workflow; never text from outside."""
        if self._environment.output_path:
            with self._environment.output_path.open("a", encoding="utf-8") as file:
                file.writelines(f"{name}={str(value).lower()}\n" for name, value in values.items())

    def _annotate(self, level: str, problem: Problem) -> None:
        if not self._environment.in_actions:
            _print(f"{level}: {_printable(str(problem))}", sys.stderr)
            return
        place = [f"file={_property(problem.file)}"] if problem.file else []
        place += [f"line={problem.line}"] if problem.line else []
        _print(f"::{level} {','.join(place)}::{_data(_printable(problem.message))}", sys.stdout)


def sentence(digest: Digest | None, day: Day) -> str:
    """For example: 30 of 87 matching papers shown (2,412 fetched), 15 summarised, 0 failed."""
    if not digest or digest.date != day.date:
        return f"no new matching papers ({day.fetched:,} fetched, {day.matching:,} match and are known)"
    summarised, failed = summary_counts(digest.shown)
    return (
        f"{day.shown} of {day.new} matching papers shown ({day.fetched:,} fetched), "
        f"{summarised} summarised, {failed} failed"
    )


def summary_counts(entries: Iterable[Entry]) -> tuple[int, int]:
    """How many have a summary, and how many a reason why not."""
    summaries = [entry.summary for entry in entries if entry.summary]
    summarised = sum(bool(summary.text) for summary in summaries)
    return summarised, len(summaries) - summarised


def _print(text: str, stream: Any) -> None:
    stream.write(text + "\n")
    stream.flush()


def _printable(text: str) -> str:
    """On one line, with nothing that could move a terminal's cursor or break an encoding."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return line.encode(sys.stdout.encoding or "utf-8", "backslashreplace").decode(
        sys.stdout.encoding or "utf-8"
    )


def _data(text: str) -> str:
    """As a workflow command's message: https://docs.github.com/actions (workflow commands)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
