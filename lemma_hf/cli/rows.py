"""Rows of a file, read and written with their grades: JSON (also `.gz`) or Parquet, by the file's ending; CSV is read.

JSON is one object a line, or one array of objects, which stays one where the output's name ends in `.json` too.

Nothing is lost on the way: other fields stay as they are, a Parquet file keeps its types, and a text with half a
character in it (a lone surrogate, which JSON can spell) is graded and written too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.data import rows_within
from lemma_hf.errors import DataError
from lemma_hf.utils.files import RowNumber, is_json_name, open_packed, read_json_rows, whole_file

FIELD = "grade"
"""The field that grading adds. A file that is graded once more has it replaced."""


@dataclass(frozen=True, slots=True)
class InputRow:
    """An object of a file, with its line."""

    line: int
    """Its line in the file, or its row in a JSON array or a Parquet file, counted from 1."""
    values: dict[str, Any]


def need_columns(rows: Sequence[InputRow], columns: Sequence[str], path: Path) -> None:
    """Check that each column is there in one row at least; where it is missing in some, those are graded without.

    Raises:
        DataError: if no row has it, as with a name that is misspelled.
    """
    for column in columns:
        if not any(column in row.values for row in rows):
            have = ", ".join(dict.fromkeys(str(name) for row in rows[:100] for name in row.values))
            more = "".join(f"; {found}" for row in rows[:1] if (found := rows_within(row.values)))
            raise DataError(
                f"{path}: no row has the field {column!r}; the first ones have {have or 'no field at all'}{more}"
            )


def read_input_rows(path: Path) -> list[InputRow]:
    """Read all rows of a file.

    Raises:
        DataError: if it cannot be read, a row is no JSON object, or there are no rows.
    """
    if path.name.endswith((".parquet", ".csv", ".csv.gz")):
        from lemma_hf.data import read_records as read
    else:
        read = read_json_rows
    rows = [InputRow(number, values) for number, values in read(path)]
    if not rows:
        raise DataError(f"{path}: holds no rows")
    return rows


def write_output_rows(
    path: Path, rows: Sequence[InputRow], verdicts: Sequence[Mapping[str, Any]], source: Path
) -> None:
    """Write all graded rows or none: a half-written file never has the final name.

    Args:
        source: the file that the rows were read from.

    Raises:
        DataError: if the file cannot be written, or Parquet cannot hold the values of one column.
    """
    try:
        with whole_file(path) as draft:
            if path.suffix == ".parquet":
                _write_parquet(draft, rows, verdicts, source)
            else:
                was_array = is_json_name(source) and isinstance(rows[0].line, RowNumber)
                _write_json(draft, rows, verdicts, as_array=was_array and is_json_name(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None


def _write_json(path: Path, rows: Sequence[InputRow], verdicts: Sequence[Mapping[str, Any]], *, as_array: bool) -> None:
    begin, between, end = (b"[\n", b",\n", b"\n]\n") if as_array else (b"", b"\n", b"\n")
    with open_packed(path, "wb") as out:
        for number, (row, verdict) in enumerate(zip(rows, verdicts, strict=True)):
            # str: a date out of a Parquet file is no JSON. ASCII: any reader can read a lone surrogate that is spelled.
            text = json.dumps({**row.values, FIELD: verdict}, default=str, ensure_ascii=True)
            out.write((between if number else begin) + text.encode("ascii"))
        out.write(end)


def _write_parquet(path: Path, rows: Sequence[InputRow], verdicts: Sequence[Mapping[str, Any]], source: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if source.suffix == ".parquet":
            table = pq.read_table(source)
        else:
            columns = dict.fromkeys(name for row in rows for name in row.values)  # of all rows, not of the first only
            values = {name: pa.array([encodable(row.values.get(name)) for row in rows]) for name in columns}
            table = pa.table({encodable(name): column for name, column in values.items()})
        kinds = {"seconds": pa.float64()}  # named, since a column without any value would have no type
        kind = pa.struct([(name, kinds.get(name, pa.string())) for name in verdicts[0]])
        graded = pa.array([encodable(verdict) for verdict in verdicts], kind)
        if FIELD in table.column_names:
            table = table.drop_columns([FIELD])
        pq.write_table(table.append_column(FIELD, graded), path)
    except (pa.ArrowException, OverflowError) as error:
        raise DataError(
            f"{path.name}: Parquet needs one type a column ({error}); name the output .jsonl instead"
        ) from None


def encodable(value: Any) -> Any:
    r"""Spell out the lone surrogates of a value (`\ud800`): the texts of Parquet are UTF-8, which has none."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Mapping):
        return {encodable(key): encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encodable(item) for item in value]
    return value
