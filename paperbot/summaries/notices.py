"""What the page says about a run's summaries that are missing."""

from collections.abc import Iterator, Sequence

from paperbot.model import NoSummaryReason, Notice, NoticeKind
from paperbot.summaries.errors import Failure

SMALL_CONTEXT = (
    "The model's server read only a part of the text that it was sent. Give it more context (Ollama: "
    "OLLAMA_CONTEXT_LENGTH) or set ai_summary.source to abstract."
)


def run_notices(
    stopped: Failure | None,
    failures: Sequence[Failure],
    made: int,
    failed_briefs: int,
    context_is_small: bool,
) -> Iterator[Notice]:
    """`stopped` is why the server was asked no more; `failures` are of summaries, `made` is their number."""
    missing = "There are no new summaries"
    if made and failures:
        missing = f"{len(failures)} of {made + len(failures)} summaries are missing"
    elif not failures:
        missing = "Some TL;DRs or overviews are missing"
    if stopped and stopped.kind is not NoSummaryReason.TIME_BUDGET and (failures or failed_briefs):
        kind = NoticeKind.ENDPOINT_REFUSED if stopped.needs_owner else NoticeKind.ENDPOINT_DOWN
        yield Notice(kind, f"{missing}: {stopped.advice}")
    elif not made and (telling := [problem for problem in failures if problem.rule.concerns_all_papers]):
        yield Notice(NoticeKind.ENDPOINT_DOWN, f"{missing}: {telling[0].advice}")
    if left_out := [problem for problem in failures if problem.kind is NoSummaryReason.TOKEN_BUDGET]:
        yield Notice(NoticeKind.BUDGET, f"{_papers(len(left_out))} {left_out[0]}.")
    if left := [problem for problem in failures if problem.kind is NoSummaryReason.TIME_BUDGET]:
        yield Notice(NoticeKind.TIME, f"{_papers(len(left))} {left[0]}.")
    if context_is_small:
        yield Notice(NoticeKind.CONTEXT, SMALL_CONTEXT)


def _papers(count: int) -> str:
    return f"{count} paper{'s were' if count != 1 else ' was'}"
