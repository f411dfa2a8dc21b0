"""`load_dataset("lemma", data_files=…)`: our rows and published ones, JSON Lines and Parquet."""

import json
import logging
import pickle

import pytest
from datasets import Dataset, load_dataset, load_dataset_builder
from datasets.exceptions import DatasetGenerationError

import lemma_hf  # noqa: F401 - registers the name
from lemma_hf.data.loading import load_rows
from lemma_hf.data.rows import COLUMNS, features, row_to_trajectory, trajectory_to_row
from lemma_hf.errors import DataError
from lemma_hf.prompts import prompt_style


@pytest.fixture
def load(tmp_path):
    return lambda *files, **more: load_dataset(
        "lemma", data_files=[str(file) for file in files], cache_dir=str(tmp_path / "cache"), **more
    )


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def our_rows(splits):
    return [trajectory_to_row(trajectory, prompt_style("question")) for trajectory in splits["train"]]


@pytest.mark.parametrize("streaming", [False, True])
def test_our_own_rows_come_back_from_json_lines(load, splits, tmp_path, streaming):
    rows = load(write_lines(tmp_path / "a.jsonl", our_rows(splits)), split="train", streaming=streaming)
    assert [row_to_trajectory(row) for row in rows] == splits["train"]
    assert tuple(rows.features) == COLUMNS


def test_rows_of_earlier_releases_and_new_ones_load_together(load, splits, tmp_path):
    new = our_rows(splits)[:2]
    new[0]["error_starts"] = [new[0]["span_ends"][0] + 9]
    old = [{name: value for name, value in row.items() if name != "error_starts"} for row in our_rows(splits)[2:]]
    files = write_lines(tmp_path / "new.jsonl", new), write_lines(tmp_path / "old.jsonl", old)
    rows = load(*files, split="train")
    assert tuple(rows.features) == COLUMNS
    assert [row_to_trajectory(row).errors[0].start for row in rows.select(range(3))] == [9, None, None]
    # A file of old rows alone is ours too, with places that are not known.
    assert load_rows(str(tmp_path / "old.jsonl"))[0]["error_starts"] == [None]


@pytest.mark.parametrize("streaming", [False, True])
def test_our_own_rows_come_back_from_parquet(load, splits, tmp_path, streaming):
    Dataset.from_list(our_rows(splits), features=features()).to_parquet(tmp_path / "a.parquet")
    rows = load(tmp_path / "a.parquet", split="train", streaming=streaming)
    assert [row_to_trajectory(row) for row in rows] == splits["train"]


def test_two_files_are_read_by_two_processes(load, published, tmp_path):
    files = [write_lines(tmp_path / name, [published] * 3) for name in ("a.jsonl", "b.jsonl")]
    rows = load(*files, split="train", num_proc=2)
    assert rows["id"] == ["a.jsonl:1", "a.jsonl:2", "a.jsonl:3", "b.jsonl:1", "b.jsonl:2", "b.jsonl:3"]


def test_named_splits_stay_apart(published, tmp_path):
    files = {name: str(write_lines(tmp_path / f"{name}.jsonl", [published])) for name in ("train", "test")}
    found = load_dataset("lemma", data_files=files, cache_dir=str(tmp_path / "cache"))
    assert {name: rows["id"] for name, rows in found.items()} == {"train": ["train.jsonl:1"], "test": ["test.jsonl:1"]}


def test_rows_without_findable_spans_are_left_out_counted_and_written(load, published, tmp_path, caplog):
    plain = published | {"output": "2 + 2 = 4\nThe answer is: 4"}
    mute = published | {"output": "2 + 2 = 4"}
    path = write_lines(tmp_path / "a.jsonl", [plain, published, mute, plain])
    with caplog.at_level(logging.WARNING, "lemma_hf"):
        rows = load(path, split="train", rejects_dir=str(tmp_path / "rejects"))
    assert rows["id"] == ["a.jsonl:2"]
    assert "3 rows left out (2 no_reflection, 1 no_answer)" in caplog.text
    (rejects,) = (tmp_path / "rejects").iterdir()
    found = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [(item["id"], item["reason"]) for item in found] == [
        ("a.jsonl:1", "no_reflection"),
        ("a.jsonl:3", "no_answer"),
        ("a.jsonl:4", "no_reflection"),
    ]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"instruction": "a", "output": 3}, "line 2, field `output`: need str, found int 3"),
        ({"question": "a", "answer": "b"}, "line 2: need `instruction` and `output`, or `conversations`, or"),
    ],
)
def test_a_broken_row_stops_with_file_line_and_field(load, published, tmp_path, broken, said):
    path = write_lines(tmp_path / "a.jsonl", [published, broken])
    with pytest.raises(DataError) as caught:
        load(path)
    assert f"{path}, {said}" in str(caught.value)
    assert isinstance(caught.value, DatasetGenerationError)


def test_a_broken_file_stops_with_its_name_and_line(load, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"instruction": \n')
    with pytest.raises(DataError, match=r"a\.jsonl, line 1: is not valid JSON"):
        load(path)


def test_a_missing_file_is_named(load, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load(tmp_path / "nowhere.jsonl")


def test_a_config_name_beside_data_files_is_refused(load, published, tmp_path):
    path = write_lines(tmp_path / "a.jsonl", [published])
    with pytest.raises(ValueError, match="data_files have no config 'fresh_and_restart'"):
        load(path, name="fresh_and_restart")


def test_a_changed_file_is_read_anew(load, published, tmp_path):
    path = write_lines(tmp_path / "a.jsonl", [published])
    assert len(load(path, split="train")) == 1
    write_lines(path, [published, published])
    assert len(load(path, split="train")) == 2


def test_the_builder_survives_pickling(published, tmp_path):
    path = write_lines(tmp_path / "a.jsonl", [published])
    builder = load_dataset_builder("lemma", data_files=str(path), cache_dir=str(tmp_path / "cache"))
    again = pickle.loads(pickle.dumps(builder))
    again.download_and_prepare()
    assert len(again.as_dataset(split="train")) == 1
