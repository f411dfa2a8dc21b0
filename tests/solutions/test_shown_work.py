"""Shown work: what only states an answer, and what shows a step on the way to it."""

import time

import pytest

from lemma_hf.solutions import shows_work, split_steps

BARE = [
    "The answer is: 600",
    "The answer is: $600.",
    "600",
    "$600",
    "-1,200.50",
    "600 dollars",
    "15 square meters.",
    "x = 5",
    "The answer is x = 5.",
    "(3, 4)",
    "2x+3",
    "#### 600",
    "**600**",
    "**Answer:** 600",
    "Answer: 600 pens",
    "\\boxed{600}",
    "The final answer is $\\boxed{\\frac{3}{4}}$.",
    "$\\frac{3}{4}$",
    "The answer is 3/4",
    "So, the correct answer is 600.",
    "Therefore, the answer to the problem is 600.",
    "1. 600",
    "Step 1: The answer is: 600",
    '{"answer": 600}',
    "```\n600\n```",
    "She has 600 pens left.",
    "She has 600 pens left.\nThe answer is: 600",
    "Let's think step by step.\nThe answer is: 600",
    "Sure! Here is the solution:\n\nThe answer is: 600",
    "Let's solve this problem step by step:\n\n#### 600\nThe answer is: 600",
    "We need to find how many pens she has left.\nThe answer is: 600",
    "Final result\n600",
    "(B)",
    "Yes.",
    "",
]
SHOWN = [
    "24 - 9 = 15, so the answer is 15",
    "The answer is 24 - 9 = 15",
    "24 - 9 = 15\nThe answer is: 15",
    "3 boxes of 200 pens are 600.",
    "She has 24 pens and gives away 9, which leaves 15.\nThe answer is: 15",
    "There are two boxes with a dozen each.\nThe answer is: 24",
    "Since f is odd, it is zero at the origin.\nThe answer is: 0",
    "The graph meets the axis nowhere and stays above it.\nThe answer is: 0",
    "The answer is 600 because every box holds as many.",
    "x + 5 = 12\nx = 7",
    "We need to add 3 and 4.\nThe answer is: 7",
    "1. He buys 3 packs.\n2. Each has 4 pens.\nThe answer is: 7",
    "```python\nprint(3 * 200)\n```",
    "57+2*3=177;####177",
    "The answer is 3 * 200.",
    "There are 4 cards.  So the answer is \\[\\binom{4}{2}=\\boxed{6}.\\]",
    "+++;",
    "$2x + 1 = 7$, so $x = 3$.\n$\\boxed{3}$",
]


@pytest.mark.parametrize("text", BARE)
def test_an_answer_that_is_only_stated_shows_no_work(text: str) -> None:
    assert not shows_work(split_steps(text))
    assert not shows_work([text])


@pytest.mark.parametrize("text", SHOWN)
def test_a_calculation_a_further_number_or_a_reason_is_a_step(text: str) -> None:
    assert shows_work(split_steps(text))
    assert shows_work([text])


@pytest.mark.parametrize("text", ["a " * 10**6, "1" * 10**6, "The answer is " * 10**5, "\n" * 10**6, "a1" * 10**5])
def test_a_long_text_takes_a_moment(text: str) -> None:
    start = time.perf_counter()
    shows_work([text])
    assert time.perf_counter() - start < 2
