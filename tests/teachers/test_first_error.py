"""The search for the first wrong step, one kind of evidence a test."""

import time

import pytest

from lemma_hf.records import Problem
from lemma_hf.teachers.first_error import find_first_error
from lemma_hf.teachers.path import read_path
from lemma_hf.teachers.sureness import Evidence

WATER = Problem(
    "water",
    "Jerry may use 1000 gallons. He needs 600 for the pool and 100 for cooking. A shower takes 20. How many showers?",
    "15",
    "1000 - 600 - 100 = 300 gallons are left.\nThat is enough for 300 / 20 = 15 showers.",
)
SHIRTS = Problem(
    "shirts",
    "A shop sells 20 shirts for $10 each and 10 pairs of jeans for twice as much. What does it earn?",
    "400",
    "Shirts bring 10 * 20 = $200.\nA pair of jeans costs 10 * 2 = $20.\nJeans bring 20 * 10 = $200.\n"
    "In all the shop earns 200 + 200 = $400.",
)
ROOMMATES = Problem(
    "rent",
    "Jenna and 4 roommates share a bill of x a month. Each pays 240 a year. What is the value of unknown variable x?",
    "100",
    "There are 4 + 1 = 5 people.\nEach pays (12 * x) / 5 a year.\n(12 * x) / 5 = 240\n12 * x = 1200\nx = 100",
)
SEATS = Problem(
    "seats",
    "A hall has 3 rows of 8 seats at $5. It costs $70. What is left?",
    "50",
    "8 * 3 = 24 seats.\n24 * 5 = $120.\n120 - 70 = $50.",
)
PENS = Problem(
    "pens", "A box holds 6 pens. Ann has 4 boxes and gives 9 pens away.", "15", "4 * 6 = 24 pens.\n24 - 9 = 15 left."
)


@pytest.mark.parametrize(
    ("problem", "steps", "index", "evidence"),
    [
        (PENS, ("There are 4 * 6 = 26 pens.", "So 26 - 9 = 17 stay with her."), 0, Evidence.ARITHMETIC),
        (PENS, ("There are 4 * 6 = 24 pens.", "The others get 24 + 9 = 33 pens."), 1, Evidence.OFF_PATH),
        (PENS, ("There are 4 * 6 = 24 pens.", "So 24 + 9 = 33 left."), 1, Evidence.OTHER_OUTCOME),
        # 40 is a part of the product; a difference takes it for the whole.
        (SEATS, ("The seats bring 8 * 5 = 40.", "So 70 - 40 = 30 are lost."), 0, Evidence.INCOMPLETE),
        (WATER, ("He keeps 1000 - 600 - 100 = 300.", "Showers cost him 300 - 20 = 280."), 1, Evidence.OFF_PATH),
        # 20 * 20 is 400 by chance.
        (
            SHIRTS,
            ("All the jeans make 20 * 20 = 400.", "With shirts that is 400 + 200 = 600."),
            0,
            Evidence.COINCIDENCE,
        ),
        (PENS, ("There are 4 * 6 = 24 pens.", "She keeps 24.", "#### 24"), 1, Evidence.STOPPED),
        (PENS, ("There are 4 * 6 = 24 pens.", "Of her 30 pens, 30 - 9 = 21 stay."), 1, Evidence.OFF_PATH),
        (PENS, ("There are 4 * 6 = 24 pens.", "Her aunt brings 17 pens.", "24 + 17 = 41."), 1, Evidence.INVENTED),
        (ROOMMATES, ("Each of them pays (x/4) * 12 = 3x a year.", "So 3x = 240.", "x = 80"), 0, Evidence.OFF_TERM),
        (ROOMMATES, ("There are 5 people.", "So 5x = 240.", "x = 48"), 1, Evidence.ALGEBRA),
        (PENS, ("pens_per_box = 6", "pens = 6 * 4", "pens_left = pens + 9", "print(pens_left)"), 2, Evidence.OFF_PATH),
    ],
)
def test_the_first_wrong_step_is_found(
    problem: Problem, steps: tuple[str, ...], index: int, evidence: Evidence
) -> None:
    found = find_first_error(read_path(problem), steps)
    assert found is not None
    assert (found.index, found.evidence) == (index, evidence)


def test_a_grouping_of_its_own_that_leads_back_is_no_mistake() -> None:
    # 100 + 600 = 700 is no result of the reference; 1000 - 700 = 300 is.
    steps = "Pool and cooking take 600 + 100 = 700.", "1000 - 700 = 300 stay.", "That makes 300 / 20 = 16 showers."
    found = find_first_error(read_path(WATER), steps)
    assert found is not None and found.index == 2


def test_a_sum_that_is_plainly_false_is_surer_than_one_behind_words() -> None:
    plain = find_first_error(read_path(PENS), ("There are 4 * 6 = 26 pens.",))
    wordy = find_first_error(read_path(PENS), ("Each box holds 9 pens.", "So 9 pens in 4 boxes make 9 * 4 = 36."))
    assert plain is not None and wordy is not None
    assert plain.sureness > 0.8
    assert wordy.sureness < 0.5


def test_hostile_steps_are_searched_in_no_time() -> None:
    steps = ["1 + " * 3000 + "1 = 5 " * 3000, "(" * 5000, "x = y " * 2000] * 20
    begin = time.process_time()
    found = find_first_error(read_path(ROOMMATES), steps)
    assert found is None or found.index < len(steps)
    assert time.process_time() - begin < 10  # seconds of processor; well below one here
