"""Pages by topic: the links, the sections, their share of the space; what happens to topics that go."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import pytest

from paperbot.archive import Archive
from paperbot.config import Config
from paperbot.model import Entry, Overview, OverviewSentence, Score, TopicScore
from paperbot.output import remove_old_files, write_files
from paperbot.render.citations import bibtex, ris
from paperbot.render.feeds import FAREWELL, render_feeds
from paperbot.render.pages import render_pages
from paperbot.render.topic_chart import MAX_ROWS, OTHERS, topic_chart
from paperbot.text.gfm import gfm_html
from tests.support import invented
from tests.support.builders import a_run, an_entry
from tests.support.invented import TEMPLATES

DAY_PAGE = "archive/2025/2025-12-25.md"
NAMES = ("Inference", "Systems & ML", "Sprache 语音")


def config_of(*names: str, **given: Any) -> Config:
    topics = [{"name": name, "keywords": ["LLM"]} for name in names]
    return invented.CONFIG.model_validate(invented.CONFIG.model_dump() | {"topics": topics} | given)


def archive_of(topics: Sequence[str], shown: int = 6, listed: int = 6, **given: Any) -> Archive:
    """The invented digest, its papers dealt out to these topics by rank."""
    digest = invented.digest(shown, listed)
    entries = sorted(digest.entries.values(), key=lambda entry: entry.rank)
    return digest.with_entries(
        replace(entry, topic=topics[place % len(topics)], **given) for place, entry in enumerate(entries)
    )


def pages_of(archive: Archive, config: Config) -> dict[str, str]:
    return render_pages(archive, config, TEMPLATES, invented.REPOSITORY)


def titles_below(page: str) -> dict[str, list[str]]:
    """By the name of the topic: the titles of its papers in full."""
    parts = re.split(r'^## <a name="topic-[^"]*"></a>📚 (.*)$', page, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: re.findall(r"^### .*?\[(.*?)\]\(", text, re.MULTILINE) for name, text in sections.items()}


def in_topic(archive: Archive, topic: str) -> list[Entry]:
    return [entry for entry in archive.shown(invented.TODAY) if entry.topic == topic]


def test_a_line_of_links_and_a_section_for_each_topic() -> None:
    archive = archive_of(NAMES[:2])
    pages = pages_of(archive, config_of(*NAMES))
    for path in ("README.md", DAY_PAGE):
        (line,) = (line for line in pages[path].splitlines() if line.startswith("**Topics**"))
        assert line.removesuffix(" · Sprache 语音&nbsp;0") == (
            "**Topics**: [Inference](#topic-inference)&nbsp;6 · [Systems &amp; ML](#topic-systems-ml)&nbsp;6"
        )
        assert {name: len(titles) for name, titles in titles_below(pages[path]).items()} == {
            "Inference": 3,
            "Systems &amp; ML": 3,
        }
        assert pages[path].count("6 papers: 3 in full, 3 by title.") == 2
        assert pages[path].count("**Also matching, by score**") == 2
    assert "- **Sprache 语音**: no new paper matched\n" in pages["README.md"]
    assert "Sprache" not in pages[DAY_PAGE].partition("Configuration")[0], (
        "a topic may be younger than a page"
    )
    assert pages["README.md"].index("#topic-inference") < pages["README.md"].index("## 📊 Statistics")


def test_links_lead_to_topics_with_names_in_any_script() -> None:
    page = pages_of(archive_of(NAMES), config_of(*NAMES))["README.md"]
    assert '<a name="topic-sprache-语音"></a>' in page
    assert "#topic-sprache-" in gfm_html(page)
    assert len(titles_below(page)) == 3


@pytest.mark.parametrize(
    "name", ["# Title", "a | b", "<b>bold", "[x](y)", "*a*_b_", "x`y", "1. First", "> q"]
)
def test_a_topics_name_is_only_text(name: str) -> None:
    html = gfm_html(pages_of(archive_of([name]), config_of(name))["README.md"])
    heading = re.search(r"<h2><a name[^>]*></a>📚 (.*?)</h2>", html)
    assert heading
    assert "<" not in heading[1]


def test_topics_are_in_the_order_of_the_config_and_former_ones_come_last() -> None:
    archive = archive_of(["Gone", "B", "A", ""])
    pages = pages_of(archive, config_of("A", "B", "C"))
    assert [*titles_below(pages["README.md"])] == ["A", "B", "Gone", "Other papers"]
    run = archive.runs[invented.TODAY]
    page = pages_of(archive.with_run(replace(run, topics=("A", "Paused", "Gone"))), config_of("C"))[DAY_PAGE]
    assert [*titles_below(page)] == ["A", "Gone", "B", "Other papers"]
    paused = config_of("A", "B", topics=[{"name": "A", "paused": True}, {"name": "B", "keywords": ["x"]}])
    (line,) = re.findall(r"^\*\*Topics\*\*.*", pages_of(archive_of(["B"]), paused)["README.md"], re.MULTILINE)
    assert "A" not in line.replace("B", "")[12:]


def test_without_topics_nothing_speaks_of_them() -> None:
    page = pages_of(invented.archive(), invented.CONFIG)["README.md"]
    assert "**Topics**:" not in page
    assert "topic-" not in page


def test_each_paper_names_the_other_topics_that_it_matches() -> None:
    also_in = (TopicScore("B", Score(3.5)), TopicScore("C & D", Score(2.0)))
    page = pages_of(archive_of(["A"], also_in=also_in), config_of("A", "B", "C & D"))["README.md"]
    assert page.count("**Also in**: B (3.5), C &amp; D (2)  \n") == 6


def test_each_topic_has_its_share_of_a_page_without_space() -> None:
    """A busy topic of high scores leaves the best papers of the others their places and summaries."""
    long = replace(invented.summary(), text="word " * 2000)
    digest = invented.digest(90, 0)
    entries = sorted(digest.entries.values(), key=lambda entry: entry.rank)
    busy = [replace(entry, topic="Busy" if entry.rank <= 80 else "Quiet", summary=long) for entry in entries]
    page = pages_of(digest.with_entries(busy), config_of("Busy", "Quiet"))["README.md"]
    assert len(page.encode()) <= 450_000
    quiet = page[page.index('<a name="topic-quiet">') :]
    assert quiet.count("<strong>🤖 AI Summary") == 10
    assert page.count("no space for it here") == page.count("](archive/2025/2025-12-25.md#paper-") > 20


def test_related_papers_are_in_their_topic_also_where_none_matches() -> None:
    archive = archive_of(["A"])
    related = [
        replace(
            an_entry(f"2512.9800{number}", f"{invented.TODAY}"), topic=topic, shown=False, score=Score(0.0)
        )
        for number, topic in enumerate("AB", 1)
    ]
    page = pages_of(archive.with_related(invented.TODAY, related), config_of("A", "B", "C"))["README.md"]
    assert page.count("**Related, without your keywords**") == 2
    below_b = page[page.index('<a name="topic-b">') :]
    assert "2512.98002" in below_b
    assert "2512.98001" not in below_b
    assert below_b.splitlines()[2] == "No new paper matched."
    assert "- **C**: no new paper matched\n" in page


def test_an_overview_stands_in_its_topic_and_counts_its_papers() -> None:
    archive = archive_of(["A", "B"])
    second = in_topic(archive, "B")[1]
    sentences = tuple(OverviewSentence(f"Sentence {n}.", (second.paper.id,)) for n in range(2))
    record = replace(archive.runs[invented.TODAY], overviews=(Overview("B", sentences),))
    page = pages_of(archive.with_run(record), config_of("A", "B"))["README.md"]
    assert f"- Sentence 1\\. [[2]](#paper-{second.paper.id})".replace("\\.", ".") in page.replace("\\.", ".")
    assert page.index("Sentence 1") > page.index('<a name="topic-b">')


def test_the_page_says_by_what_rules_each_topic_lists_papers() -> None:
    topics = [
        {"name": "A", "keywords": ["KV cache", {"term": "LLM", "weight": 2}], "exclude_keywords": ["vision"]},
        {"name": "B", "keywords": ["agent"], "categories": ["cs.AI"], "min_score": 4, "max_papers": 7},
        {"name": "C", "keywords": ["x"], "paused": True},
    ]
    page = pages_of(archive_of(["A"]), config_of(topics=topics, keywords=[]))["README.md"]
    assert "- **A**: KV cache, LLM&nbsp;(weight&nbsp;2); authors watched:" in page
    assert "; excluded: vision; at least 2.5 points; the best 30 in full\n" in page
    assert "; only cs.AI; at least 4 points; the best 7 in full\n" in page
    assert "- **C**: paused\n" in page
    assert "**Keywords**:" not in page


def feeds_of(archive: Archive, config: Config) -> dict[str, Any]:
    feeds = render_feeds(archive, config, TEMPLATES)
    parse = feedparser.parse  # type: ignore[attr-defined]
    return {
        path.removeprefix("rss/"): parse(text.encode())  # type: ignore[no-untyped-call]
        for path, text in feeds.items()
    }


def test_a_feed_for_each_topic_whose_items_stay_the_same() -> None:
    feeds = feeds_of(archive_of(NAMES), config_of(*NAMES))
    mine = feeds["topic-systems-ml.xml"]
    assert mine.feed.title == "arXiv digest: Systems & ML"
    assert [item.id for item in mine.entries] == [
        f"oai:arXiv.org:{entry.paper.id}" for entry in in_topic(archive_of(NAMES), "Systems & ML")
    ]
    assert {item.id for item in mine.entries} < {item.id for item in feeds["rss.xml"].entries}
    other_case = config_of("Inference", "SYSTEMS & ML")
    assert feeds_of(archive_of(NAMES), other_case)["topic-systems-ml.xml"].entries == mine.entries


def test_the_feed_of_a_removed_topic_says_so_once_and_then_goes() -> None:
    archive = archive_of(["Old", "New"])
    said: list[list[tuple[str, str, str]]] = []
    archive = archive.with_run(replace(archive.runs[invented.TODAY], topics=("Old", "New")))
    for days in range(1, 35):
        date = invented.TODAY + dt.timedelta(days=days)
        archive = archive.with_run(a_run(date, topics=("New",)))
        feed = feeds_of(archive, config_of("New")).get("topic-old.xml")
        said.append([(item.title, item.id, item.published) for item in feed.entries] if feed else [])
    assert said[FAREWELL.days - 1] == said[0]
    assert said[FAREWELL.days :] == [[]] * 4
    assert said[0][0][0] == "The topic Old was removed or renamed"
    paused = config_of(topics=[{"name": "Old", "paused": True}, {"name": "New", "keywords": ["LLM"]}])
    assert len(feeds_of(archive, paused)["topic-old.xml"].entries) == 3


def test_the_file_of_a_feed_that_went_is_deleted_and_files_of_others_are_not(tmp_path: Path) -> None:
    before = render_feeds(archive_of(["Old"]), config_of("Old"), TEMPLATES, starred=["2512.00001"])
    before |= dict.fromkeys(("rss/cs.XX.xml", "rss/cs.XX.json", "rss/weekly.xml"), before["rss.xml"])
    write_files(tmp_path, {f"site/{path}": text for path, text in before.items()})
    own = tmp_path / "site" / "rss" / "topic-mine.xml"
    own.write_text("<rss/>")
    after = render_feeds(archive_of(["New"]), config_of("New"), TEMPLATES)
    remove_old_files(tmp_path, {"README.md"})
    assert (tmp_path / "site" / "rss" / "topic-old.xml").exists(), "this run wrote no feeds"
    files = {f"site/{path}": text for path, text in after.items()}
    write_files(tmp_path, files)
    papers = [entry.paper for entry in archive_of(["Old"]).shown(invented.TODAY)]
    for name, text in {"old": bibtex(papers), "empty": bibtex(()), "mine": "@article{me,\n}\n"}.items():
        write_files(tmp_path, {f"archive/topic-{name}.bib": text, f"archive/topic-{name}.ris": ris(papers)})
    removed = remove_old_files(tmp_path, files)
    assert sorted(removed) == [
        f"archive/topic-{name}" for name in ("empty.bib", "empty.ris", "old.bib", "old.ris")
    ]
    assert {path.stem for path in (tmp_path / "archive").iterdir()} == {"topic-mine"}
    assert {f"rss/{path.name}" for path in own.parent.iterdir()} == {
        *(after.keys() - {"rss.xml"}),
        *("rss/weekly.xml", "rss/topic-mine.xml"),
    }


def test_the_chart_counts_papers_a_day_by_topic() -> None:
    archive = archive_of(["A", "B", "A"], 6, 6)
    chart = topic_chart(archive, invented.TODAY)
    assert chart
    assert [(row.label, value) for row, value in zip(chart.gridlines, chart.values, strict=True)] == [
        ("A", "8"),
        ("B", "4"),
    ]
    assert [bar.label for bar in chart.bars] == ["A, 25 Dec: 8", "B, 25 Dec: 4"]
    assert chart.bars[0].height == 2 * chart.bars[1].height
    assert chart.text == "Papers by topic, 26 Nov to 25 Dec: A 8, B 4."
    assert topic_chart(invented.archive(), invented.TODAY) is None


def test_the_chart_of_very_many_topics_has_a_row_for_the_others() -> None:
    archive = archive_of([f"Topic {number}" for number in range(15)], 15, 15)
    chart = topic_chart(archive, invented.TODAY)
    assert chart
    assert len(chart.gridlines) == MAX_ROWS
    assert (chart.gridlines[-1].label, chart.values[-1]) == (OTHERS, "12")
    assert "archive/topics-dark.svg" in pages_of(archive, config_of("Topic 1"))
