"""Spans are read from the words of the turn; what has no turn is said to have none."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.data.sources import read_records
from lemma_hf.records import Dropped, DropReason, SpanKind, Trajectory
from lemma_hf.solutions.cues import opens_turn
from lemma_hf.solutions.spans import segment, split_steps

GRADED = Path(__file__).resolve().parents[3] / "shared" / "data" / "graded" / "open.jsonl.gz"


def parts(text):
    spans = segment(text)
    assert not isinstance(spans, Dropped), spans
    assert "".join(span.text for span in spans) == text
    return [(str(span.kind)[0].upper(), span.text) for span in spans]


# --- steps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", ()),
        ("2 + 2 = 4", ("2 + 2 = 4",)),
        ("a = 1\nb = 2\n", ("a = 1\n", "b = 2\n")),
        ("\n\na = 1\n\n\nb = 2", ("\n\na = 1\n\n\n", "b = 2")),
        ("a = 1\r\n\r\nb = 2", ("a = 1\r\n\r\n", "b = 2")),
        ("So 3 are left.\nThe answer is: 3", ("So 3 are left.\n", "The answer is: 3")),
        ("So 3 are left. The answer is: 3", ("So 3 are left. ", "The answer is: 3")),
        ("So 3 are left #### 3", ("So 3 are left ", "#### 3")),
        (
            "Mr. Lee has 1.5 kg. J. K. Row takes 1. She left.",
            ("Mr. Lee has 1.5 kg. ", "J. K. Row takes 1. ", "She left."),
        ),
        ("1. Add 2 to 3. 2. Halve it.", ("1. Add 2 to 3. ", "2. Halve it.")),
        ('"Stop!" It is $5. (See above.) \\(x = 1\\)', ('"Stop!" ', "It is $5. ", "(See above.) ", "\\(x = 1\\)")),
        ("The sum is\n\\[\nx = 1\n\\]\nso x = 1.\n", ("The sum is\n\\[\nx = 1\n\\]\n", "so x = 1.\n")),
        ("$$x = 1$$\nDone.\n", ("$$x = 1$$\n", "Done.\n")),
        ("Run it:\n```python\n1 + 1\n```\nIt is 2.\n", ("Run it:\n```python\n1 + 1\n```\n", "It is 2.\n")),
    ],
)
def test_a_step_is_a_line_or_in_a_single_line_a_sentence(text, steps):
    assert split_steps(text) == steps


@given(st.text(st.sampled_from("a1.?!\n \"$\\[]#=Ww'`") | st.characters(), max_size=60))
def test_steps_joined_are_the_text_and_none_is_blank(text):
    steps = split_steps(text)
    assert "".join(steps) == text
    assert len(steps) <= 1 or all(step.strip() for step in steps)


# --- cues ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "Wait, that is not right.",
        "Wait! 24 - 9 is 15.",
        "Wait a moment, I skipped a box.",
        "Wait—I should have multiplied.",
        "But wait, the price is per pair.",
        "Oh no, wait: it is 6 boxes.",
        "Hmm, this gives a negative price.",
        "Hmm... let me look at the units.",
        "Hold on, are there two of them?",
        "Actually, the discount comes first.",
        "Let me check that again.",
        "Let me double-check the multiplication.",
        "Let's re-examine the second step.",
        "Let’s reconsider the problem.",
        "Now, let's take a step back.",
        "I made a mistake in the last step.",
        "I think I've made an error here.",
        "However, I realize the rate is hourly.",
        "It seems I misread the question.",
        "It looks like there was an error in the calculation.",
        "Looking at this again, I see a mistake.",
        "Upon closer inspection, the tank is half full.",
        "On second thought, we need the perimeter.",
        "That doesn't look right.",
        "This can't be correct, since he had only 5.",
        "There seems to be an error in the subtraction.",
        "Something is off here.",
        "Oops, wrong sign.",
        "No, that is the wrong formula.",
        "**Wait,** that is the radius.",
    ],
)
def test_a_cue_opens_a_turn(sentence):
    assert opens_turn(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Wait 10 minutes and then add the eggs.",
        "Waiting for the bus takes 5 minutes.",
        "Wait times are 10 minutes each.",
        "Wait-listed guests number 12.",
        "Actually 5 apples were red.",
        "The waiter brings 3 cups, but wait staff share tips.",
        "Let's check how many are left.",
        "Let's verify: 3 * 5 = 15.",
        "Let's take a point P on the line.",
        "Let's fix a point A.",
        "Let us review what is given.",
        "Let me explain.",
        "Let me write down the equation.",
        "This is impossible, so x must be positive.",
        "This does not work for n = 3, so n = 4.",
        "We notice that 24 = 4!.",
        "On removing two marbles, 6 remain.",
        "The error is 5 % of the length.",
        "The machine is off for 3 hours.",
        "Is 7 prime?",
        "No, since 21 = 3 * 7.",
        "However, 3 of them are broken.",
        "But she also buys 2 pens.",
        "I bought 3 pens.",
        "Correct answers earn 3 points.",
    ],
)
def test_a_word_that_sums_use_anyway_opens_none(sentence):
    assert not opens_turn(sentence)


# --- spans -----------------------------------------------------------------------------------------------------------


def test_the_cue_may_open_a_sentence_of_the_same_line():
    assert parts("A box holds 6 pens. So 4 hold 20. Wait, that's wrong. 4 * 6 = 24. The answer is: 24") == [
        ("R", "A box holds 6 pens. "),
        ("E", "So 4 hold 20. "),
        ("R", "Wait, that's wrong. "),
        ("C", "4 * 6 = 24. The answer is: 24"),
    ]


def test_the_cue_may_open_a_paragraph():
    text = (
        "To find the cost, multiply.\n\nThe cost is 3 * $5 = $18.\n\nHmm, let me double-check that. "
        "I multiplied 3 by 6 instead of 5.\n\nThe cost is 3 * $5 = $15.\n\nThe answer is: 15"
    )
    assert parts(text) == [
        ("R", "To find the cost, multiply.\n\n"),
        ("E", "The cost is 3 * $5 = $18.\n\n"),
        ("R", "Hmm, let me double-check that. I multiplied 3 by 6 instead of 5.\n\n"),
        ("C", "The cost is 3 * $5 = $15.\n\nThe answer is: 15"),
    ]


def test_the_error_may_be_the_first_step():
    assert [kind for kind, _ in parts("2 + 2 = 5\nWait, no. 2 + 2 = 4\n")] == ["E", "R", "C"]


def test_a_turn_with_a_second_run_up_is_one_turn():
    text = "a = 5\nWait, let me look at this again. The boxes are 4. Hmm, I made a mistake. b = 4\nThe answer is: 4"
    assert parts(text) == [
        ("E", "a = 5\n"),
        ("R", "Wait, let me look at this again. The boxes are 4. Hmm, I made a mistake. "),
        ("C", "b = 4\nThe answer is: 4"),
    ]


def test_the_turn_may_introduce_the_new_step_with_a_colon():
    assert parts("24 - 9 = 16\nHold on, I slipped. Once more: The rest is 24 - 9 = 15.\n")[1:] == [
        ("R", "Hold on, I slipped. Once more: "),
        ("C", "The rest is 24 - 9 = 15.\n"),
    ]


def test_a_mere_halt_takes_in_the_sentence_that_says_why():
    assert parts("24 - 9 = 16\nWait a moment. 9 pens from 24 leave 15. The rest is 24 - 9 = 15.\n")[1:] == [
        ("R", "Wait a moment. 9 pens from 24 leave 15. "),
        ("C", "The rest is 24 - 9 = 15.\n"),
    ]


def test_a_second_named_mistake_is_a_second_error():
    text = "a = 1\nb = 3\nWait, b is wrong. b = 2\nc = 4\nHmm, I made a mistake again. c = 3\nThe answer is: 3"
    assert parts(text) == [
        ("R", "a = 1\n"),
        ("E", "b = 3\n"),
        ("R", "Wait, b is wrong. "),
        ("C", "b = 2\n"),
        ("E", "c = 4\n"),
        ("R", "Hmm, I made a mistake again. "),
        ("C", "c = 3\nThe answer is: 3"),
    ]


def test_a_later_doubt_that_finds_nothing_stays_in_the_correction():
    text = "b = 3\nWait, that is wrong. b = 2\nHmm, let me check: 1 + 1 = 2.\nThe answer is: 2"
    assert parts(text)[-1] == ("C", "b = 2\nHmm, let me check: 1 + 1 = 2.\nThe answer is: 2")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", DropReason.NO_REFLECTION),
        ("2 + 2 = 4\nThe answer is: 4", DropReason.NO_REFLECTION),
        ("Bake 20 minutes. Wait 10 minutes. That is 20 + 10 = 30. The answer is: 30", DropReason.NO_REFLECTION),
        ("Wait, what is asked? 2 + 2 = 4", DropReason.SPANS_LOST),
        ("\n  Hmm. 2 + 2 = 4", DropReason.SPANS_LOST),
        ("2 + 2 = 5\nWait, that is wrong.", DropReason.SPANS_LOST),
        ("2 + 2 = 5\nWait, no.\n\n", DropReason.SPANS_LOST),
    ],
)
def test_what_cannot_be_segmented_says_why(text, reason):
    dropped = segment(text, "row 7")
    assert isinstance(dropped, Dropped)
    assert (dropped.id, dropped.stage, dropped.reason) == ("row 7", "segment", reason)


words = st.lists(
    st.sampled_from(
        [
            "2 + 2 = 5. ",
            "2 + 2 = 4\n",
            "Wait, ",
            "Hmm. ",
            "I made a mistake. ",
            "So it is. ",
            "\n",
            " ",
            "\\[\n",
            "Once more: ",
        ]
    )
    | st.text(max_size=8),
    max_size=12,
)


@given(words.map("".join))
def test_spans_joined_are_the_text_and_their_order_is_that_of_a_trajectory(text):
    spans = segment(text)
    if isinstance(spans, tuple):
        assert "".join(span.text for span in spans) == text
        errors = sum(span.kind is SpanKind.ERROR for span in spans)
        assert errors >= 1
        from lemma_hf.records import Error, Problem

        Trajectory(Problem("p", "?", "4"), spans, (Error(None, 1),) * errors)


@pytest.mark.parametrize(
    "text",
    [
        *("Wait, " * 50_000, "a = 1. " * 50_000, "a. " * 100_000, "(" * 300_000, "wait\n" * 50_000, "i " * 150_000),
        *(" " * 300_000, "\n" * 300_000, "\\[\n" * 100_000, "Wait, wrong. a = 1. " * 20_000),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_long_hostile_text_costs_no_more_than_its_length(text):
    start = time.perf_counter()
    segment("a = 1\n" + text)
    assert time.perf_counter() - start < 5


def test_the_spans_of_our_own_stories_are_found_again():
    from lemma_hf.world.stories import STORIES

    exact = total = 0
    kinds = STORIES.error_types
    for number, problem in enumerate(STORIES.problems(200, seed=7)):
        flawed = STORIES.inject(problem, kinds[number % len(kinds)], str(number))
        if isinstance(flawed, Dropped):
            continue
        for trajectory in (STORIES.fix(flawed), STORIES.restart(flawed)):
            assert isinstance(trajectory, Trajectory)
            total += 1
            exact += segment(trajectory.text) == trajectory.spans
    assert total > 200
    assert exact / total > 0.97


def test_solutions_that_reflect_on_nothing_are_hardly_ever_cut():
    if not GRADED.exists():
        pytest.skip("the shared data is not beside this checkout")
    # These are written straight through; a few do correct themselves.
    plain = ("openai_gsm8k", "rho1_gsm8k", "tora_gsm8k", "abel_gsm8k")
    texts = [row["output"] for _, row in read_records(GRADED) if row["source"] in plain]
    cut = sum(isinstance(segment(text), tuple) for text in texts)
    assert len(texts) > 10_000
    assert cut / len(texts) < 0.001
