"""An invented archive of any size for the tests of the site: the same every time."""

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from paperbot.archive import Archive
from paperbot.model import Entry, Grounding, Match, Paper, PaperType, Score, Summary, SummarySource
from tests.support.builders import a_paper, a_run

LAST_DATE = dt.date(2025, 12, 24)
KEYWORDS = ("attention", "decoding", "kernel", "LLM", "quantization", "throughput", "inference", "sparse")
_VOCABULARY = """
a the of with without faster smaller larger model cache token router expert memory tensor layer batch
latency budget schedule draft verify prune merge graph cluster node link gradient adapter prompt retrieval
agent planner reward policy video speech protein weather compiler register thread block
"""
_WORDS = _VOCABULARY.split()
_NAMES = ("Ada Quill", "Bo Marsh", "Chen Wu", "Dilara Öztürk", "Émile Roux", "Farid Nazari", "Gala Prado")
_CATEGORIES = ("cs.LG", "cs.AI", "cs.CL", "cs.DC")


def weekdays_back(last: dt.date, count: int) -> list[dt.date]:
    """`count` weekdays, newest first."""
    days = (last - dt.timedelta(days=offset) for offset in range(count * 2 + 7))
    return [day for day in days if day.weekday() < 5][:count]


def invented_day(date: dt.date, shown: int = 30, listed: int = 20, summaries: int = 15) -> list[Entry]:
    """One date's entries, best first; the ids can't exist, because arXiv's have five digits after the dot."""
    dice = random.Random(date.toordinal())
    return [_entry(dice, date, rank, shown, summaries) for rank in range(1, shown + listed + 1)]


def invented_archive(digests: Sequence[Sequence[Entry]], dates: Iterable[dt.date] = ()) -> Archive:
    """With a run of each digest's date at 08:17 UTC; `dates` are those older than what is loaded."""
    archive = Archive(dates=tuple(dates)).with_entries(entry for entries in digests for entry in entries)
    for entries in digests:
        date, count, shown = entries[0].digest_date, len(entries), sum(entry.shown for entry in entries)
        moment = dt.datetime.combine(date, dt.time(8, 17), dt.UTC)
        figures = {"matching": count, "new": count, "shown": shown, "announcement_dates": (date,)}
        archive = archive.with_run(a_run(date, last_run=moment, fetched=1243, **figures))
    return archive


def by_month(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Newest month first, as the site's files hold them."""
    ordered = sorted(entries, key=lambda entry: entry.digest_date, reverse=True)
    return {
        month: list(group) for month, group in groupby(ordered, lambda entry: f"{entry.digest_date:%Y-%m}")
    }


def with_paper(entry: Entry, **changes: object) -> Entry:
    """The same entry with another title, abstract or whatever else of its paper."""
    return replace(entry, paper=replace(entry.paper, **changes))  # type: ignore[arg-type]


def _entry(dice: random.Random, date: dt.date, rank: int, shown: int, summaries: int) -> Entry:
    matches = tuple(
        Match(keyword, 1.0, dice.random() < 0.4, True)
        for keyword in dice.sample(KEYWORDS, dice.randint(1, 5))
    )
    paper = _paper(dice, date, rank, matches)
    if rank > shown:
        paper = replace(paper, abstract="")
    score = Score(60.0 - rank, matches)
    summary = _summary(dice, paper) if rank <= summaries else None
    if summaries < rank <= shown:
        summary = Summary(reason="only the best papers of a day are summarised", model="invented-1")
    return Entry(paper, date, rank, rank <= shown, score, PaperType.NEW, summary)


def _paper(dice: random.Random, date: dt.date, rank: int, matches: Sequence[Match]) -> Paper:
    categories = tuple(dice.sample(_CATEGORIES, dice.randint(1, 3)))
    submitted = dt.datetime.combine(date, dt.time(9, rank % 60), dt.UTC) - dt.timedelta(days=2)
    in_title = " and ".join(match.keyword for match in matches if match.title) or "another way"
    return a_paper(
        f"{date:%y%m}.99{date.day:02}{rank:03}",
        title=f"{' '.join(dice.choices(_WORDS, k=4)).capitalize()}: {in_title}",
        authors=tuple(dice.sample(_NAMES, dice.randint(1, 5))),
        abstract=" ".join(f"{' '.join(dice.choices(_WORDS, k=14)).capitalize()}." for _ in range(9)),
        primary_category=categories[0],
        categories=categories,
        published=submitted,
        comment="12 pages, 4 figures" if rank % 3 == 0 else "",
    )


def _summary(dice: random.Random, paper: Paper) -> Summary:
    lines = [
        f"- **{dice.choice(_WORDS)}**：提出了一种 *{dice.choice(_WORDS)}* 方法，速度提升 {n} 倍。"
        for n in range(2, 9)
    ]
    table = "| Model | Speed-up |\n|---|---|\n| 7B | 2.1 |\n| 70B | 3.4 |"
    text = "\n".join(["# 主要贡献", *lines, "", "## 实验结果", "", table])
    grounding = Grounding(5, 6, ("3.4",))
    return Summary(text, "", "invented-1", SummarySource.FILE, "abc123", 1, 9000, 700, grounding=grounding)
