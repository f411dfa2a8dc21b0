"""What people do with a trainer besides `train`: predict, collate, a step by hand, rows and models of their own."""

import copy

import pytest
import torch
from datasets import Dataset
from small_worlds import ONES, difference, reference, with_random_weights
from trl import SFTConfig, SFTTrainer

from lemma_hf.errors import ConfigError

IDS = list(range(5, 17))
BARE_ROW = {"input_ids": IDS, "labels": [-100] * 4 + IDS[4:]}
SKIP = {"dataset_kwargs": {"skip_prepare_dataset": True}}


def test_the_collator_alone_takes_rows_of_input_ids_and_labels(make_trainer):
    batch = make_trainer(reasoning_weight=0.5).data_collator([BARE_ROW, {"input_ids": [5, 6], "labels": [5, 6]}])
    assert batch["token_kinds"].tolist() == [[0] * 4 + [1] * 8, [1, 1] + [0] * 10]
    assert batch["loss_weights"].tolist() == [[0] * 4 + [0.5] * 8, [0.5, 0.5] + [0] * 10]


def test_kinds_without_weights_get_the_weights_of_the_configuration(make_trainer):
    row = {"input_ids": [5, 6, 7], "labels": [5, 6, 7], "token_kinds": [1, 2, 4]}
    batch = make_trainer(error_weight=0.25, correction_weight=3.0).data_collator([row])
    assert batch["loss_weights"].tolist() == [[1, 0.25, 3]]


def test_predict_takes_rows_of_input_ids_and_labels(make_trainer, make_model):
    found = make_trainer().predict(Dataset.from_list([BARE_ROW]))
    loss, _ = reference(make_model(), [BARE_ROW | {"loss_weights": [1.0] * 12}])
    assert found.metrics["test_loss"] == pytest.approx(loss, rel=1e-6)


def test_one_step_by_hand(make_trainer, make_model):
    trainer = make_trainer(gradient_accumulation_steps=2)
    trainer.model.train()
    loss = trainer.training_step(trainer.model, trainer.data_collator([BARE_ROW]))
    expected, _ = reference(make_model(), [BARE_ROW | {"loss_weights": [1.0] * 12}])
    assert loss.item() == pytest.approx(expected / 2, rel=1e-6)  # half of a window of two


def test_rows_that_carry_all_columns_are_taken_without_preparation(one_step, make_trainer, make_model):
    weighted = with_random_weights(list(make_trainer().train_dataset))
    ours = one_step(train=Dataset.from_list(weighted), **SKIP)
    _, gradients = reference(make_model(), weighted)
    assert difference(ours.gradients, gradients) < 2e-6
    assert ours.trainer.preflight == {}


def test_rows_without_weights_that_are_not_prepared_give_the_stock_step(one_step):
    rows = Dataset.from_list([BARE_ROW, BARE_ROW | {"labels": IDS}])
    ours = one_step(train=rows, **SKIP)
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=rows, **SKIP)
    assert difference(ours.gradients, stock.gradients) == 0


def test_a_transform_that_gives_tokens_is_taken_without_preparation(one_step):
    rows = Dataset.from_list([{"number": 4}, {"number": 6}])

    def tokens(batch):
        ids = [IDS[:number] for number in batch["number"]]
        return {"input_ids": ids, "labels": ids}

    options = SKIP | {"remove_unused_columns": False}
    ours = one_step(train=rows.with_transform(tokens), **options)
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=rows.with_transform(tokens), **options)
    assert difference(ours.gradients, stock.gradients) == 0


@pytest.fixture
def without_loss_kwargs(make_model):
    """The small Llama, said to take no `num_items_in_batch`, as Gemma 3 and the Qwen-VLs say."""
    model = make_model()
    model.accepts_loss_kwargs = False
    return model


def test_a_model_that_takes_no_count_has_one_denominator_for_the_window(
    one_step, make_trainer, make_model, without_loss_kwargs, check_difference
):
    weighted = with_random_weights(list(make_trainer().train_dataset))
    window = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4}
    ours = one_step(train=Dataset.from_list(weighted), model=copy.deepcopy(without_loss_kwargs), **window)
    loss, gradients = reference(make_model(), weighted)
    against = "plain logits in float64, random weights"
    mode = "accumulation 2 × 4, a model with accepts_loss_kwargs=False"
    check_difference(mode, against, difference(ours.gradients, gradients), at_most=2e-6)
    assert ours.loss == pytest.approx(loss, rel=1e-6)


def test_there_the_stock_trainer_takes_a_mean_of_means(one_step, make_model, plain_rows, without_loss_kwargs, rows):
    window = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4}
    stock = {"trainer": SFTTrainer, "config": SFTConfig, "train": plain_rows}
    usual, departed = (one_step(**stock, **window, model=model) for model in (make_model(), without_loss_kwargs))
    assert difference(usual.gradients, departed.gradients) > 1e-3
    assert difference(one_step(**ONES, **window).gradients, usual.gradients) == 0


@pytest.mark.parametrize("calls", [0, 2])
def test_a_loss_that_is_not_made_of_one_weighted_call_is_refused(make_trainer, monkeypatch, calls):
    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        for _ in range(calls):
            model(**inputs, fused_lm_head=True)
        return model.model(**inputs).loss

    trainer = make_trainer()
    monkeypatch.setattr(SFTTrainer, "compute_loss", compute_loss)
    with pytest.raises(ConfigError, match=f"asked for the weighted log-probabilities {calls} times to make one loss"):
        trainer.compute_loss(trainer.model, trainer.data_collator([BARE_ROW]))


def test_the_models_own_loss_is_not_there_to_be_taken(make_trainer, monkeypatch):
    monkeypatch.setattr(SFTTrainer, "compute_loss", lambda self, model, inputs, *_: model(**inputs, fused_lm_head=True))
    trainer = make_trainer()
    outputs = trainer.compute_loss(trainer.model, trainer.data_collator([BARE_ROW]))
    assert outputs.loss is None and outputs["loss"] is None and isinstance(outputs.log_probs, torch.Tensor)
