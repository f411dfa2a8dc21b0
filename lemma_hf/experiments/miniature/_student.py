"""Training of a student on rows, from scratch and then in an arm, both with the package's own trainer."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lemma_hf.experiments.miniature._arms import ARMS, STUDENT, Arm
from lemma_hf.experiments.miniature._settings import Lesson, MiniatureSettings
from lemma_hf.records import Problem, SpanKind
from lemma_hf.world.sums import ALPHABET, make_documents

if TYPE_CHECKING:
    from transformers import Trainer


def read_first_lessons(
    problems: Sequence[Problem], folder: Path, settings: MiniatureSettings, seed: int
) -> dict[str, Any]:
    """Train a student from scratch on right solutions, some of which show their work.

    Returns:
        What `train` returns.
    """
    from datasets import Dataset

    from lemma_hf.train.scratch import character_tokenizer, small_llama

    tokenizer = character_tokenizer(ALPHABET)
    model = small_llama(
        tokenizer, hidden_size=settings.width, layers=settings.layers, heads=settings.heads, seed=seed
    ).to(settings.device)
    documents = Dataset.from_list(make_documents(problems, settings.work_share, seed))
    return train(model, tokenizer, documents, folder, settings, arm=ARMS[STUDENT], lesson=settings.reading, seed=seed)


def train(
    model: Any,
    tokenizer: Any,
    rows: Any,
    folder: Path,
    settings: MiniatureSettings,
    *,
    arm: Arm,
    lesson: Lesson,
    seed: int,
) -> dict[str, Any]:
    """Train for a fixed number of updates on packed blocks, however many rows there are, and save the model.

    Returns:
        `updates`, `tokens` (trained on or read as a prompt) and `seconds`.
    """
    from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer

    config = LemmaSFTConfig(
        **trainer_arguments(folder, settings, lesson, seed),
        error_weight=arm.error_weight,
        error_scope=arm.error_scope,
        reflection_weight=arm.reflection_weight,
        packing=True,
        max_length=settings.block,
        per_device_train_batch_size=settings.blocks_at_once,
        gradient_accumulation_steps=lesson.size // settings.blocks_at_once,
    )
    trainer = LemmaSFTTrainer(model=model, args=config, train_dataset=rows, processing_class=tokenizer)
    return trained(trainer) | {"tokens": lesson.updates * lesson.size * settings.block}


def trainer_arguments(folder: Path, settings: MiniatureSettings, lesson: Lesson, seed: int) -> dict[str, Any]:
    """What the configurations of all trainers have in common."""
    on_gpu = settings.device == "cuda"
    return {
        "output_dir": str(folder),
        "max_steps": lesson.updates,
        "learning_rate": lesson.rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": min(50, lesson.updates // 5),  # the short lessons of a quick run would be nothing but warm-up
        "adam_beta2": 0.98,  # follows gradients that change fast, as they do in a model trained from nothing
        "weight_decay": 0.01,
        "gradient_checkpointing": False,
        "bf16": on_gpu,
        "use_cpu": not on_gpu,
        "seed": seed,
        "logging_steps": max(1, lesson.updates // 20),  # twenty points of a curve, however long it is
        "save_strategy": "no",
        "report_to": "none",
    }


def trained(trainer: "Trainer") -> dict[str, Any]:
    """Train and save the model.

    Returns:
        `updates` and `seconds`.
    """
    result = trainer.train()
    trainer.save_model()
    return {"updates": trainer.args.max_steps, "seconds": round(result.metrics["train_runtime"], 1)}


def losses_by_kind(
    model: Any, tokenizer: Any, rows: Any, folder: Path, settings: MiniatureSettings
) -> dict[str, float]:
    """Mean negative log-likelihood of a token, in nats, of each kind of span."""
    from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer

    on_gpu = settings.device == "cuda"
    config = LemmaSFTConfig(
        output_dir=str(folder),
        error_weight=1.0,
        max_length=settings.block,
        per_device_eval_batch_size=16,  # has no influence on the result
        bf16=on_gpu,
        use_cpu=not on_gpu,
        report_to="none",
    )
    trainer = LemmaSFTTrainer(
        model=model, args=config, train_dataset=rows, eval_dataset=rows, processing_class=tokenizer
    )
    metrics = trainer.evaluate()
    return {str(kind): metrics[f"eval_{kind}_loss"] for kind in SpanKind if f"eval_{kind}_loss" in metrics}


def load(folder: Path, settings: MiniatureSettings) -> tuple[Any, Any]:
    """Load a saved model and its tokenizer."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    # In float32, also on a GPU: the trainer casts as it goes.
    model = AutoModelForCausalLM.from_pretrained(folder).to(settings.device)
    return model, AutoTokenizer.from_pretrained(folder)
