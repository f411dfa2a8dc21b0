"""The names of TRL's `sft` script in `recipes/sft.py`, and this script's own old ones: the same training by either."""

import importlib.util
import json
import warnings
from dataclasses import fields
from pathlib import Path
from shlex import split
from typing import Any

import pytest
import torch
import yaml
from datasets import Dataset
from safetensors.torch import load_file
from small_worlds import ROWS
from trl import DatasetMixtureConfig, ModelConfig, ScriptArguments, SFTConfig
from trl.scripts.sft import make_parser

from lemma_hf.errors import MissingDependencyError
from lemma_hf.settings import parse_settings
from lemma_hf.train.old_names import RENAMED
from lemma_hf.train.scratch import bpe_tokenizer, small_llama
from lemma_hf.train.script import SETTINGS, LemmaModelConfig, quantization
from lemma_hf.train.setting_names import sft_names

ROOT = Path(__file__).resolve().parents[2]
SHORT = split("""
    --max_steps 2 --per_device_train_batch_size 4 --learning_rate 1e-2 --bf16 false --use_cpu true
    --error_weight 1 --save_strategy no --report_to none --logging_steps 1
""")
TRL_COMMAND = split("""
    --model_name_or_path model --model_revision main --dtype bfloat16 --attn_implementation sdpa
    --dataset_name rows --dataset_train_split train --dataset_test_split test
    --use_peft --lora_r 4 --lora_alpha 8 --lora_dropout 0.0 --lora_target_modules all-linear
    --eval_strategy steps --eval_steps 1 --max_length 512 --packing
""")
OLD_COMMAND = split("""
    --model model --model_init_kwargs '{"dtype": "bfloat16"}'
    --dataset rows --train_split train --eval_split test
    --lora_r 4 --lora_alpha 8
    --eval_strategy steps --eval_steps 1 --max_length 512 --packing true
""")


def test_the_names_that_are_read_in_sources_are_those_of_the_dataclasses():
    assert sft_names() == {item.name for kind in SETTINGS for item in fields(kind) if item.init} | RENAMED.keys()


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """A folder with rows/train, rows/test, and a small model."""
    folder = tmp_path_factory.mktemp("names")
    Dataset.from_list(ROWS * 2).to_parquet(folder / "rows" / "train.parquet")
    Dataset.from_list(ROWS[:2]).to_parquet(folder / "rows" / "test.parquet")
    tokenizer = bpe_tokenizer((row["prompt"] + row["completion"] for row in ROWS), 320)
    small_llama(tokenizer, hidden_size=64, layers=1, heads=2).save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    return folder


@pytest.fixture
def sft(world, tmp_path, monkeypatch):
    """Run the recipe in that folder; what it left there."""
    monkeypatch.chdir(world)
    spec = importlib.util.spec_from_file_location("recipe_sft", ROOT / "recipes" / "sft.py")
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)

    def run(name: str, *options: str) -> Path:
        recipe.main([*options, *SHORT, "--output_dir", str(tmp_path / name)])
        return tmp_path / name

    return run


def parse(*argv: str) -> tuple[list[Any], list[str]]:
    """The filled dataclasses, and the warnings of ours."""
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        filled = parse_settings(SETTINGS, "sft", argv=[*argv, "--bf16", "false", "--use_cpu", "true"], renamed=RENAMED)
    return list(filled), [str(item.message) for item in met if "lemma_hf" in item.filename]


def losses(out: Path) -> list[dict[str, float]]:
    history = json.loads((out / "trainer_state.json").read_text("utf-8"))["log_history"]
    return [{name: value for name, value in log.items() if "loss" in name} for log in history]


def same_weights(one: Path, other: Path) -> bool:
    ours, theirs = load_file(one), load_file(other)
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def adapters(out: Path) -> dict[str, Any]:
    found = json.loads((out / "adapter_config.json").read_text("utf-8"))
    return found | {"target_modules": sorted(found["target_modules"])}


def test_a_command_of_trl_trains_the_same_adapters_as_the_old_names(sft):
    trl, old = sft("trl", *TRL_COMMAND), sft("old", *OLD_COMMAND)
    assert same_weights(trl / "adapter_model.safetensors", old / "adapter_model.safetensors")
    assert adapters(trl) == adapters(old) and adapters(trl)["r"] == 4
    assert losses(trl) == losses(old)
    assert sum("eval_loss" in log for log in losses(trl)) == 3  # after each step, and after training


def test_a_command_of_trl_trains_the_same_weights_as_the_old_names(sft):
    trl = sft("trl", "--model_name_or_path", "model", "--dataset_name", "rows", "--eval_strategy", "epoch")
    old = sft("old", "--model", "model", "--dataset", "rows", "--eval_strategy", "epoch", "--eval_split", "test")
    assert same_weights(trl / "model.safetensors", old / "model.safetensors")
    assert losses(trl) == losses(old) and any("eval_loss" in log for log in losses(trl))


def test_every_option_of_trl_is_one_here_with_the_same_value():
    kinds = (ScriptArguments, SFTConfig, ModelConfig, DatasetMixtureConfig)
    filled, notices = parse(*TRL_COMMAND)
    with warnings.catch_warnings(action="ignore"):
        theirs = make_parser().parse_args_and_config([*TRL_COMMAND, "--bf16", "false", "--use_cpu", "true"])
    for kind, settings in zip(kinds, theirs, strict=True):
        ours = next(mine for mine in filled if isinstance(mine, kind))
        for name in {item.name for item in fields(kind)} - {"distributed_state", "logging_dir"}:
            assert getattr(ours, name) == getattr(settings, name), name
    assert notices == []


def test_without_options_the_model_is_that_of_trl():
    (_, _, ours), _ = parse()
    for item in fields(ModelConfig):
        assert getattr(ours, item.name) == getattr(ModelConfig(), item.name), item.name


@pytest.mark.parametrize("old", RENAMED)
@pytest.mark.parametrize("where", ["--old value", "--old=value", "--old-name value", "file"])
def test_each_old_name_works_with_a_notice(old, where, tmp_path):
    new, value = RENAMED[old], "a-value"
    path = tmp_path / "old.yaml"
    path.write_text(yaml.safe_dump({"sft": {old: value}}), "utf-8")
    argv = {
        "--old value": [f"--{old}", value],
        "--old=value": [f"--{old}={value}"],
        "--old-name value": [f"--{old.replace('_', '-')}", value],
        "file": ["--config", str(path)],
    }[where]
    filled, notices = parse(*argv)
    assert [getattr(settings, new) for settings in filled if hasattr(settings, new)] == [value]
    assert notices == [f"settings have new names: `{old}` is now `{new}`; the old names still work"]


@pytest.mark.parametrize(
    ("options", "adapters", "notice"),
    [
        ("", (False, 16, 32, 0.05, None), ""),
        # TRL's form.
        ("--use_peft", (True, 16, 32, 0.05, None), ""),
        ("--use_peft --lora_r 8", (True, 8, 32, 0.05, None), ""),
        ("--use_peft --lora_r 8 --lora_target_modules q_proj v_proj", (True, 8, 32, 0.05, ["q_proj", "v_proj"]), ""),
        ("--use_peft false --lora_r 8", (False, 8, 32, 0.05, None), ""),
        ("--lora_alpha 8", (False, 16, 8, 0.05, None), ""),
        # The form of earlier versions.
        ("--lora_r 8", (True, 8, 16, 0.0, "all-linear"), "`lora_r: 8` without `use_peft`"),
        ("--lora_r 8 --lora_alpha 0", (True, 8, 16, 0.0, "all-linear"), "lora_alpha: 16, lora_dropout: 0.0"),
        ("--lora_r 8 --lora_alpha 4", (True, 8, 4, 0.0, "all-linear"), "use_peft: true, lora_r: 8, lora_alpha: 4"),
        ("--lora_r 0 --lora_alpha 4", (False, 0, 4, 0.05, None), "write use_peft: false, or neither of them"),
    ],
)
def test_what_asks_for_lora(options, adapters, notice, tmp_path):
    (_, _, model), notices = parse(*options.split())
    found = (model.use_peft, model.lora_r, model.lora_alpha, model.lora_dropout, model.lora_target_modules)
    assert found == adapters
    assert len(notices) == bool(notice) and all(notice in text for text in notices)


def test_an_old_file_asks_for_lora_and_the_command_line_can_switch_it_off(tmp_path):
    path = tmp_path / "old.yaml"
    path.write_text("sft: {lora_r: 8}\n", "utf-8")
    (_, _, model), notices = parse("--config", str(path))
    assert (model.use_peft, model.lora_alpha, len(notices)) == (True, 16, 1)
    (_, _, model), notices = parse("--config", str(path), "--lora_r", "0")
    assert (model.use_peft, len(notices)) == (False, 1)
    (_, _, model), notices = parse("--config", str(path), "--use_peft", "false")
    assert (model.use_peft, len(notices)) == (False, 0)


def test_trls_datasets_are_joined_and_a_part_is_held_out_by_the_seed(sft, world, tmp_path, capsys):
    parts = [{"path": "rows", "split": "train[:10]"}, {"path": "rows", "split": "test"}]
    settings = {"datasets": parts, "test_split_size": 0.25, "eval_strategy": "epoch", "model_name_or_path": "model"}
    path = tmp_path / "mixture.yaml"
    path.write_text(yaml.safe_dump({"sft": settings}), "utf-8")
    one, other = sft("one", "--config", str(path)), sft("other", "--config", str(path))
    printed = capsys.readouterr().out
    assert "train: 9 of 9 rows kept" in printed and "eval: 3 of 3 rows kept" in printed
    assert losses(one) == losses(other) and "eval_error_loss" in losses(one)[-1]
    assert not (tmp_path / "one" / "train.rejects.jsonl").exists()


@pytest.mark.parametrize("bits", ["load_in_4bit", "load_in_8bit"])
def test_without_bitsandbytes_fewer_bits_are_refused_with_what_to_do(bits, monkeypatch):
    monkeypatch.setattr("lemma_hf.train.script.model.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError) as caught:
        quantization(LemmaModelConfig("model", use_peft=True, **{bits: True}))
    assert f"{bits} needs bitsandbytes, which is not installed: pip install bitsandbytes" in str(caught.value)
    assert quantization(LemmaModelConfig("model", use_peft=True)) is None


@pytest.mark.parametrize("bits", ["load_in_4bit", "load_in_8bit"])
def test_with_bitsandbytes_adapters_learn_on_fewer_bits(bits, sft):
    pytest.importorskip("bitsandbytes")
    options = split("--model_name_or_path model --dataset_name rows --use_peft --lora_target_modules all-linear")
    out = sft("out", *options, f"--{bits}")
    first, last = (log["loss"] for log in losses(out) if "loss" in log)
    assert last < first and (out / "adapter_model.safetensors").is_file()
