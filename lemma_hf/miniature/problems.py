"""Which problems are read, trained on and held out? No question is in two of these."""

from dataclasses import dataclass

from lemma_hf.errors import ConfigError
from lemma_hf.miniature.settings import SMALLEST, MiniatureSettings
from lemma_hf.records import Problem
from lemma_hf.world.sums import NUMBERS, Sums, read_chain

_READ_SEED, _FRESH_SEED, _ELSEWHERE_SEED = 1, 2, 3
_TOKENS_A_SOLUTION = 64
"""Fewer than a solution takes on average, so that nothing is read twice."""


@dataclass(frozen=True, slots=True)
class Problems:
    """All problems of the experiment, the same for every seed, so that seeds differ in the student alone."""

    read: tuple[Problem, ...]
    """For the student's first lessons."""
    training: tuple[Problem, ...]
    held_out: tuple[Problem, ...]
    longer: tuple[Problem, ...]
    """More steps than any arm is trained on; the student has read solutions as long as these."""
    larger: tuple[Problem, ...]
    """At least one number larger than any that was ever read."""


def make_problems(settings: MiniatureSettings) -> Problems:
    """The problems, drawn from fixed seeds.

    Raises:
        ConfigError: if the world has not enough of them.
    """
    world, known = settings.world, set[str]()
    count = settings.reading_updates * settings.reading_blocks * settings.block // _TOKENS_A_SOLUTION
    wanted = settings.problems + settings.held_out
    # Held-out problems come first: so they are the same however many are read.
    fresh = _new(world.problems(wanted, _FRESH_SEED), known)
    read = _new(Sums((*world.operations, *settings.longer), world.numbers).problems(count, _READ_SEED), known)
    whole = range(SMALLEST, NUMBERS.stop)
    longer = Sums(tuple(settings.longer), world.numbers).problems(2 * settings.elsewhere, _ELSEWHERE_SEED)
    longer = _new(longer, known)[: settings.elsewhere]
    larger = [
        problem
        for problem in Sums(world.operations, whole).problems(20 * settings.elsewhere, _ELSEWHERE_SEED)
        if any(operation.number > settings.largest for operation in read_chain(problem.question).operations)
    ][: settings.elsewhere]
    if len(fresh) < wanted:
        raise ConfigError(f"the world has only {len(fresh):,} of the {wanted:,} problems that are wanted")
    training, held_out = fresh[settings.held_out :], fresh[: settings.held_out]
    return Problems(tuple(read), tuple(training), tuple(held_out), tuple(longer), tuple(larger))


def _new(problems: list[Problem], known: set[str]) -> list[Problem]:
    """Those whose question is not known yet; now it is."""
    found = [problem for problem in problems if problem.question not in known]
    known.update(problem.question for problem in found)
    return found
