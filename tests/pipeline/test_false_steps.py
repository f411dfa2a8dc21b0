"""Steps that only announce others, and errors that their corrections say again."""

import pytest

from lemma_hf.pipeline.false_steps import announcement, said_again

QUESTION = "Tory sold 5 packs to his grandmother and 12 to a neighbor. How many of his 30 packs are left?"


@pytest.mark.parametrize(
    "step",
    [
        "Step 1: Calculate the total number of packs.",
        "2. Determine how many packs Tory has left.",
        "Let's solve this problem step by step.",
        "Here's the solution:",
        "How many did he sell?",
        "Step 1: Add the 5 packs and the 12 packs.",
    ],
)
def test_a_heading_a_plan_and_a_question_cannot_be_wrong(step: str) -> None:
    assert announcement(step, QUESTION)


@pytest.mark.parametrize(
    "step",
    [
        "Tory sold 12 packs to his grandmother.",  # two numbers of the question changed places
        "A square flag needs twenty feet because four times four equals 20.",
        "Let x be the number of packs that he bought.",
        "Step 1: Calculate the packs that he sold: 5 + 12 = 18",
        "Add the packs, which makes 5 in all.",
        "Calculate the remaining 15 packs.",  # a number that the question does not have
    ],
)
def test_what_states_something_may_be_wrong(step: str) -> None:
    assert not announcement(step, QUESTION)


@pytest.mark.parametrize(
    ("step", "again"),
    [
        ("1. He sold 5 + 12 = 17.", True),
        ("- he sold 5 + 12 = 17", True),
        ("Step 2: He sold 5 + 12 = 17.\n", True),
        ("He sold 5 + 12 = 18.", False),
        ("He sold", False),
        ("", False),
    ],
)
def test_the_same_words_are_the_same_step_whatever_its_number(step: str, again: bool) -> None:
    assert said_again(step, "So it goes.\n\nHe sold 5 + 12 = 17.\nThe answer is: 13") is again
