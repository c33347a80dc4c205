"""What a model writes about papers, and the check of it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from paperbot.model.fields import ALWAYS, INLINE, json_name


class SummarySource(StrEnum):
    """What the model read for a summary."""

    FILE = "file"
    """The uploaded PDF."""
    TEXT = "text"
    """The text extracted from the PDF."""
    ABSTRACT = "abstract"

    @property
    def words(self) -> str:
        """The source in words, as pages and messages name it, for example `the uploaded PDF`."""
        return {"file": "the uploaded PDF", "text": "the text of the PDF", "abstract": "the abstract"}[self]


class NoSummaryReason(StrEnum):
    """Why a paper has no summary."""

    KEY = "key"
    CREDIT = "credit"
    DAILY_QUOTA = "daily-quota"
    RATE = "rate"
    MODEL = "model"
    MODEL_API = "model-api"
    """The model exists, but not for chat completions."""
    PERMISSION = "permission"
    REGION = "region"
    ADDRESS = "address"
    """There is no chat endpoint at `base_url`."""
    SERVER = "server"
    GATEWAY = "gateway"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    LOCAL_SETUP = "local-setup"
    """This machine's proxy or certificates, or the server's address as it is written."""
    MODERATED = "moderated"
    """The provider's content filter refused the paper; it would do so again."""
    TOO_LONG = "too-long"
    FILE = "file"
    NO_TEXT = "no-text"
    """Neither the PDF nor its text could be had."""
    NOT_ACCEPTED = "not-accepted"
    NOT_A_COMPLETION = "not-a-completion"
    EMPTY = "empty"
    UNFINISHED = "unfinished"
    TOKEN_BUDGET = "token-budget"
    TIME_BUDGET = "time-budget"
    BOT_FAULT = "bot-fault"
    OTHER = "other"
    """Read from an archive that has only the words, or a kind of a later release."""

    @classmethod
    def _missing_(cls, _value: object) -> "NoSummaryReason":
        return cls.OTHER


MIN_EXACT_FIGURES, MAX_MISSING_SHARE = 10, 0.4
"""When a summary's missing figures mean that it is about another text. Measured on 236 real pairs: 100 of 101
summaries of another paper, 1 of 98 of the right one."""


@dataclass(frozen=True, slots=True)
class Grounding:
    """The check of a summary's figures against the paper's text; figures as the summary writes them, once."""

    found: int = field(metadata=json_name("figures_found"))
    """Of the figures in the text, those that are in the paper."""
    checked: int = field(default=0, metadata={**ALWAYS, **json_name("figures_checked")})
    """The figures in the text that were looked for."""
    missing: tuple[str, ...] = field(default=(), metadata={**ALWAYS, **json_name("figures_missing")})
    """Neither found nor worked out from figures that were."""
    exact_found: int | None = field(default=None, metadata=json_name("figures_exact_found"))
    """Of the figures with three significant digits or more, those found; shorter ones are in most papers by
    chance. Null in records of older releases."""
    exact_checked: int = field(default=0, metadata=json_name("figures_exact_checked"))
    """The figures with three significant digits or more, without those worked out."""
    worked_out: tuple[str, ...] = field(default=(), metadata=json_name("figures_worked_out"))
    """Not found, but the difference, ratio, product or change in per cent of found ones beside them."""
    other_row: tuple[str, ...] = field(default=(), metadata=json_name("figures_other_row"))
    """Found, but not in the row of the paper that has the same label and the neighbouring figures."""
    pages: Mapping[str, int] = field(default_factory=dict, metadata=json_name("figures_pages"))
    """The page of the PDF, counted from 1, of figures where it is sure: at most one figure of a sentence or
    table row. Each is meant where the summary has it first."""

    @property
    def mostly_missing(self) -> bool:
        """Perhaps about another text: of ten exact figures or more, over 40 % are not in the paper."""
        if self.exact_found is None or self.exact_checked < MIN_EXACT_FIGURES:
            return False
        return self.exact_checked - self.exact_found > MAX_MISSING_SHARE * self.exact_checked


@dataclass(frozen=True, slots=True)
class Summary:
    """A model's text about a paper, or the reason why there is none."""

    text: str = ""
    """The model's Markdown; missing where there is a `reason`. Untrusted."""
    reason: str = ""
    """Why there is no text, in words."""
    model: str = field(default="", metadata=ALWAYS)
    """The model's name, as the endpoint knows it."""
    source: SummarySource | None = field(default=None, metadata=ALWAYS)
    """What the model read: `file` (the uploaded PDF), `text` (extracted from it) or `abstract`."""
    prompt: str = field(default="", metadata=ALWAYS)
    """A fingerprint of the prompt without the paper."""
    version: int = field(default=1, metadata=ALWAYS)
    """The paper's version that was read."""
    input_tokens: int = field(default=0, metadata=ALWAYS)
    """Read by the model."""
    output_tokens: int = field(default=0, metadata=ALWAYS)
    """Written by the model."""
    made: dt.datetime | None = field(default=None, metadata=ALWAYS)
    """When, in UTC."""
    cut_short: bool = False
    """The model reached its limit of tokens before the text was finished."""
    partial: bool = False
    """The model read only a part of the paper\'s text: the beginning and the end."""
    grounding: Grounding | None = field(default=None, metadata=INLINE)
    hidden_text: str = ""
    """The beginning of text that the PDF hides from human readers, if it does."""
    reason_kind: NoSummaryReason | None = None
    """The kind of the reason; missing in archives of the first edition."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the archive that this release does not know; kept unchanged."""


@dataclass(frozen=True, slots=True)
class TlDr:
    """One sentence about a paper by a model; the answer is kept, so that it is paid for once."""

    text: str
    """One line of plain text; empty where the model's sentence could not be used. Untrusted."""
    model: str = ""
    """The model's name, as the endpoint knows it."""
    prompt: str = ""
    """A fingerprint of the prompt without the paper."""
    version: int = 1
    """The paper's version that was read."""
    input_tokens: int = 0
    """Read by the model in a call of its own; 0 where the sentence came with the summary."""
    output_tokens: int = 0
    """Written by the model in that call."""


@dataclass(frozen=True, slots=True)
class OverviewSentence:
    """One sentence of an overview."""

    text: str
    """One line of plain text, without its references. Untrusted."""
    papers: tuple[str, ...]
    """The ids of the papers that it is about; at least one."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What is new in one topic, on one date or in one week, by a model, from titles and TL;DRs."""

    topic: str = ""
    """Empty where the config has no topics."""
    sentences: tuple[OverviewSentence, ...] = ()
    """At least two; none where too few of the model's could be used."""
    model: str = ""
    """The model's name, as the endpoint knows it."""
    prompt: str = ""
    """A fingerprint of the prompt with the titles and TL;DRs: with another one, a date's is made anew."""
    week: str = ""
    """For example `2026-W47`; missing in the overview of a date."""
