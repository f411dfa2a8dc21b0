"""Rows with the steps of an attempt → attempts, graded where the answer is known; a teacher's verdict → fields.

A row:

    problem     the question; `question` is read too
    steps       a list of texts; or `solution`, one text, which is cut into steps
    reference   a worked solution, or null; a teacher that is a model does without
    answer      the reference answer; else it is read in the reference, behind `####` or as grading reads it
    id          any name, or null
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tqdm.auto import tqdm

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.grading import bare_reference, extract_answer, grade_many
from lemma_hf.grading.values import text_of
from lemma_hf.pipeline.engine import stage_hints
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Problem
from lemma_hf.solutions.spans import split_steps
from lemma_hf.teachers import Teacher

CALLED_RIGHT = frozenset((DropReason.ALREADY_RIGHT, DropReason.ALL_STEPS_RIGHT))
"""Verdicts that say: no step is wrong. All others without a step are abstentions."""
ALL_RIGHT = -1
"""The first wrong step of an attempt without one, where steps are counted from 0."""

_BATCH = 64
"""Attempts between two updates of the progress bar."""
_LONGEST_SHOWN = 60
"""Characters of a wrong value that a message repeats."""


def to_attempt(row: Mapping[str, Any], place: str) -> Attempt:
    r"""The attempt of a row, not yet graded.

    Args:
        place: file and row, for messages.

    Raises:
        DataError: naming place and field, if the question or the steps are missing or no text.

    Example:
        >>> row = {"problem": "What is 2 * 3 + 1?", "steps": ["2 * 3 = 6", "6 + 1 = 8"], "reference": "6+1=7\n#### 7"}
        >>> attempt = to_attempt(row, "rows.jsonl, line 1")
        >>> attempt.steps, attempt.problem.reference_answer
        (('2 * 3 = 6\n', '6 + 1 = 8'), '7')
    """
    name = "problem" if row.get("problem") is not None else "question"
    question = _text(row, name, place)
    if question is None or not question.strip():
        raise DataError(f"{place}: need the question as text in `problem` or `question`, found {_shown(question)}")
    reference = _text(row, "reference", place) or ""
    problem = Problem(
        id=str(row.get("id") or place),
        question=question,
        reference_answer=_answer(row, reference, place),
        reference_solution=reference,
    )
    return Attempt(problem, _steps(row, place))


def graded(attempts: Sequence[Attempt], benchmark: str = "math") -> list[Attempt]:
    """The attempts with their grades, where the reference answer is known; the others as they are.

    A teacher is asked about the wrong step of a wrong attempt. So an attempt with the right answer is called right
    (ALREADY_RIGHT) as in a run that makes a dataset, though one of its steps may be wrong.

    Args:
        benchmark: how answers are read, see `lemma_hf.grade`.
    """
    known = [place for place, attempt in enumerate(attempts) if attempt.problem.reference_answer]
    grades = grade_many(
        [attempts[place].text for place in known],
        [attempts[place].problem.reference_answer for place in known],
        benchmark=benchmark,
    )
    found = list(attempts)
    for place, grade in zip(known, grades, strict=True):
        found[place] = replace(found[place], grade=grade)
    return found


def judge(teacher: Teacher, attempts: Sequence[Attempt]) -> list[Error | Dropped]:
    """The teacher's verdict on each attempt, in batches, with a progress bar where the teacher shows none."""
    hints = stage_hints(teacher)
    size = int(hints.get("batch", _BATCH))
    found: list[Error | Dropped] = []
    with tqdm(total=len(attempts), desc="analyse", unit=" rows", disable=bool(hints.get("shows_progress"))) as bar:
        for start in range(0, len(attempts), size):
            found += teacher.analyse(attempts[start : start + size])
            bar.update(len(found) - start)
    return found


def verdict_fields(verdict: Error | Dropped, step_field: str = "first_error") -> dict[str, Any]:
    """A teacher's verdict as fields of a row, the same ones for every verdict.

    Args:
        step_field: the name of the field with the step.

    Example:
        >>> verdict_fields(Dropped("p", "analyse", DropReason.ALL_STEPS_RIGHT))["first_error"]
        -1
        >>> verdict_fields(Dropped("p", "analyse", DropReason.UNSURE, "0.4"))["abstained"]
        {'reason': 'unsure', 'detail': '0.4'}
    """
    fields: dict[str, Any] = {step_field: None, "error_type": None, "sureness": None, "abstained": None}
    if isinstance(verdict, Error):
        kind = str(verdict.type) if verdict.type is not None else None
        return fields | {step_field: verdict.step - 1, "error_type": kind, "sureness": verdict.sureness}
    if verdict.reason in CALLED_RIGHT:
        return fields | {step_field: ALL_RIGHT}
    return fields | {"abstained": {"reason": str(verdict.reason), "detail": verdict.detail}}


def _steps(row: Mapping[str, Any], place: str) -> tuple[str, ...]:
    """The steps, each with its line break, so that the text is their join."""
    steps = row.get("steps")
    if steps is None:
        solution = _text(row, "solution", place)
        if solution is None:
            raise DataError(f"{place}: need `steps`, a list of texts, or `solution`, a text; it has neither")
        return split_steps(solution) or (solution,)
    if not isinstance(steps, list | tuple) or not steps:
        raise DataError(f"{place}: need a list of texts in `steps`, with one at least; found {_shown(steps)}")
    for number, step in enumerate(steps):
        if not isinstance(step, str):
            raise DataError(f"{place}: need text in `steps`, found {_shown(step)} as step {number}, counted from 0")
    return (*(step if step.endswith("\n") else f"{step}\n" for step in steps[:-1]), steps[-1])


def _answer(row: Mapping[str, Any], reference: str, place: str) -> str:
    """The reference answer, or empty where none is known."""
    if row.get("answer") is not None:
        try:
            return text_of(row["answer"], f"{place}: `answer`").strip()
        except ConfigError as error:
            raise DataError(str(error)) from None
    if "####" in reference:
        return bare_reference(reference).strip()
    return (extract_answer(reference).text or "").strip()


def _text(row: Mapping[str, Any], field: str, place: str) -> str | None:
    value = row.get(field)
    if value is None or isinstance(value, str):
        return value
    raise DataError(f"{place}: need text in `{field}`, found {_shown(value)}")


def _shown(value: object) -> str:
    """A wrong value in a few words, whatever its size."""
    if value is None:
        return "nothing"
    kind = type(value).__name__
    if isinstance(value, list | tuple | dict):
        return f"a {kind} of {len(value)}"
    shown = repr(value[:_LONGEST_SHOWN] if isinstance(value, str) else value)
    return f"{kind} {shown[:_LONGEST_SHOWN]}"
