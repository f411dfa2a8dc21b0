"""`benchmarks/published.py` counts as it says, on rows that one can count by eye.

Four rows of Abel 7b (published: 59.74): right, right, wrong, wrong by the label; right, wrong, right, wrong by us.
"""

import importlib
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "published.py"
ABEL = [
    # output, label, truth; the reference is 4
    ("#### 4", True, True),
    ("#### 5", True, False),
    ("#### 4", False, True),
    ("#### 5", False, False),
]


def row(source: str, model: str, output: str, label: bool, truth: bool | None) -> dict[str, object]:
    part = f"gsm8k/{model}" if source.startswith("abel") else model
    values = {"id": f"{source}/{part}/1", "source": source, "benchmark": "gsm8k", "reference": "4", "output": output}
    return {**values, "label": label, "truth": truth}


ROWS = [
    *(row("abel_gsm8k", "7b", *each) for each in ABEL),
    row("mathcoder_simuleq", "MathCoder-L-7b", "#### 5", True, None),
    row("zeroeval_gsm8k", "command-r", "#### 4", True, True),
    row("zeroeval_gsm8k", "gemma-2-2b-it", "#### 5", False, False),
    row("zeroeval_gsm8k", "a-model-of-nobody", "#### 4", True, True),
    row("eic_gsm8k", "glm-4", "#### 4", True, True),  # no published score, and not asked for
]


def run(tmp_path: Path, *arguments: str) -> str:
    path = tmp_path / "graded.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in ROWS), "utf-8")
    command = [sys.executable, str(SCRIPT), str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_line_holds_published_label_ours_and_both_directions(tmp_path: Path) -> None:
    said = run(tmp_path, "--json", str(tmp_path / "figures.json"))
    # Wilson's interval for 2 of 4, from the literature: 15.0 % to 85.0 %.
    assert (
        "| abel_gsm8k | 7b | 4 of 1,319 | 59.74 (Abel) | 50.0 | 50.0 [15.0, 85.0] | +0.0 | 1 | 1 | -9.7 | 0.4 (0.4) |"
        in said
    )
    assert "| 47.5† (MathCoder) |" in said and "† mathcoder_simuleq: each reference names one" in said
    assert "All rows but those marked †: 7." in said and "1 are right only to us, 1 only to the label." in said
    assert "Of those 2, 2 have a corrected truth; it is with us in 2." in said
    assert "Abel: GAIR-NLP/abel README" in said and "eic_gsm8k" not in said
    (first, *_) = json.loads((tmp_path / "figures.json").read_text("utf-8"))["lines"]
    assert (first["published"], first["only_ours"], first["only_label"]) == (59.74, 1, 1)
    # By hand: sqrt(.5974 * .4026 / 4 * 1315 / 1318) = 0.2449.
    assert first["standard_error"] == pytest.approx(0.2449, abs=1e-4)
    assert first["z"] == pytest.approx((0.5 - 0.5974) / 0.2449, abs=1e-3)


def test_the_many_models_of_zeroeval_are_summed_up_unless_they_are_asked_for(tmp_path: Path) -> None:
    said = run(tmp_path)
    # Published 52.99 and 51.63, labels and ours 100 and 0; the third model has no published score.
    assert re.search(r"\| zeroeval_gsm8k \| 2 \| 2 \| 52\.3 \| 50\.0 \| 50\.0 \| \+0\.0 \| 0 \| 0 \| 1\.000 \|", said)
    assert "command-r" not in said
    said = run(tmp_path, "--all-models")
    assert "| zeroeval_gsm8k | command-r | 1 of 1,319 | 52.99 (ZeroEval) | 100.0 |" in said
    assert "| zeroeval_gsm8k | a-model-of-nobody | 1 of 1,319 | – | 100.0 |" in said


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch):
    """The script as a module."""
    monkeypatch.syspath_prepend(SCRIPT.parent)
    return importlib.import_module("published")


def test_the_standard_error_is_that_of_drawing_without_replacement(published) -> None:
    """Held against every draw of 2 of 4 problems, of which 3 are right: shares 1, 1, 1, .5, .5, .5."""
    line = published.Line("s", "m", published.Score(75.0, 4), labels=[True] * 2, ours=[True] * 2, truths=[None] * 2)
    shares = [1.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    spread = math.sqrt(sum((share - 0.75) ** 2 for share in shares) / len(shares))
    assert line.standard_error == pytest.approx(spread)
    line.score = published.Score(75.0, 2)  # all of the benchmark: nothing was drawn
    assert line.standard_error == 0.0 and line.deviations(line.graded) is None


def test_a_correlation_is_one_where_the_order_is_kept_and_nothing_where_nothing_varies(published) -> None:
    assert published.correlation([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]) == pytest.approx(1.0)
    assert published.correlation([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == pytest.approx(-1.0)
    assert math.isnan(published.correlation([1.0, 2.0], [5.0, 5.0]))


def test_every_score_is_a_share_and_says_where_it_stands(published) -> None:
    for models in published.SCORES.values():
        for score in models.values():
            assert score.size > 0
            assert score.percent is None or (0 < score.percent < 100 and score.where and score.source)
