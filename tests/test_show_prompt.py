"""`make prompt ID=...`: what would be sent for one paper, and nothing is sent but a question to arXiv."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from paperbot.show_prompt import main
from paperbot.summaries.prompts import ROLE
from paperbot.summaries.tldr_prompt import request_with_summary

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns="http://www.w3.org/2005/Atom"
 xmlns:arxiv="http://arxiv.org/schemas/atom"><opensearch:totalResults>{total}</opensearch:totalResults>{entry}
</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/2512.99001v2</id><title>Draft \u202eHorses</title>
<updated>2025-12-03T00:00:00Z</updated><summary>Tiny models.
A second paragraph.</summary><category term="cs.LG"/><published>2025-12-02T00:00:00Z</published>
<arxiv:primary_category term="cs.LG"/><author><name>Ada Example</name></author></entry>"""


class Prompt:
    """A fork with a prompt of its own, whose arXiv is the test's server."""

    def __init__(self, root: Path, server: HTTPServer) -> None:
        self.root, self.config, self.server = root, root / "config.json", server
        (root / "prompt.txt").write_text("In {{ language }}:\nwhat does {{ title }} ({{ id }}) find?")

    def show(self, paper_id: str, **ai_summary: Any) -> int:
        settings = {
            "ai_summary": {"prompt_file": "prompt.txt"} | ai_summary,
            "arxiv": {"api_url": self.server.url_for("/api"), "delay_seconds": 0, "patience_seconds": 0},
        }
        self.config.write_text(json.dumps(settings))
        return main([paper_id, "--config", str(self.config), "--root", str(self.root)], {})

    def answer(self, total: int, entry: str = "") -> None:
        arxiv = self.server.expect_request("/api")
        arxiv.respond_with_data(FEED.format(total=total, entry=entry), content_type="application/atom+xml")


@pytest.fixture
def prompt(tmp_path: Path, httpserver: HTTPServer) -> Prompt:
    return Prompt(tmp_path, httpserver)


def test_an_uploaded_pdf_has_a_message_of_its_own(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    prompt.answer(1, ENTRY)
    assert prompt.show("2512.99001") == 0
    *lines, tokens, fallback = capsys.readouterr().out.splitlines()
    assert lines == [
        "To https://dashscope.aliyuncs.com/compatible-mode/v1, model qwen-long, from the uploaded PDF:",
        "The PDF is https://arxiv.org/pdf/2512.99001v2, deleted at the server after the summary.",
        "",
        "--- system ---",
        *ROLE.split("\n"),
        "",
        "--- system ---",
        "fileid://(the id that the server gives to the uploaded PDF)",
        "",
        "--- user ---",
        "In Chinese:",
        "what does Draft  Horses (2512.99001v2) find?",
        "",
        request_with_summary("Chinese"),
        "",
    ]
    assert re.fullmatch("--- about 20,[0-9]{3} tokens read, about 2,000 written ---", tokens)
    assert fallback == "Where that does not work: from the text of the PDF, then from the abstract."
    (request, _), *more = prompt.server.log
    assert (request.args["id_list"], more) == ("2512.99001", [])


def test_a_pasted_address_names_a_paper(prompt: Prompt) -> None:
    prompt.answer(1, ENTRY)
    assert prompt.show("https://arxiv.org/abs/2512.99001v1?context=cs") == 0
    (request, _), *_ = prompt.server.log
    assert request.args["id_list"] == "2512.99001v1"


def test_a_text_that_is_not_fetched_has_its_place(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    prompt.answer(1, ENTRY)
    assert prompt.show("2512.99001v2", base_url="https://api.openai.com/v1", model="gpt-x") == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "To https://api.openai.com/v1, model gpt-x, from the text of the PDF:\nThe PDF is "
    )
    assert (
        "\n<paper>\n(here comes the PDF's text without its references, at most 120,000 characters)\n" in said
    )


def test_an_abstract_is_sent_as_it_is(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    prompt.answer(1, ENTRY)
    assert prompt.show("2512.99001", source="abstract") == 0
    said = capsys.readouterr().out
    assert "\nTiny models.\nA second paragraph.\n</paper>\n" in said
    assert "The PDF is" not in said
    assert re.fullmatch("--- about [0-9]{3} tokens read, about 2,000 written ---", said.splitlines()[-1])


def test_a_paper_that_does_not_exist(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    prompt.answer(0)
    assert prompt.show("2512.99999") == 2
    assert capsys.readouterr().err == "error: arXiv has no paper 2512.99999.\n"


def test_no_answer_from_arxiv(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    prompt.server.expect_request("/api").respond_with_data("Rate exceeded.", status=429)
    assert prompt.show("2512.99001") == 1
    assert "arXiv answered HTTP 429: Rate exceeded." in capsys.readouterr().err


def test_a_wrong_config(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    assert prompt.show("2512.99001", prompt_file="nowhere.txt") == 2
    assert 'ai_summary.prompt_file is "nowhere.txt", but there is no such file' in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["", "2512", "quant-ph", "2512.99001/../x", "id&start=0", "\x1b[31m"])
def test_what_is_no_id_is_not_sent(prompt: Prompt, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        prompt.show(wrong)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "is not an arXiv id or address such as 2512.20276 or https://arxiv.org/abs/2512.20276" in said
    assert "\x1b" not in said
    assert prompt.server.log == []
