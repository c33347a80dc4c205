"""The static site: the page, its data, the feeds, and what it says about itself.

Pure: the same archive, config and templates give the same bytes.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from paperbot.archive import Archive
from paperbot.archive.records import timestamp
from paperbot.config import Config
from paperbot.containment import Faults
from paperbot.model import Entry
from paperbot.ranking.picks import starred_ids
from paperbot.render.exports import feed_exports
from paperbot.render.facts import notices
from paperbot.render.feeds import feed_path, render_feeds, topic_feed_path
from paperbot.render.repository import RepositoryInfo
from paperbot.render.site_data import dump, render_index, render_month, render_today
from paperbot.render.templating import Templates, render
from paperbot.render.weekly_feed import WEEKLY_FEED, render_weekly_feed
from paperbot.schedule import Schedule
from paperbot.text import plain

FOLDER = "site"
SITE_INDEX = f"{FOLDER}/papers.json"
NO_PAPERS: Mapping[str, Sequence[Entry]] = MappingProxyType({})
_COPIED = ("app.js", "style.css", "icon.svg")


def render_site(
    archive: Archive,
    config: Config,
    templates: Templates,
    repository: RepositoryInfo,
    *,
    months: Mapping[str, Sequence[Entry]],
    related: Mapping[str, Sequence[Entry]] = NO_PAPERS,
    previous_index: str = "",
    home_url: str = "",
) -> dict[str, str]:
    """Every file of the site that may have changed, by its path from the root.

    `months` holds the whole months to render, such as `2025-12`: those that changed, and those that
    `months_to_render(archive.dates, previous_index)` names; `related` holds the related papers of these
    months; `previous_index` is the text of site/papers.json, "" when there is none; `home_url` is where
    GitHub shows the files below the root, "" outside of GitHub.
    """
    starred, url, schedule = starred_ids(repository.picks), repository.url, repository.schedule
    assert templates.loader is not None
    files = {path: templates.loader.get_source(templates, f"site/{path}")[0] for path in _COPIED}
    parts: dict[str, Callable[[], Mapping[str, str]]] = {
        "The site's page": lambda: {"index.html": _page(files, config, templates, repository)},
        "The site's data": lambda: _data(archive, months, related, previous_index, templates.faults),
        "The site's status": lambda: {"status.json": dump(_status(archive, schedule), indent=2) + "\n"},
        "The site's config.json": lambda: {"config.json": dump(public_config(config), indent=2) + "\n"},
        "The site's picks": lambda: {"picks.json": dump(_picks(repository), indent=2) + "\n"},
        "The feeds": lambda: render_feeds(archive, config, templates, url, starred),
        "The feeds' exports": lambda: feed_exports(archive, config, templates, url, starred),
        "The weekly feed": lambda: render_weekly_feed(archive, config, templates, url, home_url),
    }
    rendered: dict[str, str] = {}
    for part, make in parts.items():
        with templates.faults.contained(part):
            rendered |= make()
    return {f"{FOLDER}/{path}": text for path, text in (files | rendered).items()}


def _data(
    archive: Archive,
    months: Mapping[str, Sequence[Entry]],
    related: Mapping[str, Sequence[Entry]],
    previous_index: str,
    faults: Faults,
) -> dict[str, str]:
    """The papers as JSON: all or none, since the index gives the sizes of the months' files."""
    files: dict[str, str] = {}
    for month, entries in months.items():
        files |= render_month(month, entries, faults, related.get(month, ()))
    files["today.json"] = render_today(archive, faults)
    files["papers.json"] = render_index(archive.dates, months, files, previous_index)
    return files


def _picks(repository: RepositoryInfo) -> dict[str, Any]:
    """The reader's picks, and the beginnings of the addresses of GitHub's forms for them."""
    star, taken_back = str(repository.star_url("")), str(repository.taken_back_url(""))
    return {
        "new": star.partition("&")[0],
        "delete": taken_back,
        "picks": {paper_id: str(kind) for paper_id, kind in sorted(repository.picks.items())},
    }


def public_config(config: Config) -> dict[str, Any]:
    """The effective config for everyone to read: not where the key is, no credentials in an address."""
    shown = config.model_dump(mode="json")
    del shown["ai_summary"]["api_key_env"]
    for section in (shown["ai_summary"], shown["arxiv"], shown["site"]):
        section |= {name: _bare(url) for name, url in section.items() if name.endswith("_url") and url}
    return shown


def _bare(url: str) -> str:
    """Without name, password, query and fragment, any of which may hold a key."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _page(files: Mapping[str, str], config: Config, templates: Templates, repository: RepositoryInfo) -> str:
    terms = (plain(keyword.term) for topic in config.topic_rules for keyword in topic.keywords)
    # The fingerprint makes a browser fetch a file's new release although it keeps the old one.
    versions = {path: hashlib.sha256(text.encode()).hexdigest()[:12] for path, text in files.items()}
    return render(
        templates,
        "site/index.html.j2",
        categories=config.categories,
        keywords=list(dict.fromkeys(terms)),
        topics=[plain(topic.name) for topic in config.topics],
        feeds=[("all", feed_path("")), ("weekly", WEEKLY_FEED)]
        + [(category, feed_path(category)) for category in config.categories]
        + [(plain(topic.name), topic_feed_path(topic.slug)) for topic in config.topics],
        schedule=repository.schedule.words,
        repository_url=repository.url,
        versions=versions,
    )


def _status(archive: Archive, schedule: Schedule) -> dict[str, Any]:
    day = archive.latest_run
    if day is None:
        return {"status": "no run yet", "schedule": schedule.words}
    reasons = [{"kind": notice.kind, "text": plain(notice.text)} for notice in notices(day)]
    listings = [date for run in archive.runs.values() for date in run.announcement_dates]
    next_run = schedule.next_run(day.last_run)
    return {
        "status": "degraded" if reasons else "ok",
        "reasons": reasons,
        "last_run": timestamp(day.last_run),
        "last_run_date": day.date.isoformat(),
        "last_announcement": max(listings).isoformat() if listings else None,
        "last_digest": archive.dates[0].isoformat() if archive.dates else None,
        "counts": {
            "fetched": day.fetched,
            "matching": day.matching,
            "new": day.new,
            "shown": day.shown,
            "digests": len(archive.dates),
        },
        "window_start": timestamp(day.window_start),
        "tokens": {"input": day.input_tokens, "output": day.output_tokens},
        "schedule": schedule.words,
        "next_run": timestamp(next_run) if next_run else None,
    }
