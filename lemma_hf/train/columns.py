"""How do the tokens of many rows lie in memory? Side by side in flat arrays, with the length of each row.

Four columns, all lists of one length a row, so that packing and padding treat them alike:

    input_ids     5  9  7  2       of the text
    labels     -100  9  7  2       the same, or −100 where nothing is trained
    loss_weights  0  1  0  2       of the token's kind, or given
    token_kinds   0  1  2  4       see `TOKEN_KINDS`
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from lemma_hf.train.kinds import ERROR, IGNORED, PROMPT
from lemma_hf.train.tokenization import TokenRow

TOKEN_COLUMNS = {"input_ids": "int32", "labels": "int32", "loss_weights": "float32", "token_kinds": "int8"}
"""The columns and their types. TRL's are int64, as Python's numbers are; no vocabulary needs more than 31 bits."""


@dataclass(frozen=True, slots=True)
class TokenColumns:
    """Flat arrays of as many tokens as `lengths` add up to."""

    lengths: Any
    input_ids: Any
    labels: Any
    loss_weights: Any
    token_kinds: Any

    @classmethod
    def from_rows(cls, rows: Sequence[TokenRow], weights: Sequence[float]) -> "TokenColumns":
        """The columns of tokenised texts, with the weight of each kind."""
        lengths = np.fromiter((len(row.ids) for row in rows), np.int64, len(rows))
        ids = np.concatenate([np.zeros(0, np.int32), *(row.ids for row in rows)])
        counts = list(chain.from_iterable(row.counts for row in rows))
        spans = np.array(list(chain.from_iterable(row.span_kinds for row in rows)), dtype=np.int8)
        kinds: Any = np.repeat(spans, counts)
        labels = np.where(kinds == PROMPT, np.int32(IGNORED), ids)
        return cls(lengths, ids, labels, np.asarray(weights, dtype=np.float32)[kinds], kinds)

    @classmethod
    def from_lists(cls, ids: Any, labels: Any, weights: Any, kinds: Any) -> "TokenColumns":
        """The columns of rows that are tokenised already, one array a row and column."""
        lengths = np.fromiter(map(len, ids), np.int64, len(ids))
        columns = zip(TOKEN_COLUMNS.values(), (ids, labels, weights, kinds), strict=True)
        return cls(lengths, *(np.concatenate([np.zeros(0, kind), *column]).astype(kind) for kind, column in columns))

    @classmethod
    def from_table(cls, table: Any) -> "TokenColumns":
        """The columns of an Arrow table: what `as_table` is the other way of."""
        lists = [table[name].combine_chunks() for name in TOKEN_COLUMNS]
        flat = (column.flatten().to_numpy(zero_copy_only=False) for column in lists)
        return cls(lists[0].value_lengths().to_numpy(), *flat)

    @property
    def starts(self) -> Any:
        """Where each row begins in the flat arrays."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def supervised(self) -> Any:
        """For each token, whether it counts: a label, a weight, and a token before it to predict it from."""
        counts = (self.labels != IGNORED) & (self.loss_weights > 0)
        counts[self.starts[self.lengths > 0]] = False
        return counts

    @property
    def has_error(self) -> Any:
        """For each row, whether it holds an error; a turn counts, even where nothing is called the error."""
        return self.any_in_row(self.token_kinds >= ERROR)

    def count_in_rows(self, tokens: Any) -> Any:
        """For each row, how many of its tokens are marked in the flat bool array `tokens`."""
        sums = np.concatenate([[0], np.cumsum(tokens)])
        return sums[self.starts + self.lengths] - sums[self.starts]

    def any_in_row(self, tokens: Any) -> Any:
        """For each row, whether any of its tokens is marked in the flat bool array `tokens`."""
        return self.count_in_rows(tokens) > 0

    def last_kind(self) -> Any:
        """For each row the kind of the last token that is no prompt; 0 where all are."""
        places = np.arange(len(self.token_kinds))
        last = np.maximum.accumulate(np.where(self.token_kinds == PROMPT, -1, places))
        found = np.concatenate([[-1], last])[self.starts + self.lengths]
        return np.where(found >= self.starts, np.append(self.token_kinds, np.int8(PROMPT))[found], PROMPT)

    def within_rows(self) -> Any:
        """For each token its place in its row."""
        return np.arange(len(self.input_ids)) - np.repeat(self.starts, self.lengths)

    def only(self, tokens: Any) -> "TokenColumns":
        """The tokens that are marked in the flat bool array `tokens`; no row is lost, though it may become empty."""
        return replace(
            self, lengths=self.count_in_rows(tokens), **{name: getattr(self, name)[tokens] for name in TOKEN_COLUMNS}
        )

    def as_table(self, **more: Any) -> Any:
        """An Arrow table, a list a row in each column; `more` are columns of one value a row."""
        import pyarrow as pa

        offsets = pa.array(np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int32))
        lists = {name: pa.ListArray.from_arrays(offsets, pa.array(getattr(self, name))) for name in TOKEN_COLUMNS}
        return pa.table(lists | {name: pa.array(values) for name, values in more.items()})
