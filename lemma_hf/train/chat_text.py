"""Text of messages: what a chat template makes of them, and where the spans of the last content stand in it.

The template is asked up to three times for a row: for the prompt alone, for the whole, and, where there are spans, for
the whole with a mark in place of the content. What stands before and behind the mark stands before and behind the
content too, so that an answer which a `<think>` block quotes is not taken for the answer itself.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.inference.prompting import explained_template
from lemma_hf.train.kinds import REASONING
from lemma_hf.train.scope import ErrorScope
from lemma_hf.train.span_text import Row, RowSpans, SpanText, has_spans, spans_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, ProcessorMixin

Message = Mapping[str, Any]
"""A turn of a conversation, such as `{"role": "user", "content": "…"}`."""
_MARK = "ContentStandsHere"


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """The settings by which messages become text."""

    template: str | None = None
    """In place of the tokenizer's own, where training needs another."""
    assistant_only: bool = False
    """Whether what the template writes outside of `{% generation %}` is left untrained: `assistant_only_loss`."""
    processor: "ProcessorMixin | None" = None
    """Of a model that sees images; it may have the chat template, and takes content in parts only."""


def read_chat(
    row: Row, tokenizer: "PreTrainedTokenizerBase", where: str, chat: ChatFormat, scope: ErrorScope
) -> SpanText:
    """The text and spans of a row with `messages`, or with `prompt` and `completion` as lists of them.

    Without spans, everything behind the prompt is reasoning, and no answer has to be found.

    Raises:
        DataError: if the row holds no messages, the template fails on them, or spans have to be placed and the template
            changes their content.
        ConfigError: if there is no chat template, or none with the marks that `assistant_only_loss` needs.
    """
    prompt, completion = _messages_of(row, where)
    messages = [*(prompt or ()), *completion]
    writer = _Writer.from_row(row, tokenizer, where, chat)
    text = writer.write(messages)
    asked = None if prompt is None else writer.write(prompt, add_generation_prompt=True)
    start = 0 if asked is None else _common_length(asked, text)
    spoken = writer.spoken(messages) if chat.assistant_only else None
    spans = RowSpans((len(text),), (REASONING,))
    if has_spans(row):
        content = _content_of(completion, where)
        place = _place_content(writer, messages, content, text, start)
        if place is None:
            raise DataError(
                f"{where}: the chat template changes the answer {content[:60]!r}, so its spans cannot be found in the "
                "text: leave the spans out (all of it is reasoning then), or give prompt and completion as plain text"
            )
        spans = _placed(spans_of(row, content, where, scope), place, start)
    return SpanText(
        text,
        start,
        spans.ends,
        spans.kinds,
        is_chat=True,
        narrow_errors=spans.narrow,
        whole_errors=spans.whole,
        asked=asked,
        is_whole=asked is None,
        spoken=spoken,
    )


def _placed(spans: RowSpans, place: "_Place", start: int) -> RowSpans:
    """Spans of a content as spans of the text that begin at `start`."""
    ends = tuple(place.end_of(end) for end in spans.ends)
    if place.at <= start:
        return replace(spans, ends=ends)
    # What the template writes before the content (an empty `<think>` block) the model has to write itself.
    return replace(spans, ends=(place.at, *ends), kinds=(REASONING, *spans.kinds))


def _messages_of(row: Row, where: str) -> tuple[list[Message] | None, list[Message]]:
    """The messages of the prompt (None where all are trained on) and those of the completion."""
    if "messages" in row:
        prompt, completion = None, row["messages"]
    else:
        prompt, completion = row["prompt"], row["completion"]
        if isinstance(completion, str):
            completion = [{"role": "assistant", "content": completion}]
    lists = [completion] if prompt is None and "messages" in row else [prompt, completion]
    if not all(isinstance(each, list) and each and all(isinstance(one, Mapping) for one in each) for each in lists):
        raise DataError(
            f"{where}: need prompt and completion as two texts, or as two lists of messages, or messages as one list "
            f"of them; found {' and '.join(f'{type(each).__name__} {each!r:.60}' for each in lists)}"
        )
    return prompt, completion


def _common_length(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


@dataclass(frozen=True, slots=True)
class _Writer:
    """A chat template with the options of a row."""

    where: str
    """The row, for messages."""
    source: "PreTrainedTokenizerBase | ProcessorMixin"
    tokenizer: "PreTrainedTokenizerBase"
    template: str
    options: dict[str, Any]
    processor: "ProcessorMixin | None"

    @classmethod
    def from_row(cls, row: Row, tokenizer: "PreTrainedTokenizerBase", where: str, chat: ChatFormat) -> "_Writer":
        source = tokenizer if chat.processor is None else chat.processor
        template = chat.template or source.chat_template or tokenizer.chat_template
        if not template:
            raise ConfigError(
                f"{where} holds messages, but the tokenizer has no chat template: set chat_template_path, or give "
                "prompt and completion as plain text"
            )
        return cls(where, source, tokenizer, template, _options_of(row, where), chat.processor)

    def write(self, messages: Sequence[Message], **options: bool) -> str:
        """The text of messages, with special tokens where the tokenizer is not to add any."""
        given = {"chat_template": self.template, "tokenize": False, **self.options}
        with explained_template(self.where):
            text = str(self.source.apply_chat_template(self._shaped(messages), **given, **options))
        return self._front_of(text) + text

    def spoken(self, messages: Sequence[Message]) -> tuple[tuple[int, int], ...]:
        """The pieces of the text that stand in `{% generation %}` blocks of the template."""
        from transformers.utils.chat_template_utils import render_jinja_template

        options = self.tokenizer.special_tokens_map | self.options
        with explained_template(self.where):
            texts, found = render_jinja_template(
                [self._shaped(messages)], chat_template=self.template, return_assistant_tokens_mask=True, **options
            )
        if not found[0]:
            raise ConfigError(
                f"{self.where}: assistant_only_loss=True, but the chat template marks nothing with {{% generation %}}: "
                "set assistant_only_loss=False (a prompt is not trained on anyway), or add the marks to the template"
            )
        before = len(self._front_of(texts[0]))
        return tuple((start + before, end + before) for start, end in found[0])

    def _shaped(self, messages: Sequence[Message]) -> list[Message]:
        """The messages with their content in parts, where a processor is to read them."""
        from trl.data_utils import prepare_multimodal_messages

        shaped: list[Message] = list(messages)
        return shaped if self.processor is None else prepare_multimodal_messages(shaped)

    def _front_of(self, text: str) -> str:
        """What a processor puts in front of a chat, and a tokenizer does not: the first token, if it is missing."""
        first = self.tokenizer.bos_token
        if self.processor is None or not first or text.startswith(first):
            return ""
        return first if self.tokenizer("")["input_ids"][:1] == [self.tokenizer.bos_token_id] else ""


def _options_of(row: Row, where: str) -> dict[str, Any]:
    """The arguments that a row gives to the chat template, as TRL reads them."""
    tools = row.get("tools")
    if isinstance(tools, str):
        try:
            tools = json.loads(tools)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{where}, field `tools`: is no JSON ({error}): give a list, or its JSON") from None
    given = {name: value for name, value in (row.get("chat_template_kwargs") or {}).items() if value is not None}
    return {"tools": tools or None, **given}


def _content_of(messages: Sequence[Message], where: str) -> str:
    """The content of the last message, which the spans are of."""
    content = messages[-1].get("content")
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], Mapping):
        content = content[0].get("text")
    if not isinstance(content, str):
        raise DataError(
            f"{where}: spans are of the last message, so need the completion's content as text, found {content!r:.80}: "
            "give it as one text, or leave the spans out"
        )
    return content


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a content stands in a text."""

    at: int
    length: int
    lost: int
    """The characters in front that the template leaves out; others may be missing behind."""

    def end_of(self, end: int) -> int:
        """The place in the text of a place in the content."""
        return self.at + min(max(end - self.lost, 0), self.length)


def _place_content(writer: _Writer, messages: Sequence[Message], content: str, text: str, start: int) -> _Place | None:
    """Find the content of the last message in the text; None where it is not there, or there twice.

    Templates may strip spaces around it. Where what they write before it depends on it (`</think>` in the content), it
    is looked for behind the prompt, and has to stand there once.
    """
    mark = _MARK
    while mark in text:
        mark += "_"
    last = dict(messages[-1])
    last["content"] = [{**last["content"][0], "text": mark}] if isinstance(last["content"], list) else mark
    before, found, behind = writer.write([*messages[:-1], last]).partition(mark)
    stands = found and mark not in behind and text.startswith(before) and text.endswith(behind)
    middle = text[len(before) : len(text) - len(behind)] if stands else None
    for form in dict.fromkeys((content, content.strip(), content.lstrip(), content.rstrip())):
        lost = len(content) - len(content.lstrip()) if form == form.lstrip() else 0
        if middle == form:
            return _Place(len(before), len(form), lost)
        if middle is None and form and text.count(form, start) == 1:
            return _Place(text.index(form, start), len(form), lost)
    return None
