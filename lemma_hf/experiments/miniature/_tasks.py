"""Steps for a seed and for an arm, each of which writes a file last that shows that it is done.

OUT/seed-0/student/           the student, and `made.json` once all rows of the seed are written
OUT/seed-0/rows/NAME.jsonl    what the arms learn from; `seen.jsonl` is what their losses by kind are measured on
OUT/seed-0/lemma/             a trained arm, its answers (`items.jsonl`) and, at the very end, `figures.json`

The log of each step is next to its folder.
"""

import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lemma_hf.evaluation import Scored
from lemma_hf.experiments.miniature._arms import ARMS, STUDENT, STUDENT_WORK, Arm
from lemma_hf.experiments.miniature._problems import draw_problems, problems_to_read
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.experiments.step import refuse_changed
from lemma_hf.utils.files import write_text
from lemma_hf.utils.versions import installed_versions

FIGURES, MADE = "figures.json", "made.json"
_SEEN = 300
"""Held-out problems whose trajectories the losses by kind are measured on."""


def seed_folder(settings: MiniatureSettings, seed: int) -> Path:
    """The folder of all files of a seed."""
    return Path(settings.output_dir) / f"seed-{seed}"


def prepared(settings: MiniatureSettings, seed: int) -> bool:
    """Whether a seed's student and rows are there.

    Raises:
        ConfigError: if they were made with other settings.
    """
    return _done(seed_folder(settings, seed) / STUDENT / MADE, settings)


def finished(settings: MiniatureSettings, seed: int, arm: str) -> bool:
    """Whether the figures of an arm of a seed are there.

    Raises:
        ConfigError: if it has those of other settings.
    """
    return _done(seed_folder(settings, seed) / arm / FIGURES, settings)


def prepare(settings: MiniatureSettings, seed: int) -> str:
    """Train a student, sample its mistakes, and write the rows of all arms.

    Returns:
        A line that says what became of it.
    """
    from lemma_hf.experiments.miniature._rows import Maker, counts_of, write_training_rows
    from lemma_hf.experiments.miniature._student import load, read_first_lessons
    from lemma_hf.inference import LocalStudent
    from lemma_hf.pipeline import Funnel

    folder, problems = seed_folder(settings, seed), draw_problems(settings)
    rows = folder / "rows"
    rows.mkdir(parents=True, exist_ok=True)
    training = read_first_lessons(problems_to_read(settings), folder / STUDENT, settings, seed)
    student = LocalStudent(*load(folder / STUDENT, settings), settings.batch_size)
    maker = Maker(student, settings, seed, Funnel(rows / "rejects.jsonl"))
    made = maker.make(problems.training)
    for name, trajectories in made.items():
        write_training_rows(trajectories, rows / f"{name}.jsonl")
    write_training_rows(maker.rounds(problems.held_out[:_SEEN]), rows / "seen.jsonl")
    counts = {name: counts_of(trajectories) for name, trajectories in made.items()}
    facts = {"training": training, "rows": counts, "funnel": maker.funnel.to_json()}
    _write(folder / STUDENT / MADE, settings, facts)
    return f"seed {seed}: a student and {sum(map(len, made.values())):,} rows"


def run_arm(settings: MiniatureSettings, seed: int, name: str) -> str:
    """Train an arm and measure it.

    Returns:
        A line with its accuracy.
    """
    from lemma_hf.experiments.miniature._measure import measure, vote
    from lemma_hf.experiments.miniature._rows import IN_THE_HEAD, SHOWING_WORK, read_training_rows
    from lemma_hf.experiments.miniature._student import load, losses_by_kind
    from lemma_hf.inference import LocalStudent

    arm, folder, problems = ARMS[name], seed_folder(settings, seed), draw_problems(settings)
    where = folder / name
    facts: dict[str, Any] = {"arm": name, "seed": seed, "rows": None, "training": None, "nll": None, "vote": None}
    if arm.trained:
        facts["training"] = _train(arm, folder, settings, seed)
        facts["rows"] = json.loads((folder / STUDENT / MADE).read_text("utf-8"))["rows"][arm.rows]
    # Read again: a model that was trained on packed rows keeps the forward that its trainer put there.
    model, tokenizer = load(where if arm.trained else folder / STUDENT, settings)
    student = LocalStudent(model, tokenizer, settings.batch_size)
    style = SHOWING_WORK if name == STUDENT_WORK else IN_THE_HEAD
    figures, items = measure(student, problems, style, settings)
    if arm.votes:
        facts["vote"] = vote(student, problems.held_out, style, settings, arm.votes)
    if name != STUDENT_WORK:
        seen = read_training_rows(folder / "rows" / "seen.jsonl")
        facts["nll"] = losses_by_kind(model, tokenizer, seen, where, settings)
    _write_items(items, where)
    _write(where / FIGURES, settings, facts | figures)
    return f"seed {seed}: {arm.title} {100 * figures['held_out']['accuracy']['value']:.1f} %"


def _train(arm: Arm, folder: Path, settings: MiniatureSettings, seed: int) -> dict[str, Any]:
    """Train an arm from the model that it begins with, on its rows."""
    from lemma_hf.experiments.miniature._preferences import train_on_pairs
    from lemma_hf.experiments.miniature._rewards import train_by_reward
    from lemma_hf.experiments.miniature._rows import read_training_rows
    from lemma_hf.experiments.miniature._student import load, train

    model, tokenizer = load(folder / arm.start, settings)
    rows, where = read_training_rows(folder / "rows" / f"{arm.rows}.jsonl"), folder / arm.name
    if arm.method == "dpo":
        return train_on_pairs(model, tokenizer, rows, where, settings, seed=seed)
    if arm.method == "grpo":
        return train_by_reward(model, tokenizer, rows, where, settings, seed=seed)
    return train(model, tokenizer, rows, where, settings, arm=arm, lesson=settings.training, seed=seed)


def _write_items(items: Sequence[Scored], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(item.as_row()) + "\n" for item in items)
    write_text(folder / "items.jsonl", "".join(lines))


def _done(path: Path, settings: MiniatureSettings) -> bool:
    if not path.is_file():
        return False
    try:
        before: dict[str, Any] = json.loads(path.read_text("utf-8"))["settings"]
    except (ValueError, KeyError, TypeError):
        return False  # damaged: whatever it was, it is made again
    now = settings.of_a_result()
    known = {name: value for name, value in before.items() if name in now}
    refuse_changed(path.parent, known, now, f"delete {path.parent.parent}")
    return True


def _write(path: Path, settings: MiniatureSettings, facts: dict[str, Any]) -> None:
    """Write a file as a whole, so that its presence shows that the step is done."""
    whole = facts | {"settings": settings.of_a_result(), "made_with": _made_with(settings)}
    write_text(path, json.dumps(whole, indent=1) + "\n")


def _made_with(settings: MiniatureSettings) -> dict[str, str]:
    """Versions, device and threads, which also change the last digits of figures: they change the order of sums."""
    import torch

    found = installed_versions(("lemma-hf", "torch", "transformers", "trl"))
    versions = ", ".join(f"{name} {version}" for name, version in found.items())
    return {
        "Versions": f"{versions}, Python {platform.python_version()}",
        "Device": settings.device,
        "Threads": str(torch.get_num_threads()),
    }
