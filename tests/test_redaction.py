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
ENCODED = [
    "".join(f"&#{ord(char)};" for char in KEY), "".join(f"&#x{ord(char):x};" for char in KEY),
    "".join(f"%{ord(char):02X}" for char in KEY), "".join(f"\\u{ord(char):04x}" for char in KEY),
    "".join(f"\\x{ord(char):02x}" for char in KEY), quote(quote(KEY.replace("-", "%2D"))),
    "".join(f"&amp;#{ord(char)};" for char in KEY), "".join(f"\\u{{{ord(char):x}}}" for char in KEY),
    "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else char for char in KEY),
    KEY.upper(), KEY[::-1],
    base64.b64encode(KEY.encode()).decode(), json.dumps(" ".join(KEY)),
    "".join(f"\\{ord(char):03o}" for char in KEY),
    f"[{KEY[:9]}](https://x.example){KEY[9:]}", f"{KEY[:9]}<span class='a1'>{KEY[9:12]}</span>{KEY[12:]}",
]  # fmt: skip
DISGUISES = [
    *ENCODED,
    *(mark.join(KEY) for mark in HIDDEN),
    *(KEY[:at] + mark + KEY[at:] for mark, at in itertools.product(HIDDEN, range(4, len(KEY), 3))),
]


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
