"""Fixtures: the rows, the tokenizers, a Llama of 2 layers, a trainer of it, and one optimizer step."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from datasets import Dataset, disable_progress_bars
from small_worlds import BARE, ROWS, TOKENIZERS, KeepGradients

from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer
from lemma_hf.train.scratch import small_llama

TRAINER_OPTIONS = ("eval_dataset", "peft_config", "compute_metrics", "formatting_func")
"""Of the trainer; all others are of the configuration."""

disable_progress_bars()
# Matrices of 32 columns gain nothing from threads, and lose much where other work keeps the cores busy.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def rows() -> Dataset:
    return Dataset.from_list(ROWS)


@pytest.fixture(scope="session")
def plain_rows() -> Dataset:
    """What the stock trainer is given: the same text, without spans."""
    return Dataset.from_list([{"prompt": row["prompt"], "completion": row["completion"]} for row in ROWS])


@pytest.fixture(scope="session")
def tokenizer_named():
    made = {}

    def get(name: str):
        if name not in made:
            made[name] = TOKENIZERS[name]()
        return made[name]

    return get


@pytest.fixture(scope="session")
def tokenizer(tokenizer_named):
    return tokenizer_named("byte_level")


@pytest.fixture(scope="session")
def make_model(tokenizer):
    """The same small Llama each time: 2 layers, 32 wide."""
    return lambda: small_llama(tokenizer, hidden_size=32, layers=2, heads=2, max_length=512)


@pytest.fixture
def make_trainer(tmp_path: Path, tokenizer, make_model, rows):
    """A trainer with few frills; options are those of the configuration, or of the trainer where it names them."""

    def make(trainer=LemmaSFTTrainer, config=LemmaSFTConfig, train=rows, model=None, callbacks=(), **options):
        named = {name: options.pop(name) for name in TRAINER_OPTIONS if name in options}
        named["processing_class"] = options.pop("processing_class", tokenizer)
        args = config(output_dir=str(tmp_path / "out"), **(BARE | options))
        return trainer(model or make_model(), args, train_dataset=train, callbacks=list(callbacks), **named)

    return make


@pytest.fixture
def one_step(make_trainer):
    """Train one optimizer step; gives its `loss`, `gradients`, `log` and the `trainer`."""

    def run(**options):
        keep = KeepGradients()
        trainer = make_trainer(callbacks=[keep], **options)
        trainer.train()
        log = trainer.state.log_history[0]
        return SimpleNamespace(loss=log["loss"], gradients=keep.gradients, log=log, trainer=trainer)

    return run
