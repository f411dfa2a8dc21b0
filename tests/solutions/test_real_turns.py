"""Spans of texts as models write them: turns within sentences, doubting questions, traces, one turn after another."""

import time

import pytest

from lemma_hf.records import Dropped, DropReason, Span, SpanKind
from lemma_hf.solutions.cues import opens_turn
from lemma_hf.solutions.spans import segment

E, R, C = SpanKind.ERROR, SpanKind.REFLECTION, SpanKind.CORRECTION


def spans(text: str) -> tuple[Span, ...]:
    found = segment(text)
    assert not isinstance(found, Dropped), found
    assert "".join(span.text for span in found) == text
    return found


def of(kind: SpanKind, text: str) -> list[str]:
    return [span.text.strip() for span in spans(text) if span.kind is kind]


def test_a_turn_in_the_middle_of_a_sentence_splits_it() -> None:
    text = "There are 15 + 40 = 45, but wait, I added wrongly. 15 + 40 = 55. The answer is: 55"
    assert of(E, text) == ["There are 15 + 40 = 45,"]
    assert of(R, text) == ["but wait, I added wrongly."]


@pytest.mark.parametrize(
    "story", ["They wait, then board the bus.", "He can hold on, but falls.", "She said oops once more."]
)
def test_words_of_a_story_split_nothing(story: str) -> None:
    assert isinstance(segment(f"{story} 2 + 3 = 5 people board. The answer is: 5"), Dropped)


def test_a_question_that_doubts_opens_the_reflection() -> None:
    text = "24 - 9 = 16 are left.\nDoes this make sense? Let's rethink this.\n24 - 9 = 15 are left.\nThe answer is: 15"
    assert of(E, text) == ["24 - 9 = 16 are left."]
    assert of(R, text) == ["Does this make sense? Let's rethink this."]


@pytest.mark.parametrize(
    ("sentence", "opens"),
    [
        ("Could I have missed something? Let's pause and consider what we know so far.", True),
        ("Let's pause and consider if we've set up everything correctly.", True),
        ("The result looks strange.", True),
        ("Is everything consistent?", True),
        ("Let's pause and consider the triangle.", False),
        ("Let's consider the first box.", False),
        ("Hmm, let's think about what the question asks.", False),
    ],
)
def test_to_look_back_is_a_turn_and_to_look_ahead_is_none(sentence: str, opens: bool) -> None:
    assert opens_turn(sentence) is opens


def test_two_turns_make_two_errors() -> None:
    text = (
        "4 * 6 = 25 pens.\nWait, that is wrong. 4 * 6 = 24 pens.\nSo 24 - 9 = 16 are left.\n"
        "Wait, I made another mistake. 24 - 9 = 15.\nThe answer is: 15"
    )
    assert of(E, text) == ["4 * 6 = 25 pens.", "So 24 - 9 = 16 are left."]
    assert of(C, text)[0] == "4 * 6 = 24 pens."


def test_a_correction_that_is_taken_back_as_a_whole_is_a_part_of_the_error() -> None:
    # Nothing of "a = 6" may be trained on as right, so it cannot be a correction.
    text = "a = 5\nWait, that is wrong. a = 6\nWait, that is wrong too. a = 4"
    assert of(E, text) == ["a = 5\nWait, that is wrong. a = 6"]
    assert of(R, text) == ["Wait, that is wrong too."] and of(C, text) == ["a = 4"]


TRACE = (
    "<think>\nOkay, so I need to find how many pens are left. She has 24 pens and gives 9 away.\n"
    "Hmm, where do I start? Let me think. 24 - 9 = {}.\n{}\nSo 15 pens are left.\n</think>\nThe answer is: 15"
)


def test_a_trace_that_refutes_nothing_is_left_out_with_that_reason() -> None:
    found = segment(TRACE.format(15, "Wait, let me check that again. Yes, 15 + 9 = 24."))
    assert isinstance(found, Dropped)
    assert (found.reason, found.detail) == (
        DropReason.NO_REFLECTION,
        "a thinking trace that says of no step that it is wrong",
    )


def test_in_a_trace_the_step_that_is_refuted_is_the_error_and_never_the_problem() -> None:
    text = TRACE.format(16, "Wait, no, that is wrong. 24 - 9 = 15.")
    (error,) = of(E, text)
    assert error == "24 - 9 = 16."


@pytest.mark.parametrize(
    "text",
    [
        "a = 5. Wait, no. " * 60_000,
        "but wait, that is wrong, " * 40_000,
        "<think>" * 50_000 + "a = 5\nWait, no. a = 6",
        "x = 1\n" * 10_000 + "Wait, that is wrong. x = 2\nThe answer is: 2",
        "Does this make sense? " * 40_000,
        "```\n" * 100_000,
    ],
)
def test_a_megabyte_is_read_in_a_time_that_grows_with_its_length(text: str) -> None:
    begin = time.process_time()
    segment(text)
    assert time.process_time() - begin < 20  # seconds of processor; about 3 on a slow machine
