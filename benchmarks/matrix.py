"""Run the contract tests with the versions that people have: the oldest, the newest, and those beside other tools.

    python benchmarks/matrix.py                    every corner, each in a new environment of its own
    python benchmarks/matrix.py oldest sglang      some of them
    python benchmarks/matrix.py core --python python3.13 python3.12
    python benchmarks/matrix.py --torch 2.13.0     with this torch in place of each corner's own
    python benchmarks/matrix.py --resolve          install nothing: what can pip bring together?

Needs a package index; a corner takes about 3 GB of disk, which are given back, and some minutes. Prints Markdown.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORE_TESTS = (
    *("tests/data/test_register.py", "tests/data/test_builder.py", "tests/data/test_loading.py"),
    *("tests/metrics/test_metrics.py", "tests/inference/endpoint", "tests/hub/test_push.py"),
    *("tests/testing", "tests/grading/test_formulas.py", "tests/test_settings.py"),
)
"""Tests at the seams of datasets, evaluate, huggingface_hub, latex2sympy2_extended and transformers' settings."""
TRAIN_TESTS = (
    *("tests/train/test_seams.py", "tests/train/test_losses.py", "tests/train/test_numbers.py"),
    *("tests/train/test_row_forms.py", "tests/train/test_tokenization.py", "tests/train/test_recipe_sft.py"),
    "tests/hub/test_dataset_round_trip.py",
    *("tests/train/test_two_ranks.py", "tests/train/test_export_trainers.py", "tests/inference/test_local.py"),
)
"""Tests at the seams of trl, peft, accelerate and torch; `test_numbers.py` compares every mode with stock TRL."""
TEST_TOOLS = ("pytest>=8", "pytest-timeout>=2.3", "hypothesis>=6.100", "openai>=2", "markdown-it-py>=3")
SHOWN = ("torch", "transformers", "trl", "datasets", "huggingface_hub", "accelerate", "peft", "latex2sympy2_extended")


@dataclass(frozen=True, slots=True)
class Corner:
    """A set of versions, and what of lemma-hf is installed with them."""

    name: str
    about: str
    pins: tuple[str, ...] = ()
    extra: str = "train"
    """Empty: the light core."""


CORNERS = (
    Corner(
        "oldest",
        "every lower bound of setup.cfg",
        (
            *("torch==2.13.0", "transformers==5.19.0", "trl==1.16.0", "datasets==4.7.0", "huggingface-hub==1.31.0"),
            *("accelerate==1.10.1", "peft==0.18.0", "latex2sympy2_extended==1.0.6", "evaluate==0.4.6"),
        ),
    ),
    Corner("newest", "what pip takes today"),
    Corner("core", "what pip takes today, without `train`", extra=""),
    Corner("vllm", "the pins of vLLM 0.33", ("torch==2.14.0", "transformers==5.20.2")),
    Corner("sglang", "the pins of sglang 0.5.23", ("torch==2.14.1", "transformers==5.19.0")),
    Corner(
        "oldest-core",
        "every lower bound without `train`",
        (
            *("transformers==5.0.0", "datasets==4.7.0", "huggingface-hub==1.9.2", "latex2sympy2_extended==1.0.6"),
            "evaluate==0.4.6",
        ),
        extra="",
    ),
    Corner("unsloth", "the pins of unsloth 2026.10", ("transformers==5.17.0", "datasets==4.8.5"), extra=""),
    Corner(
        "axolotl",
        "the pins of axolotl 0.19, whose trl is too old for our trainer",
        ("transformers==5.16.1", "datasets==4.8.4", "huggingface-hub==1.17.0"),
        extra="",
    ),
    Corner("verl", "the pins of verl 0.9.1", ("transformers==5.10.4",), extra=""),
    Corner("lighteval", "the parser of formulas of lighteval 0.13", ("latex2sympy2_extended==1.0.6",), extra=""),
)
BESIDE = ("vllm", "sglang", "unsloth", "axolotl", "verl", "openrlhf", "ms-swift", "lighteval")
"""Tools that are to install into one environment with the light core."""
_MINUTES = 10
"""For one answer of pip."""
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corners", nargs="*", metavar="CORNER", help=", ".join(corner.name for corner in CORNERS))
    parser.add_argument("--python", nargs="+", default=[sys.executable], help="the interpreters, by default this one")
    parser.add_argument("--torch", help="the version of torch in every corner that has one, such as 2.13.0+cpu")
    parser.add_argument("--resolve", action="store_true", help="only ask pip what can be brought together")
    chosen = parser.parse_args()
    # In the background of a shell Ctrl-C is ignored, and so it would be in the tests, some of which are about it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if unknown := set(chosen.corners) - {corner.name for corner in CORNERS}:
        parser.error(f"no corner is called {', '.join(sorted(unknown))}")
    print(f"{date.today()}, {sys.platform}\n")
    if chosen.resolve:
        table(("lemma-hf", "beside", "comes"), resolved())
        return
    wanted = [corner for corner in CORNERS if not chosen.corners or corner.name in chosen.corners]
    rows = (run_corner(corner, python, chosen.torch) for python in chosen.python for corner in wanted)
    table(("corner", "Python", *SHOWN, "tests", "minutes"), rows)


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    """Print Markdown, each row as soon as it is known."""
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def run_corner(corner: Corner, interpreter: str, torch: str | None) -> list[str]:
    """Install a corner into an environment of its own, run its tests, and make a row of the table."""
    started = time.monotonic()
    about = f"**{corner.name}**: {corner.about}"
    with tempfile.TemporaryDirectory() as folder:
        try:
            python = make_environment(Path(folder), corner, interpreter, torch)
        except subprocess.CalledProcessError:  # it has said why
            return [about, Path(interpreter).name, *("-" for _ in SHOWN), "**pip cannot bring these together**", ""]
        code = (
            "import importlib.metadata as m, json, platform, sys\n"
            "have = {d.name.lower().replace('-', '_'): d.version for d in m.distributions()}\n"
            "print(json.dumps([platform.python_version(), *(have.get(name, '-') for name in sys.argv[1:])]))"
        )
        versions = json.loads(subprocess.check_output([python, "-c", code, *SHOWN], text=True))
        tests = [*CORE_TESTS, *(TRAIN_TESTS if corner.extra else ())]
        results = [run_tests(python, name) for name in tests]
    failures = [
        f"{name}: {said}" for name, said in zip(tests, results, strict=True) if "passed" not in said or "failed" in said
    ]
    counted = sum(int(number) for said in results for number in re.findall(r"(\d+) passed", said))
    minutes = f"{(time.monotonic() - started) / 60:.0f}"
    return [about, *versions, "; ".join([f"{counted} passed", *failures]), minutes]


def make_environment(folder: Path, corner: Corner, interpreter: str, torch: str | None) -> str:
    """A new environment with lemma-hf, the corner's pins and the tools of the tests; returns its Python."""
    subprocess.run([interpreter, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    pins = [pin for pin in corner.pins if torch is None or not pin.startswith("torch==")]
    pins += [f"torch=={torch}"] if torch and corner.extra else []
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pins), "utf-8")
    # Editable, so that the tests find the checkout, with the recipes in it.
    what = ["--editable", f"{ROOT}[{corner.extra}]" if corner.extra else str(ROOT)]
    install = [python, "-m", "pip", "install", "--quiet", "--constraint", str(constraints)]
    subprocess.run([*install, *what, *TEST_TOOLS], check=True)
    return python


def run_tests(python: str, name: str) -> str:
    """The last line of pytest on one file or folder."""
    command = [python, "-m", "pytest", "-q", "--durations=0", "-p", "no:cacheprovider", name]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout, file=sys.stderr, flush=True)
    lines = done.stdout.strip().splitlines() or done.stderr.strip().splitlines() or ["nothing"]
    failed = [line.partition("::")[2].partition(" ")[0] for line in lines if line.startswith(("FAILED", "ERROR"))]
    return " ".join([lines[-1].strip("= "), *failed])


def resolved() -> Iterator[list[str]]:
    """What pip would install: each extra, each tool beside the light core, and each Python with `train`."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    for extra in setup["options.extras_require"]:
        yield [f"`.[{extra}]`", "", asked(f"{ROOT}[{extra}]", show=(extra.replace("_", "-"),))]
    for tool in BESIDE:
        yield ["`.`", tool, asked(str(ROOT), tool, show=(tool,))]
    for python in PYTHONS:
        only = ("--python-version", python, "--only-binary=:all:", "--target", tempfile.gettempdir())
        yield ["`.[train]`", f"Python {python}", asked(*requirements("train"), options=only)]


def requirements(extra: str) -> list[str]:
    """The core's requirements and those of an extra: for another Python pip takes nothing that it has to build."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    lines = setup["options"]["install_requires"] + setup["options.extras_require"][extra]
    return [line for line in lines.splitlines() if line and not line.startswith("#")]


def asked(*what: str, options: Sequence[str] = (), show: Sequence[str] = ()) -> str:
    """The versions that pip would take, or the last line of its refusal."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    try:
        done = subprocess.run(
            [*command, *options, *what], capture_output=True, text=True, check=False, timeout=_MINUTES * 60
        )
    except subprocess.TimeoutExpired:
        return f"not known: pip did not come to an end in {_MINUTES} minutes"
    if done.returncode:
        return f"**no**: {done.stderr.strip().splitlines()[-1]}"
    items = [item["metadata"] for item in json.loads(done.stdout)["install"]]
    found = {item["name"].lower().replace("_", "-"): item["version"] for item in items}

    names = [*show, *(name.replace("_", "-") for name in SHOWN)]
    return ", ".join(f"{name} {found[name]}" for name in names if name in found)


if __name__ == "__main__":
    main()
