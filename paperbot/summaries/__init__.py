"""Which papers get a summary, in what order, made from what; and what that spends."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from paperbot.config.settings import AiSummary, Price
from paperbot.model import (
    Entry,
    NoSummaryReason,
    Notice,
    NoticeKind,
    Overview,
    Paper,
    Summary,
    SummarySource,
    TlDr,
)
from paperbot.ranking.topics import in_turn
from paperbot.summaries.prompts import Prompt, message_tokens, messages_for
from paperbot.summaries.server import Server
from paperbot.summaries.tldr_prompt import OUTPUT_TOKENS as TLDR_TOKENS
from paperbot.summaries.tldr_prompt import tldr_fingerprint, tldr_messages

DAYS_TO_TRY_AGAIN = 3
PDF_TOKENS = 20_000
"""Of a paper whose text could not be read here."""
OUTPUT_TOKENS = 2_000


def due(entries: Sequence[Entry], today: dt.date, settings: AiSummary, fingerprint: str) -> tuple[Entry, ...]:
    """The papers to be summarised now, the most urgent first; at most `max_papers_to_summarize`.

    The best of today's digest that lack one by this model and prompt; then, of the three days before,
    the best that have none at all.
    """
    most = settings.max_papers_to_summarize
    shown = [entry for entry in entries if entry.shown]
    chosen = [
        entry for entry in _best(shown, today)[:most] if not _is_settled(entry, settings.model, fingerprint)
    ]
    for days_ago in range(1, DAYS_TO_TRY_AGAIN + 1):
        for entry in _best(shown, today - dt.timedelta(days=days_ago))[:most]:
            has_text = entry.summary is not None and bool(entry.summary.text)
            if not has_text and not _is_settled(entry, settings.model, fingerprint):
                chosen.append(entry)
    return tuple(chosen[:most])


@dataclass(frozen=True, slots=True)
class BriefsDue:
    """The short texts that a run should make after its summaries."""

    tldrs: tuple[Entry, ...] = ()
    """Papers without a TL;DR; those that get one with their summary included."""
    shown: tuple[Entry, ...] = ()
    """Today's papers, for the overviews."""
    overviews: tuple[Overview, ...] = ()
    """Made by earlier runs, of the date and of the week."""
    week: str = ""
    """The week that ended last, for example `2026-W47`; empty where there is none."""
    best_of_week: tuple[Entry, ...] = ()
    """Its best papers, for its overviews."""


def tldrs_due(entries: Sequence[Entry], today: dt.date, settings: AiSummary) -> tuple[Entry, ...]:
    """Which of these entries are to get a TL;DR now, the most urgent first.

    All of today's that lack one by this model and request; then, of the three days before, those that were
    never asked for.
    """
    wanted = settings.model, tldr_fingerprint(settings.language)
    todays = _best(entries, today)
    chosen = [
        entry for entry in todays if not entry.tldr or _origin(entry.tldr) != (*wanted, entry.paper.version)
    ]
    for days_ago in range(1, DAYS_TO_TRY_AGAIN + 1):
        earlier = _best(entries, today - dt.timedelta(days=days_ago))
        chosen += [entry for entry in earlier if entry.tldr is None]
    return tuple(chosen)


def _best(entries: Iterable[Entry], date: dt.date) -> list[Entry]:
    return in_turn([entry for entry in entries if entry.digest_date == date and not entry.withdrawn])


def _is_settled(entry: Entry, model: str, fingerprint: str) -> bool:
    """Another call would bring the same: the text is there, or the provider refuses the paper."""
    summary = entry.summary
    if summary is None or _origin(summary) != (model, fingerprint, entry.paper.version):
        return False
    if summary.text:
        return True
    if summary.reason_kind in (None, NoSummaryReason.OTHER):  # written before there were kinds
        return summary.reason.startswith("the content check")
    return summary.reason_kind is NoSummaryReason.MODERATED


def _origin(text: Summary | TlDr) -> tuple[str, str, int]:
    return text.model, text.prompt, text.version


def server_of(settings: AiSummary, api_key: str) -> Server:
    return Server(settings.base_url, settings.model, settings.api_key_env, api_key)


def sources_of(settings: AiSummary) -> tuple[SummarySource, ...]:
    """What the model is given: the first of these that works for a paper."""
    if settings.source != "auto":
        return (SummarySource(settings.source),)
    sources = tuple(SummarySource)
    return sources if server_of(settings, "").reads_files else sources[1:]


def pdf_address(url: str, paper: Paper) -> str:
    """`{id}` in the config's address becomes the id with its version; without it, the id goes to the end."""
    pattern = url if "{id}" in url else url.rstrip("/") + "/{id}"
    return pattern.replace("{id}", paper.versioned_id)


def no_key(settings: AiSummary) -> Notice:
    """What the page says where there is no key."""
    local = " A local server takes any word as its key." if server_of(settings, "").is_local else ""
    where = "on GitHub: Settings > Secrets and variables > Actions"
    hint = f"To get them, add the secret {settings.api_key_env} ({where})."
    return Notice(NoticeKind.NO_KEY, f"There are no summaries because no key is set. {hint}{local}")


@dataclass(frozen=True, slots=True)
class Estimate:
    """About what a run would spend."""

    papers: int
    input_tokens: int
    output_tokens: int


def estimate(
    chosen: Sequence[Entry], settings: AiSummary, prompt: Prompt, tldrs: Sequence[Entry] = ()
) -> Estimate:
    """What the summaries will cost, before any PDF is fetched: each counts with a usual paper's length.

    `tldrs` are the papers without a TL;DR; those that get a summary get it with that.
    """
    first = sources_of(settings)[0]
    paper_tokens = 0 if first == "abstract" else PDF_TOKENS
    asked = sum(message_tokens(messages_for(prompt, entry.paper, first)) + paper_tokens for entry in chosen)
    alone = [entry.paper for entry in tldrs if entry not in chosen]
    asked += sum(message_tokens(tldr_messages(paper, settings.language)) for paper in alone)
    return Estimate(len(chosen), asked, len(chosen) * OUTPUT_TOKENS + len(alone) * TLDR_TOKENS)


def cost(price: Price, input_tokens: int, output_tokens: int) -> float:
    """The cost in the price's currency."""
    return (input_tokens * price.input_per_million + output_tokens * price.output_per_million) / 1e6


def cost_in_words(price: Price | None, input_tokens: int, output_tokens: int) -> str:
    """The cost, for example `0.42 CNY`; empty where no price is known, or nothing was spent."""
    if price is None or not input_tokens + output_tokens:
        return ""
    return f"{cost(price, input_tokens, output_tokens):,.2f} {price.currency}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of making summaries came to."""

    summaries: Mapping[str, Summary] = field(default_factory=dict)
    """By paper id, failed ones too, unless the archive has an older text of theirs: that one stays."""
    made: int = 0
    """Summaries."""
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    notices: tuple[Notice, ...] = ()
    refused: bool = False
    """None could be made, for a cause that only the owner can remove."""
    tldrs: Mapping[str, TlDr] = field(default_factory=dict)
    """By paper id, those that can't be used too."""
    overviews: tuple[Overview, ...] = ()
    """Of the topics whose overview is new."""
