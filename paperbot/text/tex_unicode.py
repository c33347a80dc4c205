"""What formulas look like in Unicode, for links and plain text."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby, pairwise

from paperbot.text.tex_commands import ACCENTS, ALPHABETS, CLASSES, FONTS

Run = tuple[str, str]
"""A text, and "sup", "sub" or "" for the line itself."""

_SPACE_IN_BRACKETS = re.compile(r"(?<=[(\[{⟨]) | (?=[)\]},.;⟩])")
_SCRIPTS = {
    "sup": dict(
        zip(
            "0123456789+−=()∗abcdefghijklmnoprstuvwxyzT",
            "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾*ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ",
            strict=True,
        )
    ),
    "sub": dict(zip("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)),
}
"""The characters that Unicode has above and below the line."""


def in_unicode(name: str, arguments: Sequence[tuple[Run, ...] | None]) -> tuple[Run, ...] | None:
    """What a command with arguments looks like on a line, if it can be told apart there."""
    first = arguments[0]
    if first is None or arguments[-1] is None:
        return None
    if name in ALPHABETS:
        alphabet = ALPHABETS[name]
        return tuple(("".join(_letter(letter, alphabet) for letter in text), level) for text, level in first)
    if name in FONTS | CLASSES:
        return first
    if name in ACCENTS:
        is_letter = len(first) == 1 and len(first[0][0]) == 1
        return ((unicodedata.normalize("NFC", first[0][0] + ACCENTS[name]), ""),) if is_letter else None
    if name == "sqrt":
        return (("√", ""), *_in_parentheses(first))
    if name in ("frac", "dfrac", "tfrac"):
        return (*_in_parentheses(first), ("/", ""), *_in_parentheses(arguments[-1]))
    if name in ("pmod", "pod"):
        return ((" (mod " if name == "pmod" else " (", ""), *first, (")", ""))
    return None


def _in_parentheses(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    is_one_word = "".join(text for text, _ in runs).isalnum()
    return runs if is_one_word else (("(", ""), *runs, (")", ""))


def _letter(character: str, alphabet: str) -> str:
    r"""ℝ for `\mathbb{R}`: a few letters are older than the mathematical alphabets, under other names."""
    case = "CAPITAL" if character.isupper() else "SMALL"
    for name in (f"MATHEMATICAL {alphabet}", alphabet.replace("FRAKTUR", "BLACK-LETTER")):
        try:
            return unicodedata.lookup(f"{name} {case} {character}")
        except KeyError:
            continue
    return character


def in_script(runs: tuple[Run, ...] | None, kind: str) -> tuple[Run, ...] | None:
    """The same above ("sup") or below ("sub") the line, where a prime and a degree sign are already."""
    if runs is None:
        return None
    text = "".join(on_one_line(*run) for run in runs).strip()
    return ((text, "" if text in ("′", "°") else kind),) if text != "∘" else (("°", ""),)


def on_one_line(text: str, level: str) -> str:
    """A run in raised or lowered characters; behind `^` or `_` where Unicode lacks one of them."""
    if not level:
        return text
    if all(character in _SCRIPTS[level] for character in text):
        return "".join(_SCRIPTS[level][character] for character in text)
    sign = "^" if level == "sup" else "_"
    return sign + (text if len(text) == 1 else f"({text})")


def tidy(runs: tuple[Run, ...] | None) -> tuple[Run, ...] | None:
    """Neighbours on one level joined, and single spaces, none inside of brackets."""
    if runs is None:
        return None
    joined = [
        ("".join(text for text, _ in group), level) for level, group in groupby(runs, key=lambda run: run[1])
    ]
    joined = [
        (text.rstrip() if following[1] else text, level)
        for (text, level), following in pairwise([*joined, ("", "")])
    ]
    spaced = [(_SPACE_IN_BRACKETS.sub("", re.sub(r"\s+", " ", text)), level) for text, level in joined]
    if spaced:
        spaced[0] = (spaced[0][0].lstrip(), spaced[0][1])
        spaced[-1] = (spaced[-1][0].rstrip(), spaced[-1][1])
    return tuple(run for run in spaced if run[0])
