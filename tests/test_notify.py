"""Notifications of a digest, through Apprise, to a real HTTP endpoint on this machine."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apprise import Apprise
from hypothesis import given
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from paperbot import notify
from paperbot.notify import MENTION
from paperbot.notify import ZERO_WIDTH_SPACE as ZWSP
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from tests.support.fork import HERE, Fork, Ran, surroundings
from tests.support.hostile import hostile_texts

MONDAY, TUESDAY, _ = SAMPLE_CLOCKS
NOON = TUESDAY + dt.timedelta(hours=4)
TOKEN = "s3cret-t0ken-of-the-channel"
IN_ACTIONS = {"GITHUB_REPOSITORY": "ada/papers", "GITHUB_RUN_ID": "77"}
WRONG_KEY = {"DASHSCOPE_API_KEY": "sk-wrong-0123456789"}


class Channel:
    """An HTTP endpoint that takes messages, as long as it is well."""

    def __init__(self, server: HTTPServer) -> None:
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        self._server = server
        server.expect_request(f"/{TOKEN}").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        if self.status == 200:
            self.messages.append(request.get_json())
        return Response(status=self.status)

    @property
    def address(self) -> str:
        return f"json://{self._server.host}:{self._server.port}/{TOKEN}"


@pytest.fixture
def channel(httpserver: HTTPServer) -> Channel:
    return Channel(httpserver)


@pytest.fixture
def world() -> Iterator[SampleWorld]:
    with SampleWorld(MONDAY) as world:
        yield world


@pytest.fixture
def fork(tmp_path: Path, world: SampleWorld) -> Fork:
    return Fork.of_sample(tmp_path / "fork", world)


def run(fork: Fork, channel: Channel, clock: dt.datetime = MONDAY, *options: str, **environ: str) -> Ran:
    given = {"APPRISE_URLS": channel.address, "GITHUB_WORKSPACE": str(fork.root), **IN_ACTIONS} | environ
    return fork.run(clock, *options, **given)


# The digest


def test_the_best_five_with_scores_and_a_link(fork: Fork, channel: Channel) -> None:
    assert run(fork, channel, MONDAY, "--no-summaries").code == 0
    (message,) = channel.messages
    assert message["title"] == "8 new on arXiv, 2025-12-22"
    assert message["message"].splitlines() == [
        "1. Draft Horses: Speculative Decoding with a Stable of Tiny Models (5.8)",
        "2. Kettle: Sharing One KV Cache Among Tenants Who Do Not Trust Each Other (4.9)",
        "3. Quantization Noise Is Almost a Regulariser: An 𝒪(2⁻ᵇ) Account of Four-Bit Training (4.45)",
        "4. Sparse Attention for Dense Readers: Finding the Footnote That Decides the Case (4.2)",
        "5. Tidewater: Distributed Training That Follows Cheap Power Around the Globe (3.6)",
        "https://github.com/ada/papers/blob/HEAD/README.md",
    ]


def test_once_a_digest(fork: Fork, channel: Channel, world: SampleWorld) -> None:
    for clock in (MONDAY, MONDAY, TUESDAY, NOON):
        world.clock = clock
        assert run(fork, channel, clock, "--no-summaries").code == 0
    assert [message["title"][-10:] for message in channel.messages] == ["2025-12-22", "2025-12-23"]
    assert [day["news_sent"] for day in fork.days()] == ["2025-12-22T08:17:00Z", "2025-12-23T08:17:00Z"]


@pytest.mark.parametrize(
    ("environ", "link"),
    [
        ({"GITHUB_WORKSPACE": "{root}/.."}, "https://github.com/ada/papers/blob/HEAD/fork/README.md"),
        ({"GITHUB_WORKSPACE": "{root}/elsewhere"}, "https://papers.example.org"),
        ({"GITHUB_REPOSITORY": ""}, "https://papers.example.org"),
    ],
)
def test_the_link_leads_to_where_the_page_is(
    fork: Fork, channel: Channel, environ: dict[str, str], link: str
) -> None:
    fork.change(site={"base_url": "https://papers.example.org"})
    given = {name: value.format(root=fork.root) for name, value in environ.items()}
    run(fork, channel, MONDAY, "--no-summaries", **given)
    assert channel.messages[0]["message"].splitlines()[-1] == link


def test_a_day_without_new_papers_is_no_news(fork: Fork, channel: Channel) -> None:
    fork.change(min_score=1000)
    assert run(fork, channel, MONDAY, "--no-summaries").code == 0
    assert channel.messages == []


@pytest.mark.parametrize("option", ["--dry-run", "--check"])
def test_what_writes_nothing_tells_nothing(fork: Fork, channel: Channel, option: str) -> None:
    assert run(fork, channel, MONDAY, option, APPRISE_ON_FAILURE="true").code == 0
    assert channel.messages == []


def test_without_the_secret_apprise_is_not_even_loaded(fork: Fork) -> None:
    script = "import sys, fetch_papers as bot; sys.exit(bot.main(sys.argv[1:]) or 'apprise' in sys.modules)"
    command = [sys.executable, "-c", script, *fork.arguments(MONDAY, ["--no-summaries"])]
    assert subprocess.run(command, cwd=HERE, env=surroundings(), check=False).returncode == 0
    assert "news_sent" not in fork.days()[0]


# Failures


def test_what_is_missing_is_told_if_asked_and_once_a_date(fork: Fork, channel: Channel) -> None:
    asked = WRONG_KEY | {"APPRISE_ON_FAILURE": "true"}
    for _ in range(2):
        assert run(fork, channel, MONDAY, **asked).code == 3
    (message,) = channel.messages
    *papers, trouble, link = message["message"].splitlines()
    assert len(papers) == 5
    assert trouble.startswith("There are no new summaries: 127.0.0.1 refused the key. ")
    assert link == "https://github.com/ada/papers/blob/HEAD/README.md"


def test_what_goes_wrong_after_the_news_is_a_message_of_its_own(fork: Fork, channel: Channel) -> None:
    assert run(fork, channel, MONDAY, "--no-summaries", APPRISE_ON_FAILURE="true").code == 0
    assert run(fork, channel, MONDAY, APPRISE_ON_FAILURE="true", **WRONG_KEY).code == 3
    _, message = channel.messages
    assert message["title"] == "arXiv Papers Bot, 2025-12-22"
    assert message["message"].startswith("There are no new summaries")
    assert fork.days()[0]["trouble_sent"] == "2025-12-22T08:17:00Z"


def test_what_is_missing_is_not_told_unasked(fork: Fork, channel: Channel) -> None:
    run(fork, channel, MONDAY, **WRONG_KEY)
    assert "no new summaries" not in channel.messages[0]["message"]


def test_a_missing_key_is_a_choice_and_no_trouble(fork: Fork, channel: Channel) -> None:
    run(fork, channel, MONDAY, DASHSCOPE_API_KEY="", APPRISE_ON_FAILURE="true")
    assert "no key is set" not in channel.messages[0]["message"]


def test_a_failed_run_is_told_if_asked(fork: Fork, channel: Channel) -> None:
    fork.change(arxiv={"api_url": "http://127.0.0.1:9/api", "patience_seconds": 0})
    assert run(fork, channel, MONDAY).code == 1
    assert channel.messages == []
    assert run(fork, channel, MONDAY, APPRISE_ON_FAILURE="true").code == 1
    (message,) = channel.messages
    assert message["title"] == "arXiv Papers Bot: no digest this time"
    reason, link = message["message"].splitlines()
    assert reason.startswith("the connection to arXiv failed")
    assert link == "https://github.com/ada/papers/actions/runs/77"


def test_a_wrong_config_is_told_if_asked(fork: Fork, channel: Channel) -> None:
    fork.config.write_text('{"max_papers": "many"}', "utf-8")
    assert run(fork, channel, MONDAY, APPRISE_ON_FAILURE="true").code == 2
    assert 'max_papers is "many".' in channel.messages[0]["message"]


def test_a_wrong_switch_is_a_mistake(fork: Fork, channel: Channel) -> None:
    ran = run(fork, channel, MONDAY, APPRISE_ON_FAILURE="sometimes")
    assert ran.code == 2
    assert 'APPRISE_ON_FAILURE is "sometimes". Allowed: true or false.' in ran.err


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise loads
@pytest.mark.parametrize(("limit", "messages"), [(300, 1), (1_500, 2)])
def test_a_text_beyond_the_limit_of_a_service_is_divided_or_cut(
    fork: Fork, channel: Channel, monkeypatch: pytest.MonkeyPatch, limit: int, messages: int
) -> None:
    monkeypatch.setattr(notify, "BEST", 8)
    monkeypatch.setattr(notify, "plain_formulas", lambda text: text.ljust(130, "."))
    monkeypatch.setattr(type(Apprise.instantiate(channel.address)), "body_maxlen", limit)
    assert run(fork, channel, MONDAY, "--no-summaries").code == 0
    told = [message["message"] for message in channel.messages]
    assert len(told) == messages and all(0 < len(text) <= limit for text in told)
    assert told[0].startswith("1. Draft Horses")
    assert told[-1].endswith("/README.md") is (messages > 1)


# Channels that fail


def everything(fork: Fork, ran: Ran) -> str:
    files = (path for path in fork.root.rglob("*") if path.is_file())
    return ran.said + "".join(path.read_text("utf-8", "replace") for path in files)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (f"json://127.0.0.1:9/{TOKEN}", "rejected the message"),
        (f"nonsense://127.0.0.1/{TOKEN}", "is not an address that Apprise knows"),
        (TOKEN, "is not an address that Apprise knows"),
        (f"mailto://a:{TOKEN}@localhost:9/?from=a@b.org&to=b@b.org", "rejected the message"),
        (f"slack://{TOKEN}", "is not an address that Apprise knows"),
    ],
)
def test_a_channel_that_fails_is_a_warning_without_its_address(fork: Fork, address: str, why: str) -> None:
    given = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(fork.root / "summary.md")}
    ran = fork.run(MONDAY, "--no-summaries", "-v", APPRISE_URLS=address, **given)
    assert ran.code == 0
    line = f"Notification failed: channel 1 of 1 in APPRISE_URLS {why}."
    assert any(said.startswith("::warning ") and said.endswith(f"::{line}") for said in ran.out.splitlines())
    assert TOKEN not in everything(fork, ran)
    assert "Notification failed" in (fork.root / "summary.md").read_text("utf-8")


def test_one_channel_that_fails_does_not_stop_the_others(fork: Fork, channel: Channel) -> None:
    addresses = f'"json://127.0.0.1:9/x",\n\n,{channel.address}, \''
    ran = run(fork, channel, MONDAY, "--no-summaries", APPRISE_URLS=addresses)
    assert ran.code == 0
    assert len(channel.messages) == 1
    assert "channel 1 of 2 in APPRISE_URLS rejected the message." in ran.err
    assert "news_sent" in fork.days()[0]


def test_news_that_nobody_took_are_sent_by_the_next_run(fork: Fork, channel: Channel) -> None:
    channel.status = 500
    assert "Notification failed" in run(fork, channel, MONDAY, "--no-summaries").err
    channel.status = 200
    assert run(fork, channel, MONDAY, "--no-summaries").err.count("Notification failed") == 0
    assert len(channel.messages) == 1


# Text of others


@given(hostile_texts)
def test_nobody_is_called_by_a_title(text: str) -> None:
    told = MENTION.sub(ZWSP, f"{text} @everyone <!channel> <@U123> x@y.z")
    for call in ("@everyone", "<!", "<@", "<#"):
        assert call not in told
    assert told.replace(ZWSP, "") == f"{text} @everyone <!channel> <@U123> x@y.z".replace(ZWSP, "")


def test_a_title_is_one_plain_line(fork: Fork, channel: Channel, world: SampleWorld) -> None:
    answer = world.answer

    def with_hostile_titles(method: str, target: str, key: str, body: bytes) -> Any:
        reply = answer(method, target, key, body)
        hostile = b"<title>@everyone \xe2\x80\xae&lt;!channel&gt; &#10;# x **y** "
        return reply._replace(body=reply.body.replace(b"    <title>", b"    " + hostile))

    world.answer = with_hostile_titles  # type: ignore[method-assign]
    run(fork, channel, MONDAY, "--no-summaries")
    first, *_ = channel.messages[0]["message"].splitlines()
    assert first.startswith(f"1. @{ZWSP}everyone <{ZWSP}!channel> # x **y** Draft Horses")
    assert json.dumps(channel.messages).count("\\u202e") == 0
