"""Real papers that arXiv announced in December 2025: see tests/data/README.md."""

import datetime as dt
import functools
import gzip
import json
from pathlib import Path
from typing import Any

from paperbot.model import Paper
from tests.support.announced import Announced, AnnouncingWorld

DATA = Path(__file__).resolve().parents[1] / "data" / "announced-2025-12.jsonl.gz"
INDEXED = dt.time(5, tzinfo=dt.UTC)
"""arXiv's index and feeds follow an announcement at midnight Eastern."""
FIRST, LAST = dt.date(2025, 12, 1), dt.date(2025, 12, 25)
MORNING = dt.time(8, 17, tzinfo=dt.UTC)


@functools.cache
def announced_in_december() -> tuple[Announced, ...]:
    """In the order of announcement."""
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        return tuple(_announced(**json.loads(line)) for line in lines)


def in_categories(*categories: str) -> list[Announced]:
    """Those whose primary category or a cross-list is among them."""
    return [each for each in announced_in_december() if set(categories) & {*each.paper.categories}]


def mornings(first: dt.date = FIRST, last: dt.date = LAST) -> list[dt.datetime]:
    """A run's usual time on each day."""
    days = range((last - first).days + 1)
    return [dt.datetime.combine(first + dt.timedelta(days=day), MORNING) for day in days]


def december_world(clock: dt.datetime) -> AnnouncingWorld:
    """A local arXiv and model's server that know what had been announced by the clock."""
    return AnnouncingWorld(list(announced_in_december()), clock)


def _announced(announced: str, **metadata: Any) -> Announced:
    published = dt.datetime.fromisoformat(metadata["published"])
    metadata |= {name: tuple(metadata[name]) for name in ("authors", "categories")}
    metadata |= {"primary_category": metadata["categories"][0], "published": published, "updated": published}
    paper = Paper(**metadata)
    listing = dt.date.fromisoformat(announced)
    return Announced(dt.datetime.combine(listing, INDEXED), paper, listing)
