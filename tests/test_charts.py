"""The two pictures: their counts, their proportions, their words."""

import datetime as dt
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperbot.archive import Archive
from paperbot.model import Entry, Match, Score
from paperbot.render.charts import (
    DayCount,
    count_days,
    count_keywords,
    draw_days,
    draw_keywords,
)
from paperbot.render.templating import render
from tests.support import invented
from tests.support.builders import an_entry
from tests.support.invented import TEMPLATES

LAST = dt.date(2025, 12, 25)
SVG = "{http://www.w3.org/2000/svg}"


def days(*papers: int) -> list[DayCount]:
    first = LAST - dt.timedelta(days=len(papers) - 1)
    return [
        DayCount(first + dt.timedelta(days=n), min(count, 30), count - min(count, 30))
        for n, count in enumerate(papers)
    ]


def entry_with(date: dt.date, *keywords: str) -> Entry:
    matches = tuple(Match(keyword, 1.0, False, True) for keyword in keywords)
    entry = an_entry(f"{date:%y%m.%d}001", f"{date}")
    return replace(entry, score=Score(1.0, matches))


def test_thirty_days_end_with_the_last() -> None:
    archive = invented.archive()
    counts = count_days(archive, invented.TODAY)
    assert [count.date for count in counts] == [LAST - dt.timedelta(days=back) for back in range(29, -1, -1)]
    assert (counts[-1].shown, counts[-1].listed) == (invented.SHOWN, invented.LISTED)
    assert sum(count.papers for count in counts) == len(archive.entries)


def test_a_day_without_papers_differs_from_a_day_without_a_run() -> None:
    quiet = invented.run(LAST, fetched=900, matching=40, new=0, shown=0)
    counts = count_days(Archive().with_run(quiet), LAST)
    assert (counts[-1].ran, counts[-2].ran) == (True, False)
    bars = draw_days(counts).bars
    assert (bars[-1].label, bars[-2].label) == ("25 Dec: 0", "24 Dec: no run")


def test_keywords_of_the_last_seven_days_are_counted_once_a_paper() -> None:
    week_ago = LAST - dt.timedelta(days=7)
    entries = (
        entry_with(LAST, "LLM", "LLM", "Kernel"),
        entry_with(LAST - dt.timedelta(days=6), "LLM"),
        entry_with(week_ago, "Kernel", "Kernel"),
    )
    archive = invented.digest_of(entries)
    assert [*count_keywords(archive, LAST).items()] == [("LLM", 2), ("Kernel", 1)]


def test_penalties_and_authors_are_not_keywords_of_the_week() -> None:
    matches = (Match("bad", -1.0, False, True), Match("Ada", 1.0, False, False, author=True))
    entry = replace(invented.entry(1, shown=True), score=Score(0.0, matches))
    assert count_keywords(invented.digest_of([entry]), LAST) == {}


@pytest.mark.parametrize(
    ("papers", "labels"),
    [
        ([0, 0], ["0", "1", "2"]),
        ([1, 0], ["0", "1", "2"]),
        ([3, 3], ["0", "2", "4"]),
        ([88, 41], ["0", "50", "100"]),
        ([10_000, 1], ["0", "5,000", "10,000"]),
        ([10_001, 1], ["0", "10,000", "20,000"]),
    ],
)
def test_the_scale_has_round_steps(papers: list[int], labels: list[str]) -> None:
    assert [line.label for line in draw_days(days(*papers)).gridlines] == labels


@given(st.lists(st.integers(0, 100_000), min_size=30, max_size=30))
@settings(max_examples=50, deadline=None)
def test_bars_are_in_proportion_and_inside(papers: list[int]) -> None:
    chart = draw_days(days(*papers))
    base, top = chart.gridlines[0].position, chart.gridlines[-1].position
    limit = int(chart.gridlines[-1].label.replace(",", ""))
    for bar, count in zip(chart.bars, papers, strict=True):
        assert bar.height == pytest.approx((base - top) * count / limit, abs=0.01)
        assert 0 <= bar.x <= bar.x + bar.width <= chart.width
        assert top - 0.01 <= bar.y <= base
        assert bar.shown_height <= bar.height


def test_the_words_give_the_figures() -> None:
    assert draw_days(days(3, 12_000, 0, 7)).text == (
        "Matching papers a day from 22 Dec to 25 Dec 2025: 12,010 in all, 7 on the last day, "
        "most on 23 Dec (12,000)."
    )
    assert draw_days(days(0, 0)).text == "Matching papers a day from 24 Dec to 25 Dec 2025: none."
    assert draw_keywords({"LLM": 1200, "RL": 1}, LAST).text == (
        "Keywords of the week, 19 Dec to 25 Dec, and the number of papers with each: LLM 1,200, RL 1."
    )
    assert draw_keywords({}, LAST).text == "Keywords of the week, 19 Dec to 25 Dec: none in any paper."


def test_long_and_wide_keywords_are_shortened_beside_their_bars() -> None:
    counts = {"parameter-efficient fine-tuning": 3, "大语言模型的推理加速与量化方法": 2}
    first, second = draw_keywords(counts, LAST).bars
    assert (first.label, second.label) == ("parameter-efficient fine-tu…", "大语言模型的推理加速与…")
    assert 0 < first.x + first.width < 400


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("papers", [0, 1, 10_000])
def test_the_pictures_are_sound_svg(theme: str, papers: int) -> None:
    drawn = render(TEMPLATES, "trend.svg.j2", chart=draw_days(days(*[0] * 29, papers)), theme=theme)
    root = ET.fromstring(drawn)
    assert root.findtext(f"{SVG}title", "").startswith("Matching papers a day")
    assert f"{papers:,}" in [text.text for text in root.iter(f"{SVG}text")]
    assert len(list(root.iter(f"{SVG}circle"))) == (30 if papers == 0 else 29)


@given(st.text(max_size=40))
@settings(max_examples=50, deadline=None)
def test_no_keyword_breaks_a_picture(keyword: str) -> None:
    chart = draw_keywords({keyword: 3}, LAST)
    root = ET.fromstring(render(TEMPLATES, "keywords.svg.j2", chart=chart, theme="light"))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "text", "rect"}
