"""README.md and the archive's pages, drawn from the archive, the config and the templates alone.

The same input gives the same bytes: the only clock is the time of the last run in the archive.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from jinja2 import Environment

from paperbot.config import Config
from paperbot.model import Digest, History
from paperbot.render.page_views import (
    TITLES_ON_README,
    Place,
    charts,
    day_page_view,
    day_path,
    digest_view,
    index_view,
    picture_path,
    readme_view,
)
from paperbot.render.size_limit import Drawn, fit
from paperbot.render.templating import render
from paperbot.render.validated import sound_page

README = "README.md"
INDEX = "archive/README.md"
THEMES = ("light", "dark")


def render_pages(
    history: History,
    config: Config,
    templates: Environment,
    place: Place,
    dates: Collection[dt.date] | None = None,
) -> dict[str, str]:
    """Every page and picture by its path from the root; before the first run, README.md alone.

    `dates` names the day pages that are wanted; without it, that of the newest digest. Raises UserError for a
    template that can't be rendered, and ExternalError rather than returning a page that a paper would break.
    """
    pages = {README: _readme(history, config, templates, place)}
    if not history.days and not history.digests:
        return pages
    for digest in history.digests[:1] if dates is None else history.digests:
        if dates is None or digest.date in dates:
            pages[day_path(digest.date)] = _day_page(digest, history, config, templates, place)
    pages[INDEX] = render(templates, "archive_index.md.j2", page=index_view(history, place))
    return pages | _pictures(history, templates)


def _readme(history: History, config: Config, templates: Environment, place: Place) -> str:
    if not history.digests:
        return render(templates, "README.md.j2", page=readme_view(history, config, place))

    def draw(digest: Digest) -> Drawn:
        page = readme_view(replace(history, digests=(digest, *history.digests[1:])), config, place)
        view = digest_view(digest, config, "archive/", TITLES_ON_README)
        return fit(
            view,
            lambda paper: f"{view.url}#{paper.anchor}",
            lambda part: render(templates, "README.md.j2", page=replace(page, digest=part)),
        )

    return sound_page(history.digests[0], draw, "templates/README.md.j2")


def _day_page(digest: Digest, history: History, config: Config, templates: Environment, place: Place) -> str:
    def draw(digest: Digest) -> Drawn:
        page = day_page_view(digest, history, config, place)
        return fit(
            page.digest,
            lambda _: page.digest.data_url,
            lambda part: render(templates, "day.md.j2", page=replace(page, digest=part)),
        )

    return sound_page(digest, draw, "templates/day.md.j2")


def _pictures(history: History, templates: Environment) -> dict[str, str]:
    return {
        picture_path(name, theme): render(templates, f"{name}.svg.j2", chart=chart, theme=theme)
        for name, chart in charts(history).items()
        for theme in THEMES
    }
