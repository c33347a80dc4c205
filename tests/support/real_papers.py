"""900 real papers that arXiv announced from 15 to 19 December 2025 (metadata: CC0)."""

import datetime as dt
import gzip
import json
from functools import cache
from pathlib import Path

from paperbot.model import Paper

FILE = Path(__file__).resolve().parents[1] / "data" / "arxiv-2025-12.jsonl.gz"


@cache
def real_papers() -> list[Paper]:
    """In the order of their ids."""
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        return [_paper(json.loads(line)) for line in lines]


def _paper(fields: dict[str, str]) -> Paper:
    published = dt.datetime.fromisoformat(fields["published"])
    return Paper(
        id=fields["id"],
        version=1,
        title=fields["title"],
        authors=tuple(fields["authors"]),
        abstract=fields["abstract"],
        primary_category=fields["primary"],
        categories=tuple(fields["categories"]),
        published=published,
        updated=published,
        comment=fields["comment"] or "",
    )
