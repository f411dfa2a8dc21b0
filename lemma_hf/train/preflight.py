"""Preflight: the table, printed before step 0, of what will be trained on and what was dropped."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lemma_hf.errors import DataError
from lemma_hf.train.columns import TokenColumns
from lemma_hf.train.kinds import TOKEN_KINDS
from lemma_hf.train.prepare import AnyDataset, is_streamed
from lemma_hf.train.scope import ErrorScope
from lemma_hf.train.truncation import KEPT, RowStatus

_STREAMED_ROWS = 1000
"""The rows of a streamed dataset that are counted: enough to see that something is supervised."""
_BATCH_ROWS = 1000
"""Rows that are counted at a time, the batch size of `datasets.map`: a few megabytes of tokens in memory."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """Counts of one split. The tuples run over `TOKEN_KINDS`."""

    name: str
    max_length: int | None
    statuses: Mapping[RowStatus, int]
    tokens: tuple[int, ...]
    """Tokens in kept rows."""
    supervised: tuple[int, ...]
    """Those of them with a label and a weight other than 0; the first token of a row never counts."""
    weight: tuple[float, ...]
    """Sum of the weights of supervised tokens."""
    narrow_errors: int = 0
    """Errors in kept rows whose span begins at the place of the mistake."""
    whole_errors: int = 0
    """Errors in kept rows whose span is the whole step."""
    error_scope: ErrorScope = ErrorScope.STEP

    @property
    def rows(self) -> int:
        """Rows kept, those that are cut included."""
        return sum(count for status, count in self.statuses.items() if status.is_kept)

    @property
    def cut(self) -> int:
        """The number of kept rows that were cut to `max_length`."""
        return self.statuses.get(RowStatus.CUT, 0)

    @property
    def dropped(self) -> Mapping[RowStatus, int]:
        """Rows dropped, by reason."""
        return {status: count for status, count in self.statuses.items() if not status.is_kept and count}

    def table(self) -> str:
        """The counts as text."""
        whole = sum(self.tokens) or 1
        lines = [
            f"{self.name}: {self.rows:,} of {sum(self.statuses.values()):,} rows kept at max_length {self.max_length}",
            f"  {'span':<11}{'tokens':>12}{'share':>8}{'supervised':>12}{'mean weight':>13}",
        ]
        for kind, tokens, supervised, weight in zip(
            TOKEN_KINDS, self.tokens, self.supervised, self.weight, strict=True
        ):
            mean = weight / tokens if tokens else 0.0
            lines.append(f"  {kind:<11}{tokens:>12,}{tokens / whole:>8.1%}{supervised:>12,}{mean:>13.3f}")
        if self.narrow_errors or self.whole_errors:
            lines.append(f"  {self._errors()}")
        if self.cut:
            lines.append(f"  shortened {self.cut:,}: {RowStatus.CUT.reason}")
        lines += [f"  dropped {count:,}: {status.reason}" for status, count in sorted(self.dropped.items())]
        return "\n".join(lines)

    def _errors(self) -> str:
        if self.error_scope is ErrorScope.STEP:
            return f"error_scope step: the error is the whole step in {self.whole_errors:,}"
        return (
            f"error_scope mistake: the error begins at its place in {self.narrow_errors:,}, at the beginning of the "
            f"step in {self.whole_errors:,}, where no place is known"
        )

    def require_supervision(self) -> None:
        """Refuse a split in which no token is trained on.

        Raises:
            DataError: with the reasons why rows were dropped.
        """
        if sum(self.supervised):
            return
        reasons = [f"{count} × {status.reason}" for status, count in self.dropped.items()] or ["there are no rows"]
        raise DataError(
            f"nothing in the {self.name} split would be trained on ({'; '.join(reasons)}): raise max_length (now "
            f"{self.max_length}), raise the span weights, or look at the rows"
        )


def count_rows(
    dataset: AnyDataset, name: str, max_length: int | None, error_scope: ErrorScope = ErrorScope.STEP
) -> Preflight:
    """Count a tokenized dataset that still has its `ROW_FIGURES`; of a streamed one, its first rows only."""
    if is_streamed(dataset):
        dataset, name = dataset.take(_STREAMED_ROWS), f"{name} (streamed; first {_STREAMED_ROWS} rows)"
    size = len(TOKEN_KINDS)
    statuses: Counter[RowStatus] = Counter()
    tokens = np.zeros(size, int)
    supervised = np.zeros(size, int)
    weight = np.zeros(size)
    narrow = whole = 0
    for batch in dataset.with_format("arrow").iter(_BATCH_ROWS):
        fate = batch["fate"].to_numpy()
        statuses.update(RowStatus(value) for value in fate)
        kept_rows = batch.filter(np.isin(fate, KEPT))
        narrow += int(kept_rows["narrow_errors"].to_numpy().sum())
        whole += int(kept_rows["whole_errors"].to_numpy().sum())
        kept = TokenColumns.from_table(kept_rows)
        counts = kept.supervised
        for kind in range(size):
            of_kind = kept.token_kinds == kind
            tokens[kind] += of_kind.sum()
            supervised[kind] += (of_kind & counts).sum()
            weight[kind] += kept.loss_weights[of_kind & counts].sum(dtype=float)
    return Preflight(
        name,
        max_length,
        statuses,
        tuple(tokens.tolist()),
        tuple(supervised.tolist()),
        tuple(weight.tolist()),
        narrow_errors=narrow,
        whole_errors=whole,
        error_scope=error_scope,
    )
