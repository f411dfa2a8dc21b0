"""Reading attempts, outputs and problems from files: columns by any name, broken rows by file, line and field."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.pipeline import Funnel
from lemma_hf.pipeline.inputs import Files, Inputs, reference_inputs, world_inputs
from lemma_hf.records import Error
from lemma_hf.taxonomy import ErrorType

ROW = {
    "question": "What is 2 + 3 + 4?",
    "reference_solution": "2 + 3 = <<2+3=5>>5\n5 + 4 = 9\n#### 9",
    "wrong_solution": "2 + 3 = <<2+3=6>>6\n6 + 4 = 10\n#### 10",
    "error_step": 1,
    "error_type": "calculation_error",
}


def write(path: Path, *rows: Any) -> None:
    lines = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())


def read(folder: Path, funnel: Funnel | None = None, **files: Files) -> Inputs:
    return reference_inputs(funnel or Funnel(progress=False), folder, where_from="Ask the library.", **files)


ATTEMPTS = Files(["a.jsonl"], ["solution=wrong_solution"])


def test_an_annotated_attempt_is_read_as_plain_prose(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", ROW, ROW | {"reference_answer": 9.0, "id": "mine"})
    first, second = read(tmp_path, attempts=ATTEMPTS).attempts
    assert first.steps == ("2 + 3 = 6\n", "6 + 4 = 10\n", "So the answer is 10.")
    assert first.annotation == Error(ErrorType.CALCULATION, 1)
    assert (first.problem.reference_answer, second.problem.reference_answer) == ("9", "9")
    assert (first.id, second.id, first.problem.source) == ("a/1", "a/mine", "a")
    assert first.problem.id == second.problem.id


def test_outputs_meet_their_problems_by_the_question(tmp_path: Path) -> None:
    write(tmp_path / "p.jsonl.gz", {"question": "What is\n1 + 1?", "solution": "1 + 1 = 2\n#### 2"})
    outputs = [
        {"question": "What is 1 + 1?", "output": "It is 3.\nThe answer is 3", "source": "model", "id": 7},
        {"question": "What is 1 + 1?", "output": "2", "verdict": True},
        {"question": "What is 5 + 5?", "output": "9"},
        {"question": "What is 1 + 1?", "output": " "},
    ]
    write(tmp_path / "o.jsonl", *outputs)
    funnel = Funnel(progress=False)
    inputs = read(tmp_path, funnel, outputs=Files(["o.jsonl"]), problems=Files(["p.jsonl.gz"]))
    (attempt,) = inputs.attempts
    assert (attempt.id, attempt.problem.source, attempt.problem.reference_answer) == ("model/7", "model", "2")
    assert funnel.counts[-1].dropped == {"already_right": 1, "no_reference_solution": 1, "empty": 1}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{broken", r"a\.jsonl, line 2"),
        ("[1]", r"a\.jsonl, line 2"),
        ({"question": "?"}, r"a\.jsonl, line 2, field `reference_solution`: missing"),
        (ROW | {"wrong_solution": 3}, r"a\.jsonl, line 2, field `wrong_solution`: need str, found int"),
        (ROW | {"error_step": "one"}, r"a\.jsonl, line 2, field `error_step`: need int"),
        (ROW | {"error_step": 0}, r"a\.jsonl, line 2, field `error_step`: steps are counted from 1"),
        (ROW | {"error_type": "typo"}, r"a\.jsonl, line 2, field `error_type`: no error type is called 'typo'"),
    ],
)
def test_a_broken_row_is_named_by_file_line_and_field(tmp_path: Path, row: Any, message: str) -> None:
    write(tmp_path / "a.jsonl", ROW, row)
    with pytest.raises(DataError, match=message):
        read(tmp_path, attempts=ATTEMPTS)


def test_a_row_without_a_reference_is_counted_not_fatal(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", ROW | {"reference_solution": "2 + 3 = 5"}, ROW | {"reference_solution": " "})
    funnel = Funnel(progress=False)
    assert read(tmp_path, funnel, attempts=ATTEMPTS).attempts == []
    assert funnel.counts[0].dropped == {"no_reference_answer": 1, "no_reference_solution": 1}


def test_a_missing_file_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl: no such file\nAsk the library\."):
        read(tmp_path, attempts=ATTEMPTS)


def test_contradicting_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no input files"):
        read(tmp_path)
    with pytest.raises(ConfigError, match="`outputs` need `problem_files`"):
        read(tmp_path, outputs=Files(["o.jsonl"]))
    with pytest.raises(ConfigError, match="`attempt_columns`: need name=column"):
        read(tmp_path, attempts=Files(["a.jsonl"], ["text=wrong_solution"]))
    with pytest.raises(ConfigError, match=r"no dialect is called 'songs'; known are stories, sums"):
        world_inputs("songs", 1, 0)
