"""`lemma-hf export`: the table, the files, and what is refused."""

import json
import shutil

import pytest
from datasets import load_dataset

import lemma_hf
from lemma_hf.cli import main

ROWS = [
    {
        "instruction": "2 + 2 + 1?",
        "output": "2 + 2 = 4.\n4 + 1 = 6.\nWait, that is wrong. 4 + 1 = 5.\nThe answer is: 5",
    },
    {"instruction": "2 + 3?", "output": "2 + 3 = 5.\nThe answer is: 5"},
]


@pytest.fixture
def published(tmp_path):
    path = tmp_path / "published.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(lemma_hf.DATASET_DIR, tmp_path / "rows")


def test_rows_are_written_and_what_is_left_out_is_counted_by_reason(published, tmp_path, capsys):
    out = tmp_path / "pairs.jsonl"
    arguments = ["export", str(published), "--to", "step_dpo", "--assume_strategy", "fix_and_continue"]
    assert main([*arguments, "-o", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split() for line in said[:4]] == [
        ["rows", "in", "published.jsonl", "2"],
        ["step_dpo", "rows,", "train", "1"],
        ["left", "out", "1"],
        ["no_reflection", "1"],
    ]
    assert said[4] == "    first published.jsonl:2: no phrase that opens a turn was found"
    (row,) = map(json.loads, out.read_text("utf-8").splitlines())
    assert (row["chosen"], row["rejected"]) == ("\n4 + 1 = 5.\n", "\n4 + 1 = 6.\n")


def test_nothing_is_written_where_no_row_can_be_made(published, tmp_path, capsys):
    out = tmp_path / "pairs.jsonl"
    assert main(["export", str(published), "--to", "step_dpo", "-o", str(out)]) == 1
    ended = capsys.readouterr()
    assert "strategy_unknown" in ended.out and "no row could be made of split train, see above" in ended.err
    assert not out.exists()


def test_a_split_is_chosen_and_a_folder_holds_all(tmp_path, capsys):
    out = tmp_path / "some.parquet"
    assert main(["export", "lemma", "--to", "spot", "-o", str(out), "--split", "test"]) == 0
    assert len(load_dataset("parquet", data_files=str(out), split="train", cache_dir=str(tmp_path / "cache"))) == 110
    assert main(["export", "lemma", "--to", "spot", "-o", str(tmp_path / "all")]) == 0
    found = load_dataset(str(tmp_path / "all"), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in found.items()} == {"train": 1098, "test": 110}
    assert "restarted" in capsys.readouterr().out


def test_questions_are_put_in_another_style(tmp_path):
    out = tmp_path / "rows.jsonl"
    arguments = ["export", "lemma", "--to", "kto", "--split", "test", "-o", str(out)]
    assert main([*arguments, "--prompt-style", "question"]) == 0
    assert all(json.loads(line)["prompt"].startswith("Question: ") for line in out.read_text("utf-8").splitlines())


@pytest.mark.slow
def test_a_form_is_added_to_the_folder_as_a_config_of_its_own(folder, tmp_path):
    cache = str(tmp_path / "cache")
    before = load_dataset(str(folder), cache_dir=cache)
    for form in ("step_dpo", "messages", "step_dpo"):
        assert main(["export", str(folder), "--to", form, "--add-to-folder"]) == 0
    pairs = load_dataset(str(folder), "step_dpo", cache_dir=cache)
    assert {split: len(rows) for split, rows in pairs.items()} == {"train": 1098, "test": 110}
    assert pairs["train"].column_names == ["id", "prompt", "chosen", "rejected"]
    assert set(load_dataset(str(folder), "messages", split="test", cache_dir=cache)[0]) == {"id", "messages"}
    after = load_dataset(str(folder), cache_dir=cache)
    assert {split: rows.to_list() for split, rows in after.items()} == {s: rows.to_list() for s, rows in before.items()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "dpo"], "need either -o OUT or --add-to-folder"),
        (["--to", "dpo", "-o", "x.jsonl", "--add-to-folder"], "need either -o OUT or --add-to-folder"),
        (["--to", "dpo", "--add-to-folder"], "is no dataset's folder"),
        (["--to", "dpo", "-o", "published.jsonl"], "is, holds or lies in the input"),
        (["--to", "dpo", "-o", "x.csv"], "cannot tell what to write"),
        (["--to", "dpo", "-o", "full"], "is there already"),
        (["--to", "dpo", "-o", "x.jsonl", "--split", "dev"], "has no split 'dev'; it has train"),
        (["--to", "dpo", "-o", "x.jsonl", "--reasoning"], "--reasoning is about --to messages"),
        (["--to", "sft", "-o", "x.jsonl", "--chosen", "trajectory"], "--chosen is about --to dpo and kto"),
        (["--to", "prm", "-o", "x.jsonl", "--chat"], "step labels have no form of a chat"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, said, published, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    before = published.read_bytes()
    assert main(["export", "published.jsonl", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert published.read_bytes() == before and not (tmp_path / "x.jsonl").exists()


def test_a_folder_is_not_written_into_by_o(folder, capsys):
    assert main(["export", str(folder), "--to", "dpo", "-o", str(folder / "dpo.jsonl")]) == 1
    assert "is, holds or lies in the input" in capsys.readouterr().err
