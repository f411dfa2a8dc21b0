"""`recipes/sweep.py` as a person runs it: what fails, what goes on, and what stops."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from datasets import Dataset

ROOT = Path(__file__).resolve().parents[2]
ROW = {
    "prompt": "6 pens, 2 lost. How many are left?",
    "completion": "6 - 2 = 5. Wait, no. 6 - 2 = 4.",
    "span_kinds": ["error", "reflection", "correction"],
    "span_ends": [11, 20, 31],
}
SFT = {
    "output_dir": "outputs",
    "dataset_name": "rows.parquet",
    "dataset_test_split": "train[:2]",
    "scratch": True,
    "hidden_size": 32,
    "layers": 1,
    "heads": 2,
    "vocabulary_size": 300,
    "error_weight": 0.0,
    "max_length": 256,
    "max_steps": 2,
    "per_device_train_batch_size": 2,
    "bf16": False,
    "use_cpu": True,
    "save_strategy": "no",
}


@pytest.fixture
def folder(tmp_path):
    Dataset.from_list([ROW] * 8).to_parquet(tmp_path / "rows.parquet")
    return tmp_path


def start(folder: Path, sweep: dict, *options: str, **sft) -> "subprocess.Popen[str]":
    (folder / "study.yaml").write_text(yaml.safe_dump({"sweep": sweep, "sft": SFT | sft}), "utf-8")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, str(ROOT / "recipes" / "sweep.py"), "--config", "study.yaml", *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    printed, errors = process.communicate(timeout=240)
    return process.returncode, printed, errors


def test_a_misspelt_name_is_refused_before_anything_runs(folder):
    code, _, errors = ended(start(folder, {"error_wieght": [0, 1]}))
    assert code == 1 and "Traceback" not in errors
    assert "did you mean `error_weight`?" in errors
    assert not (folder / "outputs").exists()


@pytest.mark.parametrize(
    ("options", "sft", "said"),
    [
        (["--learning_rat", "1"], {}, "error: unknown option '--learning_rat': did you mean --learning_rate?"),
        (["--learning-rat=1"], {}, "error: unknown option '--learning-rat': did you mean --learning_rate?"),
        (["--api_key=secret"], {}, "error: unknown option '--api_key': `--help` lists"),
        ([], {"max_step": 2}, "error: study.yaml: `sft` has no setting `max_step`: did you mean `max_steps`?"),
    ],
)
def test_an_unknown_option_of_the_training_is_refused_before_the_first_run(folder, options, sft, said):
    code, printed, errors = ended(start(folder, {"error_weight": [0, 1]}, *options, **sft))
    assert code == 1 and errors.startswith(said) and "secret" not in errors
    assert not printed and not (folder / "outputs").exists()


@pytest.mark.slow
def test_a_run_that_fails_does_not_lose_the_other_and_finished_ones_are_left_alone(folder):
    # No row fits in 4 tokens.
    vary = {"max_length": [4, 256]}
    code, printed, errors = ended(start(folder, vary, "--logging_steps", "1"))
    assert code == 1 and "1 of 2 runs failed" in errors and "Traceback" not in errors
    assert "nothing in the train split would be trained on" in printed
    assert "failed after" in printed and "finished after" in printed
    failed, finished = json.loads((folder / "outputs" / "sweep.json").read_text("utf-8"))["runs"]
    assert (failed["status"], failed["figures"], finished["status"]) == ("failed", {}, "finished")
    assert {"eval_error_loss", "eval_reflection_loss", "eval_correction_loss", "train_loss"} <= finished[
        "figures"
    ].keys()
    table = (folder / "outputs" / "sweep.md").read_text("utf-8")
    assert f"| 256 | finished | {finished['figures']['eval_loss']:.4f} |" in table and "| 4 | failed |" in table
    log = (folder / "outputs" / "max_length-256" / "log.txt").read_text("utf-8")
    assert "--logging_steps 1 --max_length 256" in log and log.count("$ ") == 1

    # What failed is left out now: nothing has to run, and the exit is a good one.
    code, printed, errors = ended(start(folder, {"max_length": [256]}, "--logging_steps", "1"))
    assert code == 0, errors
    assert "1 runs in outputs, 1 of them finished already" in printed
    assert (folder / "outputs" / "max_length-256" / "log.txt").read_text("utf-8") == log

    code, _, errors = ended(start(folder, {"max_length": [256]}, "--logging_steps", "2"))
    assert code == 1 and "was made with other settings (command line;" in errors


@pytest.mark.slow
def test_a_sweep_that_is_stopped_leaves_nothing_running_and_goes_on_from_the_checkpoint(folder):
    vary = {"error_weight": [1.0]}
    options = {"save_strategy": "steps", "save_steps": 5, "max_steps": 60, "logging_steps": 1}
    run = folder / "outputs" / "error_weight-1.0"
    process = start(folder, vary, **options)
    until(lambda: any(run.glob("checkpoint-*/trainer_state.json")) or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    code, printed, errors = ended(process)
    assert code == 130 and "stopped: run the same command again to go on" in errors and "Traceback" not in errors
    assert "| 1.0 | not finished |" in printed
    assert not running(folder)

    code, printed, errors = ended(start(folder, vary, **options))
    assert code == 0, errors + (run / "log.txt").read_text("utf-8")[-3000:]
    assert "--resume_from_checkpoint" in (run / "log.txt").read_text("utf-8")
    steps = [log["step"] for log in json.loads((run / "trainer_state.json").read_text("utf-8"))["log_history"]]
    assert sorted(set(steps)) == list(range(1, 61))


def test_a_batch_system_stops_it_too(folder):
    process = start(folder, {"error_weight": [1.0]})
    until((folder / "outputs" / "error_weight-1.0" / "log.txt").exists)
    process.send_signal(signal.SIGTERM)
    code, _, errors = ended(process)
    assert code == 130 and "stopped: run the same command again to go on" in errors
    assert not running(folder)


def until(condition, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def running(folder: Path) -> list[str]:
    """Processes that work in this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == folder.resolve():
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
