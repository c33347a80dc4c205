"""RSS 2.0 feeds of the papers shown in full: one of all, and one for each configured category.

An item's guid is arXiv's own OAI identifier without the version: a paper stays one item for ever, and
a summary that comes later updates it. See https://www.rssboard.org/rss-specification.
"""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from markupsafe import Markup

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.model import Entry, Paper
from paperbot.render.facts import MAX_ABSTRACT_CHARS, MAX_TITLE_CHARS, abs_url
from paperbot.render.site_data import keyword_names, summary_html
from paperbot.render.templating import Templates, render
from paperbot.text import inline_html, plain_formulas, truncate
from paperbot.text.authors import author_names

FEED_ITEMS = 100

_BEFORE_THE_FIRST_RUN = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")


def render_feeds(
    archive: Archive, config: Config, templates: Templates, repository_url: str = ""
) -> dict[str, str]:
    """`rss.xml` and `rss/<category>.xml`.

    A click on a feed's title leads to the published page, or else to the repository.
    """
    shown = [entry for date in archive.digests for entry in archive.shown(date)]
    chosen = {"": shown[:FEED_ITEMS]}
    for category in config.categories:
        chosen[category] = [entry for entry in shown if category in entry.paper.categories][:FEED_ITEMS]
    entries = {entry.paper.id: entry for entries in chosen.values() for entry in entries}
    items = {}
    for paper_id, entry in entries.items():
        with templates.faults.contained(f"The feed's item of {paper_id}"):
            items[paper_id] = _item(entry, config.zone, templates)
    feeds = {}
    for category, selected in chosen.items():
        path = feed_path(category)
        with templates.faults.contained(f"The feed {path}"):
            feed = _channel(path, category, archive, config, repository_url)
            feed.entry([items[entry.paper.id] for entry in selected if entry.paper.id in items])
            feeds[path] = feed.rss_str(pretty=True).decode()
    return feeds


def feed_path(category: str) -> str:
    """Where a category's feed lies below the site; "" is the feed of all."""
    return f"rss/{category}.xml" if category else "rss.xml"


def _channel(path: str, category: str, archive: Archive, config: Config, repository_url: str) -> Any:
    subject = category or ", ".join(config.categories)
    feed: Any = FeedGenerator()  # type: ignore[no-untyped-call]
    feed.load_extension("dc")
    feed.title(f"arXiv digest: {category}" if category else "arXiv digest")
    feed.description(f"New papers in {subject} that match the keywords, the best of each day first")
    if address := config.site.address(repository_url):
        feed.link(href=f"{address}/{path}", rel="self", type="application/rss+xml")
    home = f"{config.site.base_url}/" if config.site.base_url else repository_url
    feed.link(href=home or "https://arxiv.org/", rel="alternate")  # feedgen takes the last for the channel's
    feed.generator("arXiv Papers Bot")
    feed.lastBuildDate(archive.latest_run.last_run if archive.latest_run else _BEFORE_THE_FIRST_RUN)
    return feed


def _item(entry: Entry, zone: ZoneInfo, templates: Templates) -> Any:
    paper = entry.paper
    item: Any = FeedEntry()  # type: ignore[no-untyped-call]
    item.load_extension("dc", atom=False)
    item.guid(f"oai:arXiv.org:{paper.id}", permalink=False)
    item.link(href=abs_url(paper))
    item.title(_title(entry))
    abstract = _abstract(paper)
    item.description(abstract)
    item.content(_content(entry, abstract, templates))
    item.pubDate(dt.datetime.combine(entry.digest_date, dt.time(), zone))
    item.category([{"term": category} for category in paper.categories])
    item.dc.dc_creator(list(author_names(paper.authors)))
    return item


def _content(entry: Entry, abstract: str, templates: Templates) -> str:
    return render(
        templates,
        "site/feed_item.html.j2",
        entry=entry,
        keywords=keyword_names(entry.score.matches),
        abstract=Markup(abstract),
        summary=Markup(summary_html(entry, templates.faults)),
    )


def _abstract(paper: Paper) -> str:
    lines = truncate(paper.abstract, MAX_ABSTRACT_CHARS).split("\n")
    return "".join(f"<p>{inline_html(line)}</p>" for line in lines)


def _title(entry: Entry) -> str:
    """Without the sign that opens a tag: some readers take a title for HTML, others for text."""
    title = truncate(plain_formulas(entry.paper.title), MAX_TITLE_CHARS) or entry.paper.id
    return _TAG_START.sub("\u2039", f"[withdrawn] {title}" if entry.withdrawn else title)
