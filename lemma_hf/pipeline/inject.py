"""Which further mistakes are made on purpose? As the paper has it: types drawn as often as the student makes them.

`plan_injections` draws the requests, `inject_stage` has the teacher write them.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from lemma_hf.errors import ConfigError
from lemma_hf.pipeline.stage import Stage
from lemma_hf.records import Dropped, Flawed, Problem
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teacher import Injection, Teacher


def error_distribution(flawed: Iterable[Flawed]) -> Counter[ErrorType]:
    """How often each type was found; errors without a type do not count."""
    return Counter(item.error.type for item in flawed if item.error.type is not None)


def plan_injections(
    problems: Sequence[Problem],
    count: int,
    *,
    types: Sequence[ErrorType] = INJECTABLE,
    distribution: Mapping[ErrorType, int] | None = None,
    seed: int = 0,
) -> list[Injection]:
    """`count` requests, spread evenly over the problems, the same for the same seed.

    Args:
        types: what the teacher can write.
        distribution: how often each type was found in the student's attempts; types the teacher cannot write count
            nothing. Without it, or where nothing is left of it, every type is as likely as any other.

    Raises:
        ConfigError: if errors are asked for, but there are no problems or no types.
    """
    if count > 0 and (not problems or not types):
        raise ConfigError(f"cannot inject {count} errors: there are {len(problems)} problems and {len(types)} types")
    weights = [(distribution or {}).get(type_, 0) for type_ in types]
    dice = random.Random(f"inject/{seed}")
    drawn = dice.choices(types, weights if any(weights) else None, k=count) if count > 0 else []
    order = dice.sample(range(len(problems)), len(problems))
    return [
        Injection(problem, type_, f"{problem.id}/injected-{number}")
        for number, type_ in enumerate(drawn)
        for problem in [problems[order[number % len(order)]]]
    ]


def inject_stage(teacher: Teacher) -> Stage[Injection, Flawed]:
    """Have the teacher write the wrong solutions that were asked for."""

    def work(injections: Sequence[Injection]) -> list[Flawed | Dropped]:
        return teacher.inject(injections)

    return Stage("inject", work)
