r"""Rows of a benchmark as problems, from any copy: the Hub's columns, the authors' own, or ours.

GSM8K   {"question": "…", "answer": "9 * 2 = <<9*2=18>>18\n#### 18"}         answer 18, the rest is the solution
MATH    {"problem": "…", "solution": "… $\\boxed{p - q}$ …", "level": "Level 5"}   answer p - q
ASDiv   {"body": "…", "question": "…?", "answer": "9 (apples)"}              answer 9, body and question joined
ours    {"question": "…", "answer": "18", "solution": "…"}                   as it stands
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lemma_hf.grading import box_content
from lemma_hf.records import Dropped, DropReason, Problem
from lemma_hf.solutions.step_facts import without_notes

BenchmarkRow = Mapping[str, Any]


class AnswerRule(StrEnum):
    """The place of the reference answer. By each rule a bare answer stays as it is, so that any copy is read."""

    PLAIN = "plain"
    """The answer's column holds it."""
    HASHES = "hashes"
    """Behind the last `####` of a worked solution."""
    BOXED = "boxed"
    r"""In the last `\boxed` of the solution, unless there is a column of its own."""
    UNIT = "unit"
    """A unit or a note stands behind it in brackets: `9 (apples)`."""


@dataclass(frozen=True, slots=True)
class BenchmarkColumns:
    """The names of a benchmark's columns on the Hub; an empty one means that there is no such column."""

    question: tuple[str, ...] = ("question",)
    """Several are joined by a space."""
    answer: str = "answer"
    solution: str = ""
    subject: str = ""
    level: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The rules by which the rows of one benchmark are read."""

    name: str
    """The benchmark's name: the source of its problems, and the beginning of their ids."""
    columns: BenchmarkColumns
    rule: AnswerRule
    several: str = ""
    """The mark between the answers of a question that asks for several; such a row is dropped. Empty: none is."""


_ELSEWHERE = BenchmarkColumns(("question", "problem", "input"), "answer", "solution", "subject", "level", "id")
"""Names in other copies, the authors' and ours, where a row lacks those of the Hub."""
_OTHER_ANSWERS = ("answer", "result", "target", "final_ans")
_OTHER_SUBJECTS = ("subject", "type", "solution_type", "topic", "data_topic")
# "9 (apples)"
_UNIT = re.compile(r"(.*\S)\s*\([^()]*\)")
"""An answer with its unit: `9 (apples)`."""


def rows_to_problems(rows: Iterable[tuple[int, BenchmarkRow]], reading: Reading) -> Iterator[Problem | Dropped]:
    """The problems of numbered rows, in order, each with an id of its own.

    An id is the benchmark's name and the row's own id, or else its number, `gsm8k/17`; one that comes up again gets
    `~2`, `~3` and so on, as rows with one id would be taken for one problem.
    """
    seen: Counter[str] = Counter()
    for number, row in rows:
        item = _row_to_problem(row, reading, number)
        seen[item.id] += 1
        yield item if seen[item.id] == 1 else replace(item, id=f"{item.id}~{seen[item.id]}")


def _row_to_problem(row: BenchmarkRow, reading: Reading, number: int) -> Problem | Dropped:
    r"""One row as a problem; or `Dropped`, if it has no question (BAD_ROW) or no single answer (NO_REFERENCE_ANSWER).

    Example:
        >>> gsm8k = Reading("gsm8k", BenchmarkColumns(), AnswerRule.HASHES)
        >>> row = {"question": "How many?", "answer": "9 * 2 = <<9*2=18>>18\n#### 18"}
        >>> _row_to_problem(row, gsm8k, 1).reference_answer
        '18'
    """
    row = _lower(row)
    names, columns = reading.name, reading.columns
    own = _text(row, columns.id, _ELSEWHERE.id)
    item = own if own.startswith(f"{names}/") else f"{names}/{own or number}"
    question = _question(row, columns.question)
    if not question:
        wanted = " + ".join(f"`{name}`" for name in columns.question)
        return Dropped(item, "problems", DropReason.BAD_ROW, f"row {number}: no question in {wanted}; {_has(row)}")
    answer, solution = _answer(row, columns, reading.rule)
    if not answer:
        return Dropped(item, "problems", DropReason.NO_REFERENCE_ANSWER, f"row {number}: no answer; {_has(row)}")
    if reading.several and reading.several in answer:
        why = f"row {number}: asks for several answers, {answer[:60]!r}"
        return Dropped(item, "problems", DropReason.NO_REFERENCE_ANSWER, why)
    return Problem(
        id=item,
        question=question,
        reference_answer=answer,
        reference_solution=without_notes(solution).strip(),
        source=names,
        subject=_text(row, columns.subject, *_OTHER_SUBJECTS).removeprefix(f"{names}."),
        level=_level(_text(row, columns.level, _ELSEWHERE.level)),
    )


def read_question(row: BenchmarkRow) -> str:
    """The question of a row, whichever benchmark it is from; empty where there is none.

    Example:
        >>> read_question({"problem": "What is half of 3? ", "level": "Level 1"})
        'What is half of 3?'
    """
    return _text(_lower(row), *_ELSEWHERE.question)


def read_answer(row: BenchmarkRow) -> tuple[str, str]:
    r"""The answer and the worked solution of a row of GSM8K, MATH or MATH-500, each empty where there is none.

    Example:
        >>> read_answer({"question": "?", "answer": "9 * 2 = <<9*2=18>>18\n#### 18"})
        ('18', '9 * 2 = 18')
        >>> read_answer({"problem": "?", "solution": r"So it is $\boxed{\frac12}$."})
        ('\\frac12', 'So it is $\\boxed{\\frac12}$.')
    """
    row = _lower(row)
    rule = AnswerRule.HASHES if "####" in str(row.get("answer")) else AnswerRule.BOXED
    answer, solution = _answer(row, _ELSEWHERE, rule)
    return answer, without_notes(solution).strip()


def _lower(row: BenchmarkRow) -> BenchmarkRow:
    return {str(key).lower(): value for key, value in row.items()}


def _question(row: BenchmarkRow, names: tuple[str, ...]) -> str:
    if all(name.lower() in row for name in names):
        return " ".join(part for name in names if (part := _text(row, name)))
    return _text(row, *_ELSEWHERE.question)


def _answer(row: BenchmarkRow, columns: BenchmarkColumns, rule: AnswerRule) -> tuple[str, str]:
    """The answer and the worked solution, each empty where there is none."""
    answer = _text(row, columns.answer, *_OTHER_ANSWERS)
    solution = _text(row, columns.solution, _ELSEWHERE.solution)
    if rule is AnswerRule.HASHES and "####" in answer:
        worked, _, answer = answer.rpartition("####")
        return answer.strip(), worked
    if rule is AnswerRule.BOXED and not answer:
        return _last_box(solution), solution
    if rule is AnswerRule.UNIT and (found_unit := _UNIT.fullmatch(answer)):
        return found_unit[1], solution
    return answer, solution


def _last_box(solution: str) -> str:
    """The content of the last box alone, as is usual for MATH, also where a solution boxes two values side by side."""
    start = max(solution.rfind("\\boxed"), solution.rfind("\\fbox"))
    return (box_content(solution, start)[0] or "").strip() if start >= 0 else ""


def _text(row: BenchmarkRow, *names: str) -> str:
    """The text of the first of these columns that holds anything; empty where none does."""
    for name in names:
        value = row.get(name.lower()) if name else None
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, float) and math.isfinite(value):
            return str(int(value)) if value.is_integer() else repr(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def _level(text: str) -> str:
    """The level as MATH writes it: MATH-500 has `5` where MATH has `Level 5`."""
    return f"Level {text}" if text.isdecimal() else text


def _has(row: BenchmarkRow) -> str:
    return "the row has " + (", ".join(f"`{name}`" for name in list(row)[:20]) or "no columns")
