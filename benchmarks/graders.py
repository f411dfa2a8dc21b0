"""The graders that `grading.py` compares: one grader, one fresh process, one row after the other.

A grader gets a row (`output`, `reference`, `benchmark`) and says whether it is right. Rows are read as they are graded,
so that the memory of the process is the grader's and not the file's.
"""

import gzip
import json
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

Row = dict[str, Any]
Grader = Callable[[Row], bool]

CHOICES = ("talscq_mc", "aqua")
"""Benchmarks on which Math-Verify is set to look for letters first."""
WARM_UP = {"output": r"\boxed{\int_0^1 x\,dx}", "reference": r"\sum_{k=1}^{2} k", "benchmark": "math"}
"""Needs computer algebra: starts what a grader starts once in a longer run. Timed apart."""


@dataclass(frozen=True)
class Task:
    """The rows of a file that are graded, and what is asked about them."""

    path: Path
    kind: str
    """`outputs`: whole model outputs; `answers`: the final answers, handed over bare; `pairs`: test-suites' pairs;
    `reports`: what people report, each either a whole `output` or a bare `answer`."""
    every: int = 1
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """The verdicts of one grader on the rows of a task, in order, and their cost."""

    right: list[bool]
    seconds: list[float]
    first: float
    """Seconds that the warm-up took."""
    memory: float
    """Peak memory of the process, in MB."""
    workers: float
    """Peak memory of the largest process it started, in MB; 0 where it started none."""


def rows_of(task: Task) -> Iterator[Row]:
    """The scored rows, each with `source`, `output`, `reference`, `benchmark` and `truth`."""
    return islice(_all_rows(task), 0, None, task.every)


def _all_rows(task: Task) -> Iterator[Row]:
    seen = set()
    with gzip.open(task.path, "rb") if task.path.suffix == ".gz" else task.path.open("rb") as lines:
        for given in map(json.loads, lines):  # from bytes: a row may hold a lone surrogate, which json lets pass
            row = given | _as_asked(given, task.kind)
            if row["truth"] is None or row["output"] is None or row["source"].startswith(task.without):
                continue
            if task.kind == "answers":
                key = (row["output"], row["reference"], row["benchmark"])
                if key in seen:
                    continue
                seen.add(key)
            yield row


def _as_asked(row: Row, kind: str) -> Row:
    if kind == "answers":
        return {"output": row.get("final_answer")}
    if kind == "reports":
        text = row.get("output", row.get("answer"))
        return {"source": row["kind"], "output": text, "truth": row["expected"], "is_bare": "output" not in row}
    if kind == "pairs":
        names = {"output": "answer", "reference": "gold", "truth": "expected"}
        return {"benchmark": "math", "source": row["source"].split()[0]} | {new: row[old] for new, old in names.items()}
    return {}


def ours(kind: str) -> Grader:
    from lemma_hf.grading import answers_equal, grade
    from lemma_hf.records import Outcome

    def right(row: Row) -> bool:
        judge = answers_equal if is_bare(row, kind) else grade
        return judge(row["output"], row["reference"], benchmark=row["benchmark"]).outcome is Outcome.RIGHT

    return right


def is_bare(row: Row, kind: str) -> bool:
    """Whether a row is an answer by itself and not the text in which one is given."""
    return kind == "answers" or bool(row.get("is_bare"))


def math_verify(kind: str) -> Grader:
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, StringExtractionConfig, parse, verify

    usual = [LatexExtractionConfig(), ExprExtractionConfig()]
    letters = [StringExtractionConfig(), *usual]

    def in_maths(text: str, found: list[Any]) -> str:
        return text if kind == "pairs" or found is letters or "$" in text or "\\boxed" in text else f"${text}$"

    def right(row: Row) -> bool:
        found = letters if row["benchmark"] in CHOICES else usual
        output = in_maths(row["output"], found) if is_bare(row, kind) else row["output"]
        return bool(verify(parse(in_maths(row["reference"], found), found), parse(output, found)))

    return right


def lighteval(kind: str) -> Grader:
    from lighteval.metrics.dynamic_metrics import MultilingualExtractiveMatchMetric
    from lighteval.metrics.utils.extractive_match_utils import ExprExtractionConfig, LatexExtractionConfig
    from lighteval.models.model_output import ModelResponse
    from lighteval.tasks.requests import Doc

    both = (ExprExtractionConfig(), LatexExtractionConfig())  # as its own `avg@n:math` is set
    metric = MultilingualExtractiveMatchMetric(gold_extraction_target=both, pred_extraction_target=both)

    def right(row: Row) -> bool:
        output = f"\\boxed{{{row['output']}}}" if is_bare(row, kind) else row["output"]
        doc = Doc(query="", choices=[f"${row['reference']}$"], gold_index=0)
        return bool(metric.compute(doc, ModelResponse(text=[output])))

    return right


def verl_math_dapo(kind: str) -> Grader:
    from verl.utils.reward_score.math_dapo import compute_score

    def right(row: Row) -> bool:
        output = f"Answer: {row['output']}" if is_bare(row, kind) else row["output"]
        return bool(compute_score(output, row["reference"])["acc"])

    return right


def verl_prime_math(kind: str) -> Grader:
    from verl.utils.reward_score.prime_math import compute_score

    def right(row: Row) -> bool:
        output = f"\\boxed{{{row['output']}}}" if is_bare(row, kind) else row["output"]
        return bool(compute_score(output, row["reference"])[0])

    return right


def never_raises(grader: Grader) -> Grader:
    """A grader whose errors count as "not right", as they do where it is a reward."""

    def right(row: Row) -> bool:
        try:
            return grader(row)
        except Exception:
            return False

    return right


GRADERS = {
    "ours": ours,
    "Math-Verify": math_verify,
    "lighteval": lighteval,
    "verl math_dapo": verl_math_dapo,
    "verl prime_math": verl_prime_math,
}
MODULES = {
    "ours": "lemma_hf.grading",
    "Math-Verify": "math_verify",
    "lighteval": "lighteval",
    "verl math_dapo": "verl",
    "verl prime_math": "verl",
}
PACKAGES = {"ours": "lemma-hf", "Math-Verify": "math-verify", "lighteval": "lighteval"} | dict.fromkeys(
    ("verl math_dapo", "verl prime_math"), "verl"
)


def measure(name: str, task: Task) -> Run:
    """Ask one grader about all rows of a task. To be called in a process of its own."""
    from tqdm import tqdm

    grader = never_raises(GRADERS[name](task.kind))
    start = perf_counter()
    grader(dict(WARM_UP))
    first = perf_counter() - start
    right, seconds = [], []
    for row in tqdm(rows_of(task), desc=f"{name}, {task.kind}", unit=" rows", mininterval=2):
        start = perf_counter()
        right.append(grader(row))
        seconds.append(perf_counter() - start)
    return Run(right, seconds, first, peak_memory(), _largest_child())


def peak_memory(pid: int | str = "self") -> float:
    """Peak resident memory of a process in MB; of this one where the system is no Linux."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        return next((int(line.split()[1]) / 1024 for line in status.open() if line.startswith("VmHWM")), 0.0)
    # Kilobytes; on macOS, bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _largest_child() -> float:
    import psutil

    return max((peak_memory(child.pid) for child in psutil.Process().children(recursive=True)), default=0.0)
