"""Rows in the format of panzs19/LEMMA become ours, or say why not."""

import pytest

from lemma_hf.data.published import published_to_row
from lemma_hf.data.rows import row_to_trajectory
from lemma_hf.errors import DataError
from lemma_hf.records import Dropped, DropReason, Error


def test_the_spans_are_found_in_the_text(published):
    trajectory = row_to_trajectory(published_to_row(published, "x/train.jsonl", 3))
    assert [(str(span.kind), span.text) for span in trajectory.spans] == [
        ("reasoning", "There are 4 * 6 = 24 pens.\n"),
        ("error", "24 - 9 = 16 are left.\n"),
        ("reflection", "Wait, I made a mistake. Let me subtract again. "),
        ("correction", "24 - 9 = 15.\nThe answer is: 15"),
    ]
    assert trajectory.text == published["output"]
    assert trajectory.id == trajectory.problem.id == "train.jsonl:3"
    assert trajectory.problem.question == published["instruction"]


def test_what_the_format_does_not_say_stays_unknown(published):
    row = published_to_row(published, "train.jsonl", 1)
    assert (row["error_types"], row["error_strategies"], row["error_origins"]) == ([None], [None], [None])
    assert row_to_trajectory(row).errors == (Error(None, 2, None, None),)


def test_the_prompt_is_the_papers(published):
    row = published_to_row(published | {"input": "Give a number."}, "train.jsonl", 1)
    assert row["prompt"] == (
        "### Instruction:\n4 boxes of 6 pens, 9 given away. How many are left?\nGive a number.\n\n"
        "### Response: Let's think step by step."
    )
    assert row["completion"] == " " + published["output"]


@pytest.mark.parametrize(
    ("end", "answer"),
    [("The answer is: 694", "694"), ("so \\boxed{3}. The answer is: $3.5$.", "3.5"), ("The answer is 12\n", "12")],
)
def test_the_answer_is_what_follows_the_last_claim(published, end, answer):
    output = f"It is 5. The answer is: 5\nWait, that is wrong. 2 + 2 = 4\n{end}"
    assert published_to_row(published | {"output": output}, "f", 1)["reference_answer"] == answer


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("2 + 2 = 4\nThe answer is: 4", DropReason.NO_REFLECTION),
        ("Wait, no. 2 + 2 = 4\nThe answer is: 4", DropReason.SPANS_LOST),
        ("2 + 2 = 5\nWait, that is wrong. 2 + 2 = 4", DropReason.NO_ANSWER),
        ("", DropReason.NO_ANSWER),
    ],
)
def test_what_cannot_be_segmented_says_why(published, output, reason):
    dropped = published_to_row(published | {"output": output}, "train.jsonl", 8)
    assert isinstance(dropped, Dropped)
    assert (dropped.id, dropped.reason) == ("train.jsonl:8", reason)


def test_a_row_that_holds_no_text_is_an_error_with_file_line_and_field(published):
    with pytest.raises(DataError, match=r"train\.jsonl, line 8, field `output`: need str, found NoneType None"):
        published_to_row(published | {"output": None}, "train.jsonl", 8)
