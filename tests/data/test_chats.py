"""Rows of ours as chats: the same text in messages, with its spans."""

import pytest
from datasets import Dataset

from lemma_hf.data.export.chats import as_chats
from lemma_hf.data.rows import features, read_spans, trajectory_to_row
from lemma_hf.errors import DataError
from lemma_hf.prompts import prompt_style


@pytest.fixture
def rows(splits):
    """11 rows in a style whose completions open with a space."""
    style = prompt_style("question")
    return Dataset.from_list([trajectory_to_row(each, style) for each in splits["train"]], features=features())


def parts(row, text):
    """The text of each span, and from where on each mistake is wrong."""
    ends = [end for _, end in read_spans(row, len(text))]
    starts = [None if start in (None, -1) else text[start:] for start in row["error_starts"]]
    return [text[a:b] for a, b in zip([0, *ends], ends, strict=False)], starts


def test_question_and_answer_are_messages_without_the_words_of_the_prompt_style(rows):
    for row, chat in zip(rows, as_chats(rows), strict=True):
        assert chat["prompt"] == [{"role": "user", "content": row["problem"]}]
        assert chat["completion"] == [{"role": "assistant", "content": row["completion"].removeprefix(" ")}]


def test_the_spans_hold_the_same_words_as_before(rows):
    for row, chat in zip(rows, as_chats(rows), strict=True):
        (first, *others), starts = parts(row, row["completion"])
        assert parts(chat, chat["completion"][0]["content"]) == ([first.removeprefix(" "), *others], starts)


def test_columns_of_ones_own_stay_and_chats_stay_as_they_are(rows):
    weighted = rows.add_column("loss_weight", [0.5] * len(rows))
    chats = as_chats(weighted)
    assert chats["loss_weight"][:] == [0.5] * len(rows)
    assert chats.column_names == weighted.column_names
    assert as_chats(chats) is chats


def test_rows_without_a_question_are_refused_with_what_is_missing():
    plain = Dataset.from_list([{"prompt": "1 + 1?", "completion": " 2"}])
    with pytest.raises(DataError, match="these have no `problem`: give rows with the columns of"):
        as_chats(plain)
