"""Runs of a sweep, and their results; the recipe starts them.

    sweep: {error_weight: [0, 0.3, 1], reflection_weight: [1, 2]}

are six runs, each in a folder of its own: `error_weight-0_reflection_weight-1` and so on. Nothing heavy is imported.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import Any

from lemma_hf.errors import ConfigError
from lemma_hf.experiments.step import Step
from lemma_hf.train.old_names import with_new_names
from lemma_hf.utils.files import read_json_object, write_text
from lemma_hf.utils.markdown import markdown_table

_OUTCOMES = ("loss", "reasoning_loss", "error_loss", "reflection_loss", "correction_loss")


@dataclass(frozen=True)
class SweepRun(Step):
    """One combination of values: a training in a folder of its own, with `run.json` and `log.txt` in it."""

    values: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The values as one text, for people."""
        return ", ".join(f"{name} {_text(value)}" for name, value in self.values.items())

    def _compared(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """The settings under their new names, for a training may have begun under the old ones."""
        return with_new_names(settings)

    def options(self) -> list[str]:
        """The values and the folder as options of `recipes/sft.py`."""
        values = [part for name, value in self.values.items() for part in (f"--{name}", _text(value))]
        resume = ["--resume_from_checkpoint", str(self.checkpoint)] if self.checkpoint else []
        return [*values, "--output_dir", str(self.folder), *resume]


@dataclass(frozen=True)
class SweepResult:
    """The result of a run."""

    run: SweepRun
    status: str
    """`finished`, `failed` or `not finished`."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """The last figures of training and evaluation."""

    def as_dict(self) -> dict[str, Any]:
        """The result as plain values, for JSON."""
        return {
            "values": dict(self.run.values),
            "status": self.status,
            "folder": str(self.run.folder),
            "figures": dict(self.figures),
        }


def plan_runs(
    vary: Mapping[str, Any], base: Mapping[str, Any], folder: Path, given: Sequence[str] = ()
) -> list[SweepRun]:
    """The runs of a sweep, in the order of the values, the last name changing fastest.

    Args:
        vary: names with their lists of values.
        base: the settings under `sft:`. A name that varies has to stand there too, with its usual value: it is a
            misspelling otherwise.
        folder: in which each run gets its own.
        given: options for all runs, from the command line.

    Raises:
        ConfigError: if there is nothing to vary, or a name or value cannot be used.

    Example:
        >>> runs = plan_runs({"error_weight": [0, 1]}, {"error_weight": 0}, Path("out"))
        >>> [run.folder.name for run in runs]
        ['error_weight-0', 'error_weight-1']
    """
    if not vary:
        raise ConfigError("`sweep:` is empty: say what varies, such as `error_weight: [0, 0.3, 1]`")
    for name, values in vary.items():
        _check(name, values, base, given)
    shared = {name: _text(value) for name, value in base.items() if name != "output_dir"}
    shared |= {"command line": " ".join(given)} if given else {}
    runs = []
    for combination in product(*vary.values()):
        values = dict(zip(vary, combination, strict=True))
        label = "_".join(f"{name}-{_text(value)}" for name, value in values.items())
        texts = {name: _text(value) for name, value in values.items()}
        # "lr-[1, 2]" → "lr--1--2-": characters that a shell or a file system treats in a special way
        runs.append(SweepRun(folder / re.sub(r"[^\w.+-]", "-", label), shared | texts, values))
    if len({run.folder for run in runs}) < len(runs):
        raise ConfigError("two combinations of `sweep:` would have the same folder: name each value once")
    return runs


def result_of_run(run: SweepRun, status: str) -> SweepResult:
    """The result of a run, with its figures where it has any."""
    path = run.folder / "all_results.json"
    remedy = f"delete {run.folder} to train it again"
    figures = read_json_object(path, remedy) if status == "finished" and path.is_file() else {}
    return SweepResult(run, status, figures)


def sweep_table(results: Sequence[SweepResult]) -> str:
    """The table of runs as Markdown: for each the losses by kind, and the accuracy where problems were solved.

    Losses are those of evaluation, where there was one. Those of a kind are means over its tokens and do not depend on
    the weights; the whole loss does, and is no measure across runs that weigh differently.
    """
    names = list(results[0].run.values)
    columns = [name for name in _columns() if any(name in found.figures for found in results)]
    rows = []
    for found in results:
        values = [_text(found.run.values[name]) for name in names]
        figures = [f"{found.figures[name]:.4f}" if name in found.figures else "" for name in columns]
        rows.append([*values, found.status, *figures])
    rules = [" --- "] * (len(names) + 1) + [" ---: "] * len(columns)
    return markdown_table([*names, "status", *columns], rows, rules)


def write_sweep_report(results: Sequence[SweepResult], folder: Path, command: str) -> None:
    """Write `sweep.md` and `sweep.json` to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"command": command, "runs": [found.as_dict() for found in results]}
    write_text(folder / "sweep.json", json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    note = (
        "Losses of a kind of span are means over its tokens in evaluation and do not depend on the weights; "
        "`eval_loss` weighs them as training did, so compare it only between rows with the same weights. One run a "
        "row: differences are within the noise of the seed until several seeds say otherwise."
    )
    write_text(folder / "sweep.md", f"    {command}\n\n{sweep_table(results)}\n\n{note}\n")


def time_left(seconds: Sequence[float], runs: int) -> str:
    """Estimate of the time for `runs` more, from those that were finished; empty before the first.

    Example:
        >>> time_left([50.0, 70.0], 3)
        'about 3 min left'
    """
    if not seconds or not runs:
        return ""
    minutes = sum(seconds) / len(seconds) * runs / 60
    return f"about {minutes:.0f} min left" if minutes < 90 else f"about {minutes / 60:.1f} h left"


def _columns() -> Iterator[str]:
    yield from (f"eval_{name}" for name in _OUTCOMES)
    yield from ("solve_accuracy", "solve_fixed", "solve_broken", "train_loss")


def _check(name: str, values: Any, base: Mapping[str, Any], given: Sequence[str]) -> None:
    if name not in base:
        near = get_close_matches(name, base, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "write it there with its usual value"
        raise ConfigError(f"`sweep:` varies `{name}`, which does not stand under `sft:`: {hint}")
    if name == "output_dir":
        raise ConfigError("`sweep:` varies `output_dir`, but each run has its own folder in it: leave it out")
    if not isinstance(values, list) or not values or not all(isinstance(v, bool | int | float | str) for v in values):
        raise ConfigError(f"`sweep:` needs a list of numbers or names for `{name}`, found {values!r:.80}")
    if any(option.partition("=")[0] == f"--{name}" for option in given):
        raise ConfigError(f"--{name} is given, but `sweep:` varies it: leave the option out")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
