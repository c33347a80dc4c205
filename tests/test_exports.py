"""Files for reference managers, JSON feeds and the reading list: written where they belong, and readable."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
import rispy
from pybtex.database import parse_string

from paperbot.archive import Archive
from paperbot.archive.store import (
    changed_files,
    load_archive,
    with_months_of,
    with_single_entries,
    write_archive,
)
from paperbot.config import Config
from paperbot.model import Change, ChangeKind, KeptText, TlDr
from paperbot.ranking.picks import PickKind
from paperbot.reading_list import make_reading_list
from paperbot.render.exports import archive_exports, feed_exports
from paperbot.render.feeds import READING_LIST_FEED, render_feeds
from paperbot.render.pages import render_pages
from paperbot.render.templating import load_templates
from tests.support import invented
from tests.support.builders import a_paper, an_entry

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = load_templates(ROOT, ROOT / "templates")
HOME = "https://github.com/someone/papers"
ARCHIVE = invented.archive()
SHOWN = [entry.paper.id for entry in ARCHIVE.shown(invented.TODAY)]
STARRED = {SHOWN[2], SHOWN[0], "1706.03762", ARCHIVE.digests[min(ARCHIVE.digests)][0].paper.id}
READING_LIST = make_reading_list(ARCHIVE, STARRED)


def ids_in_bibtex(text: str) -> list[str]:
    return [entry.fields["eprint"] for entry in parse_string(text, "bibtex").entries.values()]


def ids_in_ris(text: str) -> list[str]:
    return [entry["accession_number"].removeprefix("arXiv:") for entry in rispy.loads(text)]


def test_files_beside_a_digests_page_and_the_reading_list() -> None:
    files = archive_exports(ARCHIVE, {invented.TODAY}, (), READING_LIST, TEMPLATES)
    day, stars = "archive/2025/2025-12-25", "archive/reading-list"
    assert set(files) == {path + ending for path in (day, stars) for ending in (".bib", ".ris")}
    assert ids_in_bibtex(files[day + ".bib"]) == ids_in_ris(files[day + ".ris"]) == SHOWN
    assert "abstract" not in files[day + ".bib"]
    listed = [entry.paper.id for entry in READING_LIST.entries]
    assert ids_in_bibtex(files[stars + ".bib"]) == ids_in_ris(files[stars + ".ris"]) == listed
    assert "abstract" in files[stars + ".bib"]


def test_each_feed_of_the_site_has_the_same_papers_in_other_formats() -> None:
    config = Config()
    feeds = render_feeds(ARCHIVE, config, TEMPLATES, HOME, STARRED)
    assert READING_LIST_FEED in feeds
    files = feed_exports(ARCHIVE, config, TEMPLATES, HOME, STARRED)
    paths = [path.removesuffix(".xml") for path in feeds]
    assert set(files) == {path + ending for path in paths for ending in (".json", ".bib", ".ris")}
    for path, feed in feeds.items():
        name = path.removesuffix(".xml")
        json_feed = json.loads(files[name + ".json"])
        ids = [item["id"].removeprefix("oai:arXiv.org:") for item in json_feed["items"]]
        assert feed.count("<item>") == len(ids)
        assert all(f"oai:arXiv.org:{paper_id}<" in feed for paper_id in ids)
        assert ids_in_bibtex(files[name + ".bib"]) == ids_in_ris(files[name + ".ris"]) == ids
        assert json_feed["version"] == "https://jsonfeed.org/version/1.1"
        for item in json_feed["items"]:  # what the specification demands
            assert item["content_html"] and item["url"].startswith("https://") and item["title"]
            dates = [item[name] for name in ("date_published", "date_modified") if name in item]
            assert all(dt.datetime.fromisoformat(date).tzinfo for date in dates)
            assert dates == sorted(dates)
            assert all(author.keys() == {"name"} for author in item["authors"])
        assert json_feed["feed_url"].endswith(f"/{name}.json")
        for text in (json_feed["description"], feed):
            assert "Thank you to arXiv for use of its open access interoperability." in text


def test_the_reading_list() -> None:
    first, *others = READING_LIST.entries
    change = Change(ChangeKind.ACCEPTED, invented.TODAY, "ICML 2026", 2)
    told = replace(first, changes=(change,), tldr=TlDr("It is fast."))
    reading_list = READING_LIST.with_entries([told, *others])
    repository = replace(invented.REPOSITORY, picks=dict.fromkeys(STARRED, PickKind.STAR))
    pages = render_pages(ARCHIVE, invented.CONFIG, TEMPLATES, repository, reading_list=reading_list)
    page = pages["archive/reading-list.md"]
    places = [page.index(f"abs/{entry.paper.id})") for entry in reading_list.entries]
    assert len(places) == 3
    assert places == sorted(places)
    dates = [entry.digest_date for entry in reading_list.entries]
    assert dates == sorted(dates, reverse=True)
    for words in ("It is fast.", "accepted at ICML 2026", "(https://arxiv.org/abs/1706.03762)"):
        assert words in page
    assert "reading-list.md" not in render_pages(ARCHIVE, invented.CONFIG, TEMPLATES, invented.REPOSITORY)


@pytest.mark.parametrize(
    ("starred", "words"),
    [
        ([], "No starred papers."),
        (["1706.03762"], "Starred, but in no digest: [1706\\.03762](https://arxiv.org/abs/1706.03762)"),
    ],
)
def test_a_reading_list_without_a_paper_of_a_digest(starred: list[str], words: str) -> None:
    reading_list = make_reading_list(ARCHIVE, starred)
    pages = render_pages(ARCHIVE, invented.CONFIG, TEMPLATES, invented.REPOSITORY, reading_list=reading_list)
    assert f"\n{words}\n" in pages["archive/reading-list.md"]
    assert "newest first" not in pages["archive/reading-list.md"]


def test_starred_papers_that_a_digest_lists_by_title_or_as_related_are_in_the_list_and_its_files() -> None:
    by_title, related, matched = (
        an_entry(f"2512.0000{n}", shown=False, paper=a_paper(f"2512.0000{n}", abstract="")) for n in (1, 2, 3)
    )
    archive = Archive().with_entries([by_title, replace(matched, digest_date=invented.TODAY)])
    archive = archive.with_related(related.digest_date, [related, matched])
    archive = archive.with_kept_texts(KeptText(paper_id, "T", "From arXiv.") for paper_id in ("2512.00001",))
    starred = {"2512.00001", "2512.00002", "2512.00003"}
    reading_list = make_reading_list(archive, starred)
    assert {(entry.paper.id, entry.digest_date) for entry in reading_list.entries} == {
        ("2512.00001", by_title.digest_date),
        ("2512.00002", related.digest_date),
        ("2512.00003", invented.TODAY),
    }
    assert reading_list.unknown_ids == ()
    files = archive_exports(archive, (), (), reading_list, TEMPLATES)
    files |= feed_exports(archive, Config(), TEMPLATES, HOME, starred)
    for path in ("archive/reading-list", READING_LIST_FEED.removesuffix(".xml")):
        assert set(ids_in_bibtex(files[f"{path}.bib"])) == set(ids_in_ris(files[f"{path}.ris"])) == starred
        assert "From arXiv." in files[f"{path}.bib"]
    feed = render_feeds(archive, Config(), TEMPLATES, HOME, starred)[READING_LIST_FEED]
    assert feed.count("<item>") == 3


def test_old_months_with_a_starred_paper_are_loaded(tmp_path: Path) -> None:
    entries = [
        an_entry(f"{year}11.00001", f"20{year}-11-20", paper=a_paper(f"{year}11.00001"))
        for year in (21, 22, 25)
    ]
    whole = Archive().with_entries(entries)
    write_archive(tmp_path, whole, Archive())
    related = an_entry("2211.00002", "2022-11-20", shown=False, paper=a_paper("2211.00002", abstract=""))
    write_archive(tmp_path, Archive().with_related(related.digest_date, [related]), Archive())
    recent = load_archive(tmp_path, entries[-1].digest_date)
    assert set(recent.entries) == {"2511.00001"}
    starred = {"2111.00001", "2211.00002", "1706.03762"}
    single = with_single_entries(tmp_path, recent, starred)
    months = with_single_entries(tmp_path, with_months_of(tmp_path, recent, starred), starred)
    assert set(months.entries) == {"2111.00001", "2511.00001"}
    assert (single.entries, single.digests) == (recent.entries, recent.digests)
    assert make_reading_list(single, starred) == make_reading_list(months, starred)
    assert {entry.paper.id for entry in make_reading_list(single, starred).entries} == {
        "2111.00001",
        "2211.00002",
    }
    assert make_reading_list(single, starred).unknown_ids == ("1706.03762",)
    assert recent.dates == months.dates == single.dates == whole.dates
    assert changed_files(single, recent) == changed_files(months, months) == {}
