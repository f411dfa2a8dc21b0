"""Rows by a dataset's name, a folder or a file; spans are found where the format hides them.

Whatever `datasets` loads is taken, and the columns say what it is: rows in the published LEMMA format (`instruction`,
`output`) become ours, all others are left as they are.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lemma_hf.solutions.spans
from lemma_hf.data import published
from lemma_hf.data.rows import COLUMNS, features
from lemma_hf.data.sources import read_records
from lemma_hf.errors import DataError
from lemma_hf.records import Dropped
from lemma_hf.utils.files import write_text

_FILES = (".jsonl", ".json", ".ndjson", ".parquet")
_LISTS = {"span_kinds", "span_ends", "error_types", "error_steps", "error_strategies", "error_origins"}


def load_rows(
    name: str, config: str = "", split: str = "train", *, rejects: str | Path = "", tell: Callable[[str], None] = print
) -> Any:
    """The rows of a split as a `datasets.Dataset`, with spans where they can be known.

    Args:
        name: as for `load_dataset` ("lemma", a folder, a name on the Hub), a JSON Lines or Parquet file, a pattern of
            such files, or a folder written by `save_to_disk`.
        split: a split, or a slice of one such as `train[:95%]`. A single file is all `train`.
        rejects: a JSON Lines file for published rows in which no spans were found; none by default.
        tell: gets one line that counts them by reason, if the format was the published one.

    Raises:
        DataError: if there is no such dataset, config or split, or none of its published rows can be used.
    """
    return find_spans(load_any(name, config, split), name, split, rejects=rejects, tell=tell)


def find_spans(
    rows: Any, name: str, split: str, *, rejects: str | Path = "", tell: Callable[[str], None] = print
) -> Any:
    """Rows of the published format (`instruction`, `output`) with their spans; all others as they are.

    Args:
        rows: a `datasets.Dataset`; `name` and `split` become part of its rows' ids.
        rejects: a JSON Lines file for published rows in which no spans were found; none by default.
        tell: gets one line that counts them by reason, if the format was the published one.

    Raises:
        DataError: if none of the published rows can be used.
    """
    if not published.is_published(rows.features) or {"prompt", "completion"} <= set(rows.features):
        return rows
    rows = rows.map(
        _FindSpans(f"{name}:{split}", _code()),
        batched=True,
        with_indices=True,
        remove_columns=rows.column_names,
        features=_with_reasons(),
        desc="Finding spans",
    )
    return _kept(rows, f"{name}, {split}", rejects, tell)


def load_any(name: str, config: str = "", split: str = "train") -> Any:
    """The rows as they are, whatever their columns.

    Raises:
        DataError: if there is no such dataset, config or split.
    """
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError

    try:
        if _is_file(name) or _is_saved(name):
            if config:
                raise ValueError(f"a file or a saved folder has no config {config!r}: leave `dataset_config` out")
            return _from_disk(name, split) if _is_saved(name) else _from_file(name, split)
        return load_dataset(name, config or None, split=split)
    except (OSError, ValueError, DatasetsError) as error:
        raise DataError(f"dataset {name!r}, split {split!r}: {error}") from error


def _is_file(name: str) -> bool:
    return name.removesuffix(".gz").endswith(_FILES)


def _is_saved(name: str) -> bool:
    return Path(name, "state.json").is_file() or Path(name, "dataset_dict.json").is_file()


def _from_file(name: str, split: str) -> Any:
    from datasets import load_dataset

    builder = "parquet" if name.endswith(".parquet") else "json"
    if Path(name).is_file():
        # Rows of ours go through our builder, which checks each and names file, line and field.
        _, first = next(read_records(name), (0, {}))
        builder = "lemma" if set(COLUMNS) <= set(first) else builder
    return load_dataset(builder, data_files=name, split=split)


def _from_disk(folder: str, split: str) -> Any:
    from datasets import DatasetDict, ReadInstruction, concatenate_datasets, load_from_disk

    saved = load_from_disk(folder)
    splits = dict(saved) if isinstance(saved, DatasetDict) else {"train": saved}
    sizes = {name: len(rows) for name, rows in splits.items()}
    pieces = ReadInstruction.from_spec(split).to_absolute(sizes)
    # An open end of a slice is None.
    bounds = [(piece.splitname, piece.from_ or 0, piece.to) for piece in pieces]
    parts = [splits[name].select(range(start, sizes[name] if stop is None else stop)) for name, start, stop in bounds]
    return concatenate_datasets(parts)


@dataclass(frozen=True)
class _FindSpans:
    """Makes a batch of published rows into ours, or says for each why not."""

    name: str
    code: str
    """Part of the key under which `datasets` caches the result, so that other code finds the spans anew."""

    def __call__(self, batch: dict[str, list[Any]], indices: list[int]) -> dict[str, list[Any]]:
        found = [self._read(record, index + 1) for record, index in zip(_records(batch), indices, strict=True)]
        return {name: [row[name] for row in found] for name in (*COLUMNS, "lost", "detail")}

    def _read(self, record: dict[str, Any], line: int) -> dict[str, Any]:
        row = published.published_to_row(record, self.name, line)
        if isinstance(row, Dropped):
            empty: dict[str, Any] = {name: [] if name in _LISTS else "" for name in COLUMNS}
            return empty | {"id": row.id, "lost": str(row.reason), "detail": row.detail}
        return row | {"lost": "", "detail": ""}


def _kept(rows: Any, name: str, rejects: str | Path, tell: Callable[[str], None]) -> Any:
    """The rows with spans; the others are counted and written out."""
    import numpy as np

    lost = np.asarray(rows["lost"][:])
    reasons = Counter(reason for reason in lost.tolist() if reason)
    counts = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    if not (lost == "").any():
        raise DataError(
            f"{name}: {len(rows):,} rows with `instruction` and `output`, but no spans were found in any ({counts}): "
            "give trajectories that notice a mistake, or name right solutions as `mix_dataset`"
        )
    where = ""
    if rejects and reasons:
        Path(rejects).parent.mkdir(parents=True, exist_ok=True)
        left = rows.select(np.flatnonzero(lost != "")).select_columns(["id", "lost", "detail"])
        lines = ({"id": row["id"], "reason": row["lost"], "detail": row["detail"]} for row in left)
        write_text(rejects, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        where = f"; written to {rejects}"
    kept = len(rows) - reasons.total()
    tell(
        f"{name}: spans found in {kept:,} of {len(rows):,} rows of the published format"
        + (f"; {reasons.total():,} left out ({counts}){where}" if reasons else "")
    )
    return rows.select(np.flatnonzero(lost == "")).remove_columns(["lost", "detail"])


def _with_reasons() -> Any:
    from datasets import Features, Value

    return Features({**features(), "lost": Value("string"), "detail": Value("string")})


def _code() -> str:
    """Changes with the code that finds spans, of which the cache of `datasets` sees no more than the name."""
    files = [Path(published.__file__), *sorted(Path(lemma_hf.solutions.spans.__file__).parent.glob("*.py"))]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _records(batch: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True))
