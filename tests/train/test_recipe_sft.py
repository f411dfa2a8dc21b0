"""`recipes/sft.py` from the command line: a run of two steps, and mistakes that end in a message."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from safetensors.torch import save_file
from small_worlds import ROWS
from transformers import AutoModelForCausalLM, AutoTokenizer

from lemma_hf.errors import ConfigError
from lemma_hf.inference.weights import refuse_not_finite
from lemma_hf.settings import exit_status, parse_settings, run_recipe
from lemma_hf.train import script
from lemma_hf.train.scratch import bpe_tokenizer, small_llama
from lemma_hf.train.script import span_table

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "recipes" / "configs" / "world.yaml"
TURNS = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}{{ eos_token }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
"""A chat template: who speaks, the text, and the end token."""


def sft(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, str(ROOT / "recipes" / "sft.py"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=240, check=False
    )


def test_a_single_file_trains_with_a_config_that_names_a_test_split(tmp_path, capsys):
    path = tmp_path / "mine.parquet"
    Dataset.from_list(ROWS).to_parquet(path)
    options = ["--config", str(WORLD), "--dataset", str(path), "--output_dir", str(tmp_path / "out")]
    rows_of, config, _ = parse_settings(script.SETTINGS, "sft", "", options, script.RENAMED)
    assert script.held_out_rows(rows_of, config) is None
    assert config.eval_strategy == "no"
    assert "a single file has no split 'test', so nothing is held out" in capsys.readouterr().out
    assert len(script.training_rows(rows_of, config)) == len(ROWS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with rows/train and rows/test, and nothing else."""
    Dataset.from_list(ROWS * 4).to_parquet(tmp_path / "rows" / "train.parquet")
    Dataset.from_list(ROWS[:2]).to_parquet(tmp_path / "rows" / "test.parquet")
    return tmp_path


@pytest.mark.slow
def test_two_steps_leave_a_model_its_tokenizer_and_a_table(folder):
    small = ["--hidden_size", "32", "--layers", "1", "--heads", "2", "--vocabulary_size", "320", "--max_steps", "2"]
    done = sft(
        folder, "--config", str(WORLD), "--dataset", "rows", "--logging_steps", "1", "--output_dir", "out", *small
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "train: 32 of 32 rows kept at max_length 512" in done.stdout
    assert "evaluation loss, step 2" in (folder / "out" / "README.md").read_text("utf-8")
    assert "eval: 2 of 2 rows kept" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()[-6:-1]] == [
        *("span", "reasoning", "error", "reflection", "correction")
    ]
    figures = json.loads((folder / "out" / "all_results.json").read_text("utf-8"))
    assert {"train_loss", "eval_loss", "eval_error_loss", "eval_correction_accuracy"} <= figures.keys()
    assert json.loads((folder / "out" / "trainer_state.json").read_text("utf-8"))["global_step"] == 2
    model = AutoModelForCausalLM.from_pretrained(folder / "out")
    tokenizer = AutoTokenizer.from_pretrained(folder / "out")
    assert model.config.vocab_size == len(tokenizer) and model.config.hidden_size == 32
    # The model that was saved is one that the recipe can take up again, here with LoRA adapters on the error too.
    again = ["--scratch", "false", "--model", "out", "--lora_r", "2", "--error_weight", "1", "--max_steps", "1"]
    done = sft(folder, "--config", str(WORLD), "--dataset", "rows", "--output_dir", "adapted", *again)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (folder / "adapted" / "adapter_config.json").is_file()


@pytest.mark.slow
def test_rows_are_trained_in_the_chat_template_where_that_is_asked_for(folder):
    tokenizer = bpe_tokenizer([row["prompt"] + row["completion"] for row in ROWS], 320)
    tokenizer.chat_template = TURNS
    tokenizer.save_pretrained(folder / "chatty")
    small_llama(tokenizer, hidden_size=32, layers=1, heads=2).save_pretrained(folder / "chatty")
    model = ["--scratch", "false", "--model", "chatty", "--max_length", "1024", "--max_steps", "1"]
    rows = ["--chat", "true", "--dataset", "lemma", "--dataset_train_split", "train[:8]", "--output_dir", "out"]
    done = sft(folder, "--config", str(WORLD), *model, *rows)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "train: 8 of 8 rows kept" in done.stdout
    assert 'prompt = [{"role": "user", "content":' in (folder / "out" / "README.md").read_text("utf-8")


def test_a_chat_and_right_solutions_of_plain_text_are_not_mixed():
    with pytest.raises(ConfigError, match="`chat` puts trajectories into a chat template, and the rows of `mix"):
        script.LemmaScriptArguments(chat=True, mix_dataset="right.jsonl")


def test_a_tokenizer_from_scratch_is_not_fitted_to_messages(tmp_path):
    turns = {"prompt": [{"role": "user", "content": "1 + 1?"}], "completion": [{"role": "assistant", "content": "2"}]}
    options = ["--scratch", "true", "--output_dir", str(tmp_path / "out"), "--bf16", "false", "--use_cpu", "true"]
    _, config, model_of = parse_settings(script.SETTINGS, "sft", "", options, script.RENAMED)
    with pytest.raises(ConfigError, match="fits a tokenizer to prompts and completions of plain text"):
        script.make_model(model_of, config, Dataset.from_list([turns]))


def test_a_mistake_ends_in_a_message_without_a_traceback(folder):
    (folder / "typo.yaml").write_text("sft: {error_wieght: 1}\n", "utf-8")
    done = sft(folder, "--config", "typo.yaml")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: typo.yaml: `sft` has no setting `error_wieght`: did you mean `error_weight`?" in done.stderr


@pytest.fixture
def recipe():
    spec = importlib.util.spec_from_file_location("recipe_sft", ROOT / "recipes" / "sft.py")
    module = sys.modules["recipe_sft"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["recipe_sft"]


@pytest.mark.parametrize("weights", ["foreign", "torn"])
def test_a_model_whose_weights_do_not_fit_is_refused_before_it_is_trained_on(tmp_path, tokenizer, make_model, weights):
    make_model().save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    if weights == "torn":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        save_file({"foreign.weight": torch.zeros(3)}, path, {"format": "pt"})
    options = ["--model_name_or_path", str(tmp_path), "--output_dir", str(tmp_path / "out"), "--use_cpu", "true"]
    _, config, model_of = parse_settings(script.SETTINGS, "sft", "", options, script.RENAMED)
    with pytest.raises(ConfigError, match=r"is no model that can be loaded|lacks weights that the model needs"):
        script.make_model(model_of, config, Dataset.from_list(ROWS))


def test_weights_that_became_nan_are_refused_before_they_are_trained_on(
    folder, recipe, monkeypatch, capsys, tokenizer, make_model
):
    model = make_model()
    torch.nn.init.constant_(model.model.norm.weight, float("nan"))
    model.save_pretrained(folder / "diverged")
    tokenizer.save_pretrained(folder / "diverged")
    monkeypatch.chdir(folder)
    options = "--model_name_or_path diverged --dataset_name rows --max_steps 1 --bf16 false --use_cpu true"
    monkeypatch.setattr("sys.argv", ["sft.py", *options.split(), "--output_dir", "out"])
    assert exit_status(recipe.main) == 1
    assert "'diverged' can neither write nor learn: model.norm.weight holds NaN" in capsys.readouterr().err


def test_weights_that_have_no_place_yet_are_no_reason_to_refuse(make_model):
    with torch.device("meta"):
        model = make_model()
    assert all(weight.is_meta for weight in model.parameters())
    refuse_not_finite("m", model)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--config nowhere.yaml", "nowhere.yaml: cannot be read (No such file or directory)"),
        ("--dataset_name nowhere --scratch true", "dataset 'nowhere', split 'train'"),
        ("--dataset_name nowhere.jsonl --scratch true", "dataset 'nowhere.jsonl', split 'train'"),
        ("--dataset_name rows --dataset_train_split dev", "dataset 'rows', split 'dev'"),
        (
            "--dataset_name rows --scratch true --eval_strategy epoch --dataset_test_split dev",
            "dataset 'rows', split 'dev'",
        ),
        ("--dataset_name rows", "which model? Say either `model_name_or_path: NAME_OR_FOLDER` or `scratch: true`"),
        ("--dataset_name rows --scratch true --model_name_or_path here", "which model?"),
        ("--dataset_name rows --model_name_or_path no/where", "'no/where' is no model that can be loaded"),
        ("--dataset_name rows --scratch true --dtype bfloat16", "dtype with `scratch: true`: a model from scratch is"),
        ("--label_smoothing_factor 0.1", "label_smoothing_factor takes another path"),
        ("--dataset_name rows --mix_dataset rows", "have spans, so they are trajectories"),
        (
            "--dataset_name rows --mix_dataset rows --mix_columns prompt",
            "mix_columns is ['prompt']: need `question=COLUMN`",
        ),
        ("--dataset_name rows --mix_dataset nowhere.jsonl", "dataset 'nowhere.jsonl', split 'train'"),
        ("--dataset_streaming", "dataset_streaming is true, but rows are counted"),
        ("--ignore_bias_buffers", "ignore_bias_buffers has no effect on SFT"),
        ("--dataset_name rows --datasets rows", "`dataset_name` (rows) and `datasets` are both given"),
        ("--datasets nowhere --scratch true", "datasets nowhere: "),
        ("--datasets rows --scratch true --dataset_train_split dev", "`datasets` have no split 'dev', only train"),
        ("--use_peft --lora_r 0", "use_peft with lora_r 0 and lora_alpha 32: need 1 or more of both"),
        ("--load_in_4bit", "load_in_4bit without use_peft: quantized weights cannot be trained"),
        ("--load_in_4bit --load_in_8bit --use_peft", "You can't use 8 bit and 4 bit precision at the same time"),
        ("--solve_every 5", "solve_every needs problems: say either `solve_file: FILE` or `solve_world: stories`"),
        ("--solve_every 5 --solve_world chess", "no world is called 'chess'"),
        ("--solve_every 5 --solve_file nowhere.jsonl", "nowhere.jsonl: cannot be read"),
        ("--error_wieght 1", "unknown option '--error_wieght'"),
    ],
)
def test_what_was_wrong_is_said(folder, recipe, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.argv", ["sft.py", *arguments.split(), "--bf16", "false", "--use_cpu", "true"])
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    assert exit_status(recipe.main) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and message in said


def test_problems_of_a_file_are_solved_while_it_trains(folder, recipe, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    problems = [{"question": "What is 2 + 2?", "answer": "4"}, {"question": "?", "answer": ""}]
    Path("problems.jsonl").write_text("".join(json.dumps(problem) + "\n" for problem in problems), "utf-8")
    small = (
        "--dataset_name rows --scratch true --hidden_size 32 --layers 1 --heads 2 --vocabulary_size 320 --max_steps 2"
    )
    solve = "--solve_every 1 --solve_file problems.jsonl --solve_max_new_tokens 4 --mix_share 0.2 --output_dir out"
    mixed = "--mix_dataset right.jsonl --mix_columns question=q solution=a --mix_style question"
    right = [{"q": f"{number} + 1?", "a": str(number + 1)} for number in range(20)]
    Path("right.jsonl").write_text("".join(json.dumps(row) + "\n" for row in right), "utf-8")
    options = f"{small} {solve} {mixed} --bf16 false --use_cpu true --save_strategy no"
    monkeypatch.setattr("sys.argv", ["sft.py", *options.split()])
    with pytest.raises(SystemExit) as ended:
        run_recipe(recipe.main)
    printed = capsys.readouterr().out
    assert ended.value.code == 0
    assert "problems.jsonl: 1 problems, 1 rows without an answer" in printed
    assert "mixture: 32 trajectories and 8 right solutions (20.0%), drawn from 20" in printed
    history = json.loads(Path("out/trainer_state.json").read_text("utf-8"))["log_history"]
    assert [log["step"] for log in history if "solve_accuracy" in log] == [1, 2]
    assert span_table(history[:1]).startswith("no training steps")  # figures of problems solved are none of spans
    assert json.loads(Path("out/train_results.json").read_text("utf-8"))["solve_unfinished"] in {0.0, 1.0}


@pytest.mark.slow
def test_arrays_of_conversations_and_of_right_solutions_are_trained_on(folder):
    turn = "2 + 2 = 5.\nWait, that is wrong. 2 + 2 = 4.\nThe answer is: 4"
    rows = [
        {"conversations": [{"from": "human", "value": f"{n} times 2 + 2?"}, {"from": "gpt", "value": text}]}
        for n, text in enumerate([turn] * 6 + ["2 + 2 = 4.\nThe answer is: 4"])
    ]
    right = [{"instruction": f"{n} + 0?", "input": "", "output": f"The answer is: {n}"} for n in range(6)]
    (folder / "rows.json").write_text(json.dumps(rows, indent=2), "utf-8")
    (folder / "right.json").write_text(json.dumps(right, indent=2), "utf-8")
    small = ["--hidden_size", "32", "--layers", "1", "--heads", "2", "--vocabulary_size", "280", "--max_steps", "1"]
    mixed = ["--mix_dataset", "right.json", "--mix_share", "0.25", "--dataset_test_split", "train[:2]"]
    names = ["--dataset_name", "rows.json", "--output_dir", "out"]
    done = sft(folder, "--config", str(WORLD), *names, *small, *mixed)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "rows.json, train: spans found in 6 of 7 rows with `conversations`; 1 left out (1 no_refl" in done.stdout
    assert "mixture: 6 trajectories and 2 right solutions (25.0%), drawn from 6" in done.stdout
    assert (folder / "out" / "model.safetensors").is_file()
