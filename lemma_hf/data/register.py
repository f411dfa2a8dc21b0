"""The name behind `load_dataset("lemma")`, put among the packaged builders of `datasets`.

`datasets` takes no scripts and has no entry points, so this leans on a few of its private names, which a contract test
watches. Nothing is lost when they move: the folder loads by its path, and a published one by its Hub name. With no
files named, the short name *is* that folder, loaded as `datasets` loads any folder; with `data_files` or `data_dir`
our own builder reads the rows.

`import lemma_hf` must not import `datasets`, which takes a second: where it is not there yet, a finder waits for it.
"""

import hashlib
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from lemma_hf.errors import DataError

DATASET_NAME = "lemma"
"""The name that `import lemma_hf` makes known to `datasets.load_dataset`."""
DATASET_DIR = str(Path(__file__).with_name("lemma"))
"""The Parquet folder in this package: `load_dataset(lemma_hf.DATASET_DIR)` works with no private name involved."""

_BUILDER = "lemma_hf.data.builder"
_BELOW = ("errors.py", "taxonomy.py", "records.py", "utils", "solutions", "prompts", "grading")
"""What the builder stands on, in addition to this folder: its rows change when one of these does."""


def register_when_imported() -> None:
    """Make `load_dataset("lemma")` work: now if `datasets` is imported already, else as soon as it is."""
    if "datasets" in sys.modules:
        register()
    elif not any(isinstance(finder, _Waiting) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Waiting())


def register(folder: str = DATASET_DIR) -> None:
    """Put `lemma` among the packaged builders of `datasets`; `folder` is what the bare name loads.

    A version of `datasets` that has moved its private names gets a warning that names the public routes, no exception:
    importing this package must not break programs that never load the dataset.
    """
    try:
        _put_among_packaged(folder)
    except (ImportError, AttributeError, TypeError, OSError) as error:
        warnings.warn(_moved(error), stacklevel=2)


def _moved(error: Exception) -> str:
    return (
        f'load_dataset("{DATASET_NAME}") is not available with this version of datasets ({error}). Load the folder by '
        f'path, load_dataset(lemma_hf.DATASET_DIR), or from the Hub, load_dataset("USER/{DATASET_NAME}"): both are the '
        "same rows. "
        "The versions that work stand in lemma-hf's setup.cfg."
    )


def _put_among_packaged(folder: str) -> None:
    from datasets import load
    from datasets.packaged_modules import _PACKAGED_DATASETS_MODULES

    packaged, local = load.PackagedDatasetModuleFactory, load.LocalDatasetModuleFactory
    original = getattr(packaged.get_module, "__wrapped__", packaged.get_module)
    count = getattr(load.increase_load_count, "__wrapped__", load.increase_load_count)

    @wraps(original)
    def get_module(self: Any) -> Any:
        # The original would glob the current directory where no files are named.
        if self.name != DATASET_NAME or self.data_files is not None or self.data_dir is not None:
            return original(self)
        if not Path(folder, "README.md").is_file():
            raise DataError(f"{folder}: the dataset is missing from this installation; make it with `make dataset`")
        try:
            return _same_by_path(local(folder, download_mode=self.download_mode), folder)
        except (AttributeError, TypeError) as error:
            raise ImportError(_moved(error)) from error

    @wraps(count)
    def increase_load_count(name: str) -> None:
        # A packaged name is counted by a request to the network, which for ours would count nothing.
        if name != DATASET_NAME:
            count(name)

    packaged.get_module, load.increase_load_count = get_module, increase_load_count
    _PACKAGED_DATASETS_MODULES[DATASET_NAME] = (_BUILDER, code_hash())


def code_hash() -> str:
    """A hash of the code that reads rows and finds spans: what `datasets` has cached of other code is not taken."""
    return _fingerprint(_sources())


def _same_by_path(factory: Any, folder: str) -> Any:
    """What loading the folder by path does, under our name and with a hash of all that is in the files."""
    module = factory.get_module()
    # datasets' own hash knows path and time of a file; a reinstalled package may keep both.
    fresh = hashlib.sha256(f"{module.hash} {_fingerprint(sorted(Path(folder).rglob('*.parquet')))}".encode())
    configs = module.builder_configs_parameters
    # `load_dataset("lemma", "lemma")` is what one tries who has to name a config.
    alias = [replace(each, name=DATASET_NAME) for each in configs.builder_configs if each.name == "default"]
    return replace(
        module,
        hash=fresh.hexdigest(),
        builder_kwargs={**module.builder_kwargs, "dataset_name": DATASET_NAME},
        builder_configs_parameters=replace(configs, builder_configs=[*configs.builder_configs, *alias]),
    )


def _sources() -> list[Path]:
    here = Path(__file__).parent
    rooms = [here, *(here.parent / name for name in _BELOW)]
    return [file for room in rooms for file in (sorted(room.rglob("*.py")) if room.is_dir() else [room])]


def _fingerprint(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


class _Waiting(MetaPathFinder):
    """Finds nothing itself: lets the other finders find `datasets`, and registers once that has been executed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "datasets":
            return None
        others = [finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec")]
        spec = next((spec for finder in others if (spec := finder.find_spec(fullname, path, target))), None)
        if spec is not None and spec.loader is not None:
            self._register_after(spec.loader)
        return spec

    def _register_after(self, loader: Any) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            # Asking for a spec is no import (transformers only asks), so the finder leaves here and not before.
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            register()

        loader.exec_module = exec_module
