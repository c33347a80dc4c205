"""Are the figures of a summary in the paper's own text?

Formats are tolerated, values are not: 1,000 = 1000, 84.4 % = 0.844, 2.55x = 2.55 times = 2.55 倍, 7B = 70亿,
250 ms = 0.25 s. A rounded figure stands in the paper only where the summary says that it rounded
("about 84%", "超过 84%"). What a summary worked out itself does not stand in the paper.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from decimal import Decimal

from paperbot.model import Grounding
from paperbot.summaries.figures import (
    ABOUT,
    COUNT,
    LABEL,
    OVER,
    PERCENT,
    Figure,
    Quantity,
    Unit,
    figures_in,
    flattened,
    quantities_in,
)

SUMMARY_CHARS = 100_000
PAPER_CHARS = 1_000_000
ANY = "any"
"""Numbers whatever their unit."""


def ground(summary: str, paper_text: str) -> Grounding:
    """Which figures of the summary stand in the paper; what is written the same way counts once.

    Looks at the first 100,000 characters of the summary and 1,000,000 of the paper.
    """
    paper = PaperFigures(paper_text[:PAPER_CHARS])
    verdicts: dict[str, bool] = {}
    for figure in figures_in(summary[:SUMMARY_CHARS]):
        verdicts[figure.literal] = verdicts.get(figure.literal, False) or paper.holds(figure)
    missing = tuple(literal for literal, found in verdicts.items() if not found)
    return Grounding(len(verdicts) - len(missing), len(verdicts), missing)


class PaperFigures:
    """Every number of a paper, by dimension."""

    def __init__(self, text: str) -> None:
        self._values: dict[str, set[Decimal]] = defaultdict(set)
        self._sorted: dict[str, list[Decimal]] = {}
        flat = flattened(text)
        for label in LABELS.findall(flat):
            self._values[ANY].update(map(Decimal, DIGITS.findall(label)))
        flat = in_digits(LABELS.sub(" ; ", flat))
        self._values[COUNT].update(lost_powers(flat))
        for quantity in quantities_in(flat):
            self._add(quantity)

    def _add(self, quantity: Quantity) -> None:
        unit = quantity.unit
        as_in_english = quantity.values[0]
        for value in (as_in_english, *quantity.items):
            self._values[ANY].add(value)
            if unit is None or quantity.unit_on_next_line:
                self._values[COUNT].add(value)
            if unit:
                self._values[unit.dimension].add(value * unit.size)
            if unit and unit.dimension == COUNT:
                self._values[ANY].add(value * unit.size)
            if unit == KILO:
                self._values[COUNT].add(value * 1024)

    def holds(self, figure: Figure) -> bool:
        """All of its numbers; in a range or a size each may stand without the unit that they share."""
        several = len(figure.quantities) > 1
        return all(
            self._holds_quantity(quantity, figure.hedge) or (several and self._holds_any(quantity))
            for quantity in figure.quantities
        )

    def _holds_any(self, quantity: Quantity) -> bool:
        return any(value in self._values[ANY] for value in quantity.values)

    def _holds_quantity(self, quantity: Quantity, hedge: str) -> bool:
        if quantity.items and all(item in self._values[ANY] for item in quantity.items):
            return True
        return any(
            self._holds_value(dimension, value * factor, precision(value, quantity) * factor, hedge)
            for value in quantity.values
            for dimension, factor in readings(quantity)
        )

    def _holds_value(self, dimension: str, value: Decimal, step: Decimal, hedge: str) -> bool:
        if value in self._values[dimension]:
            return True
        if not hedge:
            return False
        if hedge == ABOUT:
            low, high = value - step / 2, value + step / 2
        else:
            low, high = (value, value + step) if hedge == OVER else (value - step, value)
        return self._has_between(dimension, low, high)

    def _has_between(self, dimension: str, low: Decimal, high: Decimal) -> bool:
        if dimension not in self._sorted:
            self._sorted[dimension] = sorted(self._values[dimension])
        ordered = self._sorted[dimension]
        return bisect_left(ordered, low) < bisect_right(ordered, high)


KILO = Unit(COUNT, Decimal(1000))
HUNDREDTH = Decimal("0.01")


def readings(quantity: Quantity) -> list[tuple[str, Decimal]]:
    """Where the paper may have a quantity, and by what its number is multiplied there.

    A bare number may have any unit there. One with a unit may stand there without it, as in a table, unless
    it is a single digit, which stands everywhere.
    """
    unit = quantity.unit
    if unit is None:
        return [(ANY, Decimal(1)), (COUNT, Decimal(1)), (PERCENT, Decimal(100))]
    found = [(unit.dimension, unit.size)]
    if quantity.is_distinctive:
        found.append((COUNT, Decimal(1)))
    if unit.dimension == PERCENT:
        found.append((COUNT, HUNDREDTH))
    if unit == KILO:
        found.append((COUNT, Decimal(1024)))
    return found


def precision(value: Decimal, quantity: Quantity) -> Decimal:
    """What one more in the last digit means that a rounded number has: 0.1 in 2.5, 10 in 100, 1 in 10."""
    exponent = value.as_tuple().exponent if "." in quantity.number else value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # finite by construction
    return Decimal(1).scaleb(exponent if exponent < 0 else max(0, min(exponent, value.adjusted() - 1)))


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


def lost_powers(text: str) -> set[Decimal]:
    """1 x 10 to the power of -4, whose exponent a PDF sets a little higher and its text as `1 x 10-4`."""
    return {
        Decimal(mantissa or 1).scaleb(int(exponent.replace(" ", "")))
        for mantissa, exponent in LOST_POWER.findall(text)
    }
