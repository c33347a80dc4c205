"""How an answer of a model's server finds its row in the table of errors, and what is raised then.

Codes count first, then words, then the HTTP status, be it 4xx, 5xx or 200 with an error in the body.
The texts of all servers are untrusted.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from paperbot.model import NoSummaryReason
from paperbot.summaries.error_bodies import ErrorBody, plain_line, read_error
from paperbot.summaries.error_rules import NO_FILES, NOT_ACCEPTED, UNREACHABLE, Action, Rule
from paperbot.summaries.error_table import (
    ACCESS,
    ADDRESS,
    CREDIT,
    FILE_BROKEN,
    FILE_NOT_READY,
    GATEWAY,
    KEY,
    MODEL,
    MODEL_API,
    RATE,
    SERVER,
    TABLE,
)
from paperbot.summaries.server import Server


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: a row of the table with its texts filled in."""

    rule: Rule
    action: Action
    cause: str
    hint: str = ""
    retry_after_seconds: float = 0.0
    said: str = ""
    """The server's own words: plain, one line, shortened."""
    details: str = field(default="", repr=False)
    """All of the body's words, in lower case; never shown."""

    @property
    def kind(self) -> NoSummaryReason:
        return self.rule.kind

    @property
    def needs_owner(self) -> bool:
        return self.rule.needs_owner

    def __str__(self) -> str:
        return f"{self.cause} (the server said: {self.said})" if self.said else self.cause

    @property
    def advice(self) -> str:
        """Cause and hint in one line."""
        return f"{self}. {self.hint}".strip()


class SummaryError(Exception):
    """The server gave no usable answer; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


PASSED_ON = frozenset({400, 413, 422, 429})
"""Statuses of the server behind a gateway that say more than the gateway's own 5xx: a request was refused."""
UPLOAD_UNSUPPORTED = frozenset({400, 403, 404, 405, 415, 422, 501})
"""Statuses that mean, in answer to an upload without further words, that there is no place for files."""


def failure(rule: Rule, server: Server, **words: object) -> Failure:
    """A row of the table in the words of one server."""
    names = {"host": server.host, "model": server.model, "key": server.key_name, **words}
    hint = rule.hint
    if rule is KEY and server.is_dashscope:
        hint += " A DashScope key works only in the region it was made in."
    elif rule is MODEL and server.is_local:
        hint += " For Ollama, run: ollama pull {model}"
    elif rule is UNREACHABLE and server.is_local:
        hint += " A server on this machine must be running."
    return Failure(rule, rule.action, rule.cause.format(**names), hint.format(**names))


def classify(
    server: Server, status: int, body: object, retry_after_seconds: float = 0.0, *, upload: bool = False
) -> Failure:
    """The failure that an HTTP status and its body (any JSON value, or text) mean."""
    error = read_error(body)
    rule = _find_rule(server, status, error, upload)
    said = "" if rule is KEY else plain_line(server.without_key(error.message))
    seconds = retry_after_seconds or error.retry_after_seconds
    return replace(failure(rule, server), said=said, details=error.text, retry_after_seconds=seconds)


def _find_rule(server: Server, status: int, error: ErrorBody, upload: bool) -> Rule:
    rules = [rule for rule in TABLE if rule not in (FILE_NOT_READY, FILE_BROKEN) or status < 500]
    by_precise_words = _first(
        rule for rule in rules if rule.precise_words and re.search(rule.precise_words, error.text)
    )
    by_code = _first(rule for rule in rules if _matches(rule.codes, error.codes))
    if by_code is CREDIT and server.is_dashscope and "insufficientquota" in error.codes:
        return RATE  # DashScope's name for too many tokens a minute as well
    by_words = _first(rule for rule in rules if rule.words and re.search(rule.words, error.text))
    by_broad_code = _first(rule for rule in rules if _matches(rule.broad_codes, error.codes))
    known = by_precise_words or by_code or by_words or by_broad_code
    if known is SERVER and status == HTTPStatus.TOO_MANY_REQUESTS:
        return RATE  # "overloaded" with 429 asks for fewer requests
    is_passed_on = status >= 500 and error.status in PASSED_ON
    is_vague = (upload and known in (ADDRESS, ACCESS, MODEL_API)) or (
        is_passed_on and known in (SERVER, GATEWAY)
    )
    if known and not is_vague:
        return known
    known_status = error.status if status < 300 or is_passed_on else status
    if upload and known_status in UPLOAD_UNSUPPORTED:
        return NO_FILES
    if known_status < 400:
        return ADDRESS
    by_status = _first(rule for rule in rules if known_status in rule.statuses)
    return by_status or (NOT_ACCEPTED if 400 <= known_status < 500 else SERVER)


def _matches(pattern: str, codes: Iterable[str]) -> bool:
    return bool(pattern) and any(re.fullmatch(pattern, code) for code in codes)


def _first(rules: Iterable[Rule]) -> Rule | None:
    return next(iter(rules), None)
