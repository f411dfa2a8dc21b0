"""Weaknesses of the data of a run: what keeps it from teaching a model to find and correct its own mistakes.

    Look at this data before you train on it: 300 of 400 attempts only state an answer: ask with another
    `student_prompt_style`, such as `show_steps`; 41 trajectories are few: take more problems, `samples` or `injections`

These are plain thresholds, set where a reader would want to look at the data before training on it. None of them stops
a run.
"""

from collections.abc import Iterator, Mapping, Sequence

from lemma_hf.pipeline.stage import StageCount
from lemma_hf.records import DropReason, Error, Origin, SpanKind, Trajectory
from lemma_hf.solutions import claimed_answer

_ENOUGH = 20
"""Items from which on a share is judged: of 19 or fewer, chance moves it by a fifth and more."""
_MANY_WITHOUT_STEPS = 1 / 3
"""Share of attempts without steps. Some occur with every model; a third says that the prompt asks for no work."""
_MANY_FALSE = 1 / 10
"""Share of headings and plans among the steps that are called wrong. The reference teacher names none."""
_NEARLY_ALL = 0.9
"""Share that leaves too few others: a model trained on it learns the nine of ten cases as the rule."""
_MOST = 0.5
"""Share of wrong attempts about which the teacher is not sure: those that are left are then a choice of easy cases."""
_FEW_ROWS = 100
"""Trajectories: fewer are one or two updates of a usual batch of 64, and are learned by heart in a few epochs."""
_SHOWN_STAGES = ("analyse", "keep right")
"""Stages that drop attempts without steps."""
NOT_GIVEN = "not given"
"""In the place of an error type: an error without a type."""


def find_weaknesses(
    funnel: Sequence[StageCount], trajectories: Sequence[Trajectory], student_errors: Mapping[str, int]
) -> tuple[str, ...]:
    """Find what keeps the data of a run from teaching, each as a part of a sentence with the figure and the remedy.

    Args:
        funnel: counts of the stages so far.
        trajectories: the kept ones; none where the run was stopped, and then nothing is said about them.
        student_errors: counts of the error types in the student's attempts, `not given` among them.

    Example:
        >>> find_weaknesses([StageCount("analyse", 30, 18, dropped={"no_steps": 12})], [], {})
        ('12 of 30 attempts only state an answer: ask with another `student_prompt_style`, such as `show_steps`',)
    """
    return (
        *_without_steps(funnel),
        *_unsure(funnel),
        *_false_steps(funnel),
        *_at_the_edges(trajectories),
        *_untyped(student_errors),
        *_few(trajectories),
    )


def weakness_line(weaknesses: Sequence[str]) -> str:
    """One line for all weaknesses; empty where there are none."""
    return f"Look at this data before you train on it: {'; '.join(weaknesses)}" if weaknesses else ""


def _without_steps(funnel: Sequence[StageCount]) -> Iterator[str]:
    entered, bare = _count(funnel, _SHOWN_STAGES, (DropReason.NO_STEPS,))
    if entered >= _ENOUGH and bare > _MANY_WITHOUT_STEPS * entered:
        yield (
            f"{bare:,} of {entered:,} attempts only state an answer: ask with another `student_prompt_style`, such as "
            "`show_steps`"
        )


def _unsure(funnel: Sequence[StageCount]) -> Iterator[str]:
    entered, bare = _count(funnel, ("analyse",), (DropReason.NO_STEPS,))
    _, unsure = _count(funnel, ("analyse",), (DropReason.UNSURE, DropReason.DISAGREEMENT))
    if entered - bare >= _ENOUGH and unsure > _MOST * (entered - bare):
        yield (
            f"of {unsure:,} of {entered - bare:,} wrong attempts the first wrong step is not sure: use another "
            "`teacher`, or a lower `min_sureness` or fewer `votes`"
        )


def _false_steps(funnel: Sequence[StageCount]) -> Iterator[str]:
    """Where many steps that were named state nothing, the others are no better."""
    entered, bare = _count(funnel, ("analyse",), (DropReason.NO_STEPS,))
    _, false = _count(funnel, ("analyse",), (DropReason.STATES_NOTHING,))
    if entered - bare >= _ENOUGH and false > _MANY_FALSE * (entered - bare):
        yield (
            f"in {false:,} of {entered - bare:,} attempts the step that is called wrong states nothing: use another "
            "`teacher`"
        )


def _at_the_edges(trajectories: Sequence[Trajectory]) -> Iterator[str]:
    """Where first mistakes stand in nothing but the first step or the answer line, no right work stands before them."""
    firsts = [t for t in trajectories if t.errors and t.errors[0].origin is Origin.STUDENT]
    edges = sum(_at_an_edge(trajectory, trajectory.errors[0]) for trajectory in firsts)
    if len(firsts) >= _ENOUGH and edges >= _NEARLY_ALL * len(firsts):
        yield (
            f"in {edges:,} of {len(firsts):,} trajectories of the student the first wrong step is its first step or "
            "its answer line: ask for more steps, or check the `teacher`"
        )


def _at_an_edge(trajectory: Trajectory, error: Error) -> bool:
    wrong = next(trajectory.of_kind(SpanKind.ERROR)).text
    return error.step == 1 or claimed_answer(wrong.strip()) is not None


def _untyped(student_errors: Mapping[str, int]) -> Iterator[str]:
    total, untyped = sum(student_errors.values()), student_errors.get(NOT_GIVEN, 0)
    if total >= _ENOUGH and untyped >= _NEARLY_ALL * total:
        yield f"{untyped:,} of {total:,} errors have no type, so injected ones do not follow them: check the `teacher`"


def _few(trajectories: Sequence[Trajectory]) -> Iterator[str]:
    if 0 < len(trajectories) < _FEW_ROWS:
        yield f"{len(trajectories):,} trajectories are few: take more problems, `samples` or `injections`"


def _count(funnel: Sequence[StageCount], stages: Sequence[str], reasons: Sequence[DropReason]) -> tuple[int, int]:
    """The items that entered some stages, and those that these dropped for some reasons."""
    counts = [count for count in funnel if count.stage in stages]
    dropped = sum(count.dropped.get(str(reason), 0) for count in counts for reason in reasons)
    return sum(count.entered for count in counts), dropped
