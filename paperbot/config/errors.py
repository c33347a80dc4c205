"""The errors in a config, explained to the person who wrote it."""

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pydantic_core import ErrorDetails

from paperbot.config.categories import ALIASES, bare_letters
from paperbot.config.document import LITERALS, Document, KeyPath
from paperbot.config.settings import Config
from paperbot.config.values import looks_secret
from paperbot.errors import Problem
from paperbot.text import truncate

Schema = Mapping[str, Any]
"""A JSON schema, or a piece of one."""
NO_SCHEMA: Schema = MappingProxyType({})
Finding = tuple[KeyPath, str]
"""The way to a value, and a sentence about it."""
MAX_SHOWN_CHARS = 60
MAX_LISTED_NAMES = 12
"""A message lists up to this many allowed names."""
SECRET_NAMES = ("apikey", "key", "token", "secret", "password", "accesstoken", "authorization")
MIN_SECRET_CHARS = 6
SWITCHES = {"true": "true", "false": "false", "1": "true", "0": "false"}
DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]{1,2}$)")
LIST_SEPARATORS = re.compile(r"[,;，、；\n]")
SECRET_VARIABLE = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)+")
NOT_A_NAME = re.compile(r"sk[-_].*|(?=.*\d)[^_\s]{20,}")
EXPOSED = (
    "{name} holds what looks like an API key or password. Others can read this file, and git remembers it "
    "for ever: revoke that key at your provider, create a new one, and store that as a repository secret "
    "(Settings > Secrets and variables > Actions). This file holds only the secret's name: "
    '"api_key_env" in "ai_summary".'
)


def find_errors(
    document: Document, file: str, invalid: Sequence[ErrorDetails] = (), schema: Schema = NO_SCHEMA
) -> list[Problem]:
    """All errors in a document, by line; `invalid` is what pydantic reported."""
    exposed = list(exposed_secrets(document.value))
    found = [(path, EXPOSED.format(name=key_name(path))) for path in exposed]
    for item in invalid:
        if item["type"] == "too_short" and item["input"]:
            continue  # Its items are invalid, and pydantic counts only valid ones.
        path = document.present_part(item["loc"])
        if not any(path[: len(secret)] == secret for secret in exposed):
            found.append((path, explain_error(item, key_name(path), schema)))
    problems = problems_at(found, document, file)
    problems += [
        Problem(f"{key_name(path)} stands here and on line {first}. Keep one of them.", file, later)
        for path, first, later in document.repeated
    ]
    return sorted(problems, key=lambda problem: problem.line)


def problems_at(findings: Iterable[Finding], document: Document, file: str) -> list[Problem]:
    """Findings with their lines, in the order of these."""
    problems = [Problem(message, file, document.line_of(path)) for path, message in findings]
    return sorted(problems, key=lambda problem: problem.line)


def find_conflicts(config: Config) -> Iterator[Finding]:
    """Values that are valid alone and not together."""
    if not config.topics and not config.keywords and not config.watch_authors:
        yield (
            ("keywords",),
            "keywords is an empty list. Name at least one keyword (or an author in watch_authors), "
            "or no paper can be found.",
        )
    first_by_slug: dict[str, int] = {}
    for position, topic in enumerate(config.topics):
        path: KeyPath = ("topics", position)
        first = first_by_slug.setdefault(topic.slug, position)
        if first != position:
            earlier = config.topics[first].name
            same = f", and so is that of item {first + 1}"
            if topic.name.casefold() != earlier.casefold():
                item = f"{shown(earlier)}, item {first + 1}: {topic.slug}"
                same = f"; in addresses that is the same as {item}"
            name = f"{key_name(path)}, name is {shown(topic.name)}"
            yield (*path, "name"), f"{name}{same}. Rename one of them."
        keywords = config.keywords if topic.keywords is None else topic.keywords
        authors = config.watch_authors if topic.watch_authors is None else topic.watch_authors
        if not keywords and not authors:
            yield (
                path,
                f"{key_name(path)}, {shown(topic.name)}, has no keywords, so no paper can be found for it. "
                'Give it "keywords", or add "keywords" at the top level for all topics.',
            )
        for place, name in enumerate(topic.categories or ()):
            if name not in config.categories and ALIASES.get(name, name) not in config.categories:
                inner: KeyPath = (*path, "categories", place)
                yield (
                    inner,
                    f"{key_name(inner)} is {shown(name)}, which is not in the categories of the top level. "
                    "Add it there, or delete it here.",
                )


def key_name(path: KeyPath) -> str:
    """`("keywords", 3, "weight")` as `keywords, item 4, weight`."""
    name = ""
    after_item = False
    for part in path:
        is_item = isinstance(part, int)
        separator = "" if not name else ", " if is_item or after_item else "."
        key = str(part)
        key = _safe(key) if key and key == key.strip() else f'"{_safe(key)}"'
        name += separator + (f"item {int(part) + 1}" if is_item else key)
        after_item = is_item
    return name or "The file"


def _safe(text: str) -> str:
    if looks_secret(text):
        return "(hidden)"
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in text)


def shown(value: Any) -> str:
    """A value as the user wrote it, shortened, and never a secret."""
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "an object in { }"
    text = f'"{_safe(value)}"' if isinstance(value, str) else json.dumps(value)
    return truncate(text, MAX_SHOWN_CHARS)


def explain_error(item: ErrorDetails, name: str, schema: Schema) -> str:
    """One of pydantic's errors as a sentence that says what is allowed; `schema` is the whole model's."""
    path, value = item["loc"], item["input"]
    if item["type"] == "extra_forbidden":
        return f"{name} is not a known key. {_right_key(path, schema)}".rstrip()
    if item["type"] == "invalid":
        return f"{name} is {shown(value)}. {item['msg']}"
    options = list(_options(_node(path, schema), schema))
    allowed = " or ".join(map(_describe_option, options))
    if item["type"] == "missing":
        return f"{name} is missing. Allowed: {allowed}."
    return f"{name} is {shown(value)}. Allowed: {allowed}.{_hint(value, options)}"


def exposed_secrets(document: Any) -> Iterator[KeyPath]:
    """The way to each value that is a key or a password by its looks or its key's name."""
    todo: list[tuple[KeyPath, Any]] = [((), document)]
    while todo:
        path, value = todo.pop()
        if _is_exposed(path, value):
            yield path
        elif isinstance(value, dict):
            todo += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            todo += [((*path, position), inner) for position, inner in enumerate(value)]


def _is_exposed(path: KeyPath, value: Any) -> bool:
    name = str(path[-1]) if path else ""
    if looks_secret(name) or (isinstance(value, str) and looks_secret(value)):
        return True
    if not isinstance(value, str) or len(value) < MIN_SECRET_CHARS:
        return False
    if name == "api_key_env":
        return NOT_A_NAME.fullmatch(value) is not None
    return bare_letters(name).endswith(SECRET_NAMES) and not SECRET_VARIABLE.fullmatch(value)


def _right_key(path: KeyPath, schema: Schema) -> str:
    """The nearest key in the same section, or else in another one."""
    wanted = bare_letters(str(path[-1]))
    beside = {bare_letters(key): key for key in _keys(_node(path[:-1], schema), schema)}
    if near := difflib.get_close_matches(wanted, beside, 1, cutoff=0.75):
        return f"Did you mean {beside[near[0]]}?"
    elsewhere = {bare_letters(key): f"{key}, outside of the inner brackets" for key in schema["properties"]}
    for section, node in schema["properties"].items():
        elsewhere |= {bare_letters(key): f'{key}, inside of "{section}"' for key in _keys(node, schema)}
    if near := difflib.get_close_matches(wanted, elsewhere, 1, cutoff=0.8):
        return f"Did you mean {elsewhere[near[0]]}?"
    return f"Known keys here: {', '.join(key for key in beside.values() if key != '$schema')}."


def _keys(node: Schema, schema: Schema) -> Iterator[str]:
    for option in _options(node, schema):
        yield from option.get("properties", ())


def _node(path: KeyPath, schema: Schema) -> Schema:
    """The piece of the JSON schema that describes a value."""
    node = schema
    for part in path:
        inner = (
            option.get("items") if isinstance(part, int) else option.get("properties", {}).get(part)
            for option in _options(node, schema)
        )
        node = next(filter(None, inner), {})
    return node


def _options(node: Schema, schema: Schema) -> Iterator[Schema]:
    """The alternatives of a piece of schema, references followed."""
    if "$ref" in node:
        yield from _options(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    elif "anyOf" in node:
        for option in node["anyOf"]:
            yield from _options(option, schema)
    else:
        yield node


def _describe_option(option: Schema) -> str:
    kind = option.get("type")
    if names := option.get("enum"):
        if len(names) > MAX_LISTED_NAMES:
            return f"one of the {len(names)} names in config.schema.json"
        return " or ".join(map(json.dumps, names))
    if kind in ("integer", "number"):
        number, most = "a whole number" if kind == "integer" else "a number", option.get("maximum")
        if "exclusiveMinimum" in option:
            return f"{number} above {option['exclusiveMinimum']}, at most {most}"
        return f"{number} from {option['minimum']} to {most}"
    if kind == "string":
        longest = option.get("maxLength")
        return "text in double quotes" + (f", 1 to {longest} characters" if longest else "")
    if kind == "array":
        most = option.get("maxItems")
        return (
            "a list in [ ]"
            + (", not empty" if option.get("minItems") else "")
            + (f", at most {most} items" if most else "")
        )
    if kind == "object":
        return "an object in { } with " + ", ".join(option["properties"])
    return "true or false, without quotes" if kind == "boolean" else "null"


def _hint(value: Any, options: Sequence[Schema]) -> str:
    """How to write a value that only has the wrong quotes, brackets or form."""
    kinds = {option.get("type") for option in options}
    if isinstance(value, list):
        return " Leave out the [ ]." if value and "array" not in kinds else ""
    is_text = isinstance(value, str)
    bare = unicodedata.normalize("NFKC", value).strip().lower() if is_text else json.dumps(value)
    switch = SWITCHES.get(LITERALS.get(bare, bare))
    if switch and "boolean" in kinds:
        return f" Write {switch} without the quotes." if is_text else f" Write {switch}."
    if switch and any("enabled" in option.get("properties", ()) for option in options):
        return f' Write {{"enabled": {switch}}}.'
    if is_text and "array" in kinds:
        parts = filter(None, map(str.strip, LIST_SEPARATORS.split(value)))
        return f" Write [{', '.join(map(shown, parts))}]."
    number = bare.removeprefix("+")
    if "number" in kinds:
        pattern, number = r"-?[0-9]+(\.[0-9]+)?", DECIMAL_COMMA.sub(".", number)
    else:
        pattern, number = r"-?[0-9]{1,9}", number.removesuffix(".0")
    is_hinted = kinds & {"integer", "number"} and re.fullmatch(pattern, number)
    if is_text:
        return f" Write {number} without the quotes." if is_hinted else ""
    return f" Write {number}." if is_hinted and number != bare else ""
