"""Trajectories are read from every kind of file that other commands take, and exported rows load as they were made."""

import json
from pathlib import Path

import pytest
from datasets import load_dataset
from small_rows import in_every_form, pens

from lemma_hf.data.export import ExportForm, ExportOptions, export_rows
from lemma_hf.data.export.reading import ReadTrajectory, read_trajectories
from lemma_hf.data.export.writing import export_features, is_folder_name, write_file, write_splits
from lemma_hf.data.rows import trajectory_to_row
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.prompts import prompt_style
from lemma_hf.records import DropReason, Strategy

STYLE = prompt_style("question")
TEXT = "2 + 2 = 5.\nWait, that is wrong. 2 + 2 = 4.\nThe answer is: 4"


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_a_folder_gives_its_rows_with_their_splits_and_without_its_exports(make_folder, tmp_path, splits):
    folder = make_folder(tmp_path / "pens")
    extra = folder / "exports" / "kto"
    extra.mkdir(parents=True)
    (extra / "train-00000-of-00001.parquet").write_bytes(b"never read")
    found = list(read_trajectories(folder))
    assert {(each.split, each.trajectory.id) for each in found} == {
        (split, item.id) for split, items in splits.items() for item in items
    }
    assert len(list(read_trajectories(folder, "test"))) == 2
    with pytest.raises(DataError, match="has no split 'dev'; it has train, test"):
        list(read_trajectories(folder, "dev"))


def test_the_dataset_of_this_package_has_a_name():
    assert len(list(read_trajectories("lemma", "test"))) == 200


@pytest.mark.parametrize("form", in_every_form("2 + 2?", TEXT))
def test_spans_are_found_in_rows_of_every_form(form, tmp_path):
    row = in_every_form("2 + 2?", TEXT)[form]
    (found,) = read_trajectories(lines(tmp_path / "rows.jsonl", [row]))
    assert [str(span.kind) for span in found.trajectory.spans] == ["error", "reflection", "correction"]
    assert found.trajectory.text == TEXT and found.split == "train"


def test_rows_that_cannot_be_read_come_with_their_place_and_reason(tmp_path):
    rows = [
        {"instruction": "2 + 2?", "output": "2 + 2 = 4.\nThe answer is: 4"},
        {"question": "2 + 2?"},
        trajectory_to_row(pens(4), STYLE) | {"span_ends": [3]},
        {"prompt": "2 + 2?", "completion": "4", "span_kinds": 5, "span_ends": ["x"]},
    ]
    no_turn, unknown, broken, bare = read_trajectories(lines(tmp_path / "rows.jsonl", rows))
    assert no_turn.reason is DropReason.NO_REFLECTION
    assert unknown.reason is broken.reason is bare.reason is DropReason.BAD_ROW
    assert unknown.id == "rows.jsonl, line 2" and "need `instruction` and `output`" in unknown.detail
    assert "field `span_ends`" in broken.detail


def test_rows_without_an_optional_column_are_read(tmp_path):
    row = trajectory_to_row(pens(4, Strategy.FIX_AND_CONTINUE), STYLE)
    row.pop("error_starts", None)
    (found,) = read_trajectories(lines(tmp_path / "rows.jsonl", [row]))
    assert found.trajectory == pens(4, Strategy.FIX_AND_CONTINUE) and found.style == STYLE


@pytest.mark.parametrize("chat", [False, True])
def test_rows_of_prompt_completion_and_spans_alone_are_read(chat, tmp_path):
    item = pens(4, Strategy.FIX_AND_CONTINUE)
    (row,) = export_rows(item, ExportForm.SFT, STYLE, ExportOptions(chat=chat))
    bare = {name: row[name] for name in ("prompt", "completion", "span_kinds", "span_ends")}
    (found,) = read_trajectories(lines(tmp_path / "rows.jsonl", [bare]))
    assert found.trajectory.spans == item.spans and found.trajectory.problem.question == item.problem.question
    assert [error.strategy for error in found.trajectory.errors] == [None]
    assert found.style == (prompt_style("chat") if chat else STYLE)


def test_what_is_known_of_the_errors_of_a_chat_is_kept(tmp_path):
    item = pens(4, Strategy.FIX_AND_CONTINUE)
    rows = export_rows(item, ExportForm.SFT, STYLE, ExportOptions(chat=True))
    (found,) = read_trajectories(lines(tmp_path / "rows.jsonl", rows))
    assert found.trajectory.errors == item.errors and found.trajectory.id == item.id


def test_a_prompt_in_a_style_of_its_own_stays_as_it_is(tmp_path):
    row = {"prompt": "Q: 2 + 2?\nA:", "completion": "\t2 + 2 = 4", "span_kinds": ["reasoning"], "span_ends": [10]}
    (found,) = read_trajectories(lines(tmp_path / "rows.jsonl", [row]))
    (made,) = export_rows(found.trajectory, ExportForm.KTO, found.style)
    assert (made["prompt"], made["completion"]) == (row["prompt"], row["completion"])


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet"])
@pytest.mark.parametrize("form", ExportForm)
def test_rows_load_as_they_were_made(form, ending, tmp_path):
    options = ExportOptions(reasoning=form is ExportForm.MESSAGES)
    made = [
        row for number in (3, 4) for row in export_rows(pens(number, Strategy.FIX_AND_CONTINUE), form, STYLE, options)
    ]
    path = tmp_path / f"rows{ending}"
    write_file(path, made, export_features(form, options))
    kind = "parquet" if ending == ".parquet" else "json"
    found = load_dataset(kind, data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    if form is ExportForm.SFT:  # its labels are classes in Parquet, and read back as the trajectories they were
        items = [each for each in read_trajectories(path) if isinstance(each, ReadTrajectory)]
        assert [each.trajectory for each in items] == [pens(number, Strategy.FIX_AND_CONTINUE) for number in (3, 4)]
        return
    assert [_without_gaps(row) for row in found] == made


def _without_gaps(value):
    """Without the keys that Arrow gives to every message of a column, where one of them has no value."""
    if isinstance(value, dict):
        return {key: _without_gaps(item) for key, item in value.items() if item is not None}
    return [_without_gaps(item) for item in value] if isinstance(value, list) else value


def test_a_folder_of_splits_loads_by_its_path(tmp_path, splits):
    rows = {
        split: [row for item in items for row in export_rows(item, ExportForm.STEP_DPO, STYLE) if isinstance(row, dict)]
        for split, items in splits.items()
    }
    sizes = write_splits(tmp_path / "pairs", rows, export_features(ExportForm.STEP_DPO, ExportOptions()))
    found = load_dataset(str(tmp_path / "pairs"), cache_dir=str(tmp_path / "cache"))
    assert {split: found[split].to_list() for split in found} == rows
    assert {split: count for split, (count, _) in sizes.items()} == {"train": 9, "test": 2}


def test_a_name_without_an_ending_is_a_folder_and_an_unknown_ending_is_refused():
    assert is_folder_name(Path("pairs")) and not is_folder_name(Path("a.b/pairs.jsonl.gz"))
    with pytest.raises(ConfigError, match=r"pairs\.csv: cannot tell what to write; need \.jsonl"):
        is_folder_name(Path("pairs.csv"))


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(DataError, match="cannot be written"):
        write_file(tmp_path / "no" / "rows.jsonl", [], None)
