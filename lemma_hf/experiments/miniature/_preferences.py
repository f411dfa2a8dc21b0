"""Training on pairs of steps: at each mistake the step put right against the wrong one, with TRL's `DPOTrainer`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lemma_hf.data.export import StepPair, step_pairs
from lemma_hf.data.rows import row_to_trajectory
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.experiments.miniature._student import trained, trainer_arguments
from lemma_hf.world.sums import SUMS


def train_on_pairs(
    model: Any, tokenizer: Any, rows: Any, folder: Path, settings: MiniatureSettings, *, seed: int
) -> dict[str, Any]:
    """Train for a fixed number of updates on the pairs of steps in LEMMA's rows, and save the model.

    Returns:
        `updates`, `samples` (pairs), `tokens` (of both steps, each with what stands before it) and `seconds`.
    """
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    lesson = settings.on_pairs
    config = DPOConfig(
        **trainer_arguments(folder, settings, lesson, seed),
        beta=settings.pairs_beta,
        max_length=settings.block,
        per_device_train_batch_size=lesson.size,
        include_num_input_tokens_seen="non_padding",
    )
    pairs = Dataset.from_list(pairs_of(rows))
    trainer = DPOTrainer(model=model, args=config, train_dataset=pairs, processing_class=tokenizer)
    trainer.train_dataset = trainer.train_dataset.map(
        _without_end_token, fn_kwargs={"end_token": tokenizer.eos_token_id}
    )
    facts = trained(trainer)
    tokens = round(trainer.state.num_input_tokens_seen)
    return facts | {"samples": lesson.updates * lesson.size, "tokens": tokens}


def pairs_of(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The pairs of steps in rows as `DPOTrainer` takes them; the prompt holds the right steps so far."""
    found = []
    for row in rows:
        for pair in step_pairs(row_to_trajectory(row), split=SUMS.split):
            if isinstance(pair, StepPair):
                found.append({"prompt": row["prompt"] + pair.prefix, "chosen": pair.right, "rejected": pair.wrong})
    return found


def _without_end_token(row: Mapping[str, Any], end_token: int) -> dict[str, list[int]]:
    """The steps without the end token that the trainer puts behind each, for a solution goes on after a step."""
    names = ("chosen_ids", "rejected_ids")
    return {name: [token for token in row[name] if token != end_token] for name in names}
