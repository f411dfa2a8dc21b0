"""Exports within a dataset's folder: rows of another form as a config of their own, which `datasets` loads by name.

    exports/step_dpo/train-00000-of-00001.parquet    config `step_dpo`: load_dataset(FOLDER, "step_dpo")

They are two levels deep, since the config `default` takes all files that are one level deep.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lemma_hf.data.card import DATASET_TAG, PLACEHOLDER
from lemma_hf.data.export.writing import write_splits
from lemma_hf.data.folder import EXPORTS
from lemma_hf.errors import DataError
from lemma_hf.hub.artifact import CARD
from lemma_hf.hub.front_matter import read_head, split_head, write_head
from lemma_hf.utils.files import write_text

_STREAM = "\nstream = load_dataset("
"""The last line of the card's snippet on loading, before which the line of an export is placed."""


def add_export(folder: str | Path, name: str, splits: Mapping[str, Sequence[Mapping[str, Any]]], kinds: Any) -> Path:
    """Write rows into a dataset's folder, and name them in its README as a config; an earlier export is replaced.

    Args:
        folder: as `lemma_hf.data.write_folder` writes it. `write_folder` itself removes exports: its rows are new ones.
        name: of the config, such as `step_dpo`.
        splits: rows by split; empty splits are left out.
        kinds: the `datasets.Features` of the rows.

    Returns:
        The folder of the rows.

    Raises:
        DataError: if the folder was not written by lemma-hf, there are no rows, or it cannot be written.
    """
    place = Path(folder)
    text = _card(place)
    full = {split: [dict(row) for row in rows] for split, rows in splits.items() if rows}
    if not full:
        raise DataError(f"{place}: there are no rows to add as {name!r}")
    sizes = write_splits(place / EXPORTS / name, full, kinds)
    head, body = split_head(text)
    values = read_head(head, str(place / CARD))
    values["configs"] = _with_entry(values.get("configs"), _config(name, full))
    values["dataset_info"] = _with_entry(values.get("dataset_info"), _info(name, sizes, kinds))
    try:
        write_text(place / CARD, f"---\n{write_head(values, head)}---\n{_with_line(body, name)}")
    except OSError as error:
        raise DataError(f"{place / CARD}: cannot be written ({error.strerror or error})") from None
    return place / EXPORTS / name


def export_files(folder: Path) -> list[Path]:
    """The Parquet files of all exports in a dataset's folder."""
    return sorted((folder / EXPORTS).glob("*/*.parquet"))


def _card(place: Path) -> str:
    try:
        text = (place / CARD).read_text("utf-8")
    except (OSError, ValueError):
        text = ""
    tags = read_head(split_head(text)[0], f"{place / CARD}").get("tags")
    if not isinstance(tags, list) or DATASET_TAG not in tags:
        raise DataError(
            f"{place}: is no dataset's folder of lemma-hf (its README.md has no tag {DATASET_TAG}); write the rows to "
            "a file or a folder of their own with -o"
        )
    return text


def _config(name: str, splits: Mapping[str, object]) -> dict[str, Any]:
    files = [{"split": split, "path": f"{EXPORTS}/{name}/{split}-*"} for split in splits]
    return {"config_name": name, "data_files": files}


def _info(name: str, sizes: Mapping[str, tuple[int, int]], kinds: Any) -> dict[str, Any]:
    splits = [{"name": split, "num_bytes": size, "num_examples": rows} for split, (rows, size) in sizes.items()]
    size = sum(size for _, size in sizes.values())
    return {"config_name": name, "features": kinds._to_yaml_list(), "splits": splits, "dataset_size": size}


def _with_entry(entries: Any, ours: Mapping[str, Any]) -> list[Any]:
    """The entries with ours at the end, in place of an earlier one of its name."""
    # A card with a single config may have its `dataset_info` as one mapping.
    listed = entries if isinstance(entries, list) else [entries] if entries else []
    name = ours["config_name"]
    return [*(entry for entry in listed if not _is_named(entry, name)), dict(ours)]


def _is_named(entry: Any, name: str) -> bool:
    return isinstance(entry, Mapping) and entry.get("config_name") == name


def _with_line(body: str, name: str) -> str:
    """The card's text with a line that loads the export, where it has the snippet that we wrote."""
    line = f'\n{name} = load_dataset("{PLACEHOLDER}", "{name}", split="train")'
    return body if line in body else body.replace(_STREAM, f"{line}{_STREAM}", 1)
