"""IANA time zones, and the right one for what people write instead: `GMT+8`, `CST`, `Beijing`."""

import datetime as dt
import difflib
import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

EXAMPLES = "Allowed are IANA names, such as UTC, Asia/Shanghai, Europe/Berlin, America/New_York."
NOT_A_PLACE = frozenset({"localtime", "posixrules", "Factory"})
"""Files in some systems' time zone folders that mean another zone on each machine, or none."""
OFFSET = re.compile(
    r"(?:(?:etc/)?(?:utc|gmt)(?:/?(?:utc|gmt))?|z)?±?([+-]?)(\d{1,2})(?::?([0-5]\d)|[.,](0|25|3|30|45|5|50|75))?"
    r"(?:h|hrs?|hours?)?"
)
MINUTES_OF_FRACTION = {"25": 15, "3": 30, "30": 30, "45": 45, "5": 30, "50": 30, "75": 45}
CHINESE_OFFSET = re.compile(r"(?:utc)?([东東西])(十?[一二三四五六七八九]|十)[区區]")
CHINESE_DIGITS = "一二三四五六七八九"
IN_BRACKETS = re.compile(r"\(([^)]*)\)")
NOISE = re.compile(r"\([^)]*\)|\b(?:standard|daylight|summer)?\s*time(?:\s*zone)?\b|时间|時間")
ACCENTS = re.compile("[\u0300-\u036f]")
FIXED_ABBREVIATIONS = {"EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu"}
"""IANA names that keep no daylight saving time, unlike the region that people mean by them."""
MAX_OFFSET_MINUTES = 14 * 60
MIN_OFFSET_MINUTES = -12 * 60
WINTER, SUMMER = (dt.datetime(2025, month, 15, tzinfo=dt.UTC) for month in (1, 7))


def is_time_zone(name: str) -> bool:
    """Whether every machine with IANA's database knows this name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return name not in NOT_A_PLACE


def suggest_time_zone(name: str) -> str:
    """A sentence about a name that is no time zone, with the right name where it can be guessed."""
    lowered = _lowered(name)
    offset = _offset_minutes(NOISE.sub("", lowered))
    without_dots = " ".join(re.sub(r"[.'’]", "", NOISE.sub(" ", lowered)).split())
    guesses = _guesses(without_dots) if offset is None else []
    if len(guesses) != 1:  # `CST (UTC+8)`: the brackets say which one
        in_brackets = map(_offset_minutes, IN_BRACKETS.findall(lowered))
        offset = next((minutes for minutes in in_brackets if minutes is not None), offset)
    if offset is not None:
        return _suggest_for_offset(offset)
    return f"Did you mean {' or '.join(guesses)}?" if guesses else EXAMPLES


def misunderstanding(name: str) -> str:
    """What a valid name may not have been meant to say; empty for most."""
    if city := FIXED_ABBREVIATIONS.get(name):
        if not _keeps_daylight_saving_time(city):
            return ""
        return f"{name} has no daylight saving time. If you want it, write {city}."
    if found := re.fullmatch(r"Etc/GMT\+(\d+)", name):
        hours = int(found[1])
        return (
            f"{name} is {_offset_name(-60 * hours)}: in Etc names the sign is reversed. "
            f"If you mean {_offset_name(60 * hours)}, write Etc/GMT-{hours}."
            if hours
            else ""
        )
    return ""


def _lowered(name: str) -> str:
    """Lower case, one kind of minus, no accents."""
    letters = ACCENTS.sub("", unicodedata.normalize("NFKD", name.casefold()))
    text = unicodedata.normalize("NFKC", letters).replace("_", " ")
    return re.sub("[\u2010-\u2015\u2212]", "-", text)


def _offset_minutes(lowered: str) -> int | None:
    """Minutes east of UTC, as people mean `utc+8`, `gmt-5`, `+05:30`, `5.5 hours`."""
    text = "".join(lowered.split())
    if found := OFFSET.fullmatch(text):
        minutes = 60 * int(found[2]) + int(found[3] or MINUTES_OF_FRACTION.get(found[4], 0))
        return -minutes if found[1] == "-" else minutes
    if found := CHINESE_OFFSET.fullmatch(text):
        hours = 10 * found[2].startswith("十") + CHINESE_DIGITS.find(found[2][-1]) + 1
        return -60 * hours if found[1] == "西" else 60 * hours
    return None


def _suggest_for_offset(minutes: int) -> str:
    if not MIN_OFFSET_MINUTES <= minutes <= MAX_OFFSET_MINUTES:
        return f"No place on Earth keeps {_offset_name(minutes)}. {EXAMPLES}"
    if minutes == 0:
        return "Write UTC, or a city with daylight saving time, such as Europe/London."
    options = []
    if city := _known()["places_by_offset"].get(_offset_name(minutes).removeprefix("UTC")):
        note = " (outside of daylight saving time)" if _keeps_daylight_saving_time(city) else ""
        options.append(f"a city with that time{note}, such as {city}")
    if minutes % 60 == 0:
        options.append(f"Etc/GMT{-minutes // 60:+d} (in Etc names the sign is reversed)")
    if not options:
        return EXAMPLES
    return f"For {_offset_name(minutes)} write {', or '.join(options)}."


def _offset_name(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _keeps_daylight_saving_time(name: str) -> bool:
    zone = ZoneInfo(name)
    return WINTER.astimezone(zone).utcoffset() != SUMMER.astimezone(zone).utcoffset()


def _guesses(wanted: str) -> list[str]:
    """The zones that a name may mean; several where it is ambiguous."""
    zones_by_name = {name.casefold(): [zone] for name, zone in FIXED_ABBREVIATIONS.items()}
    for zone, names in _known()["zones_by_name"].items():
        for name in names:
            zones_by_name.setdefault(_lowered(name), []).append(zone)
    known = {zone.casefold().replace("_", " "): zone for zone in sorted(available_timezones() - NOT_A_PLACE)}
    place = wanted.rpartition("/")[2]
    for name in dict.fromkeys((wanted, place, *map(str.strip, re.split(r"[,/]", wanted)))):
        if zones := zones_by_name.get(name):
            return zones
        if same := [zone for zone in known if zone.rpartition("/")[2] == name]:
            return [known[min(same, key=len)]]
    # In Etc names the sign is reversed: a name that is only near one of them means another zone.
    places = [zone for zone in known if not zone.startswith("etc/")]
    if near := difflib.get_close_matches(wanted, places, 1, cutoff=0.8):
        return [known[near[0]]]
    near = difflib.get_close_matches(place, zones_by_name, 1, cutoff=0.85)
    return zones_by_name[near[0]] if near else []


@cache
def _known() -> dict[str, Any]:
    path = Path(__file__).resolve().parents[1] / "data" / "time_zones.json"
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known
