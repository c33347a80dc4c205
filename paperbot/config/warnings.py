"""Warnings about a valid config: "check this setting", and what the bot does with it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from paperbot.config.categories import ALIASES
from paperbot.config.document import KeyPath
from paperbot.config.errors import Finding, shown
from paperbot.config.settings import Config
from paperbot.config.time_zones import misunderstanding
from paperbot.config.topics import Keyword, Topic, TopicRules, WatchedAuthor
from paperbot.network import is_loopback

Weighted = Keyword | WatchedAuthor
Identity = Callable[[Any], str | None]
"""Equal for two items that mean the same; None for an item that counts each time."""

SEVERAL_TERMS = re.compile(r"\s*(?:[,;](?=\s)|[，、；]|\s(?:OR|AND|\|+|&&)\s)\s*")
"""`1,2-dichloroethane` is one."""
STAR_INSIDE = re.compile(r"\*\w|[a-z]{3}\*\W")
"""`L*M`, `quantiz* models`; not `A* search`, `C*-algebra`."""
DEAD_KEYS: Mapping[str, str] = {
    "enable_deduplication": "no paper is ever shown twice",
    "deduplication_methods": "papers are told apart by their arXiv id",
    "fetch_ratings": "it did nothing in the original either; papers are ranked by your keywords",
    "display_limit": "max_papers says how many papers are shown",
}
"""Keys of the original bot, and what replaces each."""


def find_warnings(config: Config, written: Mapping[str, Any]) -> Iterator[Finding]:
    """`written` is the file's content from which `config` was made."""
    dead_keys = [key for key in DEAD_KEYS if key in written]
    for key in dead_keys:
        yield (key,), f"no longer needed: {DEAD_KEYS[key]}. Delete the key."
    if dead_keys and "min_score" in written:
        yield ("min_score",), "the original bot ignored it; here papers with a lower score are left out."
    sections: list[tuple[KeyPath, Config | Topic]] = [((), config)]
    sections += [(("topics", position), topic) for position, topic in enumerate(config.topics)]
    for path, section in sections:
        for key, items, identity in _lists(section):
            yield from _list_warnings((*path, key), items, identity)
    yield from _contradictions((), config.keywords, config.exclude_keywords)
    yield from _topic_warnings(config, written)
    if not config.topics:
        yield from _score_warnings(("min_score",), config.topic_rules[0])
    names = [name.strip() for name in written.get("categories", ())]
    for position, name in enumerate(names):
        if name in names[:position]:
            yield ("categories", position), f"{name} is listed twice."
        elif ALIASES.get(name, name) not in names:
            yield ("categories", position), f"{name} is an alias of {ALIASES[name]}, which is watched too."
    yield from _connection_warnings(config, written.get("arxiv", {}))


def without_repeats(config: Config) -> Config:
    """Each keyword and author once; in substring mode a keyword counts as often as it is listed."""
    topics = tuple(topic.model_copy(update=_unique_items(topic)) for topic in config.topics)
    return config.model_copy(update={"topics": topics, **_unique_items(config)})


def _unique_items(section: Config | Topic) -> dict[str, Any]:
    return {key: _each_once(items, identity) for key, items, identity in _lists(section)}


def _lists(section: Config | Topic) -> Iterator[tuple[str, Sequence[Any], Identity]]:
    """The lists that a section has of its own, by key, and by what two of its items are the same."""
    identities = (
        ("keywords", _counted_once),
        ("exclude_keywords", _same_term),
        ("watch_authors", _same_name),
    )
    for key, identity in identities:
        if (items := getattr(section, key)) is not None:
            yield key, items, identity


def _same_term(keyword: Keyword) -> str:
    """Case does not count, nor whether words are joined by spaces or hyphens."""
    return f"{keyword.match}: " + " ".join(re.split(r"[\s-]+", keyword.term.casefold()))


def _counted_once(keyword: Keyword) -> str | None:
    return _same_term(keyword) if keyword.match == "word" else None


def _same_name(author: WatchedAuthor) -> str:
    return " ".join(author.name.casefold().split())


def _repeats(items: Sequence[Any], identity: Identity) -> dict[int, int]:
    """The position of each item that repeats an earlier one -> the position of the first."""
    first: dict[str, int] = {}
    repeats = {}
    for position, item in enumerate(items):
        same = identity(item)
        if same is not None and first.setdefault(same, position) != position:
            repeats[position] = first[same]
    return repeats


def _each_once(items: Sequence[Any], identity: Identity) -> tuple[Any, ...]:
    repeats = _repeats(items, identity)
    return tuple(item for position, item in enumerate(items) if position not in repeats)


def _text(item: Weighted) -> str:
    return shown(item.name if isinstance(item, WatchedAuthor) else item.term)


def _list_warnings(path: KeyPath, items: Sequence[Weighted], identity: Identity) -> Iterator[Finding]:
    repeats = _repeats(items, identity)
    for position, item in enumerate(items):
        if position in repeats:
            first = items[repeats[position]]
            once = f"only the first counts, weight {first.weight:g}"
            counted = "it counts once" if first.weight == item.weight else once
            original = f"{_text(first)}, item {repeats[position] + 1}"
            yield (*path, position), f"{_text(item)} repeats {original}; {counted}."
        if item.weight == 0:
            yield (*path, position), f"{_text(item)} has the weight 0, so it adds nothing to a score."
        if isinstance(item, Keyword) and item.match == "word":
            yield from (((*path, position), f"{_text(item)} {text}") for text in _term_warnings(item.term))


def _term_warnings(term: str) -> Iterator[str]:
    if re.fullmatch(r"\w\*", term):
        yield "finds every word that begins with this letter."
    if len(parts := SEVERAL_TERMS.split(term)) > 1:
        several = ", ".join(map(shown, filter(None, parts)))
        yield f"is one keyword. If you mean several, write {several}."
    if term.startswith("*"):
        yield "begins with a star; a star works only at the end of a word."
    elif STAR_INSIDE.search(term):
        yield "has a star inside; a star works only at the end of a keyword."


def _contradictions(
    path: KeyPath, keywords: Sequence[Keyword], excluded: Sequence[Keyword]
) -> Iterator[Finding]:
    wanted = {_same_term(keyword) for keyword in keywords}
    for position, keyword in enumerate(excluded):
        if _same_term(keyword) in wanted:
            yield (
                (*path, "exclude_keywords", position),
                f"{_text(keyword)} is a keyword too; papers with it are left out.",
            )


def _topic_warnings(config: Config, written: Mapping[str, Any]) -> Iterator[Finding]:
    if not config.topics:
        return
    if config.keywords and all(topic.keywords is not None for topic in config.topics):
        yield ("keywords",), "not used: every topic has keywords of its own."
    used = {category for rules in config.topic_rules for category in rules.categories}
    unused = [name for name in config.categories if name not in used]
    if "categories" in written and used and unused:
        yield ("categories",), f"no topic uses {', '.join(unused)}."
    if all(topic.paused for topic in config.topics):
        yield ("topics",), "all topics are paused, so no paper can be shown."
    rules_by_name = {rules.name: rules for rules in config.topic_rules}
    for position, topic in enumerate(config.topics):
        path: KeyPath = ("topics", position)
        if topic.paused:
            yield (*path, "paused"), f"{shown(topic.name)} is paused: no papers are shown in it."
            continue
        rules = rules_by_name[topic.name]
        if topic.keywords is not None or topic.exclude_keywords is not None:
            yield from _contradictions(path, rules.keywords, rules.exclude_keywords)
        yield from _score_warnings((*path, "min_score"), rules)


def _score_warnings(path: KeyPath, rules: TopicRules) -> Iterator[Finding]:
    # A paper with every wanted keyword in its title, by all watched authors.
    best = sum(max(keyword.weight, 0) for keyword in _each_once(rules.keywords, _counted_once))
    best *= 1 + rules.title_bonus
    best += sum(max(author.weight, 0) for author in rules.watch_authors)
    if best < rules.min_score:
        yield (
            path,
            f"no paper can be shown: it takes {rules.min_score:g} points, but all keywords give {best:g} "
            "together. Lower min_score, or give weights to your keywords.",
        )


def _connection_warnings(config: Config, written_arxiv: Mapping[str, Any]) -> Iterator[Finding]:
    address = config.ai_summary.base_url
    if address.startswith("http://") and not is_loopback(address):
        yield (
            ("ai_summary", "base_url"),
            "with http:// your key travels unencrypted. Use https:// if you can.",
        )
    if question := misunderstanding(config.timezone):
        yield ("timezone",), question
    arxiv = config.arxiv
    if written_arxiv.get("delay_seconds", arxiv.delay_seconds) < arxiv.delay_seconds:
        yield ("arxiv", "delay_seconds"), f"raised to {arxiv.delay_seconds:g}, the least that arXiv asks for."
    if "held_days" in written_arxiv and 0 < arxiv.held_days <= config.days_back:
        yield (
            ("arxiv", "held_days"),
            f"has no effect unless it is more than days_back, which is {config.days_back}.",
        )
