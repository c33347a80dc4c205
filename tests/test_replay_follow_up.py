"""What happens to December's papers after they were shown, with the replay's later versions."""

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.replay import Bot, needs_replay, world

pytestmark = needs_replay

DAYS = [dt.date(2025, 12, day) for day in (1, 4, 8, 9, 11, 15, 18, 22, 24, 29)]
LAST = dt.date(2026, 1, 5)
MORNING = "T08:17:00Z"
KINDS = {"version": "new-version", "withdrawn": "withdrawn", "journal": "published"}


def expected_kinds(revision: Any) -> list[str]:
    """A withdrawal is told without the version that it comes with."""
    kinds = [KINDS[kind] for kind in revision.kinds if kind in KINDS]
    if "withdrawn" in kinds:
        kinds.remove("new-version")
    before, after = (side.get("comment") or "" for side in (revision.before, revision.after))
    added = after.removeprefix(before.rstrip(". "))
    if "Accepted" in added or "To appear" in added:
        kinds += [] if "AAAI" in added and "AAAI" in before else ["accepted"]
    return kinds


def test_every_change_is_told_once_and_none_is_invented(tmp_path: Path) -> None:
    requests: Counter[int] = Counter()
    with world(clock=f"{DAYS[0]}{MORNING}", arxiv={"revisions": True}) as server:
        bot = Bot(tmp_path, server, site={"enabled": False}, max_papers=200)
        for day in (*DAYS, LAST):
            server.control(reset_log=True)
            assert bot.run(f"{day}{MORNING}", "--no-summaries") == 0
            asked = [request for request in server.log() if "id_list" in request["query"]]
            requests[day.isocalendar().week] += len(asked)
        revisions = server.revisions(f"{DAYS[0]}{MORNING}", f"{LAST}{MORNING}")
    entries = {entry["id"]: entry for entry in bot.entries()}
    expected: dict[str, Counter[str]] = {}
    for revision in revisions:
        entry = entries.get(revision.id)
        if entry and entry["shown"] and f"{entry['digest']}{MORNING}" < revision.at:
            expected.setdefault(revision.id, Counter()).update(expected_kinds(revision))
    told = {key: Counter(c["kind"] for c in entry.get("changes", ())) for key, entry in entries.items()}
    assert {key: kinds for key, kinds in told.items() if kinds} == expected
    assert sum(expected.values(), Counter()).keys() == {*KINDS.values(), "accepted"}
    assert 0 < max(requests.values()) <= 10
    withdrawn = {key for key, entry in entries.items() if entry.get("withdrawn") and entry["shown"]}
    assert withdrawn == {key for key, kinds in told.items() if kinds["withdrawn"]}
