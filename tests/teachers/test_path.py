"""The standing of values to a reference solution, on sums that can be done by eye."""

import pytest

from lemma_hf.records import Problem
from lemma_hf.solutions.equations import read_expression
from lemma_hf.teachers.path import Standing, read_path

LESSONS = Problem(
    "lessons",
    "Lloyd earns $10 an hour. He taught 5 hours and then 8 hours.",
    "130",
    "5 + 8 = 13 hours.\n13 * 10 = $130.",
)
PAINT = Problem("paint", "Shawn has 40 pebbles. He paints 9 red and 13 blue.", "18", "40 - 9 - 13 = 18 are left.")
SHIRTS = Problem(
    "shirts",
    "A shop sells 20 shirts for $10 each and 10 jeans for twice as much.",
    "400",
    "10 * 20 = $200.\n10 * 2 = $20.\n20 * 10 = $200.\n200 + 200 = $400.",
)
SALE = Problem("sale", "A bag of $140 has a 5% discount.", "133", "140 * 5 / 100 = $7.\n140 - 7 = $133.")


@pytest.mark.parametrize(
    ("problem", "formula", "standing"),
    [
        (LESSONS, "5 + 8", Standing.RESULT),
        (LESSONS, "10 * 5", Standing.REGROUPED),
        (LESSONS, "10 + 5", Standing.OFF),
        (PAINT, "9 + 13", Standing.PART),
        (PAINT, "40 - 13", Standing.PART),
        (PAINT, "40 + 9", Standing.OFF),
        (SHIRTS, "20 * 10", Standing.RESULT),
        # 20 * 20 comes to the answer by chance: the reference adds 200 and 200.
        (SHIRTS, "20 * 20", Standing.RESULT_VALUE),
        (SALE, "100 - 5", Standing.CONVERTED),
    ],
)
def test_a_value_stands_to_the_reference_by_its_formula(problem: Problem, formula: str, standing: Standing) -> None:
    expression = read_expression(formula)
    assert read_path(problem).standing(expression.value, expression) is standing


def test_the_same_question_is_moved_the_same_way() -> None:
    assert read_path(SHIRTS).formulas.moves == read_path(SHIRTS).formulas.moves


def test_an_unknown_that_is_asked_for_is_read_with_its_value() -> None:
    problem = Problem(
        "x", "x people share 80 slices, 4 each. What is the value of x?", "20", "4x = 80\nx = 80 / 4\nx = 20"
    )
    path = read_path(problem)
    assert path.facts("They eat 4x slices.").text == "They eat (4 * 20) slices."
    assert path.steps[0] == "4x = 80"


def test_a_solution_of_many_sums_is_read_in_a_moment() -> None:
    sums = "\n".join(f"{' + '.join(map(str, range(n, n + 28)))} = {sum(range(n, n + 28))}" for n in range(50))
    assert len(read_path(Problem("p", "?", "1", sums)).values) > 50
