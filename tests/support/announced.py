"""A local arXiv that announces invented papers on its real schedule, holds some, and knows later versions."""

import bisect
import datetime as dt
import random
from dataclasses import replace

from paperbot.model import Paper
from paperbot.sample.model_server import ModelServer
from paperbot.sample.papers import AnnouncedPaper
from paperbot.sample.server import Reply
from paperbot.sources.calendar import INDEX_LAG, Announcement, announcements
from tests.support.faulty_world import FaultyWorld
from tools.bench.papers import invented_papers

DAY = dt.timedelta(days=1)
MAX_DAYS_HELD = 26
SHARE_HELD, SHARE_REVISED, SHARE_WITHDRAWN = 0.04, 0.05, 0.01
DAYS_KNOWN = 50
"""The API knows older ones too, but no run asks for them."""
ADMIN_NOTE = "This paper has been withdrawn by the authors"


def announced_papers(start: dt.date, end: dt.date, papers_a_day: int, seed: int = 1) -> list[AnnouncedPaper]:
    """All versions of the papers announced from `start` to `end`, in the order in which they become known."""
    chance = random.Random(seed)  # noqa: S311
    first, last = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in (start, end))
    found: list[AnnouncedPaper] = []
    numbers: dict[str, int] = {}
    for announcement in announcements(first, last):
        count = round(papers_a_day * chance.uniform(0.6, 1.4))
        for paper in _batch(chance, announcement, count):
            month = f"{announcement.listing:%y%m}"
            numbers[month] = numbers.get(month, 0) + 1
            paper = replace(paper, id=f"{month}.{numbers[month]:05}")
            found += _versions(chance, announcement, paper)
    return sorted(found, key=lambda announced: announced.indexed)


def _batch(chance: random.Random, announcement: Announcement, count: int) -> list[Paper]:
    """In the order of submission; those that were held come first, as their ids are the lowest."""
    days = (announcement.closes - announcement.opens) / DAY
    papers = list(invented_papers(count, announcement.closes, days, seed=chance.randrange(10**9)))
    held = [_earlier(paper, chance) for paper in papers if chance.random() < SHARE_HELD]
    return sorted(held, key=lambda paper: paper.published) + papers[len(held) :]


def _earlier(paper: Paper, chance: random.Random) -> Paper:
    """Submitted some days ago; most papers are not held for long."""
    days = min(chance.expovariate(1 / 5) + 1, MAX_DAYS_HELD)
    published = (paper.published - days * DAY).replace(microsecond=0)
    return replace(paper, published=published, updated=published)


def _versions(chance: random.Random, announcement: Announcement, paper: Paper) -> list[AnnouncedPaper]:
    found = [AnnouncedPaper(paper, announcement.at + INDEX_LAG, announcement.listing)]
    fate = chance.random()
    if fate < SHARE_REVISED + SHARE_WITHDRAWN:
        later = announcement.at + INDEX_LAG + chance.randint(1, 6) * DAY
        comment = ADMIN_NOTE if fate < SHARE_WITHDRAWN else paper.comment
        found.append(
            AnnouncedPaper(
                replace(paper, version=2, updated=later, comment=comment), later, announcement.listing
            )
        )
    return found


class AnnouncingWorld(FaultyWorld):
    """Serves many papers, but no PDFs; its model writes summaries of any length."""

    def __init__(self, papers: list[AnnouncedPaper], clock: dt.datetime) -> None:
        super().__init__(clock, papers=papers)
        self._indexed = [paper.indexed for paper in papers]
        self.model = _Chatterbox(lambda: self.known(self.clock))

    def known(self, clock: dt.datetime) -> dict[str, AnnouncedPaper]:
        first, last = (bisect.bisect(self._indexed, at) for at in (clock - DAYS_KNOWN * DAY, clock))
        return {paper.paper.id: paper for paper in self.papers[first:last]}

    def answer(self, method: str, target: str, key: str, body: bytes) -> Reply:
        if target.startswith("/pdf/"):
            return Reply(404, "text/plain", b"No such paper")
        return super().answer(method, target, key, body)


class _Chatterbox(ModelServer):
    """Its summaries have lists and figures, and a realistic length, now and then far too much."""

    def summary_of(self, paper: AnnouncedPaper) -> str:
        chance = random.Random(paper.paper.title)  # noqa: S311
        length = chance.choice((20, 25, 30, 35, 400 if chance.random() < 0.1 else 40))
        return "## Results\n\n" + "\n".join(
            f"- **{chance.choice(('LLM', 'KV cache', 'FP8'))}**: {chance.uniform(1, 99):.1f} % 的吞吐提升，"
            f"延迟 {chance.randint(10, 900)} ms，基线为 speculative decoding。"
            for _ in range(length)
        )
