"""Weights that rows bring: `loss_weight`, one number a row, and `loss_weights`, one a token.

{"prompt": "2 + 2?", "completion": " 4", "loss_weight": 0.5}        counts half
{"prompt": "2 + 2?", "completion": " 5", "loss_weight": -1}         is unlearned, see `lemma_hf.train.loss`
{"input_ids": [5, 9], "labels": [-100, 9], "loss_weights": [0, 2], "loss_weight": 0.5}      a weight of 1 for 9
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lemma_hf.errors import DataError
from lemma_hf.train.kinds import WEIGHTS_FROM, WEIGHTS_TO

ROW_WEIGHT = "loss_weight"
"""The column by which the weights of all tokens of a row are multiplied; without it they stay as they are."""
NO_NEGATIVE_DFT = (
    "loss_type='dft' multiplies a loss by the probability p of its token, which takes the factor 1/p out of the "
    "gradient of -log p; the loss of a token with a weight below 0 is -log(1 - p), whose gradient has the factor "
    "1/(1 - p), which p does not take out"
)


def read_row_weight(row: Mapping[str, Any], where: str, loss_type: str = "nll") -> float:
    """The weight of a row; 1 without the column `loss_weight`.

    Raises:
        DataError: if it is no finite number, or below 0 where the loss knows no such weights.

    Example:
        >>> read_row_weight({"loss_weight": 0.5}, "a row"), read_row_weight({}, "a row")
        (0.5, 1.0)
    """
    if ROW_WEIGHT not in row:
        return 1.0
    value = row[ROW_WEIGHT]
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise DataError(
            f"{where}: {ROW_WEIGHT} is {value!r:.60}, but it has to be a finite number: 1 leaves the row as it is, 0 "
            "leaves it out"
        )
    check_weights(value, where, ROW_WEIGHT, loss_type)
    return float(value)


def check_weights(weights: ArrayLike, where: str, column: str, loss_type: str) -> None:
    """Refuse weights that are not finite or too far from 1, and those below 0 under `loss_type="dft"`.

    Raises:
        DataError: naming the row and the column.
    """
    values = np.atleast_1d(np.asarray(weights))
    if not np.isfinite(values).all():
        raise DataError(f"{where}: {column} must be finite numbers, but they hold others")
    sizes = np.abs(values[values != 0])
    odd = sizes[(sizes < WEIGHTS_FROM) | (sizes > WEIGHTS_TO)]
    if len(odd):
        raise DataError(
            f"{where}: {column} holds a weight of {odd[0]:g}, but one other than 0 lies from {WEIGHTS_FROM:g} "
            f"to {WEIGHTS_TO:g}: only the ratio of weights counts"
        )
    if loss_type == "dft" and (values < 0).any():
        raise DataError(f"{where}: {column} is below 0, and {NO_NEGATIVE_DFT}: use loss_type='nll', or weights above 0")
