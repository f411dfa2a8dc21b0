"""The metric `lemma_reflection`: how often outputs correct themselves, and with what result."""

from collections.abc import Sequence
from typing import Any

import evaluate

from lemma_hf.grading import DEFAULT_TIMEOUT  # From: lemma-hf
from lemma_hf.metrics import graded  # From: lemma-hf

# `evaluate` reads the comments: where the package is missing, its message says what to install.
from lemma_hf.solutions import reflection  # From: lemma-hf

_DESCRIPTION = """
Finds where whole model outputs turn on something they wrote ("Wait, that is wrong."), and grades the answer claimed
before the first turn that follows a claim, and the final one: fixed, broken (over-correction), kept right, kept
wrong, or unclear, where the output turns before it has claimed an answer.
"""

_INPUTS = """
Args:
    predictions: model outputs, whole texts.
    references: reference answers.
    benchmark: how answers are read, `math` by default; one name for all rows, or one for each. The names of other
        benchmarks set their policies.
    details: whether to return the verdict of each item too.
    workers: worker processes for the few comparisons that need computer algebra.
    timeout: seconds that one such comparison may take.
Returns:
    accuracy; reflected_rate, fixed_rate, broken_rate, kept_right_rate, kept_wrong_rate, unclear_rate, of all rows;
    accuracy_before and accuracy_after, of the rows that turn and are not unclear; right_when_reflected;
    turns, a row that turns; reflection_share, of all characters; the counts right, reflected, fixed, broken,
    kept_right, kept_wrong, unclear, total, unreadable_references; with details also verdicts.
Examples:
    >>> import evaluate, lemma_hf
    >>> metric = evaluate.load(lemma_hf.metric_path("lemma_reflection"))
    >>> result = metric.compute(predictions=["\\\\boxed{4}. Wait, no: \\\\boxed{5}", "#### 5"], references=["5", "5"])
    >>> result["fixed"], result["accuracy_before"], result["accuracy_after"]
    (1, 0.0, 1.0)
"""


@evaluate.utils.file_utils.add_start_docstrings(_DESCRIPTION, _INPUTS)
class LemmaReflection(graded.GradedMetric):
    """First answers against final answers; see the inputs description."""

    BENCHMARK, DESCRIPTION, INPUTS = "math", _DESCRIPTION, _INPUTS

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
        verdicts = reflection.reflect_many(
            predictions, references, benchmark=benchmark, workers=workers, timeout=timeout
        )
        result = reflection.reflection_rates(predictions, verdicts)
        return result | ({"verdicts": [each.as_dict() for each in verdicts]} if details else {})
