"""A key in disguises is kept out of every text."""

import base64
import itertools
import json
import re
from urllib.parse import quote

import pytest

from paperbot.redaction import Secrets, secrets_in_address

KEY = "sk-canary0fb5c1a9e7d34826"
HIDDEN = [
    "\u200b", "\u00ad", "\u2060", "\ufeff", "\u202e", "\n", "\r\n", " ", "\t", "\x00", "**", "_", "`", "\\",
    "~~", "<b></b>", "<!-- x -->", "\n> ", "|", "<br>", "&shy;", "&#8203;", "\\n", "\\u200b", "%0A",
    "[](x)", "\u0301",
]  # fmt: skip


def disguises(secret: str) -> list[str]:
    """Over two hundred ways to write it that a reader can undo."""
    encoded = [
        "".join(f"&#{ord(char)};" for char in secret), "".join(f"&#x{ord(char):x};" for char in secret),
        "".join(f"%{ord(char):02X}" for char in secret), "".join(f"\\u{ord(char):04x}" for char in secret),
        "".join(f"\\x{ord(char):02x}" for char in secret), quote(quote(secret.replace("-", "%2D"))),
        "".join(f"&amp;#{ord(char)};" for char in secret),
        "".join(f"\\u{{{ord(char):x}}}" for char in secret),
        "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else char for char in secret),
        secret.upper(), secret[::-1],
        *(base64.b64encode(f"{before}{secret}{before}".encode()).decode() for before in ("", "u:", "ab:")),
        secret.encode().hex(), base64.encodebytes(f"user:{secret}".encode() * 3).decode(),
        json.dumps(" ".join(secret)),
        "".join(f"\\{ord(char):03o}" for char in secret),
        f"[{secret[:9]}](https://x.example){secret[9:]}",
        f"{secret[:9]}<span class='a1'>{secret[9:12]}</span>{secret[12:]}",
    ]  # fmt: skip
    places = itertools.product(HIDDEN, range(4, len(secret), 3))
    hidden = [secret[:at] + mark + secret[at:] for mark, at in places]
    return [*encoded, *(mark.join(secret) for mark in HIDDEN), *hidden]


DISGUISES = disguises(KEY)


def letters(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())


def test_there_are_two_hundred_disguises() -> None:
    assert len(set(DISGUISES)) >= 200


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_key_is_found_in_every_disguise(disguise: str) -> None:
    text = f"Before it {disguise} after it, 99.5 %."
    found = Secrets((KEY,)).removed_from(text)
    assert "*" in found
    assert found.startswith("Before it ")
    assert found.endswith(" after it, 99.5 %.")
    assert "0fb5c1a9" not in letters(found)


def test_json_stays_json() -> None:
    line = json.dumps({"text": "\u200b".join(KEY), "other": f"a {KEY[:8]}", "more": KEY[8:]})
    assert json.loads(Secrets((KEY,)).removed_from(line)).keys() == {"text", "other", "more"}


@pytest.mark.parametrize("value", ["ollama", "sample-key", "a"])
def test_words_of_a_placeholder_stay(value: str) -> None:
    text = "A sample key for Ollama: a SAMPLE  KEY."
    assert Secrets((value,)).removed_from(text) == text


def test_an_address_is_hidden_with_its_password() -> None:
    parts = tuple(secrets_in_address("mailto://me:canary-3d94b0f1@mail.example"))
    assert Secrets(parts).removed_from("x canary&#45;3d94b0f1 y") == "x ***************** y".replace(
        "*****************", Secrets(parts).removed_from("canary&#45;3d94b0f1")
    )
    assert "3d94b0f1" not in Secrets(parts).removed_from("x canary&#45;3d94b0f1 y")
