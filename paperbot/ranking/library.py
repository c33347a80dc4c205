"""The reader's library: BibTeX files as Zotero, Mendeley, JabRef and Google Scholar export them.

Exports have flaws: encodings that they do not name, repeated keys, entries cut off, missing abstracts. What
can be read is used; what can't is counted in a problem, and never stops a run.
"""

import html
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import Block, ImplicitComment, ParsingFailedBlock
from bibtexparser.model import Entry as BibEntry

from paperbot.arxiv_id import find_arxiv_id, read_arxiv_id
from paperbot.errors import Problem
from paperbot.model import LibraryEntry
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
BRACES_TO_SPACES = str.maketrans("{}", "  ")
VERSION = re.compile(r"v[0-9]+$")
HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
COMMENT = re.compile(r"(?:^|(?<=[}\"],))[ \t]*%.*$|^(?:<{7}|={7}|>{7}|\|{7})(?!\S).*$", re.MULTILINE)
"""And the marks of git's merge conflicts."""
SPACED_START = re.compile(r"^[ \t]*@[ \t]*(\w+)[ \t]*(?=[{(])", re.MULTILINE)
_FIELD = r"[A-Za-z][\w-]*[ \t]*=[ \t]*[\"{\d]"
NO_COMMA = re.compile(rf"(?<=[\"}}])(?=\s*{_FIELD})|(?<=\w)(?=[ \t]*\n\s*{_FIELD})")
HTML_TAG = re.compile(
    r"</?(?:i|b|u|p|em|strong|sub|sup|span|br|title|sec|jats:[\w-]+)\b[^<>]*>", re.IGNORECASE
)
"""Publishers put them into titles and abstracts."""
ID_FIELDS = ("eprint", "arxivid", "arxiv", "url", "doi")
"""Where exports put an arXiv id alone or in an address, the most reliable first."""
TEXT_FIELDS = (
    *("archive", "archiveprefix", "publisher", "institution", "journal", "journaltitle", "volume", "number"),
    *("pages", "eid", "howpublished", "note", "annote"),
    *("annotation", "addendum", "ee", "link", "bdsk-url-1", "bdsk-url-2", "file"),
)
"""Where else it may stand, marked as one: `arXiv:2512.20276`, or `CoRR` and `abs/2512.20276`."""
BARE_ID_FIELDS = ("note", "howpublished", "eid")
"""Here an id needs no mark where nothing else is in the field."""
CITATION_KEY = "@key"
"""As a field: `@misc{arXiv:2512.20276,`."""
PARENT = "crossref"
MAX_PARENTS = 3
"""A chapter's book may itself be part of a series; a longer chain is a mistake, such as a circle."""
PROSE_FIELDS = ("title", "subtitle", "abstract")
"""In the words of the paper: biblatex has what follows the colon of a title in a field of its own."""
USED_FIELDS = frozenset({"primaryclass", CITATION_KEY, PARENT, *PROSE_FIELDS, *ID_FIELDS, *TEXT_FIELDS})
BARE_ID = re.compile(r"[(\[]?[^\s()\[\]]+[)\]]?(?:\s*\[[\w.-]+\])?")
ID_IN_KEY = re.compile(r"(?:abs|arxiv)[-_:./]?([0-9]{4})[-_.]?([0-9]{4,5})(?![0-9])", re.IGNORECASE)
"""`DBLP:journals/corr/abs-2512-20276`, `arXiv_2512_20276`, `2025arXiv251220276D`."""
OF_ANOTHER_PAPER = re.compile(
    r"\b(?:overlap\w* with|exten\w+|supersed\w+|companion|follow-?up|based on|cit\w+|repl\w+ to|"
    r"comments? on|errat\w+)\W+(?:\w+\W+){0,3}arXiv\s*[:.]?\s*\S+",
    re.IGNORECASE,
)
"""Notes name other papers too: `text overlap with arXiv:2512.20276`."""
FIELD_ON_A_LINE = re.compile(
    rf"(?:^|[{{,\s])({'|'.join(sorted(USED_FIELDS))})[ \t]*=[ \t]*[\"{{](?!@\w+{{)(.*?)"
    r"(?:[\"}][ \t]*(?:,[ \t]*[\w-]+[ \t]*=|[,}]*[ \t]*$)|,?[ \t]*$)",
    re.MULTILINE | re.IGNORECASE,
)


def read_library(
    bibs: Mapping[str, Callable[[], bytes]],
) -> tuple[tuple[LibraryEntry, ...], tuple[Problem, ...]]:
    """The entries of all files, and what could not be read.

    Each paper is there once, by its arXiv id or else by its title, with an abstract if one of its entries has
    one. Each file is given by its name for messages, and a function that returns its bytes, or raises OSError
    or ValueError.
    """
    by_key: dict[str, LibraryEntry] = {}
    problems: list[Problem] = []
    for name, read in bibs.items():
        try:
            found, in_file = parse_bib(decode_bib(read()), name)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or error
            problems.append(Problem(f"The library can't be read: {reason}.", name))
            continue
        problems += in_file
        for entry in found:
            key = entry.arxiv_id or " ".join(words_of(entry.title))
            if key not in by_key or (entry.abstract and not by_key[key].abstract):
                by_key[key] = entry
        if not found:
            problems.append(Problem("The library has no entries with a title. Is it a BibTeX file?", name))
    unique = list(by_key.values())
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
    if 0 in data[:2]:
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = DECLARED_ENCODING.search(data[:1000])
    runs = HIGH_BYTES.findall(data)  # accents are single bytes among ASCII, Chinese stands in long runs
    likely = "gb18030" if sum(map(len, runs)) >= MIN_CHINESE_RUN * len(runs) else "cp1252"
    for encoding in (declared[1].decode("ascii") if declared else "", likely):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("utf-8", "replace")


def parse_bib(text: str, path: str) -> tuple[list[LibraryEntry], list[Problem]]:
    """The entries with a title. `path` is for messages."""
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # its warnings quote private entries
    # Take out the flaws for which a whole entry would be lost; every line keeps its number. BibTeX itself
    # reads entries in lines that begin with %, but who writes such a line wants it to be ignored.
    lines = COMMENT.sub("", CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    library = parse_string(NO_COMMA.sub(",", SPACED_START.sub(r"@\1", lines)), parse_stack=[])
    strings: dict[str, str] = {}
    for key, string in library.strings_dict.items():
        strings[key.casefold()] = _joined(str(string.value), strings)
    found = list(_entries(library.blocks, strings))
    by_key: dict[str, dict[str, str]] = {}
    for _, _, fields in found:
        if citation_key := fields.get(CITATION_KEY):
            by_key.setdefault(citation_key.casefold(), fields)
    entries, unreadable, without_title = [], 0, 0
    for block, is_whole, own in found:
        fields = _with_parents(own, by_key)
        entry = _entry(fields, f"{path}:{(block.start_line or 0) + 1}")
        if entry:
            entries.append(entry)
        elif is_whole:
            without_title += 1
        else:
            unreadable += 1
    problems = []
    if unreadable:
        problems.append(Problem(f"Entries that can't be read and are not used: {unreadable}.", path))
    if without_title:
        problems.append(Problem(f"Entries that have no title and are not used: {without_title}.", path))
    return entries, problems


def _entries(
    blocks: Sequence[Block], strings: Mapping[str, str]
) -> Iterator[tuple[Block, bool, dict[str, str]]]:
    """Each entry's block, whether it is whole, and its fields; line by line where its brackets are wrong."""
    for place, block in enumerate(blocks):
        inner = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        if isinstance(inner, BibEntry):  # also in a block that only repeats a key
            fields = [(field.key, str(field.value)) for field in inner.fields]
            yield block, True, _used([(CITATION_KEY, inner.key), *fields], strings)
        elif isinstance(block, ParsingFailedBlock):
            following = (blocks[later] for later in range(place + 1, len(blocks)))
            rest = takewhile(lambda one: isinstance(one, ImplicitComment), following)
            raw = "".join(str(one.raw) for one in (block, *rest))
            yield block, False, _used(FIELD_ON_A_LINE.findall(raw), {})


def _used(fields: Iterable[tuple[str, str]], strings: Mapping[str, str]) -> dict[str, str]:
    """The fields that matter by lower-case name; the first of PROSE_FIELDS, all values of the others."""
    found: dict[str, str] = {}
    for key, value in fields:
        name = key.casefold()
        if name not in USED_FIELDS:
            continue
        joined = _joined(value[:MAX_TEXT_CHARS], strings)
        if name not in PROSE_FIELDS:
            found[name] = f"{found.get(name, '')} {joined.translate(BRACES_TO_SPACES)}".strip()
        elif not found.get(name):
            found[name] = HTML_TAG.sub(" ", html.unescape(plain(joined).translate(BRACES))).strip()
    return found


def _joined(value: str, strings: Mapping[str, str]) -> str:
    """A value with its pieces joined, and `@string` names replaced."""
    pieces = map(str.strip, _concatenated(value.strip()))
    return "".join(
        piece[1:-1] if piece[:1] + piece[-1:] in ("{}", '""') else strings.get(piece.casefold(), piece)
        for piece in pieces
    )


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


def _with_parents(fields: dict[str, str], by_key: dict[str, dict[str, str]]) -> dict[str, str]:
    """An entry without a title takes what it lacks from the one that `crossref` names, as BibTeX does.

    One with a title is another work than its book: the book's abstract and id are not its own.
    """
    found = fields
    for _ in range(MAX_PARENTS):
        parent = by_key.get(found.get(PARENT, "").casefold())
        if found.get("title") or not parent:
            break
        found = parent | {name: value for name, value in found.items() if value and name != PARENT}
    return found


def _entry(fields: Mapping[str, str], origin: str) -> LibraryEntry | None:
    title, subtitle = (" ".join(fields.get(name, "").split()) for name in ("title", "subtitle"))
    if not title:
        return None
    if subtitle.casefold() not in title.casefold():  # some exports have it in both
        title = f"{title}: {subtitle}"
    text = OF_ANOTHER_PAPER.sub(" ", " ".join(fields[name] for name in TEXT_FIELDS if name in fields))
    alone = next(filter(None, map(read_arxiv_id, _ids_alone(fields))), None)
    arxiv_id = alone or find_arxiv_id(text) or _id_in_key(fields.get(CITATION_KEY, ""))
    return LibraryEntry(title, fields.get("abstract", ""), VERSION.sub("", arxiv_id or ""), origin=origin)


def _ids_alone(fields: Mapping[str, str]) -> Iterator[str]:
    """The values that may be an arXiv id and nothing else, the most reliable first."""
    yield from (fields[name] for name in ID_FIELDS if name in fields)
    # Ids before 2007 without their archive: `eprint = {0309136}, primaryClass = {math.GT}`.
    yield from (f"{fields.get(name)}/{fields.get('eprint')}" for name in ("primaryclass", "archiveprefix"))
    yield from (fields[name] for name in BARE_ID_FIELDS if BARE_ID.fullmatch(fields.get(name, "").strip()))


def _id_in_key(key: str) -> str | None:
    """From `2512.20276`, `Doe_2512.20276`, `hep-th_9901001`, `DBLP:journals/corr/abs-2512-20276`."""
    marked = ID_IN_KEY.sub(r"abs/\1.\2", key)
    parts = (marked, key.replace("_", "/"), *re.split("[_:-]", key))
    return next(filter(None, map(read_arxiv_id, parts)), None)
