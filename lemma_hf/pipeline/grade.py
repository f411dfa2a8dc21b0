"""Which attempts are wrong? The stage that keeps those: only a wrong answer holds a mistake that can be shown."""

from collections.abc import Sequence
from dataclasses import replace

from lemma_hf.grading import grade_many
from lemma_hf.pipeline.stage import Stage
from lemma_hf.records import Attempt, Dropped, DropReason, Grade, Outcome

_REASONS = {
    Outcome.RIGHT: DropReason.ALREADY_RIGHT,
    Outcome.NO_ANSWER: DropReason.NO_ANSWER,
    Outcome.UNREADABLE_REFERENCE: DropReason.REFERENCE_UNREADABLE,
    Outcome.TIMEOUT: DropReason.TIMEOUT,
}


def grade_stage(benchmark: str = "math") -> Stage[Attempt, Attempt]:
    """Grade each attempt; those that are wrong go on, with their grade.

    Args:
        benchmark: how answers are read, see `lemma_hf.grade`.
    """

    def work(attempts: Sequence[Attempt]) -> list[Attempt | Dropped]:
        texts, references = [a.text for a in attempts], [a.problem.reference_answer for a in attempts]
        grades = grade_many(texts, references, benchmark=benchmark)
        return [_wrong_or_dropped(attempt, grade) for attempt, grade in zip(attempts, grades, strict=True)]

    return Stage("grade", work, batch=512)


def _wrong_or_dropped(attempt: Attempt, grade: Grade) -> Attempt | Dropped:
    if grade.outcome is Outcome.WRONG:
        return replace(attempt, grade=grade)
    return Dropped(attempt.id or attempt.problem.id, "grade", _REASONS[grade.outcome], grade.detail)
