"""Attempts and problems from files, as `Attempt`s and `Problem`s.

*Annotated attempts*: a row has the question, a reference solution and a wrong solution, maybe also which step is wrong
and how (EIC's format). *Outputs*: a row has a question and what a model wrote; a file of problems with the same
questions has the reference solutions.

Columns may have any names: `name=column` says which column a field is read from.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lemma_hf.data.sources import field_of, read_records
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.pipeline.stage import Stage
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Grade, Outcome, Problem, question_key
from lemma_hf.solutions.step_facts import claimed_answer, split_prose_steps, to_prose
from lemma_hf.solutions.steps import split_line_steps
from lemma_hf.taxonomy import ErrorType
from lemma_hf.utils.files import place_of

ATTEMPT_FIELDS = ("question", "reference_solution", "solution", "reference_answer", "id", "error_step", "error_type")
"""Fields of an annotated attempt; the first three are needed, `reference_solution` only where the teacher needs it.
Without `reference_answer` the reference solution has to end in `#### answer`."""
OUTPUT_FIELDS = ("question", "output", "id", "source", "verdict")
"""Fields of an output; the first two are needed. Where `verdict` is true, the output is known to be right, and is not
graded again."""
PROBLEM_FIELDS = ("question", "solution", "answer", "id")
"""Fields of a problem; the first two are needed, `solution` only where the teacher needs it, and the answer as
above."""
SAID_RIGHT = "verdict of its file"
"""The rule of a grade that was read and not worked out."""

_THOUSANDS = re.compile(r"[-−]?\s?\$?\s?-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")  # such as 1,200 or -$12,345.50


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row with its place, for messages, and the columns of its fields."""

    path: Path
    line: int
    values: Mapping[str, Any]
    columns: Mapping[str, str]

    def text(self, field: str) -> str:
        """A field that must be present and must be text."""
        value: str = field_of(self.values, self.columns[field], self.path, self.line)
        return value

    def maybe(self, field: str, kind: type | tuple[type, ...]) -> Any:
        """A field that may be missing or null, and otherwise must be of `kind`."""
        column = self.columns.get(field)
        if column is None or self.values.get(column) is None:
            return None
        return field_of(self.values, column, self.path, self.line, kind)


def read_field_columns(pairs: Sequence[str], fields: Sequence[str], setting: str) -> dict[str, str]:
    """Read `name=column` pairs as a mapping; a field that is not named is in the column of its own name.

    Raises:
        ConfigError: if a pair is malformed or names no field.

    Example:
        >>> read_field_columns(["solution=wrong_solution"], ("question", "solution"), "attempt_columns")
        {'question': 'question', 'solution': 'wrong_solution'}
    """
    columns = dict(zip(fields, fields, strict=True))
    for pair in pairs:
        name, sign, column = pair.partition("=")
        if not sign or name not in columns or not column:
            raise ConfigError(f"`{setting}`: need name=column with a name of {', '.join(fields)}, found {pair!r}")
        columns[name] = column
    return columns


def read_attempt_rows(paths: Iterable[Path], columns: Mapping[str, str], where_from: str = "") -> Iterator[RawRow]:
    """Read the rows of several files.

    Args:
        where_from: how to get the files, shown where one is missing.

    Raises:
        DataError: naming the file, and the line where one is broken.
    """
    for path in paths:
        if not path.is_file():
            raise DataError(f"{path}: no such file" + (f"\n{where_from.strip()}" if where_from else ""))
        for line, values in read_records(path):
            yield RawRow(path, line, values, columns)


def annotated_stage(need_solutions: bool = True) -> Stage[RawRow, Attempt]:
    """A stage that turns rows of annotated attempts into attempts.

    Args:
        need_solutions: whether a row without a reference solution is dropped; its answer is needed all the same.
    """
    return Stage("read attempts", lambda rows: [_annotated(row, need_solutions) for row in rows], batch=512)


def output_stage(problems: Mapping[str, Problem]) -> Stage[RawRow, Attempt]:
    """A stage that turns rows of outputs into attempts at the problems with the same question (see `index_problems`).

    An output that its file says to be right comes with its grade, see `SAID_RIGHT`.
    """
    return Stage("read outputs", lambda rows: [_output(row, problems) for row in rows], batch=512)


def problem_stage(need_solutions: bool = True) -> Stage[RawRow, Problem]:
    """A stage that turns rows of problems into problems.

    Args:
        need_solutions: as for `annotated_stage`.
    """
    return Stage("read problems", lambda rows: [_problem(row, need_solutions) for row in rows], batch=512)


def index_problems(problems: Iterable[Problem]) -> dict[str, Problem]:
    """Problems by their question; the first of equal ones counts."""
    found: dict[str, Problem] = {}
    for problem in problems:
        found.setdefault(problem.key, problem)
    return found


def question_id(question: str) -> str:
    """A short name made of a hash of the question, so that it is the same in every file."""
    return "q-" + hashlib.sha256(question_key(question).encode()).hexdigest()[:12]


def _annotated(row: RawRow, need_solutions: bool) -> Attempt | Dropped:
    source = row.path.name.partition(".")[0]
    problem = _reference(row, "reference_solution", "reference_answer", source, need_solutions)
    if isinstance(problem, Dropped):
        return problem
    steps = tuple(to_prose(step) for step in split_line_steps(row.text("solution")))
    return Attempt(problem, steps, annotation=_annotation(row), id=_named(row, source))


def _named(row: RawRow, source: str) -> str:
    """The row's own id, or its line, with the source as prefix."""
    name = str(row.maybe("id", (str, int)) or row.line)
    return name if name.startswith(f"{source}/") else f"{source}/{name}"


def _annotation(row: RawRow) -> Error | None:
    step, kind = row.maybe("error_step", int), row.maybe("error_type", str)
    if step is None:
        return None
    try:
        return Error(ErrorType.from_text(kind) if kind is not None else None, step)
    except DataError as error:
        column = row.columns["error_step" if step < 1 else "error_type"]
        raise DataError(f"{row.path}, {place_of(row.line)}, field `{column}`: {error}") from None


def _output(row: RawRow, problems: Mapping[str, Problem]) -> Attempt | Dropped:
    question, output = row.text("question"), row.text("output")
    source = row.maybe("source", str) or row.path.name.partition(".")[0]
    name = _named(row, source)
    problem = problems.get(question_key(question))
    if problem is None:
        return Dropped(name, "read", DropReason.NO_REFERENCE_SOLUTION, "no problem has this question")
    if not output.strip():
        return Dropped(name, "read", DropReason.EMPTY)
    grade = _said_right(problem) if row.maybe("verdict", bool) is True else None
    return Attempt(replace(problem, source=source), split_prose_steps(output), grade, id=name)


def _said_right(problem: Problem) -> Grade:
    return Grade(Outcome.RIGHT, None, problem.reference_answer, SAID_RIGHT)


def _problem(row: RawRow, need_solutions: bool) -> Problem | Dropped:
    return _reference(row, "solution", "answer", row.path.name.partition(".")[0], need_solutions)


def _reference(
    row: RawRow, solution_field: str, answer_field: str, source: str, need_solutions: bool
) -> Problem | Dropped:
    """The problem of a row, with its answer from the row or from the end of the solution."""
    question = row.text("question")
    solution = row.text(solution_field) if need_solutions else row.maybe(solution_field, str) or ""
    answer = row.maybe(answer_field, (str, int, float))
    if answer is None:
        answer = claimed_answer(solution.rstrip().rpartition("\n")[2]) or ""
    if isinstance(answer, float):
        answer = str(int(answer)) if answer.is_integer() else str(answer)
    answer = str(answer).strip()
    # "1,200" is one number, "(1,200)" is a pair.
    answer = answer.replace(",", "") if _THOUSANDS.fullmatch(answer) else answer
    name = question_id(question)
    if need_solutions and not solution.strip():
        return Dropped(name, "read", DropReason.NO_REFERENCE_SOLUTION, f"{row.path.name}, {place_of(row.line)}")
    if not answer:
        return Dropped(name, "read", DropReason.NO_REFERENCE_ANSWER, f"{row.path.name}, {place_of(row.line)}")
    return Problem(name, question, answer, solution, source)
