"""What was shown and summarised, a file a month: load, merge, write.

`archive/2025/2025-12.jsonl` holds one entry a line, `2025-12.days.jsonl` beside it what each date's runs saw.
Only the months that a run needs are loaded, so its cost does not grow with the years behind it.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from paperbot.archive import Archive, BrokenLine
from paperbot.archive.files import write_all
from paperbot.archive.records import entry_line, read_record, record_line
from paperbot.errors import ArchiveError, Problem
from paperbot.model import Candidate, Entry, Paper, RunRecord, announcement_order
from paperbot.ranking.keywords import is_withdrawn

Record = TypeVar("Record")

FOLDER = "archive"
MONTH_FILE = re.compile(r"([0-9]{4}-[0-9]{2})(?:\.days)?\.jsonl")
DAY_PAGE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.md")


def merged_digest(
    archive: Archive, candidates: Sequence[Candidate], today: dt.date, max_papers: int
) -> list[Entry]:
    """Today's digest: what it held before, and the candidates that no other date's digest holds.

    Nothing that was shown is taken back. Ranks are given anew over both.
    """
    elsewhere = {line.paper_id for line in archive.broken}
    elsewhere.update(entry.paper.id for entry in archive.entries.values() if entry.digest_date != today)
    today_before = {entry.paper.id: entry for entry in archive.of(today)}
    merged = dict(today_before)
    for candidate in candidates:
        paper = candidate.paper
        if paper.id not in elsewhere:
            fresh = Entry(paper, today, 0, False, candidate.score, candidate.type)
            before = today_before.get(paper.id)
            merged[paper.id] = _refreshed(before, fresh) if before else fresh
    return _ranked(merged.values(), max_papers)


def _refreshed(before: Entry, fresh: Entry) -> Entry:
    """The entry of an earlier run of this date, scored by this run's keywords."""
    return replace(before, paper=fresh.paper, score=fresh.score, type=fresh.type)


def _ranked(entries: Iterable[Entry], max_papers: int) -> list[Entry]:
    best_first = sorted(entries, key=lambda entry: entry.rank_key)
    return [
        _as_ranked(entry, rank, entry.shown or (rank <= max_papers and bool(entry.paper.abstract)))
        for rank, entry in enumerate(best_first, 1)
    ]


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


def month_of(date: dt.date) -> str:
    """For example `2025-12`."""
    return date.isoformat()[:7]  # much faster than a format, of which a run would need thousands


def load_archive(root: Path, since: dt.date, at_least_shown: int = 1) -> Archive:
    """The months from `since` on, and older ones until all together show so many papers.

    Raises ArchiveError if a file can't be read.
    """
    folder = root / FOLDER
    names = (MONTH_FILE.fullmatch(path.name) for path in folder.glob("*/*.jsonl"))
    archive = Archive(dates=tuple(sorted(_dates_of_pages(folder), reverse=True)))
    for month in sorted({name[1] for name in names if name}, reverse=True):
        if month < month_of(since) and _shown(archive) >= at_least_shown:
            break
        archive = _behind_month(root, month, archive)
    return archive


def load_month(root: Path, archive: Archive, month: str) -> list[Entry]:
    """A whole month's entries, for example of `2025-12`: as `archive` has them where it has that month."""
    loaded = [entry for entry in archive.entries.values() if month_of(entry.digest_date) == month]
    return loaded or _read_lines(root, _month_path(month), Entry)[0]


def changed_files(archive: Archive, before: Archive) -> dict[str, str]:
    """The files of the months in which `archive` differs from what was loaded, by their paths."""
    files = {}
    for month in sorted({month_of(date) for date in changed_dates(archive, before)}):
        files[_month_path(month)] = _entry_lines(archive, month)
        files[_days_path(month)] = _day_lines(archive, month)
    return {path: text for path, text in files.items() if text}


def write_archive(root: Path, archive: Archive, before: Archive) -> None:
    """Write what differs from what was loaded. Raises ArchiveError."""
    write_all(root, changed_files(archive, before))


def changed_dates(archive: Archive, before: Archive) -> set[dt.date]:
    """The dates whose entries or records differ from what was loaded."""
    entries = {
        entry.digest_date for key, entry in archive.entries.items() if _differ(entry, before.entries.get(key))
    }
    return entries | {date for date, run in archive.runs.items() if _differ(run, before.runs.get(date))}


def _differ(now: object, before: object) -> bool:
    return now is not before and now != before  # most are the same object: no need to look into it


def _month_path(month: str) -> str:
    return f"{FOLDER}/{month[:4]}/{month}.jsonl"


def _days_path(month: str) -> str:
    return f"{FOLDER}/{month[:4]}/{month}.days.jsonl"


def _dates_of_pages(folder: Path) -> frozenset[dt.date]:
    pages = (path.stem for path in folder.glob("*/*.md") if DAY_PAGE.fullmatch(path.name))
    return frozenset(dt.date.fromisoformat(stem) for stem in pages)


def _shown(archive: Archive) -> int:
    return sum(entry.shown for entry in archive.entries.values())


def _behind_month(root: Path, month: str, newer: Archive) -> Archive:
    """The archive with an older month before it."""
    entries, broken_entries = _read_lines(root, _month_path(month), Entry)
    runs, broken_runs = _read_lines(root, _days_path(month), RunRecord)
    return Archive(
        entries={entry.paper.id: entry for entry in entries} | dict(newer.entries),
        runs={run.date: run for run in runs} | dict(newer.runs),
        dates=tuple(sorted({*newer.dates, *(entry.digest_date for entry in entries)}, reverse=True)),
        broken=(*broken_entries, *broken_runs, *newer.broken),
    )


def _entry_lines(archive: Archive, month: str) -> str:
    entries = [entry for entry in archive.entries.values() if month_of(entry.digest_date) == month]
    entries.sort(key=lambda entry: (entry.digest_date, entry.rank, entry.paper.id))
    return _text([entry_line(entry) for entry in entries], archive, _month_path(month))


def _day_lines(archive: Archive, month: str) -> str:
    days = sorted(date for date in archive.runs if month_of(date) == month)
    return _text([record_line(archive.runs[date]) for date in days], archive, _days_path(month))


def _text(lines: list[str], archive: Archive, path: str) -> str:
    """A file of these lines, the ones that could not be read behind them as they were."""
    lines += [broken.text for broken in archive.broken if broken.path == path]
    return "".join(line + "\n" for line in lines)


def _read_lines(root: Path, path: str, record_type: type[Record]) -> tuple[list[Record], list[BrokenLine]]:
    try:
        text = (root / path).read_text(encoding="utf-8", errors="backslashreplace")
    except FileNotFoundError:
        return [], []
    except OSError as fault:
        raise ArchiveError(f"can't read {path}: {fault.strerror or fault}") from fault
    values, broken = [], []
    for number, line in enumerate(text.split("\n"), 1):  # splitlines() would split inside titles
        if line.strip():
            try:
                values.append(read_record(record_type, line))
            except ValueError as fault:
                broken.append(BrokenLine(path, line, Problem(_broken_words(fault), path, number)))
    return values, broken


def _broken_words(fault: ValueError) -> str:
    return (
        f"this line can't be read ({fault}). It is kept as it is, and its paper is not shown again; "
        "restore it from the repository's history, or delete it"
    )
