"""How far it is from `main` to a request: a reader follows at most eight of the bot's own functions."""

import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
import requests

import fetch_papers
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from paperbot.summaries.transport import LimitedTransport
from tests.support.fork import HERE, Fork

MAX_FRAMES = 8


def own_functions() -> tuple[str, ...]:
    """From `main`, or the beginning of a thread, to here, without those of libraries and tests."""
    names, frame = [], sys._getframe()
    while frame.f_back:
        frame = frame.f_back
        path = Path(frame.f_code.co_filename)
        if path.parent == HERE or HERE / "paperbot" in path.parents:
            names.append(f"{path.stem}.{frame.f_code.co_qualname}")
    return tuple(reversed(names))


def test_from_main_to_a_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths: dict[str, tuple[str, ...]] = {}
    send, handle = requests.Session.send, LimitedTransport.handle_async_request

    def watched_send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        paths[f"arXiv {str(request.path_url)[:4]}"] = own_functions()
        return send(session, request, **options)

    async def watched_handle(transport: LimitedTransport, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("completions"):
            paths["model"] = own_functions()
        return await handle(transport, request)

    monkeypatch.setattr(requests.Session, "send", watched_send)
    monkeypatch.setattr(LimitedTransport, "handle_async_request", watched_handle)
    with SampleWorld(SAMPLE_CLOCKS[0]) as world:
        fork = Fork.of_sample(tmp_path, world)
        code = fetch_papers.main(fork.arguments(world.clock), {"DASHSCOPE_API_KEY": world.key})
    assert code == 0
    assert paths.keys() >= {"arXiv /api", "model"}
    assert paths["arXiv /api"][0] == paths["model"][0] == "fetch_papers.main"
    assert {what: path for what, path in paths.items() if len(path) > MAX_FRAMES} == {}
