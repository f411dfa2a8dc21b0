"""Files are read record by record; a broken one is named by file, line and field."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lemma_hf.data.sources import field_of, read_problems, read_records
from lemma_hf.errors import DataError
from lemma_hf.records import Dropped, DropReason, Problem
from lemma_hf.utils import files

ROWS = [{"question": "2 + 2?", "answer": "4"}, {"question": "2 × 3?", "answer": "6"}]


def write(path, data):
    path.write_bytes(data)
    return path


def test_lines_are_counted_from_one_and_blank_ones_passed_over(tmp_path):
    lines = b"\xef\xbb\xbf" + json.dumps(ROWS[0]).encode() + b"\n\n" + json.dumps(ROWS[1], ensure_ascii=False).encode()
    assert list(read_records(write(tmp_path / "a.jsonl", lines))) == [(1, ROWS[0]), (3, ROWS[1])]


def test_gzip_and_parquet_give_the_same_records(tmp_path):
    text = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    packed = write(tmp_path / "a.jsonl.gz", gzip.compress(text))
    assert list(read_records(packed)) == list(read_records(tmp_path / "a.parquet")) == [(1, ROWS[0]), (2, ROWS[1])]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": \n', "a.jsonl, line 2: is not valid JSON"),
        ("a.jsonl", b'{"a": 1}\n[1]\n', "a.jsonl, line 2: need a JSON object, found a list"),
        ("a.jsonl", b'{"a": "\xff"}', "a.jsonl, line 1: is not valid JSON"),
        ("a.jsonl", b'{"ok": 1, "text": "\\ud800"}', "a.jsonl, line 1, field `text`: holds half of a character"),
        ("a.jsonl", b"[" * 100_000, "a.jsonl, line 1: is not valid JSON"),
        ("a.jsonl", b'{"a": ' + b"9" * 10_000 + b"}", "a.jsonl, line 1: is not valid JSON"),
        ("a.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 1000, mtime=0)[:-20], "the gzip file is broken"),
        ("a.jsonl.gz", b'{"a": 1}\n', "a.jsonl.gz, line 1: the gzip file is broken"),
        ("a.jsonl.gz", gzip.compress(b"x", mtime=0)[:10] + b"\xff" * 40, "a.jsonl.gz, line 1: the gzip file is broken"),
        ("a.parquet", b"no parquet at all", "a.parquet, row 1: is not valid Parquet"),
        ("a.tsv", b"a,b\n", "a.tsv: cannot tell its format"),
    ],
)
def test_a_broken_file_is_refused_and_the_line_named(tmp_path, name, data, said):
    with pytest.raises(DataError) as caught:
        list(read_records(write(tmp_path / name, data)))
    assert said in str(caught.value)


def test_a_whole_emoji_in_json_escapes_is_no_half_character(tmp_path):
    (record,) = read_records(write(tmp_path / "a.jsonl", b'{"text": "\\ud83d\\ude00"}'))
    assert record == (1, {"text": "\N{GRINNING FACE}"})


def test_a_line_without_an_end_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LONGEST_LINE", 1000)
    bomb = gzip.compress(b'{"a": "' + b"x" * 10_000_000)
    with pytest.raises(DataError, match="line 1: longer than 1000 bytes"):
        list(read_records(write(tmp_path / "a.jsonl.gz", bomb)))


def test_a_missing_file_is_a_message_and_no_traceback(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.jsonl: cannot be read \(No such file or directory\)"):
        list(read_records(tmp_path / "nowhere.jsonl"))


def test_a_missing_or_misshapen_field_is_named():
    with pytest.raises(DataError, match=r"f\.jsonl, line 7, field `answer`: missing; the record has `question`"):
        field_of({"question": "2 + 2?"}, "answer", "f.jsonl", 7)
    with pytest.raises(DataError, match=r"f\.jsonl, line 7, field `answer`: need str, found int 4"):
        field_of({"answer": 4}, "answer", "f.jsonl", 7)


def test_problems_without_an_answer_are_dropped_and_the_rest_read(tmp_path):
    rows = [{"q": "2 + 2?", "a": 4, "work": "2 + 2 = 4"}, {"q": "What?", "a": " ", "work": ""}]
    path = write(tmp_path / "p.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())
    first, second = read_problems(path, question="q", answer="a", solution="work", identity="", source="hand")
    assert first == Problem("p.jsonl:1", "2 + 2?", "4", "2 + 2 = 4", "hand")
    assert second == Dropped("p.jsonl:2", "problems", DropReason.NO_REFERENCE_ANSWER, "line 2, field `a` is empty")
