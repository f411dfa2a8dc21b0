"""Serialization of records between machines: JSON, read back by the type hints of the record's class.

    {"Error": {"type": "counting", "step": 2, "origin": "student", "strategy": null, "sureness": 0.8, "start": 9}}

Nothing is pickled, so that what comes back is a record or an error, and never code.
"""

import json
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from lemma_hf import records
from lemma_hf.errors import DataError
from lemma_hf.pipeline.draft import Draft
from lemma_hf.teachers import Injection

RECORDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (*vars(records).values(), Injection, Draft)
    if isinstance(kind, type) and is_dataclass(kind)
}
"""The classes that can be sent, by name: the records, a teacher's `Injection`, and a `Draft` of the pipeline."""

_Read = Callable[[Any], Any]


def to_bytes(record: Any) -> bytes:
    r"""A record as JSON in UTF-8.

    A lone surrogate (half of a UTF-16 pair, which model output may hold and UTF-8 may not) is written as the three
    bytes that Python's `surrogatepass` gives it, so that every record is the same on the other side.

    Raises:
        DataError: if it is no record.

    Example:
        >>> to_bytes(records.Span(records.SpanKind.ERROR, "6 × 4 = 20\n"))
        b'{"Span":{"kind":"error","text":"6 \xc3\x97 4 = 20\\n"}}'
    """
    name = type(record).__name__
    if RECORDS.get(name) is not type(record):
        raise DataError(f"{name}: cannot be sent to another machine; known are {', '.join(RECORDS)}")
    text = json.dumps({name: record}, default=_plain, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def from_bytes(row: bytes) -> Any:
    """The record in a row that `to_bytes` wrote.

    Raises:
        DataError: naming the field, if the row is no JSON, is of no known class, or a field is missing, unknown, of the
            wrong type, or refused by the record itself.

    Example:
        >>> from_bytes(b'{"Span": {"kind": "error", "text": 7}}')
        Traceback (most recent call last):
            ...
        lemma_hf.errors.DataError: record `Span`, field `text`: need str, found int
    """
    try:
        found = json.loads(row.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"a record is no JSON: {error}; it begins {row[:80]!r}") from None
    if not isinstance(found, dict) or len(found) != 1:
        raise DataError(f'need one record as {{"Name": {{...}}}}, found {row[:80]!r}')
    ((name, value),) = found.items()
    if name not in RECORDS:
        raise DataError(f"no record is called {name[:80]!r}; known are {', '.join(RECORDS)}")
    try:
        return _reader(RECORDS[name])(value)
    except _UnfitValueError as fault:
        raise DataError(f"record `{name}`{fault}") from None


class _UnfitValueError(Exception):
    """A value that cannot be read; each record around it adds the field in front of the message."""


def _plain(value: Any) -> dict[str, Any]:
    kind = type(value)
    if RECORDS.get(kind.__name__) is not kind:
        raise DataError(f"a record holds a {kind.__name__}, which cannot be sent to another machine")
    return {item.name: getattr(value, item.name) for item in fields(kind)}


@cache
def _reader(hint: Any) -> _Read:
    """The function that reads a value of this type; a type without one is a mistake in this file."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType) and len(inner) == 2 and inner[1] is type(None):
        return _maybe(_reader(inner[0]))
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return _several(_reader(inner[0]))
    if hint in (str, int, float, bool):
        return _exactly(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _member(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return _record(hint)
    raise TypeError(f"no rule for the serialization of {hint}")


def _exactly(kind: type) -> _Read:
    def read(value: Any) -> Any:
        if type(value) is not kind:  # a bool is an int to isinstance
            raise _UnfitValueError(f": need {kind.__name__}, found {type(value).__name__}")
        return value

    return read


def _member(kind: type[StrEnum]) -> _Read:
    members = {str(member): member for member in kind}

    def read(value: Any) -> StrEnum:
        if not isinstance(value, str) or value not in members:
            raise _UnfitValueError(f": need one of {', '.join(members)}, found {str(value)[:80]!r}")
        return members[value]

    return read


def _maybe(read_one: _Read) -> _Read:
    return lambda value: None if value is None else read_one(value)


def _several(read_one: _Read) -> _Read:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _UnfitValueError(f": need a list, found {type(value).__name__}")
        return tuple(read_one(item) for item in value)

    return read


def _record(kind: Any) -> _Read:
    hints = get_type_hints(kind)
    readers = {item.name: _reader(hints[item.name]) for item in fields(kind)}

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _UnfitValueError(f": need a record, found {type(value).__name__}")
        if value.keys() != readers.keys():
            wrong = sorted(value.keys() ^ readers.keys())[0]
            raise _UnfitValueError(f", field `{wrong[:80]}`: {'missing' if wrong in readers else 'not known'}")
        found = {}
        for name, read_field in readers.items():
            try:
                found[name] = read_field(value[name])
            except _UnfitValueError as fault:
                raise _UnfitValueError(f", field `{name}`{fault}") from None
        try:
            return kind(**found)
        except DataError as error:
            raise _UnfitValueError(f": {error}") from None

    return read
