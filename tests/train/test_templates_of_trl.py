"""Every chat template that TRL ships: the tokens trained on are TRL's, and spans stand where their content stands."""

import copy
import json
from itertools import pairwise
from pathlib import Path

import pytest
import trl
from small_worlds import ROWS
from test_row_forms import FORMS, REPLY, TALK, says
from trl.data_utils import _tokenize, common_prefix_length

from lemma_hf.errors import DataError
from lemma_hf.train.chat_text import ChatFormat
from lemma_hf.train.round_trip import check_round_trip
from lemma_hf.train.row_text import read_row
from lemma_hf.train.tokenization import SpanTokenizer

TEMPLATES = sorted((Path(trl.__file__).parent / "chat_templates").glob("*.jinja"))
NEED_PARTS = ("idefics3", "smolvlm")
"""Templates that take the content as a list of parts only, and write nothing of a text."""
QUIET = {"chat_template_kwargs": {"enable_thinking": False}}
CHATS: dict[str, dict] = {
    name: rows[0]
    for name, rows in FORMS.items()
    if isinstance(rows[0].get("messages", rows[0].get("completion")), list)
} | {
    "a system message": {
        "prompt": [{"role": "system", "content": "Be brief."}, TALK[0]],
        "completion": TALK[1:2],
    },
    "no thinking": {"prompt": TALK[:1], "completion": TALK[1:2], **QUIET},
    "a thought in the content": {"prompt": TALK[:1], "completion": [says("<think>\nIt is 4.\n</think>\n\n4")]},
    "a thought, and no thinking": {"prompt": TALK[:1], "completion": [says("4", reasoning_content="It is 4")], **QUIET},
}
SPANS = {name: ROWS[0][name] for name in ("span_kinds", "span_ends")}
THOUGHT = says(REPLY, reasoning_content=f"It may be: {REPLY}")
WITH_SPANS: dict[str, dict] = {
    "spans": {"prompt": TALK[:1], "completion": TALK[1:2], **SPANS},
    "spans of the last turn": {"messages": [*TALK[2:], TALK[0], says(REPLY)], **SPANS},
    "a thought quotes the answer": {"prompt": TALK[:1], "completion": [THOUGHT], **SPANS},
    "a thought quotes the answer, and no thinking": {"prompt": TALK[:1], "completion": [THOUGHT], **QUIET, **SPANS},
}


def by_trl(tokenizer, row: dict, **more) -> tuple[list[int], list[bool]] | None:
    """The ids and what is trained on, the way TRL's preparation does it; None where the template takes no such row."""
    tools = row.get("tools")
    options = {"tools": json.loads(tools) if isinstance(tools, str) else tools, **row.get("chat_template_kwargs", {})}
    prompt = row.get("prompt", [])
    try:
        whole = _tokenize(tokenizer, prompt + row.get("completion", row.get("messages")), **options, **more)
        asked = _tokenize(tokenizer, prompt, add_generation_prompt=True, **options)["input_ids"] if prompt else []
    except Exception:
        return None
    ids = list(whole["input_ids"])
    start = common_prefix_length(asked, ids)
    said = whole.get("assistant_masks", [1] * len(ids))
    return ids, [place >= start and bool(said[place]) for place in range(len(ids))]


@pytest.fixture
def talking(tokenizer_named):
    made = copy.deepcopy(tokenizer_named("qwen_like"))

    def make(template: Path):
        made.chat_template = template.read_text(encoding="utf-8")
        return made

    return make


def by_us(tokenizer, row: dict, chat: ChatFormat | None = None) -> tuple[list[int], list[bool]]:
    splitter, text = SpanTokenizer(tokenizer), read_row(copy.deepcopy(row), tokenizer, chat=chat)
    check_round_trip(splitter, [text])
    (tokens,) = splitter([text])
    return tokens.ids.tolist(), [kind != 0 for kind in tokens.kinds.tolist()]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_without_spans_the_same_tokens_are_trained_on(talking, template):
    tokenizer = talking(template)
    compared = 0
    for name, row in CHATS.items():
        expected = by_trl(tokenizer, row)
        if expected is not None:
            assert by_us(tokenizer, row) == expected, name
            compared += 1
    assert compared


@pytest.mark.parametrize(
    "template", [path for path in TEMPLATES if "training" in path.stem], ids=lambda path: path.stem
)
def test_what_a_template_marks_as_generated_is_what_trl_takes_for_it(talking, template):
    tokenizer = talking(template)
    for name, row in CHATS.items():
        expected = by_trl(tokenizer, row, return_assistant_tokens_mask=True)
        if expected is not None and any(expected[1]):
            assert by_us(tokenizer, row, ChatFormat(assistant_only=True)) == expected, name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_spans_stand_where_the_content_stands_which_is_the_last_place_of_its_text(talking, template):
    tokenizer = talking(template)
    for name, row in WITH_SPANS.items():
        expected = by_trl(tokenizer, row)
        if expected is None:
            continue
        if template.stem.startswith(NEED_PARTS):
            with pytest.raises(DataError, match="the chat template changes the answer"):
                read_row(row, tokenizer)
            continue
        assert by_us(tokenizer, row) == expected, name
        text = read_row(row, tokenizer)
        parts = [text.text[start:end] for start, end in pairwise((text.start, *text.ends))][-4:]
        wanted = [REPLY[start:end] for start, end in pairwise((0, *SPANS["span_ends"]))]
        assert parts[0].endswith(wanted[0].lstrip()) and parts[1:] == wanted[1:], name
        assert text.ends[-1] == text.text.rfind(REPLY.strip()) + len(REPLY.strip()), name
