"""The metric `lemma_gsm8k`: share of right answers to word problems, graded by `lemma_hf.grading`."""

import evaluate

# `evaluate` reads the comment: where the package is missing, its message says what to install.
from lemma_hf.metrics import graded  # From: lemma-hf

_DESCRIPTION = graded.description("word problems whose answers are numbers")
_EXAMPLE = r'metric.compute(predictions=["She pays 8 * 9 = 72 dollars.\n#### 72"], references=["72"])'
_INPUTS = graded.inputs("lemma_gsm8k", "gsm8k", _EXAMPLE)


@evaluate.utils.file_utils.add_start_docstrings(_DESCRIPTION, _INPUTS)
class LemmaGsm8k(graded.GradedMetric):
    """Share of right answers; see the inputs description."""

    BENCHMARK, DESCRIPTION, INPUTS = "gsm8k", _DESCRIPTION, _INPUTS
