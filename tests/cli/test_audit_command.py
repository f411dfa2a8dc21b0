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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--max_duplicate", "2"], "--max_duplicate is 2.0, but a share is between 0 and 1"),
        (["--tokenizer", "./nowhere"], "--tokenizer ./nowhere: cannot be loaded"),
        (["--test_sets", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_what_cannot_be_done_is_said(
    rows: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", str(rows), *words]) == 1
    assert message in capsys.readouterr().err


def test_the_shipped_dataset_passes_its_own_audit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "lemma", "--strict", "--limit", "300", "--workers", "1"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("passes")
