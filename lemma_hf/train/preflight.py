"""What will be trained on, and what was dropped? The table that is printed before step 0."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lemma_hf.errors import DataError
from lemma_hf.train.prepare import Fate
from lemma_hf.train.tokens import IGNORED, TOKEN_KINDS

STREAMED_ROWS = 1000
"""How many rows of a streamed dataset are counted: enough to see that something is supervised."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """Counts of one split. The tuples run over `TOKEN_KINDS`."""

    name: str
    max_length: int | None
    fates: Mapping[Fate, int]
    tokens: tuple[int, ...]
    """Tokens in kept rows."""
    supervised: tuple[int, ...]
    """Those of them with a label and a weight above 0; the first token of a row never counts."""
    weight: tuple[float, ...]
    """Sum of the weights of supervised tokens."""

    @property
    def rows(self) -> int:
        """Rows kept."""
        return self.fates.get(Fate.KEPT, 0)

    @property
    def dropped(self) -> Mapping[Fate, int]:
        """Rows dropped, by reason."""
        return {fate: count for fate, count in self.fates.items() if fate is not Fate.KEPT and count}

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


def survey(dataset: Any, name: str, max_length: int | None) -> Preflight:
    """Count a tokenised dataset that still has its `fate` column; of a streamed one, its first rows only."""
    from datasets import IterableDataset

    if isinstance(dataset, IterableDataset):
        dataset, name = dataset.take(STREAMED_ROWS), f"{name} (streamed; first {STREAMED_ROWS} rows)"
    size = len(TOKEN_KINDS)
    fates: Counter[Fate] = Counter()
    tokens: Any = np.zeros(size, int)
    supervised: Any = np.zeros(size, int)
    weight: Any = np.zeros(size)
    for batch in dataset.with_format("arrow").iter(1000):
        fate = batch["fate"].to_numpy()
        fates.update(Fate(value) for value in fate)
        kept = batch.filter(fate == Fate.KEPT).combine_chunks()
        lengths = kept["labels"].combine_chunks().value_lengths().to_numpy()
        labels, weights, kinds = (_flat(kept[column]) for column in ("labels", "loss_weights", "token_kinds"))
        counts = (labels != IGNORED) & (weights > 0)
        counts[np.cumsum(lengths) - lengths] = False
        tokens += np.bincount(kinds, minlength=size)
        supervised += np.bincount(kinds[counts], minlength=size)
        weight += np.bincount(kinds[counts], weights=weights[counts], minlength=size)
    return Preflight(name, max_length, fates, *(tuple(values.tolist()) for values in (tokens, supervised, weight)))


def _flat(column: Any) -> Any:
    return column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
