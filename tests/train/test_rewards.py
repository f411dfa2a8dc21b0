import inspect
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.train.rewards import accuracy_reward


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def test_it_takes_the_place_of_the_function_in_trl() -> None:
    pytest.importorskip("math_verify", reason="TRL's reward needs it")
    from trl.rewards import accuracy_reward as theirs

    assert accuracy_reward.__name__ == theirs.__name__  # the trainer logs rewards under this name
    ours, wanted = inspect.signature(accuracy_reward), inspect.signature(theirs)
    assert [(p.name, p.kind, p.default) for p in ours.parameters.values()] == [
        (p.name, p.kind, p.default) for p in wanted.parameters.values()
    ]
    completions = [said(r"My answer is \boxed{\frac{1}{3}}"), said(r"My answer is \boxed{\frac{1}{2}}"), said("No.")]
    solution = [r"\frac{1}{3}", "0.6", "7"]
    found, expected = (each(completions, solution, prompts=["?"] * 3) for each in (accuracy_reward, theirs))
    assert found == expected == [1.0, 0.0, 0.0]
    assert [type(each) for each in found] == [type(each) for each in expected]
    # What README says of the difference.
    differ = [said(text) for text in (r"\boxed{62}. Wait, no: \boxed{72}", "#### 72", "The answer is 72.")]
    assert accuracy_reward(differ, ["72"] * 3) == [1.0] * 3 and theirs(differ, ["72"] * 3) == [0.0] * 3
    # No reference at all: both let the trainer skip the row.
    assert accuracy_reward([said("#### 4")], [""]) == theirs([said("#### 4")], [""]) == [None]


def test_a_reward_is_that_of_the_correction() -> None:
    assert accuracy_reward([said(r"\boxed{62}. Wait, no: \boxed{72}")] * 2, ["72", "62"]) == [1.0, 0.0]


def test_plain_text_several_messages_and_parts_are_completions_too() -> None:
    tools = [{"role": "assistant", "content": None}, {"role": "tool", "content": "5"}, *said("#### 4")]
    parts = [{"role": "assistant", "content": [{"type": "text", "text": "#### "}, {"type": "text", "text": "4"}]}]
    only_a_call = [{"role": "assistant", "content": None, "tool_calls": []}]
    completions: list[Any] = ["#### 4", tools, parts, only_a_call, ""]
    assert accuracy_reward(completions, ["4"] * 5) == [1.0, 1.0, 1.0, 0.0, 0.0]
    with pytest.raises(DataError, match="found \\[\\]"):
        accuracy_reward([[]], ["4"])


def test_a_column_named_benchmark_says_how_answers_are_read() -> None:
    texts = ["The answer is (B)", "#### 4"]
    assert accuracy_reward(texts, ["B", "4"], benchmark=["aqua", None]) == [1.0, 1.0]
    assert accuracy_reward(texts[:1], ["B"], benchmark="aqua") == [1.0]


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ConfigError, match="2 outputs, 1 references"):
        accuracy_reward(["1", "2"], ["1"])


def test_the_table_of_completions_gets_a_value_for_each_row() -> None:
    columns: dict[str, list[Any]] = {}
    accuracy_reward(["#### 4", "no idea at all"], ["4", "5"], columns.__setitem__)
    assert columns["solution"] == ["4", "5"] and columns["extracted"] == ["4", ""]
    assert columns["verdict"] == ["right", "no_answer"] and all(columns["rule"])


def test_it_works_in_threads_and_can_be_sent_to_a_process() -> None:
    # x^{2}+2x+1 against (x+1)^{2} and sin, so that more than the first layers have work to do.
    texts = [r"\boxed{x^2+2x+1}", r"\boxed{\sin^2 x}", r"\boxed{3}"]
    wanted = ["(x+1)^2", r"1-\cos^2 x", "4"]
    reward = pickle.loads(pickle.dumps(accuracy_reward))
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: reward(texts, wanted), range(8)))
    assert found == [[1.0, 1.0, 0.0]] * 8


def test_it_imports_neither_torch_nor_trl() -> None:
    code = "import sys, lemma_hf.train.rewards; print({'torch', 'trl', 'sympy', 'datasets'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_grpo_trains_a_step_with_it(tmp_path: Any) -> None:
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    from lemma_hf.train.scratch import bpe_tokenizer, small_llama

    tokenizer = bpe_tokenizer(["What is 2 + 2? The answer is 4."], 300)
    model = small_llama(tokenizer, hidden_size=32, layers=1, max_length=64)
    rows = Dataset.from_dict({"prompt": ["What is 2 + 2?"] * 4, "solution": ["4", "4", "", "4"]})
    config = GRPOConfig(
        str(tmp_path), max_steps=1, num_generations=2, per_device_train_batch_size=4, max_completion_length=8,
        use_cpu=True, bf16=False, report_to=[], logging_steps=1, save_strategy="no", log_completions=True,
    )  # fmt: skip
    trainer = GRPOTrainer(model, accuracy_reward, config, rows, processing_class=tokenizer)
    trainer.train()
    assert any("rewards/accuracy_reward/mean" in entry for entry in trainer.state.log_history)
