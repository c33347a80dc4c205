"""What `--check` says of each keyword."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from paperbot.archive import Archive
from paperbot.keyword_report import NO_DIGEST, explain_keywords, matched_papers
from paperbot.model import Entry, Match, Score, TopicScore
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld
from tests.support.builders import a_config, a_paper, an_entry
from tests.support.fork import Fork

DATE = dt.date(2025, 12, 24)


def shown(paper_id: str, title: str, **given: Any) -> Entry:
    """Its abstract is at hand."""
    return an_entry(paper_id, paper=a_paper(paper_id, title=title, **given), score=Score(1.0))


def listed(paper_id: str, *keywords: str) -> Entry:
    """Only what it matched on its day is known."""
    matches = tuple(Match(keyword, 1.0, False, True) for keyword in keywords)
    paper = a_paper(paper_id, title="LLM", abstract="")
    return an_entry(paper_id, paper=paper, shown=False, score=Score(1.0, matches))


def digest_of(*entries: Entry) -> Archive:
    return Archive().with_entries(entries)


def test_papers_shown_in_full_are_counted_by_the_config_of_today() -> None:
    digest = (shown("1", "LLM and RL"), shown("2", "LLMs for worlds"))
    config = a_config(keywords=["LLM", "RL", "Kernel"])
    assert matched_papers(config.topic_rules[0], digest) == {"LLM": 2, "RL": 1, "Kernel": 0}
    config = a_config(keywords=["LLM", "RL"], match="substring")
    assert matched_papers(config.topic_rules[0], digest) == {"LLM": 2, "RL": 2}


def test_papers_listed_by_title_are_counted_as_they_were_scored() -> None:
    digest = (listed("1", "RL"), listed("2", "RL", "Kernel", "gone"))
    assert matched_papers(a_config(keywords=["LLM", "RL", "Kernel"]).topic_rules[0], digest) == {
        "LLM": 0,
        "RL": 2,
        "Kernel": 1,
    }


def test_watched_authors_are_counted_too() -> None:
    digest = (shown("1", "x", authors=("Yóshua Bengio",)), shown("2", "y"))
    config = a_config(keywords=["LLM"], watch_authors=["Yoshua Bengio"])
    assert matched_papers(config.topic_rules[0], digest) == {"LLM": 0, "Yoshua Bengio": 1}


def test_in_words_the_most_frequent_first() -> None:
    config = a_config(keywords=["RL", "LLM", "Kernle"], exclude_keywords=["survey"])
    digest = digest_of(shown("1", "LLM and RL"), shown("2", "LLMs"), listed("3", "LLM"))
    assert list(explain_keywords(config, digest)) == [
        "Of the 3 papers in the digest of Wednesday 24 December 2025, this many have your keywords:",
        "     3  LLM",
        "     1  RL",
        "     0  Kernle",
        "In every paper, so of no use for the order: LLM.",
        "In no paper, so rare or misspelt: Kernle.",
        "New keywords were counted only in the 2 papers shown in full; "
        "the archive has no abstracts of the others.",
        "Excluded keywords can't be counted: the archive does not have the papers that they exclude.",
    ]


def test_topic_by_topic() -> None:
    topics = [
        {"name": "Inference", "keywords": ["LLM", "RL"]},
        {"name": "Agents", "keywords": ["agent"]},
        {"name": "Later", "keywords": ["x"], "paused": True},
    ]
    config = a_config(topics=topics, exclude_keywords=[])
    also = TopicScore("Agents", Score(1.0, (Match("agent", 1.0, False, True),)))
    entries = (
        replace(shown("1", "LLM agents"), topic="Inference"),
        replace(listed("2", "RL"), topic="Inference", also_in=(also,)),
    )
    assert list(explain_keywords(config, digest_of(*entries))) == [
        "Of the 2 papers in the digest of Wednesday 24 December 2025, this many have your keywords:",
        "Topic Inference (2 papers):",
        "     1  LLM",
        "     1  RL",
        "Topic Agents (no papers):",
        "     2  agent",
        "In every paper, so of no use for the order: agent.",
        "Topic Later: paused.",
        "New keywords were counted only in the 1 paper shown in full; "
        "the archive has no abstracts of the others.",
    ]


def test_one_paper_says_nothing_about_everything() -> None:
    lines = list(
        explain_keywords(a_config(keywords=["LLM"], exclude_keywords=[]), digest_of(shown("1", "LLM")))
    )
    assert lines == [
        "Of the 1 paper in the digest of Wednesday 24 December 2025, this many have your keywords:",
        "     1  LLM",
    ]


def test_without_an_archive_nothing_is_made_up(tmp_path: Path) -> None:
    with SampleWorld() as world:
        fork = Fork.of_sample(tmp_path, world)
        ran = fork.run(SAMPLE_CLOCKS[0], "--check")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"{fork.config} and the templates are all right.",
        NO_DIGEST,
        "You starred no papers and skipped no papers; your library has no entries.",
    ]


def test_of_the_newest_digest_however_old_it_is(tmp_path: Path) -> None:
    with SampleWorld(SAMPLE_CLOCKS[0]) as world:
        fork = Fork.of_sample(tmp_path, world)
        fork.run(SAMPLE_CLOCKS[0], "--no-summaries")
        before = fork.published()
        ran = fork.run(SAMPLE_CLOCKS[0] + dt.timedelta(days=400), "--check")
    assert (
        "Of the 8 papers in the digest of Monday 22 December 2025, this many have your keywords:\n" in ran.out
    )
    assert "     5  LLM\n" in ran.out
    assert fork.published() == before
