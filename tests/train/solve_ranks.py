"""Run by torchrun on two CPU processes: four steps with or without the callback, what came of it in one file a rank."""

import json
import sys
from pathlib import Path

import torch
from datasets import Dataset
from small_worlds import BARE, ROWS
from transformers import AutoTokenizer

from lemma_hf.records import Problem
from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer
from lemma_hf.train.scratch import small_llama
from lemma_hf.train.solve import SolveCallback


def main(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
    problems = [Problem(**problem) for problem in json.loads((folder / "problems.json").read_text("utf-8"))]
    weights = []
    for with_callback in (False, True):
        sizes = {"per_device_train_batch_size": 2, "max_steps": 4, "learning_rate": 1e-2}
        args = LemmaSFTConfig(output_dir=str(folder / "out"), **(BARE | sizes))
        model = small_llama(tokenizer, hidden_size=32, layers=2, heads=2, max_length=512)
        trainer = LemmaSFTTrainer(model, args, train_dataset=Dataset.from_list(ROWS), processing_class=tokenizer)
        if with_callback:
            callback = SolveCallback(trainer, problems, every=3, max_new_tokens=8, batch_size=2, examples=0)
            trainer.add_callback(callback)
        trainer.train()
        weights.append([parameter.detach().clone() for parameter in trainer.model.parameters()])
    result = {"items": [(item.problem.id, item.completion.text) for item in callback.items]}
    result["solves"] = [log for log in trainer.state.log_history if "solve_accuracy" in log]
    result["world"] = torch.distributed.get_world_size()
    result["same"] = all(torch.equal(one, other) for one, other in zip(*weights, strict=True))
    rank = torch.distributed.get_rank()
    if rank == 0:
        trainer.save_model(folder / "model")
    (folder / f"rank{rank}.json").write_text(json.dumps(result), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
