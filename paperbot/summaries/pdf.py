"""A paper's text out of its PDF, read in a process of its own, and what of it goes to a model.

All text is untrusted. Calls from several threads at once are fine.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from paperbot.pdf_reader.references import NUMBERING

CHILD = (sys.executable, "-P", "-B", "-m", "paperbot.pdf_reader")
HIDDEN_TEXT_CHARS = 200
ABSTRACT_CHARS = 5_000
MAX_PDF_BYTES = 50_000_000
MAX_CHAR_BYTES = 4


class UnreadablePdf(Exception):
    """A PDF whose text can't be had; `str()` is the reason as half a sentence for the page."""


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """How much one PDF may take."""

    input_bytes: int = MAX_PDF_BYTES
    pages: int = 200
    text_chars: int = 1_000_000
    seconds: int = 60
    memory_bytes: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class PaperText:
    """What a person sees of a paper's text."""

    text: str
    """For a model: the lists of references left out, appendices behind them kept."""
    pages: tuple[str, ...]
    """All text, page by page."""
    cut: bool = False
    """Pages or characters beyond the limits are missing."""
    hidden_text: str = ""
    """The beginning of text on its pages that no person can see; not in `text`."""


def read_pdf(data: bytes, limits: PdfLimits | None = None, *, abstract: str = "") -> PaperText:
    """The text of a PDF's pages in reading order; raises UnreadablePdf.

    The paper's `abstract`, where it is given, helps to find out that a PDF's fonts show other letters than
    the file holds.
    """
    limits = limits or PdfLimits()
    if not data:
        raise UnreadablePdf("the PDF is empty")
    start = data[:1024].lower()
    if b"%pdf-" not in start:
        is_web_page = b"<html" in start or b"<!doctype html" in start
        raise UnreadablePdf(f"{'a web page' if is_web_page else 'something else'} came instead of a PDF")
    if len(data) > limits.input_bytes:
        size, most = (f"{size / 1e6:.0f} MB" for size in (len(data), limits.input_bytes))
        raise UnreadablePdf(f"the PDF is too large: {size}, at most {most} are read")
    if b"%%EOF" not in data[-4096:]:
        raise UnreadablePdf("the PDF is cut off: its end is missing")
    answer = _ask_child(CHILD, data, limits, abstract)
    if isinstance(reason := answer.get("unreadable"), str):
        raise UnreadablePdf(reason)
    try:
        pages, hidden_text = tuple(map(str, answer["pages"])), str(answer["hidden_text"])
        return PaperText(str(answer["text"]), pages, bool(answer["cut"]), hidden_text[:HIDDEN_TEXT_CHARS])
    except (KeyError, TypeError):  # a PDF may have shaped it
        raise UnreadablePdf("the PDF reader gave no answer") from None


def _ask_child(command: tuple[str, ...], data: bytes, limits: PdfLimits, abstract: str) -> Mapping[str, Any]:
    """The child's answer; through files, whose size the child has limited for itself, rather than memory."""
    output_bytes = 2 * limits.text_chars * MAX_CHAR_BYTES + 100_000  # with the references and without
    asked = asdict(limits) | {"output_bytes": output_bytes, "abstract": abstract[:ABSTRACT_CHARS]}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            ended = subprocess.run(
                [*command, json.dumps(asked)],
                input=data,
                stdout=out,
                stderr=err,
                env=_child_environment(),
                timeout=limits.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UnreadablePdf(f"reading the PDF took longer than {limits.seconds} s") from None
        if ended.returncode < 0:
            raise UnreadablePdf(f"the PDF reader crashed on it (signal {-ended.returncode})")
        if ended.returncode:
            err.seek(0)
            lines = err.read(100_000).decode(errors="replace").strip().splitlines()
            why = lines[-1][:200] if lines else f"exit code {ended.returncode}"
            raise UnreadablePdf(f"the PDF reader failed: {why}")
        out.seek(0)
        try:
            answer = json.loads(out.read(output_bytes))
        except (ValueError, RecursionError):
            answer = None
    if not isinstance(answer, dict):
        raise UnreadablePdf("the PDF reader gave no answer")
    return answer


def _child_environment() -> dict[str, str]:
    """Where modules are, and nothing else: the key stays here."""
    windows_needs = {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if sys.platform == "win32" else {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **windows_needs}


CONCLUSION = re.compile(
    NUMBERING + r"(?:c ?onclusions?|c ?oncluding remarks|d ?iscussion|结论)\b.{0,40}$",
    re.IGNORECASE | re.MULTILINE,
)
LEFT_OUT = "\n\n[... the middle of the paper is left out here ...]\n\n"
STOP = re.compile(r"\n\n|[.!?。！？][\s)\]]")


def within_budget(text: str, max_chars: int) -> str:
    """At most `max_chars` of it: the beginning and, behind a marker, the conclusion or else the end."""
    if len(text) <= max_chars:
        return text
    kept_chars = max_chars - len(LEFT_OUT)
    if kept_chars < 1000:
        return text[: max(max_chars, 0)]
    # the end is what starts at the last heading of a conclusion, or the last whole sentences
    latest = len(text) - kept_chars // 4
    headings = [found.start() for found in CONCLUSION.finditer(text, len(text) // 2)]
    if headings and headings[-1] < latest:
        end = _whole_sentences(text[headings[-1] :], kept_chars // 4)
    elif headings:
        end = text[headings[-1] :]
    else:
        start = STOP.search(text, latest)
        end = text[start.end() if start else latest :]
    return _whole_sentences(text, kept_chars - len(end)) + LEFT_OUT + end


def _whole_sentences(text: str, max_chars: int) -> str:
    """The beginning of the text, ending with a sentence unless its last one is very long."""
    ends = [stop.end() for stop in STOP.finditer(text, max(0, max_chars - 1000), max_chars)]
    return text[: ends[-1] if ends else max_chars].rstrip()
