"""Secrets looked for in every text before it is written: a file, a log line, an annotation.

A model or a server may quote the key, and cleaning may put a disguised one together again (an invisible
character taken out, an escape resolved). So the search comes last and sees through disguises: both texts are
compared by their letters and digits alone, after entities, %-codes, escapes and mark-up are resolved.

The secrets are those of the process: a log line can be written before there is any context to pass them in.
"""

import base64
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

MIN_CHARS = 8
"""Shorter values are placeholders, such as `ollama`."""
MIN_DISGUISED_CHARS = 12
"""Letters and digits, a digit among them: anything less could be ordinary words, spaces apart."""
MAX_DECODINGS = 4
MASK = "***"

ENTITY = re.compile(r"&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,30});?")
PERCENT = re.compile(r"%([0-9a-fA-F]{2})|=([0-9A-F]{2})(?=[0-9A-Za-z=]|$)")
ESCAPE = re.compile(
    r"\\+(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{3}))"
)
CONTROL_ESCAPE = re.compile(r"\\+[nrtbfv0]")
MARKUP = re.compile(
    r"<!--.*?-->|</?[A-Za-z][^<>]*>|\]\([^()\s]*\)|\]\[[^\]]*\]|!?\[(?=[^\]]*\]\()", re.DOTALL
)


@dataclass(frozen=True)
class Secrets:
    """Values that nothing may show."""

    values: tuple[str, ...] = ()

    def removed_from(self, text: str) -> str:
        """The text with `***` for a secret as it is, and a star for each character of a disguised one."""
        for value in self._forms:
            text = text.replace(value, MASK)
        for reading in READINGS if self._skeletons else ():
            pieces = _Pieces(text)
            for change in reading:
                change(pieces)
            letters = _letters_and_digits(pieces.meaning)
            if any(skeleton in letters for skeleton in self._skeletons):
                text = pieces.with_stars(self._skeletons)
        return text

    @cached_property
    def _forms(self) -> tuple[str, ...]:
        values = [value for value in self.values if len(value) >= MIN_CHARS]
        encoded = [core for value in values for core in _base64_cores(value)]
        return tuple(sorted({*values, *encoded}, key=len, reverse=True))

    @cached_property
    def _skeletons(self) -> tuple[str, ...]:
        skeletons = {_letters_and_digits(value) for value in self.values}
        long_ones = {skeleton for skeleton in skeletons if len(skeleton) >= MIN_DISGUISED_CHARS}
        telling = {skeleton for skeleton in long_ones if any(char.isdigit() for char in skeleton)}
        backwards = {skeleton[::-1] for skeleton in telling}
        in_hex = {
            skeleton.encode().hex()
            for skeleton in (value for value in self.values if _letters_and_digits(value) in telling)
        }
        in_base64 = {
            _letters_and_digits(core)
            for value in self.values
            if _letters_and_digits(value) in telling
            for core in _base64_cores(value)
        }
        return tuple(telling | backwards | in_hex | in_base64)


class _Pieces:
    """A text in pieces, each with its meaning: one character, or nothing."""

    def __init__(self, text: str) -> None:
        self._sources = list(text)
        self.meaning = text

    def replace(self, pattern: re.Pattern[str], meaning: Callable[[re.Match[str]], str]) -> None:
        """Join the pieces of each match into one."""
        sources, meanings, end = [], [], 0
        for found in pattern.finditer(self.meaning):
            sources += [
                *self._sources[end : found.start()],
                "".join(self._sources[found.start() : found.end()]),
            ]
            meanings += [self.meaning[end : found.start()], (meaning(found) or "\0")[:1]]
            end = found.end()
        self._sources = sources + self._sources[end:]
        self.meaning = "".join(meanings) + self.meaning[end:]

    def with_stars(self, skeletons: Iterable[str]) -> str:
        """A star for each piece that spells a part of a secret; what lies between keeps a file valid."""
        letters = [(at, char) for at, one in enumerate(self.meaning) for char in _letters_and_digits(one)]
        spelled = "".join(char for _, char in letters)
        hidden = {
            letters[at][0]
            for skeleton in skeletons
            for found in re.finditer(f"(?={re.escape(skeleton)})", spelled)
            for at in range(found.start(), found.start() + len(skeleton))
        }
        return "".join("*" if at in hidden else source for at, source in enumerate(self._sources))


Change = Callable[[_Pieces], None]
Reading = tuple[Change, ...]
"""One way to read a disguised text."""


def _decode(pieces: _Pieces) -> None:
    for _ in range(MAX_DECODINGS):
        before = pieces.meaning
        pieces.replace(
            ENTITY, lambda found: html.unescape(found[0] if found[0].endswith(";") else f"{found[0]};")
        )
        pieces.replace(PERCENT, lambda found: chr(int(found[1] or found[2], 16)))
        pieces.replace(ESCAPE, _escaped_char)
        if pieces.meaning == before:
            return


def _escaped_char(found: re.Match[str]) -> str:
    octal = found[5]
    code = int(octal, 8) if octal else int(next(group for group in found.groups() if group), 16)
    return chr(code) if code < 0x110000 else ""


def _drop_control_escapes(pieces: _Pieces) -> None:
    pieces.replace(CONTROL_ESCAPE, lambda _: "")


def _drop_markup(pieces: _Pieces) -> None:
    pieces.replace(MARKUP, lambda _: "")


READINGS: tuple[Reading, ...] = (
    (),
    (_decode,),
    (_drop_control_escapes, _decode),
    (_drop_markup, _decode),
    (_decode, _drop_markup),
    (_drop_control_escapes, _decode, _drop_markup),
)


def _letters_and_digits(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    return "".join(filter(str.isalnum, text)).casefold()


def _base64_cores(value: str) -> Iterator[str]:
    """What base64 makes of the value, alone or within a longer text (`user:password`), at each alignment."""
    data = value.encode()
    for shift in range(3):
        first, last = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
        yield base64.b64encode(bytes(shift) + data).decode()[first:last]
        yield base64.urlsafe_b64encode(bytes(shift) + data).decode()[first:last]


def secrets_in_address(address: str) -> Iterator[str]:
    """A notification's address and those of its parts that look like a password or a token."""
    yield address
    parts = re.split(r"[/:@?&=,]+", address)
    for part in dict.fromkeys([*parts, *map(unquote, parts)]):
        if len(_letters_and_digits(part)) >= MIN_DISGUISED_CHARS and any(char.isdigit() for char in part):
            yield part


_protected = Secrets()


def protect(api_key: str, addresses: str = "") -> None:
    """Keep a key and addresses, separated by spaces, out of everything that is written from now on."""
    global _protected
    parts = [part for address in addresses.split() for part in secrets_in_address(address)]
    _protected = Secrets(tuple(value for value in (api_key, *parts) if value))


def redacted(text: str) -> str:
    """The text as it may be written."""
    return _protected.removed_from(text)
