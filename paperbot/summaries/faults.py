"""What can go wrong with a model's server: causes, cures, and what to do next. Classified here, once.

The kinds of answers are those of the providers' documentation (DashScope, OpenAI, DeepSeek,
OpenRouter, Ollama); the text of all of them is untrusted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from urllib.parse import urlsplit

from paperbot.network import is_loopback
from paperbot.text import plain, truncate

MOST_SAID_CHARS = 160
SHORTEST_KEY = 8
MODERATION = "the content check"
DASHSCOPE_DOMAIN = "aliyuncs.com"
FILE_MODELS = ("qwen-long", "qwen-doc-turbo")
"""The models that read uploaded files by `fileid://`; DashScope alone offers them."""

RATE_TRIES, SERVER_TRIES, PAID_TRIES = 5, 3, 2


class Remedy(Enum):
    """What can be done about a fault."""

    TRY_AGAIN = "try again"
    NEW_UPLOAD = "upload the file again"
    OTHER_SOURCE = "send the paper in another form"
    THIS_PAPER = "give up this paper"
    STOP = "stop asking for this run"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no answer, and what follows from it."""

    remedy: Remedy
    cause: str
    """In plain words, for the page; without a full stop. `{host}`, `{model}` and `{key}` are filled in."""
    cure: str = ""
    """What the owner can click or change."""
    owner_must_act: bool = False
    tries: int = 1
    """How often to ask in all."""
    afterwards: Remedy = Remedy.THIS_PAPER
    """What is left when all tries failed."""
    retry_after_seconds: float = 0.0
    crowded: bool = False
    """The server wants fewer requests at a time."""
    needs_room: bool = False
    """The model used all of its output for thinking."""
    no_files: bool = False
    """The server takes no files at all."""
    moderated: bool = False
    """The provider's content check refused the paper; it would do so again."""
    said: str = ""
    """The server's own words: plain, one line, shortened."""

    def __str__(self) -> str:
        quoted = f" (the server said: {self.said})" if self.said else ""
        return f"{self.cause}{quoted}"

    @property
    def advice(self) -> str:
        """Cause and cure in one line."""
        return f"{self}. {self.cure}".strip() if self.cure else f"{self}."


class Refused(Exception):
    """The server gave no usable answer; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Server:
    """Where the model is asked, in the words that advice needs."""

    base_url: str
    model: str
    key_name: str
    """Of the environment variable that holds the key."""
    api_key: str = field(repr=False)

    def without_key(self, text: str) -> str:
        """Some servers quote the key; what is shorter is a placeholder, such as `ollama`."""
        return text.replace(self.api_key, "***") if len(self.api_key) >= SHORTEST_KEY else text

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or self.base_url

    @property
    def is_local(self) -> bool:
        return is_loopback(self.base_url)

    @property
    def reads_files(self) -> bool:
        """The model reads papers as uploaded files; a message of its own holds 9,000 tokens at most."""
        return self.model.startswith(FILE_MODELS)

    @property
    def is_dashscope(self) -> bool:
        return self.host.endswith(DASHSCOPE_DOMAIN) or self.reads_files


KEY_REFUSED = Fault(
    Remedy.STOP,
    "{host} refused the key",
    "Put a valid key for {host} into {key} (on GitHub: Settings > Secrets and variables > Actions).",
    owner_must_act=True,
)
REGION = " A DashScope key works only in the region it was made in."
NO_CREDIT = Fault(
    Remedy.STOP,
    "the account at {host} has no credit left",
    "Top up the account in the provider's billing console.",
    owner_must_act=True,
)
FREE_QUOTA_USED = Fault(
    Remedy.STOP,
    "the free quota of {model} is used up",
    "Switch off “use free quota only” in the Model Studio console, or set another ai_summary.model.",
    owner_must_act=True,
)
NO_SUCH_MODEL = Fault(
    Remedy.STOP,
    "{host} has no model “{model}” for this key",
    "Set ai_summary.model in config.json to one it offers.",
    owner_must_act=True,
)
PULL = " For Ollama, run: ollama pull {model}"
STREAMS_ONLY = Fault(
    Remedy.STOP,
    "“{model}” answers only as a stream",
    "Set ai_summary.model in config.json to another model.",
    owner_must_act=True,
)
ACCESS_DENIED = Fault(
    Remedy.STOP,
    "{host} denied access",
    "Check in its console that the key in {key} may use “{model}”.",
    owner_must_act=True,
)
WRONG_ADDRESS = Fault(
    Remedy.STOP,
    "{host} has no chat endpoint at this address",
    "Check ai_summary.base_url in config.json; most end in /v1.",
    owner_must_act=True,
)
GONE = Fault(
    Remedy.STOP,
    "the service at {host} was switched off for good",
    "Set ai_summary.base_url, model and api_key_env in config.json to another provider.",
    owner_must_act=True,
)
DAILY_LIMIT = Fault(
    Remedy.STOP,
    "the daily limit at {host} is reached",
    "Later runs go on; a smaller ai_summary.max_papers_to_summarize keeps within it.",
)
LONG_WAIT = Fault(Remedy.STOP, "{host} asks to wait {seconds:.0f} seconds", "Later runs go on.")
CROWDED = Fault(
    Remedy.TRY_AGAIN,
    "{host} is limiting the rate of requests",
    "If this stays, set a smaller ai_summary.max_workers.",
    tries=RATE_TRIES,
    crowded=True,
)
TROUBLE = Fault(Remedy.TRY_AGAIN, "{host} does not work at the moment", tries=SERVER_TRIES)
FILE_NOT_READY = Fault(
    Remedy.TRY_AGAIN,
    "{host} did not finish reading the PDF",
    tries=RATE_TRIES,
    afterwards=Remedy.OTHER_SOURCE,
)
FILE_BROKEN = Fault(Remedy.NEW_UPLOAD, "{host} could not read the PDF")
NO_FILES = Fault(Remedy.OTHER_SOURCE, "{host} takes no files (set ai_summary.source to auto)", no_files=True)
TOO_LONG = Fault(Remedy.OTHER_SOURCE, "the paper is too long for {model}")
MODERATED = Fault(Remedy.THIS_PAPER, f"{MODERATION} of {{host}} refused this paper", moderated=True)
NOT_ACCEPTED = Fault(Remedy.THIS_PAPER, "{host} did not accept the request")
NOT_JSON = Fault(
    Remedy.TRY_AGAIN,
    "{host} answered with something else than a completion",
    "If this stays, check ai_summary.base_url in config.json; most end in /v1.",
    tries=SERVER_TRIES,
)
BROKEN_TEXT = Fault(Remedy.TRY_AGAIN, "the answer of {host} was not valid UTF-8", tries=PAID_TRIES)
EMPTY = Fault(Remedy.TRY_AGAIN, "{model} gave an empty answer", tries=PAID_TRIES)
ONLY_THOUGHTS = Fault(
    Remedy.THIS_PAPER,
    "{model} gave only its thoughts and no summary",
    "If this stays, set ai_summary.model to a model that does not think aloud.",
)
NO_ROOM = Fault(
    Remedy.THIS_PAPER,
    "{model} used all its room for thinking and gave no summary",
    "If this stays, set ai_summary.model to a model that does not think aloud.",
    needs_room=True,
)
TOO_MUCH = Fault(Remedy.THIS_PAPER, "{host} sent more than {megabytes:.0f} MB")
TIMED_OUT = Fault(
    Remedy.TRY_AGAIN,
    "{host} did not answer within {seconds:g} seconds",
    "If this stays, set a larger ai_summary.timeout_seconds.",
    tries=PAID_TRIES,
)
UNREACHABLE = Fault(
    Remedy.TRY_AGAIN,
    "{host} could not be reached ({why})",
    "If this stays, check ai_summary.base_url in config.json.",
    tries=SERVER_TRIES,
)
RUNNING = " A server on this machine must be running."
BROKEN_OFF = Fault(Remedy.TRY_AGAIN, "the connection to {host} broke off", tries=SERVER_TRIES)

WORDS = (
    ("data_?inspection|content_policy|content_filter|content management policy|flagged", MODERATED),
    (
        "arrearage|billoverdue|good standing|insufficient.?(balance|credit)|more credits"
        "|credit balance is too low|commoditynotpurchased",
        NO_CREDIT,
    ),
    ("freetieronly", FREE_QUOTA_USED),
    (
        "model.{0,3}not.?found|model.{0,80}not (exist|found)|not a valid model|no such model|unknown model"
        "|no endpoints found",
        NO_SUCH_MODEL,
    ),
    ("only support stream", STREAMS_ONLY),
    ("(invalid|incorrect).?api.?key|api key not valid|no auth credentials", KEY_REFUSED),
)
"""What errors say in so many words, whatever their status."""

WORDS_ABOUT_A_REQUEST = (
    ("parsing in progress", FILE_NOT_READY),
    (
        "parsing error|parse error|invalid file|file .{0,80}(cannot be found|not found)|no such file",
        FILE_BROKEN,
    ),
    (
        "context.?(length|window)|maximum context|range of input length|too long|too many tokens"
        "|request too large|exceeds? .{0,40}(context|tokens)",
        TOO_LONG,
    ),
)
"""What errors with a status of 4xx say."""

PER_DAY = re.compile(r"per.?day|daily|\b[RT]PD\b", re.IGNORECASE)

CHAT_STATUSES: Mapping[int, Fault] = {
    401: KEY_REFUSED,
    402: NO_CREDIT,
    403: ACCESS_DENIED,
    404: WRONG_ADDRESS,
    405: WRONG_ADDRESS,
    408: TROUBLE,
    409: TROUBLE,
    410: GONE,
    413: TOO_LONG,
    425: TROUBLE,
    429: CROWDED,
}
UPLOAD_STATUSES = {**CHAT_STATUSES, **dict.fromkeys((400, 403, 404, 405, 415, 422, 501), NO_FILES)}


def filled(fault: Fault, server: Server, **words: object) -> Fault:
    """A fault in the words of one server."""
    names = {"host": server.host, "model": server.model, "key": server.key_name, **words}
    cure = fault.cure + _for_such_a_server(fault, server)
    return replace(fault, cause=fault.cause.format(**names), cure=cure.format(**names))


def _for_such_a_server(fault: Fault, server: Server) -> str:
    if fault is KEY_REFUSED and server.is_dashscope:
        return REGION
    if fault is NO_SUCH_MODEL and server.is_local:
        return PULL
    return RUNNING if fault is UNREACHABLE and server.is_local else ""


def classify(
    server: Server,
    status: int,
    body: object,
    retry_after_seconds: float = 0.0,
    statuses: Mapping[int, Fault] = CHAT_STATUSES,
) -> Fault:
    """The fault that an HTTP status and its body (any JSON value, or text) stand for."""
    codes, message = error_words(body)
    fault = _by_words(server, status, f"{codes} {message}", body)
    if fault is None:
        fault = statuses.get(status, TROUBLE if status >= 500 else NOT_ACCEPTED)
    said = "" if fault is KEY_REFUSED else plain_line(server.without_key(message))
    return replace(filled(fault, server), said=said, retry_after_seconds=retry_after_seconds)


def _by_words(server: Server, status: int, words: str, body: object) -> Fault | None:
    if status == 429 and "insufficient_quota" in words:  # DashScope's name for a busy minute, too
        return CROWDED if server.is_dashscope else NO_CREDIT
    for pattern, fault in WORDS + (WORDS_ABOUT_A_REQUEST if 400 <= status < 500 else ()):
        if re.search(pattern, words, re.IGNORECASE):
            return fault
    if status == 429 and PER_DAY.search(f"{words} {body}"[:4000]):
        return DAILY_LIMIT
    return None


def is_lasting(reason: str) -> bool:
    """Whether a paper without a summary for this reason would be refused again."""
    return reason.startswith(MODERATION)


def error_words(body: object) -> tuple[str, str]:
    """(codes and types, message) of an error in any of its shapes: nested, flat, a list, a string."""
    if isinstance(body, list):
        body = body[0] if body else ""
    if isinstance(body, dict) and body.get("error"):
        body = body["error"]
    if isinstance(body, str):
        return "", "" if body.lstrip().startswith("<") else body
    if not isinstance(body, dict):
        return "", ""
    codes = " ".join(str(body[key]) for key in ("code", "type", "param") if body.get(key))
    texts = [body[key] for key in ("message", "detail", "msg") if isinstance(body.get(key), str)]
    return codes, texts[0] if texts else ""


def plain_line(text: str) -> str:
    """Untrusted text for a message: one line, shortened."""
    return truncate(plain(text[: 10 * MOST_SAID_CHARS]).rstrip("."), MOST_SAID_CHARS)
