"""A reference solution as the teacher: no model, no key.

Worked solutions and wrong attempts at the same problems (GSM8K and a model's outputs, say) are all that is needed: the
first wrong step is where an attempt leaves the reference, and the correction is the reference's own.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from lemma_hf.errors import ConfigError
from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Flawed,
    Origin,
    Outcome,
    Strategy,
    Trajectory,
)
from lemma_hf.solutions.equations import is_close
from lemma_hf.solutions.programs import program_steps
from lemma_hf.solutions.step_facts import MAX_STEPS, claimed_answer, has_code_or_json, read_step, to_prose
from lemma_hf.solutions.steps import split_line_steps, split_sentences
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.alignment import covered
from lemma_hf.teachers.error_type import diagnose_error
from lemma_hf.teachers.first_error import Finding, explain_step, find_first_error
from lemma_hf.teachers.injection import SLIP_TYPES, write_slip
from lemma_hf.teachers.path import Path, read_path
from lemma_hf.teachers.protocol import Injection
from lemma_hf.teachers.reflections import reflect

DEFAULT_MIN_SURENESS = 0.5
"""Sureness from which on a finding is taken, where nothing else is said."""


def without_claim(solution: str) -> tuple[str, ...]:
    """Cut a solution into steps of prose, without the end that only claims the answer.

    Example:
        >>> without_claim("2 * 3 = <<2*3=6>>6 pens.\\n6 + 1 = 7. The answer is 7.\\n#### 7")
        ('2 * 3 = 6 pens.', '6 + 1 = 7.')
    """
    steps = [to_prose(step).strip() for step in split_line_steps(solution)]
    while steps:
        *earlier, last = split_sentences(steps[-1]) or [""]
        if last and claimed_answer(last) is None:
            break
        steps[-1:] = ["".join(earlier).strip()] if earlier else []
    return tuple(steps)


class ReferenceTeacher:
    """A `Teacher` that knows each problem's reference solution, and arithmetic.

    Args:
        trust_annotations: whether an attempt's own `annotation` is taken for the truth. It is not where it points at a
            step that stands word for word in the reference (of 986 annotated GSM8K solutions, EIC's, 175 do): then the
            type is taken, and the step is looked for.
        min_sureness: below this sureness of a finding, from 0 to 1, the teacher abstains (UNSURE). The default keeps
            what is more likely right than not; see docs/results/teachers.md for what other values keep.

    Raises:
        ConfigError: if `min_sureness` is not between 0 and 1.

    Example:
        >>> from lemma_hf.records import Problem
        >>> problem = Problem("p", "A pen costs $3. What do 4 pens and a $5 pad cost?", "17", "4*3=12\\n12+5=17")
        >>> attempt = Attempt(problem, ("4 pens cost 4*3=12 dollars.\\n", "With the pad it is 12+5=18 dollars.\\n"))
        >>> (error,) = ReferenceTeacher().analyse([attempt])
        >>> error.step, error.type
        (2, <ErrorType.CALCULATION: 'calculation'>)
    """

    def __init__(self, trust_annotations: bool = True, min_sureness: float = DEFAULT_MIN_SURENESS) -> None:
        if not 0 <= min_sureness <= 1:
            raise ConfigError(f"`min_sureness` is {min_sureness}, but it has to be between 0 and 1")
        self.trust_annotations = trust_annotations
        self.min_sureness = min_sureness

    @property
    def error_types(self) -> Sequence[ErrorType]:
        """The types that `inject` can write."""
        return SLIP_TYPES

    def analyse(self, attempts: Sequence[Attempt]) -> list[Error | Dropped]:
        """The first wrong step of each attempt, and its type."""
        return [self._analyse(attempt) for attempt in attempts]

    def inject(self, injections: Sequence[Injection]) -> list[Flawed | Dropped]:
        """A wrong version of the reference solution for each request."""
        return [_inject(wanted) for wanted in injections]

    def fix(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fix & Continue: the reference solution from the step on that the right steps have not yet done."""
        return [_correct(item, Strategy.FIX_AND_CONTINUE) for item in flawed]

    def restart(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fresh & Restart: the item's `target` where it has one, else the whole reference solution."""
        return [_correct(item, Strategy.FRESH_AND_RESTART) for item in flawed]

    def smooth(self, trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        """The trajectories as they are: each reflection is written to join what stands before and after it."""
        return list(trajectories)

    def _analyse(self, attempt: Attempt) -> Error | Dropped:
        path = read_path(attempt.problem)
        if reason := _unfit(attempt, path):
            return Dropped(attempt.name, "analyse", *reason)
        said = attempt.annotation
        if said is not None and self.trust_annotations:
            if said.step > len(attempt.steps):
                detail = f"said to be step {said.step} of {len(attempt.steps)}"
                return Dropped(attempt.name, "analyse", DropReason.STEP_OUT_OF_RANGE, detail)
            if not _is_verbatim(attempt.steps[said.step - 1], path):
                return said
        finding = find_first_error(path, attempt.steps)
        if finding is None:
            return Dropped(attempt.name, "analyse", DropReason.ERROR_NOT_FOUND, "no step leaves the reference's path")
        if finding.sureness < self.min_sureness:
            place = f"step {finding.index + 1} by {finding.evidence}"
            detail = f"{place}: {finding.sureness:.2f} sure, less than {self.min_sureness}"
            return Dropped(attempt.name, "analyse", DropReason.UNSURE, detail)
        # An annotation that cannot be right about the step may still be about the type.
        kind = said.type if said is not None and self.trust_annotations else None
        diagnosis = diagnose_error(path, attempt.steps, finding, attempt.problem.question)
        return Error(kind or diagnosis.type, finding.index + 1, sureness=finding.sureness)


def _unfit(attempt: Attempt, path: Path) -> tuple[DropReason, str] | None:
    """The reason why an attempt cannot be judged, or need not be; None where it can."""
    if not path.steps:
        return DropReason.NO_REFERENCE_SOLUTION, ""
    if not attempt.text.strip():
        return DropReason.EMPTY, ""
    if has_code_or_json(attempt.text):
        return DropReason.ERROR_NOT_FOUND, "the attempt is written as a program or as JSON, not as steps of prose"
    if len(attempt.steps) > MAX_STEPS:
        return DropReason.TOO_LONG, f"{len(attempt.steps)} steps, more than {MAX_STEPS}"
    if attempt.grade is not None:
        right = attempt.grade.outcome is Outcome.RIGHT
    else:
        last = read_step(attempt.steps[-1]).result
        right = last is not None and path.answer is not None and is_close(last, path.answer)
    return (DropReason.ALREADY_RIGHT, "") if right else None


def _is_verbatim(step: str, path: Path) -> bool:
    return any(path.facts(step).text == other.text for other in path.read)


def _inject(wanted: Injection) -> Flawed | Dropped:
    path = read_path(wanted.problem)
    if not path.steps:
        return Dropped(wanted.id, "inject", DropReason.NO_REFERENCE_SOLUTION)
    written = write_slip(path, wanted.type, random.Random(f"reference/inject/{wanted.id}"))
    if written is None:
        return Dropped(wanted.id, "inject", DropReason.CANNOT_INJECT, wanted.type)
    steps, index = written
    return Flawed(Attempt(wanted.problem, steps, id=wanted.id), Error(wanted.type, index + 1, Origin.INJECTED))


def _correct(flawed: Flawed, strategy: Strategy) -> Trajectory | Dropped:
    path = read_path(flawed.problem)
    item_id = flawed.corrected_id(strategy)
    if not path.steps:
        return Dropped(item_id, "correct", DropReason.NO_REFERENCE_SOLUTION)
    if program_steps(flawed.attempt.steps) is not None:
        return Dropped(item_id, "correct", DropReason.NOT_PROSE)
    finding = explain_step(path, flawed.attempt.steps, flawed.error.step - 1)
    right_steps = [to_prose(step) for step in flawed.right_steps]
    anew = without_claim(flawed.target) if strategy is Strategy.FRESH_AND_RESTART else ()
    first = 0
    if strategy is Strategy.FIX_AND_CONTINUE and finding.counterpart is not None:
        # Where every step is done and only the claim is wrong, the last one is said again.
        done = covered(path, [path.facts(step) for step in right_steps])
        first = min(done, finding.counterpart)
    correction = "\n".join([*(anew or path.steps[first:]), f"The answer is: {flawed.problem.reference_answer}"])
    wrong_step = to_prose(flawed.wrong_step)
    reflection = _reflection(path, flawed, finding, strategy, item_id)
    reflection = reflection if wrong_step[-1:].isspace() else f"\n{reflection}"
    return Trajectory.corrected(flawed, strategy, reflection, correction, right="".join(right_steps), wrong=wrong_step)


def _reflection(path: Path, flawed: Flawed, finding: Finding, strategy: Strategy, item_id: str) -> str:
    """The reflection, with the numbers that were mixed up unless they do not fit the error's type."""
    diagnosis = diagnose_error(path, flawed.attempt.steps, finding, flawed.problem.question)
    if path.letter:
        # The numbers were found with the value of the unknown, which the text may not give away.
        diagnosis = replace(diagnosis, right=None, wrong=None)
    if flawed.error.type is not None and diagnosis.type is not flawed.error.type:
        diagnosis = replace(diagnosis, type=flawed.error.type, right=None, wrong=None)
    return reflect(diagnosis, finding.broken, strategy, item_id)
