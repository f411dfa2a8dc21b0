"""Training by reward: the model's own answers, rewarded where they are right, with TRL's `GRPOTrainer`."""

from pathlib import Path
from typing import Any

from lemma_hf.experiments.miniature._settings import GROUP, MiniatureSettings
from lemma_hf.experiments.miniature._student import trained, trainer_arguments


def train_by_reward(
    model: Any, tokenizer: Any, rows: Any, folder: Path, settings: MiniatureSettings, *, seed: int
) -> dict[str, Any]:
    """Train for a fixed number of updates on the model's own answers to the problems of rows, and save the model.

    The reward is `accuracy_reward`. `self_correction_reward` would be the same one: it knows turns of English text
    alone, and no `!`.

    Returns:
        `updates`, `samples` (answers), `tokens` (of these with their questions) and `seconds`.
    """
    from trl import GRPOConfig, GRPOTrainer

    from lemma_hf.train.rewards import accuracy_reward

    lesson = settings.by_reward
    config = GRPOConfig(
        **trainer_arguments(folder, settings, lesson, seed),
        per_device_train_batch_size=lesson.size,
        num_generations=GROUP,
        max_completion_length=settings.longest_trained,
    )
    questions = rows.select_columns(["prompt", "reference_answer"]).rename_column("reference_answer", "solution")
    trainer = GRPOTrainer(
        model=model, reward_funcs=accuracy_reward, args=config, train_dataset=questions, processing_class=tokenizer
    )
    facts = trained(trainer)
    tokens = round(trainer.state.num_input_tokens_seen)
    return facts | {"samples": lesson.updates * lesson.size, "tokens": tokens}
