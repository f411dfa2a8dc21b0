"""The demo and the scores, run small as a person would run them: the loop is closed, whatever the figures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lemma_hf.evaluation import read_items

ROOT = Path(__file__).resolve().parents[2]


def run(*command, cwd):
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Too few updates to learn anything, enough to pass through every room."""
    folder = tmp_path_factory.mktemp("demo")
    small = ["--reading", 6, "--training", 3, "--problems", 40, "--held_out", 10]
    code, printed, errors = run(ROOT / "recipes" / "demo.py", *small, cwd=folder)
    assert code == 0, errors
    return folder / "outputs" / "demo", printed


@pytest.mark.slow
def test_the_demo_prints_a_table_with_every_arm_and_its_interval(demo):
    _, printed = demo
    for arm in ("student", "SFT", "LEMMA", "student, showing its work"):
        assert f"\n{arm} " in printed
    assert printed.count(" % [") == 4
    assert "seed 0" in printed


def test_the_demo_writes_figures_answers_a_picture_and_models(demo):
    folder, _ = demo
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert {name: arm["accuracy"]["total"] for name, arm in report["arms"].items()} == {
        "student": 10,
        "SFT": 10,
        "LEMMA": 10,
        "student, showing its work": 10,
    }
    assert len((folder / "items-LEMMA.jsonl").read_text("utf-8").splitlines()) == 10
    assert (folder / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert {path.parent.name for path in folder.glob("*/model.safetensors")} == {"student", "SFT", "LEMMA"}


def test_a_saved_model_of_the_demo_is_scored_by_the_score_recipe(demo, tmp_path):
    folder, _ = demo
    world = ["--world", "sums", "--problems", 5, "--prompt_style", "sums", "--max_new_tokens", 20]
    code, printed, errors = run(ROOT / "recipes" / "score.py", "--model", folder / "LEMMA", *world, cwd=tmp_path)
    assert code == 0, errors
    assert "accuracy" in printed
    items = list(read_items(tmp_path / "outputs" / "score"))
    report = json.loads((tmp_path / "outputs" / "score" / "scores.json").read_text("utf-8"))
    assert len(items) == report["benchmarks"]["world/sums"]["scores"]["pass@1"]["total"] == 5
    assert {"torch", "transformers", "lemma-hf"} <= set(report["versions"])


def test_problems_of_a_file_are_scored_and_the_prompt_can_be_seen(tmp_path):
    (tmp_path / "problems.jsonl").write_text('{"question": "What is 2+2?", "answer": "4"}\n', "utf-8")
    command = [ROOT / "recipes" / "score.py", "--file", "problems.jsonl", "--show_prompt"]
    code, printed, _ = run(*command, cwd=tmp_path)
    assert code == 0
    assert "Let's think step by step.<- the prompt ends here" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--file", "nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["--world", "chess"], "no dialect of the world is called 'chess'"),
        ([], "say either `--world sums`"),
        (["--world", "sums", "--prompt_style", "chatty"], "no prompt style is called 'chatty'"),
        (["--world", "sums"], "which model?"),
        (["--world", "sums", "--model", "nowhere"], "'nowhere' is no model that can be loaded"),
        (["--wrld", "sums"], "nobody knows the option '--wrld'"),
    ],
)
def test_what_cannot_be_scored_is_said_in_one_line_without_a_traceback(arguments, message, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, _, errors = run(ROOT / "recipes" / "score.py", *arguments, cwd=tmp_path)
    assert code == 1
    assert message in errors
    assert "Traceback" not in errors
