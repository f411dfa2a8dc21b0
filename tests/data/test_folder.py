"""A folder of Parquet files that `datasets` and the Hub understand with nothing of ours installed."""

import pyarrow.parquet as pq
import pytest
import yaml
from datasets import load_dataset

from lemma_hf.data.rows import row_to_trajectory
from lemma_hf.errors import DataError


def every_byte(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_loads_by_its_path_with_all_its_configs(make_folder, splits, tmp_path):
    folder = make_folder(tmp_path / "pens")
    cache = {"cache_dir": str(tmp_path / "cache")}
    everything = load_dataset(str(folder), **cache)
    assert {name: len(rows) for name, rows in everything.items()} == {"train": 11, "test": 2}
    assert [row_to_trajectory(row) for row in everything["test"]] == splits["test"]
    assert set(map(row_to_trajectory, everything["train"])) == set(splits["train"])
    fixes = load_dataset(str(folder), "fix_and_continue", split="train", num_proc=2, **cache)
    assert [row_to_trajectory(row) for row in fixes] == splits["train"][:5]
    restarts = load_dataset(str(folder), "fresh_and_restart", split="train[:50%]", **cache)
    assert [row_to_trajectory(row) for row in restarts] == splits["train"][5:7]


def test_no_row_lies_in_two_files_and_every_kind_has_two_to_share(make_folder, tmp_path):
    folder = make_folder(tmp_path / "pens")
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))
    assert files == [
        "fix_and_continue/test-00000-of-00001.parquet",
        "fix_and_continue/train-00000-of-00002.parquet",
        "fix_and_continue/train-00001-of-00002.parquet",
        "fresh_and_restart/test-00000-of-00001.parquet",
        "fresh_and_restart/train-00000-of-00002.parquet",
        "fresh_and_restart/train-00001-of-00002.parquet",
        "right/train-00000-of-00002.parquet",
        "right/train-00001-of-00002.parquet",
    ]
    ids = [row["id"] for file in files for row in pq.read_table(folder / file, columns=["id"]).to_pylist()]
    assert len(ids) == len(set(ids)) == 13


def test_the_same_trajectories_give_the_same_bytes(make_folder, tmp_path):
    first, second = make_folder(tmp_path / "a"), make_folder(tmp_path / "b")
    assert every_byte(first) == every_byte(second)


def test_the_card_counts_what_is_there(make_folder, tmp_path):
    _, front, body = (make_folder(tmp_path / "pens") / "README.md").read_text().split("---\n", 2)
    head = yaml.safe_load(front)
    assert [config["config_name"] for config in head["configs"]] == ["default", "fix_and_continue", "fresh_and_restart"]
    assert head["license"] == "apache-2.0" and head["size_categories"] == ["n<1K"]
    assert "| default | 11 | 2 |" in body and "| fresh_and_restart | 4 | 1 |" in body
    assert "| calculation | 11 |" in body
    assert "| select | 14 | 13 | duplicate 1 |" in body


def test_an_earlier_folder_is_replaced_whole(make_folder, splits, tmp_path):
    folder = make_folder(tmp_path / "pens")
    (folder / "stale.parquet").write_bytes(b"old")
    make_folder(folder, splits={"train": splits["train"][:2]})
    assert sorted(every_byte(folder)) == [
        "README.md",
        "fix_and_continue/train-00000-of-00002.parquet",
        "fix_and_continue/train-00001-of-00002.parquet",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["pens"]


def test_a_folder_of_somebody_else_is_left_alone(make_folder, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    (tmp_path / "README.md").write_text("My thesis.")
    with pytest.raises(DataError, match="is not replaced; choose another folder"):
        make_folder(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_failure_on_the_way_leaves_the_earlier_folder_as_it_was(make_folder, splits, tmp_path):
    folder = make_folder(tmp_path / "pens")
    before = every_byte(folder)
    with pytest.raises(DataError, match="need one that is not empty and not used twice"):
        make_folder(folder, splits={"train": [splits["train"][0]] * 2})
    with pytest.raises(AttributeError):
        make_folder(folder, style="not a style")
    assert every_byte(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["pens"]


def test_an_empty_dataset_is_not_written(make_folder, tmp_path):
    with pytest.raises(DataError, match="there are no trajectories"):
        make_folder(tmp_path / "pens", splits={"train": []})
    assert not (tmp_path / "pens").exists()
