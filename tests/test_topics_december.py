"""December's real papers, topics that change from day to day, and an oracle apart from the bot's code."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from paperbot.model import Paper
from paperbot.sample.papers import AnnouncedPaper
from tests.support.december import DecemberWorld, announced_in_december
from tests.support.fork import Fork
from tests.support.oracle import contains

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
DAYS_BACK = 7
USUALLY_HELD = 7 * DAY
LAST_CHECKED = dt.date(2025, 12, 19)
"""Papers that were held for long and announced later are due after the last run."""
Topics = Sequence[Mapping[str, Any]]

SERVING = {
    "name": "Serving",
    "keywords": [{"term": "inference", "weight": 2}, "KV cache", "throughput", "GPU"],
}
AGENTS = {"name": "Agents", "keywords": ["agent", "tool use", "planning"], "categories": ["cs.AI", "cs.CL"]}
LEARNING = {"name": "Reinforcement learning", "keywords": ["reinforcement learning", "reward", "agent", "RL"]}
SYSTEMS = {
    "name": "Systems & Clusters",
    "keywords": ["distributed", "parallel", "GPU"],
    "categories": ["cs.DC"],
}
SPEECH = {"name": "Sprache 语音", "keywords": ["speech", "multilingual", "translation"], "max_papers": 2}
EVERYTHING = {
    "name": "Everything else",
    "keywords": ["model"],
    "exclude_keywords": ["agent"],
    "max_papers": 3,
}


def renamed(topic: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {**topic, "name": name}


def paused(topic: Mapping[str, Any]) -> dict[str, Any]:
    return {**topic, "paused": True}


HISTORIES: dict[str, dict[str, Topics]] = {
    "of their own": {
        "2025-12-02": [SERVING, AGENTS, LEARNING, SYSTEMS],
        "2025-12-05": [SERVING, AGENTS, LEARNING, SYSTEMS, SPEECH],
        "2025-12-09": [renamed(SERVING, "Inference"), AGENTS, LEARNING, SYSTEMS, SPEECH],
        "2025-12-11 noon": [renamed(SERVING, "Inference"), AGENTS, paused(LEARNING), SYSTEMS, SPEECH],
        "2025-12-17": [renamed(SERVING, "Inference"), LEARNING, SYSTEMS, SPEECH],
    },
    "overlapping": {
        "2025-12-02": [EVERYTHING, AGENTS, LEARNING, renamed(AGENTS, "The same as Agents")],
        "2025-12-04 noon": [EVERYTHING, renamed(AGENTS, "The same as Agents"), AGENTS, LEARNING],
        "2025-12-10": [EVERYTHING, AGENTS, paused(LEARNING), SERVING],
        "2025-12-12 noon": [AGENTS, LEARNING, SERVING, EVERYTHING],
        "2025-12-18": [paused(EVERYTHING), AGENTS, LEARNING, SERVING],
    },
    "from a flat list and back": {
        "2025-12-02": [],
        "2025-12-08 noon": [AGENTS, SYSTEMS, SPEECH, EVERYTHING],
        "2025-12-11": [AGENTS, renamed(SYSTEMS, "Clusters"), SPEECH, EVERYTHING],
        "2025-12-15 noon": [AGENTS, SPEECH, LEARNING],
        "2025-12-19 noon": [],
    },
}  # fmt: skip
SHARED: dict[str, Any] = {
    "categories": ["cs.AI", "cs.CL", "cs.DC", "cs.LG"],
    "keywords": ["model", "agent", "distributed"],
    "exclude_keywords": ["survey"],
    "watch_authors": ["Jiahao Qiu"],
    "min_score": 1.5,
    "max_papers": 8,
    "days_back": DAYS_BACK,
    "types": ["new"],
    "match": "word",
    "site": {"enabled": False},
}
WITH_LIKENESS = "of their own"
"""The history in which likeness decides between the topics that a paper matches; elsewhere points alone."""
OUTAGES = {"2025-12-05 noon": "503", "2025-12-09": "stale", "2025-12-10": "503", "2025-12-16": "truncated"}


@dataclass
class Expected:
    """What the rules say must be in the archive, run by run."""

    has_likeness: bool
    topics: Topics = ()
    digests: dict[str, str] = field(default_factory=dict)
    """By paper id the date, as the bot's archive had it after the last run."""
    last_run: dt.datetime | None = None
    matched: dict[str, list[bool]] = field(default_factory=dict)
    """By paper id, for each run in the week after its announcement: did it match any topic?"""

    def check(self, fork: Fork, now: dt.datetime) -> None:
        """Compare the archive with what was announced until now."""
        entries = {entry["id"]: entry for entry in fork.entries()}
        assert Counter(fork.paper_ids()).most_common(1)[0][1] == 1, "a paper is in the archive twice"
        today = f"{now.date()}"
        assert {key: entries[key]["digest"] for key in self.digests} == self.digests
        missing, misplaced = [], []
        for one in known(now):
            key, found = one.paper.id, in_topics(one.paper, self.topics)
            if one.listing > now.date() - 7 * DAY:
                self.matched.setdefault(key, []).append(bool(found))
            entry = entries.get(key)
            if entry and is_out_of_reach(entry, now):
                continue
            if entry is None and found and self.is_due(one, now):
                missing.append(key)
            elif entry and entry["digest"] == today and (found or key not in self.digests):
                actual = topics_in(entry)
                is_right = sorted(actual) == sorted(found) if self.has_likeness else actual == found
                misplaced += [] if is_right else [(key, actual, found)]
        assert (missing, misplaced) == ([], [])
        limits = {topic["name"]: topic.get("max_papers", SHARED["max_papers"]) for topic in self.topics}
        shown = Counter(
            entry.get("topic") for entry in entries.values() if is_new(entry, today, self.digests)
        )
        assert {name: count for name, count in shown.items() if count > limits.get(name or "", 99)} == {}
        self.digests = {key: entry["digest"] for key, entry in entries.items()}
        self.last_run = now

    def is_due(self, one: AnnouncedPaper, now: dt.datetime) -> bool:
        """Announced in the last days or since the last digest; those held for long have a week's time."""
        if is_old(one) or one.indexed - one.paper.published > USUALLY_HELD:
            return False
        if self.last_run and one.indexed > self.last_run:
            return True
        return one.indexed + HOUR > now - DAYS_BACK * DAY < one.paper.published


def is_out_of_reach(entry: Mapping[str, Any], now: dt.datetime) -> bool:
    """A later run of the date does not fetch it again, and there is no abstract of it in the archive."""
    return not entry.get("shown") and dt.datetime.fromisoformat(entry["published"]) < now - 8 * DAY


def is_new(entry: Mapping[str, Any], today: str, before: Mapping[str, str]) -> bool:
    return entry["digest"] == today and bool(entry.get("shown", False)) and entry["id"] not in before


def known(now: dt.datetime) -> list[AnnouncedPaper]:
    return [one for one in announced_in_december() if one.indexed <= now]


@cache
def highest_id_before(listing: dt.date) -> str:
    earlier = [one.paper.id for one in announced_in_december() if one.listing < listing]
    return max(earlier, default="")


def is_old(one: AnnouncedPaper) -> bool:
    """An old paper, cross-listed now: its id lies below those of the announcements before."""
    return one.paper.id < highest_id_before(one.listing)


def in_topics(paper: Paper, topics: Topics) -> list[tuple[str, float]]:
    """The topics that a paper matches and its points there: the best first, then the earlier one."""
    found = []
    for topic in topics or [{"name": ""}]:
        rules = {**SHARED, **topic}
        score = points(paper, rules)
        if not rules.get("paused") and score is not None:
            found.append((rules["name"], score))
    return sorted(found, key=lambda topic: -topic[1])


def points(paper: Paper, rules: Mapping[str, Any]) -> float | None:
    """None for a paper that does not match."""
    if paper.primary_category not in rules["categories"]:
        return None
    if any(is_in(word, paper.title) or is_in(word, paper.abstract) for word in rules["exclude_keywords"]):
        return None
    score, has_any = 0.0, False
    for keyword in rules["keywords"]:
        word, weight = (keyword, 1) if isinstance(keyword, str) else (keyword["term"], keyword["weight"])
        in_title = is_in(word, paper.title)
        if in_title or is_in(word, paper.abstract):
            score, has_any = score + weight * (1.5 if in_title else 1), True
    watched = len({*rules["watch_authors"]} & {*paper.authors})
    return score + watched if (has_any or watched) and score + watched >= rules["min_score"] else None


is_in = cache(contains)


def topics_in(entry: Mapping[str, Any]) -> list[tuple[str, float]]:
    others = [(other["topic"], other["score"]) for other in entry.get("also_in", ())]
    return [(entry.get("topic", ""), entry["score"]), *others]


@pytest.mark.parametrize("history", HISTORIES)
def test_each_paper_once_in_the_right_topic_none_missing(tmp_path: Path, history: str) -> None:
    days = [dt.datetime(2025, 12, day, 8, 17, tzinfo=dt.UTC) for day in range(2, 25)]
    expected = Expected(has_likeness=history == WITH_LIKENESS)
    with DecemberWorld(days[0]) as world:
        fork = Fork.of_sample(tmp_path, world)
        fork.change(**SHARED, interests={"weight": int(expected.has_likeness)})
        for now in [at for day in days if day.weekday() < 5 for at in (day, day + 6 * HOUR)]:
            name = f"{now.date()}{' noon' if now.hour > 12 else ''}"
            if name in HISTORIES[history]:
                expected.topics = HISTORIES[history][name]
                fork.change(
                    topics=list(expected.topics), keywords=[] if expected.topics else SHARED["keywords"]
                )
            elif now.hour > 12 and now.day % 3:
                continue  # a second run on every third day, and where the topics change
            world.clock = now
            world.faults = [{"on": "api", "kind": OUTAGES[name]}] if name in OUTAGES else []
            ran = fork.run(now, "--no-summaries")
            if OUTAGES.get(name, "stale") == "stale":
                assert ran.code == 0, ran.said
            if name not in OUTAGES:
                expected.check(fork, now)
    assert len(expected.digests) > 150
    assert not fork.wrong()
    lost = [
        one.paper.id
        for one in announced_in_december()
        if dt.date(2025, 12, 2) < one.listing <= LAST_CHECKED and not is_old(one)
        if one.paper.id not in expected.digests and all(expected.matched.get(one.paper.id, [False]))
    ]
    assert lost == []
