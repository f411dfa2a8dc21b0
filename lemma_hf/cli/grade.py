"""`lemma-hf grade FILE`: rows in, graded rows and a table out."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lemma_hf import __version__
from lemma_hf.cli.diff import print_flips, read_old
from lemma_hf.cli.explain import print_story
from lemma_hf.cli.outputs import check_output
from lemma_hf.cli.rows import InputRow, need_columns, read_input_rows, write_output_rows
from lemma_hf.data import EXCHANGE_COLUMNS, RowForm, form_of, read_exchange
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.grading.policy import check_benchmark
from lemma_hf.records import Grade, Outcome
from lemma_hf.utils.files import place_of

_OUTPUT = "output"
"""The field with the model's output, where no other is named."""
_CHUNK = 256
"""Rows graded between two updates of the progress bar: enough to keep all worker processes busy."""


def main(argv: Sequence[str]) -> int:
    """Grade the file, or explain one of its rows."""
    return _run(_parser().parse_args(argv))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lemma-hf grade", description="Grade the model outputs in a JSONL, CSV or Parquet file."
    )
    say = parser.add_argument
    say("input", type=Path, help=".parquet, .csv, JSON Lines or a JSON array; all but the first also .gz")
    say("-o", "--output", type=Path, help="where the graded rows go: .parquet, .jsonl or .json; the last two also .gz")
    say(
        "--output-column",
        help="the field with the model's output (default: output, or else the last turn of `conversations` or "
        "`messages`, or the completion)",
    )
    say("--reference-column", default="reference", help="the field with the reference answer")
    say("--benchmark-column", help="the field with the benchmark's name")
    say("--benchmark", default="math", help="the benchmark of all rows, where no field names it")
    say("--id-column", default="id", help="the field by which --explain and --against know a row")
    say("--workers", type=int, help="worker processes for computer algebra (default: one a core, to 4)")
    say("--explain", metavar="ID", help="grade one row, by its id or its line number, and print each step of it")
    say("--against", type=Path, metavar="OLD", help="a file graded earlier: list the verdicts that have changed")
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.explain is not None and (options.output or options.against):
        raise ConfigError("--explain is about one row and writes no file: leave out --output and --against")
    inputs = [path for path in (options.input, options.against) if path]
    check_output(options.output, inputs, endings=(".parquet", ".jsonl", ".json", ".jsonl.gz", ".json.gz"))
    check_benchmark(options.benchmark)
    rows = read_input_rows(options.input)
    need_columns(rows, list(filter(None, (options.reference_column, options.benchmark_column))), options.input)
    if options.output_column or not any(form_of(row.values) for row in rows):
        need_columns(rows, [options.output_column or _OUTPUT], options.input)
    if options.explain is not None:
        return _explain(rows, options)
    old = None if options.against is None else read_old(options.against)
    grades = _grades(rows, options)
    if options.output:
        write_output_rows(options.output, rows, [_verdict_of(grade) for grade in grades], options.input)
    print(_summary_table(grades, [_benchmark(row, options) for row in rows]))
    if said := _forms_read(rows, options):
        print(said)
    if old is not None:
        columns = (options.output_column or _OUTPUT, options.reference_column, *sorted(EXCHANGE_COLUMNS))
        print_flips(rows, grades, old, options.id_column, columns)
    return 0


def _verdict_of(grade: Grade) -> dict[str, Any]:
    """Field of a graded row that holds the grade."""
    return {
        "outcome": str(grade.outcome),
        "extracted": grade.extracted,
        "rule": grade.rule,
        "detail": grade.detail,
        "seconds": round(grade.seconds, 6),
        "version": __version__,
    }


def _summary_table(grades: Sequence[Grade], benchmarks: Sequence[str]) -> str:
    """Table of right answers by benchmark with Wilson intervals, and of outputs neither right nor wrong."""
    from lemma_hf.utils.intervals import Share

    form = "{:<16}{:>7}  {:<26}{:>10}{:>9}{:>15}"
    lines = [form.format("benchmark", "rows", "right (95 % interval)", "no answer", "timeout", "bad reference")]
    groups = list(dict.fromkeys(benchmarks))
    for name in [*groups, "all"] if len(groups) > 1 else groups:
        counts = Counter(g.outcome for g, b in zip(grades, benchmarks, strict=True) if name in (b, "all"))
        bad = counts[Outcome.UNREADABLE_REFERENCE]
        right = Share(counts[Outcome.RIGHT], counts.total() - bad)
        apart = counts[Outcome.NO_ANSWER], counts[Outcome.TIMEOUT], bad
        lines.append(form.format(name, counts.total(), str(right), *apart))
    return "\n".join(lines)


def _grades(rows: Sequence[InputRow], options: argparse.Namespace) -> list[Grade]:
    from tqdm import tqdm

    from lemma_hf.grading import grade_many

    items = [_item(row, options) for row in rows]
    grades: list[Grade] = []
    with tqdm(total=len(rows), desc="grading", unit=" rows") as bar:
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            outputs, references, benchmarks = zip(*(item[:3] for item in chunk), strict=True)
            found = grade_many(outputs, references, benchmark=benchmarks, workers=options.workers)
            grades += [
                replace(each, detail=item[3]) if item[3] else each for each, item in zip(found, chunk, strict=True)
            ]
            bar.update(len(outputs))
    return grades


def _explain(rows: Sequence[InputRow], options: argparse.Namespace) -> int:
    from lemma_hf.grading import grade

    asked = options.explain
    found = [row for row in rows if str(row.values.get(options.id_column)) == asked]
    found = found or [row for row in rows if str(row.line) == asked]
    if not found:
        raise DataError(
            f"{options.input}: no row has {options.id_column!r} {asked!r}, nor is there a line or row {asked}"
        )
    for row in found:
        output, reference, benchmark, _ = _item(row, options)
        name = f", {options.id_column} {row.values[options.id_column]}" if options.id_column in row.values else ""
        verdict = grade(output, reference, benchmark=benchmark)
        print_story(f"{place_of(row.line)}{name}, benchmark {benchmark}", output, reference, verdict)
    return 0


def _item(row: InputRow, options: argparse.Namespace) -> tuple[str, str, str, str]:
    """Output, reference and benchmark of a row, and what is wrong with it; a bad row is graded as one without them."""
    texts, faults = [], []
    for read in (_output, _reference):
        try:
            texts.append(read(row, options))
        except (ConfigError, DataError) as error:
            texts.append("")
            faults.append(str(error))
    return texts[0], texts[1], _benchmark(row, options), "; ".join(faults)


def _output(row: InputRow, options: argparse.Namespace) -> str:
    from lemma_hf.grading.values import text_of

    if _form_read(row, options) is None:
        column = options.output_column or _OUTPUT
        return text_of(row.values.get(column), f"{column!r} in {place_of(row.line)}")
    try:
        exchange = read_exchange(row.values)
    except DataError as error:
        raise DataError(f"{place_of(row.line)}, {error}") from None
    if exchange.gap and not exchange.output:
        raise DataError(f"{place_of(row.line)}: {exchange.gap}")
    return exchange.output


def _reference(row: InputRow, options: argparse.Namespace) -> str:
    from lemma_hf.grading.values import text_of

    column = options.reference_column
    return text_of(row.values.get(column), f"{column!r} in {place_of(row.line)}")


def _form_read(row: InputRow, options: argparse.Namespace) -> RowForm | None:
    """The form that a row's output is read from; None where it has a column of its own."""
    return None if options.output_column or _OUTPUT in row.values else form_of(row.values)


def _forms_read(rows: Sequence[InputRow], options: argparse.Namespace) -> str:
    """The forms that outputs were read from, with their counts; empty where all rows have a column of their own."""
    counts = Counter(form for row in rows if (form := _form_read(row, options)) is not None)
    return "outputs read from " + ", ".join(f"{form} ({n:,} rows)" for form, n in counts.items()) if counts else ""


def _benchmark(row: InputRow, options: argparse.Namespace) -> str:
    return str((options.benchmark_column and row.values.get(options.benchmark_column)) or options.benchmark)
