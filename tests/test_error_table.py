"""Each way in which a model's server can fail, through a whole run: calls, exit code, reason and hint."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paperbot.sample import SAMPLE_CLOCKS
from paperbot.sample.server import Reply
from paperbot.summaries import error_rules, error_table
from paperbot.summaries.error_rules import Rule
from paperbot.summaries.errors import classify
from tests.support.fake_endpoint import TEXT
from tests.support.fault_scenarios import NOBODY
from tests.support.faulty_world import Delivery
from tests.support.fork import Fork, Ran
from tests.support.provider_world import ProviderWorld
from tests.test_model_errors import ERRORS, SERVER


def completion(content: str, finish: str = "stop", **message: object) -> bytes:
    choice = {"message": {"content": content, **message}, "finish_reason": finish}
    return json.dumps({"choices": [choice]}).encode()


def reported(rule: Rule) -> Reply:
    """The first real error that belongs to a row of the table."""
    rows = ((status, body) for _, status, body in ERRORS if status >= 400)
    status, body = next(row for row in rows if classify(SERVER, *row).rule is rule)
    data = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return Reply(status, "application/json", data.encode())


ANSWERS = {
    "NOT_ACCEPTED": Reply(400, "application/json", b'{"error": {"message": "Bad request"}}'),
    "NOT_JSON": Reply(200, "text/html", b"<html>Welcome</html>"),
    "BROKEN_TEXT": Reply(200, "application/json", completion(TEXT).replace(b"faster", b"\xe9\xff")),
    "EMPTY": Reply(200, "application/json", completion("")),
    "ONLY_THOUGHTS": Reply(200, "application/json", completion("<think>Hm.</think>")),
    "UNFINISHED": Reply(200, "application/json", completion(TEXT, "insufficient_system_resource")),
    "UNREAD_TEXT": Reply(200, "application/json", completion("I'm sorry, no paper was attached.")),
    "TOO_LARGE": Reply(200, "application/json", b" " * 17_000_000),
}
BUSY = Reply(429, "application/json", b'{"error": {"message": "Too many requests"}}')
WAIT = b'[{"error": {"code": 429, "message": "x", "details": [{"retryDelay": "3600s"}]}}]'
DELIVERIES = {
    "TIMED_OUT": Delivery(BUSY, "hang", 2),
    "CONNECTION_LOST": Delivery(BUSY, "reset"),
    "UNREACHABLE": Delivery(BUSY),
    "LONG_WAIT": Delivery(BUSY, headers=(("Retry-After", "3600"),)),
    "LONG_WAIT in the body": Delivery(BUSY._replace(body=WAIT)),
}
OTHER_CALLS = {"NO_OUTPUT_LEFT": 2, "FILE_BROKEN": 2, "UNREACHABLE": 0}
"""Where it is not the row's number of attempts: more output is asked for, the file is uploaded again, nobody
is there."""
FILE = {"model": "qwen-long", "source": "file"}
SETTINGS: dict[str, dict[str, Any]] = {
    "FILE_NOT_READY": FILE,
    "FILE_BROKEN": FILE,
    "TIMED_OUT": {"timeout_seconds": 1},
    "UNREACHABLE": {"base_url": f"{NOBODY}/v1"},
}
ALL: dict[str, Reply | Delivery] = {
    **{name: reported(rule) for name, rule in vars(error_table).items() if rule in error_table.TABLE},
    **ANSWERS,
    "NO_OUTPUT_LEFT": Reply(200, "application/json", completion("<think>Hm.", "length")),
    **DELIVERIES,
}


@pytest.fixture(scope="module")
def world() -> Iterator[ProviderWorld]:
    with ProviderWorld() as running:
        yield running


def a_run(folder: Path, world: ProviderWorld, **settings: Any) -> tuple[Fork, Ran]:
    """One paper, its text alone."""
    fork = Fork.of_sample(folder, world)
    given = {"base_url": world.base_url, "model": "m", "max_papers_to_summarize": 1, "source": "text"}
    fork.change(ai_summary=given | {"overview": False} | settings, max_papers=1, site={"enabled": False})
    return fork, fork.run(SAMPLE_CLOCKS[0])


def check(fork: Fork, ran: Ran, rule: Rule) -> None:
    """The run's exit code, the paper's reason, and the hint on the page."""
    assert ran.code == (3 if rule.needs_owner else 0), ran.said
    (summary,) = [entry["summary"] for entry in fork.entries() if "summary" in entry]
    assert summary["reason_kind"] == rule.kind
    page = html.unescape(re.sub(r"</?span>|\\", "", (fork.root / "README.md").read_text("utf-8")))
    for text in (rule.cause, rule.hint if rule.concerns_all_papers else ""):
        pieces = (re.escape(piece) for piece in re.split(r"\{[^}]*\}", text))
        assert re.search(".+?".join(pieces), page), text


@pytest.mark.parametrize("name", ALL)
def test_a_failure_says_what_it_is_and_what_to_do(tmp_path: Path, world: ProviderWorld, name: str) -> None:
    constant = name.partition(" ")[0]
    rule = getattr(error_table, constant, None) or getattr(error_rules, constant)
    answer = ALL[name]
    world.chats[:], world.instead = [], answer if isinstance(answer, Delivery) else Delivery(answer)
    fork, ran = a_run(tmp_path, world, **SETTINGS.get(name, {}))
    check(fork, ran, rule)
    assert len(world.chats) == OTHER_CALLS.get(name, rule.attempts)
