"""Writing of exported rows: JSON Lines, one JSON array, Parquet, or a folder with one Parquet file a split.

A file is written whole or not at all, and columns have the types of their form even where no row has a value.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lemma_hf.data.export.forms import ExportForm, ExportOptions, ExportRow
from lemma_hf.data.rows import features
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.utils.files import is_json_name, open_packed, whole_file, whole_folder

_FILES = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz", ".parquet")


def is_folder_name(path: Path) -> bool:
    """Whether rows written to this path become a folder: a name without an ending.

    Raises:
        ConfigError: if the ending is none that can be written.
    """
    if path.name.lower().endswith(_FILES):
        return False
    if path.suffix:
        raise ConfigError(f"{path}: cannot tell what to write; need {', '.join(_FILES)}, or a folder's name")
    return True


def export_features(form: ExportForm, options: ExportOptions) -> Any:
    """The columns of a form as `datasets.Features`."""
    from datasets import Features, List, Value

    text, message = Value("string"), {"role": Value("string"), "content": Value("string")}
    side = List(message) if options.chat else text
    if form is ExportForm.SFT:
        return Features({**features(), "prompt": side, "completion": side})
    if form is ExportForm.MESSAGES and options.reasoning:
        message = {"role": Value("string"), "reasoning_content": Value("string"), "content": Value("string")}
    columns: dict[ExportForm, dict[str, Any]] = {
        ExportForm.MESSAGES: {"messages": List(message)},
        ExportForm.DPO: {"prompt": side, "chosen": side, "rejected": side},
        ExportForm.STEP_DPO: {"prompt": side, "chosen": side, "rejected": side},
        ExportForm.KTO: {"prompt": side, "completion": side, "label": Value("bool")},
        ExportForm.PRM: {"prompt": text, "completions": List(text), "labels": List(Value("bool"))},
        ExportForm.SPOT: {"prompt": side, "completion": side, "rejected": side},
    }
    return Features({"id": text, **columns[form]})


def write_file(path: Path, rows: Sequence[ExportRow], kinds: Any) -> None:
    """Write the rows to one file.

    Args:
        path: the ending says in which format.
        kinds: the `datasets.Features` of the columns, for Parquet.

    Raises:
        DataError: if it cannot be written.
    """
    try:
        with whole_file(path) as draft:
            if path.suffix == ".parquet":
                write_parquet(draft, rows, kinds)
            else:
                _write_json(draft, rows, as_array=is_json_name(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None


def write_splits(folder: Path, splits: Mapping[str, Sequence[ExportRow]], kinds: Any) -> dict[str, tuple[int, int]]:
    """Write each split as `SPLIT-00000-of-00001.parquet`; the folder replaces an earlier one whole.

    Returns:
        For each split its rows and its bytes of Arrow data, as `dataset_info` counts them.

    Raises:
        DataError: if it cannot be written.
    """
    try:
        with whole_folder(folder) as draft:
            return {
                split: (len(rows), write_parquet(draft / f"{split}-00000-of-00001.parquet", rows, kinds))
                for split, rows in splits.items()
            }
    except OSError as error:
        raise DataError(f"{folder}: cannot be written ({error.strerror or error})") from None


def write_parquet(path: Path, rows: Sequence[ExportRow], kinds: Any) -> int:
    """Write the rows as Parquet, and return the bytes of their Arrow data."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([kinds.encode_example(row) for row in rows], schema=kinds.arrow_schema)
    pq.write_table(table, path, compression="zstd")
    return int(table.nbytes)


def _write_json(path: Path, rows: Sequence[ExportRow], *, as_array: bool) -> None:
    begin, between, end = ("[\n", ",\n", "\n]\n") if as_array else ("", "\n", "\n")
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    with open_packed(path, "wb") as out:
        out.write((begin + between.join(lines) + end).encode("utf-8"))
