"""What is only thought is no answer, whatever marks a model sets around its thoughts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.grading import extract_answer, grade, grade_many
from lemma_hf.grading.claims._thinking import said_parts, with_marks_blank, without_thoughts
from lemma_hf.records import Outcome

MARKS = [
    ("<think>", "</think>"),
    ("<Thinking>", "</Thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("◁think▷", "◁/think▷"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("<|channel|>commentary to=python<|message|>", "<|start|>assistant<|channel|>final<|message|>"),
    ("<|channel>thought\n", "<channel|>"),
    ("<unused94>thought\n", "<unused95>"),
]


@pytest.mark.parametrize(("opening", "closing"), MARKS)
def test_every_known_mark_is_read(opening: str, closing: str) -> None:
    thought = rf"{opening}Maybe \boxed{{6}}. "
    assert extract_answer(f"{thought}{closing}The answer is 7.").text == "7"
    assert extract_answer(rf"{thought}{closing}It is \boxed{{7}}.").text == "7"
    # A thought that does not end is no answer, and neither is one after which nothing is said.
    assert grade(thought, "6").outcome is Outcome.NO_ANSWER
    assert grade(thought + closing, "6").outcome is Outcome.NO_ANSWER
    # The prompt may have held the opening mark.
    assert extract_answer(rf"Maybe \boxed{{6}}. {closing}The answer is 7.").text == "7"
    # What was said before a further thought stays said, and boxes of different parts are no list.
    assert extract_answer(rf"{thought}{closing}\boxed{{7}} {thought}").text == "7"
    assert extract_answer(rf"{thought}{closing}\boxed{{7}} {thought}{closing}\boxed{{8}}").text == "8"


def test_a_final_channel_without_its_special_tokens_is_read() -> None:
    assert extract_answer(r"analysisMaybe \boxed{6}assistantfinalThe answer is 7.").text == "7"
    assert extract_answer("analysis of the sum gives\n#### 7").text == "7"


def test_what_is_only_thought_never_beats_what_is_said() -> None:
    assert grade(r"<think>It is \boxed{7}</think>I am not sure.", "7").outcome is not Outcome.RIGHT
    assert grade("<think>It is 7</think>The answer is 8.", "7").outcome is Outcome.WRONG


def test_a_mark_of_your_own_is_read_where_it_is_named() -> None:
    text = r"<plan>Maybe \boxed{6}</plan>The answer is 7."
    assert extract_answer(text).text == "6"
    assert extract_answer(text, thoughts=[("<plan>", "</plan>")]).text == "7"


@pytest.mark.parametrize(
    "text", ["I think x < 5.", "a <b> c", r"\[think\]", "if (a < thought) { }", "[thinking aloud]", "5 > 3, I reason"]
)
def test_words_and_brackets_are_no_marks(text: str) -> None:
    assert said_parts(text) == [text]


TEXTS = st.lists(st.sampled_from([mark for pair in MARKS for mark in pair]) | st.text(max_size=6), max_size=9)


@given(TEXTS.map("".join))
def test_what_is_said_is_a_part_of_the_text_and_blanks_keep_every_offset(text: str) -> None:
    assert all(part in text for part in said_parts(text))
    assert said_parts(without_thoughts("".join(said_parts(text)))) is not None
    blank = with_marks_blank(text)
    assert len(blank) == len(text)
    assert all(one in (other, " ") for one, other in zip(blank, text, strict=True))


def test_marks_of_ones_own_are_known_to_every_function_that_grades() -> None:
    output, marks = r"((perhaps \boxed{6})) It is \boxed{5}. ((or \boxed{7}))", [("((", "))")]
    assert extract_answer(output).text == "7"
    assert extract_answer(output, thoughts=marks).text == "5"
    assert grade(output, "5", thoughts=marks).outcome is Outcome.RIGHT
    assert grade_many([output], ["5"], thoughts=marks)[0].outcome is Outcome.RIGHT
