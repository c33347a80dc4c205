"""How long a run takes that makes 15 summaries: 3 workers, 1 s an answer, 1 s a PDF at the local pace.

Prints the wall time beside the lower bound that the replay's own log implies: the PDFs come one after the
other, the answers three at a time, and both can happen at once. Run it where nothing else does:

    python tools/measure_flow.py
"""

import contextlib
import io
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.replay import Bot, world

NOW = "2025-12-24T08:17:00Z"
WORKERS, PAPERS, ANSWER_SECONDS, PDF_SECONDS = 3, 15, 1.0, 1.0
DELAY_SECONDS = 0.02
PDF_PIECES = 3
SLOW_PDFS = {"on": "pdf", "kind": "slow_drip", "bytes": 2900, "seconds": PDF_SECONDS / PDF_PIECES}
Row = Mapping[str, Any]


def measured(root: Path) -> tuple[float, list[Row]]:
    """The run's seconds from its first request to its end, and the replay's log of it."""
    with world(clock=NOW, llm={"latency": ANSWER_SECONDS}, faults=[SLOW_PDFS]) as replay:
        settings = {"max_workers": WORKERS, "max_papers_to_summarize": PAPERS}
        pace = {"delay_seconds": DELAY_SECONDS, "timeout_seconds": 60, "patience_seconds": 60}
        bot = Bot(root, replay, ai_summary=settings | {"base_url": replay.llm_url}, arxiv=pace)
        bot.run(NOW, "--no-summaries")
        replay.control(reset_log=True)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = bot.run(NOW)
        ended = time.monotonic()
        log: list[Row] = replay.log()
        assert code == 0
        return ended - min(row["t"] for row in log), log


def lower_bound(log: Sequence[Row]) -> dict[str, float]:
    """Seconds that each part needs by itself, and the least that all of it can take."""
    of = {kind: [row for row in log if row["kind"] == kind] for kind in ("api", "pdf", "chat")}
    spent = {kind: sum(float(row["seconds"]) for row in rows) for kind, rows in of.items()}
    queue = sum(len(of[kind]) for kind in ("api", "pdf")) * DELAY_SECONDS
    arxiv = spent["api"] + spent["pdf"] + queue
    last_answer = min(float(row["seconds"]) for row in of["chat"])
    first_pdf = spent["api"] + queue / max(1, len(of["pdf"])) + float(of["pdf"][0]["seconds"])
    return {
        "all PDFs, then one answer": arxiv + last_answer,
        "one PDF, then all answers": first_pdf + spent["chat"] / WORKERS,
    }


def report() -> None:
    with tempfile.TemporaryDirectory() as folder:
        wall, log = measured(Path(folder))
    bounds = lower_bound(log)
    for kind in ("api", "pdf", "files", "chat"):
        rows = [row for row in log if row["kind"] == kind]
        print(f"{kind:6} {len(rows):3} requests, {sum(row['seconds'] for row in rows):6.2f} s in all")
    for name, seconds in bounds.items():
        print(f"{name:28} {seconds:6.2f} s")
    print(f"{'wall time':28} {wall:6.2f} s = {wall / max(bounds.values()):.2f} x the lower bound")


if __name__ == "__main__":
    report()
