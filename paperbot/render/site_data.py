"""The papers as JSON for the static page: one view of today, two files a month, one index.

`papers/2025-12.json` is what a search reads; `papers/2025-12-summaries.json` is fetched only when a
summary of that month is opened; `today.json` is the newest digest, small enough for the first view.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from paperbot.archive import Archive
from paperbot.archive.layout import month_of
from paperbot.archive.records import timestamp
from paperbot.containment import FAULT_TEXT, Faults
from paperbot.model import OPTIONAL_TEXTS, Entry, Match, Paper, Summary
from paperbot.render.citations import names_of
from paperbot.render.facts import (
    MAX_ABSTRACT_CHARS,
    MAX_LINE_CHARS,
    MAX_TITLE_CHARS,
    MAX_WORD_CHARS,
    MAX_WORDS,
    summarized_pdf_url,
    tldr,
    venue,
)
from paperbot.render.figure_check import MOSTLY_MISSING, figure_check_text, figure_marks
from paperbot.text import FigureMarks, block_html, plain, plain_formulas, truncate
from paperbot.text.authors import author_names

T = TypeVar("T")

FORMAT = 1
"""Raised when the monthly files change their shape: every month is then rendered anew."""

TODAY_MAX_BYTES = 200_000
"""Leaves a third of the first view's 300 kB for the page itself and the index."""


def months_to_render(dates: Iterable[dt.date], previous_index: str) -> tuple[str, ...]:
    """The months with digests that the index on disk doesn't know, newest first.

    `previous_index` is the text of site/papers.json, "" when there is none. What can't be read, or is
    of another format, knows no month: then the whole archive is rendered, once.
    """
    known = _known_months(previous_index)
    return tuple(sorted({month_of(date) for date in dates} - known.keys(), reverse=True))


def render_month(
    month: str, entries: Sequence[Entry], faults: Faults, related: Sequence[Entry] = ()
) -> dict[str, str]:
    """Both files of one whole month, below site/. `related` are its papers without a keyword."""
    ordered = sorted(entries, key=_newest_first)
    papers = chain(map(_paper, ordered), map(_related_paper, sorted(related, key=_newest_first)))
    summaries = ((entry.paper.id, summary_html(entry, faults)) for entry in ordered)
    html_rows = (f"{dump(paper_id)}:{dump(html)}" for paper_id, html in summaries if html)
    return {
        f"papers/{month}.json": _lines({"format": FORMAT, "month": month}, "papers", papers),
        f"papers/{month}-summaries.json": (
            f'{{"format":{FORMAT},"month":"{month}","summaries":{{\n' + ",\n".join(html_rows) + "\n}}\n"
        ),
    }


def render_today(archive: Archive, faults: Faults) -> str:
    """The newest digest with its summaries, cut to TODAY_MAX_BYTES: the rest is in the month's files.

    Its related papers follow where there is space for all others.
    """
    date = archive.newest_date
    entries = archive.of(date) if date else ()
    related = archive.related_of(date) if date else ()
    papers = _first_within(TODAY_MAX_BYTES, chain(map(_paper, entries), map(_related_paper, related)))
    free_bytes = TODAY_MAX_BYTES - sum(map(_size, papers))
    texts = [(entry.paper.id, summary_html(entry, faults)) for entry in entries[: len(papers)]]
    head = {
        "format": FORMAT,
        "date": date.isoformat() if date else None,
        "total": len(entries),
        "shown": sum(entry.shown for entry in entries),
        "summaries": dict(_first_within(free_bytes, [(paper_id, html) for paper_id, html in texts if html])),
    }
    return _lines(head, "papers", papers)


def render_index(
    dates: Iterable[dt.date], months: Mapping[str, Sequence[Entry]], files: Mapping[str, str], previous: str
) -> str:
    """The months of the archive, newest first, with their days, counts and sizes.

    A month that isn't rendered now keeps the counts of the previous index.
    """
    known = _known_months(previous)
    days: dict[str, list[int]] = {}
    for date in sorted(dates, reverse=True):
        days.setdefault(month_of(date), []).append(date.day)
    rows = []
    for month, month_days in days.items():
        if month in months:
            shown = sum(entry.shown for entry in months[month])
            size = len(files[f"papers/{month}.json"].encode())
            counts = {"papers": len(months[month]), "shown": shown, "bytes": size}
        elif month in known:
            counts = {name: known[month][name] for name in _COUNTS}
        else:
            raise ValueError(f"the site's index lacks {month}: render it as months_to_render says")
        rows.append({"month": month, **counts, "days": month_days})
    return _lines({"format": FORMAT}, "months", rows)


def summary_html(entry: Entry, faults: Faults) -> str:
    """The summary as safe HTML, "" when there is none; figures are marked and linked to their pages."""
    summary = entry.summary
    if summary is None or not summary.text:
        return ""
    part = f"The summary of {entry.paper.id}"
    with faults.contained(part):
        return _block_html(summary.text, figure_marks(summary, summarized_pdf_url(entry)))
    return f"<p>{part} {FAULT_TEXT}.</p>"


@lru_cache(maxsize=4096)
def _block_html(text: str, marks: FigureMarks) -> str:
    return block_html(text, marks)


def keyword_names(matches: Iterable[Match]) -> list[str]:
    """Each keyword and watched author once, in the order of the score."""
    return list(dict.fromkeys(_keyword_name(match.keyword) for match in matches))


_keyword_name = lru_cache(maxsize=4096)(plain)


def dump(value: object, indent: int | None = None) -> str:
    """JSON that is inert even where a host serves it as HTML."""
    separators = None if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


_COUNTS = ("papers", "shown", "bytes")


def _known_months(previous_index: str) -> dict[str, dict[str, int]]:
    try:
        index = json.loads(previous_index or "null")
        if index["format"] != FORMAT:
            return {}
        return {str(row["month"]): {name: int(row[name]) for name in _COUNTS} for row in index["months"]}
    except (ValueError, TypeError, KeyError, OverflowError):  # not written by this release: as good as none
        return {}


def _newest_first(entry: Entry) -> tuple[int, int]:
    return -entry.digest_date.toordinal(), entry.rank


def _related_paper(entry: Entry) -> dict[str, Any]:
    without_abstract = replace(entry, paper=replace(entry.paper, abstract=""))  # as the archive keeps it
    return _paper(without_abstract) | {"related": True, "likeness": _about_likeness(entry, MAX_WORDS)}


def _paper(entry: Entry) -> dict[str, Any]:
    paper = entry.paper
    record: dict[str, Any] = {
        "id": paper.id,
        "version": paper.version,
        "date": entry.digest_date.isoformat(),
        "rank": entry.rank,
        "score": round(entry.score.value, 2),
        "type": entry.type,
        "title": truncate(plain_formulas(paper.title), MAX_TITLE_CHARS) or paper.id,
        "authors": list(author_names(paper.authors)),
        "categories": list(dict.fromkeys((paper.primary_category, *paper.categories))),
        "published": timestamp(paper.published),
        "keywords": keyword_names(entry.score.matches),
        "in_title": keyword_names(match for match in entry.score.matches if match.title),
    }
    optional = {
        "topic": plain(entry.topic),
        "also_in": [plain(other.topic) for other in entry.also_in],
        "shown": entry.shown,
        "withdrawn": entry.withdrawn,
        "abstract": "\n".join(map(plain, truncate(paper.abstract, MAX_ABSTRACT_CHARS).split("\n"))),
        **{
            name: truncate(plain(getattr(paper, name)), MAX_LINE_CHARS)
            for name in OPTIONAL_TEXTS
            if name != "abstract"  # it has lines
        },
        "venue": venue(paper),
        "cite": _cited_names(paper),
        "tldr": plain_formulas(tldr(entry)),
        "summary": _about_summary(entry.summary),
        "likeness": _about_likeness(entry, MAX_WORDS if entry.shown else 0),
    }
    return record | {name: value for name, value in optional.items() if value}


def _about_likeness(entry: Entry, max_words: int) -> dict[str, Any]:
    if entry.likeness is None:
        return {}
    words = list(entry.likeness.words.items())[:max_words]
    return {
        "points": entry.likeness.value,
        "basis": entry.likeness.basis.words,
        "words": [[truncate(plain(word), MAX_WORD_CHARS), points] for word, points in words],
    }


def _about_summary(summary: Summary | None) -> dict[str, Any]:
    """What there is to know of a summary without its text."""
    if summary is None:
        return {}
    if not summary.text:
        return {"reason": plain(summary.reason)}
    about: dict[str, Any] = {"model": plain(summary.model), "source": summary.source}
    if summary.version:
        about["version"] = summary.version
    if summary.partial:
        about["partial"] = True
    if summary.cut_short:
        about["cut_short"] = True
    if summary.grounding:
        about["figure_check"] = figure_check_text(summary.grounding)
        if summary.grounding.mostly_missing:
            about["figures_warning"] = MOSTLY_MISSING
    if summary.hidden_text:
        about["hidden_text"] = plain(summary.hidden_text)
    return about


def _cited_names(paper: Paper) -> list[tuple[str, str]]:
    """Each author's key and value in a COinS, where a name is not just first names and a last word.

    Reference managers take the last word for the last name of what has no comma.
    """
    names = names_of(paper)
    if all(
        name.last == printed.rpartition(" ")[2] for name, printed in zip(names, paper.authors, strict=False)
    ):
        return []
    return [
        ("aucorp", plain(name.last))
        if name.is_group
        else ("au", plain(f"{name.last} {name.suffix}".rstrip() + f", {name.first}"))
        for name in names
    ]


def _size(value: object) -> int:
    return len(dump(value).encode()) + 1


def _first_within(max_bytes: int, rows: Iterable[T]) -> list[T]:
    """As many rows as fit; no further ones are made."""
    chosen = []
    for row in rows:
        max_bytes -= _size(row)
        if max_bytes < 0:
            break
        chosen.append(row)
    return chosen


def _lines(head: Mapping[str, Any], name: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """One object whose last member is a list with a row a line, so that a day's change stays a small diff."""
    return f'{dump(head)[:-1]},"{name}":[\n' + ",\n".join(dump(row) for row in rows) + "\n]}\n"
