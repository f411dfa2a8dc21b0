"""Values of options that nothing can come of: each is refused before any work, with what is known."""

import json
from pathlib import Path

import pytest

from lemma_hf.cli import main
from lemma_hf.errors import ConfigError
from lemma_hf.evaluation import BENCHMARKS
from lemma_hf.grading.policy import check_benchmark

ROW = {"question": "What is 24 - 9?", "output": "24 - 9 = 15\nThe answer is: 15", "reference": "15", "answer": "15"}


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW) + "\n")
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command says that is refused, prints nothing and writes nothing."""
    before = sorted(Path().iterdir())
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert not printed.out and sorted(Path().iterdir()) == before
    return printed.err


@pytest.mark.parametrize(
    "command",
    [
        ["grade", "rows.jsonl"],
        ["show", "rows.jsonl"],
        ["audit", "rows.jsonl"],
        ["analyse", "rows.jsonl", "-o", "out.jsonl"],
        ["score", "--outputs", "rows.jsonl", "--file", "rows.jsonl"],
        ["make-dataset", "--world", "stories", "--output_dir", "out"],
    ],
    ids=lambda command: command[0],
)
def test_a_benchmark_that_is_not_known_is_refused_with_the_nearest(command: list[str], rows: Path, capsys) -> None:
    said = refused(capsys, *command, "--benchmark", "aqau")
    assert said.startswith("error: `benchmark`: no benchmark is called 'aqau' (say `math`")
    assert said.endswith("did you mean `aqua`?\n")


def test_a_benchmark_of_rows_is_free(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows.write_text(json.dumps(ROW | {"benchmark": "of my own"}) + "\n")
    assert main(["grade", "rows.jsonl", "--benchmark-column", "benchmark"]) == 0
    assert "of my own" in capsys.readouterr().out


def test_every_benchmark_can_be_named() -> None:
    for name in (*BENCHMARKS, "aqua", "talscq_mc"):
        check_benchmark(name)
    with pytest.raises(ConfigError, match=r"known are aqua, asdiv, .*gsm8k"):
        check_benchmark("xyz")


@pytest.mark.parametrize(
    ("command", "need"),
    [
        (["grade", "rows.jsonl", "-o", "x.txt"], ".parquet or .jsonl or .json"),
        (["show", "rows.jsonl", "-o", "x.txt"], ".html or .htm"),
        (["audit", "rows.jsonl", "-o", "x.txt"], ".html or .htm"),
        (["audit", "rows.jsonl", "--json", "x.txt"], ".json"),
        (["analyse", "rows.jsonl", "-o", "x.txt"], ".jsonl or .jsonl.gz"),
        (["analyse", "rows.jsonl", "-o", "x.jsonl", "--report", "x.txt"], ".json"),
        (["export", "rows.jsonl", "--to", "messages", "-o", "x.txt"], ".jsonl, .ndjson, .json"),
    ],
    ids=lambda command: " ".join(command) if isinstance(command, list) else "",
)
def test_an_ending_that_no_writer_knows_is_refused(command: list[str], need: str, rows: Path, capsys) -> None:
    said = refused(capsys, *command)
    assert "x.txt: " in said and need in said


SCORE = ["score", "--outputs", "rows.jsonl", "--file", "rows.jsonl"]
ANALYSE = ["analyse", "rows.jsonl", "-o", "out.jsonl"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ([*SCORE, "--problems", "-1"], "`problems`: need 0 or more, found -1"),
        ([*SCORE, "--budget_usd", "nan"], "`budget_usd`: need 0 or more, found nan"),
        ([*SCORE, "--top_p", "7"], "`top_p`: need 0 or more and 1 at most, found 7"),
        ([*SCORE, "--samples", "0"], "`samples`: need 1 or more, found 0"),
        ([*SCORE, "--shots", "-2"], "`shots`: need -1 or more"),
        ([*SCORE, "--paper_model", "LLaMA3"], "no rows of a model 'LLaMA3': did you mean `LLaMA3-8B`?"),
        ([*SCORE, "--compare", "nowhere"], "nowhere/scores.json: is no file of scores"),
        ([*ANALYSE, "--min-sureness", "7"], "`min_sureness`: need 0 or more and 1 at most, found 7"),
        ([*ANALYSE, "--votes", "0"], "`votes`: need 1 or more, found 0"),
        ([*ANALYSE, "--budget-usd", "nan"], "`budget_usd`: need 0 or more, found nan"),
        (["audit", "rows.jsonl", "--max_spoiled", "7"], "--max_spoiled is 7.0, but a share is between 0 and 1"),
        (["show", "rows.jsonl", "--error-weight", "-1"], "--error_weight is -1.0, but a weight is"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else "",
)
def test_a_number_out_of_its_range_is_refused(command: list[str], said: str, rows: Path, capsys) -> None:
    assert said in refused(capsys, *command)
