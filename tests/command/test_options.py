"""Options that write nothing, or ask nobody."""

import json

import pytest

from paperbot.render.feeds import FEED_ITEMS
from tests.command.conftest import TUESDAY, WEDNESDAY, process, write
from tests.support.fault_scenarios import PLAIN
from tests.support.faulty_world import FaultyWorld
from tests.support.fork import Fork, differing, end_of


def test_a_dry_run_prints_the_ranking_and_writes_nothing(fork: Fork, world: FaultyWorld) -> None:
    before = fork.everything()
    ran = fork.run(TUESDAY, "--dry-run")
    assert ran.code == 0
    assert fork.everything() == before
    assert world.sites == ["api"]
    rows = ran.out.splitlines()[1:]
    assert [int(row.split()[0].rstrip("-")) for row in rows] == list(range(1, len(rows) + 1))
    scores = [float(row.split()[1]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    fork.run(TUESDAY, "--no-summaries")
    shown = sorted(fork.entries(), key=lambda entry: int(entry["rank"]))
    assert [row.split()[3] for row in rows] == [entry["id"] for entry in shown]


def test_a_dry_run_can_be_asked_for_by_the_environment(known: Fork) -> None:
    before = known.everything()
    ran = known.run(TUESDAY, PAPERBOT_DRY_RUN="true")
    assert (ran.code, known.everything()) == (0, before)
    assert ran.out.startswith("rank ")


def test_a_verbose_dry_run_estimates_tokens_and_cost(known: Fork) -> None:
    ran = known.run(TUESDAY, "--dry-run", "-v")
    assert "tokens" in ran.said
    assert "CNY" in ran.said


def test_rerender_draws_the_same_bytes_without_a_network(known: Fork, world: FaultyWorld) -> None:
    known.run(TUESDAY)
    before = known.published()
    world.asked.clear()
    for path in (
        "README.md",
        "archive/README.md",
        "archive/2025/2025-12-23.md",
        "site/index.html",
        "site/rss.xml",
    ):
        (known.root / path).unlink()
    ran = known.run(WEDNESDAY, "--rerender")
    assert ran.code == 0
    assert world.asked == []
    assert differing(known.published(), before) == []


def test_rerender_draws_pages_of_any_age(known: Fork) -> None:
    newest = known.root / "archive/2025/2025-12.jsonl"
    entry = json.loads(newest.read_text("utf-8").splitlines()[0])
    newer = [entry | {"id": f"2512.{90_000 + number}"} for number in range(FEED_ITEMS)]
    newest.write_text("".join(json.dumps(one) + "\n" for one in newer), "utf-8")
    write(known.root / "archive/2024/2024-01.jsonl", json.dumps(entry | {"digest": "2024-01-10"}) + "\n")
    assert known.run(TUESDAY, "--rerender").code == 0
    assert entry["title"] in known.read("archive/2024/2024-01-10.md")


def test_a_run_redraws_the_oldest_loaded_page_with_changes_of_older_papers(known: Fork) -> None:
    entry = known.entries()[0] | {"shown": True}
    october = [entry | {"id": f"2510.{90_000 + n}", "digest": "2025-10-05"} for n in range(FEED_ITEMS)]
    change = {"kind": "new-version", "date": "2025-10-06", "version": 2}
    older = entry | {"id": "2509.00001", "digest": "2025-09-20", "changes": [change]}
    write(known.root / "archive/2025/2025-10.jsonl", "".join(json.dumps(one) + "\n" for one in october))
    write(known.root / "archive/2025/2025-09.jsonl", json.dumps(older) + "\n")
    assert known.run(TUESDAY, "--no-summaries").code == 0
    assert "(https://arxiv.org/abs/2509.00001)" in known.read("archive/2025/2025-10-05.md")
    assert not (known.root / "archive/2025/2025-09-20.md").exists(), "its month is not loaded"


def test_rerender_takes_up_a_changed_template(known: Fork) -> None:
    known.run(TUESDAY, "--rerender")
    before = known.published()
    write(known.root / "templates/how_to_use.md.j2", "Ask Ada.\n")
    assert known.run(TUESDAY, "--rerender").code == 0
    assert "Ask Ada." in known.read("README.md")
    assert differing(known.published(), before) == ["README.md"]


def test_rerender_of_nothing_is_the_front_page(fork: Fork, world: FaultyWorld) -> None:
    assert fork.run(TUESDAY, "--rerender").code == 0
    assert fork.read("README.md").startswith("# ")
    assert world.asked == []


def test_check_says_that_all_is_right_and_writes_nothing(fork: Fork, world: FaultyWorld) -> None:
    before = fork.everything()
    ran = fork.run(TUESDAY, "--check", DASHSCOPE_API_KEY="")
    assert (ran.code, fork.everything(), world.asked) == (0, before, [])
    assert "all right" in ran.out


@pytest.mark.parametrize(
    ("option", "mistake", "code"), [("--dry-run", {}, 0), ("-v", {}, 0), ("--check", {"display_límit": 1}, 2)]
)
def test_a_terminal_without_unicode(known: Fork, option: str, mistake: dict[str, int], code: int) -> None:
    known.change(keywords=[*known.settings["keywords"], "модель", "模型"], **mistake)
    ran = end_of(process(known, option, **PLAIN))
    assert (ran.code, "Traceback" in ran.err) == (code, False)
    assert ran.said.isascii()


def test_help_names_every_option(fork: Fork) -> None:
    ran = fork.run(TUESDAY, "--help")
    assert ran.code == 0
    options = "--config --root --now --no-summaries --dry-run --rerender --check --sample -v"
    assert [option for option in options.split() if option not in ran.out] == []
