"""What was shown, on disk and merged: nothing lost, nothing twice."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperbot.archive import Archive
from paperbot.archive.files import append, only_run, write_all
from paperbot.archive.layout import day_path
from paperbot.archive.records import entry_line, read_record, record_line
from paperbot.archive.store import changed_dates, changed_files, load_archive, load_month, write_archive
from paperbot.digest import highest_known_id, merged_digest, needs_look_back, updated_entries
from paperbot.errors import ArchiveError
from paperbot.model import (
    Entry,
    Grounding,
    Match,
    Notice,
    NoticeKind,
    PaperType,
    RunRecord,
    Score,
    Summary,
    SummarySource,
)
from tests.support.builders import a_candidate, a_paper, an_entry, utc

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
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
    grounding=Grounding(31, 33, ("99.73%", "12.34x")),
    hidden_text="Ignore",
)


def a_day(date: dt.date = TODAY, **given: object) -> RunRecord:
    fields = {"fetched": 900, "matching": 300, "new": 80, "shown": 30} | given
    start = utc("2025-12-17T08:17:00")
    return RunRecord(date, utc("2025-12-24T08:17:00"), start, **fields)  # type: ignore[arg-type]


def an_archive(*entries: Entry) -> Archive:
    return Archive().with_entries(entries)


def saved_and_loaded(root: Path, archive: Archive) -> Archive:
    write_archive(root, archive, Archive())
    return load_archive(root, dt.date(2025, 12, 1))


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    paper = replace(a_paper(), title="Ünï “code”\u2028| $x$", comment="", authors=("张三", "Ada"))
    matches = (Match("LLM", 2.0, True, False), Match("Ada", 1.0, False, False, author=True))
    entries = [
        an_entry(paper=paper, summary=SUMMARY, score=Score(4.5, matches)),
        an_entry("2512.99002", rank=2, summary=Summary(reason="no PDF yet", model="m", made=SUMMARY.made)),
        an_entry("2512.99003", rank=3, shown=False, paper=a_paper("2512.99003", abstract="")),
        an_entry("2512.99004", rank=4, withdrawn=True),
    ]
    notices = (Notice(NoticeKind.NO_KEY, "No key."), Notice("of-next-year", "?"))
    day = a_day(announcement_dates=(TODAY,), stale_since=TODAY, notices=notices, checked_held_papers=True)
    archive = an_archive(*entries).with_run(day)
    loaded = saved_and_loaded(tmp_path, archive)
    assert loaded.entries == archive.entries
    assert loaded.runs == archive.runs
    assert loaded.dates == (TODAY,)
    assert changed_dates(loaded, archive) == set()
    assert loaded.broken == ()


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
    assert "this line can't be read" in loaded.broken[0].problem.message
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
    ],
)
def test_what_is_wrong_with_a_line_and_what_to_do(tmp_path: Path, line: str, words: str) -> None:
    write_archive(tmp_path, an_archive(an_entry("2512.99002")).with_run(a_day()), Archive())
    with (tmp_path / "archive/2025/2025-12.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    (broken,) = load_archive(tmp_path, dt.date(2025, 12, 1)).broken
    message = str(broken.problem)
    assert message.startswith(f"archive/2025/2025-12.jsonl, line 2: this line can't be read ({words}")
    assert message.endswith(
        "). It is kept as it is, and its paper is not shown again; restore it from the repository's history, "
        "or delete it"
    )


def test_a_broken_line_among_the_runs_is_kept(tmp_path: Path) -> None:
    write_archive(tmp_path, Archive().with_run(a_day()), Archive())
    file = tmp_path / "archive/2025/2025-12.days.jsonl"
    file.write_text(file.read_text("utf-8") + "broken\n", encoding="utf-8")
    loaded = load_archive(tmp_path, dt.date(2025, 12, 1))
    write_archive(tmp_path, loaded.with_run(a_day(fetched=901)), loaded)
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
    day = read_record(RunRecord, record_line(a_day()).replace("T08:17:00Z", "T17:17:00+09:00"))
    assert day == a_day()
    times = (there.paper.published, there.paper.updated, there.summary.made, day.last_run, day.window_start)
    assert {time.utcoffset() for time in times} == {dt.timedelta(0)}


def test_a_record_keeps_the_fields_of_a_later_release() -> None:
    line = json.dumps(json.loads(record_line(a_day())) | {"mood": "good"})
    assert json.loads(record_line(read_record(RunRecord, line))) == json.loads(line)


def test_letters_stand_as_they_are() -> None:
    assert "推理 é" in entry_line(an_entry(paper=a_paper(title="推理 é")))


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
        archive = archive.with_run(a_day(date))
    archive = archive.with_run(a_day(dt.date(2025, 9, 5), new=0))
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
    write_archive(tmp_path, an_archive(*entries).with_run(a_day(first)), Archive())
    write_all(tmp_path, {day_path(second): ""})
    assert load_archive(tmp_path, dt.date(2025, 12, 1)).dates == (TODAY, second, first)


def test_digests_are_newest_first_and_in_rank_order() -> None:
    monday = dt.date(2025, 12, 22)
    second, first = an_entry("2512.99002", rank=2, shown=False), an_entry("2512.99001", rank=1)
    archive = an_archive(second, first, an_entry("2512.99003", "2025-12-22"))
    archive = archive.with_run(a_day()).with_run(a_day(monday))
    assert list(archive.digests) == [TODAY, monday]
    assert archive.newest_date == TODAY
    assert archive.of(TODAY) == (first, second)
    assert (archive.shown(TODAY), archive.listed(TODAY)) == ((first,), (second,))
    assert archive.of(dt.date(2025, 12, 1)) == ()
    assert archive.latest_run == a_day()
    assert (Archive().newest_date, Archive().latest_run) == (None, None)


def test_a_clock_that_was_ahead_leaves_no_record_behind() -> None:
    tomorrow, next_year = TODAY + dt.timedelta(days=1), TODAY + dt.timedelta(days=365)
    archive = an_archive(an_entry(digest=f"{tomorrow}"))
    for date in (TODAY, tomorrow, next_year):
        archive = archive.with_run(a_day(date))
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


def test_a_month_without_a_digest_is_loaded_for_its_runs(tmp_path: Path) -> None:
    write_archive(tmp_path, Archive().with_run(a_day()), Archive())
    assert list(load_archive(tmp_path, dt.date(2025, 12, 1)).runs) == [TODAY]


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    archive = saved_and_loaded(tmp_path, an_archive(an_entry()).with_run(a_day()))
    file = tmp_path / "archive/2025/2025-12.jsonl"
    before = file.stat().st_mtime_ns
    write_archive(tmp_path, archive, archive)
    assert file.stat().st_mtime_ns == before
    assert changed_dates(archive, archive) == set()
    assert changed_dates(archive.with_run(a_day(fetched=1)), archive) == {TODAY}
    assert sorted(changed_files(archive, Archive())) == [
        "archive/2025/2025-12.days.jsonl",
        "archive/2025/2025-12.jsonl",
    ]


def merged_ids(archive: Archive, *candidates: str, max_papers: int = 30) -> list[tuple[str, bool]]:
    made = [a_candidate(paper_id, score=float(paper_id[-1])) for paper_id in candidates]
    return [(entry.paper.id, entry.shown) for entry in merged_digest(archive, made, TODAY, {"": max_papers})]


def test_a_digest_holds_what_no_other_date_holds() -> None:
    archive = an_archive(an_entry("2512.99001", "2025-12-23"))
    assert merged_ids(archive, "2512.99001", "2512.99002") == [("2512.99002", True)]


def test_of_equal_scores_the_newer_submission_is_first_then_the_lower_id() -> None:
    old, new = utc("2025-12-20T00:00:00"), utc("2025-12-21T00:00:00")
    papers = [("2512.99001", old), ("2512.99003", new), ("2512.99002", new)]
    candidates = [a_candidate(paper_id, published=published) for paper_id, published in papers]
    digest = merged_digest(Archive(), candidates, TODAY, {"": 30})
    assert [entry.paper.id for entry in digest] == ["2512.99002", "2512.99003", "2512.99001"]


def test_a_second_run_takes_up_a_paper_as_it_is_now() -> None:
    first = merged_digest(Archive(), [a_candidate()], TODAY, {"": 1})
    revised = replace(a_candidate(version=2), type=PaperType.CROSS)
    (entry,) = merged_digest(an_archive(*first), [revised], TODAY, {"": 1})
    assert (first[0].type, entry.type, entry.paper.version) == ("new", "cross", 2)


def test_the_best_are_shown_and_the_rest_listed() -> None:
    listed = merged_digest(
        Archive(), [a_candidate("2512.99001", 1), a_candidate("2512.99002", 2)], TODAY, {"": 1}
    )[1]
    assert (listed.rank, listed.shown, listed.paper.abstract) == (2, False, "")


def test_a_second_run_adds_and_takes_nothing_back() -> None:
    first = merged_digest(Archive(), [a_candidate("2512.99005", 5.0)], TODAY, {"": 1})
    archive = an_archive(*first).with_summaries({"2512.99005": SUMMARY})
    second = merged_digest(
        archive, [a_candidate("2512.99005", 5.0), a_candidate("2512.99009", 9.0)], TODAY, {"": 1}
    )
    assert [(entry.paper.id, entry.rank, entry.shown) for entry in second] == [
        ("2512.99009", 1, True),
        ("2512.99005", 2, True),
    ]
    assert second[1].summary == SUMMARY


def test_a_second_run_with_other_keywords_scores_anew_and_keeps_what_no_longer_matches() -> None:
    archive = an_archive(*merged_digest(Archive(), [a_candidate("2512.99005", 5.0)], TODAY, {"": 9}))
    (kept, added) = merged_digest(archive, [a_candidate("2512.99001", 1.0)], TODAY, {"": 9})
    assert (kept.score.value, added.paper.id) == (5.0, "2512.99001")
    (again,) = merged_digest(archive, [a_candidate("2512.99005", 2.0)], TODAY, {"": 9})
    assert again.score.value == 2.0


def test_more_room_shows_papers_that_an_earlier_run_listed() -> None:
    candidates = [a_candidate("2512.99001", 1), a_candidate("2512.99002", 2)]
    archive = an_archive(*merged_digest(Archive(), candidates, TODAY, {"": 1}))
    shown = merged_digest(archive, candidates, TODAY, {"": 2})
    assert [(entry.shown, bool(entry.paper.abstract)) for entry in shown] == [(True, True)] * 2


RUNS = st.lists(
    st.tuples(st.integers(0, 3), st.frozensets(st.integers(1, 12)), st.integers(1, 5)), max_size=8
)


@given(RUNS)
def test_every_candidate_is_in_exactly_one_digest_and_no_shown_paper_vanishes(
    runs: list[tuple[int, frozenset[int], int]],
) -> None:
    archive = Archive()
    for days_on, numbers, max_papers in sorted(runs, key=lambda run: run[0]):
        today = TODAY + dt.timedelta(days=days_on)
        candidates = [a_candidate(f"2512.{number:05}", float(number)) for number in numbers]
        shown = {key for key, entry in archive.entries.items() if entry.shown}
        archive = archive.with_entries(merged_digest(archive, candidates, today, {"": max_papers}))
        assert {candidate.paper.id for candidate in candidates} <= set(archive.entries)
        assert shown <= {key for key, entry in archive.entries.items() if entry.shown}
        assert sorted(entry.rank for entry in archive.of(today)) == list(range(1, len(archive.of(today)) + 1))


def test_a_new_version_is_not_a_new_paper() -> None:
    archive = an_archive(an_entry(digest="2025-12-22", summary=SUMMARY))
    revised = a_paper(version=2, updated=utc("2025-12-24T01:00:00"), abstract="Other words.")
    (entry,) = updated_entries(archive, [revised, a_paper("2512.99009")])
    assert (entry.paper.version, entry.paper.updated) == (2, revised.updated)
    assert entry.paper.abstract == "We study nothing in particular."
    assert (entry.summary, entry.withdrawn) == (SUMMARY, False)
    assert updated_entries(an_archive(entry), [revised]) == []


def test_a_withdrawn_paper_is_marked() -> None:
    archive = an_archive(an_entry(digest="2025-12-22"))
    gone = a_paper(version=2, abstract="This paper has been withdrawn by the author.")
    (entry,) = updated_entries(archive, [gone])
    assert entry.withdrawn


@pytest.mark.parametrize(
    ("ran_on", "today", "expected"),
    [
        ([], "2025-12-24", False),  # a fresh archive
        (["2025-12-22", "2025-12-23"], "2025-12-24", False),
        (["2025-12-19"], "2025-12-22", True),  # a new week
        (["2025-12-19"], "2025-12-24", True),  # in which Monday's run failed
        (["2025-12-22"], "2025-12-22", False),  # again on the same date
        (["2025-12-11"], "2025-12-22", True),
    ],
)
def test_when_to_look_back(ran_on: list[str], today: str, expected: bool) -> None:
    archive = Archive()
    for date in ran_on:
        archive = archive.with_run(a_day(dt.date.fromisoformat(date)))
    assert needs_look_back(archive, dt.date.fromisoformat(today), days_back=7) is expected


def test_short_windows_look_back_after_a_day_without_a_run() -> None:
    archive = Archive().with_run(a_day(dt.date(2025, 12, 22)))
    assert needs_look_back(archive, dt.date(2025, 12, 24), days_back=1)
    assert not needs_look_back(archive, dt.date(2025, 12, 23), days_back=1)
    assert needs_look_back(Archive(dates=(TODAY,)), TODAY, days_back=7)  # its records are lost


def test_above_which_id_a_held_paper_is_news() -> None:
    assert highest_known_id(Archive(), TODAY, 7) is None
    young = an_archive(an_entry("2512.20002", "2025-12-22"), an_entry("2512.30003", "2025-12-23"))
    assert highest_known_id(young, TODAY, 7) == "2512.20002"
    week_old = an_entry("2512.15005", "2025-12-17")
    old = young.with_entries(
        [an_entry("2512.10001", "2025-12-15"), an_entry("hep-th/9901001", "2025-12-16"), week_old]
    )
    assert highest_known_id(old, TODAY, 7) == "2512.10001"
    assert highest_known_id(an_archive(an_entry()), TODAY, 7) is None


def test_a_write_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "README.md"
    assert write_all(tmp_path, {"deep/README.md": "one\n", "a.md": "a"}) == ["deep/README.md", "a.md"]
    assert write_all(tmp_path, {"deep/README.md": "one\n", "a.md": "b"}) == ["a.md"]
    assert write_all(tmp_path, {"deep/README.md": "two \ud800\n"}) == ["deep/README.md"]
    assert path.read_text("utf-8") == "two ?\n"
    assert [file.name for file in path.parent.iterdir()] == ["README.md"]


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
