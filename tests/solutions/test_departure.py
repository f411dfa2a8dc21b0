"""The place at which a mistake begins: against the step put right, and in wrong results."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.records import Error, Problem, Span, SpanKind, Strategy, Trajectory
from lemma_hf.solutions.departure import departs_at, mistake_at, with_start
from lemma_hf.taxonomy import ErrorType


@pytest.mark.parametrize(
    ("wrong", "right", "rest"),
    [
        ("24 - 9 = 16", "24 - 9 = 15", "16"),
        ("24 - 9 = 16 pens\n", "24 - 9 = 15, so 15 pens", "16 pens\n"),
        ("x = -5", "x = -3", "-5"),  # the sign is the number's
        ("24-9", "24-8", "9"),  # the minus is between two numbers
        ("f(-2) = 4", "f(-3) = 4", "-2) = 4"),
        ("is 3.14", "is 3.15", "3.14"),
        ("is .5 m", "is .6 m", ".5 m"),
        ("is $1,200", "is $1,300", "1,200"),
        ("is 1{,}200", "is 1{,}300", "1{,}200"),
        ("is 5", "is 5.5", "5"),
        ("is 1", "is 15", "1"),
        ("is 5.", "is 5.5", "5."),
        (r"a \frac{3}{4}", r"a \sqrt{3}", r"\frac{3}{4}"),
        (r"so \boxed{16}", r"so \boxed{15}", "16}"),
        ("we didn't", "we did", "didn't"),
        ("She gives away 9", "She given 9", "gives away 9"),
        ("087*60=220;", "087+60=147;", "*60=220;"),
        ("24 - 9 = 15, which is 20", "24 - 9 = 15", ", which is 20"),
        ("  12 + 3 = 16", "\n12 + 3 = 15", "16"),  # white space in front says nothing
    ],
)
def test_it_departs_at_the_beginning_of_the_number_or_word_that_differs(wrong, right, rest):
    place = departs_at(wrong, right)
    assert place is not None and wrong[place:] == rest


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("24 - 9 = 16", "24 - 9 = 16"),
        ("24 - 9 = 16\n", "24 - 9 = 16"),  # the same but for white space at the end
        ("24 - 9 = 16", "24 - 9 = 16, so 16 pens are left"),  # the wrong step goes no further
        ("It is 5.", "There are 6."),
        ("16", "15"),
        ("  16", "  15"),
        ("$16", "$15"),  # a sign alone is no beginning
        ("", "15"),
        ("16", ""),
    ],
)
def test_nothing_shared_or_nothing_different_is_no_departure(wrong, right):
    assert departs_at(wrong, right) is None


@given(st.text("ab1. ,-\\'=", max_size=12), st.text("ab1. ,-\\'=", max_size=12))
def test_what_stands_before_the_departure_is_shared_and_never_ends_inside_of_a_word_that_differs(wrong, right):
    place = departs_at(wrong, right)
    if place is not None:
        beginning = wrong[:place].lstrip()
        assert right.lstrip().startswith(beginning) and 0 < place < len(wrong)
        assert not (wrong[place - 1].isalnum() and wrong[place].isalnum())


@pytest.mark.parametrize("part", ["a", "1,", "'", "-", "a'", "\\", "a ", "=", "{,}"])
def test_a_long_text_takes_time_in_proportion_to_its_length(part):
    text = part * (300_000 // len(part))
    start = time.process_time()
    departs_at(text + "1", text + "2")
    assert time.process_time() - start < 5  # 0.2 seconds here; the square of the length would be hours


CALCULATION, FIX, RESTART = ErrorType.CALCULATION, Strategy.FIX_AND_CONTINUE, Strategy.FRESH_AND_RESTART


@pytest.mark.parametrize(
    ("wrong", "correction", "error_type", "strategy", "rest"),
    [
        # A mistake of calculation begins at its result, whatever the correction says, and by either strategy.
        ("So this is 252 / 12 = 24 dozen.", "Counted anew, 252 / 12 = 21.", CALCULATION, FIX, "24 dozen."),
        ("So 818+71=898;", "!", CALCULATION, RESTART, "898;"),
        ("They pay $126 + $66 = $202.", "They pay", CALCULATION, None, "$202."),
        # The first wrong result, not the first result.
        ("4 * 6 = 24, 24 - 9 = 16.", "", CALCULATION, None, "16."),
        # Its equations hold, or cannot be read: the step put right decides.
        ("So half is 12.", "So half is 13.", CALCULATION, FIX, "12."),
        # Of another type, the step put right decides alone.
        ("Rent is $105 + 5 = $110", "Rent is 5 * $105 = $525", ErrorType.FORMULA_CONFUSION, FIX, "$105 + 5 = $110"),
        ("The sum is 4.", "The product is 4.", None, FIX, "sum is 4."),
        # Where nothing says that the correction begins with the step put right, one word is too little.
        ("The sum is 4.", "The product is 4.", None, None, None),
        ("The sum is 4.", "The sum is 5.", None, None, "4."),
        # Fresh & Restart begins with another step.
        ("The sum is 4.", "The sum is 5.", None, RESTART, None),
    ],
)
def test_the_place_of_a_mistake(wrong, correction, error_type, strategy, rest):
    place = mistake_at(wrong, correction, error_type, strategy)
    assert (None if place is None else wrong[place:]) == rest


def test_every_error_of_a_trajectory_gets_its_place_and_a_known_place_stays():
    spans = (
        Span(SpanKind.REASONING, "4 * 6 = 24. "),
        Span(SpanKind.ERROR, "24 - 9 = 16. "),
        Span(SpanKind.REFLECTION, "Wait. "),
        Span(SpanKind.CORRECTION, "24 - 9 = 15. "),
        Span(SpanKind.ERROR, "15 pens are 2 more. "),
        Span(SpanKind.REFLECTION, "No. "),
        Span(SpanKind.CORRECTION, "Three more."),
    )
    first, second = Error(CALCULATION, 2, strategy=FIX), Error(None, 4, strategy=FIX)
    trajectory = Trajectory(Problem("p", "?", "18"), spans, (first, second))
    assert [error.start for error in with_start(trajectory).errors] == [9, None]
    given = Trajectory(Problem("p", "?", "18"), spans, (Error(CALCULATION, 2, start=5), Error(None, 4, start=12)))
    assert with_start(given) == given
