"""The papers of a span: complete or not at all, from answers as arXiv really gives them."""

import datetime as dt
import random
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperbot.errors import SourceError
from paperbot.model import Paper
from paperbot.sources.arxiv_api import MINUTE, ArxivSource
from paperbot.sources.atom import BrokenEntry, Page, read_page
from paperbot.sources.http import InvalidResponse
from tests.support.builders import a_paper, utc

RECORDED = Path(__file__).parent / "data" / "atom"
START, END = utc("2025-12-01T00:00:00"), utc("2025-12-08T00:00:00")
PAGE_SIZE = 10

ENTRY = """<entry><id>http://arxiv.org/abs/2512.99001v2</id><title>A
  Title</title><updated>2025-12-03T00:00:00Z</updated><summary>One
Two</summary><category term="cs.LG"/><category term="cs.AI"/><published>2025-12-02T00:00:00Z</published>
<arxiv:comment>5 pages</arxiv:comment><arxiv:journal_ref>J. Ex. 1
(2025)</arxiv:journal_ref><arxiv:doi>10.5555/1</arxiv:doi><arxiv:primary_category term="cs.AI"/>
<author><name>Ada Example</name></author></entry>"""


ADDRESS = "http://arxiv.org/abs/2512.99001v2"
OTHER = ENTRY.replace("2512.99001", "2512.99002")


def feed(*entries: str, total: int | str | None = None) -> bytes:
    """An answer of the API, laid out as the recorded ones."""
    count = len(entries) if total is None else total
    body = (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns="http://www.w3.org/2005/Atom"'
        f' xmlns:arxiv="http://arxiv.org/schemas/atom"><opensearch:totalResults>{count}'
        f"</opensearch:totalResults>{''.join(entries)}</feed>"
    )
    return body.encode()


def test_an_entry_in_our_words() -> None:
    page = read_page(feed(ENTRY), 2000)
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
                journal_ref="J. Ex. 1 (2025)",
                doi="10.5555/1",
            )
        },
        1,
    )


def test_an_entry_twice_is_one_paper() -> None:
    assert len(read_page(feed(ENTRY, ENTRY, total=1), 2000).papers) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"<html><body>Please wait.</body></html>", "no Atom feed"),
        (b"Rate exceeded.", "cut or broken"),
        (b"", "cut or broken"),
        (feed(ENTRY)[:-20], "cut or broken"),
        (feed(total=902), "says 902 papers and has 0"),
        (feed(ENTRY, total=2), "says 2 papers and has 1"),
        (feed(ENTRY, total=0), "says 0 papers and has 1"),
        (feed(ENTRY, total="²"), "does not say how many"),
        (feed(ENTRY, total="-1"), "does not say how many"),
        (feed(ENTRY, total="9" * 5000), "does not say how many"),
        (feed(ENTRY, total=""), "does not say how many"),
        (
            feed(ENTRY.replace(ADDRESS, "https://arxiv.org/api/errors#x")),
            "an error: One",
        ),
        (feed(ENTRY) + b"\0", "cut or broken"),
        (feed(ENTRY).replace(b"UTF-8", b"no-such-charset"), "cut or broken"),
        (feed(ENTRY).replace(b"2005/Atom", b"2005/Other"), "no Atom feed"),
        (
            feed(ENTRY, OTHER).replace(b"</summary>", b"").replace(b"<id>", b""),
            "answer",
        ),
        (b"<" * 100_000, "cut or broken"),
        (b"<a>" * 100_000, "cut or broken"),
    ],
)
def test_a_broken_answer_is_no_short_answer(answer: bytes, reason: str) -> None:
    with pytest.raises(InvalidResponse, match=reason):
        read_page(answer, 2000)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("<published>2025-12-02T00:00:00Z</published>", "", "lacks its date"),
        ("2025-12-02T00:00:00Z", "yesterday", "lacks its date"),
        ("2025-12-02T00:00:00Z", "0001-01-01T00:00:00+14:00", "lacks its date"),
        ("2025-12-02T00:00:00Z", "9999-12-31T23:59:59-14:00", "lacks its date"),
        ("2025-12-02T00:00:00Z", "２０２５-12-02T00:00:00Z", "lacks its date"),
        ("2025-12-02T00:00:00Z", "1766000000", "lacks its date"),
        ("<title>A\n  Title</title>", "", "lacks its title"),
        ("<author><name>Ada Example</name></author>", "", "lacks its authors"),
        ("Ada Example", " : ", "lacks its authors"),
        ("<name>Ada Example</name>", "", "lacks its authors"),
        ('<arxiv:primary_category term="cs.AI"/>', "", "lacks its primary category"),
        ('<arxiv:primary_category term="cs.AI"/>', "<arxiv:primary_category/>", "lacks its primary category"),
        ("One\nTwo", "a & b", "is not well-formed"),
        ("One\nTwo", "a \0 b", "is not well-formed"),
        ("One\nTwo", "a < b", "is not well-formed"),
        ("One\nTwo", "&nbsp;", "is not well-formed"),
        ("One\nTwo", "&#0;", "is not well-formed"),
        ("One\nTwo", "\ufffe", "is not well-formed"),
        ("</summary>", "", "is not well-formed"),
        (ADDRESS, "http://arxiv.org/abs/2512.99001", "has no valid version"),
        (ADDRESS, "http://arxiv.org/abs/2512.99001v²", "has no valid version"),
        (
            "http://arxiv.org/abs/2512.99001v2",
            "http://arxiv.org/abs/2512.99001v" + "9" * 5000,
            "has no valid version",
        ),
        (ADDRESS, "http://arxiv.org/abs/../../etcv1", "has no valid id"),
        ("<id>http://arxiv.org/abs/2512.99001v2</id>", "", "has no valid id"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_one_broken_entry_does_not_cost_the_others(old: str, new: str, problem: str, is_first: bool) -> None:
    assert old in ENTRY
    entries = [ENTRY.replace(old, new), OTHER] if is_first else [OTHER, ENTRY.replace(old, new)]
    with pytest.raises(InvalidResponse, match="broken entries") as error:
        read_page(feed(*entries), 2000)
    page = error.value.usable
    name = "" if "id" in problem.split() else "2512.99001"
    assert (list(page.papers), page.broken) == (["2512.99002"], (BrokenEntry(name, problem),))
    assert page.is_whole


def test_an_answer_of_broken_entries_is_broken() -> None:
    entries = [ENTRY.replace("2512.99001", f"2512.{n:05}").replace("Ada Example", "") for n in range(6)]
    with pytest.raises(InvalidResponse) as error:
        read_page(feed(*entries), 2000)
    assert error.value.usable is None


def author(name: str) -> str:
    return f"<author><name>{name}</name></author>"


def test_odd_but_readable_answers() -> None:
    entry = ENTRY.replace("<published>2025-12-02T00:00:00Z", "<published> 2025-12-02T01:00:00+01:00\n")
    team = entry.replace("<author>", f"{author('NVIDIA')}{author(':')}<author>")
    nested = team.replace("One", "<entry>One</entry>")
    page = read_page(b"\xef\xbb\xbf" + feed(nested), 2000)
    assert read_page(b"\r\n " + feed(nested), 2000) == page
    (paper,) = page.papers.values()
    assert (paper.published, paper.authors) == (utc("2025-12-02T00:00:00"), ("NVIDIA", "Ada Example"))
    older = ENTRY.replace("2512.99001v2", "2512.99001v1")
    assert read_page(feed(older, ENTRY, total=1), 2000).papers["2512.99001"].version == 2


def test_an_entity_bomb_is_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + feed(ENTRY).partition(b"?>")[2]
    page = read_page(bomb.replace(b"5 pages", b"&b;"), 2000)
    assert "aaaa" not in page.papers["2512.99001"].comment


@pytest.mark.parametrize(
    ("name", "page_size", "papers"),
    [
        ("2026_old_style_id_affiliations.xml", 1, 1),
        ("2026_old_style_id_with_version.xml", 1, 1),
        ("2026_two_ids_one_missing_nonascii.xml", 2, 1),
        ("2026_empty_unknown_id.xml", 2000, 0),
        ("2025-10_old_format_line_wrapped_2_entries.xml", 2, 2),
    ],
)
def test_real_answers_are_read(name: str, page_size: int, papers: int) -> None:
    page = read_page((RECORDED / name).read_bytes(), page_size)
    assert len(page.papers) == papers
    assert all(paper.categories[0] == paper.primary_category for paper in page.papers.values())


@pytest.mark.parametrize("name", ["2022_empty_page_but_total_37211.xml", "2026_error_bad_id_http400.xml"])
def test_real_faults_are_refused(name: str) -> None:
    with pytest.raises(InvalidResponse):
        read_page((RECORDED / name).read_bytes(), 2000)


class Index:
    """arXiv's index as the API shows it: ten at a time, submission ascending, ties in no order."""

    def __init__(self, papers: list[Paper], tie_minutes: int = 0, seed: int = 0) -> None:
        self.papers = papers
        self.requests = 0
        self._tie_minutes = tie_minutes
        self._random = random.Random(seed)

    def fetch(self, url: str, read: object, **_: object) -> Page:
        self.requests += 1
        query = dict(parse_qsl(urlsplit(url).query))["search_query"]
        start, end = (
            dt.datetime.strptime(stamp, "%Y%m%d%H%M").replace(tzinfo=dt.UTC)
            for stamp in re.findall(r"\d{12}", query)
        )
        found = [paper for paper in self.papers if start <= paper.published <= end]
        width = max(1, self._tie_minutes * 60)
        found.sort(key=lambda paper: (paper.published.timestamp() // width, self._random.random()))
        return Page({paper.id: paper for paper in found[:PAGE_SIZE]}, len(found))

    def fetch_span(self) -> set[str]:
        source = ArxivSource(self, "http://arxiv", 0)  # type: ignore[arg-type]
        return set(source.fetch_span(["cs.LG"], START, END).papers)


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
    assert index.fetch_span() == {paper.id for paper in index.papers}


@given(minutes=st.lists(st.integers(0, 7 * 24 * 60), unique=True, max_size=120))
def test_as_few_requests_as_the_pages_hold(minutes: list[int]) -> None:
    index = Index(papers_at(minutes))
    index.fetch_span()
    assert index.requests <= 1 + len(minutes) // (PAGE_SIZE - 1)


def test_more_papers_in_a_minute_than_a_page_holds() -> None:
    index = Index(papers_at([60] * (PAGE_SIZE + 1)))
    with pytest.raises(SourceError, match="11 papers were submitted at 2025-12-01 01:00"):
        index.fetch_span()


def test_by_ids_in_short_addresses_and_in_any_order() -> None:
    class ById:
        def __init__(self) -> None:
            self.urls: list[str] = []

        def fetch(self, url: str, read: Callable[[bytes], Page], **_: object) -> Page:
            self.urls.append(url)
            asked = dict(parse_qsl(urlsplit(url).query))["id_list"].split(",")
            known = [name for name in reversed(asked) if name != "2512.00007"]  # arXiv has no such paper
            return read(feed(*(ENTRY.replace("2512.99001", name) for name in known)))

    session = ById()
    wanted = [f"2512.{number:05}" for number in range(450)]
    found = ArxivSource(session, "http://arxiv", 0).fetch_by_ids(wanted)  # type: ignore[arg-type]
    assert sorted(found.papers) == [name for name in wanted if name != "2512.00007"]
    assert (len(session.urls), max(map(len, session.urls)) < 4000) == (3, True)
