"""Reading of trajectories to export: a dataset's folder or a file, in our columns or any form whose spans can be found.

our rows                                  as they are
prompt, completion and spans alone        what is trained on: texts or messages, with `span_kinds` and `span_ends`
alpaca, conversations, messages, …        the forms of `lemma_hf.data.conversations`; spans are found by words
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.data.conversations import read_exchange
from lemma_hf.data.folder import EXPORTS, KINDS
from lemma_hf.data.published import published_to_row
from lemma_hf.data.register import DATASET_DIR, DATASET_NAME
from lemma_hf.data.rows import COLUMNS, row_to_trajectory
from lemma_hf.data.sources import read_records
from lemma_hf.errors import DataError
from lemma_hf.prompts import PROMPT_STYLES, PromptStyle, prompt_style
from lemma_hf.records import Dropped, DropReason, SpanKind, Trajectory
from lemma_hf.solutions.steps import split_steps
from lemma_hf.utils.files import place_of

_Row = Mapping[str, Any]
_ENDINGS = (".parquet", ".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
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
        return [(place, "train")]
    inside = [file for file in sorted(place.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    inside = [file for file in inside if file.relative_to(place).parts[0] != EXPORTS]
    ours = [file for file in inside if file.suffix == ".parquet" and file.parent.name in KINDS]
    found = ours or [file for file in inside if file.name.endswith(_ENDINGS)]
    if not found:
        raise DataError(f"{place}: holds neither .parquet nor .jsonl files; name a dataset's folder, or a file")
    return [(file, _split_of(file)) for file in found]


def _split_of(file: Path) -> str:
    """The split in a name such as `train-00000-of-00001.parquet` or `test.jsonl.gz`."""
    return re.split(r"-\d|\.", file.name)[0]


def _read(record: _Row, file: Path, line: int) -> tuple[Trajectory, PromptStyle] | Dropped:
    if "span_kinds" in record and "completion" in record:
        if {"problem", "prompt_style"} <= record.keys():
            return row_to_trajectory(record), prompt_style(record["prompt_style"])
        return _from_training_row(record, f"{file.name}:{line}")
    row = published_to_row(record, file.name, line)
    return row if isinstance(row, Dropped) else (row_to_trajectory(row), prompt_style(row["prompt_style"]))


def _from_training_row(record: _Row, item: str) -> tuple[Trajectory, PromptStyle]:
    """A row with `prompt`, `completion` and spans; what else is known of a trajectory, it need not have."""
    exchange = read_exchange({"prompt": record.get("prompt"), "completion": record["completion"]})
    style = _style_of(record, exchange.question)
    row = dict.fromkeys(COLUMNS, "") | {"id": item, "problem_id": item} | _unknown_errors(record, exchange.output)
    row |= {name: value for name, value in record.items() if name in COLUMNS and value is not None}
    row |= {"problem": exchange.asked, "prompt_style": "chat", "prompt": exchange.asked, "completion": exchange.output}
    ends = record.get("span_ends")
    row["span_ends"] = [end - len(style.lead) for end in ends] if isinstance(ends, list | tuple) else ends
    return row_to_trajectory(row), style


def _style_of(record: _Row, question: str) -> PromptStyle:
    """The style in which a prompt was written; one of its own where it is none of ours."""
    prompt, completion = record["prompt"], record["completion"]
    if not isinstance(prompt, str) or not isinstance(completion, str):
        return prompt_style("chat")
    lead = completion[: len(completion) - len(completion.lstrip())]
    known = (style for style in PROMPT_STYLES.values() if style.prompt(question) == prompt and style.lead == lead)
    return next(known, PromptStyle("as_given", "{question}", lead))


def _unknown_errors(record: _Row, text: str) -> dict[str, Any]:
    """The columns of errors for a row that has none: each is the step with which its span ends."""
    spans = zip(record["span_kinds"] or (), record.get("span_ends") or (), strict=False)
    marks = (SpanKind.ERROR, list(SpanKind).index(SpanKind.ERROR))
    ends = [end for kind, end in spans if kind in marks]
    names = ("error_types", "error_strategies", "error_origins")
    return {"error_steps": [max(1, len(split_steps(text[:end]))) for end in ends]} | {
        name: [None] * len(ends) for name in names
    }
