r"""Questions and answers of a benchmark's rows: the columns of GSM8K, MATH and MATH-500 on the Hub.

GSM8K       question, answer: a worked solution that ends in "#### 18"
MATH        problem, solution with a box, type, level
MATH-500    problem, solution with a box, answer, subject, level
"""

import re
from collections.abc import Mapping
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.grading.grade import bare_reference

HarnessRow = Mapping[str, Any]

_CALCULATOR = re.compile(r"<<[^<>\n]*>>")
"""GSM8K's notes for a calculator: `3 * 2 = <<3*2=6>>6`."""


def question_of(row: HarnessRow) -> str:
    """The question of a row, under `question` or `problem`.

    Raises:
        DataError: if it has neither.
    """
    return str(_first(row, "question", "problem"))


def reference_of(row: HarnessRow) -> str:
    r"""The reference answer of a row: its `answer`, or what the last box of its `solution` holds.

    Raises:
        DataError: if it has neither, or a solution without a box.

    Example:
        >>> reference_of({"answer": "9 * 2 = 18\n#### 18"}), reference_of({"solution": r"So it is $\boxed{\frac12}$."})
        ('18', '\\frac12')
    """
    text = str(_first(row, "answer", "solution"))
    if "####" in text:
        return text.rpartition("####")[2].strip()
    if row.get("answer") in (None, "") and "\\boxed" not in text:
        raise DataError(f"need an `answer`, or a `solution` that boxes it, but found the solution {text[:80]!r}")
    return bare_reference(text).strip()


def solution_of(row: HarnessRow) -> str:
    r"""The worked solution of a row as LEMMA writes it, for few-shot examples.

    Example:
        >>> solution_of({"answer": "9 * 2 = <<9*2=18>>18\n#### 18"})
        '9 * 2 = 18\nThe answer is: 18'
    """
    worked = str(row.get("solution") or row.get("answer") or "").partition("####")[0]
    return f"{_CALCULATOR.sub('', worked).strip()}\nThe answer is: {reference_of(row)}"


def _first(row: HarnessRow, *names: str) -> Any:
    for name in names:
        if row.get(name) not in (None, ""):
            return row[name]
    have = ", ".join(f"`{name}`" for name in list(row)[:20]) or "no columns"
    raise DataError(f"a row needs a column {' or '.join(f'`{name}`' for name in names)}, but has {have}")
