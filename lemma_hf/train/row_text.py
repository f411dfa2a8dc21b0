"""The text of a row, plain or conversational, and the places where its spans end."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lemma_hf.data.rows import read_spans
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.train.kinds import PROMPT, REASONING, TOKEN_KINDS
from lemma_hf.train.scope import ErrorScope, scope_errors

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_Row = Mapping[str, Any]
_Message = Mapping[str, Any]
"""A turn of a conversation, such as `{"role": "user", "content": "…"}`."""

_SPAN_FIELDS = ("span_kinds", "span_ends", "error_starts", "error_types", "error_strategies")
ROW_FIELDS = ("prompt", "completion", *_SPAN_FIELDS, "tools", "chat_template_kwargs")
"""The columns that are read."""


@dataclass(frozen=True, slots=True)
class SpanText:
    """A text with the places where its spans end."""

    text: str
    start: int
    """The place in `text` at which the completion begins; everything before is prompt."""
    ends: tuple[int, ...]
    """The places in `text` at which the spans end; what follows the last (a template's end of turn) belongs to it."""
    kinds: tuple[int, ...]
    """The kind of each span, as an index of `TOKEN_KINDS`."""
    is_chat: bool = False
    """Whether a chat template wrote the text, its special tokens included."""
    narrow_errors: int = 0
    """Error spans that begin at the place of the mistake; `whole_errors` are whole steps."""
    whole_errors: int = 0


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """The settings by which messages become text."""

    template: str | None = None
    """In place of the tokenizer's own, where training needs another."""
    assistant_only: bool = False
    """Whether what the template writes outside of `{% generation %}` is left untrained: `assistant_only_loss`."""


@dataclass(frozen=True, slots=True)
class _CompletionSpans:
    """The spans of a completion."""

    ends: tuple[int, ...]
    """In characters of the completion; `kinds` are indices of `TOKEN_KINDS`."""
    kinds: tuple[int, ...]
    narrow: int = 0
    whole: int = 0


def read_row(
    row: _Row,
    tokenizer: "PreTrainedTokenizerBase",
    where: str = "a row",
    chat: ChatFormat | None = None,
    scope: ErrorScope = ErrorScope.STEP,
) -> SpanText:
    """The text and spans of a row with `prompt` and `completion`, and perhaps `span_kinds` and `span_ends`.

    `span_ends` count characters of the completion (of its message's content, where rows are conversational), the last
    being its length. A row without spans is a right solution: all of it is reasoning.

    Args:
        where: the row's name in messages.
        chat: how messages become text.
        scope: the part of a wrong step that is an error; see `scope_errors` for the columns that it reads.

    Raises:
        DataError: naming the row and field, if spans do not fit the completion.
        ConfigError: if messages are given, but the tokenizer has no chat template.
    """
    prompt, completion = row["prompt"], row["completion"]
    if isinstance(prompt, str) and isinstance(completion, str):
        spans = _spans(row, completion, where, scope)
        start = len(prompt)
        ends = tuple(start + end for end in spans.ends)
        return SpanText(
            prompt + completion, start, ends, spans.kinds, narrow_errors=spans.narrow, whole_errors=spans.whole
        )
    return _read_chat(row, tokenizer, where, chat or ChatFormat(), scope)


def _spans(row: _Row, completion: str, where: str, scope: ErrorScope) -> _CompletionSpans:
    if not row.get("span_ends") and not row.get("span_kinds"):
        return _CompletionSpans((len(completion),), (REASONING,)) if completion else _CompletionSpans((), ())
    try:
        found = scope_errors(row, completion, read_spans(row, len(completion)), scope)
    except DataError as error:
        raise DataError(f"{where}, {error}") from None
    kinds = tuple(TOKEN_KINDS.index(kind) for kind, _ in found.spans)
    return _CompletionSpans(tuple(end for _, end in found.spans), kinds, found.narrow, found.whole)


def _read_chat(
    row: _Row, tokenizer: "PreTrainedTokenizerBase", where: str, chat: ChatFormat, scope: ErrorScope
) -> SpanText:
    prompt, completion = row["prompt"], row["completion"]
    if isinstance(completion, str):
        completion = [{"role": "assistant", "content": completion}]
    if not isinstance(prompt, list) or not isinstance(completion, list) or len(completion) != 1:
        raise DataError(
            f"{where}: need prompt and completion as two texts, or prompt as a list of messages and completion as one "
            f"message; found {type(row['prompt']).__name__} and {str(row['completion'])[:80]}"
        )
    template = chat.template or tokenizer.chat_template
    if not template:
        raise ConfigError(
            f"{where} holds messages, but the tokenizer has no chat template: set chat_template_path, or give prompt "
            "and completion as plain text"
        )
    answer = completion[0].get("content")
    if not isinstance(answer, str):
        raise DataError(f"{where}: need the completion's content as text, found {answer!r:.80}")
    spans = _spans(row, answer, where, scope)
    kinds = spans.kinds
    options = _chat_options(row) | {"chat_template": template, "tokenize": False}
    before = tokenizer.apply_chat_template(prompt, add_generation_prompt=True, **options)
    text = tokenizer.apply_chat_template([*prompt, *completion], **options)
    at = text.find(answer, len(before)) if text.startswith(before) else text.rfind(answer)
    if at < 0:
        raise DataError(
            f"{where}: the chat template changes the answer {answer[:60]!r}, so its spans cannot be found in the text: "
            "strip spaces around the answer, or give prompt and completion as plain text"
        )
    start, places = at, [at + end for end in spans.ends]
    if kinds and text.startswith(before) and len(before) < at:
        # What the template writes before the answer (an empty `<think>` block) the model has to write itself.
        start, places, kinds = len(before), [at, *places], (REASONING, *kinds)
    if kinds and chat.assistant_only:
        places[-1] = _end_of_generation([*prompt, *completion], row, tokenizer, template, where)
        places, kinds = [*places, len(text)], (*kinds, PROMPT)
    return SpanText(text, start, tuple(places), kinds, True, spans.narrow, spans.whole)


def _chat_options(row: _Row) -> dict[str, Any]:
    """The arguments that a row gives to the chat template, as TRL reads them."""
    tools = row.get("tools")
    given = {name: value for name, value in (row.get("chat_template_kwargs") or {}).items() if value is not None}
    return {"tools": (json.loads(tools) if isinstance(tools, str) else tools) or None, **given}


def _end_of_generation(
    messages: Sequence[_Message], row: _Row, tokenizer: "PreTrainedTokenizerBase", template: str, where: str
) -> int:
    """The character at which the last `{% generation %}` block of the template ends."""
    from transformers.utils.chat_template_utils import render_jinja_template

    options = tokenizer.special_tokens_map | _chat_options(row)
    _, places = render_jinja_template([messages], chat_template=template, return_assistant_tokens_mask=True, **options)
    if not places[0]:
        raise ConfigError(
            f"{where}: assistant_only_loss=True, but the chat template marks nothing with {{% generation %}}: set "
            "assistant_only_loss=False (the prompt is never trained on anyway), or add the marks to the template"
        )
    end: int = places[0][-1][1]
    return end
