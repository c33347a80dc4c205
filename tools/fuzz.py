"""Random texts of papers and models, from the answer to pages, feeds, exports, site and mail.

`python -m tools.fuzz [inputs] [seed]`.

An input is one paper with its summary. Nothing may raise, and no page may break. A failing page is made as
small as it goes and printed; the exit code is 1.
"""

import random
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from tests.support.hostile import HostilePaper, chain_faults, random_paper
from tools.reliability import machine, write_section

PAPERS_ON_A_PAGE = 10
PROCESSES = 2
INPUTS_FOR_THE_REPORT = 100_000


def main(inputs: int = 100_000, seed: int = 1) -> int:
    starts = range(0, inputs, PAPERS_ON_A_PAGE)
    with ProcessPoolExecutor(PROCESSES) as pool:
        for number, found in enumerate(pool.map(fault_at, repeat(seed), starts, chunksize=10)):
            if found:
                print(f"Fault at input {starts[number]}, seed {seed}:", found, sep="\n")
                pool.shutdown(cancel_futures=True)
                return 1
            if starts[number] % 10_000 == 0:
                print(f"{starts[number]:,} of {inputs:,} inputs: no fault", flush=True)
    summary = (
        f"{machine('make fuzz')} {inputs:,} random papers with summaries, TL;DRs and overviews, seed {seed}, "
        "from the model's answer to pages, mail, feeds and exports: nothing raised, no page broke."
    )
    print(summary)
    if inputs >= INPUTS_FOR_THE_REPORT:
        write_section("Random summaries", summary)
    return 0


def fault_at(seed: int, start: int) -> str:
    """What is wrong with a page of random papers, and the papers; mostly empty."""
    randomness = random.Random(f"{seed}-{start}")
    papers = [random_paper(randomness) for _ in range(PAPERS_ON_A_PAGE)]
    if not faults_of(papers):
        return ""
    papers = smallest(papers)
    return "\n".join(map(str, (*faults_of(papers), *papers)))


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
