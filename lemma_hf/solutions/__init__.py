"""The text of a solution: its steps, the spans of a self-correction, and the effect of a reflection on the answer."""

from lemma_hf.solutions.reflection import reflect_many
from lemma_hf.solutions.spans import has_reflection, segment
from lemma_hf.solutions.steps import split_steps

__all__ = ["has_reflection", "reflect_many", "segment", "split_steps"]
