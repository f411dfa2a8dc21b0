"""Losses and gradients, against the stock trainer and against arithmetic written here without it."""

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from small_worlds import ONES, difference, reference, with_random_weights
from trl import SFTConfig, SFTTrainer

CLOSE = 2e-6
MODES = {
    "plain": {},
    "accumulation": {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4},
    "several epochs": {"per_device_train_batch_size": 3, "max_steps": 5},
    "bfd": {"packing": True, "per_device_train_batch_size": 2},
    "bfd_split": {"packing": True, "packing_strategy": "bfd_split", "per_device_train_batch_size": 2},
    "bfd, shuffled": {"packing": True, "shuffle_dataset": True, "per_device_train_batch_size": 1},
    "padding-free": {"padding_free": True, "max_length": None, "per_device_train_batch_size": 4},
    "checkpointing": {"gradient_checkpointing": True},
    "no max_length": {"max_length": None},
    "multiple of 16": {"pad_to_multiple_of": 16},
    "shuffled": {"shuffle_dataset": True, "per_device_train_batch_size": 2},
    "bf16": {"bf16": True},
    "local mean": {"average_tokens_across_devices": False},
}


@pytest.mark.parametrize("mode", MODES)
def test_with_all_weights_one_it_is_the_stock_trainer_to_the_last_bit(one_step, plain_rows, mode):
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=plain_rows, **MODES[mode])
    ours = one_step(**ONES, **MODES[mode])
    assert difference(ours.gradients, stock.gradients) == 0.0
    assert ours.loss == stock.loss
    assert ours.log["entropy"] == stock.log["entropy"]


def test_rows_as_long_as_max_length_are_neither_cut_nor_dropped(one_step, plain_rows, make_trainer):
    longest = max(len(row["input_ids"]) for row in make_trainer().train_dataset)
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=plain_rows, max_length=longest)
    ours = one_step(**ONES, max_length=longest)
    assert len(ours.trainer.train_dataset) == 8
    assert difference(ours.gradients, stock.gradients) == 0.0
    # One token less, and the stock trainer cuts a row that this one drops: the comparison above can fail.
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=plain_rows, max_length=longest - 1)
    ours = one_step(**ONES, max_length=longest - 1)
    assert len(ours.trainer.train_dataset) < 8
    assert difference(ours.gradients, stock.gradients) > 1e-3


def without_error_labels(make_trainer) -> Dataset:
    """Token rows for the stock trainer, with the label -100 on every token of an error."""

    def labels(row):
        return [-100 if kind == 2 else label for kind, label in zip(row["token_kinds"], row["labels"], strict=True)]

    prepared = make_trainer().train_dataset
    return Dataset.from_list([{"input_ids": row["input_ids"], "labels": labels(row)} for row in prepared])


@pytest.mark.parametrize("mode", ["plain", "accumulation", "bfd", "padding-free"])
def test_weight_0_is_label_minus_100(one_step, make_trainer, mode):
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=without_error_labels(make_trainer), **MODES[mode])
    ours = one_step(error_weight=0.0, **MODES[mode])
    assert difference(ours.gradients, stock.gradients) < CLOSE
    assert ours.loss == pytest.approx(stock.loss, rel=1e-6)
    unmasked = one_step(error_weight=1.0, **MODES[mode])
    assert difference(unmasked.gradients, stock.gradients) > 1e-3


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"per_device_train_batch_size": 1, "gradient_accumulation_steps": 8},
        {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4},
        {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2},
        {"packing": True},
        {"packing": True, "packing_strategy": "bfd_split", "max_length": 512},
        {"padding_free": True, "max_length": None},
        {"gradient_checkpointing": True},
    ],
    ids=str,
)
def test_random_weights_give_the_weighted_mean_over_the_window(one_step, make_trainer, make_model, options):
    weighted = with_random_weights(list(make_trainer().train_dataset))
    ours = one_step(train=Dataset.from_list(weighted), **options)
    loss, gradients = reference(make_model(), weighted)
    assert ours.loss == pytest.approx(loss, rel=1e-6)
    assert difference(ours.gradients, gradients) < CLOSE


def test_the_comparison_sees_weights_that_are_one_token_off(one_step, make_trainer, make_model):
    weighted = with_random_weights(list(make_trainer().train_dataset))
    ours = one_step(train=Dataset.from_list(weighted))
    _, gradients = reference(make_model(), weighted, shift=0)
    assert difference(ours.gradients, gradients) > 1e-3


def test_the_comparison_sees_a_mean_of_batch_means(one_step, make_trainer, make_model):
    weighted = with_random_weights(list(make_trainer().train_dataset))
    ours = one_step(train=Dataset.from_list(weighted), per_device_train_batch_size=1, gradient_accumulation_steps=8)
    each = [reference(make_model(), [row])[0] for row in weighted]
    assert abs(ours.loss - sum(each) / len(each)) > 1e-4


def test_only_the_ratios_of_weights_matter(one_step):
    once = one_step(error_weight=0.5, reflection_weight=2.0)
    thrice = one_step(reasoning_weight=3.0, error_weight=1.5, reflection_weight=6.0, correction_weight=3.0)
    assert difference(once.gradients, thrice.gradients) < CLOSE
    assert once.loss == pytest.approx(thrice.loss, rel=1e-6)


def test_a_batch_without_any_weight_has_the_loss_0_and_finite_gradients(make_trainer):
    trainer = make_trainer()
    batch = trainer.data_collator([trainer.train_dataset[index] for index in range(2)])
    batch["loss_weights"] = torch.zeros_like(batch["loss_weights"])
    trainer.model.train()
    loss = trainer.compute_loss(trainer.model, batch)
    loss.backward()
    assert loss.item() == 0.0
    assert all(p.grad is not None and p.grad.abs().sum() == 0 for p in trainer.model.parameters())


@pytest.fixture
def lora():
    return lambda: LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=True)


def test_lora_adapters_get_the_stock_gradients_with_ones_and_the_weighted_ones_otherwise(
    one_step, plain_rows, make_trainer, make_model, lora
):
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=plain_rows, peft_config=lora())
    assert difference(one_step(**ONES, peft_config=lora()).gradients, stock.gradients) == 0.0
    weighted = with_random_weights(list(make_trainer().train_dataset))
    ours = one_step(train=Dataset.from_list(weighted), peft_config=lora())
    torch.manual_seed(42)  # the trainer's own seed, with which it makes the adapters
    _, gradients = reference(get_peft_model(make_model(), lora()), weighted)
    assert difference(ours.gradients, gradients) < CLOSE


def test_prompt_tuning_widens_the_log_probabilities_and_the_weights_stay_beside_their_tokens(
    one_step, plain_rows, make_trainer
):
    def prompts():
        return PromptTuningConfig(num_virtual_tokens=5, task_type="CAUSAL_LM")

    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=plain_rows, peft_config=prompts())
    assert difference(one_step(**ONES, peft_config=prompts()).gradients, stock.gradients) == 0.0
    masked = without_error_labels(make_trainer)
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=masked, peft_config=prompts())
    assert difference(one_step(peft_config=prompts()).gradients, stock.gradients) < CLOSE


def test_a_streamed_dataset_gives_the_same_step(one_step, rows):
    listed = one_step(reflection_weight=2.0)
    streamed = one_step(train=rows.to_iterable_dataset(), reflection_weight=2.0)
    assert difference(listed.gradients, streamed.gradients) < CLOSE
    assert "streamed" in streamed.trainer.preflight["train"].name


def test_the_eval_loss_is_the_weighted_mean_of_its_batch(make_trainer, make_model):
    trainer = make_trainer(reflection_weight=3.0, eval_dataset=None, per_device_eval_batch_size=8)
    found = trainer.evaluate(trainer.train_dataset)
    loss, _ = reference(make_model(), list(trainer.train_dataset))
    assert found["eval_loss"] == pytest.approx(loss, rel=1e-6)


def test_a_run_that_was_stopped_goes_on_to_the_same_weights(make_trainer, tmp_path):
    options = {"max_steps": 4, "per_device_train_batch_size": 2, "learning_rate": 1e-2, "save_strategy": "steps"}
    options |= {"save_steps": 2, "reflection_weight": 2.0, "gradient_accumulation_steps": 1}
    through = make_trainer(**options)
    through.train()
    resumed = make_trainer(**options)
    resumed.train(resume_from_checkpoint=str(tmp_path / "out" / "checkpoint-2"))
    pairs = zip(through.model.parameters(), resumed.model.parameters(), strict=True)
    assert max((one - other).abs().max().item() for one, other in pairs) == 0.0
