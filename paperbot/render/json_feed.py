"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) beside the RSS feeds."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from paperbot.config import Config
from paperbot.model import Entry
from paperbot.render.facts import MAX_ABSTRACT_CHARS, abs_url, tldr
from paperbot.render.feeds import Feed, home_url, item_content, item_id, item_title
from paperbot.render.site_data import keyword_names
from paperbot.render.templating import Templates
from paperbot.text import plain_formulas, truncate
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


def paper_item(entry: Entry, zone: ZoneInfo, templates: Templates) -> dict[str, object]:
    """A paper shown in full."""
    paper = entry.paper
    published = dt.datetime.combine(entry.digest_date, dt.time(), zone)
    item = {
        "id": item_id(paper),
        "url": abs_url(paper),
        "title": item_title(entry),
        "content_html": item_content(entry, templates),
        "summary": plain_formulas(tldr(entry) or truncate(paper.abstract, MAX_ABSTRACT_CHARS)),
        "date_published": published.isoformat(),
        # A revision: most papers were last changed before their digest.
        "date_modified": paper.updated.isoformat() if paper.updated > published else "",
        "authors": [{"name": name} for name in author_names(paper.authors)],
        "tags": [*paper.categories, *keyword_names(entry.score.matches)],
    }
    return {name: value for name, value in item.items() if value not in ("", [])}
