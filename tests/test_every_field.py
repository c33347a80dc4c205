"""No field of a paper or a summary gets lost on the way to the archive, the pages, the site and the feeds."""

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from pathlib import Path as File
from types import UnionType
from typing import Any, get_args, get_origin

import pytest

from paperbot.archive import Archive
from paperbot.archive.records import JournalLine, entry_line, read_record, record_line
from paperbot.archive.store import load_archive, write_archive
from paperbot.config import Config
from paperbot.containment import Faults
from paperbot.digest import with_new_summaries
from paperbot.model import Entry, RunRecord, Summary
from paperbot.render.feeds import render_feeds
from paperbot.render.pages import render_pages
from paperbot.render.site_data import render_month
from paperbot.render.templating import load_templates
from paperbot.summaries import Outcome
from tests.support import invented
from tools.archive_format import FORMAT_TEMPLATE, archive_format

ROOT = File(__file__).resolve().parents[1]
TEMPLATES = load_templates(ROOT, ROOT / "templates")
DATE = invented.TODAY


Path = tuple[str | int, ...]
"""The way to a field: names, and places in tuples."""


def filled(record_type: type, numbers: Iterator[int] | None = None) -> Any:
    """An instance in which each field has a value of its own, so that it shows which one got lost."""
    numbers = numbers or itertools.count(41_001)
    return record_type(**{item.name: _value(item.type, numbers) for item in fields(record_type)})


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """The way to each field that holds no other fields."""
    if is_dataclass(value):
        for item in fields(value):
            yield from leaves(getattr(value, item.name), (*path, item.name))
    elif isinstance(value, tuple):
        yield from leaves(value[0], (*path, 0))
    else:
        yield path


def changed(value: Any, path: Path) -> Any:
    """The same with another value in one field."""
    if not path:
        return _another(value)
    first, *rest = path
    if isinstance(first, int):
        return (changed(value[first], tuple(rest)), *value[first + 1 :])
    return replace(value, **{first: changed(getattr(value, first), tuple(rest))})


def _value(annotation: Any, numbers: Iterator[int]) -> Any:
    if get_origin(annotation) is UnionType:
        return _value(get_args(annotation)[0], numbers)
    if get_origin(annotation) is tuple:
        return (_value(get_args(annotation)[0], numbers),)
    if is_dataclass(annotation):
        return filled(annotation, numbers)  # type: ignore[arg-type]
    number = next(numbers)
    if annotation is str or get_origin(annotation) is Mapping:
        if annotation is str:
            return f"Word{number}"
        return {f"word{number}": number if get_args(annotation)[1] is int else number + 0.5}
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return list(annotation)[-1]
    date = dt.date(2025, 1, 1) + dt.timedelta(days=number % 1000)
    moment = dt.datetime.combine(date, dt.time(number % 24), dt.UTC)
    return {int: number, float: number + 0.25, bool: True, dt.date: date, dt.datetime: moment}[annotation]


def _another(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case StrEnum():
            return next(member for member in (*type(value), None) if member is not value)
        case str():
            return f"{value}other"
        case dt.date():
            return value + dt.timedelta(days=1)
        case int() | float():
            return value + 1
    return {**value, "other": 2}


def whole_entry() -> Entry:
    """Every field has a value; it is shown, and was not withdrawn."""
    entry: Entry = filled(Entry)
    paper = replace(entry.paper, id="2512.99001", categories=("cs.LG",))
    match = replace(entry.score.matches[0], author=False)
    score = replace(entry.score, matches=(match,), value=match.weight * (1 + invented.CONFIG.title_bonus))
    return replace(entry, paper=paper, score=score, digest_date=DATE, withdrawn=False)


ENTRY = whole_entry()
FAILED = replace(ENTRY, summary=replace(ENTRY.summary or Summary(), text=""))


def archive_of(entry: Entry) -> Archive:
    return Archive().with_entries([entry]).with_run(replace(filled(RunRecord), date=entry.digest_date))


def pages(entry: Entry) -> dict[str, str]:
    return render_pages(archive_of(entry), invented.CONFIG, TEMPLATES, invented.REPOSITORY)


def site(entry: Entry) -> dict[str, str]:
    return render_month("2025-12", [entry], Faults())


def feeds(entry: Entry) -> dict[str, str]:
    return render_feeds(archive_of(entry), Config(), TEMPLATES)


@pytest.mark.parametrize("record_type", [RunRecord, JournalLine])
def test_every_field_is_written_and_read(record_type: type) -> None:
    record = filled(record_type)
    assert read_record(record_type, record_line(record)) == record
    lines = {path: record_line(changed(record, path)) for path in leaves(record)}
    assert len({record_line(record), *lines.values()}) == 1 + len(lines)


def test_every_field_of_an_entry_is_written_and_read() -> None:
    assert read_record(Entry, entry_line(ENTRY)) == ENTRY
    lines = {path: entry_line(changed(ENTRY, path)) for path in leaves(ENTRY)}
    assert len({entry_line(ENTRY), *lines.values()}) == 1 + len(lines)
    assert [
        path
        for path, line in lines.items()
        if path != ("shown",) and read_record(Entry, line) != changed(ENTRY, path)
    ] == []


def test_the_description_of_the_archive_is_generated() -> None:
    assert FORMAT_TEMPLATE.read_text("utf-8") == archive_format(), "see `python -m tools.golden`"
    index = pages(ENTRY)["archive/README.md"]
    assert [row for row in archive_format().splitlines() if row.startswith("|") and row not in index] == []
    described = set(json.loads(entry_line(ENTRY))) | set(json.loads(record_line(filled(RunRecord))))
    assert [name for name in described if f"| `{name}` |" not in index and not name.startswith("word")] == []


def test_rendering_again_from_the_disk_gives_the_same(tmp_path: File) -> None:
    archive = archive_of(ENTRY)
    write_archive(tmp_path, archive, Archive())
    loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
    assert loaded == archive
    again = render_pages(loaded, invented.CONFIG, TEMPLATES, invented.REPOSITORY)
    assert again == pages(ENTRY)


def test_a_later_run_of_the_date_keeps_every_field() -> None:
    archive = archive_of(replace(ENTRY, summary=None))
    outcome = Outcome({ENTRY.paper.id: ENTRY.summary or Summary()}, 0, 0, 0, 0, archive.runs[DATE].notices)
    assert with_new_summaries(archive, outcome, DATE) == archive_of(ENTRY)


INTERNAL = "how the summary was made, which the archive's data says"
IN_DATA = "a detail, which the archive's data says"
MARKED = dict.fromkeys(
    ("summary.grounding.other_row", "summary.grounding.pages"), "beside the figures in the summary's text"
)
NOT_SHOWN = {
    "pages": {
        "paper.categories": "the first is the primary category, which is shown",
        "score.matches.abstract": "what is not in the title is in the abstract",
        "rank": "the papers are in this order",
        **MARKED,
        "summary.grounding.worked_out": "counted",
    },
    "site": {
        "also_in.score.value": IN_DATA,
        "paper.updated": IN_DATA,
        "score.matches.weight": "the points are shown as a sum",
        "score.matches.abstract": "what is not in the title is in the abstract",
        "score.matches.author": "authors are found like keywords",
        "summary.input_tokens": INTERNAL,
        "summary.output_tokens": INTERNAL,
        "summary.grounding.missing": "marked in the summary's text",
        "related_on": IN_DATA,
        "summary.grounding.worked_out": "counted",
        **MARKED,
    },
    "feeds": dict.fromkeys(
        (
            "also_in.score.value",
            *("paper.version", "paper.updated", "paper.primary_category", "rank", "type"),
            *("score.matches.weight", "score.matches.title", "score.matches.abstract"),
            *("likeness", "related_on", "paper.doi"),
            *("score.matches.author", "summary.source", "summary.version", "summary.input_tokens"),
            *("summary.output_tokens", "summary.partial", "summary.cut_short", "summary.hidden_text"),
            *("summary.grounding.found", "summary.grounding.checked", "summary.grounding.missing"),
            *("summary.grounding.exact_found", "summary.grounding.exact_checked"),
            *("summary.grounding.worked_out", *MARKED),
        ),
        "an item is short; its link leads to the rest",
    ),
}
"""By place and field: why it is not shown there."""
NOWHERE = {
    "summary.prompt": INTERNAL,
    "summary.made": INTERNAL,
    "summary.reason_kind": "the reason is shown in words",
    **dict.fromkeys(("tldr.model", "tldr.prompt", "tldr.version"), INTERNAL),
    **dict.fromkeys(("tldr.input_tokens", "tldr.output_tokens"), "part of the run's"),
    "summary.extra": "of another release: its meaning is not known",
    "extra": "of another release: its meaning is not known",
    "changes": "the digest of their date tells them",
    **{
        f"also_in.score.matches.{name}": IN_DATA
        for name in ("keyword", "weight", "title", "abstract", "author")
    },
    "paper.from_feed": "the page says so of the whole day",
}
SHOW: dict[str, Callable[[Entry], Mapping[str, str]]] = {"pages": pages, "site": site, "feeds": feeds}


@pytest.mark.parametrize("place", SHOW)
def test_every_field_is_shown_or_left_out_for_a_reason(place: str) -> None:
    show = SHOW[place]
    before = (show(ENTRY), show(FAILED))
    lost = {
        name_of(path)
        for path in leaves(ENTRY)
        if (show(changed(ENTRY, path)), show(changed(FAILED, path))) == before
    }
    reasons = NOT_SHOWN[place] | NOWHERE
    assert {name for name in lost if not (name in reasons or name.partition(".")[0] in reasons)} == set()


def name_of(path: Path) -> str:
    return ".".join(part for part in path if isinstance(part, str))
