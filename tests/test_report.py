"""What a run says: plain lines, annotations on the lines of files, figures for later steps."""

import logging
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperbot.annotations import annotation, printable
from paperbot.errors import Problem
from paperbot.report import configure_logging, sentence
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from tests.support.builders import a_paper, an_entry
from tests.support.fork import Fork
from tests.support.hostile import hostile_texts
from tests.support.invented import run

MONDAY = SAMPLE_CLOCKS[0]
COMMAND = re.compile(r"^\s*::|##\[")
"""What the runner takes for a command: github.com/actions/runner, ActionCommand.cs."""


# One line, and no command


@given(
    st.one_of(hostile_texts, st.sampled_from(["##[error]x", "a\n::error::x", "a\r::x::y", "\u2028::a::b"]))
)
def test_text_of_others_stays_on_its_line_and_commands_nothing(text: str) -> None:
    line = f"12:00:00 {printable(text)}"
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert not COMMAND.search(line)


@given(hostile_texts, hostile_texts, hostile_texts)
def test_an_annotation_is_one_command(title: str, file: str, message: str) -> None:
    line = annotation("error", title, Problem(message, file, 3), Path(), Path("/nowhere"))
    assert len(line.splitlines()) == 1
    assert re.fullmatch(r"::error (?:title=[^:,]*)?::.*", line)


def test_a_log_line_begins_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(verbose=False)
    logger = logging.getLogger("paperbot.anything")
    logger.info("a title\n::error::forged ##[error]forged")
    logger.debug("not asked for")
    said = capsys.readouterr().err
    assert re.fullmatch(r"\d\d:\d\d:\d\d a title ::error::forged ## \[error\]forged\n", said)


# Places


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A repository with its digest in a folder."""
    for name in ("papers/config.json", "papers/templates/day.md.j2"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_a_file_is_named_from_the_top_of_the_repository(workspace: Path) -> None:
    root = workspace / "papers"
    below_root = Problem("wrong", "templates/day.md.j2", 7)
    absolute = Problem("wrong", f"{root}/config.json", 2)
    told = [annotation("warning", "T", problem, root, workspace) for problem in (below_root, absolute)]
    assert told == [
        "::warning file=papers/templates/day.md.j2,line=7,title=T::wrong",
        "::warning file=papers/config.json,line=2,title=T::wrong",
    ]


def test_a_file_from_elsewhere_is_named_in_the_text(workspace: Path) -> None:
    problem = Problem("wrong", "templates/site/feed.xml.j2", 7)
    told = annotation("error", "T", problem, workspace / "papers", workspace)
    assert told == "::error title=T::templates/site/feed.xml.j2, line 7: wrong"


def test_what_has_a_meaning_in_a_command_is_written_as_github_asks(workspace: Path) -> None:
    told = annotation("error", "50%: a, b", Problem("100 %\nof it"), workspace, workspace)
    assert told == "::error title=50%25%3A a%2C b::100 %25 of it"


# Runs


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    with SampleWorld() as world:
        return Fork.of_sample(tmp_path / "fork", world)


def in_actions(fork: Fork) -> dict[str, str]:
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(fork.root),
        "GITHUB_STEP_SUMMARY": str(fork.root / "summary.md"),
        "GITHUB_OUTPUT": str(fork.root / "output"),
    }


def test_files_of_actions_that_cannot_be_written_cost_no_run(tmp_path: Path) -> None:
    gone = {"GITHUB_STEP_SUMMARY": str(tmp_path / "no/summary.md"), "GITHUB_OUTPUT": str(tmp_path)}
    with SampleWorld(MONDAY) as world:
        fork = Fork.of_sample(tmp_path / "fork", world)
        ran = fork.run(MONDAY, "--no-summaries", **gone)
        assert ran.code == fork.run(MONDAY, "--dry-run", **gone).code == 0
    assert "no/summary.md, which GITHUB_STEP_SUMMARY or GITHUB_OUTPUT names: No such file" in ran.err
    assert f"can't write {tmp_path}, " in ran.err
    assert "fault in the bot" not in ran.said


def test_each_mistake_of_a_config_is_on_its_line(fork: Fork) -> None:
    fork.config.write_text('{\n  "max_papers": "many",\n  "keyword": []\n}\n', "utf-8")
    ran = fork.run(MONDAY, **in_actions(fork))
    assert ran.code == 2
    assert ran.out.splitlines() == [
        '::error file=config.json,line=2,title=Please correct this::max_papers is "many". Allowed: '
        "a whole number from 1 to 200.",
        "::error file=config.json,line=3,title=Please correct this::keyword is not a known key. "
        "Did you mean keywords?",
        "Nothing was changed.",
    ]


def test_outside_of_actions_mistakes_are_plain_lines(fork: Fork) -> None:
    fork.config.write_text('{\n  "max_papers": "many"\n}\n', "utf-8")
    ran = fork.run(MONDAY)
    assert ran.err.startswith(f'error: {fork.config}, line 2: max_papers is "many".')
    assert not COMMAND.search(ran.said)


def test_a_failure_says_what_happens_next(fork: Fork) -> None:
    ran = fork.run(MONDAY, **in_actions(fork))  # the world is gone
    assert ran.code == 1
    (line,) = [line for line in ran.out.splitlines() if "::error" in line]
    assert line.startswith("::error title=No digest this time::the connection to arXiv failed (")
    assert "nothing is lost: the next run looks back 10 days" in line


def test_the_figures_of_a_run_are_outputs_for_later_steps(tmp_path: Path) -> None:
    with SampleWorld(MONDAY) as world:
        fork = Fork.of_sample(tmp_path / "fork", world)
        ran = fork.run(MONDAY, **in_actions(fork))
    assert ran.out == "8 of 8 matching papers shown (12 fetched), 3 summarised, 0 failed\n"
    assert (fork.root / "output").read_text() == "shown=8\nsummarised=3\ndegraded=false\n"


def test_a_dry_run_is_a_table_and_with_v_an_estimate(tmp_path: Path) -> None:
    with SampleWorld(MONDAY) as world:
        fork = Fork.of_sample(tmp_path / "fork", world)
        fork.change(
            ai_summary={"price": {"input_per_million": 1000, "output_per_million": 0, "currency": "CNY"}}
        )
        plain, verbose = fork.run(MONDAY, "--dry-run"), fork.run(MONDAY, "--dry-run", "-v")
        fork.change(ai_summary={"price": None})
        without_price = fork.run(MONDAY, "--dry-run", "-v")
    head, first, *_ = plain.out.splitlines()
    assert head.split() == ["rank", "score", "category", "id", "title", "[keywords]"]
    assert first.split()[:4] == ["1", "5.8", "cs.LG", "2512.99001"]
    assert first.endswith("[LLM, inference, speculative decoding, distributed, throughput]")
    *lines, last = verbose.out.splitlines()
    table = plain.out.splitlines()
    assert lines[: len(table)] == table
    assert "2512.99001: keywords 7, like this week's best matches -1.2 (" in verbose.out
    assert re.fullmatch(
        r"3 summaries would be made, for about 6\d,\d{3} tokens read and 6,000 written, about 6\d\.\d\d CNY",
        last,
    )
    assert without_price.out.splitlines()[-1].endswith(
        "(the cost is not known: ai_summary.price in config.json is not set)"
    )
    assert fork.published() == {}


def test_a_quiet_day_in_a_sentence() -> None:
    day = run(MONDAY.date(), fetched=2412, matching=312, new=0, shown=0)
    assert sentence([], day) == "no new matching papers (2,412 fetched, 312 match and are known)"


def test_a_paper_listed_by_title_counts_as_matching_alone() -> None:
    day = run(MONDAY.date(), fetched=2412, matching=312, new=2, shown=1)
    entries = [an_entry(), an_entry("2512.99002", paper=a_paper("2512.99002", abstract=""), shown=False)]
    assert sentence(entries, day) == "1 of 2 matching papers shown (2,412 fetched), 0 summarised, 0 failed"
