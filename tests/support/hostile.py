"""Texts that break pages, ways to make more of them, and a page to put them into.

Shared by every test that handles untrusted text.
"""

import datetime as dt
import json
import random
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import lxml.html
from hypothesis import strategies as st
from lxml import etree

from paperbot.archive import Archive
from paperbot.model import Entry, Grounding, Overview, OverviewSentence, Summary, TlDr
from paperbot.render.exports import archive_exports, feed_exports
from paperbot.render.feeds import render_feeds
from paperbot.render.mail import mail_digest, render_mail
from paperbot.render.pages import render_pages
from paperbot.render.site_data import render_month
from paperbot.render.templating import load_templates
from paperbot.render.weekly_feed import render_weekly_feed
from paperbot.summaries.grounding import ground
from paperbot.summaries.overview import OverviewDue, read_overview
from paperbot.summaries.thoughts import without_thoughts
from paperbot.summaries.tldr import checked_tldr, sentence_of, split_answer
from paperbot.text import FigureMarks, block, inline, link_label
from paperbot.text.gfm import gfm_html
from paperbot.text.page_check import ExpectedPage, PaperSection, page_problems
from paperbot.weekly import Week, WeeklyPages, review_week
from tests.support import invented

ROOT = Path(__file__).resolve().parents[2]


DATA = json.loads((ROOT / "tests/data/hostile.json").read_text("utf-8"))
LINES: tuple[str, ...] = tuple(DATA["lines"])
"""One trick each."""

WHOLE = (
    "\n\n".join(LINES),
    "\n".join(LINES),
    " ".join(LINES),
    "# Title\n\n</details>\n\n</td></tr></table>\n\n<!-- open\n\n[go][1]\n\n[1]: https://evil.example\n\n```py\nx",
    "> " * 300 + "deep",
    "- " * 300 + "deep",
    "\n".join("  " * depth + "- level" for depth in range(60)),
    "[" * 3000,
    "![" * 2000 + "](x)" * 2000,
    "*a _b " * 2000,
    "`" * 5000 + "x",
    "| a " * 500 + "|\n" + "|---" * 500 + "|\n" + "| 1 " * 600 + "|",
    "| a |\n|---|\n" + "|\n" * 3000,
    "```markdown\n# Wrapped\n\n```python\nx\n```\n\nend\n```",
    "$" * 3000,
    "\\(" * 3000,
    "$$" + "\\hat" * 490 + "x$$",
    "$$" + "x^{" * 480 + "}" * 480 + "$$",
    "# x\n" * 4000,
    "1. a\n" * 3000,
    "词" * 30_000,
)
"""Large or deep ones."""

HOSTILE = (*LINES, *WHOLE)

NUMBERS = tuple(
    character
    for character in map(chr, range(sys.maxunicode + 1))
    if unicodedata.category(character)[0] == "N"
)
"""Every character that Unicode counts as a number: `²`.isdigit(), but int("²") raises."""
NUMBER_TEXTS = (*DATA["numbers"], "9" * 5_000)
THOUGHTS = DATA["thoughts"]
TEX = (*DATA["tex"], "$" + "{" * 99 + "}" * 99 + "$")

FRAGMENTS: tuple[str, ...] = (*LINES, *NUMBER_TEXTS, *THOUGHTS, *TEX, *DATA["signs"])

hostile_texts = st.one_of(
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=5)), max_size=14).map("".join),
    st.sampled_from(HOSTILE),
)

BOLD = re.compile(r"LLM|RL|“词|词”|word[,.]?|\*", re.IGNORECASE)
MARKS = FigureMarks(
    missing=("99.73%", "12"),
    other_row=("7",),
    pages=(("3", 4),),
    pdf_url="https://arxiv.org/pdf/2512.20276v1",
)


def random_text(randomness: random.Random) -> str:
    """As `hostile_texts`, but fast enough for long runs."""
    kind = randomness.random()
    if kind < 0.01:
        return randomness.choice(WHOLE)
    pieces = randomness.choices(FRAGMENTS, k=randomness.randint(0, 14))
    if kind < 0.3:
        pieces = [
            "".join(randomness.sample(piece, len(piece))) if len(piece) < 40 else piece for piece in pieces
        ]
    if kind > 0.8:
        number = randomness.choice(NUMBERS)
        pieces += [number, f" It needs {number} GB, or {number * 3}% more than 10{number}. "]
        randomness.shuffle(pieces)
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class HostilePaper:
    title: str
    author: str
    comment: str
    abstract: str
    summary: str


hostile_papers = st.builds(
    HostilePaper, hostile_texts, hostile_texts, hostile_texts, hostile_texts, hostile_texts
)


def random_paper(randomness: random.Random) -> HostilePaper:
    return HostilePaper(*(random_text(randomness) for _ in range(5)))


def paper_url(index: int) -> str:
    return f"https://arxiv.org/abs/2512.{index:05}"


def page_of(papers: Sequence[HostilePaper]) -> str:
    """A page that puts every kind of text everywhere a page of ours may."""
    glance = (
        f"| {inline(paper.title, BOLD)} | [{link_label(paper.title, BOLD)}](#paper-{index}) "
        f"| {inline(paper.author)} |"
        for index, paper in enumerate(papers)
    )
    return "\n".join(
        [
            "# Page\n",
            "| Title | Link | Author |\n|---|---|---|",
            *glance,
            "",
            *(_section(index, paper) for index, paper in enumerate(papers)),
            "## End\n",
        ]
    )


def _section(index: int, paper: HostilePaper) -> str:
    return f"""### <a name="paper-{index}"></a>{index}. [{link_label(paper.title)}]({paper_url(index)})

**Authors**: {inline(paper.author)}, {inline(paper.title, BOLD)}  
**Comment**: {inline(paper.comment)} [PDF]({paper_url(index)}.pdf) {inline(paper.comment)}
{inline(paper.comment)}[PDF]({paper_url(index)}.pdf)

{inline(paper.abstract, BOLD)}

- {inline(paper.author, BOLD)}
- {inline(paper.comment)}

<details>
<summary>Summary</summary>

{block(paper.summary, MARKS)}

</details>

---
"""  # noqa: W291 (two spaces break the line)


def page_faults(papers: Sequence[HostilePaper]) -> list[str]:
    """What the page's own check and an independent reading of it find broken in a page of these papers."""
    page = page_of(papers)
    sections = tuple(PaperSection(paper.title, folds=1) for paper in papers)
    expected = ExpectedPage(sections, max_bytes=10_000_000, other_headings=("Page", "End"))
    root = tree(gfm_html(page))
    seen = {
        "folds": len(root.findall(".//details")),
        "headings": [element.tag for element in root.iterdescendants("h1", "h2", "h3")],
        "links": [element.get("href") for element in root.xpath("./h3/a[@href] | ./p/a[@href]")],
        "cells": [len(row) for row in root.xpath("./table/tbody/tr")],
        "images": len(root.findall(".//img")),
    }
    wanted = {
        "folds": len(papers),
        "headings": ["h1", *["h3"] * len(papers), "h2"],
        "links": [paper_url(index) + end for index in range(len(papers)) for end in ("", ".pdf", ".pdf")],
        "cells": [3] * len(papers),
        "images": 0,
    }
    differences = [
        f"{name}: {seen[name]} instead of {wanted[name]}" for name in wanted if seen[name] != wanted[name]
    ]
    return page_problems(page, expected) + differences


def tree(html: str) -> lxml.html.HtmlElement:
    return lxml.html.fragment_fromstring(html, create_parent="div")


TEMPLATES = load_templates(ROOT, ROOT / "templates")


DAY = dt.timedelta(days=1)
WEEK = Week.of(invented.TODAY)
TOPICS = ("Inference", "Systems & ML")
CONFIG = invented.CONFIG.model_validate(
    invented.CONFIG.model_dump() | {"topics": [{"name": name, "keywords": ["LLM"]} for name in TOPICS]}
)


def chain_faults(papers: Sequence[HostilePaper]) -> list[str]:
    """What breaks between the model's answers and pages, feeds, exports, site and mail.

    Exceptions pass through, except for those that a part of the run contains: these are in the result.
    """
    answers = [split_answer(without_thoughts(paper.summary)) for paper in papers]
    groundings = [
        ground(answer, paper.abstract + paper.comment)
        for (_, answer), paper in zip(answers, papers, strict=True)
    ]
    read = [replace(paper, summary=answer) for paper, (_, answer) in zip(papers, answers, strict=True)]
    entries = [
        _entry(index, paper, grounding)
        for index, (paper, grounding) in enumerate(zip(read, groundings, strict=True))
    ]
    for (sentence, _), entry in zip(answers, entries, strict=True):
        checked_tldr(sentence or sentence_of(entry.paper.comment), entry.paper, [entry.paper.abstract])
    archive = _archive(entries)
    rendered = _rendered(archive)
    faults = [f"{fault.part}: {fault.exception}\n{fault.places}" for fault in TEMPLATES.faults.recorded]
    for path, text in rendered.items():
        if path.endswith((".xml", ".svg")):
            etree.fromstring(text.encode())
        elif path.endswith(".json"):
            json.loads(text)
    mail = mail_digest(archive, invented.TODAY, CONFIG, invented.REPOSITORY)
    render_mail(TEMPLATES, mail, "New on arXiv").encode()
    return faults + page_faults(read)


def _archive(entries: Sequence[Entry]) -> Archive:
    """A digest in two topics, with an overview of the hostile abstracts."""
    sentences = [OverviewSentence(_one_line(entry.paper.abstract), (entry.paper.id,)) for entry in entries]
    told = Overview(TOPICS[0], tuple(sentences[:3]))
    for entry in entries:
        read_overview(entry.paper.abstract, OverviewDue(TOPICS[0], tuple(entries), ()), "model")
    run = invented.run(invented.TODAY, fetched=9, matching=9, new=len(entries), shown=len(entries))
    week = replace(told, week=WEEK.name)
    run = replace(run, overviews=(told,), week_overviews=(week,), last_run=run.last_run + 7 * DAY)
    return invented.digest_of(invented.ranked(entries), run)


def _rendered(archive: Archive) -> dict[str, str]:
    """Every page, feed, export and site file of one digest, by path."""
    weekly = WeeklyPages((review_week(archive, WEEK, {}),), (WEEK,))
    pages = render_pages(archive, CONFIG, TEMPLATES, invented.REPOSITORY, weekly=weekly)
    exports = archive_exports(archive, archive.dates, weekly.reviews, None, TEMPLATES)
    return {
        **pages,
        **exports,
        **render_feeds(archive, CONFIG, TEMPLATES),
        **render_weekly_feed(archive, CONFIG, TEMPLATES),
        **feed_exports(archive, CONFIG, TEMPLATES, "", ()),
        **render_month("2025-12", [*archive.entries.values()], TEMPLATES.faults),
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _entry(index: int, paper: HostilePaper, grounding: Grounding) -> Entry:
    entry = invented.entry(1, shown=True)
    told = replace(
        entry.paper,
        id=f"2512.{index:05}",
        title=paper.title,
        authors=(paper.author, ":", paper.title),
        comment=paper.comment,
        abstract=paper.abstract,
        journal_ref=paper.comment,
        doi=paper.author,
    )
    summary = Summary(text=paper.summary, grounding=grounding)
    tldr = TlDr(_one_line(paper.comment))
    return replace(entry, paper=told, summary=summary, tldr=tldr, topic=TOPICS[index % len(TOPICS)])
