"""lemma-hf as pip installs it: a wheel in a fresh environment, used in an empty folder outside of the checkout."""

import json
import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

from lemma_hf.cli.doors import DOORS

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--hidden_size", "32", "--layers", "1", "--heads", "2", "--vocabulary_size", "320", "--max_steps", "2"]
SMALL += ["--train_split", "train[:60]", "--eval_split", "", "--eval_strategy", "no", "--use_cpu"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The `bin` of a new environment with the wheel in it; other packages are those of this one."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        source.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, source)
    for name in ("lemma_hf", "recipes"):  # copied, since a build leaves its own folders behind
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", place, source]
    subprocess.run(list(map(str, build)), check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "env")], check=True)
    (site,) = (place / "env").glob("lib/python*/site-packages")
    # What .pth files there say does not count, so that this checkout, installed editable, stays out of sight.
    borrowed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (site / "borrowed.pth").write_text("\n".join(borrowed), "utf-8")
    (wheel,) = place.glob("*.whl")
    install = [*pip, "--python", str(place / "env" / "bin" / "python"), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--force-reinstall", str(wheel)], check=True, capture_output=True)
    return place / "env" / "bin"


@pytest.fixture
def call(installed, tmp_path):
    """Runs a program of the new environment in an empty folder."""

    def run(program: str, *arguments: str, status: int = 0, **more: str) -> str:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""} | more
        environment.pop("PYTHONPATH", None)
        command = [str(installed / program), *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr[-3000:]
        return done.stdout + done.stderr

    return run


def test_the_list_of_packages_is_that_of_the_folders():
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    listed = config["options"]["packages"].split()
    folders = [path.parent.relative_to(ROOT) for path in ROOT.glob("lemma_hf/**/__init__.py")]
    assert sorted(listed) == sorted([".".join(folder.parts) for folder in folders] + ["lemma_hf.recipes"])


def test_the_wheel_brings_recipes_and_configs_and_no_other_package(installed, call):
    (site,) = installed.parent.glob("lib/python*/site-packages")
    recipes = site / "lemma_hf" / "recipes"
    files = {path.relative_to(recipes).as_posix() for path in recipes.rglob("*") if path.suffix in (".py", ".yaml")}
    here = ROOT / "recipes"
    assert files == {path.relative_to(here).as_posix() for path in here.rglob("*") if path.suffix in (".py", ".yaml")}
    assert not (site / "recipes").exists()
    printed = call("lemma-hf", "configs", "--print", "world")
    assert printed == (here / "configs" / "world.yaml").read_text("utf-8")
    printed = call("lemma-hf", "--help")
    assert all(f"  {name} " in printed for name in DOORS)


@pytest.mark.slow
def test_data_are_made_and_learned_from_by_the_name_of_a_config(call, tmp_path):
    sizes = ["--problems", "40", "--injections", "40", "--max_rows", "30"]
    made = call("lemma-hf", "make-dataset", "--config", "world", *sizes, "--output_dir", "out")
    assert "out: 30 trajectories" in made and list((tmp_path / "out").rglob("*.parquet"))
    call("lemma-hf", "sft", "--config", "world", *SMALL, "--dataset", "out", "--output_dir", "model")
    assert (tmp_path / "model" / "model.safetensors").is_file()


@pytest.mark.slow
def test_training_runs_in_two_processes_without_a_gpu(call, tmp_path):
    launch = ["--accelerate", "ddp", "--num_processes", "2", "--main_process_port", "0", "--mixed_precision", "no"]
    save = ["--save_strategy", "steps", "--save_steps", "2", "--output_dir", "out"]
    printed = call("lemma-hf", "sft", *launch, "--config", "world", *SMALL, *save, ACCELERATE_USE_CPU="true")
    assert "$ accelerate launch --config_file " in printed and " -m lemma_hf.recipes.sft --config world" in printed
    # Each rank keeps the state of its dice; a single process would have written rng_state.pth.
    states = {path.name for path in (tmp_path / "out" / "checkpoint-2").glob("rng_state*")}
    assert states == {"rng_state_0.pth", "rng_state_1.pth"}
    assert printed.count("train: ") == 1


def test_a_recipe_that_runs_others_runs_those_of_the_wheel(call, tmp_path):
    config = {
        "rounds": {"output_dir": "out", "rounds": 1, "model": "no-such-model"},
        "make_dataset": {"world": "sums"},
        "sft": {},
        "score": {"world": "sums", "problems": 2, "output_dir": "out"},
    }
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(config), "utf-8")
    printed = call("lemma-hf", "rounds", "--config", "small.yaml", status=1)
    command = next(line for line in printed.splitlines() if line.startswith("    $ "))
    assert " -m lemma_hf.recipes.score --config small.yaml --model no-such-model " in command
    assert "round 0: score failed" in printed and "Traceback" not in printed
    assert json.loads((tmp_path / "out" / "rounds.json").read_text("utf-8"))["command"] == (
        "lemma-hf rounds --config small.yaml"
    )


def test_the_source_distribution_is_the_whole_checkout_and_runs_its_own_tests(tmp_path):
    left = ("__pycache__", "*.egg-info", "build", "dist", "site", "outputs", ".*")
    copy = shutil.copytree(ROOT, tmp_path / "checkout", ignore=shutil.ignore_patterns(*left))
    code = f"from setuptools.build_meta import build_sdist; build_sdist({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=copy, check=True, capture_output=True)
    (archive,) = tmp_path.glob("lemma_hf-*.tar.gz")
    shutil.unpack_archive(archive, tmp_path, filter="data")
    unpacked = archive.with_name(archive.name.removesuffix(".tar.gz"))

    def files(folder: Path) -> set[str]:
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        return {name for name in found if ".egg-info/" not in name}

    assert files(unpacked) - {"PKG-INFO"} == files(copy)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_records.py"]
    environment = os.environ | {"PYTHONPATH": str(unpacked)}
    done = subprocess.run(command, cwd=unpacked, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "passed" in done.stdout, done.stdout
