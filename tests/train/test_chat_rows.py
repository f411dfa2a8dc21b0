"""Conversational rows: the same spans, inside what a chat template writes around them."""

import copy

import pytest
from datasets import Dataset
from small_worlds import ONES, ROWS, difference
from trl import SFTConfig, SFTTrainer

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.train.tokens import SpanTokenizer, check_round_trip, read_row

TURNS = (
    "{% for message in messages %}<s>{{ message['role'] }}\n{{ message['content'] }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)


def as_messages(row: dict, **extra) -> dict:
    return {
        **row,
        "prompt": [{"role": "user", "content": row["prompt"]}],
        "completion": [{"role": "assistant", "content": row["completion"]}],
        **extra,
    }


@pytest.fixture
def chat_tokenizer(tokenizer):
    chatty = copy.deepcopy(tokenizer)
    chatty.chat_template = TURNS
    return chatty


def test_the_template_before_the_answer_is_prompt_and_its_end_of_turn_belongs_to_the_last_span(chat_tokenizer):
    text = read_row(as_messages(ROWS[0]), chat_tokenizer)
    (row,) = SpanTokenizer(chat_tokenizer)([text])
    check_round_trip(SpanTokenizer(chat_tokenizer), [text])
    by_kind = {
        kind: chat_tokenizer.decode([id for id, of in zip(row.ids, row.kinds, strict=True) if of == kind])
        for kind in range(5)
    }
    assert by_kind[0].startswith("<s>user\nQuestion:") and by_kind[0].endswith("<s>assistant\n")
    assert by_kind[2].startswith("She gives away") and by_kind[3].startswith("Wait,")
    assert by_kind[4].endswith("The answer is: -5</s>\n")


def test_with_all_weights_one_it_is_the_stock_trainer(one_step, chat_tokenizer):
    messages = Dataset.from_list([as_messages(row) for row in ROWS])
    plain = messages.select_columns(["prompt", "completion"])
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=plain, processing_class=chat_tokenizer)
    ours = one_step(**ONES, train=messages, processing_class=chat_tokenizer)
    assert difference(ours.gradients, stock.gradients) == 0.0


def test_messages_without_a_template_or_with_tools_are_refused(tokenizer, chat_tokenizer):
    with pytest.raises(ConfigError, match="no chat template: set chat_template_path, or"):
        read_row(as_messages(ROWS[0]), tokenizer)
    with pytest.raises(ConfigError, match="`tools`, which are not read"):
        read_row(as_messages(ROWS[0], tools=[{"name": "calculator"}]), chat_tokenizer)


def test_an_answer_that_the_template_changes_is_named(chat_tokenizer):
    chat_tokenizer.chat_template = TURNS.replace("message['content']", "message['content'] | upper")
    with pytest.raises(DataError, match="a row: the chat template changes the answer"):
        read_row(as_messages(ROWS[0]), chat_tokenizer)


def test_a_completion_of_several_messages_is_refused(chat_tokenizer):
    row = as_messages(ROWS[0])
    with pytest.raises(DataError, match="completion as one message"):
        read_row({**row, "completion": row["completion"] * 2}, chat_tokenizer)
