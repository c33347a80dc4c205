"""The archive's public format: one entry, or one date's record, as a line of JSON and back.

Described for its readers in archive/README.md. Times are UTC with a Z; unknown fields are kept.
"""

import datetime as dt
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from paperbot.model import (
    RunRecord,
    Entry,
    Grounding,
    Match,
    Notice,
    Paper,
    PaperType,
    Score,
    Summary,
    SummarySource,
)

Model = TypeVar("Model", bound=BaseModel)


class _Line(BaseModel):
    """Fields that are not named here stay in `model_extra`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @property
    def extra(self) -> Mapping[str, Any]:
        return self.model_extra or {}


class _Match(BaseModel):
    keyword: str
    weight: float
    title: bool
    abstract: bool
    author: bool = False


class _Summary(_Line):
    text: str = ""
    reason: str = ""
    model: str = ""
    source: SummarySource | None = None
    prompt: str = ""
    version: int = 1
    input_tokens: int = 0
    output_tokens: int = 0
    made: AwareDatetime | None = None
    cut_short: bool = False
    figures_found: int | None = None
    figures_checked: int = 0
    figures_missing: tuple[str, ...] = ()
    hidden_text: str = ""


class _Entry(_Line):
    id: str
    version: int
    digest: dt.date
    rank: int
    shown: bool
    score: float
    matches: tuple[_Match, ...]
    type: PaperType
    title: str
    authors: tuple[str, ...]
    primary_category: str
    categories: tuple[str, ...]
    published: AwareDatetime
    updated: AwareDatetime
    comment: str = ""
    abstract: str = ""
    withdrawn: bool = False
    summary: _Summary | None = None


class _Notice(BaseModel):
    kind: str
    text: str


class _Day(_Line):
    date: dt.date
    last_run: AwareDatetime
    window_start: AwareDatetime
    fetched: int
    matching: int
    new: int
    shown: int
    covers: tuple[dt.date, ...] = ()
    index_ends: dt.date | None = None
    looked_back: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    notices: tuple[_Notice, ...] = ()


def read_entry(line: str) -> Entry:
    """Raises ValueError, in words, for a line that is no entry."""
    read = _checked(_Entry, line)
    paper = Paper(
        id=read.id,
        version=read.version,
        title=read.title,
        authors=read.authors,
        abstract=read.abstract,
        primary_category=read.primary_category,
        categories=read.categories,
        published=read.published.astimezone(dt.UTC),
        updated=read.updated.astimezone(dt.UTC),
        comment=read.comment,
    )
    matches = tuple(_match(m.keyword, m.weight, m.title, m.abstract, m.author) for m in read.matches)
    return Entry(
        paper=paper,
        digest_date=read.digest,
        rank=read.rank,
        shown=read.shown,
        score=Score(read.score, matches),
        type=read.type,
        summary=_summary(read.summary) if read.summary else None,
        withdrawn=read.withdrawn,
        extra=read.extra,
    )


_match = lru_cache(maxsize=4096)(Match)
"""The same few stand in thousands of lines."""


def _summary(read: _Summary) -> Summary:
    known = read.model_dump(exclude={"figures_found", "figures_checked", "figures_missing", *read.extra})
    known["made"] = read.made and read.made.astimezone(dt.UTC)
    grounding = None
    if read.figures_found is not None:
        grounding = Grounding(read.figures_found, read.figures_checked, read.figures_missing)
    return Summary(**known, grounding=grounding, extra=read.extra)


def read_day(line: str) -> RunRecord:
    """Raises ValueError, in words, for a line that is no date's record."""
    read = _checked(_Day, line)
    known = read.model_dump(exclude={"notices", "covers", "index_ends", "looked_back", *read.extra})
    known |= {
        "announcement_dates": read.covers,
        "stale_since": read.index_ends,
        "checked_held_papers": read.looked_back,
    }
    for name in ("last_run", "window_start"):
        known[name] = known[name].astimezone(dt.UTC)
    notices = tuple(Notice(notice.kind, notice.text) for notice in read.notices)
    return RunRecord(**known, notices=notices, extra=read.extra)


def entry_line(entry: Entry) -> str:
    """Without an abstract and a summary where the paper is listed by title only."""
    paper = entry.paper
    record: dict[str, Any] = {
        "id": paper.id,
        "version": paper.version,
        "digest": entry.digest_date.isoformat(),
        "rank": entry.rank,
        "shown": entry.shown,
        "score": entry.score.value,
        "matches": [_match_record(match) for match in entry.score.matches],
        "type": entry.type,
        "title": paper.title,
        "authors": paper.authors,
        "primary_category": paper.primary_category,
        "categories": paper.categories,
        "published": timestamp(paper.published),
        "updated": timestamp(paper.updated),
        "comment": paper.comment,
    }
    if entry.shown:
        record["abstract"] = paper.abstract
        record["summary"] = entry.summary and summary_record(entry.summary)
    if entry.withdrawn:
        record["withdrawn"] = True
    return _dumped(record | dict(entry.extra))


def summary_record(summary: Summary) -> dict[str, Any]:
    """A summary as the archive writes it."""
    record: dict[str, Any] = {"reason": summary.reason} if summary.reason else {"text": summary.text}
    record |= {
        "model": summary.model,
        "source": summary.source,
        "prompt": summary.prompt,
        "version": summary.version,
        "input_tokens": summary.input_tokens,
        "output_tokens": summary.output_tokens,
        "made": summary.made and timestamp(summary.made),
    }
    if summary.cut_short:
        record["cut_short"] = True
    if summary.grounding:
        record["figures_found"] = summary.grounding.found
        record["figures_checked"] = summary.grounding.checked
        record["figures_missing"] = summary.grounding.missing
    if summary.hidden_text:
        record["hidden_text"] = summary.hidden_text
    return record | dict(summary.extra)


def summary_line(paper_id: str, summary: Summary) -> str:
    """One finished summary, for the journal of a run."""
    return _dumped({"id": paper_id, "summary": summary_record(summary)})


def read_summary(line: str) -> tuple[str, Summary]:
    """A line of the journal. Raises ValueError, in words, for a line that is none."""
    read = _checked(_JournalLine, line)
    return read.id, _summary(read.summary)


class _JournalLine(BaseModel):
    id: str
    summary: _Summary


def day_line(day: RunRecord) -> str:
    """The record of one date."""
    record: dict[str, Any] = {
        "date": day.date.isoformat(),
        "last_run": timestamp(day.last_run),
        "window_start": timestamp(day.window_start),
        "fetched": day.fetched,
        "matching": day.matching,
        "new": day.new,
        "shown": day.shown,
        "covers": [listing.isoformat() for listing in day.announcement_dates],
        "index_ends": day.stale_since and day.stale_since.isoformat(),
        "looked_back": day.checked_held_papers,
        "input_tokens": day.input_tokens,
        "output_tokens": day.output_tokens,
        "notices": [{"kind": notice.kind, "text": notice.text} for notice in day.notices],
    }
    return _dumped(record | dict(day.extra))


def timestamp(instant: dt.datetime) -> str:
    """For example `2025-12-25T08:17:00Z`."""
    utc = instant.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="seconds") + "Z"  # much faster than a format


def _match_record(match: Match) -> dict[str, Any]:
    record: dict[str, Any] = {
        "keyword": match.keyword,
        "weight": match.weight,
        "title": match.title,
        "abstract": match.abstract,
    }
    return record | {"author": True} if match.author else record


_dumped = json.JSONEncoder(ensure_ascii=False).encode


def _checked(model: type[Model], line: str) -> Model:
    try:
        return model.model_validate_json(line)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None
