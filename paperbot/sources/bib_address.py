"""A BibTeX file at an address that is a secret: fetched at each run, and nothing of it is kept."""

import time

import requests
import urllib3

from paperbot.network import is_loopback
from paperbot.sources.connection import open_session

TIMEOUT_SECONDS = 30.0
MAX_SECONDS = 120.0
MAX_BYTES = 64 * 1024 * 1024
BLOCK_BYTES = 65536


def fetch_bib(url: str) -> bytes:
    """The file at the address. Raises ValueError in words that do not quote the address."""
    try:
        with open_session() as session:
            session.trust_env = not is_loopback(url)  # no proxy on the way to this machine
            with session.get(url, timeout=TIMEOUT_SECONDS, stream=True) as response:
                if response.status_code != 200:
                    raise ValueError(f"its server answered HTTP {response.status_code}")
                return _body(response)
    except requests.Timeout:
        raise ValueError(f"its server gave no answer within {TIMEOUT_SECONDS:g} s") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
        raise ValueError("its address can't be reached") from None  # the error's own text quotes it


def _body(response: requests.Response) -> bytes:
    ends_at, body = time.monotonic() + MAX_SECONDS, bytearray()
    for block in response.iter_content(BLOCK_BYTES):
        body += block
        if len(body) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES // 1024**2} MB")
        if time.monotonic() > ends_at:
            raise requests.Timeout
    return bytes(body)
