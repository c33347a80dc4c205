"""The sample's OpenAI-compatible endpoint: takes files as DashScope does, answers with canned summaries."""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from paperbot.sample.papers import AnnouncedPaper

KEY = "sample-key"
FILE_ID = re.compile(r"fileid://([\w-]+)")
FILE_NAME = re.compile(rb'filename="([^"]*)"')
PAPER_ID = re.compile(r"\d{4}\.\d{5}")
OVERVIEW = re.compile(r"^<papers>$", re.MULTILINE)
OVERVIEW_SENTENCES = 3
TLDR_ALONE, TLDR_LABEL = "Write the TL;DR of this paper", "`TL;DR: `"
CHARS_PER_TOKEN = 4
PIECE_CHARS = 200
NO_SUMMARY = "No summary of this paper comes with the sample; here a model would have written one."

Record = dict[str, Any]


class Refusal(Exception):
    """An error answer: its HTTP status, its code and its words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class ModelServer:
    """The files uploaded so far, and answers about the papers that arXiv knows."""

    def __init__(self, known_papers: Callable[[], Mapping[str, AnnouncedPaper]]) -> None:
        self.files: dict[str, Record] = {}
        self._known_papers = known_papers
        self._papers: dict[str, AnnouncedPaper] = {}

    def upload(self, body: bytes) -> Record:
        """Take a form with a PDF in it; the text of the PDF shows which paper it is."""
        name = FILE_NAME.search(body)
        if not name:
            raise Refusal(400, "invalid_parameter_error", "There is no file in the form.")
        file_id = "file-fe-" + secrets.token_hex(10)
        self._papers[file_id] = self._paper_in([body.decode("latin-1")])
        self.files[file_id] = {
            "id": file_id,
            "object": "file",
            "bytes": len(body),
            "created_at": 0,
            "filename": name[1].decode(errors="replace"),
            "purpose": "file-extract",
            "status": "processed",
        }
        return self.files[file_id]

    def retrieve(self, file_id: str) -> Record:
        if file_id not in self.files:
            raise Refusal(404, "invalid_request_error", f"No such File object: {file_id}")
        return self.files[file_id]

    def delete(self, file_id: str) -> Record:
        self.retrieve(file_id)
        del self.files[file_id], self._papers[file_id]
        return {"id": file_id, "object": "file", "deleted": True}

    def complete(self, asked: Record) -> Record:
        """A chat completion with usage: the summary of the paper in the file, or in the messages."""
        texts = [str(message["content"]) for message in asked["messages"]]
        file_ids = [file_id for text in texts for file_id in FILE_ID.findall(text)]
        for file_id in file_ids:
            self.retrieve(file_id)
        if OVERVIEW.search(texts[-1]):
            listed = re.findall(r"^\[(\d+)\] .*\n(\S.*)$", texts[-1], re.MULTILINE)[:OVERVIEW_SENTENCES]
            words = "\n".join(f"{tldr.rstrip('.')} [{number}]." for number, tldr in listed)
            read = 0
        else:
            paper = self._papers[file_ids[0]] if file_ids else self._paper_in(texts)
            words, read = self._about(paper, texts[-1]), len(paper.text) if file_ids else 0
        read_tokens, written_tokens = (
            -(-chars // CHARS_PER_TOKEN) for chars in (read + sum(map(len, texts)), len(words))
        )
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": words}}
        return {
            "id": "chatcmpl-" + secrets.token_hex(12),
            "object": "chat.completion",
            "created": 0,
            "model": asked["model"],
            "choices": [choice],
            "usage": {
                "prompt_tokens": read_tokens,
                "completion_tokens": written_tokens,
                "total_tokens": read_tokens + written_tokens,
            },
        }

    def _about(self, paper: AnnouncedPaper, asked: str) -> str:
        """A TL;DR, a summary, or both."""
        if paper.refused:
            raise Refusal(400, "data_inspection_failed", "Input text data may contain inappropriate content.")
        if TLDR_ALONE in asked:
            return paper.tldr
        summary = self.summary_of(paper)
        return f"TL;DR: {paper.tldr}\n\n{summary}" if TLDR_LABEL in asked else summary

    def summary_of(self, paper: AnnouncedPaper) -> str:
        """The sample's summary of a paper, in Markdown."""
        return paper.summary or NO_SUMMARY

    def _paper_in(self, texts: Iterable[str]) -> AnnouncedPaper:
        """The paper whose id, or else whose title, is in the texts."""
        text = " ".join(" ".join(texts).split())
        papers = self._known_papers()
        if found := next((name for name in PAPER_ID.findall(text) if name in papers), None):
            return papers[found]
        for paper in papers.values():
            if paper.paper.title in text:
                return paper
        raise Refusal(400, "invalid_parameter_error", "The request is about none of the papers.")


def events_of(completion: Record, with_usage: bool) -> str:
    """The same completion as a stream of server-sent events."""
    words = completion["choices"][0]["message"]["content"]
    pieces = [words[at : at + PIECE_CHARS] for at in range(0, len(words), PIECE_CHARS)]
    deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    choices: list[list[Record]] = [[{"index": 0, "delta": delta, "finish_reason": None}] for delta in deltas]
    choices.append([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    frame = completion | {"object": "chat.completion.chunk", "usage": None}
    chunks = [frame | {"choices": choice} for choice in choices]
    if with_usage:
        chunks.append(frame | {"choices": [], "usage": completion["usage"]})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
