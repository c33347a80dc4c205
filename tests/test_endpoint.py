"""The conversation with the model's server, over real HTTP."""

import asyncio
import json
import logging
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperbot.summaries.client import Client, Waits
from paperbot.summaries.error_rules import Action
from paperbot.summaries.errors import Failure, SummaryError, classify
from paperbot.summaries.replies import MAX_SUMMARY_CHARS, Completion, read_completion, read_reply
from paperbot.summaries.server import Server
from paperbot.summaries.uploads import Uploads, name_prefix
from tests.support.builders import utc
from tests.support.fake_endpoint import KEY, OLLAMA, OPENAI, TEXT, FakeEndpoint, Reply

Value = TypeVar("Value")

AGAIN, NEW_UPLOAD, OTHER, PAPER, STOP = Action
QUICK = Waits(pauses=(0.01,), polls=(0.01,), file=0.2, connect=2, cleanup=1)
REPOSITORY, NOW = "someone/papers", utc("2025-12-24T08:17:00")
QUESTION = ({"role": "user", "content": "What is new?"},)


class ClientWithUploads(Client):
    """As a run uses them."""

    uploads: Uploads


def a_server(fake: FakeEndpoint, **changes: str) -> Server:
    words = {"base_url": fake.llm_url, "model": fake.provider.model, "key_name": "THE_KEY", "api_key": KEY}
    return Server(**(words | changes))


def converse(
    fake: FakeEndpoint,
    talk: Callable[[ClientWithUploads], Awaitable[Value]],
    *,
    at_once: int = 3,
    timeout_seconds: float = 10,
    waits: Waits = QUICK,
    **changes: str,
) -> Value:
    """What comes of a conversation with the fake's server."""

    async def conversation() -> Value:
        server = a_server(fake, **changes)
        endpoint = ClientWithUploads(
            server, timeout_seconds=timeout_seconds, max_concurrent=at_once, waits=waits
        )
        async with endpoint:
            endpoint.uploads = Uploads(endpoint, REPOSITORY, NOW)
            return await talk(endpoint)

    return asyncio.run(conversation())


def ask(fake: FakeEndpoint, **how: Any) -> Completion:
    return converse(fake, lambda endpoint: endpoint.ask(QUESTION, 100), **how)


def fault_of(fake: FakeEndpoint, **how: Any) -> Failure:
    with pytest.raises(SummaryError) as refused:
        ask(fake, **how)
    return refused.value.failure


def test_an_answer_is_its_text_alone() -> None:
    with FakeEndpoint() as fake:
        completion = ask(fake)
        body = fake.requests[0].body
    assert completion == Completion(TEXT, False, 3, len(TEXT) // 4, True)
    assert body == {"model": "qwen-long", "messages": list(QUESTION), "stream": False}


def test_the_hint_names_what_to_change() -> None:
    with FakeEndpoint() as fake:
        fake.say("wrong key", "no model")
        assert "THE_KEY (on GitHub: Settings > Secrets" in (hint := fault_of(fake).hint)
        assert hint.endswith("works only in the region it was made in.")
        assert "ai_summary.model in config.json" in fault_of(fake, model="qwen-lang").hint
    with FakeEndpoint(OLLAMA) as fake:
        fake.say(Reply({"error": 'model "llama9" not found, try pulling it first'}, 404))
        assert fault_of(fake, model="llama9").hint.endswith("run: ollama pull llama9")


@pytest.mark.parametrize(
    ("status", "action", "needs_owner"),
    [
        (400, PAPER, False),
        (401, STOP, True),
        (402, STOP, True),
        (403, STOP, True),
        (404, STOP, True),
        (405, STOP, True),
        (408, AGAIN, False),
        (409, AGAIN, False),
        (410, STOP, True),
        (413, OTHER, False),
        (422, PAPER, False),
        (429, AGAIN, False),
        (451, PAPER, False),
        (500, AGAIN, False),
        (529, AGAIN, False),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "Words.", "code": "c", "type": "t"}},
        {"message": "Words.", "code": "c"},
        {"error": "Words."},
        [{"error": {"message": "Words.", "code": 7}}],
        ["Words."],
        "Words.",
        "<html>Words.</html>",
        None,
        7,
    ],
    ids=repr,
)
def test_a_status_counts_whatever_the_shape_of_its_body(
    status: int, action: Action, needs_owner: bool, body: object
) -> None:
    fault = classify(Server("https://llm.example/v1", "m", "K", KEY), status, body)
    assert (fault.action, fault.needs_owner) == (action, needs_owner)
    quoted = isinstance(body, (dict, list, str)) and "html" not in str(body) and status != 401
    assert fault.said == ("Words" if quoted else "")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.just(f"key {KEY}"),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["error", "message", "code", "type", "choices", "content", "usage", "finish_reason"])
        | st.text(),
        inner,
    ),
    max_leaves=12,
)  # fmt: skip


@given(status=st.integers(400, 599), body=JSON)
def test_any_error_makes_one_plain_line_without_the_key(status: int, body: object) -> None:
    fault = classify(Server("https://llm.example/v1", "m", "K", KEY), status, body)
    assert fault.advice.splitlines() == [fault.advice]
    assert not re.search("[\\x00-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]", fault.advice)
    assert KEY not in fault.advice
    assert len(fault.advice) < 600


@given(reply=JSON)
def test_any_reply_is_an_answer_or_refused(reply: object) -> None:
    server = Server("https://llm.example/v1", "m", "K", KEY)
    try:
        completion = read_completion(server, reply)
    except SummaryError as refused:
        assert refused.failure.cause
    else:
        assert completion.text


@given(
    content=st.text(st.characters(exclude_characters="\ufeff")), finish=st.sampled_from(["stop", "length"])
)
def test_any_content_is_kept_or_refused(content: str, finish: str) -> None:
    server = Server("https://llm.example/v1", "m", "K", KEY)
    reply = {"choices": [{"message": {"content": content}, "finish_reason": finish}]}
    try:
        completion = read_completion(server, json.loads(json.dumps(reply)))
    except SummaryError:
        assert not content.strip() or "<" in content
    else:
        assert completion.text == content.strip()
        assert completion.cut_short is (finish == "length")


@given(body=st.binary())
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    try:
        json.dumps(read_reply(Server("https://llm.example/v1", "m", "K", KEY), body))
    except SummaryError as refused:
        assert refused.failure.action is AGAIN


# Odd answers


def test_what_comes_with_200_is_looked_at_before_it_is_used() -> None:
    html = Reply("<!DOCTYPE html><title>Please log in</title>")
    for odd in (html, Reply(b"[]"), Reply(b"{}"), Reply({"choices": [{"message": "no"}]}), Reply(b"\xff")):
        with FakeEndpoint() as fake:
            fake.say(odd)
            assert ask(fake).text == TEXT
            assert len(fake.requests) == 2


def test_no_room_for_an_answer_is_answered_with_more_room_from_then_on() -> None:
    async def twice(endpoint: ClientWithUploads) -> list[str]:
        return [(await endpoint.ask(QUESTION, 100)).text for _ in range(2)]

    with FakeEndpoint() as fake:
        fake.say(Reply(fake.completion("", finish="length")))
        assert converse(fake, twice) == [TEXT, TEXT]
        assert [request.body.get("max_tokens") for request in fake.asked()] == [None, 16_384, 16_384]


def test_a_parameter_that_is_refused_is_dropped() -> None:
    message = "Unsupported parameter: 'max_tokens' is not supported with this model."
    refusal = Reply({"error": {"message": message, "code": "unsupported_parameter"}}, 400)
    with FakeEndpoint(OPENAI) as fake:
        fake.say(Reply(fake.completion("", finish="length")), refusal)
        assert ask(fake).text == TEXT
        assert [request.body.get("max_tokens") for request in fake.asked()] == [None, 16_384, None]


def test_thinking_is_switched_off_where_the_server_demands_it() -> None:
    message = "parameter.enable_thinking must be set to false for non-streaming calls"
    with FakeEndpoint() as fake:
        fake.say(Reply({"error": {"message": message, "code": "invalid_parameter_error"}}, 400))
        assert ask(fake).text == TEXT
        assert [request.body.get("enable_thinking") for request in fake.asked()] == [None, False]


def test_a_cut_short_answer_says_so() -> None:
    with FakeEndpoint() as fake:
        fake.say(*[Reply(fake.completion("It is 2.", finish="length"))] * 2)
        assert ask(fake) == Completion("It is 2.", True, 1000, 200, True)
        assert [request.body.get("max_tokens") for request in fake.asked()] == [None, 16_384]
        assert ask(fake).text == TEXT


def test_broken_characters_are_asked_for_once_more() -> None:
    with FakeEndpoint() as fake:
        broken = json.dumps(fake.completion("It is 84#4%.")).encode().replace(b"#", b"\xff")
        fake.say(Reply(broken))
        assert ask(fake).text == TEXT
        fake.say(Reply(broken), Reply(broken))
        assert "not valid UTF-8" in fault_of(fake).cause


def test_half_characters_become_whole_ones() -> None:
    with FakeEndpoint() as fake:
        fake.say(Reply(json.dumps(fake.completion("It is \ud83d.")).encode()))
        assert ask(fake).text == "It is ?."


def test_a_huge_answer_is_cut_at_a_line() -> None:
    with FakeEndpoint() as fake:
        fake.say(Reply(fake.completion("It is 2.5x faster.\n" * 100_000)))
        completion = ask(fake)
    assert completion.cut_short
    assert MAX_SUMMARY_CHARS - 20 < len(completion.text) <= MAX_SUMMARY_CHARS
    assert completion.text.endswith("faster.")


def test_tokens_are_counted_by_the_server_or_estimated() -> None:
    async def spent(endpoint: ClientWithUploads) -> tuple[int, int]:
        await endpoint.ask(QUESTION, 100)
        await endpoint.ask(QUESTION, 100)
        return endpoint.input_tokens, endpoint.output_tokens

    with FakeEndpoint() as fake:
        empty = fake.completion("")
        without_usage = fake.completion("x" * 35)
        without_usage["usage"] = None
        fake.say(Reply(empty), Reply(fake.completion()), Reply(without_usage))
        assert converse(fake, spent) == (1000 + 1000 + 100, 200 + 200 + 10)


# The connection


@pytest.mark.parametrize("reply", [Reply(way="hang"), Reply(way="slow_drip")])
def test_a_server_that_does_not_finish_is_given_up(reply: Reply) -> None:
    with FakeEndpoint() as fake:
        fake.say(reply, reply)
        assert fault_of(fake, timeout_seconds=0.3).cause == "127.0.0.1 did not answer within 0.3 seconds"


@pytest.mark.parametrize("way", ["cut", "reset"])
def test_a_broken_connection_is_tried_again(way: Any) -> None:
    with FakeEndpoint() as fake:
        fake.say(Reply(way=way))
        assert ask(fake).text == TEXT
        fake.say(*[Reply(way=way)] * 3)
        assert fault_of(fake).cause == "the connection to 127.0.0.1 broke off"


def test_nobody_at_home() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed, FakeEndpoint() as fake:
        port = closed.getsockname()[1]
        closed.close()
        fault = fault_of(fake, base_url=f"http://127.0.0.1:{port}/v1")
    assert fault.cause == "127.0.0.1 could not be reached (Connection refused)"
    assert fault.hint.endswith("A server on this machine must be running.")


def test_a_wait_that_is_too_long_ends_the_conversation() -> None:
    with FakeEndpoint() as fake:
        fake.say(Reply({}, 429, {"Retry-After": "3600"}))
        fault = fault_of(fake)
    assert (fault.action, fault.needs_owner) == (STOP, False)
    assert fault.cause == "127.0.0.1 asks to wait 3600 seconds"


def test_retry_after_may_be_a_date_by_the_servers_clock() -> None:
    headers = {"Retry-After": "Wed, 24 Dec 2025 09:17:00 GMT", "Date": "Wed, 24 Dec 2025 08:17:00 GMT"}
    with FakeEndpoint() as fake:
        fake.say(Reply({}, 503, headers))
        assert fault_of(fake).cause == "127.0.0.1 asks to wait 3600 seconds"


@pytest.mark.parametrize("value", ["soon", "-1", "Wed, 99 Dec", "", "٣"])
def test_nonsense_in_retry_after_is_ignored(value: str) -> None:
    with FakeEndpoint() as fake:
        fake.say(Reply({}, 429, {"Retry-After": value.encode().decode("latin-1")}))
        assert ask(fake).text == TEXT


def test_after_a_refusal_nothing_is_asked() -> None:
    async def talk(endpoint: ClientWithUploads) -> list[str]:
        answers = await asyncio.gather(
            *(endpoint.ask(QUESTION, 100) for _ in range(5)), return_exceptions=True
        )
        return [str(answer) for answer in answers]

    with FakeEndpoint() as fake:
        fake.say("no credit")
        first, *others = converse(fake, talk, at_once=1)
        assert len(fake.asked()) == 1
    assert first.startswith("the account at 127.0.0.1 has no credit left")
    assert all(other.startswith("not asked: the account at 127.0.0.1 has") for other in others)


def test_three_failures_in_a_row_end_the_conversation() -> None:
    async def talk(endpoint: ClientWithUploads) -> tuple[list[str], Failure | None]:
        reasons = []
        for _ in range(6):
            try:
                await endpoint.ask(QUESTION, 100)
                reasons.append("")
            except SummaryError as refused:
                reasons.append(str(refused))
        return reasons, endpoint.stopped

    with FakeEndpoint() as fake:
        fake.say(*["trouble"] * 6, Reply(fake.completion()), *["trouble"] * 9)
        reasons, stopped = converse(fake, talk)
        assert len(fake.asked()) == 16
    assert [reason == "" for reason in reasons] == [False, False, True, False, False, False]
    assert stopped
    assert stopped.cause == "127.0.0.1 does not work at the moment, 3 papers in a row"
    assert not stopped.needs_owner


def test_moderation_never_ends_the_conversation() -> None:
    async def talk(endpoint: ClientWithUploads) -> str:
        for _ in range(5):
            with pytest.raises(SummaryError):
                await endpoint.ask(QUESTION, 100)
        return (await endpoint.ask(QUESTION, 100)).text

    with FakeEndpoint() as fake:
        fake.say(*["moderated"] * 5)
        assert converse(fake, talk) == TEXT


def test_fewer_are_asked_at_a_time_when_the_server_is_crowded() -> None:
    async def talk(endpoint: ClientWithUploads) -> None:
        await asyncio.gather(*(endpoint.ask(QUESTION, 100) for _ in range(3)))
        fake.most_at_once = 0
        await asyncio.gather(*(endpoint.ask(QUESTION, 100) for _ in range(4)))

    with FakeEndpoint() as fake:
        fake.say("busy", "busy")
        slow = [Reply(fake.completion(), seconds=0.05)] * 7
        fake.say(*slow)
        converse(fake, talk)
        assert fake.most_at_once == 1


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", "http://127.0.0.1:9/from-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer from-the-environment")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with FakeEndpoint() as fake:
        assert ask(fake).text == TEXT
    assert fake.headers_seen["Authorization"] == f"Bearer {KEY}"
    assert "from-the-environment" not in str(fake.headers_seen)


def test_the_key_is_in_no_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Reply({"error": {"message": f"You sent {KEY}, and {KEY[:-1]}."}}, 500)
    with FakeEndpoint() as fake:
        fake.say(*[echo] * 3)
        assert KEY not in fault_of(fake).advice
        assert KEY not in repr(a_server(fake))
    assert caplog.messages
    assert KEY not in caplog.text


# Files


def upload(fake: FakeEndpoint, question: Callable[[str], Any] = str, **how: Any) -> str:
    async def talk(endpoint: ClientWithUploads) -> str:
        async with endpoint.uploads.uploaded("2512.20276v1.pdf", b"%PDF-1.5") as file_id:
            question(file_id)
            message = {"role": "system", "content": f"fileid://{file_id}"}
            return (await endpoint.ask((message, *QUESTION), 100)).text

    return converse(fake, talk, **how)


def upload_fault(fake: FakeEndpoint, **how: Any) -> Failure:
    with pytest.raises(SummaryError) as refused:
        upload(fake, **how)
    return refused.value.failure


def test_a_file_is_uploaded_read_asked_about_and_deleted() -> None:
    with FakeEndpoint() as fake:
        fake.statuses = ["processing", "processing", "processed"]
        assert upload(fake) == TEXT
        sent = fake.asked("POST /files")[0]
        assert len(fake.asked("GET /files/")) == 2
        assert len(fake.asked("DELETE /files/")) == 1
    assert sent.body == (name_prefix(REPOSITORY) + "2512.20276v1.pdf", b"%PDF-1.5")
    assert fake.files == {}


@pytest.mark.parametrize("error", ["moderated", "no credit", "file broken", "too long"])
def test_a_file_is_deleted_whatever_the_answer(error: str) -> None:
    with FakeEndpoint() as fake:
        fake.say(error)
        upload_fault(fake)
    assert fake.files == {}


def test_a_file_is_deleted_when_the_run_is_cancelled() -> None:
    def cancel(_: str) -> None:
        task = asyncio.current_task()
        assert task
        asyncio.get_running_loop().call_soon(task.cancel)

    with FakeEndpoint() as fake:
        with pytest.raises(asyncio.CancelledError):
            upload(fake, cancel)
        assert len(fake.asked("POST /files")) == 1
    assert fake.files == {}


def test_a_delete_that_fails_is_tried_again() -> None:
    with FakeEndpoint() as fake:
        upload(fake, lambda file_id: fake.say("trouble", to=f"DELETE /files/{file_id}"))
        assert len(fake.asked("DELETE /files/")) == 2
    assert fake.files == {}


def test_a_file_that_can_not_be_deleted_is_left_to_the_next_run(caplog: pytest.LogCaptureFixture) -> None:
    with FakeEndpoint() as fake:
        upload(fake, lambda file_id: fake.say(*["trouble"] * 3, to=f"DELETE /files/{file_id}"))
    assert len(fake.files) == 1
    assert "the next run tries again" in caplog.text


@pytest.mark.parametrize(
    ("statuses", "action"), [(["processing", "error"], NEW_UPLOAD), (["processing"], OTHER)]
)
def test_a_file_that_the_server_can_not_read_goes_again_or_in_another_form(
    statuses: list[str], action: Action
) -> None:
    with FakeEndpoint() as fake:
        fake.statuses = statuses
        assert upload_fault(fake).action is action
    assert fake.files == {}


@pytest.mark.parametrize("status", [400, 403, 404, 405, 415, 501])
def test_a_server_without_files_is_asked_once(status: int) -> None:
    async def talk(endpoint: ClientWithUploads) -> list[Action]:
        actions = []
        for _ in range(3):
            with pytest.raises(SummaryError) as refused:
                async with endpoint.uploads.uploaded("a.pdf", b"%PDF"):
                    pass
            actions.append(refused.value.failure.action)
        return actions

    with FakeEndpoint() as fake:
        fake.say(Reply({"error": {"message": "Not found."}}, status), to="POST /files")
        assert converse(fake, talk) == [OTHER] * 3
        assert len(fake.requests) == 1


def test_uploads_that_keep_failing_are_given_up() -> None:
    async def talk(endpoint: ClientWithUploads) -> None:
        for _ in range(4):
            with pytest.raises(SummaryError) as refused:
                async with endpoint.uploads.uploaded("a.pdf", b"%PDF"):
                    pass
            assert refused.value.failure.action is OTHER

    with FakeEndpoint() as fake:
        fake.say(*["trouble"] * 9, to="POST /files")
        converse(fake, talk)
        assert len(fake.requests) == 9


@pytest.mark.parametrize("error", ["wrong key", "no credit", "free tier only"])
def test_an_upload_can_end_the_conversation(error: str) -> None:
    with FakeEndpoint() as fake:
        fake.say(error, to="POST /files")
        assert upload_fault(fake).action is STOP
        assert len(fake.requests) == 1


def a_file(file_id: str, name: str, created_at: float = 0) -> dict[str, Any]:
    created = int(created_at)
    return {"id": file_id, "filename": name, "created_at": created, "status": "processed", "looks": 0}


def test_only_the_bots_own_files_are_tidied_away() -> None:
    async def talk(endpoint: ClientWithUploads) -> bool:
        await endpoint.uploads.delete_orphans()
        return endpoint.uploads.may_have_orphans

    with FakeEndpoint() as fake:
        fake.files = {
            "file-1": a_file("file-1", name_prefix(REPOSITORY) + "2512.20276v1.pdf"),
            "file-2": a_file("file-2", "my thesis.pdf"),
            "file-3": a_file("file-3", name_prefix("someone/else") + "1.pdf", NOW.timestamp() - 3_600),
            "file-4": a_file("file-4", name_prefix("someone/else") + "1.pdf", NOW.timestamp() - 90_000),
            "file-5": a_file("file-5", "arxiv-papers-bot-2512.20276v1.pdf"),
        }
        assert converse(fake, talk) is False
        assert list(fake.files) == ["file-2", "file-3", "file-5"]


def test_files_are_listed_page_by_page() -> None:
    pages = [
        {"data": [a_file("file-1", name_prefix(REPOSITORY) + "1.pdf")], "has_more": True},
        {"data": [a_file("file-2", name_prefix(REPOSITORY) + "2.pdf")], "has_more": True},
        {"data": [a_file("file-2", name_prefix(REPOSITORY) + "2.pdf")], "has_more": True},
    ]
    with FakeEndpoint() as fake:
        fake.say(*map(Reply, pages), to="GET /files")
        converse(fake, lambda endpoint: endpoint.uploads.delete_orphans())
        assert [request.path for request in fake.asked("GET /files")][1:] == [
            "/files?after=file-1",
            "/files?after=file-2",
        ]
        assert len(fake.asked("DELETE /files/file-2")) >= 1


@pytest.mark.parametrize("reply", [Reply(b"[]"), Reply({"data": [7, {"filename": 7}]}), Reply("<html>")])
def test_a_strange_list_of_files_is_left_alone(reply: Reply) -> None:
    with FakeEndpoint() as fake:
        fake.say(reply, to="GET /files")
        converse(fake, lambda endpoint: endpoint.uploads.delete_orphans())
        assert len(fake.requests) == 1
