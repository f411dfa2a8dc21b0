"""What each form makes of trajectories one can check by eye: fixes, new starts, several turns, none at all."""

import pytest
from small_rows import pens

from lemma_hf.data.export import (
    ExportForm,
    ExportOptions,
    SolutionPair,
    StepPair,
    clean_solution,
    export_rows,
    minimally_corrected,
    read_repairs,
    step_pairs,
)
from lemma_hf.data.rows import row_to_trajectory, trajectory_to_row
from lemma_hf.errors import ConfigError
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Dropped, DropReason, Error, Problem, Span, SpanKind, Strategy, Trajectory

FIX, RESTART = Strategy
STYLE = prompt_style("question")
ASKED = "Question: 4 boxes of 6 pens, 9 given away?\nSolution:"


def trajectory(*turns, start="a\n", id="t"):
    """`start`, then for each turn its wrong step, its correction and its strategy."""
    spans = [Span(SpanKind.REASONING, start)] if start else []
    for wrong, right, _ in turns:
        spans += [
            Span(SpanKind.ERROR, wrong),
            Span(SpanKind.REFLECTION, "Wait. "),
            Span(SpanKind.CORRECTION, right),
        ]
    errors = tuple(Error(None, number, strategy=turn[2]) for number, turn in enumerate(turns, 2))
    return Trajectory(Problem("p", "q", "1"), tuple(spans), errors, id)


def reasons(found):
    return [each.reason if isinstance(each, Dropped) else each for each in found]


def test_a_fix_gives_the_wrong_step_against_the_step_put_right():
    assert step_pairs(pens(4, FIX)) == (StepPair("4 * 6 = 24\n", "24 - 9 = 15\n", "24 - 9 = 24\n"),)
    right = "4 * 6 = 24\n24 - 9 = 15\nThe answer is: 15"
    assert minimally_corrected(pens(4, FIX)) == SolutionPair(right, "4 * 6 = 24\n24 - 9 = 24")
    assert clean_solution(pens(4, FIX)) == right


def test_pairs_of_several_turns_stand_behind_clean_text():
    twice = trajectory(("x\n", "b\nc\n", FIX), ("y\n", "d\ne", FIX))
    assert step_pairs(twice) == (StepPair("a\n", "b\n", "x\n"), StepPair("a\nb\nc\n", "d\n", "y\n"))
    assert minimally_corrected(twice) == SolutionPair("a\nb\nc\nd\ne", "a\nx")


def test_a_new_start_is_the_clean_text_for_what_follows():
    found = trajectory(("x\n", "k\nl\n", RESTART), ("y\n", "m", FIX))
    assert reasons(step_pairs(found)) == [DropReason.RESTARTED, StepPair("k\nl\n", "m", "y")]
    assert minimally_corrected(found).reason is DropReason.RESTARTED
    assert clean_solution(found) == "k\nl\nm"


def test_a_new_start_that_repeats_the_right_steps_puts_the_next_step_right():
    again = pens(4, RESTART)  # its new start begins with "4 * 6 = 24\n", as the attempt does
    assert step_pairs(again) == step_pairs(pens(4, FIX))
    assert clean_solution(again) == clean_solution(pens(4, FIX))
    assert step_pairs(trajectory(("x\n", "k\nb", RESTART)))[0].reason is DropReason.RESTARTED


def test_where_the_first_step_is_wrong_a_fix_and_a_new_start_are_the_same():
    for strategy in (FIX, RESTART, None):
        found = trajectory(("x\n", "b\nc", strategy), start="")
        assert step_pairs(found) == (StepPair("", "b\n", "x\n"),)
        assert minimally_corrected(found) == SolutionPair("b\nc", "x")


def test_an_unknown_strategy_is_not_guessed_but_may_be_assumed():
    found = trajectory(("x\n", "b\n", None), ("y\n", "c", FIX))
    unknown = DropReason.STRATEGY_UNKNOWN
    assert reasons(step_pairs(found)) == [unknown, unknown]
    assert minimally_corrected(found).reason is clean_solution(found).reason is unknown
    assert reasons(step_pairs(found, assume=FIX)) == [StepPair("a\n", "b\n", "x\n"), StepPair("a\nb\n", "c", "y")]
    assert clean_solution(found, assume=RESTART) == "b\nc"
    assert step_pairs(trajectory(("x\n", "a\nb", None))) == (StepPair("a\n", "b", "x"),)


def test_a_right_solution_gives_no_pair_and_says_why():
    assert reasons(step_pairs(pens(4))) == [DropReason.ALREADY_RIGHT]
    assert minimally_corrected(pens(4)).reason is DropReason.ALREADY_RIGHT
    assert clean_solution(pens(4)) == pens(4).text


def test_a_step_that_is_put_right_by_itself_gives_no_pair():
    assert reasons(step_pairs(trajectory(("x = 1\n", "x  = 1\nb", FIX)))) == [DropReason.SAME_STEP]


def test_white_space_does_not_tell_the_right_step_from_the_wrong_one():
    found = step_pairs(trajectory(("  x\n", " b", FIX)))[0]
    assert (found.right, found.wrong) == ("  b", "  x")


def test_a_wrong_sentence_is_paired_with_a_sentence():
    text = trajectory(("So it is 5. ", "So it is 4. Then 4 + 1 = 5. Done\nEnd", FIX), start="2 + 2 is asked. ")
    assert step_pairs(text) == (StepPair("2 + 2 is asked. ", "So it is 4. ", "So it is 5. "),)


def test_a_world_with_steps_of_its_own_says_how_they_are_cut():
    sums = trajectory(("8+3=12;", "8+3=11;11-1=10;####10", FIX), start="4*2=8;")
    split = lambda text: [f"{step};" for step in text.split(";") if step]  # noqa: E731
    assert step_pairs(sums, split=split) == (StepPair("4*2=8;", "8+3=11;", "8+3=12;"),)


def test_repairs_of_any_trajectory_are_made_of_its_own_text():
    for found in (pens(4, FIX), pens(4, RESTART), trajectory(("x\n", "b\nc\n", FIX), ("y\n", "d\ne", None))):
        for repair in read_repairs(found):
            assert repair.wrong in found.text and repair.correction.strip() in found.text
            assert "Wait" not in repair.prefix + (repair.clean or "")


@pytest.mark.parametrize("form", ExportForm)
def test_every_form_has_an_id_and_only_texts_numbers_and_lists(form):
    for row in export_rows(pens(4, FIX), form, STYLE):
        assert row["id"].startswith("pens-4/fix_and_continue")
        assert all(isinstance(value, str | bool | list) for value in row.values())


def rows(form, item=None, **options):
    found = export_rows(item or pens(4, FIX), form, STYLE, ExportOptions(**options))
    return [row if isinstance(row, Dropped) else {n: v for n, v in row.items() if n != "id"} for row in found]


def test_sft_rows_are_our_own_and_are_read_back():
    (row,) = export_rows(pens(4, FIX), ExportForm.SFT, STYLE)
    assert row == trajectory_to_row(pens(4, FIX), STYLE) and row_to_trajectory(row) == pens(4, FIX)


def test_spans_of_a_chat_count_characters_of_its_answer():
    (row,) = rows(ExportForm.SFT, chat=True)
    assert row["prompt"] == [{"role": "user", "content": "4 boxes of 6 pens, 9 given away?"}]
    (answer,) = row["completion"]
    assert row["span_ends"][-1] == len(answer["content"]) and answer["content"] == pens(4, FIX).text


def test_messages_hold_the_question_and_the_trajectory_or_its_thoughts_and_its_answer():
    ((user, answer),) = (row["messages"] for row in rows(ExportForm.MESSAGES))
    assert user == {"role": "user", "content": "4 boxes of 6 pens, 9 given away?"}
    assert answer == {"role": "assistant", "content": pens(4, FIX).text}
    ((_, answer),) = (row["messages"] for row in rows(ExportForm.MESSAGES, reasoning=True))
    thoughts = "4 * 6 = 24\n24 - 9 = 24\nWait, that is not right. 24 - 9 = 15"
    assert answer == {"role": "assistant", "reasoning_content": thoughts, "content": "The answer is: 15"}


def test_dpo_prefers_the_clean_solution_or_the_whole_trajectory_to_the_wrong_one():
    wrong = " 4 * 6 = 24\n24 - 9 = 24"
    clean = {"prompt": ASKED, "chosen": " 4 * 6 = 24\n24 - 9 = 15\nThe answer is: 15", "rejected": wrong}
    assert rows(ExportForm.DPO) == [clean]
    assert rows(ExportForm.DPO, pens(4, RESTART)) == [clean]
    (whole,) = rows(ExportForm.DPO, chosen="trajectory")
    assert whole["chosen"] == f" {pens(4, FIX).text}" and whole["chosen"].startswith(whole["rejected"])
    assert reasons(rows(ExportForm.DPO, pens(4))) == [DropReason.ALREADY_RIGHT]


def test_step_dpo_has_the_right_steps_in_the_prompt_and_as_a_chat_on_both_sides():
    text = {"prompt": f"{ASKED} 4 * 6 = 24", "chosen": "\n24 - 9 = 15\n", "rejected": "\n24 - 9 = 24\n"}
    assert rows(ExportForm.STEP_DPO) == [text]
    (chat,) = rows(ExportForm.STEP_DPO, chat=True)
    assert [chat[side][0]["content"] for side in ("chosen", "rejected")] == [
        "4 * 6 = 24\n24 - 9 = 15\n",
        "4 * 6 = 24\n24 - 9 = 24\n",
    ]


def test_step_dpo_of_a_wrong_first_step_begins_with_the_lead_of_the_style():
    assert rows(ExportForm.STEP_DPO, trajectory(("x\n", "b\nc", FIX), start="")) == [
        {"prompt": "Question: q\nSolution:", "chosen": " b\n", "rejected": " x\n"}
    ]


def test_kto_labels_the_right_solution_and_the_wrong_one():
    right, wrong = rows(ExportForm.KTO)
    assert right == {"prompt": ASKED, "completion": " 4 * 6 = 24\n24 - 9 = 15\nThe answer is: 15", "label": True}
    assert wrong == {"prompt": ASKED, "completion": " 4 * 6 = 24\n24 - 9 = 24", "label": False}
    assert [row["label"] for row in rows(ExportForm.KTO, pens(4))] == [True]
    unknown, wrong = rows(ExportForm.KTO, trajectory(("x\n", "b", None)))
    assert unknown.reason is DropReason.STRATEGY_UNKNOWN and wrong["label"] is False


def test_steps_are_labeled_up_to_the_first_wrong_one_and_those_of_right_solutions_are_all_right():
    first, clean = rows(ExportForm.PRM)
    assert (first["completions"], first["labels"]) == ([" 4 * 6 = 24", "24 - 9 = 24"], [True, False])
    assert clean["completions"] == [" 4 * 6 = 24", "24 - 9 = 15", "The answer is: 15"] and all(clean["labels"])
    (right,) = rows(ExportForm.PRM, pens(4))
    assert right == clean


def test_steps_of_several_turns_are_labeled_once_for_each_mistake():
    found = rows(ExportForm.PRM, trajectory(("x\n", "b\n", FIX), ("y\n", "c", RESTART)))
    assert [(row["completions"], row["labels"]) for row in found] == [
        ([" a", "x"], [True, False]),
        ([" a", "b", "y"], [True, True, False]),
        ([" c"], [True]),
    ]


def test_spot_rows_have_the_corrected_solution_and_the_wrong_one():
    assert rows(ExportForm.SPOT) == [
        {
            "prompt": ASKED,
            "completion": " 4 * 6 = 24\n24 - 9 = 15\nThe answer is: 15",
            "rejected": " 4 * 6 = 24\n24 - 9 = 24",
        }
    ]


def test_a_chat_style_keeps_its_own_words_in_the_message():
    (row,) = export_rows(pens(4, FIX), ExportForm.MESSAGES, prompt_style("boxed"))
    assert row["messages"][0]["content"].startswith("4 boxes of 6 pens, 9 given away?\nPlease reason step by step")


def test_the_rows_of_one_trajectory_have_ids_of_their_own():
    assert [row["id"] for row in export_rows(pens(4, FIX), ExportForm.KTO, STYLE)] == [
        "pens-4/fix_and_continue",
        "pens-4/fix_and_continue#2",
    ]


def test_an_unknown_right_side_is_refused():
    with pytest.raises(ConfigError, match="chosen is 'best', but it has to be one of clean, trajectory"):
        ExportOptions(chosen="best")
