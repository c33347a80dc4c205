"""Whatever goes wrong at arXiv or at the model's server: the right page, or no change at all.

Each test runs the whole command on papers of December 2025 with faults on demand.
"""

import re
import time
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import oracle
from tests.support.builders import utc
from tests.support.december import DecemberWorld
from tests.support.faulty_world import Fault
from tests.support.fork import Fork, Ran

YESTERDAY, NOW, LATER = utc("2025-12-23T08:17"), utc("2025-12-24T08:17"), utc("2025-12-24T13:47")
WINDOW_START, TODAY = utc("2025-12-16T19:00"), "2025-12-24"
SHOWN, PAPERS = 4, 3
DELAY_SECONDS, STALL_SECONDS = 0.01, 0.9
PATIENT = {"delay_seconds": DELAY_SECONDS, "timeout_seconds": 20, "patience_seconds": 8}

STALLS = ("hang", "slow_drip")
PASSING = (
    *("429", "500", "503", "406", *STALLS, "reset", "truncated", "cut", "not_xml_200", "empty_200"),
    *("empty_total", "missing_published"),
)
"""Asking again helps."""
FINAL = ("400", "403", "404")
"""Asking again does not."""
HARMLESS = ("duplicate_entries", "stale")
"""A page can be made all the same; without the newest announcement if that is missing."""
API_FAULTS = (*PASSING, *FINAL, *HARMLESS)


class Pace:
    """When each request to arXiv began, and when its answer had ended."""

    def __init__(self) -> None:
        self.attempts: list[list[float]] = []

    def pauses(self) -> list[float]:
        """From the end of an attempt to the beginning of the next; negative where two overlap."""
        return [after[0] - before[1] for before, after in pairwise(self.attempts)]


@pytest.fixture(autouse=True)
def pace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pace]:
    """In every test: never two requests to arXiv at once, never one too early."""
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


class Trial:
    """A fork at the end of yesterday, to be run today with faults."""

    def __init__(self, fork: Fork, world: DecemberWorld) -> None:
        self.fork, self.world = fork, world
        self.before = fork.published()

    def run(self, *faults: Fault, options: tuple[str, ...] = ("--no-summaries",)) -> Ran:
        self.world.clock, self.world.faults = NOW, faults
        self.world.asked.clear()
        return self.fork.run(NOW, *options)

    @property
    def is_unchanged(self) -> bool:
        return self.fork.published() == self.before

    @property
    def page(self) -> str:
        return self.fork.read().replace("\\", "")

    @property
    def is_stale(self) -> bool:
        return bool(self.fork.days()[-1]["index_ends"])

    def assert_right_page(self) -> None:
        """Today's digest holds what it should, or says that arXiv's index lacked the newest announcement."""
        entries = self.fork.entries()
        today = [entry["id"] for entry in entries if entry["digest"] == TODAY]
        categories = {*self.fork.settings["categories"]}
        known = [
            known.paper
            for known in self.world.known(NOW).values()
            if categories & {*known.paper.categories}
            and not (self.is_stale and known.listing.isoformat() == TODAY)
        ]
        recent = [paper for paper in known if paper.published >= WINDOW_START]
        right = {paper.id for paper, _ in oracle.matching(recent, self.fork.settings)}
        assert set(today) == right - {entry["id"] for entry in entries if entry["digest"] != TODAY}
        assert len(today) == len(set(today))
        shown = [entry["id"] for entry in entries if entry["digest"] == TODAY and entry["shown"]]
        assert all(f"/abs/{paper_id}" in self.page for paper_id in shown)
        assert not self.is_stale or "index" in self.page.partition("## ")[0]

    # The best three papers are summarised, one after the other.

    def summarise(self, *faults: Fault) -> int:
        if any(fault["kind"] in STALLS for fault in faults):
            self.fork.change(ai_summary={"timeout_seconds": 1}, arxiv={"timeout_seconds": 1})
        self.fork.change(arxiv={"patience_seconds": 1.5})
        return self.run(*faults, options=()).code

    def made(self) -> list[dict[str, Any]]:
        """In rank order."""
        today = [entry for entry in self.fork.entries() if entry["digest"] == TODAY]
        best = sorted(today, key=lambda entry: int(entry["rank"]))[:PAPERS]
        return [entry["summary"] for entry in best if entry.get("summary")]

    def texts(self) -> list[bool]:
        """Whether each of them has one."""
        return [bool(summary.get("text")) for summary in self.made()]

    def sources(self) -> set[str]:
        return {summary["source"] for summary in self.made()}

    def assert_whole_page(self, files_left: int = 0) -> None:
        """All papers are there whatever became of their summaries, and no summary breaks the page."""
        self.assert_right_page()
        page = self.fork.read()
        assert len(re.findall(r"^### ", page, re.MULTILINE)) == SHOWN
        assert page.count("<details>") == page.count("</details>")
        assert re.findall(STRAY, page) == []
        assert len(self.world.model.files) == files_left


@pytest.fixture(scope="module")
def world() -> Iterator[DecemberWorld]:
    with DecemberWorld(YESTERDAY) as world:
        yield world


@pytest.fixture(scope="module")
def yesterday(world: DecemberWorld, tmp_path_factory: pytest.TempPathFactory) -> Fork:
    root = tmp_path_factory.mktemp("yesterday")
    fork = world.fork(root, site={"enabled": False}, max_papers=SHOWN, categories=["cs.CL", "cs.LG"])
    fork.change(
        arxiv=PATIENT, ai_summary={"max_papers_to_summarize": PAPERS, "max_workers": 1, "model": "qwen-long"}
    )
    assert fork.run(YESTERDAY, "--no-summaries").code == 0
    return fork


@pytest.fixture
def trial(yesterday: Fork, world: DecemberWorld, tmp_path: Path) -> Trial:
    world.model.files.clear()
    return Trial(yesterday.copy(tmp_path / "fork"), world)


def limits(*names: str, patience_seconds: float = 8) -> dict[str, Any]:
    """Short time limits only where something stalls: a busy machine is slow as well."""
    timeout = 0.7 if {*STALLS} & {*names} else 20
    return PATIENT | {"timeout_seconds": timeout, "patience_seconds": patience_seconds}


def api(kind: str, **given: Any) -> Fault:
    return {"on": "api", "kind": kind, "seconds": STALL_SECONDS} | given


# The query API


@pytest.mark.parametrize("kind", API_FAULTS)
def test_an_api_fault_that_passes(trial: Trial, kind: str) -> None:
    trial.fork.change(arxiv=limits(kind))
    code = trial.run(api(kind, times=1)).code
    assert trial.world.fired == [1]
    if kind in FINAL:
        assert (code, trial.is_unchanged, trial.world.count("api")) == (1, True, 1)
    else:
        assert (code, trial.is_stale) == (0, kind == "stale")
        trial.assert_right_page()


@pytest.mark.parametrize("kind", API_FAULTS)
def test_an_api_fault_that_stays(trial: Trial, kind: str) -> None:
    trial.fork.change(arxiv=limits(kind, patience_seconds=0.6))
    code = trial.run(api(kind)).code
    assert trial.world.fired[0] >= 1
    if kind in HARMLESS:
        assert code == 0
        trial.assert_right_page()
    elif kind == "missing_published":  # one entry stays broken: it is named, the others are published
        assert code == 0
        assert "lacks its date" in trial.page.partition("## ")[0]
    else:
        assert (code, trial.is_unchanged) == (1, True)
        time.sleep(DELAY_SECONDS)  # the pace is kept within a run; between two there are hours
        assert trial.run().code == 0
        trial.assert_right_page()


def test_arxiv_may_ask_for_a_longer_pause(trial: Trial, pace: Pace) -> None:
    assert trial.run(api("429", times=1, retry_after=1)).code == 0
    assert max(pace.pauses()) >= 1
    trial.assert_right_page()


def test_the_next_run_makes_up_for_a_late_index(trial: Trial) -> None:
    assert trial.run(api("stale")).code == 0
    trial.world.faults = []
    assert trial.fork.run(LATER, "--no-summaries").code == 0
    assert not trial.is_stale
    trial.assert_right_page()


@pytest.mark.parametrize(
    ("one", "other"), [*pairwise(PASSING), *product(("429", "truncated"), ("403", *HARMLESS))]
)
@pytest.mark.parametrize("times", [1, None])
def test_two_api_faults_one_after_the_other(trial: Trial, one: str, other: str, times: int | None) -> None:
    patience_seconds = 8 if times else 0.6
    trial.fork.change(arxiv=limits(one, other, patience_seconds=patience_seconds))
    second = api(other, times=times) if times else api(other)
    code = trial.run(api(one, times=1), second).code
    if times:
        assert trial.world.fired == [1, 1]
    if code:
        assert (code, trial.is_unchanged, other in FINAL or not times) == (1, True, True)
    elif times or other != "missing_published":
        trial.assert_right_page()


# The model's server

MADE, FAILED, REFUSED = "made", "failed", "refused"
CHAT_FAULTS: dict[str, tuple[str, int, str]] = {
    "401": (REFUSED, 1, "refused the key"),
    "data_inspection_failed": (FAILED, 1, "content check"),
    "content_filter": (FAILED, 1, "content check"),
    "reasoning_content": (FAILED, 1, "only its thoughts"),
    "429": (FAILED, 5, "limiting the rate"),
    "500": (FAILED, 3, "does not work at the moment"),
    "slow_drip": (FAILED, 2, "did not answer within"),
    "length": (MADE, 1, "cut off"),
    "huge_output": (MADE, 1, "cut off"),
    "false_numbers": (MADE, 1, "unverified"),
    "think": (MADE, 1, ""),
    "injected": (MADE, 1, ""),
}
"""What becomes of each paper, how often one paper is asked about, and what the page says: of each kind of end
some. `test_error_table.py` has a run for each error."""
PASSES = (
    *("429", "limit_requests", "insufficient_quota", "500", "503", "error_200", "html_200", "reset"),
    *("empty_content", "invalid_utf8", "hang", "slow_drip"),
)
STRAY = (
    r"<(?:script|h1)\b|\]\((?!https?://|#|archive/|\.\.|config|templates|site)"
    r"|!\[[^]]*\]\(|<img src=\"(?!archive/)"
)
"""Markup and addresses that only a summary can have brought."""
NO_FILES = {"on": "files", "kind": "404"}


@pytest.mark.parametrize(
    ("kind", "others"), [*((kind, ()) for kind in CHAT_FAULTS), ("500", (NO_FILES,)), ("401", (NO_FILES,))]
)
def test_a_chat_fault_that_stays(trial: Trial, kind: str, others: tuple[Fault, ...]) -> None:
    end, calls_each, words = CHAT_FAULTS[kind]
    code = trial.summarise({"on": "chat", "kind": kind, "seconds": 2}, *others)
    made = trial.made()
    assert code == (3 if end == REFUSED else 0)
    asked_again = kind == "length"  # once, with more output tokens, and from then on with as many
    assert trial.world.count("chat") == (1 if end == REFUSED else PAPERS * calls_each + asked_again)
    assert trial.texts() == [end == MADE] * PAPERS
    assert words in trial.page
    trial.assert_whole_page()
    if words and "check" not in words and end != MADE:
        assert "There are no new summaries: " in trial.page
    if kind in ("length", "huge_output"):
        assert all(summary["cut_short"] for summary in made)
        assert len(trial.page.encode()) < 500_000
    if kind in ("think", "injected"):
        assert not any("<think" in summary["text"] for summary in made)
    if kind == "false_numbers":
        assert all(summary["figures_missing"] for summary in made)


@pytest.mark.parametrize("kind", PASSES)
def test_a_chat_fault_that_passes(trial: Trial, kind: str) -> None:
    assert trial.summarise({"on": "chat", "kind": kind, "times": 1, "seconds": 2}) == 0
    assert trial.texts() == [True] * PAPERS
    assert trial.world.count("chat") == PAPERS + 1
    trial.assert_whole_page()


@pytest.mark.parametrize("kind", ["401", "402", "arrearage", "404_model"])
def test_a_refusal_in_the_middle_keeps_what_was_made(trial: Trial, kind: str) -> None:
    code = trial.summarise({"on": "chat", "kind": kind, "after": 1})
    assert (code, trial.texts(), trial.world.count("chat")) == (0, [True, False, False], 2)
    assert "2 of 3 summaries are missing" in trial.page
    trial.assert_whole_page()


def test_a_later_run_tries_what_failed_but_not_what_was_moderated(trial: Trial) -> None:
    moderated = {"on": "chat", "kind": "data_inspection_failed", "times": 1}
    assert trial.summarise(moderated, {"on": "chat", "kind": "500", "times": 3}) == 0
    assert trial.texts() == [False, False, True]
    trial.world.faults = []
    trial.world.asked.clear()
    assert trial.fork.run(LATER).code == 0
    assert trial.texts() == [False, True, True]
    todays = {entry["id"] for entry in trial.fork.entries() if entry["digest"] == TODAY}
    asked = [request.paper for request in trial.world.asked if request.site == "chat"]
    assert len([paper for paper in asked if paper in todays]) == 1  # the others are of the days before


UPLOAD_FAULTS = (
    *("401", "403", "404", "429", "500", "503", "hang", "reset", "slow_drip"),
    *("parsing_error", "never_processed"),
)


@pytest.mark.parametrize("kind", UPLOAD_FAULTS)
def test_an_upload_that_never_works(trial: Trial, kind: str) -> None:
    code = trial.summarise({"on": "files", "kind": kind, "method": "POST", "seconds": 2})
    has_other_form = kind != "401"
    assert code == (0 if has_other_form else 3)
    assert trial.texts() == [has_other_form] * PAPERS
    assert not has_other_form or trial.sources() <= {"text", "abstract"}
    assert trial.world.count("chat") == PAPERS * has_other_form
    trial.assert_whole_page()


@pytest.mark.parametrize("kind", [kind for kind in UPLOAD_FAULTS if kind not in ("401", "403", "404")])
def test_an_upload_that_fails_once(trial: Trial, kind: str) -> None:
    fault = {"on": "files", "kind": kind, "method": "POST", "times": 1, "seconds": 2}
    assert trial.summarise(fault) == 0
    first, *others = [summary["source"] for summary in trial.made()]
    assert others == ["file", "file"]
    assert first == "file" or kind == "never_processed"
    assert trial.world.count("chat") == PAPERS
    trial.assert_whole_page()


@pytest.mark.parametrize("times", [1, 99], ids=["once", "always"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("kind", ["429", "500", "hang"])
def test_listing_and_deleting_that_fail(trial: Trial, kind: str, method: str, times: int) -> None:
    fault = {"on": "files", "kind": kind, "method": method, "times": times, "seconds": 2}
    assert trial.summarise(fault) == 0
    assert trial.texts() == [True] * PAPERS
    assert trial.world.count("chat") == PAPERS
    is_left = method == "DELETE" and times > 1 and kind != "hang"  # deleted, but the answer is lost
    trial.assert_whole_page(files_left=PAPERS if is_left else 0)
    if is_left:  # the next run that has something to summarise deletes them
        trial.fork.change(ai_summary={"max_papers_to_summarize": PAPERS + 1})
        trial.world.faults = []
        assert trial.fork.run(LATER).code == 0
        assert trial.world.model.files == {}


PDF_FAULTS = (
    *("403", "404", "429", "500", "503", "hang", "reset", "slow_drip", "cut"),
    *("html_instead", "truncated", "huge", "zero_bytes"),
)


@pytest.mark.parametrize("kind", PDF_FAULTS)
def test_without_pdfs_summaries_are_made_from_abstracts(trial: Trial, kind: str) -> None:
    assert trial.summarise({"on": "pdf", "kind": kind, "seconds": 2}) == 0
    assert (trial.texts(), trial.sources()) == ([True] * PAPERS, {"abstract"})
    assert trial.world.count("chat") == PAPERS
    assert "abstract" in trial.page
    trial.assert_whole_page()


@pytest.mark.parametrize("kind", ["429", "500", "503", "reset", "cut"])
def test_a_pdf_fault_that_passes(trial: Trial, kind: str) -> None:
    assert trial.summarise({"on": "pdf", "kind": kind, "times": 1}) == 0
    assert trial.sources() == {"file"}
    assert trial.world.count("pdf") == PAPERS + 1
    trial.assert_whole_page()
