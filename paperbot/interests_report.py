"""What the reader's picks and library amount to: for `--check` and `--dry-run -v`."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.model import Entry, LikenessBasis
from paperbot.ranking.interests import Interests
from paperbot.ranking.keywords import Scorer
from paperbot.ranking.likeness import MIN_PICKS
from paperbot.ranking.picks import PickKind, pick_path
from paperbot.render.templating import counted

MAX_NAMED = 20
MAX_WORDS = 15


def explain_interests(config: Config, archive: Archive, interests: Interests) -> Iterator[str]:
    """Lines for the person who made the picks; none quotes the library, which may be private."""
    if not config.interests.weight:
        yield "Papers are ranked by keywords alone: interests.weight is 0."
        return
    kinds = Counter(interests.picks.values())
    yield (
        f"You starred {counted(kinds[PickKind.STAR], 'paper')} and skipped "
        f"{counted(kinds[PickKind.SKIP], 'paper')}; your library has "
        f"{counted(len(interests.library), 'entry', 'entries')}."
    )
    texts = list(interests.texts())
    scorers = [Scorer(rules) for rules in config.topic_rules]
    weightless = [one.origin for one in texts if all(one.keyword_points(scorer) <= 0 for scorer in scorers)]
    if texts:
        yield f"{len(texts) - len(weightless)} of them count for the ranking."
    if 0 < len(texts) < MIN_PICKS:
        yield f"That is too few: papers are compared with them from {MIN_PICKS} on."
    if weightless:
        yield f"Without weight, since no keyword of yours is in them: {_named(weightless)}."
    known = {one.origin for one in texts}
    if missing := [path for path in map(pick_path, interests.picks) if path not in known]:
        yield f"Without weight, since their texts are fetched by the next run: {_named(missing)}."
    titles = [one.origin for one in texts if one.factor not in (1.0, -1.0)]
    if titles:
        yield f"With half the weight, since they have no abstract: {_named(titles)}."
    yield from _words_of_newest_digest(archive)


def explain_likeness(entries: Sequence[Entry]) -> Iterator[str]:
    """Each paper's points with all words."""
    for entry in entries:
        if entry.likeness:
            words = ", ".join(f"{word} {points:+g}" for word, points in entry.likeness.words.items())
            yield (
                f"{entry.paper.id}: keywords {entry.score.value:g}, like {entry.likeness.basis.words} "
                f"{entry.likeness.value:+g} ({words})"
            )


def _words_of_newest_digest(archive: Archive) -> Iterator[str]:
    entries = archive.of(archive.newest_date) if archive.newest_date else ()
    found = [entry.likeness for entry in entries if entry.likeness]
    if not found:
        return
    sums: dict[str, float] = defaultdict(float)
    for likeness in found:
        for word, points in likeness.words.items():
            sums[word] += abs(points)
    words = ", ".join(sorted(sums, key=lambda word: (-sums[word], word))[:MAX_WORDS])
    bases = {likeness.basis for likeness in found}
    compared = "your papers" if LikenessBasis.PICKS in bases else LikenessBasis.BEST_MATCHES.words
    yield f"In the newest digest, compared with {compared}, these words counted most: {words}."


def _named(origins: Sequence[str]) -> str:
    more = len(origins) - MAX_NAMED
    return ", ".join(origins[:MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")
