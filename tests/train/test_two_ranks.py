"""Two processes for real: the weighted mean runs over both ranks' windows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from small_worlds import difference, reference, with_random_weights
from test_kind_figures import by_hand

SCRIPT = Path(__file__).with_name("two_ranks.py")


def on_two_ranks(folder: Path, batch_size: int, accumulation: int) -> dict:
    # `accelerate launch --cpu --num_processes 2` would silently run one process.
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    launch += ["--rdzv_backend", "c10d", "--rdzv_endpoint", "localhost:0"]
    arguments = [str(SCRIPT), str(folder), str(batch_size), str(accumulation)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(
        [*launch, *arguments], capture_output=True, text=True, env=environment, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return torch.load(folder / "step.pt")


@pytest.mark.slow
def test_two_ranks_give_the_gradients_of_one_weighted_mean_over_all_rows(make_trainer, make_model, tokenizer, tmp_path):
    weighted = with_random_weights(list(make_trainer().train_dataset))
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    (tmp_path / "rows.json").write_text(json.dumps(weighted), "utf-8")
    step = on_two_ranks(tmp_path, batch_size=2, accumulation=2)
    assert step["world"] == 2
    loss, gradients = reference(make_model(), weighted)
    found = {name.removeprefix("module."): gradient for name, gradient in step["gradients"].items()}
    assert difference(found, gradients) < 2e-6
    assert step["log"]["loss"] == pytest.approx(loss, rel=1e-5)
    expected = by_hand(make_model(), weighted)
    assert {name: step["log"][name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-9)
