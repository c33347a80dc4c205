"""The types of values in config.json, each with the message for an invalid one."""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    field_validator,
)
from pydantic_core import PydanticCustomError

from paperbot.config.categories import category_names, explain_unknown_category
from paperbot.config.document import CURLY_QUOTES, SINGLE_QUOTES
from paperbot.config.time_zones import is_time_zone, suggest_time_zone
from paperbot.text.urls import split_url

ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
KEY_OF_A_PROVIDER = re.compile(
    r"\b(sk[-_]|rk_|gsk_|hf_|xai-|nvapi-|gh[opsu]_|github_pat_|glpat-|AIza|r8_|pplx-|csk-|Bearer )"
    r"(?=[\w-]*\d)[\w-]{16,}|[?&](api[-_]?key|key|token)=[^&]|//[^/@\s]+@"
)
BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]*(?<![./])")
BAD_IN_BRANCH = re.compile(r"\.\.|//|/\.|\.lock(?:/|$)")
CHAT = "/chat/completions"
METHOD = re.compile(rf"({CHAT}|/completions|/responses|/embeddings|/messages)/*$")
"""At the end of an address; Azure has addresses of whole APIs that end with /models."""
WORK_BRANCHES = ("main", "master", "head", "develop", "dev", "trunk")
QUOTES = f'"{CURLY_QUOTES}{SINGLE_QUOTES}'
LONG_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{32,}")


class Settings(BaseModel):
    """The base of every section: immutable, and unknown keys are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _without_invisible(cls, value: Any) -> Any:
        """Pasting adds invisible characters, and nobody could see why an address or a model is wrong."""
        return without_invisible(value) if isinstance(value, str) else value


def looks_secret(text: str) -> bool:
    """Whether a text holds what the keys of the usual providers look like."""
    return bool(KEY_OF_A_PROVIDER.search(text) or LONG_HEXADECIMAL.fullmatch(text))


def invalid(sentence: str) -> PydanticCustomError:
    """The error for a value that its key can't have; the sentence is read after "key is value."."""
    return PydanticCustomError("invalid", "{sentence}", {"sentence": sentence})


def check_category(name: str) -> str:
    """Refuse all but categories that take new papers; the message names the right one if it can."""
    if name not in category_names():
        raise invalid(explain_unknown_category(name))
    return name


def without_invisible(text: str) -> str:
    """The text without format and control characters that are no spaces."""
    return "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc") or char.isspace())


def visible_text(text: str) -> str:
    """The text without the invisible characters and repeated spaces that pasting adds."""
    return " ".join(without_invisible(text).split())


def check_term(term: str) -> str:
    """Take out invisible characters and outer quotes; refuse a term of which nothing but stars is left."""
    clean = visible_text(term)
    if len(clean) > 1 and clean[0] in QUOTES and clean[-1] in QUOTES:
        clean = clean[1:-1].strip()
    if not clean.strip("* "):
        raise invalid("Write a word, or the beginning of one with a star after it: quantiz*.")
    return clean


def topic_slug(name: str) -> str:
    """A topic's name in addresses and file names: `Systems & ML` becomes `systems-ml`."""
    return "-".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name).casefold()))


def check_topic_name(name: str) -> str:
    """Refuse a name from which no address or file name can be made."""
    clean = visible_text(name)
    if not topic_slug(clean):
        raise invalid("Write a name with at least one letter or digit.")
    return clean


def offset_as_text(value: Any) -> Any:
    """A bare number is an offset from UTC, and is answered as one."""
    return f"{value:+g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def check_time_zone(name: str) -> str:
    """Refuse all but IANA names; the message names the zone that was meant if it can."""
    if not is_time_zone(name):
        raise invalid(f"There is no such time zone. {suggest_time_zone(name)}")
    return name


def check_web_address(url: str) -> str:
    """Refuse all but http(s) addresses with a host and without credentials."""
    if not split_url(url):
        raise invalid("Allowed: a whole address that begins with https:// (or http://), without a user name.")
    return url


def without_last_slash(url: Any) -> Any:
    """An address that may be left empty: None for an empty one, and no slash at its end."""
    return (url.strip().rstrip("/") or None) if isinstance(url, str) else url


def check_endpoint(url: str) -> str:
    """Refuse the address of one of the API's methods in place of the API's; a slash at its end is dropped."""
    if method := METHOD.search(urlsplit(url).path):
        added = "it" if method[1] == CHAT else CHAT
        raise invalid(f"Leave out {method[1]}: the bot adds {added}.")
    return url.rstrip("/")


def check_pdf_address(url: str) -> str:
    """Refuse an address without the one place for a paper's id."""
    if url.count("{") != 1 or "{id}" not in url:
        raise invalid("Allowed: an address with {id} once, where the paper's id belongs.")
    return url


def check_feed_address(url: str) -> str:
    """Refuse an address without the one place for the categories."""
    if url.count("{") != 1 or "{categories}" not in url:
        raise invalid("Allowed: an address with {categories} once, where the categories belong.")
    return url


def check_currency(code: str) -> str:
    """Refuse all but three letters, and return them as capitals; there need be no such currency."""
    if not re.fullmatch(r"[A-Za-z]{3}", code):
        raise invalid('Allowed: the three letters of a currency, such as "CNY", "EUR" or "USD".')
    return code.upper()


def check_environment_name(name: str) -> str:
    """Refuse what no environment variable can be called, such as a key in place of its variable's name."""
    if not ENVIRONMENT_NAME.fullmatch(name):
        raise invalid("Allowed: the name of an environment variable, in letters, digits and _.")
    return name


def check_branch(name: str) -> str:
    """Refuse what git does not allow (git help check-ref-format), and branches that hold people's work."""
    if not BRANCH.fullmatch(name) or BAD_IN_BRANCH.search(name):
        raise invalid("Allowed: a name for a git branch, such as site or gh-pages.")
    if name.lower() in WORK_BRANCHES:
        raise invalid("The bot replaces this branch as a whole: name one of its own, such as site.")
    return name


def check_bib_path(path: str) -> str:
    """Inside of the repository: config.json may come from a pull request."""
    if "://" in path:
        raise invalid("An address belongs in the secret LIBRARY_BIB_URL; here stand files of the repository.")
    parts = PurePosixPath(path).parts
    if "\\" in path or path.startswith("/") or ".." in parts or not path.lower().endswith(".bib"):
        raise invalid("Allowed: the path of a .bib file in the repository, such as library/zotero.bib.")
    return str(PurePosixPath(path))


def _editor_pattern(expression: str) -> Any:
    """Only for editors: the validators' messages are more helpful."""
    return Field(json_schema_extra={"pattern": expression})


Switch = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Category = Annotated[str, AfterValidator(check_category)]
Term = Annotated[Text, AfterValidator(check_term)]
TopicName = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(check_topic_name)]
Branch = Annotated[Text, AfterValidator(check_branch)]
BibPath = Annotated[Text, AfterValidator(check_bib_path), _editor_pattern(r"\.[Bb][Ii][Bb]$")]
TimeZone = Annotated[str, BeforeValidator(offset_as_text), AfterValidator(check_time_zone)]
WebAddress = Annotated[str, AfterValidator(check_web_address), _editor_pattern("^https?://")]
Endpoint = Annotated[WebAddress, AfterValidator(check_endpoint)]
PdfAddress = Annotated[WebAddress, AfterValidator(check_pdf_address)]
FeedAddress = Annotated[WebAddress, AfterValidator(check_feed_address)]
Currency = Annotated[str, AfterValidator(check_currency), _editor_pattern("^[A-Za-z]{3}$")]
EnvironmentName = Annotated[
    str, AfterValidator(check_environment_name), _editor_pattern(f"^{ENVIRONMENT_NAME.pattern}$")
]
