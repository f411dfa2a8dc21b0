"""A text with spans, as it goes to the tokenizer, and the spans that a row brings for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lemma_hf.data.rows import read_spans
from lemma_hf.errors import DataError
from lemma_hf.train.kinds import REASONING, TOKEN_KINDS
from lemma_hf.train.scope import ErrorScope, scope_errors

Row = Mapping[str, Any]
SPAN_FIELDS = ("span_kinds", "span_ends", "error_starts", "error_types", "error_strategies")
"""The columns that say where spans end, and where errors begin."""


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
    asked: str | None = None
    """The prompt alone, as the model is asked. Where it is given, the completion begins at the first token in which it
    and `text` differ, as in TRL; `start` is then the first character in which they differ."""
    is_whole: bool = False
    """Whether no token is prompt, not even those that a tokenizer puts in front: language modelling."""
    spoken: tuple[tuple[int, int], ...] | None = None
    """Where given, the pieces of `text` (first character, and the one behind the last) outside of which nothing is
    trained on: `assistant_only_loss`."""


@dataclass(frozen=True, slots=True)
class RowSpans:
    """The spans of a row's completion."""

    ends: tuple[int, ...]
    """In characters of the completion; `kinds` are indices of `TOKEN_KINDS`."""
    kinds: tuple[int, ...]
    narrow: int = 0
    whole: int = 0


def has_spans(row: Row) -> bool:
    """Whether a row says where its spans are."""
    return bool(row.get("span_ends") or row.get("span_kinds"))


def spans_of(row: Row, completion: str, where: str, scope: ErrorScope) -> RowSpans:
    """The spans of a row that has some; without them all of the completion is reasoning.

    Raises:
        DataError: naming the row and field, if spans do not fit the completion.
    """
    if not has_spans(row):
        return RowSpans((len(completion),), (REASONING,)) if completion else RowSpans((), ())
    try:
        found = scope_errors(row, completion, read_spans(row, len(completion)), scope)
    except DataError as error:
        raise DataError(f"{where}, {error}") from None
    kinds = tuple(TOKEN_KINDS.index(kind) for kind, _ in found.spans)
    return RowSpans(tuple(end for _, end in found.spans), kinds, found.narrow, found.whole)


def with_prompt_trained(text: SpanText) -> SpanText:
    """The same text with its prompt as reasoning that is trained on: `completion_only_loss=False`.

    Example:
        >>> with_prompt_trained(SpanText("4? 4", 2, (4,), (1,))).kinds
        (1, 1)
    """
    if text.is_whole:
        return text
    ends = (text.start, *text.ends) if text.kinds else (len(text.text),)
    return replace(text, start=0, ends=ends, kinds=(REASONING, *text.kinds), asked=None, is_whole=True)
