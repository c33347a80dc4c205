"""How many wrong figures are marked, and how many right ones: `python tools/measure_grounding.py [papers]`.

Asks the replay world's endpoint about its papers, in English and in Chinese, for answers with wrong figures
planted in them, and looks all figures up in the text that `read_pdf` takes from the papers' PDFs. Besides,
every right figure is looked up with one of its digits changed.
"""

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[1]
REPLAY = ROOT.parent / "shared" / "replay"
sys.path[:0] = [str(ROOT), str(REPLAY)]

from paperbot.summaries.figures import figures_in  # noqa: E402
from paperbot.summaries.grounding import ground  # noqa: E402
from paperbot.summaries.pdf import read_pdf  # noqa: E402

PROMPTS = {
    "English": "Summarise the paper: contributions, method, results, limitations.",
    "Chinese": "请总结这篇论文的核心结论和实验结果。",
}
PLANTED = "on an additional benchmark."
"""How the replay's planted claims end."""


@dataclass
class Tally:
    """Of each kind of figure: how many there were, and how many of them were marked."""

    planted: int = 0
    planted_marked: int = 0
    changed: int = 0
    changed_marked: int = 0
    right: int = 0
    right_marked: int = 0
    errors: list[str] = field(default_factory=list)

    def count(self, answer: str, text: str) -> None:
        """Each claim is planted in a line of its own; the rest of the answer is right."""
        lines = answer.splitlines()
        for claim in (line for line in lines if line.endswith(PLANTED)):
            marked = bool(ground(claim, text).missing)
            self.planted += 1
            self.planted_marked += marked
            self.errors += [] if marked else [f"overlooked: {claim}"]
        rest = "\n".join(line for line in lines if not line.endswith(PLANTED))
        grounding = ground(rest, text)
        self.right += grounding.checked
        self.right_marked += len(grounding.missing)
        self.errors += [f"wrongly marked: {literal}" for literal in grounding.missing]
        for literal in {figure.literal for figure in figures_in(rest)}:
            changed = ground(with_another_digit(literal), text)
            self.changed += changed.checked
            self.changed_marked += len(changed.missing)

    def __str__(self) -> str:
        kinds = {
            "planted": (self.planted, self.planted_marked),
            "one digit changed": (self.changed, self.changed_marked),
            "right": (self.right, self.right_marked),
        }
        return "; ".join(
            f"{kind}: {marked} of {count} marked ({marked / count:.2%})"
            for kind, (count, marked) in kinds.items()
        )


def with_another_digit(literal: str) -> str:
    """The same for the same figure."""
    chance = random.Random(literal)
    at = chance.choice([at for at, char in enumerate(literal) if char.isdecimal()])
    return (
        literal[:at]
        + chance.choice([digit for digit in "123456789" if digit != literal[at]])
        + literal[at + 1 :]
    )


def measure(papers: int, language: str) -> Tally:
    """Over so many papers, spread over the replay's month."""
    tally = Tally()
    for answer, text in answers(papers, PROMPTS[language]):
        tally.count(answer, text)
    return tally


def answers(papers: int, prompt: str) -> Iterator[tuple[str, str]]:
    """About each paper an answer with planted figures, and the text of the paper's PDF."""
    from world import World  # type: ignore[import-not-found, unused-ignore]

    with World(
        clock="2025-12-31T08:00:00Z",
        faults=[{"on": "chat", "kind": "false_numbers", "times": None}],
        llm={
            "latency": 0,
            "jitter": 0,
            "file_ready_retrieves": 0,
            "file_ready_seconds": 0,
            "api_key": "test-key",
        },
    ) as world:
        known = world.papers()
        for paper in known[:: max(1, len(known) // papers)][:papers]:
            pdf = requests.get(f"{world.pdf_url}/{paper.id}", timeout=30).content
            yield ask(world.llm_url, pdf, prompt), read_pdf(pdf).text


def ask(llm_url: str, pdf: bytes, prompt: str) -> str:
    """What the endpoint says about an uploaded PDF."""
    headers = {"Authorization": "Bearer test-key"}
    uploaded = requests.post(
        f"{llm_url}/files",
        headers=headers,
        files={"file": ("paper.pdf", pdf, "application/pdf")},
        data={"purpose": "file-extract"},
        timeout=30,
    )
    uploaded.raise_for_status()
    requests.get(f"{llm_url}/files/{uploaded.json()['id']}", headers=headers, timeout=30)
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "system", "content": f"fileid://{uploaded.json()['id']}"},
        {"role": "user", "content": prompt},
    ]
    answer = requests.post(
        f"{llm_url}/chat/completions",
        headers=headers,
        json={"model": "qwen-long", "messages": messages},
        timeout=30,
    )
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return str(body["choices"][0]["message"]["content"])


def main() -> int:
    papers = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    for language in PROMPTS:
        start = time.monotonic()
        tally = measure(papers, language)
        print(f"{language}: {papers} papers in {time.monotonic() - start:.0f} s: {tally}")
        print(*tally.errors[:50], sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
