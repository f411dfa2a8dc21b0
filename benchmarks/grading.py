"""Accuracy and speed of the grader, compared with Math-Verify on the same rows in the same run.

    python benchmarks/grading.py graded.jsonl.gz [--pairs pairs.jsonl.gz] [--without SOURCE …] [--every 10]

The graded file holds one object a line: `source`, `benchmark`, `reference`, `output`, `truth` (true, false, null: not
scored) and perhaps `final_answer`; the file of pairs `source`, `gold`, `answer`, `expected`. Prints Markdown: agreement
by source with Wilson intervals, false right and false wrong, rows a second, latencies, import time, peak memory.

Each grader runs in one process of its own, one after the other, at its defaults; where Math-Verify is not installed
(it is a development dependency), ours stands alone.
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

from graders import CHOICES, GRADERS, MODULES, Row, Run, Task, measure, rows_of

from lemma_hf.utils.intervals import Share

Runs = dict[str, Run]

TITLES = {
    "outputs": "Whole outputs",
    "answers": "Equivalence alone: final answers handed over, unique",
    "pairs": "Pairs from graders' test-suites, at default settings",
}


def main() -> None:
    options = _options()
    names = [name for name in GRADERS if options.only in (None, name) and find_spec(MODULES[name])]
    print(f"{', '.join(f'{name} {_version(name)}' for name in names)}; Python {sys.version.split()[0]}")
    without = tuple(options.without)
    tasks = [Task(options.file, kind, options.every, without) for kind in ("outputs", "answers")]
    tasks += [Task(options.pairs, "pairs")] if options.pairs else []
    for task in tasks:
        rows = [_without_texts(row, task) for row in rows_of(task)]
        if not rows:
            continue
        runs = {name: _in_new_process(name, task) for name in names}
        print(f"\n### {TITLES[task.kind]}\n")
        print_agreement(rows, runs)
        if task.kind == "outputs":
            print_speed(runs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--pairs", type=Path, help="pairs of answers out of graders' test-suites")
    parser.add_argument("--without", nargs="+", default=[], metavar="SOURCE", help="leave out sources that begin so")
    parser.add_argument("--every", type=int, default=1, help="take every N-th row")
    parser.add_argument("--only", choices=tuple(GRADERS))
    options = parser.parse_args()
    for path in filter(None, (options.file, options.pairs)):
        if not path.is_file():
            parser.error(f"{path}: no such file")
    return options


def _version(name: str) -> str:
    return version({"ours": "lemma-hf", "Math-Verify": "math-verify"}[name])


def _without_texts(row: Row, task: Task) -> Row:
    return {"source": row["source"], "truth": row["truth"], "group": "" if task.kind == "pairs" else group_of(row)}


def group_of(row: Row) -> str:
    """The sort of a row, in addition to its source: the three kinds differ in what is hard about them."""
    if row["source"].startswith("zeroeval"):
        return "*JSON outputs*"
    bare = row["reference"].strip("-$ ").replace(",", "").replace(".", "", 1)
    plain = bare.isdigit() or row["benchmark"] in CHOICES
    return "*text outputs, reference a number or a choice*" if plain else "*text outputs, reference neither*"


def _in_new_process(name: str, task: Task) -> Run:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as one:
        return one.submit(measure, name, task).result()


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
