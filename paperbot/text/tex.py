r"""TeX formulas -> TeX that GitHub's MathJax shows, and the same in Unicode where GitHub shows no formulas.

GitHub loads MathJax without the packages that define commands, and refuses a formula that holds one of the
words in REFUSED_WORDS (https://github.com/github/markup/issues/1688). So a formula passes only if this parser
knows each of its commands and their arguments; everything else is shown as code.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from paperbot.text import tex_commands as known
from paperbot.text.tex_unicode import Run, in_script, in_unicode, on_one_line, tidy

MAX_FORMULA_CHARS = 2_000
MAX_DEPTH = 16
"""Of groups in groups: deeper fractions and accents grow into the lines around them."""
MAX_ROWS = 40
MAX_SPACES = 40
REFUSED_WORDS = (
    "DeclareMathOperator", "DeclarePairedDelimiter", "tagform", "colorbox", "phantom", "operatorname",
    "Newextarrow", "definecolor", "mathchoice", "unicode", "mmlToken",
)  # fmt: skip
"""GitHub looks for these in the bare source, whatever they mean there."""


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula of an untrusted text."""

    source: str
    """As written, on one line."""
    tex: str | None
    """What MathJax on GitHub shows; None if it would fail, or do more than show something in its place."""
    runs: tuple[Run, ...] | None
    """The same in Unicode; None if it has no such form."""

    @property
    def unicode(self) -> str:
        """The formula without any mark-up: x², and `x^T` where Unicode has no such letter."""
        return "".join(on_one_line(*run) for run in self.runs) if self.runs is not None else self.source


@lru_cache(maxsize=4096)
def read_formula(source: str) -> Formula:
    """Any TeX, without the dollars or brackets around it."""
    source = " ".join(source.split())
    try:
        piece = _Parser(source).whole()
    except _Refused:
        return Formula(source, None, None)
    tex = piece.tex.strip()
    if not tex or _OPTION.search(tex) or any(word in tex for word in REFUSED_WORDS):
        return Formula(source, None, None)
    return Formula(source, tex, tidy(piece.runs))


_TOKEN = re.compile(r"\\(?:operatorname\*|[A-Za-z]+|[^\s]|\s+|\Z)|\s+|.", re.DOTALL)
_OPTION = re.compile(r"(?:(?<!\\)(?:\\\\)+|\\begin\{[^{}]*\})\s*[\[*]")
"""What MathJax would take for an argument in brackets, such as the length in `\\[99em]`."""
_SINGLE_TOKENS = known.SYMBOLS.keys() - {"dots", "iff", "implies", "impliedby"}
"""Those left out are macros of MathJax, which take up more than one place."""


class _Refused(ValueError):
    """The formula can't be given to MathJax."""


@dataclass(frozen=True, slots=True)
class _Piece:
    tex: str = ""
    runs: tuple[Run, ...] | None = ()

    def __add__(self, other: "_Piece") -> "_Piece":
        ends_in_name = re.search(r"\\[A-Za-z]+\Z", self.tex)
        space = " " if ends_in_name and re.match("[A-Za-z]", other.tex) else ""
        runs = None if self.runs is None or other.runs is None else self.runs + other.runs
        return _Piece(self.tex + space + other.tex, runs)


class _Parser:
    """Recursive descent over one formula, in the grammar that MathJax's `base` and `ams` share."""

    def __init__(self, source: str) -> None:
        if not source or len(source) > MAX_FORMULA_CHARS or re.search("[`$]", source):
            raise _Refused
        self._tokens = [known.CHARACTERS.get(token, token) for token in _TOKEN.findall(source)]
        self._at = 0
        self._depth = self._rows = self._spaces = 0
        self._contexts: list[str] = []
        """Innermost last: what the sequence being read is part of, "grid", "rows" or "group"."""

    def whole(self) -> _Piece:
        """Everything there is."""
        piece = self._sequence(())
        if self._at < len(self._tokens):
            raise _Refused
        return piece

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise _Refused
        self._at += 1
        return token

    def _next_visible(self) -> str:
        while self._peek().isspace():
            self._at += 1
        return self._next()

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Refused

    def _sequence(self, ends: Sequence[str]) -> _Piece:
        """Up to one of `ends`, or to the end of the formula."""
        self._descend()
        piece, scripts, infixes = _Piece(), set[str](), 0
        while (token := self._peek()) and token not in ends:
            self._at += 1
            if token in "^_'’":
                piece += self._scripted(token, scripts)
            elif token[1:] in known.INFIX and token[0] == "\\":
                infixes += 1
                piece, scripts = _Piece(piece.tex + token, None), set()
            else:
                atom = self._atom(token)
                piece += atom
                if atom.tex.strip() and token[1:] not in known.STYLES:
                    scripts = {"sub"} if token == "\\underset" else set()
        if infixes > 1:
            raise _Refused
        self._depth -= 1
        return piece

    def _scripted(self, sign: str, scripts: set[str]) -> _Piece:
        kind = "sub" if sign == "_" else "sup"
        if kind in scripts:  # "Double exponent: use braces to clarify"
            raise _Refused
        if sign in "'’":
            scripts.add("prime")
            return _Piece("'", (("′", ""),))
        scripts |= {kind, "sup"} if "prime" in scripts else {kind}
        argument = self._argument()
        return _Piece(sign) + _Piece(argument.tex, in_script(argument.runs, kind))

    def _argument(self) -> _Piece:
        token = self._next_visible()
        if token in known.NO_ARGUMENTS:
            raise _Refused
        self._descend()
        piece = self._atom(token)
        self._depth -= 1
        if not piece.tex:
            raise _Refused
        is_single = token == "{" or token[0] != "\\" or len(token) == 2 or token[1:] in _SINGLE_TOKENS
        return piece if is_single else _Piece(f"{{{piece.tex}}}", piece.runs)

    def _atom(self, token: str) -> _Piece:
        if token == "{":
            return self._group()
        if token in ("}", "^", "_"):
            raise _Refused
        if token.isspace():
            return _Piece(" ", ((" ", ""),))
        if token == "~":
            return self._space(token)
        if token in ("&", "\\\\", "\\cr"):
            return self._cell_end(token)
        if token[0] != "\\":
            return _Piece(
                known.REPLACED.get(token, token), ((token.replace("-", "−").replace("*", "∗"), ""),)
            )
        return self._command(token[1:])

    def _group(self, context: str = "group") -> _Piece:
        self._contexts.append(context)
        inside = self._sequence(("}",))
        self._contexts.pop()
        self._next()
        return _Piece(f"{{{inside.tex}}}", inside.runs)

    def _space(self, token: str) -> _Piece:
        self._spaces += 1
        if self._spaces > MAX_SPACES:
            raise _Refused
        return _Piece(token, ((" ", ""),))

    def _cell_end(self, token: str) -> _Piece:
        context = self._contexts[-1] if self._contexts else "formula"
        if context not in (("grid",) if token == "&" else ("grid", "equation", "rows", "formula")):
            raise _Refused
        self._rows += token != "&"
        if self._rows > MAX_ROWS:
            raise _Refused
        return _Piece(token, None)

    def _command(self, name: str) -> _Piece:
        name = known.ALIASES.get(name, name)
        if name.isspace() or name in known.SPACES:
            return self._space("\\" + (name.strip() or " "))
        if name in known.LEFT_OUT:
            return _Piece()
        if name in known.STYLES:
            return _Piece("\\" + name)
        if name in known.SYMBOLS:
            return _Piece("\\" + name, ((known.SYMBOLS[name], ""),))
        if len(name) == 1 and name in "{}%#&_|":
            return _Piece(known.REPLACED.get("\\" + name, "\\" + name), (("‖" if name == "|" else name, ""),))
        if name in known.FUNCTIONS:
            return _Piece("\\" + name, ((f"\u2009{name}\u2009", ""),))
        if name in known.TEXTS:
            return self._text(name)
        if name in known.ARGUMENTS:
            return self._with_arguments(name)
        return self._paired(name)

    def _paired(self, name: str) -> _Piece:
        if name == "label":
            self._raw_argument()
            return _Piece()
        if name == "substack" and self._next_visible() == "{":
            return _Piece("\\substack") + self._group("rows")
        if name == "begin":
            return self._environment()
        if name == "left":
            return self._between_delimiters()
        if known.SIZES.fullmatch(name):
            return _Piece("\\" + name) + self._delimiter()
        raise _Refused

    def _delimiter(self) -> _Piece:
        token = self._next_visible()
        name = token.removeprefix("\\")
        if name not in known.DELIMITERS or (token in "{}" and token == name):
            raise _Refused
        shown = "" if token == "." else {"|": "‖"}.get(name, name) if token != name else name
        return _Piece(known.REPLACED.get(token, token), ((known.SYMBOLS.get(shown, shown), ""),))

    def _between_delimiters(self) -> _Piece:
        piece = _Piece("\\left") + self._delimiter()
        self._contexts.append("delimiters")
        piece += self._sequence(["\\right", "\\middle"])
        while self._next() == "\\middle":
            piece += _Piece("\\middle") + self._delimiter() + self._sequence(["\\right", "\\middle"])
        self._contexts.pop()
        return piece + _Piece("\\right") + self._delimiter()

    def _environment(self) -> _Piece:
        is_first = self._at == 1
        name = self._raw_argument()
        if name not in known.ENVIRONMENTS or (name in known.DISPLAYS and not is_first):
            raise _Refused
        columns = ""
        if name == "array":
            columns = self._raw_argument().replace("|", "")
            if not re.fullmatch("[lcr ]{1,40}", columns):
                raise _Refused
            columns = f"{{{columns}}}"
        self._contexts.append("grid" if name in known.GRIDS else "equation")
        inside = self._sequence(["\\end"])
        self._contexts.pop()
        if self._next() != "\\end" or self._raw_argument() != name:
            raise _Refused
        if name in known.DISPLAYS and "".join(self._tokens[self._at :]).strip():
            raise _Refused
        return _Piece(f"\\begin{{{name}}}{columns}{inside.tex}\\end{{{name}}}", None)

    def _raw_argument(self) -> str:
        """The characters between braces, none of them a brace or a command."""
        if self._next_visible() != "{":
            raise _Refused
        inside = ""
        while (token := self._next()) != "}":
            if token[0] in "\\{":
                raise _Refused
            inside += token
        return inside

    def _text(self, name: str) -> _Piece:
        r"""Signs stand outside of `\text`, since MathJax reads escapes in it only with a further package."""
        if self._next_visible() != "{":
            raise _Refused
        parts = [""]
        while (token := self._next()) != "}":
            sign = token.removeprefix("\\")
            if sign in known.SIGNS_IN_TEXT and (token != sign or sign not in "{}"):
                parts += [known.REPLACED.get(sign, "\\" + sign), ""]
            elif token == "~" or token.startswith("\\ "):
                parts[-1] += " "
            elif token[0] in "\\{^":
                raise _Refused
            else:
                parts[-1] += token
        shown = "".join(known.SIGNS_SHOWN.get(part, part) for part in parts)
        parts[::2] = [f"\\{name}{{{part}}}" if part else "" for part in parts[::2]]
        tex = "".join(parts)
        return _Piece(tex if len(parts) == 1 else f"{{{tex}}}", ((shown, ""),))

    def _with_arguments(self, name: str) -> _Piece:
        option = self._option() if name in known.WITH_OPTION else None
        arguments = [self._argument() for _ in range(known.ARGUMENTS[name])]
        piece = _Piece(f"\\{name}" + (f"[{option.tex}]" if option else ""))
        for argument in arguments:
            piece += _Piece(argument.tex)
        runs = None if option else in_unicode(name, [argument.runs for argument in arguments])
        return _Piece(piece.tex, runs)

    def _option(self) -> _Piece | None:
        while self._peek().isspace():
            self._at += 1
        if self._peek() != "[":
            return None
        self._at += 1
        option = self._sequence(("]",))
        self._next()
        return option
