"""Counts from the archive for the charts, and the position of each bar.

Lengths are in pixels of the chart; y grows downwards, as in SVG.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, log10
from unicodedata import category, east_asian_width

from paperbot.archive import Archive
from paperbot.text import plain
from paperbot.weekly import KeywordChange, WeekReview

DAYS_SHOWN = 30
KEYWORD_DAYS = 7
KEYWORDS_SHOWN = 10
DAYS_UNDER_A_LABEL = 4
MAX_LABEL_WIDTH = 150.0
"""For a keyword beside its bar."""
FONT_SIZE, TITLE_SIZE = 12.0, 13.0

WIDTH = 400.0
HEIGHT = 230.0
MIN_LEFT, RIGHT, TOP, BOTTOM = 44.0, 6.0, 60.0, 24.0
KEYWORD_RIGHT, KEYWORD_TOP = 50.0, 30.0
CHANGES_TOP, CHANGE_ROW = 44.0, 26.0

_NARROW, _WIDE = frozenset("ijlftrI .,:;'|!()[]/-`\""), frozenset("mwMW@%")


@dataclass(frozen=True, slots=True)
class DayCount:
    """The matching papers in the digest of one date."""

    date: dt.date
    shown: int = 0
    listed: int = 0
    ran: bool = True
    """False where no run succeeded on that date: nothing is known, which is not the same as no paper."""

    @property
    def papers(self) -> int:
        """All that match, however the digest shows them."""
        return self.shown + self.listed


@dataclass(frozen=True, slots=True)
class Bar:
    """One day or one keyword as drawn. The first part of a day's bar counts the papers shown in full."""

    label: str
    x: float
    y: float
    width: float
    height: float
    shown_height: float = 0.0
    value: str = ""
    """The figure to write beside the bar; empty for most days."""
    ran: bool = True
    before_width: float = 0.0
    """Of a keyword's second bar, for the weeks before."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A gridline or a tick with its label, and its place along its axis."""

    label: str
    position: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart ready for its template; `text` says its figures in a sentence."""

    title: str
    text: str
    width: float
    height: float
    bars: tuple[Bar, ...]
    gridlines: tuple[Mark, ...] = ()
    ticks: tuple[Mark, ...] = ()
    values: tuple[str, ...] = ()
    """The figures of the rows, where a chart has rows."""


def dates_shown(last: dt.date) -> list[dt.date]:
    """The 30 dates up to and including `last`, oldest first."""
    return [last - dt.timedelta(days=back) for back in reversed(range(DAYS_SHOWN))]


def count_days(archive: Archive, last: dt.date) -> tuple[DayCount, ...]:
    """The papers of each date that the chart shows."""
    ran = {*archive.runs, *archive.digests}
    return tuple(
        DayCount(date, len(archive.shown(date)), len(archive.listed(date)), ran=date in ran)
        for date in dates_shown(last)
    )


def count_keywords(archive: Archive, last: dt.date) -> dict[str, int]:
    """The number of papers with each of the most frequent keywords, the most papers first.

    Of the 7 dates up to and including `last`; no penalty, no author.
    """
    first = last - dt.timedelta(days=KEYWORD_DAYS - 1)
    counts: Counter[str] = Counter()
    for date, entries in archive.digests.items():
        if first <= date <= last:
            for entry in entries:
                wanted = (match for match in entry.score.matches if match.weight > 0 and not match.author)
                counts.update({match.keyword for match in wanted})
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:KEYWORDS_SHOWN])


def draw_days(counts: Sequence[DayCount]) -> Chart:
    """One bar a day, with the figures of the highest and of the last one written above them."""
    highest = max(counts, key=lambda count: (count.papers, count.date))
    top = _round_up(highest.papers)
    values = sorted({0, top // 2, top})
    left = max(MIN_LEFT, 10 + max(text_width(f"{value:,}") for value in values))
    step = (WIDTH - left - RIGHT) / len(counts)
    scale = (HEIGHT - TOP - BOTTOM) / top
    baseline = HEIGHT - BOTTOM
    last = counts[-1].date
    labelled = {last} | ({highest.date} if (last - highest.date).days >= DAYS_UNDER_A_LABEL else set())
    return Chart(
        title=f"Matching papers a day, {date_span(counts[0].date, counts[-1].date)}",
        text=_days_in_words(counts, highest),
        width=WIDTH,
        height=HEIGHT,
        bars=tuple(
            Bar(
                label=f"{short_date(count.date)}: {count.papers:,}"
                if count.ran
                else f"{short_date(count.date)}: no run",
                x=round(left + step * (index + 0.15), 2),
                y=round(baseline - scale * count.papers, 2),
                width=round(step * 0.7, 2),
                height=round(scale * count.papers, 2),
                shown_height=round(scale * count.shown, 2),
                value=f"{count.papers:,}" if count.ran and count.date in labelled else "",
                ran=count.ran,
            )
            for index, count in enumerate(counts)
        ),
        gridlines=tuple(Mark(f"{value:,}", round(baseline - scale * value, 2)) for value in values),
        ticks=weekly_ticks([count.date for count in counts], left, step),
    )


def draw_keywords(counts: Mapping[str, int], last: dt.date) -> Chart:
    """One bar a keyword, the most frequent on top."""
    span = date_span(last - dt.timedelta(days=KEYWORD_DAYS - 1), last)
    row = (HEIGHT - KEYWORD_TOP) / KEYWORDS_SHOWN
    labels = [shortened(plain(keyword)) for keyword in counts]
    left = 10 + max(map(text_width, labels), default=0.0)
    scale = (WIDTH - left - KEYWORD_RIGHT) / max(counts.values(), default=1)
    listed = ", ".join(f"{plain(keyword)} {papers:,}" for keyword, papers in counts.items())
    return Chart(
        title=f"Keywords of the week, {span}",
        text=f"Keywords of the week, {span}, and the number of papers with each: {listed}."
        if counts
        else f"Keywords of the week, {span}: none in any paper.",
        width=WIDTH,
        height=HEIGHT,
        bars=tuple(
            Bar(
                label=label,
                x=round(left, 2),
                y=round(KEYWORD_TOP + row * (index + 0.15), 2),
                width=round(scale * papers, 2),
                height=round(row * 0.7, 2),
                value=f"{papers:,}",
            )
            for index, (label, papers) in enumerate(zip(labels, counts.values(), strict=True))
        ),
    )


def draw_keyword_changes(review: WeekReview) -> Chart:
    """Two bars a keyword, this week and before: those that rose, then those that fell, most at the bottom."""
    changes = (*review.rose, *reversed(review.fell))
    span = date_span(review.week.monday, review.week.sunday)
    labels = [shortened(plain(change.keyword)) for change in changes]
    values = [f"{change.papers:,} ({change.change:+,.0f})" for change in changes]
    left = 10 + max(map(text_width, labels), default=0.0)
    right = 12 + max(map(text_width, values), default=0.0)
    longest = max((max(change.papers, change.before) for change in changes), default=1)
    scale = (WIDTH - left - right) / longest
    row = CHANGE_ROW
    return Chart(
        title=f"Keywords that rose and fell, {span}",
        text=_changes_in_words(review, span),
        width=WIDTH,
        height=CHANGES_TOP + row * len(changes),
        bars=tuple(
            Bar(
                label=label,
                x=round(left, 2),
                y=round(CHANGES_TOP + row * (index + 0.12), 2),
                width=round(scale * change.papers, 2),
                height=round(row * 0.38, 2),
                value=value,
                before_width=round(scale * change.before, 2),
            )
            for index, (change, label, value) in enumerate(zip(changes, labels, values, strict=True))
        ),
    )


def _changes_in_words(review: WeekReview, span: str) -> str:
    def listed(changes: Sequence[KeywordChange]) -> str:
        return ", ".join(
            f"{plain(change.keyword)} {change.papers:,} (before: {change.before:,.1f})" for change in changes
        )

    return (
        f"Papers with each keyword, {span}, and before. "
        f"Rose: {listed(review.rose) or 'none'}. Fell: {listed(review.fell) or 'none'}."
    )


def _days_in_words(counts: Sequence[DayCount], highest: DayCount) -> str:
    total, last = sum(count.papers for count in counts), counts[-1]
    span = (
        f"Matching papers a day from {short_date(counts[0].date)} to {short_date(last.date)} {last.date.year}"
    )
    if not total:
        return f"{span}: none."
    return (
        f"{span}: {total:,} in all, {last.papers:,} on the last day, "
        f"most on {short_date(highest.date)} ({highest.papers:,})."
    )


def _round_up(value: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100, ... so that half of it is a whole number too."""
    power = int(10 ** max(0, ceil(log10(max(value, 1))) - 1))
    return next(step * power for step in (2, 4, 10, 20) if step * power >= value)


def weekly_ticks(dates: Sequence[dt.date], left: float, step: float) -> tuple[Mark, ...]:
    """A tick for the last date and for every seventh before it; a date is `step` pixels wide."""
    return tuple(
        Mark(short_date(date), round(left + step * (index + 0.5), 2))
        for index, date in enumerate(dates)
        if (len(dates) - 1 - index) % 7 == 0
    )


def date_span(first: dt.date, last: dt.date) -> str:
    """Two dates in short, for example `25 Nov to 24 Dec`."""
    return f"{short_date(first)} to {short_date(last)}"


def short_date(date: dt.date) -> str:
    """The date in short, for example `24 Dec`."""
    return f"{date.day} {date:%b}"


def shortened(keyword: str) -> str:
    """Cut to MAX_LABEL_WIDTH."""
    if text_width(keyword) <= MAX_LABEL_WIDTH:
        return keyword
    beginnings = [text for text in accumulate(keyword) if text_width(text + "…") <= MAX_LABEL_WIDTH]
    return (beginnings[-1] if beginnings else "") + "…"


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """The width that a text takes in a common sans-serif font, about.

    The SVG templates give it as `textLength`, so that a browser with another font stretches or squeezes the
    text to it: no font makes a label leave its chart.
    """
    return round(size * sum(map(_letter_width, text)), 1)


def _letter_width(letter: str) -> float:
    """In ems."""
    if category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    if letter in _NARROW:
        return 0.3
    if letter in _WIDE:
        return 0.87
    if east_asian_width(letter) in "WF":
        return 1.0
    return 0.65 if letter.isupper() else 0.56


def trend_chart(archive: Archive, last: dt.date) -> Chart:
    """The matching papers of the 30 days up to `last`."""
    return draw_days(count_days(archive, last))


def keyword_chart(archive: Archive, last: dt.date) -> Chart:
    """The keywords of the 7 days up to `last`."""
    return draw_keywords(count_keywords(archive, last), last)
