import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lemma_hf.cli import TESTED, main

ROWS = [
    {"id": 1, "output": r"\boxed{62}. Wait: \boxed{72}", "reference": "72", "benchmark": "math"},
    {"id": 2, "output": "#### C", "reference": "B", "benchmark": "aqua"},
    {"id": 3, "output": "no idea at all, sorry", "reference": "5", "benchmark": "math"},
    {"id": 4, "output": "#### 5", "reference": "", "benchmark": "math"},
]


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def grade(*arguments: object) -> int:
    return main(["grade", *map(str, arguments)])


def test_a_file_is_graded_row_by_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "graded.jsonl.gz"
    assert grade(write(tmp_path / "in.jsonl", ROWS), "-o", out, "--benchmark-column", "benchmark") == 0
    with gzip.open(out, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert [row["grade"]["outcome"] for row in rows] == ["right", "wrong", "no_answer", "unreadable_reference"]
    assert [{key: row[key] for key in ROWS[0]} for row in rows] == ROWS
    assert rows[0]["grade"]["extracted"] == "72"
    table = capsys.readouterr().out
    # One right of three readable ones; Wilson's interval for 1 of 3, from the literature: 6.1 % to 79.2 %.
    assert re.search(r"all\s+4\s+33\.3 % \[6\.1, 79\.2\]\s+1\s+0\s+1", table)


def test_columns_have_names_of_ones_choice(tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", [{"said": "#### 4", "gold": "4"}])
    out = tmp_path / "out.jsonl"
    assert grade(path, "-o", out, "--output-column", "said", "--reference-column", "gold") == 0
    assert json.loads(out.read_text())["grade"]["outcome"] == "right"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"output": "1"}', r"line 2: need text in the field 'reference', found only output"),
        ('{"output": "1", "reference": 1}', r"line 2: need text in the field 'reference', found int"),
        ('{"output": "1", ', r"line 2: is no JSON object"),
        ("[1, 2]", r"line 2: need a JSON object, found list"),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"output": "1", "reference": "1"}\n' + line + "\n")
    assert grade(path, "-o", tmp_path / "out.jsonl") == 1
    error = capsys.readouterr().err
    assert f"error: {path}, " in error and re.search(said, error)
    assert [item.name for item in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_wrong_path_is_a_message_not_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(tmp_path / "nothing.jsonl", "-o", tmp_path / "out.jsonl") == 1
    assert grade(write(tmp_path / "in.jsonl", ROWS), "-o", tmp_path / "no" / "folder.jsonl") == 1
    error = capsys.readouterr().err
    assert "No such file" in error and "Traceback" not in error
    (tmp_path / "bad.jsonl").write_bytes(b"\xff\xfe\x00")
    assert grade(tmp_path / "bad.jsonl", "-o", tmp_path / "out.jsonl") == 1
    assert "cannot be read as text" in capsys.readouterr().err
    assert grade(write(tmp_path / "empty.jsonl", []), "-o", tmp_path / "out.jsonl") == 1


def test_doctor_names_each_library_and_the_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in TESTED)
    assert "device" in said and "load_dataset(lemma)" in said


def test_the_tested_versions_are_those_of_constraints_txt() -> None:
    lines = (Path(__file__).resolve().parents[1] / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    assert {name: pinned.get(name) or pinned.get(name.replace("_", "-")) for name in TESTED} == TESTED


def test_grading_and_help_import_nothing_heavy() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import lemma_hf.grading; took = time.perf_counter() - start; "
        "import lemma_hf.cli; heavy = {'torch', 'sympy', 'datasets', 'transformers', 'evaluate'} & set(sys.modules); "
        "print(took < 0.5, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"
