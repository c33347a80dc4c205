"""Whatever goes wrong at arXiv or at the model's server: the right page, or no change at all.

Each test runs the whole command against the replay of December 2025 with faults on demand.
"""

import json
import re
import shutil
import time
import urllib.request
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import hurry, oracle
from tests.support.replay import KEY, Bot, needs_replay, world

pytestmark = needs_replay

YESTERDAY, NOW, LATER = "2025-12-23T08:17:00Z", "2025-12-24T08:17:00Z", "2025-12-24T13:47:00Z"
WINDOW_START, LONG_WINDOW_START = "2025-12-16T19:00:00Z", "2025-12-04T19:00:00Z"
TODAY = "2025-12-24"
FEW, ALL = ("cs.CL",), ("cs.AI", "cs.CL", "cs.DC", "cs.LG")
SHOWN = 4
DELAY_SECONDS = 0.01
PATIENT = {"delay_seconds": DELAY_SECONDS, "timeout_seconds": 20, "patience_seconds": 8}
STALL_SECONDS = 0.9

FAST = {"site": {"enabled": False}, "max_papers": SHOWN}

Fault = dict[str, Any]

PASSING: dict[str, Fault] = {
    "429": {},
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


def limits(*names: str, patience_seconds: float = 8) -> dict[str, Any]:
    """Short time limits only where something stalls: a busy machine is slow as well."""
    stalls = {"hang", "slow_drip"} & {*names}
    return PATIENT | {"timeout_seconds": 0.7 if stalls else 20, "patience_seconds": patience_seconds}


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


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's own templates are right; to draw pages from them in every state takes most of a small run."""
    monkeypatch.setattr("paperbot.context.check_templates", lambda *_: None)


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
    return Bot(root, replay, arxiv=arxiv, **FAST | {"categories": FEW} | changes)


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
    bot = small(root, replay, limits(name))
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
    bot = small(root, replay, limits(name, patience_seconds=0.6))
    before = bot.tree()
    code, fired = run_with(bot, api(name))
    assert fired[0] >= 1
    if name in HARMLESS:
        assert code == 0
        assert_right_page(bot)
    elif name == "missing_published":  # one entry stays broken: it is named, the others are published
        assert code == 0
        assert "lacks its date" in bot.readme.partition("## ")[0]
    else:
        assert (code, bot.tree() == before) == (1, True)
        again = small(root, replay)
        time.sleep(DELAY_SECONDS)  # the pace is kept within a run; between two there are hours
        assert run_with(again)[0] == 0
        assert_right_page(again)


def test_arxiv_may_ask_for_a_longer_pause(root: Path, replay: Any, pace: Pace) -> None:
    bot = small(root, replay)
    assert run_with(bot, api("429", times=1, retry_after=1))[0] == 0
    assert max(pace.pauses()) >= 1
    assert_right_page(bot)


def test_the_next_run_makes_up_for_a_late_index(root: Path, replay: Any) -> None:
    bot = small(root, replay)
    assert run_with(bot, api("stale"))[0] == 0
    replay.control(faults=[])
    assert bot.run(LATER, "--no-summaries") == 0
    assert not bot.days()[-1]["index_ends"]
    assert_right_page(bot)


@pytest.mark.parametrize(("one", "other"), [*combinations(PASSING, 2), *product(PASSING, ["403", *HARMLESS])])
def test_two_api_faults_one_after_the_other(root: Path, replay: Any, one: str, other: str) -> None:
    bot = small(root, replay, limits(one, other))
    before = bot.tree()
    code, fired = run_with(bot, api(one, times=1), api(other, times=1))
    assert fired == [1, 1]
    if code:
        assert (code, other in FINAL, bot.tree() == before) == (1, True, True)
    else:
        assert_right_page(bot)


@pytest.mark.parametrize(("one", "other"), [*combinations(HARMLESS, 2), *product(HARMLESS, ["403"])])
def test_two_api_faults_in_two_pages_of_one_window(tmp_path: Path, replay: Any, one: str, other: str) -> None:
    """What is no reason to ask again strikes the first page, the other one the second."""
    bot = small(tmp_path, replay, PATIENT | {"timeout_seconds": 60}, categories=ALL, days_back=18)
    code, fired = run_with(bot, api(one, times=1), api(other, times=1))
    assert fired == [1, 1]
    if code:
        assert (code, other in FINAL, bot.tree()) == (1, True, {})
    else:
        assert_right_page(bot, LONG_WINDOW_START)


@pytest.mark.parametrize(("one", "other"), [*pairwise([*PASSING, *HARMLESS, "429"])])
def test_an_api_fault_and_then_another_for_good(root: Path, replay: Any, one: str, other: str) -> None:
    bot = small(root, replay, limits(one, other, patience_seconds=0.6))
    before = bot.tree()
    code, _ = run_with(bot, api(one, times=1), api(other))
    if code:
        assert (code, bot.tree() == before) == (1, True)
    else:
        assert_right_page(bot)


# The model's server ---------------------------------------------------------------------------------------


PAPERS = 3
ANSWER_SECONDS = 1.0
MADE, FAILED, REFUSED = "made", "failed", "refused"

CHAT_FAULTS: dict[str, tuple[Fault, str, int, str]] = {
    "401": ({}, REFUSED, 1, "refused the key"),
    "402": ({}, REFUSED, 1, "no credit"),
    "403": ({}, REFUSED, 1, "denied access"),
    "404_model": ({}, REFUSED, 1, "has no model"),
    "arrearage": ({}, REFUSED, 1, "no credit"),
    "data_inspection_failed": ({}, FAILED, 1, "content check"),
    "content_filter": ({}, FAILED, 1, "content check"),
    "unclosed_think": ({}, FAILED, 1, "only its thoughts"),
    "reasoning_content": ({}, FAILED, 1, "only its thoughts"),
    "429": ({}, FAILED, 5, "limiting the rate"),
    "limit_requests": ({}, FAILED, 5, "limiting the rate"),
    "insufficient_quota": ({}, FAILED, 5, "limiting the rate"),
    "500": ({}, FAILED, 3, "does not work at the moment"),
    "503": ({}, FAILED, 3, "does not work at the moment"),
    "error_200": ({}, FAILED, 3, "does not work at the moment"),
    "html_200": ({}, FAILED, 3, "something else than a completion"),
    "reset": ({}, FAILED, 3, "broke off"),
    "empty_content": ({}, FAILED, 2, "an empty answer"),
    "invalid_utf8": ({}, FAILED, 2, "not valid UTF-8"),
    "hang": ({"seconds": 2 * ANSWER_SECONDS}, FAILED, 2, "did not answer within"),
    "slow_drip": ({"bytes": 64, "seconds": 0.3}, FAILED, 2, "did not answer within"),
    "length": ({}, MADE, 1, "cut short"),
    "huge_output": ({}, MADE, 1, "cut short"),
    "false_numbers": ({}, MADE, 1, "unverified"),
    "think": ({}, MADE, 1, ""),
    "injected": ({}, MADE, 1, ""),
}
"""Parameters, what becomes of each paper, how often one paper is asked about, and what the page says."""
PASSES = [name for name, (_, end, calls, _) in CHAT_FAULTS.items() if end == FAILED and calls > 1]


def empty_account(replay: Any) -> None:
    """Delete what earlier tests left at the model's server."""
    bearer = {"Authorization": f"Bearer {KEY}"}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    replay.control(faults=[])
    with opener.open(urllib.request.Request(f"{replay.llm_url}/files", headers=bearer)) as answer:
        files = json.load(answer)["data"]
    for file in files:
        address = f"{replay.llm_url}/files/{file['id']}"
        opener.open(urllib.request.Request(address, headers=bearer, method="DELETE")).close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, replay: Any) -> None:
    """Short pauses, and an empty account."""
    hurry.in_a_hurry(monkeypatch)
    empty_account(replay)


def stalls(faults: Iterable[Fault], *sites: str) -> bool:
    return any(fault["kind"] in ("hang", "slow_drip") and fault["on"] in sites for fault in faults)


class Summariser(Bot):
    """A bot that has three papers summarised, one after the other."""

    def __init__(
        self,
        root: Path,
        replay: Any,
        *faults: Fault,
        files: bool = True,
        **ai_summary: Any,
    ) -> None:
        settings = {
            "base_url": replay.llm_url if files else replay.nofiles_url,
            "model": "qwen-long" if files else "qwen-plus",
            "max_papers_to_summarize": PAPERS,
            "max_workers": 1,
            "timeout_seconds": ANSWER_SECONDS if stalls(faults, "chat", "files") else 20,
        }
        arxiv = PATIENT | {"timeout_seconds": 1 if stalls(faults, "pdf") else 20, "patience_seconds": 1.5}
        changes: dict[str, Any] = FAST | {
            "categories": FEW,
            "arxiv": arxiv,
            "ai_summary": settings | ai_summary,
        }
        super().__init__(root, replay, **changes)
        replay.control(clock=NOW, faults=list(faults), reset_log=True)
        self.began = time.monotonic()

    def summaries(self) -> list[dict[str, Any]]:
        """Of the three best papers, in rank order."""
        best = sorted(self.entries(), key=lambda entry: int(entry["rank"]))[:PAPERS]
        return [entry["summary"] for entry in best if entry.get("summary")]

    def texts(self) -> list[bool]:
        """Has each of them one?"""
        return [bool(summary.get("text")) for summary in self.summaries()]

    def called(self, kind: str, times: int) -> bool:
        """Was the replay asked so often since this bot is there? An answer that stalls is logged late."""
        for _ in range(30):
            rows = [row for row in self.replay.log() if row["kind"] == kind and row["t"] >= self.began]
            if len(rows) >= times:
                break
            time.sleep(0.1)
        return len(rows) == times

    @property
    def files_left(self) -> int:
        """At the model's server."""
        return int(self.replay.stats()["files_left"])


def plain(page: str) -> str:
    return page.replace("\\", "")


def assert_whole_page(bot: Bot) -> None:
    """All papers are there whatever became of their summaries, and nothing leads astray."""
    assert_right_page(bot)
    page = bot.readme
    shown = [entry for entry in bot.entries() if entry["shown"]]
    assert len(re.findall(r"^### ", page, re.MULTILINE)) == len(shown) == SHOWN
    assert page.count("<details>") == page.count("</details>")
    assert re.findall(r"<(?:script|h1)\b|\]\((?!https?://|#|archive/|\.\.|config|templates|site)", page) == []
    assert re.findall(r"!\[[^]]*\]\(|<img src=\"(?!archive/)", page) == []


@pytest.mark.parametrize("files", [True, False], ids=["files", "no files"])
@pytest.mark.parametrize("kind", CHAT_FAULTS)
def test_a_chat_fault_that_stays(tmp_path: Path, replay: Any, quick: None, kind: str, files: bool) -> None:
    parameters, end, calls_each, words = CHAT_FAULTS[kind]
    if kind == "insufficient_quota" and not files:  # what it means anywhere but at DashScope
        end, words = REFUSED, "no credit"
    bot = Summariser(tmp_path, replay, {"on": "chat", "kind": kind} | parameters, files=files)
    code = bot.run(NOW)
    made = bot.summaries()
    assert code == (3 if end == REFUSED else 0)
    assert bot.called("chat", 1 if end == REFUSED else PAPERS * calls_each)
    assert len(made) == PAPERS
    assert bot.texts() == [end == MADE] * PAPERS
    assert words in plain(bot.readme)
    assert bot.files_left == 0
    assert_whole_page(bot)
    if words and "check" not in words and end != MADE:
        assert "There are no new summaries: " in plain(bot.readme)
    if kind in ("length", "huge_output"):
        assert all(summary["cut_short"] for summary in made)
        assert len(bot.readme.encode()) < 500_000
    if kind in ("think", "injected"):
        assert not any("<think" in summary["text"] for summary in made)
    if kind == "false_numbers":
        assert all(summary["figures_missing"] for summary in made)


@pytest.mark.parametrize("kind", PASSES)
def test_a_chat_fault_that_passes(tmp_path: Path, replay: Any, quick: None, kind: str) -> None:
    bot = Summariser(tmp_path, replay, {"on": "chat", "kind": kind, "times": 1} | CHAT_FAULTS[kind][0])
    assert bot.run(NOW) == 0
    assert bot.texts() == [True] * PAPERS
    assert bot.called("chat", PAPERS + 1)
    assert bot.files_left == 0
    assert_whole_page(bot)


@pytest.mark.parametrize("kind", ["401", "402", "arrearage", "404_model"])
def test_a_refusal_in_the_middle_keeps_what_was_made(
    tmp_path: Path, replay: Any, quick: None, kind: str
) -> None:
    bot = Summariser(tmp_path, replay, {"on": "chat", "kind": kind, "after": 1})
    code = bot.run(NOW)
    assert bot.texts() == [True, False, False]
    assert (code, bot.called("chat", 2), bot.files_left) == (0, True, 0)
    assert "2 of 3 summaries are missing" in plain(bot.readme)
    assert_whole_page(bot)


def test_a_later_run_tries_what_failed_but_not_what_was_moderated(
    tmp_path: Path, replay: Any, quick: None
) -> None:
    faults = [
        {"on": "chat", "kind": "data_inspection_failed", "times": 1},
        {"on": "chat", "kind": "500", "times": 3},
    ]
    bot = Summariser(tmp_path, replay, *faults)
    assert bot.run(NOW) == 0
    assert bot.texts() == [False, False, True]
    replay.control(faults=[], reset_log=True)
    assert bot.run(LATER) == 0
    assert bot.texts() == [False, True, True]
    assert bot.called("chat", 1)


FILES_FAULTS: dict[str, tuple[Fault, bool]] = {
    "401": ({}, False),
    "403": ({}, True),
    "404": ({}, True),
    "429": ({}, True),
    "500": ({}, True),
    "503": ({}, True),
    "hang": ({"seconds": 2 * ANSWER_SECONDS}, True),
    "reset": ({}, True),
    "slow_drip": ({"bytes": 16, "seconds": 0.3}, True),
    "parsing_error": ({}, True),
    "never_processed": ({}, True),
}
"""Parameters, and whether the paper can still be sent in another form."""


@pytest.mark.parametrize("kind", FILES_FAULTS)
def test_an_upload_that_never_works(tmp_path: Path, replay: Any, quick: None, kind: str) -> None:
    parameters, has_other_form = FILES_FAULTS[kind]
    fault = {"on": "files", "kind": kind, "match": "POST /v1/files"} | parameters
    bot = Summariser(tmp_path, replay, fault)
    code = bot.run(NOW)
    made = bot.summaries()
    assert code == (0 if has_other_form else 3)
    assert bot.texts() == [has_other_form] * PAPERS
    assert {summary.get("source") for summary in made} <= {"text", "abstract", None}
    assert bot.called("chat", PAPERS * has_other_form)
    assert bot.files_left == 0
    assert_whole_page(bot)


@pytest.mark.parametrize("kind", [kind for kind in FILES_FAULTS if kind not in ("401", "403", "404")])
def test_an_upload_that_fails_once(tmp_path: Path, replay: Any, quick: None, kind: str) -> None:
    fault = {"on": "files", "kind": kind, "match": "POST /v1/files", "times": 1} | FILES_FAULTS[kind][0]
    bot = Summariser(tmp_path, replay, fault)
    assert bot.run(NOW) == 0
    first, *others = [summary["source"] for summary in bot.summaries()]
    assert others == ["file", "file"]
    assert first == "file" or kind == "never_processed"
    assert bot.called("chat", PAPERS)
    assert bot.files_left == 0
    assert_whole_page(bot)


@pytest.mark.parametrize("times", [1, None], ids=["once", "for good"])
@pytest.mark.parametrize("request_line", ["GET /v1/files", "DELETE /v1/files"])
@pytest.mark.parametrize("kind", ["429", "500", "hang", "404"])
def test_listing_and_deleting_that_fail(
    tmp_path: Path, replay: Any, quick: None, kind: str, request_line: str, times: int | None
) -> None:
    fault = {"on": "files", "kind": kind, "match": request_line, "times": times} | FILES_FAULTS[kind][0]
    bot = Summariser(tmp_path, replay, fault)
    assert bot.run(NOW) == 0
    assert bot.texts() == [True] * PAPERS
    assert bot.called("chat", PAPERS)
    if request_line.startswith("GET") or (times and kind != "404"):
        assert bot.files_left == 0
    assert_whole_page(bot)


def test_files_that_could_not_be_deleted_are_deleted_by_the_next_run_that_asks(
    tmp_path: Path, replay: Any, quick: None
) -> None:
    bot = Summariser(tmp_path, replay, {"on": "files", "kind": "500", "match": "DELETE"})
    assert bot.run(NOW) == 0
    assert bot.files_left == PAPERS
    replay.control(faults=[])
    bot = Summariser(tmp_path, replay, max_papers_to_summarize=PAPERS + 1)
    assert bot.run(LATER) == 0
    assert bot.files_left == 0


PDF_FAULTS: dict[str, Fault] = {
    "403": {},
    "404": {},
    "429": {},
    "500": {},
    "503": {},
    "hang": {"seconds": 1.5},
    "reset": {},
    "slow_drip": {"bytes": 64, "seconds": 1.5},
    "html_instead": {},
    "truncated": {},
    "cut": {},
    "huge": {"mb": 52},
    "zero_bytes": {},
}


@pytest.mark.parametrize("files", [True, False], ids=["files", "no files"])
@pytest.mark.parametrize("kind", PDF_FAULTS)
def test_without_pdfs_summaries_are_made_from_abstracts(
    tmp_path: Path, replay: Any, quick: None, kind: str, files: bool
) -> None:
    fault = {"on": "pdf", "kind": kind} | PDF_FAULTS[kind]
    bot = Summariser(tmp_path, replay, fault, files=files)
    assert bot.run(NOW) == 0
    made = bot.summaries()
    assert [summary["source"] for summary in made] == ["abstract"] * PAPERS
    assert all(summary["text"] for summary in made)
    assert bot.called("chat", PAPERS)
    assert bot.files_left == 0
    assert bot.called("files", 0) or files
    assert "abstract" in bot.readme
    assert_whole_page(bot)


@pytest.mark.parametrize("kind", ["429", "500", "503", "reset", "cut"])
def test_a_pdf_fault_that_passes(tmp_path: Path, replay: Any, quick: None, kind: str) -> None:
    bot = Summariser(tmp_path, replay, {"on": "pdf", "kind": kind, "times": 1})
    assert bot.run(NOW) == 0
    assert [summary["source"] for summary in bot.summaries()] == ["file"] * PAPERS
    assert bot.called("pdf", PAPERS + 1)
    assert_whole_page(bot)


# What changes between two runs ----------------------------------------------------------------------------


REVISED = {
    "2512.00396": ("2025-12-04", "2025-12-11T12:00:00Z"),
    "2512.04007": ("2025-12-04", "2025-12-09T12:00:00Z"),
    "2512.08980": ("2025-12-11", "2025-12-16T12:00:00Z"),
}
"""By id, the digest that shows it, and when its second version was submitted."""


def test_a_second_version_is_learned_and_not_shown_again(tmp_path: Path, replay: Any) -> None:
    bot = small(
        tmp_path,
        replay,
        {"delay_seconds": DELAY_SECONDS, "timeout_seconds": 30, "patience_seconds": 60},
        categories=["cs.AI"],
        types=["new", "cross"],
        keywords=["time-series at the edge", "sketch representation", "multi-image"],
        exclude_keywords=[],
        min_score=1,
        days_back=25,
    )
    for date in ("2025-12-04", "2025-12-11", "2025-12-18"):
        assert bot.run(f"{date}T08:17:00Z", "--no-summaries") == 0
    entries = {entry["id"]: entry for entry in bot.entries()}
    assert len(entries) == len(bot.entries())
    assert {name: (entries[name]["digest"], entries[name]["updated"]) for name in REVISED} == REVISED
    assert [entries[name]["version"] for name in REVISED] == [2, 2, 2]
    assert [entries[name]["published"][:10] for name in REVISED] == ["2025-11-29", "2025-12-03", "2025-12-05"]


def test_papers_that_match_new_keywords_appear_in_todays_digest(root: Path, replay: Any) -> None:
    bot = small(root, replay)
    assert bot.run(NOW, "--no-summaries") == 0
    before = {entry["id"]: entry["digest"] for entry in bot.entries()}
    keywords = ["translation", "dialogue", "speech", "retrieval"]
    changed = small(root, replay, keywords=keywords, min_score=1)
    assert changed.run(LATER, "--no-summaries") == 0
    after = {entry["id"]: entry["digest"] for entry in changed.entries()}
    assert after == before | dict.fromkeys(right_ids(changed, WINDOW_START), TODAY)
    assert len(after) > len(before) + 10
