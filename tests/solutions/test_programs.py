"""Programs of assignments read as arithmetic."""

import pytest

from lemma_hf.solutions.programs import program_steps


def test_names_are_replaced_by_their_values() -> None:
    steps = "Step 1: boxes = 4", "Step 2: pens_per_box = 6", "Step 3: pens = boxes * pens_per_box", "Step 4: pens -= 9"
    assert program_steps(steps) == ("boxes = 4", "pens per box = 6", "pens: 4 * 6 = 24", "pens: 24 - (9) = 15")


def test_a_remark_is_a_step_in_words() -> None:
    assert program_steps(["# He has 4 boxes", "boxes_now = 4", "price = 3  # dollars"]) == (
        "He has 4 boxes",
        "boxes now = 4",
        "price = 3",
    )


@pytest.mark.parametrize(
    "steps",
    [
        ("Ann has 4*6=24 pens.", "So the answer is 24."),
        ("total_hours = 0", "for week in range(8):", "    total_hours += 4", "print(total_hours)"),
        ("x = 5",),
    ],
)
def test_prose_loops_and_a_single_formula_are_no_programs(steps: tuple[str, ...]) -> None:
    assert program_steps(steps) is None


def test_what_cannot_be_read_has_no_value_and_is_never_run() -> None:
    steps = 'a_b = __import__("os").system("false")', "c = a_b * 2", "d_e = 9 ** 9", "f = 10 ^ 99", "print(c)"
    assert program_steps(steps) == steps
