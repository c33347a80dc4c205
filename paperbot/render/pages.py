"""README.md and the archive's pages, drawn from the archive, the config and the templates alone.

The same input gives the same bytes: the only clock is the time of the last run in the archive.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from jinja2 import Environment

from paperbot.archive import Archive
from paperbot.archive.layout import INDEX, day_path, picture_path
from paperbot.config import Config
from paperbot.model import Entry
from paperbot.render.page_views import (
    TITLES_ON_README,
    Place,
    charts,
    day_page_view,
    digest_view,
    index_view,
    readme_view,
)
from paperbot.render.size_limit import Drawn, fit
from paperbot.render.templating import render
from paperbot.render.validated import sound_page
from paperbot.text import limit_formulas

README = "README.md"
THEMES = ("light", "dark")


def render_pages(
    archive: Archive,
    config: Config,
    templates: Environment,
    place: Place,
    dates: Collection[dt.date] | None = None,
) -> dict[str, str]:
    """Every page and picture by its path from the root; before the first run, README.md alone.

    `dates` names the day pages that are wanted; without it, that of the newest digest. Raises UserError for a
    template that can't be rendered, and ExternalError rather than returning a page that a paper would break.
    """
    pages = {README: _readme(archive, config, templates, place)}
    if not archive.runs and not archive.digests:
        return pages
    for date in archive.digests:
        if date in ((archive.newest_date,) if dates is None else dates):
            pages[day_path(date)] = _day_page(date, archive, config, templates, place)
    pages[INDEX] = render(templates, "archive_index.md.j2", page=index_view(archive, place))
    return pages | _pictures(archive, templates)


def _readme(archive: Archive, config: Config, templates: Environment, place: Place) -> str:
    date = archive.newest_date
    page = readme_view(archive, config, place)
    if date is None:
        return render(templates, "README.md.j2", page=page)

    def draw(entries: Sequence[Entry]) -> Drawn:
        view = digest_view(date, entries, archive.runs.get(date), config, "archive/", TITLES_ON_README)
        return fit(
            view,
            lambda paper: f"{view.url}#{paper.anchor}",
            lambda part: limit_formulas(render(templates, "README.md.j2", page=replace(page, digest=part))),
        )

    return sound_page(archive.of(date), draw, "templates/README.md.j2")


def _day_page(date: dt.date, archive: Archive, config: Config, templates: Environment, place: Place) -> str:
    def draw(entries: Sequence[Entry]) -> Drawn:
        page = day_page_view(date, entries, archive, config, place)
        return fit(
            page.digest,
            lambda _: page.digest.data_url,
            lambda part: limit_formulas(render(templates, "day.md.j2", page=replace(page, digest=part))),
        )

    return sound_page(archive.of(date), draw, "templates/day.md.j2")


def _pictures(archive: Archive, templates: Environment) -> dict[str, str]:
    return {
        picture_path(name, theme): render(templates, f"{name}.svg.j2", chart=chart, theme=theme)
        for name, chart in charts(archive).items()
        for theme in THEMES
    }
