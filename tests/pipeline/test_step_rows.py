"""Rows with steps: what is read of them, what is refused, and how a verdict is written."""

from typing import Any

import pytest

from lemma_hf.errors import DataError
from lemma_hf.pipeline.step_rows import graded, judge, to_attempt, verdict_fields
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Outcome, Problem
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import ScriptedTeacher

PLACE = "rows.jsonl, line 7"
ROW: dict[str, Any] = {"problem": "What is 2 * 3 + 1?", "steps": ["2 * 3 = 6", "6 + 1 = 8", "The answer is: 8"]}


def read(**fields: Any) -> Attempt:
    return to_attempt(ROW | fields, PLACE)


def test_the_text_of_an_attempt_is_its_steps_one_a_line() -> None:
    assert read().text == "2 * 3 = 6\n6 + 1 = 8\nThe answer is: 8"
    assert read(steps=["a\n", "b"]).steps == ("a\n", "b")


def test_a_solution_is_cut_into_steps_and_a_question_is_a_problem() -> None:
    attempt = to_attempt({"question": "2 + 2?", "solution": "2 + 2 = 4\nThe answer is: 4"}, PLACE)
    assert attempt.steps == ("2 + 2 = 4\n", "The answer is: 4")
    assert attempt.problem.question == "2 + 2?"


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"answer": "7"}, "7"),
        ({"answer": 7}, "7"),
        ({"answer": "8", "reference": "6+1=7\n#### 7"}, "8"),
        ({"reference": "6+1=7\n#### 7"}, "7"),
        ({"reference": "6+1=7\n#### 7\nThe answer is: 7"}, "7"),
        ({"reference": "So the answer is 7."}, "7"),
        ({"reference": "2 * 3 = 6.\n6 + 1 = 7.\n 7"}, "7"),
        ({"reference": None}, ""),
        ({}, ""),
    ],
)
def test_the_reference_answer_is_read_where_it_stands(fields: dict[str, Any], answer: str) -> None:
    assert read(**fields).problem.reference_answer == answer


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"problem": None}, "need the question as text in `problem` or `question`, found nothing"),
        ({"problem": 3}, "need text in `problem`, found int 3"),
        ({"problem": "  "}, "need the question as text"),
        ({"steps": []}, "need a list of texts in `steps`, with one at least; found a list of 0"),
        ({"steps": "2 * 3 = 6"}, "need a list of texts in `steps`, with one at least; found str '2 \\* 3 = 6'"),
        ({"steps": ["a", 5]}, "need text in `steps`, found int 5 as step 1, counted from 0"),
        ({"steps": ["a", ["b"]]}, "found a list of 1 as step 1"),
        ({"steps": None}, "need `steps`, a list of texts, or `solution`, a text; it has neither"),
        ({"steps": None, "solution": 4}, "need text in `solution`, found int 4"),
        ({"reference": {"a": 1}}, "need text in `reference`, found a dict of 1"),
        ({"answer": [1, 2]}, "`answer`, but got list"),
    ],
)
def test_a_broken_row_is_named_with_its_place_and_field(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=f"rows.jsonl, line 7.*{message}"):
        read(**fields)


def test_a_value_of_a_megabyte_is_not_repeated_in_a_message() -> None:
    with pytest.raises(DataError) as error:
        read(steps="x" * 2**20)
    assert len(str(error.value)) < 300


def test_attempts_are_graded_where_the_answer_is_known() -> None:
    wrong, right, unknown = graded([read(answer="7"), read(answer="8"), read()])
    assert wrong.grade is not None and wrong.grade.outcome is Outcome.WRONG
    assert right.grade is not None and right.grade.outcome is Outcome.RIGHT
    assert unknown.grade is None


def test_a_teacher_is_asked_in_batches_and_in_order() -> None:
    attempts = [Attempt(Problem(str(n), "?", "1"), ("a", "b")) for n in range(130)]
    script: list[Error | Dropped] = [Error(None, 1 + n % 2) for n in range(130)]
    assert judge(ScriptedTeacher(analyse=script), attempts) == script


@pytest.mark.parametrize(
    ("verdict", "step", "kind", "reason"),
    [
        (Error(ErrorType.COUNTING, 3, sureness=0.8), 2, "counting", None),
        (Error(None, 1), 0, None, None),
        (Dropped("p", "analyse", DropReason.ALREADY_RIGHT), -1, None, None),
        (Dropped("p", "analyse", DropReason.ALL_STEPS_RIGHT), -1, None, None),
        (Dropped("p", "analyse", DropReason.ERROR_NOT_FOUND, "why"), None, None, "error_not_found"),
        (Dropped("p", "analyse", DropReason.NO_REFERENCE_SOLUTION), None, None, "no_reference_solution"),
    ],
)
def test_every_verdict_has_the_same_fields(
    verdict: Error | Dropped, step: int | None, kind: str | None, reason: str | None
) -> None:
    fields = verdict_fields(verdict, "predicted_error")
    assert list(fields) == ["predicted_error", "error_type", "sureness", "abstained"]
    assert (fields["predicted_error"], fields["error_type"]) == (step, kind)
    assert (fields["abstained"] or {}).get("reason") == reason
