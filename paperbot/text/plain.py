"""Untrusted text -> clean text: composed letters, nothing invisible, LaTeX accents as letters."""

import re
import unicodedata
from collections.abc import Sequence

from paperbot.text.formulas import FORMULA, split_formulas
from paperbot.text.tex_unicode import on_one_line

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\U00013441\U00013442\U00016fe4\U0001d159"
    "\u2065\ufe00-\ufe0d\ufff0-\ufff8\U000e0000-\U000e0fff\ufdd0-\ufdef]"
)
"""Blank though Unicode counts them among letters, marks and signs; then what it keeps for variants
of letters and for later, and noncharacters."""
_MARKS_ON_ONE_LETTER = 4
_JOINED = "\u0600-\u109f\u1780-\u18af\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
"""Scripts and emoji that need U+200C and U+200D between two of their own."""
_STRAY_JOINER = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331", "h": "\u0309",
}  # fmt: skip
_LETTERS = {
    "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
    "ng": "ŋ", "NG": "Ŋ",
}  # fmt: skip
_LATIN = "[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"
_ACCENT = re.compile(
    rf"""\\(?: (?P<sign>[`'^~=."]) \s* | (?P<name>[uvHcdbkrh]) (?:\s+|(?=\{{)) )
        (?: \{{ \s* (?P<braced>{_LATIN}) \s* \}} | (?P<bare>{_LATIN}) )""",
    re.VERBOSE,
)
_LETTER = re.compile(
    r"\\(" + "|".join(sorted(_LETTERS, key=len, reverse=True)) + r")(?![A-Za-z])(?:\{\}|\s+(?=\w))?"
)
_BRACED_LETTER = re.compile(r"\{(?<!\\[uvHcdbkrh]\{)([^\W\d_A-Za-z])\}")
_MAX_ACCENTS = 3
r"""On one letter: Vietnamese has two, as in `\~{\^e}`."""
_STYLED = re.compile(
    r"\\(?:emph|text(?:bf|it|tt|sc|sf|rm|sl|up|md|normal)|mbox|underline|url)\s*\{([^{}]*)\}"
    r"|\{\\(?:em|bf|it|tt|sc|sf|rm|sl)\s+([^{}]*)\}"
)
_SIGNS = {
    "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "xspace": "", "dots": "…", "ldots": "…",
    "copyright": "©", "pounds": "£", "textasciitilde": "~", "textbackslash": "\\", "textbar": "|",
    "textdegree": "°", "textemdash": "—", "textendash": "–", "textgreater": ">", "textless": "<",
    "textmu": "µ", "textquotedblleft": "“", "textquotedblright": "”", "textregistered": "®",
    "texttrademark": "™", "textunderscore": "_",
}  # fmt: skip
_SIGN = re.compile(
    rf"\\(?P<bare>{'|'.join(_SIGNS)})(?![A-Za-z])(?:\{{\}})?|\{{\\(?P<braced>{'|'.join(_SIGNS)})\}}"
)
_SPACE = re.compile(r"(?<=\S)\\[ ,;]")
_SCRIPT = re.compile(r"\\text(?P<level>su[bp])(?:er)?script\s*\{(?P<text>[^{}]*)\}")
_LINK = re.compile(r"\\href\s*\{(?P<address>[^{}]*)\}\s*\{(?P<text>[^{}]*)\}")
_QUOTED = re.compile(r"(?<!`)``(?!`)((?:\$[^$`]{1,200}\$|[^`$']|'(?!')){1,300})''(?!')")
_ESCAPED = re.compile(r"\\([&%_#{}$])")


def plain(text: str) -> str:
    """Clean text on one line, LaTeX accents and escapes outside of formulas resolved."""
    line = " ".join(clean(text).split())
    if "``" in line:
        line = _QUOTED.sub(r"“\1”", line)
    if "\\" not in line:
        return line
    line = "".join(source if tex else without_latex(source) for source, tex in split_formulas(line))
    return " ".join(unicodedata.normalize("NFC", line).split())


def clean(text: str) -> str:
    """NFC without control, format, surrogate and private characters; every line end is `\\n`."""
    if text.isascii() and text.isprintable():  # most texts by far
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate({ord(character): _cleaned(character) for character in set(text)})
    marks = "".join(
        re.escape(character) for character in set(text) if unicodedata.category(character)[0] == "M"
    )
    if marks:
        text = re.sub(f"([{marks}]{{{_MARKS_ON_ONE_LETTER}}})[{marks}]+", r"\1", text)
    return unicodedata.normalize("NFC", _STRAY_JOINER.sub("", text))


def one_line(text: str) -> str:
    """Clean text with single spaces, also at its edges; LaTeX stays."""
    return re.sub(r"\s+", " ", clean(text))


def truncate(text: str, max_chars: int, ending: str = " …", breaks: Sequence[str] = (" ", "\n", "\t")) -> str:
    """At most `max_chars` characters and `ending`, cut at the last of a kind of break in its second half.

    Short formulas stay whole, and letters keep their accents.
    """
    if len(text) <= max_chars:
        return text
    end = max_chars
    for found in FORMULA.finditer(text[: 2 * max_chars]):
        if max_chars // 2 <= found.start() < end < found.end():
            end = found.start()
    for mark in breaks:
        if (place := text.rfind(mark, max_chars // 2, end + 1)) > 0:
            end = place
            break
    else:
        while end > 1 and (unicodedata.combining(text[end]) or "\u200d" in text[end - 1 : end + 1]):
            end -= 1
    return text[:end].rstrip() + ending


def _cleaned(character: str) -> str:
    if character in "\n\t\u200c\u200d":
        return character
    if character.isspace():
        return " "
    if _INVISIBLE.match(character) or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co"):
        return ""
    return "" if ord(character) & 0xFFFE == 0xFFFE else character  # the noncharacters of every plane


def without_latex(text: str) -> str:
    """LaTeX accents, letters, styles and escapes resolved; text without formulas."""
    text = _LETTER.sub(lambda found: _LETTERS[found[1]], text)
    for _ in range(_MAX_ACCENTS):
        text = _BRACED_LETTER.sub(r"\1", unicodedata.normalize("NFC", _ACCENT.sub(_accented, text)))
        text = _STYLED.sub(r"\1\2", text)
    text = _SCRIPT.sub(lambda found: on_one_line(found["text"].replace("-", "−"), found["level"]), text)
    text = _LINK.sub(r"\g<text> (\g<address>)", text)
    text = _SIGN.sub(lambda found: _SIGNS[found["bare"] or found["braced"]], _SPACE.sub(" ", text))
    return _ESCAPED.sub(r"\1", text)


def _accented(found: re.Match[str]) -> str:
    letter = found["braced"] or found["bare"]
    return {"ı": "i", "ȷ": "j"}.get(letter, letter) + _ACCENTS[found["sign"] or found["name"]]
