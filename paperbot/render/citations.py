"""Papers as BibTeX and RIS, for LaTeX, Zotero, Mendeley, JabRef and EndNote.

BibTeX: http://mirrors.ctan.org/info/bibtex/tamethebeast/ttb_en.pdf on names, and
https://info.arxiv.org/help/hypertex/bibstyles/index.html on eprints.
RIS: https://en.wikipedia.org/wiki/RIS_(file_format).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from paperbot.model import Paper
from paperbot.render.safe import SafeMarkdown
from paperbot.text import plain, plain_formulas
from paperbot.text.authors import split_team
from paperbot.text.formulas import split_formulas
from paperbot.text.writer import fenced

PARTICLES = frozenset({
    "'t", "\u2018t", "\u2019t", "aan", "abu", "af", "al", "av", "ben", "bin", "bint", "da", "dal", "dalla",
    "das", "de", "degli", "dei", "del", "della", "den", "der", "des", "di", "do", "dos", "du", "el", "het",
    "ibn", "in", "la", "las", "le", "lo", "los", "op", "ten", "ter", "uit", "und", "van", "vom", "von", "zu",
    "zum", "zur",
})  # fmt: skip
"""Lower-case words that belong to the last name behind them."""
GROUPS = re.compile(
    r"\b(team|collaboration|group|consortium|lab|labs|laboratory|project|initiative|alliance|community|center|"
    r"centre|institute|university|inc|(?-i:AI)|research)\b",
    re.IGNORECASE,
)
"""`Ai` is a Chinese name."""
MAX_CACHED_PAPERS = 1000
"""A paper is in several files: of its date, its category, its topic."""
IN_BRACKETS = re.compile(r"[(\uff08][^()\uff08\uff09]*[)\uff09]\Z")
"""A name in another script, with the brackets of either."""
SUFFIXES = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV|Ph\.?D\.?|M\.?D\.")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_SPECIAL = str.maketrans({
    **{sign: "\\" + sign for sign in "&%$#_"}, "\\": r"{\textbackslash}", "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """An author as reference managers divide names; a team's name is all in `last`."""

    last: str
    first: str = ""
    suffix: str = ""
    is_group: bool = False


def names_of(paper: Paper) -> tuple[Name, ...]:
    """The authors in order; a team before a colon is the first of them."""
    team, people = split_team(paper.authors)
    teams = [Name(team, is_group=True)] if team else []
    return (*teams, *map(split_name, people))


def split_name(name: str) -> Name:
    """`Willem van der Berg Jr.` -> van der Berg, Willem, Jr.; a last name alone stays whole."""
    brackets = IN_BRACKETS.search(name)  # Li Wei (李伟)
    outside = name[: brackets.start()] if brackets else name
    bare, _, after_comma = outside.partition(",")
    suffix = after_comma.strip() if SUFFIXES.fullmatch(after_comma.strip()) else ""
    words = (bare if suffix else outside).split()
    while len(words) > 1 and SUFFIXES.fullmatch(words[-1]):
        suffix = f"{words.pop()} {suffix}".strip()
    start = _with_particles(words, len(words) - 1)
    if start > 1 and words[start - 1] in ("y", "e", "i"):  # Agüera y Arcas
        start = _with_particles(words, max(start - 2, 1))
    is_whole = len(words) < 2 or (start == 0 and suffix)
    if is_whole or "and" in words or GROUPS.search(outside) or (after_comma and not suffix):
        return Name(name, is_group=True)
    first = [*words[:start], *([brackets[0]] if brackets else [])]
    return Name(" ".join(words[start:]), " ".join(first), suffix.rstrip("."))


def _with_particles(words: list[str], start: int) -> int:
    """Where the last name begins whose last part is at `start`; a first word belongs to it in lower case."""
    # A capital Van may be a Vietnamese middle name, but not before another particle.
    while start > 0 and (
        words[start - 1] in PARTICLES
        or (start > 1 and words[start - 1].lower() in PARTICLES and words[start] in PARTICLES)
    ):
        start -= 1
    return start


def bibtex(papers: Iterable[Paper]) -> str:
    """A .bib file in UTF-8, each paper once."""
    return "\n\n".join(bibtex_entry(paper) for paper in _each_once(papers)) + "\n"


@lru_cache(MAX_CACHED_PAPERS)
def bibtex_entry(paper: Paper) -> str:
    """One entry; the title has braces of its own, so that no style changes its capitals."""
    names = names_of(paper)
    parts = [[_escape(part) for part in (one.last, one.suffix, one.first) if part] for one in names]
    authors = [
        f"{{{part[0]}}}" if one.is_group else ", ".join(part) for one, part in zip(names, parts, strict=True)
    ]
    fields = {
        "author": " and ".join(authors),
        "title": f"{{{_bibtex_text(paper.title)}}}",
        "year": f"{paper.published.year}",
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": paper.primary_category,
        "doi": _bibtex_text(paper.doi),
        "journal": _bibtex_text(paper.journal_ref),
        "url": f"https://arxiv.org/abs/{paper.id}",
        "note": _bibtex_text(paper.comment),
        "abstract": _bibtex_text(paper.abstract),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    lines.insert(3, f"  month = {MONTHS[paper.published.month - 1]},")
    kind = "article" if paper.journal_ref else "misc"
    return "\n".join([f"@{kind}{{{citation_key(paper)},", *lines, "}"])


def citation_key(paper: Paper) -> str:
    """`blakeman2025-2512.20848`: the same in every file and for ever, and no other paper's.

    The year is the id's: the feed does not know when a paper was submitted.
    """
    names = names_of(paper)
    last = unicodedata.normalize("NFKD", names[0].last if names else "")
    letters = re.sub(r"[^a-z]", "", last.lower())
    number = re.sub(r"[^A-Za-z0-9.-]", "-", paper.id)
    year = re.match(r"(?:.*/)?([0-9]{2})", paper.id)
    century = 1900 if year and year[1] >= "91" else 2000  # arXiv began in 1991
    return f"{letters or 'arxiv'}{century + int(year[1]) if year else ''}-{number}"


def _bibtex_text(text: str) -> str:
    pieces = []
    for source, formula in split_formulas(plain(text)):
        if formula and formula.tex is not None and not re.search(r"(?<!\\)[%#]", source):
            tex = formula.source.replace(r"\{", r"\lbrace ").replace(
                r"\}", r"\rbrace "
            )  # BibTeX counts braces
            pieces.append(f"{{${tex}$}}")
        else:
            pieces.append(_escape(source))
    return "".join(pieces)


def _escape(text: str) -> str:
    return text.translate(_SPECIAL)


def bibtex_block(paper: Paper) -> SafeMarkdown:
    """The paper's BibTeX without the abstract as a block of code, to be copied."""
    return SafeMarkdown("\n".join(fenced(bibtex_entry(replace(paper, abstract="")), "bibtex")))


def ris(papers: Iterable[Paper]) -> str:
    """A .ris file in UTF-8, each paper once."""
    return "\n\n".join(map(_ris_entry, _each_once(papers))) + "\n"


@lru_cache(MAX_CACHED_PAPERS)
def _ris_entry(paper: Paper) -> str:
    tags: list[tuple[str, str]] = [
        *(("AU", ", ".join(filter(None, (name.last, name.first, name.suffix)))) for name in names_of(paper)),
        ("TI", plain_formulas(paper.title)),
        ("JO", plain_formulas(paper.journal_ref)),
        ("PB", "arXiv"),
        ("PY", f"{paper.published.year}"),
        ("DA", f"{paper.published:%Y/%m/%d}"),
        ("DO", plain(paper.doi)),
        ("UR", f"https://arxiv.org/abs/{paper.id}"),
        ("AN", f"arXiv:{paper.id}"),
        *(("KW", category) for category in paper.categories),
        ("N1", plain_formulas(paper.comment)),
        ("AB", plain_formulas(paper.abstract)),
    ]
    lines = [f"{tag}  - {value}" for tag, value in tags if value]
    return "\n".join([f"TY  - {'JOUR' if paper.journal_ref else 'UNPB'}", *lines, "ER  - "])


def _each_once(papers: Iterable[Paper]) -> Iterator[Paper]:
    yield from {paper.id: paper for paper in papers}.values()
