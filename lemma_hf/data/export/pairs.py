r"""Wrong against right texts of one trajectory: step by step, and as whole solutions.

    trajectory           "4 * 6 = 24\n" · "24 - 9 = 16\n" · "Wait, no. " · "24 - 9 = 15\nThe answer is: 15"
    step_pairs           prefix "4 * 6 = 24\n", right "24 - 9 = 15\n", wrong "24 - 9 = 16\n"
    minimally_corrected  right "4 * 6 = 24\n24 - 9 = 15\nThe answer is: 15", wrong "4 * 6 = 24\n24 - 9 = 16"

What cannot be made of a trajectory is a `Dropped` record with the reason:

    ALREADY_RIGHT       it has no mistake
    RESTARTED           the solution begins anew, so that no step takes the place of the wrong one
    STRATEGY_UNKNOWN    it is not noted whether the correction goes on or begins anew, and the text does not show it
    SAME_STEP           the step put right is, white space aside, the wrong step
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lemma_hf.data.export.repairs import Repair, read_repairs
from lemma_hf.records import Dropped, DropReason, Strategy, Trajectory
from lemma_hf.solutions.steps import split_sentences, split_steps

SplitSteps = Callable[[str], Sequence[str]]
"""Cuts a text into its steps; joined they are the text again."""

_STAGE = "export"


@dataclass(frozen=True, slots=True)
class StepPair:
    """A right and a wrong step that follow the same right steps. No text opens with a prompt style's `lead`."""

    prefix: str
    """The right steps before the two; empty where the first step went wrong."""
    right: str
    wrong: str
    """Both begin and end with the same white space, so that it does not tell them apart."""


@dataclass(frozen=True, slots=True)
class SolutionPair:
    """A right solution and a wrong one to the same problem."""

    right: str
    """A whole right solution, in which no mistake is made."""
    wrong: str
    """The right steps and the first wrong one, without white space at its end. It is *unfinished*: a trajectory keeps
    an attempt up to its first wrong step only."""


def step_pairs(
    trajectory: Trajectory, *, assume: Strategy | None = None, split: SplitSteps = split_steps
) -> tuple[StepPair | Dropped, ...]:
    r"""For each mistake the wrong step and the step put right, both after the same clean prefix.

    The pairs of Step-DPO (arXiv 2406.18629): there the right step is sampled from the model, here it is the first step
    of the correction, whoever wrote it.

    Args:
        trajectory: any; one without a mistake gives one `Dropped` record, which says so.
        assume: the strategy of errors of which it is not known, see `read_repairs`.
        split: cuts the correction into steps. By default one line is one step; where the wrong step is a sentence
            within a line, so is the right one. A world with steps of its own, such as `sums`, gives its own function.

    Returns:
        A pair or the reason why there is none, for each error in order.

    Example:
        >>> from lemma_hf.records import Error, Problem, Span, SpanKind
        >>> spans = Span(SpanKind.REASONING, "4 * 6 = 24\n"), Span(SpanKind.ERROR, "24 - 9 = 16\n")
        >>> spans += Span(SpanKind.REFLECTION, "Wait. "), Span(SpanKind.CORRECTION, "24 - 9 = 15\nThe answer is: 15")
        >>> error = Error(None, 2, strategy=Strategy.FIX_AND_CONTINUE)
        >>> step_pairs(Trajectory(Problem("p", "?", "15"), spans, (error,)))
        (StepPair(prefix='4 * 6 = 24\n', right='24 - 9 = 15\n', wrong='24 - 9 = 16\n'),)
    """
    if not trajectory.errors:
        return (_no_mistake(trajectory),)
    repairs = read_repairs(trajectory, assume)
    found = [_step_pair(trajectory, repair, number, split) for number, repair in enumerate(repairs, 1)]
    unread = range(len(repairs) + 1, len(trajectory.errors) + 1)
    return (*found, *(_unknown(trajectory, number) for number in unread))


def minimally_corrected(trajectory: Trajectory, *, assume: Strategy | None = None) -> SolutionPair | Dropped:
    r"""The wrong solution, and the same solution with nothing changed before the wrong step.

    From SPoT (arXiv 2603.01683): pairs of a model's wrong answer and the same answer surgically corrected by minimal
    edits, so that it stays close to what the model writes. What is ours: the edit is what the trajectory's correction
    is. Up to the wrong step the right solution is the wrong one, letter by letter; from there on it is the teacher's
    correction, which may be worded in another way than the student's. The paper has whole wrong answers; here the
    wrong one ends with its first wrong step. With several mistakes, the right solution has all of them put right.

    Args:
        trajectory: any.
        assume: the strategy of errors of which it is not known, see `read_repairs`.

    Example:
        >>> from lemma_hf.records import Error, Problem, Span, SpanKind
        >>> spans = Span(SpanKind.ERROR, "24 - 9 = 16\n"), Span(SpanKind.REFLECTION, "Wait. ")
        >>> spans += (Span(SpanKind.CORRECTION, "24 - 9 = 15\nThe answer is: 15"),)
        >>> minimally_corrected(Trajectory(Problem("p", "?", "15"), spans, (Error(None, 1),)))
        SolutionPair(right='24 - 9 = 15\nThe answer is: 15', wrong='24 - 9 = 16')
    """
    if not trajectory.errors:
        return _no_mistake(trajectory)
    repairs = read_repairs(trajectory, assume)
    for number, repair in enumerate(repairs, 1):
        if repair.strategy is not Strategy.FIX_AND_CONTINUE:
            return _no_step_put_right(trajectory, repair, number)
    return _against_wrong(repairs, repairs[-1].prefix + repairs[-1].correction)


def clean_solution(trajectory: Trajectory, *, assume: Strategy | None = None) -> str | Dropped:
    r"""The right solution that a trajectory holds, without mistakes and reflections; a right solution as it is.

    With Fix & Continue these are the right steps and the corrections, with Fresh & Restart the solution from the new
    start on. The only reason for none is STRATEGY_UNKNOWN.

    Example:
        >>> from lemma_hf.records import Error, Problem, Span, SpanKind
        >>> spans = Span(SpanKind.REASONING, "6 + 4 = 10\n"), Span(SpanKind.ERROR, "10 - 9 = 1\n")
        >>> spans += Span(SpanKind.REFLECTION, "Once more. "), Span(SpanKind.CORRECTION, "6 * 4 = 24\n24 - 9 = 15")
        >>> error = Error(None, 2, strategy=Strategy.FRESH_AND_RESTART)
        >>> clean_solution(Trajectory(Problem("p", "?", "15"), spans, (error,)))
        '6 * 4 = 24\n24 - 9 = 15'
    """
    if not trajectory.errors:
        return trajectory.text
    repairs = read_repairs(trajectory, assume)
    clean = repairs[-1].clean
    return _unknown(trajectory, len(repairs)) if clean is None else clean


def whole_pair(trajectory: Trajectory, *, assume: Strategy | None = None) -> SolutionPair | Dropped:
    """The solution up to its first wrong step, and the clean solution: `minimally_corrected`, and new starts too."""
    if not trajectory.errors:
        return _no_mistake(trajectory)
    clean = clean_solution(trajectory, assume=assume)
    return clean if isinstance(clean, Dropped) else _against_wrong(read_repairs(trajectory, assume), clean)


def _against_wrong(repairs: Sequence[Repair], right: str) -> SolutionPair:
    first = repairs[0]
    return SolutionPair(right, (first.prefix + first.wrong).rstrip())


def _step_pair(trajectory: Trajectory, repair: Repair, number: int, split: SplitSteps) -> StepPair | Dropped:
    if repair.strategy is not Strategy.FIX_AND_CONTINUE:
        return _no_step_put_right(trajectory, repair, number)
    right = _first_step(repair, split)
    if right.split() == repair.wrong.split():
        detail = f"error {number}: the step put right is the wrong step once more, {right.strip()!r:.60}"
        return Dropped(trajectory.id, _STAGE, DropReason.SAME_STEP, detail)
    return StepPair(repair.prefix, right, repair.wrong.rstrip() + right[len(right.rstrip()) :])


def _first_step(repair: Repair, split: SplitSteps) -> str:
    """The first step of the correction: a sentence where the wrong step is one within its line."""
    step = next(step for step in split(repair.correction) if step.strip())
    if split is split_steps and not repair.wrong.endswith("\n"):
        step = split_sentences(step)[0]
    return step


def _no_mistake(trajectory: Trajectory) -> Dropped:
    return Dropped(trajectory.id, _STAGE, DropReason.ALREADY_RIGHT, "a right solution holds nothing wrong to pair")


def _no_step_put_right(trajectory: Trajectory, repair: Repair, number: int) -> Dropped:
    if repair.strategy is None:
        return _unknown(trajectory, number)
    detail = f"error {number}: the solution begins anew, so no step takes the place of the wrong one"
    return Dropped(trajectory.id, _STAGE, DropReason.RESTARTED, detail)


def _unknown(trajectory: Trajectory, number: int) -> Dropped:
    detail = (
        f"error {number}: it is not known whether the correction goes on from the right steps or begins anew; "
        "say it for all such rows with `assume`"
    )
    return Dropped(trajectory.id, _STAGE, DropReason.STRATEGY_UNKNOWN, detail)
