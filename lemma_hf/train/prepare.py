"""How does a dataset of rows become a dataset of tokens, labels and weights, each trajectory whole or not at all?

Four columns come out, all lists of one length a row: `input_ids`, `labels` (−100 on the prompt), `loss_weights` and
`token_kinds`. They have the same length in every row, so that packing and padding treat them alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import Any

import numpy as np

from lemma_hf.errors import DataError
from lemma_hf.train.tokens import (
    ERROR,
    IGNORED,
    REASONING,
    TOKEN_KINDS,
    SpanText,
    SpanTokenizer,
    check_round_trip,
    read_row,
)

COLUMNS = ("input_ids", "labels", "loss_weights", "token_kinds")
CHECKED_ROWS = 8
"""How many rows are decoded again before the rest is tokenised."""


class Fate(IntEnum):
    """What becomes of a row, and why."""

    KEPT = 0
    CORRECTION_CUT = 1
    TOO_LONG = 2
    UNCORRECTED = 3
    EMPTY = 4
    UNSUPERVISED = 5

    @property
    def reason(self) -> str:
        """The reason in words."""
        return _REASONS[self]


_REASONS = {
    Fate.KEPT: "kept",
    Fate.CORRECTION_CUT: "the correction does not fit in max_length",
    Fate.TOO_LONG: "longer than max_length (no error in it)",
    Fate.UNCORRECTED: "the last error has no correction",
    Fate.EMPTY: "the completion is empty",
    Fate.UNSUPERVISED: "every token has weight 0 or label -100",
}


@dataclass(frozen=True)
class TextRows:
    """Turns a batch of rows with `prompt` and `completion` into token columns."""

    tokenizer: SpanTokenizer
    weights: tuple[float, ...]
    """By token kind, see `TOKEN_KINDS`."""
    max_length: int | None
    name: str
    form: int = 1
    """Part of the key under which `datasets` caches the result: to be raised whenever that result changes."""

    def __call__(self, batch: dict[str, list[Any]], indices: list[int]) -> dict[str, list[Any]]:
        """The columns of `COLUMNS` and `fate`, one entry for each row of `batch`."""
        texts = [self.read(row, index) for row, index in zip(_rows(batch), indices, strict=True)]
        table = np.array(self.weights, dtype=np.float32)
        columns: dict[str, list[Any]] = {name: [] for name in (*COLUMNS, "fate")}
        for text, row in zip(texts, self.tokenizer(texts), strict=True):
            labels, weights = np.where(row.kinds == 0, IGNORED, row.ids), table[row.kinds]
            fate = _fate(labels, weights, row.kinds, self.max_length) if text.kinds else Fate.EMPTY
            fate = fate if text.complete else Fate.UNCORRECTED
            _append(columns, row.ids, labels, weights, row.kinds, fate)
        return columns

    def read(self, row: dict[str, Any], index: int) -> SpanText:
        """The text and spans of one row."""
        return read_row(row, self.tokenizer.tokenizer, where=f"{self.name} row {index}")


@dataclass(frozen=True)
class TokenRows:
    """Takes a batch of rows with `input_ids` and `labels` as they are, and fills in what is missing.

    Without `token_kinds` all supervised tokens are reasoning; without `loss_weights` the kinds decide.
    """

    weights: tuple[float, ...]
    max_length: int | None
    name: str
    form: int = 1

    def __call__(self, batch: dict[str, list[Any]], indices: list[int]) -> dict[str, list[Any]]:
        """The columns of `COLUMNS` and `fate`, one entry for each row of `batch`."""
        columns: dict[str, list[Any]] = {name: [] for name in (*COLUMNS, "fate")}
        for row, index in zip(_rows(batch), indices, strict=True):
            ids, labels, weights, kinds = self._read(row, f"{self.name} row {index}")
            _append(columns, ids, labels, weights, kinds, _fate(labels, weights, kinds, self.max_length))
        return columns

    def _read(self, row: dict[str, Any], where: str) -> tuple[Any, Any, Any, Any]:
        ids, labels = (np.asarray(row[name], dtype=np.int64) for name in ("input_ids", "labels"))
        kinds, weights = row.get("token_kinds"), row.get("loss_weights")
        kinds = np.where(labels == IGNORED, 0, REASONING) if kinds is None else np.asarray(kinds)
        if len(kinds) and not 0 <= kinds.min() <= kinds.max() < len(TOKEN_KINDS):
            raise DataError(f"{where}: token_kinds holds {kinds.max()}, but kinds go from 0 to {len(TOKEN_KINDS) - 1}")
        weights = np.array(self.weights)[kinds] if weights is None else np.asarray(weights, dtype=np.float64)
        if not np.isfinite(weights).all() or (weights < 0).any():
            raise DataError(f"{where}: loss_weights must be finite numbers from 0 up, but they hold others")
        lengths = {len(ids), len(labels), len(kinds), len(weights)}
        if len(lengths) > 1:
            raise DataError(f"{where}: its lists of ids, labels, weights and kinds differ in length: {sorted(lengths)}")
        return ids, labels, weights.astype(np.float32), kinds.astype(np.int8)


def tokenise(dataset: Any, tokenizer: Any, args: Any, name: str) -> Any:
    """The token columns and `fate` of every row of a dataset, streamed or not.

    Args:
        args: a `LemmaSFTConfig`.
        name: of the split, for messages.

    Raises:
        DataError: if the rows are of a form that is not understood, or tokens and text do not match.
    """
    from trl.data_utils import get_dataset_column_names

    columns = get_dataset_column_names(dataset)
    encode: TextRows | TokenRows
    if "input_ids" in columns:
        if "labels" not in columns:
            raise DataError(
                f"the {name} rows have input_ids but no labels, so nothing says what the prompt is: add labels (-100 "
                "on the prompt), or give prompt and completion as text"
            )
        encode = TokenRows(args.kind_weights, args.max_length, name)
    elif "prompt" in columns and "completion" in columns:
        encode = TextRows(SpanTokenizer(tokenizer), args.kind_weights, args.max_length, name)
        first = islice(dataset, CHECKED_ROWS)
        check_round_trip(encode.tokenizer, [encode.read(row, index) for index, row in enumerate(first)])
    else:
        raise DataError(
            f"the {name} rows have the columns {', '.join(columns)}; need prompt and completion (with span_kinds and "
            "span_ends where spans are known), or input_ids and labels. Rows in the published LEMMA format "
            "(instruction, input, output) are read by load_dataset('lemma', data_files=...) after `import lemma_hf`"
        )
    return dataset.map(encode, **_map_options(dataset, args, columns, f"Tokenizing {name} dataset"))


def keep_whole(dataset: Any) -> Any:
    """The tokenised rows that are kept, without their `fate`."""
    if _is_streamed(dataset):
        dataset = dataset.filter(lambda row: row["fate"] == Fate.KEPT)
    else:
        fates = np.asarray(dataset.with_format("numpy")["fate"][:])
        if (fates != Fate.KEPT).any():
            dataset = dataset.select(np.flatnonzero(fates == Fate.KEPT))
    return dataset.remove_columns("fate")


def _fate(labels: Any, weights: Any, kinds: Any, max_length: int | None) -> Fate:
    if max_length is not None and len(labels) > max_length:
        return Fate.CORRECTION_CUT if (kinds == ERROR).any() else Fate.TOO_LONG
    # The first token is predicted from nothing, so its label never counts.
    return Fate.KEPT if ((labels != IGNORED) & (weights > 0))[1:].any() else Fate.UNSUPERVISED


def _append(columns: dict[str, list[Any]], *values: Any) -> None:
    for column, value in zip(columns.values(), values, strict=True):
        column.append(value)


def _rows(batch: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True))


def _is_streamed(dataset: Any) -> bool:
    from datasets import IterableDataset

    return isinstance(dataset, IterableDataset)


def _map_options(dataset: Any, args: Any, columns: list[str], title: str) -> dict[str, Any]:
    from datasets import Features, List, Value

    types = {"input_ids": "int64", "labels": "int64", "loss_weights": "float32", "token_kinds": "int8"}
    features = {name: List(Value(types[name])) for name in COLUMNS} | {"fate": Value("int8")}
    options = {
        "batched": True,
        "with_indices": True,
        "remove_columns": [name for name in columns if name not in features],
        "features": Features(features),
    }
    if _is_streamed(dataset):
        return options
    return options | {"num_proc": args.dataset_num_proc, "desc": title}
