import gzip
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lemma_hf import __version__
from lemma_hf.cli import main
from lemma_hf.cli.doctor import TESTED
from lemma_hf.data import read_records

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
        ('{"output": "1", ', r"line 2: is not valid JSON"),
        ("[1, 2]", r"line 2: need a JSON object, found a list"),
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


def test_a_bad_row_is_graded_as_one_and_ends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"output": "#### 16", "reference": 16},  # a number is an answer
        {"output": 16, "reference": "He has 16 bags.\n#### 16"},  # as GSM8K writes its answers
        {"output": None, "reference": "16"},
        {"output": "16"},
        {"output": "16", "reference": {"value": 16}},
    ]
    path, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert grade(path, "-o", out) == 0
    grades = [json.loads(line)["grade"] for line in out.read_text().splitlines()]
    assert [each["outcome"] for each in grades] == ["right", "right", "no_answer", *["unreadable_reference"] * 2]
    assert "need a text, a number or None as 'reference' in line 5, but got dict" in grades[4]["detail"]
    assert "66.7 %" in capsys.readouterr().out  # of the three whose reference can be read


def test_a_misspelled_column_is_an_error_before_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"output": "1", "gold": "1"}\n')
    assert grade(path, "-o", tmp_path / "out.jsonl") == 1
    assert "no row has the field 'reference'; the first ones have output, gold" in capsys.readouterr().err


def test_a_wrong_path_is_a_message_not_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(tmp_path / "nothing.jsonl", "-o", tmp_path / "out.jsonl") == 1
    assert grade(write(tmp_path / "in.jsonl", ROWS), "-o", tmp_path / "no" / "folder.jsonl") == 1
    error = capsys.readouterr().err
    assert "No such file" in error and "Traceback" not in error
    assert grade(tmp_path, "-o", tmp_path / "out.jsonl") == 1
    (tmp_path / "bad.jsonl.gz").write_bytes(gzip.compress(b'{"output": "1"}' * 99)[:-9])
    assert grade(tmp_path / "bad.jsonl.gz") == 1
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 and no more")
    assert grade(tmp_path / "bad.parquet") == 1
    assert "Traceback" not in capsys.readouterr().err
    (tmp_path / "bad.jsonl").write_bytes(b"\xff\xfe\x00")
    assert grade(tmp_path / "bad.jsonl", "-o", tmp_path / "out.jsonl") == 1
    assert "bad.jsonl, line 1: is not valid JSON: 'utf-8' codec" in capsys.readouterr().err
    assert grade(write(tmp_path / "empty.jsonl", []), "-o", tmp_path / "out.jsonl") == 1


def test_parquet_comes_in_and_goes_out_with_its_types(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = (tmp_path / name for name in ("in.parquet", "out.parquet", "third.jsonl"))
    kinds = pa.schema({"id": pa.int16(), "output": pa.large_string(), "reference": pa.string(), "day": pa.date32()})
    days = [date(2026, 1, day) for day in (1, 2)]
    columns = {"id": [7, 8], "output": ["#### 4", "no idea at all"], "reference": ["4", "5"], "day": days}
    pq.write_table(pa.table(columns, kinds), first)
    assert grade(first, "-o", second) == 0
    table = pq.read_table(second)
    assert table.drop_columns(["grade"]).schema.equals(kinds)
    assert [row["outcome"] for row in table["grade"].to_pylist()] == ["right", "no_answer"]
    assert grade(first, "--against", second) == 0
    assert re.search(r"then, .* now\), matched by id: 2 rows\n +verdicts that changed +0\n", capsys.readouterr().out)
    # Graded once more, as another kind of file: the grade is replaced, and a date becomes text.
    assert grade(second, "-o", third) == 0
    rows = [json.loads(line) for line in third.read_text().splitlines()]
    assert [row["grade"]["outcome"] for row in rows] == ["right", "no_answer"]
    assert rows[0]["day"] == "2026-01-01" and rows[0]["grade"]["version"] == __version__


def test_jsonl_becomes_parquet_with_the_fields_of_every_row(tmp_path: Path) -> None:
    rows = [{"output": "#### 4", "reference": "4"}, {"output": "#### 4", "reference": "4", "more": [1, 2]}]
    assert grade(write(tmp_path / "in.jsonl", rows), "-o", tmp_path / "out.parquet") == 0
    assert pq.read_table(tmp_path / "out.parquet")["more"].to_pylist() == [None, [1, 2]]


def test_a_column_of_two_types_is_no_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"output": "#### 4", "reference": "4", "more": more} for more in ("text", 1)]
    assert grade(write(tmp_path / "in.jsonl", rows), "-o", tmp_path / "out.parquet") == 1
    assert "one type a column" in capsys.readouterr().err
    assert [item.name for item in tmp_path.iterdir()] == ["in.jsonl"]


QUESTION = "9 * 7 + 9?"
SAID = r"\boxed{62}. Wait: \boxed{72}"
CONVERSATIONS: dict[str, dict[str, object]] = {
    "conversations": {"conversations": [{"from": "human", "value": QUESTION}, {"from": "gpt", "value": SAID}]},
    "messages": {"messages": [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": SAID}]},
    "prompt and completion": {"prompt": QUESTION, "completion": SAID},
}


@pytest.mark.parametrize("form", CONVERSATIONS)
@pytest.mark.parametrize("out", ["out.jsonl", "out.json", "out.json.gz", "out.parquet"])
def test_an_array_of_conversations_is_graded_and_nothing_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, out: str
) -> None:
    row = CONVERSATIONS[form]
    rows = [row | {"reference": "72", "more": [1]}, row | {"reference": "62", "more": []}]
    (tmp_path / "in.json").write_text(json.dumps(rows, indent=2))
    assert grade(tmp_path / "in.json", "-o", tmp_path / out) == 0
    assert f"outputs read from {form} (2 rows)" in capsys.readouterr().out
    graded = [row for _, row in read_records(tmp_path / out)]
    assert [row.pop("grade")["outcome"] for row in graded] == ["right", "wrong"]
    assert graded == rows
    raw = (tmp_path / out).read_bytes()
    text = gzip.decompress(raw) if out.endswith(".gz") else raw
    assert text.startswith(b"[") is (".json" in out and ".jsonl" not in out)


def test_lines_stay_lines_in_a_json_file(tmp_path: Path) -> None:
    assert grade(write(tmp_path / "in.jsonl", ROWS), "-o", tmp_path / "out.json") == 0
    assert len([json.loads(line) for line in (tmp_path / "out.json").read_text().splitlines()]) == 4


def test_a_turn_that_cannot_be_read_is_a_bad_row_with_its_place(tmp_path: Path) -> None:
    bad = {"conversations": [{"from": "human", "value": QUESTION}, {"from": "gpt", "value": 7}], "reference": "72"}
    unanswered = {"conversations": [{"from": "human", "value": QUESTION}], "reference": "72"}
    rows = [CONVERSATIONS["conversations"] | {"reference": "72"}, bad, unanswered]
    (tmp_path / "in.json").write_text(json.dumps(rows))
    assert grade(tmp_path / "in.json", "-o", tmp_path / "out.json") == 0
    grades = [row["grade"] for row in json.loads((tmp_path / "out.json").read_text())]
    assert [each["outcome"] for each in grades] == ["right", "no_answer", "no_answer"]
    assert [each["detail"] for each in grades[1:]] == [
        "row 2, field `conversations`, turn 2: need `value` as text, found int 7",
        "row 3: the last turn is the user's: no answer",
    ]


def test_an_array_that_is_cut_off_is_named_by_row_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.json").write_text(json.dumps(ROWS, indent=2)[:-20])
    assert grade(tmp_path / "in.json", "-o", tmp_path / "out.json") == 1
    assert "in.json, line 24, column 10: the file ends within row 4" in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


def test_rows_of_an_array_are_explained_and_compared_by_their_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [CONVERSATIONS["messages"] | {"reference": "72"}, CONVERSATIONS["messages"] | {"reference": "62"}]
    (tmp_path / "in.json").write_text(json.dumps(rows))
    assert grade(tmp_path / "in.json", "--explain", "2") == 0
    assert "row 2, benchmark math" in capsys.readouterr().out
    assert grade(tmp_path / "in.json", "-o", tmp_path / "old.json") == 0
    old = json.loads((tmp_path / "old.json").read_text())
    old[1]["grade"]["outcome"] = "right"
    (tmp_path / "old.json").write_text(json.dumps(old))
    assert grade(tmp_path / "in.json", "--against", tmp_path / "old.json") == 0
    assert "right -> wrong: row 2: reference 62 | 72 by boxed" in capsys.readouterr().out


def test_an_array_within_an_object_is_refused_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.json").write_text(json.dumps({"data": ROWS}))
    assert grade(tmp_path / "in.json") == 1
    assert "the field `data` holds a list of rows: need that list as the whole file" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "parquet"])
def test_half_a_character_is_graded_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    row = {"id": "a\ud800", "output": "It is \ud800 \\boxed{\ud83d}", "reference": "\udc00"}
    out = tmp_path / f"out.{ending}"
    path = write(tmp_path / "in.jsonl", [row, {**ROWS[0], "id": "b"}])
    with path.open("ab") as file:  # a lone surrogate as bytes, as some programs write it, and not as an escape
        file.write(json.dumps({**row, "id": "c\ud800"}, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    assert grade(path, "-o", out) == 0
    # What was written can be read, shown and compared with.
    assert grade(out, "--explain", "1") == 0
    capsys.readouterr()
    assert grade(tmp_path / "in.jsonl", "--explain", "a\ud800") == 0
    assert "⟨U+D83D⟩" in capsys.readouterr().out
    assert grade(tmp_path / "in.jsonl", "--against", out) == 0
    assert "matched by id: 3 rows\n" in capsys.readouterr().out  # spelled otherwise or not, none is another row


def test_explain_tells_the_whole_story_of_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*ROWS, {"id": "five", "output": "\x1b[2JIt is #### 4", "reference": r"So \boxed{4}.", "benchmark": "math"}]
    path = write(tmp_path / "in.jsonl", rows)
    assert grade(path, "--explain", "1") == 0
    said = capsys.readouterr().out
    for pattern in (
        r"line 1, id 1, benchmark math",
        r"extracted +72\n",
        r"found by +boxed",
        r"in the text +…\\boxed\{62\}\. Wait: \\boxed\{\[72\]\}…",
        r"compared to +72\n",
        r"decided by +\S+",
        r"verdict +right",
        r"seconds +\d+\.\d+",
    ):
        assert re.search(pattern, said), pattern
    assert grade(path, "--explain", "five") == 0
    said = capsys.readouterr().out
    assert "line 5, id five" in said and r"compared to  4   (given: So \boxed{4}.)" in said
    assert "\x1b" not in said  # a model's output gives the terminal no orders
    assert grade(path, "--explain", "3", "--id-column", "none") == 0
    assert re.search(r"line 3,[\s\S]*extracted +nothing[\s\S]*verdict +no_answer", capsys.readouterr().out)
    assert grade(path, "--explain", "99") == 1
    assert "no row has 'id' '99'" in capsys.readouterr().err
    assert grade(path, "--explain", "1", "-o", tmp_path / "out.jsonl") == 1
    assert "leave out --output" in capsys.readouterr().err


def test_against_lists_each_verdict_that_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    assert grade(write(tmp_path / "in.jsonl", ROWS), "-o", old) == 0
    graded = [json.loads(line) for line in old.read_text().splitlines()]
    graded[0]["grade"] |= {"outcome": "wrong", "extracted": "62", "version": "0.0.9"}
    graded[1]["output"] = "#### D"  # another output than then: no flip, whatever the verdict was
    graded[1]["grade"]["outcome"] = "right"
    del graded[2]["grade"]["version"]
    write(old, [graded[3], graded[2], {**graded[0], "id": 55}, graded[1], graded[0]])
    capsys.readouterr()
    assert grade(tmp_path / "in.jsonl", "-o", new, "--against", old) == 0
    said = capsys.readouterr().out
    assert f"(lemma-hf 0.0.9 and {__version__} and an unknown version then, {__version__} now)" in said
    assert "matched by id: 3 rows, 1 only there, 1 with another output or reference" in said
    assert re.search(r"verdicts that changed +1\n +wrong -> right +1\n", said)
    assert re.search(r"wrong -> right: id 1, line 1: reference 72 \| 62 by boxed>\S+ \| 72 by boxed>\S+", said)
    assert new.exists()
    # Without ids of their own, rows are matched by line.
    write(old, [{**row, "id": 1} for row in graded])
    assert grade(tmp_path / "in.jsonl", "--against", old) == 0
    assert "matched by line: 3 rows, 1 with another output" in capsys.readouterr().out


def test_against_a_file_without_grades_is_refused_before_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "in.jsonl", ROWS)
    assert grade(path, "-o", tmp_path / "out.jsonl", "--against", path) == 1
    assert "in.jsonl, line 1: holds no grade" in capsys.readouterr().err
    assert [item.name for item in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize("command", ["doctor", "grade", "--help"])
def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path: Path, command: str) -> None:
    arguments = [command, str(write(tmp_path / "in.jsonl", ROWS))] if command == "grade" else [command]
    process = subprocess.Popen(
        [sys.executable, "-m", "lemma_hf.cli", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() in ((0, 141) if command == "--help" else (141,))  # argparse minds no closed pipe
    assert "Traceback" not in error and "BrokenPipe" not in error and "Exception" not in error


def test_doctor_names_each_library_and_the_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in TESTED)
    assert re.search(r"device +\S", said) and re.search(r"load_dataset\(lemma\) +registered, \d+ Parquet files", said)


def test_doctor_says_when_the_short_name_cannot_work(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "datasets.packaged_modules", None)  # as if a new version had moved it
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"load_dataset\(lemma\) +no: .*lemma_hf\.DATASET_DIR", said)
    assert "torch cannot be imported" in said


def test_the_tested_versions_are_those_of_constraints_txt() -> None:
    lines = (Path(__file__).resolve().parents[2] / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    assert {name: pinned.get(name) or pinned.get(name.replace("_", "-")) for name in TESTED} == TESTED


def test_grading_and_help_import_nothing_heavy() -> None:
    code = (
        "import sys, time; start = time.process_time(); import lemma_hf.grading; took = time.process_time() - start; "
        "import lemma_hf.cli; heavy = {'torch', 'sympy', 'datasets', 'transformers', 'evaluate'} & set(sys.modules); "
        "print(took < 0.5, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "lemma_hf", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == __version__
