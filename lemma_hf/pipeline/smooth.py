"""Stage `smooth`: the teacher makes the turn read naturally; the error and all before it must stay as they are."""

from collections.abc import Sequence
from itertools import takewhile

from lemma_hf.pipeline.engine import Stage, stage_hints
from lemma_hf.records import Dropped, DropReason, Span, SpanKind, Trajectory
from lemma_hf.teachers import Teacher


def smooth_stage(teacher: Teacher) -> Stage[Trajectory, Trajectory]:
    """Smooth each trajectory; one that comes back with other kinds of spans or other errors is dropped.

    So is one in which anything before the first reflection changed: what the student wrote must stay word for word.
    """

    def work(trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        smoothed = teacher.smooth(trajectories)
        return [_same_shape(before, after) for before, after in zip(trajectories, smoothed, strict=True)]

    return Stage("smooth", work, **stage_hints(teacher))


def _same_shape(before: Trajectory, after: Trajectory | Dropped) -> Trajectory | Dropped:
    if isinstance(after, Dropped):
        return after
    kinds = [span.kind for span in before.spans], [span.kind for span in after.spans]
    if kinds[0] != kinds[1] or before.errors != after.errors:
        detail = f"had the spans {', '.join(kinds[0])}, came back with {', '.join(kinds[1])}"
        return Dropped(before.id, "smooth", DropReason.SPANS_LOST, detail)
    if _prefix(before) != _prefix(after):
        return Dropped(before.id, "smooth", DropReason.SPANS_LOST, "changed what stands before the reflection")
    return after


def _prefix(trajectory: Trajectory) -> list[Span]:
    return list(takewhile(lambda span: span.kind is not SpanKind.REFLECTION, trajectory.spans))
