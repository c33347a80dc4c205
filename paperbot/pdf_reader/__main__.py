"""The process's limits, the pages one by one, and the answer."""

import json
import re
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw

from paperbot.pdf_reader.references import without_references
from paperbot.pdf_reader.text import (
    holds_abstract,
    is_decodable,
    join_surrogates,
    join_words,
    normalize_pdf_text,
)
from paperbot.pdf_reader.visibility import char_visibility, split_hidden

pdfium: Any = pypdfium2
raw: Any = pypdfium2.raw

MIN_LETTERS = 200
"""Fewer than this on all pages together: the pages are pictures."""
HIDDEN_TEXT_CHARS = 2000
PAGE_BREAK = "\n\n"
OPENING_FAILURES = {
    raw.FPDF_ERR_PASSWORD: "the PDF needs a password",
    raw.FPDF_ERR_SECURITY: "the PDF is locked in a way that can't be opened",
}
UNDECODABLE = "the PDF's fonts don't say which letters they show"


def main() -> int:
    """Read the PDF on stdin within the limits of the first argument; returns the exit code."""
    limits = json.loads(sys.argv[1])
    confine(limits["seconds"], limits["memory_bytes"], limits["output_bytes"])
    try:
        answer = read(sys.stdin.buffer.read(), limits)
    except MemoryError:
        answer = {"unreadable": "reading the PDF takes more memory than is allowed"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())
    return 0


def confine(seconds: int, memory_bytes: int, output_bytes: int) -> None:
    """Limits that hold even when the parent is no longer there to stop this process."""
    if sys.platform == "win32":
        return
    import resource

    signal.alarm(seconds + 5)
    wanted = {
        resource.RLIMIT_CPU: seconds + 5,
        resource.RLIMIT_FSIZE: output_bytes,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":  # elsewhere the limit on address space is refused or means something else
        wanted[resource.RLIMIT_AS] = memory_bytes
    for limit, value in wanted.items():
        _, most = resource.getrlimit(limit)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, value))


@dataclass
class Pages:
    """What has been read so far."""

    chars_left: int
    texts: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    raw_words: list[str] = field(default_factory=list)
    """The pages' text with unknown characters still in it: tells whether the fonts can be decoded."""
    unreadable: int = 0

    def add(self, document: Any, number: int) -> None:
        """One page; a damaged one is empty."""
        text = ""
        hidden: list[str] = []
        try:
            page = document[number]
            text, hidden = read_page(page, self.chars_left)
            page.close()
        except pdfium.PdfiumError:
            self.unreadable += 1
        self.raw_words.append(text)
        text = normalize_pdf_text(text)
        self.texts.append(text[: self.chars_left])
        self.hidden += hidden
        self.chars_left -= len(text)


def read(data: bytes, limits: Mapping[str, Any]) -> dict[str, Any]:
    """The answer: `text` and so on, or `unreadable`, the reason why there is none."""
    deadline = time.monotonic() + limits["seconds"] * 0.8
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as problem:
        return {"unreadable": OPENING_FAILURES.get(problem.err_code, "the PDF is damaged")}
    page_count = len(document)
    pages = Pages(limits["text_chars"])
    for number in range(min(page_count, limits["pages"])):
        if pages.chars_left <= 0 or time.monotonic() > deadline:
            break
        pages.add(document, number)
    if pages.unreadable == len(pages.texts):
        return {"unreadable": "the PDF is damaged: none of its pages can be read"}
    text = PAGE_BREAK.join(pages.texts)
    if reason := no_text_reason(text, pages, page_count, limits["abstract"]):
        return {"unreadable": reason}
    is_cut = len(pages.texts) < page_count or pages.chars_left < 0 or pages.unreadable > 0
    hidden = " ".join(normalize_pdf_text("\n".join(pages.hidden)).split())
    return {
        "text": without_references(text),
        "pages": pages.texts,
        "cut": is_cut,
        "hidden_text": hidden[:HIDDEN_TEXT_CHARS],
    }


def no_text_reason(text: str, pages: Pages, page_count: int, abstract: str) -> str:
    """Why this is no text of the paper; empty if it is."""
    raw_text = "\n".join(pages.raw_words)
    if len(re.findall(r"\S", raw_text)) >= MIN_LETTERS and not is_decodable(raw_text):
        return UNDECODABLE
    if sum(map(str.isalpha, text)) < MIN_LETTERS:
        return f"the PDF holds no text, only pictures of its {page_count} page(s)"
    return "" if holds_abstract(text, abstract) else UNDECODABLE


def read_page(page: Any, max_chars: int) -> tuple[str, list[str]]:
    """What a reader sees of the page's text, words whole, and the runs of words that the page hides."""
    text_page = page.get_textpage()
    # One character for each place of the page; a page may be all ligatures, hence more than are wanted.
    count = min(text_page.count_chars(), 2 * max_chars)
    chars = join_surrogates([raw.FPDFText_GetUnicode(text_page, at) for at in range(count)])
    visible, hidden = split_hidden(chars, char_visibility(page, text_page, chars))
    return join_words(visible), hidden


if __name__ == "__main__":
    raise SystemExit(main())
