"""A dataset on disk: a folder of Parquet files and a README, which is all the Hub needs.

    README.md                                       says which files are which config
    fix_and_continue/train-00000-of-00002.parquet   configs `default` and `fix_and_continue`
    fresh_and_restart/train-00000-of-00002.parquet  configs `default` and `fresh_and_restart`
    right/train-00000-of-00002.parquet              config `default` only: solutions without an error

The same trajectories give the same bytes, so that a rebuild shows in version control only where something changed.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lemma_hf.data.card import DATASET_TAG, Card, card_text
from lemma_hf.data.rows import features, trajectory_to_row
from lemma_hf.errors import DataError
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import Strategy, Trajectory
from lemma_hf.utils.files import whole_folder

_Splits = Mapping[str, Sequence[Trajectory]]

STRATEGY_CONFIGS = tuple(str(strategy) for strategy in Strategy)
"""The configs other than `default`, each of which is also a folder."""
_RIGHT, _UNKNOWN = "right", "unknown"
"""Folders that are part of `default` only: solutions without an error, and errors whose strategy is unknown."""
KINDS = (*STRATEGY_CONFIGS, _RIGHT, _UNKNOWN)
"""All folders that there can be."""
EXPORTS = "exports"
"""The folder of rows in the forms of other trainers, one folder a form; see `lemma_hf.hub.exports`."""


def write_folder(splits: _Splits, out_dir: str | Path, *, style: PromptStyle, card: Card, shards: int = 2) -> Path:
    """Write the trajectories of each split (`train`, `test`, …) and a README that makes them a dataset.

    The folder appears as a whole or not at all, and replaces an earlier one whole. Each kind of rows of `train` is cut
    into `shards` files, so that `load_dataset(…, num_proc=shards)` has work to share.

    Returns:
        The folder.

    Raises:
        DataError: if there are no trajectories, two have the same id, or `out_dir` holds something else than a folder
            written here earlier.
    """
    target = Path(out_dir)
    refuse_foreign(target)
    _refuse_faults(splits)
    with whole_folder(target) as fresh:
        _fill(fresh, splits, style, card, shards)
    return target


def _config_of(trajectory: Trajectory) -> str:
    """The folder a trajectory belongs in: by how it gets from its (last) error to the answer."""
    if not trajectory.errors:
        return _RIGHT
    strategy = trajectory.errors[-1].strategy
    return _UNKNOWN if strategy is None else str(strategy)


def refuse_foreign(target: Path) -> None:
    """Refuse a place that holds something else than nothing, or a dataset that was written here.

    Raises:
        DataError: naming it.
    """
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    readme = target / "README.md"
    if not readme.is_file() or f"\n- {DATASET_TAG}\n" not in readme.read_text("utf-8", errors="replace"):
        raise DataError(
            f"{target}: is there already and was not written by {DATASET_TAG}, so it is not replaced; choose another "
            "folder, or move that one away"
        )


def _refuse_faults(splits: _Splits) -> None:
    if not any(splits.values()):
        raise DataError("there are no trajectories to write; see the counts of what was dropped before")
    seen: set[str] = set()
    for trajectory in (item for trajectories in splits.values() for item in trajectories):
        if not trajectory.id or trajectory.id in seen:
            raise DataError(f"trajectory id {trajectory.id!r}: need one that is not empty and not used twice")
        seen.add(trajectory.id)


def _fill(folder: Path, splits: _Splits, style: PromptStyle, card: Card, shards: int) -> None:
    sizes: dict[tuple[str, str], tuple[int, int]] = {}
    for split, trajectories in splits.items():
        for kind in KINDS:
            rows = [trajectory_to_row(item, style) for item in trajectories if _config_of(item) == kind]
            if rows:
                sizes[kind, split] = _write_rows(folder / kind, split, rows, shards if split == "train" else 1)
    configs = [_config("default", "*", [split for split in splits if splits[split]])]
    for kind in STRATEGY_CONFIGS:
        if found := [split for split in splits if (kind, split) in sizes]:
            configs.append(_config(kind, kind, found))
    infos = [_info(config["config_name"], sizes, splits) for config in configs]
    (folder / "README.md").write_text(card_text(card, configs, infos, splits), "utf-8")


def _config(name: str, folder: str, splits: Sequence[str]) -> dict[str, Any]:
    files = [{"split": split, "path": f"{folder}/{split}-*"} for split in splits]
    return {"config_name": name, **({"default": True} if name == "default" else {}), "data_files": files}


def _info(name: str, sizes: Mapping[tuple[str, str], tuple[int, int]], splits: _Splits) -> dict[str, Any]:
    """The `dataset_info` of a config: with it, `datasets` checks on loading that no row is missing."""
    counted = []
    for split in splits:
        parts = [size for (kind, of), size in sizes.items() if of == split and name in ("default", kind)]
        if parts:
            rows, size = (sum(column) for column in zip(*parts, strict=True))
            counted.append({"name": split, "num_bytes": size, "num_examples": rows})
    size = sum(item["num_bytes"] for item in counted)
    columns = features()._to_yaml_list()
    return {"config_name": name, "features": columns, "splits": counted, "dataset_size": size}


def _write_rows(folder: Path, split: str, rows: Sequence[Mapping[str, Any]], shards: int) -> tuple[int, int]:
    """Write the rows as Parquet, in `shards` files (fewer rows than that: one each).

    Returns:
        How many rows, and how many bytes of Arrow data.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(exist_ok=True)
    kinds = features()
    table = pa.Table.from_pylist([kinds.encode_example(row) for row in rows], schema=kinds.arrow_schema)
    count = min(shards, len(rows))
    for index in range(count):
        start, stop = index * len(rows) // count, (index + 1) * len(rows) // count
        part = table.slice(start, stop - start)
        path = folder / f"{split}-{index:05d}-of-{count:05d}.parquet"
        # Level 15: 6 % above the smallest file (level 19), in a quarter of its time.
        pq.write_table(part, path, compression="zstd", compression_level=15)
    return len(rows), table.nbytes
