"""The workflow's cron, in words and as the next run."""

import datetime as dt
from pathlib import Path

import pytest

from paperbot.schedule import WORKFLOW_FILE, Cron, load_schedule, read_schedule

FRIDAY = dt.datetime(2025, 12, 26, 13, 47, tzinfo=dt.UTC)

WORKFLOW = """
name: arXiv Bot Daily Update
on:
  schedule:
    - cron: "17 8 * * 1-5"
    - cron: "47 13 * * 1-5"
  workflow_dispatch:
"""


def with_cron(cron: str, timezone: str = "UTC") -> str:
    return f'on:\n  schedule:\n    - cron: "{cron}"\n      timezone: {timezone}\n'


def test_two_crons_on_the_same_days_are_one_phrase() -> None:
    schedule = read_schedule(WORKFLOW)
    assert schedule.words == "At 08:17 and 13:47, Monday through Friday (UTC)"
    assert (schedule.workflow, schedule.by_hand, schedule.problem) == ("arXiv Bot Daily Update", True, "")


@pytest.mark.parametrize(
    ("cron", "words", "next_run"),
    [
        ("17 8 * * 1-5", "At 08:17, Monday through Friday (UTC)", "2025-12-29T08:17"),
        ("17 8 * * *", "At 08:17, every day (UTC)", "2025-12-27T08:17"),
        ("47 13 * * FRI", "At 13:47, only on Friday (UTC)", "2026-01-02T13:47"),
        ("48 13 * * 5", "At 13:48, only on Friday (UTC)", "2025-12-26T13:48"),
        ("0 7 * * 7", "At 07:00, only on Sunday (UTC)", "2025-12-28T07:00"),
        ("*/20 * * * *", "Every 20 minutes, every day (UTC)", "2025-12-26T14:00"),
        ("5 6,18 * * *", "At 06:05 and 18:05, every day (UTC)", "2025-12-26T18:05"),
        ("0 0 29 2 *", "At 00:00, on day 29 of the month, only in February (UTC)", "2028-02-29T00:00"),
        ("0 0 1 * 1", "At 00:00, on day 1 of the month, or on Monday (UTC)", "2025-12-29T00:00"),
    ],
)
def test_words_and_next_run(cron: str, words: str, next_run: str) -> None:
    schedule = read_schedule(with_cron(cron))
    assert schedule.words == words
    assert schedule.next_run(FRIDAY) == dt.datetime.fromisoformat(next_run).replace(tzinfo=dt.UTC)


def test_a_date_that_never_comes_has_no_next_run() -> None:
    assert Cron("0 0 31 2 *").next_after(FRIDAY) is None


def test_the_earliest_of_several_crons_is_next() -> None:
    before = FRIDAY - dt.timedelta(minutes=1)
    assert read_schedule(WORKFLOW).next_run(before) == FRIDAY


def test_a_cron_may_have_a_time_zone() -> None:
    schedule = read_schedule(with_cron("0 8 * * *", "Asia/Shanghai"))
    assert schedule.words == "At 08:00, every day (Asia/Shanghai)"
    assert schedule.next_run(FRIDAY) == dt.datetime(2025, 12, 27, 0, 0, tzinfo=dt.UTC)


def test_crons_on_different_days_are_two_phrases() -> None:
    schedule = read_schedule(WORKFLOW.replace("47 13 * * 1-5", "0 9 * * 6"))
    assert schedule.words == "At 08:17, Monday through Friday (UTC); At 09:00, only on Saturday (UTC)"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("on: [push, workflow_dispatch]", "has no schedule: the bot runs only when started by hand."),
        ("on: {schedule: }", "has no schedule: the bot runs only when started by hand."),
        ("on: [", "is not valid YAML"),
        ("[" * 9000, "is not valid YAML"),
        (
            "on: {schedule: daily}",
            "can't be read: it must be a list of lines such as - cron: '17 8 * * 1-5'.",
        ),
        ("on: {schedule: {cron: 17 8 * * *}}", "can't be read: it must be a list of lines"),
        (with_cron("17 8 * * *", "../etc"), "can't be read: '../etc' is no time zone."),
        ("just words", "is not a workflow."),
        (with_cron("99 8 * * *"), "can't be read: '99' is no minute (0 to 59)."),
        (with_cron("17 9-5 * * *"), "can't be read: '9-5' is no hour (0 to 23)."),
        (with_cron("17 8 * * */0"), "can't be read: '*/0' is no weekday."),
        (with_cron("17 8 * * someday"), "can't be read: 'someday' is no weekday."),
        (with_cron("17 8"), "can't be read: '17 8' has 2 fields where five are needed."),
        (with_cron("17 8 * * *", "Mars/Base"), "can't be read: 'Mars/Base' is no time zone."),
        ("on: {schedule: [daily]}", "can't be read: 'daily' has no cron."),
    ],
)
def test_what_can_not_be_read_is_said(text: str, problem: str) -> None:
    schedule = read_schedule(text)
    assert schedule.problem.startswith((WORKFLOW_FILE, f"The schedule in {WORKFLOW_FILE}"))
    assert problem in schedule.problem
    assert (schedule.words, schedule.next_run(FRIDAY)) == ("", None)


def test_without_a_schedule_the_button_is_still_known() -> None:
    assert read_schedule("name: By hand\non: workflow_dispatch").by_hand
    assert not read_schedule("on: push").by_hand


def test_a_missing_workflow_is_said(tmp_path: Path) -> None:
    assert load_schedule(tmp_path).problem == (
        f"There is no {WORKFLOW_FILE}, so when the bot runs is not known here."
    )


def test_a_workflow_on_disk_is_read(tmp_path: Path) -> None:
    file = tmp_path / WORKFLOW_FILE
    file.parent.mkdir(parents=True)
    file.write_text(WORKFLOW, "utf-8")
    assert load_schedule(tmp_path) == read_schedule(WORKFLOW)
    file.write_bytes(b"\xff\xfe")
    assert "can't be read" in load_schedule(tmp_path).problem
