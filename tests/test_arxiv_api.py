"""The papers of a span: complete or not at all, from answers as arXiv really gives them."""

import datetime as dt
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperbot.errors import SourceError
from paperbot.model import Paper
from paperbot.sources.arxiv_api import MINUTE, Page, fetch_whole, read_page
from paperbot.sources.http import InvalidResponse, Response
from tests.support.builders import a_paper, utc

RECORDED = Path(__file__).resolve().parents[2] / "shared" / "recorded" / "atom"
START, END = utc("2025-12-01T00:00:00"), utc("2025-12-08T00:00:00")
PAGE_SIZE = 10

ENTRY = """<entry><id>http://arxiv.org/abs/2512.99001v2</id><title>A
  Title</title><updated>2025-12-03T00:00:00Z</updated><summary>One
Two</summary><category term="cs.LG"/><category term="cs.AI"/><published>2025-12-02T00:00:00Z</published>
<arxiv:comment>5 pages</arxiv:comment><arxiv:primary_category term="cs.AI"/>
<author><name>Ada Example</name></author></entry>"""


def feed(*entries: str, total: int | None = None) -> Response:
    """An answer of the API, laid out as the recorded ones."""
    count = len(entries) if total is None else total
    body = (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns="http://www.w3.org/2005/Atom"'
        f' xmlns:arxiv="http://arxiv.org/schemas/atom"><opensearch:totalResults>{count}'
        f"</opensearch:totalResults>{''.join(entries)}</feed>"
    )
    return Response(200, "application/atom+xml", body.encode())


def test_an_entry_in_our_words() -> None:
    page = read_page(feed(ENTRY))
    assert page == Page(
        {
            "2512.99001": Paper(
                id="2512.99001",
                version=2,
                title="A Title",
                authors=("Ada Example",),
                abstract="One\nTwo",
                primary_category="cs.AI",
                categories=("cs.AI", "cs.LG"),
                published=utc("2025-12-02T00:00:00"),
                updated=utc("2025-12-03T00:00:00"),
                comment="5 pages",
            )
        },
        1,
    )


def test_an_entry_twice_is_one_paper() -> None:
    assert len(read_page(feed(ENTRY, ENTRY, total=1)).papers) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Response(200, "text/html", b"<html><body>Please wait.</body></html>"), "no Atom feed"),
        (Response(200, "text/plain", b"Rate exceeded."), "cut or broken"),
        (Response(200, "application/atom+xml", b""), "cut or broken"),
        (Response(200, "application/atom+xml", feed(ENTRY).body[:-20]), "cut or broken"),
        (feed(total=902), "says 902 papers and brings 0"),
        (feed(ENTRY, total=2), "says 2 papers and brings 1"),
        (feed(ENTRY, total=0), "says 0 papers and brings 1"),
        (
            feed(ENTRY.replace("<published>2025-12-02T00:00:00Z</published>", "")),
            "lacks its id, title or date",
        ),
        (feed(ENTRY.replace("2025-12-02T00:00:00Z", "yesterday")), "a date is no date"),
        (feed(ENTRY.replace("<title>A\n  Title</title>", "")), "lacks its id, title or date"),
        (feed(ENTRY.replace("<author><name>Ada Example</name></author>", "")), "lacks its authors"),
        (
            feed(ENTRY.replace('<arxiv:primary_category term="cs.AI"/>', "")),
            "lacks its authors or its primary",
        ),
        (feed(ENTRY.replace("http://arxiv.org/abs/2512.99001v2", "https://arxiv.org/api/errors#x")), "lacks"),
    ],
)
def test_a_broken_answer_is_no_short_answer(answer: Response, reason: str) -> None:
    with pytest.raises(InvalidResponse, match=reason):
        read_page(answer)


def test_an_entity_bomb_is_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + feed(ENTRY).body.partition(b"?>")[2]
    page = read_page(Response(200, "", bomb.replace(b"5 pages", b"&b;")))
    assert "aaaa" not in page.papers["2512.99001"].comment


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not at hand")
@pytest.mark.parametrize(
    ("name", "page_size", "papers"),
    [
        ("2026_cs.AI_LG_CL_25_entries.xml", 25, 25),
        ("2026_q_testing_100_entries.xml", 100, 100),
        ("2026_old_style_id_affiliations.xml", 1, 1),
        ("2026_old_style_id_with_version.xml", 1, 1),
        ("2026_two_ids_one_missing_nonascii.xml", 2, 1),
        ("2026_empty_unknown_id.xml", 2000, 0),
        ("2025-10_old_format_line_wrapped_2_entries.xml", 2, 2),
    ],
)
def test_real_answers_are_read(name: str, page_size: int, papers: int) -> None:
    page = read_page(Response(200, "", (RECORDED / name).read_bytes()), page_size)
    assert len(page.papers) == papers
    assert all(paper.categories[0] == paper.primary_category for paper in page.papers.values())


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not at hand")
@pytest.mark.parametrize("name", ["2022_empty_page_but_total_37211.xml", "2026_error_bad_id_http400.xml"])
def test_real_faults_are_refused(name: str) -> None:
    with pytest.raises(InvalidResponse):
        read_page(Response(200, "", (RECORDED / name).read_bytes()))


class Index:
    """arXiv's index as the API shows it: ten at a time, submission ascending, ties in no order."""

    def __init__(self, papers: list[Paper], tie_minutes: int = 0, seed: int = 0) -> None:
        self.papers = papers
        self.requests = 0
        self._tie_minutes = tie_minutes
        self._random = random.Random(seed)

    def ask(self, start: dt.datetime, end: dt.datetime) -> Page:
        self.requests += 1
        found = [paper for paper in self.papers if start <= paper.published <= end]
        width = max(1, self._tie_minutes * 60)
        found.sort(key=lambda paper: (paper.published.timestamp() // width, self._random.random()))
        return Page({paper.id: paper for paper in found[:PAGE_SIZE]}, len(found))


def papers_at(minutes: list[int]) -> list[Paper]:
    return [
        a_paper(f"2512.{number:05}", published=START + minute * MINUTE)
        for number, minute in enumerate(minutes)
    ]


@settings(max_examples=150, deadline=None)
@given(
    minutes=st.lists(st.integers(0, 7 * 24 * 60), unique=True, max_size=120),
    tie_minutes=st.sampled_from([0, 0, 60, 24 * 60]),
    seed=st.integers(0, 9),
)
def test_no_paper_lost_or_doubled_in_any_order(minutes: list[int], tie_minutes: int, seed: int) -> None:
    index = Index(papers_at(minutes), tie_minutes, seed)
    assert set(fetch_whole(index.ask, START, END)) == {paper.id for paper in index.papers}


@given(minutes=st.lists(st.integers(0, 7 * 24 * 60), unique=True, max_size=120))
def test_as_few_requests_as_the_pages_hold(minutes: list[int]) -> None:
    index = Index(papers_at(minutes))
    fetch_whole(index.ask, START, END)
    assert index.requests <= 1 + len(minutes) // (PAGE_SIZE - 1)


def test_more_papers_in_a_minute_than_a_page_holds() -> None:
    index = Index(papers_at([60] * (PAGE_SIZE + 1)))
    with pytest.raises(SourceError, match="11 papers were submitted at 2025-12-01 01:00"):
        fetch_whole(index.ask, START, END)
