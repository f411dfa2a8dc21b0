"""Stage `verify`: from the steps before the named error the student must still be able to reach the answer.

Where none of its roll-outs reaches it, one of those steps may be wrong already, and the named step be too late: then a
wrong step would stand among the right ones. Where one does, nothing speaks against them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lemma_hf.grading import grade_many
from lemma_hf.inference import Completion, Sampling, Student, own_completion
from lemma_hf.pipeline.continuation import continuation_prompt
from lemma_hf.pipeline.engine import Stage, stage_hints
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import Dropped, DropReason, Flawed, Outcome


@dataclass(frozen=True, slots=True)
class _Prefixes:
    """The work of the stage."""

    student: Student
    sampling: Sampling
    style: PromptStyle
    benchmark: str

    def __call__(self, items: Sequence[Flawed]) -> list[Flawed | Dropped]:
        # With no step before the error there is no step that could be wrong already.
        asked = [item for item in items if "".join(item.right_steps).strip()]
        written = iter(self.student.complete([self._prompt(item) for item in asked], self.sampling) if asked else [])
        outcomes = iter(self._reached([(item, next(written)) for item in asked]))
        return [next(outcomes) if "".join(item.right_steps).strip() else item for item in items]

    def _prompt(self, item: Flawed) -> str:
        return continuation_prompt(self.style, item.problem.question, item.right_steps)

    def _reached(self, rolled: Sequence[tuple[Flawed, Sequence[Completion]]]) -> list[Flawed | Dropped]:
        written = [(item, own_completion(one, self.style)) for item, completions in rolled for one in completions]
        ends = [(item, one) for item, one in written if one.finished and one.text.strip()]
        grades = grade_many(
            ["".join(item.right_steps) + one.text for item, one in ends],
            [item.problem.reference_answer for item, _ in ends],
            benchmark=self.benchmark,
        )
        right = {id(item) for (item, _), grade in zip(ends, grades, strict=True) if grade.outcome is Outcome.RIGHT}
        return [_outcome(item, completions, id(item) in right) for item, completions in rolled]


def verify_stage(
    student: Student, sampling: Sampling, style: PromptStyle, benchmark: str = "math"
) -> Stage[Flawed, Flawed]:
    """Drop each attempt whose right steps lead to the answer in none of `sampling.n` roll-outs.

    An attempt whose first step is the wrong one goes on unasked. Where the student's endpoint gave no text at all, the
    item is dropped with the endpoint's reason.

    Args:
        student: continues from the right steps.
        sampling: `n` roll-outs, and how they are drawn.
        style: how the problem is put to the student.
        benchmark: how answers are read, see `lemma_hf.grade`.
    """
    return Stage("verify", _Prefixes(student, sampling, style, benchmark), **stage_hints(student))


def rollouts(sampling: Sampling, count: int) -> Sampling:
    """The parameters of `count` roll-outs from one prefix: those of the student's own attempts, but for their number.

    Example:
        >>> rollouts(Sampling(4, 0.7, seed=3), 2)
        Sampling(n=2, temperature=0.7, top_p=1.0, max_new_tokens=1024, seed=3)
    """
    return replace(sampling, n=count)


def _outcome(item: Flawed, completions: Sequence[Completion], reached: bool) -> Flawed | Dropped:
    if reached:
        return item
    refused = [one for one in completions if one.refused is not None]
    if refused and len(refused) == len(completions):
        return Dropped(item.attempt.name, "verify", refused[0].refused or DropReason.CALL_FAILED, refused[0].detail)
    detail = f"step {item.error.step}: {len(completions)} roll-outs from the steps before it, none with the answer"
    return Dropped(item.attempt.name, "verify", DropReason.PREFIX_FAILS, detail)
