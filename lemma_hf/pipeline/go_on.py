"""How a draft goes on behind its last corrected step: written by the student or, without one, by a made-up world.

Each writer takes drafts and the number of the turn, and returns the whole clean attempt for each: the steps of the
draft, then the new ones, in which there may be a further mistake.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lemma_hf.inference import Completion, Sampling, Student, own_completion
from lemma_hf.pipeline.continuation import continuation_prompt, new_steps
from lemma_hf.pipeline.draft import Draft
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Flawed, Origin
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import Injection, Teacher

_STAGE = "go on"


class GoOn(Protocol):
    """A writer of what comes behind a draft's last step."""

    @property
    def origin(self) -> Origin:
        """The author of the mistakes in what is written."""
        ...

    @property
    def worker(self) -> object:
        """The object whose needs decide the batches of a stage, see `stage_hints`."""
        ...

    def __call__(self, drafts: Sequence[Draft], number: int) -> list[Attempt | Dropped]:
        """For each draft an attempt that begins with its steps."""
        ...


@dataclass(frozen=True, slots=True)
class StudentGoesOn:
    """The student writes on from the clean solution.

    It reads the corrected steps in place of the wrong ones, and no reflection: one that has never read a reflection is
    confused by the first.
    """

    student: Student
    style: PromptStyle
    """How the student is asked."""
    split: Callable[[str], tuple[str, ...]]
    """Text to steps, as the teacher counts them."""
    sampling: Sampling
    """How it writes; one completion is taken for each draft, drawn by the seed and the number of the turn."""

    @property
    def origin(self) -> Origin:
        """The student."""
        return Origin.STUDENT

    @property
    def worker(self) -> object:
        """The student."""
        return self.student

    def __call__(self, drafts: Sequence[Draft], number: int) -> list[Attempt | Dropped]:
        """For each draft an attempt that begins with its steps.

        Dropped are drafts behind which the student wrote nothing (EMPTY), too much (TRUNCATED), or the given solution
        again in other words (SPANS_LOST), and those for which its endpoint gave no text, with the endpoint's reason.
        """
        prompts = [continuation_prompt(self.style, draft.problem.question, draft.steps) for draft in drafts]
        sampling = replace(self.sampling, n=1, seed=self.sampling.seed + number)
        written = one_draw_each(self.student, prompts, sampling)
        return [self._attempt(draft, one, number) for draft, one in zip(drafts, written, strict=True)]

    def _attempt(self, draft: Draft, written: Completion, number: int) -> Attempt | Dropped:
        name, written = turn_name(draft, number), own_completion(written, self.style)
        if written.refused is not None:
            return Dropped(name, _STAGE, written.refused, written.detail)
        if not written.finished:
            return Dropped(name, _STAGE, DropReason.TRUNCATED, f"{written.tokens} tokens")
        text = written.text if draft.steps else written.text.removeprefix(self.style.lead)
        if draft.steps and draft.steps[-1][-1:].isspace():
            text = text.lstrip()  # else a blank line would be a step
        steps: tuple[str, ...] | None = self.split(text) if text.strip() else ()
        if steps and self.style.chat:
            steps = new_steps(draft.steps, steps)
        if steps is None:
            detail = "the student wrote the solution that it was given again, in other words, and did not go on from it"
            return Dropped(name, _STAGE, DropReason.SPANS_LOST, detail)
        if not steps:
            return Dropped(name, _STAGE, DropReason.EMPTY, "nothing new behind the corrected step")
        return Attempt(draft.problem, (*draft.steps, *steps), id=name)


@dataclass(frozen=True, slots=True)
class WorldGoesOn:
    """A further mistake is made on purpose in the rest of the solution; for problems of a made-up world.

    The teacher is asked for wrong solutions of the same problem, type by type. Where the wrong step of one comes later
    than the draft's last step, it takes the place of that step in the right solution, provided that the teacher then
    finds it there. Where none fits, the right solution is returned: the draft keeps the turns that it has.
    """

    teacher: Teacher
    types: Sequence[ErrorType]
    seed: int = 0

    @property
    def origin(self) -> Origin:
        """Mistakes on purpose."""
        return Origin.INJECTED

    @property
    def worker(self) -> object:
        """The teacher."""
        return self.teacher

    def __call__(self, drafts: Sequence[Draft], number: int) -> list[Attempt | Dropped]:
        """For each draft an attempt that begins with its steps."""
        found: dict[int, Attempt] = {}
        # The type that is tried first is drawn for each draft; so are those that follow where it does not fit.
        orders = [self._order(draft, number) for draft in drafts]
        for rank in range(len(self.types)):
            places = [place for place in range(len(drafts)) if place not in found]
            wanted = [
                Injection(drafts[place].problem, orders[place][rank], f"{turn_name(drafts[place], number)}/{rank}")
                for place in places
            ]
            written = self.teacher.inject(wanted) if wanted else []
            tried = [
                (place, attempt, flawed.error)
                for place, flawed in zip(places, written, strict=True)
                if isinstance(flawed, Flawed) and (attempt := _later_mistake(drafts[place], flawed, number))
            ]
            verdicts = self.teacher.analyse([attempt for _, attempt, _ in tried]) if tried else []
            for (place, attempt, meant), verdict in zip(tried, verdicts, strict=True):
                if isinstance(verdict, Error) and (verdict.step, verdict.type) == (meant.step, meant.type):
                    found[place] = attempt
        return [found.get(place) or _rest(draft, number) for place, draft in enumerate(drafts)]

    def _order(self, draft: Draft, number: int) -> list[ErrorType]:
        dice = random.Random(f"{turn_name(draft, number)}/{self.seed}")
        return dice.sample(list(self.types), len(self.types))


def one_draw_each(student: Student, prompts: Sequence[str], sampling: Sampling) -> list[Completion]:
    """One completion for each prompt; prompts that are the same get different draws of one call.

    Two calls with the same prompt and seed would get the same reply, from the store at the latest. At temperature 0
    there is one draw only, and all get it.
    """
    times = Counter(prompts)
    drawn: dict[str, list[Completion]] = {}
    for count in sorted(set(times.values())):
        some = [prompt for prompt in times if times[prompt] == count]
        n = count if sampling.temperature else 1
        drawn |= dict(zip(some, student.complete(some, replace(sampling, n=n)), strict=True))
    taken: Counter[str] = Counter()
    found = []
    for prompt in prompts:
        found.append(drawn[prompt][taken[prompt] % len(drawn[prompt])])
        taken[prompt] += 1
    return found


def turn_name(draft: Draft, number: int) -> str:
    """The id of a draft's attempt in a turn, such as `gsm8k/7/sample-0/turn-2`."""
    return f"{draft.id}/turn-{number}"


def _later_mistake(draft: Draft, flawed: Flawed, number: int) -> Attempt | None:
    """The right solution with a later wrong step, and what follows from it; None where the step comes earlier."""
    whole, at = (*draft.steps, *draft.rest), flawed.error.step - 1
    if not len(draft.steps) <= at < len(whole):
        return None
    return Attempt(draft.problem, (*whole[:at], *flawed.attempt.steps[at:]), id=turn_name(draft, number))


def _rest(draft: Draft, number: int) -> Attempt:
    return Attempt(draft.problem, (*draft.steps, *draft.rest), id=turn_name(draft, number))
