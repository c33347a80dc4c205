"""One long run of hostile papers through whole pages: `python -m tools.fuzz_markup [inputs] [seed]`.

An input is one paper: title, author, comment, abstract and summary. A failing page is made as small as
it goes and printed; the exit code is 1.
"""

import random
import sys

from tests.support.hostile import HostilePaper, page_faults, random_text

PAPERS_ON_A_PAGE = 10


def random_paper(randomness: random.Random) -> HostilePaper:
    return HostilePaper(*(random_text(randomness) for _ in range(5)))


def smallest(papers: list[HostilePaper]) -> list[HostilePaper]:
    """A broken page with as few papers as possible."""
    for index in range(len(papers)):
        fewer = papers[:index] + papers[index + 1 :]
        if fewer and page_faults(fewer):
            return smallest(fewer)
    return papers


def main(inputs: int = 100_000, seed: int = 1) -> int:
    for start in range(0, inputs, PAPERS_ON_A_PAGE):
        randomness = random.Random(f"{seed}-{start}")
        papers = [random_paper(randomness) for _ in range(PAPERS_ON_A_PAGE)]
        if page_faults(papers):
            papers = smallest(papers)
            print(f"Broken page at input {start}, seed {seed}:", *page_faults(papers), *papers, sep="\n")
            return 1
        if start % 10_000 == 0:
            print(f"{start:,} of {inputs:,} inputs: every page whole", flush=True)
    print(f"{inputs:,} inputs, seed {seed}: every page whole")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
