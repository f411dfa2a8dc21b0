"""Token columns: the tokens of many rows in flat arrays, with the length of each row.

Four columns, all lists of one length a row, so that packing and padding treat them alike:

    input_ids     5  9  7  2       of the text
    labels     -100  9  7  2       the same, or −100 where nothing is trained
    loss_weights  0  1  0  2       of the token's kind, or given; times that of the row; below 0 to unlearn the token
    token_kinds   0  1  2  4       see `TOKEN_KINDS`
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lemma_hf.train.kinds import ERROR, IGNORED, PROMPT
from lemma_hf.train.tokenization import TokenRow

if TYPE_CHECKING:
    import pyarrow as pa

TOKEN_COLUMNS = {"input_ids": "int32", "labels": "int32", "loss_weights": "float32", "token_kinds": "int8"}
"""The columns and their types. TRL's are int64, as Python's numbers are; no vocabulary needs more than 31 bits."""


@dataclass(frozen=True, slots=True)
class TokenColumns:
    """Flat arrays of as many tokens as `lengths` add up to."""

    lengths: NDArray[np.int64]
    input_ids: NDArray[np.int32]
    labels: NDArray[np.int32]
    loss_weights: NDArray[np.float32]
    token_kinds: NDArray[np.int8]

    @classmethod
    def from_rows(
        cls, rows: Sequence[TokenRow], weights: Sequence[float], row_weights: Sequence[float]
    ) -> "TokenColumns":
        """The columns of tokenized texts; `weights` by token kind, see `TOKEN_KINDS`, and `row_weights` one a row."""
        lengths = np.fromiter((len(row.ids) for row in rows), np.int64, len(rows))
        ids = np.concatenate([np.zeros(0, np.int32), *(row.ids for row in rows)])
        counts = list(chain.from_iterable(row.counts for row in rows))
        spans = np.array(list(chain.from_iterable(row.span_kinds for row in rows)), dtype=np.int8)
        kinds = np.repeat(spans, counts)
        if any(row.spoken is not None for row in rows):
            kinds = np.concatenate([row.kinds for row in rows])
        labels = np.where(kinds == PROMPT, np.int32(IGNORED), ids)
        each = np.asarray(weights)[kinds] * np.repeat(np.asarray(row_weights, dtype=np.float64), lengths)
        return cls(lengths, ids, labels, each.astype(np.float32), kinds)

    @classmethod
    def from_lists(
        cls,
        ids: Sequence[NDArray[np.int64]],
        labels: Sequence[NDArray[np.int64]],
        weights: Sequence[NDArray[np.float64]],
        kinds: Sequence[NDArray[np.int64]],
    ) -> "TokenColumns":
        """The columns of rows that are tokenized already, one array a row and column."""
        lengths = np.fromiter(map(len, ids), np.int64, len(ids))
        columns = zip(TOKEN_COLUMNS.values(), (ids, labels, weights, kinds), strict=True)
        return cls(lengths, *(np.concatenate([np.zeros(0, kind), *column]).astype(kind) for kind, column in columns))

    @classmethod
    def from_table(cls, table: "pa.Table") -> "TokenColumns":
        """The columns of an Arrow table: the reverse of `to_table`."""
        lists = [table[name].combine_chunks() for name in TOKEN_COLUMNS]
        flat = (column.flatten().to_numpy(zero_copy_only=False) for column in lists)
        return cls(lists[0].value_lengths().to_numpy().astype(np.int64), *flat)

    @property
    def starts(self) -> NDArray[np.int64]:
        """The place in the flat arrays at which each row begins."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def supervised(self) -> NDArray[np.bool_]:
        """For each token, whether it counts: a label, a weight, and a token before it to predict it from."""
        counts = (self.labels != IGNORED) & (self.loss_weights != 0)
        counts[self.starts[self.lengths > 0]] = False
        return counts

    @property
    def has_error(self) -> NDArray[np.bool_]:
        """For each row, whether it holds an error; a turn counts, even where nothing is called the error."""
        return self.any_in_row(self.token_kinds >= ERROR)

    def count_in_rows(self, tokens: NDArray[np.bool_]) -> NDArray[np.int64]:
        """For each row, how many of its tokens are marked in the flat array `tokens`."""
        sums = np.concatenate([[0], np.cumsum(tokens)])
        return sums[self.starts + self.lengths] - sums[self.starts]

    def any_in_row(self, tokens: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """For each row, whether any of its tokens is marked in the flat array `tokens`."""
        return self.count_in_rows(tokens) > 0

    def last_kind(self) -> NDArray[np.int8]:
        """For each row the kind of the last token that is no prompt; 0 where all are."""
        places = np.arange(len(self.token_kinds))
        last = np.maximum.accumulate(np.where(self.token_kinds == PROMPT, -1, places))
        found = np.concatenate([[-1], last])[self.starts + self.lengths]
        return np.where(found >= self.starts, np.append(self.token_kinds, np.int8(PROMPT))[found], np.int8(PROMPT))

    def within_rows(self) -> NDArray[np.int64]:
        """For each token its place in its row."""
        return np.arange(len(self.input_ids)) - np.repeat(self.starts, self.lengths)

    def only(self, tokens: NDArray[np.bool_]) -> "TokenColumns":
        """The tokens that are marked in the flat array `tokens`; no row is lost, though it may become empty."""
        return replace(
            self, lengths=self.count_in_rows(tokens), **{name: getattr(self, name)[tokens] for name in TOKEN_COLUMNS}
        )

    def to_table(self, **more: ArrayLike) -> "pa.Table":
        """An Arrow table, a list a row in each column; `more` are columns of one value a row."""
        import pyarrow as pa

        offsets = pa.array(np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int32))
        lists = {name: pa.ListArray.from_arrays(offsets, pa.array(getattr(self, name))) for name in TOKEN_COLUMNS}
        return pa.table(lists | {name: pa.array(values) for name, values in more.items()})
