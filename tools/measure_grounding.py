"""How well the check of figures works: `python -m tools.measure_grounding [papers]` writes docs/figures.md.

Papers are the sample's titles and abstracts with made-up pages in the layouts of real ones: prose, wide
tables, deviations, powers of ten whose exponent the PDF's text lost, thousand separators, lists. The
summaries, in English and in Chinese, write the same figures their own way. Then mistakes are planted.
"""

import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from paperbot.sample.papers import sample_papers
from paperbot.summaries.figures import figures_in
from paperbot.summaries.grounding import ground
from paperbot.summaries.paper_figures import PaperFigures

DOCS = Path(__file__).resolve().parents[1] / "docs" / "figures.md"
METHODS = "Transformer Mamba RetNet Hyena Linformer Performer Reformer Longformer BigBird Routing"
TASKS = ["ImageNet", "CIFAR", "GLUE", "SQuAD", "HumanEval", "GSM8K"]
WORDS = "the method improves over strong baselines in all settings and the ablation shows"
TABLES, PAGES = 6, 12


@dataclass(frozen=True, slots=True)
class Pair:
    """A paper's pages, and a right summary of it."""

    pages: tuple[str, ...]
    abstract: str
    summary: str


@dataclass
class Tally:
    """By kind of mistake (or none): how many there were, and how many were marked."""

    count: Counter[str] = field(default_factory=Counter)
    marked: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, marked: int, count: int = 1) -> None:
        self.count[kind] += count
        self.marked[kind] += marked

    def share(self, kind: str) -> float:
        return self.marked[kind] / max(1, self.count[kind])


def pairs(papers: int, language: str) -> Iterator[Pair]:
    known = sample_papers()
    for number in range(papers):
        paper = known[number % len(known)].paper
        yield made_pair(f"{paper.title}\n\n{paper.abstract}", random.Random(f"{language} {number}"), language)


def made_pair(abstract: str, chance: random.Random, language: str) -> Pair:
    """Tables as pdfium reads them: a row a line, blanks between the cells."""
    pages: list[str] = []
    rows: list[tuple[str, list[str]]] = []
    for _ in range(TABLES):
        table = [(f"{name} {chance.randint(2, 70)}B", _cells(chance)) for name in METHODS.split()]
        rows += table
        lines = [f"{label} {' '.join(cells)}" for label, cells in table]
        pages.append(f"Table {len(pages) + 1}: results\nMethod {' '.join(TASKS)}\n" + "\n".join(lines))
    batch, steps = 2 ** chance.randint(3, 9), chance.randint(101, 999) * 1000
    rate, mean, tokens = chance.randint(2, 9), chance.uniform(1, 9), chance.uniform(1, 9)
    pages.append(
        f"We train with a batch size of {batch} for Maximum steps {steps:,} at a rate of {rate} × 10−4 on "
        f"8 NVIDIA A100. The error is {mean:.2f}±0.016×10−3. Lists: 8, 16, 32, 64,128,256. We use "
        f"{tokens:.2f} billion tokens."
    )
    pages += [_filler(chance) for _ in range(PAGES - len(pages))]
    label, cells = chance.choice(rows)
    shown = "\n".join(f"| {name} | {' | '.join(numbers)} |" for name, numbers in chance.sample(rows, 5))
    first, second = (re.split("±", cell)[0] for cell in cells[:2])
    said = {
        "English": f"{label} reaches {first}% on ImageNet and {second}% on CIFAR. Trained for {steps:,} "
        f"steps at {rate}e-4 on {tokens:.2f}B tokens, batch {batch}; the error is {mean:.2f}×10⁻³.",
        "Chinese": f"{label}在ImageNet上达到{first}%，在CIFAR上达到{second}%。训练{steps}步，"
        f"学习率{rate}×10⁻⁴，使用{tokens * 10:.1f}亿词元，批量{batch}；误差为{mean:.2f}×10⁻³。",
    }
    summary = f"{said[language]}\n\n| Method | {' | '.join(TASKS)} |\n|{'---|' * 7}\n{shown}\n"
    return Pair(tuple(pages), abstract, summary)


def _cells(chance: random.Random) -> list[str]:
    return [
        f"{chance.uniform(20, 99):.1f}",
        f"{chance.uniform(20, 99):.2f}",
        f"{chance.uniform(20, 99):.1f}±{chance.uniform(0, 2):.2f}",
        f"{chance.randint(1_000, 99_999):,}",
        f"{chance.uniform(0, 1):.3f}",
        str(chance.randint(10, 99)),
    ]


def _filler(chance: random.Random) -> str:
    parts = (
        f"{' '.join(chance.sample(WORDS.split(), 6))} {chance.uniform(0, 100):.{chance.randint(0, 2)}f}"
        for _ in range(60)
    )
    return "\n".join(parts)


def measure(papers: int, language: str) -> Tally:
    tally = Tally()
    before: Pair | None = None
    for pair in pairs(papers, language):
        right = ground(pair.summary, pair.abstract, pair.pages)
        tally.add("right", len(right.missing), right.checked)
        tally.add("right, said to be in another row", len(right.other_row), right.checked)
        tally.add("alarm, right paper", right.mostly_missing)
        paper = PaperFigures.of("\n".join([*pair.pages, pair.abstract]))
        for kind, literal in mistakes(pair.summary):
            tally.add(kind, not all(map(paper.holds, figures_in(literal))))
        if before:
            tally.add("alarm, another paper", ground(pair.summary, "", before.pages).mostly_missing)
        moved = ground(_with_moved_cell(pair.summary), pair.abstract, pair.pages)
        tally.add("moved to another row", bool(moved.other_row or moved.missing))
        before = pair
    return tally


def mistakes(summary: str) -> Iterator[tuple[str, str]]:
    """Kind and text of one mistake of each kind in each figure that can have it."""
    for figure in {figure.literal: figure for figure in figures_in(summary)}.values():
        literal, chance = figure.literal, random.Random(figure.literal)
        number = re.search(r"[0-9][0-9.,]*[0-9]", literal)
        if len(figure.quantities) > 1 or not number:
            continue
        digits = figure.quantities[0].significant_digits
        places = [at for at in range(number.start(), number.end()) if literal[at].isdigit()]
        at = chance.choice(places)
        other = chance.choice([digit for digit in "123456789" if digit != literal[at]])
        name = f"one digit changed, {min(digits, 5)}{' or more' * (digits >= 5)} significant digits"
        yield name, literal[:at] + other + literal[at + 1 :]
        for one, two in zip(places, places[1:], strict=False):
            if literal[one] != literal[two]:
                swapped = (
                    literal[:one] + literal[two] + literal[one + 1 : two] + literal[one] + literal[two + 1 :]
                )
                yield "two digits swapped", swapped
                break
        if "." in number[0] and digits >= 2:
            yield "decimal point moved", literal.replace(number[0], _moved_point(number[0]))
        if literal.endswith("%"):
            yield "unit changed", literal.removesuffix("%") + " ms"


def _moved_point(number: str) -> str:
    whole, _, decimals = number.partition(".")
    return f"{whole}{decimals[0]}.{decimals[1:] or '0'}"


def _with_moved_cell(summary: str) -> str:
    """The first cells of the last two rows are exchanged."""
    lines = summary.rstrip("\n").split("\n")
    one, two = (line.split("|") for line in lines[-2:])
    one[3], two[3] = two[3], one[3]
    return "\n".join([*lines[:-2], "|".join(one), "|".join(two)])


def report(tallies: dict[str, Tally]) -> str:
    kinds = sorted({kind for tally in tallies.values() for kind in tally.count})
    cells = [
        [f"{tally.share(kind):.1%} of {tally.count[kind]:,}" for tally in tallies.values()] for kind in kinds
    ]
    rows = [f"| {kind} | {' | '.join(shares)} |" for kind, shares in zip(kinds, cells, strict=True)]
    return "\n".join([f"| marked | {' | '.join(tallies)} |", f"|---|{'---|' * len(tallies)}", *rows])


HEAD = """# The check of figures, measured

Each figure of a summary is looked up in the paper's text. What that finds depends above all on how many
digits a figure has: `32` is in every paper, `84.37` is not.

## On 236 real pairs of paper and summary

One digit changed is noticed in 45 % of figures with two significant digits, 77 % with three, 94 % with four
and 99 % with five. Of summaries compared with another paper's text, 100 of 101 raise the alarm "most of this
summary's figures are not in the paper"; of right ones, 1 of 98. A figure moved to another row of a table is
noticed in 23 to 38 % of cases.

## On made-up papers, by `python -m tools.measure_grounding`

"""


def main() -> int:
    papers = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    tallies = {language: measure(papers, language) for language in ("English", "Chinese")}
    table = report(tallies)
    DOCS.write_text(f"{HEAD}{table}\n", encoding="utf-8")
    print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
