"""Rows by a dataset's name, a folder or a file; spans are found where the format hides them.

Whatever `datasets` loads is taken, and the columns say what it is: rows in the published LEMMA format (`instruction`,
`output`), with `conversations` or with `messages` become ours, all others are left as they are. So are rows with
`prompt` and `completion`, which are trained on as they stand.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

from lemma_hf.data import published
from lemma_hf.data.conversations import FORM_COLUMNS, RowForm, form_of, rows_within
from lemma_hf.data.csv_rows import LIST_COLUMNS
from lemma_hf.data.reach import hub_or_cache
from lemma_hf.data.register import DATASET_NAME, code_hash
from lemma_hf.data.rows import COLUMNS, REQUIRED_COLUMNS, features
from lemma_hf.data.sources import read_records
from lemma_hf.errors import DataError
from lemma_hf.records import Dropped
from lemma_hf.utils.files import RowNumber, place_of, write_text

_FILES = (".jsonl", ".json", ".ndjson", ".csv", ".parquet")


def load_rows(
    name: str, config: str = "", split: str = "train", *, rejects: str | Path = "", tell: Callable[[str], None] = print
) -> Any:
    """The rows of a split as a `datasets.Dataset`, with spans where they can be known.

    Args:
        name: as for `load_dataset` ("lemma", a folder, a name on the Hub), a file of JSON Lines, one JSON array,
            CSV or Parquet, a pattern of such files, or a folder written by `save_to_disk`.
        split: a split, or a slice of one such as `train[:95%]`. A single file is all `train`.
        rejects: a JSON Lines file for rows in which no spans were found; none by default.
        tell: gets one line that counts them by reason, if spans were looked for.

    Raises:
        DataError: if there is no such dataset, config or split, a row of a file cannot be read, or no spans are found
            in any row of a format without them.
    """
    form = None if config else _form_in_file(name)
    rows = load_any(name, config, split) if form is None else _texts_from_file(name, split)
    return _find_spans(rows, name, split, form=form or _form_of_rows(rows), rejects=rejects, tell=tell)


def find_spans(
    rows: Any, name: str, split: str, *, rejects: str | Path = "", tell: Callable[[str], None] = print
) -> Any:
    """Rows of the published format (`instruction`, `output`), with `conversations` or `messages`, with their spans.

    All others are left as they are.

    Args:
        rows: a `datasets.Dataset`; `name` and `split` become part of its rows' ids.
        rejects: a JSON Lines file for rows in which no spans were found; none by default.
        tell: gets one line that counts them by reason, if spans were looked for.

    Raises:
        DataError: if a row of these forms cannot be read, or no spans are found in any.
    """
    return _find_spans(rows, name, split, form=_form_of_rows(rows), rejects=rejects, tell=tell)


def load_solutions(name: str, config: str = "", split: str = "train") -> Any:
    """Rows of right solutions: as `load_any`, but those of a JSON file in a known form as `instruction` and `output`.

    Raises:
        DataError: as `load_any`, and if a row of such a file cannot be read.
    """
    return load_any(name, config, split) if config or not _form_in_file(name) else _texts_from_file(name, split)


def _find_spans(
    rows: Any, name: str, split: str, *, form: RowForm | None, rejects: str | Path, tell: Callable[[str], None]
) -> Any:
    if form is None:
        return rows
    rows = rows.map(
        _FindSpans(f"{name}:{split}", code_hash()),
        batched=True,
        with_indices=True,
        remove_columns=rows.column_names,
        features=_with_reasons(),
        desc="Finding spans",
    )
    return _kept(rows, f"{name}, {split}", form, rejects, tell)


def _form_of_rows(rows: Any) -> RowForm | None:
    """The form of rows whose spans are to be found; rows with prompt and completion, or with tokens, stay as is."""
    if {"prompt", "completion"} <= set(rows.features) or "input_ids" in rows.features:
        return None
    return form_of(rows.features)


def load_any(name: str, config: str = "", split: str = "train") -> Any:
    """The rows as they are, whatever their columns.

    Raises:
        DataError: if there is no such dataset, config or split.
    """
    from datasets import load_dataset

    with _named(name, split):
        if _is_file(name) or _is_saved(name):
            if config:
                raise ValueError(f"a file or a saved folder has no config {config!r}: leave `dataset_config` out")
            return _from_disk(name, split) if _is_saved(name) else _from_file(name, split)
        with nullcontext() if name == DATASET_NAME or Path(name).exists() else hub_or_cache():
            return load_dataset(name, config or None, split=split)


@contextmanager
def _named(name: str, split: str) -> Iterator[None]:
    from datasets.exceptions import DatasetGenerationError, DatasetsError

    try:
        yield
    except StopIteration:  # of datasets' reader of JSON, at a file of no bytes
        raise DataError(f"dataset {name!r}, split {split!r}: holds no rows") from None
    except (OSError, ValueError, DatasetsError) as error:
        # "An error occurred while generating the dataset" says nothing; its cause does.
        reason = error.__cause__ if isinstance(error, DatasetGenerationError) and error.__cause__ else error
        raise DataError(f"dataset {name!r}, split {split!r}: {reason}") from error


def _form_in_file(name: str) -> RowForm | None:
    """The form of a JSON file's first row, if it is one whose spans are to be found."""
    if not _is_file(name) or name.endswith(".parquet") or not Path(name).is_file():
        return None
    number, first = next(read_records(name), (0, dict[str, Any]()))
    if nested := rows_within(first):
        raise DataError(f"{name}, {place_of(number)}: {nested}")
    return None if {"prompt", "completion"} <= set(first) or "input_ids" in first else form_of(first)


def _texts_from_file(name: str, split: str) -> Any:
    """Rows of a JSON file as `instruction` and `output`; each is checked, and a fault is named by row and field."""
    from datasets import load_dataset

    with _named(name, split):
        return load_dataset("lemma", data_files=name, split=split, spans=False)


def _is_file(name: str) -> bool:
    return name.removesuffix(".gz").endswith(_FILES)


def _is_saved(name: str) -> bool:
    return Path(name, "state.json").is_file() or Path(name, "dataset_dict.json").is_file()


def _from_file(name: str, split: str) -> Any:
    from datasets import load_dataset

    is_csv = name.removesuffix(".gz").endswith(".csv")
    builder = "parquet" if name.endswith(".parquet") else "json"
    if Path(name).is_file():
        # Rows of ours go through our builder, which checks each and names file, line and field.
        _, first = next(read_records(name), (0, {}))
        builder = "lemma" if set(REQUIRED_COLUMNS) <= set(first) else builder
    if is_csv and builder != "lemma":
        return _from_csv(name, split)
    return load_dataset(builder, data_files=name, split=split)


def _from_csv(name: str, split: str) -> Any:
    """The rows of CSV files as texts: `datasets` would make numbers of answers, and nothing of an empty cell.

    Raises:
        ValueError: if the first row holds lists, which would be trained on as the text in which CSV has them.
    """
    from datasets import Features, Value, load_dataset

    files = sorted(glob(name))  # noqa: PTH207 - `Path.glob` takes no pattern of a whole path
    if not files:
        raise ValueError(f"there is no file {name}")
    _, first = next(read_records(files[0]), (0, {}))
    lists = [column for column, value in first.items() if isinstance(value, list)]
    if lists:
        raise ValueError(f"`{lists[0]}` holds lists, which are texts in CSV: give these rows as .jsonl or .parquet")
    texts = Features(dict.fromkeys(first, Value("string")))
    return load_dataset("csv", data_files=name, split=split, features=texts, keep_default_na=False)


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
        row = published.published_to_row(record, self.name, RowNumber(line))
        if isinstance(row, Dropped):
            empty: dict[str, Any] = {name: [] if name in LIST_COLUMNS else "" for name in COLUMNS}
            return empty | {"id": row.id, "lost": str(row.reason), "detail": row.detail}
        return row | {"lost": "", "detail": ""}


def _kept(rows: Any, name: str, form: RowForm, rejects: str | Path, tell: Callable[[str], None]) -> Any:
    """The rows with spans; the others are counted and written out."""
    import numpy as np

    lost = np.asarray(rows["lost"][:])
    reasons = Counter(reason for reason in lost.tolist() if reason)
    counts = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    columns = " and ".join(f"`{column}`" for column in FORM_COLUMNS[form])
    if not (lost == "").any():
        raise DataError(
            f"{name}: {len(rows):,} rows with {columns}, but no spans were found in any ({counts}): "
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
    which = "of the published format" if form is RowForm.ALPACA else f"with {columns}"
    tell(
        f"{name}: spans found in {kept:,} of {len(rows):,} rows {which}"
        + (f"; {reasons.total():,} left out ({counts}){where}" if reasons else "")
    )
    return rows.select(np.flatnonzero(lost == "")).remove_columns(["lost", "detail"])


def _with_reasons() -> Any:
    from datasets import Features, Value

    return Features({**features(), "lost": Value("string"), "detail": Value("string")})


def _records(batch: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True))
