"""A paper's text out of its PDF, read in a process of its own, and what of it goes to a model.

All text is untrusted. Calls from several threads at once are fine.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

CHILD = (sys.executable, "-P", "-B", str(Path(__file__).with_name("pdf_worker.py")))
HIDDEN_TEXT_CHARS = 200
FEWEST_LETTERS = 200
"""Fewer than this on all pages together: the pages are pictures."""


class UnreadablePdf(Exception):
    """A PDF whose text can't be had; `str()` is the reason as half a sentence for the page."""


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """How much one PDF may take."""

    input_bytes: int = 50_000_000
    pages: int = 200
    text_chars: int = 1_000_000
    seconds: int = 60
    memory_bytes: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class PaperText:
    """What a person sees of a paper's text."""

    text: str
    pages: int
    """Of the PDF, read or not."""
    cut: bool = False
    """Pages or characters beyond the limits are missing."""
    hidden_text: str = ""
    """The beginning of text on its pages that no person can see; not in `text`."""


def read_pdf(data: bytes, limits: PdfLimits | None = None) -> PaperText:
    """The text of a PDF's pages in reading order; raises UnreadablePdf."""
    limits = limits or PdfLimits()
    _refuse_what_is_no_pdf(data, limits)
    answer = _ask_child(CHILD, data, limits)
    if "unreadable" in answer:
        raise UnreadablePdf(answer["unreadable"])
    text = mended(answer["text"])
    if sum(map(str.isalpha, text)) < FEWEST_LETTERS:
        raise UnreadablePdf(f"the PDF holds no text, only pictures of its {answer['pages']} page(s)")
    hidden = " ".join(mended(answer["hidden_text"]).split())
    return PaperText(text, answer["pages"], answer["cut"], hidden[:HIDDEN_TEXT_CHARS])


def _refuse_what_is_no_pdf(data: bytes, limits: PdfLimits) -> None:
    start = data[:1024].lower()
    if not data:
        raise UnreadablePdf("the PDF is empty")
    if b"%pdf-" not in start:
        is_web_page = b"<html" in start or b"<!doctype html" in start
        raise UnreadablePdf(f"{'a web page' if is_web_page else 'something else'} came instead of a PDF")
    if len(data) > limits.input_bytes:
        size, most = (f"{size / 1e6:.0f} MB" for size in (len(data), limits.input_bytes))
        raise UnreadablePdf(f"the PDF is too large: {size}, at most {most} are read")
    if b"%%EOF" not in data[-4096:]:
        raise UnreadablePdf("the PDF is cut off: its end is missing")


def _ask_child(command: tuple[str, ...], data: bytes, limits: PdfLimits) -> dict[str, Any]:
    """The child's answer; through files, whose size the child has limited for itself, rather than memory."""
    asked = asdict(limits) | {"output_bytes": limits.text_chars * 6 + 100_000}
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
        if ended.returncode != 0:
            raise UnreadablePdf(f"the PDF reader {_what_ended_it(ended.returncode, err)}")
        out.seek(0)
        try:
            answer: dict[str, Any] = json.loads(out.read(asked["output_bytes"]))
        except ValueError:
            raise UnreadablePdf("the PDF reader gave no answer") from None
        return answer


def _child_environment() -> dict[str, str]:
    """Where modules are, and nothing else: the key stays here."""
    windows_needs = {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if sys.platform == "win32" else {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **windows_needs}


def _what_ended_it(returncode: int, err: IO[bytes]) -> str:
    if returncode < 0:
        return f"crashed on it (signal {-returncode})"
    err.seek(0)
    lines = err.read(100_000).decode(errors="replace").strip().splitlines()
    return f"failed: {lines[-1][:200] if lines else f'exit code {returncode}'}"


# What pdfium makes of a hyphen at the end of a line; the break itself is gone.
LINE_END_HYPHEN = re.compile("([\\w-]*)[\x02\ufffe](?:\r?\n)?")
SOFT_HYPHEN = re.compile("\u00ad(?:\r?\n)?")
COMPATIBILITY = re.compile("[\ufb00-\ufb06\U0001d400-\U0001d7ff\u2000-\u200a\u202f\u205f\u00a0]")
UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn"}


def mended(text: str) -> str:
    """Raw text of a PDF with words whole, ligatures and mathematical letters plain, and nothing invisible.

    Superscripts and the like stay: as plain digits they would change a number.
    """
    text = LINE_END_HYPHEN.sub(_joined, text)
    text = SOFT_HYPHEN.sub("", text)
    text = COMPATIBILITY.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in UNWANTED)


def _joined(broken: re.Match[str]) -> str:
    """`state-of-the` keeps its hyphen at the line's end, as do numbers."""
    start: str = broken[1]
    keeps = "-" in start or not start[-1:].isalpha()
    return f"{start}-" if keeps else start


NUMBERING = r"^[ \t]*(?:\d{1,2}\.?|[ivx]{1,4}\.)?[ \t]*"
# Small capitals come out of some PDFs as "R EFERENCES".
REFERENCES = re.compile(
    NUMBERING + r"(?:r ?eferences|b ?ibliography|works cited|参考文献)(?: and notes)?[ \t]*:?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
YEAR = re.compile(r"\b(?:19|20)\d\d[a-z]?\b")


def without_references(text: str) -> str:
    """The text before the last list of references, if it has one; appendices behind it go as well."""
    for heading in reversed(list(REFERENCES.finditer(text, len(text) // 4))):
        if len(YEAR.findall(text, heading.end(), heading.end() + 4000)) >= 3:
            return text[: heading.start()].rstrip()
    return text


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
    room = max_chars - len(LEFT_OUT)
    if room < 1000:
        return text[: max(max_chars, 0)]
    end = _end_of(text, room // 4)
    return _whole_sentences(text, room - len(end)) + LEFT_OUT + end


def _end_of(text: str, max_chars: int) -> str:
    """What starts at the last heading of a conclusion, or the last whole sentences."""
    latest = len(text) - max_chars
    headings = [found.start() for found in CONCLUSION.finditer(text, len(text) // 2)]
    if headings and headings[-1] < latest:
        return _whole_sentences(text[headings[-1] :], max_chars)
    if headings:
        return text[headings[-1] :]
    start = STOP.search(text, latest)
    return text[start.end() if start else latest :]


def _whole_sentences(text: str, max_chars: int) -> str:
    """The beginning of the text, ending with a sentence unless its last one is very long."""
    ends = [stop.end() for stop in STOP.finditer(text, max(0, max_chars - 1000), max_chars)]
    return text[: ends[-1] if ends else max_chars].rstrip()
