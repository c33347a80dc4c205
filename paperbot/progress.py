"""How far a run has come: bars on a terminal, plain lines where there is none."""

import itertools
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tqdm import tqdm

from paperbot.model import Summary
from paperbot.sources.atom import Page

log = logging.getLogger(__name__)

Keep = Callable[[str, Summary], None]
"""Takes a paper's id and its finished summary."""


@contextmanager
def papers_received() -> Iterator[Callable[[Page], None]]:
    """Call it with each of arXiv's answers."""
    with _bar("papers from arXiv", None) as bar:

        def received(page: Page) -> None:
            bar.total = max(bar.total or 0, bar.n + page.total)
            bar.update(len(page.papers))
            if bar.disable:
                log.info("arXiv sent %d of %d papers", len(page.papers), page.total)

        yield received


@contextmanager
def summaries_made(total: int, keep: Keep) -> Iterator[Keep]:
    """Call it instead of `keep`."""
    numbers = itertools.count(1)
    with _bar("summaries", total) as bar:

        def kept(paper_id: str, summary: Summary) -> None:
            keep(paper_id, summary)
            bar.update()
            if bar.disable:
                how = (
                    f"from {summary.source.words}"
                    if summary.text and summary.source
                    else f"none: {summary.reason}"
                )
                log.info("summary %d of %d: %s, %s", next(numbers), total, paper_id, how)

        yield kept


@contextmanager
def _bar(label: str, total: int | None) -> Iterator["tqdm[Any]"]:
    """It does nothing where there is no terminal; where there is one, log lines go above it."""
    is_terminal = sys.stderr.isatty()
    with ExitStack() as stack:
        if is_terminal:
            from tqdm.contrib.logging import logging_redirect_tqdm  # brings asyncio with it

            stack.enter_context(logging_redirect_tqdm([logging.getLogger("paperbot")]))
        bar = tqdm(desc=label, total=total, unit="", leave=False, mininterval=0, disable=not is_terminal)
        yield stack.enter_context(bar)
