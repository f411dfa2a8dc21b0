"""The benchmark of the grader counts as it says, on rows that one can count by eye."""

import json
import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "grading.py"
ROWS = [
    {"source": "one", "output": "#### 4", "reference": "4", "truth": True},
    {"source": "one", "output": "#### 4", "reference": "4", "truth": False},  # ours will say right: a false right
    {"source": "two_a", "output": "#### 5 \ud800", "reference": "4", "truth": True},  # a false wrong
    {"source": "two_b", "output": "#### 5", "reference": "5", "truth": None},
    {"source": "zeroeval_x", "output": "#### 5", "reference": "5", "truth": True},
]
PAIRS = [{"source": "a suite, test 1", "gold": "$x$", "answer": "$y$", "expected": False}]


def run(tmp_path: Path, *arguments: str) -> str:
    graded, pairs = tmp_path / "graded.jsonl", tmp_path / "pairs.jsonl"
    rows = [{**row, "benchmark": "math", "final_answer": "4"} for row in ROWS]
    graded.write_text("".join(json.dumps(row) + "\n" for row in rows))
    pairs.write_text("".join(json.dumps(row) + "\n" for row in PAIRS))
    command = [sys.executable, str(SCRIPT), str(graded), "--pairs", str(pairs), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_agreement_is_counted_by_source_and_in_all(tmp_path: Path) -> None:
    said = run(tmp_path, "--only", "ours")
    whole = said[said.index("### Whole outputs") : said.index("### Cost")]
    # Wilson's interval for 1 of 2, from the literature: 9.45 % to 90.55 %.
    assert "| one | 2 | 50.00 [9.45, 90.55] | 1 | 0 |" in whole
    assert re.search(r"\| two_a \| 1 \| 0\.00 \[.*\] \| 0 \| 1 \|", whole)
    assert re.search(r"\| \*JSON outputs\* \| 1 \| 100\.00 \[.*\] \| 0 \| 0 \|", whole)
    assert re.search(r"\| \*\*all\*\* \| 4 \| 50\.00 \[.*\] \| 1 \| 1 \|", whole)
    assert "two_b" not in whole  # not scored
    assert re.search(r"\| a \| 1 \| 100\.00", said[said.index("### Pairs") :])
    assert re.search(r"\| ours \| [\d,]+ \| .*not loaded", said)


def test_sources_can_be_left_out(tmp_path: Path) -> None:
    said = run(tmp_path, "--only", "ours", "--without", "two", "zeroeval")
    assert re.search(r"\| \*\*all\*\* \| 2 \|", said) and "two_a" not in said and "zeroeval" not in said
