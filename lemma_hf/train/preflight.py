"""What will be trained on, and what was dropped? The table that is printed before step 0."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lemma_hf.errors import DataError
from lemma_hf.train.columns import TokenColumns
from lemma_hf.train.kinds import TOKEN_KINDS
from lemma_hf.train.prepare import is_streamed
from lemma_hf.train.truncation import KEPT, RowStatus

_STREAMED_ROWS = 1000
"""How many rows of a streamed dataset are counted: enough to see that something is supervised."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """Counts of one split. The tuples run over `TOKEN_KINDS`."""

    name: str
    max_length: int | None
    fates: Mapping[RowStatus, int]
    tokens: tuple[int, ...]
    """Tokens in kept rows."""
    supervised: tuple[int, ...]
    """Those of them with a label and a weight above 0; the first token of a row never counts."""
    weight: tuple[float, ...]
    """Sum of the weights of supervised tokens."""

    @property
    def rows(self) -> int:
        """Rows kept, those that are cut included."""
        return sum(count for fate, count in self.fates.items() if fate.is_kept)

    @property
    def cut(self) -> int:
        """How many of the rows kept were cut to `max_length`."""
        return self.fates.get(RowStatus.CUT, 0)

    @property
    def dropped(self) -> Mapping[RowStatus, int]:
        """Rows dropped, by reason."""
        return {fate: count for fate, count in self.fates.items() if not fate.is_kept and count}

    def table(self) -> str:
        """The counts as text."""
        whole = sum(self.tokens) or 1
        lines = [
            f"{self.name}: {self.rows:,} of {sum(self.fates.values()):,} rows kept at max_length {self.max_length}",
            f"  {'span':<11}{'tokens':>12}{'share':>8}{'supervised':>12}{'mean weight':>13}",
        ]
        for kind, tokens, supervised, weight in zip(
            TOKEN_KINDS, self.tokens, self.supervised, self.weight, strict=True
        ):
            mean = weight / tokens if tokens else 0.0
            lines.append(f"  {kind:<11}{tokens:>12,}{tokens / whole:>8.1%}{supervised:>12,}{mean:>13.3f}")
        if self.cut:
            lines.append(f"  shortened {self.cut:,}: {RowStatus.CUT.reason}")
        lines += [f"  dropped {count:,}: {fate.reason}" for fate, count in sorted(self.dropped.items())]
        return "\n".join(lines)

    def require_supervision(self) -> None:
        """Refuse a split in which no token is trained on.

        Raises:
            DataError: with what became of the rows.
        """
        if sum(self.supervised):
            return
        fates = "; ".join(f"{count} × {fate.reason}" for fate, count in self.dropped.items()) or "there are no rows"
        raise DataError(
            f"nothing in the {self.name} split would be trained on ({fates}): raise max_length (now "
            f"{self.max_length}), raise the span weights, or look at the rows"
        )


def count_rows(dataset: Any, name: str, max_length: int | None) -> Preflight:
    """Count a tokenised dataset that still has its `fate` column; of a streamed one, its first rows only."""
    if is_streamed(dataset):
        dataset, name = dataset.take(_STREAMED_ROWS), f"{name} (streamed; first {_STREAMED_ROWS} rows)"
    size = len(TOKEN_KINDS)
    fates: Counter[RowStatus] = Counter()
    tokens: Any = np.zeros(size, int)
    supervised: Any = np.zeros(size, int)
    weight: Any = np.zeros(size)
    for batch in dataset.with_format("arrow").iter(1000):
        fate = batch["fate"].to_numpy()
        fates.update(RowStatus(value) for value in fate)
        kept = TokenColumns.from_table(batch.filter(np.isin(fate, KEPT)))
        counts = kept.supervised
        for kind in range(size):
            of_kind = kept.token_kinds == kind
            tokens[kind] += of_kind.sum()
            supervised[kind] += (of_kind & counts).sum()
            weight[kind] += kept.loss_weights[of_kind & counts].sum(dtype=float)
    return Preflight(name, max_length, fates, *(tuple(values.tolist()) for values in (tokens, supervised, weight)))
