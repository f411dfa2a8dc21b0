"""How many answers are right? The metric `lemma_math`, thin over `lemma_hf.grading`."""

from typing import Any

import datasets
import evaluate

from lemma_hf.grading import DEFAULT_TIMEOUT, grade_many
from lemma_hf.metrics.summary import summarise

_DESCRIPTION = """
Grades whole model outputs against reference answers:
mathematics whose answers are numbers, formulas, sets, intervals, matrices or words.
The last explicit claim of an output counts, so a text that corrects itself is graded by its correction.
"""

_INPUTS = r"""
Args:
    predictions: model outputs, whole texts.
    references: reference answers.
    benchmark: how answers are read, `math` by default; the names of other benchmarks set their policies.
    details: whether to return the verdict of each item too.
    workers: worker processes for the few comparisons that need computer algebra.
    timeout: seconds that one such comparison may take.
Returns:
    accuracy, no_answer_rate, timeout_rate, right, total, unreadable_references; with details also verdicts.
Examples:
    >>> import evaluate, lemma_hf
    >>> metric = evaluate.load(lemma_hf.metric_path("lemma_math"))
    >>> outputs = ["So it is \\boxed{0.4}. Wait, that is wrong: \\boxed{0.5}"]
    >>> metric.compute(predictions=outputs, references=["\\frac{1}{2}"])["accuracy"]
    1.0
"""

_CITATION = """
@inproceedings{pan2025lemma,
  title = {LEMMA: Learning from Errors for MatheMatical Advancement in LLMs},
  booktitle = {Findings of ACL},
  year = {2025},
  url = {https://arxiv.org/abs/2503.17439}
}
"""


@evaluate.utils.file_utils.add_start_docstrings(_DESCRIPTION, _INPUTS)
class LemmaMath(evaluate.Metric):
    """Share of right answers; see the inputs description."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": text, "references": text}),
        )

    def _compute(
        self,
        *,
        predictions: list[str],
        references: list[str],
        benchmark: str = "math",
        details: bool = False,
        workers: int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> dict[str, Any]:
        grades = grade_many(predictions, references, benchmark=benchmark, workers=workers, timeout=timeout)
        return summarise(grades, details=details)
