"""RSS 2.0 feeds of the papers shown in full: one of all, and one for each configured category and topic.

An item's guid is arXiv's own OAI identifier without the version: a paper stays one item for ever, and
a summary that comes later updates it. See https://www.rssboard.org/rss-specification.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from markupsafe import Markup

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.config.values import topic_slug
from paperbot.model import Entry, Paper, RunRecord
from paperbot.reading_list import make_reading_list
from paperbot.render.citations import MAX_CACHED_PAPERS
from paperbot.render.facts import MAX_ABSTRACT_CHARS, MAX_TITLE_CHARS, abs_url
from paperbot.render.site_data import keyword_names, summary_html
from paperbot.render.templating import Templates, render
from paperbot.text import inline_html, plain, plain_formulas, truncate
from paperbot.text.authors import author_names

FEED_ITEMS = 100
"""In the feed of all papers. Those of categories and topics reach as far back, and hold at least PART_ITEMS:
as long as they hold little that is not in the first one, git stores them as small differences from it."""
PART_ITEMS = 50
READING_LIST_FEED = "rss/reading-list.xml"
GENERATOR = "arXiv Papers Bot"
FAREWELL = dt.timedelta(days=30)
"""For so long the feed of a removed topic says that it was removed; then it goes."""

_BEFORE_THE_FIRST_RUN = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")


@dataclass(frozen=True, slots=True)
class Feed:
    """One of the feeds, and what is in it."""

    path: str
    """Below the site."""
    name: str
    """Of its category or topic; empty for the feed of all papers."""
    description: str
    entries: tuple[Entry, ...]

    @property
    def title(self) -> str:
        """The feed's title, as feed readers list it."""
        return f"arXiv digest: {self.name}" if self.name else "arXiv digest"


@dataclass(frozen=True, slots=True)
class TextItem:
    """An item that is not a paper, in both forms of a feed."""

    id: str
    title: str
    content: str
    """HTML."""
    published: dt.datetime
    url: str = ""
    """Empty where it is not known."""

    def as_rss(self) -> Any:
        """An item of feedgen."""
        item: Any = FeedEntry()  # type: ignore[no-untyped-call]
        item.guid(self.id, permalink=False)
        if self.url:
            item.link(href=self.url)
        item.title(self.title)
        item.description(self.title)
        item.content(self.content)
        item.pubDate(self.published)
        return item

    def as_json(self) -> dict[str, object]:
        """An item of a JSON feed."""
        item = {"id": self.id, "url": self.url, "title": self.title, "content_html": self.content}
        date = {"date_published": self.published.isoformat()}
        return {name: value for name, value in (item | date).items() if value}


def feeds_of(archive: Archive, config: Config, starred: Collection[str] = ()) -> tuple[Feed, ...]:
    """The feeds of all papers, of each category, of each topic (also of a paused one), and of the stars.

    `starred` are ids of papers.
    """
    shown = [entry for date in archive.digests for entry in archive.shown(date)]
    newest = {entry.paper.id for entry in shown[:FEED_ITEMS]}
    feeds = [
        _feed(feed_path(""), "", f"in {', '.join(config.categories)} that match the keywords", shown, newest)
    ]
    for category in config.categories:
        listed = [entry for entry in shown if category in entry.paper.categories]
        subject = f"in {category} that match the keywords"
        feeds.append(_feed(feed_path(category), category, subject, listed, newest))
    for topic in config.topics:
        of_topic = [entry for entry in shown if topic_slug(entry.topic) == topic.slug]
        name = plain(topic.name)
        feeds.append(_feed(topic_feed_path(topic.slug), name, f"of the topic {name}", of_topic, newest))
    if starred:
        entries = make_reading_list(archive, starred).entries[:FEED_ITEMS]
        feeds.append(Feed(READING_LIST_FEED, "reading list", "Starred papers, newest first", entries))
    return tuple(feeds)


def _feed(path: str, name: str, subject: str, entries: Sequence[Entry], newest: Collection[str]) -> Feed:
    """`newest` are the ids of the feed of all papers."""
    items = max(PART_ITEMS, sum(entry.paper.id in newest for entry in entries))
    description = f"New papers {subject}, the best of each day first"
    return Feed(path, name, description, tuple(entries[:items]))


def render_feeds(
    archive: Archive,
    config: Config,
    templates: Templates,
    repository_url: str = "",
    starred: Collection[str] = (),
) -> dict[str, str]:
    """`rss.xml`, `rss/<category>.xml`, `rss/topic-<slug>.xml` and, with stars, `rss/reading-list.xml`.

    A click on a feed's title leads to the published page, or else to the repository.
    """
    feeds = feeds_of(archive, config, starred)
    entries = {entry.paper.id: entry for feed in feeds for entry in feed.entries}
    items = {}
    for paper_id, entry in entries.items():
        with templates.faults.contained(f"The feed's item of {paper_id}"):
            items[paper_id] = _item(entry, config.zone, templates)
    chosen = [
        (feed, [items[entry.paper.id] for entry in feed.entries if entry.paper.id in items]) for feed in feeds
    ]
    chosen += [(feed, [item.as_rss()]) for feed, item in farewells(archive, config)]
    rendered = {}
    for feed, feed_items in chosen:
        with templates.faults.contained(f"The feed {feed.path}"):
            channel = feed_channel(feed, archive, config, repository_url, acknowledgement(templates))
            channel.entry(feed_items)
            rendered[feed.path] = channel.rss_str(pretty=True).decode()
    return rendered


def acknowledgement(templates: Templates) -> str:
    """What arXiv asks services to say that use its API."""
    return render(templates, "acknowledgement.md.j2").strip()


def feed_path(category: str) -> str:
    """The path of a category's feed below the site; "" stands for all categories."""
    return f"rss/{category}.xml" if category else "rss.xml"


def topic_feed_path(slug: str) -> str:
    """The path of a topic's feed below the site."""
    return f"rss/topic-{slug}.xml"


def home_url(config: Config, repository_url: str) -> str:
    """The page that the feeds belong to: the site, or else the repository; "" if neither is known."""
    return f"{config.site.base_url}/" if config.site.base_url else repository_url


def farewells(archive: Archive, config: Config) -> Iterator[tuple[Feed, TextItem]]:
    """The feeds of removed topics, each with its only item, which stays the same until the feed goes."""
    present = {topic.slug for topic in config.topics}
    last_runs: dict[str, tuple[str, RunRecord]] = {}
    for run in sorted(archive.runs.values(), key=lambda run: run.date):
        last_runs |= {topic_slug(name): (plain(name), run) for name in run.topics}
    for slug, (name, run) in last_runs.items():
        if slug not in present and max(archive.runs) - run.date <= FAREWELL:
            feed = Feed(topic_feed_path(slug), name, f"The topic {name} was removed or renamed", ())
            text = (
                f"No further papers come in this feed, and it will be deleted after {FAREWELL.days} days. "
                "The page has the feeds of the present topics; the feed of all papers goes on."
            )
            key = f"topic-removed:{slug}:{run.date}"
            yield feed, TextItem(key, feed.description, f"<p>{text}</p>", run.last_run)


def feed_channel(
    feed: Feed, archive: Archive, config: Config, repository_url: str, acknowledgement: str
) -> Any:
    """A feed without items."""
    channel: Any = FeedGenerator()  # type: ignore[no-untyped-call]
    channel.load_extension("dc")
    channel.title(feed.title)
    channel.description(f"{feed.description}. {acknowledgement}")
    if address := config.site.address(repository_url):
        channel.link(href=f"{address}/{feed.path}", rel="self", type="application/rss+xml")
    home = home_url(config, repository_url) or "https://arxiv.org/"  # RSS demands one
    channel.link(href=home, rel="alternate")  # the last is the channel's
    channel.generator(GENERATOR)
    channel.lastBuildDate(archive.latest_run.last_run if archive.latest_run else _BEFORE_THE_FIRST_RUN)
    return channel


def _item(entry: Entry, zone: ZoneInfo, templates: Templates) -> Any:
    paper = entry.paper
    item: Any = FeedEntry()  # type: ignore[no-untyped-call]
    item.load_extension("dc", atom=False)
    item.guid(item_id(paper), permalink=False)
    item.link(href=abs_url(paper))
    item.title(
        _TAG_START.sub("\u2039", item_title(entry))
    )  # some readers take a title for HTML, others for text
    item.description(_abstract(paper.abstract))
    item.content(item_content(entry, templates))
    item.pubDate(dt.datetime.combine(entry.digest_date, dt.time(), zone))
    item.category([{"term": category} for category in paper.categories])
    item.dc.dc_creator(list(author_names(paper.authors)))
    return item


def item_id(paper: Paper) -> str:
    """The same in every later version of any feed."""
    return f"oai:arXiv.org:{paper.id}"


def item_title(entry: Entry) -> str:
    """Plain text."""
    title = truncate(plain_formulas(entry.paper.title), MAX_TITLE_CHARS) or entry.paper.id
    return f"[withdrawn] {title}" if entry.withdrawn else title


def item_content(entry: Entry, templates: Templates) -> str:
    """All that a feed says about a paper, as HTML."""
    return render(
        templates,
        "site/feed_item.html.j2",
        entry=entry,
        keywords=keyword_names(entry.score.matches),
        abstract=Markup(_abstract(entry.paper.abstract)),
        summary=Markup(summary_html(entry, templates.faults)),
    )


@lru_cache(MAX_CACHED_PAPERS)
def _abstract(text: str) -> str:
    lines = truncate(text, MAX_ABSTRACT_CHARS).split("\n")
    return "".join(f"<p>{inline_html(line)}</p>" for line in lines)
