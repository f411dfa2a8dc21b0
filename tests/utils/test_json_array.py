"""A JSON array is read one element at a time, whatever its layout; what is broken has a row, a line and a column."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from lemma_hf.errors import DataError
from lemma_hf.utils import files, json_array
from lemma_hf.utils.files import RowNumber, json_rows, read_json_rows

ROWS = [{"a": 'q"\\[{', "b": [{"c": []}]}, {"a": "€𝄞", "b": -2.5}, {}]


def read(raw: bytes, name: str = "a.json") -> list[tuple[int, Any]]:
    return list(json_rows(io.BytesIO(raw), name))


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n \r\n\t"])
def test_an_array_is_read_on_one_line_or_on_many(indent: int | None, before: bytes) -> None:
    text = json.dumps(ROWS, indent=indent, ensure_ascii=False).encode()
    found = read(before + text + b"\n\n")
    assert [row for _, row in found] == ROWS
    assert [number for number, _ in found] == [1, 2, 3]
    assert all(isinstance(number, RowNumber) for number, _ in found)


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_a_piece_may_end_anywhere(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(json_array, "_PIECE", piece)
    monkeypatch.setattr(files, "_FIRST_LINE", piece)
    items = [*ROWS, -2.5, 12, "x", None, {"a": "\ud800"}]
    raw = json.dumps(items, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert [item for _, item in json_array.array_items(io.BytesIO(raw).read, "a", 1000)] == items


def test_no_end_of_a_file_is_taken_for_the_end_of_its_array() -> None:
    raw = json.dumps(ROWS, ensure_ascii=False).encode()
    for cut in range(1, len(raw)):
        with pytest.raises(DataError, match=r"a\.json, line 1, column \d+: "):
            read(raw[:cut])


def test_a_packed_array_and_lines_in_a_json_file_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps(ROWS, indent=1).encode()))
    (tmp_path / "b.json").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    assert list(read_json_rows(tmp_path / "a.json.gz")) == list(read_json_rows(tmp_path / "b.json"))


def test_an_element_that_is_no_object_has_a_message_in_its_place() -> None:
    assert read(b'[{"a": 1}, 2, null, {"a": 4}]') == [
        (1, {"a": 1}),
        (2, "need a JSON object, found an int"),
        (3, "need a JSON object, found a NoneType"),
        (4, {"a": 4}),
    ]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'[\n {"a": 1},\n {"a": 2,}\n]', "a.json, line 3, column 10: row 2 is not valid JSON: "),
        (b"[{'a': 1}]", "a.json, line 1, column 3: row 1 is not valid JSON: Expecting property name"),
        (b'[\n{"a": 1}\n{"a": 2}\n]', 'a.json, line 3, column 1: need `,` or `]` behind row 1, found \'{"a": 2}'),
        (b'[{"a": 1},\n]', "a.json, line 2, column 1: need row 2 behind a comma, found `]`: take the comma out"),
        (b'[{"a": 1}', "a.json, line 1, column 10: the file ends behind row 1, before the array's `]`: it is cut off"),
        (b'[{"a": 1},', "a.json, line 1, column 11: the file ends before row 2: it is cut off"),
        (b'[{"a": 1},\n{"a": "x\\', "a.json, line 2, column 10: the file ends within row 2, which begins in line 2"),
        (b'[{"a": 1}] [{"a": 2}]', "a.json, line 1, column 12: text behind the end of the array"),
        (b'[{"a": "\xff"}]', "a.json, line 1, column 9: a byte that is not UTF-8"),
        (b"[" * 100_000, "a.json, line 1, column 2: row 1 is not valid JSON: maximum recursion depth"),
        (b'[{"a": ' + b"9" * 10_000 + b"}]", "a.json, line 1, column 2: row 1 is not valid JSON: "),
    ],
)
def test_a_fault_is_named_by_row_line_and_column(raw: bytes, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read(raw)
    assert str(caught.value).startswith(said)


def test_the_rows_before_a_fault_are_read() -> None:
    rows = json_rows(io.BytesIO(b'[{"a": 1}, {"a" 2}]'), "a.json")
    assert next(rows) == (1, {"a": 1})
    with pytest.raises(DataError, match="row 2 is not valid JSON"):
        next(rows)


def test_an_element_without_an_end_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 1000)
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b'[{"a": 1}, {"a": "' + b"x" * 10_000_000))
    with pytest.raises(DataError, match=r"a\.json\.gz, line 1, column 12: row 2 is longer than 1000 bytes"):
        list(read_json_rows(tmp_path / "a.json.gz"))


def test_a_broken_gzip_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps(ROWS * 1000).encode(), mtime=0)[:-20])
    with pytest.raises(DataError, match=r"a\.json\.gz.*: the gzip file is broken"):
        list(read_json_rows(tmp_path / "a.json.gz"))


def test_an_array_in_a_file_of_lines_gets_a_hint() -> None:
    ((number, said),) = read(b'[{"a": 1}]', "a.jsonl")
    assert number == 1
    assert said == (
        "need a JSON object, found a list; one object a line; "
        "a file that is one array of objects is read if its name ends in .json"
    )
