"""Where a paper's text lists its references. Linear in the length of the text."""

import re

NUMBERING = r"^[ \t]{0,20}(?:(?:[0-9]{1,2}\.?|[ivx]{1,4}(?:\.|(?=[ ])))[ \t]{0,20})?"
# Small capitals come out of some PDFs as "R EFERENCES", spaced letters as "R e f e r e n c e s".
HEADING = re.compile(
    NUMBERING + r"(?:[§*—–\[【-]{1,2}[ \t]{0,3})?(?:[一二三四五六七八九十]{1,2}[、.])?"
    r"(?:(?:primary|main|cited|selected|list of|notes and|bibliography and) )?"
    r"(?:r ?e ?f ?e ?r ?e ?n ?c ?e ?s?|b ?ibliography|(?:works|literature) cited|cited works|(?:référ"
    r"|refer)\w+ bibliogr\w+"
    r"|riferimenti bibliografici|bibliografi[ae]|bibliographie|références|referenser"
    r"|literatur(?:verzeichnis)?|quellenverzeichnis|referencias|bibliografía|referências|piśmiennictwo"
    r"|kaynak(?:ça|lar)"
    r"|список (?:литературы|использованн\w+ (?:источников|литературы))|литература"
    r"|(?:引用[・·]?)?参 ?考 ?文 ?献|參 ?考 ?文 ?獻|引用文献|参考资料|참고 ?문헌)"
    r"(?: cited| list| and (?:notes|links)"
    r"| \(\w+\))?[\]】—–-]{0,2}[ \t]{0,20}[:：]?(?:[ \t]{0,20}[0-9]{1,4})?[ \t—–]{0,20}$",
    re.IGNORECASE | re.MULTILINE,
)
ENTRY = re.compile(r"^[ \t]{0,20}\[([0-9]{1,3})\]", re.MULTILINE)
YEAR = re.compile(r"\b(?:19|20)[0-9]{2}[a-z]?\b", re.ASCII)
APPENDIX = re.compile(
    r"^[ \t]{0,20}(?:(?:technical |online )?a ?ppend(?:ix|ices)\b.{0,80}|supplement(?:ary|al)?\b.{0,80}"
    r"|(?-i:[A-H])(?:\.|[ \t]{1,3})[ \t]{0,3}(?-i:[A-Z])[^\n.,]{3,80}"
    r"|neurips paper checklist.{0,40}|附录.{0,40})$",
    re.IGNORECASE | re.MULTILINE,
)
LOOK_AHEAD = 4000
MIN_YEARS = 3
MIN_ENTRIES, MIN_ENTRY_YEARS = 10, 5
APPENDIX_CHARS = 600
"""Looked at behind an appendix's heading: a list that goes on there has two years or more."""
MAX_GAP = 2500
"""Characters between two years of one list: an entry may name hundreds of authors."""


def without_references(text: str) -> str:
    """The text without its lists of references; what stands behind a list is no part of it.

    Lists are searched from an eighth of the text on: a heading earlier belongs to a table of contents.
    """
    kept: list[str] = []
    done = 0
    for heading in HEADING.finditer(text, len(text) // 8):
        is_followed = len(YEAR.findall(text, heading.end(), heading.end() + LOOK_AHEAD)) >= MIN_YEARS
        if heading.start() >= done and is_followed:
            kept.append(text[done : heading.start()])
            done = _end_of_list(text, heading.end())
    if not kept and (start := _start_of_numbered_list(text)) is not None:
        kept, done = [text[:start]], _end_of_list(text, start)
    return "\n\n".join(filter(None, map(str.strip, [*kept, text[done:]])))


def _start_of_numbered_list(text: str) -> int | None:
    """The first of ten entries [1], [2], ... in a row with five years or more."""
    entries = list(ENTRY.finditer(text, len(text) // 8))
    in_row = 0
    for at, entry in enumerate(entries):
        in_row = in_row + 1 if int(entry[1]) == in_row + 1 else int(entry[1]) == 1
        if in_row == MIN_ENTRIES:
            first = entries[at - MIN_ENTRIES + 1].start()
            if len(YEAR.findall(text, first, entry.end() + LOOK_AHEAD // 10)) >= MIN_ENTRY_YEARS:
                return first
    return None


def _end_of_list(text: str, start: int) -> int:
    """The end of the line with its last year, or the heading of an appendix before that."""
    last = start
    appendices = APPENDIX.finditer(text, start)
    appendix = next(appendices, None)
    for years, year in enumerate(YEAR.finditer(text, start)):
        while appendix and appendix.start() < year.start():
            if (
                years >= MIN_YEARS
                and len(YEAR.findall(text, appendix.end(), appendix.end() + APPENDIX_CHARS)) < 2
            ):
                return appendix.start()
            appendix = next(appendices, None)
        if years and year.start() - last > MAX_GAP:
            break
        last = year.end()
    end = text.find("\n", last)
    return len(text) if end < 0 else end
