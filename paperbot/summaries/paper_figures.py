"""The numbers of a paper's text, ready to be looked up."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import product

from paperbot.summaries.figures import (
    ABOUT,
    COUNT,
    EXACT_DIGITS,
    LABEL,
    OVER,
    PERCENT,
    SUPERSCRIPTS,
    Figure,
    Quantity,
    Unit,
    flattened,
    quantities_in,
)

ANY = "any"
"""Numbers whatever their unit."""


class PaperFigures:
    """Every number of a text, by dimension."""

    def __init__(self) -> None:
        self._values: dict[str, set[Decimal]] = defaultdict(set)
        self._sorted: dict[str, list[Decimal]] = {}

    @classmethod
    def of(cls, text: str) -> "PaperFigures":
        figures = cls()
        found = figures._values
        flat = flattened(text)
        for label in LABELS.finditer(flat):
            found[ANY].update(map(Decimal, DIGITS.findall(label[0])))
        flat = in_digits(LABELS.sub(" ; ", flat))
        found[COUNT].update(lost_powers(flat))
        for quantity in quantities_in(flat):
            unit, values = quantity.unit, {quantity.values[0], *quantity.items}  # as it is read in English
            found[ANY] |= values
            if unit is None or quantity.unit_on_next_line:
                found[COUNT] |= values
            if unit:
                found[unit.dimension].update(value * unit.size for value in values)
            if unit and unit.dimension == COUNT:
                found[ANY].update(value * unit.size for value in values)
            if unit == KILO:
                found[COUNT].update(value * 1024 for value in values)
        return figures

    @classmethod
    def union(cls, parts: Iterable["PaperFigures"]) -> "PaperFigures":
        figures = cls()
        for part in parts:
            for dimension, values in part._values.items():
                figures._values[dimension] |= values
        return figures

    def holds(self, figure: Figure) -> bool:
        """All of its numbers; in a range or a size each may stand without the unit that they share."""
        several = len(figure.quantities) > 1
        return all(
            self._holds_quantity(quantity, figure.hedge)
            or (several and any(value in self._values[ANY] for value in quantity.values))
            for quantity in figure.quantities
        )

    def _holds_quantity(self, quantity: Quantity, hedge: str) -> bool:
        if quantity.items and all(item and item in self._values[ANY] for item in quantity.items):
            return True
        for value, (dimension, factor) in product(quantity.values, readings(quantity)):
            if value * factor in self._values[dimension]:
                return True
            if dimension not in self._sorted:
                self._sorted[dimension] = sorted(self._values[dimension])
            ordered = self._sorted[dimension]
            for low, high in roundings(value, quantity, hedge):
                if bisect_left(ordered, low * factor) < bisect_right(ordered, high * factor):
                    return True
        return False


KILO = Unit(COUNT, Decimal(1000))


def readings(quantity: Quantity) -> list[tuple[str, Decimal]]:
    """The positions at which the paper may have a quantity, and by what its number is multiplied there.

    A bare number may have any unit there. One with a unit may occur there without it, as in a table, unless
    it is a single digit, which stands everywhere.
    """
    unit = quantity.unit
    if unit is None:
        return [(ANY, Decimal(1)), (COUNT, Decimal(1)), (PERCENT, Decimal(100))]
    found = [(unit.dimension, unit.size)]
    if quantity.is_distinctive:
        found.append((COUNT, Decimal(1)))
    if unit.dimension == PERCENT:
        found.append((COUNT, unit.size / 100))
    if unit == KILO:
        found.append((COUNT, Decimal(1024)))
    return found


def roundings(value: Decimal, quantity: Quantity, hedge: str) -> Iterator[tuple[Decimal, Decimal]]:
    """Between which numbers of the paper one lies that this one may be a rounding of.

    A number with three significant digits or more may be rounded without a word; a shorter one only where the
    summary says so.
    """
    if hedge:
        step = hedged_precision(value, quantity)
        low = value - (step / 2 if hedge == ABOUT else Decimal(0) if hedge == OVER else step)
        yield low, low + step
    if quantity.significant_digits >= EXACT_DIGITS:
        half = Decimal(1).scaleb(_exponent(value)) / 2  # of the last digit written
        yield value - half, value + half


def hedged_precision(value: Decimal, quantity: Quantity) -> Decimal:
    """What one more in the last digit means that a rounded number has: 0.1 in 2.5, 10 in 100, 1 in 10."""
    exponent = _exponent(value if "." in quantity.number else value.normalize())
    return Decimal(1).scaleb(exponent if exponent < 0 else max(0, min(exponent, value.adjusted() - 1)))


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)  # finite by construction
    return exponent


LABELS = re.compile(LABEL, re.VERBOSE)
DIGITS = re.compile("[0-9]+")
NUMBERS_IN_WORDS = "one two three four five six seven eight nine ten eleven twelve"
WORDS = {word: str(number) for number, word in enumerate(NUMBERS_IN_WORDS.split(), start=1)}
NUMBER_WORD = re.compile(
    rf"\b({'|'.join(WORDS)})(?=[ \n-]?(?:fold|times|per ?cent|points|thousand|[mb]illion|trillion"
    r"|(?:milli|micro)?seconds?|minutes?|hours?|days?)\b)",
    re.IGNORECASE,
)
WHOLE_WORDS = {
    re.compile(r"\b(?:doubl(?:e|es|ed|ing)|twice)\b", re.IGNORECASE): "; 2 times ",
    re.compile(r"\b(?:tripl(?:e|es|ed|ing)|thrice)\b", re.IGNORECASE): "; 3 times ",
    re.compile(r"\b(?:half|halv(?:e|es|ed|ing))\b", re.IGNORECASE): "; 50% ",
    re.compile(r"\border of magnitude\b", re.IGNORECASE): "; 10 times ",
    re.compile(r"(?<=[0-9],)[ ]?\n(?=[0-9]{3}(?![0-9]))"): "",
}


def in_digits(text: str) -> str:
    """The text with numbers in words as digits, and numbers over two lines as one."""
    text = NUMBER_WORD.sub(lambda word: f"; {WORDS[word[1].lower()]}", text)
    for pattern, digits in WHOLE_WORDS.items():
        text = pattern.sub(digits, text)
    return text


LOST_POWER = re.compile(
    r"(?:(?<![0-9.])([0-9]{1,3}(?:\.[0-9]{1,3})?)[ ]?[×x·][ ]?)?"
    r"(?<![0-9.])10[ ]?(-?[ ]?[0-9]{1,2})(?![.,]?[0-9])"
)
# 1.25±0.016×10−3 and (1.25 ± 0.016) × 10⁻³
DEVIATION = re.compile(
    r"(?<![0-9.])([0-9]{1,20}(?:\.[0-9]{1,20})?)[ ]?(?:±|\+/?-)[ ]?([0-9]{1,20}(?:\.[0-9]{1,20})?)[ ]?\)?[ ]?"
    r"[×x·][ ]?10[ ]?(?:\^[ ]?\{?[ ]?)?([-+⁺⁻]?[ ]?[0-9⁰¹²³⁴-⁹]{1,2})(?![.,]?[0-9])"
)


def lost_powers(text: str) -> set[Decimal]:
    """Numbers times a power of ten whose exponent the text of a PDF has lost, or that follows a deviation."""
    found = {
        Decimal(mantissa or 1).scaleb(int(exponent.replace(" ", "")))
        for mantissa, exponent in LOST_POWER.findall(text)
    }
    for mean, deviation, exponent in DEVIATION.findall(text):
        power = int(exponent.replace(" ", "").translate(SUPERSCRIPTS))
        found |= {Decimal(number).scaleb(power) for number in (mean, deviation, 1)}
    return found
