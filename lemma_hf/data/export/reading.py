"""Reading of trajectories to export: a dataset's folder or a file, in our columns or any form whose spans can be found.

our rows                                  as they are
prompt, completion and spans alone        what is trained on: texts or messages, with `span_kinds` and `span_ends`
alpaca, conversations, messages, …        the forms of `lemma_hf.data.conversations`; spans are found by words
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.data.conversations import read_exchange
from lemma_hf.data.folder import EXPORTS, KINDS
from lemma_hf.data.published import published_to_row
from lemma_hf.data.register import DATASET_DIR, DATASET_NAME
from lemma_hf.data.rows import COLUMNS, read_spans, row_to_trajectory
from lemma_hf.data.sources import read_records
from lemma_hf.errors import DataError
from lemma_hf.prompts import PROMPT_STYLES, PromptStyle, prompt_style
from lemma_hf.records import Dropped, DropReason, SpanKind, Trajectory
from lemma_hf.solutions.steps import split_steps
from lemma_hf.utils.files import place_of

_Row = Mapping[str, Any]
_TRAIN = "train"
_MAY_LACK = ("reference_answer", "reference_solution", "source")
"""Texts of our rows that rows for training alone may lack."""
_ENDINGS = (".parquet", ".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".csv", ".csv.gz")
"""Of files of rows within a folder; `settings.json` and `funnel.json` of a run are none."""


@dataclass(frozen=True, slots=True)
class ReadTrajectory:
    """A trajectory of a file, with the way in which its question is put there."""

    trajectory: Trajectory
    style: PromptStyle
    split: str
    """The split by the file's name in a folder; of a single file always `train`."""


def read_trajectories(path: str | Path, split: str = "") -> Iterator[ReadTrajectory | Dropped]:
    """The trajectories of a folder or a file; a row that cannot be read comes as the reason why.

    Args:
        path: a dataset's folder, a JSON Lines, JSON or Parquet file, or `lemma` for the dataset in this package.
        split: the split to read; empty: all.

    Raises:
        DataError: if there is no such file, folder or split, the folder holds no rows, or a line is no JSON object.
    """
    files = _files(path)
    known = dict.fromkeys(name for _, name in files)
    if split and split not in known:
        raise DataError(f"{path}: has no split {split!r}; it has {', '.join(known)}")
    for file, name in files:
        if split in ("", name):
            yield from _file_trajectories(file, name)


def _file_trajectories(file: Path, split: str) -> Iterator[ReadTrajectory | Dropped]:
    for line, record in read_records(file):
        place = f"{file.name}, {place_of(line)}"
        try:
            read = _read(record, file, line)
        except DataError as error:
            yield Dropped(place, "export", DropReason.BAD_ROW, str(error))
            continue
        yield read if isinstance(read, Dropped) else ReadTrajectory(*read, split)


def _files(path: str | Path) -> list[tuple[Path, str]]:
    place = Path(path)
    if not place.exists() and str(path) == DATASET_NAME:
        place = Path(DATASET_DIR)
    if not place.is_dir():
        return [(place, _TRAIN)]
    inside = [file for file in sorted(place.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    inside = [file for file in inside if file.relative_to(place).parts[0] != EXPORTS]
    ours = [file for file in inside if file.suffix == ".parquet" and file.parent.name in KINDS]
    found = ours or [file for file in inside if file.name.endswith(_ENDINGS)]
    if not found:
        raise DataError(f"{place}: holds no .parquet, .jsonl or .csv files; name a dataset's folder, or a file")
    files = [(file, _split_of(file)) for file in found]
    return sorted(files, key=lambda each: each[1] != _TRAIN)  # else `test` would come first


def _split_of(file: Path) -> str:
    """The split in a name such as `train-00000-of-00001.parquet` or `test.jsonl.gz`."""
    return re.split(r"-\d|\.", file.name)[0]


def _read(record: _Row, file: Path, line: int) -> tuple[Trajectory, PromptStyle] | Dropped:
    if "span_kinds" in record and "completion" in record:
        if {"problem", "prompt_style"} <= record.keys() and isinstance(record.get("prompt"), str):
            return row_to_trajectory(record), prompt_style(record["prompt_style"])
        return _from_training_row(record, f"{file.name}:{line}")
    row = published_to_row(record, file.name, line)
    return row if isinstance(row, Dropped) else (row_to_trajectory(row), prompt_style(row["prompt_style"]))


def _from_training_row(record: _Row, item: str) -> tuple[Trajectory, PromptStyle]:
    """A row with `prompt`, `completion` and spans; what else is known of a trajectory, it need not have."""
    exchange = read_exchange({"prompt": record.get("prompt"), "completion": record["completion"]})
    text, lead = exchange.output, _lead(record["completion"])
    spans = read_spans(record, len(lead) + len(text), len(lead))
    ends = [end - len(lead) for _, end in spans]
    row: dict[str, Any] = dict.fromkeys(_MAY_LACK, "") | {"id": item, "problem_id": item}
    row |= _unknown_errors(text, spans, ends)
    row |= {name: value for name, value in record.items() if name in COLUMNS and value is not None}
    row |= {"problem": exchange.asked, "prompt_style": "chat", "prompt": exchange.asked, "completion": text}
    row |= {"span_ends": ends, "error_starts": _without_lead(row.get("error_starts"), len(lead))}
    return row_to_trajectory(row), _style_of(record, exchange.question, lead)


def _without_lead(starts: Any, lead: int) -> Any:
    """The column `error_starts` counted from the end of the lead on; None and -1 are places that are not known."""
    if not isinstance(starts, list):
        return starts
    return [place - lead if isinstance(place, int) and place >= 0 else place for place in starts]


def _lead(completion: Any) -> str:
    """The white space that joins a completion to its prompt; a message has none."""
    return completion[: len(completion) - len(completion.lstrip())] if isinstance(completion, str) else ""


def _style_of(record: _Row, question: str, lead: str) -> PromptStyle:
    """The style in which a prompt was written; one of its own where it is none of ours."""
    prompt = record["prompt"]
    if not isinstance(prompt, str):
        return prompt_style("chat")
    known = (style for style in PROMPT_STYLES.values() if style.prompt(question) == prompt and style.lead == lead)
    return next(known, PromptStyle("as_given", "{question}", lead))


def _unknown_errors(text: str, spans: Sequence[tuple[SpanKind, int]], ends: Sequence[int]) -> dict[str, Any]:
    """The columns of errors of which nothing is known: each is the step with which its span ends."""
    errors = [end for (kind, _), end in zip(spans, ends, strict=True) if kind is SpanKind.ERROR]
    names = ("error_types", "error_strategies", "error_origins")
    return {"error_steps": [len(split_steps(text[:end])) for end in errors]} | {
        name: [None] * len(errors) for name in names
    }
