"""Functions that the YAML files call: prompt, worked solution of a few-shot example, figures of a row."""

from collections.abc import Sequence

from lemma_hf.data.benchmark_rows import BenchmarkRow
from lemma_hf.integrations.figures import harness_figures
from lemma_hf.integrations.rows import question_of, reference_of, solution_of
from lemma_hf.prompts import prompt_style


def doc_to_text(doc: BenchmarkRow) -> str:
    """The prompt of LEMMA's paper, with no space at its end."""
    return prompt_style("instruction").prompt(question_of(doc))


def step_by_step(doc: BenchmarkRow) -> str:
    """The question for an instruct model, to be put into its chat template."""
    return prompt_style("step_by_step").prompt(question_of(doc))


def doc_to_target(doc: BenchmarkRow) -> str:
    """The solution in a few-shot example; the harness puts a space before it."""
    return solution_of(doc)


def process_results(doc: BenchmarkRow, results: Sequence[str]) -> dict[str, float]:
    """The figures of the first output of a row; the three benchmarks here are all read as mathematics."""
    return harness_figures(results[0], reference_of(doc))
