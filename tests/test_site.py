"""The site's files: what is in them, what they weigh, and that they give nothing away."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from paperbot.archive import Archive
from paperbot.config import AiSummary, Arxiv, Config, Site
from paperbot.containment import Faults
from paperbot.model import Entry, Grounding, Notice, Summary, SummarySource
from paperbot.render.repository import RepositoryInfo
from paperbot.render.site import render_site
from paperbot.render.site_data import (
    TODAY_MAX_BYTES,
    months_to_render,
    render_index,
    render_month,
    render_today,
)
from paperbot.render.templating import load_templates
from paperbot.schedule import Cron, Schedule
from tests.support.site_archive import (
    LAST_DATE,
    by_month,
    invented_archive,
    invented_day,
    weekdays_back,
    with_paper,
)

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = load_templates(ROOT, ROOT / "templates")
SCHEDULE = Schedule("arXiv Bot Daily Update", True, (Cron("17 8 * * 1-5"),))
DATES = weekdays_back(LAST_DATE, 20)
FIRST_VIEW = ("index.html", "app.js", "style.css", "icon.svg", "papers.json", "today.json", "status.json")
FIRST_VIEW_MAX_BYTES = 300_000


def site_of(archive: Archive, months: Mapping[str, Sequence[Entry]], **options: Any) -> dict[str, str]:
    config = options.pop("config", Config())
    repository = options.pop("repository", RepositoryInfo(SCHEDULE))
    return render_site(archive, config, TEMPLATES, repository, months=months, **options)


@pytest.fixture(scope="module")
def days() -> list[list[Entry]]:
    return [invented_day(date) for date in DATES]


@pytest.fixture(scope="module")
def months(days: list[list[Entry]]) -> dict[str, list[Entry]]:
    return by_month(entry for day in days for entry in day)


@pytest.fixture(scope="module")
def site(days: list[list[Entry]], months: dict[str, list[Entry]]) -> dict[str, str]:
    return site_of(invented_archive(days), months)


def test_the_same_run_twice_gives_the_same_bytes(
    days: list[list[Entry]], months: dict[str, list[Entry]], site: dict[str, str]
) -> None:
    shuffled = {month: entries[::-1] for month, entries in months.items()}
    assert site_of(invented_archive(days), shuffled) == site


def test_every_file_is_below_site(site: dict[str, str]) -> None:
    assert set(site) == {
        f"site/{name}"
        for name in (
            *FIRST_VIEW,
            "config.json",
            "picks.json",
            "rss/weekly.xml",
            "rss/weekly.json",
            *(
                f"{feed}.{ending}"
                for feed in ("rss", *(f"rss/{category}" for category in Config().categories))
                for ending in ("xml", "json", "bib", "ris")
            ),
            *(
                f"papers/{month}{part}.json"
                for month in ("2025-11", "2025-12")
                for part in ("", "-summaries")
            ),
        )
    }


# The papers' data


def test_a_month_holds_its_papers_newest_digest_first(
    months: dict[str, list[Entry]], site: dict[str, str]
) -> None:
    papers = json.loads(site["site/papers/2025-12.json"])["papers"]
    assert [paper["id"] for paper in papers] == [entry.paper.id for entry in months["2025-12"]]
    best, entry = papers[0], months["2025-12"][0]
    assert best["title"] == entry.paper.title
    assert best["abstract"] == entry.paper.abstract
    assert best["authors"] == list(entry.paper.authors)
    assert best["categories"] == list(entry.paper.categories)
    assert best["keywords"] == [match.keyword for match in entry.score.matches]
    assert best["in_title"] == [match.keyword for match in entry.score.matches if match.title]
    assert (best["date"], best["rank"], best["score"]) == ("2025-12-24", 1, 59)
    assert best["published"] == "2025-12-22T09:01:00Z"
    assert best["summary"] == {
        "model": "invented-1",
        "source": "file",
        "version": 1,
        "figure_check": "5 of 6 figures found in the paper",
    }
    assert "abstract" not in papers[49]
    assert "shown" not in papers[49]


def test_a_months_summaries_stand_in_a_file_of_their_own(
    months: dict[str, list[Entry]], site: dict[str, str]
) -> None:
    summaries = json.loads(site["site/papers/2025-12-summaries.json"])["summaries"]
    written = [entry.paper.id for entry in months["2025-12"] if entry.summary and entry.summary.text]
    assert list(summaries) == written
    assert "提出了一种" in summaries[written[0]]


@pytest.mark.parametrize(
    ("authors", "cited"),
    [
        (("Ada Quill", "Madonna", "王小明"), None),
        (("Bo van der Berg", "Ada Quill"), [["au", "van der Berg, Bo"], ["au", "Quill, Ada"]]),
        (("Martin King Jr.",), [["au", "King Jr, Martin"]]),
        (("NVIDIA", ":", "Ada Quill"), [["aucorp", "NVIDIA"], ["au", "Quill, Ada"]]),
        (("The Llama Team",), [["aucorp", "The Llama Team"]]),
    ],
)
def test_names_for_reference_managers(authors: tuple[str, ...], cited: object) -> None:
    """Zotero takes the last word of a name without a comma for the last name."""
    entry = with_paper(invented_day(LAST_DATE, shown=1, listed=0)[0], authors=authors)
    (paper,) = json.loads(render_month("2025-12", [entry], Faults())["papers/2025-12.json"])["papers"]
    assert paper.get("cite") == cited


def test_a_paper_stands_on_a_line_of_its_own(months: dict[str, list[Entry]], site: dict[str, str]) -> None:
    lines = site["site/papers/2025-12.json"].splitlines()
    assert [json.loads(line.rstrip(","))["id"] for line in lines[1:-1]] == [
        entry.paper.id for entry in months["2025-12"]
    ]


def test_what_is_known_of_a_summary(days: list[list[Entry]]) -> None:
    summary = Summary(
        text="Text", source=SummarySource.TEXT, version=2, cut_short=True, hidden_text="Praise\u202e this"
    )
    about = summary_of(replace(days[0][0], summary=replace(summary, grounding=Grounding(1, 2))))
    assert about == {
        "model": "",
        "source": "text",
        "version": 2,
        "cut_short": True,
        "figure_check": "1 of 2 figures found in the paper",
        "hidden_text": "Praise this",
    }


def summary_of(entry: Entry) -> Any:
    (paper,) = json.loads(render_month("2025-12", [entry], Faults())["papers/2025-12.json"])["papers"]
    return paper["summary"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.sampled_from(["</script><script>", "<!--", "\u2028", "\x00", "\ud800"]))
def test_any_text_is_inert_json(text: str) -> None:
    entry = invented_day(LAST_DATE, shown=1, listed=0)[0]
    entry = with_paper(entry, title=text, abstract=text, authors=(text, "Ada Quill"), comment=text)
    entry = replace(entry, summary=Summary(text=text, model=text))
    for name, file in render_month("2025-12", [entry], Faults()).items():
        assert json.loads(file)["month"] == "2025-12", name
        assert "<" not in file
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e]", file)
        assert file.encode()


# What the first view weighs, and what a run costs after ten years


def test_ten_years_of_archive_leave_the_first_view_small(days: list[list[Entry]]) -> None:
    """With a heavy day on top: 200 papers in full, each with a long summary."""
    dates = weekdays_back(LAST_DATE, 2600)
    heavy = invented_day(LAST_DATE, shown=200, listed=300, summaries=200)
    heavy = [
        replace(entry, summary=Summary(text="速度提升。" * 1500)) if entry.summary else entry
        for entry in heavy
    ]
    previous = index_of(dates)
    site = site_of(invented_archive([heavy], dates), {"2025-12": heavy}, previous_index=previous)
    assert len(json.loads(site["site/papers.json"])["months"]) == 120
    assert sum(len(site[f"site/{name}"].encode()) for name in FIRST_VIEW) < FIRST_VIEW_MAX_BYTES
    assert not any("2025-11" in path for path in site), "a month that did not change was rendered"


def index_of(dates: Sequence[dt.date]) -> str:
    """An index that knows all months, as the run before left it."""
    months = {f"{date:%Y-%m}": invented_day(date, shown=2, listed=1) for date in dates}
    files: dict[str, str] = {}
    for month, entries in months.items():
        files |= render_month(month, entries, Faults())
    return render_index(dates, months, files, "")


def test_today_is_cut_below_its_limit_from_the_end() -> None:
    archive = invented_archive([invented_day(LAST_DATE, shown=200, listed=400)])
    today = json.loads(render_today(archive, Faults()))
    assert len(render_today(archive, Faults()).encode()) < TODAY_MAX_BYTES + 1000
    assert (today["total"], today["shown"]) == (600, 200)
    assert 100 < len(today["papers"]) < 600
    assert [paper["rank"] for paper in today["papers"]] == list(range(1, len(today["papers"]) + 1))


def test_today_holds_the_best_summaries_that_have_room() -> None:
    entries = [
        replace(entry, summary=Summary(text="速度提升。" * 1500)) for entry in invented_day(LAST_DATE, 30, 0)
    ]
    archive = invented_archive([entries])
    today = json.loads(render_today(archive, Faults()))
    assert len(today["papers"]) == 30
    kept = list(today["summaries"])
    assert 3 < len(kept) < 30
    assert kept == [entry.paper.id for entry in entries[: len(kept)]]


def test_the_index_keeps_the_counts_of_months_that_did_not_change(
    days: list[list[Entry]], months: dict[str, list[Entry]], site: dict[str, str]
) -> None:
    previous = site["site/papers.json"]
    again = site_of(invented_archive(days), {"2025-12": months["2025-12"]}, previous_index=previous)
    assert again["site/papers.json"] == previous
    november = json.loads(previous)["months"][1]
    assert november["month"] == "2025-11"
    assert november["papers"] == len(months["2025-11"])
    assert november["shown"] == sum(entry.shown for entry in months["2025-11"])
    assert november["bytes"] == len(site["site/papers/2025-11.json"].encode())
    assert november["days"] == sorted({entry.digest_date.day for entry in months["2025-11"]}, reverse=True)


def test_months_to_render_are_those_the_index_lacks(site: dict[str, str]) -> None:
    assert months_to_render(DATES, site["site/papers.json"]) == ()
    older = [*DATES, dt.date(2024, 2, 29)]
    assert months_to_render(older, site["site/papers.json"]) == ("2024-02",)


@pytest.mark.parametrize("previous", ["", "{", "[]", "null", '{"format": 0, "months": []}', '{"format": 1}'])
def test_an_index_that_cannot_be_used_means_all_months(previous: str) -> None:
    assert months_to_render(DATES, previous) == ("2025-12", "2025-11")


def test_a_month_nobody_rendered_costs_the_data_alone(
    days: list[list[Entry]], months: dict[str, list[Entry]]
) -> None:
    files = site_of(invented_archive(days), {"2025-12": months["2025-12"]})
    assert "site/papers.json" not in files and "site/papers/2025-12.json" not in files
    assert {"site/index.html", "site/status.json", "site/rss.xml"} <= files.keys()


# What it says about itself


def status_of(archive: Archive) -> Any:
    dates = archive.dates
    return json.loads(site_of(archive, {}, previous_index=index_of(dates))["site/status.json"])


def test_the_status_of_a_good_run(days: list[list[Entry]]) -> None:
    assert status_of(invented_archive(days)) == {
        "status": "ok",
        "reasons": [],
        "last_run": "2025-12-24T08:17:00Z",
        "last_run_date": "2025-12-24",
        "last_announcement": "2025-12-24",
        "last_digest": "2025-12-24",
        "counts": {"fetched": 1243, "matching": 50, "new": 50, "shown": 30, "digests": 20},
        "window_start": "2025-12-17T08:17:00Z",
        "tokens": {"input": 0, "output": 0},
        "schedule": "At 08:17, Monday through Friday (UTC)",
        "next_run": "2025-12-25T08:17:00Z",
    }


def test_the_status_says_why_a_run_is_degraded(days: list[list[Entry]]) -> None:
    archive = invented_archive(days)
    assert archive.latest_run
    run = replace(
        archive.latest_run,
        notices=(Notice("refused-key", "The endpoint\u202e refused\nthe key."),),
        stale_since=dt.date(2025, 12, 22),
    )
    status = status_of(archive.with_run(run))
    assert status["status"] == "degraded"
    assert status["reasons"] == [
        {"kind": "refused-key", "text": "The endpoint refused the key."},
        {
            "kind": "stale-index",
            "text": "arXiv's index is late: it ends with the announcement of 2025-12-22; more will follow.",
        },
    ]


def test_a_run_without_papers_keeps_the_last_digest(days: list[list[Entry]]) -> None:
    archive = invented_archive(days)
    assert archive.latest_run
    quiet = replace(archive.latest_run, date=dt.date(2025, 12, 26), new=0, shown=0, announcement_dates=())
    status = status_of(archive.with_run(quiet))
    assert (status["last_run_date"], status["last_digest"]) == ("2025-12-26", "2025-12-24")
    assert status["last_announcement"] == "2025-12-24"


def test_before_the_first_run() -> None:
    site = site_of(Archive(), {})
    assert json.loads(site["site/status.json"])["status"] == "no run yet"
    assert json.loads(site["site/papers.json"])["months"] == []
    assert json.loads(site["site/today.json"])["papers"] == []


def test_the_config_is_shown_without_what_is_nobodys_business() -> None:
    config = Config(
        ai_summary=AiSummary(
            api_key_env="TOP_SECRET_NAME", base_url="https://models.example.org/v1?token=hush"
        ),
        arxiv=Arxiv(api_url="https://mirror.example.org/api/query?key=hush#hush"),
        site=Site(base_url="https://papers.example.org"),
    )
    site = site_of(Archive(), {}, config=config)
    shown = json.loads(site["site/config.json"])
    assert shown["ai_summary"]["base_url"] == "https://models.example.org/v1"
    assert shown["arxiv"]["api_url"] == "https://mirror.example.org/api/query"
    assert shown["arxiv"]["pdf_url"] == "https://arxiv.org/pdf/{id}"
    assert shown["site"]["base_url"] == "https://papers.example.org"
    assert shown["keywords"][0]["term"] == "State Space"
    assert not any("TOP_SECRET_NAME" in text or "hush" in text for text in site.values())


def test_the_page_allows_nothing_but_its_own_files(site: dict[str, str]) -> None:
    page = site["site/index.html"]
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|<script(?![^>]* src=)| style=| on\w+=", page)
    for address in re.findall(r'(?:href|src)="([^"]+)"', page):
        assert not address.startswith(("/", "http")), f"{address} does not work from every path"


def test_a_keyword_of_any_text_is_inert_on_the_page() -> None:
    config = Config(keywords=({"term": "</select><script>alert(1)</script>"},))  # type: ignore[arg-type]
    page = site_of(Archive(), {}, config=config)["site/index.html"]
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_new_release_of_a_file_has_a_new_address(site: dict[str, str]) -> None:
    addresses = re.findall(r'"((?:app\.js|style\.css)\?v=\w{12})"', site["site/index.html"])
    assert len(addresses) == 2


# Where it is served


@pytest.fixture
def vercel(httpserver: HTTPServer, site: dict[str, str]) -> str:
    """Vercel's rules for a static site: files first, then rewrites; headers by the address asked for."""
    rules = json.loads((ROOT / "vercel.json").read_text("utf-8"))

    def pattern(source: str) -> str:
        return re.sub(r":(\w+)", r"(?P<\1>[^/]+)", source)

    def answer(request: Request) -> Response:
        path = request.path if request.path != "/" else "/index.html"
        if rules["outputDirectory"] + path not in site:
            for rule in rules["rewrites"]:
                if found := re.fullmatch(pattern(rule["source"]), path):
                    path = re.sub(r":\w+", found.groupdict().get("category", ""), rule["destination"])
                    break
        text = site.get(rules["outputDirectory"] + path)
        response = Response(text or "", 200 if text else 404, mimetype="application/octet-stream")
        for rule in rules["headers"]:
            if re.fullmatch(pattern(rule["source"]), request.path):
                response.headers.update({header["key"]: header["value"] for header in rule["headers"]})
        return response

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    return httpserver.url_for("").rstrip("/")


@pytest.mark.parametrize(
    ("path", "file", "content_type"),
    [
        ("/rss", "rss.xml", "application/rss+xml; charset=utf-8"),
        ("/rss.xml", "rss.xml", "application/rss+xml; charset=utf-8"),
        ("/rss/cs.AI", "rss/cs.AI.xml", "application/rss+xml; charset=utf-8"),
        ("/rss/cs.AI.xml", "rss/cs.AI.xml", "application/rss+xml; charset=utf-8"),
        ("/rss.json", "rss.json", "application/feed+json; charset=utf-8"),
        ("/rss/weekly.json", "rss/weekly.json", "application/feed+json; charset=utf-8"),
        ("/rss/cs.AI.bib", "rss/cs.AI.bib", "application/x-bibtex; charset=utf-8"),
        ("/rss/cs.AI.ris", "rss/cs.AI.ris", "application/x-research-info-systems; charset=utf-8"),
        ("/config", "config.json", "application/json; charset=utf-8"),
        ("/health", "status.json", "application/json; charset=utf-8"),
    ],
)
def test_vercel_serves_the_addresses_people_know(
    vercel: str, site: dict[str, str], path: str, file: str, content_type: str
) -> None:
    answer = requests.get(vercel + path, timeout=5)
    assert answer.status_code == 200
    assert answer.content.decode() == site[f"site/{file}"]
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_vercel_serves_the_page_and_nothing_that_is_not_there(vercel: str, site: dict[str, str]) -> None:
    assert requests.get(vercel + "/", timeout=5).content.decode() == site["site/index.html"]
    assert requests.get(vercel + "/rss/cs.XX", timeout=5).status_code == 404


def test_vercel_builds_nothing() -> None:
    rules = json.loads((ROOT / "vercel.json").read_text("utf-8"))
    assert (rules["framework"], rules["installCommand"], rules["buildCommand"]) == (None, "", "")
    assert rules["outputDirectory"] == "site"
