"""Teachers on solutions in which people marked the first wrong step, beside published rows of ProcessBench.

    python benchmarks/first_error.py first_error.jsonl.gz
    python benchmarks/first_error.py first_error.jsonl.gz --teacher MODEL@URL --votes 3 [options of `lemma-hf analyse`]

A row has `source`, `problem`, `steps`, `reference` (or null) and `first_error`, counted from 0, -1 for none. The file
that was measured is not part of this project, since it has several licenses. Nor is what `lemma-hf analyse` makes of
it, which repeats its rows: output and replies are kept where `-o` says, by default in `outputs/`, which git ignores.

Prints Markdown: a line for each source, of all rows and of each half. The halves are made by a hash of the problem;
rules and prompts are written while looking at half A only. For `reference`, and wherever verdicts come with a sureness,
the curve of precision against coverage follows.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from published_marks import PUBLISHED, SOURCE

from lemma_hf.cli.analyse import PREDICTED_FIELD, STEP_FIELD
from lemma_hf.cli.analyse import main as analyse
from lemma_hf.data.sources import read_records
from lemma_hf.evaluation.step_marks import StepFigures, figures_by_source, precision_curve

THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
"""Of the sureness: from all that is named to what is almost always right."""

Row = dict[str, Any]


def main() -> None:
    options, passed_on = _options()
    arguments = [str(options.file), "-o", str(options.output), "--marks-column", STEP_FIELD, *passed_on]
    print(f"lemma-hf {version('lemma-hf')}, Python {sys.version.split()[0]}: lemma-hf analyse {' '.join(arguments)}\n")
    status = analyse(arguments)
    rows = [row for _, row in read_records(options.output) if row.get(STEP_FIELD) is not None]
    for title, some in halves(rows).items():
        print_figures(title, some)
    print_curves(rows_of_every_sureness(options, passed_on, rows))
    print_published()
    sys.exit(status)


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("file", type=Path, help="marked solutions")
    parser.add_argument("-o", "--output", type=Path, default=Path("outputs/first_error.judged.jsonl"))
    options, passed_on = parser.parse_known_args()
    if not options.file.is_file():
        parser.error(f"{options.file}: no such file")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    return options, passed_on


def rows_of_every_sureness(options: argparse.Namespace, passed_on: Sequence[str], rows: list[Row]) -> list[Row]:
    """The rows judged once more, by a reference teacher that is never unsure; those of a model as they are."""
    arguments = [str(options.file), "--marks-column", STEP_FIELD, *passed_on, "--min-sureness", "0"]
    if "--teacher" in passed_on and "reference" not in passed_on:
        return rows
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        output = Path(folder) / "all.jsonl"
        analyse([*arguments, "-o", str(output)])
        return [row for _, row in read_records(output) if row.get(STEP_FIELD) is not None]


def half_of(problem: str) -> str:
    """The half of a problem: A, which may be looked at, or B."""
    return "AB"[int(hashlib.sha256(problem.encode()).hexdigest(), 16) % 2]


def halves(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """All rows, and those of each half."""
    found = {"All rows": list(rows)}
    return found | {f"Half {half}": [row for row in rows if half_of(row["problem"]) == half] for half in "AB"}


def print_figures(title: str, rows: Sequence[Row]) -> None:
    """A line for each source, and one for all."""
    print(f"\n### {title}\n")
    head = ("source", "rows", "wrong", "answered", "exact", "within one", "early", "late", "missed", "exact of named")
    _row(*head, "right", "false alarms", "F1")
    _row("---", *("--:" for _ in range(12)))
    for source, found in _figures(rows).items():
        _row(source, found.rows, found.wrong, *cells(found))


def cells(found: StepFigures) -> list[str]:
    """The shares of one line, in the order of the table's head."""
    shares = [found.answered, found.exact, found.within_one, found.early, found.late, found.missed]
    shares.append(found.exact_of_named)
    f1 = "–" if found.f1 is None else f"{100 * found.f1:.1f}"
    return [*map(str, shares), str(found.false_alarms.total), str(found.false_alarms), f1]


def print_curves(rows: Sequence[Row]) -> None:
    """Precision against coverage by the threshold of the sureness, for each source whose verdicts have one."""
    sure = [row for row in rows if row.get("sureness") is not None]
    for source in dict.fromkeys(row["source"] for row in sure):
        print(f"\n### {source}: what is named with a sureness of at least …\n")
        _row("sureness", *(f"half {half}: {name}" for half in "AB" for name in ("coverage", "exact", "late")))
        _row("--:", *("--:" for _ in range(6)))
        curves = [_curve([r for r in rows if r["source"] == source and half_of(r["problem"]) == half]) for half in "AB"]
        for (bound, a), (_, b) in zip(*curves, strict=True):
            _row(f"{bound:.2f}", *(share for found in (a, b) for share in (found.answered, found.exact, found.late)))


def print_published() -> None:
    """The published rows of ProcessBench."""
    print(f"\n### Published on ProcessBench: F1, %\n\n{SOURCE}\n")
    _row("model", "GSM8K", "MATH", "OlympiadBench", "Omni-MATH", "mean")
    _row("---", *("--:" for _ in range(5)))
    for model, figures in PUBLISHED.items():
        _row(model, *(f"{figure:.1f}" for figure in figures))


def _figures(rows: Sequence[Row]) -> dict[str, StepFigures]:
    if not rows:
        return {}
    return figures_by_source(
        [row["source"] for row in rows], [row[STEP_FIELD] for row in rows], [row[PREDICTED_FIELD] for row in rows]
    )


def _curve(rows: Sequence[Row]) -> list[tuple[float, StepFigures]]:
    marks, said = [row[STEP_FIELD] for row in rows], [row[PREDICTED_FIELD] for row in rows]
    return precision_curve(marks, said, [row["sureness"] for row in rows], THRESHOLDS)


def _row(*cells_: object) -> None:
    print(f"| {' | '.join(map(str, cells_))} |")


if __name__ == "__main__":
    main()
