"""Storing of trajectories: a train and a test split without a problem in both, as a folder of Parquet files."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from lemma_hf.data import write_folder
from lemma_hf.data.card import Card
from lemma_hf.errors import DataError
from lemma_hf.pipeline.stage import Funnel
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import Trajectory
from lemma_hf.utils.files import write_text

FUNNEL_FILE = "funnel.json"
"""The counts of each stage, in the folder of the dataset."""


def split_by_problem(trajectories: Sequence[Trajectory], test_rows: int) -> dict[str, list[Trajectory]]:
    """Split off a test split of at least `test_rows` rows (fewer only where there are not so many); the rest is train.

    A whole problem goes to one split. A hash of the question decides which, so a problem stays in its split when others
    are added, unless its hash is close to the border.
    """
    order = sorted({t.problem.key for t in trajectories}, key=_shuffled)
    rows = dict.fromkeys(order, 0)
    for trajectory in trajectories:
        rows[trajectory.problem.key] += 1
    test: set[str] = set()
    taken = 0
    for question in order:
        if taken >= test_rows:
            break
        test.add(question)
        taken += rows[question]
    splits: dict[str, list[Trajectory]] = {"train": [], "test": []}
    for trajectory in trajectories:
        splits["test" if trajectory.problem.key in test else "train"].append(trajectory)
    return splits


def store(
    splits: dict[str, list[Trajectory]], out_dir: str | Path, style: PromptStyle, card: Card, funnel: Funnel
) -> Path:
    """Write the dataset, with the funnel in its card and as `funnel.json`.

    Raises:
        DataError: if there is nothing to write, or the place cannot be written to.
    """
    kept = {name: rows for name, rows in splits.items() if rows}
    try:
        folder = write_folder(kept, out_dir, style=style, card=card)
        write_text(folder / FUNNEL_FILE, json.dumps(funnel.to_json(), indent=1) + "\n")
    except OSError as error:
        raise DataError(f"{out_dir}: cannot be written ({error.strerror or error})") from None
    return folder


def _shuffled(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()
