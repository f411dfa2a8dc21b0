"""Without the libraries of the extra `train`: what works, and what is said where one of them is needed."""

import os
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

from lemma_hf.errors import MissingDependencyError
from lemma_hf.utils.extras import extras_explained, need

ROOT = Path(__file__).resolve().parents[2]
TRAIN = ("torch", "functorch", "torchgen", "trl", "accelerate", "peft")
WITHOUT_A_MODEL = r"""
import evaluate
from datasets import load_dataset
import lemma_hf
from lemma_hf.train import accuracy_reward

metric = evaluate.load(lemma_hf.metric_path("lemma_math"))
print(
    len(load_dataset("lemma", split="test")),
    lemma_hf.grade(r"\boxed{\frac{1}{2}}", "0.5").outcome,
    metric.compute(predictions=[r"\boxed{3}"], references=["3"])["accuracy"],
    accuracy_reward([r"\boxed{3}"], ["3"]),
)
"""


@pytest.fixture(scope="module")
def light(tmp_path_factory) -> Path:
    """A folder with the libraries of this environment, those of `train` left out."""
    folder = tmp_path_factory.mktemp("light")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name.partition("-")[0] not in TRAIN and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    return folder


@pytest.fixture
def python(light, tmp_path):
    """Runs Python in an empty folder with these libraries alone; -S keeps the others out."""

    def run(*words: str, status: int = 0) -> str:
        environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{light}", "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(
            [sys.executable, "-S", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr[-3000:]
        return done.stdout + done.stderr

    return run


def test_data_grading_metrics_and_rewards_need_no_torch(python):
    assert "200 right 1.0 [1.0]\n" in python("-c", WITHOUT_A_MODEL)


def test_a_dataset_is_made_shown_and_exported_without_torch(python):
    recipe, config = ROOT / "recipes" / "make_dataset.py", ROOT / "recipes" / "configs" / "world.yaml"
    python(str(recipe), "--config", str(config), "--problems", "40", "--output_dir", "rows")
    assert "rows in rows, 1 of them drawn" in python("-m", "lemma_hf", "show", "rows", "--limit", "1")
    assert "written: pairs.jsonl" in python("-m", "lemma_hf", "export", "rows", "--to", "step_dpo", "-o", "pairs.jsonl")


@pytest.mark.parametrize(
    "words",
    [
        ["-c", "from lemma_hf import LemmaSFTTrainer"],
        ["-m", "lemma_hf", "sft", "--accelerate", "zero2"],
        ["recipes/sft.py", "--output_dir", "out"],
        ["recipes/score.py", "--model", "m", "--world", "stories", "--problems", "2"],
        ["recipes/rounds.py", "--config", str(ROOT / "recipes/configs/rounds_world.yaml")],
        ["recipes/miniature.py", "--seeds", "0"],
    ],
    ids=lambda words: words[-1] if words[0] == "-c" else " ".join(words[:3]),
)
def test_what_needs_a_model_says_what_to_install(python, words):
    program = str(ROOT / words[0]) if words[0].startswith("recipes") else words[0]
    printed = python(program, *words[1:], status=1)
    assert "which is not installed: pip install 'lemma-hf[train]'" in printed or (
        "which are not installed: pip install 'lemma-hf[train]'" in printed
    )


def test_a_folder_of_the_same_name_is_no_library(tmp_path, monkeypatch):
    (tmp_path / "ray").mkdir()  # as recipes/accelerate is, which a script beside it would find
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    for name in [name for name in sys.modules if name.partition(".")[0] == "ray"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(
        MissingDependencyError, match=r"this needs ray, which is not installed: pip install 'lemma-hf\[ray"
    ):
        need("json", "ray")


def test_a_release_that_has_moved_a_name_is_named_with_those_that_have_it():
    with pytest.raises(MissingDependencyError) as caught, extras_explained():
        from trl import NoSuchTrainer  # noqa: F401
    lacks = f"trl {version('trl')} lacks something that lemma-hf needs (cannot import name 'NoSuchTrainer'"
    assert str(caught.value).startswith(lacks)
    assert "pip install 'trl" in str(caught.value)


def test_a_module_that_has_moved_is_not_called_a_library_that_is_missing():
    with pytest.raises(MissingDependencyError, match="lacks something"), extras_explained():
        import trl.no_such_module  # noqa: F401


def test_a_library_of_no_extra_keeps_its_own_error():
    with pytest.raises(ModuleNotFoundError, match="no_such_library"), extras_explained():
        import no_such_library  # noqa: F401
