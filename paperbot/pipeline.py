"""The two steps of a run that ask others: today's papers of arXiv, and their summaries of a model."""

from paperbot.archive.journal import Journal
from paperbot.archive.store import Archive
from paperbot.context import Job
from paperbot.digest import fetch, what_next, with_todays_digest
from paperbot.errors import SourceError
from paperbot.progress import papers_received, summaries_made
from paperbot.sources.arxiv_api import ArxivSource
from paperbot.sources.http import PoliteSession
from paperbot.summaries import Outcome

PDF_PATIENCE_SECONDS = 60.0


def todays_digest(job: Job, archive: Archive, session: PoliteSession) -> Archive:
    """The archive with today's digest. Raises SourceError, in words that say what happens next."""
    settings = job.config.arxiv
    with papers_received() as received:
        source = ArxivSource(session, settings.api_url, settings.patience_seconds, received)
        try:
            fetched = fetch(source, archive, job.config, job.now)
        except SourceError as error:
            raise SourceError(f"{error}. {what_next(archive, job.config)}") from error
    return with_todays_digest(archive, fetched, job.config)


def todays_summaries(job: Job, archive: Archive, session: PoliteSession, journal: Journal) -> Outcome | None:
    """None where no summaries are wanted; what earlier runs made stays."""
    if not job.wants_summaries:
        return None
    chosen = job.due(archive)
    if not chosen:
        return Outcome()
    from paperbot.summaries.making import summarise  # brings along all that talks to a server

    with summaries_made(len(chosen), journal.keep) as keep:
        return summarise(
            chosen,
            job.config.ai_summary,
            job.prompt,
            job.environment.api_key,
            pdf_url=job.config.arxiv.pdf_url,
            session=session,
            keep=keep,
            now=job.now,
            pdf_patience_seconds=min(PDF_PATIENCE_SECONDS, job.config.arxiv.patience_seconds),
        )
