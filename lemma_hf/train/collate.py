"""How do weights and kinds travel into a batch? Beside the labels, padded or flattened just as they are."""

from dataclasses import dataclass, fields
from typing import Any

import torch
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling
from trl.trainer.utils import pad

CARRIED = {"loss_weights": torch.float32, "token_kinds": torch.int64}
"""What a batch holds beyond TRL's own; both are 0 where a batch is padded."""


@dataclass
class LemmaCollator(DataCollatorForLanguageModeling):
    """TRL's collator, plus `loss_weights` (float32) and `token_kinds` (int64) in the shape of `labels`, (B, T)."""

    @classmethod
    def like(cls, collator: DataCollatorForLanguageModeling) -> "LemmaCollator":
        """A collator with the settings of one of TRL's."""
        return cls(**{item.name: getattr(collator, item.name) for item in fields(collator)})

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """Collate rows that have the columns of `train.prepare`."""
        batch = super().torch_call(examples)
        for name, dtype in CARRIED.items():
            rows = [torch.tensor(example[name], dtype=dtype) for example in examples]
            rows = [torch.cat(rows)] if self.padding_free else rows
            batch[name] = pad(rows, padding_value=0, padding_side="right", pad_to_multiple_of=self.pad_to_multiple_of)
        return batch
