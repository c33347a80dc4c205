"""The rules of matching and ranking a second time, in the plainest code, apart from the bot's own."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from paperbot.model import Paper


def matching(papers: Iterable[Paper], config: Mapping[str, Any]) -> list[tuple[Paper, float]]:
    """The papers that match, in rank order, each with its score."""
    keywords = {keyword.casefold(): keyword for keyword in config["keywords"]}
    found = []
    for paper in papers:
        title, abstract = paper.title, paper.abstract
        if paper.primary_category not in config["categories"]:
            continue
        if any(contains(word, title) or contains(word, abstract) for word in config["exclude_keywords"]):
            continue
        in_title = sum(contains(keyword, title) for keyword in keywords)
        in_either = sum(contains(keyword, title) or contains(keyword, abstract) for keyword in keywords)
        score = in_either + 0.5 * in_title
        if in_either and score >= config["min_score"]:
            found.append((paper, score))
    return sorted(found, key=lambda match: (-match[1], -match[0].published.timestamp(), match[0].id))


def contains(keyword: str, text: str) -> bool:
    """As whole words, in any case, joined by spaces or hyphens; the last one may be a plural."""
    *before, last = re.split(r"[\s-]+", folded(keyword))
    plurals = {last, last + "s"}
    if last.endswith(("s", "x", "z", "ch", "sh")):
        plurals.add(last + "es")
    if last.endswith("y"):
        plurals.add(last[:-1] + "ies")
    words = r"[\s\u2010-\u2015-]+".join([*map(re.escape, before), f"(?:{'|'.join(sorted(plurals))})"])
    return re.search(rf"(?<!\w){words}(?!\w)", folded(text)) is not None


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def original_score(paper: Paper, keywords: Iterable[str]) -> float:
    """The formula of the bot before this one, on the whole abstract: a keyword as often as it is listed."""
    title, text = paper.title.lower(), f"{paper.title} {paper.abstract}".lower()
    return sum(1.0 + 0.5 * (word.lower() in title) for word in keywords if word.lower() in text)
