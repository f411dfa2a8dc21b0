"""Kinds of tokens: the prompt and the kinds of spans, their numbers in a column, default weights and logged figures."""

import re
from collections.abc import Iterable, Mapping

from lemma_hf.records import SpanKind

TOKEN_KINDS: tuple[str, ...] = ("prompt", *SpanKind)
"""The name of each number in a `token_kinds` column: 0 is the prompt, then the kinds in the order of `SpanKind`."""
PROMPT, REASONING, ERROR, REFLECTION, CORRECTION = range(len(TOKEN_KINDS))
IGNORED = -100
"""The label of a token that is not trained on; -100 is the `ignore_index` of torch's cross entropy."""

DEFAULT_WEIGHTS: Mapping[SpanKind, float] = {
    SpanKind.REASONING: 1.0,
    SpanKind.ERROR: 0.0,
    SpanKind.REFLECTION: 1.0,
    SpanKind.CORRECTION: 1.0,
}
"""The weight of a token in the loss, by kind of span. Sources and reasons are in `LemmaSFTConfig`."""

WEIGHTS_FROM, WEIGHTS_TO = 1e-6, 1e6
"""How far weights other than 0 may lie from 0. Only their ratios count, and sums of float32, with 24 bits, lose what is
smaller by more than that: with a weight of 1e38 the loss is 0 for all other tokens, with one of 1e39 it is NaN."""

KIND_FIGURES = ("loss", "accuracy", "entropy")
"""The figures logged for each kind of span, as `reflection_loss` and so on."""


def weights_by_number(weights: Mapping[SpanKind, float]) -> tuple[float, ...]:
    """The weight of each number in a `token_kinds` column; that of the prompt is 0.

    Example:
        >>> weights_by_number(DEFAULT_WEIGHTS)
        (0.0, 1.0, 0.0, 1.0, 1.0)
    """
    return (0.0, *(weights[kind] for kind in SpanKind))


def eval_prefixes(logs: Iterable[Iterable[str]]) -> list[str]:
    """The prefixes of evaluation figures that have a kind of span: one for each eval set.

    Example:
        >>> eval_prefixes([{"eval_error_loss": 2.0, "eval_loss": 1.0}, {"eval_hard_error_loss": 3.0}])
        ['eval_', 'eval_hard_']
    """
    # `eval_error_loss` → `eval_`; `eval_hard_error_loss`, of an eval set called "hard" → `eval_hard_`
    figure = re.compile(rf"(eval_(?:.+_)?)(?:{'|'.join(SpanKind)})_(?:{'|'.join(KIND_FIGURES)})")
    found = (figure.fullmatch(name) for log in logs for name in log)
    return list(dict.fromkeys(match[1] for match in found if match))
