"""What all HTTP clients of the bot share: faults that lie on this machine, Retry-After, a budget for retries.

Some failures can't pass by waiting: a proxy address with a typing error, a certificate file that is gone.
`diagnose` names those and says what to do, so that no run waits for a quarter of an hour.
"""

import dataclasses
import datetime as dt
import email.utils
import ipaddress
import os
import re
import socket
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from paperbot.text import truncate

MAX_MESSAGE_CHARS = 200
MAX_RETRY_AFTER_SECONDS = 7 * 24 * 3600.0
"""A longer pause means "not today"; without a limit, a number of 400 digits would be infinite."""
PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
CREDENTIALS = re.compile(r"(?<=//)\S*@|[^\s/@:'\"]+:[^\s/@]+@")
TUNNEL_STATUS = re.compile(r"Tunnel connection failed: ([0-9]{3})|^([0-9]{3}) ")
PROXY_LOGIN = re.compile(
    r"SOCKS5? authentication failed|Invalid username/password|Requested .+ from proxy server"
)
"""In PySocks' and httpcore's words."""
NO_PROXY_AT_ALL = {"none", "null", "no", "off", "false", "direct", "0"}
"""Words that people write for that; to an HTTP library they are names of hosts."""
LASTING_PROXY_STATUSES = {401, 403, 405, 407}


@dataclasses.dataclass(frozen=True, slots=True)
class HttpLibrary:
    """Which environment variables an HTTP library obeys."""

    ca_variables: tuple[str, ...]
    """Name a file or folder of certificates; the first that is set counts."""


REQUESTS = HttpLibrary(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
HTTPX = HttpLibrary(("SSL_CERT_FILE", "SSL_CERT_DIR"))


class RetryBudget:
    """How many seconds failures may cost in all; shared by the requests of one purpose."""

    def __init__(self, seconds: float) -> None:
        self.left_seconds = seconds

    def spend(self, seconds: float) -> bool:
        """Subtract the seconds; False if fewer are left."""
        self.left_seconds -= seconds
        return self.left_seconds >= 0


def retry_after_seconds(headers: Mapping[str, str], now: float) -> float:
    """Seconds that a Retry-After header asks to wait (RFC 9110, 10.2.3): a number or a date; else 0.

    A date is compared with the server's own clock where it tells it, else with `now`, in seconds since 1970.
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", value):  # not isdigit: it is true of "²", which float() refuses
        return min(float(value[:20]), MAX_RETRY_AFTER_SECONDS)
    until, server_time = _timestamp(value), _timestamp(headers.get("Date", ""))
    if until is None:
        return 0.0
    return min(max(0.0, until - (now if server_time is None else server_time)), MAX_RETRY_AFTER_SECONDS)


def _timestamp(value: str) -> float | None:
    """An HTTP date in seconds since 1970; None for what is no date, or one in an impossible year or zone."""
    try:
        instant = email.utils.parsedate_to_datetime(value)
        return (instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def diagnose(fault: BaseException, url: str, library: HttpLibrary, setting: str) -> str | None:
    """Why a request to `url` can't succeed however often it is made, and what to do; None if it may pass.

    `setting` is the key of config.json that holds the address. No message quotes a proxy's address, which
    may hold a password.
    """
    return setup_problem(url, library, setting) or _lasting_cause(fault, url, library, setting)


def setup_problem(url: str, library: HttpLibrary, setting: str) -> str | None:
    """The same for what can be known before any request."""
    if not _is_valid(url, ("http", "https")):
        return (
            f"the address {shorten(without_credentials(url))} is not valid; correct {setting} in config.json"
        )
    for proxy in map(_with_scheme, _proxies_for(url).values()):
        if not _is_valid(proxy, PROXY_SCHEMES) or _host(proxy) in NO_PROXY_AT_ALL:
            return _invalid_proxy(url)
    return _certificates_problem(url, library)


def proxy_for(url: str) -> str | None:
    """The address of the proxy that leads to `url`, as the environment names it; it may hold a password."""
    address = next(iter(_proxies_for(url).values()), None)
    return _with_scheme(address) if address else None


def fault_words(fault: BaseException) -> str:
    """The innermost reason in a chain of wrapped network errors, on one line, without credentials."""
    *_, innermost = causes_of(fault)
    return shorten(without_credentials(str(innermost)) or type(innermost).__name__)


def without_credentials(text: str) -> str:
    """The text without the user names and passwords of the addresses in it."""
    for value in filter(str.strip, _proxies().values()):
        text = text.replace(value, "***")
    return CREDENTIALS.sub("***@", text)


def shorten(text: str) -> str:
    """At most 200 characters of the text, on one line, without control characters."""
    text = "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))
    return truncate(text, MAX_MESSAGE_CHARS)


def is_loopback(url: str) -> bool:
    """Does the address lead to this machine itself? Then it needs no proxy and no encryption."""
    host = _host(url)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_arxiv(url: str) -> bool:
    """Is this one of arXiv's own hosts?"""
    host = _host(url)
    return host == "arxiv.org" or host.endswith(".arxiv.org")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # no closing bracket of an IPv6 address
        return ""


def causes_of(fault: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, outermost first; urllib3 hides some in arguments."""
    seen: set[int] = set()
    following: BaseException | None = fault
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        inner = [getattr(following, "reason", None), *following.args]
        hidden = next((value for value in inner if isinstance(value, BaseException)), None)
        following = following.__cause__ or following.__context__ or hidden


def _is_valid(url: str, schemes: tuple[str, ...]) -> bool:
    """Has this a known scheme, a host that can be asked for, and a port from 1 to 65535 if any?"""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")  # raises for empty labels and those over 63 letters
        return parts.scheme in schemes and bool(host) and parts.port != 0 and not re.search(r"\s", url)
    except ValueError:
        return False


def _proxies() -> dict[str, str]:
    """By the beginning of the address that they are for (`https`, `all`), as the environment names them."""
    proxies = urllib.request.getproxies_environment()
    return {scheme: value for scheme, value in proxies.items() if scheme != "no" and value}


def _proxies_for(url: str) -> dict[str, str]:
    """The one that leads to the address; none if NO_PROXY names its host, or a domain that it belongs to."""
    proxies, parts = _proxies(), urlsplit(url)
    names = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").lower().replace(" ", "")
    domains = ["." + name.lstrip(".") for name in names.split(",") if name]
    if is_loopback(url) or any(f".{parts.hostname}".endswith(domain) or domain == ".*" for domain in domains):
        return {}
    used = next((scheme for scheme in (parts.scheme, "all") if scheme in proxies), None)
    return {used: proxies[used]} if used else {}


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy or re.match(r"\w+:/", proxy) else f"http://{proxy}"


def _proxy_variable(url: str) -> str:
    (scheme,) = _proxies_for(url)
    small = f"{scheme}_proxy"
    return small if os.environ.get(small) else small.upper()  # small letters win, as in curl


def _invalid_proxy(url: str) -> str:
    allowed = ", ".join(f"{scheme}://" for scheme in PROXY_SCHEMES)
    return (
        f"the proxy in {_proxy_variable(url)} has no valid address; it must be like "
        f"http://proxy.example.org:3128 (allowed: {allowed}; write special characters of a password as %40 "
        "and so on), or empty for none"
    )


def _certificates_problem(url: str, library: HttpLibrary) -> str | None:
    """A variable that points to certificates which can't be read, where the address is encrypted."""
    if not url.startswith("https:"):
        return None
    name = next((name for name in library.ca_variables if os.environ.get(name)), None)
    if name and not _holds_certificates(Path(os.environ[name])):
        return (
            f"{name} points to {shorten(os.environ[name])}, where no certificates can be read; "
            "correct the variable or remove it"
        )
    keys = os.environ.get("SSLKEYLOGFILE")
    if keys and not _can_be_written(Path(keys)):
        return (
            f"SSLKEYLOGFILE points to {shorten(keys)}, which can't be written; "
            "correct the variable or remove it"
        )
    return None


def _can_be_written(path: Path) -> bool:
    try:
        is_possible = path.parent.is_dir() and not path.is_dir()
        return is_possible and os.access(path if path.exists() else path.parent, os.W_OK)
    except OSError:  # it may not be looked at, or its name is too long
        return False


def _holds_certificates(path: Path) -> bool:
    try:
        if not path.is_dir():
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ValueError):  # missing, unreadable, or without a certificate
        return False
    return True


def _lasting_cause(fault: BaseException, url: str, library: HttpLibrary, setting: str) -> str | None:
    host = urlsplit(url).hostname
    through_proxy = bool(_proxies_for(url))
    for cause in causes_of(fault):
        if isinstance(cause, ImportError) or "Missing dependencies for SOCKS" in str(cause):
            return "a SOCKS proxy needs packages that are missing; run pip install -r requirements.txt"
        if isinstance(cause, ssl.SSLCertVerificationError):
            variable = library.ca_variables[0]
            return (
                f"the certificate of {host} could not be verified ({shorten(cause.verify_message)}); if a "
                f"proxy replaces certificates, set {variable} to a file with the proxy's; also check "
                "this machine's clock"
            )
        if isinstance(cause, ssl.SSLError) and cause.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
            part = "the proxy variable" if through_proxy else setting
            return f"{host} does not answer with TLS; write http:// instead of https:// in {part}"
        if through_proxy:
            if problem := _lasting_proxy_cause(cause, url):
                return problem
        # arXiv's own hosts exist: if they are not found, this machine's network is down.
        elif _is_unknown_host(cause) and not is_arxiv(url):
            return f"there is no host {host}; correct {setting} in config.json"
    return None


def _lasting_proxy_cause(cause: BaseException, url: str) -> str | None:
    if _is_refused_address(cause):
        return _invalid_proxy(url)
    if PROXY_LOGIN.search(str(cause)):
        return "the proxy refused the user or the password; correct them in the proxy variable"
    if status := _tunnel_status(cause):
        return f"the proxy refused {_host(url)} with HTTP {status}; check its user, password and rules"
    if _is_unknown_host(cause) and _has_unknown_proxy(url):
        return (
            f"the host of the proxy in {_proxy_variable(url)} does not exist; correct the variable, or "
            "empty it for no proxy (a host of a private network exists only there)"
        )
    return None


def _is_refused_address(cause: BaseException) -> bool:
    """An HTTP library is stricter than this module: it takes no `user:password@host` without http://."""
    # Here, because reading the config needs this module and nothing of these libraries.
    from requests.exceptions import InvalidURL
    from urllib3.exceptions import LocationParseError

    is_text_fault = isinstance(cause, UnicodeError) and not isinstance(cause, UnicodeDecodeError)
    return is_text_fault or isinstance(cause, (InvalidURL, LocationParseError))


def _tunnel_status(cause: BaseException) -> int | None:
    """The status with which a proxy refused to open a tunnel, if waiting won't change it."""
    found = TUNNEL_STATUS.search(str(cause))
    status = int(found[1] or found[2]) if found else 0
    return status if status in LASTING_PROXY_STATUSES else None


def _has_unknown_proxy(url: str) -> bool:
    """Looked up anew: with `socks5://`, the host that was not found may be the server's."""
    try:
        socket.getaddrinfo(_host(proxy_for(url) or ""), None)
    except OSError as error:
        return _is_unknown_host(error)
    return False


def _is_unknown_host(cause: BaseException) -> bool:
    """The resolver knows that there is no such host; EAI_AGAIN means that it does not know now."""
    lasting = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
    return isinstance(cause, socket.gaierror) and cause.errno in lasting
