"""Stage `correct`: the teacher writes a trajectory for each mistake, by Fix & Continue or by Fresh & Restart."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from lemma_hf.pipeline.engine import Stage, stage_hints
from lemma_hf.records import Dropped, DropReason, Flawed, Span, SpanKind, Strategy, Trajectory
from lemma_hf.solutions.departure import with_start
from lemma_hf.teachers import Teacher


def correct_stage(
    teacher: Teacher, both: bool = False, seed: int = 0, *, cut: bool = True
) -> Stage[Flawed, Trajectory]:
    """Correct each mistake, by one strategy or by both.

    Args:
        both: write both trajectories for each mistake; else one, about half of each kind, drawn by the item's id.
        cut: end the attempt with its first wrong step. False keeps all the steps that follow from it, as part of the
            error, before the turn: the ablation that costs the paper most (its table 11).
    """

    def work(flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        asked = [(item, strategy) for item in flawed for strategy in _strategies(item, both, seed)]
        written = _write(teacher, asked)
        if cut:
            return written
        return [_uncut(item, result) for (item, _), result in zip(asked, written, strict=True)]

    return Stage("correct", work, fan_out=2 if both else 1, **stage_hints(teacher))


def _strategies(item: Flawed, both: bool, seed: int) -> tuple[Strategy, ...]:
    if both:
        return tuple(Strategy)
    return (random.Random(f"strategy/{seed}/{item.attempt.name}").choice(tuple(Strategy)),)


def _write(teacher: Teacher, asked: Sequence[tuple[Flawed, Strategy]]) -> list[Trajectory | Dropped]:
    """Call the teacher once for each strategy; the results are in the order of `asked`."""
    methods: dict[Strategy, Callable[[Sequence[Flawed]], list[Trajectory | Dropped]]] = {
        Strategy.FIX_AND_CONTINUE: teacher.fix,
        Strategy.FRESH_AND_RESTART: teacher.restart,
    }
    results: dict[int, Trajectory | Dropped] = {}
    for strategy, method in methods.items():
        places = [place for place, (_, wanted) in enumerate(asked) if wanted is strategy]
        written = method([asked[place][0] for place in places]) if places else []
        results |= dict(zip(places, written, strict=True))
    return [_with_whole_prefix(asked[place][0], results[place]) for place in range(len(asked))]


def _with_whole_prefix(flawed: Flawed, written: Trajectory | Dropped) -> Trajectory | Dropped:
    """The trajectory if it begins with exactly the right steps and the wrong step, else a `Dropped`.

    Where the mistake begins within its step is noted, if the step put right or the arithmetic tells it.
    """
    if isinstance(written, Dropped):
        return written
    right, wrong = "".join(flawed.right_steps), flawed.wrong_step
    begins = (Span(SpanKind.REASONING, right), Span(SpanKind.ERROR, wrong)) if right else (Span(SpanKind.ERROR, wrong),)
    if written.spans[: len(begins)] != begins:
        detail = "does not begin with the steps up to and including the wrong one"
        return Dropped(written.id or flawed.attempt.name, "correct", DropReason.SPANS_LOST, detail)
    return with_start(written)


def _uncut(flawed: Flawed, written: Trajectory | Dropped) -> Trajectory | Dropped:
    """The trajectory with the whole attempt before the reflection, not only its first wrong step."""
    if isinstance(written, Dropped):
        return written
    error = Span(SpanKind.ERROR, "".join(flawed.attempt.steps[flawed.error.step - 1 :]))
    spans = tuple(error if span.kind is SpanKind.ERROR else span for span in written.spans)
    return replace(written, spans=spans)
