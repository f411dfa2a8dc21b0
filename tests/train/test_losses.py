"""Unlikelihood of tokens with a weight below 0, and DFT, against plain logits in float64 and the stock trainer."""

import math

import pytest
import torch
from datasets import Dataset
from small_worlds import ONES, difference, reference, with_random_signs, with_random_weights
from test_numbers import CLOSE, MODES, REFERENCE, STOCK, WEIGHTED_MODES
from trl import SFTConfig, SFTTrainer

from lemma_hf.train.loss import log_unlikelihood

DFT = {"loss_type": "dft"}


@pytest.fixture
def weighted(make_trainer):
    """The rows as tokens, with a random weight from 0 to 2 on each."""
    return with_random_weights(list(make_trainer().train_dataset))


@pytest.mark.parametrize("mode", WEIGHTED_MODES)
def test_weights_below_0_are_unlikelihood(one_step, weighted, make_model, check_difference, mode):
    signed = with_random_signs(weighted)
    ours = one_step(train=Dataset.from_list(signed), **WEIGHTED_MODES[mode])
    loss, gradients = reference(make_model(), signed)
    against = "plain logits in float64, random weights of both signs"
    check_difference(mode, against, difference(ours.gradients, gradients), at_most=CLOSE)
    assert ours.loss == pytest.approx(loss, rel=1e-5)
    # Where the signs are lost, the comparison sees it.
    _, likelihood = reference(make_model(), weighted)
    check_difference(f"control: {mode}, signs lost", against, difference(ours.gradients, likelihood), above=1e-3)


def test_a_negative_weight_of_errors_unlearns_them_and_nothing_else(one_step, make_trainer, make_model):
    options = {"error_weight": -1.0, "error_scope": "mistake"}
    ours = one_step(**options)
    loss, gradients = reference(make_model(), list(make_trainer(**options).train_dataset))
    assert difference(ours.gradients, gradients) < CLOSE
    assert ours.loss == pytest.approx(loss, rel=1e-5)


def test_what_was_learned_of_wrong_steps_is_unlearned(make_trainer, make_model):
    def train(model, error_weight):
        # Errors alone, and a little of the turn, which is the same in all rows.
        rest = {"reasoning_weight": 0.0, "correction_weight": 0.0, "reflection_weight": 0.1}
        options = {"error_weight": error_weight, "max_steps": 20, "learning_rate": 1e-2} | rest
        trainer = make_trainer(model=model, **options)
        trainer.train()
        losses = [log["error_loss"] for log in trainer.state.log_history if "error_loss" in log]
        return losses[0], losses[-1]

    model = make_model()
    before, learned = train(model, 1.0)
    again, unlearned = train(model, -1.0)
    assert before > 5 and learned < 2 and again < 2 and unlearned > 4


@pytest.mark.parametrize("probability", [1e-30, 1e-9, 1e-3, 0.3, 0.5, 0.7, 0.99, 0.9999])
def test_log_unlikelihood_is_log_1_minus_p_with_its_slope(probability):
    log_prob = torch.tensor(math.log(probability), requires_grad=True)
    found = log_unlikelihood(log_prob)
    found.backward()
    exact = math.exp(log_prob.item())
    assert found.item() == pytest.approx(math.log1p(-exact), rel=1e-4)
    assert log_prob.grad.item() == pytest.approx(-exact / (1 - exact), rel=1e-3)


@pytest.mark.parametrize("log_prob", [0.0, -1e-9, -1e-7, -1e-5, -1000.0, float("-inf")])
def test_log_unlikelihood_is_finite_with_a_finite_slope_everywhere(log_prob):
    value = torch.tensor(log_prob, requires_grad=True)
    found = log_unlikelihood(value)
    found.backward()
    assert torch.isfinite(found) and torch.isfinite(value.grad)
    # At p = 1 the token is still pushed away, with the slope of 1 - p = 1e-5.
    assert value.grad.item() == (pytest.approx(-1e5, rel=1e-2) if log_prob > -1e-4 else 0)


def test_a_token_that_is_certain_gets_the_gradient_of_its_probability(make_model):
    # d(−log(1 − p)) / d logit = p: 1 for a token of p = 1, though the slope in log p has no bound.
    logits = torch.tensor([[9.0, 0.0, 0.0]], requires_grad=True)  # p = 0.9998
    loss = -log_unlikelihood(logits.log_softmax(-1)[:, 0]).sum()
    loss.backward()
    assert logits.grad[0, 0].item() == pytest.approx(logits.softmax(-1)[0, 0].item(), rel=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_dft_with_all_weights_one_is_the_stock_trainers_to_the_last_bit(one_step, plain_rows, check_difference, mode):
    stock = one_step(trainer=SFTTrainer, config=SFTConfig, train=plain_rows, **DFT, **MODES[mode])
    ours = one_step(**ONES, **DFT, **MODES[mode])
    check_difference(f"dft, {mode}", STOCK, difference(ours.gradients, stock.gradients), at_most=0)
    assert ours.loss == stock.loss


@pytest.mark.parametrize("mode", WEIGHTED_MODES)
def test_dft_with_weights(one_step, weighted, make_model, check_difference, mode):
    ours = one_step(train=Dataset.from_list(weighted), **DFT, **WEIGHTED_MODES[mode])
    loss, gradients = reference(make_model(), weighted, dft=True)
    check_difference(f"dft, {mode}", REFERENCE, difference(ours.gradients, gradients), at_most=CLOSE)
    assert ours.loss == pytest.approx(loss, rel=1e-5)
    _, without = reference(make_model(), weighted)
    check_difference(f"control: dft, {mode}, without p", REFERENCE, difference(ours.gradients, without), above=1e-3)


def test_the_configuration_still_says_dft_after_a_step(one_step):
    assert one_step(**DFT).trainer.args.loss_type == "dft"


@pytest.mark.parametrize("loss_type", ["nll", "dft"])
@pytest.mark.parametrize("packing", [False, True])
def test_the_eval_loss_is_that_of_the_split_whatever_its_batches(
    make_trainer, weighted, make_model, loss_type, packing
):
    rows = with_random_signs(weighted) if loss_type == "nll" else weighted
    trainer = make_trainer(per_device_eval_batch_size=3, packing=packing, loss_type=loss_type)
    found = trainer.evaluate(Dataset.from_list(rows))["eval_loss"]
    loss, _ = reference(make_model(), rows, dft=loss_type == "dft")
    assert found == pytest.approx(loss, rel=1e-5)
