"""How the runs get done: side by side, each once its student stands, and nothing lost when one of them fails."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError, LemmaError
from lemma_hf.experiments.miniature import ARMS, MiniatureSettings
from lemma_hf.experiments.miniature._schedule import Task as Run
from lemma_hf.experiments.miniature._schedule import _ready, run_all, threads_for, what_is_left, workers_for
from lemma_hf.experiments.miniature._tasks import finished

ROOT = Path(__file__).resolve().parents[3]
SMALL = {"reading_updates": 2, "training_updates": 1, "problems": 12, "held_out": 3, "elsewhere": 1, "layers": 1}


def test_arms_wait_for_the_student_of_their_seed(tmp_path):
    settings = MiniatureSettings(output_dir=str(tmp_path), seeds=[0, 1], workers=2)
    left = what_is_left(settings, [ARMS["sft"], ARMS["lemma"]])
    order = [Run(0), Run(1), Run(0, "sft"), Run(1, "sft"), Run(0, "lemma"), Run(1, "lemma")]
    assert left == order
    assert _ready(left, []) == order[:2]
    assert _ready(order[2:], [Run(1)]) == [Run(0, "sft"), Run(0, "lemma")]
    assert _ready(order[2:], [Run(0, "sft")]) == order[2:]


def test_an_arm_waits_for_the_arm_that_it_begins_with_which_is_run_as_well(tmp_path):
    settings = MiniatureSettings(output_dir=str(tmp_path), seeds=[0])
    left = what_is_left(settings, [ARMS["sft_grpo"], ARMS["lemma"]])
    student, sft, grpo, lemma = Run(0), Run(0, "sft"), Run(0, "sft_grpo"), Run(0, "lemma")
    assert left == [student, sft, grpo, lemma]
    assert _ready(left[1:], []) == [sft, lemma]
    assert _ready([grpo, lemma], [sft]) == [lemma]
    assert _ready([grpo], [lemma]) == [grpo]
    assert [each for each in left if each.needs(student)] == [sft, grpo, lemma]
    assert [each for each in left if each.needs(sft)] == [grpo]
    assert not Run(1, "sft_grpo").needs(sft)


def test_cores_are_shared_out(tmp_path, monkeypatch):
    monkeypatch.setattr("lemma_hf.experiments.miniature._schedule.cores", lambda: 8)
    settings = MiniatureSettings(output_dir=str(tmp_path), seeds=[0])
    assert workers_for(settings, 20) == 8 and workers_for(settings, 2) == 2
    assert workers_for(MiniatureSettings(device="cuda"), 20) == 1
    assert threads_for(Run(0), 4, settings) == 8  # one student, and nothing beside it
    assert threads_for(Run(0, "sft"), 4, settings) == 2


def test_figures_that_were_cut_off_are_made_again(tmp_path):
    settings = MiniatureSettings(output_dir=str(tmp_path))
    path = tmp_path / "seed-0" / "sft" / "figures.json"
    path.parent.mkdir(parents=True)
    for text, done in {"": False, "[]": False, '{"arm": "sft"}': False, "whole": True}.items():
        path.write_text(json.dumps({"settings": settings.of_a_result()}) if text == "whole" else text, "utf-8")
        assert finished(settings, 0, "sft") is done


def test_without_a_gpu_that_is_said_before_anything_is_begun(tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(ConfigError, match="torch finds no GPU here"):
        run_all(MiniatureSettings(output_dir=str(tmp_path), device="cuda"), [ARMS["sft"]])
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_an_arm_that_fails_is_named_with_its_log_and_the_others_are_done(tmp_path):
    settings = MiniatureSettings(output_dir=str(tmp_path), seeds=[0], workers=1, steps=[1], longer=[2], **SMALL)
    student = tmp_path / "seed-0" / "student"
    run_all(settings, [])
    assert not (student / "made.json").exists()  # without arms nobody needs a student
    run_all(settings, [ARMS["student"]])
    (tmp_path / "seed-0" / "rows" / "careful.jsonl").write_text('{"span_ends": "no list"}\n', "utf-8")
    with pytest.raises(LemmaError, match=r"1 of 2 runs failed\nseed 0, careful: Arrow\w+: .*careful.log"):
        run_all(settings, [ARMS["careful"], ARMS["sft"]])
    assert finished(settings, 0, "sft") and not finished(settings, 0, "careful")
    assert "Traceback" in (tmp_path / "seed-0" / "careful.log").read_text("utf-8")


@pytest.mark.slow
def test_no_worker_outlives_a_run_that_was_killed(tmp_path):
    command = [
        sys.executable,
        ROOT / "recipes" / "miniature.py",
        "--output_dir",
        tmp_path,
        "--workers",
        1,
        "--seeds",
        0,
    ]
    command += [f"--{name}={value}" for name, value in (SMALL | {"reading_updates": 1000}).items()]
    log = tmp_path / "seed-0" / "prepare.log"
    with subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        assert comes_true(lambda: log.is_file() and "it/s" in log.read_text("utf-8"), 120)
        run.send_signal(signal.SIGKILL)
    assert comes_true(lambda: not writes_on(log), 20)


def writes_on(log: Path) -> bool:
    before = log.stat().st_size
    time.sleep(1.5)
    return log.stat().st_size > before


def comes_true(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_the_tests_own_watch_sees_a_process_that_writes_on(tmp_path):
    """Else the test above could not fail."""
    log = tmp_path / "log"
    log.write_text("", "utf-8")
    code = f"import time\nwhile True: open({str(log)!r}, 'a').write('x'); time.sleep(0.1)"
    with subprocess.Popen([sys.executable, "-c", code]) as writer:
        try:
            assert comes_true(lambda: writes_on(log), 20)
        finally:
            os.kill(writer.pid, signal.SIGKILL)
