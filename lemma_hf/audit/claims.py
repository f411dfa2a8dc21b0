r"""Answers that a row claims between its turns, each graded by itself.

    It is \boxed{62}. Wait, that is wrong. It is \boxed{72}.        reference 72: the claim before the turn is WRONG

A claim belongs to the turn behind it: what was claimed before a second turn says nothing about the first one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tqdm.auto import tqdm

from lemma_hf.audit.doubts import Doubt
from lemma_hf.grading import extract_answer, grade_many
from lemma_hf.records import Grade, Outcome
from lemma_hf.show import Item
from lemma_hf.solutions import claims_answer

MAX_TURNS = 200
"""Turns of one row that are judged; the traces of thinking models turn some ten times, loops thousands of times."""
# "```python … ```", or to the end where it is not closed
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_CHUNK = 256
"""Claims graded between two updates of the progress bar, as in `lemma-hf grade`."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The answer that a row claims before a turn."""

    grade: Grade
    """Against the reference or, where none is known, against the answer that the row ends with."""
    by_reference: bool
    in_step: bool
    """Whether the doubted step itself claims it; else steps stand in between, and one of them may be doubted."""
    quoted: bool = False
    r"""Whether it is a wrong answer that was claimed before an earlier turn: "I wrote \boxed{62} by mistake" claims
    nothing, and cannot be told from an answer that is kept."""


def grade_claims(
    items: Sequence[Item],
    doubts: Sequence[Sequence[Doubt]],
    *,
    benchmark: str = "math",
    workers: int | None = None,
) -> list[tuple[Claimed | None, ...]]:
    """Grade the claim before each turn of each row; None where none is made.

    Args:
        doubts: of each item, see `find_doubts`; the first `MAX_TURNS` are read.
        benchmark: how answers are read, where a row does not name one; see `lemma_hf.grade`.
        workers: see `lemma_hf.grade_many`.
    """
    places = [
        (row, turn)
        for row, several in enumerate(doubts)
        for turn, doubt in enumerate(several[:MAX_TURNS])
        if claims_answer(without_code(doubt.since))
    ]
    references = {row: _reference(items[row]) for row in {row for row, _ in places}}
    found: list[list[Claimed | None]] = [[None] * len(several) for several in doubts]
    with tqdm(total=len(places), desc="grading claims", unit=" claims", disable=None) as bar:
        for start in range(0, len(places), _CHUNK):
            chunk = places[start : start + _CHUNK]
            grades = grade_many(
                [without_code(doubts[row][turn].since) for row, turn in chunk],
                [references[row] for row, _ in chunk],
                benchmark=[items[row].groups.get("benchmark", benchmark) for row, _ in chunk],
                workers=workers,
            )
            for (row, turn), grade in zip(chunk, grades, strict=True):
                known = items[row].grade is not None
                found[row][turn] = Claimed(grade, known, claims_answer(without_code(doubts[row][turn].before)))
            bar.update(len(chunk))
    return [tuple(_with_quotes(several)) for several in found]


def _with_quotes(claims: Sequence[Claimed | None]) -> Iterator[Claimed | None]:
    wrong = set[str | None]()
    for claim in claims:
        if claim is None or claim.grade.outcome is not Outcome.WRONG:
            yield claim
        else:
            yield replace(claim, quoted=claim.grade.extracted in wrong)
            wrong.add(claim.grade.extracted)


def without_code(text: str) -> str:
    r"""Return a text without its blocks of code, whose comments and prints claim nothing.

    Example:
        >>> without_code("So it is 5.\n```python\n# the answer is x\n```\nGood.")
        'So it is 5.\n\nGood.'
    """
    return _CODE.sub("", text)


def _reference(item: Item) -> str:
    """The right answer or, where it is not known, the last one of the row."""
    if item.grade is not None:
        return item.grade.reference
    return extract_answer(item.text).text or ""
