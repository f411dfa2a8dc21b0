"""Problems for first lessons, for training and for measurement; no question is in two of these sets."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lemma_hf.errors import ConfigError
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.records import Problem
from lemma_hf.world.sums import NUMBERS, Sums, read_chain

_READ_SEED, _FRESH_SEED, _ELSEWHERE_SEED = 1, 2, 3
_TOKENS_A_SOLUTION = 64
"""Fewer than a solution takes on average, so that nothing is read twice."""


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems that arms are trained and measured on; the same for every seed, so that only students differ."""

    training: tuple[Problem, ...]
    held_out: tuple[Problem, ...]
    longer: tuple[Problem, ...]
    """More steps than any arm is trained on; the student has read solutions as long as these."""
    larger: tuple[Problem, ...]
    """At least one number larger than any that was ever read; so they have more steps too, where these are mixed."""


def draw_problems(settings: MiniatureSettings) -> Problems:
    """The problems, drawn from fixed seeds.

    Raises:
        ConfigError: if the world has too few with larger numbers.
        DataError: if it has too few of another kind.
    """
    fresh = settings.world.problems(settings.problems + settings.held_out, _FRESH_SEED)
    longer = Sums(tuple(settings.longer), settings.world.numbers).problems(settings.elsewhere, _ELSEWHERE_SEED)
    return Problems(
        training=tuple(fresh[settings.held_out :]),
        held_out=tuple(fresh[: settings.held_out]),
        longer=_named(longer, "longer"),
        larger=_named(_larger(settings), "larger"),
    )


def problems_to_read(settings: MiniatureSettings) -> list[Problem]:
    """The problems of the student's first lessons: of all lengths, and none of those of `draw_problems`."""
    made = draw_problems(settings)
    known = {problem.question for each in (made.training, made.held_out, made.longer) for problem in each}
    count = settings.reading_updates * settings.reading_blocks * settings.block // _TOKENS_A_SOLUTION
    world = Sums((*settings.steps, *settings.longer), settings.world.numbers)
    return [problem for problem in world.problems(count, _READ_SEED) if problem.question not in known]


def _larger(settings: MiniatureSettings) -> list[Problem]:
    drawn = Sums(settings.world.operations, range(settings.smallest, NUMBERS.stop)).problems(
        20 * settings.elsewhere, _ELSEWHERE_SEED
    )
    found = [problem for problem in drawn if _largest(problem) > settings.largest]
    if len(found) < settings.elsewhere:
        raise ConfigError(
            f"`largest`: only {len(found)} of {len(drawn):,} problems have a number above {settings.largest}, but "
            f"`elsewhere` wants {settings.elsewhere}: lower one of the two"
        )
    return found[: settings.elsewhere]


def _largest(problem: Problem) -> int:
    return max(operation.number for operation in read_chain(problem.question).operations)


def _named(problems: Iterable[Problem], name: str) -> tuple[Problem, ...]:
    """The problems with ids that name their set: two sets drawn from one seed would have the same ids."""
    return tuple(replace(problem, id=f"{name}-{problem.id}") for problem in problems)
