"""Stages `turn 1`, `turn 2`, …: each mistake is put right where it was made, and the solution goes on from there.

    flawed ─ turn 1 ─ turn 2 ─ … ─ turn n ─ trajectories with 1 to n turns
             fix      go on, analyse, fix

In a turn the teacher corrects the first wrong step, and of its correction that step alone is taken. Then the student
goes on from the clean solution, in which corrected steps stand in place of wrong ones; where it makes a further
mistake, that is the next turn. So a trajectory holds as many turns as mistakes were made, each where it was made. (A
model trained on exactly one reflection a solution learns just that: reflect once, anywhere.)

A stage of a turn counts the drafts that are open: `in` those whose solution goes on, `out` those with a further turn
and those that came to their end.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from lemma_hf.grading import grade_many
from lemma_hf.pipeline.analyse import without_steps
from lemma_hf.pipeline.correct import CHANGED, keeps_attempt
from lemma_hf.pipeline.draft import Draft
from lemma_hf.pipeline.engine import Stage, stage_hints
from lemma_hf.pipeline.go_on import GoOn
from lemma_hf.pipeline.grade import UNGRADED, is_right
from lemma_hf.pipeline.smooth import smooth_stage
from lemma_hf.pipeline.stage import Funnel
from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Flawed,
    Span,
    SpanKind,
    Trajectory,
)
from lemma_hf.teachers import Teacher

_In = TypeVar("_In")
_Out = TypeVar("_Out")

_SAYS_RIGHT = frozenset((DropReason.ALREADY_RIGHT, DropReason.ERROR_NOT_FOUND, DropReason.ALL_STEPS_RIGHT))
"""Reasons of a verdict that finds no wrong step. A teacher that does not know the answer says so of a wrong one too."""
_WORKS = re.compile(r"[\d=]")
"""A sign that a step computes something, and is not only the words that lead to it."""


@dataclass(frozen=True, slots=True)
class Turns:
    """What the turns are made with."""

    teacher: Teacher
    split: Callable[[str], tuple[str, ...]]
    """Text to steps, as the teacher counts them."""
    go_on: GoOn
    """Writes what comes behind a corrected step."""
    clean: Callable[[str], str] = str
    """A corrected step as it would stand in a solution without mistakes; by default as it is."""
    most: int = 4
    """The last turn: in it the teacher's correction runs to the end, so that every trajectory ends."""
    benchmark: str = "math"
    """How answers are read, see `lemma_hf.grade`."""


def first_turn_stage(turns: Turns) -> Stage[Flawed, Draft]:
    """Begin a draft with each wrong attempt: its right steps, its wrong step, the reflection and the step put right.

    Dropped is what the teacher cannot correct, and a correction that changes what stands before it (SPANS_LOST).
    """
    return Stage("turn 1", _FirstTurn(turns), **stage_hints(turns.teacher))


def next_turn_stage(turns: Turns, number: int) -> Stage[Draft, Draft]:
    """Let each draft go on from its clean solution: to a further mistake, which is put right, or to its end.

    A draft is dropped where it cannot go on (see `go_on`), where its end has not the right answer (with the reason of
    its grade or of the teacher's verdict), where the teacher now calls a step wrong that was taken for right
    (DISAGREEMENT), and as in `first_turn_stage`.

    Args:
        number: of the turn. 1 is for drafts without a step yet, whose student begins with the question.
    """
    return Stage(f"turn {number}", _NextTurn(turns, number), **stage_hints(turns.teacher, turns.go_on.worker))


def take_turns(funnel: Funnel, turns: Turns, flawed: Sequence[Flawed]) -> list[Trajectory]:
    """The trajectories of wrong attempts, each with 1 to `turns.most` turns, in the order of the attempts."""
    return finish_drafts(funnel, turns, funnel.run(first_turn_stage(turns), flawed), first=2)


def finish_drafts(funnel: Funnel, turns: Turns, drafts: Sequence[Draft], first: int = 1) -> list[Trajectory]:
    """The trajectories of drafts, each with up to `turns.most` turns, in the order of the drafts.

    Args:
        first: the number of the turn that is next. With 1, drafts have no step yet, and one whose student makes no
            mistake becomes a trajectory without a turn.
    """
    places = {draft.id: place for place, draft in enumerate(drafts)}
    for number in range(first, turns.most + 1):
        still_open = [draft for draft in drafts if not draft.done]
        moved = funnel.run(next_turn_stage(turns, number), still_open)
        drafts = [*(draft for draft in drafts if draft.done), *moved]
    return [draft.finished() for draft in sorted(drafts, key=lambda draft: places[draft.id])]


def right_stage() -> Stage[Attempt, Trajectory]:
    """Make a trajectory without a turn of each right attempt: all of it is reasoning.

    One that only states the answer is dropped (NO_STEPS): a row of it would train a model to show no work.
    """
    return Stage("keep right", lambda attempts: [_as_reasoning(each) for each in attempts], batch=512)


def _as_reasoning(attempt: Attempt) -> Trajectory | Dropped:
    if not attempt.text.strip():
        return Dropped(attempt.name, "keep right", DropReason.EMPTY)
    whole = Trajectory(attempt.problem, (Span(SpanKind.REASONING, attempt.text),), id=f"{attempt.name}/right")
    return without_steps(attempt) or whole


@dataclass(frozen=True, slots=True)
class _FirstTurn:
    """The work of `first_turn_stage`."""

    turns: Turns

    def __call__(self, flawed: Sequence[Flawed]) -> list[Draft | Dropped]:
        written = _corrected(self.turns.teacher, flawed)
        return [
            one if isinstance(one, Dropped) else _add_turn(self.turns, Draft(_named(item), item.problem), item, one, 1)
            for item, one in zip(flawed, written, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _NextTurn:
    """The work of `next_turn_stage`."""

    turns: Turns
    number: int

    def __call__(self, drafts: Sequence[Draft]) -> list[Draft | Dropped]:
        attempts = _where_kept(self.turns.go_on(drafts, self.number), self._graded)
        # Behind the steps of a draft the answer alone is an end; without steps before it, it shows nothing.
        attempts = _where_kept(attempts, lambda kept: [without_steps(attempt) or attempt for attempt in kept])
        verdicts = _where_kept(attempts, lambda kept: list(zip(kept, self.turns.teacher.analyse(kept), strict=True)))
        judged = [
            found if isinstance(found, Dropped) else self._judged(draft, *found)
            for draft, found in zip(drafts, verdicts, strict=True)
        ]
        written = iter(_corrected(self.turns.teacher, [item for item in judged if isinstance(item, Flawed)]))
        return [
            self._turned(draft, item, next(written)) if isinstance(item, Flawed) else item
            for draft, item in zip(drafts, judged, strict=True)
        ]

    def _graded(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        references = [attempt.problem.reference_answer for attempt in attempts]
        grades = grade_many([attempt.text for attempt in attempts], references, benchmark=self.turns.benchmark)
        return [replace(attempt, grade=grade) for attempt, grade in zip(attempts, grades, strict=True)]

    def _judged(self, draft: Draft, attempt: Attempt, verdict: Error | Dropped) -> Flawed | Draft | Dropped:
        """The attempt with its wrong step; or the draft with its end, where there is none."""
        if isinstance(verdict, Error):
            if verdict.step > len(attempt.steps):
                detail = f"said to be step {verdict.step} of {len(attempt.steps)}"
                return Dropped(attempt.name, "turn", DropReason.STEP_OUT_OF_RANGE, detail)
            if verdict.step <= len(draft.steps):
                detail = f"step {verdict.step}, which was taken for right, is now called wrong"
                return Dropped(attempt.name, "turn", DropReason.DISAGREEMENT, detail)
            return Flawed(attempt, replace(verdict, origin=self.turns.go_on.origin))
        if verdict.reason not in _SAYS_RIGHT:
            return verdict
        if not is_right(attempt) and attempt.grade is not None:
            reason = UNGRADED.get(attempt.grade.outcome, DropReason.ERROR_NOT_FOUND)
            return Dropped(attempt.name, "turn", reason, attempt.grade.detail or verdict.detail)
        return draft.with_right(attempt.steps[len(draft.steps) :], done=True)

    def _turned(self, draft: Draft, flawed: Flawed, written: "_Written | Dropped") -> Draft | Dropped:
        if isinstance(written, Dropped):
            return written
        return _add_turn(self.turns, draft, flawed, written, self.number)


@dataclass(frozen=True, slots=True)
class _Written:
    """What the teacher wrote about one wrong step."""

    turn: tuple[Span, Span]
    """The wrong step, and the reflection on it."""
    correction: str
    """To the end of the solution."""


def _corrected(teacher: Teacher, flawed: Sequence[Flawed]) -> list[_Written | Dropped]:
    """Have the teacher fix each wrong step, and smooth what it wrote."""
    if not flawed:
        return []
    fixed = _where_kept(teacher.fix(flawed), smooth_stage(teacher).work)
    return [one if isinstance(one, Dropped) else _read_turn(item, one) for item, one in zip(flawed, fixed, strict=True)]


def _read_turn(flawed: Flawed, fixed: Trajectory) -> _Written | Dropped:
    """The turn of a corrected attempt, if its right steps and its wrong one are as they were."""
    if not keeps_attempt(flawed, fixed):
        return Dropped(fixed.id or flawed.attempt.name, "turn", DropReason.SPANS_LOST, CHANGED)
    error, reflection, correction = fixed.spans[-3:]
    return _Written((error, reflection), correction.text)


def _add_turn(turns: Turns, draft: Draft, flawed: Flawed, written: _Written, number: int) -> Draft:
    """The draft with the right steps of the attempt, and the turn behind them; in the last one the whole correction."""
    pieces = turns.split(written.correction)
    count = len(pieces) if number >= turns.most else _length_of_step(pieces)
    clean = [turns.clean(piece) for piece in pieces]
    return draft.with_right(flawed.right_steps[len(draft.steps) :]).with_turn(
        flawed.error,
        written.turn,
        pieces[:count],
        clean=clean[:count],
        rest=clean[count:],
        done=count == len(pieces),
    )


def _length_of_step(pieces: Sequence[str]) -> int:
    """The number of pieces up to the first one that computes something: "Let us redo this." is no step put right."""
    return next((count for count, piece in enumerate(pieces, start=1) if _WORKS.search(piece)), len(pieces))


def _named(flawed: Flawed) -> str:
    return f"{flawed.attempt.name}/turns"


def _where_kept(
    items: Sequence[_In | Dropped], work: Callable[[Sequence[_In]], Sequence[_Out | Dropped]]
) -> list[_Out | Dropped]:
    """Do the work on the items that are kept; a dropped one stays in its place."""
    kept = [item for item in items if not isinstance(item, Dropped)]
    done: Iterator[_Out | Dropped] = iter(work(kept) if kept else ())
    return [item if isinstance(item, Dropped) else next(done) for item in items]
