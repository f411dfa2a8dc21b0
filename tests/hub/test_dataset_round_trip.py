"""A dataset on the Hub: everything that its card promises is done with it, by name, over HTTP."""

import json
import re
import subprocess
import sys

import pytest
from datasets import load_dataset

import lemma_hf
from lemma_hf.hub import Options, dataset_artifact, push
from lemma_hf.train.scratch import bpe_tokenizer, small_llama

LOOK = """
import json
from datasets import get_dataset_config_names, load_dataset, load_dataset_builder

name = "me/lemma"
print(json.dumps({
    "configs": get_dataset_config_names(name),
    "promised": {k: v.num_examples for k, v in load_dataset_builder(name).info.splits.items()},
    "default": {split: rows["id"][:] for split, rows in load_dataset(name).items()},
    "fixes": load_dataset(name, "fix_and_continue", split="train")["id"][:],
    "slice": load_dataset(name, "fresh_and_restart", split="train[:10%]")["id"][:],
    "stream": [row["id"] for row in load_dataset(name, split="test", streaming=True)],
    "last": load_dataset(name, split="test")[-1],
}))
"""
SHORT = "max_length=1024, max_steps=2, per_device_train_batch_size=2, use_cpu=True, bf16=False, report_to=[]"


@pytest.mark.slow
def test_the_dataset_loads_by_name_and_the_snippets_of_its_card_run(loopback_hub, loopback_api, tmp_path):
    artifact = dataset_artifact(lemma_hf.DATASET_DIR, "me/lemma")
    push(artifact, Options(), loopback_api, tell=lambda text: None)
    environment = loopback_hub.environment(tmp_path / "home") | {"OMP_NUM_THREADS": "1"}

    def run(code):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{code}\n{done.stderr[-3000:]}"
        return done.stdout

    # What is loaded by name is what lies in the folder.
    seen = json.loads(run(LOOK).splitlines()[-1])
    here = load_dataset(str(lemma_hf.DATASET_DIR), cache_dir=str(tmp_path / "cache"))
    assert seen["configs"] == ["default", "fix_and_continue", "fresh_and_restart"]
    assert seen["promised"] == {"train": 1800, "test": 200}
    assert seen["default"] == {split: rows["id"][:] for split, rows in here.items()}
    assert (len(seen["fixes"]), len(seen["slice"])) == (905, 90)
    assert seen["stream"] == here["test"]["id"][:]
    assert seen["last"] == here["test"][-1]

    # The snippets, word for word but for a few steps on this machine; the model has its name, and is small.
    tokenizer = bpe_tokenizer(here["test"]["completion"][:], 400)
    tokenizer.save_pretrained(tmp_path / "model")
    small_llama(tokenizer, hidden_size=16, layers=1, heads=2).save_pretrained(tmp_path / "model")
    files = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    loopback_hub.commit("Qwen/Qwen2.5-0.5B", "model", files)
    snippets = re.findall(r"```python\n(.*?)```", artifact.card, re.DOTALL)
    assert len(snippets) == 3
    for snippet in snippets:
        run(snippet.replace("max_length=1024", SHORT))
    assert (tmp_path / "sft" / "checkpoint-2").is_dir()
    assert (tmp_path / "lemma" / "checkpoint-2").is_dir()
