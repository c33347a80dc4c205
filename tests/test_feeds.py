"""The feeds: what a reader program finds in them, over months of runs."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from paperbot.archive import Archive
from paperbot.config import Config, Site
from paperbot.model import Entry, Summary
from paperbot.render.feeds import FEED_ITEMS, PART_ITEMS, render_feeds
from paperbot.render.templating import load_templates
from tests.support.site_archive import LAST_DATE, invented_archive, invented_day, weekdays_back, with_paper

ROOT = Path(__file__).resolve().parents[1]
HOME = "https://github.com/someone/papers"
PUBLISHED = "https://someone.github.io/papers/"
DATES = weekdays_back(LAST_DATE, 6)
TEMPLATES = load_templates(ROOT, ROOT / "templates")
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=https://example.invalid/x onerror=alert(1)>",
    "]]></content:encoded><item>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "a\x00b\x0bc\u202ed\ufffe",
    "</title><!--",
)


def feeds_of(days: Sequence[Sequence[Entry]], config: Config | None = None) -> dict[str, str]:
    return render_feeds(invented_archive(days), config or Config(), TEMPLATES, HOME)


def read(feed: str) -> Any:
    parsed = feedparser.parse(feed.encode())  # type: ignore[attr-defined,no-untyped-call]
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def guids(feed: str) -> list[str]:
    return [entry.id for entry in read(feed).entries]


@pytest.fixture(scope="module")
def days() -> list[list[Entry]]:
    return [invented_day(date) for date in DATES]


@pytest.fixture(scope="module")
def feeds(days: list[list[Entry]]) -> dict[str, str]:
    return feeds_of(days)


def test_one_feed_of_all_and_one_for_each_category(feeds: dict[str, str]) -> None:
    assert list(feeds) == ["rss.xml", *(f"rss/{category}.xml" for category in Config().categories)]


def test_a_reader_program_finds_the_channel(feeds: dict[str, str]) -> None:
    parsed = read(feeds["rss.xml"])
    assert parsed.version == "rss20"
    assert parsed.feed.title == "arXiv digest"
    assert parsed.feed.link == HOME
    assert "cs.AI, cs.CL, cs.DC, cs.LG" in parsed.feed.description
    assert parsedate_to_datetime(parsed.feed.updated) == dt.datetime(2025, 12, 24, 8, 17, tzinfo=dt.UTC)


def test_a_reader_program_finds_the_paper(days: list[list[Entry]], feeds: dict[str, str]) -> None:
    best = days[0][0]
    item = read(feeds["rss.xml"]).entries[0]
    assert item.title == best.paper.title
    assert item.link == f"https://arxiv.org/abs/{best.paper.id}"
    assert item.id == f"oai:arXiv.org:{best.paper.id}"
    assert not item.guidislink
    assert [tag.term for tag in item.tags] == list(best.paper.categories)
    assert [author.name for author in item.authors] == list(best.paper.authors)
    assert best.paper.abstract in item.summary
    content = item.content[0].value
    assert "Score 59" in content
    assert all(match.keyword in content for match in best.score.matches)
    assert best.paper.abstract in content
    assert "<strong>" in content
    assert "提出了一种" in content


def test_newest_first_and_the_best_of_each_day_first(days: list[list[Entry]], feeds: dict[str, str]) -> None:
    shown = [f"oai:arXiv.org:{entry.paper.id}" for day in days for entry in day if entry.shown]
    assert guids(feeds["rss.xml"]) == shown[:FEED_ITEMS]
    dates = [parsedate_to_datetime(item.published) for item in read(feeds["rss.xml"]).entries]
    assert dates == sorted(dates, reverse=True)
    assert all(date.tzinfo for date in dates)


def test_an_items_date_is_its_digests_in_the_readers_zone(days: list[list[Entry]]) -> None:
    feed = feeds_of(days, Config(timezone="Asia/Shanghai"))["rss.xml"]
    assert read(feed).entries[0].published == "Wed, 24 Dec 2025 00:00:00 +0800"


def test_a_categorys_feed_holds_the_papers_listed_there(
    days: list[list[Entry]], feeds: dict[str, str]
) -> None:
    listed = [
        f"oai:arXiv.org:{entry.paper.id}"
        for day in days
        for entry in day
        if entry.shown and "cs.DC" in entry.paper.categories
    ]
    assert guids(feeds["rss/cs.DC.xml"]) == listed[:PART_ITEMS]


def test_a_categorys_feed_reaches_back_as_far_as_that_of_all_papers_or_further(
    days: list[list[Entry]],
) -> None:
    newer = [[with_paper(entry, categories=("cs.LG",)) for entry in day] for day in days[:4]]
    older = [[with_paper(entry, categories=("cs.DC",)) for entry in day] for day in days[4:]]
    feeds = feeds_of([*newer, *older])
    assert guids(feeds["rss/cs.LG.xml"]) == guids(feeds["rss.xml"])
    shown = [f"oai:arXiv.org:{entry.paper.id}" for day in older for entry in day if entry.shown]
    assert guids(feeds["rss/cs.DC.xml"]) == shown[:PART_ITEMS]


def test_its_own_address_where_it_is_known(days: list[list[Entry]]) -> None:
    def self_links(feed: str) -> list[str]:
        return [link.href for link in read(feed).feed.links if link.rel == "self"]

    known = feeds_of(days, Config(site=Site(base_url=PUBLISHED)))
    assert read(known["rss.xml"]).feed.link == PUBLISHED
    assert self_links(known["rss.xml"]) == [PUBLISHED + "rss.xml"]
    assert self_links(known["rss/cs.LG.xml"]) == [PUBLISHED + "rss/cs.LG.xml"]
    assert self_links(feeds_of(days)["rss.xml"]) == [f"{HOME}/raw/refs/heads/site/rss.xml"]
    nowhere = render_feeds(invented_archive(days), Config(), TEMPLATES)["rss.xml"]
    assert self_links(nowhere) == []


def test_a_summary_that_comes_later_updates_its_item(days: list[list[Entry]]) -> None:
    waiting = [replace(entry, summary=None) for entry in days[0]]
    before, after = feeds_of([waiting])["rss.xml"], feeds_of(days[:1])["rss.xml"]
    assert guids(before) == guids(after)
    first, second = read(before).entries[0], read(after).entries[0]
    assert first.published == second.published
    assert "提出了一种" not in first.content[0].value
    assert "提出了一种" in second.content[0].value


def test_a_new_version_of_a_paper_is_no_new_item(days: list[list[Entry]]) -> None:
    revised = [with_paper(entry, version=2, title="Another title") for entry in days[0]]
    assert guids(feeds_of([revised])["rss.xml"]) == guids(feeds_of(days[:1])["rss.xml"])


def test_no_item_comes_twice_in_months_of_runs() -> None:
    """A subscriber who reads the feed every day: one item a paper, whatever run it comes from."""
    dates = weekdays_back(LAST_DATE, 45)[::-1]
    archive = [invented_day(date, shown=6, listed=1, summaries=1) for date in dates]
    first_dates: dict[str, str] = {}
    for now in range(1, len(archive) + 1):
        loaded = archive[max(0, now - 23) : now][::-1]
        feed = feeds_of(loaded, Config(categories=("cs.LG",)))["rss.xml"]
        for item in etree.fromstring(feed.encode()).iter("item"):
            date = first_dates.setdefault(item.findtext("guid"), item.findtext("pubDate"))
            assert date == item.findtext("pubDate")
    shown = [entry for day in archive for entry in day if entry.shown]
    assert list(first_dates) == [f"oai:arXiv.org:{entry.paper.id}" for entry in shown]


def test_what_the_rules_of_rss_ask_for(feeds: dict[str, str]) -> None:
    """The rules of the W3C's feed validator that a file alone can be checked against."""
    for feed in feeds.values():
        channel = etree.fromstring(feed.encode()).find("channel")
        assert [channel.findtext(name) != "" for name in ("title", "link", "description")] == [True] * 3
        items = channel.findall("item")
        assert len({item.findtext("guid") for item in items}) == len(items) <= FEED_ITEMS
        for item in items:
            assert item.find("guid").get("isPermaLink") == "false"
            assert item.findtext("link").startswith("https://arxiv.org/abs/")
            assert parsedate_to_datetime(item.findtext("pubDate"))
            assert len(item.findall("description")) == len(item.findall("title")) == 1


def test_the_same_run_twice_gives_the_same_bytes(days: list[list[Entry]], feeds: dict[str, str]) -> None:
    assert feeds_of([list(reversed(day)) for day in days]) == feeds


def test_a_fresh_archive_gives_valid_empty_feeds() -> None:
    feed = render_feeds(Archive(), Config(), TEMPLATES, HOME)["rss.xml"]
    assert read(feed).entries == []


def test_a_withdrawn_paper_says_so(days: list[list[Entry]]) -> None:
    withdrawn = replace(days[0][0], withdrawn=True)
    assert read(feeds_of([[withdrawn]])["rss.xml"]).entries[0].title.startswith("[withdrawn] ")


def test_why_there_is_no_summary(days: list[list[Entry]]) -> None:
    refused = replace(days[0][0], summary=Summary(reason="the model <b>refused</b> this paper"))
    content = read(feeds_of([[refused]])["rss.xml"]).entries[0].content[0].value
    assert "No summary: the model &lt;b&gt;refused&lt;/b&gt; this paper" in content


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert(text: str) -> None:
    assert_inert(text)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60) | st.sampled_from(HOSTILE))
def test_any_text_is_inert(text: str) -> None:
    assert_inert(text)


def assert_inert(text: str) -> None:
    """One item, well-formed, in which neither title nor content opens an element that could act."""
    entry = invented_day(LAST_DATE, shown=1, listed=0)[0]
    entry = with_paper(entry, title=text, abstract=text, comment=text, authors=(text,))
    entry = replace(entry, summary=Summary(text=text, model=text))
    feed = render_feeds(Archive().with_entries([entry]), Config(), TEMPLATES, HOME)["rss.xml"]
    channel = etree.fromstring(feed.encode()).find("channel")
    (item,) = channel.findall("item")
    elements = etree.HTML(f"<body>{item.findtext('title')}</body>").find("body")
    assert len(elements) == 0
    content = etree.HTML(item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded"))
    assert not content.xpath("//script | //img | //style | //iframe | //form | //@onerror | //@style")
    assert all(href.startswith(("https://", "http://")) for href in content.xpath("//@href"))
