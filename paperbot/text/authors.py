"""Names of authors as arXiv lists them: some entries hold a colon or nothing, after the name of a team."""

import re
from collections.abc import Sequence

from paperbot.text.plain import plain

_COLONS = ":：﹕"
_LETTER = re.compile(r"[^\W_]")


def split_team(authors: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The team (the name before a colon, or "") and the people, in plain text.

    For example `NVIDIA`, `:`, `Aaron Blakeman`.
    """
    names = [plain(author) for author in authors]
    for position, name in enumerate(names):
        is_colon = bool(name) and not name.strip(_COLONS + " ")
        if is_colon or (position == 0 and name.endswith(tuple(_COLONS))):
            before = _people(names[: position + (not is_colon)])
            return ", ".join(before).rstrip(_COLONS + " "), _people(names[position + 1 :])
    return "", _people(names)


def author_names(authors: Sequence[str]) -> tuple[str, ...]:
    """The names as a page lists them: `NVIDIA: Aaron Blakeman`, `Aaron Grattafiori`."""
    team, people = split_team(authors)
    if not team:
        return people
    return (f"{team}: {people[0]}", *people[1:]) if people else (team,)


def _people(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if _LETTER.search(name))
