"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) beside the RSS feeds."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from paperbot.config import Config
from paperbot.containment import Faults
from paperbot.model import Entry
from paperbot.render.facts import tldr
from paperbot.render.feeds import Feed, home_url
from paperbot.render.site_data import keyword_names, summary_html
from paperbot.text import inline_html, plain_formulas
from paperbot.text.authors import author_names

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(
    feed: Feed,
    items: Iterable[Mapping[str, object]],
    config: Config,
    repository_url: str,
    acknowledgement: str,
) -> str:
    """The text of the JSON feed beside an RSS feed; addresses that are not known are left out."""
    address = config.site.address(repository_url)
    document = {
        "version": VERSION,
        "title": feed.title,
        "description": f"{feed.description}. {acknowledgement}",
        "home_page_url": home_url(config, repository_url),
        "feed_url": f"{address}/{json_path(feed)}" if address else "",
        "items": list(items),
    }
    present = {name: value for name, value in document.items() if value != ""}
    return json.dumps(present, ensure_ascii=False, indent=1)


def json_path(feed: Feed) -> str:
    """The path of the JSON feed below the site."""
    return feed.path.removesuffix(".xml") + ".json"


def paper_item(entry: Entry, zone: ZoneInfo, faults: Faults) -> dict[str, object]:
    """A paper shown in full; its id is the same in every later version of the feed."""
    paper = entry.paper
    title = plain_formulas(paper.title) or paper.id
    content = [f"<p><b>{inline_html(text)}</b></p>"] if (text := tldr(entry)) else []
    content.append(summary_html(entry, faults))
    content += (f"<p>{inline_html(line)}</p>" for line in paper.abstract.split("\n") if line)
    item = {
        "id": f"oai:arXiv.org:{paper.id}",
        "url": f"https://arxiv.org/abs/{paper.id}",
        "title": f"[withdrawn] {title}" if entry.withdrawn else title,
        "content_html": "".join(content) or f"<p>{inline_html(title)}</p>",
        "summary": plain_formulas(paper.abstract),
        "date_published": dt.datetime.combine(entry.digest_date, dt.time(), zone).isoformat(),
        "date_modified": paper.updated.isoformat(),
        "authors": [{"name": name} for name in author_names(paper.authors)],
        "tags": [*paper.categories, *keyword_names(entry.score.matches)],
    }
    return {name: value for name, value in item.items() if value not in ("", [])}
