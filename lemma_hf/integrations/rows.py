r"""Rows as a harness passes them on: reading their question, reference answer and worked solution.

GSM8K       question, answer: a worked solution that ends in "#### 18"
MATH        problem, solution with a box, type, level
MATH-500    problem, solution with a box, answer, subject, level
"""

from lemma_hf.data.benchmark_rows import BenchmarkRow, read_answer, read_question
from lemma_hf.errors import DataError


def question_of(row: BenchmarkRow) -> str:
    """The question of a row, under `question` or `problem`.

    Raises:
        DataError: if it has neither.
    """
    return read_question(row) or _refuse(row, "question", "problem")


def reference_of(row: BenchmarkRow) -> str:
    r"""The reference answer of a row: its `answer`, or what the last box of its `solution` holds.

    Raises:
        DataError: if it has neither, or a solution without a box.

    Example:
        >>> reference_of({"answer": "9 * 2 = 18\n#### 18"}), reference_of({"solution": r"So it is $\boxed{\frac12}$."})
        ('18', '\\frac12')
    """
    answer, worked = read_answer(row)
    if worked and not answer:
        raise DataError(f"need an `answer`, or a `solution` that boxes it, but found the solution {worked[:80]!r}")
    return answer or _refuse(row, "answer", "solution")


def solution_of(row: BenchmarkRow) -> str:
    r"""The worked solution of a row as LEMMA writes it, for few-shot examples.

    Example:
        >>> solution_of({"answer": "9 * 2 = <<9*2=18>>18\n#### 18"})
        '9 * 2 = 18\nThe answer is: 18'
    """
    answer, worked = reference_of(row), read_answer(row)[1]
    return f"{worked or answer}\nThe answer is: {answer}"


def _refuse(row: BenchmarkRow, *names: str) -> str:
    have = ", ".join(f"`{name}`" for name in list(row)[:20]) or "no columns"
    raise DataError(f"a row needs a column {' or '.join(f'`{name}`' for name in names)}, but has {have}")
