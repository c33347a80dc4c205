"""What a valid config says that its user can hardly mean, and what the bot makes of it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from paperbot.config.categories import ALIASES
from paperbot.config.document import KeyPath
from paperbot.config.errors import shown
from paperbot.config.settings import Config, Keyword, WatchedAuthor
from paperbot.config.values import is_loopback

Weighted = Keyword | WatchedAuthor
Item = TypeVar("Item", Keyword, WatchedAuthor)
Identity = Callable[[Item], str | None]
"""What two items have in common that say the same; None where each counts."""
Doubt = tuple[KeyPath, str]
"""Where, and a sentence that goes on after "key: "."""

DEAD_KEYS: Mapping[str, str] = {
    "enable_deduplication": "no paper is ever shown twice",
    "deduplication_methods": "papers are told apart by their arXiv id",
    "fetch_ratings": "it did nothing in the original either; papers are ranked by your keywords",
    "display_limit": "max_papers says how many papers are shown",
}
"""Keys of the original bot, and what takes their place."""


def dead_keys(written: Mapping[str, Any]) -> Iterator[Doubt]:
    found = [key for key in DEAD_KEYS if key in written]
    for key in found:
        yield (key,), f"no longer needed: {DEAD_KEYS[key]}. Delete the key."
    if found and "min_score" in written:
        yield ("min_score",), "the original bot ignored it; here papers with a lower score are left out."


def doubts(config: Config, written: Mapping[str, Any]) -> Iterator[Doubt]:
    """`written` is what stands in the file of which `config` was made."""
    yield from _repeats_in("keywords", config.keywords, _counted_once)
    yield from _repeats_in("exclude_keywords", config.exclude_keywords, _same_term)
    yield from _repeats_in("watch_authors", config.watch_authors, _same_name)
    yield from _term_doubts("keywords", config.keywords)
    yield from _term_doubts("exclude_keywords", config.exclude_keywords)
    yield from _contradictions(config)
    yield from _weight_doubts("keywords", config.keywords)
    yield from _weight_doubts("watch_authors", config.watch_authors)
    yield from _score_doubts(config)
    yield from _category_doubts(written.get("categories", ()))
    yield from _address_doubts(config)
    yield from _arxiv_doubts(config, written.get("arxiv", {}))


def without_repeats(config: Config) -> Config:
    """Each keyword and author once; in substring mode a keyword counts as often as it is listed."""
    return config.model_copy(
        update={
            "keywords": _each_once(config.keywords, _counted_once),
            "exclude_keywords": _each_once(config.exclude_keywords, _same_term),
            "watch_authors": _each_once(config.watch_authors, _same_name),
        }
    )


def _same_term(keyword: Keyword) -> str:
    """Case does not count, nor whether words are joined by spaces or hyphens."""
    return f"{keyword.match}: " + " ".join(re.split(r"[\s-]+", keyword.term.casefold()))


def _counted_once(keyword: Keyword) -> str | None:
    return _same_term(keyword) if keyword.match == "word" else None


def _same_name(author: WatchedAuthor) -> str:
    return " ".join(author.name.casefold().split())


def _repeats(items: Sequence[Item], identity: Identity[Item]) -> dict[int, int]:
    """The position of each later item that says the same as an earlier one, and that one's position."""
    first: dict[str, int] = {}
    repeats = {}
    for position, item in enumerate(items):
        same = identity(item)
        if same is not None and first.setdefault(same, position) != position:
            repeats[position] = first[same]
    return repeats


def _each_once(items: Sequence[Item], identity: Identity[Item]) -> tuple[Item, ...]:
    repeats = _repeats(items, identity)
    return tuple(item for position, item in enumerate(items) if position not in repeats)


def _repeats_in(key: str, items: Sequence[Item], identity: Identity[Item]) -> Iterator[Doubt]:
    for later, first in _repeats(items, identity).items():
        weight = items[first].weight
        counted = (
            "it counts once" if weight == items[later].weight else f"only the first counts, weight {weight:g}"
        )
        yield (
            (key, later),
            f"{_text(items[later])} repeats {_text(items[first])}, item {first + 1}; {counted}.",
        )


def _text(item: Weighted) -> str:
    return shown(item.name if isinstance(item, WatchedAuthor) else item.term)


def _term_doubts(key: str, keywords: Sequence[Keyword]) -> Iterator[Doubt]:
    for position, keyword in enumerate(keywords):
        if keyword.match == "word" and re.fullmatch(r"\w\*", keyword.term):
            yield (key, position), f"{_text(keyword)} finds every word that begins with this letter."
        if keyword.match == "word" and keyword.term.startswith("*"):
            yield (key, position), f"{_text(keyword)} begins with a star; only one at the end has a meaning."


def _contradictions(config: Config) -> Iterator[Doubt]:
    wanted = {_same_term(keyword) for keyword in config.keywords}
    for position, keyword in enumerate(config.exclude_keywords):
        if _same_term(keyword) in wanted:
            yield (
                ("exclude_keywords", position),
                f"{_text(keyword)} is a keyword too; papers with it are left out.",
            )


def _weight_doubts(key: str, items: Sequence[Weighted]) -> Iterator[Doubt]:
    for position, item in enumerate(items):
        if item.weight == 0:
            yield (key, position), f"{_text(item)} has the weight 0, so it adds nothing to a score."


def _score_doubts(config: Config) -> Iterator[Doubt]:
    best = best_score(config)
    if best < config.min_score:
        yield (
            ("min_score",),
            f"no paper can be shown: it takes {config.min_score:g} points, but all keywords give {best:g} "
            "together. Lower min_score, or give weights to your keywords.",
        )


def best_score(config: Config) -> float:
    """The score of a paper with every wanted keyword in its title, by all watched authors."""
    keywords = sum(max(keyword.weight, 0) for keyword in _each_once(config.keywords, _counted_once))
    return keywords * (1 + config.title_bonus) + sum(max(author.weight, 0) for author in config.watch_authors)


def _category_doubts(names: Sequence[str]) -> Iterator[Doubt]:
    names = [name.strip() for name in names]
    for position, name in enumerate(names):
        if name in names[:position]:
            yield ("categories", position), f"{name} is listed twice."
        elif ALIASES.get(name, name) not in names:
            yield (
                ("categories", position),
                f"{name} is a second name of {ALIASES[name]}, which is watched too.",
            )


def _address_doubts(config: Config) -> Iterator[Doubt]:
    address = config.ai_summary.base_url
    if address.startswith("http://") and not is_loopback(address):
        yield (
            ("ai_summary", "base_url"),
            "with http:// your key travels unencrypted. Use https:// if you can.",
        )


def _arxiv_doubts(config: Config, written: Mapping[str, Any]) -> Iterator[Doubt]:
    arxiv = config.arxiv
    if written.get("delay_seconds", arxiv.delay_seconds) < arxiv.delay_seconds:
        yield ("arxiv", "delay_seconds"), f"raised to {arxiv.delay_seconds:g}: arXiv asks for no less."
    if "held_days" in written and 0 < arxiv.held_days <= config.days_back:
        yield (
            ("arxiv", "held_days"),
            f"adds nothing unless it is more than days_back, which is {config.days_back}.",
        )
