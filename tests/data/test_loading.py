"""Rows by name, folder or file; in the published format their spans are found, and what is lost is counted."""

import json

import pytest
from datasets import Dataset, DatasetDict

from lemma_hf.data.loading import load_rows
from lemma_hf.data.rows import COLUMNS, features, row_to_trajectory, trajectory_to_row
from lemma_hf.errors import DataError
from lemma_hf.prompts import prompt_style

PLAIN = {"instruction": "2 + 2?", "input": "", "output": "2 + 2 = 4\nThe answer is: 4"}
MUTE = {"instruction": "2 + 2?", "input": "", "output": "2 + 2 = 4"}


@pytest.fixture
def told():
    return []


def as_parquet(path, rows):
    Dataset.from_list(rows).to_parquet(path)
    return path


def as_json_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def published_places(folder, rows):
    """The same rows in each of the places where they may lie."""
    as_parquet(folder / "hub" / "data" / "train-00000-of-00001.parquet", rows)
    as_parquet(folder / "rows.parquet", rows)
    as_json_lines(folder / "lines" / "train.jsonl", rows)
    Dataset.from_list(rows).save_to_disk(folder / "saved")
    DatasetDict({"train": Dataset.from_list(rows)}).save_to_disk(folder / "saved_splits")
    return ["hub", "rows.parquet", "lines", "lines/train.jsonl", "hub/data/*.parquet", "saved", "saved_splits"]


def test_published_rows_get_their_spans_wherever_they_lie(published, tmp_path, told):
    for number, place in enumerate(published_places(tmp_path, [PLAIN, published, MUTE, PLAIN]), start=1):
        rejects = tmp_path / f"{number}.rejects.jsonl"
        rows = load_rows(str(tmp_path / place), rejects=rejects, tell=told.append)
        (row,) = rows
        assert tuple(row) == COLUMNS and rows.features == features()
        assert [str(span.kind) for span in row_to_trajectory(row).spans] == [
            *("reasoning", "error", "reflection", "correction")
        ]
        assert row["completion"] == " " + published["output"]
        assert told[-1].endswith(
            "spans found in 1 of 4 rows of the published format; 3 left out (2 no_reflection, 1 no_answer); "
            f"written to {rejects}"
        )
        left = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
        assert [item["reason"] for item in left] == ["no_reflection", "no_answer", "no_reflection"]
        assert [item["id"].rpartition(":")[2] for item in left] == ["1", "3", "4"]
    assert len(told) == 7


def test_what_is_lost_is_counted_again_when_the_spans_come_from_the_cache(published, tmp_path, told):
    path = str(as_parquet(tmp_path / "a.parquet", [PLAIN, published]))
    for _ in range(2):
        load_rows(path, tell=told.append)
    assert told[0] == told[1] and "1 left out (1 no_reflection)" in told[0]


def test_nothing_is_written_where_nothing_is_lost(published, tmp_path, told):
    path = str(as_parquet(tmp_path / "a.parquet", [published]))
    load_rows(path, rejects=tmp_path / "rejects.jsonl", tell=told.append)
    assert told == [f"{path}, train: spans found in 1 of 1 rows of the published format"]
    assert not (tmp_path / "rejects.jsonl").exists()


@pytest.mark.parametrize("place", ["rows.parquet", "lines", "lines/train.jsonl", "saved"])
def test_a_slice_of_a_split_is_taken_before_the_spans_are_found(published, tmp_path, told, place):
    published_places(tmp_path, [PLAIN, published, published, published])
    assert len(load_rows(str(tmp_path / place), split="train[:50%]", tell=told.append)) == 1
    assert "1 of 2 rows" in told[0]


def test_other_rows_are_left_as_they_are(splits, tmp_path, told):
    plain = [{"prompt": "2 + 2?", "completion": " 4", "instruction": "", "output": ""}] * 2
    ours = [trajectory_to_row(trajectory, prompt_style("question")) for trajectory in splits["test"]]
    assert list(load_rows(str(as_json_lines(tmp_path / "a.jsonl", plain)), tell=told.append)) == plain
    rows = load_rows(str(as_json_lines(tmp_path / "b.jsonl", ours)), tell=told.append)
    assert [row_to_trajectory(row) for row in rows] == splits["test"]
    assert told == []


def test_the_short_name_is_the_shipped_dataset():
    import lemma_hf  # noqa: F401 - registers the name

    assert len(load_rows("lemma", split="test")) == 200
    assert len(load_rows("lemma", "fix_and_continue", "test[:10%]")) == 9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "nowhere"}, "dataset '.*nowhere', split 'train'"),
        ({"name": "nowhere.jsonl"}, "dataset '.*nowhere.jsonl', split 'train'"),
        ({"name": "saved", "split": "dev"}, "dataset '.*saved', split 'dev': .*dev"),
        ({"name": "rows.parquet", "split": "dev"}, "dataset '.*rows.parquet', split 'dev': .*dev"),
        ({"name": "rows.parquet", "config": "fix"}, "a file or a saved folder has no config 'fix'"),
        ({"name": "broken.parquet"}, "dataset '.*broken.parquet'"),
        ({"name": "empty.jsonl"}, "dataset '.*empty.jsonl', split 'train': holds no rows"),
        ({"name": "empty.json"}, "dataset '.*empty.json', split 'train': "),
        ({"name": "blank.jsonl"}, "dataset '.*blank.jsonl', split 'train': "),
        ({"name": "rows.parquet", "split": "train[:0]"}, "dataset '.*rows.parquet', split 'train.:0.': "),
    ],
)
def test_what_cannot_be_loaded_is_named(published, tmp_path, arguments, message):
    published_places(tmp_path, [published])
    (tmp_path / "broken.parquet").write_text("no Parquet at all")
    for name, text in (("empty.jsonl", ""), ("empty.json", "[]"), ("blank.jsonl", "\n\n")):
        (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=message):
        load_rows(**arguments | {"name": str(tmp_path / arguments["name"])})


def test_right_solutions_alone_are_refused_with_the_way_out(tmp_path):
    path = as_parquet(tmp_path / "a.parquet", [PLAIN] * 3)
    with pytest.raises(DataError, match=r"3 rows .* no spans were found in any \(3 no_reflection\).*mix_dataset"):
        load_rows(str(path))


def test_a_row_without_text_is_named(published, tmp_path):
    path = as_parquet(tmp_path / "a.parquet", [published, {**published, "output": None}])
    with pytest.raises(DataError, match=r"a\.parquet:train, row 2, field `output`: need str, found NoneType"):
        load_rows(str(path))
