"""Some of the scenarios of `make faults`: what is said, what is left, what the next run does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.fault_scenarios import SCENARIOS, here, may_mount, read_only, usual
from tests.support.faulty_world import FaultyWorld
from tests.support.fork import Fork
from tools.faults import KEY, MONDAY, Laboratory, Row, faults_section, table
from tools.reliability import write_section

ALL_IS_WELL = "no paper missing, none twice; 3 of 3 summaries"
CHOSEN = {
    "arXiv: HTTP 429 twice": "the new digest",
    "arXiv: a total, but no papers": "as before",
    "arXiv: the connection is cut once": "the new digest",
    "PDFs: the file ends early": "the new digest",
    "Model: no credit after the first summary": "2 of 3 summaries are missing",
    "Model: a summary that is not UTF-8": "There are no new summaries",
    "Disk: site is a file": "as before",
    "Files: the month's runs were deleted": "the new digest",
    "Files: half a line in the journal of a killed run": "the new digest",
    "Clock: three days behind": "the new digest",
    "Platform: a folder with an unusual name": "the new digest",
}
"""And the page after it."""
STAYS = "Disk: site is a file"


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("faults")
    with FaultyWorld(MONDAY) as world:
        world.key = KEY
        yield Laboratory(folder, world, Fork.of_sample(folder / "fork", world))


@pytest.mark.parametrize("what", CHOSEN)
def test_what_happens_and_what_the_next_run_does(laboratory: Laboratory, what: str) -> None:
    (scenario,) = (scenario for scenario in SCENARIOS if scenario.what == what)
    row = laboratory.try_out(replace(scenario, run=here) if scenario.run is usual else scenario)
    assert row.wrong == ()
    assert row.page.startswith(CHOSEN[what])
    assert row.after == (ALL_IS_WELL if what != STAYS else f"exit 1: {row.said}")


needs_mounts = pytest.mark.skipif(
    not may_mount(), reason="mounting in a namespace of one's own is not allowed here"
)


@needs_mounts
@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("Disk: read-only", "Read-only file system"),
        *((f"Disk: full, {size} kB are free", "No space left on device") for size in (0, 8, 80)),
    ],
)
def test_a_disk_that_takes_nothing(laboratory: Laboratory, what: str, words: str) -> None:
    (scenario,) = (scenario for scenario in SCENARIOS if scenario.what == what)
    row = laboratory.try_out(scenario)
    assert row.wrong == ()
    assert words in row.said
    assert (row.page, row.after) == ("as before", ALL_IS_WELL)


@needs_mounts
def test_a_folder_that_cannot_be_written_comes_with_advice(tmp_path: Path) -> None:
    with FaultyWorld(MONDAY) as world:
        ran = read_only(Fork.of_sample(tmp_path / "fork", world), MONDAY)
        assert world.asked == []
    assert "Nothing was changed" in ran.said
    assert "--root" in ran.said


def test_every_scenario_has_its_own_name() -> None:
    names = [scenario.what for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
    assert set(CHOSEN) <= set(names)


def test_what_is_wrong_stands_in_the_report(tmp_path: Path) -> None:
    rows = [
        Row("Disk: full", 1, "error: a|b", "as before", "all is well"),
        Row("Files: gone", 0, "done", "new", "well", ("README.md is lost",)),
    ]
    assert table(rows[:1]).endswith("| Disk: full | 1 | error: a\\|b | as before | all is well |")
    write_section("Faults", "old", docs=tmp_path)
    write_section("Killed", "killed", "table", docs=tmp_path)
    write_section("Faults", *faults_section(rows, []), docs=tmp_path)
    summary, details = ((tmp_path / f"reliability{part}.md").read_text("utf-8") for part in ("", "-details"))
    assert "Found: README.md is lost (Files: gone)." in summary
    assert summary.endswith("## Killed\n\nkilled\n")
    assert details.index("### Disk") < details.index("### Files") < details.index("## Killed\n\ntable\n")
    assert "old" not in summary
