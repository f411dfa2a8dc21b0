"""Rows go in whole or not at all, and the table says what became of them."""

import pytest
from datasets import Dataset
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_worlds import ROWS, as_row

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.train.prepare import Fate

LENGTHS = st.integers(min_value=30, max_value=130)


def lengths(trainer) -> list[int]:
    return [len(row["input_ids"]) for row in trainer.train_dataset]


def test_rows_too_long_are_dropped_and_those_with_an_error_counted_apart(make_trainer, capsys):
    long = [
        as_row(4, [("reasoning", " It is 7." * 60)]),
        as_row(1, [("error", " 8." * 90), *[("reflection", " No."), ("correction", " 7.")]]),
    ]
    trainer = make_trainer(train=Dataset.from_list([*ROWS, *long]), max_length=150)
    counts = trainer.preflight["train"]
    assert counts.dropped == {Fate.TOO_LONG: 1, Fate.CORRECTION_CUT: 1}
    assert counts.rows == len(trainer.train_dataset) == 8
    printed = capsys.readouterr().out
    assert "train: 8 of 10 rows kept at max_length 150" in printed
    assert "dropped 1: the correction does not fit in max_length" in printed
    assert "dropped 1: longer than max_length (no error in it)" in printed


def test_an_error_without_its_correction_and_an_empty_completion_are_dropped(make_trainer):
    torn = [as_row(1, [("reasoning", " 4."), ("error", " 5.")]), as_row(1, [("error", " 5."), ("reflection", " No.")])]
    counts = make_trainer(train=Dataset.from_list([*ROWS, *torn, as_row(1, [])])).preflight["train"]
    assert counts.dropped == {Fate.UNCORRECTED: 2, Fate.EMPTY: 1}


def test_a_row_whose_every_token_has_weight_0_is_dropped(make_trainer):
    counts = make_trainer(reasoning_weight=0.0).preflight["train"]
    assert counts.dropped == {Fate.UNSUPERVISED: 2}  # the two right solutions among the eight


def test_the_counts_are_those_of_the_tokens(make_trainer):
    trainer = make_trainer(reflection_weight=2.0)
    counts = trainer.preflight["train"]
    kinds = [kind for row in trainer.train_dataset for kind in row["token_kinds"]]
    assert counts.tokens == tuple(kinds.count(kind) for kind in range(5))
    assert counts.supervised == (0, kinds.count(1), 0, kinds.count(3), kinds.count(4))
    assert counts.weight == (0.0, kinds.count(1), 0.0, 2.0 * kinds.count(3), kinds.count(4))


def test_the_first_token_of_a_row_is_predicted_from_nothing_and_never_counts_as_supervised(make_trainer):
    rows = Dataset.from_list([{"input_ids": [5, 6, 7], "labels": [5, 6, 7]}] * 2)
    assert make_trainer(train=rows).preflight["train"].supervised == (0, 4, 0, 0, 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(max_length=LENGTHS, strategy=st.sampled_from(["bfd", "bfd_split"]), shuffle=st.booleans())
def test_no_packing_ever_cuts_a_trajectory(make_trainer, max_length, strategy, shuffle):
    unpacked = {tuple(row["input_ids"]): row for row in make_trainer(max_length=None).train_dataset}
    fitting = {ids for ids in unpacked if len(ids) <= max_length}
    if not fitting:
        return
    options = {"packing": True, "packing_strategy": strategy, "max_length": max_length, "shuffle_dataset": shuffle}
    seen = []
    for block in make_trainer(**options).train_dataset:
        start = 0
        for length in block["seq_lengths"]:
            ids = tuple(block["input_ids"][start : start + length])
            for name in ("labels", "loss_weights", "token_kinds"):
                assert block[name][start : start + length] == unpacked[ids][name]
            seen.append(ids)
            start += length
    assert sorted(seen) == sorted(fitting)


def test_wrapped_packing_would_cut_rows_so_it_is_refused(make_trainer):
    with pytest.raises(ConfigError, match=r"wrapped.*packing_strategy='bfd'"):
        make_trainer(packing=True, packing_strategy="wrapped")


@pytest.mark.parametrize("options", [{"max_length": 10}, {"reasoning_weight": 0.0, "max_length": 75}])
def test_training_does_not_start_when_nothing_would_be_supervised(make_trainer, options):
    with pytest.raises(DataError, match=r"nothing in the train split would be trained on .* raise max_length"):
        make_trainer(train=Dataset.from_list(ROWS[3:4]), **options)


def test_an_eval_split_has_its_own_table_and_its_own_refusal(make_trainer, rows):
    trainer = make_trainer(eval_dataset={"easy": rows.select([3]), "hard": rows.select([0, 1])}, eval_strategy="epoch")
    assert {name: counts.rows for name, counts in trainer.preflight.items()} == {"train": 8, "easy": 1, "hard": 2}
    with pytest.raises(DataError, match="nothing in the eval split"):
        make_trainer(eval_dataset=rows.select([3]), eval_strategy="epoch", reasoning_weight=0.0)


def test_the_end_token_is_supervised_exactly_as_the_last_span(make_trainer, tokenizer):
    trainer = make_trainer(correction_weight=3.0, reasoning_weight=0.5)
    for row in trainer.train_dataset:
        corrected = 2 in row["token_kinds"]
        assert row["input_ids"][-1] == row["labels"][-1] == tokenizer.eos_token_id
        assert (row["token_kinds"][-1], row["loss_weights"][-1]) == ((4, 3.0) if corrected else (1, 0.5))


def test_tokenised_rows_pass_as_they_are_and_get_what_they_lack(make_trainer):
    rows = [{"input_ids": [5, 6, 7, 8], "labels": [-100, 6, -100, 8]}]
    (row,) = make_trainer(train=Dataset.from_list(rows), reasoning_weight=0.5).train_dataset
    assert row == {**rows[0], "loss_weights": [0.0, 0.5, 0.0, 0.5], "token_kinds": [0, 1, 0, 1]}
    rows[0] |= {"loss_weights": [0.0, 4.0, 9.0, 0.25]}
    (row,) = make_trainer(train=Dataset.from_list(rows)).train_dataset
    assert row["loss_weights"] == [0.0, 4.0, 9.0, 0.25]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"input_ids": [5, 6]}, "input_ids but no labels"),
        ({"input_ids": [5, 6], "labels": [5]}, "train row 0: its lists .* differ in length"),
        ({"input_ids": [5, 6], "labels": [5, 6], "loss_weights": [1.0, -1.0]}, "finite numbers from 0 up"),
        ({"input_ids": [5, 6], "labels": [5, 6], "loss_weights": [1.0, float("nan")]}, "finite numbers from 0 up"),
        ({"input_ids": [5, 6], "labels": [5, 6], "token_kinds": [1, 5]}, "token_kinds holds 5"),
        ({"text": "Question"}, "the train rows have the columns text; need prompt and completion"),
        ({"instruction": "4?", "input": "", "output": "4"}, r"load_dataset\('lemma', data_files"),
        ({"messages": [{"role": "user", "content": "4?"}]}, "the columns messages; need prompt and completion"),
    ],
)
def test_rows_of_another_form_are_refused_with_what_was_found(make_trainer, row, message):
    with pytest.raises(DataError, match=message):
        make_trainer(train=Dataset.from_list([row]))


def test_packed_rows_handed_to_evaluate_again_are_not_packed_twice(make_trainer, rows):
    trainer = make_trainer(packing=True, eval_dataset={"a": rows.select([0, 1]), "b": rows}, eval_strategy="epoch")
    once = trainer.evaluate()
    again = trainer.evaluate(trainer.eval_dataset)
    assert once["eval_a_loss"] == again["eval_a_loss"] and once["eval_b_loss"] == again["eval_b_loss"]
