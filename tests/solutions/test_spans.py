"""Spans are read from the words of the turn; what has no turn is said to have none."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.data.sources import read_records
from lemma_hf.records import Dropped, DropReason, SpanKind, Trajectory
from lemma_hf.solutions.cues import opens_turn
from lemma_hf.solutions.spans import segment, split_steps

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
GRADED = SHARED / "graded" / "open.jsonl.gz"
REFLECTIONS = SHARED / "reflections.jsonl.gz"
PHRASES = SHARED / "lemma_phrases.json"


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
        ("Wait, no. Hmm, no. Oops, no.", DropReason.SPANS_LOST),
    ],
)
def test_what_cannot_be_segmented_says_why(text, reason):
    dropped = segment(text, "row 7")
    assert isinstance(dropped, Dropped)
    assert (dropped.id, dropped.stage, dropped.reason) == ("row 7", "segment", reason)


# --- real text: a cue in the middle, questions, double turns, traces -------------------------------------------------


def cut(text):
    return [(kind, part.strip()) for kind, part in parts(text)]


FIX = "4 * 6 = 24, so there are 24 pens. The answer is: 24"


@pytest.mark.parametrize(
    "turn",
    [
        "Wait, let's pause and go over this once again.",
        "Hold on, let's make sure that this is right. Calculating carefully:",
        "Hmm, I want to check this product. Let's go through it:",
        "Wait, this doesn't look right. Let's pause and consider this:",
        "Let's pause and consider what we have so far.",
        "That didn't look right. Wait, let's fix that.",
        "Let's pause and check if we've read everything correctly.",
        "Wait a moment. Is everything right? Let me double-check.",
        "The total looks odd, is everything right? Let me double-check.",
        "Does it add up? Let's rethink this.",
        "Did I miss something? Let's pause and reconsider.",
        "Is this correct? Let me check again.",
    ],
)
@pytest.mark.parametrize("space", [" ", "\n"])
def test_a_transition_or_a_question_that_doubts_opens_the_reflection_and_is_never_the_error(turn, space):
    wrong = "So 4 boxes hold 4 * 6 = 20 pens."
    assert cut(space.join(["A box holds 6 pens.", wrong, turn, FIX])) == [
        ("R", "A box holds 6 pens."),
        ("E", wrong),
        ("R", turn),
        ("C", FIX),
    ]


@pytest.mark.parametrize(
    "phrase",
    [
        "Let's go through the problem step by step.",
        "Let's carefully look at the number of boxes.",
        "Let's take a closer look at the boxes.",
        "Hmm, let's pause and consider the boxes.",
        "Let's pause for a moment and think about what it means.",
        "Now, let's pause and ensure that the total is right.",
        "This is consistent, and each step was verified.",
        "Thus, after checking each step carefully, we conclude that it holds.",
    ],
)
def test_a_phrase_that_only_leads_on_is_no_turn(phrase):
    dropped = segment(f"A box holds 6 pens. So 4 boxes hold 4 * 6 = 24 pens. {phrase} 24 - 4 = 20. The answer is: 20")
    assert isinstance(dropped, Dropped) and dropped.reason is DropReason.NO_REFLECTION


@pytest.mark.parametrize(
    ("wrong", "turn"),
    [
        ("So far it is 15 + 30 = 45, ", "but wait, maybe there is something wrong. "),
        ("So far it is 15 + 30 = 45, ", "but that can't be right. "),
        ("So far it is 15 + 30 = 45... ", "wait, no, that is too much. "),
        ("So far it is 15 + 30 = 45 — ", "oh wait, I forgot the other half. "),
    ],
)
def test_a_turn_in_the_middle_of_a_sentence_splits_it(wrong, turn):
    assert parts(f"Half is 50.\n{wrong}{turn}Let's rethink this.\n50 + 45 = 95\nThe answer is: 95") == [
        ("R", "Half is 50.\n"),
        ("E", wrong),
        ("R", f"{turn}Let's rethink this.\n"),
        ("C", "50 + 45 = 95\nThe answer is: 95"),
    ]


@pytest.mark.parametrize(
    "text", ["Stir, wait, and bake for 20 minutes.", "They wait, hold on to the rope, and climb 3 m."]
)
def test_waiting_in_a_story_splits_no_sentence(text):
    assert isinstance(segment(f"{text} That is 3 * 2 = 6. The answer is: 6"), Dropped)


def test_an_equation_that_is_quoted_to_deny_it_is_a_part_of_the_reflection():
    assert parts("15 + 7x = 110\nWait, I may be off. The equation 15 + 7x = 110 doesn't account for the 60.\n7x = 35")[
        1:
    ] == [
        ("R", "Wait, I may be off. The equation 15 + 7x = 110 doesn't account for the 60.\n"),
        ("C", "7x = 35"),
    ]


def test_a_sentence_that_sets_it_right_at_once_begins_the_correction():
    assert parts("25% of 28 is 6.\nWait, maybe there's something wrong. Actually, 28 / 4 = 7. So it is 7.")[1:] == [
        ("R", "Wait, maybe there's something wrong. "),
        ("C", "Actually, 28 / 4 = 7. So it is 7."),
    ]


def test_a_line_that_closes_with_a_new_start_is_reflection_up_to_there():
    turn = (
        "Wait, maybe there's something wrong. Each question has 2 marks, so 50 have 50 * 2 = 100. Let's reconsider.\n"
    )
    assert parts(f"He has 45 - 40 = 5 marks. {turn}He has 90 - 40 = 50 marks.\nThe answer is: 50")[1] == ("R", turn)


def test_a_doubted_correction_of_several_steps_is_a_second_error_at_its_last_step():
    assert parts("a = 1 + 1 = 3\nWait, that is wrong.\na = 2\nb = 2 + 2 = 5\nWait, that is wrong too.\nb = 4\n") == [
        ("E", "a = 1 + 1 = 3\n"),
        ("R", "Wait, that is wrong.\n"),
        ("C", "a = 2\n"),
        ("E", "b = 2 + 2 = 5\n"),
        ("R", "Wait, that is wrong too.\n"),
        ("C", "b = 4\n"),
    ]


@pytest.mark.parametrize(
    ("good", "bad"),
    [("1 + 1 = 2. ", "2 + 2 = 5.\n"), ("1 + 1 = 2, ", "and 2 + 2 = 5.\n")],
    ids=["sentences", "clauses"],
)
def test_a_doubted_correction_of_one_line_is_cut_before_its_last_sentence_or_clause(good, bad):
    found = parts(f"1 + 1 = 3\nWait, that is wrong.\n{good}{bad}Oops, I made a mistake.\n2 + 2 = 4\n")
    assert [kind for kind, _ in found] == ["E", "R", "C", "E", "R", "C"]
    assert found[2:4] == [("C", good), ("E", bad)]


def test_a_doubted_correction_of_a_single_step_is_a_part_of_the_error():
    # It corrected nothing; as REASONING or CORRECTION a wrong step would be trained on as right.
    assert parts("a = 5\nWait, that is wrong. a = 6\nWait, that is wrong too. a = 4") == [
        ("E", "a = 5\nWait, that is wrong. a = 6\n"),
        ("R", "Wait, that is wrong too. "),
        ("C", "a = 4"),
    ]


def test_a_turn_that_speaks_of_the_first_mistake_again_is_no_second_error():
    again = "But why did I write 7800? That was a mistake.\n"
    text = f"So it is 7800.\nWait, I made a mistake.\n24 + 54 = 78\n{again}It is 78.\n"
    assert [kind for kind, _ in parts(text)] == ["E", "R", "C"]


def test_a_plan_to_mend_what_is_mended_already_is_no_second_error():
    text = "So it is 7800.\nWait, I made a mistake.\n24 + 54 = 78\nSo I need to correct that.\nIt is 78.\n"
    assert [kind for kind, _ in parts(text)] == ["E", "R", "C"]


def test_words_in_a_block_of_code_turn_nothing():
    code = "```python\nprint('So')\n# Wait, that is wrong.\n```\n"
    assert isinstance(segment(f"Run it:\n{code}It is 4.\n"), Dropped)
    assert parts(f"Run it:\n{code}I apologize, I made a mistake.\n```python\n2 + 2\n```\nIt is 4.\n")[:2] == [
        ("E", f"Run it:\n{code}"),
        ("R", "I apologize, I made a mistake.\n"),
    ]


TASK = "Okay, so I need to find the price of 4 boxes. The problem says that one costs $6. "


@pytest.mark.parametrize(
    "trace",
    [
        f"<think>\n{TASK}Hmm, where do I start? 4 * 6 = 24. Let me check: 24. Yes.\n</think>\nThe answer is: 24",
        f"{TASK}Hmm, 4 * 6 = 24. Wait, is that right? Yes, 24. The answer is: 24",
        "One box costs $6. Hmm, where do I start? 4 * 6 = 24. Let me verify this: 24. The answer is: 24",
        f"<think>{TASK}Is it 4 + 6 = 10? Wait, no. 4 * 6 = 24.</think> The answer is: 24",
        f"<think>{TASK}4 * 6 = 24. Hmm, maybe I made a mistake. Let me see. Fine.</think> The answer is: 24",
    ],
)
def test_a_trace_that_says_of_no_step_that_it_is_wrong_is_left_out_with_that_reason(trace):
    dropped = segment(trace)
    assert isinstance(dropped, Dropped) and dropped.reason is DropReason.NO_REFLECTION
    assert "thinking trace" in dropped.detail


@pytest.mark.parametrize("mark", ["<think>\n", ""])
def test_in_a_trace_the_step_that_is_named_wrong_is_the_error_and_never_the_problem_told_again(mark):
    text = f"{mark}{TASK}Hmm, where do I start? 4 * 6 = 28. The problem says 4. Wait, that's wrong. 4 * 6 = 24. So 24."
    assert [part for kind, part in cut(text) if kind == "E"] == ["4 * 6 = 28."]
    assert isinstance(segment(f"{mark}{TASK}Wait, I misread the problem. 4 * 6 = 24. So 24."), Dropped)


def test_a_solution_that_halts_five_times_and_finds_nothing_is_a_trace():
    halts = "".join(f"Let me check: {n} + 1 = {n + 1}.\n" for n in range(5))
    assert isinstance(segment(f"1 + 1 = 2\n{halts}The answer is: 2"), Dropped)


words = st.lists(
    st.sampled_from(
        [
            "2 + 2 = 5. ",
            "2 + 2 = 4\n",
            "Wait, ",
            "Hmm. ",
            "I made a mistake. ",
            "Does this make sense? ",
            "2 + 2 = 4, but wait, no. ",
            "Let's rethink this.\n",
            "```\n",
            "<think>",
            "The problem says 4. ",
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
        *("a = 1, but wait, no, " * 50_000, "Wait, no, wait, that " * 50_000, "Is it 4? " * 100_000, "```\n" * 200_000),
        *(
            "a = 1. Wait, that is wrong.\n" * 10_000,
            "<think>" * 150_000,
            "</think>Wait, no. " * 50_000,
            "9" * 1_000_000,
        ),
        *("Let me check 1. " * 60_000, "but " * 250_000, "a = 1\n" * 10_000 + "Wait, that is wrong.\na = 2\n"),
        *(" " * 300_000, "\n" * 300_000, "\\[\n" * 100_000, "Wait, wrong. a = 1. " * 20_000),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_long_hostile_text_costs_no_more_than_its_length(text):
    start = time.perf_counter()
    segment("a = 1\n" + text)
    assert time.perf_counter() - start < 20  # a second or two by itself; quadratic work would take hours


@pytest.mark.parametrize(
    "unit", ["a = 1, but wait, no, it is. ", "Wait, no, 2. ", "a = 1\nWait, that is wrong.\n", "</think>Oops, 7. "]
)
def test_four_times_the_text_costs_about_four_times_as_much(unit):
    def seconds(times):
        start = time.perf_counter()
        segment("a = 1\n" + unit * times)
        return time.perf_counter() - start

    assert min(seconds(8_000) for _ in range(2)) < 10 * min(seconds(2_000) for _ in range(3)) + 0.5


def test_our_own_marks_inside_a_text_are_plain_text():
    text = "<error>2 + 2 = 5</error>\nWait, that is wrong. <correction>\n2 + 2 = 4\nThe answer is: 4"
    assert [kind for kind, _ in parts(text)] == ["E", "R", "C"]


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


# --- what people and models wrote ------------------------------------------------------------------------------------


def reflections(kind):
    if not REFLECTIONS.exists():
        pytest.skip("the shared data is not beside this checkout")
    return [row["output"] for _, row in read_records(REFLECTIONS) if row["kind"].startswith(kind)]


def test_the_transitions_of_the_authors_open_a_turn_and_their_other_phrases_do_not():
    if not PHRASES.exists():
        pytest.skip("the shared data is not beside this checkout")
    phrases = json.loads(PHRASES.read_text())
    head = "A box holds 6 pens.\nSo 4 boxes hold 4 * 6 = 20 pens.\n"
    for turn in phrases["turns"]:
        assert parts(f"{head}{turn}\n{FIX}")[1:3] == [("E", "So 4 boxes hold 4 * 6 = 20 pens.\n"), ("R", f"{turn}\n")]
    for phrase in phrases["smoothing_that_is_no_turn"]:
        assert isinstance(segment(f"{head}{phrase}\n{FIX}"), Dropped), phrase


def test_the_trajectories_of_the_authors_are_cut_as_a_person_would():
    found = [cut(text) for text in reflections("lemma_authors")]
    assert len(found) == 9
    for text in found:
        assert [kind for kind, _ in text] == ["R", "E", "R", "C"]
    # The error ends before the turn; the reflection ends with the plan, or where the new reasoning begins.
    ends = ["Let's correct this.", "Let’s pause and reconsider.", "Let's rethink this.", "Let's reconsider."]
    ends += [
        "Let's rethink this.",
        "something wrong.",
        "missing something.",
        "Let's rethink this.",
        "pause and reconsider.",
    ]
    assert [text[2][1].endswith(end) for text, end in zip(found, ends, strict=True)] == [True] * 9


def test_an_answer_that_was_tampered_with_is_the_error():
    texts = [text for text in reflections("qwen3") if len(text.split()) > 12]  # the others stop behind their first line
    first = [isinstance(found := segment(text), tuple) and found[0].text.count("\n") == 2 for text in texts]
    assert len(texts) > 500
    assert sum(first) / len(texts) >= 0.95
