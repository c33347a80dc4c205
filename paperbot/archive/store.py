"""What was shown and summarised, a file a month: load, merge, write.

`archive/2025/2025-12.jsonl` holds one entry a line, `2025-12.days.jsonl` beside it what each date's runs saw.
Only the months that a run needs are loaded, so its cost does not grow with the years behind it.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from paperbot.archive.records import day_line, entry_line, read_day, read_entry
from paperbot.archive.files import write_all
from paperbot.errors import ArchiveError, Problem
from paperbot.model import Candidate, Day, Digest, Entry, History, Paper, Summary, announcement_order
from paperbot.ranking.keywords import is_withdrawn

Value = TypeVar("Value")

FOLDER = "archive"
MONTH_FILE = re.compile(r"([0-9]{4}-[0-9]{2})(?:\.days)?\.jsonl")
DAY_PAGE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.md")
ID_IN_BROKEN_LINE = re.compile(r'"id"\s*:\s*"([^"]{1,40})"')


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that can't be read; kept as it stands, its paper counts as shown."""

    path: str
    """Of its file, relative to the root."""
    text: str
    problem: Problem

    @property
    def paper_id(self) -> str:
        """The id, if that much can be made out; else empty."""
        found = ID_IN_BROKEN_LINE.search(self.text)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Archive:
    """The loaded months."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By paper id."""
    days: Mapping[dt.date, Day] = field(default_factory=dict)
    dates: frozenset[dt.date] = frozenset()
    """Of every digest, also of months that are not loaded."""
    broken: tuple[BrokenLine, ...] = ()

    def of(self, date: dt.date) -> list[Entry]:
        """The entries of one date's digest."""
        return [entry for entry in self.entries.values() if entry.digest == date]

    def with_entries(self, changed: Iterable[Entry]) -> "Archive":
        """The archive after these have been added or replaced."""
        entries = dict(self.entries) | {entry.paper.id: entry for entry in changed}
        return replace(self, entries=entries, dates=self.dates | {entry.digest for entry in entries.values()})

    def with_summaries(self, summaries: Mapping[str, Summary]) -> "Archive":
        """The archive after these have been put beside their papers."""
        return self.with_entries(
            replace(self.entries[paper_id], summary=summary)
            for paper_id, summary in summaries.items()
            if paper_id in self.entries
        )

    def with_day(self, day: Day) -> "Archive":
        """The archive after this record has been added or replaced."""
        return replace(self, days=dict(self.days) | {day.date: day})

    def as_of(self, today: dt.date) -> "Archive":
        """Without later dates' records that hold no papers: some run's clock was ahead."""
        held = {entry.digest for entry in self.entries.values()}
        days = {date: day for date, day in self.days.items() if date <= today or date in held}
        return replace(self, days=days)

    def history(self) -> History:
        """The same for the pages, newest first."""
        by_date: dict[dt.date, list[Entry]] = {}
        for entry in self.entries.values():
            by_date.setdefault(entry.digest, []).append(entry)
        return History(
            digests=tuple(
                Digest(date, tuple(by_date[date]), self.days.get(date))
                for date in sorted(by_date, reverse=True)
            ),
            days=tuple(self.days[date] for date in sorted(self.days, reverse=True)),
            dates=tuple(sorted(self.dates, reverse=True)),
        )


def merged_digest(
    archive: Archive, candidates: Sequence[Candidate], today: dt.date, max_papers: int
) -> list[Entry]:
    """Today's digest: what it held before, and the candidates that no other date's digest holds.

    Nothing that was shown is taken back. Ranks are given anew over both.
    """
    elsewhere = {line.paper_id for line in archive.broken}
    elsewhere.update(entry.paper.id for entry in archive.entries.values() if entry.digest != today)
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
    best_first = sorted(entries, key=_rank_key)
    return [
        _as_ranked(entry, rank, entry.shown or (rank <= max_papers and bool(entry.paper.abstract)))
        for rank, entry in enumerate(best_first, 1)
    ]


def _rank_key(entry: Entry) -> tuple[float, float, str]:
    return (-entry.score.value, -entry.paper.published.timestamp(), entry.paper.id)


def _as_ranked(entry: Entry, rank: int, shown: bool) -> Entry:
    paper = entry.paper if shown else replace(entry.paper, abstract="")
    return replace(entry, rank=rank, shown=shown, paper=paper)


def learned_versions(archive: Archive, papers: Iterable[Paper]) -> list[Entry]:
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
    if not archive.days:
        return bool(archive.dates)
    monday = today - dt.timedelta(days=today.weekday())
    first_of_week = not any(monday <= date <= today for date in archive.days)
    return first_of_week or (today - max(archive.days)).days > days_back


def highest_known_id(archive: Archive, today: dt.date, days_back: int) -> str | None:
    """The id above which a paper from before the window is news; None on a fresh archive.

    The highest in the digests more than `days_back` days old, or in the first digest while there is none so
    old: what was announced since has a higher one.
    """
    dates = {entry.digest for entry in archive.entries.values() if entry.digest < today}
    if not dates:
        return None
    settled = {date for date in dates if (today - date).days > days_back} or {min(dates)}
    ids = [entry.paper.id for entry in archive.entries.values() if entry.digest in settled]
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
    archive = Archive(dates=_dates_of_pages(folder))
    for month in sorted({name[1] for name in names if name}, reverse=True):
        if month < month_of(since) and _shown(archive) >= at_least_shown:
            break
        archive = _behind_month(root, month, archive)
    return archive


def load_month(root: Path, archive: Archive, month: str) -> list[Entry]:
    """A whole month's entries, for example of `2025-12`: as `archive` has them where it has that month."""
    loaded = [entry for entry in archive.entries.values() if month_of(entry.digest) == month]
    return loaded or _read_lines(root, _month_path(month), read_entry)[0]


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
        entry.digest for key, entry in archive.entries.items() if _differ(entry, before.entries.get(key))
    }
    return entries | {date for date, day in archive.days.items() if _differ(day, before.days.get(date))}


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
    entries, broken_entries = _read_lines(root, _month_path(month), read_entry)
    days, broken_days = _read_lines(root, _days_path(month), read_day)
    return Archive(
        entries={entry.paper.id: entry for entry in entries} | dict(newer.entries),
        days={day.date: day for day in days} | dict(newer.days),
        dates=newer.dates.union(entry.digest for entry in entries),
        broken=(*broken_entries, *broken_days, *newer.broken),
    )


def _entry_lines(archive: Archive, month: str) -> str:
    entries = [entry for entry in archive.entries.values() if month_of(entry.digest) == month]
    entries.sort(key=lambda entry: (entry.digest, entry.rank, entry.paper.id))
    return _text([entry_line(entry) for entry in entries], archive, _month_path(month))


def _day_lines(archive: Archive, month: str) -> str:
    days = sorted(date for date in archive.days if month_of(date) == month)
    return _text([day_line(archive.days[date]) for date in days], archive, _days_path(month))


def _text(lines: list[str], archive: Archive, path: str) -> str:
    """A file of these lines, the ones that could not be read behind them as they were."""
    lines += [broken.text for broken in archive.broken if broken.path == path]
    return "".join(line + "\n" for line in lines)


def _read_lines(root: Path, path: str, read: Callable[[str], Value]) -> tuple[list[Value], list[BrokenLine]]:
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
                values.append(read(line))
            except ValueError as fault:
                broken.append(BrokenLine(path, line, Problem(_broken_words(fault), path, number)))
    return values, broken


def _broken_words(fault: ValueError) -> str:
    return (
        f"this line can't be read ({fault}). It is kept as it is, and its paper is not shown again; "
        "restore it from the repository's history, or delete it"
    )
