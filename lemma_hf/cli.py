"""What can be done from the shell? `lemma-hf grade` grades a file; `lemma-hf doctor` says what is installed."""

import argparse
import gzip
import json
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any, cast

from lemma_hf import __version__
from lemma_hf.errors import DataError, LemmaError
from lemma_hf.records import Grade, Outcome

TESTED = {
    "torch": "2.13.0",
    "transformers": "5.23.0",
    "trl": "1.16.0",
    "datasets": "5.2.0",
    "evaluate": "0.4.6",
    "accelerate": "1.15.0",
    "peft": "0.21.2",
    "huggingface_hub": "2.4.0",
    "latex2sympy2_extended": "1.11.0",
    "sympy": "1.14.0",
}
"""The versions CI runs; a test keeps them equal to constraints.txt, which is not in the wheel."""

_CHUNK = 256


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 refused or failed with a message."""
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except LemmaError as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped: nothing was written", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lemma-hf", description=__doc__)
    parser.add_argument("--version", action="version", version=f"lemma-hf {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    grading = commands.add_parser("grade", help="grade the model outputs in a JSONL file")
    grading.add_argument("input", type=Path, help="JSON Lines, one object a line; may end in .gz")
    grading.add_argument("-o", "--output", type=Path, required=True, help="where the graded rows go; may end in .gz")
    grading.add_argument("--output-column", default="output", help="the field with the model's output")
    grading.add_argument("--reference-column", default="reference", help="the field with the reference answer")
    grading.add_argument("--benchmark-column", help="the field with the benchmark's name")
    grading.add_argument("--benchmark", default="math", help="the benchmark of all rows, where no field names it")
    grading.add_argument(
        "--workers", type=int, help="worker processes for computer algebra (default: one a core, to 4)"
    )
    grading.set_defaults(run=_grade)
    doctor = commands.add_parser("doctor", help="say which versions are installed, and which were tested")
    doctor.set_defaults(run=_doctor)
    return parser


def _grade(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from lemma_hf.grading import grade_many

    rows = list(_rows(options))
    if not rows:
        raise DataError(f"{options.input}: holds no rows")
    grades: list[Grade] = []
    with tqdm(total=len(rows), desc="grading", unit=" rows") as bar:
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            grades += grade_many(
                [row[options.output_column] for row in chunk],
                [row[options.reference_column] for row in chunk],
                benchmark=[_benchmark(row, options) for row in chunk],
                workers=options.workers,
            )
            bar.update(len(chunk))
    _write(options.output, rows, grades)
    print(summary_table(grades, [_benchmark(row, options) for row in rows]))
    return 0


def _benchmark(row: dict[str, Any], options: argparse.Namespace) -> str:
    return str(row[options.benchmark_column] if options.benchmark_column else options.benchmark)


def _open(path: Path, mode: str) -> IO[str]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        return cast("IO[str]", opener(path, mode, encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be opened ({error.strerror or error})") from None


def _rows(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The rows of the input, checked before anything is graded."""
    columns = [options.output_column, options.reference_column]
    columns += [options.benchmark_column] if options.benchmark_column else []
    with _open(options.input, "rt") as lines:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _row(line, columns, f"{options.input}, line {number}")
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise DataError(f"{options.input}: cannot be read as text ({error})") from None


def _row(line: str, columns: list[str], place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"{place}: is no JSON object ({error})") from None
    if not isinstance(row, dict):
        raise DataError(f"{place}: need a JSON object, found {type(row).__name__}")
    for column in columns:
        if not isinstance(row.get(column), str):
            found = f"{type(row[column]).__name__}" if column in row else f"only {', '.join(map(str, row))}"
            raise DataError(f"{place}: need text in the field {column!r}, found {found}")
    return row


def _write(path: Path, rows: list[dict[str, Any]], grades: list[Grade]) -> None:
    """All graded rows or none: a file that is half written never stands under the final name."""
    unfinished = path.with_name(f".unfinished-{path.name}")
    with _open(unfinished, "wt") as out:
        for row, grade in zip(rows, grades, strict=True):
            verdict = {
                "outcome": str(grade.outcome),
                "extracted": grade.extracted,
                "rule": grade.rule,
                "detail": grade.detail,
                "seconds": round(grade.seconds, 6),
            }
            out.write(json.dumps({**row, "grade": verdict}) + "\n")
    try:
        unfinished.replace(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from None


def summary_table(grades: Sequence[Grade], benchmarks: Sequence[str]) -> str:
    """Right answers by benchmark with their Wilson interval, and what is neither right nor wrong."""
    from lemma_hf.evaluation.intervals import Share

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


def _doctor(_: argparse.Namespace) -> int:
    print(f"lemma-hf {__version__}, Python {platform.python_version()}, {platform.platform()}")
    for name, tested in TESTED.items():
        installed = _installed(name)
        same = installed is not None and installed.partition("+")[0] == tested  # "+cpu" names the build
        note = "" if same else "  not installed" if installed is None else f"  tested with {tested}"
        print(f"  {name:<24}{installed or '-':<14}{note}")
    print(f"  {'device':<24}{_device()}")
    print(f"  {'load_dataset(lemma)':<24}{_dataset()}")
    return 0


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _device() -> str:
    try:
        torch = import_module("torch")
    except ImportError as error:
        return f"torch cannot be imported: {error}"
    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else f"cpu, {torch.get_num_threads()} threads"


def _dataset() -> str:
    """Whether the short name is known to `datasets`, and the rows are here."""
    try:
        packaged = import_module("datasets.packaged_modules")
        folder = Path(import_module("lemma_hf").DATASET_DIR)
    except (ImportError, AttributeError) as error:
        return f"no: {error}"
    if "lemma" not in packaged._PACKAGED_DATASETS_MODULES:
        return "not registered; load the folder by its path, lemma_hf.DATASET_DIR"
    return "registered" if any(folder.rglob("*.parquet")) else f"registered, but no Parquet files are in {folder}"


if __name__ == "__main__":
    sys.exit(main())
