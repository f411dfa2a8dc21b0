"""The callback that lets the model solve problems: what it logs, and that training does not notice it."""

import copy
import json
import os
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from datasets import Dataset
from peft import LoraConfig, PromptTuningConfig
from small_worlds import ROWS, as_row, trajectory
from transformers import TrainerCallback

from lemma_hf.errors import ConfigError
from lemma_hf.inference import Completion, LocalStudent, Sampling
from lemma_hf.prompts import PromptStyle, prompt_style
from lemma_hf.records import Problem
from lemma_hf.solutions.reflection import reflect_many
from lemma_hf.train.prompting import CHAT, AsTrained, style_of_rows
from lemma_hf.train.scratch import small_llama
from lemma_hf.train.solve import SolveCallback, Solved, solve_figures

QUESTION = "Each of 4 boxes holds {} pens; 9 are given away. How many are left?"
PROBLEMS = [Problem(f"p{number}", QUESTION.format(number), str(4 * number - 9)) for number in range(11, 16)]
TURNS = (
    "{% for message in messages %}<s>{{ message['role'] }}\n{{ message['content'] }}<pad>\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)
"""A chat template whose end of turn is not the tokenizer's end token."""
FAST = {"max_new_tokens": 6, "batch_size": 2, "examples": 0}


class KeepStates(TrainerCallback):
    """What must not change while a solve runs, seen before and after each step's callbacks."""

    def __init__(self) -> None:
        self.states: list = []

    def on_step_end(self, args, state, control, model=None, **kwargs):
        self.states.append((random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()))


def solved(number: int, text: str, reference: str, *, finished: bool = True) -> Solved:
    (verdict,) = reflect_many([text], [reference], benchmark="gsm8k")
    return Solved(Problem(f"p{number}", "?", reference), "?", Completion(text, finished, 10 * number), verdict)


def noisy_llama(tokenizer):
    """Dropout in the attention, so that a random number drawn or a mode left behind shows in the weights."""
    model = small_llama(tokenizer, hidden_size=32, layers=2, heads=2, max_length=512)
    model.config.attention_dropout = 0.3
    for module in model.modules():
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.3
    return model


def weights_of(trainer) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in trainer.model.named_parameters()}


def losses_of(trainer) -> list[dict]:
    timed = ("runtime", "per_second")
    logs = [log for log in trainer.state.log_history if not any(name.startswith("solve_") for name in log)]
    return [{name: value for name, value in log.items() if not name.endswith(timed)} for log in logs]


def solves_of(trainer) -> list[dict]:
    return [log for log in trainer.state.log_history if "solve_accuracy" in log]


def test_the_figures_are_what_one_counts_by_hand():
    items = [
        solved(1, "4 * 5 = 20. The answer is: 20", "20"),  # right at once
        solved(2, r"It is \boxed{19}. Wait, that is wrong. It is \boxed{20}.", "20"),  # fixed
        solved(3, r"It is \boxed{20}. Wait, that is wrong. It is \boxed{19}.", "20"),  # broken
        solved(4, "I think", "20", finished=False),
        solved(5, "The answer is: 1", ""),  # a fault of the data: out of the shares of right and turned
    ]
    assert solve_figures(items) == {
        **{"solve_accuracy": 2 / 4, "solve_reflected": 2 / 4, "solve_right_when_reflected": 1 / 2},
        **{"solve_fixed": 1 / 4, "solve_broken": 1 / 4, "solve_unfinished": 1 / 5, "solve_tokens": 30.0},
    }
    with_a_cue_of_its_own = solve_figures(items, reflects=lambda text: "think" in text)
    assert (with_a_cue_of_its_own["solve_reflected"], with_a_cue_of_its_own["solve_right_when_reflected"]) == (0.25, 0)
    assert "solve_right_when_reflected" not in solve_figures(items[:1])


SETTINGS = {
    "plain": {},
    "gradient_checkpointing": {"gradient_checkpointing": True},
    "lora": {"peft_config": lambda: LoraConfig(r=2, lora_dropout=0.3, target_modules="all-linear")},
    "lora_checkpointing": {
        "peft_config": lambda: LoraConfig(r=2, lora_dropout=0.3, target_modules="all-linear"),
        "gradient_checkpointing": True,
    },
    "prompt_tuning": {"peft_config": lambda: PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3)},
    "packed": {"packing": True},
    "bf16": {"bf16": True},
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_training_goes_on_bit_for_bit_as_without_it(make_trainer, tokenizer, setting):
    def run(with_callback: bool):
        options = {name: value() if callable(value) else value for name, value in SETTINGS[setting].items()}
        options |= {"max_steps": 4, "per_device_train_batch_size": 4, "logging_steps": 2, "learning_rate": 1e-2}
        torch.manual_seed(1)  # peft's first weights
        before, after = KeepStates(), KeepStates()
        trainer = make_trainer(model=noisy_llama(tokenizer), callbacks=[before], **options)
        if with_callback:
            trainer.add_callback(SolveCallback(trainer, PROBLEMS, every=1, **FAST))
        trainer.add_callback(after)
        configs = (trainer.model.config.to_dict(), trainer.model.generation_config.to_dict())
        trainer.train()
        assert before.states == after.states  # random, numpy and torch, around every solve
        assert configs == (trainer.model.config.to_dict(), trainer.model.generation_config.to_dict())
        assert all(module.training for module in trainer.model.modules())
        return trainer

    alone, observed = run(False), run(True)
    assert [log["step"] for log in solves_of(observed)] == [1, 2, 3, 4]
    assert losses_of(alone) == losses_of(observed)  # figures of each kind of span included
    assert [log["step"] for log in losses_of(observed) if "correction_loss" in log] == [2, 4]
    ours, theirs = weights_of(observed), weights_of(alone)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs) and ours.keys() == theirs.keys()


def test_the_dropout_of_these_tests_would_show_a_random_number_drawn_in_between(make_trainer, tokenizer):
    class DrawsOne(TrainerCallback):
        def on_step_end(self, *args, **kwargs):
            torch.rand(1)

    def run(*callbacks):
        options = {"max_steps": 2, "learning_rate": 1e-2}
        trainer = make_trainer(model=noisy_llama(tokenizer), callbacks=callbacks, **options)
        trainer.train()
        return weights_of(trainer)["model.embed_tokens.weight"]

    assert torch.equal(run(), run()) and not torch.equal(run(), run(DrawsOne()))


def test_a_module_that_was_in_evaluation_mode_is_left_in_it(make_trainer):
    trainer = make_trainer()
    callback = SolveCallback(trainer, PROBLEMS[:1], **FAST)
    trainer.model.train()
    trainer.model.lm_head.eval()
    modes = [module.training for module in trainer.model.modules()]
    callback.on_train_end(trainer.args, trainer.state, trainer.control)
    assert [module.training for module in trainer.model.modules()] == modes and not all(modes)


def test_it_solves_every_n_steps_and_at_the_last(make_trainer):
    trainer = make_trainer(max_steps=5)
    trainer.add_callback(SolveCallback(trainer, PROBLEMS[:2], every=2, **FAST))
    trainer.train()
    assert [log["step"] for log in solves_of(trainer)] == [2, 4, 5]


def test_it_solves_once_more_where_training_stops_on_the_way(make_trainer):
    class Stops(TrainerCallback):
        def on_epoch_end(self, args, state, control, **kwargs):
            control.should_training_stop = True

    trainer = make_trainer(max_steps=5, per_device_train_batch_size=4, callbacks=[Stops()])
    trainer.add_callback(SolveCallback(trainer, PROBLEMS[:2], every=100, **FAST))
    trainer.train()
    assert [log["step"] for log in solves_of(trainer)] == [2]


def test_evaluation_between_two_solves_keeps_its_figures(make_trainer, rows):
    def run(with_callback: bool):
        options = {"eval_strategy": "steps", "eval_steps": 2, "max_steps": 4}
        trainer = make_trainer(eval_dataset=rows.select([0, 1]), **options)
        if with_callback:
            trainer.add_callback(SolveCallback(trainer, PROBLEMS[:2], every=1, **FAST))
        trainer.train()
        return trainer

    alone, observed = run(False), run(True)
    assert losses_of(alone) == losses_of(observed)
    assert all(name.startswith("solve_") or name in ("step", "epoch") for log in solves_of(observed) for name in log)


def test_a_model_that_knows_the_answers_solves_what_it_was_trained_on(make_trainer):
    # Each right, at once: two right solutions, learned by heart.
    rows = Dataset.from_list([as_row(number, trajectory(number)) for number in (4, 8)])
    options = {"max_steps": 100, "learning_rate": 1e-2, "per_device_train_batch_size": 2, "logging_steps": 100}
    trainer = make_trainer(train=rows, **options)
    problems = [Problem(f"p{number}", QUESTION.format(number), str(4 * number - 9)) for number in (4, 8)]
    wrong = Problem("wrong", problems[0].question, "1000")
    callback = SolveCallback(trainer, [*problems, wrong], every=100, max_new_tokens=60, examples=0)
    trainer.add_callback(callback)
    trainer.train()
    (log,) = solves_of(trainer)
    assert (log["solve_accuracy"], log["solve_unfinished"], log["solve_reflected"]) == (2 / 3, 0.0, 0.0)
    assert [item.problem.id for item in callback.items] == ["p4", "p8", "wrong"]
    assert [item.right for item in callback.items] == [True, True, False]
    expected = [ROWS[3]["completion"], ROWS[7]["completion"], ROWS[3]["completion"]]
    assert [item.completion.text for item in callback.items] == expected


def test_so_many_examples_are_printed(make_trainer, capsys):
    trainer = make_trainer()
    trainer.add_callback(SolveCallback(trainer, PROBLEMS, **(FAST | {"examples": 2})))
    trainer.train()
    printed = capsys.readouterr().out
    assert "--- p11: " in printed and "--- p12: " in printed and "--- p13: " not in printed
    assert f"{PROBLEMS[0].question}\nSolution:" in printed and "(reference 35)" in printed


def test_all_figures_reach_callbacks_and_history_as_floats(make_trainer):
    class Collects(TrainerCallback):
        def __init__(self):
            self.seen = {}

        def on_log(self, args, state, control, logs=None, **kwargs):
            self.seen |= logs

    collects = Collects()
    trainer = make_trainer(callbacks=[collects])
    trainer.add_callback(SolveCallback(trainer, PROBLEMS, every=1, **FAST))
    trainer.train()
    names = {f"{kind}_loss" for kind in ("reasoning", "error", "reflection", "correction")}
    names |= {f"solve_{name}" for name in ("accuracy", "reflected", "fixed", "broken", "unfinished", "tokens")}
    names.add("solve_seconds")
    assert names <= collects.seen.keys()
    assert all(type(collects.seen[name]) is float for name in names)


def test_they_reach_tensorboard(make_trainer, tmp_path, monkeypatch):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "runs"))
    trainer = make_trainer(report_to=["tensorboard"])
    trainer.add_callback(SolveCallback(trainer, PROBLEMS, every=1, **FAST))
    trainer.train()
    events = reader.EventAccumulator(str(tmp_path / "runs"))
    events.Reload()
    assert {"train/solve_accuracy", "train/correction_loss"} <= set(events.Tags()["scalars"])


@pytest.mark.parametrize("name", ["byte_level", "llama3_like", "sentencepiece_like"])
@pytest.mark.parametrize("style", ["question", "instruction"])
def test_prompts_have_the_ids_and_the_style_of_the_training_rows(
    make_trainer, make_model, tokenizer_named, name, style
):
    tokenizer, style = tokenizer_named(name), prompt_style(style)
    made = {**ROWS[0], "prompt": style.prompt("How many?"), "completion": " " + ROWS[0]["completion"][1:]}
    model = small_llama(tokenizer, hidden_size=32, layers=1, heads=2, max_length=512)
    trainer = make_trainer(train=Dataset.from_list([made]), model=model, processing_class=tokenizer)
    assert style_of_rows(trainer) == style
    row = trainer.train_dataset[0]
    of_prompt = [id for id, kind in zip(row["input_ids"], row["token_kinds"], strict=True) if kind == 0]
    reader = AsTrained.from_style(tokenizer, style)
    batch = LocalStudent(model, reader, progress=None)._encode([made["prompt"], "?"])
    assert batch["input_ids"][0].tolist() == of_prompt
    assert batch["attention_mask"][1].tolist() == sorted(batch["attention_mask"][1].tolist())  # padded on the left


def test_a_chat_asks_with_the_generation_prompt_and_ends_where_the_turn_ends(make_trainer, tokenizer):
    chatty = copy.deepcopy(tokenizer)
    chatty.chat_template = TURNS
    turns = [("prompt", "user"), ("completion", "assistant")]
    messages = [{**row, **{name: [{"role": role, "content": row[name]}] for name, role in turns}} for row in ROWS]
    trainer = make_trainer(train=Dataset.from_list(messages), processing_class=chatty)
    callback = SolveCallback(trainer, PROBLEMS[:1], **FAST)
    assert callback.style == CHAT == style_of_rows(trainer)
    assert callback._prompts == [f"<s>user\n{PROBLEMS[0].question}<pad>\n<s>assistant\n"]
    assert callback._reader.eos_token_id == chatty.pad_token_id
    row = trainer.train_dataset[0]
    asked = chatty.apply_chat_template(messages[0]["prompt"], tokenize=False, add_generation_prompt=True)
    (ids,) = callback._student()._encode([asked])["input_ids"].tolist()
    assert row["input_ids"][: len(ids)] == ids and row["token_kinds"][len(ids) - 1 : len(ids) + 1] == [0, 1]
    trainer.add_callback(callback)
    trainer.train()
    assert len(solves_of(trainer)) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"problems": []}, "at least one problem"),
        ({"every": 0}, "every ≥ 1"),
        ({"max_new_tokens": 0}, "max_new_tokens ≥ 1"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"style": "riddle"}, "no prompt style is called 'riddle'"),
        ({"style": "chat"}, "set chat_template_path in the configuration, or name another style"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_before_training(make_trainer, options, message):
    problems = options.pop("problems", PROBLEMS)
    with pytest.raises(ConfigError, match=message):
        SolveCallback(make_trainer(), problems, **options)


@pytest.mark.parametrize("way", ["DeepSpeed ZeRO-3", "FSDP", "FSDP at load time", "tensor parallelism"])
def test_sharded_parameters_are_refused_with_two_ways_out(make_trainer, monkeypatch, way):
    trainer = make_trainer()
    if way == "DeepSpeed ZeRO-3":
        state = SimpleNamespace(deepspeed_plugin=SimpleNamespace(zero_stage=3))
        monkeypatch.setattr(trainer, "accelerator", SimpleNamespace(state=state))
    elif way == "FSDP":
        monkeypatch.setattr(trainer, "is_fsdp_enabled", True)
    elif way == "FSDP at load time":
        monkeypatch.setattr(trainer.model, "_is_fsdp_managed_module", True, raising=False)
    else:
        monkeypatch.setattr(trainer, "get_tp_size", lambda: 2)
    with pytest.raises(ConfigError, match=f"but {way.removesuffix(' at load time')} spreads .*ZeRO-2 .*or leave the"):
        SolveCallback(trainer, PROBLEMS)


def test_rows_in_a_style_of_their_own_need_the_style_said(make_trainer):
    own = PromptStyle("own", "Q: {question}\nA:")
    trainer = make_trainer(train=Dataset.from_list([{**row, "prompt": own.prompt("How many?")} for row in ROWS]))
    with pytest.raises(ConfigError, match="say style="):
        SolveCallback(trainer, PROBLEMS)
    assert SolveCallback(trainer, PROBLEMS, style=own)._prompts[0] == own.prompt(PROBLEMS[0].question)


@pytest.mark.slow
def test_on_two_processes_each_solves_a_part_and_all_log_the_same(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    (tmp_path / "problems.json").write_text(json.dumps([asdict(problem) for problem in PROBLEMS]), "utf-8")
    # `accelerate launch --cpu --num_processes 2` would silently run one process.
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    launch += ["--rdzv_backend", "c10d", "--rdzv_endpoint", "localhost:0"]
    script = Path(__file__).with_name("solve_ranks.py")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(
        [*launch, str(script), str(tmp_path)], capture_output=True, text=True, env=environment, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    first, second = (json.loads((tmp_path / f"rank{rank}.json").read_text("utf-8")) for rank in (0, 1))
    assert first["world"] == 2 and first["same"] and second["same"]  # the weights, with and without
    assert first["solves"] == second["solves"] and [log["step"] for log in first["solves"]] == [3, 4]
    # Five problems on two processes, in order, as one process answers them.
    student = LocalStudent.from_pretrained(str(tmp_path / "model"), progress=None)
    student.model.to("cpu", torch.float32)
    prompts = [prompt_style("question").prompt(problem.question) for problem in PROBLEMS]
    expected = student.complete(prompts, Sampling(max_new_tokens=8))
    assert first["items"] == [
        [problem.id, written.text] for problem, (written,) in zip(PROBLEMS, expected, strict=True)
    ]
    assert second["items"] == []
