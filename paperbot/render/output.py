"""Everything that is drawn from the archive, on disk: pages, pictures, the site."""

import datetime as dt
import logging
from bisect import bisect_right
from collections.abc import Collection, Iterable
from pathlib import Path

from paperbot.archive import Archive
from paperbot.archive.files import write_all
from paperbot.archive.layout import day_path, month_of
from paperbot.archive.store import load_month
from paperbot.context import RunContext
from paperbot.errors import ArchiveError
from paperbot.render.pages import README, render_pages
from paperbot.render.site import render_site
from paperbot.render.site_data import months_to_render

log = logging.getLogger(__name__)

SITE_INDEX = "site/papers.json"


def draw(context: RunContext, archive: Archive, dates: Collection[dt.date]) -> dict[str, str]:
    """Every file that a change of these dates' digests touches, by its path from the root.

    Writes nothing. Raises UserError for a template that can't be rendered.
    """
    config, templates, place = context.config, context.templates, context.place
    gone = {date for date in archive.digests if not (context.root / day_path(date)).exists()}
    files = render_pages(archive, config, templates, place, gone | _with_next(dates, archive.dates))
    if not config.site.enabled or not archive.runs:
        return files
    previous_index = _text(context.root / SITE_INDEX)
    months = {month_of(date) for date in dates if date in archive.dates} | {
        *months_to_render(archive.dates, previous_index)
    }
    entries = {month: load_month(context.root, archive, month) for month in sorted(months)}
    return files | render_site(
        archive,
        config,
        templates,
        months=entries,
        previous_index=previous_index,
        schedule=place.schedule,
        repository_url=context.contact,
    )


def _with_next(dates: Collection[dt.date], known: Collection[dt.date]) -> set[dt.date]:
    """And the dates that follow them: a day's page links to the one before it."""
    in_order = sorted(known)
    places = {bisect_right(in_order, each) for each in dates}
    return {*dates, *(in_order[place] for place in places if place < len(in_order))}


def write(root: Path, files: dict[str, str]) -> list[str]:
    """The paths that changed. README.md is last: what it links to is there before it. Raises ArchiveError."""
    changed = write_all(root, {path: files[path] for path in _readme_last(files)})
    names = ", ".join(changed) if len(changed) < 6 else f"{len(changed)} files"
    log.info("wrote %s", names or "nothing: every page is as it was")
    return changed


def _readme_last(paths: Iterable[str]) -> list[str]:
    return sorted(paths, key=lambda path: path == README)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError as fault:
        raise ArchiveError(f"can't read {path}: {fault.strerror or fault}") from fault
