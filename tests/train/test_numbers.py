"""Losses and gradients in every mode: against the stock trainer, and against arithmetic written here without it.

python -m pytest tests/train --differences      prints the table in docs/results/trainer.md
"""

import copy

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from small_worlds import ONES, ROWS, as_row, difference, reference, with_random_weights
from trl import SFTConfig, SFTTrainer

CLOSE = 2e-6
STOCK, REFERENCE = "stock SFTTrainer, weights of one", "plain logits in float64, random weights"
MODES = {
    "padded, 8 rows": {},
    "accumulation 1 × 8": {"per_device_train_batch_size": 1, "gradient_accumulation_steps": 8},
    "accumulation 2 × 4": {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4},
    "several epochs": {"per_device_train_batch_size": 3, "max_steps": 5},
    "packing bfd": {"packing": True, "per_device_train_batch_size": 2},
    "packing bfd_split": {"packing": True, "packing_strategy": "bfd_split", "per_device_train_batch_size": 2},
    "packing bfd, shuffled": {"packing": True, "shuffle_dataset": True, "per_device_train_batch_size": 1},
    "padding-free": {"padding_free": True, "max_length": None, "per_device_train_batch_size": 4},
    "gradient checkpointing": {"gradient_checkpointing": True},
    "no max_length": {"max_length": None},
    "padded to multiples of 16": {"pad_to_multiple_of": 16},
    "shuffled": {"shuffle_dataset": True, "per_device_train_batch_size": 2},
    "bf16 autocast": {"bf16": True},
    "mean of each rank": {"average_tokens_across_devices": False},
}
LORA = {"r": 4, "target_modules": "all-linear", "task_type": "CAUSAL_LM", "init_lora_weights": True}
ADAPTERS = {
    "LoRA": lambda: LoraConfig(**LORA),
    "prompt tuning": lambda: PromptTuningConfig(num_virtual_tokens=5, task_type="CAUSAL_LM"),
}


@pytest.fixture
def stock_step(one_step, plain_rows):
    """One step of TRL's own trainer."""

    def run(**options):
        return one_step(**({"trainer": SFTTrainer, "config": SFTConfig, "train": plain_rows} | options))

    return run


@pytest.fixture
def weighted(make_trainer):
    """The rows as tokens, with a random weight on each."""
    return with_random_weights(list(make_trainer().train_dataset))


@pytest.mark.parametrize("mode", MODES)
def test_with_all_weights_one_it_is_the_stock_trainer_to_the_last_bit(one_step, stock_step, check_difference, mode):
    stock, ours = stock_step(**MODES[mode]), one_step(**ONES, **MODES[mode])
    check_difference(mode, STOCK, difference(ours.gradients, stock.gradients), at_most=0)
    assert ours.loss == stock.loss
    assert ours.log["entropy"] == stock.log["entropy"]


@pytest.mark.parametrize("packing", [False, True])
def test_with_all_weights_one_a_streamed_dataset_gives_the_stock_step(one_step, stock_step, check_difference, packing):
    options = {"packing": packing, "per_device_train_batch_size": 1 if packing else 8}
    rows, plain = (Dataset.from_list(ROWS).to_iterable_dataset() for _ in range(2))
    stock = stock_step(train=plain.select_columns(["prompt", "completion"]), **options)
    ours = one_step(**ONES, train=rows, **options)
    difference_of_steps = difference(ours.gradients, stock.gradients)
    check_difference(f"iterable dataset{', packed' if packing else ''}", STOCK, difference_of_steps, at_most=0)
    assert "streamed" in ours.trainer.preflight["train"].name


# Right solutions, of which some are longer than 60 tokens: TRL cuts, splits or wraps these, and so does ours.
RIGHT = [as_row(number, [("reasoning", f" {number} + {number} = {2 * number}." * number)]) for number in range(1, 9)]
LONG_MODES = {
    "truncation, keep_start": {},
    "truncation, keep_end": {"truncation_mode": "keep_end"},
    "packing bfd, long rows": {"packing": True, "per_device_train_batch_size": 2},
    "packing bfd_split, long rows": {"packing": True, "packing_strategy": "bfd_split"},
    "packing wrapped": {"packing": True, "packing_strategy": "wrapped"},
}


@pytest.mark.parametrize("mode", LONG_MODES)
def test_rows_without_an_error_meet_max_length_as_they_do_in_trl(one_step, stock_step, check_difference, mode):
    options = LONG_MODES[mode] | {"max_length": 60}
    right = Dataset.from_list(RIGHT)
    stock = stock_step(train=right.select_columns(["prompt", "completion"]), **options)
    ours = one_step(**ONES, train=right, **options)
    check_difference(mode, STOCK, difference(ours.gradients, stock.gradients), at_most=0)
    assert ours.loss == stock.loss


def cut(token_rows: list[dict], part: slice) -> list[dict]:
    return [{name: values[part] for name, values in row.items()} for row in token_rows]


def wrapped(token_rows: list[dict], length: int) -> list[dict]:
    joined = {name: [value for row in token_rows for value in row[name]] for name in token_rows[0]}
    return [block for at in range(0, len(joined["labels"]), length) for block in cut([joined], slice(at, at + length))]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("truncation, keep_start", lambda rows: cut(rows, slice(60))),
        ("truncation, keep_end", lambda rows: cut(rows, slice(-60, None))),
        ("packing bfd, long rows", lambda rows: cut(rows, slice(60))),
        ("packing bfd_split, long rows", lambda rows: [part for row in rows for part in wrapped([row], 60)]),
        ("packing wrapped", lambda rows: wrapped(rows, 60)),
    ],
)
def test_random_weights_are_cut_and_packed_with_their_tokens(
    one_step, make_trainer, make_model, check_difference, mode, expected
):
    whole = with_random_weights(list(make_trainer(train=Dataset.from_list(RIGHT)).train_dataset))
    token_rows = [{name: row[name] for name in ("input_ids", "labels", "loss_weights")} for row in whole]
    options = {"per_device_train_batch_size": 32, "max_length": 60} | LONG_MODES[mode]
    ours = one_step(train=Dataset.from_list(token_rows), **options | {"per_device_train_batch_size": 32})
    loss, gradients = reference(make_model(), expected(token_rows))
    check_difference(mode, REFERENCE, difference(ours.gradients, gradients), at_most=CLOSE)
    assert ours.loss == pytest.approx(loss, rel=1e-6)


def test_rows_as_long_as_max_length_are_neither_cut_nor_dropped(one_step, stock_step, make_trainer):
    longest = max(len(row["input_ids"]) for row in make_trainer().train_dataset)
    stock, ours = stock_step(max_length=longest), one_step(**ONES, max_length=longest)
    assert len(ours.trainer.train_dataset) == 8
    assert difference(ours.gradients, stock.gradients) == 0.0
    # One token less, and the stock trainer cuts a row that this one drops: the comparison above can fail.
    stock, ours = stock_step(max_length=longest - 1), one_step(**ONES, max_length=longest - 1)
    assert len(ours.trainer.train_dataset) < 8
    assert difference(ours.gradients, stock.gradients) > 1e-3


def without_error_labels(make_trainer) -> Dataset:
    """Token rows for the stock trainer, with the label -100 on every token of an error."""

    def labels(row):
        return [-100 if kind == 2 else label for kind, label in zip(row["token_kinds"], row["labels"], strict=True)]

    prepared = make_trainer().train_dataset
    return Dataset.from_list([{"input_ids": row["input_ids"], "labels": labels(row)} for row in prepared])


@pytest.mark.parametrize("mode", ["padded, 8 rows", "accumulation 2 × 4", "packing bfd", "padding-free"])
def test_weight_0_is_label_minus_100(one_step, stock_step, make_trainer, check_difference, mode):
    stock = stock_step(train=without_error_labels(make_trainer), **MODES[mode])
    ours = one_step(error_weight=0.0, **MODES[mode])
    against = "stock SFTTrainer, errors labelled −100"
    check_difference(mode, against, difference(ours.gradients, stock.gradients), at_most=CLOSE)
    assert ours.loss == pytest.approx(stock.loss, rel=1e-6)
    unmasked = one_step(error_weight=1.0, **MODES[mode])
    check_difference(f"control: {mode}, unmasked", against, difference(unmasked.gradients, stock.gradients), above=1e-3)


WEIGHTED_MODES = {
    "padded, 8 rows": {},
    "accumulation 1 × 8": {"per_device_train_batch_size": 1, "gradient_accumulation_steps": 8},
    "accumulation 2 × 4": {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4},
    "accumulation 4 × 2": {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2},
    "packing bfd": {"packing": True},
    "packing bfd_split": {"packing": True, "packing_strategy": "bfd_split", "max_length": 512},
    "padding-free": {"padding_free": True, "max_length": None},
    "gradient checkpointing": {"gradient_checkpointing": True},
}


@pytest.mark.parametrize("mode", WEIGHTED_MODES)
@pytest.mark.parametrize("streamed", [False, True], ids=["", "streamed"])
def test_random_weights_give_the_weighted_mean_over_the_window(
    one_step, weighted, make_model, check_difference, mode, streamed
):
    rows = Dataset.from_list(weighted)
    ours = one_step(train=rows.to_iterable_dataset() if streamed else rows, **WEIGHTED_MODES[mode])
    loss, gradients = reference(make_model(), weighted)
    name = f"{mode}, iterable dataset" if streamed else mode
    check_difference(name, REFERENCE, difference(ours.gradients, gradients), at_most=CLOSE)
    assert ours.loss == pytest.approx(loss, rel=1e-6)


def test_the_comparison_sees_weights_that_are_one_token_off(one_step, weighted, make_model, check_difference):
    ours = one_step(train=Dataset.from_list(weighted))
    _, gradients = reference(make_model(), weighted, shift=0)
    off = difference(ours.gradients, gradients)
    check_difference("control: reference with weights one token early", REFERENCE, off, above=1e-3)


def test_the_comparison_sees_a_mean_of_batch_means(one_step, weighted, make_model, check_difference):
    ours = one_step(train=Dataset.from_list(weighted), **MODES["accumulation 1 × 8"])
    each = [reference(make_model(), [row]) for row in weighted]
    mean = {name: sum(gradients[name] for _, gradients in each) / len(each) for name in each[0][1]}
    off = difference(ours.gradients, mean)
    check_difference("control: reference as a mean of row means", REFERENCE, off, above=1e-4)
    assert abs(ours.loss - sum(loss for loss, _ in each) / len(each)) > 1e-4


def test_wrapped_documents_see_each_other_which_the_comparison_sees(
    one_step, make_trainer, make_model, check_difference
):
    whole = with_random_weights(list(make_trainer(train=Dataset.from_list(RIGHT)).train_dataset))
    token_rows = [{name: row[name] for name in ("input_ids", "labels", "loss_weights")} for row in whole]
    options = {"packing": True, "packing_strategy": "wrapped", "max_length": 512}
    ours = one_step(train=Dataset.from_list(token_rows), **options)
    _, apart = reference(make_model(), token_rows)
    off = difference(ours.gradients, apart)
    check_difference("control: wrapped, reference with documents apart", REFERENCE, off, above=1e-4)


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


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize("mode", ["padded, 8 rows", "accumulation 2 × 4"])
def test_adapters_get_the_stock_gradients_with_ones_and_the_weighted_ones_otherwise(
    one_step, stock_step, weighted, make_model, check_difference, name, mode
):
    adapter = ADAPTERS[name]
    stock = stock_step(peft_config=adapter(), **MODES[mode])
    ones = one_step(**ONES, peft_config=adapter(), **MODES[mode])
    check_difference(f"{name}, {mode}", STOCK, difference(ones.gradients, stock.gradients), at_most=0)
    ours = one_step(train=Dataset.from_list(weighted), peft_config=adapter(), **MODES[mode])
    torch.manual_seed(42)  # the trainer's own seed, with which it makes the adapters
    _, gradients = reference(get_peft_model(make_model(), adapter()), weighted)
    check_difference(f"{name}, {mode}", REFERENCE, difference(ours.gradients, gradients), at_most=CLOSE)


def test_prompt_tuning_masks_the_error_as_the_stock_trainer_masks_its_label(one_step, stock_step, make_trainer):
    masked = without_error_labels(make_trainer)
    stock = stock_step(train=masked, peft_config=ADAPTERS["prompt tuning"]())
    ours = one_step(peft_config=ADAPTERS["prompt tuning"]())
    assert difference(ours.gradients, stock.gradients) < CLOSE


def relative(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    return difference(one, other) / max(gradient.abs().max().item() for gradient in other.values())


def test_bf16_autocast_stays_within_the_rounding_of_bf16(one_step, weighted, make_model, check_difference):
    ours = one_step(train=Dataset.from_list(weighted), bf16=True)
    _, gradients = reference(make_model(), weighted)
    against = "the same, relative to the largest gradient"
    check_difference("bf16 autocast", against, relative(ours.gradients, gradients), at_most=2e-2)
    _, shifted = reference(make_model(), weighted, shift=0)
    check_difference("control: bf16, weights one token early", against, relative(ours.gradients, shifted), above=5e-2)


@pytest.mark.parametrize("batch_size", [8, 3, 1])
@pytest.mark.parametrize("packing", [False, True])
def test_the_eval_loss_is_the_weighted_mean_of_the_split_whatever_its_batches(
    make_trainer, weighted, make_model, check_difference, batch_size, packing
):
    trainer = make_trainer(per_device_eval_batch_size=batch_size, packing=packing)
    found = trainer.evaluate(Dataset.from_list(weighted))
    loss, _ = reference(make_model(), weighted)
    name = f"evaluation in batches of {batch_size}{', packed' if packing else ''}"
    check_difference(name, f"{REFERENCE} (loss)", abs(found["eval_loss"] - loss), at_most=1e-6)
    assert found["eval_correction_loss"] > 0 and "eval_prompt_loss" not in found


def test_the_eval_loss_of_one_batch_is_that_of_the_stock_trainer(make_trainer, plain_rows, rows, check_difference):
    stock = make_trainer(SFTTrainer, SFTConfig, plain_rows).evaluate(plain_rows)
    ours = make_trainer(**ONES).evaluate(rows)
    check_difference(
        "evaluation of one batch", f"{STOCK} (loss)", abs(ours["eval_loss"] - stock["eval_loss"]), at_most=1e-6
    )
    # In several batches the stock trainer takes the mean of their means, which is another number.
    several = {"per_device_eval_batch_size": 3}
    stock = make_trainer(SFTTrainer, SFTConfig, plain_rows, **several).evaluate(plain_rows)
    again = make_trainer(**ONES, **several).evaluate(rows)
    assert again["eval_loss"] == pytest.approx(ours["eval_loss"], rel=1e-6)
    assert abs(stock["eval_loss"] - ours["eval_loss"]) > 1e-4


def test_each_eval_split_has_its_own_loss_and_figures(make_trainer, rows):
    splits = {"easy": rows.select([3, 7]), "hard": rows.select([0, 1])}
    trainer = make_trainer(eval_dataset=splits, eval_strategy="epoch")
    found = trainer.evaluate()
    assert "eval_hard_error_loss" in found and "eval_easy_error_loss" not in found
    assert found["eval_easy_reasoning_loss"] == pytest.approx(found["eval_easy_loss"], rel=1e-6)


@pytest.mark.parametrize("mode", ["padded", "packed", "streamed"])
def test_a_run_stopped_in_the_middle_of_an_epoch_goes_on_to_the_same_weights(
    make_trainer, tmp_path, check_difference, mode
):
    # 8 rows, 2 a step (or 4 packed blocks, 1 a step): step 2 is in the middle of the first epoch, step 6 of the second.
    options = {"max_steps": 7, "per_device_train_batch_size": 2, "learning_rate": 1e-2, "save_strategy": "steps"}
    options |= {"save_steps": 2, "reflection_weight": 2.0, "lr_scheduler_type": "cosine"}
    options |= {"packing": True, "max_length": 200, "per_device_train_batch_size": 1} if mode == "packed" else {}
    rows = {"train": Dataset.from_list(ROWS).to_iterable_dataset()} if mode == "streamed" else {}
    through = make_trainer(**options, **copy.deepcopy(rows))
    through.train()
    # transformers takes a stream for one endless epoch, and finds its place again only in the first pass over it.
    for checkpoint in ("checkpoint-2",) if mode == "streamed" else ("checkpoint-2", "checkpoint-6"):
        resumed = make_trainer(**options, **copy.deepcopy(rows))
        resumed.train(resume_from_checkpoint=str(tmp_path / "out" / checkpoint))
        pairs = zip(through.model.parameters(), resumed.model.parameters(), strict=True)
        off = max((one - other).abs().max().item() for one, other in pairs)
        check_difference(f"resumed from {checkpoint}, {mode}", "weights of a run without a stop", off, at_most=0)
    untrained = make_trainer(**options, **copy.deepcopy(rows)).model
    pairs = zip(through.model.parameters(), untrained.parameters(), strict=True)
    assert max((one - other).abs().max().item() for one, other in pairs) > 1e-3
