"""The records: what cannot be built, and what follows from what."""

import pytest

from lemma_hf.errors import DataError
from lemma_hf.records import (
    Attempt,
    Error,
    Flawed,
    Grade,
    Outcome,
    Problem,
    Span,
    SpanKind,
    Strategy,
    Trajectory,
)
from lemma_hf.taxonomy import ErrorType

PROBLEM = Problem("p", "What is 24 - 9?", "15")
R, E, W, C = (SpanKind(name) for name in ("reasoning", "error", "reflection", "correction"))
ERROR = Error(ErrorType.CALCULATION, 1)


def spans(*kinds):
    return tuple(Span(kind, f"{kind} ") for kind in kinds)


def test_the_text_of_a_trajectory_is_its_spans_joined_and_the_offsets_follow():
    trajectory = Trajectory(PROBLEM, (Span(R, "ab"), Span(E, "c"), Span(W, "Wait"), Span(C, "d")), (ERROR,))
    assert trajectory.text == "abcWaitd"
    assert trajectory.ends == (2, 3, 7, 8)
    assert [span.text for span in trajectory.of_kind(W)] == ["Wait"]


@pytest.mark.parametrize(
    ("kinds", "errors"), [((R,), 0), ((R, E, W, C), 1), ((E, W, C), 1), ((R, E, W, C, E, W, C), 2)]
)
def test_these_orders_of_spans_are_trajectories(kinds, errors):
    assert Trajectory(PROBLEM, spans(*kinds), (ERROR,) * errors)


@pytest.mark.parametrize(
    ("kinds", "errors", "message"),
    [
        ((), 0, "no spans"),
        ((R, E), 1, "an error needs its reflection and its correction"),
        ((R, E, W), 1, "an error needs its reflection and its correction"),
        ((R, E, C), 1, "correction span follows a error span"),
        ((R, W, C), 0, "reflection span follows a reasoning span"),
        ((W, C), 0, "begins with a reflection"),
        ((R, R), 0, "follows"),
        ((R, E, W, C), 0, "1 error spans, but 0 error records"),
        ((R,), 1, "0 error spans, but 1 error records"),
    ],
)
def test_these_are_none(kinds, errors, message):
    with pytest.raises(DataError, match=message):
        Trajectory(PROBLEM, spans(*kinds), (ERROR,) * errors)


def test_an_empty_span_is_refused():
    with pytest.raises(DataError, match="empty"):
        Trajectory(PROBLEM, (Span(R, ""),))


def test_a_flawed_attempt_knows_what_was_right_and_what_was_not():
    flawed = Flawed(Attempt(PROBLEM, ("one\n", "two\n", "three")), Error(ErrorType.COUNTING, 2))
    assert (flawed.right_steps, flawed.wrong_step, flawed.attempt.text) == (("one\n",), "two\n", "one\ntwo\nthree")


@pytest.mark.parametrize("step", [0, -1])
def test_steps_are_counted_from_one(step):
    with pytest.raises(DataError, match="counted from 1"):
        Error(ErrorType.COUNTING, step)


def test_a_mistake_begins_inside_of_its_span():
    spans = (Span(R, "a"), Span(E, "24 - 9 = 16"), Span(W, "Wait. "), Span(C, "d"))
    assert Trajectory(PROBLEM, spans, (Error(None, 2, start=10),)).errors[0].start == 10
    with pytest.raises(DataError, match="begin at character 11 of an error span of 11 characters"):
        Trajectory(PROBLEM, spans, (Error(None, 2, start=11),))
    with pytest.raises(DataError, match="said to begin at -1"):
        Error(None, 2, start=-1)


def test_a_wrong_step_in_other_words_loses_the_place_of_its_mistake():
    flawed = Flawed(Attempt(PROBLEM, ("a\n", "24 - 9 = 16\n")), Error(None, 2, start=9))
    ways = {"wrong": None}, {"wrong": "16\n"}
    found = [Trajectory.corrected(flawed, Strategy.FIX_AND_CONTINUE, "Wait. ", "d", **way) for way in ways]
    assert [trajectory.errors[0].start for trajectory in found] == [9, None]


def test_an_error_behind_the_last_step_is_refused():
    with pytest.raises(DataError, match="2 steps, but its error is said to be in step 3"):
        Flawed(Attempt(PROBLEM, ("one\n", "two\n")), Error(ErrorType.COUNTING, 3))


def test_a_grade_cannot_be_used_as_a_truth_value():
    with pytest.raises(TypeError, match=r"Outcome\.RIGHT"):
        bool(Grade(Outcome.WRONG, "1", "2", "number"))


def test_an_attempt_without_an_id_goes_by_that_of_its_problem():
    assert Attempt(PROBLEM, ("15",), id="a").name == "a"
    assert Attempt(PROBLEM, ("15",)).name == "p"


def test_problems_that_ask_the_same_have_one_key_whatever_their_ids_and_line_breaks():
    assert Problem("a", "2 + 2?\nSay it.", "4").key == Problem("b", " 2 + 2?  Say it.", "4").key != PROBLEM.key


def test_a_corrected_attempt_keeps_all_up_to_its_wrong_step():
    flawed = Flawed(Attempt(PROBLEM, ("a\n", "b\n", "c\n"), id="x"), Error(None, 2))
    found = Trajectory.corrected(flawed, Strategy.FRESH_AND_RESTART, "Wait. ", "d")
    assert found.spans == (Span(R, "a\n"), Span(E, "b\n"), Span(W, "Wait. "), Span(C, "d"))
    assert (found.id, found.errors) == (
        "x/fresh_and_restart",
        (Error(None, 2, strategy=Strategy.FRESH_AND_RESTART),),
    )
    assert Trajectory.corrected(flawed, Strategy.FIX_AND_CONTINUE, "Wait. ", "d", right="A", wrong="B", id="y").spans[
        :2
    ] == (Span(R, "A"), Span(E, "B"))
    with pytest.raises(DataError, match="a correction span follows a error span"):
        Trajectory.corrected(flawed, Strategy.FIX_AND_CONTINUE, "", "d")
