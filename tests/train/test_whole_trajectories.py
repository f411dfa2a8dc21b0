"""Rows go in whole or not at all, and the table says what became of them."""

import pytest
from datasets import Dataset
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_worlds import ROWS, as_row

from lemma_hf.errors import DataError
from lemma_hf.train.truncation import RowStatus

LENGTHS = st.integers(min_value=30, max_value=130)


def lengths(trainer) -> list[int]:
    return [len(row["input_ids"]) for row in trainer.train_dataset]


def test_a_row_too_long_is_dropped_if_an_error_is_in_it_and_cut_as_in_trl_if_not(make_trainer, capsys):
    right = as_row(4, [("reasoning", " It is 7." * 60)])
    wrong = as_row(1, [("error", " 8." * 90), *[("reflection", " No."), ("correction", " 7.")]])
    trainer = make_trainer(train=Dataset.from_list([*ROWS, right, wrong]), max_length=150)
    counts = trainer.preflight["train"]
    assert counts.dropped == {RowStatus.CORRECTION_CUT: 1} and counts.cut == 1
    assert counts.rows == len(trainer.train_dataset) == 9
    assert lengths(trainer)[-1] == 150 and trainer.train_dataset[-1]["input_ids"][-1] != 2  # the end token went
    printed = capsys.readouterr().out
    assert "train: 9 of 10 rows kept at max_length 150" in printed
    assert "dropped 1: the correction does not fit in max_length" in printed
    assert "shortened 1: cut to max_length, nothing of an error or its correction in what was cut off" in printed


def test_a_reflection_without_an_error_is_kept_together_too(make_trainer):
    row = as_row(4, [("reasoning", " It is 7."), ("reflection", " Or is it?"), ("correction", " It is 7." * 60)])
    counts = make_trainer(train=Dataset.from_list([*ROWS, row]), max_length=150).preflight["train"]
    assert counts.dropped == {RowStatus.CORRECTION_CUT: 1} and counts.cut == 0


def test_keep_end_takes_the_beginning_of_the_prompt_and_nothing_of_a_trajectory(make_trainer):
    whole = make_trainer(max_length=None).train_dataset
    answer = max(sum(kind != 0 for kind in row["token_kinds"]) for row in whole)
    options = {"truncation_mode": "keep_end"}
    cut = make_trainer(max_length=answer + 3, **options)
    assert cut.preflight["train"].dropped == {}
    for short, long in zip(cut.train_dataset, whole, strict=True):
        assert short["input_ids"] == long["input_ids"][-(answer + 3) :]
        assert sum(kind != 0 for kind in short["token_kinds"]) == sum(kind != 0 for kind in long["token_kinds"])
    # Three tokens of prompt less, and the longest trajectory loses its first token: it goes.
    assert make_trainer(max_length=answer - 1, **options).preflight["train"].dropped == {RowStatus.CORRECTION_CUT: 1}


def test_what_keep_start_leaves_without_a_label_is_dropped(make_trainer):
    right = as_row(4, [("reasoning", " It is 7." * 60)])
    trainer = make_trainer(train=Dataset.from_list([*ROWS, right | {"prompt": "Why? " * 200}]), max_length=150)
    assert trainer.preflight["train"].dropped == {RowStatus.UNSUPERVISED: 1}


def test_an_error_without_its_correction_and_an_empty_completion_are_dropped(make_trainer):
    torn = [as_row(1, [("reasoning", " 4."), ("error", " 5.")]), as_row(1, [("error", " 5."), ("reflection", " No.")])]
    counts = make_trainer(train=Dataset.from_list([*ROWS, *torn, as_row(1, [])])).preflight["train"]
    assert counts.dropped == {RowStatus.UNCORRECTED: 2, RowStatus.EMPTY: 1}


def test_an_error_that_reasoning_follows_in_place_of_a_correction_is_dropped(make_trainer):
    gaps = [
        as_row(1, [("reasoning", " 4."), ("error", " 5."), ("reasoning", " So it is 4.")]),
        as_row(1, [("error", " 5."), ("reflection", " No."), ("reasoning", " It is 4.")]),
        as_row(
            1, [("error", " 5."), ("reasoning", " 4."), ("error", " 6."), ("reflection", " No."), ("correction", " 4.")]
        ),
    ]
    counts = make_trainer(train=Dataset.from_list([*ROWS, *gaps])).preflight["train"]
    assert counts.dropped == {RowStatus.UNCORRECTED: 3}
    # Reasoning behind a correction is no gap: with `error_scope="mistake"` a second error begins so.
    twice = [
        ("error", " 5."),
        ("reflection", " No."),
        ("correction", " 4."),
        ("reasoning", " 4 +"),
        ("error", " 1 = 6."),
    ]
    whole = as_row(1, [*twice, ("reflection", " No."), ("correction", " 4 + 1 = 5.")])
    assert make_trainer(train=Dataset.from_list([*ROWS, whole])).preflight["train"].dropped == {}


def test_a_row_whose_every_token_has_weight_0_is_dropped(make_trainer):
    counts = make_trainer(reasoning_weight=0.0).preflight["train"]
    assert counts.dropped == {RowStatus.UNSUPERVISED: 2}  # the two right solutions among the eight


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


RANDOM = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@RANDOM
@given(max_length=LENGTHS, strategy=st.sampled_from(["bfd", "bfd_split"]), shuffle=st.booleans())
def test_bfd_packing_never_cuts_a_trajectory(make_trainer, max_length, strategy, shuffle):
    # Row 4 and 8 are right solutions, which may be cut.
    rows = Dataset.from_list([row for row in ROWS if "error" in row["span_kinds"]])
    unpacked = {tuple(row["input_ids"]): row for row in make_trainer(train=rows, max_length=None).train_dataset}
    fitting = {ids for ids in unpacked if len(ids) <= max_length}
    if not fitting:
        return
    options = {"packing": True, "packing_strategy": strategy, "max_length": max_length, "shuffle_dataset": shuffle}
    seen = []
    for block in make_trainer(train=rows, **options).train_dataset:
        start = 0
        for length in block["seq_lengths"]:
            ids = tuple(block["input_ids"][start : start + length])
            for name in ("labels", "loss_weights", "token_kinds"):
                assert block[name][start : start + length] == unpacked[ids][name]
            seen.append(ids)
            start += length
    assert sorted(seen) == sorted(fitting)


@RANDOM
@given(max_length=LENGTHS, shuffle=st.booleans())
def test_wrapped_packing_ends_a_block_early_rather_than_cut_a_trajectory(make_trainer, max_length, shuffle):
    whole = [tuple(row["input_ids"]) for row in make_trainer(max_length=None).train_dataset if 2 in row["token_kinds"]]
    fitting = [ids for ids in whole if len(ids) <= max_length]
    if not fitting:
        return
    options = {"packing": True, "packing_strategy": "wrapped", "max_length": max_length, "shuffle_dataset": shuffle}
    trainer = make_trainer(**options)
    assert trainer.preflight["train"].dropped.get(RowStatus.CORRECTION_CUT, 0) == len(whole) - len(fitting)
    blocks = [tuple(block["input_ids"]) for block in trainer.train_dataset]
    assert all(len(block) <= max_length for block in blocks)
    for ids in fitting:
        assert sum(block[at : at + len(ids)] == ids for block in blocks for at in range(len(block))) == 1
    # Nothing else is lost: the right solutions, which may be cut, are all there too.
    kept = trainer.preflight["train"]
    assert sum(map(len, blocks)) == sum(kept.tokens)


@pytest.mark.parametrize(
    ("row", "options"),
    [(ROWS[0], {"max_length": 60}), (ROWS[3], {"max_length": 10}), (ROWS[3], {"reasoning_weight": 0})],
)
def test_training_does_not_start_when_nothing_would_be_supervised(make_trainer, row, options):
    with pytest.raises(DataError, match=r"nothing in the train split would be trained on .* raise max_length"):
        make_trainer(train=Dataset.from_list([row]), **options)


def test_tokenised_rows_with_an_error_obey_the_same_rule(make_trainer):
    whole = {"input_ids": [5, 6, 7, 8], "labels": [-100, 6, 7, 8], "token_kinds": [0, 2, 3, 4]}
    torn = whole | {"token_kinds": [0, 1, 2, 3]}
    empty = {"input_ids": [5, 6], "labels": [-100, -100], "token_kinds": [0, 0]}
    counts = make_trainer(train=Dataset.from_list([whole, torn, empty])).preflight["train"]
    assert counts.dropped == {RowStatus.UNCORRECTED: 1, RowStatus.EMPTY: 1}
    with pytest.raises(DataError, match="1 × the correction does not fit in max_length"):
        make_trainer(train=Dataset.from_list([whole]), max_length=3)


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
        ({"input_ids": [5, 6], "labels": [5]}, "train row 0: its lists differ in length: input_ids 2, labels 1"),
        ({"input_ids": [5, 6], "labels": [5, 6], "loss_weights": [1.0, float("inf")]}, "must be finite numbers"),
        ({"input_ids": [5, 6], "labels": [5, 6], "loss_weights": [1.0, float("nan")]}, "must be finite numbers"),
        ({"input_ids": [5, 6], "labels": [5, 6], "token_kinds": [1, 5]}, "token_kinds holds 5"),
        ({"input_ids": [5, 6], "loss_weights": ["1", "2"]}, r"train row 0: loss_weights is \['1', '2'\], but"),
        ({"input_ids": [5, 6], "loss_weights": "ab"}, "loss_weights is 'ab', but it has to be a list with one number"),
        ({"input_ids": [5, 6], "loss_weights": 2.0}, "loss_weights is 2.0, but it has to be a list"),
        ({"input_ids": [5, 6], "loss_weights": [None, 1.0]}, r"loss_weights is \[None, 1.0\], but"),
        ({"input_ids": [5, 6], "loss_weights": [[1.0], [2.0]]}, r"loss_weights is \[\[1.0\], \[2.0\]\], but"),
        ({"input_ids": ["5", "6"]}, r"input_ids is \['5', '6'\], but it has to be a list with one whole number a"),
        ({"input_ids": [5.5, 6.0]}, r"input_ids is \[5.5, 6.0\], but it has to be a list with one whole number a"),
        ({"input_ids": [5, 6], "labels": ["a", "b"]}, r"labels is \['a', 'b'\], but"),
        ({"input_ids": [5, 6], "token_kinds": ["error", "error"]}, r"token_kinds is \['error', 'error'\], but"),
        ({"input_ids": [5, 6], "assistant_masks": ["0", "1"]}, r"assistant_masks is \['0', '1'\], but"),
        ({"story": "Question"}, "the train rows have the columns story; need prompt and completion"),
        ({"instruction": "4?", "input": "", "output": "4"}, r"load_dataset\('lemma', data_files"),
        ({"messages": "4?"}, "train row 0: need prompt and completion .* or messages as one list"),
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
