import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf import Outcome, grade
from lemma_hf.grading import extract_answer, grade_if_cut_off


@pytest.mark.parametrize(
    ("output", "claim"),
    [
        (r"So it is \boxed{62}. Wait, that is wrong: \boxed{72}", "72"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"the sets \boxed{\{1, 2\}}.", r"\{1, 2\}"),
        (r"We get \fbox{5}", "5"),
        (r"\boxed 7", "7"),
        ("<think>maybe \\boxed{6}</think> The answer is \\boxed{5}", "5"),
        ('{"reasoning": "3+2", "answer": "5"}', "5"),
        ('{"answer": "\\\\frac{1}{2}"}', r"\frac{1}{2}"),
        (r'{"answer": "\frac{1}{2}"}', r"\frac{1}{2}"),
        ('{"answer": 5}', "5"),
        ("She pays 72.\n#### 72", "72"),
        ("The answer is not 5. The answer is 7.", "7"),
        ("The final answer is $x = 3$. I hope it is correct.", "x = 3"),
        ("So we add.\nA: 30", "30"),
        ("Answer: 12", "12"),
        ("The answer is: .5", ".5"),
        ("The answer is: **5.**", "5"),
        (r"\frac{\pi}{2}", r"\frac{\pi}{2}"),
        ("She has 3 bags of 4 pens. So there are 12 pens in all.", "12"),
    ],
)
def test_the_last_claim_is_found(output: str, claim: str) -> None:
    assert extract_answer(output).text == claim


@pytest.mark.parametrize(
    "output",
    [
        r"It is 18. No: \boxed{20",
        r"The value is \boxed{18}. Wait: \boxed{",
        r"The answer is \boxed{}.",
        "",
        "   \n",
        "I will try every number: 1 2 3 4 5 6 7 8 9 10",
        '{"answer": ""}',
        "I do not know, I am sorry.",
    ],
)
def test_a_claim_that_is_cut_off_or_empty_is_no_answer(output: str) -> None:
    assert extract_answer(output).text is None


def test_boxes_side_by_side_are_one_answer_of_several_values() -> None:
    assert extract_answer(r"The roots are \boxed{1} and \boxed{-2}.").text == "1, -2"
    assert extract_answer(r"First \boxed{1}. Wait, I see my mistake, so it is \boxed{-2}.").text == "-2"


def test_a_heading_is_no_gsm8k_marker() -> None:
    text = "#### Step 1\nWe add and get \\boxed{4}.\n\nThat was\n#### all\nthere is.\n"
    assert extract_answer(text).text == "4"


def test_in_multiple_choice_the_last_letter_of_the_last_line_stands_in() -> None:
    assert extract_answer("So our selection is option C", benchmark="aqua").text == "C"
    assert extract_answer("Option C has 3 parts, so our selection is it").text == "3"


def test_a_letter_stands_in_where_there_is_no_number_if_it_is_the_only_one_not_denied() -> None:
    assert extract_answer("It can't be A or B, therefore I think it's D").text == "D"
    assert extract_answer("It is A or B").text is None
    assert extract_answer("It is not C").text is None


@pytest.mark.parametrize(
    ("output", "claim"),
    [
        (r"$x = \boxed{1}\boxed{2}$", "1, 2"),
        (r"\boxed{5}\boxed{5}", "5"),
        (r"\(\boxed{1}\) and \(\boxed{-2}\).", "1, -2"),
        (r"\boxed{3} \text{ for part (a) and } \boxed{4}", "3, 4"),
        (r"so $a = -8 \cdot 32 = -\boxed{256}$.", "-256"),
        ("We get:\n- \\boxed{5}", "5"),
        ("The price is 2,74 euros", "2,74"),
        ('{"answer": "There are ten such numbers, so the answer is 10."}', "10"),
    ],
)
def test_what_stands_around_a_claim_and_belongs_to_it(output: str, claim: str) -> None:
    assert extract_answer(output).text == claim


def test_an_explicit_claim_is_never_replaced_by_a_number_of_the_text() -> None:
    found = extract_answer(r"The final answer is: \boxed{\text{cannot be determined}} since 2+3=5")
    assert found.text == r"\text{cannot be determined}"
    assert found.rule == "boxed"


@given(st.text(), st.integers(-1000, 1000))
def test_prose_before_a_box_changes_nothing(prose: str, value: int) -> None:
    assert extract_answer(f"{prose}\nSo it is \\boxed{{{value}}}.").text == str(value)


@pytest.mark.parametrize(
    "output",
    [
        "So 42",
        "So 6 * 7 = 42.",
        "First 6 * 7 = 42 eggs.",
        "Therefore 42 eggs",
        "Thus, $42$.",
        "So, then: 42",
        r"Hence \(42\)",
    ],
)
def test_a_word_that_leads_on_is_no_part_of_a_short_answer(output: str) -> None:
    assert grade(output, "42", benchmark="gsm8k").outcome is Outcome.RIGHT
    assert grade(output, "43", benchmark="gsm8k").outcome is Outcome.WRONG


@pytest.mark.parametrize(
    ("output", "outcome"),
    [
        (r"It is \boxed{42}. To see why", Outcome.RIGHT),
        ("The answer is 42. To see", Outcome.RIGHT),
        ("#### 42\n\nNext", Outcome.RIGHT),
        (r"It is \boxed{41}. To", Outcome.WRONG),
        ("42", Outcome.NO_ANSWER),  # of 4200
        ("First there are 6 * 7 = 42 of them", Outcome.NO_ANSWER),
        ("We get the sum\n$$\n42\n$$", Outcome.NO_ANSWER),
        ("", Outcome.NO_ANSWER),
    ],
)
def test_of_a_text_that_was_cut_off_only_what_it_says_counts(output: str, outcome: Outcome) -> None:
    assert grade_if_cut_off(grade(output, "42", benchmark="gsm8k")).outcome is outcome
