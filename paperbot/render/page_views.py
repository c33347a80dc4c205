"""The archive and the config as the pages' templates may print them."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from paperbot.archive import Archive
from paperbot.archive.layout import INDEX, day_path, entries_path, in_archive, month_of, picture_path
from paperbot.config import Config, Keyword
from paperbot.model import Entry, Notice, NoticeKind, RunRecord
from paperbot.render.charts import ChartView, count_days, count_keywords, draw_days, draw_keywords
from paperbot.render.paper_view import html_text, line, listed_view, paper_view, safe_url
from paperbot.render.views import (
    BannerView,
    DateView,
    DayPageView,
    DigestView,
    IndexView,
    KeywordView,
    Line,
    MonthView,
    PictureView,
    QuietView,
    ReadmeView,
    RepositoryView,
    RoomView,
    RunView,
    ScheduleView,
    SettingsView,
    SiteView,
    Url,
)
from paperbot.schedule import WORKFLOW_FILE, Schedule

EARLIER_ON_README = 14
TITLES_ON_README = 50
TITLES_ON_DAY_PAGE = 1_000
NOTHING_LEFT_OUT = RoomView(limit=0, summaries=0, abstracts=0, papers=0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bot runs, as far as the pages speak of it."""

    schedule: Schedule = Schedule()
    repository: str = ""
    """`owner/name`; empty outside of GitHub Actions."""
    server_url: str = "https://github.com"
    version: str = ""
    """The bot's."""


def readme_view(archive: Archive, config: Config, place: Place) -> ReadmeView:
    """Without the papers: how many of them have room is decided later."""
    date, day = archive.newest_date, archive.latest_run
    return ReadmeView(
        digest=None,
        last_run=run_view(day, config) if day else None,
        quiet=_quiet_view(archive),
        banners=banner_views(day),
        pictures=tuple(_picture_view(name, chart) for name, chart in charts(archive).items()),
        earlier=_earlier_on_readme(archive, date) if date else (),
        digest_count=len(archive.dates),
        index_url=Url(INDEX),
        settings=_settings_view(config),
        schedule=_schedule_view(place.schedule, day, config),
        repository=_repository_view(place),
        site=_site_view(config, place),
        version=line(place.version),
    )


def day_page_view(
    date: dt.date, entries: Sequence[Entry], archive: Archive, config: Config, place: Place
) -> DayPageView:
    """With every paper's whole text, like the README's."""
    run = archive.runs.get(date)
    return DayPageView(
        digest=digest_view(date, entries, run, config, "../", TITLES_ON_DAY_PAGE),
        banners=banner_views(run),
        previous=next(_earlier_views(archive, date, "../"), None),
        index_url=Url("../README.md"),
        readme_url=Url("../../README.md"),
        settings=_settings_view(config),
        version=line(place.version),
    )


def index_view(archive: Archive, place: Place) -> IndexView:
    """Every digest's date there ever was."""
    months = groupby(archive.dates, key=lambda date: date.replace(day=1))
    return IndexView(
        months=tuple(
            MonthView(
                first=first,
                digests=tuple(_date_view(date, archive.digests, "") for date in reversed(list(dates))),
                data_url=Url(in_archive(entries_path(month_of(first)))),
            )
            for first, dates in months
        ),
        digest_count=len(archive.dates),
        readme_url=Url("../README.md"),
        version=line(place.version),
    )


def charts(archive: Archive) -> dict[str, ChartView]:
    """The pictures by the name of their template; none before the first run."""
    dates = [*archive.runs, *archive.digests]
    if not dates:
        return {}
    last = max(dates)
    return {
        "trend": draw_days(count_days(archive, last)),
        "keywords": draw_keywords(count_keywords(archive, last), last),
    }


def digest_view(
    date: dt.date,
    entries: Sequence[Entry],
    run: RunRecord | None,
    config: Config,
    archive_url: str,
    titles: int,
) -> DigestView:
    """A digest with at most `titles` papers by title; `archive_url` is the way from the page to archive/."""
    shown = [entry for entry in entries if entry.shown]
    listed = [entry for entry in entries if not entry.shown]
    papers = tuple(paper_view(entry, place, config) for place, entry in enumerate(shown, start=1))
    return DigestView(
        date=date,
        total=len(entries),
        run=run_view(run, config) if run else None,
        papers=papers,
        listed=tuple(listed_view(entry) for entry in listed[:titles]),
        listed_left_out=len(listed[titles:]),
        summarised=sum(1 for paper in papers if paper.summary and paper.summary.text),
        url=Url(archive_url + in_archive(day_path(date))),
        data_url=Url(archive_url + in_archive(entries_path(month_of(date)))),
        left_out=NOTHING_LEFT_OUT,
    )


def run_view(day: RunRecord, config: Config) -> RunView:
    """What a date's runs saw and spent."""
    return RunView(
        date=day.date,
        last_run=day.last_run.astimezone(config.zone),
        window_start=day.window_start.astimezone(config.zone),
        fetched=day.fetched,
        matching=day.matching,
        new=day.new,
        shown=day.shown,
        covers=tuple(sorted(day.announcement_dates)),
        looked_back=day.checked_held_papers,
        input_tokens=day.input_tokens,
        output_tokens=day.output_tokens,
        cost=_cost(day, config),
    )


def _cost(day: RunRecord, config: Config) -> Line:
    price = config.ai_summary.price
    if price is None or not day.input_tokens + day.output_tokens:
        return Line("")
    millions = day.input_tokens * price.input_per_million + day.output_tokens * price.output_per_million
    return line(f"{millions / 1_000_000:,.2f} {price.currency}")


def _quiet_view(archive: Archive) -> QuietView | None:
    since, last_run = archive.newest_date, archive.latest_run
    if since is None or last_run is None or last_run.date <= since:
        return None
    runs = archive.runs.values()
    announced = [date for run in runs for date in run.announcement_dates]
    return QuietView(
        since=since,
        last_announcement=max(announced, default=None),
        without_match=tuple(
            sorted({date for run in runs if run.date > since for date in run.announcement_dates})
        ),
    )


def notices_of(day: RunRecord) -> tuple[Notice, ...]:
    """What readers must know about a date's last run."""
    if not day.stale_since or NoticeKind.STALE_INDEX in {notice.kind for notice in day.notices}:
        return day.notices
    text = f"arXiv's index is late: it ends with the announcement of {day.stale_since}; more will follow."
    return (*day.notices, Notice(NoticeKind.STALE_INDEX, text))


def banner_views(day: RunRecord | None) -> tuple[BannerView, ...]:
    """The same, as the pages' templates may print it."""
    return tuple(BannerView(notice.kind, line(notice.text)) for notice in (notices_of(day) if day else ()))


def _picture_view(name: str, chart: ChartView) -> PictureView:
    light, dark = (Url(picture_path(name, theme)) for theme in ("light", "dark"))
    return PictureView(light=light, dark=dark, text=html_text(chart.text))


def _earlier_on_readme(archive: Archive, newest: dt.date) -> tuple[DateView, ...]:
    return tuple(islice(_earlier_views(archive, newest, "archive/"), EARLIER_ON_README))


def _earlier_views(archive: Archive, before: dt.date, archive_url: str) -> Iterator[DateView]:
    for date in archive.dates:
        if date < before:
            yield _date_view(date, archive.digests, archive_url)


def _date_view(date: dt.date, loaded: Mapping[dt.date, Sequence[Entry]], archive_url: str) -> DateView:
    return DateView(
        date, Url(archive_url + in_archive(day_path(date))), len(loaded[date]) if date in loaded else None
    )


def _settings_view(config: Config) -> SettingsView:
    summary = config.ai_summary
    return SettingsView(
        categories=tuple(line(category) for category in config.categories),
        keywords=tuple(_keyword_view(keyword) for keyword in config.keywords),
        exclude_keywords=tuple(_keyword_view(keyword) for keyword in config.exclude_keywords),
        watch_authors=tuple(KeywordView(line(author.name), author.weight) for author in config.watch_authors),
        title_bonus=config.title_bonus,
        min_score=config.min_score,
        max_papers=config.max_papers,
        days_back=config.days_back,
        types=tuple(config.types),
        timezone=line(config.timezone),
        summaries=summary.enabled,
        max_summaries=summary.max_papers_to_summarize,
        model=line(summary.model),
        language=line(summary.language),
        api_key_env=line(summary.api_key_env),
    )


def _keyword_view(keyword: Keyword) -> KeywordView:
    return KeywordView(line(keyword.term), keyword.weight)


def _schedule_view(schedule: Schedule, day: RunRecord | None, config: Config) -> ScheduleView:
    next_run = schedule.next_run(day.last_run) if day else None
    return ScheduleView(
        words=line(schedule.words),
        next_run=next_run.astimezone(config.zone) if next_run else None,
        problem=line(schedule.problem),
        workflow=line(schedule.workflow),
        by_hand=schedule.by_hand,
    )


def _repository_view(place: Place) -> RepositoryView:
    if not place.repository:
        return RepositoryView(Line(""), Url(""), Url(""))
    home = f"{place.server_url}/{place.repository}"
    return RepositoryView(
        name=line(place.repository),
        actions_url=Url(f"{home}/actions/workflows/{WORKFLOW_FILE.rpartition('/')[2]}"),
        secrets_url=Url(f"{home}/settings/secrets/actions/new"),
    )


def _site_view(config: Config, place: Place) -> SiteView:
    home = f"{place.server_url}/{place.repository}" if place.repository else ""
    address = config.site.address(home)
    return SiteView(
        enabled=config.site.enabled,
        url=safe_url(config.site.base_url or ""),
        feed_url=safe_url(f"{address}/rss.xml" if address else ""),
        vercel_url=safe_url(f"https://vercel.com/new/import?s={home}" if home else "https://vercel.com/new"),
        branch=line(config.site.branch or ""),
    )
