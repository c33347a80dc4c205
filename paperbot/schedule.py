"""When the bot runs, read from its own workflow file and said in words."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from cron_descriptor import FormatError, Options, get_description  # type: ignore[import-untyped]

WORKFLOW_FILE = ".github/workflows/digest.yml"

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_NAMES = {name: str(number) for number, name in enumerate(_MONTHS, start=1)} | {
    name: str(number) for number, name in enumerate(_WEEKDAYS)
}
_ITEM = re.compile(r"(?:\*|(?P<first>[0-9]{1,4})(?:-(?P<last>[0-9]{1,4}))?)(?:/(?P<step>[0-9]{1,4}))?")
_DAYS_AHEAD = 8 * 366
"""A 29 February comes at the latest after eight years."""


@dataclass(frozen=True, slots=True)
class Cron:
    """One `cron` line of the workflow: five POSIX fields, in UTC unless the line has a `timezone`."""

    expression: str
    timezone: str = "UTC"

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """The first run later than `moment`, in UTC; None when no such date comes (31 February)."""
        zone = ZoneInfo(self.timezone)
        local = moment.astimezone(zone)
        minutes, hours, days, months, weekdays = _allowed(self.expression)
        times = [dt.time(hour, minute, tzinfo=zone) for hour in sorted(hours) for minute in sorted(minutes)]
        for offset in range(_DAYS_AHEAD):
            date = local.date() + dt.timedelta(days=offset)
            if date.month not in months or not self._names_day(date, days, weekdays):
                continue
            for time in times:
                run = dt.datetime.combine(date, time).astimezone(dt.UTC)
                if run > moment:
                    return run
        return None

    def _names_day(self, date: dt.date, days: set[int], weekdays: set[int]) -> bool:
        """POSIX: when both day fields are restricted, either may name the day."""
        day_field, weekday_field = self.expression.split()[2], self.expression.split()[4]
        in_month, in_week = date.day in days, date.isoweekday() % 7 in weekdays
        if day_field.startswith("*") or weekday_field.startswith("*"):
            return in_month and in_week
        return in_month or in_week


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the workflow file says about when the bot runs."""

    workflow: str = ""
    """The name that the Actions tab lists; empty when it is unknown."""
    by_hand: bool = False
    """The Actions tab has a "Run workflow" button for it."""
    crons: tuple[Cron, ...] = ()
    problem: str = ""
    """Why nothing is known about the times, as a sentence; empty when all could be read."""

    @property
    def words(self) -> str:
        """The times, for example `At 08:17 and 13:47, Monday through Friday (UTC)`; empty without a cron."""
        times_on: dict[tuple[str, str], list[str]] = {}  # the later ones without "At "
        for cron in self.crons:
            time, _, days = _describe(cron.expression).partition(", ")
            times = times_on.setdefault((days, cron.timezone), [])
            times.append(time.removeprefix("At ") if times else time)
        return "; ".join(
            f"{' and '.join(times)}{', ' + days if days else ', every day'} ({timezone})"
            for (days, timezone), times in times_on.items()
        )

    def next_run(self, after: dt.datetime) -> dt.datetime | None:
        """The next run's time in UTC, if known. GitHub may start it late, or skip it when busy."""
        runs = (cron.next_after(after) for cron in self.crons)
        return min((run for run in runs if run), default=None)


def load_schedule(root: Path) -> Schedule:
    """Read the workflow below `root`; whatever is wrong with it is a sentence in `problem`."""
    try:
        text = (root / WORKFLOW_FILE).read_text("utf-8")
    except FileNotFoundError:
        return Schedule(problem=f"There is no {WORKFLOW_FILE}, so when the bot runs is not known here.")
    except (OSError, UnicodeDecodeError) as error:
        return Schedule(problem=f"{WORKFLOW_FILE} can't be read ({error}).")
    return read_schedule(text)


def read_schedule(text: str) -> Schedule:
    """Understand a workflow file's text: its name, its crons, its "Run workflow" button."""
    try:
        # BaseLoader: every other one reads the key `on` as True.
        workflow = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        return Schedule(problem=f"{WORKFLOW_FILE} is not valid YAML ({str(error).splitlines()[0]}).")
    if not isinstance(workflow, Mapping):
        return Schedule(problem=f"{WORKFLOW_FILE} is not a workflow.")
    on = workflow.get("on")
    triggers = on if isinstance(on, Mapping) else dict.fromkeys(on if isinstance(on, list) else [on], ())
    name, by_hand = str(workflow.get("name") or WORKFLOW_FILE), "workflow_dispatch" in triggers
    try:
        lines = triggers.get("schedule") or []
        if not isinstance(lines, list):
            raise ValueError("it must be a list of lines such as - cron: '17 8 * * 1-5'")
        crons = tuple(map(_read_cron, lines))
    except ValueError as error:
        return Schedule(name, by_hand, problem=f"The schedule in {WORKFLOW_FILE} can't be read: {error}.")
    if not crons:
        return Schedule(
            name, by_hand, problem=f"{WORKFLOW_FILE} has no schedule: the bot runs only when started by hand."
        )
    return Schedule(name, by_hand, crons)


def _read_cron(line: object) -> Cron:
    if not isinstance(line, Mapping) or "cron" not in line:
        raise ValueError(f"{line!r} has no cron")
    cron = Cron(str(line["cron"]), str(line.get("timezone", "UTC")))
    try:
        ZoneInfo(cron.timezone)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{cron.timezone!r} is no time zone") from error
    _allowed(cron.expression)
    _describe(cron.expression)
    return cron


def _allowed(expression: str) -> list[set[int]]:
    """The values that each of the five fields allows; ValueError for what no cron can mean."""
    parts = expression.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(f"{expression!r} has {len(parts)} fields where five are needed")
    allowed = [_values(part, *field) for part, field in zip(parts, _FIELDS, strict=True)]
    allowed[4] = {weekday % 7 for weekday in allowed[4]}
    return allowed


def _values(part: str, field: str, lowest: int, highest: int) -> set[int]:
    values: set[int] = set()
    for item in part.split(","):
        found = _ITEM.fullmatch(re.sub("[A-Za-z]+", lambda word: _NAMES.get(word[0].lower(), "?"), item))
        if not found or int(found["step"] or 1) == 0:
            raise ValueError(f"{item!r} is no {field}")
        first = int(found["first"] or lowest)
        open_ended = found["first"] is None or (found["step"] and not found["last"])
        last = highest if open_ended else int(found["last"] or first)
        if not lowest <= first <= last <= highest:
            raise ValueError(f"{item!r} is no {field} ({lowest} to {highest})")
        values.update(range(first, last + 1, int(found["step"] or 1)))
    return values


def _describe(expression: str) -> str:
    options = Options(locale_code="en_US", use_24hour_time_format=True)
    try:
        return str(get_description(expression, options))
    except FormatError as error:
        raise ValueError(str(error)) from error
