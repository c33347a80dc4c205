"""A run in GitHub Actions: annotations, outputs, job summary, and no one else's commands."""

import html
import json
import re

import pytest

from paperbot.sample.server import Reply
from tests.command.conftest import TUESDAY, Actions, process, template_syntax, two_mistakes
from tests.support.faulty_world import FaultyWorld, Site, answering
from tests.support.fork import SUMMARIES, Fork, Ran, end_of

COMMANDS = (
    "add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|internal-set-repo-path|notice"
    "|remove-matcher|save-state|set-env|set-output|stop-commands|warning"
)
AT_THE_START = re.compile(rf"\s*::(?:{COMMANDS})(?: [^\n]*?)?::")
ANYWHERE = re.compile(rf"##\[(?:{COMMANDS})(?: [^\]]*)?\]")
"""The runner still obeys this older form, wherever it stands in a line."""


def commands_in(text: str) -> list[str]:
    """The lines that the runner takes for commands (actions/runner, ActionCommand.cs)."""
    return [
        line for line in re.split(r"\r\n|\r|\n", text) if AT_THE_START.match(line) or ANYWHERE.search(line)
    ]


def annotations(ran: Ran, level: str) -> list[tuple[str, str]]:
    """File and line of each annotation; nothing else may be a command."""
    places = []
    for line in commands_in(ran.said):
        properties = re.match(rf"::{level} ([^:]*)::", line)
        assert properties, line
        given = dict(part.split("=", 1) for part in properties[1].split(",") if part)
        places.append((given.get("file", ""), given.get("line", "")))
    return places


def assert_only_our_commands(ran: Ran, level: str) -> None:
    lines = commands_in(ran.said)
    assert lines
    assert [line for line in lines if ANYWHERE.search(line) or not line.startswith(f"::{level} ")] == []


def test_what_is_a_command_to_the_runner() -> None:
    lines = ["::error::x", "  ::add-mask::e", "::warning file=a,line=1::x", "12:00 ##[set-env name=a]b"]
    assert commands_in("\n".join([*lines, "12:00 ::error::x", "::nothing::x", "##[x]", "a::b"])) == lines


def test_mistakes_are_annotations_on_their_line(known: Fork, actions: Actions) -> None:
    two_mistakes(known)
    ran = end_of(process(known, **actions.environ))
    assert ran.code == 2
    assert annotations(ran, "error") == [("config.json", "2"), ("config.json", "3")]
    summary = actions.summary.read_text("utf-8").replace("\\", "")
    assert "max_papers" in summary
    assert "days_back" in summary


def test_warnings_are_annotations_on_their_line(known: Fork, actions: Actions) -> None:
    known.settings["display_limit"] = 500
    known.change()
    line = known.config.read_text("utf-8").splitlines().index('  "display_limit": 500') + 1
    ran = end_of(process(known, "--check", **actions.environ))
    assert ran.code == 0
    assert ("config.json", str(line)) in annotations(ran, "warning")


def test_a_mistake_in_a_template_is_an_annotation_on_its_line(known: Fork, actions: Actions) -> None:
    template_syntax(known)
    ran = end_of(process(known, **actions.environ))
    assert ran.code == 2
    assert annotations(ran, "error") == [("templates/README.md.j2", "2")]


def test_figures_of_a_run_are_outputs(known: Fork, actions: Actions) -> None:
    ran = known.run(TUESDAY, **actions.environ)
    assert ran.code == 0
    assert actions.outputs == {"shown": "8", "summarised": "3", "degraded": "false"}
    summary = actions.summary.read_text("utf-8")
    assert "23 December 2025" in summary
    assert "3 summarised, 0 failed" in summary
    assert re.search(r"tokens.*CNY", summary)
    assert commands_in(ran.said) == []


def test_a_degraded_run_says_so(known: Fork, actions: Actions) -> None:
    ran = known.run(TUESDAY, DASHSCOPE_API_KEY="a-wrong-key", **actions.environ)
    assert ran.code == 3
    assert actions.outputs == {"shown": "8", "summarised": "0", "degraded": "true"}
    assert len(commands_in(ran.out)) == 1
    assert "refused the key" in commands_in(ran.out)[0]
    assert "refused the key" in actions.summary.read_text("utf-8")


def test_a_failure_stands_in_the_job_summary(known: Fork, world: FaultyWorld, actions: Actions) -> None:
    world.faults = [answering("api", 429, "Rate exceeded.")]
    ran = known.run(TUESDAY, **actions.environ)
    assert ran.code == 1
    [line] = commands_in(ran.said)
    assert line.startswith("::error ")
    assert "Rate exceeded." in line
    summary = actions.summary.read_text("utf-8")
    assert "arXiv answered HTTP 429" in summary.replace("\\", "")
    assert "the next run looks back 10 days" in summary
    assert not actions.output.exists()


HOSTILE = (
    "::error::forged",
    "x %0A::set-output name=shown::9999",
    "x&#10;::add-mask::e",
    "x&#13;::stop-commands::now",
    "x\u2028::error::y\u0085::error::z",
    "##[error]forged",
    "x ##[add-mask]e",
    "##[set-env name=PATH]/tmp",
    "]]> ##[warning file=x]y",
)


def test_no_title_can_pose_as_a_command(known: Fork, world: FaultyWorld, actions: Actions) -> None:
    titles, answer = [""], world.answer

    def with_hostile_titles(method: str, target: str, key: str, body: bytes) -> Reply:
        reply = answer(method, target, key, body)
        title = titles[0].replace(">", "&gt;").encode() + b" "
        return reply._replace(body=re.sub(rb"(?<=    <title>)", lambda _: title, reply.body))

    world.answer = with_hostile_titles  # type: ignore[method-assign]
    for title in HOSTILE:
        titles[:] = [title]
        ran = known.run(TUESDAY, "--dry-run", **actions.environ)
        assert ran.code == 0
        assert html.unescape(title).split()[0].replace("##[", "## [") in ran.out
        assert commands_in(ran.said) == []
    titles[:] = [" ".join(HOSTILE)]
    ran = known.run(TUESDAY, "-v", **actions.environ)
    assert ran.code == 0
    assert commands_in(ran.said) == []
    assert any("##[add-mask]e" in entry["title"] for entry in known.entries())
    assert actions.outputs == {"shown": "8", "summarised": "3", "degraded": "false"}


def test_no_answer_of_the_model_s_server_can_pose_as_a_command(
    known: Fork, world: FaultyWorld, actions: Actions
) -> None:
    known.change(ai_summary={"source": "auto"})
    words = (" ".join(HOSTILE[at::SUMMARIES]) for at in range(SUMMARIES))
    bodies = [json.dumps({"error": {"message": f"No: {said}"}}) for said in words]
    sites: tuple[Site, ...] = ("files", "chat")
    world.faults = [answering(site, 400, body, method="POST", times=1) for body in bodies for site in sites]
    ran = known.run(TUESDAY, "-v", **actions.environ)
    assert ran.code == 0
    assert world.fired[1::2] == [1] * SUMMARIES
    assert_only_our_commands(ran, "warning")


@pytest.mark.parametrize("words", HOSTILE)
def test_no_answer_of_arxiv_can_pose_as_a_command(
    known: Fork, world: FaultyWorld, actions: Actions, words: str
) -> None:
    body = words.replace("&#10;", "\n").replace("&#13;", "\r")
    world.faults = [answering("api", 403, body)]
    ran = known.run(TUESDAY, "-v", **actions.environ)
    assert ran.code == 1
    assert_only_our_commands(ran, "error")
