"""Does the turn read naturally? The stage that has the teacher smooth it, and makes sure that the error stayed."""

from collections.abc import Sequence

from lemma_hf.pipeline.stage import Stage
from lemma_hf.records import Dropped, DropReason, Trajectory
from lemma_hf.teacher import Teacher


def smooth_stage(teacher: Teacher) -> Stage[Trajectory, Trajectory]:
    """Smooth each trajectory; one that comes back with other kinds of spans or other errors is dropped."""

    def work(trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        smoothed = teacher.smooth(trajectories)
        return [_same_shape(before, after) for before, after in zip(trajectories, smoothed, strict=True)]

    return Stage("smooth", work)


def _same_shape(before: Trajectory, after: Trajectory | Dropped) -> Trajectory | Dropped:
    if isinstance(after, Dropped):
        return after
    kinds = [span.kind for span in before.spans], [span.kind for span in after.spans]
    if kinds[0] != kinds[1] or before.errors != after.errors:
        detail = f"had the spans {', '.join(kinds[0])}, came back with {', '.join(kinds[1])}"
        return Dropped(before.id, "smooth", DropReason.SPANS_LOST, detail)
    return after
