"""Every decision about today's digest: which papers to ask arXiv for, and which of them are new."""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.model import Candidate, Entry, Paper, RunRecord, Summary, announcement_order
from paperbot.ranking.keywords import is_withdrawn
from paperbot.ranking.topics import assess_topic, rank_papers
from paperbot.sources.arxiv_api import ArxivSource
from paperbot.sources.calendar import covered, index_end
from paperbot.summaries import Outcome

log = logging.getLogger(__name__)

TREND_DAYS = 31
WEEK_DAYS = 7
MAX_PAUSE_DAYS = 31
"""After a longer pause, papers that were held for weeks and announced during it are not looked for."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What arXiv answered to a run, complete."""

    now: dt.datetime
    window_start: dt.datetime
    papers: Mapping[str, Paper] = field(repr=False)
    checked_held_papers: bool
    stale_since: dt.date | None
    """The last announcement in arXiv's index, if its newest one is missing from it."""


def loaded_since(today: dt.date, config: Config) -> dt.date:
    """From which month on a run needs the archive: what its papers may have been shown in, and the trends."""
    held_days = config.arxiv.held_days + WEEK_DAYS
    return today - dt.timedelta(days=max(config.days_back, held_days, TREND_DAYS) + 1)


def fetch(source: ArxivSource, archive: Archive, config: Config, now: dt.datetime) -> Fetched:
    """The window's papers, and when it is time those held longer. Raises SourceError."""
    window_start = _window_start(archive, config, now)
    papers = dict(source.fetch_window(config.categories, window_start, now))
    stale_since = index_end(papers.values(), window_start, now)
    log.info("arXiv has %d papers since %s", len(papers), f"{window_start:%Y-%m-%d %H:%M} UTC")
    checks_held_papers = needs_look_back(archive, date_of(now, config), config.days_back)
    if checks_held_papers:
        papers = _held(source, archive, config, now) | papers
    return Fetched(now, window_start, papers, checks_held_papers, stale_since)


def _window_start(archive: Archive, config: Config, now: dt.datetime) -> dt.datetime:
    """A later run of a date keeps the start of the first one, so that both report on the same window."""
    start = now - dt.timedelta(days=config.days_back)
    today = archive.runs.get(date_of(now, config))
    if today and start - dt.timedelta(days=1) < today.window_start < start:
        return today.window_start
    return start


def _held(source: ArxivSource, archive: Archive, config: Config, now: dt.datetime) -> dict[str, Paper]:
    """Papers submitted before the window and announced since the digests that are older than it."""
    today = date_of(now, config)
    above = highest_known_id(archive, today, config.days_back)
    if above is None or config.arxiv.held_days <= config.days_back:
        return {}
    days = config.arxiv.held_days + _days_since_look_back(archive, today)
    start, end = (now - dt.timedelta(days=days_ago) for days_ago in (days, config.days_back))
    earlier = source.fetch_span(config.categories, start, end)
    held = {
        key: paper for key, paper in earlier.items() if announcement_order(key) > announcement_order(above)
    }
    log.info("looked back %d days: %d papers were held longer than the window", days, len(held))
    return held


def _days_since_look_back(archive: Archive, today: dt.date) -> int:
    """How much older than `held_days` a paper may be that was announced right after the last look back."""
    checked = [date for date, run in archive.runs.items() if run.checked_held_papers and date < today]
    last = max(checked, default=min(archive.runs, default=today - dt.timedelta(days=WEEK_DAYS)))
    return min((today - last).days, MAX_PAUSE_DAYS)


def with_todays_digest(archive: Archive, fetched: Fetched, config: Config) -> Archive:
    """The archive with what this run found; newer versions and withdrawals noted. Pure."""
    today = date_of(fetched.now, config)
    topics = config.topic_rules
    candidates = rank_papers(assess_topic(fetched.papers.values(), rules) for rules in topics)
    max_papers = {rules.name: rules.max_papers for rules in topics}
    archive = archive.with_entries(updated_entries(archive, fetched.papers.values()))
    archive = archive.with_entries(merged_digest(archive, candidates, today, max_papers))
    return archive.with_run(_run_record(archive, fetched, candidates, config))


def merged_digest(
    archive: Archive, candidates: Sequence[Candidate], today: dt.date, max_papers: Mapping[str, int]
) -> list[Entry]:
    """Today's digest: what it held before, and the candidates that no other date's digest holds.

    Nothing that was shown is taken back. Ranks are given anew over both. `max_papers` is by topic. Only the
    id decides whether a paper is new: one that was in a digest comes in no other, whatever topics are added,
    renamed, paused or removed.
    """
    elsewhere = {line.paper_id for line in archive.broken}
    elsewhere.update(entry.paper.id for entry in archive.entries.values() if entry.digest_date != today)
    today_before = {entry.paper.id: entry for entry in archive.of(today)}
    merged = dict(today_before)
    for candidate in candidates:
        paper = candidate.paper
        if paper.id not in elsewhere:
            entry = today_before.get(paper.id) or Entry(
                paper, today, 0, False, candidate.score, candidate.type
            )
            merged[paper.id] = _refreshed(entry, candidate)
    return _ranked(merged.values(), max_papers)


def _refreshed(entry: Entry, candidate: Candidate) -> Entry:
    """The entry, perhaps of an earlier run of this date, as this run ranks it."""
    return replace(
        entry,
        paper=candidate.paper,
        score=candidate.score,
        type=candidate.type,
        topic=candidate.topic,
        also_in=candidate.also_in,
        likeness=candidate.likeness,
    )


def _ranked(entries: Iterable[Entry], max_papers: Mapping[str, int]) -> list[Entry]:
    """Ranks are over the whole digest; the best `max_papers` of each topic are shown in full."""
    place_in_topic: Counter[str] = Counter()
    ranked = []
    for rank, entry in enumerate(sorted(entries, key=lambda entry: entry.rank_key), 1):
        place_in_topic[entry.topic] += 1
        has_place = place_in_topic[entry.topic] <= max_papers.get(entry.topic, 0)
        ranked.append(_as_ranked(entry, rank, entry.shown or (has_place and bool(entry.paper.abstract))))
    return ranked


def _as_ranked(entry: Entry, rank: int, shown: bool) -> Entry:
    paper = entry.paper if shown else replace(entry.paper, abstract="")
    return replace(entry, rank=rank, shown=shown, paper=paper)


def updated_entries(archive: Archive, papers: Iterable[Paper]) -> list[Entry]:
    """The archive's entries whose papers have a newer version, or were withdrawn, as they are now."""
    changed = []
    for paper in papers:
        entry = archive.entries.get(paper.id)
        if entry and (paper.version > entry.paper.version or is_withdrawn(paper) > entry.withdrawn):
            known = replace(entry.paper, version=paper.version, updated=paper.updated)
            changed.append(replace(entry, paper=known, withdrawn=is_withdrawn(paper)))
    return changed


def needs_look_back(archive: Archive, today: dt.date, days_back: int) -> bool:
    """Is this the first run of a week, or the first after more than `days_back` days without one?"""
    if not archive.runs:
        return bool(archive.dates)
    monday = today - dt.timedelta(days=today.weekday())
    first_of_week = not any(monday <= date <= today for date in archive.runs)
    return first_of_week or (today - max(archive.runs)).days > days_back


def highest_known_id(archive: Archive, today: dt.date, days_back: int) -> str | None:
    """The id above which a paper from before the window is news; None on a fresh archive.

    The highest in the digests more than `days_back` days old, or in the first digest while there is none so
    old: what was announced since has a higher one.
    """
    dates = {entry.digest_date for entry in archive.entries.values() if entry.digest_date < today}
    if not dates:
        return None
    settled = {date for date in dates if (today - date).days > days_back} or {min(dates)}
    ids = [entry.paper.id for entry in archive.entries.values() if entry.digest_date in settled]
    return max(ids, key=announcement_order)


def with_recovered_summaries(
    archive: Archive, kept: Mapping[str, Summary], before: Archive, today: dt.date
) -> Archive:
    """The archive with the summaries that a killed run had finished, and what they cost. Pure."""
    run = archive.runs[today]
    fresh = [
        summary
        for paper_id, summary in kept.items()
        if (entry := archive.entries.get(paper_id))
        and (entry.summary != summary or entry.digest_date not in before.runs)
    ]
    spent = replace(
        run,
        input_tokens=run.input_tokens + sum(summary.input_tokens for summary in fresh),
        output_tokens=run.output_tokens + sum(summary.output_tokens for summary in fresh),
    )
    return archive.with_summaries(kept).with_run(spent)


def with_new_summaries(archive: Archive, outcome: Outcome, today: dt.date) -> Archive:
    """The archive with the summaries of this run and what they cost. Pure."""
    run = archive.runs[today]
    spent = replace(
        run,
        input_tokens=run.input_tokens + outcome.input_tokens,
        output_tokens=run.output_tokens + outcome.output_tokens,
        notices=outcome.notices,
    )
    return archive.with_summaries(outcome.summaries).with_run(spent)


def _run_record(archive: Archive, fetched: Fetched, candidates: list[Candidate], config: Config) -> RunRecord:
    """This date's record; what earlier runs of the date covered and spent stays in it."""
    today = date_of(fetched.now, config)
    last_run, window_start = (
        instant.replace(microsecond=0) for instant in (fetched.now, fetched.window_start)
    )
    earlier = archive.runs.get(today) or RunRecord(today, last_run, window_start, 0, 0, 0, 0)
    return replace(
        earlier,
        last_run=last_run,
        window_start=window_start,
        fetched=max(len(fetched.papers), earlier.fetched),
        matching=max(len(candidates), earlier.matching),
        new=len(archive.of(today)),
        shown=len(archive.shown(today)),
        announcement_dates=_announcement_dates(archive, fetched, config),
        stale_since=fetched.stale_since,
        checked_held_papers=fetched.checked_held_papers or earlier.checked_held_papers,
    )


def _announcement_dates(archive: Archive, fetched: Fetched, config: Config) -> tuple[dt.date, ...]:
    """The announcements that no earlier date's digest took in."""
    today = date_of(fetched.now, config)
    earlier = [
        listing for date, run in archive.runs.items() if date < today for listing in run.announcement_dates
    ]
    days_back = max(config.days_back, config.arxiv.held_days) if earlier else config.days_back
    start = fetched.now - dt.timedelta(days=days_back)
    return covered(earlier, start, fetched.now, fetched.stale_since)


def what_next(archive: Archive, config: Config) -> str:
    """After a failure: when it last worked, and why nothing is lost yet."""
    last = max((run.last_run for run in archive.runs.values()), default=None)
    worked = f"It last worked on {last:%d %B %Y at %H:%M} UTC." if last else "It has not worked before."
    back = max(config.days_back, config.arxiv.held_days)
    return (
        f"{worked} Nothing was changed, and nothing is lost: the next run looks back {config.days_back} "
        f"days, and up to {back} days if the bot has not run for longer."
    )


def date_of(now: dt.datetime, config: Config) -> dt.date:
    """The user's date at an instant."""
    return now.astimezone(config.zone).date()
