"""Every file in recipes/configs: each section is read by its recipe, and each training is run, small, as it stands."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from datasets import Dataset

from lemma_hf.experiments.miniature import MiniatureSettings
from lemma_hf.experiments.rounds import RoundSettings
from lemma_hf.experiments.sweep import plan_runs
from lemma_hf.pipeline.run.settings import SETTINGS
from lemma_hf.recipes import sft
from lemma_hf.recipes.miniature import ReportSettings
from lemma_hf.recipes.publish import PublishSettings
from lemma_hf.recipes.score import ScoreSettings
from lemma_hf.settings import parse_settings, read_section, run_recipe
from lemma_hf.train.old_names import RENAMED
from lemma_hf.train.scratch import bpe_tokenizer, small_llama
from lemma_hf.train.script import SETTINGS as SFT_SETTINGS

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = sorted((ROOT / "recipes" / "configs").glob("*.yaml"))
SECTIONS = [(path, section) for path in CONFIGS for section in yaml.safe_load(path.read_text("utf-8"))]
TRAININGS = [path for path, section in SECTIONS if section == "sft"]
PAPERS = ("llama3_8b", "deepseekmath_7b", "mistral_7b", "qwen2_math_7b")
CPU = ["--bf16", "false", "--use_cpu", "true"]
SHORT = ["--max_steps", "2", "--per_device_train_batch_size", "2", "--gradient_accumulation_steps", "1"]


def name_of(item: Any) -> str:
    return item.stem if isinstance(item, Path) else str(item)


def parse(path: Path, section: str) -> tuple[Any, ...]:
    """What the recipe of a section makes of it."""
    kinds = {
        "sft": lambda: SFT_SETTINGS,
        "start": lambda: SFT_SETTINGS,
        "make_dataset": lambda: SETTINGS,
        "rounds": lambda: (RoundSettings,),
        "score": lambda: (ScoreSettings,),
        "miniature": lambda: (MiniatureSettings, ReportSettings),
        "publish": lambda: (PublishSettings,),
    }
    if section == "sweep":
        return tuple(plan_runs(read_section(path, "sweep"), read_section(path, "sft"), Path("out")))
    assert section in kinds, f"{path.name}: no recipe reads `{section}:`; add it here with the dataclasses that do"
    cpu = CPU if section in ("sft", "start") else []
    return parse_settings(kinds[section](), section, argv=["--config", str(path), *cpu])


@pytest.mark.parametrize(("path", "section"), SECTIONS, ids=name_of)
def test_every_section_is_read_by_its_recipe(path, section):
    filled = parse(path, section)
    if section == "sweep":
        assert len(filled) > 1
        return
    given = read_section(path, section)
    for name in given.keys() - {"bf16", "report_to"}:  # switched off for this machine; rewritten to a list
        owner = next(settings for settings in filled if hasattr(settings, name))
        value = getattr(owner, name)
        assert (value.value if hasattr(value, "value") else value) == given[name], name


@pytest.mark.parametrize("path", TRAININGS, ids=name_of)
def test_trainings_have_the_names_of_trl(path):
    sections = [read_section(path, section) for section in ("sft", "start") if (path, section) in SECTIONS]
    assert not any(section.keys() & RENAMED.keys() for section in sections)


@pytest.mark.parametrize("name", PAPERS)
def test_the_papers_values_are_those_of_the_paper(name):
    """Section 4.1 of arXiv 2503.17439; the batch is 256 on 8 GPUs."""
    given = read_section(ROOT / "recipes" / "configs" / f"{name}.yaml", "sft")
    paper = {"learning_rate": 1e-5, "lr_scheduler_type": "cosine", "warmup_steps": 0.03, "num_train_epochs": 3}
    paper |= {"bf16": True, "max_length": 4096, "packing": False, "error_weight": 1.0, "dataset_name": "panzs19/LEMMA"}
    assert {key: given[key] for key in paper} == paper
    assert given["per_device_train_batch_size"] * given["gradient_accumulation_steps"] * 8 == 256


def test_each_training_of_the_paper_differs_only_in_its_model():
    one, *others = (read_section(ROOT / "recipes" / "configs" / f"{name}.yaml", "sft") for name in PAPERS)
    for other in others:
        assert one.keys() == other.keys()
        assert {key for key in one if one[key] != other[key]} == {"model_name_or_path", "output_dir"}


@pytest.mark.parametrize("path", CONFIGS, ids=name_of)
def test_every_file_says_its_command_and_the_command_is_there(path):
    text = path.read_text("utf-8")
    assert f"recipes/configs/{path.name}" in text
    for word in text.replace("\\\n#", " ").split():
        if word.startswith("recipes/") and word.endswith((".py", ".yaml")):
            assert (ROOT / word).is_file(), word


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """A folder with a small model, published rows (one of them without spans) and right solutions."""
    folder = tmp_path_factory.mktemp("world")
    rows = [published(number) for number in range(3, 15)]
    right = [{"query": row["instruction"], "response": f"It is {number}."} for number, row in enumerate(rows)]
    Dataset.from_list([*rows, {**rows[0], "output": "It is 3.\nThe answer is: 3"}]).to_parquet(
        folder / "data" / "train.parquet"
    )
    Dataset.from_list(rows[:4]).to_parquet(folder / "data" / "test.parquet")
    Dataset.from_list(right).to_parquet(folder / "right.parquet")
    tokenizer = bpe_tokenizer((row["instruction"] + row["output"] for row in rows), 320)
    tokenizer.chat_template = (
        "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}{{ eos_token }}{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    small_llama(tokenizer, hidden_size=32, layers=1, heads=2).save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    return folder


def published(number: int) -> dict[str, str]:
    right = f"{number} * 6 = {6 * number}"
    return {
        "instruction": f"{number} boxes hold 6 pens each, and 9 are given away. How many are left?",
        "input": "",
        "output": f"There are {right} pens.\n{6 * number} - 9 = {6 * number} are left.\n"
        f"Wait, I made a mistake. Let me subtract again. {6 * number} - 9 = {6 * number - 9}.\n"
        f"The answer is: {6 * number - 9}",
    }


def small_variant(path: Path, world: Path, out: Path) -> list[str]:
    """The command line that makes of a training a small one: its data, model and length, and nothing else."""
    given = read_section(path, "sft")
    options = ["--config", str(path), "--dataset_name", str(world / "data"), "--output_dir", str(out), *CPU, *SHORT]
    if given.get("scratch"):
        options += ["--hidden_size", "32", "--layers", "1", "--heads", "2", "--vocabulary_size", "320"]
    else:
        options += ["--model_name_or_path", str(world / "model")]
    if given.get("mix_dataset"):
        options += ["--mix_dataset", str(world / "right.parquet")]
    if given.get("solve_every"):
        options += ["--solve_problems", "2", "--solve_max_new_tokens", "4"]
    return options


def check_what_is_left(out: Path, given: dict[str, Any], options: list[str]) -> None:
    """A model, its figures, and settings that are those of the file where the command line said nothing else."""
    assert (out / "model.safetensors").is_file() or (out / "adapter_model.safetensors").is_file()
    figures = json.loads((out / "all_results.json").read_text("utf-8"))
    state = json.loads((out / "trainer_state.json").read_text("utf-8"))
    assert state["global_step"] == 2 and figures["train_loss"] > 0
    assert ("eval_reflection_loss" in figures) is bool(given.get("dataset_test_split"))
    assert ("solve_accuracy" in figures) is bool(given.get("solve_every"))
    rejects = [json.loads(line) for line in (out / "train.rejects.jsonl").read_text("utf-8").splitlines()]
    assert [item["reason"] for item in rejects] == ["no_reflection"]
    used = torch.load(out / "training_args.bin", weights_only=False)
    for name in given.keys() & vars(used).keys() - {option[2:] for option in options} - {"report_to"}:
        assert getattr(used, name) == given[name], name


@pytest.mark.parametrize("path", TRAININGS, ids=name_of)
def test_a_small_variant_of_each_training_runs(path, world, tmp_path, monkeypatch, capsys):
    options = small_variant(path, world, tmp_path / "out")
    monkeypatch.setattr("sys.argv", ["sft.py", *options])
    with pytest.raises(SystemExit) as ended:
        run_recipe(sft.main)
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    given = read_section(path, "sft")
    assert "train: spans found in 12 of 13 rows of the published format; 1 left out (1 no_reflection)" in printed
    if given.get("mix_dataset"):
        assert "12 trajectories and 6 right solutions (33.3%)" in printed
        assert "train: 18 of 18 rows kept" in printed
    else:
        assert "train: 12 of 12 rows kept" in printed
    assert (tmp_path / "out" / "adapter_config.json").is_file() is bool(given.get("use_peft"))
    check_what_is_left(tmp_path / "out", given, options)


@pytest.mark.slow
def test_a_training_of_the_paper_starts_through_accelerate(world, tmp_path):
    path = ROOT / "recipes" / "configs" / "llama3_8b.yaml"
    options = small_variant(path, world, tmp_path / "out")
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "1"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [*launch, str(ROOT / "recipes" / "sft.py"), *options]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "train: 12 of 12 rows kept at max_length 4096" in done.stdout
    check_what_is_left(tmp_path / "out", read_section(path, "sft"), options)
