"""The archive's public format: the dataclasses of `paperbot.model` as lines of JSON and back.

The dataclasses are the only declaration. A new field is written, read and described without a change here;
its metadata say what is special about it (ALWAYS, INLINE, json_name). Times are UTC with a Z. Fields that
this release does not know are kept in `extra`.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from paperbot.model import Entry, KeptText, RunRecord, Summary, TlDr

Record = TypeVar("Record")
Encoder = Callable[[Any], Any]

FIRST_DAY, END = dt.date(1991, 1, 1), dt.date(2200, 1, 1)
"""arXiv began in 1991; with dates at the ends of the calendar, date arithmetic fails."""
FINITE = core_schema.CoreConfig(allow_inf_nan=False)
"""NaN is no JSON: a browser could not read the site's data."""
_JSON_TYPES = (str, int, float, bool)
LISTED_WITHOUT = ("abstract", "summary")
"""What the archive does not keep of papers listed by title only."""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A finished summary or TL;DR of a run that has not ended."""

    id: str
    summary: Summary | None = None
    tldr: TlDr | None = None


def entry_line(entry: Entry) -> str:
    """The entry as a line of JSON, without abstract and summary where the paper is listed by title only."""
    record = _WRITERS[Entry](entry)
    if not entry.shown:
        record = {name: value for name, value in record.items() if name not in LISTED_WITHOUT}
    return _to_json(record)


def record_line(value: Entry | RunRecord | KeptText | JournalLine) -> str:
    """A whole record as a line."""
    return _to_json(_WRITERS[type(value)](value))


def read_record(record_type: type[Record], line: str) -> Record:
    """Raises ValueError, in words, for a line that is no such record."""
    try:
        return _READERS[record_type].validate_json(line)  # type: ignore[no-any-return]
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None


def timestamp(instant: dt.datetime) -> str:
    """The instant in UTC to the second, for example `2025-12-25T08:17:00Z`."""
    utc = instant.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="seconds") + "Z"  # much faster than strftime


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field of a dataclass as the archive has it."""

    name: str
    json: str
    """In the archive."""
    type: Any
    is_inline: bool
    is_required: bool
    default: Any
    """What is not written; MISSING where the field is always written."""


def record_fields(record_type: type) -> tuple[RecordField, ...]:
    """The fields of a dataclass as the archive has them; `extra` is none of them."""
    return tuple(_record_field(item) for item in fields(record_type) if item.name != "extra")


def _record_field(item: Field[Any]) -> RecordField:
    default = item.default if item.default_factory is MISSING else item.default_factory()
    return RecordField(
        name=item.name,
        json=item.metadata.get("json", item.name),
        type=item.type,
        is_inline="inline" in item.metadata,
        is_required=default is MISSING,
        default=MISSING if item.metadata.get("always") else default,
    )


# Reading


def _record_schema(record_type: type) -> CoreSchema:
    """An object whose known fields are checked, made into the dataclass."""
    if all(field.type in _JSON_TYPES and field.json == field.name for field in record_fields(record_type)):
        # five times as fast, for what occurs most: a Match
        return {**TypeAdapter(record_type).core_schema, "config": FINITE}
    schema = core_schema.typed_dict_schema(
        dict(_json_fields(record_type, True)), extra_behavior="allow", config=FINITE
    )
    return core_schema.no_info_after_validator_function(_builder(record_type), schema)


def _json_fields(record_type: type, is_required: bool) -> Iterator[tuple[str, core_schema.TypedDictField]]:
    for item in record_fields(record_type):
        required = is_required and item.is_required
        if item.is_inline:
            yield from _json_fields(without_none(item.type), required)
        else:
            yield item.json, core_schema.typed_dict_field(_value_schema(item.type), required=required)


def _value_schema(annotation: Any) -> CoreSchema:
    if get_origin(annotation) is UnionType:
        return core_schema.nullable_schema(_value_schema(without_none(annotation)))
    if is_dataclass(annotation):
        return _record_schema(annotation)  # type: ignore[arg-type]
    if get_origin(annotation) is tuple:
        return core_schema.tuple_variable_schema(_value_schema(get_args(annotation)[0]))
    if annotation is dt.date:
        return core_schema.date_schema(ge=FIRST_DAY, lt=END)
    if annotation is dt.datetime:
        first, end = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in (FIRST_DAY, END))
        aware = core_schema.datetime_schema(tz_constraint="aware", ge=first, lt=end)
        return core_schema.no_info_after_validator_function(lambda instant: instant.astimezone(dt.UTC), aware)
    return TypeAdapter(annotation).core_schema


def without_none(annotation: Any) -> Any:
    """The other type of `X | None`; any other type as it is."""
    return get_args(annotation)[0] if get_origin(annotation) is UnionType else annotation


def _builder(record_type: type) -> Callable[[dict[str, Any]], Any]:
    """Makes a dataclass of the values that belong to it, and takes them out of the object."""
    inline = [(item.name, without_none(item.type)) for item in record_fields(record_type) if item.is_inline]
    # Without its first required field in the JSON, an inline value is missing.
    inner = [
        (name, _builder(kind), next(item.json for item in record_fields(kind) if item.is_required))
        for name, kind in inline
    ]
    own = [(item.json, item.name) for item in record_fields(record_type) if not item.is_inline]
    has_extra = any(item.name == "extra" for item in fields(record_type))

    def build(values: dict[str, Any]) -> Any:
        given = {name: make(values) for name, make, key in inner if key in values}
        given |= {name: values.pop(key) for key, name in own if key in values}
        return record_type(**given, extra=values) if has_extra else record_type(**given)

    return build


# Writing


_to_json = json.JSONEncoder(ensure_ascii=False).encode


def _record_encoder(record_type: type) -> Callable[[Any], dict[str, Any]]:
    encoders = [(item, _encoder(without_none(item.type))) for item in record_fields(record_type)]

    def encode_record(value: Any) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for item, encode in encoders:
            part = getattr(value, item.name)
            encoded = encode(part) if encode and part is not None else part
            if item.is_inline:
                record |= encoded or {}
            elif part != item.default:
                record[item.json] = encoded
        return record | dict(getattr(value, "extra", {}))

    return encode_record


def _encoder(annotation: Any) -> Encoder | None:
    """None where JSON has such values."""
    if is_dataclass(annotation):
        return _record_encoder(annotation)  # type: ignore[arg-type]
    if annotation is dt.datetime:
        return timestamp
    if annotation is dt.date:
        return dt.date.isoformat
    if get_origin(annotation) is tuple:
        encode = _encoder(get_args(annotation)[0])
        return (lambda parts: [encode(part) for part in parts]) if encode else None
    return None


_RECORD_TYPES = (Entry, RunRecord, KeptText, JournalLine)
_READERS: dict[type, SchemaValidator] = {
    record_type: SchemaValidator(_record_schema(record_type)) for record_type in _RECORD_TYPES
}
_WRITERS: dict[type, Encoder] = {record_type: _record_encoder(record_type) for record_type in _RECORD_TYPES}
