"""The kinds of values that config.json holds, each with the sentence for one that is wrong."""

import difflib
import re
import unicodedata
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, Strict, StringConstraints
from pydantic_core import PydanticCustomError

from paperbot.config.categories import category_names, what_is_wrong_with

ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
KEY_OF_A_PROVIDER = re.compile(
    r"\b(sk[-_]|rk_|gsk_|hf_|xai-|nvapi-|gh[opsu]_|github_pat_|glpat-|AIza|r8_|pplx-|csk-|Bearer )"
    r"(?=[\w-]*\d)[\w-]{16,}|[?&](api[-_]?key|key|token)=[^&]|//[^/@\s]+@"
)
LONG_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{32,}")


def looks_secret(text: str) -> bool:
    """Whether a text holds what the keys of the usual providers look like."""
    return bool(KEY_OF_A_PROVIDER.search(text) or LONG_HEXADECIMAL.fullmatch(text))


def wrong(sentence: str) -> PydanticCustomError:
    """For a value that its key can't have; the sentence is read after "key is value."."""
    return PydanticCustomError("wrong", "{sentence}", {"sentence": sentence})


def _a_category(name: str) -> str:
    if name not in category_names():
        raise wrong(what_is_wrong_with(name))
    return name


def _a_term(term: str) -> str:
    """Keywords are pasted from anywhere: invisible marks and runs of spaces are not part of them."""
    visible = "".join(mark for mark in term if unicodedata.category(mark) != "Cf")
    clean = " ".join(visible.split())
    if not clean.strip("* "):
        raise wrong("Write a word, or the beginning of one with a star after it: quantiz*.")
    return clean


def _a_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong(f"There is no such time zone. {_right_time_zone(name)}") from None
    return name


def _right_time_zone(name: str) -> str:
    known = {zone.lower(): zone for zone in available_timezones()}
    wanted = name.lower().replace(" ", "_")
    near = [zone for zone in known if zone.endswith("/" + wanted)]
    if near := near or difflib.get_close_matches(wanted, known, 1, cutoff=0.8):
        return f"Did you mean {known[min(near, key=len)]}?"
    return "Allowed are IANA names, such as UTC, Asia/Shanghai, Europe/Berlin, America/New_York."


def _a_web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or re.search(r"\s", url):
        raise wrong("Allowed: a whole address that begins with https:// (or http://).")
    return url


def _an_endpoint(url: str) -> str:
    if urlsplit(url).path.rstrip("/").endswith("/completions"):
        raise wrong("Leave out /chat/completions: the bot adds it.")
    return url.rstrip("/")


def _a_pdf_address(url: str) -> str:
    if url.count("{") != 1 or "{id}" not in url:
        raise wrong("Allowed: an address with {id} once, where the paper's id belongs.")
    return url


def _a_currency(code: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", code):
        raise wrong('Allowed: the three letters of a currency, such as "CNY", "EUR" or "USD".')
    return code.upper()


def _an_environment_name(name: str) -> str:
    if not ENVIRONMENT_NAME.fullmatch(name):
        raise wrong("Allowed: the name of an environment variable, in letters, digits and _.")
    return name


def is_loopback(url: str) -> bool:
    """Whether the address leads to this machine itself."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_arxiv(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "arxiv.org" or host.endswith(".arxiv.org")


def _pattern(expression: str) -> Any:
    """For editors only: the validators have better words."""
    return Field(json_schema_extra={"pattern": expression})


Switch = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Category = Annotated[str, AfterValidator(_a_category)]
Term = Annotated[Text, AfterValidator(_a_term)]
TimeZone = Annotated[str, AfterValidator(_a_time_zone)]
WebAddress = Annotated[str, AfterValidator(_a_web_address), _pattern("^https?://")]
Endpoint = Annotated[WebAddress, AfterValidator(_an_endpoint)]
PdfAddress = Annotated[WebAddress, AfterValidator(_a_pdf_address)]
Currency = Annotated[str, AfterValidator(_a_currency), _pattern("^[A-Za-z]{3}$")]
EnvironmentName = Annotated[
    str, AfterValidator(_an_environment_name), _pattern(f"^{ENVIRONMENT_NAME.pattern}$")
]
