"""Every form of rows that TRL takes: the same ids, and the same tokens trained on, as in the stock trainer."""

import copy

import pytest
from datasets import Dataset, IterableDataset
from small_worlds import ROWS
from trl import SFTConfig, SFTTrainer

from lemma_hf.errors import ConfigError, DataError

# Turns that end in the end token; a thought before each answer; tools and their calls; parts of a content.
TEMPLATE = (
    "{% if tools %}<s>tools{% for tool in tools %} {{ tool.name }}{% for name, of in tool.parameters.items() %}"
    " {{ name }}={{ of if of is string else of.type }}{% endfor %}{% endfor %}</s>\n{% endif %}"
    "{% for m in messages %}<s>{{ m.role }}\n"
    "{% if m.role == 'assistant' %}{% generation %}"
    "{% if m.reasoning_content %}<think>\n{{ m.reasoning_content }}\n</think>\n\n{% endif %}"
    "{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content or [] %}{{ p.text }}{% endfor %}"
    "{% endif %}{% for call in m.tool_calls or [] %}call {{ call.name }}{% endfor %}</s>{% endgeneration %}{{ '\\n' }}"
    "{% elif m.content is string %}{{ m.content }}</s>\n"
    "{% else %}{% for p in m.content %}{{ p.text }}{% endfor %}</s>\n{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<s>assistant\n{% if wish %}{{ wish }}{% endif %}{% endif %}"
)
ASK, REPLY = ROWS[0]["prompt"], ROWS[0]["completion"]


def user(text: str) -> dict:
    return {"role": "user", "content": text}


def says(content: str | None, **more: object) -> dict:
    return {"role": "assistant", "content": content, **more}


TALK = [user(ASK), says(REPLY), user("Are you sure?"), says("Yes: 4 - 9 = -5.")]
TOOLS = [
    {"name": "sum", "parameters": {"a": {"type": "int"}}},
    {"name": "say", "parameters": {"word": {"type": "str"}}},
]
IDS = list(range(5, 17))
AS_JSON = {"on_mixed_types": "use_json"}
"""What `datasets` is to do with values of several types in one column."""
FORMS: dict[str, list[dict]] = {
    "text": [{"text": ASK + REPLY}, {"text": "9."}],
    "text that ends in the end token": [{"text": "9.</s>"}],
    "prompt and completion": [{"prompt": row["prompt"], "completion": row["completion"]} for row in ROWS],
    "a word that goes on from the prompt into the completion": [{"prompt": "How many are le", "completion": "ft? 9"}],
    "messages": [{"messages": TALK}, {"messages": TALK[:2]}],
    "prompt and completion as messages": [{"prompt": TALK[:1], "completion": TALK[1:2]}],
    "a completion of several messages": [{"prompt": TALK[:1], "completion": TALK[1:]}],
    "a conversation in the prompt": [{"prompt": TALK[:3], "completion": TALK[3:]}],
    "from and value": [{"conversations": [{"from": m["role"], "value": m["content"]} for m in TALK]}],
    "content as parts": [
        {"messages": [{"role": m["role"], "content": [{"type": "text", "text": m["content"]}]} for m in TALK]}
    ],
    "tools as a list": [{"messages": TALK, "tools": TOOLS[:1]}],
    "tools as JSON": [{"messages": TALK, "tools": '[{"name": "sum", "parameters": {"a": {"type": "int"}}}]'}],
    "no content, and a tool call": [
        {"prompt": [user(ASK)], "completion": [says("", tool_calls=[{"name": "sum"}])]},
        {"prompt": [user(ASK)], "completion": [says(None, tool_calls=[{"name": "sum"}])]},
    ],
    "a thought that quotes the answer": [
        {"prompt": [user(ASK)], "completion": [says("-5", reasoning_content="So it is -5")]}
    ],
    "outer spaces": [{"prompt": [user(ASK)], "completion": [says("\n -5 \n")]}],
    "a generation prompt that the whole text does not have": [
        {"prompt": TALK[:1], "completion": TALK[1:2], "chat_template_kwargs": {"wish": "\nThe "}}
    ],
    "input_ids": [{"input_ids": IDS}],
    "input_ids and labels": [{"input_ids": IDS, "labels": [-100] * 4 + IDS[4:]}],
    "input_ids and assistant_masks": [{"input_ids": IDS, "assistant_masks": [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]}],
    "input_ids and completion_mask": [{"input_ids": IDS, "completion_mask": [0] * 5 + [1] * 7}],
    "both masks": [
        {"input_ids": IDS, "completion_mask": [0] * 5 + [1] * 7, "assistant_masks": [0, 0, 1, 1] + [0, 1] * 4}
    ],
}
SETTINGS: dict[str, dict] = {
    "": {},
    "the completion only": {"completion_only_loss": True},
    "all": {"completion_only_loss": False},
    "packed": {"packing": True, "max_length": 600},
    "wrapped": {"packing": True, "packing_strategy": "wrapped", "max_length": 50},
}


@pytest.fixture(scope="session")
def chatty(tokenizer):
    """The tokenizer with a chat template."""
    made = copy.deepcopy(tokenizer)
    made.chat_template = TEMPLATE
    return made


@pytest.fixture
def prepared(make_trainer, chatty):
    """The ids and labels that a trainer makes of rows; its own, or the stock trainer's."""

    def make(rows: list[dict] | Dataset, stock: bool, **options) -> list[tuple[list[int], list[int]]]:
        rows = Dataset.from_list(rows, **AS_JSON) if isinstance(rows, list) else rows
        kind = {"trainer": SFTTrainer, "config": SFTConfig} if stock else {}
        options = {"max_length": 600, "processing_class": copy.deepcopy(chatty)} | options
        found = make_trainer(train=rows, **kind, **options).train_dataset
        return [(row["input_ids"], row["labels"]) for row in found]

    return make


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("form", FORMS)
def test_the_stock_trainer_prepares_the_same(prepared, form, settings):
    rows, options = FORMS[form], SETTINGS[settings]
    assert prepared(copy.deepcopy(rows), False, **options) == prepared(copy.deepcopy(rows), True, **options)


CHATS = [
    name
    for name, rows in FORMS.items()
    if isinstance(rows[0].get("messages", rows[0].get("completion")), list) and name != "outer spaces"
]


@pytest.mark.parametrize("form", CHATS)
def test_assistant_only_loss_is_that_of_the_stock_trainer(prepared, form):
    ours, stock = (prepared(FORMS[form], stock, assistant_only_loss=True) for stock in (False, True))
    assert ours == stock and any(label == -100 for _, labels in ours for label in labels)


@pytest.mark.parametrize("form", ["text", "messages", "prompt and completion", "input_ids and completion_mask"])
def test_a_stream_gives_the_same(prepared, form):
    streams = [Dataset.from_list(FORMS[form]).to_iterable_dataset() for _ in range(2)]
    assert prepared(streams[0], False) == prepared(streams[1], True)


def test_a_stream_whose_rows_differ_in_their_columns_gives_the_same(prepared):
    parts = [{"role": "user", "content": [{"type": "text", "text": "Four?"}]}, says("4")]
    rows = [{"messages": TALK}, {"messages": parts, "tools": TOOLS}]
    ours, stock = (
        prepared(IterableDataset.from_generator(lambda: iter(copy.deepcopy(rows))), stock) for stock in (False, True)
    )
    assert ours == stock and len(ours) == 2


def test_a_text_in_a_column_of_another_name(prepared):
    rows = [{"story": ASK + REPLY}]
    ours, stock = (prepared(rows, stock, dataset_text_field="story") for stock in (False, True))
    assert ours == stock


@pytest.mark.parametrize("make", ["llama3_like", "qwen_like", "llama2_like", "wordpiece_like", "gpt2_like"])
@pytest.mark.parametrize(
    "form", ["text", "prompt and completion", "a word that goes on from the prompt into the completion"]
)
def test_tokenizers_of_every_make_begin_the_completion_where_trl_does(prepared, tokenizer_named, make, form):
    ours, stock = (
        prepared(FORMS[form], stock, processing_class=copy.deepcopy(tokenizer_named(make))) for stock in (False, True)
    )
    assert ours == stock


def test_the_comparison_sees_a_prompt_that_is_trained_on(prepared):
    rows = FORMS["prompt and completion"]
    assert prepared(rows, False) != prepared(rows, True, completion_only_loss=False)


def test_values_that_datasets_keeps_as_json_reach_the_template_as_they_were(prepared):
    # Parameters of two shapes: `datasets` keeps them as JSON, and arrow sees strings.
    other = [{"name": "sum", "parameters": {"a": "any"}}]
    mixed = Dataset.from_list([{"messages": TALK, "tools": TOOLS}, {"messages": TALK, "tools": other}], **AS_JSON)
    assert "Json" in repr(mixed.features)
    assert prepared(mixed, False) == prepared(mixed, True)
    stream = mixed.to_iterable_dataset()
    assert prepared(stream, False) == prepared(mixed, True)


def test_a_prompt_that_datasets_keeps_as_json_is_read(prepared):
    rows = [{"prompt": TALK[:1], "completion": TALK[1:2]}, {"prompt": "4?", "completion": "Four."}]
    mixed = Dataset.from_list(rows, **AS_JSON)
    assert "Json" in repr(mixed.features)
    assert [ids for ids, _ in prepared(mixed, False)] == [prepared([row], True)[0][0] for row in rows]


def as_text(row: dict) -> str:
    return f"Q: {row['prompt']}\nA: {row['completion']}"


def test_a_formatting_func_makes_the_texts(prepared, make_trainer, chatty):
    rows = Dataset.from_list(FORMS["prompt and completion"]).rename_columns(
        {"prompt": "question", "completion": "answer"}
    )

    def form(row: dict) -> str:
        return f"Q: {row['question']}\nA: {row['answer']}"

    ours, stock = (prepared(rows, stock, formatting_func=form) for stock in (False, True))
    assert ours == stock
    pairs = Dataset.from_list(FORMS["prompt and completion"])
    assert prepared(pairs, False, formatting_func=as_text, completion_only_loss=False) == ours


def test_a_formatting_func_on_rows_with_spans_is_refused(make_trainer):
    with pytest.raises(ConfigError, match=r"the spans of the train rows \(span_kinds, span_ends\) are lost: apply it"):
        make_trainer(formatting_func=as_text, completion_only_loss=False)


def test_a_formatting_func_that_gives_no_text_is_refused(make_trainer):
    rows = Dataset.from_list([{"question": "4?"}])
    with pytest.raises(
        DataError, match=r"formatting_func gave list \['4\?'\], but it takes one row and gives its text"
    ):
        make_trainer(train=rows, formatting_func=lambda row: [row["question"]])


def test_a_message_with_an_image_is_refused(make_trainer, chatty):
    rows = Dataset.from_list([{"messages": [{"role": "user", "content": [{"type": "image"}]}]}])
    with pytest.raises(
        DataError, match=r"train row 0: a message holds a part of type 'image'.* leave such rows out, or"
    ):
        make_trainer(train=rows, processing_class=chatty)


def test_a_mask_that_is_not_used_is_said(make_trainer, caplog):
    make_trainer(train=Dataset.from_list(FORMS["input_ids and completion_mask"]))
    assert "have a completion_mask, which TRL uses under completion_only_loss=True only" in caplog.text


def test_spans_of_a_text_are_those_of_its_characters(make_trainer):
    text = ROWS[0]["completion"]
    row = {"text": text, "span_kinds": ROWS[0]["span_kinds"], "span_ends": ROWS[0]["span_ends"]}
    (found,) = make_trainer(train=Dataset.from_list([row])).train_dataset
    assert sorted(set(found["token_kinds"])) == [1, 2, 3, 4]
