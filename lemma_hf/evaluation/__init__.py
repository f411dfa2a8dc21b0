"""Completions to figures: scores with intervals, paired comparison of runs, and self-correction.

`benchmarks` declares the benchmarks, `problem_sets` finds their problems, `score` grades completions, `figures`,
`pass_at` and `correction` sum up, `compare` and `paper` hold results against others, `artifacts` writes files.
"""

from lemma_hf.evaluation.artifacts import HUB_FOLDER, SCORES_FILE, read_scored_items, read_scores, write_artifacts
from lemma_hf.evaluation.benchmarks import BENCHMARKS, Benchmark, count_dropped, get_benchmark, load_benchmark
from lemma_hf.evaluation.compare import Comparison, ContingencyTable, ScoredRun, compare_runs
from lemma_hf.evaluation.correction import (
    Corrected,
    Correction,
    Remaining,
    correct_many,
    error_types,
    marked_turns,
    self_correction,
)
from lemma_hf.evaluation.figures import Scores
from lemma_hf.evaluation.paper import MAJ_AT_32, PAPER_BENCHMARKS, PAPER_MODELS, PASS_AT_1, compare_with_paper
from lemma_hf.evaluation.pass_at import group_answers, pass_at_k
from lemma_hf.evaluation.result import BenchmarkResult
from lemma_hf.evaluation.score import Report, Scored, score, summarize
from lemma_hf.utils.intervals import Estimate, Mean, Share

__all__ = [
    "BENCHMARKS",
    "HUB_FOLDER",
    "MAJ_AT_32",
    "PAPER_BENCHMARKS",
    "PAPER_MODELS",
    "PASS_AT_1",
    "SCORES_FILE",
    "Benchmark",
    "BenchmarkResult",
    "Comparison",
    "ContingencyTable",
    "Corrected",
    "Correction",
    "Estimate",
    "Mean",
    "Remaining",
    "Report",
    "Scored",
    "ScoredRun",
    "Scores",
    "Share",
    "compare_runs",
    "compare_with_paper",
    "correct_many",
    "count_dropped",
    "error_types",
    "get_benchmark",
    "group_answers",
    "load_benchmark",
    "marked_turns",
    "pass_at_k",
    "read_scored_items",
    "read_scores",
    "score",
    "self_correction",
    "summarize",
    "write_artifacts",
]
