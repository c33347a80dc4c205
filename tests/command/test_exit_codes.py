"""What a run publishes, and its exit code, whatever happens to it."""

import json
import re
import shutil
from collections.abc import Callable, Mapping

import pytest

from paperbot.archive.layout import MANIFEST
from tests.command.conftest import (
    COMMAND,
    LATER,
    TUESDAY,
    process,
    template_syntax,
    two_mistakes,
    write,
)
from tests.support.fault_scenarios import NOBODY
from tests.support.faulty_world import FaultyWorld, answering
from tests.support.fork import SUMMARIES, Fork, differing, end_of

# Published: exit 0 ----------------------------------------------------------------------------------------


def test_a_first_run_publishes_all_there_is(fork: Fork, world: FaultyWorld) -> None:
    ran = fork.run(TUESDAY)
    assert ran.code == 0
    assert re.fullmatch(r"10 of 16 matching papers shown \(25 fetched\), 3 summarised, 0 failed\n", ran.out)
    assert fork.published().keys() >= {
        *("README.md", "archive/README.md", "archive/2025/2025-12.jsonl", "archive/2025/2025-12.days.jsonl"),
        *("archive/2025/2025-12-23.md", "site/index.html", "site/rss.xml", "site/today.json"),
    }
    assert len(fork.summaries()) == SUMMARIES == world.count("chat")
    assert not world.model.files


def test_the_defaults_are_the_current_folder_and_its_config(fork: Fork) -> None:
    ran = end_of(process(fork, "--no-summaries"))
    assert (ran.code, fork.summaries()) == (0, [])
    assert "## 📚 Recent Papers" in fork.read("README.md")


def test_a_second_run_changes_nothing_but_the_time(known: Fork, world: FaultyWorld) -> None:
    assert known.run(TUESDAY).code == 0
    first = known.published()
    world.asked.clear()
    ran = known.run(LATER)
    second = known.published()
    assert ran.code == 0
    assert world.sites == ["api"]
    assert second.keys() == first.keys()
    assert {path: without_time(data) for path, data in second.items()} == {
        path: without_time(data) for path, data in first.items()
    }
    changed = differing(first, second)
    assert "README.md" in changed
    assert "archive/2025/2025-12.jsonl" not in changed


def without_time(data: bytes | None) -> bytes:
    times = "|".join(f"{time:%H:%M}" for time in (TUESDAY, LATER)).encode()
    return re.sub(rb"(?<!\d)(?:" + times + rb")(?!\d)", b"TIME", data or b"")


def test_the_same_run_again_changes_not_a_byte(known: Fork) -> None:
    known.run(TUESDAY)
    first = known.everything()
    known.run(TUESDAY)
    assert {*differing(known.everything(), first)} <= {MANIFEST}  # which lists what the run itself wrote


def test_without_a_key_the_page_says_how_to_add_one(fork: Fork, world: FaultyWorld) -> None:
    ran = fork.run(TUESDAY, DASHSCOPE_API_KEY="")
    assert ran.code == 0
    assert set(world.sites) == {"api"}
    for text in (ran.said, fork.read("README.md")):
        assert "no key is set" in text
        assert "Settings > Secrets and variables > Actions" in text.replace("\\", "").replace("&gt;", ">")
    assert "DASHSCOPE_API_KEY" in fork.read("README.md").replace("\\", "")
    assert fork.entries()
    assert not fork.summaries()


def test_no_summaries_asks_no_model_and_misses_no_key(fork: Fork, world: FaultyWorld) -> None:
    ran = fork.run(TUESDAY, "--no-summaries", DASHSCOPE_API_KEY="")
    assert ran.code == 0
    assert set(world.sites) == {"api"}
    assert "no key" not in ran.said + fork.read("README.md")


def test_summaries_that_were_left_out_are_made_by_the_next_run(fork: Fork, world: FaultyWorld) -> None:
    fork.run(TUESDAY, "--no-summaries")
    assert fork.run(LATER).code == 0
    assert len(fork.summaries()) == SUMMARIES


@pytest.mark.parametrize("is_up", [True, False])
def test_an_endpoint_that_is_down_costs_the_summaries_only(
    known: Fork, world: FaultyWorld, is_up: bool
) -> None:
    """And the page says so at its top."""
    if is_up:
        world.faults = [answering("chat", 503), answering("files", 503)]
    else:
        known.change(ai_summary={"base_url": f"{NOBODY}/v1"})
    ran = known.run(TUESDAY)
    reason = "does not work at the moment" if is_up else "could not be reached"
    assert ran.code == 0
    assert "8 of 8 matching papers shown (25 fetched), 0 summarised, 3 failed" in ran.out
    assert reason in ran.err
    page = known.read().replace("\\", "")
    assert page.count(reason) >= SUMMARIES
    assert f"There are no new summaries: 127.0.0.1 {reason}" in page.partition("## ")[0]


# Failed, nothing changed: exit 1 --------------------------------------------------------------------------


def test_arxiv_down_leaves_all_as_it_was_and_says_what_next(known: Fork, world: FaultyWorld) -> None:
    before = known.published()
    world.faults = [answering("api", 503)]
    ran = known.run(TUESDAY)
    assert ran.code == 1
    assert known.published() == before
    assert "arXiv answered HTTP 503" in ran.err
    assert "It last worked on 22 December 2025 at 08:17 UTC." in ran.err
    assert "Nothing was changed" in ran.err
    assert "the next run looks back 10 days" in ran.err


def test_a_first_run_that_fails_leaves_nothing(fork: Fork, world: FaultyWorld) -> None:
    world.faults = [answering("api", 403, "Forbidden")]
    ran = fork.run(TUESDAY)
    assert (ran.code, fork.published()) == (1, {})
    assert "It has not worked before." in ran.err
    assert world.sites == ["api"]


@pytest.mark.parametrize("name", ["archive", "site"])
def test_a_file_in_the_place_of_a_folder(known: Fork, name: str) -> None:
    shutil.rmtree(known.root / name)
    (known.root / name).write_text("mine")
    before = known.published()
    ran = known.run(TUESDAY)
    assert (ran.code, differing(known.published(), before)) == (1, [])
    assert (known.root / name).read_text() == "mine"
    assert f"{known.root / name}" in ran.err


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


def template_without_papers(fork: Fork) -> str:
    write(fork.root / "templates/README.md.j2", "# Mine\n")
    return "templates/README.md.j2"


def prompt_mistake(fork: Fork) -> str:
    write(fork.root / "templates/summary_prompt.md.j2", "Summarise\n{{ nonsense }}\n")
    return "templates/summary_prompt.md.j2"


MISTAKES = [
    *(broken_json, two_mistakes, no_config),
    *(template_syntax, template_unknown_name, template_without_papers, prompt_mistake),
]


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
    known: Fork, world: FaultyWorld, mistake: Callable[[Fork], str], options: list[str]
) -> None:
    place = mistake(known)
    before = known.everything()
    ran = known.run(TUESDAY, *options)
    assert ran.code == 2
    assert place in ran.err
    assert "Nothing was changed." in ran.out
    assert known.everything() == before
    assert world.asked == []


@pytest.mark.parametrize(
    ("options", "environ", "words"),
    [
        (["--now", "2025-12-25T08:17:00"], {}, "usage: .*has no time zone"),
        (["--now", "yesterday"], {}, "usage: .*yesterday"),
        (["--max-papers", "3"], {}, "usage: .*unrecognized arguments: --max-papers 3"),
        (["today"], {}, "usage: .*unrecognized arguments: today"),
        (["--now"], {}, "usage: .*expected one argument"),
        (["--sample"], {}, "--root"),
        ([], {"PAPERBOT_DAYS_BACK": "many"}, "PAPERBOT_DAYS_BACK"),
        ([], {"PAPERBOT_NO_SUMMARIES": "perhaps"}, "PAPERBOT_NO_SUMMARIES"),
        ([], {"DASHSCOPE_API_KEY": "sk-canary and a word"}, "DASHSCOPE_API_KEY"),
    ],
)
def test_wrong_use(
    known: Fork, world: FaultyWorld, options: list[str], environ: Mapping[str, str], words: str
) -> None:
    """The sample does not overwrite other things."""
    before = known.everything()
    ran = known.run(TUESDAY, *options, **environ)
    assert ran.code == 2
    assert re.search(words, ran.err, re.DOTALL)
    assert "sk-canary" not in ran.said
    assert (known.everything(), world.asked) == (before, [])


def test_the_time_may_stand_in_any_zone(known: Fork) -> None:
    assert known.run(TUESDAY, "--no-summaries", "--now", "2025-12-23T16:17:00+08:00").code == 0
    assert json.loads(known.read("archive/2025/2025-12.days.jsonl").splitlines()[-1])["last_run"] == (
        "2025-12-23T08:17:00Z"
    )


def test_a_template_that_fails_on_real_papers_only(known: Fork, world: FaultyWorld) -> None:
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
    assert world.count("chat") == SUMMARIES
    assert (
        len([entry for entry in known.entries() if entry["digest"] == "2025-12-23" and entry["summary"]]) == 3
    )
