"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) of papers shown in full."""

import datetime as dt
import json
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from paperbot.containment import Faults
from paperbot.model import Entry, Paper
from paperbot.render.facts import tldr
from paperbot.render.site_data import keyword_names, summary_html
from paperbot.text import inline_html, plain_formulas
from paperbot.text.authors import author_names

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(
    entries: Iterable[Entry],
    zone: ZoneInfo,
    faults: Faults,
    title: str,
    description: str = "",
    home_page_url: str = "",
    feed_url: str = "",
) -> str:
    """The feed's text; an address that is "" is left out. Items keep their id in every later version."""
    feed = {
        "version": VERSION,
        "title": title,
        "description": description,
        "home_page_url": home_page_url,
        "feed_url": feed_url,
        "items": [_item(entry, zone, faults) for entry in entries],
    }
    return json.dumps(
        {name: value for name, value in feed.items() if value != ""}, ensure_ascii=False, indent=1
    )


def _item(entry: Entry, zone: ZoneInfo, faults: Faults) -> dict[str, object]:
    paper = entry.paper
    title = plain_formulas(paper.title) or paper.id
    item = {
        "id": f"oai:arXiv.org:{paper.id}",
        "url": f"https://arxiv.org/abs/{paper.id}",
        "title": f"[withdrawn] {title}" if entry.withdrawn else title,
        "content_html": _tldr_html(entry) + summary_html(entry, faults) + _abstract_html(paper),
        "summary": plain_formulas(paper.abstract),
        "date_published": dt.datetime.combine(entry.digest_date, dt.time(), zone).isoformat(),
        "date_modified": paper.updated.isoformat(),
        "authors": [{"name": name} for name in author_names(paper.authors)],
        "tags": [*paper.categories, *keyword_names(entry.score.matches)],
    }
    return {name: value for name, value in item.items() if value not in ("", [])}


def _tldr_html(entry: Entry) -> str:
    text = tldr(entry)
    return f"<p><b>{inline_html(text)}</b></p>" if text else ""


def _abstract_html(paper: Paper) -> str:
    return "".join(
        f"<p>{inline_html(paragraph)}</p>" for paragraph in paper.abstract.split("\n") if paragraph
    )
