"""What the bot knows of the papers it has shown: the digests of all dates and the runs that made them."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from paperbot.errors import Problem
from paperbot.model import Entry, KeptText, RunRecord, Summary, TlDr

ID_IN_LINE = re.compile(r'"id"\s*:\s*"([^"]{1,40})"')


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that can't be used; kept unchanged, and its paper counts as shown."""

    path: str
    """Of its file, relative to the root."""
    text: str
    problem: Problem

    @property
    def paper_id(self) -> str:
        """Empty if even the id can't be read."""
        found = ID_IN_LINE.search(self.text)
        return found[1] if found else ""


@dataclass(frozen=True)  # without slots: cached_property needs a __dict__
class Archive:
    """The digests and runs of the loaded months, and the dates of all digests."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By paper id."""
    runs: Mapping[dt.date, RunRecord] = field(default_factory=dict)
    """Every date with a successful run, with or without new papers."""
    dates: tuple[dt.date, ...] = ()
    """The date of every digest, newest first, also in months that are not loaded."""
    broken: tuple[BrokenLine, ...] = ()
    related: Mapping[str, Entry] = field(default_factory=dict)
    """Papers without a keyword that a digest listed as related, by paper id; none of `entries`."""
    single_entries: Mapping[str, Entry] = field(default_factory=dict)
    """Some of months that are not loaded, by paper id: to be read only, since writing needs a whole month."""
    kept_texts: Mapping[str, KeptText] = field(default_factory=dict)
    """Of papers that the reader picked or has, by paper id."""
    months: frozenset[str] = field(default=frozenset(), compare=False)
    """Those loaded whole, for example `2025-12`."""

    @cached_property
    def digests(self) -> Mapping[dt.date, tuple[Entry, ...]]:
        """The loaded digests by date, newest first, each in rank order."""
        by_date: dict[dt.date, list[Entry]] = {}
        for entry in self.entries.values():
            by_date.setdefault(entry.digest_date, []).append(entry)
        return {
            date: tuple(sorted(by_date[date], key=lambda entry: entry.rank))
            for date in sorted(by_date, reverse=True)
        }

    @cached_property
    def keyword_counts(self) -> Mapping[dt.date, Counter[str]]:
        """For each loaded digest, how many of its papers have each keyword."""
        return {
            date: Counter(chain.from_iterable(map(_keywords, entries)))
            for date, entries in self.digests.items()
        }

    @property
    def all_entries(self) -> Mapping[str, Entry]:
        """Those of the loaded months, the single ones and the related papers, by paper id."""
        return {**self.related, **self.single_entries, **self.entries}

    @property
    def newest_date(self) -> dt.date | None:
        """The date of the newest loaded digest; None if there is none."""
        return next(iter(self.digests), None)

    @cached_property
    def latest_run(self) -> RunRecord | None:
        """None before the first run."""
        return self.runs[max(self.runs)] if self.runs else None

    def of(self, date: dt.date) -> tuple[Entry, ...]:
        """The entries of one date's digest in rank order; empty if there is none."""
        return self.digests.get(date, ())

    def shown(self, date: dt.date) -> tuple[Entry, ...]:
        """The entries that one date's digest shows in full, in rank order."""
        return tuple(entry for entry in self.of(date) if entry.shown)

    def listed(self, date: dt.date) -> tuple[Entry, ...]:
        """The entries that one date's digest lists by title only, in rank order."""
        return tuple(entry for entry in self.of(date) if not entry.shown)

    def related_of(self, date: dt.date) -> tuple[Entry, ...]:
        """The papers that one date's digest lists as related, the best first."""
        found = (entry for entry in self.related.values() if entry.digest_date == date)
        return tuple(sorted(found, key=lambda entry: entry.rank))

    def with_entries(self, changed: Iterable[Entry]) -> "Archive":
        """The archive after these have been added or replaced."""
        entries = dict(self.entries) | {entry.paper.id: entry for entry in changed}
        dates = {*self.dates, *(entry.digest_date for entry in entries.values())}
        return replace(self, entries=entries, dates=tuple(sorted(dates, reverse=True)))

    def with_summaries(self, summaries: Mapping[str, Summary]) -> "Archive":
        """The archive with these summaries, by paper id; those of unknown papers are left out."""
        return self.with_entries(
            replace(self.entries[paper_id], summary=summary)
            for paper_id, summary in summaries.items()
            if paper_id in self.entries
        )

    def with_tldrs(self, tldrs: Mapping[str, TlDr]) -> "Archive":
        """The archive with these TL;DRs, by paper id, also of related papers; unknown papers are left out."""

        def with_tldrs(entries: Mapping[str, Entry]) -> dict[str, Entry]:
            found = {key: replace(entries[key], tldr=tldr) for key, tldr in tldrs.items() if key in entries}
            return dict(entries) | found

        return replace(self, entries=with_tldrs(self.entries), related=with_tldrs(self.related))

    def with_run(self, run: RunRecord) -> "Archive":
        """The archive after this record has been added or replaced."""
        return replace(self, runs=dict(self.runs) | {run.date: run})

    def with_related(self, date: dt.date, entries: Iterable[Entry]) -> "Archive":
        """The archive with these as the related papers of one date."""
        others = {key: entry for key, entry in self.related.items() if entry.digest_date != date}
        return replace(self, related=others | {entry.paper.id: entry for entry in entries})

    def with_kept_texts(self, texts: Iterable[KeptText]) -> "Archive":
        """The archive after these texts have been added."""
        return replace(self, kept_texts=dict(self.kept_texts) | {text.id: text for text in texts})

    def as_of(self, today: dt.date) -> "Archive":
        """The archive without later dates' records that have no papers: an earlier run's clock was ahead."""
        runs = {date: run for date, run in self.runs.items() if date <= today or date in self.digests}
        return replace(self, runs=runs)


def _keywords(entry: Entry) -> set[str]:
    """In any topic, without penalties and watched authors."""
    scores = (entry.score, *(other.score for other in entry.also_in))
    return {
        match.keyword for score in scores for match in score.matches if match.weight > 0 and not match.author
    }
