"""`recipes/accelerate/*.yaml` as accelerate's own launcher reads them, and two processes without a GPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.utils import DeepSpeedPlugin, FullyShardedDataParallelPlugin, patch_environment
from accelerate.utils.fsdp_utils import fsdp2_prepare_auto_wrap_policy
from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env
from torch.distributed.fsdp import StateDictType
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, Qwen2Config

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = {path.stem: path for path in (ROOT / "recipes" / "accelerate").glob("*.yaml")}


def launched(name: str):
    """What `accelerate launch --config_file` makes of the file: the arguments of the launch."""
    arguments = ["--config_file", str(CONFIGS[name]), "--main_process_port", "0", "recipes/sft.py"]
    args, _, _ = _validate_launch_command(launch_command_parser().parse_args(arguments))
    # Set by `launch_command` on the way from here to the environment.
    args.deepspeed_fields_from_accelerate_config = ""
    return args


def plugin(kind, environment: dict[str, str]):
    """The plugin as a launched process builds it."""
    with patch_environment(**{name: value for name, value in environment.items() if os.environ.get(name) != value}):
        return kind()


def test_there_is_a_file_for_each_way_to_train_on_one_node():
    assert CONFIGS.keys() == {"ddp", "fsdp2", "zero2", "zero3"}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_file_says_how_it_is_run_and_is_eight_gpus_in_bf16(name):
    head = CONFIGS[name].read_text("utf-8").partition("\ncompute_environment")[0]
    assert all(line.startswith("#") for line in head.splitlines())
    assert f"accelerate launch --config_file recipes/accelerate/{name}.yaml recipes/sft.py --config" in head
    assert "Measured:" in head and "Not measured:" in head
    config = load_config_from_file(str(CONFIGS[name]))
    assert (config.num_processes, config.num_machines, config.mixed_precision) == (8, 1, "bf16")
    args = launched(name)
    assert (args.num_processes, args.num_machines, args.mixed_precision, args.use_cpu) == (8, 1, "bf16", False)


@pytest.mark.parametrize("name", CONFIGS)
def test_no_setting_is_one_that_the_launcher_would_carry_along_unread(name):
    known = {action.dest for action in launch_command_parser()._actions}
    for section, value in yaml.safe_load(CONFIGS[name].read_text("utf-8")).items():
        if section.endswith("_config"):
            assert set(value) <= known
            assert all(getattr(launched(name), key) == setting for key, setting in value.items())


@pytest.mark.parametrize(
    ("name", "kind"),
    [("ddp", "multi_gpu"), ("fsdp2", "use_fsdp"), ("zero2", "use_deepspeed"), ("zero3", "use_deepspeed")],
)
def test_a_file_starts_its_own_kind_of_training_and_no_other(name, kind):
    args = launched(name)
    chosen = [way for way in ("multi_gpu", "use_fsdp", "use_deepspeed", "use_megatron_lm", "tpu") if getattr(args, way)]
    assert chosen == [kind]


def test_ddp_asks_for_no_sharding():
    environment = prepare_multi_gpu_env(launched("ddp"))
    assert environment["ACCELERATE_MIXED_PRECISION"] == "bf16" and "ACCELERATE_USE_FSDP" not in environment


def test_fsdp2_shards_by_layers_and_saves_whole_models():
    environment = prepare_multi_gpu_env(launched("fsdp2"))
    assert environment["ACCELERATE_USE_FSDP"] == "true"
    fsdp = plugin(FullyShardedDataParallelPlugin, environment)
    assert fsdp.fsdp_version == 2 and fsdp.reshard_after_forward is True and fsdp.cpu_ram_efficient_loading
    assert fsdp.state_dict_type == StateDictType.FULL_STATE_DICT and not fsdp.activation_checkpointing


@pytest.mark.parametrize("kind", [LlamaConfig, MistralConfig, Qwen2Config])
def test_fsdp2_wraps_every_decoder_layer_of_the_models_that_the_recipes_train(kind):
    fsdp = plugin(FullyShardedDataParallelPlugin, prepare_multi_gpu_env(launched("fsdp2")))
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(kind(num_hidden_layers=3, hidden_size=64, intermediate_size=64))
    fsdp.set_auto_wrap_policy(model)
    wraps = fsdp2_prepare_auto_wrap_policy(fsdp, model)
    assert [module for module in model.modules() if wraps(module)] == list(model.model.layers)


@pytest.mark.parametrize(("name", "stage"), [("zero2", 2), ("zero3", 3)])
def test_deepspeed_gets_its_stage_and_leaves_the_rest_to_the_recipe(name, stage):
    _, environment = prepare_deepspeed_cmd_env(launched(name))
    assert environment["ACCELERATE_USE_DEEPSPEED"] == "true"
    zero = plugin(DeepSpeedPlugin, environment)
    assert zero.deepspeed_config["zero_optimization"]["stage"] == zero.zero_stage == stage
    # Otherwise a saved model could only be put together by DeepSpeed's own script.
    assert stage == 2 or (zero.zero3_save_16bit_model and zero.zero3_init_flag)
    left = ("train_batch_size", "train_micro_batch_size_per_gpu", "gradient_accumulation_steps", "gradient_clipping")
    assert {zero.deepspeed_config[name] for name in left} == {"auto"}
    offload = zero.deepspeed_config["zero_optimization"]
    assert offload["offload_optimizer"]["device"] == offload["offload_param"]["device"] == "none"


SMALL = ["--hidden_size", "32", "--layers", "1", "--heads", "2", "--vocabulary_size", "320", "--max_steps", "2"]
SMALL += ["--train_split", "train[:100]", "--eval_strategy", "no", "--save_strategy", "steps", "--save_steps", "2"]


@pytest.mark.slow
def test_the_recipe_trains_on_two_processes_without_a_gpu(tmp_path):
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"]
    launch += ["--main_process_port", "0"]
    recipe = [ROOT / "recipes" / "sft.py", "--config", ROOT / "recipes" / "configs" / "world.yaml"]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [*launch, *map(str, recipe), *SMALL, "--output_dir", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    # Each rank keeps the state of its dice; a single process would have written rng_state.pth.
    states = {path.name for path in (tmp_path / "out" / "checkpoint-2").glob("rng_state*")}
    assert states == {"rng_state_0.pth", "rng_state_1.pth"}
    assert done.stdout.count("train: ") == 1
