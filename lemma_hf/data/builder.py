"""The builder behind `load_dataset("lemma", data_files=…)`: our rows, or published ones, from JSON or Parquet.

Found by `datasets` under the name that `lemma_hf.data.register` gives it. With no files named this builder is not
used: the shipped folder is plain Parquet.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

import datasets
from datasets.builder import Key
from datasets.exceptions import DatasetGenerationError

from lemma_hf.data.conversations import form_of, read_exchange, unknown_form
from lemma_hf.data.published import published_to_row
from lemma_hf.data.rows import COLUMNS, features, row_to_trajectory
from lemma_hf.data.sources import records_in
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.records import Dropped
from lemma_hf.utils.files import place_of, write_text

TEXT_COLUMNS = ("instruction", "output")
"""The columns of rows whose spans are not looked for."""
_BATCH = 1000
"""Rows held at a time, as `datasets` writes them: some 1.4 MB of trajectories."""

_logger = logging.getLogger(__name__)


class _BrokenRowError(DatasetGenerationError, DataError):
    """A `DataError` that `datasets` lets through as it is, so that file, row and field stand in the last line."""


@dataclass
class LemmaConfig(datasets.BuilderConfig):
    """Options of `load_dataset("lemma", data_files=…)`."""

    rejects_dir: str | None = None
    """A folder for the rows that could not be used, one JSON Lines file for each data file."""
    spans: bool = True
    """Whether spans are looked for; if not, rows come as `instruction` and `output`, in whatever form they were."""


class Lemma(datasets.ArrowBasedBuilder):
    """Rows of trajectories from files.

    A row that is broken ends the loading with an error that names file, row and field. A row in one of the forms of
    `conversations` in which no spans can be found is left out; how many, and why, is logged as a warning for each file.
    """

    BUILDER_CONFIG_CLASS = LemmaConfig

    def _info(self) -> datasets.DatasetInfo:
        if self.config.name not in ("default", "lemma"):
            raise ConfigError(
                f"data_files have no config {self.config.name!r}: leave the name out, and filter the loaded rows by "
                "`error_strategies`"
            )
        texts = datasets.Features(dict.fromkeys(TEXT_COLUMNS, datasets.Value("string")))
        return datasets.DatasetInfo(features=features() if self.config.spans else texts)

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        local = dl_manager.download(self.config.data_files)
        return [
            datasets.SplitGenerator(
                split, {"files": [(str(split), *pair) for pair in enumerate(zip(names, local[split], strict=True))]}
            )
            for split, names in self.config.data_files.items()
        ]

    def _generate_tables(self, files: list[tuple[str, int, tuple[str, str]]]) -> Iterator[tuple[Key, Any]]:
        for place, (split, number, (name, path)) in enumerate(files):  # of several processes each gets some of them
            rejects: list[Dropped] = []
            # `datasets` replaces `open` in this module by one that reads URLs too, with the caller's token.
            with open(path, "rb") as file:  # noqa: PTH123
                convert = _row if self.config.spans else _texts
                rows = _rows(records_in(file, name), name, rejects, convert)
                while batch := list(islice(rows, _BATCH)):
                    yield Key(place, batch[0][0]), self._table([row for _, row in batch])
            self._report(rejects, name, f"{split}-{number:05d}-{PurePosixPath(name).name}.rejects.jsonl")

    def _table(self, rows: list[dict[str, Any]]) -> Any:
        import pyarrow as pa

        kinds = self.info.features
        return pa.Table.from_pylist([kinds.encode_example(row) for row in rows], schema=kinds.arrow_schema)

    def _report(self, rejects: list[Dropped], name: str, reject_file: str) -> None:
        if not rejects:
            return
        reasons = ", ".join(
            f"{count} {reason}" for reason, count in Counter(item.reason for item in rejects).most_common()
        )
        where = "load with rejects_dir=… to have them written out"
        if self.config.rejects_dir:
            folder = Path(self.config.rejects_dir)
            folder.mkdir(parents=True, exist_ok=True)
            text = "".join(json.dumps(asdict(item), ensure_ascii=False) + "\n" for item in rejects)
            write_text(folder / reject_file, text)
            where = f"written to {folder / reject_file}"
        _logger.warning("%s: %d rows left out (%s); %s", name, len(rejects), reasons, where)


def _rows(
    records: Iterator[tuple[int, dict[str, Any]]],
    name: str,
    rejects: list[Dropped],
    convert: Callable[[dict[str, Any], str, int], dict[str, Any] | Dropped],
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The usable rows with their line numbers; the others are added to `rejects`."""
    try:
        for line, record in records:
            row = convert(record, name, line)
            if isinstance(row, Dropped):
                rejects.append(row)
            else:
                yield line, row
    except DataError as error:
        raise _BrokenRowError(str(error)) from None


def _row(record: dict[str, Any], name: str, line: int) -> dict[str, Any] | Dropped:
    """A row of ours, checked; made from another form where it is in that."""
    if form_of(record) is not None:
        return published_to_row(record, name, line)
    if "span_kinds" not in record:
        raise DataError(f"{name}, {place_of(line)}: {unknown_form(record)}")
    try:
        row_to_trajectory(record)
    except DataError as error:
        raise DataError(f"{name}, {place_of(line)}, {error}") from None
    whole = {"error_starts": [None] * len(record["error_steps"])} | record  # rows of earlier releases lack the column
    return {column: whole[column] for column in COLUMNS}


def _texts(record: dict[str, Any], name: str, line: int) -> dict[str, Any]:
    """The question and the answer of a row in another form than ours."""
    if form_of(record) is None:
        raise DataError(f"{name}, {place_of(line)}: {unknown_form(record)}")
    try:
        exchange = read_exchange(record)
    except DataError as error:
        raise DataError(f"{name}, {place_of(line)}, {error}") from None
    return dict(zip(TEXT_COLUMNS, (exchange.asked, exchange.output), strict=True))
