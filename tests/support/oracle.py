"""What the rules say about the replay's papers, in the plainest code, apart from the bot's own."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any


def matching(papers: Iterable[Any], config: Mapping[str, Any]) -> list[tuple[Any, float]]:
    """The papers that match, in rank order, each with its score."""
    keywords = {keyword.casefold(): keyword for keyword in config["keywords"]}
    found = []
    for paper in papers:
        title, abstract = paper.title, paper.abstract
        if paper.primary not in config["categories"]:
            continue
        if any(stands_in(word, title) or stands_in(word, abstract) for word in config["exclude_keywords"]):
            continue
        in_title = sum(stands_in(keyword, title) for keyword in keywords)
        in_either = sum(stands_in(keyword, title) or stands_in(keyword, abstract) for keyword in keywords)
        score = in_either + 0.5 * in_title
        if in_either and score >= config["min_score"]:
            found.append((paper, score))
    return sorted(found, key=lambda each: (-each[1], -each[0].published_at.timestamp(), each[0].id))


def stands_in(keyword: str, text: str) -> bool:
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


def original_score(paper: Any, keywords: Iterable[str]) -> float:
    """The formula of the bot before this one, on the whole abstract: a keyword as often as it is listed."""
    title, text = paper.title.lower(), f"{paper.title} {paper.abstract}".lower()
    return sum(1.0 + 0.5 * (word.lower() in title) for word in keywords if word.lower() in text)
