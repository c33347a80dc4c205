"""The weekly round-up as its readers see it: the page, its chart, the links to it and the feed."""

import datetime as dt
import functools
import json
import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import feedparser
import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.model import Change, ChangeKind, Entry, KeywordProposal, TlDr
from paperbot.ranking.picks import PickKind
from paperbot.render.pages import render_pages
from paperbot.render.weekly_feed import render_weekly_feed
from paperbot.text.gfm import gfm_html
from paperbot.text.page_check import ExpectedPage, page_problems
from paperbot.weekly import KeywordChange, Week, WeeklyPages, WeekReview, review_week
from tests.support import invented
from tests.support.hostile import hostile_texts
from tests.support.invented import TEMPLATES

WEEK = Week.of(invented.TODAY)
PAGE = "archive/2025/2025-W52.md"
HOME = "https://github.com/someone/papers/blob/HEAD/"
FRIDAY = dt.datetime(2025, 12, 26, 8, 17, tzinfo=dt.UTC)


def finished(archive: Archive) -> Archive:
    """After the week's last announcement."""
    assert archive.latest_run
    overview = replace(invented.OVERVIEW, week=WEEK.name)
    other = replace(invented.OVERVIEW, week=WEEK.before(1).name)
    run = replace(archive.latest_run, last_run=FRIDAY, week_overviews=(other, overview))
    return archive.with_run(run)


@functools.cache
def finished_archive() -> Archive:
    return finished(invented.archive())


def review_of(archive: Archive, *starred: Entry, **changes: Any) -> WeekReview:
    stars = {entry.paper.id: PickKind.STAR for entry in starred}
    return replace(review_week(archive, WEEK, stars), **changes)


def pages_of(archive: Archive, *reviews: WeekReview, weeks: Collection[Week] = (WEEK,)) -> dict[str, str]:
    weekly = WeeklyPages(reviews, tuple(weeks))
    return render_pages(archive, invented.CONFIG, TEMPLATES, invented.REPOSITORY, (), weekly)


def sections(page: str) -> dict[str, str]:
    """The text of each section by its heading."""
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_page_says_what_the_archive_does() -> None:
    archive = finished_archive()
    chosen = archive.of(invented.TODAY)[:2]
    changed = replace(chosen[1], changes=(Change(ChangeKind.ACCEPTED, invented.TODAY, "ICML 2026"),))
    archive = archive.with_entries([changed])
    rose, fell = (KeywordChange("MoE", 9, 3.0), KeywordChange("new", 5, 0.0)), (KeywordChange("RL", 1, 7.5),)
    proposals = (KeywordProposal("kv cache", 6, 2),)
    page = pages_of(archive, review_of(archive, chosen[0], rose=rose, fell=fell, proposals=proposals))[PAGE]
    assert page.startswith(
        "# arXiv papers of week 52, 2025\n\nMonday 22 December 2025 to Sunday 28 December 2025"
    )
    assert (
        "**189 matching papers** in 4 digests: [Mon&nbsp;22&nbsp;Dec](../2025/2025-12-22.md)&nbsp;(17)"
        in page
    )
    assert "The digests take in 4 announcements." in page
    assert "arXiv announced no papers on Friday 26 December 2025 (a holiday)." in page
    found = sections(page)
    assert list(found) == [
        "🏆 Best of the Week", "⭐ Starred", "📈 Keywords", "✂️ Just Below the Cut", "🔔 What Changed",
    ]  # fmt: skip
    assert found["🏆 Best of the Week"].count("\n1. ") == 1 and "\n10. " in found["🏆 Best of the Week"]
    assert "**The week in two sentences**, by a model from titles and TL;DRs:" in found["🏆 Best of the Week"]
    assert (
        f"share one GPU [[4]](../2025/2025-12-25.md#paper-{chosen[0].paper.id})"
        in found["🏆 Best of the Week"]
    )
    assert f"(../2025/2025-12-25.md#paper-{chosen[0].paper.id})" in found["⭐ Starred"]
    rows = [row for row in found["📈 Keywords"].splitlines() if row.startswith("| ")][1:]
    assert rows == [
        "| MoE | 9 | 3 | +6 (+200&nbsp;%) |",
        "| new | 5 | 0 | +5 (new) |",
        "| RL | 1 | 7.5 | -6.5 (-87&nbsp;%) |",
    ]
    assert '- `"kv cache",` 6 papers, 2 of them starred' in found["📈 Keywords"]
    assert "5.5&nbsp;·&nbsp;cs.DC" in found["✂️ Just Below the Cut"]
    assert "[How Far Does Sparse Attention Carry?" in found["🔔 What Changed"]
    assert "ICML 2026" in found["🔔 What Changed"]


def test_a_week_of_holidays_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paperbot.weekly.announcements", lambda *_: ())
    page = pages_of(Archive(), review_week(Archive(), Week.of(invented.TODAY), {}))[PAGE]
    assert "**No matching papers**." in page
    assert "arXiv announced no papers this week: all of its workdays were holidays." in page
    assert "No paper matched this week." in page
    assert "There are no earlier weeks yet to compare this one with." in page


def test_topics_have_lists_of_their_own() -> None:
    archive = finished_archive()
    entries = [
        replace(entry, topic="A | *b*" if entry.rank % 2 else "C") for entry in archive.entries.values()
    ]
    archive = archive.with_entries(entries)
    best = sections(pages_of(archive, review_of(archive))[PAGE])["🏆 Best of the Week"]
    headings = re.findall(r"^\*\*(.*)\*\*, ([0-9]+) papers$", best, re.MULTILINE)
    assert headings == [(r"A &#124; \*b\*", "95"), ("C", "94")]
    assert best.count("\n5. ") == 2 and "\n6. " not in best


def test_readme_and_index_link_to_weeks_that_have_a_page() -> None:
    archive, weeks = finished_archive(), [WEEK.before(number) for number in range(6)]
    pages = pages_of(archive, review_of(archive), weeks=weeks)
    assert (
        "**Weekly round-ups**: [week&nbsp;52](archive/2025/2025-W52.md) · [week&nbsp;51]"
        in pages["README.md"]
    )
    assert pages["README.md"].count("[week&nbsp;") == 4
    assert "[2025-W52](2025/2025-W52.md) · [2025-W51]" in pages["archive/README.md"]
    assert "[Before this: week 51](../2025/2025-W51.md)" in pages[PAGE]
    without = pages_of(archive, weeks=())
    assert "Weekly round-ups" not in without["README.md"] + without["archive/README.md"]


def test_the_chart_shows_each_keyword_twice_and_stays_inside() -> None:
    archive = finished_archive()
    names = ("a" * 300, "词" * 40, "<b>&\x00", "MoE", "RL")
    rose = tuple(KeywordChange(name, 10 * n, 3.5 * n) for n, name in enumerate(names, 1))
    pages = pages_of(
        archive, review_of(archive, rose=rose, fell=tuple(KeywordChange(n, 1, 90.0) for n in names))
    )
    for theme in ("light", "dark"):
        chart = pages[f"archive/2025/2025-W52-keywords-{theme}.svg"]
        assert f"2025-W52-keywords-{theme}.svg" in pages[PAGE]
        root = etree.fromstring(chart.encode())
        bars = list(root.iter("{*}rect"))[2:]
        assert len(bars) == 20
        assert all(float(bar.get("x", 0)) + float(bar.get("width", 0)) <= 400 for bar in bars)
        assert max(float(bar.get("y", 0)) + float(bar.get("height", 0)) for bar in bars) <= float(
            root.get("height", 0)
        )


def test_no_chart_where_no_keyword_rose_or_fell() -> None:
    archive = finished_archive()
    pages = pages_of(archive, review_of(archive, rose=(), fell=()))
    assert (
        "No keyword rose or fell beyond what chance explains, compared with the 4 weeks before."
        in pages[PAGE]
    )
    assert not any("W52-keywords" in path for path in pages)


@settings(max_examples=40, deadline=None)
@given(st.lists(hostile_texts, min_size=4, max_size=4))
def test_no_text_breaks_the_page(texts: list[str]) -> None:
    title, tldr, change, keyword = texts
    archive = finished(invented.digest(shown=2, listed=1))
    entry = archive.of(invented.TODAY)[0]
    hostile = replace(
        entry,
        paper=replace(entry.paper, title=title),
        tldr=TlDr(tldr),
        topic=keyword,
        changes=(Change(ChangeKind.WITHDRAWN, invented.TODAY, change),),
    )
    archive = archive.with_entries([hostile])
    review = review_of(archive, hostile, rose=(KeywordChange(keyword, 9, 1.0),))
    page = pages_of(archive, review)[PAGE]
    headings = {"arXiv papers of week 52, 2025", *sections(page)}
    assert page_problems(page, ExpectedPage((), 450_000, headings)) == []
    assert "fault in the bot" not in page
    assert len(lxml.html.fromstring(gfm_html(page)).xpath("//h2")) == 5


@pytest.mark.parametrize(
    ("function", "lost"),
    [
        ("paperbot.render.pictures.draw_keyword_changes", "archive/2025/2025-W52-keywords-light.svg"),
        ("paperbot.render.pages.WeekPage", ""),
        ("paperbot.render.pages.week_pages", ""),
    ],
)
def test_a_fault_costs_the_weekly_page_at_most(
    monkeypatch: pytest.MonkeyPatch, function: str, lost: str
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    archive = finished_archive()
    review = review_of(archive, rose=(KeywordChange("MoE", 9, 3.0),))
    whole = pages_of(archive, review)
    monkeypatch.setattr(function, broken)
    pages = pages_of(archive, review)
    assert lost not in pages
    assert pages["README.md"] == whole["README.md"]
    assert "Lantern" in pages.get(PAGE, "Lantern")


# The feed


def weekly_feed(archive: Archive, home: str = HOME) -> Any:
    """As a reader program has it; the JSON feed must have the same items."""
    text, json_text = render_weekly_feed(
        archive, Config(), TEMPLATES, "https://github.com/someone/papers", home
    ).values()
    parsed = feedparser.parse(text.encode())  # type: ignore[attr-defined,no-untyped-call]
    assert not parsed.bozo, parsed.get("bozo_exception")
    items = json.loads(json_text)["items"]
    assert [(item["id"], item["title"], item.get("url")) for item in items] == [
        (item.id, item.title, item.get("link")) for item in parsed.entries
    ]
    assert all(item["content_html"] and dt.datetime.fromisoformat(item["date_published"]) for item in items)
    return parsed


def test_the_feed_has_an_item_a_week() -> None:
    parsed = weekly_feed(finished_archive())
    assert [item.id for item in parsed.entries][:2] == [
        "arxiv-papers-bot:2025-W52",
        "arxiv-papers-bot:2025-W51",
    ]
    newest = parsed.entries[0]
    assert newest.title == "Week 52 of 2025: 189 matching papers"
    assert newest.link == HOME + PAGE
    assert newest.published == "Thu, 25 Dec 2025 06:00:00 +0000"
    text = newest.content[0].value
    assert text.count("<li>") == 10 + 2 and "share one GPU <a href=" in text
    assert "link" not in weekly_feed(finished_archive(), home="").entries[0]


def test_the_feed_is_empty_before_the_first_week() -> None:
    assert weekly_feed(Archive()).entries == []


@settings(max_examples=25, deadline=None)
@given(hostile_texts)
def test_no_text_breaks_the_feed(text: str) -> None:
    archive = finished_archive()
    entry = archive.of(invented.TODAY)[0]
    hostile = replace(entry, paper=replace(entry.paper, title=text), tldr=TlDr(text), topic=text)
    newest = weekly_feed(archive.with_entries([hostile])).entries[0]
    tags = {element.tag for element in lxml.html.fromstring(newest.content[0].value).iter()}
    assert tags <= {"div", "p", "ol", "ul", "li", "a", "b", "br", "h3"}
