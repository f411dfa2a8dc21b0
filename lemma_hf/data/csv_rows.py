"""Rows of a CSV file with a header: all values are texts, but for the columns that hold lists as JSON text.

question,messages
2 + 2?,"[{""role"": ""user"", ""content"": ""2 + 2?""}]"
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from lemma_hf.errors import DataError
from lemma_hf.utils.files import LONGEST_LINE, RowNumber, gzip_faults

LIST_COLUMNS = frozenset(
    {
        *("span_kinds", "span_ends"),
        *("error_types", "error_steps", "error_strategies", "error_origins", "error_starts"),
        *("conversations", "messages", "history", "steps", "tools"),
        *("input_ids", "labels", "completion_mask", "assistant_masks"),
    }
)
"""The columns that always hold a list; of `prompt` and `completion`, those values do that are a list of messages."""
_MAYBE_MESSAGES = ("prompt", "completion")


def csv_records(file: IO[bytes], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    r"""The rows with their numbers, counted from 1 behind the header; a cell may have line breaks in it.

    Args:
        name: the file's, for messages.

    Raises:
        DataError: if the file is no CSV in UTF-8, has no header or names a column twice, if a row has more or fewer
            cells than the header, or a cell of a list column holds something else.

    Example:
        >>> rows = io.BytesIO(b'output,span_ends\nfour,"[2, 4]"\n')
        >>> list(csv_records(rows, "a.csv"))
        [(1, {'output': 'four', 'span_ends': [2, 4]})]
    """
    # A longer cell is refused, as a longer line of JSON is; Python's own limit is 128 kB.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
    number = 0
    with _faults(name) as place:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        try:
            reader = csv.reader(text, strict=True)
            header = next(reader, [])
            _check_header(header, name)
            for cells in reader:
                if not cells:  # a blank line
                    continue
                number += 1
                place[0] = f"{name}, row {number}"
                yield RowNumber(number), _record(header, cells, place[0])
        finally:
            text.detach()  # else the file would be closed, which is its owner's part


def _record(header: Sequence[str], cells: Sequence[str], place: str) -> dict[str, Any]:
    if len(cells) != len(header):
        raise DataError(f"{place}: has {len(cells)} cells, but the header has {len(header)}")
    return {name: _value(name, cell, place) for name, cell in zip(header, cells, strict=True)}


def _value(name: str, cell: str, place: str) -> Any:
    if name in _MAYBE_MESSAGES and cell.lstrip().startswith("[{"):
        return _list(name, cell, place)
    return _list(name, cell, place) if name in LIST_COLUMNS and cell else cell


def _list(name: str, cell: str, place: str) -> Any:
    try:
        found = json.loads(cell)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise DataError(
            f'{place}, field `{name}`: need a list as JSON text, such as [1, 2] or ["a", "b"], found {cell!r:.60}; '
            "JSON Lines and Parquet hold lists as they are"
        )
    return found


def _check_header(header: Sequence[str], name: str) -> None:
    if not header:
        raise DataError(f"{name}: is empty; need a first line with the names of the columns")
    twice = [column for column, count in Counter(header).items() if count > 1]
    if twice:
        raise DataError(f"{name}: the header names the column {twice[0]!r} more than once")


@contextmanager
def _faults(name: str) -> Iterator[list[str]]:
    """Errors of the text and of its form, behind the place that stands in the list."""
    place = [name]
    with gzip_faults(name):
        try:
            yield place
        except UnicodeDecodeError as error:
            raise DataError(f"{place[0]} or behind: is not UTF-8 ({error.reason}); save the file as UTF-8") from None
        except csv.Error as error:
            raise DataError(f"{place[0]} or behind: is not valid CSV ({error})") from None
