"""Loss, accuracy and entropy of each kind of span, against a loop over plain logits."""

import pytest
import torch

from lemma_hf.train.curves import draw_curves
from lemma_hf.train.kinds import eval_prefixes
from lemma_hf.train.loss import KindFigures

KINDS = {1: "reasoning", 2: "error", 3: "reflection", 4: "correction"}


def by_hand(model, token_rows) -> dict[str, float]:
    """The mean over all labelled tokens of a kind: float64, full logits, one document at a time."""
    model, sums = model.double().eval(), {kind: [0.0, 0.0, 0.0, 0] for kind in KINDS}
    for row in token_rows:
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([row["input_ids"]])).logits[0, :-1].log_softmax(-1)
        for place, label in enumerate(row["labels"][1:]):
            if label != -100:
                of_kind = sums[row["token_kinds"][place + 1]]
                of_kind[0] -= logits[place, label].item()
                of_kind[1] += float(logits[place].argmax().item() == label)
                of_kind[2] -= (logits[place].exp() * logits[place]).sum().item()
                of_kind[3] += 1
    return {
        f"{KINDS[kind]}_{name}": values[index] / values[3]
        for kind, values in sums.items()
        for index, name in enumerate(("loss", "accuracy", "entropy"))
    }


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4},
        {"packing": True},
        {"error_weight": 0.3, "reflection_weight": 5.0},
    ],
    ids=str,
)
def test_the_figures_of_a_step_are_means_over_its_whole_window_whatever_the_weights(
    one_step, make_trainer, make_model, options
):
    expected = by_hand(make_model(), list(make_trainer().train_dataset))
    log = one_step(**options).log
    assert {name: log[name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_between_two_logs_the_figures_add_up(make_trainer, make_model):
    options = {"per_device_train_batch_size": 2, "max_steps": 4, "logging_steps": 4, "learning_rate": 0.0}
    trainer = make_trainer(**options)
    trainer.train()
    log = trainer.state.log_history[0]
    expected = by_hand(make_model(), list(trainer.train_dataset))
    assert {name: log[name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_what_was_logged_once_is_not_logged_again():
    figures = KindFigures()
    nll, hits, entropy = [0, 2.0, 0, 0, 6.0], [0, 1, 0, 0, 2], [0, 3.0, 0, 0, 1.0]
    labels, weighted, weight = [7, 4, 0, 0, 2], [0, 1.0, 0, 0, 9.0], [0, 2.0, 0, 0, 3.0]
    figures.add(torch.tensor([nll, hits, entropy, labels, weighted, weight]))
    assert figures.take() == {
        **{"reasoning_loss": 0.5, "reasoning_accuracy": 0.25, "reasoning_entropy": 0.75},
        **{"correction_loss": 3.0, "correction_accuracy": 1.0, "correction_entropy": 0.5},
        "loss": 2.0,  # (1 + 9) / (2 + 3)
    }
    assert figures.take() == {}


def test_evaluation_has_figures_of_its_own_that_do_not_leak_into_training(make_trainer, make_model, rows):
    some = rows.select([0, 1, 3])
    options = {"eval_strategy": "steps", "eval_steps": 1, "per_device_eval_batch_size": 2, "learning_rate": 0.0}
    trainer = make_trainer(eval_dataset=some, max_steps=2, **options)
    trainer.train()
    expected = by_hand(make_model(), list(trainer.eval_dataset))
    evaluations = [log for log in trainer.state.log_history if "eval_loss" in log]
    assert len(evaluations) == 2
    for log in evaluations:
        assert {name: log[f"eval_{name}"] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-9)
    expected = by_hand(make_model(), list(trainer.train_dataset))
    last = [log for log in trainer.state.log_history if "loss" in log][-1]
    assert {name: last[name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_a_kind_that_does_not_occur_has_no_figures(one_step, rows):
    log = one_step(train=rows.select([3, 7])).log
    assert "reasoning_loss" in log and not any(name.startswith(("error_", "reflection_", "prompt_")) for name in log)


def test_one_forward_a_batch_and_no_full_logits(make_trainer):
    trainer, calls = make_trainer(), []
    head = trainer.model.lm_head
    head.register_forward_hook(lambda *_: calls.append("full logits"))
    trainer.model.model.register_forward_hook(lambda *_: calls.append("backbone"))
    trainer.train()
    trainer.evaluate(trainer.train_dataset)
    assert calls == ["backbone", "backbone"]


def test_a_function_for_metrics_gets_the_plain_logits(make_trainer, rows):
    shapes = []

    def metrics(found):
        shapes.append(found.predictions.shape[-1])
        return {"one": 1.0}

    trainer = make_trainer(eval_dataset=rows, compute_metrics=metrics)
    found = trainer.evaluate()
    assert shapes == [trainer.model.config.vocab_size] and found["eval_one"] == 1.0
    assert found["eval_loss"] == pytest.approx(make_trainer(eval_dataset=rows).evaluate()["eval_loss"], rel=1e-6)


def test_each_eval_set_has_its_column_on_the_card_and_its_line_in_the_picture(make_trainer, rows, tmp_path):
    sets = {"easy": rows.select([3, 7]), "hard_ones": rows.select([0, 1])}
    trainer = make_trainer(eval_dataset=sets, eval_strategy="steps", eval_steps=1)
    trainer.train()
    assert eval_prefixes(trainer.state.log_history) == ["eval_easy_", "eval_hard_ones_"]
    trainer.create_model_card()
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "| evaluation easy loss, step 1 |" in card and "| evaluation hard_ones loss, step 1 |" in card
    assert draw_curves(trainer.state.log_history, tmp_path / "two.png").read_bytes().startswith(b"\x89PNG")


def test_the_model_and_its_card_carry_the_tag(make_trainer, tmp_path):
    trainer = make_trainer()
    assert "lemma" in trainer.model.model_tags
    trainer.create_model_card(model_name="small")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "- lemma" in card and "2503.17439" in card
    assert "## What it learned from" in card
