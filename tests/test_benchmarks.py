"""The benchmarks count as they say, on rows that one can count by eye. How fast anything is, is not asked here."""

import importlib
import json
import re
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lemma_hf.errors import LemmaError

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


@pytest.fixture
def trainers(monkeypatch):
    """The measures of `benchmarks/train.py`, on a model of 16 columns."""
    monkeypatch.syspath_prepend(SCRIPT.parent)
    module = importlib.import_module("trainers")
    tiny = replace(module.CPU, hidden=16, layers=1, heads=2, steps=2, max_length=64, mean_tokens=16)
    for name in ("CPU", "GPU"):
        monkeypatch.setattr(module, name, tiny)
    return module


def test_a_chain_of_rows_is_their_texts_joined_with_their_spans(trainers):
    one, two = ({"prompt": f"{n}?", "completion": f"{n}{n}", "span_kinds": [0], "span_ends": [2]} for n in (1, 2))
    assert trainers._chain([one, two]) == {
        "prompt": "1?",
        "completion": "11\n22\n",
        "span_kinds": [0, 0],
        "span_ends": [2, 6],
    }
    assert all(row["span_ends"][-1] == len(row["completion"]) for row in trainers.make_rows(20))


def test_padding_is_counted_batch_by_batch(trainers):
    counted = runpy.run_path(str(SCRIPT.with_name("train.py")))["_filled"]
    rows = [{"input_ids": [0] * length} for length in (1, 1, 1, 5, 2, 2, 2, 2, 9)]
    assert counted(rows) == (8 + 8) / (20 + 8)  # the last batch is not whole


def test_ratios_are_those_of_pairs(trainers):
    assert trainers.ratios([2.0, 3.0, 8.0], [1.0, 3.0, 2.0]) == (2.0, 1.0, 4.0)


@pytest.mark.slow
def test_every_measure_gives_figures(trainers):
    variants = {"packed": ("ours", {"packing": True}), "padded": ("stock", {})}
    speeds = trainers.train_rounds(variants, 2, 0.6)
    assert {name: len(each) for name, each in speeds.items()} == {"packed": 2, "padded": 2}
    assert all(speed > 0 for each in speeds.values() for speed in each)
    ours, stock = (trainers.prepare(name, 20, False, True) for name in ("ours", "stock"))
    assert ours["tokens"] == stock["tokens"] > 100 and min(ours["rows/s"], stock["rows/s"]) > 0
    for name in ("ours", "full logits"):
        assert set(trainers.peak_of_step(name, 8)) == {"train", "eval"}


@pytest.fixture
def callers(monkeypatch: pytest.MonkeyPatch):
    """The measures of `benchmarks/pipeline.py`."""
    monkeypatch.syspath_prepend(SCRIPT.parent)
    return importlib.import_module("callers")


def test_callers_make_as_many_calls_as_they_say_and_no_two_are_the_same(callers, monkeypatch, tmp_path):
    from huggingface_hub import constants

    from lemma_hf.testing import LoopbackEndpoint

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in callers.CALLERS:
        with LoopbackEndpoint(latency=0.02, slots=4) as endpoint:
            timing = callers.timed(name, endpoint.url, 12, 4, str(tmp_path))
            assert (timing.calls, endpoint.counts) == (12, {"whole": 12}), name
            assert name == "sockets" or not endpoint.repeats(), name
            assert endpoint.most_at_work == (1 if name == "openai_loop" else 4), name


def test_a_timing_is_calls_by_seconds(callers):
    timing = callers.Timing(calls=10, seconds=5, cpu=0.02)
    assert (timing.rate, timing.cpu_ms) == (2, 2)


def test_the_store_is_measured_as_it_is_left_by_a_process_that_was_killed(callers, tmp_path):
    import multiprocessing

    process = multiprocessing.get_context("spawn").Process(
        target=callers.fill_and_be_killed, args=(str(tmp_path), 2500, 100)
    )
    process.start()
    process.join()
    assert process.exitcode == -9
    found = callers.reopen(str(tmp_path), 2500)
    assert found["MB"] > 0.25 and found["ready s"] < 5


FIRST_ERROR = SCRIPT.with_name("first_error.py")


def test_teachers_are_compared_with_people_s_marks_by_source_and_half(tmp_path: Path) -> None:
    # "1" is in half B and "3" in half A, by their SHA-256.
    reference = "2 * 3 = 6\n6 + 1 = 7\n#### 7"
    rows = [
        {"source": source, "problem": problem, "reference": reference, "steps": steps, "first_error": mark}
        for source, problem, steps, mark in (
            ("s", "1", ["2 * 3 = 6", "6 + 1 = 8", "The answer is: 8"], 1),
            ("s", "3", ["2 * 3 = 6", "6 + 1 = 8", "The answer is: 8"], 0),
            ("t", "3", ["2 * 3 = 6", "6 + 1 = 7", "The answer is: 7"], -1),
        )
    ]
    path = tmp_path / "marked.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [sys.executable, str(FIRST_ERROR), str(path), "-o", "out.jsonl", "--report", "report.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=100)
    tables = {part.partition("\n")[0]: part for part in done.stdout.split("\n### ")[1:]}
    cells = {
        title: {line.split(" | ")[0].removeprefix("| "): line.split(" | ") for line in part.splitlines()}
        for title, part in tables.items()
    }
    assert cells["All rows"]["s"][1:5] == ["2", "2", "100.0 % [34.2, 100.0]", "50.0 % [9.5, 90.5]"]
    assert cells["Half A"]["all"][1:3] == ["2", "1"]
    assert cells["Half B"]["s"][4].startswith("100.0 %") and "all" not in cells["Half B"]
    assert cells["Published on ProcessBench: F1, %"]["o1-mini"][-1] == "87.9 |"
    assert json.loads((tmp_path / "report.json").read_text())["by_source"]["all"]["rows"] == 3


def test_the_mean_of_each_published_row_is_that_of_its_sets() -> None:
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        published = importlib.import_module("published_marks").PUBLISHED
    finally:
        sys.path.remove(str(SCRIPT.parent))
    for *sets, mean in published.values():
        assert abs(sum(sets) / 4 - mean) < 0.051  # each figure is rounded


SUITE = """
import pytest, trl

class TestSFTTrainer:
    def test_this_is_trl_s_own_trainer(self):
        assert trl.SFTTrainer.__name__ == "SFTTrainer"
    def test_this_is_a_trainer(self):
        assert trl.SFTTrainer.__name__.endswith("SFTTrainer")
    def test_skipped(self):
        pytest.skip("not here")
"""


@pytest.mark.slow
def test_the_suite_of_trl_is_run_with_either_trainer_and_skipped_tests_are_not_counted(tmp_path: Path) -> None:
    script = runpy.run_path(str(SCRIPT.with_name("trl_suite.py")))
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "__init__.py").touch()
    (tmp_path / "suite" / "conftest.py").write_text(script["CONFTEST"])
    (tmp_path / "suite" / "test_sft_trainer.py").write_text(SUITE)
    own, any_trainer = "test_this_is_trl_s_own_trainer", "test_this_is_a_trainer"
    assert script["passed"](tmp_path, "stock") == {own: True, any_trainer: True}
    assert script["passed"](tmp_path, "ours") == {own: False, any_trainer: True}


def test_the_rows_that_a_script_would_push_lie_in_a_folder_that_loads(tmp_path: Path, monkeypatch) -> None:
    from datasets import DatasetDict, load_dataset

    monkeypatch.setattr(DatasetDict, "push_to_hub", DatasetDict.push_to_hub)  # put back afterwards
    code = (
        "from datasets import Dataset, DatasetDict\n"
        "def main(test_size, push_to_hub, repo_id):\n"
        "    rows = Dataset.from_list([{'text': 'one'}, {'text': 'two'}])\n"
        "    DatasetDict(train=rows).push_to_hub(repo_id, config_name='plain')\n"
    )
    for name in ("zen", "toolcall", "harmony"):
        (tmp_path / f"generate_{name}_dataset.py").write_text(code)
    runpy.run_path(str(SCRIPT.with_name("trl_suite.py")))["make_rows"](tmp_path, tmp_path)
    folder = str(tmp_path / "trl-internal-testing" / "zen")
    rows = load_dataset(folder, "plain", split="train", cache_dir=str(tmp_path / "cache"))
    assert rows["text"] == ["one", "two"]


def test_a_corner_s_failures_are_named(tmp_path: Path) -> None:
    run_tests = runpy.run_path(str(SCRIPT.with_name("matrix.py")))["run_tests"]
    (tmp_path / "test_two.py").write_text("def test_right(): pass\ndef test_wrong(): assert False\n")
    said = run_tests(sys.executable, str(tmp_path / "test_two.py"))
    assert re.match(r"1 failed, 1 passed in .*s test_wrong$", said)


def test_what_a_corner_needs_is_what_setup_cfg_says() -> None:
    requirements = runpy.run_path(str(SCRIPT.with_name("matrix.py")))["requirements"]("train")
    names = [re.split(r"[<>=]", line)[0] for line in requirements]
    assert {"datasets", "huggingface-hub", "torch", "trl"} <= set(names) and not any(
        "#" in line for line in requirements
    )


@pytest.mark.slow
def test_the_kit_for_a_gpu_runs_in_small_and_does_nothing_twice(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT.with_name("gpu.py")), "--toy", "--only", "generation", "study"]

    def run() -> str:
        return subprocess.run(
            [*command, "--output_dir", "gpu"], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    said = run()
    assert re.search(r"\| 2 \| 32 \| [\d,]+ \|", said)  # four prompts with eight tokens each, in batches of two
    for arm, about in (
        ("untrained", "nothing"),
        ("sft", "the reference solutions"),
        ("lemma", "own mistakes with a turn"),
    ):
        assert re.search(rf"\| {arm} \| {about} \| 1 \| \d+\.\d % \[", said)
    trajectories = (tmp_path / "gpu" / "study" / "rows" / "trajectories.jsonl").read_text().splitlines()
    turning = [row for row in map(json.loads, trajectories) if "span_kinds" in row]
    assert turning and all("error" in row["span_kinds"] for row in turning)
    (tmp_path / "gpu" / "study.md").unlink()
    assert run() == said
    assert (tmp_path / "gpu" / "study.log").read_text().count("finished earlier") == 7


def test_a_study_ends_with_the_table_of_what_is_there(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.syspath_prepend(SCRIPT.parent)
    study = importlib.import_module("study")
    scores = tmp_path / "scores" / "sft-1" / "scores.json"
    scores.parent.mkdir(parents=True)
    share = {"value": 0.5, "ci95": [0.25, 0.75]}
    scores.write_text(json.dumps({"benchmarks": {"gsm8k": {"scores": {"pass@1": share}}}}))
    words = ["study.py", "--model", "m", "--problems", "p.jsonl", "--tests", "gsm8k=g.jsonl", "--minutes", "0"]
    monkeypatch.setattr(sys, "argv", [*words, "--output_dir", str(tmp_path)])
    with pytest.raises(LemmaError, match="the time is over before sample"):
        study.main()
    assert "| sft | the reference solutions | 1 | 50.0 % [25.0, 75.0] |" in capsys.readouterr().out
