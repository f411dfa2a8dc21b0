"""Verdicts on items that come without one, by their reference answers."""

from collections.abc import Sequence
from dataclasses import replace

from lemma_hf.grading import grade_many
from lemma_hf.show.items import Item


def grade_missing(items: Sequence[Item], benchmark: str = "math", workers: int | None = None) -> list[Item]:
    """The items, each that has a reference answer and no verdict graded; the others as they are.

    Args:
        benchmark: the answer policy of items that do not name theirs, see `lemma_hf.grade`.
        workers: see `lemma_hf.grade_many`.
    """
    at = [index for index, item in enumerate(items) if item.grade is None and item.reference]
    grades = grade_many(
        [items[index].text for index in at],
        [items[index].reference for index in at],
        benchmark=[items[index].groups.get("benchmark", benchmark) for index in at],
        workers=workers,
    )
    graded = dict(zip(at, grades, strict=True))
    return [replace(item, grade=graded[index]) if index in graded else item for index, item in enumerate(items)]
