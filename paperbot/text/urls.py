"""The one rule for addresses: what counts as a web address, and how it is written into a page."""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

MAX_URL_CHARS = 2_000

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\\]|\s")
"""Browsers read a backslash as a slash; Python's urlsplit drops tabs and line ends without a word."""
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
_IN_TEXT = re.compile(
    r"https?://[A-Za-z0-9](?:(?![,;]https?://)[\w\-./~%?#&=+:@!,;*']|\([\w\-.]*\))*", re.ASCII | re.IGNORECASE
)
_ENDING = ".,:;!?*_'~"


def split_url(address: str) -> SplitResult | None:
    """The parts of an http(s) address of a host, without user name; None for anything else.

    The host is in lower case and in ASCII (xn--...), so that no look-alike letter is left in it.
    """
    if len(address) > MAX_URL_CHARS or _UNPRINTABLE.search(address):
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
        host = str(IPv6Address(host)) if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        return None
    is_host = ":" in host or _HOST.fullmatch(host)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not is_host:
        return None
    netloc = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=netloc if port is None else f"{netloc}:{port}")


def link_destination(address: str) -> str | None:
    """A web address as a link's destination in Markdown; None for what is none."""
    parts = split_url(address.replace(" ", "%20"))
    if not parts or ":" in (parts.hostname or ""):
        return None
    return quote(urlunsplit(parts), safe="%/:?#@&=+,;.-_!~").replace("&", "&amp;")


def find_urls(text: str) -> Iterator[tuple[int, str]]:
    """The web addresses that stand bare in a text, and where each begins."""
    for found in _IN_TEXT.finditer(text):
        address = found[0].rstrip(_ENDING)
        if link_destination(address):
            yield found.start(), address
