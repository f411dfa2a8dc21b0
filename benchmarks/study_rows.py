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
        made: the folder with `lemma.jsonl` and `spot.jsonl`, as `lemma-hf export` writes them.
    """
    references = {
        problem.id: _plain(problem, "".join(split_prose_steps(problem.reference_solution)), style)
        for problem in problems
    }
    right = _own_right(problems, items, style)
    trajectories, spot = (_by_problem(made / f"{name}.jsonl", references) for name in ("lemma", "spot"))
    plain = {name: [row] for name, row in references.items()}
    for name, found in zip(FILLED, ({}, right, spot, trajectories), strict=True):
        _write(folder / f"{name}.jsonl", [row for rows in (plain | found).values() for row in rows])


def _own_right(problems: Sequence[Problem], items: Path, style: PromptStyle) -> dict[str, list[Row]]:
    """The first right attempt at each problem that shows its work."""
    found: dict[str, str] = {}
    for item in pq.read_table(items, columns=["question", "output", "outcome", "finished"]).to_pylist():
        if item["outcome"] == Outcome.RIGHT and item["finished"] and shows_work(split_steps(item["output"])):
            found.setdefault(item["question"], item["output"].strip())
    return {each.id: [_plain(each, found[each.question], style)] for each in problems if each.question in found}


def _by_problem(path: Path, known: Iterable[str]) -> dict[str, list[Row]]:
    """Exported rows, whose ids begin with the problem's."""
    found: dict[str, list[Row]] = {}
    names = set(known)
    for _, row in read_json_lines(path):
        problem = str(row["id"]).partition("/")[0]
        if problem in names:
            found.setdefault(problem, []).append({name: value for name, value in row.items() if name in _COLUMNS})
    return found


_COLUMNS = ("prompt", "completion", "span_kinds", "span_ends", "error_starts")


def _plain(problem: Problem, text: str, style: PromptStyle) -> Row:
    trajectory = Trajectory(problem, (Span(SpanKind.REASONING, text),), (), problem.id)
    row = trajectory_to_row(trajectory, style)
    return {name: row[name] for name in ("prompt", "completion")}


def _write(path: Path, rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
