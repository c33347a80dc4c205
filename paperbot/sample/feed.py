"""The sample's arXiv API and feed: answers in the form of the real ones of 2026, to the bot's requests.

https://info.arxiv.org/help/api/user-manual.html, https://info.arxiv.org/help/rss_specifications.html
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from paperbot.model import Paper
from paperbot.sources.calendar import EASTERN

QUERY = re.compile(
    r"\(?(?P<any>cat:[\w.-]+(?: OR cat:[\w.-]+)*)\)?"
    r"(?: AND submittedDate:\[(?P<since>[0-9]{12}) TO (?P<until>[0-9]{12})\])?"
)
WHOLE_NUMBER = re.compile("[0-9]{1,9}")
MAX_RESULTS = 2000
ATOM_TIME = "%Y-%m-%dT%H:%M:%SZ"
FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" \
xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>{id}</id>
  <title>{title}</title>
  <updated>{updated}</updated>
  <opensearch:itemsPerPage>{per_page}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{entries}</feed>
"""
ANNOUNCEMENT = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">
  <id>{id}</id>
  <title>{title}</title>
  <updated>{updated}</updated>
{entries}</feed>
"""


class BadQuery(ValueError):
    """What is wrong with it, in the words of the answer."""


def answer_query(asked: Mapping[str, str], papers: Iterable[Paper], clock: dt.datetime) -> str:
    """The feed with those of the papers that are asked for; raises BadQuery."""
    query, ids = asked.get("search_query", ""), asked.get("id_list", "")
    order = asked.get("sortOrder", "descending")
    start, most = asked.get("start", "0"), asked.get("max_results", "10")
    if not (WHOLE_NUMBER.fullmatch(start) and WHOLE_NUMBER.fullmatch(most) and int(most) <= MAX_RESULTS):
        raise BadQuery(f"start and max_results must be integers, and max_results at most {MAX_RESULTS}")
    if query or not ids:
        matching = _matching(query, papers)
    else:  # a version that is not the latest one is not found here
        matching = [paper for paper in papers if {paper.id, paper.versioned_id} & {*ids.split(",")}]
    found = sorted(matching, key=lambda paper: paper.published, reverse=order == "descending")
    return FEED.format(
        id="https://arxiv.org/api/sample",
        title=escape(f"arXiv Query: search_query={query}&id_list={ids}&start={start}&max_results={most}"),
        updated=clock.strftime(ATOM_TIME),
        per_page=most,
        total=len(found),
        start=start,
        entries="".join(map(_entry, found[int(start) : int(start) + int(most)])),
    )


def error_feed(message: str, clock: dt.datetime) -> str:
    """What arXiv answers with, beside HTTP 400."""
    where = "https://arxiv.org/api/errors#" + re.sub(r"\W+", "_", message)
    now = clock.strftime(ATOM_TIME)
    entry = f"""  <entry>
    <id>{where}</id>
    <title>Error</title>
    <updated>{now}</updated>
    <link href="{where}" rel="alternate" type="text/html"/>
    <summary>{escape(message)}</summary>
    <author>
      <name>arXiv api core</name>
    </author>
  </entry>
"""
    head = {"id": "https://arxiv.org/", "title": "arXiv Search Results", "updated": now}
    return FEED.format(**head, per_page=1, total=1, start=0, entries=entry)


def _matching(query: str, papers: Iterable[Paper]) -> list[Paper]:
    parts = QUERY.fullmatch(query)
    if not parts:
        raise BadQuery(f"the sample knows (cat:... OR cat:...) AND submittedDate:[... TO ...], not {query}")
    wanted = set(parts["any"].replace("cat:", "").split(" OR "))
    since, until = (parts["since"] or "0") + "00", (parts["until"] or "9") + "00"
    return [
        paper
        for paper in papers
        if wanted & {*paper.categories} and since <= f"{paper.published:%Y%m%d%H%M%S}" <= until
    ]


def announcement_feed(names: str, papers: Iterable[Paper], day: dt.date) -> str:
    """The Atom feed of one announcement: new papers and cross-lists of the categories joined by `+`."""
    wanted = names.split("+")
    kinds = {
        paper: "new" if paper.primary_category in wanted else "cross"
        for paper in papers
        if {*wanted} & {*paper.categories}
    }
    return ANNOUNCEMENT.format(
        id=f"http://rss.arxiv.org/atom/{names}",
        title=f"{', '.join(wanted)} updates on arXiv.org",
        updated=dt.datetime.combine(day, dt.time(0, 0, 1), EASTERN).astimezone(dt.UTC).isoformat(),
        entries="".join(_item(paper, kind) for paper, kind in kinds.items()),
    )


def _item(paper: Paper, kind: str) -> str:
    text = f"arXiv:{paper.versioned_id} Announce Type: {kind} \nAbstract: {paper.abstract}"
    lines = [
        f"<id>oai:arXiv.org:{paper.versioned_id}</id>",
        f"<title>{escape(paper.title)}</title>",
        f'<link href="https://arxiv.org/abs/{paper.id}" rel="alternate" type="text/html"/>',
        f"<summary>{escape(text)}</summary>",
        *(f'<category term="{category}"/>' for category in paper.categories),
        f"<arxiv:announce_type>{kind}</arxiv:announce_type>",
        f"<dc:creator>{escape(', '.join(paper.authors))}</dc:creator>",
    ]
    return "  <entry>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _entry(paper: Paper) -> str:
    name, scheme = paper.versioned_id, "http://arxiv.org/schemas/atom"
    categories = [f'<category term="{term}" scheme="{scheme}"/>' for term in paper.categories]
    authors = [f"<author>\n      <name>{escape(author)}</name>\n    </author>" for author in paper.authors]
    lines = [
        f"<id>http://arxiv.org/abs/{name}</id>",
        f"<title>{escape(paper.title)}</title>",
        f"<updated>{paper.updated.strftime(ATOM_TIME)}</updated>",
        f'<link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>',
        f'<link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf" title="pdf"/>',
        f"<summary>{escape(paper.abstract)}</summary>",
        *categories,
        f"<published>{paper.published.strftime(ATOM_TIME)}</published>",
        *_optional("comment", paper.comment),
        *_optional("journal_ref", paper.journal_ref),
        *_optional("doi", paper.doi),
        f"<arxiv:primary_category term={quoteattr(paper.primary_category)}/>",
        *authors,
    ]
    return "  <entry>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _optional(name: str, text: str) -> list[str]:
    return [f"<arxiv:{name}>{escape(text)}</arxiv:{name}>"] if text else []
