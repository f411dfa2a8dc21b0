"""Two processes for real, with DDP and with FSDP2: the weighted mean runs over both ranks' windows.

One launch runs all modes of its kind one after the other, since starting two processes takes longer than training.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from peft import get_peft_model
from safetensors.torch import load_file
from small_worlds import BARE, ONES, difference, reference, with_random_signs, with_random_weights
from test_kind_figures import by_hand
from transformers import AutoModelForCausalLM
from two_ranks import make_lora, make_model

from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer

SCRIPT = Path(__file__).with_name("two_ranks.py")
FSDP2 = Path(__file__).resolve().parents[2] / "recipes" / "accelerate" / "fsdp2.yaml"
# `accelerate launch --cpu --num_processes 2` would silently run one process.
TORCHRUN = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--rdzv_backend", "c10d"]
TORCHRUN += ["--rdzv_endpoint", "localhost:0"]
ACCELERATE = ["-m", "accelerate.commands.launch", "--config_file", str(FSDP2), "--num_processes", "2"]
ACCELERATE += ["--main_process_port", "0", "--mixed_precision", "no"]
CLOSE = 2e-6
STOCK, REFERENCE = "stock SFTTrainer, weights of one", "plain logits in float64, random weights"

pytestmark = pytest.mark.slow


def sizes(batch_size: int, accumulation: int = 1) -> dict:
    return {"per_device_train_batch_size": batch_size, "gradient_accumulation_steps": accumulation}


def on_two_ranks(folder: Path, launch: list[str], modes: dict[str, dict]) -> dict[str, dict]:
    (folder / "modes.json").write_text(json.dumps(modes), "utf-8")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true", "TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, *launch, str(SCRIPT), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    return {name: torch.load(folder / f"{name}.pt") for name in modes}


@pytest.fixture(scope="module")
def train_alone(tokenizer, tmp_path_factory):
    """A trainer of these rows in this process."""

    def make(train: list[dict], **options):
        args = LemmaSFTConfig(output_dir=str(tmp_path_factory.mktemp("alone")), **(BARE | options))
        rows = {"train_dataset": Dataset.from_list(train), "eval_dataset": Dataset.from_list(train)}
        return LemmaSFTTrainer(make_model(tokenizer), args, processing_class=tokenizer, **rows)

    return make


@pytest.fixture(scope="module")
def weighted(train_alone, rows):
    """The eight rows as tokens with random weights."""
    return with_random_weights(list(train_alone(list(rows)).train_dataset))


@pytest.fixture(scope="module")
def lopsided(weighted):
    """The first four rows, which the first rank gets, weigh much; in the others one token a row has weight."""
    light = [[0.0] * (len(row["loss_weights"]) - 1) + [0.25] for row in weighted[4:]]
    return weighted[:4] + [row | {"loss_weights": weights} for row, weights in zip(weighted[4:], light, strict=True)]


@pytest.fixture(scope="module")
def files(rows, plain_rows, weighted, lopsided):
    """The rows that modes ask for, by the names of their files."""
    more = {"lopsided": lopsided, "odd": weighted[:5], "signed": with_random_signs(weighted)}
    return {"text": rows, "plain": plain_rows, "weighted": weighted} | more


@pytest.fixture(scope="module")
def make_folder(tokenizer, files, tmp_path_factory):
    """A new folder with the tokenizer and the files of rows."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("ranks")
        tokenizer.save_pretrained(folder / "tokenizer")
        for name, content in files.items():
            (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, content)), "utf-8")
        return folder

    return make


DDP = {
    "4 x 1": {"rows": "weighted.jsonl", "options": sizes(4)},
    "2 x 2": {"rows": "weighted.jsonl", "options": sizes(2, 2)},
    "1 x 4": {"rows": "weighted.jsonl", "options": sizes(1, 4)},
    "packed": {"rows": "weighted.jsonl", "options": sizes(1, 2) | {"packing": True, "max_length": 256}},
    "lopsided": {"rows": "lopsided.jsonl", "options": sizes(4) | {"train_sampling_strategy": "sequential"}},
    "its own": {
        **{"rows": "lopsided.jsonl", "each_rank_its_own": True},
        "options": sizes(4) | {"train_sampling_strategy": "sequential"},
    },
    "signed": {"rows": "signed.jsonl", "options": sizes(2, 2)},
    "dft": {"rows": "weighted.jsonl", "options": sizes(2, 2) | {"loss_type": "dft"}},
    "lora": {"rows": "weighted.jsonl", "options": sizes(2, 2), "lora": True},
    "ones": {"rows": "text.jsonl", "options": sizes(2, 2) | ONES},
    "stock": {"rows": "plain.jsonl", "options": sizes(2, 2), "stock": True},
    "evaluated": {
        **{"rows": "text.jsonl", "eval_rows": "weighted.jsonl"},
        "options": sizes(4) | {"eval_strategy": "steps", "eval_steps": 1, "per_device_eval_batch_size": 2},
    },
    "odd": {
        **{"rows": "text.jsonl", "eval_rows": "odd.jsonl"},
        "options": sizes(4) | {"eval_strategy": "steps", "eval_steps": 1, "per_device_eval_batch_size": 2},
    },
    "odd and streamed": {
        **{"rows": "text.jsonl", "eval_rows": "odd.jsonl", "streamed": True},
        "options": sizes(4) | {"eval_strategy": "steps", "eval_steps": 1, "per_device_eval_batch_size": 2},
    },
    "asked for FSDP": {
        **{"rows": "text.jsonl", "options": sizes(4)},
        "environment": {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"},
    },
}


@pytest.fixture(scope="module")
def ddp(make_folder):
    return on_two_ranks(make_folder(), TORCHRUN, DDP)


STEPS = {"max_steps": 4, "learning_rate": 1e-2, "save_strategy": "steps", "save_steps": 2}
STEPS |= {"eval_strategy": "steps", "eval_steps": 1, "per_device_eval_batch_size": 2}
SGD = STEPS | {"optim": "sgd", "learning_rate": 0.3}
FSDP = {
    "tied": {"rows": "weighted.jsonl", "options": sizes(2, 2)},
    "untied": {"rows": "weighted.jsonl", "options": sizes(2, 2), "tied": False},
    "checkpointed": {"rows": "weighted.jsonl", "options": sizes(4) | {"gradient_checkpointing": True}},
    "packed": {"rows": "weighted.jsonl", "options": sizes(1, 2) | {"packing": True, "max_length": 256}},
    "lopsided": {"rows": "lopsided.jsonl", "options": sizes(4) | {"train_sampling_strategy": "sequential"}},
    "lora": {"rows": "weighted.jsonl", "options": sizes(2, 2), "lora": True},
    "ones": {"rows": "text.jsonl", "options": sizes(2, 2) | ONES},
    "stock": {"rows": "plain.jsonl", "options": sizes(2, 2), "stock": True},
    "sgd": {"rows": "weighted.jsonl", "eval_rows": "weighted.jsonl", "options": sizes(2) | SGD},
    "through": {"rows": "weighted.jsonl", "eval_rows": "weighted.jsonl", "options": sizes(2) | STEPS},
    "resumed": {
        **{"rows": "weighted.jsonl", "eval_rows": "weighted.jsonl", "options": sizes(2) | STEPS},
        "resume": "through/checkpoint-2",
    },
    "only model": {"rows": "weighted.jsonl", "options": sizes(4) | {"save_strategy": "steps", "save_only_model": True}},
    "sharded": {"rows": "weighted.jsonl", "options": sizes(4), "sharded_saves": True},
}


@pytest.fixture(scope="module")
def fsdp_folder(make_folder):
    return make_folder()


@pytest.fixture(scope="module")
def fsdp(fsdp_folder):
    return on_two_ranks(fsdp_folder, ACCELERATE, FSDP)


@pytest.fixture(params=["ddp", "fsdp"])
def ranks(request):
    """The results of either kind of launch."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def launch_name(request):
    return {"ddp": "2 processes, DDP", "fsdp": "2 processes, FSDP2"}[request.node.callspec.params["ranks"]]


def test_there_were_two_ranks_and_the_model_was_sharded_where_it_was_asked_for(ddp, fsdp):
    assert {(result["world"], result["type"], result["sharded"]) for result in ddp.values()} == {
        (2, "MULTI_CPU", False)
    }
    assert {(result["world"], result["type"], result["sharded"]) for result in fsdp.values()} == {(2, "FSDP", True)}


@pytest.mark.parametrize("mode", ["4 x 1", "2 x 2", "1 x 4", "packed"])
def test_two_ranks_give_the_gradients_of_one_weighted_mean_over_all_rows(
    ddp, make_model, weighted, check_difference, mode
):
    loss, gradients = reference(make_model(), weighted)
    check_difference(
        f"2 processes, DDP, {mode}", REFERENCE, difference(ddp[mode]["gradients"], gradients), at_most=CLOSE
    )
    assert ddp[mode]["log"][0]["loss"] == pytest.approx(loss, rel=1e-5)
    expected = by_hand(make_model(), weighted)
    assert {name: ddp[mode]["log"][0][name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("mode", ["signed", "dft"])
def test_two_ranks_share_the_denominator_of_unlikelihood_and_of_dft(ddp, make_model, files, check_difference, mode):
    token_rows = files["signed" if mode == "signed" else "weighted"]
    loss, gradients = reference(make_model(), token_rows, dft=mode == "dft")
    off = difference(ddp[mode]["gradients"], gradients)
    check_difference(f"2 processes, DDP, {mode}", REFERENCE, off, at_most=CLOSE)
    assert ddp[mode]["log"][0]["loss"] == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("mode", ["tied", "untied", "checkpointed", "packed"])
def test_shards_give_the_gradients_of_one_weighted_mean_over_all_rows(
    fsdp, tokenizer, weighted, check_difference, mode
):
    model = make_model(tokenizer, tied=mode != "untied")
    loss, gradients = reference(model, weighted)
    check_difference(
        f"2 processes, FSDP2, {mode}", REFERENCE, difference(fsdp[mode]["gradients"], gradients), at_most=CLOSE
    )
    assert fsdp[mode]["log"][0]["loss"] == pytest.approx(loss, rel=1e-5)
    expected = by_hand(model, weighted)
    assert {name: fsdp[mode]["log"][0][name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_a_rank_with_hardly_any_weight_counts_for_hardly_anything(
    ranks, launch_name, make_model, lopsided, check_difference
):
    first, second = (rank["weight"] for rank in ranks["lopsided"]["ranks"])
    assert first > 100 * second > 0
    loss, gradients = reference(make_model(), lopsided)
    off = difference(ranks["lopsided"]["gradients"], gradients)
    check_difference(f"{launch_name}, one rank nearly without weight", REFERENCE, off, at_most=CLOSE)
    assert ranks["lopsided"]["log"][0]["loss"] == pytest.approx(loss, rel=1e-5)


def test_the_comparison_sees_a_denominator_for_each_rank(ddp, make_model, lopsided, check_difference):
    _, gradients = reference(make_model(), lopsided)
    off = difference(ddp["its own"]["gradients"], gradients)
    check_difference("control: 2 processes, DDP, a denominator for each rank", REFERENCE, off, above=1e-3)


def test_lora_adapters_get_the_weighted_gradients(ranks, launch_name, make_model, weighted, check_difference):
    torch.manual_seed(42)  # the trainer's own seed, with which it makes the adapters
    _, gradients = reference(get_peft_model(make_model(), make_lora()), weighted)
    check_difference(
        f"{launch_name}, LoRA", REFERENCE, difference(ranks["lora"]["gradients"], gradients), at_most=CLOSE
    )


def test_with_weights_of_one_every_gradient_is_the_stock_trainers(ranks, launch_name, check_difference):
    check_difference(launch_name, STOCK, difference(ranks["ones"]["gradients"], ranks["stock"]["gradients"]), at_most=0)
    assert ranks["ones"]["log"][0]["loss"] == ranks["stock"]["log"][0]["loss"]


def test_rows_are_prepared_once_and_both_ranks_have_the_same(ranks):
    for result in ranks.values():
        first, second = result["ranks"]
        assert first["fingerprint"] == second["fingerprint"] and first["rows"] == second["rows"] > 0
    # Other weights make other rows, so nobody can have prepared these before.
    assert [rank["from_cache"] for rank in ranks["ones"]["ranks"]] == [0, 1]


@pytest.mark.parametrize(("mode", "count"), [("evaluated", 8), ("odd", 5), ("odd and streamed", 5)])
def test_an_evaluation_counts_every_row_of_both_ranks_once(ddp, tokenizer, weighted, mode, count):
    """Five rows in batches of two on two ranks: three are repeated to fill up the last batches."""
    model = make_model(tokenizer)
    model.load_state_dict(ddp[mode]["weights"], strict=False)
    model.tie_weights()
    (log,) = (log for log in ddp[mode]["log"] if "eval_loss" in log)
    expected = by_hand(model, weighted[:count])
    assert {name: log[f"eval_{name}"] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-9)
    loss, _ = reference(model, weighted[:count])
    assert log["eval_loss"] == pytest.approx(loss, rel=1e-5)


def test_accelerate_still_leaves_processes_on_cpu_to_ddp(ddp):
    """Once this fails, `shard_on_cpu` in two_ranks.py can go."""
    assert not ddp["asked for FSDP"]["sharded"]


def test_steps_evaluations_and_saves_in_turn_leave_the_weights_of_one_process(
    fsdp, train_alone, weighted, check_difference
):
    alone = train_alone(weighted, **SGD, **sizes(4))
    alone.train()
    off = difference(fsdp["sgd"]["weights"], dict(alone.model.named_parameters()))
    check_difference("2 processes, FSDP2, 4 steps of SGD", "weights of one process", off, at_most=CLOSE)


def test_a_sharded_run_that_was_stopped_goes_on_to_the_same_weights(fsdp, check_difference):
    # Rows of the first two steps are not read again.
    assert fsdp["resumed"]["ranks"][0]["weight"] < 0.6 * fsdp["through"]["ranks"][0]["weight"]
    off = difference(fsdp["through"]["weights"], fsdp["resumed"]["weights"])
    check_difference("2 processes, FSDP2, resumed", "weights of a run without a stop", off, at_most=0)
    assert difference(fsdp["through"]["weights"], fsdp["tied"]["weights"]) > 1e-3


@pytest.mark.parametrize("saved", ["through/model", "through/checkpoint-4", "only model/checkpoint-1"])
def test_a_model_saved_from_shards_loads_with_the_trained_weights(fsdp, fsdp_folder, saved):
    model = AutoModelForCausalLM.from_pretrained(fsdp_folder / saved)
    assert difference(dict(model.named_parameters()), fsdp[saved.split("/")[0]]["weights"]) == 0.0
    kept = {path.name for path in (fsdp_folder / saved).iterdir()} & {"optimizer.bin", "pytorch_model_fsdp.bin"}
    assert bool(kept) is (saved == "through/checkpoint-4")


def test_adapters_saved_from_shards_are_the_trained_ones(fsdp, fsdp_folder):
    saved = load_file(fsdp_folder / "lora" / "model" / "adapter_model.safetensors")
    trained = {
        name.replace(".default", ""): weight for name, weight in fsdp["lora"]["weights"].items() if "lora" in name
    }
    assert difference(saved, trained) == 0.0


def test_a_state_dict_in_shards_leaves_no_model_behind(fsdp, fsdp_folder):
    """Why recipes/accelerate/fsdp2.yaml says FULL_STATE_DICT."""
    assert not list((fsdp_folder / "sharded").glob("model/*.safetensors")) and fsdp["sharded"]["sharded"]
