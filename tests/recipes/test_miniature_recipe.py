"""The miniature and the scores, run small as a person would run them: the loop is closed, whatever the figures."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lemma_hf.evaluation import read_scored_items

ROOT = Path(__file__).resolve().parents[2]
MINIATURE = ROOT / "recipes" / "miniature.py"


def run(*command, cwd):
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


SMALL = ["--reading_updates", 6, "--training_updates", 3, "--problems", 40, "--held_out", 10, "--elsewhere", 4]
SMALL += ["--layers", 1, "--pairs_updates", 3, "--pairs", 4, "--reward_updates", 1, "--reward_samples", 8]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Too few updates to learn anything, enough to pass through every room."""
    folder = tmp_path_factory.mktemp("demo")
    config = ROOT / "recipes" / "configs" / "demo.yaml"
    code, printed, errors = run(MINIATURE, "--config", config, *SMALL, cwd=folder)
    assert code == 0, errors
    return folder, printed


@pytest.mark.slow
def test_the_demo_prints_a_table_with_every_arm_and_its_interval(demo):
    _, printed = demo
    for arm in ("student", "student, showing work", "SFT", "LEMMA", "one turn, both ways", "careful only"):
        assert f"\n{arm} " in printed
    assert printed.count(" % [") == 6


def test_the_demo_writes_figures_answers_a_report_with_pictures_and_models(demo):
    folder = demo[0] / "outputs" / "demo"
    arms = ("student", "student_work", "sft", "lemma", "both", "careful")
    figures = {name: json.loads((folder / "seed-0" / name / "figures.json").read_text("utf-8")) for name in arms}
    assert {name: each["held_out"]["accuracy"]["total"] for name, each in figures.items()} == dict.fromkeys(arms, 10)
    assert len((folder / "seed-0" / "lemma" / "items.jsonl").read_text("utf-8").splitlines()) == 10 + 4 + 4
    assert {p.parent.name for p in folder.glob("seed-0/*/model.safetensors")} == {
        "student",
        "sft",
        "lemma",
        "both",
        "careful",
    }
    page = (folder / "miniature.md").read_text("utf-8")
    assert "errors in 10 % (all seeds)" in page  # said to be missing
    for picture in ("tokens.png", "steps.png", "confusion.png"):
        assert f"miniature/{picture}" in page
        assert (folder / "miniature" / picture).read_bytes().startswith(b"\x89PNG")


def test_all_arms_take_the_same_number_of_updates_from_the_same_student(demo):
    folder = demo[0] / "outputs" / "demo" / "seed-0"
    states = [json.loads((folder / name / "figures.json").read_text("utf-8"))["training"] for name in ("sft", "lemma")]
    assert [state["tokens"] for state in states] == [3 * 4 * 512] * 2


def test_run_again_it_trains_nothing_and_says_the_same(demo):
    folder, printed = demo
    model = folder / "outputs" / "demo" / "seed-0" / "lemma" / "model.safetensors"
    before = model.stat().st_mtime_ns
    code, again, errors = run(MINIATURE, "--config", ROOT / "recipes" / "configs" / "demo.yaml", *SMALL, cwd=folder)
    assert code == 0, errors
    assert again.count(" % [") == 6 and printed.endswith(again)
    assert model.stat().st_mtime_ns == before


def test_another_arm_is_added_to_what_is_there_and_what_is_half_done_is_done_again(demo, tmp_path):
    folder = tmp_path / "outputs"
    shutil.copytree(demo[0] / "outputs" / "demo", folder)
    (folder / "seed-0" / "sft" / "figures.json").rename(folder / "seed-0" / "sft" / "figures.half")
    more = ["lemma_mistake_e0", "spot", "step_dpo", "sft_grpo"]
    options = ["--output_dir", folder, "--seeds", 0, "--samples", 1, "--arms", "sft", *more, *SMALL]
    code, printed, errors = run(MINIATURE, *options, cwd=tmp_path)
    assert code == 0, errors
    assert (folder / "seed-0" / "sft" / "figures.json").is_file()
    for arm in ("LEMMA", "mistake masked", "put right, no turn", "SFT, step-DPO", "SFT, GRPO"):
        assert f"\n{arm} " in printed
    found = {name: json.loads((folder / "seed-0" / name / "figures.json").read_text("utf-8")) for name in more}
    assert found["step_dpo"]["training"].keys() == {"updates", "seconds", "samples", "tokens"}
    assert found["step_dpo"]["training"]["samples"] == 3 * 4 and found["sft_grpo"]["training"]["samples"] == 8
    assert found["step_dpo"]["training"]["tokens"] > 0 < found["sft_grpo"]["training"]["tokens"]


def test_what_was_made_with_other_settings_is_not_mixed_in(demo):
    other = [*SMALL, "--layers", 2]
    code, _, errors = run(MINIATURE, "--config", ROOT / "recipes" / "configs" / "demo.yaml", *other, cwd=demo[0])
    assert code == 1
    assert "made with other settings (layers; layers was 1, now is 2)" in errors


def test_the_report_is_written_again_from_its_figures_and_keeps_what_a_person_wrote(demo, tmp_path):
    folder = demo[0] / "outputs" / "demo"
    shutil.copytree(folder / "miniature", tmp_path / "miniature")
    page = (folder / "miniature.md").read_text("utf-8")
    written = page.replace("<!-- discussion -->\n", "<!-- discussion -->\nI think so.\n")
    (tmp_path / "miniature.md").write_text(written, "utf-8")
    options = ["--figures", "miniature/figures.json", "--report_dir", "."]
    code, _, errors = run(MINIATURE, *options, cwd=tmp_path)
    assert code == 0, errors
    assert (tmp_path / "miniature.md").read_text("utf-8") == written != page


def test_a_lemma_that_does_not_lead_fails_with_the_difference(demo, tmp_path):
    figures = demo[0] / "outputs" / "demo" / "miniature" / "figures.json"
    code, _, errors = run(MINIATURE, "--figures", figures, "--report_dir", ".", "--must_beat", 10, cwd=tmp_path)
    assert code == 1
    assert "LEMMA against SFT: " in errors and "the lower end has to be above +10.0" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--arms", "lema"], "no arm is called 'lema': did you mean 'lemma'?"),
        (["--figures", "nowhere.json"], "nowhere.json: holds no figures"),
        (["--largest", 120], "`largest`: need more than 12 and less than 99, found 120"),
    ],
)
def test_what_makes_no_experiment_is_said_in_one_line(options, message, tmp_path):
    code, _, errors = run(MINIATURE, *options, cwd=tmp_path)
    assert code == 1
    assert message in errors and "Traceback" not in errors


def test_a_saved_model_of_the_demo_is_scored_by_the_score_recipe(demo, tmp_path):
    model = demo[0] / "outputs" / "demo" / "seed-0" / "lemma"
    world = ["--world", "sums", "--problems", 5, "--prompt_style", "sums", "--max_new_tokens", 20]
    code, printed, errors = run(ROOT / "recipes" / "score.py", "--model", model, *world, cwd=tmp_path)
    assert code == 0, errors
    assert "accuracy" in printed
    items = list(read_scored_items(tmp_path / "outputs" / "score"))
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
        (["--world", "chess"], "no world is called 'chess'"),
        ([], "need exactly one of `--world sums`"),
        (["--world", "sums", "--prompt_style", "chatty"], "no prompt style is called 'chatty'"),
        (["--world", "sums"], "no model is named"),
        (["--world", "sums", "--model", "nowhere"], "'nowhere' is no model that can be loaded"),
        (["--wrld", "sums"], "unknown option '--wrld'"),
    ],
)
def test_what_cannot_be_scored_is_said_in_one_line_without_a_traceback(arguments, message, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, _, errors = run(ROOT / "recipes" / "score.py", *arguments, cwd=tmp_path)
    assert code == 1
    assert message in errors
    assert "Traceback" not in errors
