"""What was shown and summarised, a file a month: load and write.

Only the months that a run needs are loaded, so its cost does not grow with the years behind it.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from paperbot.archive import ID_IN_LINE, Archive, BrokenLine
from paperbot.archive.files import write_all
from paperbot.archive.layout import (
    KEPT_TEXTS,
    dates_of_pages,
    entries_path,
    month_of,
    months_on_disk,
    related_path,
    runs_path,
    valid_dates,
)
from paperbot.archive.records import entry_line, read_record, record_line
from paperbot.errors import ArchiveError, Problem
from paperbot.model import Entry, KeptText, RunRecord

Record = TypeVar("Record", Entry, RunRecord)

USE_OF_BROKEN_LINE = (
    "It is kept as it is, and its paper is not shown again; restore it from the repository's history, or "
    "delete it"
)
# Ten years of runs are 2,600 lines: reading them as records would cost a tenth of a run.
_RUN_WITH_PAPERS = re.compile(r'^\{"date": ?"([0-9]{4}-[0-9]{2}-[0-9]{2})".*?"new": ?[1-9]', re.MULTILINE)

_ENTRY_START = re.compile(rb'\{"id": ?"([^"]{1,40})"')
_DATE = re.compile(rb'"([0-9]{4}-[0-9]{2}-[0-9]{2})"')


def load_archive(root: Path, since: dt.date, at_least_shown: int = 1) -> Archive:
    """The months from `since` on, and older ones until all together show `at_least_shown` papers.

    The dates of older digests come from the data too. A record of a run may be lost, when the run was killed:
    then the page of its date says that there is a digest. Raises ArchiveError if a file can't be read.
    """
    archive = Archive().with_kept_texts(_kept_texts(root))
    older = months_on_disk(root)
    while older and (
        older[0] >= month_of(since) or sum(entry.shown for entry in archive.entries.values()) < at_least_shown
    ):
        archive = _with_older_month(root, older.pop(0), archive)
    months = {month for month in older if (root / entries_path(month)).exists()}
    dates = {date for date in dates_of_pages(root) if month_of(date) in months}
    dates.update(archive.dates, *(_dates_of_month(root, month) for month in months))
    return replace(archive, dates=tuple(sorted(dates, reverse=True)))


def _kept_texts(root: Path) -> Iterator[KeptText]:
    for line in _read_text(root, KEPT_TEXTS).split("\n"):
        with contextlib.suppress(ValueError):  # it is fetched again
            yield read_record(KeptText, line)


def with_months_of(root: Path, archive: Archive, paper_ids: Collection[str]) -> Archive:
    """The archive with the whole months that have some of these papers. Raises ArchiveError."""
    for month in _other_months(root, archive) if paper_ids else ():
        if not _ids_of_month(root, month).isdisjoint(paper_ids):
            archive = _with_older_month(root, month, archive)
    return archive


def with_single_entries(root: Path, archive: Archive, paper_ids: Collection[str]) -> Archive:
    """The archive with these papers of other months alone, at a hundredth of the cost. Raises as above.

    A paper that was listed as related is among them, where no digest has it otherwise.
    """
    wanted = {paper_id.encode() for paper_id in paper_ids}
    months = _other_months(root, archive) if wanted else []
    texts = (_read_bytes(root, path(month)) for path in (entries_path, related_path) for month in months)
    lines = (line for text in texts for line in text.split(b"\n"))
    starts = ((_ENTRY_START.match(line), line) for line in lines)
    return _with_lines(archive, (line for start, line in starts if start and start[1] in wanted))


def with_changed_entries(root: Path, archive: Archive) -> Archive:
    """The archive with the papers of other months alone whose changes the loaded dates' pages tell.

    Those of the year before the first loaded date: no paper is followed longer, unless it is starred.
    """
    since = min((*archive.runs, *archive.digests), default=dt.date.max)
    a_year_before = f"{since.year - 1:04}-{since.month:02}"
    months = [month for month in _other_months(root, archive) if month >= a_year_before]
    week_of_since = f"{since - dt.timedelta(days=since.weekday())}".encode()
    texts = (_read_bytes(root, entries_path(month)) for month in months)
    lines = (line for text in texts if b'"changes"' in text for line in text.split(b"\n"))
    return _with_lines(archive, (line for line in lines if _last_change(line) >= week_of_since))


def _last_change(line: bytes) -> bytes:
    """The date of the entry's last change, at the least; empty where it has none."""
    start = line.rfind(b'"changes"')
    return max(_DATE.findall(line, start), default=b"") if start > 0 else b""


def _with_lines(archive: Archive, lines: Iterable[bytes]) -> Archive:
    """What can't be read is left out."""
    found = dict(archive.single_entries)
    for line in lines:
        with contextlib.suppress(ValueError):
            entry = read_record(Entry, line.decode())
            found.setdefault(entry.paper.id, entry)  # of several lines the first, and of months the newest
    return replace(archive, single_entries=found)


def _other_months(root: Path, archive: Archive) -> list[str]:
    """Those that are not loaded, newest first."""
    return [month for month in months_on_disk(root) if month not in archive.months]


def with_months_since(root: Path, archive: Archive, since: dt.date) -> Archive:
    """The archive with the months from `since` on that were not loaded. Raises ArchiveError."""
    for month in _other_months(root, archive):
        if month >= month_of(since):
            archive = _with_older_month(root, month, archive)
    return archive


def ids_on_disk(root: Path, paper_ids: Collection[str]) -> set[str]:
    """Those of the ids that digests have, in months that are not loaded too. Raises ArchiveError."""
    months = months_on_disk(root) if paper_ids else []
    return {paper_id for month in months for paper_id in _ids_of_month(root, month) & set(paper_ids)}


def _ids_of_month(root: Path, month: str) -> set[str]:
    """Without reading the month's records, which takes a hundred times as long."""
    return set(ID_IN_LINE.findall(_read_text(root, entries_path(month))))


def _dates_of_month(root: Path, month: str) -> set[dt.date]:
    """The dates of a month's digests by the records of its runs, or if these are lost, by its papers."""
    found = _RUN_WITH_PAPERS.findall(_read_text(root, runs_path(month)))
    if found:
        return {date for date in valid_dates(found) if month_of(date) == month}
    entries, _ = _read_month(root, entries_path, month, Entry)
    return {entry.digest_date for entry in entries}


def load_month(root: Path, archive: Archive, month: str) -> list[Entry]:
    """A whole month's entries, for example of `2025-12`: as `archive` has them where it has that month."""
    return _of_month(archive.entries, month) or _read_month(root, entries_path, month, Entry)[0]


def load_related(root: Path, archive: Archive, month: str) -> list[Entry]:
    """The related papers of a whole month, from the disk where it is not loaded."""
    return _of_month(archive.related, month) or _read_month(root, related_path, month, Entry)[0]


def _of_month(entries: Mapping[str, Entry], month: str) -> list[Entry]:
    """In the order of their files."""
    found = (entry for entry in entries.values() if month_of(entry.digest_date) == month)
    return sorted(found, key=lambda entry: (entry.digest_date, entry.rank, entry.paper.id))


def changed_files(archive: Archive, before: Archive) -> dict[str, str]:
    """The files of the months in which `archive` differs from what was loaded, by their paths."""
    lines: dict[str, list[str]] = {}
    for month in sorted({month_of(date) for date in changed_dates(archive, before)}):
        days = sorted(date for date in archive.runs if month_of(date) == month)
        lines[entries_path(month)] = [entry_line(entry) for entry in _of_month(archive.entries, month)]
        lines[runs_path(month)] = [record_line(archive.runs[date]) for date in days]
        lines[related_path(month)] = [entry_line(entry) for entry in _of_month(archive.related, month)]
    if archive.kept_texts != before.kept_texts:
        lines[KEPT_TEXTS] = [record_line(text) for _, text in sorted(archive.kept_texts.items())]
    for broken in archive.broken:  # what can't be read stays as it is
        if broken.path in lines:
            lines[broken.path].append(broken.text)
    return {path: "\n".join([*found, ""]) for path, found in lines.items() if found}


def write_archive(root: Path, archive: Archive, before: Archive) -> None:
    """Write what differs from what was loaded. Raises ArchiveError."""
    write_all(root, changed_files(archive, before))


def changed_dates(archive: Archive, before: Archive) -> set[dt.date]:
    """The dates whose entries or records differ from what was loaded, and those of papers picked since."""
    pairs = ((archive.entries, before.entries), (archive.related, before.related))
    entries = {
        entry.digest_date for now, old in pairs for key, entry in now.items() if _differ(entry, old.get(key))
    }
    runs = {date for date, run in archive.runs.items() if _differ(run, before.runs.get(date))}
    known = {**archive.related, **archive.entries}
    picked = (archive.kept_texts.keys() - before.kept_texts.keys()) & known.keys()
    return entries | runs | {known[paper_id].digest_date for paper_id in picked}


def _differ(now: object, before: object) -> bool:
    return now is not before and now != before  # most are the same object: no need to look into it


def _with_older_month(root: Path, month: str, newer: Archive) -> Archive:
    entries, broken_entries = _read_month(root, entries_path, month, Entry, newer.entries)
    runs, broken_runs = _read_month(root, runs_path, month, RunRecord)
    related, broken_related = _read_month(root, related_path, month, Entry, newer.related)
    matching = {(entry.paper.id, entry.digest_date) for entry in entries}
    return replace(
        newer,
        entries={entry.paper.id: entry for entry in entries} | dict(newer.entries),
        runs={run.date: run for run in runs} | dict(newer.runs),
        dates=tuple(sorted({*newer.dates, *(entry.digest_date for entry in entries)}, reverse=True)),
        related={
            entry.paper.id: entry
            for entry in related
            if (entry.paper.id, entry.digest_date) not in matching  # a later run of the date made it match
        }
        | dict(newer.related),
        broken=(*broken_entries, *broken_runs, *broken_related, *newer.broken),
        months=newer.months | {month},
    )


def _read_month(
    root: Path,
    path_of: Callable[[str], str],
    month: str,
    record_type: type[Record],
    known: Collection[object] = (),
) -> tuple[list[Record], list[BrokenLine]]:
    """The records of one file of a month; and the lines that are none, or that writing the file would lose.

    These are of another month, or of a paper or date that an earlier line or `known` has.
    """
    values, broken, seen, path = [], [], set(known), path_of(month)
    lines = _read_text(root, path).split("\n")  # splitlines() would split inside titles
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                value = read_record(record_type, line)
                key = value.paper.id if isinstance(value, Entry) else value.date
                date = value.digest_date if isinstance(value, Entry) else value.date
                if month_of(date) != month:
                    raise ValueError(f"its date {date} is of another month than its file")
                if key in seen:
                    raise ValueError(f"there is another line of {key}, which is used")
            except ValueError as error:
                words = f"this line can't be used ({error}). {USE_OF_BROKEN_LINE}"
                broken.append(BrokenLine(path, line, Problem(words, path, number)))
            else:
                seen.add(key)
                values.append(value)
    return values, broken


def _read_text(root: Path, path: str) -> str:
    return _read_bytes(root, path).decode("utf-8-sig", errors="backslashreplace").replace("\r\n", "\n")


def _read_bytes(root: Path, path: str) -> bytes:
    """Empty if there is no such file."""
    try:
        return (root / path).read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ArchiveError(f"can't read {path}: {error.strerror or error}") from error
