"""Dataclasses with a value of its own in every field, so that a test sees which field got lost on the way."""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_origin

Path = tuple[str | int, ...]
"""The way to a field: names, and places in tuples."""


def filled(record_type: type, numbers: Iterator[int] | None = None) -> Any:
    """An instance in which no field has its default."""
    numbers = numbers or itertools.count(41_001)
    return record_type(**{item.name: _value(item.type, numbers) for item in fields(record_type)})


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """The way to each field that holds no other fields."""
    if is_dataclass(value):
        for item in fields(value):
            yield from leaves(getattr(value, item.name), (*path, item.name))
    elif isinstance(value, tuple):
        yield from leaves(value[0], (*path, 0))
    else:
        yield path


def changed(value: Any, path: Path) -> Any:
    """The same with another value in one field."""
    if not path:
        return _another(value)
    first, *rest = path
    if isinstance(first, int):
        return (changed(value[first], tuple(rest)), *value[first + 1 :])
    return replace(value, **{first: changed(getattr(value, first), tuple(rest))})


def _value(annotation: Any, numbers: Iterator[int]) -> Any:
    if get_origin(annotation) is UnionType:
        return _value(get_args(annotation)[0], numbers)
    if get_origin(annotation) is tuple:
        return (_value(get_args(annotation)[0], numbers),)
    if is_dataclass(annotation):
        return filled(annotation, numbers)  # type: ignore[arg-type]
    number = next(numbers)
    if annotation is str or get_origin(annotation) is Mapping:
        if annotation is str:
            return f"Word{number}"
        return {f"word{number}": number if get_args(annotation)[1] is int else number + 0.5}
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return list(annotation)[-1]
    date = dt.date(2025, 1, 1) + dt.timedelta(days=number % 1000)
    moment = dt.datetime.combine(date, dt.time(number % 24), dt.UTC)
    return {int: number, float: number + 0.25, bool: True, dt.date: date, dt.datetime: moment}[annotation]


def _another(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case StrEnum():
            return next(member for member in (*type(value), None) if member is not value)
        case str():
            return f"{value}other"
        case dt.date():
            return value + dt.timedelta(days=1)
        case int() | float():
            return value + 1
    return {**value, "other": 2}
