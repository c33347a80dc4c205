"""Names of authors as arXiv lists them: some entries hold a colon or nothing, after the name of a team."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from paperbot.text.plain import plain

_COLONS = ":：﹕︓∶꞉ː"
_LETTER = re.compile(r"[^\W_]")


@lru_cache(maxsize=1024)
def split_team(authors: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The team (the name before a colon, or "") and the people, in plain text.

    For example `NVIDIA`, `:`, `Aaron Blakeman`. Cached, because pages, site and feeds have the same authors.
    """
    names = [plain(author) for author in authors]
    for position, name in enumerate(names):
        if name.endswith(tuple(_COLONS)):
            team = _people(name.rstrip(_COLONS + " ") for name in names[: position + 1])
            return ", ".join(team), _people(names[position + 1 :])
    return "", _people(names)


def author_names(authors: Sequence[str]) -> tuple[str, ...]:
    """The names as a page lists them: `NVIDIA: Aaron Blakeman`, `Aaron Grattafiori`."""
    team, people = split_team(tuple(authors))
    if not team:
        return people
    return (f"{team}: {people[0]}", *people[1:]) if people else (team,)


def _people(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if _LETTER.search(name))
