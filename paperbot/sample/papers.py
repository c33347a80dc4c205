"""The invented papers: papers.json, their full texts in texts/, a model's words about them in summaries/."""

import datetime as dt
import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paperbot.model import Paper
from paperbot.sample.pdf_writer import pdf_of
from paperbot.text.sentences import sentences

FOLDER = Path(__file__).parent
TLDR_WORDS = 25
INDEXED = dt.time(5, tzinfo=dt.UTC)
"""The API's index follows an announcement at about midnight Eastern."""
SAMPLE_CLOCKS = tuple(dt.datetime(2025, 12, day, 8, 17, tzinfo=dt.UTC) for day in (22, 23, 24))
"""A run on each of three mornings, each with an announcement of its own behind it."""


@dataclass(frozen=True, slots=True)
class AnnouncedPaper:
    """One version of a paper, and when arXiv announced it."""

    paper: Paper
    indexed: dt.datetime
    """From then on the API knows it."""
    listing: dt.date
    """The announcement of its first version."""
    hidden_text: str = ""
    """White text in its PDF."""
    refused: bool = False
    """The model's provider refuses to read it."""

    @property
    def text(self) -> str:
        """The visible text of its PDF; headings are marked by `# `."""
        paper = self.paper
        stamp = f"arXiv:{paper.versioned_id} [{paper.primary_category}] {paper.updated:%d %b %Y}"
        title = [stamp, f"# {paper.title}", ", ".join(paper.authors)]
        return "\n".join([*title, "# Abstract", paper.abstract, self._file("texts", ".txt")])

    @property
    def summary(self) -> str:
        """A model's summary of it in Markdown; empty if none comes with the sample."""
        return self._file("summaries", ".md")

    @property
    def tldr(self) -> str:
        """A TL;DR as a model might write it: the longest sentence of the abstract that is short enough."""
        fitting = [text for text in sentences(self.paper.abstract) if len(text.split()) <= TLDR_WORDS]
        return max(fitting, key=len, default=self.paper.title)

    def pdf(self) -> bytes:
        return pdf_of(self.text, self.hidden_text)

    def _file(self, folder: str, ending: str) -> str:
        path = FOLDER / folder / (self.paper.id + ending)
        return path.read_text(encoding="utf-8") if path.exists() else ""


@functools.cache
def sample_papers() -> tuple[AnnouncedPaper, ...]:
    """The sample's papers in the order of announcement; a later version is an item of its own."""
    rows = json.loads((FOLDER / "papers.json").read_text(encoding="utf-8"))
    papers = [announced_paper(**row) for row in rows]
    listings = {paper.paper.id: paper.listing for paper in reversed(papers)}
    return tuple(replace(paper, listing=listings[paper.paper.id]) for paper in papers)


def known_at(clock: dt.datetime, papers: Iterable[AnnouncedPaper] | None = None) -> dict[str, AnnouncedPaper]:
    """The papers that the API knows at a time, in their latest version, by id; by default the sample's."""
    known = sample_papers() if papers is None else papers
    return {paper.paper.id: paper for paper in known if paper.indexed <= clock}


def announced_paper(
    announced: str, hidden_text: str = "", refused: bool = False, **metadata: Any
) -> AnnouncedPaper:
    """A paper from the fields of a JSON file; without `updated`, it has not changed since its submission."""
    metadata.setdefault("updated", metadata["published"])
    paper = Paper(
        **metadata
        | {name: tuple(metadata[name]) for name in ("authors", "categories")}
        | {name: dt.datetime.fromisoformat(metadata[name]) for name in ("published", "updated")},
        primary_category=metadata["categories"][0],
    )
    listing = dt.date.fromisoformat(announced)
    return AnnouncedPaper(paper, dt.datetime.combine(listing, INDEXED), listing, hidden_text, refused)
