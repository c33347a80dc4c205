"""Short pauses between two tries of the model's server, for tests of the whole command."""

from functools import partial

import pytest

from paperbot.summaries.client import Waits
from paperbot.summaries.run import summarise

SHORT = Waits(pauses=(0.01,), polls=(0.01, 0.01, 0.01), file=0.5, connect=2, cleanup=2)


def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """For every run in this process."""
    quick = partial(summarise, waits=SHORT, pdf_patience_seconds=0.5)
    monkeypatch.setattr("paperbot.summaries.run.summarise", quick)
