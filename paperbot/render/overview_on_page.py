"""The overviews of a digest, as far as the papers that they refer to are on the page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paperbot.model import Entry, Overview
from paperbot.weekly import WeekReview

MIN_SENTENCES = 2
"""Of an overview; one sentence is none."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper that a sentence of the overview is about."""

    number: int
    """Its place in the page's list, or in that of its topic."""
    entry: Entry


@dataclass(frozen=True, slots=True)
class SentenceOnPage:
    """A sentence of the overview, and where its papers are on the page."""

    text: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class OverviewOnPage:
    """What is new in one topic, as far as its papers are on the page."""

    topic: str
    model: str
    sentences: tuple[SentenceOnPage, ...]


def overviews_on_page(overviews: Iterable[Overview], in_full: Sequence[Entry]) -> tuple[OverviewOnPage, ...]:
    """The overviews with references to papers in full only; a sentence without any is left out.

    Papers are counted within their topics.
    """
    in_topic: Counter[str] = Counter()
    places = {}
    for entry in in_full:
        in_topic[entry.topic] += 1
        places[entry.paper.id] = Reference(in_topic[entry.topic], entry)
    found = []
    for overview in overviews:
        sentences = [
            SentenceOnPage(one.text, tuple(places[paper_id] for paper_id in one.papers if paper_id in places))
            for one in overview.sentences
        ]
        with_papers = tuple(sentence for sentence in sentences if sentence.references)
        if len(with_papers) >= MIN_SENTENCES:
            found.append(OverviewOnPage(overview.topic, overview.model, with_papers))
    return tuple(found)


def week_overviews_on_page(review: WeekReview) -> tuple[OverviewOnPage, ...]:
    """Of a week's best papers, as far as its lists still have them."""
    return overviews_on_page(review.overviews, [entry for topic in review.best for entry in topic.entries])
