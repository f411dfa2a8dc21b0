"""CSV files: read by every command, lists as JSON text, and refused in words where a cell is not what it should be."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from lemma_hf.cli import main
from lemma_hf.data import load_any, load_rows, read_records
from lemma_hf.errors import DataError

TURNING = "2 + 2 = 5. Wait, that is wrong. 2 + 2 = 4. The answer is: 4"
TURNS = [
    {"role": "user", "content": "2 + 2?"},
    {"role": "assistant", "content": TURNING},
]
OUTPUT = {"id": "a", "question": "2 + 2?", "output": 'It is,\n"four":\nThe answer is: 4', "reference": "4"}


def write(path: Path, *rows: dict[str, object]) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as file:  # with the mark that Excel writes
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(
            {name: value if isinstance(value, str) else json.dumps(value) for name, value in row.items()}
            for row in rows
        )
    return path


@pytest.fixture
def ours() -> dict[str, object]:
    """A row of the shipped dataset, as it stands in JSON."""
    return json.loads(json.dumps(load_any("lemma", split="test")[0]))


def test_texts_stay_texts_and_lists_are_read(tmp_path: Path) -> None:
    row = {
        **OUTPUT,
        "answer": "[0, 1)",
        "messages": TURNS,
        "span_ends": [3, 9],
        "prompt": TURNS,
        "completion": "[1, 2]",
    }
    path = write(tmp_path / "rows.csv", row)
    assert list(read_records(path)) == [(1, row)]
    packed = tmp_path / "rows.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(read_records(packed)) == [(1, row)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "output,span_ends\nx,\"['a', 'b']\"\n",
            r"row 1, field `span_ends`: need a list as JSON text, such as \[1, 2\]",
        ),
        ("output,span_ends\nx,3\n", r"row 1, field `span_ends`: need a list .* found '3'; JSON Lines and Parquet"),
        ("output,reference\nx\n", "row 1: has 1 cells, but the header has 2"),
        ("output,reference\n\nx,1\ny,1,2\n", "row 2: has 3 cells, but the header has 2"),
        ("output,output\nx,1\n", "the header names the column 'output' more than once"),
        ("", "is empty; need a first line"),
        ('output,reference\n"x" y,1\n', r"is not valid CSV \("),
        ('output,reference\n"x,1\n', r"is not valid CSV \("),
    ],
)
def test_a_cell_or_a_row_that_is_not_as_it_should_be_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "rows.csv").write_text(text)
    with pytest.raises(DataError, match=said) as caught:
        list(read_records(tmp_path / "rows.csv"))
    assert str(caught.value).startswith(str(tmp_path / "rows.csv"))


def test_another_encoding_and_a_broken_gzip_file_are_said(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_bytes("output\nGr\xfc\xdfe\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"is not UTF-8 .*; save the file as UTF-8"):
        list(read_records(tmp_path / "old.csv"))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"output\nx\n" * 999)[:-30])
    with pytest.raises(DataError, match=r"cut\.csv\.gz: the gzip file is broken"):
        list(read_records(tmp_path / "cut.csv.gz"))


def test_rows_of_ours_load_from_csv_as_from_json(tmp_path: Path, ours: dict[str, object]) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(ours) + "\n")
    path = write(tmp_path / "rows.csv", ours)
    assert load_rows(str(path))[:] == load_rows(str(tmp_path / "rows.jsonl"))[:]


def test_conversations_load_from_csv_with_their_spans(tmp_path: Path) -> None:
    rows = load_rows(str(write(tmp_path / "rows.csv", {"id": "7", "messages": TURNS})), tell=lambda text: None)
    assert rows[0]["completion"].strip() == TURNING and "reflection" in _kinds(rows)


def _kinds(rows) -> list[str]:
    return [rows.features["span_kinds"].feature.int2str(kind) for kind in rows[0]["span_kinds"]]


def test_prompts_and_completions_stay_texts_for_the_training(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", {"prompt": "2 + 2?", "completion": "4"}, {"prompt": "nothing?", "completion": ""})
    write(tmp_path / "b.csv", {"prompt": "007?", "completion": "7"})
    assert load_rows(str(tmp_path / "*.csv"))[:] == {
        "prompt": ["2 + 2?", "nothing?", "007?"],
        "completion": ["4", "", "7"],
    }


def test_messages_in_prompt_and_completion_are_not_trained_on_as_their_text(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", {"prompt": TURNS[:1], "completion": TURNS[1:]})
    with pytest.raises(DataError, match=r"`prompt` holds lists, which are texts in CSV: give these rows as \.jsonl"):
        load_rows(str(path))


def test_every_command_reads_csv(tmp_path: Path, ours: dict[str, object], capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "outputs.csv", OUTPUT)
    write(tmp_path / "ours.csv", ours)
    steps = {"problem": "2 + 2?", "steps": ["2 + 2 = 5"], "reference": "4", "first_error": "0"}
    write(tmp_path / "steps.csv", steps)
    assert main(["grade", "outputs.csv", "-o", "graded.jsonl"]) == 0
    assert json.loads(Path("graded.jsonl").read_text()) | {"grade": None} == {**OUTPUT, "grade": None}
    assert "100.0 %" in capsys.readouterr().out
    assert main(["show", "outputs.csv"]) == main(["show", "ours.csv"]) == main(["audit", "ours.csv"]) == 0
    assert main(["show", str(tmp_path)]) == 0  # a folder of such files
    assert main(["export", "ours.csv", "--to", "messages", "-o", "messages.jsonl"]) == 0
    assert main(["analyse", "steps.csv", "-o", "judged.jsonl"]) == 0
    assert "1 rows, 1 with a wrong step" in capsys.readouterr().out
    assert main(["score", "--file", "outputs.csv", "--answer_column", "reference", "--outputs", "outputs.csv"]) == 0
    assert "accuracy              100.0 %" in capsys.readouterr().out
