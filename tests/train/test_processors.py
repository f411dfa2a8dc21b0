"""A processor of a model that sees images, on rows of text: its template is not on its tokenizer."""

import copy

import pytest
from datasets import Dataset
from small_worlds import ROWS
from test_row_forms import AS_JSON, FORMS, TEMPLATE
from transformers import LlavaProcessor
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from trl import SFTConfig, SFTTrainer

from lemma_hf.errors import ConfigError

BARE = TEMPLATE.replace("<s>", "")  # so that the processor puts a first token in front, as Llava's does
NAMES = [
    "text",
    "prompt and completion",
    "messages",
    "a completion of several messages",
    "a conversation in the prompt",
    "tools as a list",
    "content as parts",
    "a thought that quotes the answer",
]


@pytest.fixture
def make_processor(tokenizer_named):
    """A processor with a template, and a tokenizer without one."""

    def make(template: str) -> LlavaProcessor:
        tokenizer = copy.deepcopy(tokenizer_named("llama3_like"))
        tokenizer.add_tokens(["<image>"], special_tokens=True)
        return LlavaProcessor(CLIPImageProcessorPil(), tokenizer, 14, "default", chat_template=template)

    return make


@pytest.mark.parametrize("template", [TEMPLATE, BARE], ids=["first token written", "first token added"])
@pytest.mark.parametrize("form", NAMES)
def test_the_stock_trainer_prepares_the_same(make_trainer, make_processor, template, form):
    prepared = []
    for kind in ({}, {"trainer": SFTTrainer, "config": SFTConfig}):
        rows = Dataset.from_list(copy.deepcopy(FORMS[form]), **AS_JSON)
        found = make_trainer(train=rows, processing_class=make_processor(template), max_length=600, **kind)
        prepared.append([(row["input_ids"], row["labels"]) for row in found.train_dataset])
    assert prepared[0] == prepared[1]


@pytest.mark.parametrize("template", [TEMPLATE, BARE], ids=["first token written", "first token added"])
def test_spans_are_placed_in_the_part_of_the_content(make_trainer, make_processor, template):
    processor = make_processor(template)
    row = ROWS[0] | {
        "prompt": [{"role": "user", "content": ROWS[0]["prompt"]}],
        "completion": [{"role": "assistant", "content": ROWS[0]["completion"]}],
    }
    trainer = make_trainer(train=Dataset.from_list([row]), processing_class=processor, error_scope="step")
    (found,) = trainer.train_dataset
    errors = [token for token, kind in zip(found["input_ids"], found["token_kinds"], strict=True) if kind == 2]
    assert processor.tokenizer.decode(errors).startswith("She gives away 9 of them")


def test_rows_with_images_are_refused(make_trainer, make_processor):
    pytest.importorskip("PIL")
    rows = Dataset.from_list([{"messages": [{"role": "user", "content": "4?"}], "image": None}])
    with pytest.raises(ConfigError, match=r"the rows hold images, .* drop the image columns, or use trl's SFTTrainer"):
        make_trainer(train=rows, processing_class=make_processor(TEMPLATE), max_length=None)
