"""Time zones as people write them are answered with the right IANA name."""

from zoneinfo import available_timezones

import pytest

from paperbot.config.time_zones import _known, is_time_zone, misunderstanding, suggest_time_zone


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        *((text, "Asia/Shanghai, or Etc/GMT-8 (") for text in (
            "GMT+8", "UTC+8", "utc+08:00", "UTC +8", "UTC 8", "+0800", "+08:00", "8", "UTC＋８", "GMT8",
            "Etc/UTC+8", "UTC+8 (Beijing)", "UTC/GMT +8", "GMT +8 hours", "CST (UTC+8)", "东八区",
        )),
        *((text, "America/New_York, or Etc/GMT+5 (") for text in ("GMT-5", "UTC-05:00", "UTC−5", "-0500")),
        *((text, "Did you mean Asia/Shanghai?") for text in (
            "Beijing", "China", "Asia/Beijing", "Beijing Time", "China Standard Time", "北京时间", "Shenzhen",
            "shanghai", "Asia/Shangai", "asia/shanghai", "Beijng", "Shanghai, China", "China/Shanghai",
            "(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi",
        )),
        ("CST", "Did you mean Asia/Shanghai or America/Chicago?"),
        ("PST", "Did you mean America/Los_Angeles?"),
        ("PDT", "Did you mean America/Los_Angeles?"),
        ("Pacific Time", "Did you mean America/Los_Angeles?"),
        ("IST", "Did you mean Asia/Kolkata or Asia/Jerusalem or Europe/Dublin?"),
        ("BST", "Europe/London?"),
        ("CEST", "Europe/Berlin"),
        ("JST", "Did you mean Asia/Tokyo?"),
        ("W. Europe Standard Time", "Did you mean Europe/Berlin?"),
        ("India", "Did you mean Asia/Kolkata?"),
        ("St. Petersburg", "Did you mean Europe/Moscow?"),
        ("New York", "Did you mean America/New_York?"),
        ("New York/America", "Did you mean America/New_York?"),
        ("CET/Berlin", "Did you mean Europe/Berlin?"),
        ("São Paulo", "Did you mean America/Sao_Paulo?"),
        ("est", "Did you mean America/New_York?"),
        *((text, "For UTC+05:30 write a city with that time, such as Asia/Kolkata.") for text in (
            "UTC+5.5", "5,5", "GMT+5.30 hrs",
        )),
        ("UTC±0", "Write UTC, or"),
        ("UTC+5:30", "For UTC+05:30 write a city with that time, such as Asia/Kolkata."),
        ("UTC-12", "For UTC-12:00 write Etc/GMT+12 ("),
        ("UTC+0", "Write UTC, or"),
        ("UTC+15", "No place on Earth keeps UTC+15:00."),
        ("UTC+05:15", "Allowed are IANA names"),
        ("localtime", "Allowed are IANA names"),
        ("../../etc/passwd", "Allowed are IANA names"),
        ("", "Allowed are IANA names"),
    ],
)  # fmt: skip
def test_the_suggestion_means_what_was_written(written: str, expected: str) -> None:
    assert not is_time_zone(written)
    assert expected in suggest_time_zone(written)


def test_every_suggested_zone_exists() -> None:
    known = _known()
    assert {*known["zones_by_name"], *known["places_by_offset"].values()} <= available_timezones()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("EST", "EST has no daylight saving time. If you want it, write America/New_York."),
        ("Etc/GMT+8", "Etc/GMT+8 is UTC-08:00: in Etc names the sign is reversed. If you mean UTC+08:00, "
                      "write Etc/GMT-8."),
        ("HST", ""),
        ("Etc/GMT+0", ""),
        ("Asia/Shanghai", ""),
    ],
)  # fmt: skip
def test_valid_names_that_are_often_misunderstood(name: str, expected: str) -> None:
    assert is_time_zone(name)
    assert misunderstanding(name) == expected
