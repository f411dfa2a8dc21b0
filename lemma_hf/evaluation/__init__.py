"""Completions to figures: scores with intervals, paired comparison, and what second thoughts did."""

from lemma_hf.evaluation.artifacts import read_scored_items, read_scores, write_artifacts
from lemma_hf.evaluation.benchmarks import BENCHMARKS, Benchmark, benchmark_named, count_dropped, load_benchmark
from lemma_hf.evaluation.compare import Comparison, ScoredRun, compare_runs, run_of_items, run_of_rows
from lemma_hf.evaluation.correction import (
    Corrected,
    Correction,
    Remaining,
    correct_many,
    error_types,
    marked_turns,
    self_correction,
)
from lemma_hf.evaluation.figures import Scores, scores_of
from lemma_hf.evaluation.paper import compare_with_paper
from lemma_hf.evaluation.pass_at import group_answers, pass_at_k
from lemma_hf.evaluation.result import BenchmarkResult, result_of
from lemma_hf.evaluation.score import Report, Scored, score, summarize
from lemma_hf.utils.intervals import Estimate, Mean, Share

__all__ = [
    "BENCHMARKS",
    "Benchmark",
    "BenchmarkResult",
    "Comparison",
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
    "benchmark_named",
    "compare_runs",
    "compare_with_paper",
    "correct_many",
    "count_dropped",
    "error_types",
    "group_answers",
    "load_benchmark",
    "marked_turns",
    "pass_at_k",
    "read_scored_items",
    "read_scores",
    "result_of",
    "run_of_items",
    "run_of_rows",
    "score",
    "scores_of",
    "self_correction",
    "summarize",
    "write_artifacts",
]
