"""The rows train as they are with the stock trainer of TRL, which knows nothing of spans."""

import math

import pytest
from datasets import load_dataset

from lemma_hf.train.scratch import bpe_tokenizer, small_llama


@pytest.mark.slow
def test_the_stock_sft_trainer_takes_the_folder_as_it_is(make_folder, tmp_path):
    from trl import SFTConfig, SFTTrainer

    rows = load_dataset(str(make_folder(tmp_path / "pens")), split="train", cache_dir=str(tmp_path / "cache"))
    tokenizer = bpe_tokenizer([row["prompt"] + row["completion"] for row in rows], vocabulary_size=300)
    settings = SFTConfig(
        str(tmp_path / "out"),
        max_steps=1,
        per_device_train_batch_size=2,
        use_cpu=True,
        bf16=False,
        report_to=[],
        save_strategy="no",
        logging_steps=1,
    )
    model = small_llama(tokenizer, hidden_size=16, layers=1, heads=2)
    trainer = SFTTrainer(model, settings, train_dataset=rows, processing_class=tokenizer)
    assert math.isfinite(trainer.train().training_loss)
    # The loss is on the completion only, and all of that.
    prepared = trainer.train_dataset[0]
    mask = (
        prepared["completion_mask"]
        if "completion_mask" in prepared
        else [label != -100 for label in prepared["labels"]]
    )
    seen = tokenizer.decode([token for token, on in zip(prepared["input_ids"], mask, strict=True) if on])
    assert seen == rows[0]["completion"] + tokenizer.eos_token
