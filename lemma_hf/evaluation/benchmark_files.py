"""Files of a benchmark: its rows from a local file or folder, or from the Hub and its cache."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lemma_hf.data import read_records
from lemma_hf.data.loading import load_any
from lemma_hf.data.reach import hub_or_cache
from lemma_hf.errors import DataError

_Record = dict[str, Any]

_ENDINGS = (".jsonl", ".jsonl.gz", ".parquet", ".json", ".json.gz", ".ndjson", ".ndjson.gz", ".csv", ".csv.gz")


def local_records(path: str | Path, name: str, config: str, split: str) -> Iterator[tuple[int, _Record]]:
    """The numbered rows of a benchmark in a file, or in a folder.

    In a folder these are looked for, in this order: `<name>_test`, `<name>-test`, `<name>`, `<name>/test` and `test`,
    each `.jsonl`, `.parquet`, `.json` and so on; else the folder, or `<name>` in it, is taken for a copy of a dataset.

    Args:
        config: and the split, for a copy of a dataset.

    Raises:
        DataError: if there is nothing of the kind, or it cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    file = path if not path.is_dir() else _file_in(path, name)
    if file is not None:
        yield from read_records(file)
        return
    folder = path / name if (path / name).is_dir() else path
    # Without a card a folder has no configs but the default.
    config = config if (folder / "README.md").is_file() else ""
    try:
        rows = load_any(str(folder.resolve()), config, split)
    except DataError as error:
        raise DataError(
            f"{path}: holds no rows of {name!r}: neither {name}_test.jsonl, {name}.jsonl, {name}/test.jsonl nor "
            f"test.jsonl (or .parquet, .json, .gz), and it is no copy of a dataset with a split {split!r} ({error})"
        ) from error
    yield from enumerate(rows, 1)


def hub_records(repository: str, config: str, revision: str, split: str) -> Iterator[tuple[int, _Record]]:
    """The numbered rows of a dataset on the Hub; from the cache where it is there.

    Offline (`HF_HUB_OFFLINE=1`, or where the Hub cannot be reached) `datasets` takes the copy that was cached last,
    whatever its revision.

    Raises:
        DataError: if it cannot be had.
    """
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError

    try:
        with hub_or_cache():
            rows = load_dataset(repository, config or None, split=split, revision=revision)
    except (OSError, ValueError, DatasetsError) as error:
        raise DataError(f"{repository}, revision {revision}, split {split!r}: {error}") from error
    yield from enumerate(rows, 1)


def _file_in(folder: Path, name: str) -> Path | None:
    stems = (f"{name}_test", f"{name}-test", name, f"{name}/test", "test")
    return next((file for stem in stems for end in _ENDINGS if (file := folder / f"{stem}{end}").is_file()), None)
