"""An unknown replaced by its value."""

from fractions import Fraction

import pytest

from lemma_hf.solutions.equations import find_equations
from lemma_hf.solutions.letters import letter_asked, put_value


@pytest.mark.parametrize(
    ("question", "letter"),
    [
        ("Tim works x hours. If we know the answer is 120, what is the value of unknown variable x?", "x"),
        ("What is the value of n?", "n"),
        ("What is the value of a house after 3 years?", None),
        ("How many pens does Ann have?", None),
    ],
)
def test_the_letter_is_the_one_whose_value_is_asked_for(question: str, letter: str | None) -> None:
    assert letter_asked(question) == letter


@pytest.mark.parametrize(
    ("text", "with_value"),
    [
        ("3x + 5", "(3 * 4) + 5"),
        ("(2/3)x = x/2", "(2/3) * 4 = 4/2"),
        ("$x each, $3x in all", "$4 each, $(3 * 4) in all"),
        ("x(2 + 1) next to six boxes", "4 * (2 + 1) next to six boxes"),
        ("36 / 4x", "36 / (4 * 4)"),
        ("an exact mix", "an exact mix"),
    ],
)
def test_the_value_stands_where_the_letter_stood(text: str, with_value: str) -> None:
    assert put_value(text, "x", Fraction(4)) == with_value


def test_a_value_without_an_end_is_written_as_a_fraction() -> None:
    assert put_value("3x = 1", "x", Fraction(1, 3)) == "(3 * (1/3)) = 1"


def test_what_algebra_says_can_be_checked_with_the_value() -> None:
    # Each of 5 people pays (12x)/5, and x is 100: 3x = 240 was set up with 4 people.
    (equation,) = find_equations(put_value("so we can write: 3x = 240.", "x", Fraction(100)))
    assert equation.left.value == 300 and not equation.holds


def test_long_hostile_text_is_read_in_no_time() -> None:
    assert len(put_value("x" * 4000, "x", Fraction(2))) == 4000
    assert put_value("3x(" * 1300, "x", Fraction(2)).startswith("(3 * 2)")
