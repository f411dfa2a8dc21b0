"""Collation: the weights, kinds and rows of tokens in a batch, padded or flattened as the labels are."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling
from trl.trainer.utils import pad

from lemma_hf.train.kinds import DEFAULT_WEIGHTS, IGNORED, PROMPT, REASONING, weights_by_number

CARRIED = {"loss_weights": torch.float32, "token_kinds": torch.int64}
"""The columns that a batch holds beyond TRL's own; both are 0 where a batch is padded."""
ROW_OF_TOKEN = "row_of_token"
"""Which row of its batch a token is from. Evaluation on several ranks repeats rows to fill the last batches."""


@dataclass
class LemmaCollator(DataCollatorForLanguageModeling):
    """TRL's collator, plus weights (float32), kinds and rows of tokens (int64) in the shape of `labels`, (B, T).

    Rows without `token_kinds` are reasoning where they have a label; without `loss_weights` the kinds decide. So rows
    of `input_ids` and `labels` alone are taken too, by hand or in `predict`.
    """

    kind_weights: Sequence[float] = weights_by_number(DEFAULT_WEIGHTS)
    """The weight of each number in a `token_kinds` column."""

    @classmethod
    def from_collator(cls, collator: DataCollatorForLanguageModeling, kind_weights: Sequence[float]) -> "LemmaCollator":
        """A collator with the settings of one of TRL's."""
        return cls(**{item.name: getattr(collator, item.name) for item in fields(collator)}, kind_weights=kind_weights)

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """Collate rows that have `input_ids`, and perhaps the other columns of `train.columns`."""
        batch = super().torch_call(examples)
        complete = [self._complete(example) for example in examples]
        for name, dtype in CARRIED.items():
            batch[name] = self._shaped_as_labels([torch.as_tensor(row[name], dtype=dtype) for row in complete])
        rows = [torch.full((len(row["token_kinds"]),), number) for number, row in enumerate(complete)]
        batch[ROW_OF_TOKEN] = self._shaped_as_labels(rows)
        return batch

    def _complete(self, row: dict[str, Any]) -> dict[str, Any]:
        """The weights and kinds of one row, those of its labels where it has none."""
        kinds = row.get("token_kinds")
        if kinds is None:
            kinds = [PROMPT if label == IGNORED else REASONING for label in row.get("labels", row["input_ids"])]
        weights = row.get("loss_weights")
        if weights is None:
            weights = [self.kind_weights[int(kind)] for kind in kinds]
        return {"token_kinds": kinds, "loss_weights": weights}

    def _shaped_as_labels(self, rows: list[torch.Tensor]) -> torch.Tensor:
        rows = [torch.cat(rows)] if self.padding_free else rows
        return pad(rows, padding_value=0, padding_side="right", pad_to_multiple_of=self.pad_to_multiple_of)
