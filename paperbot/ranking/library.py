"""The reader's library: BibTeX files as Zotero, Mendeley, JabRef and Google Scholar export them.

Exports have flaws: encodings that they do not name, repeated keys, entries cut off, missing abstracts. What
can be read is used; what can't is counted in a problem, and never stops a run.
"""

import dataclasses
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import Block, ParsingFailedBlock
from bibtexparser.model import Entry as BibEntry

from paperbot.arxiv_id import find_arxiv_id, read_arxiv_id
from paperbot.errors import Problem
from paperbot.ranking.keywords import words_of
from paperbot.text import plain

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 20_000
MAX_TEXT_CHARS = 20_000
MIN_CHINESE_RUN = 3
"""Mean length of the runs of bytes above 127."""
DECLARED_ENCODING = re.compile(rb"%\s*Encoding:\s*([\w-]+)", re.IGNORECASE)
"""JabRef writes it into the first line."""
BRACES = str.maketrans("", "", "{}")
VERSION = re.compile(r"v[0-9]+$")
HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
ID_FIELDS = (
    "eprint",
    "arxivid",
    "arxiv",
    "url",
    "doi",
    "howpublished",
    "journal",
    "note",
    "annote",
    "number",
)
"""Where exports put an arXiv id, the most reliable first."""
USED_FIELDS = frozenset({"title", "abstract", *ID_FIELDS})
FIELDS_WITH_BARE_ID = frozenset({"eprint", "arxivid", "arxiv", "url", "doi"})
"""The others hold running text, in which only a marked id counts: `arXiv:2512.20276`."""


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A paper that the reader has; untrusted, and private: never shown on a page."""

    title: str
    abstract: str = ""
    """Empty if the export has none."""
    arxiv_id: str = ""
    """Without its version; empty if the entry names none."""
    is_private: bool = False
    """arXiv is not asked for its abstract, and nothing of it is kept."""
    origin: str = dataclasses.field(default="", compare=False)
    """File and line, for messages that must not quote the entry."""


def read_library(
    bibs: Mapping[str, Callable[[], bytes]],
) -> tuple[tuple[LibraryEntry, ...], tuple[Problem, ...]]:
    """The entries of all files, each paper once, and what could not be read.

    Each file is given by its name for messages, and a function that returns its bytes, or raises OSError or
    ValueError.
    """
    entries: list[LibraryEntry] = []
    problems: list[Problem] = []
    for name, read in bibs.items():
        try:
            found, in_file = parse_bib(decode_bib(read()), name)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or error
            problems.append(Problem(f"The library can't be read: {reason}.", name))
            continue
        entries += found
        problems += in_file
        if not found:
            problems.append(Problem("The library has no entries with a title. Is it a BibTeX file?", name))
    unique = _each_once(entries)
    if len(unique) > MAX_ENTRIES:
        problems.append(Problem(f"Only the first {MAX_ENTRIES} of {len(unique)} entries are used.", name))
    return tuple(unique[:MAX_ENTRIES]), tuple(problems)


def read_bib_file(root: Path, path: str) -> bytes:
    """Raises OSError, or ValueError for a file that is not one of the repository."""
    file = root / path
    if not file.resolve().is_relative_to(root.resolve()):
        raise ValueError("it is a link to a place outside of the repository")
    if not file.is_file():
        raise ValueError("there is no such file" if not file.exists() else "it is not a file")
    with file.open("rb") as opened:
        data = opened.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"it is larger than {MAX_FILE_BYTES // 1024**2} MB")
    return data


def decode_bib(data: bytes) -> str:
    """Text in the encoding that the file names, or else in the one that its bytes look like."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = DECLARED_ENCODING.search(data[:1000])
    for encoding in (declared[1].decode("ascii") if declared else "", _likely_encoding(data)):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("utf-8", "replace")


def parse_bib(text: str, path: str) -> tuple[list[LibraryEntry], list[Problem]]:
    """The entries with a title. `path` is for messages."""
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # its warnings quote private entries
    library = parse_string(text, parse_stack=[])
    strings = {key.casefold(): _text(str(string.value), {}) for key, string in library.strings_dict.items()}
    blocks = [_recovered(block) for block in library.blocks]
    entries = [
        _entry(_fields(block, strings), f"{path}:{(block.start_line or 0) + 1}")
        for block in blocks
        if isinstance(block, BibEntry)
    ]
    found = [entry for entry in entries if entry]
    problems = []
    if unreadable := sum(isinstance(block, ParsingFailedBlock) for block in blocks):
        problems.append(Problem(f"{unreadable} entries can't be read and are not used.", path))
    if without_title := len(entries) - len(found):
        problems.append(Problem(f"{without_title} entries have no title and are not used.", path))
    return found, problems


def _recovered(block: Block) -> Block:
    """The entry in a block that only repeats a key."""
    inner = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else None
    return inner if isinstance(inner, BibEntry) else block


def _fields(entry: BibEntry, strings: Mapping[str, str]) -> dict[str, str]:
    """By lower-case name; the first of repeated ones that has a value."""
    fields: dict[str, str] = {}
    for field in entry.fields:
        name = field.key.casefold()
        if name in USED_FIELDS and (value := _text(str(field.value), strings)):
            fields.setdefault(name, value)
    return fields


def _text(value: str, strings: Mapping[str, str]) -> str:
    """A value as plain text: `@string` names replaced, braces and LaTeX's accents resolved."""
    pieces = (_resolved(piece.strip(), strings) for piece in _concatenated(value[:MAX_TEXT_CHARS].strip()))
    return plain("".join(pieces)).translate(BRACES)


def _resolved(piece: str, strings: Mapping[str, str]) -> str:
    if piece[:1] + piece[-1:] in ("{}", '""'):
        return piece[1:-1]
    return strings.get(piece.casefold(), piece)


def _concatenated(value: str) -> Iterator[str]:
    """The pieces that BibTeX joins with `#`."""
    if "#" not in value:
        yield value
        return
    start, depth, is_quoted = 0, 0, False
    for place, char in enumerate(value):
        depth += (char == "{") - (char == "}")
        is_quoted ^= char == '"' and depth == 0
        if char == "#" and depth == 0 and not is_quoted:
            yield value[start:place]
            start = place + 1
    yield value[start:]


def _entry(fields: Mapping[str, str], origin: str) -> LibraryEntry | None:
    title = " ".join(fields.get("title", "").split())
    if not title:
        return None
    return LibraryEntry(title, fields.get("abstract", ""), _arxiv_id(fields), origin=origin)


def _arxiv_id(fields: Mapping[str, str]) -> str:
    for name in ID_FIELDS:
        value = fields.get(name, "")
        found = read_arxiv_id(value) if name in FIELDS_WITH_BARE_ID else find_arxiv_id(value)
        if found:
            return VERSION.sub("", found)
    return ""


def _each_once(entries: Iterable[LibraryEntry]) -> list[LibraryEntry]:
    """By arXiv id, or else by title; an entry with an abstract replaces one without."""
    by_key: dict[str, LibraryEntry] = {}
    for entry in entries:
        key = entry.arxiv_id or " ".join(words_of(entry.title))
        if key not in by_key or (entry.abstract and not by_key[key].abstract):
            by_key[key] = entry
    return list(by_key.values())


def _likely_encoding(data: bytes) -> str:
    """Accented letters of Western encodings are mostly single bytes among ASCII; Chinese is in long runs."""
    runs = HIGH_BYTES.findall(data)
    return "gb18030" if sum(map(len, runs)) >= MIN_CHINESE_RUN * len(runs) else "cp1252"
