"""Some weeks of two runs a day; `make longrun` makes a year of them."""

import pytest

from paperbot.render.size_limit import PAGE_MAX_BYTES
from tests.support.announced import DAY, announced_papers
from tools.long_run import START, LongRun, Plan, commit, packed_bytes, simulate

PLAN = Plan(working_days=17, papers_a_day=20, away_days=6, share_down=0.15, share_late=0.15)


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> LongRun:
    return simulate(tmp_path_factory.mktemp("weeks") / "fork", PLAN, after_run=commit)


def test_each_matching_paper_is_in_exactly_one_digest(weeks: LongRun) -> None:
    assert weeks.papers > 50
    assert weeks.figures.wrong == []
    assert weeks.missed(PLAN.days[0], PLAN.days[-1] - 7 * DAY) == []
    assert weeks.fork.wrong() == []


def test_something_went_wrong_on_the_way(weeks: LongRun) -> None:
    assert weeks.figures.failed
    assert any(day["index_ends"] for day in weeks.fork.days())
    assert any(day["looked_back"] for day in weeks.fork.days())
    assert any(entry["version"] > 1 for entry in weeks.fork.entries())


def test_the_page_and_the_requests_stay_small(weeks: LongRun) -> None:
    assert max(weeks.figures.readme_bytes) <= PAGE_MAX_BYTES
    assert set(weeks.figures.requests) <= {1, 2}  # the second looks back
    packed, kinds = packed_bytes(weeks.fork.root)
    assert packed["--all"] == kinds.total() > packed["main"] > 0


def test_held_papers_have_the_lowest_ids_of_their_batch() -> None:
    """As on arXiv, on which the way to find them relies."""
    papers = announced_papers(START, START + 10 * DAY, 60)
    first = [paper for paper in papers if paper.paper.version == 1]
    assert [announced.paper.id for announced in first] == sorted(announced.paper.id for announced in first)
    held = [one for one in first if (one.listing - one.paper.published.date()).days > 7]
    assert held
