"""The chart of papers a day by topic: one row of small bars for each topic, all to the same scale."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from paperbot.archive import Archive
from paperbot.render.charts import (
    WIDTH,
    Bar,
    Chart,
    Mark,
    date_span,
    dates_shown,
    short_date,
    shortened,
    text_width,
    weekly_ticks,
)
from paperbot.text import plain

MAX_ROWS = 10
"""The topics with the most papers; the others share the last row."""
OTHERS = "other topics"
ROW, TOP, BOTTOM, GAP = 26.0, 30.0, 24.0, 4.0
"""In pixels: the height of a row, of the title, of the dates, and between two rows."""
MIN_BAR_HEIGHT = 1.5

DaysByTopic = Mapping[str, Counter[dt.date]]
"""By topic, the number of its papers on each date."""


def topic_chart(archive: Archive, last: dt.date) -> Chart | None:
    """The 30 days up to `last`; None where no paper of theirs has a topic."""
    dates = dates_shown(last)
    counts = count_topics(archive, dates)
    return draw_topics(counts, dates) if counts else None


def count_topics(archive: Archive, dates: Sequence[dt.date]) -> DaysByTopic:
    """The topics with the most papers first, those beyond the last row as one."""
    found: dict[str, Counter[dt.date]] = {}
    for date in dates:
        for entry in archive.of(date):
            if entry.topic:
                found.setdefault(entry.topic, Counter())[date] += 1
    ranked = sorted(found.items(), key=lambda item: (-item[1].total(), item[0]))
    if len(ranked) <= MAX_ROWS:
        return dict(ranked)
    others: Counter[dt.date] = sum((days for _, days in ranked[MAX_ROWS - 1 :]), Counter())
    return dict(ranked[: MAX_ROWS - 1]) | {OTHERS: others}


def draw_topics(counts: DaysByTopic, dates: Sequence[dt.date]) -> Chart:
    """`gridlines` are the rows' base lines with the topics' names, `values` their totals."""
    names = [shortened(plain(name)) for name in counts]
    left = 10 + max(map(text_width, names))
    right = 10 + max(text_width(f"{days.total():,}") for days in counts.values())
    step = (WIDTH - left - right) / len(dates)
    scale = (ROW - GAP) / max(max(days.values()) for days in counts.values())
    bases = [TOP + ROW * (row + 1) for row in range(len(counts))]
    span = date_span(dates[0], dates[-1])
    listed = ", ".join(f"{plain(name)} {days.total():,}" for name, days in counts.items())
    return Chart(
        title=f"Papers a day by topic, {span}",
        text=f"Papers by topic, {span}: {listed}.",
        width=WIDTH,
        height=TOP + ROW * len(counts) + BOTTOM,
        bars=tuple(
            Bar(
                label=f"{name}, {short_date(date)}: {days[date]:,}",
                x=round(left + step * (index + 0.15), 2),
                y=round(base - max(MIN_BAR_HEIGHT, scale * days[date]), 2),
                width=round(step * 0.7, 2),
                height=round(max(MIN_BAR_HEIGHT, scale * days[date]), 2),
            )
            for name, days, base in zip(names, counts.values(), bases, strict=True)
            for index, date in enumerate(dates)
            if days[date]
        ),
        gridlines=tuple(Mark(name, base) for name, base in zip(names, bases, strict=True)),
        ticks=weekly_ticks(dates, left, step),
        values=tuple(f"{days.total():,}" for days in counts.values()),
    )
