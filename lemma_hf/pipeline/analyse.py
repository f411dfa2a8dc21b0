"""Stage `analyse`: the teacher finds the first wrong step of each attempt, and its error type."""

from collections.abc import Sequence

from lemma_hf.pipeline.engine import Stage, stage_hints
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Flawed
from lemma_hf.teachers import Teacher


def analyse_stage(teacher: Teacher) -> Stage[Attempt, Flawed]:
    """Find the first wrong step of each attempt."""

    def work(attempts: Sequence[Attempt]) -> list[Flawed | Dropped]:
        verdicts = teacher.analyse(attempts)
        return [_flawed(attempt, verdict) for attempt, verdict in zip(attempts, verdicts, strict=True)]

    return Stage("analyse", work, **stage_hints(teacher))


def _flawed(attempt: Attempt, verdict: Error | Dropped) -> Flawed | Dropped:
    if isinstance(verdict, Dropped):
        return verdict
    if verdict.step > len(attempt.steps):
        detail = f"said to be step {verdict.step} of {len(attempt.steps)}"
        return Dropped(attempt.name, "analyse", DropReason.STEP_OUT_OF_RANGE, detail)
    return Flawed(attempt, verdict)
