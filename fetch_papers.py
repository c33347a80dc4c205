"""The arXiv Papers Bot: new papers, scored, summarised, and written to README.md.

Reads config.json, templates/ and archive/ below --root; from the environment, the key of the endpoint that
makes the summaries, and what GitHub Actions sets. Writes README.md, archive/ and site/.

Exit code: 0 done; 1 failed, nothing changed; 2 wrong use or wrong config, nothing changed; 3 published, but
the endpoint refused to make summaries (key, credit or model name): its owner must act; 130 stopped by hand.
"""

import argparse
import datetime as dt
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from paperbot import notify
from paperbot.archive import Archive
from paperbot.archive.files import only_run
from paperbot.archive.journal import Journal
from paperbot.archive.layout import FOLDER
from paperbot.archive.manifest import write_manifest
from paperbot.archive.store import (
    changed_dates,
    changed_files,
    load_archive,
    with_changed_entries,
    with_months_of,
    with_single_entries,
    write_archive,
)
from paperbot.config import read_ci_environment
from paperbot.containment import Faults
from paperbot.context import RunContext, read_context
from paperbot.digest import loaded_since, with_new_summaries, with_recovered_summaries
from paperbot.errors import ExternalError, UserError
from paperbot.follow_up import Following
from paperbot.interests_report import explain_interests
from paperbot.keyword_report import explain_keywords
from paperbot.model import LibraryEntry
from paperbot.output import remove_old_files, render_all, write_files
from paperbot.pipeline import todays_digest, todays_summaries
from paperbot.ranking.interests import Interests
from paperbot.ranking.picks import starred_ids
from paperbot.reader import load_library, unknown_picks
from paperbot.redaction import protect
from paperbot.render.feeds import FEED_ITEMS
from paperbot.report import Report, configure_logging

DONE, FAILED, WRONG_USE, REFUSED, STOPPED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run once; the exit code."""
    options = read_options(arguments)
    configure_logging(options.verbose)
    faults = Faults()
    environment = read_ci_environment(environ)
    protect(environment.api_key, f"{environment.notification_urls} {environment.library_url}")
    report = Report(environment, options.root, faults)
    try:
        with faults.contained("The digest"):
            if options.sample:
                from paperbot.sample import run_sample

                return run_sample(options.root, main)
            return run(options, environ, report)
        report.crash()
        return FAILED
    except UserError as error:
        report.mistakes(error)
        return WRONG_USE
    except ExternalError as error:
        report.failure(error)
        return FAILED
    except KeyboardInterrupt:
        report.line("Stopped. Summaries that were finished are kept for the next run.")
        return STOPPED
    finally:
        report.ask_for_fault_report()


def run(options: argparse.Namespace, environ: Mapping[str, str], report: Report) -> int:
    """Do what the options ask for; the exit code. Raises UserError and ExternalError."""
    context, warnings = read_context(options, environ, report.faults)
    report.warnings(warnings)
    if options.check:
        report.line(f"{options.config} and the templates are all right.")
        archive = _load(context)
        report.lines(explain_keywords(context.config, archive))
        interests = Interests(context.repository.picks, _library(context, report), archive.kept_texts)
        report.lines(explain_interests(context.config, archive, interests))
        return DONE
    if context.environment.dry_run:
        with context.session() as session:
            archive = todays_digest(context, _load(context), session, _library(context, report))
        report.ranking(context, archive)
        if options.verbose:
            report.likeness(context, archive)
            report.estimate(context, archive)
        return DONE
    with only_run(context.root / FOLDER):
        archive = _load_whole(context) if options.rerender else _load(context)
        report.warnings(line.problem for line in archive.broken)
        if options.rerender:
            pages = render_all(context, archive, archive.dates)
            write_files(context.root, pages)
            removed = remove_old_files(context.root, pages)
            write_manifest(context.root, [*pages, *removed], context.config.site.publishing_branch)
            return DONE
        return make_digest(context, archive, report)


def make_digest(context: RunContext, before: Archive, report: Report) -> int:
    """Fetch, rank, summarise, write and notify; the exit code.

    The archive is the point of no return: until it is written, nothing has changed. Raises ExternalError.
    """
    journal = Journal(context.root)
    interrupted = journal.exists
    library = _library(context, report)
    with context.session() as session:
        archive = with_recovered_summaries(
            todays_digest(context, before, session, library),
            journal.load(),
            before,
            context.today,
        )
        journal.begin()
        outcome = todays_summaries(context, archive, session, journal)
    if outcome:
        archive = with_new_summaries(archive, outcome, context.today)
    pages = render_all(context, archive, archive.dates if interrupted else changed_dates(archive, before))
    files = changed_files(archive, before) | pages
    written = write_files(context.root, files)
    removed: list[str] = []
    with context.faults.contained("The removal of old feeds"):
        removed = remove_old_files(context.root, files)
    write_manifest(context.root, [*files, *removed], context.config.site.publishing_branch)
    journal.end()
    with context.faults.contained("The notifications"):
        told, problems = notify.notify_of_digest(context, archive)
        write_archive(context.root, told, archive)
        report.warnings(problems)
    report.warnings(unknown_picks(context.repository.picks, archive))
    with context.faults.contained("The job summary"):
        report.done(context, archive, outcome, written)
    return REFUSED if outcome and outcome.refused else DONE


def _library(context: RunContext, report: Report) -> Sequence[LibraryEntry]:
    """What the reader has read; what can't be read of it is reported, and stops nothing."""
    with context.faults.contained("The library"):
        library, problems = load_library(context.root, context.config, context.environment.library_url)
        report.warnings(problems)
        return library
    return ()


def _load_whole(context: RunContext) -> Archive:
    return load_archive(context.root, dt.date.min).as_of(context.today)


def _load(context: RunContext) -> Archive:
    since = loaded_since(context.today, context.config)
    starred = starred_ids(context.repository.picks)
    archive = load_archive(context.root, since, at_least_shown=FEED_ITEMS).as_of(context.today)
    following = Following(context.today, context.config.follow_up.days, starred)
    if following.is_due(archive):  # only the follow-up, once a week, changes papers of older months
        archive = with_months_of(context.root, archive, starred)
    return with_changed_entries(context.root, with_single_entries(context.root, archive, starred))


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ends the program where it is wrong."""
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
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time like 2025-12-25T08:17:00Z") from None
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no time zone; end it with Z for UTC")
    return instant.astimezone(dt.UTC)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # uploads are deleted on the way out
    raise SystemExit(main())
