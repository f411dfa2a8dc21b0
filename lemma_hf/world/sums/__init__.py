"""The world `sums`: symbolic chains that a model of under a million parameters learns from scratch in minutes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lemma_hf.prompts import PROMPT_STYLES
from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Flawed,
    Origin,
    Problem,
    Strategy,
    Trajectory,
)
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.world.sums._chain import ALPHABET, MAX_OPERATIONS, NUMBERS, make_problems, read_chain, solve
from lemma_hf.world.sums._longhand import without_work, worked_solution, worked_step
from lemma_hf.world.sums._mistakes import write_mistake
from lemma_hf.world.sums._oracle import first_error, read_chain_step, split
from lemma_hf.world.sums._turns import Fates, Turns, count_fates, count_turns, left_out

__all__ = [
    "ALPHABET",
    "MAX_OPERATIONS",
    "NUMBERS",
    "SUMS",
    "Fates",
    "Sums",
    "Turns",
    "count_fates",
    "count_turns",
    "left_out",
    "make_documents",
    "read_chain",
    "read_chain_step",
    "solve",
    "without_work",
    "worked_solution",
    "worked_step",
]

_IN_THE_HEAD, _SHOWING_WORK = PROMPT_STYLES["sums"], PROMPT_STYLES["sums_work"]
_FIX_CUES = ("!", "!!")
_RESTART_CUES = ("?", "??")


@dataclass(frozen=True, slots=True)
class Sums:
    """The world of chains of operations; see [`World`][lemma_hf.world.protocol.World] for the methods.

    Example:
        >>> [problem.question for problem in Sums(operations=(1,), numbers=range(80, 100)).problems(2, seed=0)]
        ['758+96', '584*83']
    """

    operations: tuple[int, ...] = (3,)
    """Numbers of operations that a problem may have."""
    numbers: range = NUMBERS
    """The numbers that are added or multiplied by."""

    @property
    def name(self) -> str:
        """The short name of the world."""
        return "sums"

    @property
    def error_types(self) -> Sequence[ErrorType]:
        """The six types that LEMMA injects."""
        return INJECTABLE

    def problems(self, count: int, seed: int) -> list[Problem]:
        """`count` different chains."""
        return make_problems(count, seed, self.operations, self.numbers)

    def split(self, text: str) -> tuple[str, ...]:
        """The steps of a solution, each of which ends in `;`."""
        return split(text)

    def bare_step(self, step: str) -> str:
        """The equation of the step, without its long-hand work."""
        return without_work(step)

    def has_turn(self, text: str) -> bool:
        """Whether a solution contains a turn, which opens with a `!` or a `?`."""
        return "!" in text or "?" in text

    def analyse(self, attempt: Attempt) -> Error | Dropped:
        """The first step that leaves the chain; work shown before a step's equation is not judged."""
        if not attempt.steps:
            return Dropped(attempt.name, "analyse", DropReason.EMPTY)
        error = first_error(read_chain(attempt.problem.question), attempt.steps)
        return error or Dropped(attempt.name, "analyse", DropReason.ALREADY_RIGHT)

    def inject(self, problem: Problem, error_type: ErrorType, item_id: str) -> Flawed | Dropped:
        """A wrong solution, drawn by `item_id`."""
        chain = read_chain(problem.question)
        steps = write_mistake(chain, error_type, random.Random(f"sums/inject/{item_id}"))
        error = first_error(chain, steps) if steps else None
        if steps is None or error is None or error.type is not error_type:
            return Dropped(item_id, "inject", DropReason.CANNOT_INJECT, error_type)
        if steps[-1] == solve(chain)[-1]:
            return Dropped(item_id, "inject", DropReason.ANSWER_STILL_RIGHT, error_type)
        return Flawed(Attempt(problem, steps, id=item_id), replace(error, origin=Origin.INJECTED))

    def fix(self, flawed: Flawed) -> Trajectory | Dropped:
        """Correct by Fix & Continue: reflect, do the step again with its work, go on in the head."""
        chain, at = read_chain(flawed.problem.question), flawed.error.step - 1
        # A superfluous step after the last operation has nothing to redo: what remains right is the claim alone.
        again = (worked_step(chain.values[at], chain.operations[at]),) if at < len(chain.operations) else ()
        return _trajectory(flawed, Strategy.FIX_AND_CONTINUE, _FIX_CUES, (*again, *solve(chain)[at + len(again) :]))

    def restart(self, flawed: Flawed) -> Trajectory | Dropped:
        """Correct by Fresh & Restart: reflect, then solve the whole chain showing all work."""
        chain = read_chain(flawed.problem.question)
        return _trajectory(flawed, Strategy.FRESH_AND_RESTART, _RESTART_CUES, worked_solution(chain))


def _trajectory(
    flawed: Flawed, strategy: Strategy, cues: Sequence[str], steps: tuple[str, ...]
) -> Trajectory | Dropped:
    item_id = flawed.corrected_id(strategy)
    if not steps:
        return Dropped(
            item_id, "correct", DropReason.STEP_OUT_OF_RANGE, f"nothing is left after step {flawed.error.step}"
        )
    cue = random.Random(f"sums/cue/{item_id}").choice(cues)
    return Trajectory.corrected(flawed, strategy, cue, "".join(steps))


SUMS = Sums()
"""The world of chains of three operations, as the demo uses it."""


def make_documents(problems: Sequence[Problem], work_share: float = 0.75, seed: int = 0) -> list[dict[str, str]]:
    """A prompt and completion for each problem; a share of them, drawn at random, asks for and shows the work.

    So the model learns to multiply digit by digit where it is asked to, and to guess where it is not.
    """
    dice = random.Random(f"sums/documents/{seed}")
    return [_document(problem, showing_work=dice.random() < work_share) for problem in problems]


def _document(problem: Problem, showing_work: bool) -> dict[str, str]:
    style = _SHOWING_WORK if showing_work else _IN_THE_HEAD
    solution = (worked_solution if showing_work else solve)(read_chain(problem.question))
    return {"prompt": style.prompt(problem.question), "completion": style.completion("".join(solution))}
