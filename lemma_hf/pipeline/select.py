"""Which trajectories are kept? Those right in the end, not told twice, not too long, not too many a problem."""

from collections import Counter
from collections.abc import Sequence

from lemma_hf.grading import grade_many
from lemma_hf.pipeline.stage import Stage
from lemma_hf.records import Dropped, DropReason, Grade, Outcome, SpanKind, Trajectory

Reason = tuple[DropReason, str]


def select_stage(
    *,
    benchmark: str = "math",
    max_characters: int = 4000,
    max_per_problem: int | None = None,
    max_rows: int | None = None,
) -> Stage[Trajectory, Trajectory]:
    """Keep what is worth training on; the first come are the first kept.

    Args:
        benchmark: how answers are read, see `lemma_hf.grade`.
        max_characters: of the whole solution.
        max_per_problem: trajectories of one question, whatever the id of its problem.
        max_rows: trajectories in all.
    """

    def work(trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        texts, references = [t.text for t in trajectories], [t.problem.reference_answer for t in trajectories]
        grades = grade_many(texts, references, benchmark=benchmark)
        seen: set[tuple[str, str]] = set()
        taken: Counter[str] = Counter()
        results: list[Trajectory | Dropped] = []
        for trajectory, grade in zip(trajectories, grades, strict=True):
            question = question_key(trajectory.problem.question)
            reason = _fault(trajectory, grade, max_characters)
            if not reason and (question, trajectory.text) in seen:
                reason = DropReason.DUPLICATE, ""
            if not reason and max_per_problem is not None and taken[question] >= max_per_problem:
                reason = DropReason.OVER_CAP, f"more than {max_per_problem} of one problem"
            if not reason and max_rows is not None and taken.total() >= max_rows:
                reason = DropReason.OVER_CAP, f"more than {max_rows} in all"
            if reason:
                results.append(Dropped(trajectory.id, "select", *reason))
                continue
            seen.add((question, trajectory.text))
            taken[question] += 1
            results.append(trajectory)
        return results

    return Stage("select", work, batch=None)


def question_key(question: str) -> str:
    """A question without its line breaks and double spaces: what makes two problems the same one."""
    return " ".join(question.split())


def _fault(trajectory: Trajectory, grade: Grade, max_characters: int) -> Reason | None:
    """What is wrong with a trajectory by itself."""
    if grade.outcome is not Outcome.RIGHT:
        return DropReason.ANSWER_WRONG, f"{grade.outcome}: claims {grade.extracted!r}, should be {grade.reference!r}"
    if trajectory.errors and not any(span.text.strip() for span in trajectory.of_kind(SpanKind.REFLECTION)):
        return DropReason.NO_REFLECTION, ""
    if len(trajectory.text) > max_characters:
        return DropReason.TOO_LONG, f"{len(trajectory.text)} characters"
    return None
