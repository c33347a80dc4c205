"""The files of the charts, and what the pages say about them."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from paperbot.archive import Archive
from paperbot.archive.layout import in_archive, picture_path
from paperbot.containment import FAULT_TEXT
from paperbot.render.charts import Chart, draw_keyword_changes, keyword_chart, trend_chart
from paperbot.render.links import FROM_DATED_PAGE, FROM_README
from paperbot.render.page_data import Picture
from paperbot.render.safe import SafeUrl
from paperbot.render.templating import Templates, render
from paperbot.render.topic_chart import topic_chart
from paperbot.weekly import Week, WeekReview

THEMES = ("light", "dark")
README_CHARTS: Mapping[str, tuple[str, Callable[[Archive, dt.date], Chart | None]]] = {
    "trend": ("The trend chart", trend_chart),
    "keywords": ("The keyword chart", keyword_chart),
    "topics": ("The topic chart", topic_chart),
}
"""By the name of their template: what messages call them, and how they are made; None: nothing to draw."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The charts of the pages."""

    files: Mapping[str, str] = field(default_factory=dict)
    """SVG by the path from the root."""
    on_readme: tuple[Picture, ...] = ()
    of_weeks: Mapping[Week, Picture] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    """Sentences about charts of README.md that could not be made."""


def render_pictures(archive: Archive, reviews: Sequence[WeekReview], templates: Templates) -> Pictures:
    """A chart with a fault is left out: a week's has its figures in the page's table, too."""
    files: dict[str, str] = {}

    def picture(name: str, template: str, chart: Chart, archive_url: str) -> Picture:
        paths = [picture_path(name, theme) for theme in THEMES]
        for path, theme in zip(paths, THEMES, strict=True):
            files[path] = render(templates, template, chart=chart, theme=theme)
        light, dark = (SafeUrl(archive_url + in_archive(path)) for path in paths)
        return Picture(light, dark, chart.text)

    on_readme: list[Picture] = []
    faults: list[str] = []
    dates = [*archive.runs, *archive.digests]
    for name, (part, make) in README_CHARTS.items() if dates else ():
        with templates.faults.contained(part):
            if chart := make(archive, max(dates)):
                on_readme.append(picture(name, f"{name}.svg.j2", chart, FROM_README))
            continue
        faults.append(f"{part} {FAULT_TEXT}.")
    of_weeks: dict[Week, Picture] = {}
    for review in reviews:
        week = review.week
        if review.rose or review.fell:
            with templates.faults.contained(f"The keyword chart of {week.name}"):
                name = f"{week.year}/{week.name}-keywords"
                chart = draw_keyword_changes(review)
                of_weeks[week] = picture(name, "week_keywords.svg.j2", chart, FROM_DATED_PAGE)
    return Pictures(files, tuple(on_readme), of_weeks, tuple(faults))
