"""The RSS feed of the weekly round-ups: one item a week, with the week's best papers."""

import datetime as dt
from typing import Any

from feedgen.entry import FeedEntry

from paperbot.archive import Archive
from paperbot.archive.layout import week_path
from paperbot.config import Config
from paperbot.render.feeds import Feed, acknowledgement, feed_channel
from paperbot.render.templating import Templates, counted, render
from paperbot.weekly import WeekReview, finished_weeks, review_week

WEEKLY_FEED = "rss/weekly.xml"
MAX_WEEKS = 12


def render_weekly_feed(
    archive: Archive, config: Config, templates: Templates, repository_url: str = "", home_url: str = ""
) -> dict[str, str]:
    """The feed by its path below the site.

    `home_url` is where GitHub shows the files below the root, with a slash at its end: an item leads to the
    week's page there. Without it, items have no link.
    """
    description = "Each week's best papers, after the week's last announcement"
    feed = Feed(WEEKLY_FEED, "weekly round-ups", description, ())
    channel = feed_channel(feed, archive, config, repository_url, acknowledgement(templates))
    items = []
    for week in finished_weeks(archive)[:MAX_WEEKS]:
        with templates.faults.contained(f"The feed's item of {week.name}"):
            items.append(_item(review_week(archive, week, {}), templates, home_url))
    channel.entry(items)
    return {WEEKLY_FEED: channel.rss_str(pretty=True).decode()}


def _item(review: WeekReview, templates: Templates, home_url: str) -> Any:
    week = review.week
    item: Any = FeedEntry()  # type: ignore[no-untyped-call]
    item.guid(f"arxiv-papers-bot:{week.name}", permalink=False)
    if home_url:
        item.link(href=home_url + week_path(week.name))
    title = f"Week {week.number} of {week.year}: {counted(review.papers, 'matching paper')}"
    item.title(title)
    item.description(title)
    item.content(render(templates, "site/week_item.html.j2", review=review))
    item.pubDate(week.finished_at.astimezone(dt.UTC))
    return item
