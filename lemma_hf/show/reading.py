"""Reading of rows to show from a folder or a file: items, and the rows that cannot be shown.

Rows with `completion` and `span_kinds` are trajectories; all others are outputs. Where there is no column of outputs,
question and output are read from a conversation (see `lemma_hf.data.conversations`). A row that cannot be shown is
counted and named: a page is for looking at data that may be broken.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lemma_hf.data import DATASET_DIR, RowForm, form_of, read_records, row_to_trajectory
from lemma_hf.data.folder import EXPORTS
from lemma_hf.errors import DataError
from lemma_hf.records import Dropped, DropReason
from lemma_hf.show.items import Item, output_to_item, trajectory_to_item
from lemma_hf.utils.files import json_rows, open_packed
from lemma_hf.utils.redaction import escape_invisible

_IN_FOLDERS = (".jsonl", ".ndjson", ".csv", ".jsonl.gz", ".ndjson.gz", ".csv.gz")
_JSON_LINES = (".jsonl", ".json", ".ndjson", ".jsonl.gz", ".json.gz", ".ndjson.gz")
_LONGEST_ID = 200
"""Characters of an id, which is also the fragment of a link to its item."""

_Line = tuple[str, str, "dict[str, Any] | str"]
"""The place (file and line), the split, and the fields or the fault of the line."""


@dataclass(frozen=True, slots=True)
class OutputColumns:
    """Names of the columns in a file of outputs."""

    output: str = "output"
    reference: str = "reference"
    question: str = ""
    """Empty: the first present of question, problem, instruction and prompt."""
    id: str = "id"
    benchmark: str = "benchmark"


@dataclass(frozen=True, slots=True)
class Shown:
    """Result of reading a folder or file: items, and the rows that cannot be shown."""

    name: str
    items: tuple[Item, ...]
    """Items with unique ids: a second row with the same id gets `~2` added to it."""
    dropped: tuple[Dropped, ...]
    """Of the rows drawn, those that cannot be shown."""
    rows: int
    """Number of all rows, drawn or not."""
    forms: tuple[RowForm, ...] = ()
    """The forms of conversations that outputs were read from, where there was no column of outputs."""

    def summary(self) -> str:
        """Summarize in one line: rows in all, rows drawn, rows that cannot be shown."""
        drawn = len(self.items) + len(self.dropped)
        parts = [f"{self.rows:,} {'row' if self.rows == 1 else 'rows'} in {self.name}"]
        parts += [f"{drawn:,} of them drawn"] if drawn < self.rows else []
        parts += [f"{len(self.dropped):,} cannot be shown"] if self.dropped else []
        parts += [f"question and output read from {' or '.join(self.forms)}"] if self.forms else []
        return ", ".join(parts)


def read_items(
    path: str | Path, columns: OutputColumns | None = None, *, limit: int | None = None, seed: int = 0
) -> Shown:
    """Read the rows of a folder or file, as items in the order of the file.

    Args:
        path: a dataset's folder, a JSON or Parquet file, or `lemma` for the dataset in this package.
        columns: of outputs; trajectories have their own.
        limit: draw so many rows at most, without reading more than these into memory; None: all.
        seed: of the draw.

    Raises:
        DataError: if there is no such file, it cannot be read, or none of its rows can be shown.
    """
    files, name = _files(path), Path(path).name or str(path)
    names = asdict(columns or OutputColumns())
    rows, drawn = _draw((line for file, split in files for line in _lines(file, split)), limit, seed)
    found = [_item(line, names) for line in drawn]
    items = [each for each in found if isinstance(each, Item)]
    dropped = tuple(each for each in found if isinstance(each, Dropped))
    if not items:
        why = f"the first of them, {dropped[0].id}: {dropped[0].detail}" if dropped else "it is empty"
        raise DataError(f"{path}: holds no row that can be shown ({why})")
    forms = dict.fromkeys(form for line in drawn if (form := _form_read(line, names["output"])))
    return Shown(name, tuple(_with_own_ids(items)), dropped, rows, tuple(forms))


def _files(path: str | Path) -> list[tuple[Path, str]]:
    """List the files, each with its split; in a folder the Parquet files or, if there are none, the JSON Lines."""
    place = Path(path)
    if not place.exists() and str(path) == "lemma":
        place = Path(DATASET_DIR)
    if not place.is_dir():
        return [(place, "")]
    inside = [file for file in sorted(place.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    inside = [file for file in inside if file.relative_to(place).parts[0] != EXPORTS]  # the same rows once more
    parquet = [file for file in inside if file.suffix == ".parquet"]
    found = parquet or [file for file in inside if file.name.endswith(_IN_FOLDERS)]
    if not found:
        raise DataError(f"{place}: holds no .parquet, .jsonl or .csv files; name a dataset's folder, or a file")
    return [(file, file.name.split("-")[0].split(".")[0] if len(found) > 1 else "") for file in found]


def _lines(file: Path, split: str) -> Iterator[_Line]:
    if file.name.lower().endswith(_JSON_LINES):
        for number, values in _json_rows(file):
            yield f"{file.name}:{number}", split, values
    else:  # Parquet, CSV, or an unknown ending, which `read_records` refuses
        for number, record in read_records(file):
            yield f"{file.name}:{number}", split, record


def _json_rows(file: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    try:
        with open_packed(file, "rb") as lines:
            yield from json_rows(lines, str(file))
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror or error})") from None


def _draw(lines: Iterable[_Line], limit: int | None, seed: int) -> tuple[int, list[_Line]]:
    """Count the lines, and draw `limit` of them, each as likely as any other (Vitter's algorithm R)."""
    luck, drawn, count = random.Random(seed), list[tuple[int, _Line]](), 0
    for count, line in enumerate(lines, 1):
        if limit is None or len(drawn) < limit:
            drawn.append((count, line))
        elif (at := luck.randrange(count)) < limit:
            drawn[at] = (count, line)
    return count, [line for _, line in sorted(drawn, key=lambda each: each[0])]


def _form_read(line: _Line, output: str) -> RowForm | None:
    """The form that the output of a row was read from, where it has no such column."""
    values = line[2]
    return None if isinstance(values, str) or output in values else form_of(values)


def _item(line: _Line, columns: dict[str, str]) -> Item | Dropped:
    place, split, values = line
    if isinstance(values, str):
        return Dropped(place, "show", DropReason.BAD_ROW, values)
    try:
        return row_to_item(values, place, columns, split)
    except DataError as error:
        return Dropped(place, "show", DropReason.BAD_ROW, str(error))


def row_to_item(values: Mapping[str, Any], place: str, columns: Mapping[str, str], group: str = "") -> Item:
    """The item of a row, of a trajectory or of an output; see `output_to_item`, also for its error."""
    if "span_kinds" in values and "completion" in values:
        return trajectory_to_item(row_to_trajectory(values), group)
    return output_to_item(values, place, columns, group)


def _with_own_ids(items: Iterable[Item]) -> Iterator[Item]:
    """Make the ids unique: several outputs of one problem share its id, but a link has to lead to one of them."""
    seen, used = Counter[str](), set[str]()
    for item in items:
        own = base = escape_invisible(item.id)[:_LONGEST_ID]
        while own in used:
            seen[base] += 1
            own = f"{base}~{seen[base] + 1}"
        used.add(own)
        yield item if own == item.id else replace(item, id=own)
