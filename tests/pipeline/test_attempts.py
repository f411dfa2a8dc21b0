"""Reading attempts, outputs and problems from files: columns by any name, broken rows by file, line and field."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.pipeline import Funnel
from lemma_hf.pipeline.attempts import SAID_RIGHT
from lemma_hf.pipeline.inputs import Files, Inputs, file_inputs, world_inputs
from lemma_hf.records import Error, Grade, Outcome, Problem
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


def read(folder: Path, funnel: Funnel | None = None, **settings: Any) -> Inputs:
    return file_inputs(funnel or Funnel(progress=False), folder, where_from="Ask the library.", **settings)


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
    attempt, right = inputs.attempts
    assert (attempt.id, attempt.problem.source, attempt.problem.reference_answer) == ("model/7", "model", "2")
    assert (attempt.grade, right.grade) == (None, Grade(Outcome.RIGHT, None, "2", SAID_RIGHT))
    assert funnel.counts[-1].dropped == {"no_reference_solution": 1, "empty": 1}


def test_outputs_meet_problems_that_come_from_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "o.jsonl", {"question": "What is 1 + 1?", "output": "3"})
    known = [Problem("k", "What is 1 + 1?", "2")]
    inputs = read(tmp_path, outputs=Files(["o.jsonl"]), known=known)
    assert (inputs.problems, [attempt.problem.id for attempt in inputs.attempts]) == (known, ["k"])


def test_a_solution_is_needed_only_where_the_teacher_needs_it(tmp_path: Path) -> None:
    write(tmp_path / "p.jsonl", {"question": "What is 1 + 1?", "answer": 2}, {"question": "What is 1 + 2?"})
    write(tmp_path / "a.jsonl", {"question": "?", "reference_answer": "9", "wrong_solution": "It is 8."})
    funnel = Funnel(progress=False)
    files = {"problems": Files(["p.jsonl"]), "attempts": ATTEMPTS}
    inputs = read(tmp_path, funnel, need_solutions=False, **files)
    assert [(problem.reference_answer, problem.reference_solution) for problem in inputs.problems] == [("2", "")]
    assert [attempt.steps for attempt in inputs.attempts] == [("It is 8.",)]
    assert funnel.counts[-1].dropped == {"no_reference_answer": 1}
    with pytest.raises(DataError, match="field `solution`: missing"):
        read(tmp_path, problems=Files(["p.jsonl"]))


def test_commas_of_thousands_go_and_those_of_pairs_stay(tmp_path: Path) -> None:
    answers = ["1,200", "$12,500.50", "(1,200)", "1,2,3"]
    write(tmp_path / "p.jsonl", *({"question": f"{n}?", "solution": "-", "answer": a} for n, a in enumerate(answers)))
    problems = read(tmp_path, problems=Files(["p.jsonl"])).problems
    assert [problem.reference_answer for problem in problems] == ["1200", "$12500.50", "(1,200)", "1,2,3"]


def test_the_world_gives_problems_and_no_attempts() -> None:
    inputs = world_inputs("sums", 3, 0)
    assert ([problem.source for problem in inputs.problems], inputs.attempts) == (["world/sums"] * 3, ())


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
    with pytest.raises(ConfigError, match=r"no world is called 'songs'; known are sums, stories"):
        world_inputs("songs", 1, 0)


def test_ids_that_are_the_same_are_made_distinct_before_anything_is_paid_for(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    write(tmp_path / "one" / "a.jsonl", ROW | {"id": "x"}, ROW | {"id": "x"})
    write(tmp_path / "two" / "a.jsonl", ROW | {"id": "x"}, ROW | {"id": "x#2"})
    files = Files(["one/a.jsonl", "two/a.jsonl"], ["solution=wrong_solution"])
    assert [each.id for each in read(tmp_path, attempts=files).attempts] == ["a/x", "a/x#2", "a/x#3", "a/x#2#2"]
