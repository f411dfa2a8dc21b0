"""`lemma-hf doctor`: versions of the libraries, installed and tested, the device, and the dataset."""

import argparse
import platform
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from lemma_hf import __version__
from lemma_hf.data.register import DATASET_DIR, register
from lemma_hf.utils.versions import installed_version

TESTED = {
    "torch": "2.13.0",
    "transformers": "5.23.0",
    "trl": "1.16.0",
    "datasets": "5.2.0",
    "evaluate": "0.4.6",
    "accelerate": "1.15.0",
    "peft": "0.21.2",
    "huggingface_hub": "2.4.0",
    "latex2sympy2_extended": "1.11.0",
    "sympy": "1.14.0",
}
"""The versions CI runs; a test keeps them equal to constraints.txt, which is not in the wheel."""


def main(argv: Sequence[str]) -> int:
    """Print the report; a missing library is a line of it, not an error."""
    description = "Say which versions are installed, and which were tested."
    argparse.ArgumentParser(prog="lemma-hf doctor", description=description).parse_args(argv)
    print(f"lemma-hf {__version__}, Python {platform.python_version()}, {platform.platform()}")
    for name, tested in TESTED.items():
        installed = installed_version(name)
        same = installed is not None and installed.partition("+")[0] == tested  # "+cpu" names the build
        note = "" if same else "  not installed" if installed is None else f"  tested with {tested}"
        print(f"  {name:<24}{installed or '-':<14}{note}")
    print(f"  {'device':<24}{_device()}")
    print(f"  {'load_dataset(lemma)':<24}{_dataset()}")
    return 0


def _device() -> str:
    try:
        torch = import_module("torch")
    except (ImportError, OSError) as error:  # OSError: one of its own libraries cannot be loaded
        return f"torch cannot be imported: {error}"
    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else f"cpu, {torch.get_num_threads()} threads"


def _dataset() -> str:
    """Check that `datasets` knows the short name, and that the rows are installed."""
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        register()
    if complaints:
        return f"no: {complaints[-1].message}"
    files = len(list(Path(DATASET_DIR).rglob("*.parquet")))
    return f"registered, {files} Parquet files" if files else f"registered, but {DATASET_DIR} holds no Parquet"
