"""Real papers that arXiv announced in December 2025: see tests/data/README.md."""

import datetime as dt
import functools
import gzip
import json
from pathlib import Path
from typing import Any

from paperbot.model import Paper
from paperbot.sample.model_server import ModelServer
from paperbot.sample.papers import AnnouncedPaper, announced_paper
from tests.support.faulty_world import FaultyWorld
from tests.support.fork import LONG_ONLY, QUICK, Fork

DATA = Path(__file__).resolve().parents[1] / "data"
FIRST, LAST = dt.date(2025, 12, 1), dt.date(2025, 12, 25)
MORNING = dt.time(8, 17, tzinfo=dt.UTC)


@functools.cache
def announced_in_december() -> tuple[AnnouncedPaper, ...]:
    """In the order of announcement."""
    with gzip.open(DATA / "papers-2025-12.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(announced_paper(**json.loads(line)) for line in lines)


def real_papers() -> list[Paper]:
    """Without their announcements."""
    return [announced.paper for announced in announced_in_december()]


def in_categories(*categories: str) -> list[AnnouncedPaper]:
    """Those whose primary category or a cross-list is among them."""
    return [paper for paper in announced_in_december() if {*categories} & {*paper.paper.categories}]


def mornings(first: dt.date = FIRST, last: dt.date = LAST) -> list[dt.datetime]:
    """A run's usual time on each day."""
    days = range((last - first).days + 1)
    return [dt.datetime.combine(first + dt.timedelta(days=day), MORNING) for day in days]


class DecemberWorld(FaultyWorld):
    """A local arXiv and model server that know what had been announced by the clock."""

    def __init__(self, clock: dt.datetime) -> None:
        super().__init__(clock, papers=announced_in_december())
        self.model = _Quoting(lambda: self.known(self.clock))

    def fork(self, root: Path, **changes: Any) -> Fork:
        """With the reference page's config, pointed at this world; ranked by keywords alone."""
        fork = Fork(root, json.loads((DATA / "original_config.json").read_text("utf-8")), self.key)
        fork.change(
            arxiv=QUICK | {"api_url": self.api_url, "pdf_url": self.pdf_url},
            interests={"weight": 0},
            ai_summary=LONG_ONLY | {"base_url": self.llm_url, "timeout_seconds": 20},
        )
        fork.change(**changes)
        return fork


class _Quoting(ModelServer):
    """Every figure in its summaries is in the paper."""

    def summary_of(self, paper: AnnouncedPaper) -> str:
        return f"## Contribution\n\n{paper.paper.abstract}\n"
