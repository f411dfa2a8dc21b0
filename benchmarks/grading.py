"""How good and how fast is the grader, beside Math-Verify on the same rows in the same run?

    python benchmarks/grading.py graded.jsonl.gz [--limit 2000] [--only ours]

The file holds one object a line: `source`, `benchmark`, `reference`, `output`, `truth` (true, false, null: not scored).
Prints agreement with `truth` by source with Wilson intervals, false right and false wrong, rows a second, latencies,
import time and memory. Math-Verify is a development dependency; where it is missing, ours stands alone. One process;
on multiple choice Math-Verify is told to look for letters.
"""

import argparse
import gzip
import json
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from lemma_hf.evaluation.intervals import Share

Row = dict[str, Any]
Grader = Callable[[Row], bool]


@dataclass(frozen=True)
class Run:
    """What one grader said, and how long each row took."""

    name: str
    right: list[bool]
    seconds: list[float]


def read_rows(path: Path, limit: int | None, seed: int) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["truth"] is not None]
    return random.Random(seed).sample(rows, limit) if limit and limit < len(rows) else rows


def ours() -> Grader:
    from lemma_hf.grading import answers_equal, grade
    from lemma_hf.records import Outcome

    answers_equal(r"\int_0^1 x\,dx", r"\sum_{k=1}^{2} k")  # a worker is warm, as it is in any longer run
    return lambda row: grade(row["output"], row["reference"], benchmark=row["benchmark"]).outcome is Outcome.RIGHT


def math_verify() -> Grader:
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, StringExtractionConfig, parse, verify

    usual = [LatexExtractionConfig(), ExprExtractionConfig()]
    letters = [StringExtractionConfig(), *usual]

    def right(row: Row) -> bool:
        found = letters if row["benchmark"] in ("talscq_mc", "aqua") else usual
        reference = row["reference"] if found is letters or "$" in row["reference"] else f"${row['reference']}$"
        return bool(verify(parse(reference, found), parse(row["output"], found)))

    return right


def run(name: str, grader: Grader, rows: list[Row]) -> Run:
    from tqdm import tqdm

    right, seconds = [], []
    for row in tqdm(rows, desc=name, unit=" rows", mininterval=1):
        start = perf_counter()
        right.append(grader(row))
        seconds.append(perf_counter() - start)
    return Run(name, right, seconds)


def print_agreement(rows: list[Row], runs: list[Run]) -> None:
    groups: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        for group in (row["source"], "all"):
            groups[group].append(index)
    print(
        f"\n{'source':<26}{'rows':>7}"
        + "".join(f"  {run.name + ': agree [95 %]':<26}{'FR':>5}{'FW':>5}" for run in runs)
    )
    for group in sorted(groups, key=lambda name: (name == "all", name)):
        line = f"{group:<26}{len(groups[group]):>7}"
        for one in runs:
            false_right = sum(one.right[i] and not rows[i]["truth"] for i in groups[group])
            false_wrong = sum(not one.right[i] and bool(rows[i]["truth"]) for i in groups[group])
            agree = Share(len(groups[group]) - false_right - false_wrong, len(groups[group]))
            low, high = agree.interval
            line += f"  {f'{agree.value:.2%} [{low:.2%}, {high:.2%}]':<26}{false_right:>5}{false_wrong:>5}"
        print(line)
    print("FR: said right, is wrong. FW: said wrong, is right.")


def print_speed(runs: list[Run]) -> None:
    print(f"\n{'grader':<14}{'rows/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for one in runs:
        ordered = sorted(one.seconds)
        at = [1000 * ordered[min(int(len(ordered) * q), len(ordered) - 1)] for q in (0.5, 0.99, 1.0)]
        print(f"{one.name:<14}{len(ordered) / sum(ordered):>9.0f}" + "".join(f"{ms:>9.2f}" for ms in at))


_IMPORT = """
import re, sys, time
start = time.perf_counter()
import {module}
took = time.perf_counter() - start
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
print(took, int(peak[1]) / 1024, "sympy" in sys.modules)
"""


def print_import(module: str) -> None:
    """Time and peak memory (Linux) of a fresh process that imports `module` and nothing else."""
    if not Path("/proc/self/status").exists():
        return
    code = _IMPORT.format(module=module)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    took, memory, sympy = done.stdout.split()
    print(f"import {module:<20}{float(took):>7.3f} s{float(memory):>8.1f} MB   sympy loaded: {sympy}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int, help="grade a random sample of this many rows")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("ours", "math_verify"))
    options = parser.parse_args()
    if not options.file.is_file():
        sys.exit(f"error: {options.file}: no such file")
    rows = read_rows(options.file, options.limit, options.seed)
    runs = []
    for name, make in (("ours", ours), ("math_verify", math_verify)):
        if options.only in (None, name):
            try:
                runs.append(run(name, make(), rows))
            except ImportError as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
    print_agreement(rows, runs)
    print_speed(runs)
    print()
    for one in runs:
        print_import({"ours": "lemma_hf.grading"}.get(one.name, one.name))


if __name__ == "__main__":
    main()
