"""Whatever goes wrong at arXiv or at the model's server: the right page, or no change at all.

Each test runs the whole command against the replay of December 2025 with faults on demand.
"""

import json
import shutil
import time
from collections.abc import Iterator
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import hurry, oracle
from tests.replay import REFERENCE_CONFIG, Bot, needs_replay, world

pytestmark = needs_replay

YESTERDAY, NOW, LATER = "2025-12-23T08:17:00Z", "2025-12-24T08:17:00Z", "2025-12-24T13:47:00Z"
WINDOW_START, LONG_WINDOW_START = "2025-12-17T08:17:00Z", "2025-11-29T08:17:00Z"
TODAY = "2025-12-24"
FEW, ALL = ("cs.CL",), ("cs.AI", "cs.CL", "cs.DC", "cs.LG")
DELAY_SECONDS = 0.01
PATIENT = {"delay_seconds": DELAY_SECONDS, "timeout_seconds": 0.7, "patience_seconds": 8}
IMPATIENT = PATIENT | {"patience_seconds": 0.6}
STALL_SECONDS = 0.9

Fault = dict[str, Any]

PASSING: dict[str, Fault] = {
    "429": {},
    "429 with Retry-After": {"kind": "429", "retry_after": 1},
    "500": {},
    "503": {},
    "406": {},
    "hang": {"seconds": STALL_SECONDS},
    "reset": {},
    "slow_drip": {"bytes": 64, "seconds": STALL_SECONDS},
    "truncated": {},
    "cut": {},
    "not_xml_200": {},
    "empty_200": {},
    "empty_total": {},
    "missing_published": {},
}
"""Asking again helps."""
FINAL: dict[str, Fault] = {"400": {}, "403": {}, "404": {}}
"""Asking again does not."""
HARMLESS: dict[str, Fault] = {
    "duplicate_entries": {"count": 3},
    "unstable_ties": {"window_seconds": 3600},
    "stale": {},
}
"""A page can be made all the same; without the newest announcement if that is missing."""
API_FAULTS = PASSING | FINAL | HARMLESS


def api(name: str, **given: Any) -> Fault:
    return {"on": "api", "kind": name} | API_FAULTS[name] | given


class Pace:
    """When each request to arXiv began, and when its answer had ended."""

    def __init__(self) -> None:
        self.attempts: list[list[float]] = []

    def pauses(self) -> list[float]:
        """From the end of an attempt to the beginning of the next; negative where two overlap."""
        return [after[0] - before[1] for before, after in pairwise(self.attempts)]


@pytest.fixture(autouse=True)
def pace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pace]:
    """Watched by every test: never two requests at once, never one too early."""
    watched, send = Pace(), requests.Session.send

    def timed(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        attempt = [time.monotonic(), float("inf")]
        watched.attempts.append(attempt)
        try:
            response = send(session, request, **options)
        except BaseException:
            attempt[1] = time.monotonic()
            raise
        close = response.close

        def close_timed() -> None:
            attempt[1] = time.monotonic()
            close()

        response.close = close_timed  # type: ignore[method-assign]
        return response

    monkeypatch.setattr(requests.Session, "send", timed)
    yield watched
    assert watched.attempts
    assert min(watched.pauses(), default=DELAY_SECONDS) >= DELAY_SECONDS


@pytest.fixture(scope="module")
def replay() -> Iterator[Any]:
    with world(clock=YESTERDAY) as server:
        yield server


@pytest.fixture(scope="module")
def yesterday(replay: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fork that published the digest of the day before."""
    root = tmp_path_factory.mktemp("yesterday")
    assert small(root, replay).run(YESTERDAY, "--no-summaries") == 0
    return root


def small(root: Path, replay: Any, arxiv: dict[str, Any] = PATIENT, **changes: Any) -> Bot:
    replay.control(faults=[], reset_log=True)
    return Bot(root, replay, arxiv=arxiv, **{"site": {"enabled": False}, "categories": FEW, **changes})


@pytest.fixture
def root(yesterday: Path, tmp_path: Path) -> Path:
    shutil.copytree(yesterday, tmp_path / "fork")
    return tmp_path / "fork"


def right_ids(bot: Bot, since: str, *, with_newest: bool = True) -> set[str]:
    """Of the papers that today's digest should hold: they match, and no earlier digest has them."""
    config = json.loads(bot.config.read_text("utf-8"))
    papers = [
        paper
        for paper in bot.replay.papers(config["categories"], since=since)
        if with_newest or paper.announced != TODAY
    ]
    earlier = {entry["id"] for entry in bot.entries() if entry["digest"] != TODAY}
    return {paper.id for paper, _ in oracle.matching(papers, config)} - earlier


def assert_right_page(bot: Bot, since: str = WINDOW_START) -> None:
    """Today's digest holds what it should, or says that arXiv's index lacked the newest announcement."""
    entries = [entry for entry in bot.entries() if entry["digest"] == TODAY]
    is_stale = bool(bot.days()[-1]["index_ends"])
    assert {entry["id"] for entry in entries} == right_ids(bot, since, with_newest=not is_stale)
    assert len(entries) == len({entry["id"] for entry in entries})
    shown = [entry for entry in entries if entry["shown"]]
    if shown:
        assert all(f"/abs/{entry['id']}" in bot.readme for entry in shown)
    if is_stale:
        assert "index" in bot.readme.partition("## ")[0]


def run_with(bot: Bot, *faults: Fault) -> tuple[int, list[int]]:
    """The exit code, and how often each fault struck."""
    bot.replay.control(faults=list(faults), reset_log=True)
    code = bot.run(NOW, "--no-summaries")
    return code, [fault["fired"] for fault in bot.replay.stats()["faults"]]


# The query API --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", API_FAULTS)
def test_an_api_fault_that_passes(root: Path, replay: Any, name: str) -> None:
    bot = small(root, replay)
    before = bot.tree()
    code, fired = run_with(bot, api(name, times=1))
    assert fired == [1]
    if name in FINAL:
        assert (code, bot.tree() == before) == (1, True)
        assert replay.stats()["counts"]["api"] == 1
    else:
        assert code == 0
        assert_right_page(bot)
        assert bool(bot.days()[-1]["index_ends"]) == (name == "stale")


@pytest.mark.parametrize("name", API_FAULTS)
def test_an_api_fault_that_stays(root: Path, replay: Any, name: str) -> None:
    bot = small(root, replay, IMPATIENT)
    before = bot.tree()
    code, fired = run_with(bot, api(name))
    assert fired[0] >= 1
    if name in HARMLESS:
        assert code == 0
        assert_right_page(bot)
    else:
        assert (code, bot.tree() == before) == (1, True)


@pytest.mark.parametrize("name", [*PASSING, *FINAL])
def test_the_next_run_makes_up_for_a_failed_one(root: Path, replay: Any, name: str) -> None:
    bot = small(root, replay, IMPATIENT)
    assert run_with(bot, api(name))[0] == 1
    assert run_with(bot)[0] == 0
    assert_right_page(bot)


def test_the_next_run_makes_up_for_a_late_index(root: Path, replay: Any) -> None:
    bot = small(root, replay)
    assert run_with(bot, api("stale"))[0] == 0
    replay.control(faults=[])
    assert bot.run(LATER, "--no-summaries") == 0
    assert not bot.days()[-1]["index_ends"]
    assert_right_page(bot)


@pytest.mark.parametrize(("one", "other"), [*combinations(PASSING, 2), *product(PASSING, FINAL | HARMLESS)])
def test_two_api_faults_one_after_the_other(root: Path, replay: Any, one: str, other: str) -> None:
    bot = small(root, replay)
    before = bot.tree()
    code, fired = run_with(bot, api(one, times=1), api(other, times=1))
    assert fired == [1, 1]
    if code:
        assert (code, other in FINAL, bot.tree() == before) == (1, True, True)
    else:
        assert_right_page(bot)


@pytest.mark.parametrize(("one", "other"), [*combinations(HARMLESS, 2), *product(HARMLESS, FINAL)])
def test_two_api_faults_in_two_pages_of_one_window(tmp_path: Path, replay: Any, one: str, other: str) -> None:
    """What is no reason to ask again strikes the first page, the other one the second."""
    bot = small(tmp_path, replay, categories=ALL, days_back=25)
    code, fired = run_with(bot, api(one, times=1), api(other, times=1))
    assert fired == [1, 1]
    if code:
        assert (code, other in FINAL, bot.tree()) == (1, True, {})
    else:
        assert_right_page(bot, LONG_WINDOW_START)


@pytest.mark.parametrize(("one", "other"), [*combinations(PASSING | HARMLESS, 2)])
def test_an_api_fault_and_then_another_for_good(root: Path, replay: Any, one: str, other: str) -> None:
    bot = small(root, replay, IMPATIENT)
    before = bot.tree()
    code, _ = run_with(bot, api(one, times=1), api(other))
    if code:
        assert (code, bot.tree() == before) == (1, True)
    else:
        assert_right_page(bot)
