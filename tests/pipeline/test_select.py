"""What selection keeps: right answers, plain turns, no word of a source, nothing twice."""

import time
from dataclasses import replace

import pytest

from lemma_hf.pipeline import select_stage
from lemma_hf.pipeline.source_mentions import mention_of_source
from lemma_hf.records import Dropped, DropReason, Error, Problem, Span, SpanKind, Strategy, Trajectory
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.reflections import _OPENINGS, _TURNS

PROBLEM = Problem("p", "What is 2 + 3 + 4?", "9")
ERROR = Error(ErrorType.CALCULATION, 1, strategy=Strategy.FIX_AND_CONTINUE)
SUM = "2 + 3 = 5, 5 + 4 = 9\nThe answer is: 9"


def trajectory(
    name: str = "t",
    problem: Problem = PROBLEM,
    end: str = SUM,
    turn: str = "Wait, that is wrong. ",
    error: str = "2 + 3 = 6\n",
) -> Trajectory:
    spans = (Span(SpanKind.ERROR, error), Span(SpanKind.REFLECTION, turn), Span(SpanKind.CORRECTION, end))
    return Trajectory(problem, spans, (ERROR,), name)


def reasons(candidates: list[Trajectory], **settings: object) -> list[DropReason | None]:
    results = select_stage(**settings).work(candidates)  # type: ignore[arg-type]
    return [item.reason if isinstance(item, Dropped) else None for item in results]


def test_selection_keeps_what_is_right_new_and_short_enough() -> None:
    again = Problem("other", "What is  2 + 3 + 4?", "9")
    candidates = [
        trajectory("kept"),
        trajectory("wrong", end="The answer is: 8"),
        trajectory("long", end="so " * 100 + "The answer is: 9"),
        trajectory("same", again),
        trajectory("same but for space and case", end=SUM.upper().replace("\n", "\n\n")),
        trajectory("second", end="It is 9.\nThe answer is: 9"),
        trajectory("third", end="So 9.\nThe answer is: 9"),
        trajectory("elsewhere", Problem("q", "What is 4 + 5?", "9")),
        trajectory("late", Problem("r", "What is 3 + 6?", "9")),
    ]
    assert reasons(candidates, max_characters=200, max_per_problem=2, max_rows=3) == [
        None,
        DropReason.ANSWER_WRONG,
        DropReason.TOO_LONG,
        DropReason.DUPLICATE,
        DropReason.DUPLICATE,
        None,
        DropReason.OVER_CAP,
        None,
        DropReason.OVER_CAP,
    ]


def test_an_error_that_states_nothing_is_none() -> None:
    heading, plan = "Step 1: Add the numbers up.\n", "Let's solve this step by step:\n"
    assert reasons([trajectory(error=heading), trajectory(error=plan), trajectory()], find_spans=False) == [
        DropReason.STATES_NOTHING,
        DropReason.STATES_NOTHING,
        None,
    ]


def test_an_error_that_its_correction_says_again_is_none_unless_something_was_left_out() -> None:
    again = trajectory(error="1. 2 + 3 = 5.\n", end="2 + 3 = 5\n5 + 4 = 9\nThe answer is: 9")
    left_out = replace(again, errors=(replace(ERROR, type=ErrorType.MISSING_STEP),))
    assert reasons([again, left_out], find_spans=False) == [DropReason.SAME_STEP, None]


def test_a_turn_has_to_be_seen_in_the_words_where_it_was_made() -> None:
    candidates = [
        trajectory(turn="\nHmm, 2 + 3 is 5, not 6. ", error="2 + 3 = 6."),
        trajectory(turn="The sum is small. "),
        trajectory(turn="The sum is small. ", end="Wait, that is wrong. " + SUM),
        trajectory(turn="!"),
    ]
    assert reasons(candidates) == [None, *[DropReason.SPANS_LOST] * 3]
    assert reasons(candidates, find_spans=False) == [None] * 4


def test_each_of_several_turns_has_to_be_seen_but_a_further_one_need_not_say_that_something_is_wrong() -> None:
    first, second = trajectory(), trajectory(turn="Now then. ", error="5 + 4 = 8\n")
    middle = Span(SpanKind.CORRECTION, "2 + 3 = 5\n")
    twice = Trajectory(PROBLEM, (*first.spans[:2], middle, *second.spans), (ERROR, ERROR), "t")
    seen = Trajectory(PROBLEM, (*first.spans[:2], middle, *trajectory(error="5 + 4 = 8\n").spans), (ERROR, ERROR), "t")
    mild = trajectory(turn="Wait, 5 + 4 is 9. ", error="5 + 4 = 8\n")
    further = Trajectory(PROBLEM, (*first.spans[:2], middle, *mild.spans), (ERROR, ERROR), "t")
    assert reasons([twice, seen, further]) == [DropReason.SPANS_LOST, None, None]


def test_a_solution_without_an_error_needs_no_turn() -> None:
    right = Trajectory(PROBLEM, (Span(SpanKind.REASONING, SUM),), (), "t")
    assert reasons([right]) == [None]


@pytest.mark.parametrize("strategy", list(Strategy))
def test_the_turns_of_our_own_teacher_are_all_seen(strategy: Strategy) -> None:
    turns = [f"{opening.format('that is wrong.')} {turn} " for opening in _OPENINGS for turn in _TURNS[strategy]]
    assert reasons([trajectory(turn=turn) for turn in turns]) == [None] * len(turns)


@pytest.mark.parametrize(
    "text",
    [
        "Wait, the previous attempt added 3 instead of 4.",
        "The student’s mistake was in the second step.",
        "Here the student made a calculation error.",
        "The student incorrectly adds the two numbers.",
        "As the reference solution shows, 2 + 3 = 5.",
        "This differs from the ground truth.",
        "The given solution is wrong: it adds twice.",
        "Let me correct the provided solution.",
        "According to the correct answer, this should be 5.",
        "The incorrect solution forgot the 4.",
        "The error in the\nsolution is in step 2.",
        "In the student's previous work, 3 was taken for 4.",
        "The solution provided above adds wrongly.",
    ],
)
def test_a_source_that_the_reader_never_sees_is_found(text: str) -> None:
    assert mention_of_source(text) is not None
    assert reasons([trajectory(turn=f"Wait, that is wrong. {text} ")]) == [DropReason.MENTIONS_SOURCE]
    assert reasons([trajectory(end=f"{text}\n{SUM}")]) == [DropReason.MENTIONS_SOURCE]


@pytest.mark.parametrize(
    "text",
    [
        "Each student has 3 pens, so 4 students have 12.",
        "The student's score is 80, and the students' average is 70.",
        "The student made 3 bracelets. The teacher made 2.",
        "The given solution is 20% salt, and the original solution has 4 liters.",
        "The correct answer is 5. Here is the correct solution.",
        "My previous step was wrong, let me redo the earlier calculation.",
        "I will put this attempt aside and begin anew.",
        "We first attempt to factor it. On the first attempt he scores 3 points.",
        "The two given answer choices are 4 and 5.",
        "Both the student and the answer key say that it is true.",
        "Using the values provided, 2 + 3 = 5. Given solutions of 10% and 30% acid, mix them.",
    ],
)
def test_students_answers_and_solutions_of_the_problem_itself_are_no_source(text: str) -> None:
    assert mention_of_source(text) is None


def test_what_the_student_wrote_may_say_anything() -> None:
    assert reasons([trajectory(error="The previous solution is 6.\n")]) == [None]


def test_a_long_hostile_text_takes_no_time() -> None:
    start = time.perf_counter()
    for piece in ("the student's ", "given ", "solution that was ", "the student made an ", "previous " * 3):
        mention_of_source(piece * 20_000)
    assert time.perf_counter() - start < 5
