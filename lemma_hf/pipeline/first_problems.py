"""The first so many problems, and the attempts at them: a small run, to see how a large one would go."""

from collections.abc import Sequence

from lemma_hf.pipeline.inputs import Inputs
from lemma_hf.pipeline.stage import Funnel, Stage
from lemma_hf.records import Attempt, Dropped, DropReason, Problem


def keep_first_problems(funnel: Funnel, inputs: Inputs, most: int) -> Inputs:
    """Keep the first `most` problems, in the order of the inputs, and the attempts at them.

    Problems that only attempts bring along come behind the others.
    """
    found = (*(problem.id for problem in inputs.problems), *(attempt.problem.id for attempt in inputs.attempts))
    kept = frozenset(list(dict.fromkeys(found))[:most])
    detail = f"more than {most:,} problems"

    def problems(items: Sequence[Problem]) -> list[Problem | Dropped]:
        return [p if p.id in kept else Dropped(p.id, "first problems", DropReason.OVER_CAP, detail) for p in items]

    def attempts(items: Sequence[Attempt]) -> list[Attempt | Dropped]:
        return [
            a if a.problem.id in kept else Dropped(a.name, "first problems", DropReason.OVER_CAP, detail) for a in items
        ]

    return Inputs(
        funnel.run(Stage("first problems", problems, batch=512), inputs.problems),
        funnel.run(Stage("attempts at them", attempts, batch=512), inputs.attempts) if inputs.attempts else (),
    )
