"""Every decision about today's digest: what of arXiv's answer is new, and how it changes the archive."""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from paperbot.archive import Archive
from paperbot.archive.journal import FinishedTexts
from paperbot.config import Config
from paperbot.follow_up import Following, updated_entries
from paperbot.model import (
    Candidate,
    Entry,
    KeywordProposal,
    NoticeKind,
    Overview,
    Paper,
    RunRecord,
    Summary,
    TlDr,
    announcement_order,
)
from paperbot.ranking.interests import ExamplesByTopic, rank_topics
from paperbot.ranking.proposals import propose_keywords
from paperbot.ranking.topics import TopicRanking, find_related, rank_papers
from paperbot.sources.window import FetchedWindow
from paperbot.summaries import Outcome

log = logging.getLogger(__name__)

SOURCE_NOTICES = {NoticeKind.BROKEN_ENTRY, NoticeKind.FROM_FEED}
TREND_DAYS = 31
"""Also more than `days_back` can be."""
WEEK_DAYS = 7


def loaded_since(today: dt.date, config: Config) -> dt.date:
    """The date from which on a run needs the archive: to know what was shown before, and for the trends."""
    held_days = config.arxiv.held_days + WEEK_DAYS
    return today - dt.timedelta(days=max(held_days, TREND_DAYS, config.follow_up.days) + 1)


def with_todays_digest(
    archive: Archive,
    fetched: FetchedWindow,
    config: Config,
    *,
    starred: Collection[str] = (),
    examples: ExamplesByTopic | None = None,
) -> Archive:
    """The archive with what this run found, changes of papers shown before included. Pure.

    `starred` are ids of papers; `examples` are the reader's picks and library.
    """
    today = date_of(fetched.now, config)
    following = Following(today, config.follow_up.days, starred)
    # A later run of a Monday does not ask again for papers held long, but ranks them by the present topics.
    by_id = {entry.paper.id: entry.paper for entry in archive.shown(today)} | dict(fetched.papers)
    papers = list(by_id.values())
    earlier_ids = _seen_before(archive, papers, today)
    rankings = rank_topics(papers, config.topic_rules, earlier_ids, examples or {}, config.interests.weight)
    candidates = rank_papers(rankings)
    max_papers = {ranking.rules.name: ranking.rules.max_papers for ranking in rankings}
    archive = with_news(archive, fetched.papers.values(), following)
    archive = archive.with_entries(merged_digest(archive, candidates, today, max_papers))
    archive = archive.with_related(today, related_papers(archive, rankings, today, config.interests.related))
    run = _run_record(archive, fetched, candidates, config)
    return archive.with_run(
        replace(run, proposals=run.proposals or _proposals(archive, rankings, today, starred))
    )


def with_news(archive: Archive, papers: Iterable[Paper], following: Following) -> Archive:
    """The archive after earlier digests have learnt how these papers are now.

    A paper that was known from the feed alone gets its time of submission, which decides between equal
    points: so its digest is ranked again. What a page has shown in full stays so, and nothing is added.
    """
    updated = updated_entries(archive, papers, following)
    archive = archive.with_entries(updated)
    for date in {entry.digest_date for entry in updated} - {following.today}:
        archive = archive.with_entries(_ranked(archive.of(date), max_papers={}))
    return archive


def _seen_before(archive: Archive, papers: Iterable[Paper], date: dt.date) -> set[str]:
    """The ids of the papers that were announced before the last run before a date."""
    seen = [run.newest_id for run in archive.runs.values() if run.date < date]
    seen += [entry.paper.id for entry in archive.entries.values() if entry.digest_date < date]
    newest = announcement_order(max(seen, key=announcement_order, default=""))
    return {paper.id for paper in papers if announcement_order(paper.id) <= newest}


def related_papers(
    archive: Archive, rankings: Sequence[TopicRanking], today: dt.date, max_related: int
) -> list[Entry]:
    """Today's papers without a keyword, for the free places of its topics; none without a matching paper.

    Only papers announced since the last digest: on a date without one they wait for the next. What was listed
    is listed no more, and an earlier run's papers of today stay, unless they match now.
    """
    if not archive.of(today):
        return []
    earlier_digest = max((date for date in archive.dates if date < today), default=dt.date.min)
    papers = [one.paper for ranking in rankings[:1] for one in ranking.assessments]
    known = _seen_before(archive, papers, earlier_digest + dt.timedelta(days=1))
    known.update(archive.entries, archive.related, (line.paper_id for line in archive.broken))
    known.update(one.paper.id for ranking in rankings for one in ranking.assessments if one.score.matches)
    abstracts = {paper.id: paper.abstract for paper in papers}  # the archive keeps none of these papers
    earlier = (entry for entry in archive.related_of(today) if entry.paper.id not in archive.entries)
    related = [
        replace(entry, paper=replace(entry.paper, abstract=abstracts.get(entry.paper.id, "")))
        for entry in earlier
    ]
    for ranking in rankings:
        taken = sum(entry.topic == ranking.rules.name for entry in (*related, *archive.of(today)))
        listed = sum(entry.topic == ranking.rules.name for entry in related)
        free_places = min(max_related - listed, ranking.rules.max_papers - taken)
        found = find_related(ranking, known, free_places)
        related += [_new_entry(one, today) for one in found]
        known.update(candidate.paper.id for candidate in found)
    in_order = sorted(related, key=lambda entry: entry.rank_key)
    return [replace(entry, rank=rank) for rank, entry in enumerate(in_order, 1)]


def _proposals(
    archive: Archive, rankings: Sequence[TopicRanking], today: dt.date, starred: Collection[str]
) -> tuple[KeywordProposal, ...]:
    """Keywords to propose, in the first run of a week; none that the two proposals before both had."""
    earlier = [run for date, run in sorted(archive.runs.items()) if date < today]
    monday = today - dt.timedelta(days=today.weekday())
    if not earlier or earlier[-1].date >= monday:
        return ()
    before = [{one.term for one in run.proposals} for run in earlier if run.proposals][-2:]
    recent = before[0] & before[1] if len(before) == 2 else set()
    return tuple(one for ranking in rankings for one in propose_keywords(ranking, starred, recent))


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
            before = today_before.get(paper.id)
            entry = _refreshed(before, candidate) if before else _new_entry(candidate, today)
            related = archive.related.get(paper.id)
            related_on = related.digest_date if related and related.digest_date != today else None
            if entry.related_on != related_on:
                entry = replace(entry, related_on=related_on)
            merged[paper.id] = entry
    return _ranked(merged.values(), max_papers)


def _new_entry(candidate: Candidate, today: dt.date) -> Entry:
    """Not ranked yet."""
    return Entry(
        candidate.paper,
        today,
        rank=0,
        shown=False,
        score=candidate.score,
        type=candidate.type,
        topic=candidate.topic,
        also_in=candidate.also_in,
        likeness=candidate.likeness,
    )


def _refreshed(entry: Entry, candidate: Candidate) -> Entry:
    """The entry of an earlier run of this date, as this run ranks it."""
    is_less = candidate.paper.from_feed and not entry.paper.from_feed
    return replace(
        entry,
        paper=entry.paper if is_less else candidate.paper,
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
        shown = entry.shown or (has_place and bool(entry.paper.abstract))
        paper = entry.paper if shown else replace(entry.paper, abstract="")
        ranked.append(replace(entry, rank=rank, shown=shown, paper=paper))
    return ranked


def with_recovered_summaries(
    archive: Archive,
    kept: FinishedTexts,
    before: Archive,
    today: dt.date,
) -> Archive:
    """The archive with the summaries and TL;DRs that a killed run had finished, and what they cost. Pure."""
    run = archive.runs[today]
    finished: list[tuple[str, Summary | TlDr]] = [*kept.summaries.items(), *kept.tldrs.items()]
    fresh = [
        text
        for paper_id, text in finished
        if (entry := archive.entries.get(paper_id) or archive.related.get(paper_id))
        and (text not in (entry.summary, entry.tldr) or entry.digest_date not in before.runs)
    ]
    spent = replace(
        run,
        input_tokens=run.input_tokens + sum(text.input_tokens for text in fresh),
        output_tokens=run.output_tokens + sum(text.output_tokens for text in fresh),
    )
    return archive.with_summaries(kept.summaries).with_tldrs(kept.tldrs).with_run(spent)


def with_new_summaries(archive: Archive, outcome: Outcome, today: dt.date) -> Archive:
    """The archive with the summaries of this run, its TL;DRs and overviews, and what they cost. Pure."""
    run = archive.runs[today]
    spent = replace(
        run,
        input_tokens=run.input_tokens + outcome.input_tokens,
        output_tokens=run.output_tokens + outcome.output_tokens,
        notices=(*(notice for notice in run.notices if notice.kind in SOURCE_NOTICES), *outcome.notices),
        overviews=_merged(run.overviews, [one for one in outcome.overviews if not one.week]),
        week_overviews=_merged(run.week_overviews, [one for one in outcome.overviews if one.week]),
    )
    return archive.with_summaries(outcome.summaries).with_tldrs(outcome.tldrs).with_run(spent)


def _merged(known: Iterable[Overview], anew: Iterable[Overview]) -> tuple[Overview, ...]:
    """One a topic and week, the newer one."""
    return tuple({(one.week, one.topic): one for one in (*known, *anew)}.values())


def _run_record(
    archive: Archive, fetched: FetchedWindow, candidates: list[Candidate], config: Config
) -> RunRecord:
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
        related=len(archive.related_of(today)),
        announcement_dates=tuple(sorted({*earlier.announcement_dates, *fetched.announcement_dates})),
        stale_since=fetched.stale_since,
        newest_id=max(earlier.newest_id, fetched.newest_id, key=announcement_order),
        topics=tuple(dict.fromkeys((*(topic.name for topic in config.topics), *earlier.topics))),
        paused_topics=tuple(topic.name for topic in config.topics if topic.paused),
        from_feed=fetched.from_feed,
        notices=fetched.notices,
        checked_held_papers=fetched.checked_held_papers or earlier.checked_held_papers,
    )


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
