"""`lemma-hf audit`: the table, the JSON and the page, from files."""

import json
from pathlib import Path

import pytest

from lemma_hf.cli import main

ROWS = [
    {
        "id": "mends",
        "question": "What is 24 - 9?",
        "output": "24 - 9 = 16.\nWait, that is wrong. 24 - 9 = 15.\nThe answer is: 15",
        "reference": "15",
    },
    {
        "id": "doubts",
        "question": "What is 4 * 6?",
        "output": "4 * 6 = 24.\nWait, let me check: 4 * 6 = 24.\nThe answer is: 24",
        "reference": "24",
    },
]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


def test_table_json_and_page_are_written(rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures, page = tmp_path / "audit.json", tmp_path / "audit.html"
    assert main(["audit", str(rows), "--json", str(figures), "-o", str(page), "--workers", "1"]) == 0
    said = capsys.readouterr().out
    assert "does not pass: turns behind a right step" in said
    assert all(len(line) <= 80 for line in said.split("most suspicious")[0].splitlines())
    found = json.loads(figures.read_text("utf-8"))
    assert found["behind"] == {"wrong": 1, "right": 1, "unknown": 0} and found["passes"] is False
    assert found["suspicious"][0]["id"] == "doubts"
    assert "audit" in page.read_text("utf-8")


def test_strict_fails_where_a_check_does(rows: Path) -> None:
    assert main(["audit", str(rows), "--strict", "--workers", "1"]) == 1
    assert main(["audit", str(rows), "--strict", "--workers", "1", "--max_doubts_right", "0.5"]) == 0


def test_a_json_array_of_conversations_is_audited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "chat.json"
    chat = [
        {"conversations": [{"from": "human", "value": row["question"]}, {"from": "gpt", "value": row["output"]}]}
        for row in ROWS
    ]
    path.write_text(json.dumps(chat, indent=1), "utf-8")
    assert main(["audit", str(path), "--workers", "1"]) == 0
    assert "rows that turn" in capsys.readouterr().out


def test_rows_that_cannot_be_read_are_named_and_counted_without_control_characters(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows.write_text(rows.read_text("utf-8") + '{"\\u001b[31moutputs": 1}\n{"output": 7}\n', "utf-8")
    figures = tmp_path / "audit.json"
    assert main(["audit", str(rows), "--workers", "1", "--json", str(figures)]) == 0
    said = capsys.readouterr().out
    assert "left out: rows.jsonl:4: need text in the field 'output', found int" in said
    assert "left out: 2 rows that cannot be read" in said and "\x1b" not in said
    assert json.loads(figures.read_text("utf-8"))["left_out"] == 2


def test_a_question_of_a_test_set_fails_the_check(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "mine.jsonl").write_text('{"question": "What is 4 * 6?"}\n', "utf-8")
    assert main(["audit", str(rows), "--test_sets", "mine.jsonl", "--data_dir", str(tmp_path / "sets")]) == 0
    said = capsys.readouterr().out
    assert "FAILS overlap with test sets              50.00% of 2, at most 0.00%" in said
    assert "overlaps test set: mine.jsonl" in " ".join(said.split())


def test_tokens_of_a_tokenizer_are_counted_in_place_of_words(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    model = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    model.pre_tokenizer = pre_tokenizers.Split("", "isolated")  # each character is a token
    PreTrainedTokenizerFast(tokenizer_object=model, unk_token="?").save_pretrained(tmp_path / "letters")
    figures = tmp_path / "audit.json"
    assert main(["audit", str(rows), "--tokenizer", str(tmp_path / "letters"), "--json", str(figures)]) == 0
    found = json.loads(figures.read_text("utf-8"))
    assert found["tokens"] == sum(len(row["output"]) for row in ROWS)
    assert "letters" in found["tokens_are"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--max_duplicate", "2"], "--max_duplicate is 2.0, but a share is between 0 and 1"),
        (["--limit", "0"], "--limit is 0, but at least one row has to be audited"),
        (["--tokenizer", "./nowhere"], "--tokenizer ./nowhere: cannot be loaded"),
        (["--test_sets", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_what_cannot_be_done_is_said(
    rows: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", str(rows), *words]) == 1
    assert message in capsys.readouterr().err


def test_a_torn_tokenizer_is_said_to_be_one(rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torn = tmp_path / "torn"
    torn.mkdir()
    (torn / "tokenizer.json").write_text('{"version": "1.0", "model": {"type": "?"}}')
    (torn / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    assert main(["audit", str(rows), "--tokenizer", str(torn)]) == 1
    assert "torn: cannot be loaded" in capsys.readouterr().err


def test_the_shipped_dataset_passes_its_own_audit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "lemma", "--strict", "--limit", "300", "--workers", "1"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("passes")
