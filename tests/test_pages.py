"""README.md, the day pages and the index: what stands on them, in every state of the archive."""

import datetime as dt
import itertools
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperbot.archive import Archive
from paperbot.config import Site
from paperbot.model import (
    Change,
    ChangeKind,
    Entry,
    Likeness,
    LikenessBasis,
    Notice,
    NoticeKind,
    RunRecord,
    Summary,
)
from paperbot.ranking.picks import PickKind
from paperbot.render import facts
from paperbot.render.facts import doi_url, likeness, links, split_abstract
from paperbot.render.pages import render_pages
from paperbot.render.repository import RepositoryInfo
from paperbot.render.size_limit import PAGE_MAX_BYTES
from paperbot.schedule import Schedule
from paperbot.text import link_label, truncate
from paperbot.text.gfm import gfm_html
from paperbot.text.page_check import ExpectedPage, page_problems
from paperbot.text.sentences import sentences
from tests.support import invented
from tests.support.hostile import HostilePaper, hostile_papers
from tests.support.invented import TEMPLATES
from tools.golden import GOLDEN, GOLDEN_PAGES, ROOT, front_page, golden_pages

DAY_PAGE = "archive/2025/2025-12-25.md"
SUMMARY = invented.summary()


class Reader(HTMLParser):
    """What a reader finds on a rendered page."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ends: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.names: set[str] = set()
        self.headings: list[tuple[str, str]] = []
        self.text = ""
        self._heading = ""
        self.feed(gfm_html(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        self.pictures += [values[name] for name in ("src", "srcset") if name in values]
        self.names |= {values["name"]} if "name" in values else set()
        if re.fullmatch("h[1-6]", tag):
            self._heading = tag
            self.headings.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self.ends.append(tag)
        self._heading = "" if tag == self._heading else self._heading

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._heading:
            tag, before = self.headings[-1]
            self.headings[-1] = (tag, before + data)


def pages_of(archive: Archive, repository: RepositoryInfo = invented.REPOSITORY) -> dict[str, str]:
    return render_pages(archive, invented.CONFIG, TEMPLATES, repository)


def readme_of(*entries: Entry, day: RunRecord | None = None) -> str:
    return pages_of(invented.digest_of(entries, day or run_of(len(entries))))["README.md"]


def run_of(new: int) -> RunRecord:
    return invented.run(invented.TODAY, fetched=500, matching=20, new=new, shown=new)


def first(**changes: object) -> Entry:
    """The first invented paper with another title, comment or whatever."""
    entry = invented.entry(1, shown=True)
    return replace(entry, paper=replace(entry.paper, **changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return pages_of(invented.archive())


# The whole


@pytest.mark.parametrize("path", GOLDEN_PAGES)
def test_the_golden_pages(path: str) -> None:
    assert golden_pages()[path] == (GOLDEN / path).read_text("utf-8"), "see `python -m tools.golden`"


def test_the_sections_that_readers_know_stand_in_their_order(pages: dict[str, str]) -> None:
    headings = [text for tag, text in Reader(pages["README.md"]).headings if tag in ("h1", "h2")]
    assert headings == [
        "arXiv Papers Bot 🤖",
        "📊 Statistics",
        "📚 Recent Papers",
        "🔔 What Changed",
        "🔎 How These Papers Were Found",
        "🔧 Configuration",
        "📅 Schedule",
        "🚀 How to Use",
        "📝 Customization",
        "📡 Feeds and a Page of Your Own",
        "🔍 Manual Trigger",
    ]


@pytest.mark.parametrize("path", ["README.md", DAY_PAGE])
def test_every_paper_has_its_heading_and_the_list_leads_to_it(pages: dict[str, str], path: str) -> None:
    reader = Reader(pages[path])
    papers = [text for tag, text in reader.headings if tag == "h3"]
    assert [text.partition(". ")[0] for text in papers] == [str(place) for place in range(1, 31)]
    inner = [link[1:] for link in reader.links if link.startswith("#")]
    references = sum(len(sentence.papers) for sentence in invented.OVERVIEW.sentences)
    assert len(inner) - references == len(reader.names) == 31
    assert set(inner) == reader.names
    assert inner.count("what-changed") == 1


@pytest.mark.parametrize("path", ["README.md", DAY_PAGE, "archive/README.md"])
def test_links_lead_to_the_web_or_to_what_is_there(pages: dict[str, str], path: str) -> None:
    reader = Reader(pages[path])
    known = {f"archive/{date:%Y}/{date}.md" for date in invented.archive().dates}
    known |= {f"archive/{date:%Y}/{date:%Y-%m}.jsonl" for date in invented.archive().dates}
    known |= {day.replace(".md", ending) for day in known for ending in (".bib", ".ris")}
    known |= {*pages, "config.json", "templates/README.md", "docs/deploy-with-vercel.svg"}
    relative = [link for link in reader.links + reader.pictures if not link.startswith(("https://", "#"))]
    folder = Path("/") / Path(path).parent
    targets = {str((folder / link).resolve().relative_to("/")) for link in relative}
    assert targets and targets <= known


def test_dates_name_the_day_pages_that_are_wanted() -> None:
    archive = invented.archive()
    wanted = list(archive.digests)[1:3]
    pages = render_pages(archive, invented.CONFIG, TEMPLATES, invented.REPOSITORY, wanted)
    assert [path for path in pages if re.search(r"\d\.md$", path)] == [
        f"archive/{date:%Y}/{date}.md" for date in wanted
    ]


# The top


def test_one_paper_is_one_paper() -> None:
    text = Reader(readme_of(replace(first(), summary=None, tldr=None))).text
    assert "1 new matching paper on Thursday 25 December 2025: 1 in full." in text
    assert "AI Summaries" not in text


def test_times_are_the_users() -> None:
    config = invented.CONFIG.model_copy(update={"timezone": "Asia/Shanghai"})
    text = Reader(render_pages(invented.archive(), config, TEMPLATES, invented.REPOSITORY)["README.md"]).text
    assert "Last Updated: 2025-12-25 16:17:09 CST" in text
    assert "due on Thursday 25 December 2025 at 21:47 CST" in text


def test_notices_are_banners_and_a_missing_key_comes_with_the_way_to_add_one() -> None:
    notices = (
        Notice(NoticeKind.NO_KEY, "No key is set: add one."),
        Notice("x", "The endpoint <b>refused</b>."),
    )
    readme = readme_of(first(), day=replace(run_of(1), notices=notices))
    assert "> [!NOTE]\n> No key is set: add one. [Add it here](" in readme
    assert "https://github.com/someone/papers/settings/secrets/actions/new" in readme
    assert "> [!WARNING]\n> The endpoint" in readme
    assert "b" not in Reader(readme).tags


def test_a_stale_index_is_said_once() -> None:
    stale = replace(run_of(1), stale_since=dt.date(2025, 12, 22))
    assert readme_of(first(), day=stale).count("ends with the announcement of 2025") == 1
    noticed = replace(stale, notices=(Notice(NoticeKind.STALE_INDEX, "arXiv is late."),))
    readme = readme_of(first(), day=noticed)
    assert "arXiv is late." in readme
    assert "ends with the announcement" not in readme


def quiet_archive(*announced: dt.date) -> Archive:
    archive = invented.archive()
    quiet = invented.run(dt.date(2025, 12, 26), fetched=900, matching=40, new=0, shown=0)
    return archive.with_run(replace(quiet, announcement_dates=announced))


def test_a_quiet_day_keeps_the_last_digest_and_says_so() -> None:
    text = Reader(pages_of(quiet_archive())["README.md"]).text
    assert "Nothing new since Thursday 25 December 2025, so this page keeps that day's digest." in text
    assert "The last announcement of arXiv's seen here was on Wednesday 24 December 2025." in text
    assert "Last Updated: 2025-12-26 08:17:09 UTC" in text
    assert "1. Lantern" in text
    assert "new matching papers on" not in text


def test_a_quiet_day_with_an_announcement_says_that_nothing_matched() -> None:
    text = Reader(pages_of(quiet_archive(dt.date(2025, 12, 25)))["README.md"]).text
    assert "No new paper matched in the announcement of 2025-12-25." in text


def test_a_first_run_without_a_paper_says_so() -> None:
    pages = pages_of(
        invented.digest_of((), invented.run(invented.TODAY, fetched=40, matching=0, new=0, shown=0))
    )
    assert "**No paper has matched so far.**" in pages["README.md"]
    assert "40 fetched → 0 matching" in pages["README.md"]
    assert "no digests" in pages["archive/README.md"].casefold()


def test_an_interrupted_run_leaves_a_page_without_figures() -> None:
    text = Reader(pages_of(replace(invented.digest(), runs={}))["README.md"]).text
    assert "88 new matching papers" in text
    assert "fetched" not in text


# A paper


def test_a_score_that_does_not_add_up_is_not_explained() -> None:
    entry = first()
    readme = readme_of(replace(entry, score=replace(entry.score, value=9.25)))
    assert "**Score**: 9.25  \n" in readme


def test_keywords_are_bold_in_the_abstract() -> None:
    readme = readme_of(first(abstract="Many LLMs need attention, most KV caches don't."))
    assert "Many **LLMs** need **attention**, most **KV caches** don't." in readme


def test_a_paper_with_hardly_anything_is_still_a_paper() -> None:
    text = Reader(readme_of(first(title="", authors=(), abstract="", categories=("cs.LG",)))).text
    assert "1. 2512.99001" in text
    assert "Authors: none given" in text
    assert "None here: read it on arXiv." in text


def test_the_primary_category_may_stand_anywhere() -> None:
    readme = readme_of(first(categories=("cs.AI", "cs.LG", "cs.AI")))
    assert "**Category**: cs.LG, cross-listed in cs.AI  \n" in readme


def test_an_old_id_has_an_address_and_an_anchor() -> None:
    reader = Reader(readme_of(first(id="quant-ph/0201082")))
    assert reader.names == {"paper-quant-ph-0201082"}
    assert "https://arxiv.org/abs/quant-ph/0201082" in reader.links


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Code at https://github.com/a/b.", ["https://github.com/a/b"]),
        ("(see http://example.org/x_y*), www.no.org, ftp://no.org", ["http://example.org/x_y"]),
        ("https://a.org/?q=1&amp=2#x https://a.org/?q=1&amp=2#x", ["https://a.org/?q=1&amp=2#x"]),
        ("javascript:alert(1) https:// http://[ https://b.org/a(b)c", ["https://b.org/a%28b%29c"]),
        ("\\url{https://c.org/d}", ["https://c.org/d"]),
        (
            "https://a.org/b,https://c.org/d;http://e.org",
            ["https://a.org/b", "https://c.org/d", "http://e.org"],
        ),
        ("https://a.org/b/ http://a.org/b https://www.a.org/b", ["https://a.org/b/"]),
        ("https://web.archive.org/web/https://a.org/b", ["https://web.archive.org/web/https://a.org/b"]),
    ],
)
def test_links_of_the_authors(text: str, expected: list[str]) -> None:
    paper = replace(invented.entry(1, shown=True).paper, comment=text, abstract="")
    assert [link.url for link in links(paper)] == expected


@pytest.mark.parametrize(
    ("doi", "path"),
    [
        ("10.1103/PhysRevD.1 10.1103/PhysRevD.2", "10.1103/PhysRevD.1"),
        ("https://doi.org/10.1002/(SICI)3.0.CO;2-2", "10.1002/%28SICI%293.0.CO;2-2"),
        ("doi: 10.5555/12", "10.5555/12"),
        ("10.5555/12, 10.5555/13", "10.5555/12"),
        ("10.5555/a;b;10.5555/13", "10.5555/a;b"),
        ("DOI 10.5555/12.", "10.5555/12"),
        ("110.5555/12", ""),
        ("10.5555/", ""),
    ],
)
def test_the_address_of_a_doi(doi: str, path: str) -> None:
    paper = replace(invented.entry(1, shown=True).paper, doi=doi)
    assert doi_url(paper) == (path and f"https://doi.org/{path}")


def test_points_that_round_to_nothing_have_no_minus_sign() -> None:
    words = {"a": 2.0, "b": -0.04}
    entry = replace(invented.entry(1, shown=True), likeness=Likeness(1.96, LikenessBasis.PICKS, words))
    shown = likeness(entry)
    assert shown and [word.points for word in shown.best] == ["+2", "+0"]
    assert (shown.points, shown.other_points) == ("+ 2", "+0")


def test_an_answer_with_nothing_to_show_is_no_summary() -> None:
    readme = readme_of(replace(first(), summary=Summary(text="![](https://x.org)", model="m")))
    assert "No AI Summary**: the model's answer has nothing that can be shown." in readme
    assert "with an AI summary" not in readme


# Text that is cut


def test_an_abstract_is_cut_after_a_sentence() -> None:
    head, rest = split_abstract(invented.ABSTRACT)
    assert head.endswith("longer than $2^{15}$ tokens.")
    assert rest.startswith("An ablation")


@pytest.mark.parametrize("short", ["", "One sentence.", "x" * 720])
def test_a_short_abstract_stays_whole(short: str) -> None:
    assert split_abstract(short) == (short, "")


@pytest.mark.parametrize(
    "short",
    [
        "Sect.",
        "Chap.",
        "Eqn.",
        "Eqs.",
        "Nos.",
        "Suppl.",
        "Cor.",
        "Jr.",
        "Inc.",
        "fig.",
        "v.s.",
        "a.k.a.",
        "Vs.",
    ],
)
def test_no_sentence_ends_behind_an_abbreviation(short: str) -> None:
    assert sentences(f"See {short} 3 of it. Then more.") == [f"See {short} 3 of it.", "Then more."]


def test_a_sentence_does_not_end_at_an_abbreviation_or_in_a_formula() -> None:
    sentence = "We follow Li et al. Their bound, i.e. Eq. 3 of J. Doe, is $a. B$ for all x. "
    head, _ = split_abstract(sentence * 12)
    assert head.endswith("for all x.")


@given(st.text(st.sampled_from("ab .$\nA1(é"), min_size=0, max_size=2000))
@settings(max_examples=200, deadline=None)
def test_cutting_an_abstract_loses_nothing(text: str) -> None:
    head, rest = split_abstract(text)
    joined = head.removesuffix(" …") + rest.removeprefix("… ")
    assert "".join(joined.split()) == "".join(text.split())


@given(st.text(max_size=300), st.integers(2, 100))
def test_shortening_keeps_the_beginning(text: str, chars: int) -> None:
    short = truncate(text, chars)
    assert len(short) <= chars + 2
    assert text.startswith(short.removesuffix(" …"))


# The byte limit


def test_thirty_answers_of_two_megabytes() -> None:
    huge = replace(SUMMARY, text="这是一个很长的段落，没有人会读完它。\n\n" * 40_000)
    assert len(huge.text.encode()) > 2_000_000
    digest = invented.digest()
    entries = [replace(entry, summary=huge if entry.shown else None) for entry in digest.entries.values()]
    pages = pages_of(digest.with_entries(entries))
    for path in ("README.md", DAY_PAGE):
        assert 300_000 < len(pages[path].encode()) <= PAGE_MAX_BYTES
        papers = [text for tag, text in Reader(pages[path]).headings if tag == "h3"]
        assert len(papers) == 30
        assert "kept below 450,000 bytes. There was no space for" in pages[path]
    assert f"it is in [that day's page]({DAY_PAGE}#paper-" in pages["README.md"]
    assert "it is in [the archive's data](../2025/2025-12.jsonl)" in pages[DAY_PAGE]
    assert pages["README.md"].index("(by qwen-long)") < pages["README.md"].index("it is in [that")


def test_too_many_long_abstracts_become_shorter() -> None:
    entries = [replace(invented.entry(place, shown=True), summary=None, rank=place) for place in range(1, 81)]
    long = invented.ABSTRACT * 8
    readme = readme_of(*(replace(entry, paper=replace(entry.paper, abstract=long)) for entry in entries))
    assert len(readme.encode()) <= PAGE_MAX_BYTES
    assert "the whole of 80 abstracts." in readme


def test_too_many_papers_become_titles() -> None:
    entry = replace(first(abstract="", authors=("A B",) * 200), summary=None, tldr=None)
    crowd = [
        replace(entry, rank=rank, paper=replace(entry.paper, id=f"2512.{rank:05}", title="long " * 90))
        for rank in range(1, 201)
    ]
    readme = readme_of(*crowd)
    assert len(readme.encode()) <= PAGE_MAX_BYTES
    assert "in full (listed by title)." in readme


def test_ten_thousand_titles_have_a_limit() -> None:
    pages = pages_of(invented.digest(shown=1, listed=10_000))
    assert f"[9,950 more matching papers]({DAY_PAGE})" in pages["README.md"]
    assert "[9,000 more matching papers](../2025/2025-12.jsonl)" in pages[DAY_PAGE]
    assert len(pages[DAY_PAGE].encode()) <= PAGE_MAX_BYTES


# Nothing that a paper says


@given(hostile_papers)
@settings(max_examples=30, deadline=None)
def test_whatever_a_paper_says_the_page_stands(said: HostilePaper) -> None:
    authors = (said.author, "Jo Doe")
    hostile = first(title=said.title, authors=authors, abstract=said.abstract, comment=said.comment)
    change = Change(ChangeKind.WITHDRAWN, invented.TODAY, said.comment)
    hostile = replace(hostile, summary=Summary(text=said.summary, model=said.author), changes=(change,))
    readme = readme_of(hostile, replace(invented.entry(2, shown=True), summary=SUMMARY))
    reader = Reader(readme)
    levels = [tag for tag, _ in reader.headings if tag in ("h1", "h2", "h3")]
    assert levels == ["h1", "h2", "h2", "h3", "h3", *["h2"] * 8]
    assert reader.tags.count("details") == reader.ends.count("details")
    assert [link for link in reader.links if link.startswith("#")] == [
        "#what-changed",
        "#paper-2512.99001",
        "#paper-2512.99002",
    ]


def test_a_page_that_a_summary_would_break_comes_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paperbot.render.facts.block", lambda text, marks: text)
    bad = replace(invented.entry(1, shown=True), summary=Summary(text="## Not yours\n\n</details>"))
    good = replace(invented.entry(2, shown=True), summary=Summary(text="Fine and well."))
    readme = readme_of(bad, good)
    assert "Not yours" not in readme
    assert "🤖 No AI Summary**: its text can't be shown safely on this page" in readme
    assert "Fine and well." in readme


def test_a_page_that_a_title_would_break_comes_with_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "link_label", lambda text: text if text.startswith("<") else link_label(text))
    readme = readme_of(first(title="<details>"), invented.entry(2, shown=True))
    assert "1. [2512" in readme
    assert "2. [How Far" in readme


def test_where_no_valid_page_can_be_made_the_last_resort_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    only_the_reference_is_valid = itertools.chain([[]], itertools.repeat(["it is broken"]))
    monkeypatch.setattr(
        "paperbot.render.validated.page_problems", lambda *_: next(only_the_reference_is_valid)
    )
    archive = invented.digest_of([first()], run_of(1))
    readme = render_pages(archive, invented.CONFIG, TEMPLATES, invented.REPOSITORY, ())["README.md"]
    assert "The page could not be made because of a fault in the bot" in readme
    assert "[Lantern&#58; Overlapping" in readme and "](https://arxiv.org/abs/" in readme


# The front page


def test_before_the_first_run_there_is_only_the_front_page() -> None:
    pages = pages_of(Archive())
    assert list(pages) == ["README.md"]
    assert "docs/digest.png" in pages["README.md"]


def test_the_front_page_links_to_what_is_there() -> None:
    reader = Reader(front_page())
    relative = {link for link in reader.links + reader.pictures if not link.startswith("http")}
    assert relative and [link for link in relative if not (ROOT / link).exists()] == []


def test_the_committed_readme_is_the_front_page() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    is_digest = any((ROOT / "archive").glob("*/*.jsonl"))  # in a fork with papers of its own
    assert is_digest or readme == front_page(), "see `python -m tools.golden`"


def test_a_missing_schedule_is_said() -> None:
    repository = RepositoryInfo(Schedule(problem="There is no workflow."))
    readme = pages_of(invented.archive(), repository)["README.md"]
    assert "## 📅 Schedule\n\nThere is no workflow.\n" in readme
    assert "The Actions tab can't start the bot" in readme


def test_the_bots_own_templates_are_checked_without_leniency(monkeypatch: pytest.MonkeyPatch) -> None:
    lenient = []

    def noted(markdown: str, expected: ExpectedPage) -> list[str]:
        lenient.append(expected.has_own_template)
        return page_problems(markdown, expected)

    monkeypatch.setattr("paperbot.render.validated.page_problems", noted)
    pages_of(invented.archive())
    assert lenient and not any(lenient)


# Where the feeds and the site are


def readme_with(site: Site, repository: RepositoryInfo = invented.REPOSITORY) -> str:
    config = invented.CONFIG.model_copy(update={"site": site})
    return render_pages(invented.archive(), config, TEMPLATES, repository)["README.md"]


def test_the_page_says_how_to_publish_the_site() -> None:
    page = readme_with(Site())
    assert "(https://vercel.com/new/import?s=https://github.com/someone/papers)" in page
    assert "<https://github.com/someone/papers/raw/refs/heads/site/rss.xml>" in page
    assert "/raw/" not in readme_with(Site(), RepositoryInfo(Schedule()))
    assert "choose the branch `papers-site`" in readme_with(Site(branch="papers-site"))
    rules = json.loads((ROOT / "vercel.json").read_text("utf-8"))
    addresses = [rule["source"].replace(":category", "cs.CL") for rule in rules["rewrites"]]
    assert [text for text in addresses if f"`{text}`" not in page or f"`{text}`" not in front_page()] == []


def test_a_site_on_main_has_no_recipe_for_a_host() -> None:
    page = readme_with(Site(branch=None))
    assert "<https://github.com/someone/papers/raw/HEAD/site/rss.xml>" in page
    assert "When you publish the folder" in page
    assert "Vercel" not in page


def test_a_published_site_is_linked_and_no_longer_explained() -> None:
    page = readme_with(Site(base_url="https://someone.github.io/papers/"))
    assert "(https://someone.github.io/papers/)" in page
    assert "<https://someone.github.io/papers/rss.xml>" in page
    assert "Vercel" not in page


def test_a_site_that_is_turned_off_is_said() -> None:
    assert "`site.enabled` in `config.json` is `false`" in readme_with(Site(enabled=False))


def test_a_star_marks_a_paper_in_every_list() -> None:
    archive = invented.archive()
    entries = archive.of(invented.TODAY)
    starred = [next(entry for entry in entries if entry.shown is shown) for shown in (True, False)]
    repository = replace(invented.REPOSITORY, picks={one.paper.id: PickKind.STAR for one in starred})
    pages = render_pages(archive, invented.CONFIG, TEMPLATES, repository, {invented.TODAY})
    for page in (pages["README.md"], pages[f"archive/2025/{invented.TODAY}.md"]):
        first, last = (line for line in page.splitlines() if "★&nbsp;[" in line)
        assert first.startswith("1. ★&nbsp;[") and f"(#paper-{starred[0].paper.id})" in first
        assert last.startswith("- ★&nbsp;[") and starred[1].paper.id in last


def test_at_most_ten_changes_the_starred_papers_first() -> None:
    change = Change(ChangeKind.NEW_VERSION, invented.TODAY, "9 days after v1", 2)
    earlier = [
        replace(invented.entry(place, shown=True), digest_date=dt.date(2025, 12, 1), changes=(change,))
        for place in range(2, 15)
    ]
    starred = earlier[-1].paper
    archive = invented.digest_of([*earlier, invented.entry(1, shown=True)])
    repository = replace(invented.REPOSITORY, picks={starred.id: PickKind.STAR})
    pages = render_pages(archive, invented.CONFIG, TEMPLATES, repository)
    lines = [line for line in pages["README.md"].splitlines() if line.endswith("9 days after v1")]
    assert len(lines) == 10
    assert starred.title in lines[0]
    assert earlier[0].paper.id in lines[1]
    assert "and 3 more papers" in pages["README.md"]
    later = replace(earlier[0], changes=(replace(change, date=invented.TODAY + dt.timedelta(days=3)),))
    pages = render_pages(archive.with_entries([later]), invented.CONFIG, TEMPLATES, repository)
    assert later.paper.id in pages["archive/2025/2025-12-25.md"], "told before the next digest"
