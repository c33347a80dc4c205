"""The invented papers: papers.json, their full texts in texts/, a model's words about them in summaries/."""

import datetime as dt
import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paperbot.model import Paper
from paperbot.sample.pdf_writer import pdf_of

FOLDER = Path(__file__).parent
INDEXED = dt.time(5, tzinfo=dt.UTC)
"""The API's index follows an announcement at about midnight Eastern."""
SAMPLE_CLOCKS = tuple(dt.datetime(2025, 12, day, 8, 17, tzinfo=dt.UTC) for day in (22, 23, 24))
"""A run on each of three mornings, each with an announcement of its own behind it."""


@dataclass(frozen=True, slots=True)
class SamplePaper:
    """One version of one invented paper."""

    paper: Paper
    indexed: dt.datetime
    """From then on the API knows it."""
    hidden_text: str = ""
    """Stands in its PDF in white."""
    refused: bool = False
    """The model's provider refuses to read it."""

    @property
    def text(self) -> str:
        """What its PDF holds in black, headings marked by `# `."""
        paper = self.paper
        stamp = f"arXiv:{paper.versioned_id} [{paper.primary_category}] {paper.updated:%d %b %Y}"
        title = [stamp, f"# {paper.title}", ", ".join(paper.authors)]
        return "\n".join([*title, "# Abstract", paper.abstract, self._file("texts", ".txt")])

    @property
    def summary(self) -> str:
        """A model's summary of it in Markdown; empty if none comes with the sample."""
        return self._file("summaries", ".md")

    def pdf(self) -> bytes:
        return pdf_of(self.text, self.hidden_text)

    def _file(self, folder: str, ending: str) -> str:
        path = FOLDER / folder / (self.paper.id + ending)
        return path.read_text(encoding="utf-8") if path.exists() else ""


@functools.cache
def sample_papers() -> tuple[SamplePaper, ...]:
    """In the order of announcement; a later version of a paper is an item of its own."""
    rows = json.loads((FOLDER / "papers.json").read_text(encoding="utf-8"))
    return tuple(_sample_paper(**row) for row in rows)


def known_at(clock: dt.datetime) -> dict[str, SamplePaper]:
    """By id, in its latest version, whatever the API knows at that time."""
    return {each.paper.id: each for each in sample_papers() if each.indexed <= clock}


def _sample_paper(
    announced: str, hidden_text: str = "", refused: bool = False, **metadata: Any
) -> SamplePaper:
    paper = Paper(
        **metadata
        | {name: tuple(metadata[name]) for name in ("authors", "categories")}
        | {name: dt.datetime.fromisoformat(metadata[name]) for name in ("published", "updated")},
        primary_category=metadata["categories"][0],
    )
    indexed = dt.datetime.combine(dt.date.fromisoformat(announced), INDEXED)
    return SamplePaper(paper, indexed, hidden_text, refused)
