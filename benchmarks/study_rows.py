"""Rows of the arms of `study.py`: the same problems, and in each arm another way to learn from attempts at them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from lemma_hf.data.rows import trajectory_to_row
from lemma_hf.data.sources import read_problems
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import Outcome, Problem, Span, SpanKind, Trajectory
from lemma_hf.solutions.shown_work import shows_work
from lemma_hf.solutions.step_facts import split_prose_steps
from lemma_hf.solutions.steps import split_steps
from lemma_hf.utils.files import read_json_lines, write_text

Row = Mapping[str, Any]
FILLED = ("references", "right", "spot", "trajectories")
"""Each a file of rows; where an attempt gave none for a problem, the reference solution stands in."""
_COLUMNS = ("prompt", "completion", "span_kinds", "span_ends", "error_starts")


def read_study_problems(path: Path) -> list[Problem]:
    """The problems of a file as GSM8K has them: `question`, and `answer` with the solution in it."""
    found = read_problems(path, answer="answer", solution="answer", identity="")
    return [problem for problem in found if isinstance(problem, Problem)]


def write_attempts(items: Path, path: Path) -> int:
    """The sampled outputs in the form that `make_dataset.py` reads; returns their number."""
    rows = pq.read_table(items, columns=["question", "output"]).to_pylist()
    _write(path, rows)
    return len(rows)


def write_rows(folder: Path, problems: Sequence[Problem], items: Path, made: Path, style: PromptStyle) -> None:
    """Write `FILLED` into a folder.

    Args:
        items: scored attempts, as `score.py` writes them.
        made: the folder with `sft.jsonl` and `spot.jsonl`, as `lemma-hf export` writes them.
    """
    references = [_plain(each, "".join(split_prose_steps(each.reference_solution)), style) for each in problems]
    right = _own_right(problems, items, style)
    trajectories, spot = (_exported(made / f"{name}.jsonl") for name in ("sft", "spot"))
    for name, rows in zip(FILLED, ([], right, spot, trajectories), strict=True):
        # By the prompt, which all rows of a problem share, whatever their ids.
        solved = {row["prompt"] for row in rows}
        _write(folder / f"{name}.jsonl", [*rows, *(row for row in references if row["prompt"] not in solved)])


def _own_right(problems: Sequence[Problem], items: Path, style: PromptStyle) -> list[Row]:
    """The first right attempt at each problem that shows its work."""
    found: dict[str, str] = {}
    for item in pq.read_table(items, columns=["question", "output", "outcome", "finished"]).to_pylist():
        if item["outcome"] == Outcome.RIGHT and item["finished"] and shows_work(split_steps(item["output"])):
            found.setdefault(item["question"], item["output"].strip())
    return [_plain(each, found[each.question], style) for each in problems if each.question in found]


def _exported(path: Path) -> list[Row]:
    """Exported rows, with the columns that are trained on."""
    return [{name: value for name, value in row.items() if name in _COLUMNS} for _, row in read_json_lines(path)]


def _plain(problem: Problem, text: str, style: PromptStyle) -> Row:
    trajectory = Trajectory(problem, (Span(SpanKind.REASONING, text),), (), problem.id)
    row = trajectory_to_row(trajectory, style)
    return {name: row[name] for name in ("prompt", "completion")}


def _write(path: Path, rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
