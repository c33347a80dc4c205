"""The sample's local arXiv and model server, asked by the real clients, and its invented papers."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openai
import pytest
import requests

from paperbot.config import load_config
from paperbot.config.settings import Config
from paperbot.errors import UserError
from paperbot.ranking.keywords import is_withdrawn
from paperbot.sample import SAMPLE_CLOCKS, SampleWorld, run_sample, sample_config
from paperbot.sample.papers import FOLDER, AnnouncedPaper, known_at, sample_papers
from paperbot.sample.pdf_writer import pdf_of
from paperbot.sources.arxiv_api import ArxivSource
from paperbot.sources.http import PoliteSession
from paperbot.summaries.grounding import ground
from paperbot.summaries.pdf import read_pdf

ROOT = Path(__file__).resolve().parents[1]
MONDAY, TUESDAY, WEDNESDAY = SAMPLE_CLOCKS
OURS = "cat:cs.AI OR cat:cs.CL OR cat:cs.DC OR cat:cs.LG"
WINDOW = f"({OURS}) AND submittedDate:[202512120000 TO 202512241200]"
DAYS_AND_PAPERS = [(22, 12), (23, 25), (24, 43)]
DAY = dt.timedelta(days=1)


@pytest.fixture
def world() -> Iterator[SampleWorld]:
    with SampleWorld(WEDNESDAY) as world:
        yield world


@pytest.fixture
def client(world: SampleWorld) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=world.key, base_url=world.llm_url, max_retries=0) as client:
        yield client


def config() -> Config:
    return load_config(FOLDER / "config.json")[0]


def by_id(ending: str) -> AnnouncedPaper:
    return known_at(WEDNESDAY)[f"2512.99{ending}"]


def feed(world: SampleWorld, **asked: str | int) -> requests.Response:
    return requests.get(world.api_url, params=asked, timeout=10)


def ids_in(answer: requests.Response) -> list[str]:
    found = re.findall(r"<id>http://arxiv.org/abs/(.+?)</id>", answer.text)
    assert f"<opensearch:totalResults>{len(found)}<" in answer.text
    return found


# The feed


def test_papers_appear_with_their_announcement(world: SampleWorld) -> None:
    counts = []
    for world.clock in (MONDAY - DAY, *SAMPLE_CLOCKS):
        counts.append(len(ids_in(feed(world, search_query=f"({OURS})", max_results=2000))))
    assert counts == [0, 12, 25, 43]


def test_the_bots_own_source_takes_the_feed_as_complete(world: SampleWorld) -> None:
    session = PoliteSession(delay_seconds=0.0, timeout_seconds=10)
    source = ArxivSource(session, world.api_url, patience_seconds=1)
    papers = source.fetch_span(config().categories, WEDNESDAY - 10 * DAY, WEDNESDAY)
    assert papers.papers == {key: paper.paper for key, paper in known_at(WEDNESDAY).items()}


def test_the_range_of_dates_includes_both_ends_at_second_zero(world: SampleWorld) -> None:
    def found(since: str, until: str) -> list[str]:
        return ids_in(feed(world, search_query=f"cat:cs.DC AND submittedDate:[{since} TO {until}]"))

    assert found("202512190648", "202512190649") == ["2512.99006v1"]  # submitted at 06:48:37
    assert found("202512190649", "202512190700") == []
    assert found("202512190600", "202512190648") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"search_query": "ti:attention"},
        {"search_query": "cat:cs.LG AND submittedDate:[yesterday TO today]"},
        {"search_query": "cat:cs.LG", "start": "-1"},
        {"search_query": "cat:cs.LG", "max_results": "2001"},
        {},
    ],
)
def test_a_bad_query_is_answered_as_arxiv_does(world: SampleWorld, asked: dict[str, str]) -> None:
    answer = feed(world, **asked)
    entry = ElementTree.fromstring(answer.content).find("{http://www.w3.org/2005/Atom}entry")
    assert answer.status_code == 400
    assert entry is not None
    assert entry.findtext("{http://www.w3.org/2005/Atom}title") == "Error"
    assert entry.findtext("{http://www.w3.org/2005/Atom}published") is None


def test_a_paper_that_is_withdrawn_later(world: SampleWorld) -> None:
    world.clock = TUESDAY
    assert not is_withdrawn(known_at(TUESDAY)["2512.99009"].paper)
    assert "2512.99009v1" in ids_in(feed(world, search_query=WINDOW, max_results=100))
    world.clock = WEDNESDAY
    assert is_withdrawn(by_id("009").paper)
    assert "2512.99009v2" in ids_in(feed(world, search_query=WINDOW, max_results=100))


# PDFs


@pytest.mark.parametrize("name", ["2512.99027", "2512.99027v1"])
def test_a_pdf_holds_the_whole_paper(world: SampleWorld, name: str) -> None:
    answer = requests.get(world.pdf_url.format(id=name), timeout=10)
    text = read_pdf(answer.content).text
    assert answer.headers["Content-Type"] == "application/pdf"
    assert " ".join(text.split()) == " ".join(re.sub("(?m)^# ", "", shown_in_pdf(by_id("027").text)).split())


def shown_in_pdf(text: str) -> str:
    """The letters that the PDF's fonts lack have lost their accents."""
    return text.replace("ć", "c").replace("ō", "o")


def test_a_long_text_takes_several_pages() -> None:
    chapters = [f"# Chapter {number} (of \\ many)\n" + "So it goes on. " * 60 for number in range(1, 13)]
    read = read_pdf(pdf_of("\n".join(chapters)))
    assert len(read.pages) > 2
    assert " ".join(read.text.split()).count("So it goes on.") == 12 * 60
    assert re.findall(r"Chapter (\d+) \(of \\ many\)", read.text) == [str(number) for number in range(1, 13)]


# The model


def ask(client: openai.OpenAI, *messages: str, **options: Any) -> Any:
    said: list[Any] = [{"role": "user", "content": message} for message in messages]
    return client.chat.completions.create(model="qwen-long-sample", messages=said, **options)


def test_an_uploaded_file_is_summarised_and_deleted(client: openai.OpenAI) -> None:
    paper = by_id("027")
    upload = client.files.create(
        file=("paper.pdf", paper.pdf(), "application/pdf"),
        purpose="file-extract",  # type: ignore[arg-type]  # DashScope's own purpose
    )
    assert client.files.retrieve(upload.id).status == "processed"
    assert [file.id for file in client.files.list()] == [upload.id]
    answer = ask(client, f"fileid://{upload.id}", "Summarise this paper.")
    assert answer.choices[0].message.content == paper.summary
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.prompt_tokens > len(paper.text) // 4
    assert client.files.delete(upload.id).deleted
    assert list(client.files.list()) == []
    with pytest.raises(openai.NotFoundError):
        ask(client, f"fileid://{upload.id}", "Again?")


def test_a_text_is_summarised_by_its_id_or_its_title(client: openai.OpenAI) -> None:
    paper = by_id("015")
    for text in (read_pdf(paper.pdf()).text, f"Title: {paper.paper.title}\n\n{paper.paper.abstract}"):
        assert ask(client, text).choices[0].message.content == paper.summary


def test_a_stream_says_the_same_and_its_usage(client: openai.OpenAI) -> None:
    whole = ask(client, "2512.99030")
    chunks = list(ask(client, "2512.99030", stream=True, stream_options={"include_usage": True}))
    pieces = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(pieces) == whole.choices[0].message.content
    assert len(pieces) > 3
    assert chunks[-1].usage == whole.usage
    assert all(chunk.usage is None for chunk in ask(client, "2512.99030", stream=True))


def test_one_paper_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        ask(client, by_id("032").text)
    assert refusal.value.code == "data_inspection_failed"


# What comes with the sample


def test_figures_of_summaries_stand_in_their_papers_but_one() -> None:
    missing = {one.paper.id: ground(one.summary, one.text).missing for one in sample_papers() if one.summary}
    assert len(missing) == 17
    assert {key: figures for key, figures in missing.items() if figures} == {"2512.99028": ("3.9 times",)}


def test_the_config_is_valid_and_leads_to_the_world(world: SampleWorld, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(sample_config(world)))
    found, warnings = load_config(tmp_path / "config.json")
    assert warnings == ()
    assert (found.arxiv.api_url, found.arxiv.pdf_url) == (world.api_url, world.pdf_url)
    assert found.ai_summary.base_url == world.llm_url


# The command


def test_the_command_runs_each_morning_in_a_fresh_folder(tmp_path: Path) -> None:
    root = tmp_path / "sample"
    seen = []

    def command(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
        options = dict(zip(arguments[::2], arguments[1::2], strict=True))
        found = load_config(Path(options["--config"]))[0]
        asked = {"search_query": WINDOW, "max_results": "100"}
        papers = ids_in(requests.get(found.arxiv.api_url, params=asked, timeout=10))
        seen.append(
            (options["--root"], options["--now"][:10], len(papers), environ[found.ai_summary.api_key_env])
        )
        assert not (root / "README.md").exists()
        return 0

    mornings = [(str(root), f"2025-12-{day}", papers, "sample-key") for day, papers in DAYS_AND_PAPERS]
    assert run_sample(root, command) == 0
    assert seen == mornings
    (root / "README.md").touch()
    assert run_sample(root, command) == 0
    assert seen == mornings * 2
    codes = iter([0, 3])
    assert run_sample(root, lambda *_: next(codes)) == 3


def test_the_sample_shows_what_the_page_can(tmp_path: Path) -> None:
    command = [sys.executable, f"{ROOT / 'fetch_papers.py'}", "--sample", "--root", f"{tmp_path}"]
    no_network = os.environ | {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    run = subprocess.run(command, env=no_network, timeout=60, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    monday = (tmp_path / "archive/2025/2025-12-22.md").read_text(encoding="utf-8")
    assert "Night Shift: Speculative Decoding on GPUs" in page
    assert "3.9 times</ins><sup>⚠️ unverified</sup>" in page
    assert "**Read with care**" in page
    assert "refused this paper" in page
    assert "This paper has been withdrawn" in monday


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UserError, match="empty folder, or over an earlier sample"):
        run_sample(tmp_path, lambda *_: 0)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_without_a_folder_of_its_own_the_sample_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").touch()
    assert run_sample(Path(), lambda *_: 0) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "sample-output"]
