"""What would drop or distort the weights is refused, with the reason and two ways out."""

import subprocess
import sys

import pytest
from accelerate import ParallelismConfig
from datasets import Dataset
from transformers import TrainingArguments
from transformers.utils import is_torch_bf16_gpu_available
from trl import SFTConfig

import lemma_hf.train
from lemma_hf.errors import ConfigError, DataError, MissingDependencyError
from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer


def config(tmp_path, **options):
    return LemmaSFTConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to=[], **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss_type": "orpo"}, "loss_type is 'orpo'"),
        ({"loss_type": "dft", "error_weight": -1.0}, "error_weight is -1.0, and loss_type='dft' multiplies"),
        ({"label_smoothing_factor": 0.1}, "label_smoothing_factor"),
        ({"eval_packing": True}, "eval_packing=True without packing=True"),
        ({"correction_weight": -0.5}, "correction_weight is -0.5, but .* only error_weight may be below 0"),
        ({"error_weight": float("-inf")}, "error_weight is -inf"),
        ({"reflection_weight": 1e38}, "reflection_weight is 1e\\+38, but a weight other than 0 lies from 1e-06 to 1e"),
        ({"error_weight": -1e-9}, "error_weight is -1e-09, but a weight other than 0"),
        ({"error_scope": "value"}, "error_scope is 'value'"),
        ({"reflection_weight": float("nan")}, "reflection_weight is nan"),
        ({"correction_weight": float("inf")}, "correction_weight is inf"),
        ({"error_weight": "1"}, "error_weight is '1', but a weight is a finite number"),
        ({"error_weight": None}, "error_weight is None, but a weight is a finite number"),
        ({"correction_weight": [1.0]}, r"correction_weight is \[1.0\], but a weight is a finite number"),
        ({"reasoning_weight": 0, "reflection_weight": 0, "correction_weight": 0}, "all four span weights are 0"),
    ],
)
def test_a_configuration_that_would_distort_the_weights(tmp_path, options, message):
    with pytest.raises(ConfigError, match=message) as caught:
        config(tmp_path, **options)
    assert ", or " in str(caught.value)  # two ways out


@pytest.mark.parametrize(("field", "value"), [("sp_size", 2), ("cp_size", 2)])
def test_splitting_sequences_over_devices(tmp_path, field, value):
    options = {"sp_backend": "deepspeed"} if field == "sp_size" else {}
    with pytest.raises(ConfigError, match="context and sequence parallelism"):
        config(tmp_path, parallelism_config=ParallelismConfig(**{field: value}, **options))


@pytest.mark.parametrize("name", ["compute_loss_func", "data_collator"])
def test_a_trainer_argument_that_would_drop_the_weights(make_model, tmp_path, rows, name):
    with pytest.raises(ConfigError, match=name) as caught:
        LemmaSFTTrainer(make_model(), config(tmp_path), train_dataset=rows, **{name: lambda *a, **k: None})
    assert ", or " in str(caught.value)


@pytest.mark.parametrize("kind", [TrainingArguments, SFTConfig])
def test_a_configuration_without_weights_becomes_one_with_the_default_weights(
    make_model, tokenizer, rows, tmp_path, kind
):
    plain = kind(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to=[], learning_rate=0.125, hub_token="t")
    made = LemmaSFTTrainer(make_model(), plain, train_dataset=rows, processing_class=tokenizer).args
    assert isinstance(made, LemmaSFTConfig) and made.kind_weights == config(tmp_path).kind_weights
    assert (made.learning_rate, made.hub_token) == (0.125, "t")


def test_rows_that_are_none(make_model, tmp_path):
    one = Dataset.from_list([{"prompt": "2 + 2?", "completion": " 4"}])
    for rows in (one.select([]), one.to_iterable_dataset().filter(lambda row: False)):
        with pytest.raises(DataError, match="the train split holds no rows"):
            LemmaSFTTrainer(make_model(), config(tmp_path), train_dataset=rows)


def test_an_argument_that_is_no_configuration(make_model, rows):
    with pytest.raises(ConfigError, match="args is a dict: pass a LemmaSFTConfig, or leave it out"):
        LemmaSFTTrainer(make_model(), {"learning_rate": 1}, train_dataset=rows)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"prompt": "4?", "completion": "4"}, "those of train lack input_ids and labels. Add a 'labels' column"),
        ({"input_ids": [5, 6], "labels": [5, 6], "loss_weight": 2.0}, "nothing would read loss_weight of train: give"),
    ],
)
def test_rows_that_are_not_prepared_and_are_not_to_be(make_trainer, row, message):
    with pytest.raises(ConfigError, match=message) as caught:
        make_trainer(train=Dataset.from_list([row]), dataset_kwargs={"skip_prepare_dataset": True})
    assert ", or " in str(caught.value)


def test_the_old_name_of_the_loss_and_everyday_options_are_taken(tmp_path):
    assert config(tmp_path, loss_type="chunked_nll", packing=True).loss_type == "nll"
    assert config(tmp_path).kind_weights == {"reasoning": 1.0, "error": 0.0, "reflection": 1.0, "correction": 1.0}


def test_a_name_that_does_not_exist():
    with pytest.raises(AttributeError, match="no attribute 'LemmaDPOTrainer'"):
        _ = lemma_hf.train.LemmaDPOTrainer


def test_importing_the_room_loads_neither_torch_nor_trl():
    code = "import sys, lemma_hf.train.scratch; print(*{'torch', 'trl', 'transformers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()


def test_a_machine_without_a_gpu_needs_no_setting_to_train(tmp_path):
    assert LemmaSFTConfig(str(tmp_path)).bf16 is is_torch_bf16_gpu_available()
    assert LemmaSFTConfig(str(tmp_path), bf16=True, use_cpu=True).bf16 is True


def test_figures_cannot_be_reported_to_what_is_not_installed_or_not_known(monkeypatch):
    from lemma_hf.train.script import reporters

    monkeypatch.setattr(reporters, "get_available_reporting_integrations", lambda: ["mlflow"])
    reporters.check_reporters(["mlflow"])
    with pytest.raises(MissingDependencyError, match=r"tensorboard, which is not installed: pip install 'lemma-hf\["):
        reporters.check_reporters(["mlflow", "tensorboard"])
    with pytest.raises(MissingDependencyError, match=r"pip install wandb; or set `report_to: none`"):
        reporters.check_reporters(["wandb"])
    with pytest.raises(ConfigError, match=r"'tensorbord' is not known; did you mean `tensorboard`\?"):
        reporters.check_reporters(["tensorbord"])
