import inspect
import multiprocessing
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from math import isfinite
from pathlib import Path
from typing import Any

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.train.rewards import MAX_BONUS, SelfCorrectionReward, accuracy_reward, self_correction_reward

Reward = Callable[..., list[float | None]]


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


def test_a_correction_in_words_is_what_a_text_claims() -> None:
    mended = r"\boxed{9}. Wait, that is wrong. The correct answer is 5."
    broken = r"\boxed{5}. Wait, that is wrong. The correct answer is 9."
    thought = r"<think>It is \boxed{5}. Let me check that, since"
    assert accuracy_reward([mended, broken, thought], ["5"] * 3) == [1.0, 0.0, 0.0]
    # A thought that never ends leaves no answer, so the right one in it is given up.
    assert self_correction_reward([mended, broken, thought], ["5"] * 3) == [1.0, -0.5, -0.5]


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


RIGHT, WRONG, TURN = "The answer is: 72\n", "The answer is: 62\n", "Wait, that can't be right. Let me check again.\n"
OF_CHANGE = {
    "none": RIGHT,
    "fixed": WRONG + TURN + RIGHT,
    "broken": RIGHT + TURN + WRONG,
    "kept_right": RIGHT + TURN + RIGHT,
    "kept_wrong": WRONG + TURN + WRONG,
    "unclear": "9 * 7 = 62.\n" + TURN + RIGHT,  # the shape of LEMMA's own trajectories
}


@pytest.mark.parametrize("bonus", [0.0, 0.1])
@pytest.mark.parametrize("penalty", [0.0, 0.5])
def test_a_mended_answer_is_worth_the_bonus_more_and_a_broken_one_the_penalty_less(
    bonus: float, penalty: float
) -> None:
    reward = SelfCorrectionReward(bonus, penalty)
    texts = [*OF_CHANGE.values(), WRONG, "9 * 7 = 62.\n" + TURN + WRONG, RIGHT + TURN + r"So it is \boxed{7", "", "No."]
    values = [1.0, 1.0 + bonus, -penalty, 1.0, 0.0, 1.0, 0.0, 0.0, -penalty, 0.0, 0.0]
    assert reward([said(text) for text in texts], ["72"] * len(texts)) == values
    assert [type(value) for value in reward(texts, ["72"] * len(texts))] == [float] * len(texts)
    assert reward([RIGHT, WRONG + TURN + RIGHT], ["", ""]) == [None, None]


def test_by_default_it_differs_from_accuracy_only_where_a_right_answer_is_given_up() -> None:
    texts = [*OF_CHANGE.values(), "", "No.", r"\boxed{62}. Wait, no: \boxed{72}", "#### 72", WRONG]
    pairs = zip(
        *(reward(texts, ["72"] * len(texts)) for reward in (self_correction_reward, accuracy_reward)), strict=True
    )
    assert {pair for pair in pairs if pair[0] != pair[1]} == {(-0.5, 0.0)}


def test_both_rewards_can_be_logged_side_by_side() -> None:
    columns: dict[str, list[Any]] = defaultdict(list)

    def log_extra(name: str, values: list[Any]) -> None:
        columns[name].extend(values)  # as the trainer does

    for reward in (accuracy_reward, self_correction_reward):
        reward(list(OF_CHANGE.values()), ["72"] * len(OF_CHANGE), log_extra)
    assert columns["change"] == list(OF_CHANGE)
    assert columns["first_answer"] == ["", "62", "72", "72", "62", ""]
    assert columns["final_answer"] == columns["extracted"] == ["72", "72", "62", "72", "62", "72"]
    assert {len(values) for values in columns.values()} == {len(OF_CHANGE)}


def test_benchmarks_messages_and_lengths_are_read_as_in_accuracy_reward() -> None:
    text = f"The answer is (A)\n{TURN}The answer is (B)"
    assert SelfCorrectionReward(bonus=0.1)([said(text)], ["B"], benchmark=["aqua"], prompts=["?"]) == [1.1]
    with pytest.raises(ConfigError, match="1 outputs, 2 references"):
        self_correction_reward([text], ["A", "B"])
    with pytest.raises(DataError, match="found \\[\\]"):
        self_correction_reward([[]], ["4"])


@pytest.mark.parametrize("bonus", [-0.1, 0.2, float("nan"), float("inf")])
def test_a_bonus_out_of_range_is_refused(bonus: float) -> None:
    with pytest.raises(ConfigError, match=r"bonus must be from 0 to 0\.167"):
        SelfCorrectionReward(bonus=bonus)


@pytest.mark.parametrize("penalty", [-0.5, 1.5, float("nan"), float("inf")])
def test_a_penalty_out_of_range_is_refused(penalty: float) -> None:
    with pytest.raises(ConfigError, match="penalty must be from 0 to 1"):
        SelfCorrectionReward(penalty=penalty)


def test_up_to_the_greatest_bonus_one_wrong_answer_keeps_the_right_ones_at_the_mean() -> None:
    def advantage(mended: int, wrong: int, bonus: float) -> float:
        """Of one of the answers that were right at once, unscaled, in a group of 8."""
        return 1 - ((8 - mended - wrong) + mended * (1 + bonus)) / 8

    groups = [(mended, wrong) for wrong in range(1, 8) for mended in range(8 - wrong)]
    assert min(advantage(*group, MAX_BONUS) for group in groups) == pytest.approx(0, abs=1e-12)
    assert min(advantage(*group, MAX_BONUS + 0.01) for group in groups) < -1e-3
    # Without a wrong answer no bonus is small enough.
    assert advantage(1, 0, 0.001) < 0 == advantage(1, 0, 0)


def test_it_works_in_threads_and_can_be_sent_to_a_process() -> None:
    # x^{2}+2x+1 against (x+1)^{2} and sin, so that more than the first layers have work to do.
    texts = [r"\boxed{x^2+2x+1}", rf"\boxed{{\sin^2 x}}. {TURN}So it is \boxed{{5}}", r"\boxed{3}"]
    wanted = ["(x+1)^2", r"1-\cos^2 x", "4"]
    rewards: list[tuple[Reward, list[float]]] = [
        (accuracy_reward, [1.0, 0.0, 0.0]),
        (self_correction_reward, [1.0, -0.5, 0.0]),
        (SelfCorrectionReward(penalty=0.25), [1.0, -0.25, 0.0]),
    ]
    for reward, values in rewards:
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _, reward=reward: reward(texts, wanted), range(4)))
        assert found == [values] * 4
    # A process of its own, which shares nothing with this one but what was pickled.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        sent = [processes.submit(reward, texts, wanted) for reward, _ in rewards]
        assert [future.result(timeout=60) for future in sent] == [values for _, values in rewards]


def test_it_imports_neither_torch_nor_trl() -> None:
    code = "import sys, lemma_hf.train.rewards; print({'torch', 'trl', 'sympy', 'datasets'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def grpo(folder: Path, rewards: Any, prompts: list[str], **settings: Any) -> Any:
    """A trainer of a model that knows seven tokens and writes one, so that chance finds the right answer, "4"."""
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    from lemma_hf.train.scratch import character_tokenizer, small_llama

    tokenizer = character_tokenizer("24+=")
    model = small_llama(tokenizer, hidden_size=32, layers=1, max_length=64)
    rows = Dataset.from_dict({"prompt": prompts, "solution": ["4"] * len(prompts)})
    config = GRPOConfig(
        str(folder), per_device_train_batch_size=8, num_generations=8, max_completion_length=1, learning_rate=1e-2,
        use_cpu=True, bf16=False, report_to=[], logging_steps=1, save_strategy="no", log_completions=True, **settings,
    )  # fmt: skip
    return GRPOTrainer(model, rewards, config, rows, processing_class=tokenizer)


def completions_of_step(folder: Path, step: int) -> dict[str, list[Any]]:
    """The table that the trainer writes with `log_completions`."""
    from pyarrow import parquet

    table: dict[str, list[Any]] = parquet.read_table(
        folder / "completions" / f"completions_{step:05d}.parquet"
    ).to_pydict()
    return table


def test_grpo_trains_two_steps_with_both(tmp_path: Path) -> None:
    rewards = [accuracy_reward, SelfCorrectionReward(bonus=0.1)]
    trainer = grpo(
        tmp_path, rewards, ["2+2="] * 8, max_steps=2, gradient_accumulation_steps=4, reward_weights=[0.5, 2.0]
    )
    before = {name: weight.detach().clone() for name, weight in trainer.model.named_parameters()}
    trainer.train()
    logs = [entry for entry in trainer.state.log_history if "reward" in entry]
    assert len(logs) == 2
    for step, entry in enumerate(logs, start=1):
        table = completions_of_step(tmp_path, step)
        right = [float(text == "4") for text in table["completion"]]
        assert table["accuracy_reward"] == table["self_correction_reward"] == right
        share = sum(right) / 32
        assert 0 < share < 1
        assert entry["rewards/accuracy_reward/mean"] == pytest.approx(share)
        assert entry["rewards/self_correction_reward/mean"] == pytest.approx(share)
        assert entry["reward"] == pytest.approx(2.5 * share)
        assert isfinite(entry["loss"]) and isfinite(entry["grad_norm"])
        assert table["change"] == ["none"] * 32 and table["verdict"][right.index(1.0)] == "right"
    moved = [not weight.equal(before[name]) for name, weight in trainer.model.named_parameters()]
    assert any(moved)


@pytest.mark.parametrize(
    ("reward", "scale", "texts", "advantages"),
    [
        # Seven right at once and one mended: mean 1.00125, standard deviation 0.01 / √8 = 0.003536.
        (SelfCorrectionReward(bonus=0.01), "group", ["none"] * 7 + ["fixed"], [-0.344] * 7 + [2.407]),
        (SelfCorrectionReward(bonus=0.1), "group", ["none"] * 7 + ["fixed"], [-0.353] * 7 + [2.468]),
        (SelfCorrectionReward(bonus=0.01), "none", ["none"] * 7 + ["fixed"], [-0.00125] * 7 + [0.00875]),
        (self_correction_reward, "group", ["none"] * 7 + ["fixed"], [0.0] * 8),
        # No right answer at the end: what the penalty does.
        (self_correction_reward, "group", ["kept_wrong"] * 7 + ["broken"], [0.353] * 7 + [-2.473]),
        (self_correction_reward, "none", ["kept_wrong"] * 7 + ["broken"], [0.0625] * 7 + [-0.4375]),
    ],
)
def test_grpo_makes_a_full_advantage_of_any_bonus(
    tmp_path: Path, reward: SelfCorrectionReward, scale: str, texts: list[str], advantages: list[float]
) -> None:
    def on_written_texts(completions: list[str], solution: list[str], **kwargs: Any) -> list[float | None]:
        assert len(completions) == 8
        return reward([OF_CHANGE[change] for change in texts], ["72"] * 8)

    trainer = grpo(tmp_path, on_written_texts, ["2+2="], max_steps=1, scale_rewards=scale)
    trainer.train()
    assert completions_of_step(tmp_path, 1)["advantage"] == pytest.approx(advantages, abs=5e-4)
