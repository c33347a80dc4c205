"""What servers of models really answer: errors, ends, thoughts, streams."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from paperbot.model import NoSummaryReason as Kind
from paperbot.summaries.error_rules import Action
from paperbot.summaries.error_table import TABLE
from paperbot.summaries.errors import classify
from paperbot.summaries.no_paper import says_it_saw_no_paper
from paperbot.summaries.replies import End, end_of, read_completion, unwrapped
from paperbot.summaries.server import Server
from paperbot.summaries.thoughts import without_thoughts
from tests.support.fake_endpoint import OPENAI, TEXT, FakeEndpoint, Reply
from tests.support.provider_world import PROVIDERS
from tests.test_endpoint import ask, fault_of

SERVER = Server("https://llm.example/v1", "m", "THE_KEY", "sk-a-key-for-tests-0123456789")


ANSWERS = json.loads((Path(__file__).parent / "assets" / "model_answers.json").read_text("utf-8"))
"""`errors`: kind, HTTP status and body, text being sent as it is; `thoughts`: around `{}`, the answer;
`only_thoughts`; `kept`: about such marks; `no_paper`: no summary; `saw_it`: summaries. All documented."""


def error(message: str, **fields: object) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


ERRORS = [*ANSWERS["errors"], *(row for provider in PROVIDERS.values() for row in provider["errors"])]


@pytest.mark.parametrize("kind", sorted({kind for kind, *_ in ERRORS}))
def test_an_error_belongs_to_its_family_in_every_shape(kind: str) -> None:
    """As it is, with a byte order mark, and packed into a string by a gateway."""
    mistaken = []
    for status, body in [row[1:] for row in ERRORS if row[0] == kind]:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        shapes = [body, "\ufeff" + text]
        if isinstance(body, dict) and body and status >= 400:
            shapes.append({"error": {"message": text, "type": "upstream"}})
        mistaken += [shape for shape in shapes if classify(SERVER, status, shape).kind != kind]
    assert mistaken == []


def test_every_error_that_only_the_owner_can_mend_has_a_hint() -> None:
    assert [rule.kind for rule in TABLE if rule.needs_owner and not rule.hint] == []
    assert [rule.kind for rule in TABLE if rule.action is Action.RETRY and rule.attempts < 2] == []


def test_a_bomb_in_an_errors_body_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * 200_000_000, 1)
    with FakeEndpoint() as fake:
        fake.say(Reply(bomb, 500, {"Content-Encoding": "gzip"}))
        assert "more than 16 MB" in fault_of(fake).cause


ENDS = {
    End.FINISHED: "stop STOP end_turn eos eos_token stop_sequence complete FINISH_REASON_STOP EndTurn done "
    "end natural <|im_end|> END_OF_SENTENCE stop_sequences normal_stop end_of_text "
    "endoftext stop_str finished hit_eos final text_end",
    End.CUT: "length max_tokens MAX_TOKENS model_length max_output_tokens FINISH_REASON_MAX_TOKENS "
    "model_context_window_exceeded MaxTokens token_limit incomplete ERROR_LIMIT_TOKENS "
    "context_length_exceeded too_long OUTPUT_LIMIT response_truncated repetition_truncation "
    "token_budget stopped_limit ERROR_LIMIT thinking_budget too_many_tokens",
    End.MODERATED: "content_filter SAFETY RECITATION sensitive PROHIBITED_CONTENT BLOCKLIST SPII refusal "
    "FINISH_REASON_SAFETY contentFiltered guardrail_intervened IMAGE_SAFETY LANGUAGE MODEL_ARMOR ERROR_TOXIC "
    "content_moderation flagged copyright risk_content blocked "
    "data_inspection_failed content_policy_violation",
    End.FAILED: "insufficient_system_resource network_error error OTHER MALFORMED_FUNCTION_CALL abort "
    "FINISH_REASON_UNSPECIFIED cancelled unknown pause_turn function_call MALFORMED_RESPONSE timeout "
    "UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS USER_CANCEL tool_calls load null server_error compaction "
    "NO_IMAGE MISSING_THOUGHT_SIGNATURE repetition preempted",
}  # fmt: skip


@pytest.mark.parametrize(
    ("end", "reason"), [(end, name) for end, names in ENDS.items() for name in names.split()]
)
def test_an_end_belongs_to_its_family(end: End, reason: str) -> None:
    assert {end_of(reason), end_of(reason.lower()), end_of(reason.upper())} == {end}


@pytest.mark.parametrize("reason", [None, "insufficient_system_resource", "OTHER", 7])
def test_only_a_known_end_is_complete(reason: Any) -> None:
    with FakeEndpoint(OPENAI) as fake:
        odd = Reply(fake.completion(TEXT, finish=reason))
        fake.say(odd)
        assert ask(fake).text == TEXT
        fake.say(odd, odd)
        assert fault_of(fake).kind is Kind.UNFINISHED
        assert len(fake.asked()) == 4


@pytest.mark.parametrize("form", ANSWERS["thoughts"])
def test_thoughts_are_cut_in_every_mark_up(form: str) -> None:
    for answer in (TEXT, "## Results\n\nIt is 2.5x faster.\n\n## Limits\n\nOne data set."):
        assert without_thoughts(form.format(answer)) == answer


@pytest.mark.parametrize("text", ANSWERS["only_thoughts"])
def test_thoughts_alone_leave_nothing(text: str) -> None:
    assert without_thoughts(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "<think>" * 15_000,
        "<thinking> " * 9_000,
        "a <think> b" * 9_000,
        "foo <think> a" * 4_000 + "</think> b" * 4_000,
        "".join(f"a <a{number}:think> b" for number in range(6_000)),
        "<think>" + " " * 100_000 + "x</think>",
        "&lt;think x" * 9_000,
        "<details type='reasoning" * 4_000,
        "thinking:" + "\n" * 100_000 + "x",
        "analysis A" + "assistantcommentary" * 5_000,
    ],
)
def test_an_answer_of_marks_alone_takes_no_longer_than_its_length_needs(text: str) -> None:
    started = time.monotonic()
    without_thoughts(text)
    assert time.monotonic() - started < 10, "it would be minutes if each mark were a search through the text"


@pytest.mark.parametrize("text", ANSWERS["kept"])
def test_what_a_paper_says_about_such_marks_stays(text: str) -> None:
    assert without_thoughts(text) == text


def stream(*chunks: object, end: str = "\n\n", done: bool = True) -> bytes:
    data = [chunk if isinstance(chunk, str) else f"data: {json.dumps(chunk)}" for chunk in chunks]
    return end.join([": keep-alive", *data, *(["data: [DONE]"] if done else []), ""]).encode()


def delta(finish: str | None = None, **fields: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


PIECES = (
    delta(role="assistant"),
    delta(reasoning_content="Hm."),
    delta(content=TEXT[:9]),
    delta(content=TEXT[9:]),
)
USAGE = {"choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 4}}


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\n"])
@pytest.mark.parametrize("done", [True, False])
def test_a_stream_that_comes_all_the_same_is_read(end: str, done: bool) -> None:
    with FakeEndpoint() as fake:
        fake.say(Reply(stream(*PIECES, delta("stop"), USAGE, end=end, done=done)))
        completion = ask(fake)
    assert (completion.text, completion.input_tokens, completion.output_tokens) == (TEXT, 30, 4)


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        {"type": "text", "text": TEXT},
        {"text": TEXT},
        [TEXT[:9], TEXT[9:]],
        [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": TEXT}],
    ],
)
def test_content_may_come_in_parts(content: Any) -> None:
    reply = {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}
    assert read_completion(SERVER, reply).text == TEXT


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (stream(*PIECES, done=False), Kind.UNFINISHED),
        (
            stream(*PIECES, "event: error\ndata: " + json.dumps(error("x", code="insufficient_quota"))),
            Kind.CREDIT,
        ),
        (stream({"code": "Arrearage", "message": "x"}), Kind.CREDIT),
    ],
)
def test_a_stream_that_breaks_off_says_why(body: bytes, kind: Kind) -> None:
    with FakeEndpoint(OPENAI) as fake:
        fake.say(Reply(body), Reply(body))
        assert fault_of(fake).kind is kind
        fake.forget()


@pytest.mark.parametrize("text", ANSWERS["no_paper"])
def test_an_answer_that_saw_no_file_is_no_summary(text: str) -> None:
    assert says_it_saw_no_paper(text)


def test_a_summary_of_a_paper_about_files_is_a_summary() -> None:
    assert [text for text in (TEXT, *ANSWERS["saw_it"]) if says_it_saw_no_paper(text)] == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Please retry in 41.331s.", 41.331),
        ("Rate limit reached. Please try again in 7m12.5s. Visit", 432.5),
        ("Please try again in 250ms", 0.25),
        ("Try again after 1 minute", 60),
        ("Try again in 1h2m3s", 3723),
        ("Try again in 99999999999 hours", 7 * 24 * 3600),
        ("Try again later", 0),
        ([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "33s"}], 33),
    ],
)
def test_a_wait_in_the_body_is_a_retry_after(said: Any, seconds: float) -> None:
    failure = classify(SERVER, 429, {"error": {"message" if isinstance(said, str) else "details": said}})
    assert (failure.kind, failure.retry_after_seconds) == (Kind.RATE, seconds)


@pytest.mark.parametrize(
    "body", [{"code": 17}, {"error": {"code": 1113}}, {"object": "error", "code": "1113"}]
)
def test_a_number_counts_only_as_its_providers(body: Any) -> None:
    assert classify(SERVER, 400, body | {"message": "x"}).kind is Kind.NOT_ACCEPTED


@pytest.mark.parametrize(
    "answer",
    [
        "Here is the summary:\n\n```markdown\n{}\n```",
        "```Markdown\n{}\n```",
        '``` markdown title="summary"\n{}\n```',
        "```plaintext\n{}\n```",
        "  ~~~mdx\n{}\n  ~~~",
        "```markdown\n{}\n\n```python\nprint()\n```\n```",
        "```markdown\n{}",
        "```\n{}",
    ],
)
def test_a_summary_in_a_fence_is_unwrapped_even_if_it_was_cut(answer: str) -> None:
    code = "\n\n```python\nprint()\n```" if "python" in answer else ""
    assert unwrapped(answer.format(TEXT)) == TEXT + code


@pytest.mark.parametrize(
    "code", ["{}\n\n```python\nprint()\n```", "```\nprint()\n```\n\n{}", "```html\n{}\n```"]
)
def test_other_code_is_kept(code: str) -> None:
    assert unwrapped(code.format(TEXT)) == code.format(TEXT)
