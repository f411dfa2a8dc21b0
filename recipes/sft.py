"""Train a model on trajectories that contain a mistake, its reflection and its correction.

    accelerate launch recipes/sft.py --config recipes/configs/world.yaml
    accelerate launch recipes/sft.py --config recipes/configs/world.yaml --error_weight 1 --output_dir outputs/unmasked

The configuration above makes a tokenizer and a small Llama from scratch and trains it on the dataset that ships with
lemma-hf: no download, about two minutes on 2 cores. Every option of TRL's SFTConfig can be given, in the `sft:` section
of the file or behind the command. The model, its tokenizer and the checkpoints lie in --output_dir afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.settings import parse_settings, run_recipe


@dataclass
class ScriptSettings:
    """Which model learns from which rows."""

    dataset: str = field(
        default="lemma", metadata={"help": "A dataset's name, a folder, or a JSONL or Parquet file of rows."}
    )
    dataset_config: str = field(default="", metadata={"help": "Such as fix_and_continue; by default all rows."})
    train_split: str = field(default="train", metadata={"help": "A split or a slice of one, such as train[:95%%]."})
    eval_split: str = field(default="", metadata={"help": "Likewise, for eval_strategy; by default no evaluation."})
    model: str = field(default="", metadata={"help": "A folder with a model, or its name on the Hub."})
    scratch: bool = field(default=False, metadata={"help": "Make a tokenizer and a small Llama instead."})
    hidden_size: int = field(default=128, metadata={"help": "Width of the model from scratch."})
    layers: int = field(default=3, metadata={"help": "Layers of the model from scratch."})
    heads: int = field(default=4, metadata={"help": "Attention heads of the model from scratch."})
    vocabulary_size: int = field(default=1024, metadata={"help": "Tokens of the tokenizer from scratch."})
    lora_r: int = field(default=0, metadata={"help": "Rank of LoRA adapters on all linear layers; 0 trains all."})


def main() -> None:
    """Rows, model, training, and a table of what was learned."""
    from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer

    settings, config = parse_settings((ScriptSettings, LemmaSFTConfig), section="sft", description=__doc__)
    rows = load_rows(settings, settings.train_split)
    held_out = load_rows(settings, settings.eval_split) if settings.eval_split else None
    model, tokenizer = make_model(settings, config, rows)
    trainer = LemmaSFTTrainer(
        model,
        config,
        train_dataset=rows,
        eval_dataset=held_out,
        processing_class=tokenizer,
        peft_config=lora(settings.lora_r),
    )
    trainer.train(resume_from_checkpoint=config.resume_from_checkpoint)
    trainer.save_model(config.output_dir)
    if config.push_to_hub:
        trainer.push_to_hub()
    if trainer.is_world_process_zero():
        print(table(trainer.state.log_history), f"\nmodel and tokenizer: {config.output_dir}")


def load_rows(settings: ScriptSettings, split: str) -> Any:
    """The rows of a split, from the shipped dataset, a folder, a file or the Hub."""
    from datasets import load_dataset

    import lemma_hf  # noqa: F401 - registers the dataset "lemma"

    name, options = settings.dataset, {}
    if Path(name).is_file() or Path(name).suffix in {".jsonl", ".json", ".parquet"}:
        name, options = "lemma", {"data_files": name}
    try:
        return load_dataset(name, settings.dataset_config or None, split=split, **options)
    except (OSError, ValueError) as error:
        raise DataError(f"dataset {settings.dataset!r}, split {split!r}: {error}") from error


def make_model(settings: ScriptSettings, config: Any, rows: Any) -> tuple[Any, Any]:
    """A model, or the name of one that the trainer loads, and its tokenizer."""
    if settings.scratch == bool(settings.model):
        raise ConfigError("which model? Say either `model: NAME_OR_FOLDER` or `scratch: true`")
    if settings.scratch:
        from lemma_hf.train.scratch import bpe_tokenizer, small_llama

        texts = (row["prompt"] + row["completion"] for row in rows.select_columns(["prompt", "completion"]))
        tokenizer = bpe_tokenizer(texts, settings.vocabulary_size)
        size = {"hidden_size": settings.hidden_size, "layers": settings.layers, "heads": settings.heads}
        return small_llama(tokenizer, **size, max_length=config.max_length or 1024, seed=config.seed), tokenizer
    from transformers import AutoTokenizer

    try:
        return settings.model, AutoTokenizer.from_pretrained(settings.model)
    except (OSError, ValueError) as error:
        raise ConfigError(f"model {settings.model!r} cannot be loaded: {error}") from error


def lora(rank: int) -> Any:
    """LoRA on every linear layer but the head, with the usual scale of twice the rank; None for rank 0."""
    if not rank:
        return None
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")


def table(history: Sequence[Mapping[str, float]]) -> str:
    """Loss and accuracy of each kind of span, in the first log and in the last."""
    logs = [log for log in history if any(key.endswith("_accuracy") and "eval" not in key for key in log)]
    if not logs:
        return "no training steps were logged: lower logging_steps to see how each kind of span is learned"
    lines = [f"{'span':<12}{'loss':>18}{'accuracy':>20}"]
    for kind in ("reasoning", "error", "reflection", "correction"):
        seen = [log for log in logs if f"{kind}_loss" in log]
        if seen:
            loss, accuracy = ((seen[0][f"{kind}_{name}"], seen[-1][f"{kind}_{name}"]) for name in ("loss", "accuracy"))
            lines.append(f"{kind:<12}{loss[0]:>8.3f} → {loss[1]:>7.3f}{accuracy[0]:>9.1%} → {accuracy[1]:>7.1%}")
    return "\n".join(lines)


if __name__ == "__main__":
    run_recipe(main)
