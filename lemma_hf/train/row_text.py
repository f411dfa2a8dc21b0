"""The text of a row, plain or conversational, and the places where its spans end."""

from typing import TYPE_CHECKING

from lemma_hf.errors import DataError
from lemma_hf.train.chat_text import ChatFormat, read_chat
from lemma_hf.train.scope import ErrorScope
from lemma_hf.train.span_text import Row, SpanText, has_spans, spans_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def read_row(
    row: Row,
    tokenizer: "PreTrainedTokenizerBase",
    where: str = "a row",
    chat: ChatFormat | None = None,
    scope: ErrorScope = ErrorScope.STEP,
) -> SpanText:
    """The text and spans of a row with `prompt` and `completion`, or `messages`, or `text`.

    `span_ends` count characters of the completion, of `text`, or of the content of the last message, the last being its
    length. A row without spans is a right solution: all of it is reasoning, and its prompt ends where TRL says that it
    does, with the last token that the prompt alone and the whole text have in common.

    Args:
        where: the row's name in messages.
        chat: how messages become text.
        scope: the part of a wrong step that is an error; see `scope_errors` for the columns that it reads.

    Raises:
        DataError: naming the row and field, if spans do not fit the completion.
        ConfigError: if messages are given, but the tokenizer has no chat template.

    Example:
        >>> read_row({"text": "2 + 2 = 4"}, None).kinds
        (1,)
    """
    if "text" in row:
        return _read_text(row, where, scope)
    if isinstance(row.get("prompt"), str) and isinstance(row.get("completion"), str):
        return _read_pair(row, where, scope)
    return read_chat(row, tokenizer, where, chat or ChatFormat(), scope)


def _read_pair(row: Row, where: str, scope: ErrorScope) -> SpanText:
    prompt, completion = row["prompt"], row["completion"]
    spans = spans_of(row, completion, where, scope)
    ends = tuple(len(prompt) + end for end in spans.ends)
    asked = None if has_spans(row) else prompt
    return SpanText(
        prompt + completion,
        len(prompt),
        ends,
        spans.kinds,
        narrow_errors=spans.narrow,
        whole_errors=spans.whole,
        asked=asked,
    )


def _read_text(row: Row, where: str, scope: ErrorScope) -> SpanText:
    text = row["text"]
    if not isinstance(text, str):
        raise DataError(f"{where}: need text as one string, found {type(text).__name__}: {text!r:.80}")
    spans = spans_of(row, text, where, scope)
    return SpanText(
        text, 0, spans.ends, spans.kinds, narrow_errors=spans.narrow, whole_errors=spans.whole, is_whole=True
    )
