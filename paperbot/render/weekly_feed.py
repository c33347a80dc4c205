"""The feeds of the weekly round-ups, RSS and JSON: one item a week, with the week's best papers."""

import datetime as dt

from paperbot.archive import Archive
from paperbot.archive.layout import week_path
from paperbot.config import Config
from paperbot.render.feeds import Feed, TextItem, acknowledgement, feed_channel
from paperbot.render.json_feed import json_feed, json_path
from paperbot.render.overview_on_page import week_overviews_on_page
from paperbot.render.templating import Templates, counted, render
from paperbot.weekly import WeekReview, finished_weeks, review_week

WEEKLY_FEED = "rss/weekly.xml"
MAX_WEEKS = 4
"""So many are always loaded: with more of them, the feed would tell how much a run has loaded."""


def render_weekly_feed(
    archive: Archive, config: Config, templates: Templates, repository_url: str = "", home_url: str = ""
) -> dict[str, str]:
    """The feeds by their paths below the site.

    `home_url` is where GitHub shows the files below the root, with a slash at its end: an item leads to the
    week's page there. Without it, items have no link.
    """
    description = "Each week's best papers, after the week's last announcement"
    feed = Feed(WEEKLY_FEED, "weekly round-ups", description, ())
    thanks = acknowledgement(templates)
    channel = feed_channel(feed, archive, config, repository_url, thanks)
    items: list[TextItem] = []
    for week in finished_weeks(archive)[:MAX_WEEKS]:
        with templates.faults.contained(f"The feed's item of {week.name}"):
            items.append(_item(review_week(archive, week, {}), templates, home_url))
    channel.entry([item.as_rss() for item in items])
    json_items = [item.as_json() for item in items]
    return {
        WEEKLY_FEED: channel.rss_str(pretty=True).decode(),
        json_path(feed): json_feed(feed, json_items, config, repository_url, thanks),
    }


def _item(review: WeekReview, templates: Templates, home_url: str) -> TextItem:
    week, overviews = review.week, week_overviews_on_page(review)
    return TextItem(
        id=f"arxiv-papers-bot:{week.name}",
        title=f"Week {week.number} of {week.year}: {counted(review.papers, 'matching paper')}",
        content=render(templates, "site/week_item.html.j2", review=review, overviews=overviews),
        published=week.finished_at.astimezone(dt.UTC),
        url=home_url and home_url + week_path(week.name),
    )
