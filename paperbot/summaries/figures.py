"""Figures in English and Chinese text: numbers as people, LaTeX and PDFs write them, with their units."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

PERCENT, FACTOR, COUNT = "percent", "factor", "count"
YEARS = range(1980, 2036)
EXACT_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted, and how many of its basic unit one of these is."""

    dimension: str
    size: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number with its unit, at its place in a text."""

    start: int
    number_end: int
    end: int
    number: str
    values: tuple[Decimal, ...]
    """What the number may mean: 1.000 is one or, in much of the world, a thousand."""
    items: tuple[Decimal, ...] = ()
    """What it means if it is a list after all, as 100,200 may be."""
    unit: Unit | None = None
    unit_on_next_line: bool = False

    @property
    def is_distinctive(self) -> bool:
        """Says something even without its unit."""
        return len(re.sub(r"[^0-9]", "", self.number).lstrip("0")) >= 2 or "." in self.number

    @property
    def significant_digits(self) -> int:
        """The significant digits of the number as written; zeros at the end of a whole number don't count."""
        mantissa = re.split(r"[eE×x·]", self.number.removeprefix("10^"))[0]
        digits = re.sub(r"[^0-9]", "", mantissa).lstrip("0")
        return len(digits if "." in mantissa else digits.rstrip("0"))

    @property
    def counts(self) -> bool:
        """Is the figure worth checking? A single digit and a year are not."""
        is_year = bool(re.fullmatch("[0-9]{4}", self.number)) and int(self.number) in YEARS
        return self.unit is not None or (self.is_distinctive and not is_year)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, or several that belong together: a range, a deviation, a size such as 224 x 224."""

    literal: str
    """As the text writes it."""
    quantities: tuple[Quantity, ...]
    hedge: str = ""
    """ABOUT, OVER or NEARLY, where the text says so."""

    @property
    def start(self) -> int:
        return self.quantities[0].start

    @property
    def is_exact(self) -> bool:
        """Three significant digits or more: seldom found in a paper by chance."""
        return max(quantity.significant_digits for quantity in self.quantities) >= EXACT_DIGITS


ABOUT, OVER, NEARLY = "about", "over", "nearly"
HEDGES_BEFORE = {
    ABOUT: r"(?:\b(?:about|around|roughly|approximately|approx\.?|circa|ca\.|some)|[~≈约])[ ]*$",
    OVER: r"(?:\b(?:over|above|exceed(?:s|ing)?|at[ ]least|not?[ ](?:less|fewer)[ ]than"
    r"|(?<!no[ ])(?<!not[ ])more[ ]than)|(?<!不)(?:超过?|[高大多]于)|不[低小少]于|至少|逾"
    r"|(?<![-=])[>≥])[ ]*$",  # no arrow
    NEARLY: r"(?:\b(?:nearly|almost|close[ ]to|under|below|up[ ]to|at[ ]most|not?[ ]more[ ]than"
    r"|(?<!no[ ])(?<!not[ ])less[ ]than)|(?<!不)[低小少]于|不[高大多]于|不超过?|[至最]多|近|不到|[<≤])[ ]*$",
}
HEDGES_AFTER = {ABOUT: "[ ]*(?:左右|上下)", OVER: r"[ ]*(?:以上|\+)", NEARLY: "[ ]*(?:以下|以内)"}

UNITS: dict[Unit, str] = {
    Unit(PERCENT): "percent|per cent|pct|percentage points?|points?|pts|pp|%|个百分点|百分点"
    "|Prozent(?:punkte?n?)?|pour cent|por ciento|por cento|per cento|процент"
    "|パーセント|ポイント|퍼센트|포인트",
    Unit(PERCENT, Decimal("0.1")): "per mille|‰",
    Unit(PERCENT, Decimal("0.01")): "basis points?|个基点",
    Unit(FACTOR): "times|folds?|x|X|×|倍|mal|fache?|fois|veces|vezes|volte|раза?(?!\\w)|배(?![치포경열터])",
    Unit(COUNT, Decimal(10) ** 3): "thousand|k|K|千|Tausend|mille|mila|mil|тыс",
    Unit(COUNT, Decimal(10) ** 4): "万|萬|만(?![족들약일])",
    Unit(COUNT, Decimal(10) ** 5): "十万",
    Unit(COUNT, Decimal(10) ** 6): "millions?|mn|M|百万|Mio|Millionen|millones|milhões|milioni|млн",
    Unit(COUNT, Decimal(10) ** 7): "千万",
    Unit(COUNT, Decimal(10) ** 8): "亿|億|억",
    Unit(COUNT, Decimal(10) ** 9): "billions?|bn|B|十亿|Mrd|Milliarden?|milliards?|mil millones|bilhões"
    "|miliardi|млрд",
    Unit(COUNT, Decimal(10) ** 10): "百亿",
    Unit(COUNT, Decimal(10) ** 11): "千亿",
    Unit(COUNT, Decimal(10) ** 12): "trillions?|tn|T|万亿|трлн",
    Unit("time", Decimal("1e-15")): "femtoseconds?|fs|飞秒",
    Unit("time", Decimal("1e-12")): "picoseconds?|ps|皮秒",
    Unit("time", Decimal("1e-9")): "nanoseconds?|ns|纳秒",
    Unit("time", Decimal("1e-6")): "microseconds?|us|µs|μs|微秒",
    Unit("time", Decimal("1e-3")): "milliseconds?|msec|ms|毫秒",
    Unit("time"): "seconds?|secs?|s|秒|Sekunden?|secondes?|segundos?|secondi|секунд|초(?![과기반])",
    Unit("time", Decimal(60)): "minutes?|mins?|分钟|分鐘|分間|Minuten?|minutos?|minuti|минут",
    Unit("time", Decimal(3600)): "hours?|hrs?|h|小时|小時|時間|Stunden?|heures?|horas?|ore"
    "|час[ао]?в?(?!\\w)|시간",
    Unit("time", Decimal(604800)): "weeks?|周(?!期)|Wochen?|semaines?|semanas?",
    Unit("time", Decimal(86400)): "days?|天|Tagen?|jours?|días?|dias?|giorni",
    Unit("rate"): "FPS|fps|Hz|frames per second|帧/秒",
    Unit("rate", Decimal(10) ** 3): "kHz|KHz",
    Unit("rate", Decimal(10) ** 6): "MHz",
    Unit("rate", Decimal(10) ** 9): "GHz",
    Unit("rate", Decimal(10) ** 12): "THz",
    **{
        Unit(dimension, Decimal(10) ** power): names.replace("?", letter)
        for dimension, names in {
            "bytes": "?B|?iB",
            "bytes/s": "?B/s|?Bps|?iB/s",
            "bits/s": "?bps|?b/s|?bit/s",
            "operations": "?FLOPs|?FLOPS|?FLOP|?flops|?OPs|?OPS|?MACs",
            "power": "?W",
            "electronvolts": "?eV",
            "parsecs": "?pc",
        }.items()
        for letter, power in {"[Kk]": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}.items()
    },
    Unit("power", Decimal("1e-3")): "mW",
    Unit("power"): "watts?|W",
    Unit("energy", Decimal("1e-3")): "mJ",
    Unit("energy"): "joules?|J",
    Unit("decibel"): "dB",
    Unit("celsius"): "°C|℃",
    Unit("electronvolts", Decimal("1e-3")): "meV",
    Unit("electronvolts"): "eV",
    Unit("parsecs"): "pc|parsecs?",
    Unit("length", Decimal("1e-9")): "nm|纳米",
    Unit("length", Decimal("1e-6")): "µm|μm|microns?|微米",
    Unit("length", Decimal("1e-3")): "mm|毫米",
    Unit("length", Decimal("1e-2")): "cm|厘米",
    Unit("length", Decimal(1000)): "km|公里",
}


_UNIT_NAMES = sorted(
    (name.replace(" ", "[ ]") for names in UNITS.values() for name in names.split("|")), key=len, reverse=True
)
_UNIT_WORDS = [name for name in _UNIT_NAMES if re.match(r"[\[a-zA-Zµμ]", name)]
_UNIT_LETTERS = [word for word in _UNIT_WORDS if len(word) == 1]
_UNIT_SIGNS = [name for name in _UNIT_NAMES if name not in _UNIT_WORDS and name != "×"]
# Letters must end there. A multiplication sign must not multiply or count things: `2.5x faster` is a factor,
# `8 x NVIDIA A100` is not.
UNIT = rf"""
    [ \n]{{0,8}}(?:-(?!(?:{"|".join(_UNIT_LETTERS)})\b))?(?:{"|".join(_UNIT_WORDS)})(?![A-Za-z0-9_])
    (?<![xX](?=[ ][0-9]))(?<!x(?=[ ]?[A-Z]))
  | [ \n]{{0,8}}[余多+]?[ ]?(?:{"|".join(_UNIT_SIGNS)})
  | [ ]{{0,8}}×(?![ ]{{0,8}}(?:\\|[A-Za-z-]*[0-9]|[A-Z]|[A-Za-z](?![A-Za-z])))
"""
RAISED = r"(?:\^[ ]?\{?[ ]?(?P<power>[+-]?[0-9]{1,3})(?:[ ]?\})?|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]{1,3}))"
QUANTITY = rf"""
    (?<![0-9])(?<![0-9]\.)
    (?=(?P<number>
        (?:(?<![0-9],)(?P<mantissa>[0-9]{{1,20}}(?:\.[0-9]{{1,20}})?)[ ]{{0,8}}[×x·][ ]{{0,8}})?10{RAISED}
      | (?P<lost_mantissa>(?<![0-9],)[0-9]{{1,20}}(?:\.[0-9]{{1,20}})?)
            [ ]{{0,8}}[×x·][ ]?10[ ]?(?P<lost_power>-[ ]?[0-9]{{1,2}})(?![.,]?[0-9])
      | (?P<with_comma>(?<![0-9],)                      # as in German, French or Spanish
            (?:0,[0-9]{{1,20}}
              | [1-9][0-9]{{0,2}}(?:[. ][0-9]{{3}})+,[0-9]{{1,2}} | [0-9]{{2,20}},[0-9]{{1,2}}
              | [0-9],[0-9]{{2}} | [0-9],[0-9](?={UNIT}))(?![0-9]|,[0-9]))
      | (?P<grouped>
            (?!0,)[0-9]{{1,3}}(?:(?:(?:[,'’_]|\{{,\}}|\\,)[0-9]{{3}})+|(?:[ ][0-9]{{3}})+)(?![0-9]|,[0-9])
            (?:\.[0-9]{{1,20}})?
        )
      | (?P<plain>(?:[0-9]{{1,20}}(?:\.[0-9]{{1,20}})?|\.[0-9]{{1,20}})
            (?:[eE][+-]?[0-9]{{1,3}}|[ ]?[eE][ ]?[+-][ ]?[0-9]{{1,3}})?)
    ))(?P=number)(?![0-9])                          # once found, a number is not cut shorter
    (?P<unit>{UNIT})?
"""
SERIAL = r"[A-Z]?\.?[0-9]{1,3}(?:\.[0-9]{1,2})*(?:[A-Za-z](?![A-Za-z0-9]))?"
LABEL = rf"""
    (?:(?:\b(?i:sections?|sec\.|figures?|figs?\.|tables?|tab\.|equations?|eqn?s?\.|algorithms?|alg\.|appendix
            |theorem|thm\.|lemma|proposition|prop\.|corollary|definition|chapter|assumption|remark|example|claim)
        |§|第|图|(?<![代发列])表|公式|算法|附录|定理|引理)
      [ ]{{0,2}}[(（]?{SERIAL}(?:[ ]?(?:[-–&、和至]|and|to)[ ]?{SERIAL}){{0,4}}(?![0-9]|[.,][0-9])
    | (?:\b(?i:steps?|stage|phase|lines?|pages?|pp?\.)|步骤|阶段)
      [ ]{{0,2}}[0-9]{{1,2}}(?:[ ]?(?:[-–&、和至]|and|to)[ ]?[0-9]{{1,2}}){{0,4}}(?![0-9]|[.,][0-9]|{UNIT})
    )
  | \[[0-9]{{1,3}}(?:[ ]?[,，、–-][ ]?[0-9]{{1,3}})*\]
"""
# What looks like a figure and is none; tried before and after figures.
MONTHS_ELSEWHERE = (  # by their beginnings, from German to Russian
    "(?i:jan|ene|gen|янв|f[eé][bv]|фев|mar|mär|мар|a[bpv]r|апр|ma[iyg]|мая|ju[nil]|giu|lug|ию[нл]|ago|aou|aoû|aug|авг"
    "|set|sep|сен|o[ckt]t|out|окт|nov|ноя|d[eéi][cz]|дек)[^\\W\\d_]{0,8}"
)
MONTHS = "(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}"
BEFORE_FIGURES = rf"""
    https?://[^\s)）]+
  | (?<![0-9])10\.[0-9]{{4,9}}/[^\s)）]+                           # a DOI
  | (?<![0-9])[0-9]{{4}}-[0-9]{{4}}-[0-9]{{4}}-[0-9]{{3}}[0-9X]     # an ORCID
  | \b{MONTHS}\.?[ ][0-9]{{1,2}}(?:,[ ]?[0-9]{{4}})?(?![0-9.])
  | (?<![0-9.])[0-9]{{1,2}}[ ]{MONTHS}\b(?:[ ][0-9]{{4}})?
  | (?<![0-9.])[0-9]{{1,2}}\.?[ ](?:de[ ])?{MONTHS_ELSEWHERE}[ ](?:de[ ])?(?:19|20)[0-9]{{2}}(?![0-9])
  | (?<![0-9:])[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?=[ ]?(?:UTC|GMT|AM|PM|am|pm)\b)
  | (?<![0-9.])[0-9]{{2}}(?:0[1-9]|1[0-2])\.[0-9]{{4,5}}(?:v[0-9]+)?(?![0-9.%])
  | (?<![0-9])[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}
  | (?<![0-9])(?:[0-9]{{4}}[ ]?[年년][ ]?)?[0-9]{{1,2}}[ ]?[月월][ ]?[0-9]{{1,2}}[ ]?[日일号]
  | (?<![0-9])[0-9]{{4}}[ ]?[年년](?:[ ]?[0-9]{{1,2}}[ ]?[月월])?
  | (?<![0-9])[0-9]{{2}}[ ]?(?:世[纪紀]|세기)(?:[ ]?[0-9]{{2}}[ ]?年代)? | (?<![0-9])[0-9]{{2}}[ ]?年代
  | \b(?:the|early|late|mid)[ -](?:19|20)[0-9]0s\b
  | (?<![0-9.])v?[0-9]{{1,4}}(?:\.[0-9]{{1,6}}){{2,5}}
  | [_^][ ]?\{{?[+-]?[0-9]+\}}?
  | ^[ >]*\#{{1,6}}[ ]*[0-9]{{1,2}}(?:\.[0-9]{{1,2}})*[.、)）]?(?=[ ])
  | ^[ >+-]*[0-9]{{1,3}}[.)、）](?=[ ])
  | {LABEL}
  | \b(?:RTX|GTX|CUDA|cuDNN|PyTorch|Python|TensorFlow|JAX|Ubuntu|Transformers|vLLM|L[Ll]a[Mm][Aa]|Qwen|GPT
       |Claude|Gemini|DeepSeek|Mistral|Phi|Gemma|ImageNet|Diffusion|Xeon|[Vv]ersions?|版本)
    [ ](?=(?P<version>v?[0-9]+(?:\.[0-9]+)*))(?P=version)(?![A-Za-z-]|,[0-9]|{UNIT})
"""
NAMES = r"""
    (?:[A-Za-zΑ-Ωα-ω]|(?<![0-9.])[0-9][0-9.]{0,40}[A-Za-z])
    (?:[A-Za-z0-9Α-Ωα-ω]|[-_@+](?=[A-Za-z0-9])|[./'](?=[A-Za-z])|(?<=[0-9])(?:\.(?=[0-9])|,(?=[0-9]{3}(?![0-9]))))*
"""
TOKEN = re.compile(f"{BEFORE_FIGURES}|(?P<figure>{QUANTITY}(?![A-Za-z]))|{NAMES}", re.VERBOSE | re.MULTILINE)
ANYWHERE = re.compile(QUANTITY, re.VERBOSE)
JOINT = re.compile(r"[ ]{0,8}(?:--?|[–—~±×x:/]|\+/?-|to|至|到)[ ]{0,8}")
MAX_GROUP_ITEMS = 6
CODE_BLOCK = re.compile(r"^[ >]*(```|~~~).*?(?:^[ >]*\1|\Z)", re.DOTALL | re.MULTILINE)


def figures_in(text: str) -> Iterator[Figure]:
    """The figures of a Markdown text that mean something, in its order; names and numbering are none."""
    flat = flattened(CODE_BLOCK.sub(lambda block: " " * len(block.group()), text))
    group: list[Quantity] = []
    for found in TOKEN.finditer(flat):
        if found["figure"]:
            this, last = _quantity(found), group[-1] if group else None
            is_next = (
                last is not None
                and len(group) < MAX_GROUP_ITEMS
                and last.unit is None
                and JOINT.fullmatch(flat, last.end, this.start)
                and not re.search(r"[*$`]", text[last.end : this.start])
            )
            if group and not is_next:
                yield from _figure(group, flat, text)
                group = []
            group.append(this)
    if group:
        yield from _figure(group, flat, text)


def _figure(group: list[Quantity], flat: str, text: str) -> Iterator[Figure]:
    """The figure that the quantities are, with the last one's unit for all, unless it means nothing."""
    start, last = group[0].start, group[-1]
    quantities = tuple(quantity if quantity.unit else replace(quantity, unit=last.unit) for quantity in group)
    if any(quantity.counts for quantity in quantities):
        has_markup = re.search(r"[*$`\n]", text[last.number_end : last.end])
        literal = text[start : last.number_end if has_markup else last.end]
        before, after = flat[max(0, start - 20) : start], flat[last.end : last.end + 5]
        hedges = (
            hedge
            for hedge in (ABOUT, OVER, NEARLY)
            if re.search(HEDGES_BEFORE[hedge], before) or re.match(HEDGES_AFTER[hedge], after)
        )
        yield Figure(literal, quantities, next(hedges, ""))


def quantities_in(text: str) -> Iterator[Quantity]:
    """Every number of a text taken from a PDF, wherever it stands; `text` must be flattened."""
    return map(_quantity, ANYWHERE.finditer(text))


def _quantity(found: re.Match[str]) -> Quantity:
    unit = found["unit"]
    return Quantity(
        start=found.start("number"),
        number_end=found.end("number"),
        end=found.end(),
        number=found["number"],
        values=tuple(_values(found)),
        items=tuple(_items(found)),
        unit=_unit(re.sub(r"[ \n余多+-]", "", unit)) if unit else None,
        unit_on_next_line="\n" in (unit or ""),
    )


def _items(found: re.Match[str]) -> Iterator[Decimal]:
    """128,256 and 64,128,256 and 12 345 may be lists; 12,345 and 6 000 are not."""
    grouped, number = found["grouped"] or "", found["with_comma"]
    is_in_list = found.string[found.start("number") - 1 : found.start("number")] == ","
    first = "[1-9][0-9]{0,2}" if is_in_list or grouped.count(",") > 1 else "[1-9][0-9]{2}"
    if number or re.fullmatch(
        rf"{first}(?:,[1-9][0-9]{{2}})+|[0-9]+(?: [1-9][0-9]{{2}})+(?:\.[0-9]+)?", grouped
    ):
        yield from map(Decimal, re.split("[, ]", number or grouped))


def _values(found: re.Match[str]) -> Iterator[Decimal]:
    if power := found["power"] or (found["raised"] or "").translate(SUPERSCRIPTS):
        yield Decimal(found["mantissa"] or 1).scaleb(int(power))
    elif power := found["lost_power"]:  # a PDF sets an exponent a little higher; its text is `3 x 10-5`
        yield Decimal(found["lost_mantissa"]).scaleb(int(power.replace(" ", "")))
    elif found["grouped"]:
        yield Decimal(re.sub(r"[^0-9.]", "", found["grouped"]))
    elif found["with_comma"]:
        yield Decimal(re.sub("[. ]", "", found["with_comma"]).replace(",", "."))
    else:
        yield Decimal(found["plain"].replace(" ", ""))
        if re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", found["plain"]):
            yield Decimal(found["plain"].replace(".", ""))


@cache
def _unit(name: str) -> Unit:
    return next(unit for unit, names in UNITS.items() if re.fullmatch(names.replace(" ", ""), name))


SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
PLAIN = str.maketrans(
    "．٫٬％﹪٪－﹣−‐‑‒＋～∼／：≃≅⩾⩽＞＜∙⋅✕✖⨯\u00a0\u2007\u2008\u2009\u200a\u202f\t\r*$",
    "..,%%%------+~~/:≈≈≥≤><··×××          ",
)
ASCII_DIGITS = set("0123456789")
LATEX_SIGNS = {
    "times": "×", "cdot": "·", "pm": "±", "sim": "~", "approx": "≈", "simeq": "≈", "to": "-",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "lt": "<", "gt": ">",
}  # fmt: skip
LATEX = re.compile(
    rf"\\(?:({'|'.join(LATEX_SIGNS)})(?![A-Za-z])|%)|(?P<asterisk>(?<=[0-9 ])\*(?=[ ]?10\^))"
    r"|(?P<space>\\[;:! ]|(?<![0-9])\\,|\\,(?![0-9])|~(?=\\%))"
)


def flattened(text: str) -> str:
    """The text with one way to write digits, blanks and signs; every character keeps its place."""

    def plain_sign(found: re.Match[str]) -> str:
        sign = "times" if found["asterisk"] else found[1]
        shown = " " if found["space"] else LATEX_SIGNS.get(sign, "%")
        return shown.rjust(len(found[0]))

    digits = {
        ord(char): str(unicodedata.decimal(char)) for char in set(text) - ASCII_DIGITS if char.isdecimal()
    }
    return LATEX.sub(plain_sign, text).translate(digits).translate(PLAIN)
