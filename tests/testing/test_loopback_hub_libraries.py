"""The stock libraries load from the loopback Hub: datasets, evaluate and transformers."""

import io
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lemma_hf.testing import LoopbackHub

DATA_CARD = b"""\
---
configs:
- config_name: default
  data_files:
  - {split: train, path: default/train-*.parquet}
  - {split: test, path: default/test-*.parquet}
- config_name: small
  data_files: small/*.parquet
---
"""
SCORER = b"""\
import datasets
import evaluate


class Half(evaluate.Metric):
    def _info(self):
        columns = {name: datasets.Value("float64") for name in ("predictions", "references")}
        return evaluate.MetricInfo(description="", citation="", features=datasets.Features(columns))

    def _compute(self, predictions, references):
        return {"half": sum(predictions) / sum(references)}
"""


def rows(*numbers: int) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"x": list(numbers)}), buffer)
    return buffer.getvalue()


def run(hub: LoopbackHub, home: Path, program: str) -> list[str]:
    """What a program prints that has this Hub and none other."""
    environment = hub.environment(home) | {"OMP_NUM_THREADS": "1"}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout.splitlines()


def test_datasets_loads_configurations_streams_and_pushes(loopback_hub: LoopbackHub, tmp_path: Path) -> None:
    shards = {
        "default/train-00000-of-00002.parquet": rows(1, 2),
        "default/train-00001-of-00002.parquet": rows(3),
        "default/test-00000-of-00001.parquet": rows(4),
        "small/a.parquet": rows(5),
    }
    loopback_hub.commit("me/lemma", "dataset", {"README.md": DATA_CARD, **shards})
    printed = run(
        loopback_hub,
        tmp_path,
        """
from datasets import Dataset, get_dataset_config_names, load_dataset
print(get_dataset_config_names("me/lemma"))
print({name: split["x"][:] for name, split in load_dataset("me/lemma").items()})
print(load_dataset("me/lemma", "small", split="train")["x"][:])
print([row["x"] for row in load_dataset("me/lemma", split="train", streaming=True)])
print(Dataset.from_dict({"x": [7]}).push_to_hub("me/pushed", private=True).oid)
print(load_dataset("me/pushed")["train"]["x"][:])
""",
    )
    assert printed[:4] == ["['default', 'small']", "{'train': [1, 2, 3], 'test': [4]}", "[5]", "[1, 2, 3]"]
    pushed = loopback_hub.repo("me/pushed", "dataset")
    assert printed[4:] == [pushed.head(), "[7]"]
    assert (pushed.private, "data/train-00000-of-00001.parquet" in pushed.files()) == (True, True)
    assert {one.user for one in loopback_hub.requests if one.method != "PUT"} == {"me"}


def test_evaluate_loads_a_space(loopback_hub: LoopbackHub, tmp_path: Path) -> None:
    loopback_hub.create("me/half", "space", sdk="gradio")
    loopback_hub.commit("me/half", "space", {"half.py": SCORER})
    program = 'import evaluate\nprint(evaluate.load("me/half").compute(predictions=[1, 2], references=[2, 4]))'
    assert run(loopback_hub, tmp_path, program) == ["{'half': 0.5}"]


def test_a_model_comes_back_with_the_same_bits(loopback_hub: LoopbackHub, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="a model needs the extra `train`")
    printed = run(
        loopback_hub,
        tmp_path,
        """
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
config = LlamaConfig(vocab_size=11, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2)
model = LlamaForCausalLM(config)
model.push_to_hub("me/tiny")
back = AutoModelForCausalLM.from_pretrained("me/tiny")
print(all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), back.state_dict().values(), strict=True)))
""",
    )
    assert printed == ["True"]
    files = loopback_hub.repo("me/tiny", "model").find("main").files
    assert files["model.safetensors"].is_lfs and "config.json" in files
