"""The keys appear in no file, output, log line or exception: a canary through every path.

`make faults` looks for it in every other scenario.
"""

import base64
import html
import itertools
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from paperbot.config import Environment, load_config, read_environment
from paperbot.sample import SAMPLE_CLOCKS
from paperbot.sample.server import Reply
from paperbot.summaries import server_of
from paperbot.summaries.server import Server
from tests.support.fault_scenarios import ARXIV, MODEL, PDFS, Scenario
from tests.support.faulty_world import Asked, Delivery, FaultyWorld
from tests.support.fork import Fork, Ran
from tests.test_redaction import KEY, disguises

MONDAY, TUESDAY, _ = SAMPLE_CLOCKS
TOKEN = "tk-canary3d94b0f18a6c27e5"
NEWS = f"json://somebody:{TOKEN}@127.0.0.1:9/hook"
TRACES = (KEY, base64.b64encode(KEY.encode()).decode(), TOKEN)
CORES = {KEY: "0fb5c1a9e7d34826", TOKEN: "3d94b0f18a6c27e5"}
"""What no text may spell."""

Change = Callable[[Asked, Reply], Reply]


class Blabbermouth(FaultyWorld):
    """A server that says the key wherever it can."""

    key = KEY

    def __init__(self) -> None:
        super().__init__(MONDAY)
        self.change: Change = lambda asked, reply: reply
        self.headers: tuple[tuple[str, str], ...] = ()

    def deliver(self, method: str, target: str, key: str, body: bytes) -> Delivery:
        delivery = super().deliver(method, target, key, body)
        if not target.startswith("/v1/"):
            return delivery
        reply = self.change(self.asked[-1], delivery.reply)
        return replace(delivery, reply=reply, headers=(*delivery.headers, *self.headers))


class Watched:
    """A fork in Actions, all of whose traces are looked through."""

    def __init__(self, folder: Path, world: Blabbermouth) -> None:
        self.folder, self.world = folder, world
        self.fork = Fork.of_sample(folder / "fork", world)
        self.environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_REPOSITORY": "someone/papers",
            "APPRISE_URLS": NEWS,
            "APPRISE_ON_FAILURE": "true",
        }

    def run(self, *options: str, **environ: str) -> Ran:
        return self.fork.run(MONDAY, "-v", *options, **self.environ | environ)

    def child(self, *options: str, **given: str) -> Ran:
        return self.fork.child(MONDAY, "-v", *options, **self.environ | given)

    def traces(self, ran: Ran) -> list[str]:
        """Where a key can be read; the config is its owner's."""
        places = {"output": ran.out.encode(), "log": ran.err.encode()}
        places |= {
            file.relative_to(self.folder).as_posix(): file.read_bytes() + file.name.encode()
            for file in self.folder.rglob("*")
            if file.is_file()
        }
        return [name for name, data in places.items() if any(trace.encode() in data for trace in TRACES)]


@pytest.fixture(scope="module")
def world() -> Iterator[Blabbermouth]:
    with Blabbermouth() as world:
        yield world


@pytest.fixture
def watched(tmp_path: Path, world: Blabbermouth) -> Watched:
    world.faults, world.headers, world.change = (), (), lambda asked, reply: reply
    world.asked.clear()
    return Watched(tmp_path, world)


@pytest.mark.parametrize("options", [(), ("--check",), ("--dry-run",), ("--no-summaries",), ("--rerender",)])
def test_every_way_to_run(watched: Watched, options: tuple[str, ...]) -> None:
    ran = watched.run(*options)
    assert ran.code == 0
    assert watched.traces(ran) == []


def test_the_watch_would_see_it(watched: Watched) -> None:
    ran = watched.run("--no-summaries")
    (watched.fork.root / "site" / "leak.json").write_text(f'"{KEY}"', encoding="utf-8")
    assert watched.traces(replace(ran, err=f"Bearer {KEY}")) == ["log", "fork/site/leak.json"]


FAULTS = [scenario for scenario in (*ARXIV[:1], *PDFS[:1], *MODEL[::5]) if scenario.faults]


@pytest.mark.parametrize("scenario", FAULTS, ids=lambda scenario: scenario.what)
def test_every_fault(watched: Watched, scenario: Scenario) -> None:
    watched.fork.change(**scenario.changes)
    watched.world.faults = scenario.faults
    ran = watched.run()
    assert ran.code == scenario.code
    assert watched.traces(ran) == []


def _said(status: int, body: Any) -> Change:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda asked, reply: Reply(status, "application/json", data)


def _completed(**message: object) -> Change:
    def change(asked: Asked, reply: Reply) -> Reply:
        if asked.site != "chat" or reply.status != 200:
            return reply
        completion = json.loads(reply.body)
        completion["choices"][0]["message"] |= message
        return reply._replace(body=json.dumps(completion).encode())

    return change


def _file(**fields: object) -> Change:
    def change(asked: Asked, reply: Reply) -> Reply:
        is_file = asked.site == "files" and asked.method != "DELETE" and b'"data"' not in reply.body
        return reply._replace(body=json.dumps(json.loads(reply.body) | fields).encode()) if is_file else reply

    return change


ECHOES: Mapping[str, Change] = {
    "401": _said(
        401, {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}}
    ),
    "400": _said(400, {"error": {"message": f"Bad header 'Authorization: Bearer {KEY}'"}}),
    "403": _said(403, {"message": f"{KEY} may not do this"}),
    "404": _said(404, f"no such page for {KEY}".encode()),
    "429": _said(429, [{"error": {"message": f"{KEY} is too fast"}}]),
    "500": _said(500, f"Traceback: key={KEY}".encode()),
    "200 with an error": _said(200, {"error": {"message": f"{KEY} failed", "code": 500}, "choices": None}),
    "200 with a web page": _said(200, f"<html>{KEY}</html>".encode()),
    "a summary": _completed(content=f"## Results\n\nYour key is {KEY}."),
    "thoughts": _completed(content=f"<think>{KEY}</think>", reasoning_content=KEY),
    "a refusal": _completed(content="", refusal=f"Not with {KEY}"),
    "a file's state": _file(status="error", status_details=f"{KEY} may not upload"),
    "a file's id": _file(id=f"file-{KEY}"),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_a_server_that_quotes_the_key(watched: Watched, echo: str) -> None:
    watched.world.change = ECHOES[echo]
    ran = watched.run()
    assert ran.code in (0, 3)
    assert watched.world.count("files") + watched.world.count("chat")
    assert watched.traces(ran) == []


def readings(text: str) -> Iterator[str]:
    """The text as a reader may decode it, by its letters and digits alone."""
    plain = re.sub(r"<[^<>]*>|\]\([^()]*\)|\\[nrt]", "", text)
    for one in (text, plain):
        octal = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), one)
        escaped = re.sub(r"\\+(?:u\{?|x)([0-9a-fA-F]{2,4})\}?", lambda found: chr(int(found[1], 16)), octal)
        for decoded in (one, unquote(unquote(one)), html.unescape(html.unescape(escaped))):
            yield re.sub("[^a-z0-9]", "", unicodedata.normalize("NFKD", decoded).lower())


def can_be_read(text: str, core: str) -> bool:
    """The secret, in any disguise, as it is or in base64 at any place of what was encoded."""
    forms = {core, core[::-1], core.encode().hex()}
    encoded = (base64.b64encode((" " * pad + core).encode()).decode() for pad in range(3))
    forms |= {re.sub("[^a-z0-9]", "", form[4:-4].lower()) for form in encoded}
    return any(form in reading for reading in readings(text) for form in forms)


def disguised_traces(watched: Watched, ran: Ran, core: str) -> list[str]:
    """Those of the files, the job summary and the output, annotations included, that spell the secret."""
    files = (file for file in watched.folder.rglob("*") if file.is_file() and file.name != "config.json")
    texts = {file.name: file.read_bytes().decode("utf-8", "replace") for file in files}
    assert len(texts["summary.md"]) > 200
    assert "::" in ran.out
    texts |= {"out": ran.out, "err": ran.err}
    return [name for name, text in texts.items() if can_be_read(text, core)]


@pytest.mark.parametrize("has_site", [True, False])
@pytest.mark.parametrize("secret", CORES)
def test_a_secret_in_two_hundred_disguises(watched: Watched, secret: str, has_site: bool) -> None:
    """In the model's answers, and from there on pages, in feeds and in notifications."""
    ways = disguises(secret)
    lines = "\n\n".join(f"- Point: {way}." for way in ways)
    watched.fork.change(site={"enabled": has_site})
    watched.world.change = _completed(content=f"TL;DR: It is {ways[20]}.\n\n## Results\n\n{lines}")
    ran = watched.run()
    assert (ran.code, "3 summarised" in ran.out) == (0, True)
    assert disguised_traces(watched, ran, CORES[secret]) == []


@pytest.mark.parametrize("status", [200, 400, 401, 429, 503])
@pytest.mark.parametrize("secret", CORES)
def test_an_error_with_a_secret_in_disguises(watched: Watched, secret: str, status: int) -> None:
    """Each answer has other disguises: an error's words are cut after one or two."""
    ways = itertools.cycle(disguises(secret)[status % 7 :])
    watched.world.change = lambda asked, reply: _said(
        status, {"error": {"message": f"Odd: {next(ways)} {next(ways)}"}}
    )(asked, reply)
    assert disguised_traces(watched, watched.run(), CORES[secret]) == []


@pytest.mark.parametrize("secret", CORES)
def test_the_watch_for_disguises_would_see_them(secret: str) -> None:
    assert [way for way in disguises(secret) if not can_be_read(f"x {way} y", CORES[secret])] == []


def test_headers_that_quote_the_key(watched: Watched) -> None:
    watched.world.headers = (("X-Key", KEY), ("Set-Cookie", f"key={KEY}"), ("X-Request-Id", KEY))
    assert watched.traces(watched.run()) == []


@pytest.mark.parametrize("status", [302, 307])
def test_the_key_goes_to_its_own_server_only(watched: Watched, status: int) -> None:
    """A redirect leads to another address; arXiv is never shown it."""
    with FaultyWorld(MONDAY) as other:
        watched.world.headers = (("Location", f"{other.address}/v1/chat/completions"),)
        watched.world.change = lambda asked, reply: reply._replace(status=status)
        ran = watched.run()
        assert [asked for asked in other.asked if asked.key] == []
    assert ran.code in (0, 3)
    assert {asked.site for asked in watched.world.asked if asked.key} <= {"files", "chat"}
    assert watched.traces(ran) == []


BUGS = (
    "paperbot.archive.store:changed_files",
    "paperbot.summaries.run:summarise",
    "paperbot.summaries.run:SummaryRun._finish",
    "paperbot.summaries.client:Client.ask",
    "paperbot.archive.journal:Journal.keep",
)


@pytest.mark.parametrize("bug", BUGS)
def test_the_traceback_of_a_bug(watched: Watched, bug: str) -> None:
    """Its words are the whole of what the function was given."""
    ran = watched.child(bug=bug)
    assert "RuntimeError: a bug, given" in ran.err
    assert ran.code == 0
    assert watched.traces(ran) == []


def test_the_packages_own_logs(watched: Watched) -> None:
    ran = watched.child(OPENAI_LOG="debug", HTTPX_LOG_LEVEL="debug")
    assert ran.code == 0
    assert watched.traces(ran) == []


@pytest.mark.parametrize("ending", [" and a word", "\nX-Injected: 1", "é", "\u200b\u202e", "\t\t1"])
def test_a_key_that_is_none(watched: Watched, ending: str) -> None:
    ran = watched.run(DASHSCOPE_API_KEY=KEY + ending)
    assert ran.code == 2
    assert watched.traces(ran) == []
    assert watched.world.asked == []


def test_whatever_holds_a_key_hides_it(watched: Watched) -> None:
    config = load_config(watched.fork.config)[0]
    environment = read_environment(config, {"DASHSCOPE_API_KEY": KEY, "APPRISE_URLS": NEWS})
    server = server_of(config.ai_summary, KEY)
    assert isinstance(environment, Environment)
    assert isinstance(server, Server)
    assert (environment.api_key, environment.notification_urls, server.api_key) == (KEY, NEWS, KEY)
    for holder in (environment, server):
        assert not any(trace in f"{holder!r} {holder}" for trace in TRACES)
