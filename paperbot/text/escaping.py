"""Clean text, formulas and emphasis -> one line of Markdown that GitHub shows as just that."""

import re

from paperbot.text.tex import Formula

_MARKUP = re.compile(
    r"""[<>&|`\\*_\[\]~$@#!:.-] (?:             # what may be markup at all: so much is found fast
        (?<= [<>&|`\\*_\[\]~] )
      | (?<= [$@#] )                            # formulas; mentions and addresses; headings and issues
      | (?<= ! ) \Z                             # an image, if a link follows
      | (?<= [gG][hH]- ) (?=\d)
      | (?<= : ) (?= // | [\w+-]+: )            # addresses; emoji by name
      | (?<= [wW]{3}\. )
    )""",
    re.VERBOSE,
)
_HEX_DIGITS = re.compile("[0-9a-f]{7}")
_MARKUP_OR_COMMIT = re.compile(
    rf"{_MARKUP.pattern} | \b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f](?=[0-9a-f]{{6,39}}\b)", re.VERBOSE
)
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;", "`": "&#96;"}
_STICKS = re.compile(r"[^\W_]|[$`]")
_AT_START = re.compile(r"[0-9]{1,9}(?=[.)])|(?=[-+=:])")


def escape(text: str) -> str:
    """Literal text for the inside of a paragraph, heading, link label or table cell."""
    markup = _MARKUP_OR_COMMIT if _HEX_DIGITS.search(text) else _MARKUP
    return markup.sub(_escape_character, text)


def _escape_character(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ENTITIES:
        return _ENTITIES[character]
    follows = found.string[found.end() : found.end() + 1]
    if character in r"\*_[]~!" or (character == "#" and not follows.isdigit()):
        return "\\" + character
    # A character in an element of its own is the one form that neither the parser nor GitHub's later passes
    # over the finished HTML join to its neighbours; GitHub's manual says so for the dollar.
    return f"<span>{character}</span>"


def escape_line_start(markdown: str) -> str:
    """The same for Markdown that may begin a line of the page."""
    found = _AT_START.match(markdown)
    return f"{found[0]}\\{markdown[found.end() :]}" if found else markdown


class MarkdownLine:
    """One line of Markdown while it is being written."""

    can_hold_links = True

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._text = ""
        self._last = ""
        self._after_formula = False

    def __str__(self) -> str:
        self._end_text()
        return "".join(self._parts).strip()

    def add_text(self, text: str) -> None:
        """Literal text, escaped together with what is added next to it."""
        self._text += text

    def add(self, markdown: str) -> None:
        """Markdown that is safe as it is; none at all leaves the text around it one text."""
        if markdown:
            self._end_text()
            self._write(markdown)

    def _end_text(self) -> None:
        text, self._text = self._text, ""
        if text:
            self._write(escape(text))

    def _write(self, markdown: str) -> None:
        if self._after_formula and _STICKS.match(markdown):
            self._parts.append(" ")
        self._parts.append(markdown)
        self._last = markdown[-1]
        self._after_formula = False

    def add_formula(self, formula: Formula) -> None:
        """Add a formula in GitHub's form, which allows no letter, dollar or backtick beside it; else code."""
        if formula.tex is None:
            self.add_code(formula.source)
            return
        self._end_text()
        self.add(f" $`{formula.tex}`$" if _STICKS.match(self._last) else f"$`{formula.tex}`$")
        self._after_formula = True

    def add_code(self, code: str) -> None:
        """Add code; as HTML where Markdown's would end early, join other code or split a table's cell."""
        code = code.strip()
        if code:
            is_simple = not re.search(r"[`|]", code) and self._last != "`"
            self.add(f"`{code}`" if is_simple else f"<code>{escape(code)}</code>")

    def add_emphasis(self, markdown: str, marks: str, tag: str) -> None:
        """Add emphasis; as HTML without marks, or where CommonMark's flanking rules could show them."""
        if not markdown:
            return
        self._end_text()
        has_firm_edges = marks and markdown[0].isalnum() and markdown[-1].isalnum() and self._last != "*"
        if has_firm_edges and not re.search(r"[*~]", markdown):
            self.add(f"{marks}{markdown}{marks}")
        else:
            self.add(f"<{tag}>{markdown}</{tag}>")


class LinkLabel(MarkdownLine):
    """The inside of a link, where GitHub shows no formulas: they are Unicode there, or code."""

    can_hold_links = False

    def add_formula(self, formula: Formula) -> None:
        """Add a formula in Unicode, if it has such a form."""
        if formula.runs is None:
            self.add_code(formula.source)
            return
        for text, level in formula.runs:
            if level:
                self.add(f"<{level}>{escape(text)}</{level}>")
            else:
                self.add_text(text)
