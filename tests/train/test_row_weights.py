"""Weights that rows bring, one a row or one a token, above 0 and below."""

import pytest
from datasets import Dataset
from small_worlds import ROWS, as_row, difference, reference

from lemma_hf.errors import DataError
from lemma_hf.train.truncation import RowStatus

TOKENS = {"input_ids": [5, 9, 7, 2], "labels": [-100, 9, 7, 2]}


def prepared(make_trainer, rows: list[dict], **options):
    return make_trainer(train=Dataset.from_list(rows), **options).train_dataset


def test_the_weight_of_a_row_multiplies_those_of_its_spans(make_trainer):
    (row,) = prepared(make_trainer, [ROWS[0] | {"loss_weight": 0.5}], reflection_weight=3.0, error_weight=-1.0)
    found = {
        kind: {w for w, k in zip(row["loss_weights"], row["token_kinds"], strict=True) if k == kind}
        for kind in range(5)
    }
    assert found == {0: {0.0}, 1: {0.5}, 2: {-0.5}, 3: {1.5}, 4: {0.5}}


def test_the_weight_of_a_row_multiplies_those_of_its_tokens(make_trainer):
    rows = [
        TOKENS | {"loss_weights": [0, 1, 2, -4], "loss_weight": 0.5},
        TOKENS | {"loss_weights": [0, 1, 2, -4], "loss_weight": -1},
    ]
    found = prepared(make_trainer, rows)
    assert found["loss_weights"][:] == [[0, 0.5, 1, -2], [0, -1, -2, 4]]


def test_without_weights_of_tokens_a_row_of_tokens_counts_by_its_own(make_trainer):
    (row,) = prepared(make_trainer, [TOKENS | {"loss_weight": 2}])
    assert row["loss_weights"] == [0, 2, 2, 2]


def test_a_row_of_weight_0_is_left_out_and_counted(make_trainer):
    rows = Dataset.from_list([ROWS[0] | {"loss_weight": 1.0}, ROWS[1] | {"loss_weight": 0.0}])
    assert make_trainer(train=rows).preflight["train"].dropped == {RowStatus.UNSUPERVISED: 1}


def test_a_token_to_be_unlearned_is_supervised_and_counted(make_trainer, capsys):
    counts = make_trainer(error_weight=-1.0).preflight["train"]
    assert counts.supervised[2] == counts.tokens[2] > 0 and counts.weight[2] == -counts.tokens[2]
    assert "-1.000" in capsys.readouterr().out


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_weight_of_a_row_that_is_no_finite_number_is_refused(make_trainer, value):
    rows = [ROWS[0] | {"loss_weight": 1.0}, ROWS[1] | {"loss_weight": value}]
    with pytest.raises(
        DataError, match=r"train row 1: loss_weight is (nan|inf|None), but it has to be a finite number"
    ):
        prepared(make_trainer, rows)


@pytest.mark.parametrize("value", [1e38, -1e7, 1e-9])
def test_a_weight_that_float32_cannot_add_to_others_is_refused(make_trainer, value):
    with pytest.raises(DataError, match=r"train row 1: loss_weight holds a weight of .* lies from 1e-06 to 1e"):
        prepared(make_trainer, [ROWS[0] | {"loss_weight": 1.0}, ROWS[1] | {"loss_weight": value}])


def test_a_weight_of_a_row_that_is_a_text_is_refused(make_trainer):
    with pytest.raises(DataError, match="train row 0: loss_weight is '1', but"):
        prepared(make_trainer, [ROWS[0] | {"loss_weight": "1"}])


@pytest.mark.parametrize("columns", [{"loss_weights": [0, 1, -2, 1]}, {"loss_weight": -1}])
def test_dft_refuses_weights_below_0_in_rows_with_the_reason(make_trainer, columns):
    with pytest.raises(DataError, match=r"train row 0: loss_weights? is below 0, and loss_type='dft' .* 1/\(1 - p\)"):
        prepared(make_trainer, [TOKENS | columns], loss_type="dft")


def test_rows_that_weigh_twice_count_as_if_they_stood_there_twice(one_step, make_trainer, make_model):
    weighted = [row | {"loss_weight": 2.0 if number < 2 else 1.0} for number, row in enumerate(ROWS[:4])]
    ours = one_step(train=Dataset.from_list(weighted))
    twice = one_step(train=Dataset.from_list([*ROWS[:2], *ROWS[:4]]))
    assert difference(ours.gradients, twice.gradients) < 2e-6
    assert ours.loss == pytest.approx(twice.loss, rel=1e-6)
    _, gradients = reference(make_model(), list(make_trainer(train=Dataset.from_list(weighted)).train_dataset))
    assert difference(ours.gradients, gradients) < 2e-6


def test_a_mixture_keeps_the_weights_of_rows_and_the_places_of_mistakes(make_trainer):
    from lemma_hf.data.mixtures import mix
    from lemma_hf.prompts import prompt_style

    wrong = as_row(1, [("error", " 24 - 9 = 16."), ("reflection", " Wait."), ("correction", " 24 - 9 = 15.")])
    rows = Dataset.from_list([wrong | {"error_starts": [1], "loss_weight": 0.5}] * 2)
    right = Dataset.from_list([{"prompt": f"{n}?", "completion": f" {n}"} for n in range(4)])
    mixed = mix(rows, right, share=0.5, columns={}, style=prompt_style("question"), seed=0).rows
    assert mixed["error_starts"][:] == [[1], [1], [], []] and mixed["loss_weight"][:] == [0.5, 0.5, 1, 1]
    counts = make_trainer(train=mixed, error_scope="mistake").preflight["train"]
    assert (counts.rows, counts.narrow_errors, counts.whole_errors) == (4, 2, 0)
