"""TeX formulas: where they are in untrusted text, and how many of them GitHub shows on one page."""

import re
from collections.abc import Iterator

from paperbot.text.tex import Formula, read_formula

MAX_PAGE_COST = 2_000
MAX_FORMULA_COST = 1_000
"""GitHub's limits: a formula costs 1, and 1 more for each `{`; past them it shows an error in its place."""

FORMULA = re.compile(
    r"""(?<![\\$])(?:
        \$`        (?P<quoted>  [^`$]{1,500}                    )  `\$
      | \$\$       (?P<display> (?:[^$\\`]|\\.){1,2000}         )  \$\$
      | \$         (?P<dollars> (?:[^$\\`]|\\.){1,500}          )  \$(?!\$)
      | \\\(       (?P<round>   (?:[^\\`$]|\\[^()\[\]`$]){1,500}  )  \\\)
      | \\\[       (?P<square>  (?:[^\\`$]|\\[^()\[\]`$]){1,2000} )  \\\]
    )""",
    re.VERBOSE | re.DOTALL,
)
"""Anything between math delimiters; `formula_in` says whether it is a formula."""

_SIGN = re.compile(r"[\\^_=<>{}]|[A-Za-z]\([^\s()]{1,20}\)")
_SIGN_FIRST = re.compile(r"\s*(?:\\[A-Za-z]|[<>=^_≈∼≤≥±×]|[-+~/]\s*\Z)")
_PROSE = re.compile(r"[A-Za-z]{4}|(?<=\s)[a-z]{2,}(?=\s)")
_TWO_WORDS = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,}[,;]?\s+[A-Za-z]{3,}(?![A-Za-z({^_])")
_TEXT_IN_FORMULA = re.compile(r"\\(?:text\w*|math[a-z]+|operatorname\*?|mbox)\s*\{[^{}]*\}")
EAST_ASIAN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def split_formulas(text: str) -> Iterator[tuple[str, Formula | None]]:
    """The pieces of a text in order: (source, formula), or (source, None) for what is no formula."""
    start = position = 0
    while found := FORMULA.search(text, position):
        formula = formula_in(found)
        if formula is None:
            position = found.start() + 1
            continue
        yield text[start : found.start()], None
        yield found[0], formula
        start = position = found.end()
    yield text[start:], None


def formula_in(found: re.Match[str]) -> Formula | None:
    """The formula of a match of FORMULA; None for money and prose."""
    source = found[found.lastgroup or 0]
    has_dollars = found.lastgroup == "dollars"
    if not source.strip() or (has_dollars and (_may_be_money(found) or not _looks_like_math(source))):
        return None
    formula = read_formula(source)
    return None if has_dollars and "\\" not in source and formula.tex is None else formula


def _may_be_money(found: re.Match[str]) -> bool:
    r"""`$5 to $10`, but not `$\sim$10`."""
    is_before_digit = found.string[found.end() : found.end() + 1].isdecimal()
    return is_before_digit and not _SIGN_FIRST.match(found["dollars"])


def _looks_like_math(source: str) -> bool:
    if source[0].isspace() != source[-1].isspace():
        return False
    bare = _TEXT_IN_FORMULA.sub("{}", source)
    if EAST_ASIAN.search(bare) or _TWO_WORDS.search(bare):
        return False
    return bool(_SIGN.search(source)) or not _PROSE.search(source)


_CODE = re.compile(
    r"""^(?P<opening>[ \t>]*(?:(?:[-*]|[0-9]{1,9}[.)])[ \t]+)*(?P<fence>`{3,}|~{3,})(?P<language>[^`\n]*)$)
        (?P<lines>(?:\n.*)*?(?:\n[ >]*(?P=fence)$|\Z))
      | (?P<dollar>\$)?(?<!`)(?P<ticks>`+)(?!`)
        (?P<code>[^`\n]+(?:(?!(?P=ticks)(?!`))`+(?!`)[^`\n]+)*)
        (?P=ticks)(?!`)(?(dollar)(?P<end>\$)?)""",
    re.VERBOSE | re.MULTILINE,
)
"""Blocks and spans of code, formulas among them.

Without possessive quantifiers: with them, Debian 12's Python 3.11.2 found no code span at all.
"""


def limit_formulas(markdown: str) -> str:
    """A finished page: as many of its formulas as GitHub shows on one page, and the others as code."""
    left = MAX_PAGE_COST

    def limited(found: re.Match[str]) -> str:
        nonlocal left
        is_block = found["language"] is not None and found["language"].strip() == "math"
        if not is_block and not (found["end"] and found["ticks"] == "`"):
            return found[0]
        cost = 1 + (found["lines"] or found["code"]).count("{")
        if cost <= min(left, MAX_FORMULA_COST):
            left -= cost
            return found[0]
        return found["opening"].replace("math", "tex") + found["lines"] if is_block else found[0][1:-1]

    return _CODE.sub(limited, markdown)
