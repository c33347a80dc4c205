"""The day's feed, in both of its forms: taken only if it is today's and whole."""

import datetime as dt
from collections.abc import Collection
from email.utils import format_datetime
from xml.sax.saxutils import escape

import pytest
from pytest_httpserver import HTTPServer

from paperbot.model import NoticeKind, RunRecord
from paperbot.sources.arxiv_rss import ArxivFeed
from paperbot.sources.http import FetchFailed, PoliteSession
from paperbot.sources.window import FetchedWindow, plan_window
from tests.support.builders import a_config, a_run, utc

NOW = utc("2025-12-24T08:17")
MIDNIGHT = "2025-12-24T05:00:01+00:00"
ABSTRACT = "arXiv:{id}v1 Announce Type: {kind} \nAbstract: One & two.\nThree."
ATOM_ENTRY = """<entry><id>oai:arXiv.org:{id}v1</id><title>A  Title</title><summary>{said}</summary>
<category term="cs.LG"/><category term="cs.AI"/><arxiv:announce_type>{kind}</arxiv:announce_type>
<arxiv:DOI>10.5555/1</arxiv:DOI><dc:creator>Ada Example, :, Bo Example</dc:creator></entry>"""
RSS_ITEM = """<item><title>A  Title</title><description>{said}</description>
<guid isPermaLink="false">oai:arXiv.org:{id}v1</guid><category>cs.LG</category><category>cs.AI</category>
<arxiv:announce_type>{kind}</arxiv:announce_type><arxiv:DOI>10.5555/1</arxiv:DOI>
<dc:creator>Ada Example, :, Bo Example</dc:creator></item>"""
NAMESPACES = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
KINDS = {"2512.20001": "new", "2512.20002": "cross", "2511.00003": "replace", "2511.00004": "replace-cross"}


def items(template: str) -> str:
    said = {name: escape(ABSTRACT.format(id=name, kind=kind)) for name, kind in KINDS.items()}
    return "".join(template.format(id=name, kind=kind, said=said[name]) for name, kind in KINDS.items())


def atom(entries: str, updated: str = MIDNIGHT, title: str = "cs.LG updates on arXiv.org") -> str:
    head = f"<title>{title}</title><updated>{updated}</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}>{head}{entries}</feed>'


def rss(entries: str, date: str = format_datetime(utc("2025-12-24T05:00"))) -> str:
    return f'<rss {NAMESPACES} version="2.0"><channel><pubDate>{date}</pubDate>{entries}</channel></rss>'


def fetch(
    httpserver: HTTPServer, body: str, now: dt.datetime = NOW, runs: Collection[RunRecord] = ()
) -> FetchedWindow:
    httpserver.expect_request("/cs.LG+cs.DC").respond_with_data(body, content_type="application/xml")
    window = plan_window(a_config(categories=["cs.LG", "cs.DC"], timezone="UTC"), now, runs, ())
    with PoliteSession(delay_seconds=0) as session:
        return ArxivFeed(session, httpserver.url_for("/{categories}")).fetch_window(window)


@pytest.mark.parametrize("body", [atom(items(ATOM_ENTRY)), rss(items(RSS_ITEM))], ids=["Atom", "RSS"])
def test_new_papers_and_cross_lists_of_today(httpserver: HTTPServer, body: str) -> None:
    fetched = fetch(httpserver, body)
    assert sorted(fetched.papers) == ["2512.20001", "2512.20002"]
    paper = fetched.papers["2512.20001"]
    assert (paper.title, paper.authors) == ("A Title", ("Ada Example", "Bo Example"))
    assert (paper.abstract, paper.doi) == ("One & two.\nThree.", "10.5555/1")
    assert (paper.primary_category, paper.categories) == ("cs.LG", ("cs.LG", "cs.AI"))
    times = [fetched.papers[name].published for name in ("2512.20001", "2512.20002")]
    assert utc("2025-12-22T19:00") < times[0] < times[1] < utc("2025-12-23T19:00"), (
        "in the order of their ids"
    )
    assert [str(day) for day in fetched.announcement_dates] == ["2025-12-24"]
    assert fetched.from_feed
    assert [notice.kind for notice in fetched.notices] == [NoticeKind.FROM_FEED]


@pytest.mark.parametrize(
    "date",
    [
        "Wed, 24 Dec 2025 00:00:00 -0500",
        "Wed, 24 Dec 2025 05:00:00 GMT",
        "Wed, 24 Dec 2025 00:00:00 EST",
        "24 Dec 2025 05:00:00 +0000",
        "2025-12-24T05:00:00Z",
    ],
)
def test_the_ways_to_write_a_date(httpserver: HTTPServer, date: str) -> None:
    assert len(fetch(httpserver, rss(items(RSS_ITEM), date)).papers) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (atom(items(ATOM_ENTRY), updated="2025-12-23T05:00:01+00:00"), "is of 2025-12-23, not of 2025-12-24"),
        (atom(items(ATOM_ENTRY), updated="9999-99-99"), "no date"),
        (atom(items(ATOM_ENTRY), updated=""), "no date"),
        (atom(items(ATOM_ENTRY), updated="9999-12-31T23:59:59-14:00"), "no date"),
        (atom(""), "empty"),
        (atom(items(ATOM_ENTRY))[:-30], "cut or broken"),
        (atom(items(ATOM_ENTRY), title="Feed error for query: cs.XX"), "not one of papers"),
        (
            atom(items(ATOM_ENTRY).replace("Ada Example, :, Bo Example", "")),
            "2512.20001 lacks its title",
        ),
        (
            atom(items(ATOM_ENTRY) + "<entry><id>x</id></entry>" * 6),
            "broken items .6: an entry",
        ),
        ("<html><body>Please wait.</body></html>", "not one of papers"),
        ("", "cut or broken"),
    ],
)
def test_a_feed_that_is_refused(httpserver: HTTPServer, body: str, reason: str) -> None:
    with pytest.raises(FetchFailed, match=reason):
        fetch(httpserver, body)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("whole", "broken", "named"),
    [
        (">new<", ">other<", "The entry of 2512.20001 in arXiv's answer has no valid id or kind"),
        ("oai:arXiv.org:2512.20001v1", "x", "An entry in arXiv's answer has no valid id or kind"),
        ("<title>A  Title</title>", "<title/>", "The entry of 2512.20001 in arXiv's answer lacks its title"),
    ],
)
def test_one_broken_item_is_left_out_and_named(
    httpserver: HTTPServer, whole: str, broken: str, named: str
) -> None:
    fetched = fetch(httpserver, atom(items(ATOM_ENTRY).replace(whole, broken, 1)))
    assert [*fetched.papers] == ["2512.20002"]
    assert [notice.kind for notice in fetched.notices] == [NoticeKind.FROM_FEED, NoticeKind.BROKEN_ENTRY]
    assert fetched.notices[1].text.startswith(named)


@pytest.mark.parametrize(
    ("updated", "covered", "reason"),
    [
        ("2025-12-20", "2025-12-19", ""),
        ("2025-12-20", "2025-12-18", "not of 2025-12-19"),
        ("2025-12-13", "2025-12-19", "not of 2025-12-19"),
    ],
    ids=["nothing new", "Friday's is in no digest", "last Saturday's"],
)
def test_an_empty_feed_on_a_saturday(httpserver: HTTPServer, updated: str, covered: str, reason: str) -> None:
    """The run of Friday had the feed too."""
    dates = [dt.date(2025, 12, 12), dt.date.fromisoformat(covered)]
    runs = [a_run(date, announcement_dates=(date,), from_feed=date == dates[1]) for date in dates]
    body, saturday = atom("", f"{updated}T05:00:01+00:00"), utc("2025-12-20T08:17")
    if reason:
        with pytest.raises(FetchFailed, match=reason):
            fetch(httpserver, body, saturday, runs)
    else:
        fetched = fetch(httpserver, body, saturday, runs)
        assert (fetched.papers, fetched.announcement_dates, fetched.from_feed) == ({}, (), True)
        assert [notice.kind for notice in fetched.notices] == [NoticeKind.FROM_FEED]
