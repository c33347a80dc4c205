"""What is wrong with a config, said to the person who wrote it: one problem a mistake."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pydantic_core import ErrorDetails

from paperbot.config.document import Document, KeyPath
from paperbot.config.values import looks_secret
from paperbot.errors import Problem

Schema = Mapping[str, Any]
"""A JSON schema, or a piece of one."""
NO_SCHEMA: Schema = MappingProxyType({})
LONGEST_VALUE = 60
MANY = 12
"""Allowed names up to this many are listed in a message."""
SECRET_NAMES = ("apikey", "key", "token", "secret", "password", "accesstoken", "authorization")
SHORTEST_SECRET = 6
NAME_OF_SECRET = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)+")
LIKE_NO_NAME = re.compile(r"sk[-_].*|(?=.*\d)[^_\s]{20,}")
EXPOSED = (
    "{name} holds what looks like an API key or password. Others can read this file, and git remembers it "
    "for ever: revoke that key where you got it, make a new one, and store that as a repository secret "
    "(Settings > Secrets and variables > Actions); in this file stands only the secret's name, "
    'as "api_key_env" in "ai_summary".'
)


def problems_in(
    document: Document, file: str, wrong: Sequence[ErrorDetails] = (), schema: Schema = NO_SCHEMA
) -> list[Problem]:
    """All mistakes of a document in the order of its lines; `wrong` is what validating it found."""
    exposed = list(exposed_secrets(document.value))
    found = [(path, EXPOSED.format(name=key_name(path))) for path in exposed]
    for item in wrong:
        if item["type"] == "too_short" and item["input"]:
            continue  # Its items are wrong, and pydantic counts only right ones.
        path = _as_written(item["loc"], document.value)
        if not any(path[: len(secret)] == secret for secret in exposed):
            found.append((path, in_words(item, key_name(path), schema)))
    problems = [Problem(message, file, document.line_of(path)) for path, message in found]
    problems += [
        Problem(f"{key_name(path)} stands here and on line {first}. Keep one of them.", file, later)
        for path, first, later in document.repeated
    ]
    return sorted(problems, key=lambda problem: problem.line)


def _as_written(path: KeyPath, value: Any) -> KeyPath:
    """A keyword given as plain text has no key "term" of its own."""
    for depth, part in enumerate(path):
        if not isinstance(value, (dict, list)):
            return path[:depth]
        value = value.get(part) if isinstance(value, dict) else value[int(part)]
    return path


def key_name(path: KeyPath) -> str:
    """`("keywords", 3, "weight")` as `keywords, item 4, weight`."""
    name = ""
    after_item = False
    for part in path:
        is_item = isinstance(part, int)
        separator = "" if not name else ", " if is_item or after_item else "."
        name += separator + (f"item {int(part) + 1}" if is_item else _safe(str(part)))
        after_item = is_item
    return name or "The file"


def _safe(text: str) -> str:
    if looks_secret(text):
        return "(hidden)"
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in text)


def shown(value: Any) -> str:
    """A value as the user wrote it, short, and never a secret."""
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "an object in { }"
    text = f'"{_safe(value)}"' if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."


def in_words(item: ErrorDetails, name: str, schema: Schema) -> str:
    """One of pydantic's errors as a sentence that says what is allowed; `schema` is the whole model's."""
    path, value = item["loc"], item["input"]
    if item["type"] == "extra_forbidden":
        return f"{name} is not a key that the bot knows. {_right_key(path, schema)}".rstrip()
    if item["type"] == "wrong":
        return f"{name} is {shown(value)}. {item['msg']}"
    node = _node(path, schema)
    if item["type"] == "missing":
        return f"{name} is missing. Allowed: {_allowed(node, schema)}."
    return f"{name} is {shown(value)}. Allowed: {_allowed(node, schema)}.{_hint(value, node, schema)}"


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
    if not isinstance(value, str) or len(value) < SHORTEST_SECRET:
        return False
    if name == "api_key_env":
        return LIKE_NO_NAME.fullmatch(value) is not None
    return _letters(name).endswith(SECRET_NAMES) and not NAME_OF_SECRET.fullmatch(value)


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _right_key(path: KeyPath, schema: Schema) -> str:
    """The nearest key in the same section, or else in another one."""
    wanted = _letters(str(path[-1]))
    beside = {_letters(key): key for key in _keys(_node(path[:-1], schema), schema)}
    if near := difflib.get_close_matches(wanted, beside, 1, cutoff=0.75):
        return f"Did you mean {beside[near[0]]}?"
    elsewhere = {_letters(key): f"{key}, outside of the inner brackets" for key in schema["properties"]}
    for section, node in schema["properties"].items():
        elsewhere |= {_letters(key): f'{key}, inside of "{section}"' for key in _keys(node, schema)}
    if near := difflib.get_close_matches(wanted, elsewhere, 1, cutoff=0.8):
        return f"Did you mean {elsewhere[near[0]]}?"
    return f"Known here: {', '.join(key for key in beside.values() if key != '$schema')}."


def _keys(node: Schema, schema: Schema) -> Iterator[str]:
    for option in _options(node, schema):
        yield from option.get("properties", ())


def _node(path: KeyPath, schema: Schema) -> Schema:
    """The piece of the JSON schema that describes a value."""
    node = schema
    for part in path:
        inner = (_inner(part, option) for option in _options(node, schema))
        node = next(filter(None, inner), {})
    return node


def _inner(part: str | int, option: Schema) -> Schema | None:
    found: Schema | None = (
        option.get("items") if isinstance(part, int) else option.get("properties", {}).get(part)
    )
    return found


def _options(node: Schema, schema: Schema) -> Iterator[Schema]:
    """The alternatives of a piece of schema, references followed."""
    if "$ref" in node:
        yield from _options(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    elif "anyOf" in node:
        for option in node["anyOf"]:
            yield from _options(option, schema)
    else:
        yield node


def _allowed(node: Schema, schema: Schema) -> str:
    return " or ".join(_option_in_words(option) for option in _options(node, schema))


def _option_in_words(option: Schema) -> str:
    kind = option.get("type")
    if names := option.get("enum"):
        if len(names) > MANY:
            return f"one of the {len(names)} names in config.schema.json"
        return " or ".join(map(json.dumps, names))
    if kind in ("integer", "number"):
        return ("a whole number" if kind == "integer" else "a number") + _bounds(option)
    if kind == "string":
        longest = option.get("maxLength")
        return "text in double quotes" + (f", 1 to {longest} characters" if longest else "")
    if kind == "array":
        return "a list in [ ]" + (", not empty" if option.get("minItems") else "")
    if kind == "object":
        return "an object in { } with " + ", ".join(option["properties"])
    return "true or false, without quotes" if kind == "boolean" else "null"


def _bounds(option: Schema) -> str:
    most = option.get("maximum")
    if "exclusiveMinimum" in option:
        return f" above {option['exclusiveMinimum']}, at most {most}"
    return f" from {option['minimum']} to {most}"


def _hint(value: Any, node: Schema, schema: Schema) -> str:
    """How to write a value that is right but for its quotes or brackets."""
    if not isinstance(value, str):
        return ""
    kinds = {option.get("type") for option in _options(node, schema)}
    if "array" in kinds:
        return f" Write [{', '.join(shown(part.strip()) for part in value.split(','))}]."
    bare = value.strip().lower()
    is_number = ("integer" in kinds and re.fullmatch(r"-?[0-9]+", bare)) or (
        "number" in kinds and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", bare)
    )
    is_switch = bare in ("true", "false") and "boolean" in kinds
    return f" Write {bare} without the quotes." if is_number or is_switch else ""
