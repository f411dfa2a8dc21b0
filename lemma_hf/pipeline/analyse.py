"""Stage `analyse`: the teacher finds the first wrong step of each attempt, and its error type."""

from collections.abc import Iterator, Sequence

from lemma_hf.pipeline.engine import Stage, stage_hints
from lemma_hf.pipeline.false_steps import announcement
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Flawed
from lemma_hf.solutions import shows_work
from lemma_hf.teachers import Teacher

_SHOWN = 100
"""Characters of an attempt without steps that its record shows: most have fewer."""


def analyse_stage(teacher: Teacher) -> Stage[Attempt, Flawed]:
    """Find the first wrong step of each attempt.

    An attempt that only states an answer is dropped (NO_STEPS), and the teacher is not asked: its "first wrong step"
    would be the answer, and a model trained on it would learn to guess first. How hard a problem is, is counted before
    (`error_distribution`), and there it stays a right or a wrong attempt.

    Where the step that is named only announces others, such as a heading, it is dropped too (STATES_NOTHING), before
    anything is paid for its correction: many steps that a small model names are of this kind.
    """

    def work(attempts: Sequence[Attempt]) -> list[Flawed | Dropped]:
        judged = [without_steps(attempt) or attempt for attempt in attempts]
        kept = [item for item in judged if isinstance(item, Attempt)]
        verdicts: Iterator[Error | Dropped] = iter(teacher.analyse(kept) if kept else ())
        return [item if isinstance(item, Dropped) else _flawed(item, next(verdicts)) for item in judged]

    return Stage("analyse", work, **stage_hints(teacher))


def without_steps(attempt: Attempt) -> Dropped | None:
    """The record that drops an attempt without steps, see `lemma_hf.solutions.shows_work`; None for one with steps."""
    if not attempt.text.strip() or shows_work(attempt.steps):
        return None
    said = " ".join(attempt.text.split())
    detail = f"it only states an answer: {said if len(said) <= _SHOWN else said[:_SHOWN] + ' …'}"
    return Dropped(attempt.name, "analyse", DropReason.NO_STEPS, detail)


def _flawed(attempt: Attempt, verdict: Error | Dropped) -> Flawed | Dropped:
    if isinstance(verdict, Dropped):
        return verdict
    if verdict.step > len(attempt.steps):
        detail = f"said to be step {verdict.step} of {len(attempt.steps)}"
        return Dropped(attempt.name, "analyse", DropReason.STEP_OUT_OF_RANGE, detail)
    flawed = Flawed(attempt, verdict)
    said = flawed.wrong_step.strip()
    if why := announcement(said, attempt.problem.question):
        return Dropped(attempt.name, "analyse", DropReason.STATES_NOTHING, f"{why}: {said[:_SHOWN]!r}")
    return flawed
