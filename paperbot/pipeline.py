"""The two steps of a run that ask others: today's papers of arXiv, and their summaries of a model."""

import functools
import logging
from collections.abc import Sequence
from dataclasses import replace

from paperbot.archive import Archive
from paperbot.archive.journal import Journal
from paperbot.archive.store import ids_on_disk
from paperbot.containment import FAULT_TEXT
from paperbot.context import RunContext
from paperbot.digest import what_next, with_news, with_todays_digest
from paperbot.errors import SourceError
from paperbot.follow_up import Following
from paperbot.model import LibraryEntry, Notice, NoticeKind
from paperbot.network import is_arxiv
from paperbot.progress import papers_received, summaries_made
from paperbot.ranking.interests import Interests, examples_by_topic
from paperbot.ranking.picks import starred_ids
from paperbot.reader import with_kept_texts
from paperbot.sources.arxiv_api import ArxivSource
from paperbot.sources.arxiv_rss import ArxivFeed
from paperbot.sources.http import PoliteSession
from paperbot.sources.window import FetchedWindow, PaperSource, Window, plan_window
from paperbot.summaries import Outcome

log = logging.getLogger(__name__)

PDF_PATIENCE_SECONDS = 60.0


def todays_digest(
    context: RunContext, archive: Archive, session: PoliteSession, library: Sequence[LibraryEntry] = ()
) -> Archive:
    """The archive with today's digest. Raises SourceError, in words that say what happens next."""
    settings = context.config.arxiv
    window = plan_window(context.config, context.now, archive.runs.values(), archive.entries.values())
    # arXiv's own feed does not replace another server's API: that is a mirror, or a test.
    has_feed = is_arxiv(settings.rss_url or "") == is_arxiv(settings.api_url)
    feed = ArxivFeed(session, settings.rss_url) if settings.rss_url and has_feed else None
    with papers_received() as received:
        api = ArxivSource(session, settings.api_url, settings.patience_seconds, received)
        try:
            fetched = api.fetch_window(window)
        except SourceError as error:
            from_feed = fetch_instead(feed, window) if feed else None
            if from_feed is None:
                raise SourceError(f"{error}. {what_next(archive, context.config)}") from error
            log.warning("%s; the feed is used instead", error)
            fetched = from_feed
        else:
            if feed:
                fetched = with_older_papers(context, fetched, window, api, feed)
        archive = with_ranked_papers(context, archive, fetched, api, library)
        return archive if fetched.from_feed else with_follow_up(context, archive, api)


def fetch_instead(source: PaperSource, window: Window) -> FetchedWindow | None:
    """The window's papers from a second source; None where that one fails, too."""
    try:
        return source.fetch_window(window)
    except SourceError as error:
        log.warning("the feed does not help: %s", error)
        return None


def with_older_papers(
    context: RunContext, fetched: FetchedWindow, window: Window, api: ArxivSource, feed: ArxivFeed
) -> FetchedWindow:
    """What the API found, and the older papers that today's feed has; without these if it does not work."""
    try:
        with context.faults.contained("The search for older papers with a new cross-list"):
            known = functools.partial(ids_on_disk, context.root)
            return feed.with_older_papers(fetched, window, api, known)
    except SourceError as error:
        log.warning("older papers that are newly cross-listed are not looked for: %s", error)
    return fetched


def with_ranked_papers(
    context: RunContext,
    archive: Archive,
    fetched: FetchedWindow,
    source: ArxivSource,
    library: Sequence[LibraryEntry],
) -> Archive:
    """Today's digest by keywords and likeness; by keywords alone where a fault prevents that."""
    starred = starred_ids(context.repository.picks)
    if context.config.interests.weight:
        with context.faults.contained("The likeness to your papers"):
            interests = Interests(context.repository.picks, library, archive.kept_texts)
            archive = with_kept_texts(
                archive, interests, fetched.papers, None if fetched.from_feed else source
            )
            interests = replace(interests, kept_texts=archive.kept_texts)
            examples = examples_by_topic(context.config.topic_rules, interests.texts())
            return with_todays_digest(archive, fetched, context.config, starred=starred, examples=examples)
    by_keywords = context.config.interests.model_copy(update={"weight": 0.0})
    config = context.config.model_copy(update={"interests": by_keywords})
    return with_todays_digest(archive, fetched, config, starred=starred)


def with_follow_up(context: RunContext, archive: Archive, source: ArxivSource) -> Archive:
    """The archive with what happened to papers shown before; unchanged if arXiv gives no complete answer."""
    if context.environment.dry_run:
        return archive
    following = Following(context.today, context.config.follow_up.days, starred_ids(context.repository.picks))
    with context.faults.contained("The follow-up"):
        ids, is_due = following.ids(archive), following.is_due(archive)
        if not ids:
            return archive
        try:
            papers = source.fetch_by_ids(ids).papers
        except SourceError as error:
            log.warning("no follow-up of earlier papers in this run, the next one tries again: %s", error)
            return archive
        followed = with_news(archive, papers.values(), following)
        run = followed.runs[context.today]
        return followed.with_run(replace(run, followed_up=run.followed_up or is_due))
    return archive


def todays_summaries(
    context: RunContext, archive: Archive, session: PoliteSession, journal: Journal
) -> Outcome | None:
    """None where no summaries are wanted; what earlier runs made stays."""
    if not context.wants_summaries:
        return None
    with context.faults.contained("The summaries"):
        chosen, briefs = context.due(archive), context.briefs_due(archive)
        if not (chosen or briefs.tldrs or briefs.shown or briefs.week):
            return Outcome()
        from paperbot.summaries.run import SummaryInputs, summarise  # bring along all that talks to a server

        with summaries_made(len(chosen), journal.keep) as keep:
            given = SummaryInputs(
                chosen,
                context.config.ai_summary,
                context.prompt,
                context.environment.api_key,
                pdf_url=context.config.arxiv.pdf_url,
                session=session,
                keep=keep,
                briefs=briefs,
                keep_tldr=journal.keep_tldr,
                now=context.now,
                faults=context.faults,
                repository=context.repository.repository or str(context.root.resolve()),
                pdf_patience_seconds=min(PDF_PATIENCE_SECONDS, context.config.arxiv.patience_seconds),
            )
            return summarise(given)
    finished = journal.load()
    return Outcome(
        summaries=finished.summaries,
        tldrs=finished.tldrs,
        notices=(Notice(NoticeKind.FAULT, f"The summaries of this run {FAULT_TEXT}."),),
    )
