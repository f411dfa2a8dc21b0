"""One spelling for every sign: Unicode mathematics, the dress of LaTeX, and what is left between them."""

from lemma_hf.grading.spelling._normalize import normalize
from lemma_hf.grading.spelling._unicode_maths import to_latex

__all__ = ["normalize", "to_latex"]
