"""What a text finally claims: marks, sentences, doubts and thoughts, and the one rule that chooses."""

from lemma_hf.grading.claims._extract import UNSAID, bare_answer, extract_answer, reference_answer
from lemma_hf.grading.claims._marked import box_content
from lemma_hf.grading.claims._thinking import Marks, holds_marks, with_marks_blank, without_thoughts

__all__ = [
    "UNSAID",
    "Marks",
    "bare_answer",
    "box_content",
    "extract_answer",
    "holds_marks",
    "reference_answer",
    "with_marks_blank",
    "without_thoughts",
]
