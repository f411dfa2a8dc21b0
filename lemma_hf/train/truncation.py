"""Truncation: which rows are kept whole, cut, or dropped because they are too long, empty or unfinished.

The rule: **no error is trained on without its correction.** A row without an error meets `max_length` as it does in
TRL: its overflow is cut off, or split and wrapped into other blocks by the packing strategies that do so. A row with an
error goes in whole, or it is dropped and counted; only its prompt may lose its beginning, where
`truncation_mode="keep_end"` asks for that.
"""

from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from lemma_hf.train.columns import TokenColumns
from lemma_hf.train.kinds import CORRECTION, ERROR, PROMPT, REASONING, REFLECTION


class Overflow(StrEnum):
    """The treatment of a row without an error that is longer than `max_length`."""

    KEEP_START = "keep_start"
    KEEP_END = "keep_end"
    LEAVE = "leave"
    """Nothing here: packing will split it or wrap it."""

    @classmethod
    def from_settings(cls, packing: bool, packing_strategy: str, truncation_mode: str) -> "Overflow":
        """The treatment under TRL's settings: packing looks at its strategy only, and `bfd` keeps the start."""
        if packing:
            return cls.KEEP_START if packing_strategy == "bfd" else cls.LEAVE
        return cls(truncation_mode)


class RowStatus(IntEnum):
    """The status of a row after truncation, with the reason."""

    KEPT = 0
    CUT = 1
    CORRECTION_CUT = 2
    UNCORRECTED = 3
    EMPTY = 4
    UNSUPERVISED = 5

    @property
    def reason(self) -> str:
        """The reason in words."""
        return _REASONS[self]

    @property
    def is_kept(self) -> bool:
        """Whether the row is trained on."""
        return self in KEPT


_REASONS = {
    RowStatus.KEPT: "kept whole",
    RowStatus.CUT: "cut to max_length, nothing of an error or its correction in what was cut off",
    RowStatus.CORRECTION_CUT: "the correction does not fit in max_length",
    RowStatus.UNCORRECTED: "an error has no correction",
    RowStatus.EMPTY: "there is no completion",
    RowStatus.UNSUPERVISED: "every token has weight 0 or label -100",
}
KEPT = (RowStatus.KEPT, RowStatus.CUT)


def apply_max_length(
    columns: TokenColumns, max_length: int | None, overflow: Overflow
) -> tuple[TokenColumns, NDArray[np.int8]]:
    """Cut the rows that may be cut, and return the status of each.

    Returns:
        The columns, in which rows to be dropped stand as they came, and a `RowStatus` for each row.
    """
    last = columns.last_kind()
    statuses = np.full(len(columns.lengths), RowStatus.KEPT, dtype=np.int8)
    if max_length is not None and (columns.lengths > max_length).any():
        too_long = columns.lengths > max_length
        whole = ~columns.has_error
        if overflow is Overflow.KEEP_END:
            whole |= ~columns.any_in_row((columns.token_kinds != PROMPT) & ~_end(columns, max_length))
        statuses[too_long & ~whole] = RowStatus.CORRECTION_CUT
        if overflow is not Overflow.LEAVE:
            cut = too_long & whole
            statuses[cut] = RowStatus.CUT
            inside = _end(columns, max_length) if overflow is Overflow.KEEP_END else columns.within_rows() < max_length
            columns = columns.only(inside | ~np.repeat(cut, columns.lengths))
    kept = np.isin(statuses, KEPT)
    statuses[kept & ~columns.any_in_row(columns.supervised)] = RowStatus.UNSUPERVISED
    open_at_the_end = ~np.isin(last, (REASONING, CORRECTION))
    statuses[open_at_the_end | columns.any_in_row(_breaks_off(columns))] = RowStatus.UNCORRECTED
    statuses[last == PROMPT] = RowStatus.EMPTY
    return columns, statuses


def _breaks_off(columns: TokenColumns) -> NDArray[np.bool_]:
    """For each token, whether an error or a reflection ends with it, and reasoning or a prompt follows in its row."""
    kinds = columns.token_kinds
    following = np.append(kinds[1:], np.int8(CORRECTION))
    following[(columns.starts + columns.lengths - 1)[columns.lengths > 0]] = CORRECTION  # of another row, or none
    return np.isin(kinds, (ERROR, REFLECTION)) & np.isin(following, (REASONING, PROMPT))


def _end(columns: TokenColumns, max_length: int) -> NDArray[np.bool_]:
    """For each token, whether it is among the last `max_length` of its row."""
    return columns.within_rows() >= np.repeat(columns.lengths - max_length, columns.lengths)
