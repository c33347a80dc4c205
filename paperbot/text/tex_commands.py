r"""The TeX commands that formulas on a page may use: those of MathJax's packages `base` and `ams` that show
something in their own place. Left out are all that take lengths, draw boxes, link, colour or define.
"""

import re
from pathlib import Path

SYMBOLS = dict(
    line.split()
    for line in (Path(__file__).resolve().parents[1] / "data" / "tex_symbols.txt")
    .read_text(encoding="utf-8")
    .splitlines()
)
"""Commands without arguments -> the character that they show."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _names(
    "arccos arcsin arctan arg bmod cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim "
    "liminf limsup ln log max min Pr sec sin sinh sup tan tanh"
)
SPACES = frozenset([",", ":", ";", " ", *_names("quad qquad enspace thinspace")])
STYLES = _names("displaystyle textstyle scriptstyle bf rm it cal sf tt")
LEFT_OUT = frozenset(["!", "negthinspace", "limits", "nolimits", "displaylimits", "nonumber", "notag"])
"""The page is readable without them; negative spaces in a row would move text over its neighbours."""
ALIASES = {
    "operatorname": "mathrm", "operatorname*": "mathrm", "mbox": "text", "hbox": "text", "bm": "mathbf",
    "boldsymbol": "mathbf", "pmb": "mathbf", "mathbbm": "mathbb", "mathds": "mathbb",
    "textnormal": "text", "textup": "text", "textsc": "text", "textsl": "textit", "mathup": "mathrm",
    "dag": "dagger", "ddag": "ddagger",
}  # fmt: skip
CHARACTERS = {
    "\\AA": "Å", "\\angstrom": "Å", "\\degree": "°", "\\celsius": "℃", "\\P": "¶", "\\copyright": "©",
    "\\pounds": "£", "\\coloneqq": "≔", "\\llbracket": "⟦", "\\rrbracket": "⟧",
}  # fmt: skip
"""Commands of other packages, or of text, for a character that MathJax shows as it is."""
ALPHABETS = {
    "mathbb": "DOUBLE-STRUCK", "Bbb": "DOUBLE-STRUCK", "mathcal": "SCRIPT", "mathscr": "SCRIPT",
    "mathfrak": "FRAKTUR",
}  # fmt: skip
FONTS = ALPHABETS.keys() | _names("mathrm mathbf mathit mathsf mathtt mathnormal")
CLASSES = _names("mathop mathbin mathrel mathord mathopen mathclose mathpunct mathinner")
TEXTS = _names("text textrm textit textbf textsf texttt")
ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0305", "underline": "\u0332", "vec": "\u20d7", "overrightarrow": "\u20d7", "dot": "\u0307",
    "ddot": "\u0308", "dddot": "\u20db", "acute": "\u0301", "grave": "\u0300", "breve": "\u0306",
    "check": "\u030c", "mathring": "\u030a", "not": "\u0338",
}  # fmt: skip
ARGUMENTS = {
    **dict.fromkeys(FONTS | CLASSES | ACCENTS.keys(), 1),
    **dict.fromkeys(
        ["overbrace", "underbrace", "overleftarrow", "overleftrightarrow", "mod", "pmod", "pod"], 1
    ),
    **dict.fromkeys(
        ["frac", "dfrac", "tfrac", "binom", "dbinom", "tbinom", "overset", "underset", "stackrel"], 2
    ),
    **dict.fromkeys(["sqrt", "xrightarrow", "xleftarrow"], 1),
}
"""How many arguments a command takes."""
WITH_OPTION = frozenset(["sqrt", "xrightarrow", "xleftarrow"])
INFIX = frozenset(["over", "choose", "atop"])
NO_ARGUMENTS = {"^", "_", "'", "’", "&", "~", "}"} | {
    "\\" + name for name in (*INFIX, *STYLES, *LEFT_OUT, *SPACES, "\\", "cr", "left", "right", "begin", "end")
}
"""Tokens that can't be an argument."""
SIZES = re.compile(r"[Bb]igg?[lrm]?")
DELIMITERS = frozenset("()[]/|.<>") | _names(
    "{ } | lt gt langle rangle lvert rvert lVert rVert vert Vert lfloor rfloor lceil rceil lbrace rbrace "
    "lgroup rgroup uparrow downarrow updownarrow Uparrow Downarrow Updownarrow backslash ulcorner "
    "urcorner llcorner lrcorner"
)
"""What may follow a size, `\\left`, `\\middle` and `\\right`."""
GRIDS = _names(
    "matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix cases array aligned gathered split align "
    "align* gather gather* eqnarray eqnarray*"
)
"""Environments with columns."""
ENVIRONMENTS = GRIDS | frozenset(["equation", "equation*", "multline", "multline*"])
DISPLAYS = frozenset(
    f"{name}{star}" for name in ("align", "gather", "eqnarray", "equation", "multline") for star in ("", "*")
)
"""Environments that MathJax does not take inside of anything."""

REPLACED = {"<": "\\lt", ">": "\\gt", "|": "\\vert", "\\|": "\\Vert", "%": "\\%", "#": "\\#"}
"""What GitHub's Markdown or TeX itself would take for something else."""
SIGNS_IN_TEXT = frozenset("%#&_{}<>|")
SIGNS_SHOWN = {REPLACED.get(sign, "\\" + sign): sign for sign in SIGNS_IN_TEXT}
