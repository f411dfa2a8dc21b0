"""The records that all parts of the package exchange: problem, attempt, grade, error and trajectory.

A trajectory as the paper means it, one span a line:

    REASONING    "Each box holds 6 pens, so 4 boxes hold 4 * 6 = 24 pens.\\n"
    ERROR        "She gives away 9 of them, so 24 - 9 = 16 pens are left.\\n"
    REFLECTION   "Wait, that subtraction does not check out. "
    CORRECTION   "24 - 9 = 15, so 15 pens are left.\\nThe answer is: 15"

Nothing here holds an offset: the text of a trajectory *is* its spans joined, so offsets cannot go stale.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import accumulate, pairwise

from lemma_hf.errors import DataError
from lemma_hf.taxonomy import ErrorType


class Outcome(StrEnum):
    """The outcome of grading one answer. Only `RIGHT` counts as right; the others are counted apart."""

    RIGHT = "right"
    WRONG = "wrong"
    NO_ANSWER = "no_answer"
    """The output claims no answer, or its last claim is empty or cut off."""
    UNREADABLE_REFERENCE = "unreadable_reference"
    """The *reference* is empty or cannot be understood: a fault of the data, not of the model."""
    TIMEOUT = "timeout"
    """Comparing did not end within its bound on time or memory."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The answer that a text finally claims, and the rule that found it."""

    text: str | None
    """The claimed answer, or None where the text makes no complete claim."""
    rule: str


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict on one answer, with the rule that decided it."""

    outcome: Outcome
    extracted: str | None
    reference: str
    rule: str
    """The rule that decided, such as `boxed>number`: how the answer was found, then how it was compared."""
    detail: str = ""
    seconds: float = field(default=0.0, compare=False)

    def __bool__(self) -> bool:
        raise TypeError("a Grade is neither true nor false: compare `grade.outcome is Outcome.RIGHT`")


@dataclass(frozen=True, slots=True)
class Problem:
    """A question with its reference answer."""

    id: str
    question: str
    reference_answer: str
    reference_solution: str = ""
    """A worked solution, one step a line, or empty where none is known."""
    source: str = ""
    """Where the problem comes from, such as `world/stories` or `gsm8k`."""
    subject: str = ""
    """The subject in its benchmark, such as `Precalculus`; empty where the benchmark has none."""
    level: str = ""
    """The difficulty in its benchmark, such as `Level 3`; empty where the benchmark has none."""

    @property
    def key(self) -> str:
        """The question in the form that makes two problems the same one, whatever their ids; see `question_key`."""
        return question_key(self.question)


def question_key(question: str) -> str:
    r"""Return a question without its line breaks and double spaces, to compare it with others.

    Example:
        >>> question_key("A box holds  6 pens.\nHow many are in 4 boxes? ")
        'A box holds 6 pens. How many are in 4 boxes?'
    """
    return " ".join(question.split())


class Strategy(StrEnum):
    """The way from an error to the answer (paper, section 3.3)."""

    FIX_AND_CONTINUE = "fix_and_continue"
    """Correct the wrong step and go on from there."""
    FRESH_AND_RESTART = "fresh_and_restart"
    """Leave the attempt and solve the problem again from the start."""


class Origin(StrEnum):
    """The author of a mistake."""

    STUDENT = "student"
    """The model that is to be trained, or another whose outputs stand for it."""
    INJECTED = "injected"
    """A teacher or a made-up world, on purpose."""


@dataclass(frozen=True, slots=True)
class Error:
    """The first wrong step of an attempt."""

    type: ErrorType | None
    """None where it is not known, as in the published LEMMA rows."""
    step: int
    """The number of the wrong step in the attempt, counted from 1."""
    origin: Origin | None = Origin.STUDENT
    """None where it is not known."""
    strategy: Strategy | None = None
    """The strategy that corrected it; None until it is corrected."""
    sureness: float | None = field(default=None, compare=False)
    """The share of such findings that were right where people marked the step; None where it is not known. It is no
    part of a stored row."""
    start: int | None = None
    """The character in the text of its ERROR span at which the mistake itself begins; what the span holds before it is
    right. None where it is not known: the whole span is then the mistake."""

    def __post_init__(self) -> None:
        if self.step < 1:
            raise DataError(f"steps are counted from 1, but the error is said to be in step {self.step}")
        if self.start is not None and self.start < 0:
            raise DataError(f"characters are counted from 0, but the mistake is said to begin at {self.start}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A solution of a student, as steps; each step keeps its own line break, so that the text is their join."""

    problem: Problem
    steps: tuple[str, ...]
    grade: Grade | None = None
    annotation: Error | None = None
    """The annotation of the first wrong step that came with the data, where it has one."""
    id: str = ""

    @property
    def name(self) -> str:
        """The name in ids and in reports: the attempt's own id or, where it has none, its problem's."""
        return self.id or self.problem.id

    @property
    def text(self) -> str:
        """The solution as written."""
        return "".join(self.steps)


@dataclass(frozen=True, slots=True)
class Flawed:
    """A wrong attempt whose first wrong step is known."""

    attempt: Attempt
    error: Error
    target: str = ""
    """A right solution for Fresh & Restart, such as another one of the student; empty: the reference solution."""

    def __post_init__(self) -> None:
        if self.error.step > len(self.attempt.steps):
            raise DataError(
                f"attempt {self.attempt.name} has {len(self.attempt.steps)} steps, "
                f"but its error is said to be in step {self.error.step}"
            )

    @property
    def problem(self) -> Problem:
        """The problem that was attempted."""
        return self.attempt.problem

    @property
    def right_steps(self) -> tuple[str, ...]:
        """The steps before the first wrong one."""
        return self.attempt.steps[: self.error.step - 1]

    @property
    def wrong_step(self) -> str:
        """The first wrong step, as written."""
        return self.attempt.steps[self.error.step - 1]

    def corrected_id(self, strategy: Strategy) -> str:
        """The id of the trajectory that corrects this attempt by `strategy`, such as `gsm8k/7/fix_and_continue`."""
        return f"{self.attempt.name}/{strategy}"


class SpanKind(StrEnum):
    """The role of a span in its trajectory."""

    REASONING = "reasoning"
    """Right steps before any error, and the whole of a solution without one."""
    ERROR = "error"
    """A wrong step."""
    REFLECTION = "reflection"
    """The turn: the words that notice the mistake."""
    CORRECTION = "correction"
    """Right steps, from the turn to the end or to the next error."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text of one kind."""

    kind: SpanKind
    text: str


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A solution as spans. Each ERROR is followed by its REFLECTION and its CORRECTION, and has its `Error` record.

    One error in the paper's data, none in a right solution mixed in, several where on-policy rounds repair more than
    one step.

    Raises:
        DataError: if a span is empty, the order of spans is broken, errors and ERROR spans do not match in number, or a
            mistake is said to begin behind its span.
    """

    problem: Problem
    spans: tuple[Span, ...]
    errors: tuple[Error, ...] = ()
    id: str = ""

    @classmethod
    def corrected(
        cls,
        flawed: Flawed,
        strategy: Strategy,
        reflection: str,
        correction: str,
        *,
        right: str | None = None,
        wrong: str | None = None,
        id: str | None = None,
    ) -> "Trajectory":
        r"""Build the trajectory of one corrected error: right steps, wrong step, `reflection`, `correction`.

        Args:
            flawed: the attempt, of which all up to and including the wrong step is kept.
            strategy: how `correction` gets to the answer; it is noted in the error.
            right: the right steps in other words, for teachers that rewrite them; by default as they are written.
            wrong: the wrong step in other words, in which the place of the mistake is not known; by default as it is
                written.
            id: of the trajectory; by default `flawed.corrected_id(strategy)`.

        Raises:
            DataError: if the wrong step, the reflection or the correction is empty.

        Example:
            >>> attempt = Attempt(Problem("p", "What is 24 - 9 + 1?", "16"), ("24 - 9 = 16\n", "16 + 1 = 17"))
            >>> fixed = Trajectory.corrected(
            ...     Flawed(attempt, Error(None, 1)), Strategy.FIX_AND_CONTINUE, "Wait, no. ", "24 - 9 = 15, 15 + 1 = 16"
            ... )
            >>> fixed.id, [str(span.kind) for span in fixed.spans]
            ('p/fix_and_continue', ['error', 'reflection', 'correction'])
        """
        wrong = flawed.wrong_step if wrong is None else wrong
        # In other words it begins elsewhere; white space at its end changes nothing.
        start = flawed.error.start if wrong.rstrip() == flawed.wrong_step.rstrip() else None
        spans = (
            Span(SpanKind.REASONING, "".join(flawed.right_steps) if right is None else right),
            Span(SpanKind.ERROR, wrong),
            Span(SpanKind.REFLECTION, reflection),
            Span(SpanKind.CORRECTION, correction),
        )
        return cls(
            flawed.problem,
            # Where the first step is the wrong one, there is no reasoning before it.
            tuple(span for span in spans if span.text),
            (replace(flawed.error, strategy=strategy, start=start),),
            flawed.corrected_id(strategy) if id is None else id,
        )

    def __post_init__(self) -> None:
        if fault := _fault_of_spans(self.spans, self.errors):
            raise DataError(f"trajectory {self.id or self.problem.id}: {fault}")

    @property
    def text(self) -> str:
        """The whole solution: its spans joined."""
        return "".join(span.text for span in self.spans)

    @property
    def ends(self) -> tuple[int, ...]:
        """For each span the offset in `text`, in characters, at which it ends."""
        return tuple(accumulate(len(span.text) for span in self.spans))

    def of_kind(self, kind: SpanKind) -> Iterator[Span]:
        """The spans of one kind, in order."""
        return (span for span in self.spans if span.kind is kind)


_FOLLOWS = {
    SpanKind.REASONING: {SpanKind.ERROR},
    SpanKind.ERROR: {SpanKind.REFLECTION},
    SpanKind.REFLECTION: {SpanKind.CORRECTION},
    SpanKind.CORRECTION: {SpanKind.ERROR},
}


def _fault_of_spans(spans: tuple[Span, ...], errors: tuple[Error, ...]) -> str | None:
    if not spans:
        return "it has no spans"
    if any(not span.text for span in spans):
        return "a span is empty"
    if spans[0].kind not in (SpanKind.REASONING, SpanKind.ERROR):
        return f"it begins with a {spans[0].kind} span"
    if spans[-1].kind not in (SpanKind.REASONING, SpanKind.CORRECTION):
        return f"it ends with a {spans[-1].kind} span: an error needs its reflection and its correction"
    for this, following in pairwise(spans):
        if following.kind not in _FOLLOWS[this.kind]:
            return f"a {following.kind} span follows a {this.kind} span"
    wrong = [span.text for span in spans if span.kind is SpanKind.ERROR]
    if len(wrong) != len(errors):
        return f"it has {len(wrong)} error spans, but {len(errors)} error records"
    for text, error in zip(wrong, errors, strict=True):
        if error.start is not None and error.start >= len(text):
            return f"a mistake is said to begin at character {error.start} of an error span of {len(text)} characters"
    return None


class DropReason(StrEnum):
    """The reason for dropping an item. Every reason is counted, and every dropped item written to a file."""

    BAD_ROW = "bad_row"
    NO_REFERENCE_ANSWER = "no_reference_answer"
    NO_REFERENCE_SOLUTION = "no_reference_solution"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    REFERENCE_UNREADABLE = "reference_unreadable"
    NO_ANSWER = "no_answer"
    TIMEOUT = "timeout"
    ALREADY_RIGHT = "already_right"
    """The attempt has the right answer, so there is nothing to correct."""
    ERROR_NOT_FOUND = "error_not_found"
    """The teacher finds no wrong step, though the answer is wrong."""
    ALL_STEPS_RIGHT = "all_steps_right"
    """The teacher calls every step right."""
    UNSURE = "unsure"
    """The teacher names a step, but is less sure of it than was asked for."""
    DISAGREEMENT = "disagreement"
    """The teacher's votes, or two teachers, name different steps."""
    PREFIX_FAILS = "prefix_fails"
    """From the steps before the named one the student never reaches the answer: one of them may be wrong already."""
    STEP_OUT_OF_RANGE = "step_out_of_range"
    NOT_PROSE = "not_prose"
    """The attempt is written as a program, which a correction in prose cannot continue."""
    CANNOT_INJECT = "cannot_inject"
    """The problem offers no place for an error of the type that was drawn."""
    ANSWER_STILL_RIGHT = "answer_still_right"
    NO_REFLECTION = "no_reflection"
    ANSWER_WRONG = "answer_wrong"
    SPANS_LOST = "spans_lost"
    DUPLICATE = "duplicate"
    TOO_LONG = "too_long"
    OVER_CAP = "over_cap"
    """More trajectories of one problem than the cap allows."""
    OVERLAPS_TEST_SET = "overlaps_test_set"
    MENTIONS_SOURCE = "mentions_source"
    """The correction speaks of a previous attempt, a student or a reference that its reader never sees."""
    REFUSED = "refused"
    """The model or its endpoint declined: a content filter, a prompt that is too long."""
    UNREADABLE_REPLY = "unreadable_reply"
    """The model's reply is not in the form that was asked for."""
    CALL_FAILED = "call_failed"
    """The endpoint gave no reply, however often it was asked."""
    RESTARTED = "restarted"
    """The solution begins anew, so no step takes the place of the wrong one."""
    STRATEGY_UNKNOWN = "strategy_unknown"
    """It is not known whether the correction goes on from the right steps or begins anew."""
    SAME_STEP = "same_step"
    """The step put right is the wrong step once more, or the correction has it among its own lines."""
    STATES_NOTHING = "states_nothing"
    """What is named as the wrong step only announces others, as a heading or a question does, and cannot be wrong."""
    NO_STEPS = "no_steps"
    """The attempt only states an answer: nothing shows how it came to it, so there is no step that could be wrong."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """An item that was dropped, with the stage and the reason."""

    id: str
    stage: str
    reason: DropReason
    detail: str = ""

    def at(self, stage: str) -> "Dropped":
        """Return the same record under the name of another stage."""
        return replace(self, stage=stage)
