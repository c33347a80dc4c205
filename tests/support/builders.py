"""Papers and entries for tests, with only what a test cares about spelled out."""

import datetime as dt
from typing import Any

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.model import Candidate, Entry, Match, Paper, PaperType, RunRecord, Score


def utc(text: str) -> dt.datetime:
    """An instant from ISO text without a zone."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def a_paper(paper_id: str = "2512.99001", **given: Any) -> Paper:
    """A paper about nothing in particular."""
    published = given.get("published", utc("2025-12-22T10:00:00"))
    fields: dict[str, Any] = {
        "version": 1,
        "title": "On Nothing in Particular",
        "authors": ("Ada Example",),
        "abstract": "We study nothing in particular.",
        "primary_category": "cs.LG",
        "published": published,
        "updated": published,
    } | given
    fields.setdefault("categories", (fields["primary_category"],))
    return Paper(id=paper_id, **fields)


def a_candidate(paper_id: str = "2512.99001", score: float = 3.0, **given: Any) -> Candidate:
    """A paper that matches with this score."""
    return Candidate(
        a_paper(paper_id, **given), Score(score, (Match("LLM", score, False, True),)), PaperType.NEW
    )


def an_entry(paper_id: str = "2512.99001", digest: str = "2025-12-24", **given: Any) -> Entry:
    """A line of the archive; `paper`, `rank`, `shown` and so on as given."""
    fields: dict[str, Any] = {
        "paper": a_paper(paper_id),
        "rank": 1,
        "shown": True,
        "score": Score(3.0, (Match("LLM", 3.0, False, True),)),
        "type": PaperType.NEW,
    } | given
    return Entry(digest_date=dt.date.fromisoformat(digest), **fields)


def a_run(date: dt.date, **given: Any) -> RunRecord:
    """What the runs of a date saw."""
    last = given.get("last_run", utc("2025-12-24T08:17:00"))
    fields: dict[str, Any] = {"fetched": 900, "matching": 300, "new": 80, "shown": 30, "last_run": last}
    return RunRecord(date, window_start=last - dt.timedelta(days=7), **(fields | given))


def an_archive(*entries: Entry) -> Archive:
    """With these papers and no runs."""
    return Archive().with_entries(entries)


def a_config(**given: Any) -> Config:
    """The defaults but for what is given."""
    return Config.model_validate(given)
