"""TeX formulas in untrusted text: where they are, and the form that MathJax on GitHub can be given safely."""

import re
from collections.abc import Iterator

MAX_FORMULA_CHARS = 2_000

FORMULA = re.compile(
    r"""(?<![\\$])(?:
        \$`        (?P<quoted>  [^`$]{1,500}+                   )  `\$
      | \$\$       (?P<display> (?:[^$\\`]|\\.){1,2000}+        )  \$\$
      | \$         (?P<dollars> (?:[^$\\`]|\\.){1,500}+         )  \$(?![\d$])
      | \\\(       (?P<round>   (?:[^\\`$]|\\[^()\[\]`$]){1,500}+ )  \\\)
      | \\\[       (?P<square>  (?:[^\\`$]|\\[^()\[\]`$]){1,2000}+)  \\\]
    )""",
    re.VERBOSE | re.DOTALL,
)
"""Anything between math delimiters; `formula_in` says whether it is a formula."""

_REACHES_OUT = re.compile(
    r"""\\(?: \w*def | (?:future)?let | (?:re|provide)?(?:new)?(?:command|environment) | New\w+ | Declare\w+
      | global | long | csname | catcode | expandafter | require | input | include\w* | write | unicode
      | href | url | html\w* | class | cssId | style | data | mml\w+ | action\w* | toggle
      | texttip | mathtip | tooltip | label | (?:eq)?ref | tag
      | bbox | rule | m?kern | [mhv]skip | [hvm]space | raise | lower | move\w+ | above
      | [rl]lap | math[rlc]lap | smash | [Hh]uge
      )(?![A-Za-z])""",
    re.VERBOSE,
)
"""Commands that define something for the whole page, link, load, or paint outside of their own place."""

_SIGN = re.compile(r"[\\^_=<>{}]")
_PROSE = re.compile(r"[A-Za-z]{4}|(?<=\s)[a-z]{2,}(?=\s)")
_TWO_WORDS = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,}[,;]?\s+[A-Za-z]{3,}(?![A-Za-z({^_])")
_TEXT_IN_FORMULA = re.compile(r"\\(?:text\w*|math[a-z]+|operatorname\*?|mbox)\s*\{[^{}]*\}")
_EAST_ASIAN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")


def split_formulas(text: str) -> Iterator[tuple[str, str | None]]:
    """The pieces of a text in order: (source, safe TeX), or (source, None) for what is no formula."""
    start = position = 0
    while found := FORMULA.search(text, position):
        tex = formula_in(found)
        if tex is None:
            position = found.start() + 1
            continue
        yield text[start : found.start()], None
        yield found[0], tex
        start = position = found.end()
    yield text[start:], None


def formula_in(found: re.Match[str]) -> str | None:
    """The safe TeX of a match of FORMULA; None for money, prose, and what can't be shown safely."""
    tex = found[found.lastgroup or 0]
    if found.lastgroup == "dollars" and not _looks_like_math(tex):
        return None
    return safe_tex(tex)


def safe_tex(tex: str) -> str | None:
    r"""One line of TeX without ``< > | ` $``; None where MathJax would fail, or do more than show it."""
    tex = " ".join(tex.split())
    if not tex or len(tex) > MAX_FORMULA_CHARS or "`" in tex or "$" in tex:
        return None
    if _REACHES_OUT.search(tex) or not _is_balanced(tex):
        return None
    if "|" in tex and r"\begin{array}" in tex:
        return None
    tex = re.sub(r"\\.|[%#]", lambda part: part[0] if len(part[0]) == 2 else "\\" + part[0], tex)
    tex = tex.replace("\\|", r"\Vert ").replace("|", r"\vert ")
    return tex.replace("<", r"\lt ").replace(">", r"\gt ").strip()


def _looks_like_math(tex: str) -> bool:
    if tex[0].isspace() != tex[-1].isspace() or not tex.strip():
        return False
    bare = _TEXT_IN_FORMULA.sub("{}", tex)
    if _EAST_ASIAN.search(bare) or _TWO_WORDS.search(bare):
        return False
    return bool(_SIGN.search(tex)) or not _PROSE.search(tex)


def _is_balanced(tex: str) -> bool:
    bare = re.sub(r"\\.", lambda part: " " if part[0] in (r"\{", r"\}", r"\\") else part[0], tex)
    depth = 0
    for brace in re.findall(r"[{}]", bare):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    pairs = ((r"\\begin\b", r"\\end\b"), (r"\\left(?![A-Za-z])", r"\\right(?![A-Za-z])"))
    return (
        depth == 0
        and not bare.endswith("\\")
        and all(len(re.findall(opens, bare)) == len(re.findall(closes, bare)) for opens, closes in pairs)
    )
