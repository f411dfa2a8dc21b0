"""Exports in a dataset's folder: they go to the Hub with it, are counted, and leave the rest as it was."""

import shutil

import pytest
import yaml

import lemma_hf
from lemma_hf.cli import main
from lemma_hf.data.export import ExportForm, ExportOptions
from lemma_hf.data.export.writing import export_features
from lemma_hf.errors import DataError
from lemma_hf.hub.checks import check
from lemma_hf.hub.dataset import dataset_artifact
from lemma_hf.hub.exports import add_export
from lemma_hf.hub.front_matter import split_head
from lemma_hf.show import read_items

KINDS = export_features(ExportForm.KTO, ExportOptions())
ROWS = {"train": [{"id": "a", "prompt": "2 + 2?", "completion": " 4", "label": True}], "test": []}
FILE = "exports/kto/train-00000-of-00001.parquet"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(lemma_hf.DATASET_DIR, tmp_path / "rows")


def test_an_export_goes_along_with_its_rows_and_its_config(folder):
    before = dataset_artifact(folder, "me/lemma")
    assert add_export(folder, "kto", ROWS, KINDS) == folder / "exports" / "kto"
    after = dataset_artifact(folder, "me/lemma")
    check(after)
    assert {file.path for file in after.files} - {file.path for file in before.files} == {FILE}
    assert not after.left_out
    old, new = (yaml.safe_load(split_head(artifact.card)[0]) for artifact in (before, after))
    assert new["configs"][:-1] == old["configs"] and new["dataset_info"][:-1] == old["dataset_info"]
    assert new["configs"][-1] == {
        "config_name": "kto",
        "data_files": [{"split": "train", "path": "exports/kto/train-*"}],
    }
    assert {key: value for key, value in new.items() if key not in ("configs", "dataset_info")} == {
        key: value for key, value in old.items() if key not in ("configs", "dataset_info")
    }
    assert 'kto = load_dataset("me/lemma", "kto", split="train")\nstream' in after.card


def test_an_export_is_replaced_by_a_new_one_and_the_card_says_it_once(folder):
    add_export(folder, "kto", ROWS, KINDS)
    once = (folder / "README.md").read_text("utf-8")
    add_export(folder, "kto", ROWS, KINDS)
    assert (folder / "README.md").read_text("utf-8") == once


def test_an_export_that_lost_a_file_is_not_published(folder):
    add_export(folder, "kto", ROWS, KINDS)
    (folder / FILE).unlink()
    with pytest.raises(DataError, match="promises 1 rows of kto/train, and there are 0"):
        dataset_artifact(folder, "me/lemma")


def test_a_broken_export_is_named(folder):
    add_export(folder, "kto", ROWS, KINDS)
    (folder / FILE).write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"train-00000-of-00001\.parquet: cannot be read as Parquet"):
        dataset_artifact(folder, "me/lemma")


def test_a_folder_of_others_and_rows_that_are_none_are_refused(folder, tmp_path):
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# Mine\n")
    with pytest.raises(DataError, match=r"is no dataset's folder of lemma-hf"):
        add_export(tmp_path, "kto", ROWS, KINDS)
    before = (folder / "README.md").read_text("utf-8")
    with pytest.raises(DataError, match="there are no rows to add as 'kto'"):
        add_export(folder, "kto", {"train": []}, KINDS)
    assert (folder / "README.md").read_text("utf-8") == before and not (folder / "exports").exists()


def test_rows_of_exports_are_not_shown_once_more(folder):
    before = read_items(folder).rows
    assert main(["export", str(folder), "--to", "spot", "--add-to-folder"]) == 0
    assert read_items(folder).rows == before
