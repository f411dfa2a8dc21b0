"""`lemma-hf show FILE`: a few rows in the terminal, or with `-o` many on one page."""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

from lemma_hf.cli.outputs import PAGES, check_output
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.grading.policy import check_benchmark
from lemma_hf.records import SpanKind
from lemma_hf.utils.files import write_text

_ON_A_PAGE, _IN_A_TERMINAL = 10_000, 5
"""Rows without `--limit`: a page of about 3 MB, and a few screens of a terminal."""
_MOST_NAMED = 5
"""Rows that cannot be shown and are named one by one: they mostly have one cause."""


def main(argv: Sequence[str]) -> int:
    """Show the rows, and name those that cannot be shown."""
    return _run(_parser().parse_args(argv))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lemma-hf show", description="Look at trajectories or outputs, colored by span and weight."
    )
    say = parser.add_argument
    say(
        "input",
        type=Path,
        help="a dataset's folder, a .parquet, .csv or JSON Lines file (the last two also .gz), or `lemma`",
    )
    say("-o", "--output", type=Path, help="write one HTML page, which needs nothing else; else to the terminal")
    say(
        "--limit",
        type=int,
        help=f"rows at most, drawn by --seed (default: {_ON_A_PAGE:,}, {_IN_A_TERMINAL} without -o)",
    )
    say("--seed", type=int, default=0, help="which rows are drawn")
    say("--output-column", default="output", help="the field with the model's output")
    say("--reference-column", default="reference", help="the field with the reference answer")
    say(
        "--question-column",
        default="",
        help="the field with the question (default: question, problem, instruction, prompt)",
    )
    say("--id-column", default="id", help="the field with the row's id")
    say("--benchmark-column", default="benchmark", help="the field with the benchmark's name, where there is one")
    say("--benchmark", default="math", help="the benchmark of rows that name none: how their answers are read")
    say("--no-grade", action="store_true", help="do not grade the rows that come without a verdict")
    say("--workers", type=int, help="worker processes for computer algebra (default: one a core, to 4)")
    for kind in SpanKind:
        names = f"--{kind}_weight", f"--{kind}-weight"
        say(*names, type=float, help=f"the weight of {kind} spans in training (default: as in LemmaSFTConfig)")
    return parser


def _run(options: argparse.Namespace) -> int:
    from lemma_hf.show import OutputColumns, grade_missing, html_page, read_items, terminal_text

    weights = _weights(options)
    check_output(options.output, [options.input], endings=PAGES)
    check_benchmark(options.benchmark)
    if options.limit is not None and options.limit < 1:
        raise ConfigError(f"--limit is {options.limit}, but at least one row has to be shown")
    limit = options.limit or (_ON_A_PAGE if options.output else _IN_A_TERMINAL)
    columns = OutputColumns(
        output=options.output_column,
        reference=options.reference_column,
        question=options.question_column,
        id=options.id_column,
        benchmark=options.benchmark_column,
    )
    shown = read_items(options.input, columns, limit=limit, seed=options.seed)
    if not options.no_grade:
        shown = replace(shown, items=tuple(grade_missing(shown.items, options.benchmark, options.workers)))
    if options.output:
        _write(
            options.output,
            html_page(shown.items, shown.name, weights=weights, note=shown.summary(), dropped=shown.dropped),
        )
    else:
        width = shutil.get_terminal_size().columns
        print(terminal_text(shown.items, weights=weights, color=_color(), width=width), end="\n\n")
    _say(shown, options.output)
    return 0


def _weights(options: argparse.Namespace) -> Mapping[SpanKind, float]:
    from lemma_hf.show import WEIGHTS

    given = {kind: getattr(options, f"{kind}_weight") for kind in SpanKind}
    for kind, weight in given.items():
        if weight is not None and not (isfinite(weight) and weight >= 0):
            raise ConfigError(f"--{kind}_weight is {weight}, but a weight is a finite number from 0 up")
    return {kind: WEIGHTS[kind] if weight is None else weight for kind, weight in given.items()}


def _color() -> bool:
    """Whether to use color: only in a terminal that has it, and without NO_COLOR (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None


def _say(shown: Any, path: Path | None) -> None:
    from lemma_hf.utils.redaction import escape_invisible

    print(escape_invisible(shown.summary()))
    for dropped in shown.dropped[:_MOST_NAMED]:
        print(f"cannot be shown: {escape_invisible(dropped.id)}: {escape_invisible(dropped.detail)[:300]}")
    if len(shown.dropped) > _MOST_NAMED:
        print(f"cannot be shown: {len(shown.dropped) - _MOST_NAMED:,} more")
    if path is not None:
        print(f"written: {path} ({path.stat().st_size / 1e6:.1f} MB)")
