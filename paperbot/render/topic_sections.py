"""A digest by topic: the sections of a page, and which papers lose space first where it is too large."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.config.values import topic_slug
from paperbot.model import Entry
from paperbot.render.safe import SafeMarkdown, SafeUrl

NO_TOPIC = "Other papers"
"""The heading of those from before there were topics, on the date on which the config got some."""


@dataclass(frozen=True, slots=True)
class TopicSection:
    """One topic's papers of a date, and how much of them the page shows."""

    name: str
    in_full: tuple[Entry, ...]
    """Best first."""
    by_title: tuple[Entry, ...]
    """Best first."""
    total: int
    """All papers of the topic that match."""
    related: tuple[Entry, ...] = ()
    """Those listed without a keyword."""

    @property
    def titles_left_out(self) -> int:
        """Papers that the page does not name."""
        return self.total - len(self.in_full) - len(self.by_title)

    @property
    def anchor(self) -> SafeMarkdown:
        """The name of the section's place on its page, for example `topic-systems-ml`."""
        return SafeMarkdown(f"topic-{topic_slug(self.name)}")


@dataclass(frozen=True, slots=True)
class TopicFeed:
    """The feed of one topic."""

    name: str
    """The topic's."""
    url: SafeUrl


def topics_in_use(config: Config) -> tuple[str, ...]:
    """The names of the topics that are not paused."""
    return tuple(topic.name for topic in config.topics if not topic.paused)


def topics_of_date(archive: Archive, date: dt.date) -> tuple[str, ...]:
    """The topics in the order that the config had then, so that later changes don't alter a date's page."""
    found = {entry.topic for entry in archive.of(date)}
    return tuple(
        name for name in (archive.runs[date].topics if date in archive.runs else ()) if name in found
    )


def topic_names(entries: Iterable[Entry], first: Iterable[str]) -> tuple[str, ...]:
    """`first`, also those without papers, then those that only the papers have; empty without any topics."""
    names = tuple(dict.fromkeys((*first, *(entry.topic for entry in entries))))
    return names if any(names) else ()


def topic_sections(
    names: Sequence[str],
    entries: Sequence[Entry],
    in_full: Sequence[Entry],
    by_title: Sequence[Entry],
    related: Sequence[Entry],
) -> tuple[TopicSection, ...]:
    """One for each name, also for a topic without papers."""
    return tuple(
        TopicSection(
            name or NO_TOPIC,
            tuple(entry for entry in in_full if entry.topic == name),
            tuple(entry for entry in by_title if entry.topic == name),
            sum(entry.topic == name for entry in entries),
            tuple(entry for entry in related if entry.topic == name),
        )
        for name in names
    )


def count_topics(entries: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    """Names and numbers of papers, the most papers first; empty without topics."""
    counts = Counter(entry.topic for entry in entries if entry.topic)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
