"""Accuracy and speed of the grader, compared with Math-Verify on the same rows in the same run.

    python benchmarks/grading.py graded.jsonl.gz [--pairs pairs.jsonl.gz] [--without SOURCE …] [--every 10]
    python benchmarks/grading.py --reports reports.jsonl.gz [--others FOLDER]

The graded file holds one object a line: `source`, `benchmark`, `reference`, `output`, `truth` (true, false, null: not
scored) and perhaps `final_answer`; the file of pairs `source`, `gold`, `answer`, `expected`; the file of reports
`kind`, `answer` or `output`, `reference`, `benchmark`, `expected`. Prints Markdown: agreement by source (reports: by
kind) with Wilson intervals, false right and false wrong, rows a second, latencies, import time, peak memory.

Each grader runs in one process of its own, one after the other, at its defaults. Math-Verify is a development
dependency. lighteval and verl pin other versions of our libraries; install them into a folder and name it:

    pip install --no-deps --target FOLDER \\
        lighteval latex2sympy2_extended==1.0.6 verl tensordict pyvers omegaconf pylatexenc

verl's `prime_math` evaluates outputs as Python code; do not give it outputs that you would not run.
"""

import argparse
import multiprocessing
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from graders import CHOICES, GRADERS, MODULES, PACKAGES, Row, Run, Task, measure, rows_of

from lemma_hf.utils.intervals import Share

Runs = dict[str, Run]

TITLES = {
    "outputs": "Whole outputs",
    "answers": "Equivalence alone: final answers handed over, unique",
    "pairs": "Pairs from graders' test-suites, at default settings",
    "reports": "What people report, by kind",
}


def main() -> None:
    options = _options()
    others = [str(options.others)] if options.others else []
    sys.path += others  # to see what is installed there
    names = [name for name in GRADERS if options.only in (None, name) and find_spec(MODULES[name])]
    print(f"{', '.join(f'{name} {version(PACKAGES[name])}' for name in names)}; Python {sys.version.split()[0]}")
    without = tuple(options.without)
    tasks = (
        [Task(options.file, kind, options.every, without) for kind in ("outputs", "answers")] if options.file else []
    )
    tasks += [Task(options.pairs, "pairs")] if options.pairs else []
    tasks += [Task(options.reports, "reports")] if options.reports else []
    for task in tasks:
        rows = [_without_texts(row, task) for row in rows_of(task)]
        if not rows:
            continue
        asked = names if task.kind == "reports" else [name for name in names if name in ("ours", "Math-Verify")]
        runs = {name: _in_new_process(name, task, others) for name in asked}
        print(f"\n### {TITLES[task.kind]}\n")
        (print_kinds if task.kind == "reports" else print_agreement)(rows, runs)
        if task.kind == "outputs":
            print_speed(runs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", help="graded model outputs")
    parser.add_argument("--pairs", type=Path, help="pairs of answers out of graders' test-suites")
    parser.add_argument("--reports", type=Path, help="reported cases, of which the right verdict is known")
    parser.add_argument("--others", type=Path, help="folder with lighteval and verl, for --reports")
    parser.add_argument("--without", nargs="+", default=[], metavar="SOURCE", help="leave out sources that begin so")
    parser.add_argument("--every", type=int, default=1, help="take every N-th row")
    parser.add_argument("--only", choices=tuple(GRADERS))
    options = parser.parse_args()
    files = list(filter(None, (options.file, options.pairs, options.reports)))
    if not files:
        parser.error("need a file: graded outputs, --pairs or --reports")
    for path in files:
        if not path.is_file():
            parser.error(f"{path}: no such file")
    return options


def _without_texts(row: Row, task: Task) -> Row:
    return {
        "source": row["source"],
        "truth": row["truth"],
        "group": "" if task.kind in ("pairs", "reports") else group_of(row),
    }


def group_of(row: Row) -> str:
    """The sort of a row, in addition to its source: the three kinds differ in what is hard about them."""
    if row["source"].startswith("zeroeval"):
        return "*JSON outputs*"
    bare = row["reference"].strip("-$ ").replace(",", "").replace(".", "", 1)
    plain = bare.isdigit() or row["benchmark"] in CHOICES
    return "*text outputs, reference a number or a choice*" if plain else "*text outputs, reference neither*"


def _in_new_process(name: str, task: Task, others: Sequence[str]) -> Run:
    """The run of a grader; only the others see their folder, which holds old versions of our libraries."""
    context = multiprocessing.get_context("spawn")
    path = [] if name in ("ours", "Math-Verify") else others
    with ProcessPoolExecutor(1, mp_context=context, initializer=_use_path, initargs=(path,)) as one:
        return one.submit(measure, name, task).result()


def _use_path(folders: Sequence[str]) -> None:
    sys.path[:] = [*folders, *(entry for entry in sys.path if entry not in folders)]
    if folders:  # verl's graders start processes of their own, which cannot be had from a spawned one
        multiprocessing.set_start_method("fork", force=True)


def print_agreement(rows: Sequence[Row], runs: Runs) -> None:
    """By source, then all: the share of rows on which a grader agrees with the truth, and its two kinds of error."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        for group in (row["source"], row["group"], "**all**"):
            if group:
                groups[group].append(index)
    _row("source", "rows", *(title for name in runs for title in (f"{name}: agrees, %", "false right", "false wrong")))
    _row("---", *("--:" for _ in range(1 + 3 * len(runs))))
    for group in sorted(groups, key=lambda name: (name.count("*"), name)):
        cells: list[object] = [group, len(groups[group])]
        for run in runs.values():
            false_right = sum(run.right[i] and not rows[i]["truth"] for i in groups[group])
            false_wrong = sum(not run.right[i] and bool(rows[i]["truth"]) for i in groups[group])
            agreed = Share(len(groups[group]) - false_right - false_wrong, len(groups[group]))
            low, high = agreed.interval
            cells += [f"{100 * agreed.value:.2f} [{100 * low:.2f}, {100 * high:.2f}]", false_right, false_wrong]
        _row(*cells)


def print_kinds(rows: Sequence[Row], runs: Runs) -> None:
    """By kind, then all: right verdicts, and in brackets the wrong answers that were called right."""
    _row("kind", "cases", *runs)
    _row("---", *("--:" for _ in range(1 + len(runs))))
    kinds = dict.fromkeys(sorted(row["source"] for row in rows))
    for kind in (*kinds, "**all**"):
        places = [place for place, row in enumerate(rows) if kind in (row["source"], "**all**")]
        cells = []
        for run in runs.values():
            good = sum(run.right[i] == rows[i]["truth"] for i in places)
            false_right = sum(run.right[i] and not rows[i]["truth"] for i in places)
            share = f" = {Share(good, len(places))}" if kind == "**all**" else ""
            cells.append(f"{good} ({false_right}){share}")
        _row(kind, len(places), *cells)
    _row("longest case, s", "", *(f"{max(run.seconds):.1f}" for run in runs.values()))


def print_speed(runs: Runs) -> None:
    """Rows a second of one process, latency of a row, cost of the import, memory."""
    print("\n### Cost\n")
    speed = ("rows/s", "p50 ms", "p99 ms", "max ms", "first symbolic, s")
    _row("grader", *speed, "import, s", "import, MB", "sympy at import", "peak MB", "worker, peak MB")
    _row("---", *("--:" for _ in range(10)))
    for name, run in runs.items():
        ordered = sorted(run.seconds)
        at = [1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.99, 1.0)]
        took, memory, sympy = _import_cost(MODULES[name])
        timed = [f"{len(ordered) / sum(ordered):,.0f}", *(f"{ms:.2f}" for ms in at), f"{run.first:.1f}"]
        worker = f"{run.workers:.0f}" if run.workers else "–"
        _row(name, *timed, f"{took:.2f}", f"{memory:.0f}", sympy, f"{run.memory:.0f}", worker)


def _row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |")


_IMPORT = """
import sys, time
start = time.perf_counter()
import {module}
took = time.perf_counter() - start
from graders import peak_memory
print(took, peak_memory(), "loaded" if "sympy" in sys.modules else "not loaded")
"""


def _import_cost(module: str, tries: int = 5) -> tuple[float, float, str]:
    """Seconds (the best of a few tries), and peak memory of a fresh process that imports `module` and no more."""
    results = [_import_once(module) for _ in range(tries)]
    return min(results)


def _import_once(module: str) -> tuple[float, float, str]:
    code = _IMPORT.format(module=module)
    here = Path(__file__).resolve().parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=here)
    took, memory, sympy = done.stdout.strip().split(maxsplit=2)
    return float(took), float(memory), sympy


if __name__ == "__main__":
    main()
