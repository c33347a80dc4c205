"""Everything that is rendered from the archive, on disk: pages, charts, the site."""

import datetime as dt
import logging
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from pathlib import Path

from paperbot.archive import Archive
from paperbot.archive.files import write_all
from paperbot.archive.layout import FOLDER as ARCHIVE_FOLDER
from paperbot.archive.layout import READING_LIST, day_path, month_of, weeks_of_pages
from paperbot.archive.store import load_month, load_related, with_months_since
from paperbot.context import RunContext
from paperbot.errors import ArchiveError
from paperbot.ranking.picks import starred_ids
from paperbot.reading_list import make_reading_list
from paperbot.render.exports import FORMATS, archive_exports
from paperbot.render.feeds import GENERATOR, feed_path
from paperbot.render.last_resort import last_resort_page
from paperbot.render.pages import README, render_pages
from paperbot.render.site import FOLDER, SITE_INDEX, render_site
from paperbot.render.site_data import months_to_render
from paperbot.render.weekly_feed import WEEKLY_FEED
from paperbot.weekly import Week, WeeklyPages, WeekReview, due_weeks, first_date_needed, review_week

log = logging.getLogger(__name__)

_OWN_BIBTEX = re.compile(r"\n\Z|@(?:misc|article)\{[a-z]+[0-9]{4}-[\w.-]+,\n  author = \{")


def render_all(context: RunContext, archive: Archive, dates: Collection[dt.date]) -> dict[str, str]:
    """Every file that a change of these dates' digests touches, by its path from the root.

    README.md is among them whatever happens. Writes nothing. Raises UserError for a template that can't be
    rendered.
    """
    files: dict[str, str] = {}
    missing = {date for date in archive.digests if not (context.root / day_path(date)).exists()}
    wanted = missing | _with_neighbours(dates, archive) | {*filter(None, [archive.newest_date])}
    with context.faults.contained("The pages"):
        weekly = _weekly_pages(context, archive, dates)
        starred = starred_ids(context.repository.picks)
        # Without a star, the page of earlier ones is emptied.
        has_list = starred or (context.root / READING_LIST).exists()
        reading_list = make_reading_list(archive, starred) if has_list else None
        files |= render_pages(
            archive, context.config, context.templates, context.repository, wanted, weekly, reading_list
        )
        with context.faults.contained("The exports"):
            files |= archive_exports(archive, wanted, weekly.reviews, reading_list, context.templates)
    if README not in files:
        files[README] = last_resort_page(archive.of(archive.newest_date) if archive.newest_date else ())
    with context.faults.contained("The site"):
        files |= _render_site(context, archive, dates)
    return files


def _weekly_pages(context: RunContext, archive: Archive, dates: Collection[dt.date]) -> WeeklyPages:
    """The reviews of the weeks that are due; older months are loaded for them where needed."""
    existing = [Week.named(name) for name in weeks_of_pages(context.root)]
    reviews: tuple[WeekReview, ...] = ()
    with context.faults.contained("The weekly round-up"):
        if due := due_weeks(archive, dates, existing):
            whole = with_months_since(context.root, archive, first_date_needed(due))
            reviews = tuple(review_week(whole, week, context.repository.picks) for week in due)
    weeks = {*existing, *(review.week for review in reviews)}
    return WeeklyPages(reviews, tuple(sorted(weeks, reverse=True)))


def _render_site(context: RunContext, archive: Archive, dates: Collection[dt.date]) -> dict[str, str]:
    if not context.config.site.enabled or not archive.runs:
        return {}
    previous_index = _text(context.root / SITE_INDEX)
    changed = {month_of(date) for date in dates if date in archive.dates}
    months = changed | {*months_to_render(archive.dates, previous_index)}
    entries = {month: load_month(context.root, archive, month) for month in sorted(months)}
    return render_site(
        archive,
        context.config,
        context.templates,
        context.repository,
        months=entries,
        related={month: load_related(context.root, archive, month) for month in entries},
        previous_index=previous_index,
        home_url=context.home,
    )


def _with_neighbours(dates: Collection[dt.date], archive: Archive) -> set[dt.date]:
    """The dates, those after them, and before each with changes of earlier papers the date before it.

    A day's page links to the one before it. A date without papers has no page: the page before it told the
    date's changes until a later run found papers.
    """
    in_order = sorted(archive.dates)
    changed = {change.date for entry in archive.all_entries.values() for change in entry.changes}
    following = {bisect_right(in_order, date) for date in dates}
    before = {bisect_left(in_order, date) - 1 for date in changed.intersection(dates)}
    return {*dates, *(in_order[at] for at in following | before if 0 <= at < len(in_order))}


def write_files(root: Path, files: dict[str, str]) -> list[str]:
    """The paths that changed. README.md is last: what it links to is there before it. Raises ArchiveError."""
    in_order = sorted(files, key=lambda path: path == README)
    changed = write_all(root, {path: files[path] for path in in_order})
    names = ", ".join(changed) if len(changed) < 6 else f"{len(changed)} files"
    log.info("wrote %s", names or "nothing: every page is as it was")
    return changed


def remove_old_files(root: Path, files: Collection[str]) -> list[str]:
    """Delete the feeds of what is gone, where this run has feeds, and an older release's exports of topics.

    Gone is a topic, a category, or the last star. The paths of the deleted exports: they are to be published
    as gone.
    """
    old = (root / FOLDER).glob(feed_path("*")) if f"{FOLDER}/{feed_path('')}" in files else ()
    for path in old:
        in_all_formats = [path.with_suffix(ending) for ending in (".xml", ".json", *FORMATS)]
        # A feed of which a fault cost one format is not gone, and the one of the weeks never is.
        is_present = any(file.relative_to(root).as_posix() in files for file in in_all_formats)
        if not is_present and not path.match(WEEKLY_FEED) and f"<generator>{GENERATOR}<" in _text(path):
            for file in in_all_formats:
                file.unlink(missing_ok=True)
            log.info("removed %s: there is no such topic, category or list any more", path)
    exports = (root / ARCHIVE_FOLDER).glob("topic-*.bib")
    own = [
        path.with_suffix(ending) for path in exports if _OWN_BIBTEX.match(_text(path)) for ending in FORMATS
    ]
    for path in own:
        path.unlink(missing_ok=True)
    return [path.relative_to(root).as_posix() for path in own]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError as error:
        raise ArchiveError(f"can't read {path}: {error.strerror or error}") from error
