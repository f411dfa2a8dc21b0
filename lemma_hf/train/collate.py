"""How do weights and kinds travel into a batch? Beside the labels, padded or flattened just as they are."""

from dataclasses import dataclass, fields
from typing import Any

import torch
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling
from trl.trainer.utils import pad

CARRIED = {"loss_weights": torch.float32, "token_kinds": torch.int64}
"""The columns that a batch holds beyond TRL's own; both are 0 where a batch is padded."""
ROW_OF_TOKEN = "row_of_token"
"""Which row of its batch a token is from. Evaluation on several ranks repeats rows to fill the last batches."""


@dataclass
class LemmaCollator(DataCollatorForLanguageModeling):
    """TRL's collator, plus weights (float32), kinds and rows of tokens (int64) in the shape of `labels`, (B, T)."""

    @classmethod
    def from_collator(cls, collator: DataCollatorForLanguageModeling) -> "LemmaCollator":
        """A collator with the settings of one of TRL's."""
        return cls(**{item.name: getattr(collator, item.name) for item in fields(collator)})

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """Collate rows that have the columns of `train.columns`."""
        batch = super().torch_call(examples)
        for name, dtype in CARRIED.items():
            batch[name] = self._beside_labels([torch.tensor(example[name], dtype=dtype) for example in examples])
        rows = [torch.full((len(example["labels"]),), number) for number, example in enumerate(examples)]
        batch[ROW_OF_TOKEN] = self._beside_labels(rows)
        return batch

    def _beside_labels(self, rows: list[torch.Tensor]) -> torch.Tensor:
        rows = [torch.cat(rows)] if self.padding_free else rows
        return pad(rows, padding_value=0, padding_side="right", pad_to_multiple_of=self.pad_to_multiple_of)
