"""The sample's OpenAI-compatible endpoint: takes files as DashScope does, answers with canned summaries."""

import json
import re
import secrets
from collections.abc import Iterable
from typing import Any

from paperbot.sample.papers import SamplePaper, sample_papers

KEY = "sample-key"
FILE_ID = re.compile(r"fileid://([\w-]+)")
FILE_NAME = re.compile(rb'filename="([^"]*)"')
PAPER_ID = re.compile(r"2512\.99\d{3}")
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
    """The files uploaded so far, and answers about them."""

    def __init__(self) -> None:
        self.files: dict[str, Record] = {}
        self._papers: dict[str, SamplePaper] = {}

    def upload(self, body: bytes) -> Record:
        """Takes a form with a file in it; which of the papers it is, its text says."""
        name = FILE_NAME.search(body)
        if not name:
            raise Refusal(400, "invalid_parameter_error", "There is no file in the form.")
        file_id = "file-fe-" + secrets.token_hex(10)
        self._papers[file_id] = paper_in([body.decode("latin-1")])
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
        paper = self._papers[file_ids[0]] if file_ids else paper_in(texts)
        if paper.refused:
            raise Refusal(400, "data_inspection_failed", "Input text data may contain inappropriate content.")
        words = paper.summary or NO_SUMMARY
        read = sum(map(len, texts)) + (len(paper.text) if file_ids else 0)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": words}}
        return {
            "id": "chatcmpl-" + secrets.token_hex(12),
            "object": "chat.completion",
            "created": 0,
            "model": asked["model"],
            "choices": [choice],
            "usage": _usage(read, len(words)),
        }


def paper_in(texts: Iterable[str]) -> SamplePaper:
    """The paper whose id, or else whose title, stands in the texts."""
    text = " ".join(" ".join(texts).split())
    by_id = {each.paper.id: each for each in sample_papers()}
    if (found := PAPER_ID.search(text)) and found[0] in by_id:
        return by_id[found[0]]
    for each in by_id.values():
        if each.paper.title in text:
            return each
    raise Refusal(400, "invalid_parameter_error", "None of the sample's papers stands in this request.")


def events_of(completion: Record, with_usage: bool) -> str:
    """The same completion as a stream of server-sent events."""
    words = completion["choices"][0]["message"]["content"]
    pieces = [words[at : at + PIECE_CHARS] for at in range(0, len(words), PIECE_CHARS)]
    deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    choices: list[list[Record]] = [[{"index": 0, "delta": delta, "finish_reason": None}] for delta in deltas]
    choices.append([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    frame = completion | {"object": "chat.completion.chunk", "usage": None}
    chunks = [frame | {"choices": each} for each in choices]
    if with_usage:
        chunks.append(frame | {"choices": [], "usage": completion["usage"]})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


def _usage(read_chars: int, written_chars: int) -> dict[str, int]:
    read, written = (-(-chars // CHARS_PER_TOKEN) for chars in (read_chars, written_chars))
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
