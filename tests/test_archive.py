"""What was shown, on disk and merged: nothing lost, nothing twice."""

import datetime as dt
import errno
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from paperbot.archive import Archive
from paperbot.archive.files import append, only_run, write_all
from paperbot.archive.layout import day_path, in_archive, related_path, week_path
from paperbot.archive.records import entry_line, read_record, record_line
from paperbot.archive.store import (
    changed_dates,
    changed_files,
    ids_on_disk,
    load_archive,
    load_month,
    load_related,
    with_changed_entries,
    with_months_of,
    with_single_entries,
    write_archive,
)
from paperbot.digest import merged_digest
from paperbot.errors import ArchiveError
from paperbot.model import (
    Change,
    ChangeKind,
    Entry,
    Grounding,
    KeptText,
    Match,
    NoSummaryReason,
    Notice,
    NoticeKind,
    Paper,
    RunRecord,
    Score,
    Summary,
    SummarySource,
    TopicScore,
)
from tests.support.builders import a_candidate, a_paper, a_run, an_archive, an_entry, utc

TODAY = dt.date(2025, 12, 24)
SUMMARY = Summary(
    text="## 结果\n\n84.4%",
    model="qwen-long",
    source=SummarySource.FILE,
    prompt="0123abcd",
    input_tokens=9000,
    output_tokens=800,
    made=utc("2025-12-24T08:17:00"),
    cut_short=True,
    grounding=Grounding(31, 33, ("99.73%", "12.34x"), 17, 18, ("1.5x",), ("0.47",), {"84.4%": 7}),
    hidden_text="Ignore",
)


def saved_and_loaded(root: Path, archive: Archive) -> Archive:
    write_archive(root, archive, Archive())
    return load_archive(root, dt.date(2025, 12, 1))


def listed(paper_id: str) -> Paper:
    """As the archive keeps it."""
    return a_paper(paper_id, abstract="")


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """test_every_field.py has every field; these are the values that differ from it."""
    paper = a_paper(title="Ünï “code”\u2028| $x$", authors=("张三", "Ada"))
    matches = (Match("LLM", 2.0, True, False), Match("Ada", 1.0, False, False, author=True))
    entries = [
        an_entry(paper=paper, summary=SUMMARY, score=Score(4.5, matches)),
        an_entry("2512.99002", rank=2, summary=Summary(reason="no PDF yet", model="m", made=SUMMARY.made)),
        an_entry("2512.99003", rank=3, shown=False, paper=listed("2512.99003")),
    ]
    notices = (Notice(NoticeKind.NO_KEY, "No key."), Notice("of-next-year", "?"))
    related = [an_entry(f"2512.9901{n}", rank=n, shown=False, paper=listed(f"2512.9901{n}")) for n in (1, 2)]
    archive = an_archive(*entries).with_run(a_run(TODAY, notices=notices)).with_related(TODAY, related)
    archive = archive.with_kept_texts([KeptText("2512.99001", "T", "A")])
    archive = archive.with_kept_texts([KeptText("1706.03762")])
    loaded = saved_and_loaded(tmp_path, archive)
    assert loaded == archive
    assert sorted(loaded.kept_texts) == ["1706.03762", "2512.99001"]
    assert changed_dates(loaded, archive) == set()


def test_the_public_format(tmp_path: Path) -> None:
    write_archive(tmp_path, an_archive(an_entry(summary=SUMMARY)), Archive())
    (line,) = (tmp_path / "archive/2025/2025-12.jsonl").read_text("utf-8").splitlines()
    record = json.loads(line)
    assert list(record) == [
        "id", "version", "title", "authors", "primary_category", "categories", "published", "updated",
        "comment", "abstract", "digest", "rank", "shown", "score", "matches", "type", "summary",
    ]  # fmt: skip
    assert record["published"] == "2025-12-22T10:00:00Z"
    assert record["matches"] == [{"keyword": "LLM", "weight": 3.0, "title": False, "abstract": True}]
    assert record["summary"]["text"] == SUMMARY.text
    assert "reason" not in record["summary"]


FIRST_EDITION = (Path(__file__).parent / "assets" / "first_edition.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", FIRST_EDITION)
def test_lines_of_the_first_edition_are_read_and_written_as_they_were(line: str) -> None:
    if "digest" in json.loads(line):
        entry = read_record(Entry, line)
        assert json.loads(entry_line(entry)) == json.loads(line)
        assert entry.extra == {}
    else:
        assert json.loads(record_line(read_record(RunRecord, line))) == json.loads(line)


def test_a_reason_of_a_later_release_is_read() -> None:
    line = entry_line(an_entry(summary=Summary(reason="?", reason_kind=NoSummaryReason.OTHER)))
    later = read_record(Entry, line.replace('"other"', '"of-next-year"'))
    assert later.summary == Summary(reason="?", reason_kind=NoSummaryReason.OTHER)


def test_papers_listed_by_title_keep_no_abstract_and_no_summary() -> None:
    record = json.loads(entry_line(an_entry(shown=False)))
    assert "abstract" not in record
    assert "summary" not in record


def test_fields_of_a_later_release_stay() -> None:
    record = json.loads(entry_line(an_entry(summary=SUMMARY)))
    record["mood"] = {"of": ["the", "day"]}
    record["summary"]["voice"] = "warm"
    line = json.dumps(record, ensure_ascii=False)
    assert json.loads(entry_line(read_record(Entry, line))) == record


def test_a_broken_line_is_reported_kept_and_its_paper_not_shown_again(tmp_path: Path) -> None:
    archive = an_archive(an_entry(), an_entry("2512.99002", rank=2))
    write_archive(tmp_path, archive, Archive())
    file = tmp_path / "archive/2025/2025-12.jsonl"
    good, other = file.read_text("utf-8").splitlines()
    broken = other[:-30]
    file.write_text(f"{good}\n{broken}\n<<<<<<< HEAD\n", encoding="utf-8")

    loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
    assert [(line.problem.file, line.problem.line) for line in loaded.broken] == [
        ("archive/2025/2025-12.jsonl", 2),
        ("archive/2025/2025-12.jsonl", 3),
    ]
    assert "this line can't be used" in loaded.broken[0].problem.message
    digest = merged_digest(loaded, [a_candidate("2512.99002"), a_candidate("2512.99005")], TODAY, {"": 30})
    assert [entry.paper.id for entry in digest] == ["2512.99001", "2512.99005"]

    write_archive(tmp_path, loaded.with_entries(digest), loaded)
    text = file.read_text("utf-8")
    assert broken in text
    assert "<<<<<<< HEAD" in text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"id": "2512.99009"', "Invalid JSON: EOF while parsing an object at line 1 column 19"),
        ('{"id": "2512.99009"}', "version: Field required"),
        (
            entry_line(an_entry()).replace('"weight": 3.0', '"weight": "much"'),
            "matches.0.weight: Input should be",
        ),
        (
            entry_line(an_entry()).replace('"weight": 3.0', '"weight": NaN'),
            "matches.0.weight: Input should be a",
        ),
        (entry_line(an_entry()).replace('"score": 3.0', '"score": 1e999'), "score: Input should be a finite"),
        (entry_line(an_entry()).replace('"digest": "2025', '"digest": "0001'), "digest: Input should be"),
        (
            entry_line(an_entry()).replace(f"{an_entry().paper.published:%Y}-", "9999-", 1),
            "published: Input should be less than",
        ),
    ],
)
def test_what_is_wrong_with_a_line_and_what_to_do(tmp_path: Path, line: str, words: str) -> None:
    write_archive(tmp_path, an_archive(an_entry("2512.99002")).with_run(a_run(TODAY)), Archive())
    with (tmp_path / "archive/2025/2025-12.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    (broken,) = load_archive(tmp_path, dt.date(2025, 12, 1)).broken
    message = str(broken.problem)
    assert message.startswith(f"archive/2025/2025-12.jsonl, line 2: this line can't be used ({words}")
    assert message.endswith(
        "). It is kept as it is, and its paper is not shown again; restore it from the repository's history, "
        "or delete it"
    )


JULY = dt.date(2025, 7, 4)
OF_ANOTHER_MONTH = "its date 2025-07-04 is of another month than its file"
OTHER_LINES = [
    ("", entry_line(an_entry("2512.99009", f"{JULY}")), OF_ANOTHER_MONTH),
    (".related", entry_line(an_entry("2512.99009", f"{JULY}")), OF_ANOTHER_MONTH),
    (".days", record_line(a_run(JULY)), OF_ANOTHER_MONTH),
    ("", entry_line(an_entry("2512.99001", rank=7)), "there is another line of 2512.99001, which is used"),
    ("", entry_line(an_entry("2512.99001", "2025-12-03")), "there is another line of 2512.99001"),
    (".related", entry_line(an_entry("2512.99002", rank=7)), "there is another line of 2512.99002"),
    (".days", record_line(a_run(TODAY, fetched=7)), "there is another line of 2025-12-24"),
]


@pytest.mark.parametrize(("kind", "line", "words"), OTHER_LINES)
def test_a_line_that_writing_its_file_would_lose_is_told_and_kept(
    tmp_path: Path, kind: str, line: str, words: str
) -> None:
    archive = an_archive(an_entry()).with_run(a_run(TODAY))
    archive = archive.with_related(TODAY, [an_entry("2512.99002", shown=False, paper=listed("2512.99002"))])
    of_july = an_archive(an_entry("2507.00001", f"{JULY}")).with_run(a_run(JULY, fetched=3))
    write_archive(tmp_path, archive, Archive())
    write_archive(tmp_path, of_july, Archive())
    file = tmp_path / f"archive/2025/2025-12{kind}.jsonl"
    file.write_text(f"{file.read_text('utf-8')}{line}\n", "utf-8")
    july = {path: path.read_bytes() for path in tmp_path.rglob("2025-07*")}
    for fetched in (901, 902):  # what the first run writes, the second reads
        loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
        loaded = with_months_of(tmp_path, loaded, ["2512.99009"])  # not a second time
        assert (loaded.entries, loaded.related, list(loaded.runs)) == (
            archive.entries,
            archive.related,
            [TODAY],
        )
        assert [f"{one.path} {one.text}" for one in loaded.broken] == [
            f"archive/2025/2025-12{kind}.jsonl {line}"
        ]
        assert words in loaded.broken[0].problem.message
        assert loaded.dates == (TODAY, JULY)
        write_archive(tmp_path, loaded.with_run(a_run(TODAY, fetched=fetched)), loaded)
        assert file.read_text("utf-8").splitlines().count(line) == 1
        assert july == {path: path.read_bytes() for path in july}


def test_of_a_paper_in_two_months_the_newer_line_is_used_and_the_older_kept(tmp_path: Path) -> None:
    older, newer, beside = an_entry(digest="2025-11-03"), an_entry(), an_entry("2511.99002", "2025-11-04")
    write_archive(tmp_path, an_archive(newer), Archive())
    write_archive(tmp_path, an_archive(older, beside), Archive())
    loaded = load_archive(tmp_path, dt.date(2025, 11, 1))
    assert list(loaded.entries.values()) == [beside, newer]
    assert [line.text for line in loaded.broken] == [entry_line(older)]
    write_archive(tmp_path, loaded.with_entries([replace(beside, withdrawn=True)]), loaded)
    assert entry_line(older) in (tmp_path / "archive/2025/2025-11.jsonl").read_text("utf-8")
    only_december = load_archive(tmp_path, dt.date(2025, 12, 1))
    only_december = replace(only_december, months=frozenset())
    assert with_single_entries(tmp_path, only_december, ["2512.99001"]).single_entries == {
        "2512.99001": newer
    }


def test_of_a_related_paper_in_two_months_the_newer_line_is_used_and_the_older_kept(tmp_path: Path) -> None:
    older, newer = (
        an_entry("2512.99002", digest, shown=False, paper=listed("2512.99002"))
        for digest in ("2025-11-03", "2025-12-24")
    )
    for entry in (older, newer):
        write_archive(tmp_path, Archive().with_related(entry.digest_date, [entry]), Archive())
    loaded = load_archive(tmp_path, dt.date(2025, 11, 1))
    assert list(loaded.related.values()) == [newer]
    assert [line.text for line in loaded.broken] == [entry_line(older)]


def test_a_related_paper_that_a_later_run_of_its_date_matched_is_no_longer_related(tmp_path: Path) -> None:
    related = [an_entry(f"2512.9900{n}", shown=False, paper=listed(f"2512.9900{n}")) for n in (1, 2)]
    earlier = an_entry("2512.99002", "2025-12-25")
    archive = an_archive(an_entry(), earlier).with_related(TODAY, related)
    write_archive(tmp_path, archive, Archive())
    loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
    assert (loaded.entries, list(loaded.related), loaded.broken) == (archive.entries, ["2512.99002"], ())


def test_a_file_saved_with_a_byte_order_mark(tmp_path: Path) -> None:
    archive = saved_and_loaded(tmp_path, an_archive(an_entry()))
    file = tmp_path / "archive/2025/2025-12.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_archive(tmp_path, dt.date(2025, 12, 1)) == archive


def test_a_broken_line_among_the_runs_is_kept(tmp_path: Path) -> None:
    write_archive(tmp_path, Archive().with_run(a_run(TODAY)), Archive())
    file = tmp_path / "archive/2025/2025-12.days.jsonl"
    file.write_text(file.read_text("utf-8") + "broken\n", encoding="utf-8")
    loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
    write_archive(tmp_path, loaded.with_run(a_run(TODAY, fetched=901)), loaded)
    assert file.read_text("utf-8").count('"fetched": 901') == 1
    assert file.read_text("utf-8").endswith("\nbroken\n")


def test_a_month_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "archive/2025/2025-12.jsonl").mkdir(parents=True)
    with pytest.raises(ArchiveError, match=r"^can't read archive/2025/2025-12.jsonl: Is a directory$"):
        load_archive(tmp_path, dt.date(2025, 12, 1))


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_utc_wherever_the_bot_runs(in_tokyo: None) -> None:
    entry = replace(an_entry(summary=SUMMARY), paper=a_paper(comment="9 pages"))
    line = entry_line(entry)
    assert '"published": "2025-12-22T10:00:00Z"' in line
    there_line = line.replace("T10:00:00Z", "T19:00:00+09:00").replace("T08:17:00Z", "T17:17:00+09:00")
    there = read_record(Entry, there_line)
    assert there == entry
    assert there.summary
    assert there.summary.made
    day = read_record(RunRecord, record_line(a_run(TODAY)).replace("T08:17:00Z", "T17:17:00+09:00"))
    assert day == a_run(TODAY)
    times = (there.paper.published, there.paper.updated, there.summary.made, day.last_run, day.window_start)
    assert {time.utcoffset() for time in times} == {dt.timedelta(0)}


@pytest.mark.parametrize(
    ("name", "first", "last", "outside"),
    [
        ("date", "1991-01-01", "2199-12-31", ["1990-12-31", "2200-01-01"]),
        (
            "last_run",
            "1990-12-31T23:30:00-01:00",
            "2200-01-01T00:30:00+01:00",
            ["1990-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "2025-12-24T08:17:00"],
        ),
    ],
)
def test_times_are_those_of_arxiv_and_say_their_zone(
    name: str, first: str, last: str, outside: list[str]
) -> None:
    record = json.loads(record_line(a_run(TODAY)))
    assert name in record
    for value in (first, last):
        read_record(RunRecord, json.dumps(record | {name: value}))
    for value in outside:
        with pytest.raises(ValueError, match=f"^{name}: "):
            read_record(RunRecord, json.dumps(record | {name: value}))


def test_keywords_are_counted_once_a_paper_without_penalties_and_authors() -> None:
    weights = {"LLM": 0.5, "none": 0.0, "bad": -1.0}
    matches = [Match(keyword, weight, True, True) for keyword, weight in weights.items()]
    author = Match("Ada", 1.0, False, False, author=True)
    elsewhere = tuple(Match(keyword, 1.0, True, True) for keyword in ("LLM", "video"))
    also_in = (TopicScore("B", Score(2.0, elsewhere)),)
    entry = an_entry(score=Score(0.5, (*matches, author)), also_in=also_in)
    assert an_archive(entry).keyword_counts == {entry.digest_date: {"LLM": 1, "video": 1}}


def test_a_record_keeps_the_fields_of_a_later_release() -> None:
    line = json.dumps(json.loads(record_line(a_run(TODAY))) | {"mood": "good"})
    assert json.loads(record_line(read_record(RunRecord, line))) == json.loads(line)


def test_letters_stand_as_they_are() -> None:
    assert "推理 é" in entry_line(an_entry(paper=a_paper(title="推理 é")))


def test_a_file_with_the_line_ends_of_windows(tmp_path: Path) -> None:
    archive = saved_and_loaded(tmp_path, an_archive(an_entry()))
    file = tmp_path / "archive/2025/2025-12.jsonl"
    file.write_bytes(b'{"id": "2512.99009"\r\n' + file.read_bytes().replace(b"\n", b"\r\n"))
    loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
    assert (loaded.entries, [line.text for line in loaded.broken]) == (
        archive.entries,
        ['{"id": "2512.99009"'],
    )


def test_bytes_that_are_no_text_break_one_line_only(tmp_path: Path) -> None:
    write_archive(tmp_path, an_archive(an_entry()), Archive())
    file = tmp_path / "archive/2025/2025-12.jsonl"
    file.write_bytes(file.read_bytes() + b'{"id": "2512.99009", \xff\xfe\n')
    loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
    assert list(loaded.entries) == ["2512.99001"]
    assert [line.paper_id for line in loaded.broken] == ["2512.99009"]


def test_only_the_months_that_matter_are_loaded(tmp_path: Path) -> None:
    for number, month in enumerate(["2025-08", "2025-09", "2025-11", "2025-12"], 1):
        write_archive(tmp_path, an_archive(an_entry(f"2512.9900{number}", f"{month}-03")), Archive())
    loaded = load_archive(tmp_path, dt.date(2025, 11, 20))
    assert [f"{entry.digest_date:%m}" for entry in loaded.entries.values()] == ["11", "12"]


def test_older_months_are_loaded_until_enough_papers_are_shown(tmp_path: Path) -> None:
    for number, month in enumerate(["2025-08", "2025-09", "2025-10", "2025-12"], 1):
        entry = replace(an_entry(f"2512.9900{number}", f"{month}-03"), shown=month != "2025-10")
        write_archive(tmp_path, an_archive(entry), Archive())
    loaded = load_archive(tmp_path, dt.date(2025, 12, 1), at_least_shown=2)
    assert [f"{entry.digest_date:%m}" for entry in loaded.entries.values()] == ["09", "10", "12"]


def test_after_a_long_pause_the_last_month_is_loaded(tmp_path: Path) -> None:
    for number, month in enumerate(["2025-08", "2025-09"], 1):
        write_archive(tmp_path, an_archive(an_entry(f"2512.9900{number}", f"{month}-03")), Archive())
    loaded = load_archive(tmp_path, dt.date(2025, 12, 20))
    assert [f"{entry.digest_date:%m}" for entry in loaded.entries.values()] == ["09"]


OLD_DATES = (dt.date(2025, 9, 3), dt.date(2025, 9, 4), dt.date(2024, 2, 29))


@pytest.mark.parametrize("lost", ["*.md", "*.days.jsonl", ""])
def test_the_dates_of_months_that_are_not_loaded_come_from_the_data(tmp_path: Path, lost: str) -> None:
    archive = an_archive(*(an_entry(f"{date:%y%m.%d}001", f"{date}") for date in (*OLD_DATES, TODAY)))
    for date in archive.dates:
        archive = archive.with_run(a_run(date))
    archive = archive.with_run(a_run(dt.date(2025, 9, 5), new=0))
    write_archive(tmp_path, archive, Archive())
    pages = [day_path(date) for date in archive.dates]
    write_all(
        tmp_path,
        dict.fromkeys(
            [*pages, "archive/2025/2025-13-01.md", "archive/2019/2019-01-01.md", "archive/2025/notes.md"], ""
        ),
    )
    for path in tmp_path.rglob(lost) if lost else ():
        path.unlink()
    loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
    assert len(loaded.entries) == 1
    assert loaded.dates == archive.dates


def test_a_date_whose_run_was_not_recorded_is_known_by_its_page(tmp_path: Path) -> None:
    first, second, _ = OLD_DATES
    entries = [an_entry(f"{date:%y%m.%d}001", f"{date}") for date in (first, second, TODAY)]
    write_archive(tmp_path, an_archive(*entries).with_run(a_run(first)), Archive())
    write_all(tmp_path, {day_path(second): ""})
    assert load_archive(tmp_path, dt.date(2025, 12, 1)).dates == (TODAY, second, first)


def test_digests_are_newest_first_and_in_rank_order() -> None:
    monday = dt.date(2025, 12, 22)
    second, first = an_entry("2512.99002", rank=2, shown=False), an_entry("2512.99001", rank=1)
    archive = an_archive(second, first, an_entry("2512.99003", "2025-12-22"))
    archive = archive.with_run(a_run(TODAY)).with_run(a_run(monday))
    assert list(archive.digests) == [TODAY, monday]
    assert archive.newest_date == TODAY
    assert archive.of(TODAY) == (first, second)
    assert (archive.shown(TODAY), archive.listed(TODAY)) == ((first,), (second,))
    assert archive.of(dt.date(2025, 12, 1)) == ()
    of_monday = [an_entry("2512.99011", "2025-12-22")]
    archive = archive.with_related(monday, of_monday).with_related(TODAY, [second, first])
    assert (archive.related_of(TODAY), archive.related_of(monday)) == ((first, second), (*of_monday,))
    assert archive.latest_run == a_run(TODAY)
    assert (Archive().newest_date, Archive().latest_run) == (None, None)


def test_a_clock_that_was_ahead_leaves_no_record_behind() -> None:
    tomorrow, next_year = TODAY + dt.timedelta(days=1), TODAY + dt.timedelta(days=365)
    archive = an_archive(an_entry(digest=f"{tomorrow}"))
    for date in (TODAY, tomorrow, next_year):
        archive = archive.with_run(a_run(date))
    assert sorted(archive.as_of(TODAY).runs) == [TODAY, tomorrow]
    assert archive.as_of(next_year) == archive
    assert archive.as_of(TODAY).entries == archive.entries


def test_a_month_is_taken_from_memory_or_else_from_the_disk(tmp_path: Path) -> None:
    november, december = an_entry("2511.99001", "2025-11-03"), an_entry()
    write_archive(tmp_path, an_archive(november, december), Archive())
    changed = an_archive(replace(december, rank=9))
    assert load_month(tmp_path, changed, "2025-12") == [replace(december, rank=9)]
    assert load_month(tmp_path, changed, "2025-11") == [november]
    assert load_month(tmp_path, changed, "2025-10") == []
    old, new = (
        an_entry(digest=date, shown=False, paper=listed("2512.99001"))
        for date in ("2025-11-03", "2025-12-24")
    )
    write_archive(tmp_path, Archive().with_related(old.digest_date, [old]), Archive())
    archive = Archive().with_related(new.digest_date, [new])
    assert load_related(tmp_path, archive, "2025-11") == [old]
    assert load_related(tmp_path, archive, "2025-12") == [new]


def test_papers_of_months_that_are_not_loaded(tmp_path: Path) -> None:
    old, other, new = (
        an_entry(paper_id, day)
        for paper_id, day in (
            ("2511.99001", "2025-11-03"),
            ("2511.99002", "2025-11-04"),
            ("2512.99001", "2025-12-24"),
        )
    )
    write_archive(tmp_path, an_archive(old, other, new), Archive())
    file = tmp_path / "archive/2025/2025-11.jsonl"
    file.write_bytes(b'{"id": "2511.99003", "cut\n\n' + file.read_bytes())
    ids = ("2511.99001", "2511.99003", "1706.03762")
    assert ids_on_disk(tmp_path, ids) == {"2511.99001", "2511.99003"}
    loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
    assert with_single_entries(tmp_path, loaded, ids).single_entries == {"2511.99001": old}
    changed = loaded.with_entries([replace(new, withdrawn=True)])
    whole = with_months_of(tmp_path, changed, ids)
    assert whole.entries == {"2511.99001": old, "2511.99002": other} | dict(changed.entries)
    assert whole.dates == loaded.dates
    for load in (with_months_of, with_single_entries):
        assert load(tmp_path, changed, ["1706.03762"]) == changed


@pytest.mark.parametrize(
    ("digest", "changed", "is_read"),
    [
        ("2024-12-02", ["2025-12-22"], True),  # Monday of the week of the first loaded date
        ("2024-11-29", ["2025-12-22"], False),  # followed for no more than a year
        ("2025-11-03", ["2025-12-21"], False),
        ("2025-11-03", ["2025-12-23", "2025-12-01"], True),
        ("2025-11-03", [], False),
    ],
)
@pytest.mark.parametrize("loaded", [a_run(TODAY), an_entry("2512.99009")])
def test_older_papers_whose_changes_the_loaded_dates_tell_are_read_alone(
    tmp_path: Path, digest: str, changed: list[str], is_read: bool, loaded: RunRecord | Entry
) -> None:
    changes = tuple(Change(ChangeKind.NEW_VERSION, dt.date.fromisoformat(day)) for day in changed)
    old, starred = an_entry(digest=digest, changes=changes), an_entry("1706.03762", "2020-01-01")
    beside = an_entry("2512.99002", digest, changes=(Change(ChangeKind.NEW_VERSION, dt.date(2025, 12, 1)),))
    unchanged = an_entry("2512.99003", digest)
    write_archive(tmp_path, an_archive(old, beside, unchanged), Archive())
    archive = Archive(single_entries={"1706.03762": starred})
    later = TODAY + dt.timedelta(days=9)
    if isinstance(loaded, Entry):
        archive = archive.with_entries([loaded]).with_run(a_run(later))
    else:
        archive = archive.with_run(loaded).with_entries([an_entry("2601.00001", str(later))])
    found = with_changed_entries(tmp_path, archive)
    assert found.single_entries == dict(archive.single_entries) | ({"2512.99001": old} if is_read else {})
    assert (found.entries, found.runs) == (archive.entries, archive.runs)
    assert with_changed_entries(tmp_path, Archive()) == Archive()


def test_a_month_without_a_digest_is_loaded_for_its_runs(tmp_path: Path) -> None:
    write_archive(tmp_path, Archive().with_run(a_run(TODAY)), Archive())
    assert list(load_archive(tmp_path, dt.date(2025, 12, 1)).runs) == [TODAY]


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    archive = saved_and_loaded(tmp_path, an_archive(an_entry()).with_run(a_run(TODAY)))
    file = tmp_path / "archive/2025/2025-12.jsonl"
    before = file.stat().st_mtime_ns
    write_archive(tmp_path, archive, archive)
    assert file.stat().st_mtime_ns == before
    assert changed_dates(archive, archive) == set()
    assert changed_dates(archive.with_run(a_run(TODAY, fetched=1)), archive) == {TODAY}
    assert sorted(changed_files(archive, Archive())) == [
        "archive/2025/2025-12.days.jsonl",
        "archive/2025/2025-12.jsonl",
    ]


def test_where_files_lie() -> None:
    assert related_path("2025-12") == "archive/2025/2025-12.related.jsonl"
    assert week_path("2026-W47") == "archive/2026/2026-W47.md"
    assert in_archive(day_path(TODAY)) == "2025/2025-12-24.md"


def test_a_write_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "README.md"
    assert write_all(tmp_path, {"deep/README.md": "one\n", "a.md": "a"}) == ["deep/README.md", "a.md"]
    assert write_all(tmp_path, {"deep/README.md": "one\n", "a.md": "b"}) == ["a.md"]
    assert write_all(tmp_path, {"deep/README.md": "two \ud800\n"}) == ["deep/README.md"]
    assert path.read_text("utf-8") == "two ?\n"
    assert [file.name for file in path.parent.iterdir()] == ["README.md"]
    (tmp_path / "b.md").touch()
    assert path.stat().st_mode == (tmp_path / "b.md").stat().st_mode


@pytest.mark.parametrize("in_the_way", ["site", "README.md/folder"])
def test_all_is_written_or_nothing(tmp_path: Path, in_the_way: str) -> None:
    (tmp_path / in_the_way).parent.mkdir(exist_ok=True)
    (tmp_path / in_the_way).write_text("mine")
    with pytest.raises(ArchiveError, match="can't write .*(site/x|README.md): (Not|Is) a directory"):
        write_all(tmp_path, {"a.md": "new", "site/x": "new", "README.md": "new"})
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == [Path(in_the_way).name]


def test_something_in_the_way_of_the_copy_beside_a_file(tmp_path: Path) -> None:
    (tmp_path / ".b.md.tmp").mkdir()
    with pytest.raises(ArchiveError, match="can't write .*b.md: Is a directory"):
        write_all(tmp_path, {"a.md": "new", "b.md": "new"})
    assert [file.name for file in tmp_path.iterdir()] == [".b.md.tmp"]


def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    for name in (".a.md.tmp", "b.md", ".lock", ".unfinished.jsonl"):
        (tmp_path / name).symlink_to(secret)
    assert write_all(tmp_path, {"a.md": "new", "b.md": "new"}) == ["a.md", "b.md"]
    assert not (tmp_path / "b.md").is_symlink()
    with pytest.raises(ArchiveError, match="can't write into .*symbolic links"), only_run(tmp_path):
        pass
    with pytest.raises(ArchiveError, match="can't write .*unfinished"):
        append(tmp_path / ".unfinished.jsonl", "new")
    assert secret.read_text() == "mine"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("in the way")
    with pytest.raises(ArchiveError, match="can't write into"), only_run(tmp_path / "archive"):
        pass


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with only_run(tmp_path), pytest.raises(ArchiveError, match="another run is at work"), only_run(tmp_path):
        pass
    with only_run(tmp_path):
        pass


def test_a_folder_without_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with only_run(tmp_path):
        assert "don't start two runs at a time" in caplog.text
