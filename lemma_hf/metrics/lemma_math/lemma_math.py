"""The metric `lemma_math`: share of right answers to mathematics problems, graded by `lemma_hf.grading`."""

import evaluate

# `evaluate` reads the comment: where the package is missing, its message says what to install.
from lemma_hf.metrics import graded  # From: lemma-hf

_DESCRIPTION = graded.description("mathematics whose answers are numbers, formulas, sets, intervals, matrices or words")
_EXAMPLE = r'metric.compute(predictions=["\\boxed{0.4}. Wait, no: \\boxed{0.5}"], references=["\\frac{1}{2}"])'
_INPUTS = graded.inputs("lemma_math", "math", _EXAMPLE)


@evaluate.utils.file_utils.add_start_docstrings(_DESCRIPTION, _INPUTS)
class LemmaMath(graded.GradedMetric):
    """Share of right answers; see the inputs description."""

    BENCHMARK, DESCRIPTION, INPUTS = "math", _DESCRIPTION, _INPUTS
