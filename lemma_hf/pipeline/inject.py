"""Stage `inject`: the teacher makes further mistakes on purpose, of types drawn as the student makes them.

`plan_injections` draws the requests, `inject_stage` has the teacher write them and checks that they came out wrong.
"""

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from lemma_hf.errors import ConfigError
from lemma_hf.grading import grade_many
from lemma_hf.pipeline.engine import Stage, stage_hints
from lemma_hf.pipeline.error_distribution import ErrorDistribution
from lemma_hf.pipeline.grade import UNGRADED
from lemma_hf.records import Dropped, DropReason, Flawed, Grade, Outcome, Problem
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teachers import Injection, Teacher


def injection_count(found: int, injections: int = 0, share: float = 0.0) -> int:
    """The number of errors to ask for: `injections`, or as many as make `share` of all errors, found and injected.

    A few requests are never written (CANNOT_INJECT), so the share comes out a little smaller.

    Raises:
        ConfigError: if both are given, or one makes no sense.

    Example:
        >>> injection_count(300, share=0.25), injection_count(300, injections=50)
        (100, 50)
    """
    if injections and share:
        raise ConfigError(f"set one of `injections` ({injections}) and `injection_share` ({share}), not both")
    if injections < 0:
        raise ConfigError(f"`injections`: need 0 or more, found {injections}")
    if not 0 <= share < 1:
        raise ConfigError(f"`injection_share`: need 0 or more and less than 1 (a share of all errors), found {share}")
    return injections or round(share / (1 - share) * found)


def plan_injections(
    problems: Sequence[Problem],
    count: int,
    *,
    types: Sequence[ErrorType] = INJECTABLE,
    distribution: ErrorDistribution | None = None,
    min_hardness: float = 0.0,
    seed: int = 0,
) -> list[Injection]:
    """Draw `count` requests, spread evenly over the problems that are hard enough; the same for the same seed.

    The type of each is drawn from the errors that the student makes at that problem, see `ErrorDistribution.weights`.
    (The authors' own script takes each of the six types five times; the paper draws, as here.)

    Args:
        types: what the teacher can write.
        distribution: of the student's errors. Without it, or where nothing is left of it, every type is as likely as
            any other.
        min_hardness: the least share of wrong attempts; above 0 only problems with graded attempts take part.

    Raises:
        ConfigError: if errors are asked for, but there are no types, or no problems that are hard enough.
    """
    if count <= 0:
        return []
    found = distribution or ErrorDistribution()
    chosen = [problem for problem in problems if min_hardness <= 0 or (found.hardness(problem) or 0) >= min_hardness]
    if not chosen or not types:
        raise ConfigError(
            f"cannot inject {count} errors: there are {len(problems)} problems and {len(types)} types"
            + (f", and {len(chosen)} problems have a hardness of at least {min_hardness}" if min_hardness > 0 else "")
        )
    dice = random.Random(f"inject/{seed}")
    draws = [dice.random() for _ in range(count)]
    order = dice.sample(range(len(chosen)), len(chosen))
    asked = [chosen[order[number % len(order)]] for number in range(count)]
    return [
        Injection(problem, _drawn(types, found.weights(problem, types), draw), f"{problem.id}/injected-{number}")
        for number, (problem, draw) in enumerate(zip(asked, draws, strict=True))
    ]


def inject_stage(teacher: Teacher, benchmark: str = "math") -> Stage[Injection, Flawed]:
    """Have the teacher write the wrong solutions that were asked for, and keep those whose answer really is wrong.

    Args:
        benchmark: how answers are read, see `lemma_hf.grade`.
    """

    def work(injections: Sequence[Injection]) -> list[Flawed | Dropped]:
        results = teacher.inject(injections)
        written = [item for item in results if isinstance(item, Flawed)]
        references = [item.problem.reference_answer for item in written]
        grades = iter(grade_many([item.attempt.text for item in written], references, benchmark=benchmark))
        return [item if isinstance(item, Dropped) else _wrong_or_dropped(item, next(grades)) for item in results]

    return Stage("inject", work, **stage_hints(teacher))


def _drawn(types: Sequence[ErrorType], weights: Sequence[float], draw: float) -> ErrorType:
    """The type on which a draw from [0, 1) falls."""
    ends = list(accumulate(weights))
    return types[min(bisect(ends, draw * ends[-1]), len(types) - 1)]


def _wrong_or_dropped(flawed: Flawed, grade: Grade) -> Flawed | Dropped:
    if grade.outcome is Outcome.WRONG:
        return replace(flawed, attempt=replace(flawed.attempt, grade=grade))
    reason = UNGRADED.get(grade.outcome, DropReason.ANSWER_STILL_RIGHT)
    return Dropped(flawed.attempt.name, "inject", reason, grade.detail)
