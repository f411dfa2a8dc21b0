"""Conversational rows: the same spans, inside what a chat template writes around them."""

import copy

import pytest
from datasets import Dataset
from small_worlds import ONES, ROWS, difference, reference
from trl import SFTConfig, SFTTrainer

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.train.chat_text import ChatFormat
from lemma_hf.train.round_trip import check_round_trip
from lemma_hf.train.row_text import read_row
from lemma_hf.train.tokenization import SpanTokenizer

STOCK = "stock SFTTrainer, weights of one"
TURNS = (
    "{% for message in messages %}<s>{{ message['role'] }}\n{{ message['content'] }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)

# What is generated is marked, and the line break behind the end of turn is not part of it.
MARKED = (
    "{% for message in messages %}<s>{{ message['role'] }}\n"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] }}</s>{% endgeneration %}"
    "{{ '\\n' }}"  # Jinja drops a line break that follows a tag
    "{% else %}{{ message['content'] }}</s>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)
# An empty thought before every answer, and tools and a wish in front, as Qwen3 has them.
THINKING = (
    "{% if tools %}<s>tools {{ tools | length }}</s>\n{% endif %}{% if wish %}<s>{{ wish }}</s>\n{% endif %}"
    "{% for message in messages %}<s>{{ message['role'] }}\n"
    "{% if message['role'] == 'assistant' %}<think>\n\n</think>\n\n{% endif %}{{ message['content'] }}</s>\n"
    "{% endfor %}{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)


def as_messages(row: dict, **extra) -> dict:
    return {
        **row,
        "prompt": [{"role": "user", "content": row["prompt"]}],
        "completion": [{"role": "assistant", "content": row["completion"]}],
        **extra,
    }


@pytest.fixture
def talking(tokenizer):
    """The tokenizer with a chat template."""

    def make(template: str = TURNS):
        chatty = copy.deepcopy(tokenizer)
        chatty.chat_template = template
        return chatty

    return make


@pytest.fixture
def chat_tokenizer(talking):
    return talking()


@pytest.fixture
def messages():
    return Dataset.from_list([as_messages(row) for row in ROWS])


def texts_by_kind(tokenizer, row, **options) -> dict[int, str]:
    (tokens,) = SpanTokenizer(tokenizer)([read_row(row, tokenizer, **options)])
    pairs = list(zip(tokens.ids, tokens.kinds, strict=True))
    return {kind: tokenizer.decode([id for id, of in pairs if of == kind]) for kind in range(5)}


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


@pytest.mark.parametrize(
    ("mode", "template", "options"),
    [
        ("chat template", TURNS, {}),
        ("chat template, packed", TURNS, {"packing": True}),
        ("chat template with {% generation %}", MARKED, {}),
        ("chat template with {% generation %}, assistant_only_loss", MARKED, {"assistant_only_loss": True}),
        ("chat template that thinks", THINKING, {}),
    ],
)
def test_with_all_weights_one_it_is_the_stock_trainer(
    one_step, talking, messages, check_difference, mode, template, options
):
    options = {"processing_class": talking(template)} | options
    plain = messages.select_columns(["prompt", "completion"])
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=plain, **options)
    ours = one_step(**ONES, train=messages, **options)
    check_difference(mode, STOCK, difference(ours.gradients, stock.gradients), at_most=0)


def test_assistant_only_loss_is_seen_in_the_comparison(one_step, talking, messages):
    once, again = (
        one_step(train=messages, processing_class=talking(MARKED), assistant_only_loss=only) for only in (False, True)
    )
    assert difference(once.gradients, again.gradients) > 1e-3


@pytest.mark.parametrize("template", [TURNS, MARKED, THINKING])
def test_weights_of_kinds_give_the_weighted_mean(one_step, make_model, talking, messages, check_difference, template):
    weights = {"reasoning_weight": 0.5, "error_weight": 0.25, "reflection_weight": 3.0, "correction_weight": 1.5}
    ours = one_step(train=messages, processing_class=talking(template), **weights)
    _, gradients = reference(make_model(), list(ours.trainer.train_dataset))
    name = {
        TURNS: "chat template",
        MARKED: "chat template with {% generation %}",
        THINKING: "chat template that thinks",
    }
    against = "plain logits in float64, weights of kinds"
    check_difference(name[template], against, difference(ours.gradients, gradients), at_most=2e-6)


def test_what_a_template_writes_before_the_answer_is_reasoning_that_the_model_has_to_write(talking):
    tokenizer = talking(THINKING)
    row = as_messages(ROWS[0] | {"completion": "4 - 9 = 5. No. -5", "span_kinds": [1, 2, 3], "span_ends": [11, 15, 17]})
    by_kind = texts_by_kind(tokenizer, row)
    assert by_kind[0].endswith("<s>assistant\n")
    assert (by_kind[1], by_kind[2]) == ("<think>\n\n</think>\n\n", "4 - 9 = 5. ")


def test_assistant_only_loss_leaves_out_what_stands_behind_the_generation(talking):
    tokenizer = talking(MARKED)
    assert texts_by_kind(tokenizer, as_messages(ROWS[0]))[4].endswith("-5</s>\n")
    by_kind = texts_by_kind(tokenizer, as_messages(ROWS[0]), chat=ChatFormat(assistant_only=True))
    assert by_kind[4].endswith("-5</s>") and by_kind[0].endswith("<s>assistant\n\n")


def test_earlier_turns_are_prompt(chat_tokenizer):
    row = as_messages(ROWS[0])
    before = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Wait, no."}]
    by_kind = texts_by_kind(chat_tokenizer, row | {"prompt": before + row["prompt"]})
    assert "Hello" in by_kind[0] and "Wait, no." in by_kind[0] and "Wait, no." not in by_kind[3]


def test_an_answer_that_stands_in_the_prompt_too_is_found_in_its_own_place(chat_tokenizer):
    row = as_messages({"prompt": "Say 9.", "completion": "9."})
    by_kind = texts_by_kind(chat_tokenizer, row)
    assert by_kind[0].startswith("<s>user\nSay 9.</s>") and by_kind[1] == "9.</s>\n"


def test_tools_and_options_of_the_template_are_passed_on(talking):
    extra = {"tools": '[{"name": "calculator"}]', "chat_template_kwargs": {"wish": "Be brief.", "other": None}}
    by_kind = texts_by_kind(talking(THINKING), as_messages(ROWS[0], **extra))
    assert by_kind[0].startswith("<s>tools 1</s>\n<s>Be brief.</s>\n<s>user\n")


def test_messages_without_a_template_are_refused(tokenizer):
    with pytest.raises(ConfigError, match="no chat template: set chat_template_path, or"):
        read_row(as_messages(ROWS[0]), tokenizer)


def test_assistant_only_loss_without_marks_in_the_template_is_refused(chat_tokenizer):
    with pytest.raises(ConfigError, match=r"marks nothing with {% generation %}: set assistant_only_loss=False"):
        read_row(as_messages(ROWS[0]), chat_tokenizer, chat=ChatFormat(assistant_only=True))


def test_content_that_is_no_text_is_refused(chat_tokenizer):
    row = as_messages(ROWS[0]) | {"completion": [{"role": "assistant", "content": None}]}
    with pytest.raises(DataError, match="need the completion's content as text, found None"):
        read_row(row, chat_tokenizer)


def test_an_answer_that_the_template_changes_is_named(chat_tokenizer):
    chat_tokenizer.chat_template = TURNS.replace("message['content']", "message['content'] | upper")
    with pytest.raises(DataError, match="a row: the chat template changes the answer"):
        read_row(as_messages(ROWS[0]), chat_tokenizer)


def test_in_a_completion_of_several_messages_the_spans_are_of_the_last(chat_tokenizer):
    row = as_messages(ROWS[0])
    first = [{"role": "assistant", "content": "Let me see."}, {"role": "user", "content": "Go on."}]
    by_kind = texts_by_kind(chat_tokenizer, row | {"completion": [*first, *row["completion"]]})
    assert by_kind[1].startswith("Let me see.</s>\n<s>user\nGo on.</s>\n<s>assistant\n\nEach box holds 1 pens")
    assert by_kind[2].startswith("She gives away") and by_kind[4].endswith("The answer is: -5</s>\n")


QUOTING = TURNS.replace("{{ message['content'] }}", "{{ message.thought }}{{ message['content'] }}")


def test_an_answer_that_a_thought_quotes_is_not_taken_for_the_answer(talking):
    row = as_messages({"prompt": "4 - 9?", "completion": "-5", "span_kinds": [0], "span_ends": [2]})
    row["completion"][0]["thought"] = "<think>It is -5.</think>"
    text = read_row(row, talking(QUOTING))
    at = text.text.index("</think>-5") + len("</think>")
    assert text.ends == (at, at + 2) and text.text[text.start :].startswith("<think>It is -5.")


def test_spaces_that_a_template_strips_do_not_move_the_spans(talking):
    trimming = TURNS.replace("message['content'] }}", "message['content'] | trim }}")
    completion = " \n4 - 9 = 5. No. -5\n"
    row = as_messages(ROWS[0] | {"completion": completion, "span_kinds": [1, 2, 3], "span_ends": [13, 17, 20]})
    text = read_row(row, talking(trimming))
    assert [text.text[a:b] for a, b in zip((text.start, *text.ends), text.ends, strict=False)] == [
        "4 - 9 = 5. ",
        "No. ",
        "-5",
    ]


def test_a_template_that_splits_a_thought_from_the_content_leaves_the_spans_where_they_are(talking):
    # As Qwen3 does: what stands before </think> in the content is taken out, and written anew.
    splitting = (
        "{% for m in messages %}{% set parts = m.content.split('</think>') %}<s>{{ m.role }}\n"
        "{% if m.role == 'assistant' and parts | length > 1 %}{{ parts[0] + '</think>' + parts[1] }}"
        "{% elif m.role == 'assistant' %}<think></think>{{ m.content }}{% else %}{{ m.content }}{% endif %}</s>\n"
        "{% endfor %}{% if add_generation_prompt %}<s>assistant\n{% endif %}"
    )
    row = as_messages({"prompt": "4?", "completion": "<think>a</think>b", "span_kinds": [0, 3], "span_ends": [16, 17]})
    text = read_row(row, talking(splitting))
    assert (text.text[text.start : text.ends[0]], text.text[text.ends[0] : text.ends[1]]) == ("<think>a</think>", "b")


def test_spans_of_a_content_in_one_part_are_placed_as_those_of_a_text(talking):
    parts = TURNS.replace("message['content']", "(message['content'] if message['content'] is string else "
                          "message['content'][0]['text'])")  # fmt: skip
    row = as_messages(ROWS[0])
    plain = read_row(row, talking(parts))
    row["completion"][0]["content"] = [{"type": "text", "text": row["completion"][0]["content"]}]
    assert read_row(row, talking(parts)) == plain


def test_tools_that_are_no_json_are_named_with_their_row(chat_tokenizer):
    row = {"messages": [{"role": "user", "content": "2 + 2?"}], "tools": "[{"}
    with pytest.raises(DataError, match="train row 3, field `tools`: is no JSON"):
        read_row(row, chat_tokenizer, "train row 3")


@pytest.mark.parametrize("template", ["{{ messages[0] }", "{{ raise_exception('roles must alternate') }}"])
def test_a_template_that_fails_is_named_with_its_row(talking, template):
    row = {"messages": [{"role": "user", "content": "2 + 2?"}]}
    with pytest.raises(DataError, match="train row 3: the tokenizer's chat template fails"):
        read_row(row, talking(template), "train row 3")
