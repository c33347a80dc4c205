"""Terminals without Unicode, folders with odd names, and the key nowhere."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.command.conftest import Actions
from tests.command.watched import CANARY, TUESDAY, Fork, WatchedWorld, tree
from tests.support.fork import end_of

NO_UNICODE = {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("options", [["--dry-run"], ["-v"]], ids=" ".join)
def test_a_terminal_without_unicode(known: Fork, options: list[str]) -> None:
    known.settings["keywords"] += ["модель", "模型"]
    known.change()
    ran = end_of(known.process(*options, environ=NO_UNICODE))
    assert ran.code == 0
    assert ran.said.isascii()


def test_a_mistake_beyond_ascii_on_a_terminal_without_unicode(known: Fork) -> None:
    known.settings["display_límit"] = 1
    known.change()
    ran = end_of(known.process("--check", environ=NO_UNICODE))
    assert ran.code == 2
    assert ran.said.isascii()
    assert "Traceback" not in ran.err


def test_a_folder_with_an_unusual_name(world: WatchedWorld, tmp_path: Path) -> None:
    fork = Fork(tmp_path / "my papers, ünï 论文 100%", world)
    environ = {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}
    assert end_of(fork.process("--no-summaries", environ=environ)).code == 0
    assert len(fork.entries()) == 16


ECHOES: Mapping[str, tuple[int, Any]] = {
    "401": (401, {"error": {"message": f"Incorrect API key provided: {CANARY}", "code": "invalid_api_key"}}),
    "400": (400, {"error": {"message": f"Bad header 'Authorization: Bearer {CANARY}'"}}),
    "403": (403, {"message": f"{CANARY} may not do this"}),
    "429": (429, [{"error": {"message": f"{CANARY} is too fast"}}]),
    "500": (500, f"Stack trace: key={CANARY}"),
    "200": (200, {"error": {"message": f"{CANARY} failed", "code": 500}, "choices": None}),
}


@pytest.mark.parametrize("kind", [None, *ECHOES])
def test_the_key_appears_nowhere(
    known: Fork,
    world: WatchedWorld,
    actions: Actions,
    monkeypatch: pytest.MonkeyPatch,
    kind: str | None,
) -> None:
    monkeypatch.setattr(WatchedWorld, "key", CANARY)
    if kind:
        status, body = ECHOES[kind]
        world.break_down("POST /v1/", status, body if isinstance(body, str) else json.dumps(body))
    known.change(ai_summary={"source": "auto"})
    ran = known.run(TUESDAY, "-v", DASHSCOPE_API_KEY=CANARY, **actions.environ)
    assert ran.code == (3 if kind in ("400", "401", "403") else 0)
    assert CANARY not in ran.said
    written = {**known.everything(), **tree(actions.output.parent)}
    assert [path for path, data in written.items() if data and CANARY.encode() in data] == []
