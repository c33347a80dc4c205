"""The reading list: the papers that the reader starred."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from paperbot.archive import Archive
from paperbot.model import Entry, KeptText


@dataclass(frozen=True, slots=True)
class ReadingList:
    """The starred papers."""

    entries: tuple[Entry, ...]
    """Newest digest first, and of one date by rank."""
    unknown_ids: tuple[str, ...] = ()
    """Starred papers that no digest has."""

    @property
    def name(self) -> str:
        """What the page lists, for the message on a page that could not be made."""
        return "the reading list"

    def with_entries(self, entries: Sequence[Entry]) -> "ReadingList":
        """The list with these entries in place of its own."""
        return replace(self, entries=tuple(entries))


def make_reading_list(archive: Archive, starred: Collection[str]) -> ReadingList:
    """`starred` are ids; the archive must have these papers."""
    known = archive.all_entries
    entries = [
        _with_abstract(known[paper_id], archive.kept_texts.get(paper_id))
        for paper_id in starred
        if paper_id in known
    ]
    entries.sort(key=lambda entry: (-entry.digest_date.toordinal(), entry.rank))
    return ReadingList(tuple(entries), tuple(sorted(set(starred) - known.keys(), reverse=True)))


def _with_abstract(entry: Entry, text: KeptText | None) -> Entry:
    """A digest keeps none of a paper that it lists by title only."""
    if entry.paper.abstract or not text:
        return entry
    return replace(entry, paper=replace(entry.paper, abstract=text.abstract))
