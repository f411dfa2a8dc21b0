"""The reader of arithmetic: what it takes for an equation, and what it leaves alone."""

import gzip
import json
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.solutions.equations import find_equations
from lemma_hf.solutions.line_tokens import find_numbers, without_latex
from lemma_hf.solutions.step_facts import without_notes

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def read(text: str) -> list[tuple[Fraction, Fraction, bool]]:
    return [(e.left.value, e.result, e.holds) for e in find_equations(without_latex(text))]


@pytest.mark.parametrize(
    ("text", "value", "claimed", "holds"),
    [
        ("So 6 + 7 = 13 are left.", 13, 13, True),
        ("$4,000/manager * 2 managers = $10,000", 8000, 10000, False),
        ("(3 hours * 30 mph) + (25 mph * 4 hours) = 190 miles", 190, 190, True),
        ("He can buy 20 rocks because 100 / 5 = 20", 20, 20, True),
        ("Rodney:8(20)-14=160 pounds", 146, 160, False),
        ("20 eggs * 40% = 8 eggs", 8, 8, True),
        ("10 times 2 equals 25", 20, 25, False),
        ("1/2 of 30 = 15", 15, 15, True),
        ("That is 70 days / (2/3) = 105 days", 105, 105, True),
        ("So he has 55 – 27 = €28 left", 28, 28, True),
        (r"The total is \(3 \times 4 = 11\).", 12, 11, False),
        ("2 x 2 x 8=32 cubic meters", 32, 32, True),
        ("6 - 16 = -10 more", -10, -10, True),
    ],
)
def test_arithmetic_is_read_as_people_mean_it(text: str, value: int, claimed: int, holds: bool) -> None:
    assert read(text) == [(value, claimed, holds)]


def test_a_chain_that_runs_on_is_two_equations() -> None:
    assert read("600 miles / 50 mph = 12 hours * 60 minutes = 720") == [(12, 12, True), (720, 720, True)]


@pytest.mark.parametrize(
    "text", ["4x - 7 = 13", "x + 5 + 3 = 20", "price + 5 + 3 = 20", "Finally, p = $1.50.", "at 5:00"]
)
def test_algebra_and_words_are_no_arithmetic(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize("text", ["10 / 3 = 3.33", "10 / 3 = 3", "4/20 * 100 = 20%", "4/20 = 20%", "200 / 3 = 67"])
def test_rounding_and_percent_are_no_mistakes(text: str) -> None:
    assert all(holds for _, _, holds in read(text))


@pytest.mark.parametrize("text", ["10 / 3 = 3.43", "10 / 4 = 4", "0.4 * 2 = 1"])
def test_what_is_off_by_more_than_rounding_does_not_hold(text: str) -> None:
    assert [holds for _, _, holds in read(text)] == [False]


def test_numbers_in_words_count_as_given() -> None:
    assert find_numbers("Half of two-thirds of a dozen") == [Fraction(1, 2), 2, 2, Fraction(1, 3), 3, 12]


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0, 999)), min_size=1, max_size=4), st.integers(0, 999))
def test_products_come_before_sums(rest: list[tuple[str, int]], first: int) -> None:
    """Five factors below 1000 have at most 15 digits, which is as long as a quantity may be."""
    terms = [first]
    for sign, number in rest:
        if sign == "*":
            terms[-1] *= number
        else:
            terms.append(number if sign == "+" else -number)
    written = str(first) + "".join(f" {sign} {number}" for sign, number in rest)
    assert read(f"{written} = {sum(terms)}") == [(sum(terms), sum(terms), True)]


@pytest.mark.parametrize(
    "text",
    ["9" * 5000 + " + 1 = 2", "(" * 3000 + "1 + 1 = 2", "9^9^9^9 = 1", "1 + " * 5000 + "1 = 2", "= " * 5000, "1/0 = 3"],
)
def test_hostile_text_is_read_quickly(text: str) -> None:
    start = time.perf_counter()
    read(text)
    assert time.perf_counter() - start < 2


@pytest.mark.slow
def test_gsm8k_agrees_with_its_own_arithmetic() -> None:
    path = DATA / "bench" / "gsm8k_test.jsonl.gz"
    if not path.is_file():
        pytest.skip("GSM8K is not here: real data lies beside the checkout, in shared/data")
    held = wrong = 0
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        for step in json.loads(line)["solution"].split("\n"):
            for equation in find_equations(without_latex(without_notes(step))):
                held, wrong = held + equation.holds, wrong + (not equation.holds)
    # Most of the rest are slips of GSM8K itself or mixed numbers such as `2 1/2`.
    assert held > 4000
    assert wrong / (held + wrong) < 0.006


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (r"- So the total is \(10 + 6 = 16\).", [("10 + 6", 16)]),
        ("* **Total**: 38 + 38 = 76", [("38 + 38", 76)]),
        ("- Therefore, the profit is $180 - $8100 = -$7920.", [("$180 - $8100", -7920)]),
        ("- 5 + 3 = -2", [("- 5 + 3", -2)]),  # no word behind it: a minus
        (r"\text{Points} = \frac{260}{4} = 65", [("260/4", 65)]),
        (r"2\frac{1}{2} + 1 = 3.5", [("(2+1/2) + 1", Fraction(7, 2))]),
    ],
)
def test_the_dash_of_a_list_is_no_minus_and_a_fraction_in_latex_reads_as_one(line, read):
    found = find_equations(without_latex(line))
    assert [(each.text, each.result, each.holds) for each in found] == [(*each, True) for each in read]
