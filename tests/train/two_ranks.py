"""Run on two CPU processes: trains in one mode after the other, and writes what came of each to `NAME.pt`.

`modes.json` in the folder holds the modes by name, see `Mode`. Under `accelerate launch` with a configuration of FSDP2
the model is sharded.
"""

import json
import logging
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import DistributedType
from datasets import Dataset, disable_progress_bars, load_dataset
from peft import LoraConfig
from small_worlds import BARE, KeepGradients
from transformers import AutoTokenizer, LlamaForCausalLM
from trl import SFTConfig, SFTTrainer

from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer
from lemma_hf.train.scratch import small_llama

disable_progress_bars()


@dataclass
class Mode:
    """One training."""

    rows: str
    """The file of rows in the folder; `eval_rows` likewise."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of the configuration."""
    eval_rows: str = ""
    streamed: bool = False
    """Whether `eval_rows` are streamed."""
    stock: bool = False
    """Whether TRL's own trainer is used."""
    lora: bool = False
    tied: bool = True
    """Whether embedding and head share their weights."""
    each_rank_its_own: bool = False
    """Whether each rank divides by its own weights: the mistake the tests must be able to see."""
    resume: str = ""
    """A checkpoint below the folder."""
    sharded_saves: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    """Set for this mode and all after it."""


def make_model(tokenizer: Any, tied: bool = True) -> Any:
    """The small Llama of the fixtures, or the same with a head of its own."""
    model = small_llama(tokenizer, hidden_size=32, layers=2, heads=2, max_length=512)
    if tied:
        return model
    model.config.tie_word_embeddings = False
    torch.manual_seed(0)
    return LlamaForCausalLM(model.config)


def make_lora() -> LoraConfig:
    return LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=True)


class LoadedFromCache(logging.Handler):
    """Counts how often `datasets` took prepared rows from its cache."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.getMessage().startswith("Loading cached processed dataset")


def shard_on_cpu() -> dict[str, Any]:
    """Have accelerate take the two CPU processes for two GPUs; gives the options that keep it so.

    accelerate 1.15 turns processes on GPUs (`MULTI_GPU` and its like) into FSDP, but leaves `MULTI_CPU` as it is, so
    that a model asked to be sharded would silently be trained by DDP. The rest works on CPU.
    """
    state = PartialState(cpu=True)
    assert state.distributed_type == DistributedType.MULTI_CPU
    state.distributed_type = DistributedType.MULTI_GPU
    return {"accelerator_config": {"use_configured_state": True}}


def full(tensors: Any) -> dict[str, torch.Tensor]:
    """Whole tensors, from shards where they are sharded, under the names of the bare model."""
    whole = {name: tensor.detach() for name, tensor in tensors}
    whole = {name: tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor for name, tensor in whole.items()}
    return {name.removeprefix("module."): tensor.clone() for name, tensor in whole.items()}


def read(folder: Path, file: str) -> Dataset | None:
    """The rows of a file, with a cache, which rows made in memory would not have."""
    if not file:
        return None
    return load_dataset("json", data_files=str(folder / file), cache_dir=str(folder / "cache"), split="train")


def of_all_ranks(value: Any) -> list[Any]:
    values = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(values, value)
    return values


def run(folder: Path, name: str, mode: Mode, options: dict[str, Any]) -> dict[str, Any]:
    os.environ.update(mode.environment)
    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
    kind, config = (SFTTrainer, SFTConfig) if mode.stock else (LemmaSFTTrainer, LemmaSFTConfig)
    args = config(output_dir=str(folder / name), **(BARE | mode.options | options))
    loaded = LoadedFromCache()
    log = logging.getLogger("datasets.arrow_dataset")
    log.setLevel(logging.INFO)
    log.addHandler(loaded)

    keep, seen = KeepGradients(), []
    held_out = read(folder, mode.eval_rows)
    trainer = kind(
        make_model(tokenizer, mode.tied),
        args,
        train_dataset=read(folder, mode.rows),
        eval_dataset=held_out.to_iterable_dataset() if held_out and mode.streamed else held_out,
        processing_class=tokenizer,
        peft_config=make_lora() if mode.lora else None,
        callbacks=[keep],
    )
    if mode.each_rank_its_own:
        args.average_tokens_across_devices = False
    if mode.sharded_saves:
        trainer.accelerator.state.fsdp_plugin.set_state_dict_type("SHARDED_STATE_DICT")
    collate = trainer.data_collator

    def watch(rows: list[dict[str, Any]]) -> Any:
        seen.append(sum(sum(row.get("loss_weights", ())) for row in rows))
        return collate(rows)

    trainer.data_collator = watch
    trainer.train(resume_from_checkpoint=str(folder / mode.resume) if mode.resume else None)
    trainer.save_model(folder / name / "model")
    log.removeHandler(loaded)
    prepared = {"fingerprint": trainer.train_dataset._fingerprint, "rows": len(trainer.train_dataset)}
    return {
        "type": trainer.accelerator.distributed_type.value,
        "sharded": any(hasattr(weight, "full_tensor") for weight in trainer.model.parameters()),
        "gradients": full(keep.gradients.items()),
        "weights": full(trainer.model.named_parameters()),
        "log": trainer.state.log_history,
        "ranks": of_all_ranks(prepared | {"weight": sum(seen), "from_cache": loaded.count}),
    }


def main(folder: Path) -> None:
    options = shard_on_cpu() if os.environ.get("FSDP_VERSION") == "2" else {}
    for name, mode in json.loads((folder / "modes.json").read_text("utf-8")).items():
        result = run(folder, name, Mode(**mode), options)
        if torch.distributed.get_rank() == 0:
            torch.save(result | {"world": torch.distributed.get_world_size()}, folder / f"{name}.pt")
    torch.distributed.barrier()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    # All is written. Taking the interpreter down, torch's threads on CPU abort the process once in a dozen runs under
    # FSDP ("terminate called without an active exception").
    sys.stdout.flush()
    os._exit(0)
