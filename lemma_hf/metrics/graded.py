"""Base of the metrics that grade; each adds its name, its description, and its default benchmark.

A metric's own file imports this *module* and never the class by name: `evaluate.load` instantiates the first metric
class that it finds among the names of the file.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import datasets
import evaluate

from lemma_hf.grading import DEFAULT_TIMEOUT, grade_many
from lemma_hf.grading.values import list_of
from lemma_hf.metrics.summary import rates_of
from lemma_hf.utils.citation import BIBTEX

_DESCRIPTION = """
Grades whole model outputs against reference answers:
{answers}.
The last explicit claim of an output counts, so a text that corrects itself is graded by its correction.
"""

_INPUTS = """
Args:
    predictions: model outputs, whole texts.
    references: reference answers.
    benchmark: how answers are read, `{benchmark}` by default; one name for all rows, or one for each. The names of
        other benchmarks set their policies.
    details: whether to return the verdict of each item too.
    workers: worker processes for the few comparisons that need computer algebra.
    timeout: seconds that one such comparison may take.
Returns:
    accuracy, no_answer_rate, timeout_rate, right, total, unreadable_references; with details also verdicts.
Examples:
    >>> import evaluate, lemma_hf
    >>> metric = evaluate.load(lemma_hf.metric_path("{name}"))
    >>> {example}["accuracy"]
    1.0
"""


def description(answers: str) -> str:
    """Description of a metric, where `answers` names the kind of answers it is for."""
    return _DESCRIPTION.format(answers=answers)


def inputs(name: str, benchmark: str, example: str) -> str:
    """Inputs and results of a metric, with an example: a call of `metric.compute` that gives an accuracy of 1."""
    return _INPUTS.format(name=name, benchmark=benchmark, example=example)


class GradedMetric(evaluate.Metric):
    """Share of right answers, graded by `lemma_hf.grading`."""

    BENCHMARK: ClassVar[str]
    DESCRIPTION: ClassVar[str]
    INPUTS: ClassVar[str]

    def _info(self) -> evaluate.MetricInfo:
        text, number = datasets.Value("string"), datasets.Value("float64")
        return evaluate.MetricInfo(
            description=self.DESCRIPTION,
            citation=BIBTEX,
            inputs_description=self.INPUTS,
            # Several forms: the library takes the first that fits; references are often numbers.
            features=[
                datasets.Features({"predictions": text, "references": text}),
                datasets.Features({"predictions": text, "references": number}),
                datasets.Features({"predictions": number, "references": number}),
            ],
        )

    def add_batch(self, *, predictions: Sequence[str], references: Sequence[str], **kwargs: Any) -> None:
        """Add a batch; `compute` comes through here too.

        Raises:
            ConfigError: if one text stands in the place of a list, which the library would take for its characters.
        """
        texts, wanted = list_of(predictions, "predictions"), list_of(references, "references")
        super().add_batch(predictions=texts, references=wanted, **kwargs)

    def _compute(
        self,
        *,
        predictions: Sequence[str],
        references: Sequence[str],
        benchmark: str | Sequence[str] | None = None,
        details: bool = False,
        workers: int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> dict[str, Any]:
        benchmark = self.BENCHMARK if benchmark is None else benchmark
        grades = grade_many(predictions, references, benchmark=benchmark, workers=workers, timeout=timeout)
        return rates_of(grades, details=details)
