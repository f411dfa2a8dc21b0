"""Stages `grade` and `keep wrong`: attempts are graded, then only the wrong ones go on, which hold a mistake."""

from collections.abc import Sequence
from dataclasses import replace

from lemma_hf.grading import grade_many
from lemma_hf.pipeline.stage import Stage
from lemma_hf.records import Attempt, Dropped, DropReason, Grade, Outcome

UNGRADED = {
    Outcome.NO_ANSWER: DropReason.NO_ANSWER,
    Outcome.UNREADABLE_REFERENCE: DropReason.REFERENCE_UNREADABLE,
    Outcome.TIMEOUT: DropReason.TIMEOUT,
}
"""Outcomes that are neither right nor wrong, and the reason for which such an item is dropped."""


def grade_stage(benchmark: str = "math") -> Stage[Attempt, Attempt]:
    """Grade each attempt that comes without a grade; the right and the wrong ones go on, with their grade.

    The right ones are needed too: they show how hard a problem is, and are targets for Fresh & Restart.

    Args:
        benchmark: how answers are read, see `lemma_hf.grade`.
    """

    def work(attempts: Sequence[Attempt]) -> list[Attempt | Dropped]:
        bare = [attempt for attempt in attempts if attempt.grade is None]
        references = [attempt.problem.reference_answer for attempt in bare]
        grades = iter(grade_many([attempt.text for attempt in bare], references, benchmark=benchmark))
        return [_graded(attempt, next(grades) if attempt.grade is None else attempt.grade) for attempt in attempts]

    return Stage("grade", work, batch=512)


def wrong_stage() -> Stage[Attempt, Attempt]:
    """Keep the wrong attempts of those that are graded."""

    def work(attempts: Sequence[Attempt]) -> list[Attempt | Dropped]:
        return [_dropped(attempt, DropReason.ALREADY_RIGHT) if is_right(attempt) else attempt for attempt in attempts]

    return Stage("keep wrong", work, batch=512)


def is_right(attempt: Attempt) -> bool:
    """Whether an attempt is graded, and right."""
    return attempt.grade is not None and attempt.grade.outcome is Outcome.RIGHT


def _graded(attempt: Attempt, grade: Grade) -> Attempt | Dropped:
    if grade.outcome in UNGRADED:
        return _dropped(attempt, UNGRADED[grade.outcome], grade.detail)
    return replace(attempt, grade=grade)


def _dropped(attempt: Attempt, reason: DropReason, detail: str = "") -> Dropped:
    return Dropped(attempt.name, "grade", reason, detail)
