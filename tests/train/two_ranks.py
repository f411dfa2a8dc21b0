"""Run by torchrun on two CPU processes: one optimizer step with random weights, gradients written by the first rank."""

import json
import sys
from pathlib import Path

import torch
from datasets import Dataset
from small_worlds import BARE, KeepGradients
from transformers import AutoTokenizer

from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer
from lemma_hf.train.scratch import small_llama


def main(folder: Path, batch_size: int, accumulation: int) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
    rows = Dataset.from_list(json.loads((folder / "rows.json").read_text("utf-8")))
    sizes = {"per_device_train_batch_size": batch_size, "gradient_accumulation_steps": accumulation}
    args = LemmaSFTConfig(output_dir=str(folder / "out"), **(BARE | sizes))
    keep = KeepGradients()
    model = small_llama(tokenizer, hidden_size=32, layers=2, heads=2, max_length=512)
    trainer = LemmaSFTTrainer(model, args, train_dataset=rows, processing_class=tokenizer, callbacks=[keep])
    trainer.train()
    if trainer.is_world_process_zero():
        log = trainer.state.log_history[0]
        world = torch.distributed.get_world_size()
        torch.save({"gradients": keep.gradients, "log": log, "world": world}, folder / "step.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
