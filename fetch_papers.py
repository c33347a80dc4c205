"""The arXiv Papers Bot: new papers, scored, summarised, and written to README.md.

Reads config.json, templates/ and archive/ below --root; from the environment, the key of the endpoint that
makes the summaries, and what GitHub Actions sets. Writes README.md, archive/ and site/.

Exit code: 0 done; 1 failed, nothing changed; 2 wrong use or wrong config, nothing changed; 3 published, but
the endpoint refused to make summaries (key, credit or model name): its owner must act.
"""

import argparse
import datetime as dt
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from paperbot.archive import Archive, changed_dates, load_archive, write_archive
from paperbot.arxiv_source import ArxivSource
from paperbot.config import read_surroundings
from paperbot.digest import fetch, loaded_since, what_next, with_outcome, with_todays_digest
from paperbot.disk import only_run
from paperbot.errors import SourceError, UserError, WorldError
from paperbot.job import Job, read_job
from paperbot.journal import Journal
from paperbot.polite import PoliteSession
from paperbot.publish import draw, write
from paperbot.report import Report, configure_logging
from paperbot.summaries import Outcome, due, summarise

DONE, FAILED, WRONG_USE, REFUSED = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run once; the exit code."""
    options = _options(arguments)
    configure_logging(options.verbose)
    report = Report(read_surroundings(environ))
    try:
        if options.sample:
            from paperbot.sample import run_sample

            return run_sample(options.root, main)
        return _run(options, environ, report)
    except UserError as error:
        report.mistakes(error)
        return WRONG_USE
    except WorldError as error:
        report.failure(error)
        return FAILED


def _run(options: argparse.Namespace, environ: Mapping[str, str], report: Report) -> int:
    job, warnings = read_job(options, environ)
    report.warnings(warnings)
    if options.check:
        report.line(f"{options.config} and the templates are all right.")
        return DONE
    if job.environment.dry_run:
        with _session(job) as session:
            report.ranking(_todays_digest(job, _load(job), session).of(job.today))
        return DONE
    with only_run(job.root / "archive"):
        archive = _load(job)
        report.warnings(line.problem for line in archive.broken)
        if options.rerender:
            write(job.root, draw(job, archive, archive.dates))
            return DONE
        return _make_digest(job, archive, report)


def _make_digest(job: Job, before: Archive, report: Report) -> int:
    """The archive is the point of no return: until it is written, nothing has changed."""
    journal = Journal(job.root)
    interrupted = journal.left_over
    with _session(job) as session:
        archive = _todays_digest(job, before, session).with_summaries(journal.load())
        journal.begin()
        outcome = _summarise(job, archive, session, journal)
    if outcome:
        archive = with_outcome(archive, outcome, job.today)
    dates = archive.dates if interrupted else changed_dates(archive, before)
    files = draw(job, archive, dates)
    write_archive(job.root, archive, before)
    write(job.root, files)
    journal.end()
    report.done(archive.history(), outcome)
    return REFUSED if outcome and outcome.refused else DONE


def _load(job: Job) -> Archive:
    return load_archive(job.root, loaded_since(job.today, job.config))


def _todays_digest(job: Job, archive: Archive, session: PoliteSession) -> Archive:
    settings = job.config.arxiv
    source = ArxivSource(session, settings.api_url, settings.patience_seconds)
    try:
        fetched = fetch(source, archive, job.config, job.now)
    except SourceError as error:
        raise SourceError(f"{error}. {what_next(archive, job.config)}") from error
    return with_todays_digest(archive, fetched, job.config)


def _summarise(job: Job, archive: Archive, session: PoliteSession, journal: Journal) -> Outcome | None:
    """None where no summaries are wanted; what earlier runs made stays."""
    settings = job.config.ai_summary
    if job.environment.no_summaries or not settings.enabled:
        return None
    chosen = due(list(archive.entries.values()), job.today, settings, job.prompt.fingerprint)
    return summarise(
        chosen,
        settings,
        job.prompt,
        job.environment.api_key,
        pdf_url=job.config.arxiv.pdf_url,
        session=session,
        keep=journal.keep,
        now=job.now,
    )


def _session(job: Job) -> PoliteSession:
    settings = job.config.arxiv
    return PoliteSession(
        delay_seconds=settings.delay_seconds,
        timeout_seconds=settings.timeout_seconds,
        patience_seconds=settings.patience_seconds,
        contact=job.contact,
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--config", type=Path, default=Path("config.json"), help="what to look for (%(default)s)")
    add("--root", type=Path, default=Path(), help="where README.md, archive/ and site/ are")
    add("--now", type=_instant, metavar="TIME", help="the run's clock: 2025-12-25T08:17:00Z")
    add("--no-summaries", action="store_true", help="publish abstracts only, ask no model")
    add("--dry-run", action="store_true", help="print the ranked papers, write nothing")
    add("--rerender", action="store_true", help="draw the pages again, without a network")
    add("--check", action="store_true", help="only check the config and the templates")
    add("--sample", action="store_true", help="invented papers, no network and no key")
    add("-v", "--verbose", action="store_true", help="say more")
    return parser.parse_args(arguments)


def _instant(text: str) -> dt.datetime:
    instant = dt.datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no time zone; end it with Z for UTC")
    return instant.astimezone(dt.UTC)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # uploads are deleted on the way out
    raise SystemExit(main())
