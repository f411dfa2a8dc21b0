"""Right solutions among trajectories: how many, which, and in which form."""

import pytest
from datasets import Dataset

from lemma_hf.data.mixtures import mix, read_columns
from lemma_hf.data.rows import features, trajectory_to_row
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.prompts import prompt_style

STYLE = prompt_style("question")
COLUMNS = {"question": "query", "solution": "response"}


@pytest.fixture
def trajectories(splits):
    """11 rows, two of them without an error."""
    rows = [trajectory_to_row(trajectory, STYLE) for trajectory in splits["train"]]
    return Dataset.from_list(rows, features=features())


def right_rows(count: int) -> Dataset:
    return Dataset.from_list([{"query": f"{n} + 1?", "response": f"{n + 1}", "type": "sum"} for n in range(count)])


def mixed(trajectories, right, share=0.5, columns=COLUMNS, seed=0):
    return mix(trajectories, right, share=share, columns=columns, style=STYLE, seed=seed)


@pytest.mark.parametrize(("share", "right"), [(0.5, 11), (0.25, 4), (0.1, 1)])
def test_the_share_is_that_of_right_rows_among_all(trajectories, share, right):
    # 11 · share / (1 − share) = 11, 3.7 and 1.2
    mixture = mixed(trajectories, right_rows(20), share)
    assert (mixture.trajectories, mixture.right, len(mixture.rows)) == (11, right, 11 + right)


def test_trajectories_stay_as_they_were_and_right_rows_have_no_spans(trajectories):
    rows = mixed(trajectories, right_rows(20)).rows
    spans = ["span_kinds", "span_ends", "error_types", "error_strategies", "error_starts"]
    names = ["prompt", "completion", *spans]
    assert rows.column_names == names
    assert rows.select(range(11)).to_list() == trajectories.select_columns(names).to_list()
    for row in rows.select(range(11, 22)):
        number = int(row["completion"])
        expected = {"prompt": f"Question: {number - 1} + 1?\nSolution:", "completion": f" {number}"}
        assert row == expected | {name: [] for name in spans}


def test_the_seed_decides_which_are_drawn(trajectories):
    def drawn(seed):
        return mixed(trajectories, right_rows(100), seed=seed).rows["completion"][11:]

    assert drawn(1) == drawn(1) != drawn(2)
    assert len(set(drawn(1))) == 11


def test_rows_with_prompt_and_completion_need_no_columns(trajectories):
    right = Dataset.from_list([{"completion": f" {n}", "prompt": f"{n}?"} for n in range(11)])
    rows = mixed(trajectories, right, columns={}).rows
    assert sorted(rows["prompt"][11:]) == sorted(f"{n}?" for n in range(11))


def test_plain_rows_without_spans_can_be_mixed_too(trajectories):
    plain = trajectories.select_columns(["prompt", "completion"])
    assert mixed(plain, right_rows(11)).rows.column_names == ["prompt", "completion"]


def test_empty_and_repeated_rows_are_left_out_and_counted(trajectories):
    right = right_rows(11).to_list()
    broken = [right[0], right[1], right[0] | {"response": ""}, right[0] | {"query": None}, right[0] | {"response": " "}]
    mixture = mixed(trajectories, Dataset.from_list(right + broken))
    assert (mixture.found, mixture.empty, mixture.repeated) == (16, 3, 2)
    assert str(mixture) == (
        "mixture: 11 trajectories and 11 right solutions (50.0%), drawn from 16; 3 empty and 2 repeated ones left out"
    )


def test_too_few_right_rows_are_an_error_with_the_share_that_is_possible(trajectories):
    # 9 of 20 are 0.45
    with pytest.raises(
        DataError, match=r"needs 11 right solutions, but there are 9 .* set mix_share to 0\.450 or less"
    ):
        mixed(trajectories, right_rows(9))


def test_trajectories_are_not_taken_for_right_solutions(trajectories):
    with pytest.raises(DataError, match=r"have spans, so they are trajectories.*solution=reference_solution"):
        mixed(trajectories, trajectories, columns={})
    columns = {"question": "problem", "solution": "reference_answer"}
    assert mixed(trajectories, trajectories, share=0.25, columns=columns).right == 4


@pytest.mark.parametrize(
    ("right", "columns", "message"),
    [
        (right_rows(9), {}, "have no column prompt and no completion; they have query, response, type; say which"),
        (right_rows(9), COLUMNS | {"solution": "answer"}, "have no column answer"),
        (Dataset.from_list([{"query": "a", "response": 3}]), COLUMNS, "row 0: query and response have to be text"),
    ],
)
def test_rows_that_cannot_be_read_are_named(trajectories, right, columns, message):
    with pytest.raises(DataError, match=message):
        mixed(trajectories, right, columns=columns)


@pytest.mark.parametrize("share", [0, 1, -0.1, 2])
def test_a_share_lies_between_nothing_and_all(trajectories, share):
    with pytest.raises(ConfigError, match="above 0 and below 1"):
        mixed(trajectories, right_rows(20), share)


def test_columns_are_read_from_pairs():
    assert read_columns(["question=query", "solution=response"]) == COLUMNS
    assert read_columns([]) == {}
    for pairs in (["question=query"], ["query", "response"], ["question=", "solution=b"], ["question=a", "answer=b"]):
        with pytest.raises(ConfigError, match="need `question=COLUMN` and `solution=COLUMN`"):
            read_columns(pairs)
