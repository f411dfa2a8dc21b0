"""Files as people have them, through `load_dataset("lemma")`, the rows of training, and mixtures of right solutions."""

import json
import logging

import pytest
from datasets import Dataset, load_dataset

import lemma_hf  # noqa: F401 - registers the name
from lemma_hf.data.loading import load_any, load_rows, load_solutions
from lemma_hf.data.mixtures import mix
from lemma_hf.data.rows import row_to_trajectory, trajectory_to_row
from lemma_hf.errors import DataError
from lemma_hf.prompts import prompt_style

FORMS = ["alpaca", "sharegpt", "role_and_content", "messages", "parts", "prompt", "prompt_messages"]
WITH_SPANS = FORMS[:5]
"""Those in which training looks for spans; a prompt and completion is trained on as it stands."""
FILES = ["rows.json", "rows.json.gz", "rows.jsonl"]
RIGHT = "4 * 6 = 24, 24 - 9 = 15.\nThe answer is: 15"


@pytest.fixture
def load(tmp_path):
    return lambda file, **more: load_dataset(
        "lemma", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache"), **more
    )


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("form", FORMS)
def test_rows_of_every_form_get_their_spans(load, as_form, published, write_rows, caplog, form, name):
    path = write_rows(name, [as_form(form, RIGHT), as_form(form), as_form(form, "I do not know.")])
    with caplog.at_level(logging.WARNING, "lemma_hf"):
        (row,) = load(path)
    trajectory = row_to_trajectory(row)
    assert trajectory.text == published["output"]
    assert trajectory.problem.question == published["instruction"]
    assert [str(span.kind) for span in trajectory.spans] == ["reasoning", "error", "reflection", "correction"]
    assert row["id"] == f"{name}:2"
    assert "2 rows left out (1 no_reflection, 1 no_answer)" in caplog.text


def test_an_array_is_streamed_too(load, as_form, write_rows):
    rows = load(write_rows("rows.json", [as_form("sharegpt")] * 3), streaming=True)
    assert [row["id"] for row in rows] == ["rows.json:1", "rows.json:2", "rows.json:3"]


def test_rows_of_ours_may_be_an_array(load, splits, write_rows):
    rows = [trajectory_to_row(trajectory, prompt_style("question")) for trajectory in splits["train"]]
    path = write_rows("rows.json", rows)
    assert [row_to_trajectory(row) for row in load(path)] == splits["train"]
    assert [row_to_trajectory(row) for row in load_rows(str(path))] == splits["train"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"instruction": "x", "output": 3}], "row 2, field `output`: need str, found int 3"),
        ([{"messages": [{"role": "bob", "content": "x"}]}], "row 2, field `messages`, turn 1: need `role` as one of"),
        ([{"conversations": "x"}], "row 2, field `conversations`: need a list, found str"),
        ([{"question": "x"}], "row 2: need `instruction` and `output`, or `conversations`, or `messages`, or"),
        (["x"], "row 2: need a JSON object, found a str"),
    ],
)
def test_a_broken_row_is_named_by_file_row_and_field(load, as_form, write_rows, rows, said):
    path = write_rows("rows.json", [as_form("sharegpt"), *rows])
    with pytest.raises(DataError) as caught:
        load(path)
    assert f"{path}, {said}" in str(caught.value)
    with pytest.raises(DataError) as caught:
        load_rows(str(path))
    assert f"{path}, {said}" in str(caught.value)


def test_an_array_that_is_cut_off_is_named_by_line_and_column(load, as_form, tmp_path):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([as_form("sharegpt")] * 2)[:-20])
    for read in (load, lambda file: load_rows(str(file))):
        with pytest.raises(DataError, match=r"rows\.json, line 1, column \d+: the file ends within row 2"):
            read(path)


@pytest.mark.parametrize("text", ['{"data": [{"instruction": "x", "output": "y"}]}', '{\n "data": [\n]\n}'])
def test_an_array_within_an_object_is_refused(load, tmp_path, text):
    path = tmp_path / "rows.json"
    path.write_text(text)
    for read in (load, lambda file: load_rows(str(file))):
        with pytest.raises(
            DataError, match=r"rows\.json, line 1: .*need (that list as the whole file|one JSON object)"
        ):
            read(path)


@pytest.mark.parametrize("name", [*FILES, "rows.parquet"])
@pytest.mark.parametrize("form", WITH_SPANS)
def test_training_finds_the_spans_and_counts_what_is_left_out(as_form, write_rows, tmp_path, form, name):
    rows, said = [as_form(form), as_form(form, RIGHT), as_form(form)], []
    if name.endswith(".parquet"):
        path = tmp_path / name
        Dataset.from_list(rows).to_parquet(path)
    else:
        path = write_rows(name, rows)
    found = load_rows(str(path), rejects=tmp_path / "rejects.jsonl", tell=said.append)
    assert [len(row["span_kinds"]) for row in found] == [4, 4]
    assert "spans found in 2 of 3 rows" in said[0] and "1 left out (1 no_reflection)" in said[0]
    assert json.loads((tmp_path / "rejects.jsonl").read_text())["id"].endswith(":2")


def test_turns_of_texts_and_of_parts_may_stand_in_one_file(as_form, write_rows):
    path = write_rows("rows.json", [as_form("messages"), as_form("parts"), as_form("sharegpt")])
    assert len(load_rows(str(path), tell=lambda text: None)) == 3


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("form", ["prompt", "prompt_messages"])
def test_a_prompt_and_completion_is_trained_on_as_it_stands(as_form, write_rows, form, name):
    row, said = as_form(form), []
    assert list(load_rows(str(write_rows(name, [row, row])), tell=said.append)) == [row, row]
    assert said == []


def test_right_solutions_alone_are_refused_by_their_columns(as_form, write_rows):
    with pytest.raises(
        DataError, match=r"2 rows with `conversations`, but no spans .*\(2 no_reflection\).*mix_dataset"
    ):
        load_rows(str(write_rows("rows.json", [as_form("sharegpt", RIGHT)] * 2)))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("form", FORMS)
def test_right_solutions_of_every_form_are_mixed_in_without_a_turn(as_form, published, splits, write_rows, form, name):
    rows = [trajectory_to_row(trajectory, prompt_style("instruction")) for trajectory in splits["train"][:1]]
    right = load_solutions(str(write_rows(name, [as_form(form, RIGHT)])))
    style = prompt_style("instruction")
    mixed = mix(Dataset.from_list(rows), right, share=0.5, columns={}, style=style, seed=0).rows
    question = published["instruction"]
    # Texts with a prompt and completion are taken as they are; all others are put in the style of the mixture.
    prompt = question if form == "prompt" else style.prompt(question)
    assert (mixed[1]["prompt"], mixed[1]["completion"]) == (prompt, f" {RIGHT}")
    assert {name for name, value in mixed[1].items() if value} == {"prompt", "completion"}  # no spans, no errors


def test_a_right_solution_that_cannot_be_read_is_named(as_form, splits):
    rows = Dataset.from_list([trajectory_to_row(trajectory, prompt_style("question")) for trajectory in splits["test"]])
    right = Dataset.from_list([{"messages": [{"role": "bob", "content": "x"}]}])
    with pytest.raises(DataError, match=r"the rows to mix in, row 1, field `messages`, turn 1: need `role`"):
        mix(rows, right, share=0.5, columns={}, style=prompt_style("question"), seed=0)


def test_named_columns_of_an_array_can_be_mixed_in(write_rows):
    path = write_rows("rows.json", [{"query": "2 + 2?", "response": "4"}])
    assert list(load_any(str(path))) == [{"query": "2 + 2?", "response": "4"}]


def test_a_system_text_stays_with_the_question(load, as_form, published, write_rows):
    (row,) = load(write_rows("rows.json", [as_form("sharegpt") | {"system": "Be brief."}]))
    assert row["problem"] == f"Be brief.\n\n{published['instruction']}"


@pytest.mark.parametrize(
    ("claim", "answer"),
    [("So it is $\\boxed{15}$.", "15"), ("#### 15", "15"), ("The final answer is \\(\\boxed{15}\\).", "15")],
)
def test_an_answer_is_read_however_it_is_claimed(load, as_form, published, write_rows, claim, answer):
    output = published["output"].replace("The answer is: 15", claim)
    (row,) = load(write_rows("rows.json", [as_form("messages", output)]))
    assert row["reference_answer"] == answer


def test_a_conversation_that_the_user_ends_has_no_answer(load, as_form, write_rows, caplog):
    row = as_form("sharegpt")
    ended = {"conversations": [*row["conversations"], {"from": "human", "value": "Thanks!"}]}
    with caplog.at_level(logging.WARNING, "lemma_hf"):
        assert len(load(write_rows("rows.json", [row, ended]))) == 1
    assert "1 rows left out (1 no_answer)" in caplog.text
