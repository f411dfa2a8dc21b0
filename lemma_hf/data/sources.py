"""Problems and rows read from files, one record at a time; what is broken is named by file, row and field.

JSON Lines (`.jsonl`, `.json`, `.ndjson`), one JSON array of objects (`.json`), CSV, each also `.gz`, and Parquet.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from lemma_hf.data.csv_rows import csv_records
from lemma_hf.errors import DataError
from lemma_hf.records import Dropped, DropReason, Problem
from lemma_hf.utils.files import JsonObject as _Record
from lemma_hf.utils.files import RowNumber, json_rows, place_of, whole_rows

_JSON_LINES = (".jsonl", ".json", ".ndjson")


def read_records(path: str | Path) -> Iterator[tuple[int, _Record]]:
    """The records of a file with their line numbers, counted from 1; blank lines are passed over.

    In a JSON array, in CSV and in Parquet they have the numbers of their rows, as `RowNumber`; `place_of` says which
    it is.

    Raises:
        DataError: if the file cannot be read, its ending is unknown, or a row is no JSON object.
    """
    try:
        with Path(path).open("rb") as file:
            yield from records_in(file, str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None


def records_in(file: IO[bytes], name: str) -> Iterator[tuple[int, _Record]]:
    """The records of an open file; `name` is its path or URL, and tells its format.

    Raises:
        DataError: as `read_records`.
    """
    # A URL may go on behind the file's name, as in `…/train.jsonl?download=true`.
    endings = PurePosixPath(name.replace("\\", "/").partition("?")[0].lower()).suffixes
    packed = endings[-1:] == [".gz"]
    ending = "".join(endings[-2:-1] if packed else endings[-1:])
    if ending == ".parquet" and not packed:
        yield from _parquet_records(file, name)
    elif ending in (*_JSON_LINES, ".csv"):
        unpacked = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file
        yield from (csv_records if ending == ".csv" else _json_records)(unpacked, name)
    else:
        known = ", ".join((*_JSON_LINES, ".csv"))
        raise DataError(f"{name}: cannot tell its format; need .parquet, or {known}, with .gz or without")


def field_of(
    record: Mapping[str, Any], name: str, path: str | Path, line: int, kind: type | tuple[type, ...] = str
) -> Any:
    """The value of a field.

    Raises:
        DataError: if the record has no such field, or its value is not of `kind`; the message names all three.
    """
    if name not in record:
        # 20 names and, below, 60 characters: a message that fits a screen
        have = ", ".join(f"`{key}`" for key in list(record)[:20]) or "no fields"
        raise DataError(f"{path}, {place_of(line)}, field `{name}`: missing; the record has {have}")
    value = record[name]
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wanted = " or ".join(each.__name__ for each in kinds)
        raise DataError(
            f"{path}, {place_of(line)}, field `{name}`: need {wanted}, found {type(value).__name__} {value!r:.60}"
        )
    return value


def read_problems(
    path: str | Path,
    *,
    question: str = "question",
    answer: str = "answer",
    solution: str = "",
    identity: str = "id",
    source: str = "",
) -> Iterator[Problem | Dropped]:
    """The problems of a file, whose fields may have other names; no `solution` or `identity` means there is none.

    A record with an empty answer is dropped as NO_REFERENCE_ANSWER.

    Raises:
        DataError: as `read_records` and `field_of`.
    """
    for line, record in read_records(path):
        item = str(field_of(record, identity, path, line, (str, int))) if identity else f"{Path(path).name}:{line}"
        text = str(field_of(record, answer, path, line, (str, int, float))).strip()
        if not text:
            yield Dropped(
                item, "problems", DropReason.NO_REFERENCE_ANSWER, f"{place_of(line)}, field `{answer}` is empty"
            )
            continue
        worked = field_of(record, solution, path, line) if solution else ""
        yield Problem(item, field_of(record, question, path, line), text, worked, source)


def _json_records(file: IO[bytes], name: str) -> Iterator[tuple[int, _Record]]:
    for number, record in whole_rows(json_rows(file, name), name):
        _refuse_half_characters(record, name, number)
        yield number, record


def _refuse_half_characters(record: _Record, name: str, number: int) -> None:
    """JSON can spell half of a character (a lone surrogate), which no file format here can hold."""
    for field, value in record.items():
        try:
            (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()
        except UnicodeEncodeError:
            raise DataError(f"{name}, {place_of(number)}, field `{field}`: holds half of a character (\\ud…)") from None


def _parquet_records(file: IO[bytes], name: str) -> Iterator[tuple[int, _Record]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        for batch in pq.ParquetFile(file).iter_batches(batch_size=256):  # rows as Python objects in memory at a time
            for record in batch.to_pylist():
                number += 1
                yield RowNumber(number), record
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name}, row {number + 1}: is not valid Parquet: {error}") from None
