"""Preparation of a dataset: rows to tokens, labels, weights and kinds.

In batches that stay Arrow tables and flat arrays: see `columns` for what comes out, `truncation` for what is left out.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lemma_hf.errors import ConfigError
from lemma_hf.train.chat_text import ChatFormat
from lemma_hf.train.columns import TOKEN_COLUMNS, TokenColumns
from lemma_hf.train.kinds import weights_by_number
from lemma_hf.train.round_trip import check_round_trip
from lemma_hf.train.row_forms import as_row, formatted, read_batch, text_columns
from lemma_hf.train.row_text import read_row
from lemma_hf.train.row_weights import ROW_WEIGHT, read_row_weight
from lemma_hf.train.scope import ErrorScope
from lemma_hf.train.span_text import SPAN_FIELDS, Row, SpanText, with_prompt_trained
from lemma_hf.train.token_rows import COMPLETION_MASK, read_tokens, token_columns
from lemma_hf.train.tokenization import SpanTokenizer
from lemma_hf.train.truncation import KEPT, Overflow, apply_max_length

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset, IterableDataset
    from transformers import PreTrainedTokenizerBase, ProcessorMixin

    from lemma_hf.train.config import LemmaSFTConfig

AnyDataset: TypeAlias = "Dataset | IterableDataset"
"""Held in memory or on disk, or streamed."""
_Batch: TypeAlias = "pa.Table | Mapping[str, list[Any]]"

_logger = logging.getLogger(__name__)

_CHECKED_ROWS = 8
"""The rows that are decoded again before the rest is tokenized: a tokenizer that fails does so on nearly every row."""
_FORM = 4
"""Part of the key under which `datasets` caches the result: to be raised whenever that result changes."""


ROW_FIGURES = {"fate": "int8", "narrow_errors": "int32", "whole_errors": "int32"}
"""The columns of one number a row, and their types, which stand next to the tokens until the rows are counted: a
`RowStatus`, and how many errors begin at the place of the mistake, and how many are whole steps."""


@dataclass(frozen=True)
class _Limit:
    """The greatest length of a row, and what happens to a longer one."""

    max_length: int | None
    overflow: Overflow
    form: int = _FORM

    def table(self, columns: TokenColumns, narrow: Sequence[int], whole: Sequence[int]) -> "pa.Table":
        """The columns within the limit as an Arrow table, with the `ROW_FIGURES` of each row."""
        columns, statuses = apply_max_length(columns, self.max_length, self.overflow)
        return columns.to_table(
            fate=statuses,
            narrow_errors=np.asarray(narrow, dtype=np.int32),
            whole_errors=np.asarray(whole, dtype=np.int32),
        )


@dataclass(frozen=True)
class _TextRows:
    """Mapping of a table of rows with text or messages to token columns."""

    tokenizer: SpanTokenizer
    weights: tuple[float, ...]
    """By token kind, see `TOKEN_KINDS`."""
    limit: _Limit
    name: str
    loss_type: str
    chat: ChatFormat
    scope: ErrorScope
    columns: tuple[str, ...]
    """Those that are read."""
    text_field: str = "text"
    trains_prompt: bool = False
    """Whether prompts are trained on too, as reasoning."""

    def __call__(self, batch: _Batch, indices: list[int]) -> _Batch:
        """The token columns and `ROW_FIGURES` of a batch of rows."""
        rows = read_batch(batch, self.columns)
        names = [f"{self.name} row {index}" for index in indices]
        row_weights = [read_row_weight(row, name, self.loss_type) for row, name in zip(rows, names, strict=True)]
        texts = [self.read(row, name) for row, name in zip(rows, names, strict=True)]
        columns = TokenColumns.from_rows(self.tokenizer(texts), self.weights, row_weights)
        table = self.limit.table(columns, [text.narrow_errors for text in texts], [text.whole_errors for text in texts])
        return _as_given(table, batch)

    def read(self, raw: dict[str, Any], where: str) -> SpanText:
        """The text and spans of one row."""
        row = as_row(raw, self.text_field, where)
        text = read_row(row, self.tokenizer.tokenizer, where, self.chat, self.scope)
        return with_prompt_trained(text) if self.trains_prompt else text


@dataclass(frozen=True)
class _TokenRows:
    """Mapping of a table of rows with `input_ids` to token columns; their errors are not counted."""

    weights: tuple[float, ...]
    limit: _Limit
    name: str
    loss_type: str
    columns: tuple[str, ...]

    def __call__(self, batch: _Batch, indices: list[int]) -> _Batch:
        """The token columns and `ROW_FIGURES` of a batch of rows."""
        rows = zip(read_batch(batch, self.columns), indices, strict=True)
        read = [read_tokens(row, self.weights, f"{self.name} row {index}", self.loss_type) for row, index in rows]
        none = [0] * len(read)
        return _as_given(self.limit.table(TokenColumns.from_lists(*zip(*read, strict=True)), none, none), batch)


def _as_given(table: "pa.Table", batch: _Batch) -> _Batch:
    """The table as lists, where the batch came so: from a stream whose types are not known."""
    return table.to_pydict() if isinstance(batch, Mapping) else table


def tokenize_rows(
    dataset: AnyDataset,
    tokenizer: "PreTrainedTokenizerBase",
    args: "LemmaSFTConfig",
    name: str,
    *,
    packing: bool = False,
    template: str | None = None,
    processor: "ProcessorMixin | None" = None,
    completion_only: bool = False,
) -> AnyDataset:
    """The token columns and `ROW_FIGURES` of every row of a dataset, streamed or not.

    Args:
        name: of the split, for messages.
        packing: whether the rows are to be packed, which decides who cuts those that are too long.
        template: a chat template in place of the tokenizer's.
        processor: of a model that sees images; the tokenizer is its own.
        completion_only: whether a column `completion_mask` is used.

    Raises:
        DataError: if the rows are of a form that is not understood, or tokens and text do not match.
    """
    from trl.data_utils import get_dataset_column_names

    if not is_streamed(dataset) and dataset.format["type"] == "custom":
        raise ConfigError(
            f"the {name} rows have a transform (`Dataset.with_transform()`), which would be baked into the tokens: "
            "apply it with `map` first, or set dataset_kwargs={'skip_prepare_dataset': True} and have it give "
            "trainer-ready rows (input_ids, labels, and perhaps loss_weights and token_kinds)"
        )
    columns = get_dataset_column_names(dataset)
    limit = _Limit(args.max_length, Overflow.from_settings(packing, args.packing_strategy, args.truncation_mode))
    weights = weights_by_number(args.kind_weights)
    encode: _TextRows | _TokenRows
    if "input_ids" in columns:
        read = token_columns(columns, completion_only)
        _warn_of_unread_mask(columns, read, name)
        encode = _TokenRows(weights, limit, name, args.loss_type, read)
    else:
        encode = _TextRows(
            SpanTokenizer(tokenizer),
            weights,
            limit,
            name,
            args.loss_type,
            ChatFormat(template, args.assistant_only_loss, processor),
            ErrorScope(args.error_scope),
            text_columns(columns, args.dataset_text_field, name),
            args.dataset_text_field,
            args.completion_only_loss is False,
        )
        _check(encode, dataset)
    options = _map_options(dataset, args, columns, f"Tokenizing {name} dataset")
    untyped = is_streamed(dataset) and dataset.features is None
    if not untyped:
        return dataset.with_format("arrow").map(encode, **options)
    # Its rows may differ in their columns, of which only those of the first row are known.
    return dataset.with_format(None).map(encode, **options).select_columns(list(options["features"]))


def _warn_of_unread_mask(columns: Sequence[str], read: Sequence[str], name: str) -> None:
    if COMPLETION_MASK in columns and COMPLETION_MASK not in read and "labels" not in columns:
        _logger.warning(
            "the %s rows have a completion_mask, which TRL uses under completion_only_loss=True only, so their prompts "
            "are trained on: set completion_only_loss=True, or drop the column",
            name,
        )


def format_rows(dataset: AnyDataset, function: Callable[[Row], str], args: "LemmaSFTConfig", name: str) -> AnyDataset:
    """The rows as the texts that a `formatting_func` makes of them; tokenized rows are left as they are, as in TRL.

    Raises:
        ConfigError: if the rows have spans, which count characters of another text.
    """
    from trl.data_utils import get_dataset_column_names

    columns = get_dataset_column_names(dataset)
    if "input_ids" in columns:
        _logger.warning("the %s rows have input_ids, so formatting_func is not used: leave it out", name)
        return dataset
    if spans := [column for column in SPAN_FIELDS if column in columns]:
        raise ConfigError(
            f"formatting_func turns rows into plain text, and the spans of the {name} rows ({', '.join(spans)}) are "
            "lost: apply it beforehand and give prompt, completion, span_kinds and span_ends, or drop these columns"
        )
    options = {} if is_streamed(dataset) else {"num_proc": args.dataset_num_proc, "desc": f"Formatting {name} dataset"}
    kept = (args.dataset_text_field, ROW_WEIGHT)
    unread = [column for column in columns if column not in kept]
    return dataset.map(formatted(function, args.dataset_text_field), remove_columns=unread, **options)


def keep(dataset: AnyDataset) -> AnyDataset:
    """The tokenized rows that are kept, without their `ROW_FIGURES`, in Python's own types."""
    if is_streamed(dataset):
        dataset = dataset.with_format("arrow").map(_kept_rows, batched=True)
    else:
        kept = np.isin(dataset.with_format("numpy")["fate"][:], KEPT)
        dataset = dataset if kept.all() else dataset.select(np.flatnonzero(kept))
    return dataset.remove_columns(list(ROW_FIGURES)).with_format(None)


def _kept_rows(table: "pa.Table") -> "pa.Table":
    return table.filter(np.isin(table["fate"].to_numpy(), KEPT))


def is_streamed(dataset: object) -> bool:
    """Whether a dataset is an `IterableDataset`."""
    from datasets import IterableDataset

    return isinstance(dataset, IterableDataset)


def _check(encode: _TextRows, dataset: AnyDataset) -> None:
    """Decode the first rows again, and warn of prompts that end inside of a token."""
    first = islice(dataset.with_format(None), _CHECKED_ROWS)
    rows = ({column: row[column] for column in encode.columns if column in row} for row in first)
    texts = [encode.read(row, f"{encode.name} row {index}") for index, row in enumerate(rows)]
    if across := check_round_trip(encode.tokenizer, texts):
        _logger.warning(
            "in %d of the first %d %s rows one token (such as %r) covers the end of the prompt and the beginning of "
            "the completion, so the model will be asked in other tokens than it is trained on: end the prompt where a "
            "token ends, and let the space before the next word open the completion",
            *(len(across), len(texts), encode.name, across[0]),
        )


def _map_options(dataset: AnyDataset, args: "LemmaSFTConfig", columns: Sequence[str], title: str) -> dict[str, Any]:
    from datasets import Features, List, Value

    features = {name: List(Value(kind)) for name, kind in TOKEN_COLUMNS.items()}
    features |= {name: Value(kind) for name, kind in ROW_FIGURES.items()}
    options = {
        "batched": True,
        "with_indices": True,
        "remove_columns": [name for name in columns if name not in features],
        "features": Features(features),
    }
    if is_streamed(dataset):
        return options
    return options | {"num_proc": args.dataset_num_proc, "desc": title}
