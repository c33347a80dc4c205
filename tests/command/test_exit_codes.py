"""What a run publishes, and its exit code, whatever happens to it."""

import json
import re
import shutil
from collections.abc import Callable, Mapping

import pytest
from pytest_httpserver import HTTPServer

from paperbot.archive.layout import MANIFEST
from tests.command.watched import (
    CANARY,
    CHAT,
    COMMAND,
    LATER,
    QUERY,
    TUESDAY,
    Fork,
    WatchedWorld,
    template_syntax,
    two_mistakes,
    write,
)
from tests.support.fork import SUMMARIES, differing, end_of

# Published: exit 0 ----------------------------------------------------------------------------------------


def test_a_first_run_publishes_all_there_is(fork: Fork, world: WatchedWorld) -> None:
    ran = fork.run(TUESDAY)
    assert ran.code == 0
    assert re.fullmatch(r"10 of 16 matching papers shown \(25 fetched\), 3 summarised, 0 failed\n", ran.out)
    assert fork.published().keys() >= {
        *("README.md", "archive/README.md", "archive/2025/2025-12.jsonl", "archive/2025/2025-12.days.jsonl"),
        *("archive/2025/2025-12-23.md", "site/index.html", "site/rss.xml", "site/today.json"),
    }
    assert len(fork.summaries()) == SUMMARIES == world.count(CHAT)
    assert not world.model.files


def test_the_defaults_are_the_current_folder_and_its_config(fork: Fork) -> None:
    ran = end_of(fork.process("--no-summaries"))
    assert (ran.code, fork.summaries()) == (0, [])
    assert "## 📚 Recent Papers" in fork.read("README.md")


def test_a_second_run_changes_nothing_but_the_time(known: Fork, world: WatchedWorld) -> None:
    assert known.run(TUESDAY).code == 0
    first = known.published()
    world.asked.clear()
    ran = known.run(LATER)
    second = known.published()
    assert ran.code == 0
    assert world.asked == [QUERY]
    assert second.keys() == first.keys()
    assert {path: without_time(data) for path, data in second.items()} == {
        path: without_time(data) for path, data in first.items()
    }
    changed = {path for path in first if first[path] != second[path]}
    assert "README.md" in changed
    assert "archive/2025/2025-12.jsonl" not in changed


def without_time(data: bytes | None) -> bytes:
    times = "|".join(f"{time:%H:%M}" for time in (TUESDAY, LATER)).encode()
    return re.sub(rb"(?<!\d)(?:" + times + rb")(?!\d)", b"TIME", data or b"")


def test_the_same_run_again_changes_not_a_byte(known: Fork) -> None:
    known.run(TUESDAY)
    first = known.everything()
    known.run(TUESDAY)
    again = known.everything()
    differing = {path for path in again | first if again.get(path) != first.get(path)}
    assert differing <= {MANIFEST}  # which lists what the run itself wrote


def test_without_a_key_the_page_says_how_to_add_one(fork: Fork, world: WatchedWorld) -> None:
    ran = fork.run(TUESDAY, DASHSCOPE_API_KEY="")
    assert ran.code == 0
    assert set(world.asked) == {QUERY}
    for text in (ran.said, fork.read("README.md")):
        assert "no key is set" in text
        assert "Settings > Secrets and variables > Actions" in text.replace("\\", "").replace("&gt;", ">")
    assert "DASHSCOPE_API_KEY" in fork.read("README.md").replace("\\", "")
    assert fork.entries()
    assert not fork.summaries()


def test_no_summaries_asks_no_model_and_misses_no_key(fork: Fork, world: WatchedWorld) -> None:
    ran = fork.run(TUESDAY, "--no-summaries", DASHSCOPE_API_KEY="")
    assert ran.code == 0
    assert set(world.asked) == {QUERY}
    assert "no key" not in ran.said + fork.read("README.md")


def test_summaries_that_were_left_out_are_made_by_the_next_run(fork: Fork, world: WatchedWorld) -> None:
    fork.run(TUESDAY, "--no-summaries")
    assert fork.run(LATER).code == 0
    assert len(fork.summaries()) == SUMMARIES


def take_down(fork: Fork, status: int | None) -> None:
    """The model's server answers nothing else; None: no server is there."""
    if status:
        fork.world.break_down("POST /v1/", status)
    else:
        fork.change(ai_summary={"base_url": "http://127.0.0.1:9/v1"})


@pytest.mark.parametrize(
    ("status", "source", "papers"),
    [(503, "auto", 3), (503, "file", 3), (503, "auto", 2), (None, "auto", 3), (None, "file", 3)],
)
def test_an_endpoint_that_is_down_costs_the_summaries_only(
    known: Fork, status: int | None, source: str, papers: int
) -> None:
    """And the page says so at its top."""
    known.change(ai_summary={"source": source, "max_papers_to_summarize": papers})
    take_down(known, status)
    ran = known.run(TUESDAY)
    reason = "does not work at the moment" if status else "could not be reached"
    assert ran.code == 0
    assert f"8 of 8 matching papers shown (25 fetched), 0 summarised, {papers} failed" in ran.out
    assert reason in ran.err
    page = known.read().replace("\\", "")
    assert page.count(reason) >= papers
    assert f"There are no new summaries: 127.0.0.1 {reason}" in page.partition("## ")[0]


# Published, but the owner must act: exit 3 ----------------------------------------------------------------


def test_a_wrong_key_is_said_on_the_page_and_asked_once(fork: Fork, world: WatchedWorld) -> None:
    ran = fork.run(TUESDAY, DASHSCOPE_API_KEY="a-wrong-key")
    assert ran.code == 3
    for text in (ran.said, fork.read("README.md").replace("\\", "")):
        assert "127.0.0.1 refused the key" in text
        assert "Put a valid key" in text
    assert world.count("POST /v1/") == 0
    assert world.count("GET /v1/") <= 2
    assert len(fork.entries()) == 16
    assert not any(summary.get("text") for summary in fork.summaries())


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (402, "insufficient_balance", "Top up"),
        (404, "model_not_found", "ai_summary.model"),
        (410, "gone", "base_url"),
    ],
)
def test_what_only_the_owner_can_cure_ends_with_3(
    fork: Fork, world: WatchedWorld, status: int, code: str, hint: str
) -> None:
    world.break_down(CHAT, status, json.dumps({"error": {"code": code, "message": "No."}}))
    fork.change(ai_summary={"max_workers": 1})
    ran = fork.run(TUESDAY)
    assert ran.code == 3
    assert hint in ran.said
    assert world.count(CHAT) == 1
    assert not world.model.files


# Failed, nothing changed: exit 1 --------------------------------------------------------------------------


def test_arxiv_down_leaves_all_as_it_was_and_says_what_next(known: Fork, world: WatchedWorld) -> None:
    before = known.published()
    world.break_down(QUERY, 503)
    ran = known.run(TUESDAY)
    assert ran.code == 1
    assert known.published() == before
    assert "arXiv answered HTTP 503" in ran.err
    assert "It last worked on 22 December 2025 at 08:17 UTC." in ran.err
    assert "Nothing was changed" in ran.err
    assert "the next run looks back 10 days" in ran.err


def test_a_first_run_that_fails_leaves_nothing(fork: Fork, world: WatchedWorld) -> None:
    world.break_down(QUERY, 403, "Forbidden")
    ran = fork.run(TUESDAY)
    assert (ran.code, fork.published()) == (1, {})
    assert "It has not worked before." in ran.err
    assert world.asked == [QUERY]


def test_an_address_that_nobody_serves(known: Fork, unused_tcp_port: int) -> None:
    known.change(arxiv={"api_url": f"http://127.0.0.1:{unused_tcp_port}/api/query"})
    before = known.published()
    ran = known.run(TUESDAY)
    assert (ran.code, known.published()) == (1, before)
    assert "the connection to arXiv failed (Connection refused" in ran.err.replace("[Errno 111] ", "")


@pytest.fixture
def unused_tcp_port() -> int:
    with HTTPServer() as server:
        return server.port


def test_a_web_page_instead_of_a_feed(known: Fork, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/query").respond_with_data(
        "<html>Please wait</html>", content_type="text/html"
    )
    known.change(arxiv={"api_url": httpserver.url_for("/api/query")})
    before = known.published()
    ran = known.run(TUESDAY)
    assert (ran.code, known.published()) == (1, before)
    assert "arXiv's answer is no Atom feed" in ran.err


def test_a_file_where_the_archive_should_be(fork: Fork) -> None:
    (fork.root / "archive").write_text("mine")
    before = fork.everything()
    ran = fork.run(TUESDAY)
    assert (ran.code, fork.everything()) == (1, before)
    assert f"{fork.root / 'archive'}" in ran.err


def test_a_site_that_cannot_be_written(known: Fork) -> None:
    shutil.rmtree(known.root / "site")
    (known.root / "site").write_text("mine")
    before = known.published()
    ran = known.run(TUESDAY)
    assert ran.code == 1
    assert f"{known.root / 'site'}" in ran.err
    assert differing(known.published(), before) == []
    assert (known.root / "site").read_text() == "mine"


# Wrong use or wrong config, nothing changed: exit 2 -------------------------------------------------------


def broken_json(fork: Fork) -> str:
    fork.config.write_text('{\n  "keywords": ["LLM" "RL"]\n}', encoding="utf-8")
    return "config.json, line 2"


def no_config(fork: Fork) -> str:
    fork.config.unlink()
    return "config.json"


def template_unknown_name(fork: Fork) -> str:
    write(fork.root / "templates/day.md.j2", "# Mine\n\n{{ page.weather }}\n")
    return "templates/day.md.j2, line 3"


def prompt_mistake(fork: Fork) -> str:
    write(fork.root / "templates/summary_prompt.md.j2", "Summarise\n{{ nonsense }}\n")
    return "templates/summary_prompt.md.j2"


MISTAKES = [broken_json, two_mistakes, no_config, template_syntax, template_unknown_name, prompt_mistake]


@pytest.mark.parametrize(
    ("mistake", "options"),
    [
        *((mistake, options) for mistake in MISTAKES for options in ([], ["--check"])),
        *((broken_json, [option]) for option in ("--dry-run", "--rerender")),
        *((template_syntax, [option]) for option in ("--dry-run", "--rerender")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value.__name__,
)
def test_a_users_mistake_is_named_with_its_place(
    known: Fork, mistake: Callable[[Fork], str], options: list[str]
) -> None:
    place = mistake(known)
    before = known.everything()
    ran = known.run(TUESDAY, *options)
    assert ran.code == 2
    assert place in ran.err
    assert "Nothing was changed." in ran.out
    assert known.everything() == before
    assert known.world.asked == []


def test_all_mistakes_of_a_config_are_named_at_once(known: Fork) -> None:
    two_mistakes(known)
    ran = known.run(TUESDAY, "--check")
    assert ran.err.count("error: ") == 2
    assert "line 2" in ran.err
    assert "line 3" in ran.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--now", "2025-12-25T08:17:00"], "has no time zone"),
        (["--now", "yesterday"], "yesterday"),
        (["--max-papers", "3"], "unrecognized arguments: --max-papers 3"),
        (["today"], "unrecognized arguments: today"),
        (["--now"], "expected one argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use(known: Fork, options: list[str], words: str) -> None:
    before = known.everything()
    ran = known.run(TUESDAY, *options)
    assert ran.code == 2
    assert words in ran.err
    assert "usage:" in ran.err
    assert known.everything() == before
    assert known.world.asked == []


def test_the_time_may_stand_in_any_zone(known: Fork) -> None:
    assert known.run(TUESDAY, "--no-summaries", "--now", "2025-12-23T16:17:00+08:00").code == 0
    assert json.loads(known.read("archive/2025/2025-12.days.jsonl").splitlines()[-1])["last_run"] == (
        "2025-12-23T08:17:00Z"
    )


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PAPERBOT_DAYS_BACK": "many"}, "PAPERBOT_DAYS_BACK"),
        ({"PAPERBOT_NO_SUMMARIES": "perhaps"}, "PAPERBOT_NO_SUMMARIES"),
        ({"DASHSCOPE_API_KEY": f"{CANARY} and a word"}, "DASHSCOPE_API_KEY"),
    ],
    ids=lambda value: "".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_environment(known: Fork, environ: Mapping[str, str], words: str) -> None:
    before = known.everything()
    ran = known.run(TUESDAY, **environ)
    assert ran.code == 2
    assert words in ran.err
    assert CANARY not in ran.said
    assert known.everything() == before


def test_a_template_that_fails_on_real_papers_only(known: Fork, world: WatchedWorld) -> None:
    """The check draws invented papers; what it can't foresee stops before anything is written."""
    own = known.root / "templates/README.md.j2"
    bundled = (COMMAND.parent / "templates/README.md.j2").read_text("utf-8")
    write(own, "{% if page.digest and page.digest.total == 8 %}{{ nonsense }}{% endif %}\n" + bundled)
    assert known.run(TUESDAY, "--check").code == 0
    before = known.published()
    ran = known.run(TUESDAY)
    assert ran.code == 2
    assert "templates/README.md.j2, line 1" in ran.err
    assert known.published() == before
    own.unlink()
    assert known.run(TUESDAY).code == 0
    assert world.count(CHAT) == SUMMARIES
    assert (
        len([entry for entry in known.entries() if entry["digest"] == "2025-12-23" and entry["summary"]]) == 3
    )


def test_a_template_that_leaves_the_papers_out_is_its_owners_mistake(known: Fork) -> None:
    write(known.root / "templates/README.md.j2", "# Mine\n")
    before = known.everything()
    ran = known.run(TUESDAY, "--check")
    assert (ran.code, known.everything()) == (2, before)
    assert "templates/README.md.j2" in ran.err


def test_the_sample_does_not_overwrite_other_things(known: Fork) -> None:
    before = known.everything()
    ran = known.run(TUESDAY, "--sample")
    assert (ran.code, known.everything()) == (2, before)
    assert "--root" in ran.err
