"""On-policy trajectories: made in rounds, of the mistakes that a student makes while the trajectory is written.

The student continues from the right steps so far; the teacher finds its first wrong step and corrects just that step;
the student continues from there. So a trajectory holds as many turns as the student made mistakes, 0 to n, each where
it made it. (A model trained on exactly one reflection a solution learns just that: reflect once, anywhere.)

The student reads the clean solution, in which corrected steps stand in place of wrong ones, and not the trajectory: one
that has never read a reflection is confused by the first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tqdm.auto import tqdm

from lemma_hf.inference import Completion, Sampling, Student
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Flawed,
    Problem,
    Span,
    SpanKind,
    Strategy,
    Trajectory,
)
from lemma_hf.teachers import Teacher


@dataclass(frozen=True, slots=True)
class _Draft:
    """A trajectory in the making."""

    problem: Problem
    spans: tuple[Span, ...] = ()
    steps: tuple[str, ...] = ()
    """The clean solution so far: right steps, the corrected ones in place of the wrong ones."""
    errors: tuple[Error, ...] = ()
    done: bool = False

    def go_on(self, steps: Sequence[str], done: bool = False) -> "_Draft":
        """Add right steps: reasoning before the first error, part of the correction after it."""
        spans, text = self.spans, "".join(steps)
        if spans and text:
            spans = (*spans[:-1], replace(spans[-1], text=spans[-1].text + text))
        elif text:
            spans = (Span(SpanKind.REASONING, text),)
        return replace(self, spans=spans, steps=(*self.steps, *steps), done=done)

    def turn(self, error: Error, spans: tuple[Span, ...], steps: Sequence[str], done: bool) -> "_Draft":
        """Add an error with its reflection and correction; `steps` are what the correction adds to the solution."""
        error = replace(error, strategy=Strategy.FIX_AND_CONTINUE)
        return _Draft(self.problem, self.spans + spans, (*self.steps, *steps), (*self.errors, error), done)


@dataclass(frozen=True, slots=True)
class OnPolicy:
    """Makes Fix & Continue trajectories with the student's own mistakes in them."""

    student: Student
    teacher: Teacher
    style: PromptStyle
    """How the student is asked; it writes on behind the prompt and what stands already."""
    split: Callable[[str], tuple[str, ...]]
    """Text to steps, as the teacher counts them."""
    sampling: Sampling
    """How the student writes; one completion is taken a round."""
    clean: Callable[[str], str] = str
    """A corrected step as it would stand in a solution without mistakes; by default as it is."""
    rounds: int = 4
    """In the last round the teacher's correction runs to the end, so that every trajectory ends."""

    def make(self, problems: Sequence[Problem]) -> tuple[list[Trajectory], list[Dropped]]:
        """A trajectory for each problem, in order, and the dropped ones: together as many as the problems."""
        drafts: list[_Draft | Dropped] = [_Draft(problem) for problem in problems]
        for number in tqdm(range(1, self.rounds + 1), desc="on-policy rounds", unit="round"):
            open_drafts = [draft for draft in drafts if isinstance(draft, _Draft) and not draft.done]
            moved = iter(self._one_round(open_drafts, number))
            drafts = [next(moved) if isinstance(draft, _Draft) and not draft.done else draft for draft in drafts]
        finished = [draft for draft in drafts if isinstance(draft, _Draft)]
        trajectories = [Trajectory(d.problem, d.spans, d.errors, f"{d.problem.id}/on_policy") for d in finished]
        return trajectories, [draft for draft in drafts if isinstance(draft, Dropped)]

    def _one_round(self, drafts: Sequence[_Draft], number: int) -> list[_Draft | Dropped]:
        written = self._write_on(drafts, number)
        attempts = [
            Attempt(draft.problem, (*draft.steps, *self.split(completion.text)), id=f"{draft.problem.id}/{number}")
            for draft, completion in zip(drafts, written, strict=True)
        ]
        verdicts = self.teacher.analyse(attempts)
        flawed = {
            index: Flawed(attempt, verdict)
            for index, (draft, attempt, verdict) in enumerate(zip(drafts, attempts, verdicts, strict=True))
            if written[index].refused is None
            and isinstance(verdict, Error)
            and len(draft.steps) < verdict.step <= len(attempt.steps)
        }
        fixed = dict(zip(flawed, self.teacher.fix(list(flawed.values())), strict=True))
        return [
            self._turn(draft, flawed[index], fixed[index], last=number == self.rounds)
            if index in flawed
            else _finish(draft, attempts[index], verdicts[index], written[index])
            for index, draft in enumerate(drafts)
        ]

    def _write_on(self, drafts: Sequence[_Draft], number: int) -> list[Completion]:
        prompts = [
            self.style.prompt(draft.problem.question) + self.style.completion("".join(draft.steps)) for draft in drafts
        ]
        sampling = replace(self.sampling, n=1, seed=self.sampling.seed + number)
        return [completions[0] for completions in self.student.complete(prompts, sampling)]

    def _turn(self, draft: _Draft, flawed: Flawed, fixed: Trajectory | Dropped, last: bool) -> _Draft | Dropped:
        """Add the teacher's reflection and its new version of the wrong step; in the last round also what follows."""
        if isinstance(fixed, Dropped):
            return fixed.at("on_policy")
        (reflection,) = fixed.of_kind(SpanKind.REFLECTION)
        (correction,) = fixed.of_kind(SpanKind.CORRECTION)
        pieces = self.split(correction.text)
        again = pieces if last else pieces[:1]
        spans = (
            Span(SpanKind.ERROR, flawed.wrong_step),
            reflection,
            Span(SpanKind.CORRECTION, "".join(again)),
        )
        right = flawed.right_steps[len(draft.steps) :]
        clean = [self.clean(step) for step in again]
        return draft.go_on(right).turn(flawed.error, spans, clean, done=len(again) == len(pieces))


def _finish(draft: _Draft, attempt: Attempt, verdict: Error | Dropped, completion: Completion) -> _Draft | Dropped:
    """Finish a draft in which the student wrote no further mistake, or drop it where it cannot be used."""
    if completion.refused is not None:
        return Dropped(attempt.id, "on_policy", completion.refused, completion.detail)
    if isinstance(verdict, Error):
        return Dropped(
            attempt.id, "on_policy", DropReason.ERROR_NOT_FOUND, "a step taken for right is now called wrong"
        )
    # A teacher that does not know the answer's grade says that it finds no error; `select` looks at the answer.
    if verdict.reason not in (DropReason.ALREADY_RIGHT, DropReason.ERROR_NOT_FOUND, DropReason.ALL_STEPS_RIGHT):
        return verdict.at("on_policy")
    if not completion.finished:
        return Dropped(attempt.id, "on_policy", DropReason.TRUNCATED)
    return draft.go_on(attempt.steps[len(draft.steps) :], done=True)
