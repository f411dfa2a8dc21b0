"""Tasks for lighteval, in LEMMA's prompt, with our grading as a sample-level metric.

    lighteval accelerate "model_name=USER/MODEL" "lemma_gsm8k,lemma_math500,lemma_math" \\
        --custom-tasks lemma_hf.integrations.lighteval_tasks

lighteval 0.13.0 asks for `latex2sympy2_extended==1.0.6`, and lemma-hf for 1.11 or newer: pip refuses. It does not run
with huggingface-hub 2 or xxhash 4 either. So give it an environment of its own, and the grader alone:

    pip install lighteval==0.13.0 "huggingface_hub<1" "transformers<5" "datasets<5" "xxhash<4"
    pip install --no-deps lemma-hf

Rows of your own, in a folder that holds `test.jsonl` with `question` and `answer`, are a file of two lines:

    from lemma_hf.integrations.lighteval_tasks import lemma_task
    TASKS_TABLE = [lemma_task("my_task", "the/folder")]
"""

from statistics import fmean
from typing import Any

from lemma_hf.data.benchmark_rows import BenchmarkRow
from lemma_hf.integrations.figures import HIGHER_IS_BETTER, harness_figures
from lemma_hf.integrations.rows import question_of, reference_of
from lemma_hf.prompts import prompt_style

_SUBJECTS = (
    "algebra",
    "counting_and_probability",
    "geometry",
    "intermediate_algebra",
    "number_theory",
    "prealgebra",
    "precalculus",
)


def lemma_task(name: str, repository: str, subset: str = "default", *, style: str = "instruction") -> Any:
    """A lighteval task over the test split of a dataset, with the columns of GSM8K, MATH or MATH-500.

    Args:
        repository: a dataset's id on the Hub, or a local folder that `datasets.load_dataset` reads.
        style: the prompt style; `step_by_step` for instruct models.

    Returns:
        A `LightevalTaskConfig`: greedy, at most 1,024 new tokens, as in the paper.
    """
    from lighteval.tasks.lighteval_task import LightevalTaskConfig
    from lighteval.tasks.requests import Doc

    asked = prompt_style(style)

    def document(row: BenchmarkRow, task_name: str) -> Any:
        query = asked.prompt(question_of(row))
        return Doc(task_name=task_name, query=query, choices=[reference_of(row)], gold_index=0)

    return LightevalTaskConfig(
        name=name,
        prompt_function=document,
        hf_repo=repository,
        hf_subset=subset,
        hf_avail_splits=["test"],
        evaluation_splits=["test"],
        generation_size=1024,
        stop_sequence=["### Instruction:"],
        metrics=[_metric()],
        version=1,
    )


def _metric() -> Any:
    from lighteval.metrics.metrics_sample import SampleLevelComputation
    from lighteval.metrics.utils.metric_utils import SampleLevelMetricGrouping
    from lighteval.tasks.requests import SamplingMethod

    class LemmaFigures(SampleLevelComputation):
        """The metric: the figures of one output."""

        def compute(self, doc: Any, model_response: Any, **_: Any) -> dict[str, float]:
            """Grade the first text of a response against the gold answer of its document."""
            return harness_figures(model_response.final_text[0], doc.get_golds()[0])

    return SampleLevelMetricGrouping(
        metric_name=list(HIGHER_IS_BETTER),
        higher_is_better=dict(HIGHER_IS_BETTER),
        category=SamplingMethod.GENERATIVE,
        sample_level_fn=LemmaFigures(),
        corpus_level_fn=dict.fromkeys(HIGHER_IS_BETTER, fmean),
    )


def __getattr__(name: str) -> Any:
    # Made when lighteval asks for it: this file can be imported where lighteval is not installed.
    if name != "TASKS_TABLE":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    math = [lemma_task(f"lemma_math:{each}", "EleutherAI/hendrycks_math", each) for each in _SUBJECTS]
    return [
        lemma_task("lemma_gsm8k", "openai/gsm8k", "main"),
        lemma_task("lemma_math500", "HuggingFaceH4/MATH-500"),
        *math,
    ]
