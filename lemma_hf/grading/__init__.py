r"""Is a model's answer right? Text and reference in, an explained verdict out.

Three parts, each of use alone: `extract_answer` says what a text finally claims, `answers_equal` compares two bare
answers, and `grade` (or `grade_many`) does both. Layers run cheap first, and the first that is sure decides:

    extract → normalise → exact numbers → structure, part by part → probing at random points → symbolic, in a worker

Only the last needs sympy (through `latex2sympy2_extended`), and it runs in a killable, memory-capped process with a
deadline. No text is ever evaluated as Python.

What is equal, in one place:

* **Percent**: the sign is a unit that may be left out. `25\%` equals `25`, and it equals `0.25`, since that is what the
  sign means. Without a sign on either side no factor of 100 is forgiven.
* **Units, currency, labels**: may be left out (`5\text{ cm}` equals `5`); two different known units are not equal.
* **Decimals**: equal exactly. A decimal stands for a value that no decimal can write (`1/3`, `\sqrt{2}`) if it is that
  value rounded to its own places, of which there must be at least three.
* **Order**: counts in tuples and matrices, not in sets and lists; the ends of an interval count, and so do repeats in a
  list but not in a set.
* **Variables**: names count (`x+1` is not `y+1`); `x = 5` equals `5`.
"""

from lemma_hf.grading.extract import extract_answer
from lemma_hf.grading.grade import DEFAULT_TIMEOUT, answers_equal, grade, grade_many

__all__ = ["DEFAULT_TIMEOUT", "answers_equal", "extract_answer", "grade", "grade_many"]
