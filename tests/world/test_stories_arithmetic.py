"""Are the equations in a line read rightly, and is nothing else done with them?"""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.world.stories._arithmetic import as_number, evaluate, find_exact_equations, number_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("10 - 4 - 3", 3),
        ("2 * ($3 + 4)", 14),
        ("1,200 / 3", 400),
        ("60 × 3 ÷ 4", 45),
        ("0.5 * 3", Fraction(3, 2)),
    ],
)
def test_expressions_have_their_usual_value(text: str, value: Fraction) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    "text", ["", "2 +", "+ 2", "(2", "2)", "2 3", "4 / 0", "2 ** 3", "__import__('os')", "x + 1", "()"]
)
def test_what_is_no_expression_has_no_value(text: str) -> None:
    assert evaluate(text) is None


@given(st.text(alphabet="0123456789+-*/() $.,=%", max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(evaluate(text), Fraction | None)
    assert isinstance(find_exact_equations(text), list)
    assert isinstance(as_number(text), Fraction | None)


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0, 99)), min_size=1, max_size=8))
def test_products_bind_closer_than_sums(parts: list[tuple[str, int]]) -> None:
    text, terms = "7", [7]
    for operator, number in parts:
        text += f" {operator} {number}"
        if operator == "*":
            terms[-1] *= number
        else:
            terms.append(number if operator == "+" else -number)
    assert evaluate(text) == sum(terms)


def test_an_equation_says_whether_it_holds() -> None:
    (right,) = find_exact_equations("So 4 * $3 = $12 are paid.")
    (wrong,) = find_exact_equations("So 24 - 9 = 16 are left.")
    assert (right.holds, right.money, right.operands) == (True, True, (4, 3))
    assert (wrong.holds, wrong.money, wrong.claimed, wrong.value) == (False, False, 16, 15)


def test_a_number_before_a_comma_is_no_part_of_the_equation() -> None:
    assert [found.left for found in find_exact_equations("Out of 100, 100 - 90 = 10 may be lost.")] == ["100 - 90"]


@pytest.mark.parametrize("line", ["There are 12 of them.", "x = 5", "so 5 = 5", "20% of 50 = 10", "Row 3-5 is free."])
def test_lines_without_an_operation_have_no_equation(line: str) -> None:
    assert find_exact_equations(line) == []


def test_a_chain_is_read_at_its_last_link_and_a_negative_start_not_at_all() -> None:
    assert [found.left for found in find_exact_equations("2 * 4 = 5 + 3 = 8")] == ["5 + 3"]
    assert find_exact_equations("-5 + 3 = -2") == find_exact_equations("x - 5 + 3 = 4") == []


def test_a_long_line_is_read_in_bounded_time() -> None:
    start = time.perf_counter()
    for line in ("1 + " * 50_000, "(" * 100_000, "1 " * 50_000 + "=", "9" * 100_000 + " + 1 = 2", "- " * 90_000):
        find_exact_equations(line)
    assert time.perf_counter() - start < 2


def test_money_has_two_decimals_or_none() -> None:
    assert [number_text(Fraction(5, 2), money=money) for money in (False, True)] == ["2.5", "2.50"]
    assert number_text(Fraction(12), money=True) == "12"
