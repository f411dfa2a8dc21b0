"""Rows that are tokenized already: `input_ids`, and what says which of them are trained on.

labels             −100 where nothing is trained; then the masks are not looked at
completion_mask    1 on the completion; used under `completion_only_loss=True` only, as in TRL
assistant_masks    1 on what the assistant says
none of these      language modelling: all of it is trained on
token_kinds        see `TOKEN_KINDS`; without it all that is trained on is reasoning
loss_weights       one a token; without it the kinds decide
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lemma_hf.errors import DataError
from lemma_hf.train.columns import TOKEN_COLUMNS
from lemma_hf.train.kinds import IGNORED, PROMPT, REASONING, TOKEN_KINDS
from lemma_hf.train.row_weights import ROW_WEIGHT, check_weights, read_row_weight
from lemma_hf.train.span_text import Row

RowArrays = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]
"""The `input_ids`, `labels`, `loss_weights` and `token_kinds` of one row."""
COMPLETION_MASK, ASSISTANT_MASKS = "completion_mask", "assistant_masks"


def token_columns(columns: Sequence[str], completion_only: bool) -> tuple[str, ...]:
    """The columns that are read.

    Example:
        >>> token_columns(["input_ids", "completion_mask", "id"], completion_only=True)
        ('input_ids', 'completion_mask')
    """
    masks = (*((COMPLETION_MASK,) if completion_only else ()), ASSISTANT_MASKS)
    read = (*TOKEN_COLUMNS, *(() if "labels" in columns else masks), ROW_WEIGHT)
    return tuple(name for name in read if name in columns)


def read_tokens(row: Row, weights: Sequence[float], where: str, loss_type: str) -> RowArrays:
    """The arrays of one row.

    Args:
        weights: by token kind.

    Raises:
        DataError: if lists differ in length, or hold something else than numbers, or weights or kinds are none.

    Example:
        >>> ids, labels, *_ = read_tokens({"input_ids": [5, 9], "completion_mask": [0, 1]}, (0, 1, 0, 1, 1), "", "nll")
        >>> labels.tolist()
        [-100, 9]
    """
    lists = {
        name: _numbers(row[name], f"{where}: {name}", whole=name != "loss_weights")
        for name in (*TOKEN_COLUMNS, COMPLETION_MASK, ASSISTANT_MASKS)
        if row.get(name) is not None
    }
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(f"{where}: its lists differ in length: {found}: give each one value a token")
    if "input_ids" not in lists:
        raise DataError(f"{where}: input_ids is None: give the tokens, or leave the row out")
    ids = lists["input_ids"]
    labels = _labels(lists, ids)
    kinds, given = lists.get("token_kinds"), lists.get("loss_weights")
    kinds = np.where(labels == IGNORED, PROMPT, REASONING) if kinds is None else kinds
    if len(kinds) and not 0 <= kinds.min() <= kinds.max() < len(TOKEN_KINDS):
        raise DataError(f"{where}: token_kinds holds {kinds.max()}, but kinds go from 0 to {len(TOKEN_KINDS) - 1}")
    each = np.asarray(weights)[kinds] if given is None else given
    check_weights(each, where, "loss_weights", loss_type)
    return ids, labels, each * read_row_weight(row, where, loss_type), kinds


def _numbers(values: Any, where: str, *, whole: bool) -> NDArray[Any]:
    """One number a token, as an array.

    Args:
        whole: whether they are whole numbers, as ids, labels, kinds and masks are.

    Raises:
        DataError: if they are none, as `["5", "9"]`, `[[5], [9]]` and `[5, null]` are.
    """
    try:
        found = np.asarray(values)
    except ValueError:  # lists of different lengths
        found = np.asarray(None)
    is_one_each = found.ndim == 1 and found.dtype.kind in "iufb"
    if not is_one_each or (whole and not (np.isfinite(found) & (found == np.trunc(found))).all()):
        raise DataError(
            f"{where} is {values!r:.60}, but it has to be a list with one {'whole ' if whole else ''}number a token"
        )
    return found.astype(np.int64 if whole else np.float64)


def _labels(lists: dict[str, NDArray[Any]], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    if "labels" in lists:
        return lists["labels"]
    masks = [lists[name].astype(bool) for name in (COMPLETION_MASK, ASSISTANT_MASKS) if name in lists]
    return np.where(np.logical_and.reduce([np.ones(len(ids), bool), *masks]), ids, IGNORED)
