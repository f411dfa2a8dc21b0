"""Preparation of a dataset: rows to tokens, labels, weights and kinds.

In batches that stay Arrow tables and flat arrays: see `columns` for what comes out, `truncation` for what is left out.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.train.columns import TOKEN_COLUMNS, TokenColumns
from lemma_hf.train.kinds import IGNORED, PROMPT, REASONING, TOKEN_KINDS, weights_by_number
from lemma_hf.train.round_trip import check_round_trip
from lemma_hf.train.row_text import ROW_FIELDS, ChatFormat, SpanText, read_row
from lemma_hf.train.row_weights import ROW_WEIGHT, check_weights, read_row_weight
from lemma_hf.train.scope import ErrorScope
from lemma_hf.train.tokenization import SpanTokenizer
from lemma_hf.train.truncation import KEPT, Overflow, apply_max_length

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset, IterableDataset
    from transformers import PreTrainedTokenizerBase

    from lemma_hf.train.config import LemmaSFTConfig

AnyDataset: TypeAlias = "Dataset | IterableDataset"
"""Held in memory or on disk, or streamed."""
_RowArrays = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]
"""The `input_ids`, `labels`, `loss_weights` and `token_kinds` of one row."""

_logger = logging.getLogger(__name__)

_CHECKED_ROWS = 8
"""The rows that are decoded again before the rest is tokenized: a tokenizer that fails does so on nearly every row."""
_FORM = 3
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
    """Mapping of a table of rows with `prompt` and `completion` to token columns."""

    tokenizer: SpanTokenizer
    weights: tuple[float, ...]
    """By token kind, see `TOKEN_KINDS`."""
    limit: _Limit
    name: str
    loss_type: str
    chat: ChatFormat
    scope: ErrorScope

    def __call__(self, batch: "pa.Table", indices: list[int]) -> "pa.Table":
        """The token columns and `ROW_FIGURES` of an Arrow table of rows."""
        rows = batch.select([name for name in (*ROW_FIELDS, ROW_WEIGHT) if name in batch.column_names]).to_pylist()
        texts = [self.read(row, index) for row, index in zip(rows, indices, strict=True)]
        names = (f"{self.name} row {index}" for index in indices)
        row_weights = [read_row_weight(row, name, self.loss_type) for row, name in zip(rows, names, strict=True)]
        columns = TokenColumns.from_rows(self.tokenizer(texts), self.weights, row_weights)
        return self.limit.table(columns, [text.narrow_errors for text in texts], [text.whole_errors for text in texts])

    def read(self, row: Mapping[str, Any], index: int) -> SpanText:
        """The text and spans of one row."""
        return read_row(row, self.tokenizer.tokenizer, f"{self.name} row {index}", self.chat, self.scope)


@dataclass(frozen=True)
class _TokenRows:
    """Mapping of a table of rows with `input_ids` and `labels`, taken as they are, to token columns.

    Without `token_kinds` all supervised tokens are reasoning; without `loss_weights` the kinds decide.
    """

    weights: tuple[float, ...]
    limit: _Limit
    name: str
    loss_type: str

    def __call__(self, batch: "pa.Table", indices: list[int]) -> "pa.Table":
        """The token columns and `ROW_FIGURES` of an Arrow table of rows; their errors are not counted."""
        names = (*TOKEN_COLUMNS, ROW_WEIGHT)
        rows = batch.select([name for name in names if name in batch.column_names]).to_pylist()
        read = [self._read(row, f"{self.name} row {index}") for row, index in zip(rows, indices, strict=True)]
        none = [0] * len(rows)
        return self.limit.table(TokenColumns.from_lists(*zip(*read, strict=True)), none, none)

    def _read(self, row: Mapping[str, Any], where: str) -> _RowArrays:
        ids, labels = (np.asarray(row[name], dtype=np.int64) for name in ("input_ids", "labels"))
        kinds, weights = row.get("token_kinds"), row.get("loss_weights")
        kinds = np.where(labels == IGNORED, PROMPT, REASONING) if kinds is None else np.asarray(kinds, dtype=np.int64)
        if len(kinds) and not 0 <= kinds.min() <= kinds.max() < len(TOKEN_KINDS):
            raise DataError(f"{where}: token_kinds holds {kinds.max()}, but kinds go from 0 to {len(TOKEN_KINDS) - 1}")
        weights = np.array(self.weights)[kinds] if weights is None else np.asarray(weights, dtype=np.float64)
        check_weights(weights, where, "loss_weights", self.loss_type)
        weights = weights * read_row_weight(row, where, self.loss_type)
        lengths = {len(ids), len(labels), len(kinds), len(weights)}
        if len(lengths) > 1:
            raise DataError(f"{where}: its lists of ids, labels, weights and kinds differ in length: {sorted(lengths)}")
        return ids, labels, weights, kinds


def tokenize_rows(
    dataset: AnyDataset,
    tokenizer: "PreTrainedTokenizerBase",
    args: "LemmaSFTConfig",
    name: str,
    *,
    packing: bool = False,
    template: str | None = None,
) -> AnyDataset:
    """The token columns and `ROW_FIGURES` of every row of a dataset, streamed or not.

    Args:
        name: of the split, for messages.
        packing: whether the rows are to be packed, which decides who cuts those that are too long.
        template: a chat template in place of the tokenizer's.

    Raises:
        DataError: if the rows are of a form that is not understood, or tokens and text do not match.
    """
    from trl.data_utils import get_dataset_column_names

    if not is_streamed(dataset) and dataset.format["type"] == "custom":
        raise ConfigError(
            f"the {name} rows have a transform (`with_transform`), which would be baked into the tokens: apply it with "
            "`map` first, or take it off with `with_format(None)`"
        )
    columns = get_dataset_column_names(dataset)
    limit = _Limit(args.max_length, Overflow.from_settings(packing, args.packing_strategy, args.truncation_mode))
    weights = weights_by_number(args.kind_weights)
    encode: _TextRows | _TokenRows
    if "input_ids" in columns:
        if "labels" not in columns:
            raise DataError(
                f"the {name} rows have input_ids but no labels, so nothing says what the prompt is: add labels (-100 "
                "on the prompt), or give prompt and completion as text"
            )
        encode = _TokenRows(weights, limit, name, args.loss_type)
    elif "prompt" in columns and "completion" in columns:
        chat = ChatFormat(template, args.assistant_only_loss)
        scope = ErrorScope(args.error_scope)
        encode = _TextRows(SpanTokenizer(tokenizer), weights, limit, name, args.loss_type, chat, scope)
        _check(encode, dataset)
    else:
        raise DataError(
            f"the {name} rows have the columns {', '.join(columns)}; need prompt and completion (with span_kinds and "
            "span_ends where spans are known), or input_ids and labels. Rows in the published LEMMA format "
            "(instruction, input, output), with conversations or with messages get their spans from "
            "load_dataset('lemma', data_files=...) after `import lemma_hf`, or from lemma_hf.data.loading.find_spans"
        )
    options = _map_options(dataset, args, columns, f"Tokenizing {name} dataset")
    return dataset.with_format("arrow").map(encode, **options)


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
    first = enumerate(islice(dataset.with_format(None), _CHECKED_ROWS))
    texts = [encode.read(row, index) for index, row in first]
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
