"""Forms of rows: the columns in which a text or a conversation stands, and one row in the shape that is read.

    prompt, completion     two texts, or two lists of messages
    messages               one list of messages
    conversations          the same, perhaps with `from` and `value` for `role` and `content`
    text                   one text, in the column that `dataset_text_field` names

Where a row has several, the first in this list counts, as in TRL.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lemma_hf.errors import DataError
from lemma_hf.train.row_weights import ROW_WEIGHT
from lemma_hf.train.span_text import SPAN_FIELDS, Row

if TYPE_CHECKING:
    import pyarrow as pa

_FORMS = (("prompt", "completion"), ("messages",), ("conversations",))
_BESIDES = (*SPAN_FIELDS, "tools", "chat_template_kwargs", ROW_WEIGHT)
"""Columns that are read in every form."""
_UNREAD_PARTS = ("image", "video", "audio")
"""Parts of a content that are no text."""


def text_columns(columns: Sequence[str], text_field: str, name: str) -> tuple[str, ...]:
    """The columns that hold the text of rows, and those that are read with them where rows have them.

    Raises:
        DataError: if no form fits.

    Example:
        >>> text_columns(["id", "text", "tools"], "text", "train")[0]
        'text'
    """
    for form in (*_FORMS, (text_field,)):
        if all(column in columns for column in form):
            return (*form, *_BESIDES)
    raise DataError(
        f"the {name} rows have the columns {', '.join(columns)}; need prompt and completion (with span_kinds and "
        f"span_ends where spans are known), messages, conversations, {text_field} (dataset_text_field), or input_ids. "
        "Rows in the published LEMMA format (instruction, input, output) get their spans from load_dataset('lemma', "
        "data_files=...) after `import lemma_hf`, or from lemma_hf.data.loading.find_spans"
    )


def as_row(raw: dict[str, Any], text_field: str, where: str) -> Row:
    """One row with `prompt` and `completion`, with `messages` or with `text`.

    Raises:
        DataError: if a message holds an image, a video or a sound.

    Example:
        >>> as_row({"conversations": [{"from": "user", "value": "4?"}]}, "text", "a row")
        {'messages': [{'role': 'user', 'content': '4?'}]}
    """
    from trl import maybe_convert_to_chatml

    if not any(all(column in raw for column in form) for form in _FORMS):
        return {"text" if name == text_field else name: value for name, value in raw.items()}
    for part in _parts(raw):
        if part.get("type") in _UNREAD_PARTS:
            raise DataError(
                f"{where}: a message holds a part of type {part['type']!r}, which TRL turns into tokens inside the "
                "collator, past the weights: leave such rows out, or use trl's SFTTrainer"
            )
    row: Row = maybe_convert_to_chatml(raw)
    return row


def _parts(raw: Row) -> Iterator[Mapping[str, Any]]:
    """The parts of all contents that are lists of parts."""
    for name in ("prompt", "completion", "messages", "conversations"):
        messages = raw.get(name)
        for message in messages if isinstance(messages, list) else ():
            content = message.get("content") if isinstance(message, Mapping) else None
            yield from (part for part in (content if isinstance(content, list) else ()) if isinstance(part, Mapping))


def read_batch(batch: "pa.Table | Mapping[str, list[Any]]", columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a batch with these of its columns; values that `datasets` keeps as JSON are decoded."""
    if isinstance(batch, Mapping):
        lists = {name: batch[name] for name in columns if name in batch}
    else:
        from datasets import Features

        table = batch.select([name for name in columns if name in batch.column_names])
        lists = Features.from_arrow_schema(table.schema).decode_batch(table.to_pydict())
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def formatted(function: Callable[[Mapping[str, Any]], str], text_field: str) -> Callable[[Row], dict[str, str]]:
    """A `formatting_func` as a function for `datasets.map`."""

    def form(row: Row) -> dict[str, str]:
        text = function(row)
        if not isinstance(text, str):
            raise DataError(
                f"formatting_func gave {type(text).__name__} {text!r:.60}, but it takes one row and gives its text: "
                "return one string"
            )
        return {text_field: text}

    return form
