"""Picks and library in whole runs: what they change, what is fetched and kept, what stays private."""

import datetime as dt
import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from paperbot.archive import Archive
from paperbot.archive.store import load_archive, write_archive
from paperbot.config import Config
from paperbot.digest import related_papers, with_todays_digest
from paperbot.interests_report import explain_interests
from paperbot.model import KeptText, LibraryEntry, Paper
from paperbot.ranking.interests import Interests, rank_topics
from paperbot.ranking.picks import PickKind
from paperbot.ranking.proposals import propose_keywords
from paperbot.reader import load_library, unknown_picks, with_kept_texts
from paperbot.render.repository import RepositoryInfo
from paperbot.sources.bib_address import fetch_bib
from paperbot.sources.window import FetchedWindow
from tests.support.builders import a_config, a_paper, an_archive, an_entry, utc
from tests.support.december import real_papers

NARROW = {"keywords": ["KV cache", "speculative decod*", "quantiz*"], "min_score": 1}
DAY = dt.date(2025, 12, 24)


def fetched(papers: list[Paper], now: str = "2025-12-24T08:17") -> FetchedWindow:
    return FetchedWindow(utc(now), utc("2025-12-17T00:00"), {paper.id: paper for paper in papers})


def digest(
    papers: list[Paper], archive: Archive | None = None, now: str = "2025-12-24T08:17", **given: object
) -> Archive:
    return with_todays_digest(archive or Archive(), fetched(papers, now), a_config(**(NARROW | given)))


def stored(archive: Archive, root: Path) -> Archive:
    """As the next run loads it."""
    write_archive(root, archive, Archive())
    return load_archive(root, min(archive.dates))


def in_order_of_ids() -> list[Paper]:
    return sorted(real_papers(), key=lambda paper: paper.id)[-900:]


def test_related_papers_are_listed_once_and_counted_apart(tmp_path: Path) -> None:
    papers = in_order_of_ids()
    first = digest(papers[:600])
    related = first.related_of(DAY)
    assert len(related) == first.runs[DAY].related == 5
    assert all(entry.likeness and entry.likeness.value > 0 and not entry.score.matches for entry in related)
    assert not {entry.paper.id for entry in related} & set(first.entries)
    assert first.runs[DAY].new == len(first.of(DAY))
    loaded = stored(first, tmp_path)
    assert not any(entry.paper.abstract for entry in loaded.related.values())
    for archive in (first, loaded):
        assert digest(papers[:600], archive, "2025-12-24T13:47").related == first.related
    later = digest(papers, first, "2025-12-25T08:17")
    new = later.related_of(DAY + dt.timedelta(days=1))
    assert new
    assert not {entry.paper.id for entry in new} & {paper.id for paper in papers[:600]}


@pytest.mark.parametrize(
    "given", [{"interests": {"related": 0}}, {"interests": {"weight": 0}}, {"max_papers": 1}]
)
def test_related_papers_can_be_turned_off_and_take_free_places_only(given: dict[str, Any]) -> None:
    archive = digest(in_order_of_ids()[:600], **given)
    assert archive.of(DAY)
    assert archive.related == {}


def test_a_related_paper_that_matches_later_is_shown_once_and_says_so() -> None:
    papers = in_order_of_ids()[:600]
    first = digest(papers)
    wanted = first.related_of(DAY)[0].paper
    word = max(wanted.title.split(), key=len)
    after = digest(papers, first, "2025-12-25T08:17", keywords=[word], min_score=0)
    entry = after.entries[wanted.id]
    assert (entry.digest_date, entry.related_on) == (DAY + dt.timedelta(days=1), DAY)
    same_day = digest(papers, first, "2025-12-24T13:47", keywords=[word], min_score=0)
    assert same_day.entries[wanted.id].related_on is None
    assert wanted.id not in same_day.related
    assert same_day.runs[DAY].related == len(same_day.related) > 0


def test_no_related_papers_on_a_day_without_a_match() -> None:
    config = a_config(**NARROW)
    rankings = rank_topics(in_order_of_ids(), config.topic_rules, (), {}, 1.0)
    assert related_papers(Archive(), rankings, DAY, 5) == []


class Arxiv:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetch_by_ids(self, ids: list[str]) -> object:
        self.asked += ids
        found = {paper_id: a_paper(paper_id) for paper_id in ids if not paper_id.endswith("404")}
        return type("Found", (), {"papers": found, "broken": ()})()


def test_texts_are_fetched_once_and_private_ones_never() -> None:
    arxiv = Arxiv()
    shown = an_entry("2512.99001")
    library = (
        LibraryEntry("Public", arxiv_id="2512.99002"),
        LibraryEntry("Private", arxiv_id="2512.99003", is_private=True),
        LibraryEntry("Has one", "An abstract.", "2512.99004"),
    )
    interests = Interests({"2512.99001": PickKind.STAR, "2512.99404": PickKind.SKIP}, library)
    archive = with_kept_texts(an_archive(shown), interests, {}, arxiv)  # type: ignore[arg-type]
    assert arxiv.asked == ["2512.99404", "2512.99002"]
    assert archive.kept_texts["2512.99404"] == KeptText("2512.99404")
    assert [str(problem) for problem in unknown_picks(interests.picks, archive)] == [
        "picks: 2512.99404 is not used: arXiv has no paper of this id."
    ]
    again = replace(interests, kept_texts=archive.kept_texts)
    assert with_kept_texts(archive, again, {}, arxiv) is archive  # type: ignore[arg-type]
    assert len(arxiv.asked) == 2


def test_kept_texts_are_written_and_read_again(tmp_path: Path) -> None:
    papers = in_order_of_ids()[:600]
    archive = digest(papers).with_kept_texts([KeptText("2512.99001", "T", "A", ("B",))])
    assert replace(stored(archive, tmp_path), related={}) == replace(archive, related={})


BIB = b"@article{a, title={A KV cache}, eprint={2512.99001}}"


@pytest.fixture
def bib_server() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/library.bib")
            else:
                self.send_response(200 if self.path == "/library.bib" else 404)
            self.end_headers()
            self.wfile.write(BIB)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_secret_library_is_read_and_its_address_never_said(bib_server: str, tmp_path: Path) -> None:
    (entry,), problems = load_library(tmp_path, Config(), f"{bib_server}/moved")
    assert (entry.title, entry.is_private, problems) == ("A KV cache", True, ())
    for address in (
        f"{bib_server}/gone-secret",
        "http://127.0.0.1:9/secret",
        "no address: secret",
        "file:///secret",
    ):
        entries, (problem,) = load_library(tmp_path, Config(), address)
        assert entries == ()
        assert "secret" not in str(problem)
        with pytest.raises(ValueError, match="its (server|address)"):
            fetch_bib(address)


def test_the_report_names_files_and_lines_but_no_titles() -> None:
    library = (
        LibraryEntry("A KV cache", "We quantize.", origin="my.bib:1"),
        LibraryEntry("Secret bees", origin="my.bib:7"),
    )
    interests = Interests({"2512.99001": PickKind.STAR}, library)
    lines = "\n".join(explain_interests(a_config(**NARROW), Archive(), interests))
    assert "You starred 1 paper and skipped no papers; your library has 2 entries." in lines
    assert "1 of them count" in lines
    assert "no keyword of yours is in them: my.bib:7." in lines
    assert "fetched by the next run: picks/2512.99001." in lines
    assert "half the weight, since they have no abstract: my.bib:7." in lines
    assert "bees" not in lines
    off = explain_interests(a_config(interests={"weight": 0}), Archive(), interests)
    assert list(off) == ["Papers are ranked by keywords alone: interests.weight is 0."]


def test_proposed_keywords_come_once_a_week_and_never_three_weeks_in_a_row() -> None:
    papers = in_order_of_ids()
    archive, proposed = Archive(), []
    for date in ("12-01", "12-02", "12-08", "12-09", "12-15", "12-22", "12-29", "01-05", "01-12"):
        day = f"{2025 if date[0] == '1' else 2026}-{date}"
        for few_or_all in (papers[:9], papers):  # in too few papers there is nothing to propose
            archive = digest(few_or_all, archive, f"{day}T08:17", interests={"weight": 0})
        run = archive.runs[dt.date.fromisoformat(day)]
        proposed.append({one.term for one in run.proposals})
    first, second = proposed[2], proposed[5]
    assert proposed == [set(), set(), first, set(), first, second, first, first, second]
    assert first and second and not first & second


def test_a_proposal_says_what_it_would_have_added() -> None:
    papers = in_order_of_ids()
    (ranking,) = rank_topics(papers, a_config(**NARROW).topic_rules, (), {}, 0.0)
    first = propose_keywords(ranking, (), ())[0]
    before = {one.paper.id for one in ranking.assessments if one.is_match}
    config = a_config(**(NARROW | {"keywords": [*NARROW["keywords"], first.term]}))  # type: ignore[misc]
    (after,) = rank_topics(papers, config.topic_rules, (), {}, 0.0)
    added = {one.paper.id for one in after.assessments if one.is_match} - before
    assert first.papers == len(added) > 0
    assert propose_keywords(ranking, added, ())[0].starred == len(added)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("No papers, however, have increasingly demonstrated 10x improvements in 2025", []),
        ("Further researchers typically conducted thorough analyses", []),
        (
            "Anomaly detection in the power supply of a family",
            ["anomaly", "detection", "family", "power", "supply"],
        ),
    ],
)
def test_words_that_any_abstract_may_have_are_not_proposed(sentence: str, expected: list[str]) -> None:
    best = [a_paper(str(n), title=f"KV cache {sentence}", abstract="") for n in range(15)]
    like = [a_paper(str(n), title=sentence, abstract="") for n in range(15, 20)]
    others = [a_paper(str(n), title="Bees", abstract="") for n in range(20, 250)]
    rules = a_config(keywords=["KV cache"], min_score=1).topic_rules
    (ranking,) = rank_topics([*best, *like, *others], rules, (), {}, 0.0)
    assert sorted(one.term for one in propose_keywords(ranking, (), ())) == expected


def test_nothing_is_proposed_from_papers_without_keywords() -> None:
    rules = a_config(keywords=["galaxy cluster"], min_score=1).topic_rules
    (ranking,) = rank_topics(in_order_of_ids(), rules, (), {}, 0.0)
    assert propose_keywords(ranking, (), ()) == []


def test_links_to_pick_a_paper_lead_to_githubs_forms() -> None:
    info = RepositoryInfo(repository="o/r", branch="my branch", folder="bot/")
    form = "https://github.com/o/r"
    assert (
        info.star_url("2512.20276") == f"{form}/new/my%20branch?filename=bot/picks/2512.20276&value=star%0A"
    )
    assert info.skip_url("math/0309136").endswith("?filename=bot/picks/math_0309136&value=skip%0A")
    assert info.taken_back_url("2512.20276") == f"{form}/delete/my%20branch/bot/picks/2512.20276"
    assert not RepositoryInfo().star_url("2512.20276")
