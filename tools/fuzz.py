"""Random texts of papers and models, from the answer to pages, feeds, exports, site and mail.

`python -m tools.fuzz [inputs] [seed]`.

An input is one paper with its summary. Nothing may raise, and no page may break. A failing page is made as
small as it goes and printed; the exit code is 1.
"""

import random
import sys
import traceback
from collections.abc import Sequence

from tests.support.hostile import HostilePaper, chain_faults, random_paper

PAPERS_ON_A_PAGE = 10


def main(inputs: int = 100_000, seed: int = 1) -> int:
    for start in range(0, inputs, PAPERS_ON_A_PAGE):
        randomness = random.Random(f"{seed}-{start}")
        papers = [random_paper(randomness) for _ in range(PAPERS_ON_A_PAGE)]
        if faults_of(papers):
            papers = smallest(papers)
            print(f"Fault at input {start}, seed {seed}:", *faults_of(papers), *papers, sep="\n")
            return 1
        if start % 10_000 == 0:
            print(f"{start:,} of {inputs:,} inputs: no fault", flush=True)
    print(f"{inputs:,} inputs, seed {seed}: no fault")
    return 0


def faults_of(papers: Sequence[HostilePaper]) -> list[str]:
    try:
        return chain_faults(papers)
    except Exception:  # noqa: BLE001  # any exception at all is what is looked for
        return [traceback.format_exc()]


def smallest(papers: list[HostilePaper]) -> list[HostilePaper]:
    """A failing page with as few papers as possible."""
    for index in range(len(papers)):
        fewer = papers[:index] + papers[index + 1 :]
        if fewer and faults_of(fewer):
            return smallest(fewer)
    return papers


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
