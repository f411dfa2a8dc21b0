r"""The grader: a text and a reference answer in, an explained verdict out.

Three parts, each of use alone: `extract_answer` says what a text finally claims, `answers_equal` compares two bare
answers, and `grade` (or `grade_many`) does both. Layers run cheap first, and the first that is sure decides:

    extract → normalize → exact numbers → structure, part by part → probing at random points → symbolic, in a worker

Only the last needs sympy (through `latex2sympy2_extended`), and it runs in a killable, memory-capped process with a
deadline. No text is ever evaluated as Python.

What is equal, in one place:

* **Percent**: the sign is a unit that may be left out. `25\%` equals `25`, and it equals `0.25`, since that is what the
  sign means. Without a sign on either side no factor of 100 is forgiven.
* **Units, currency, labels**: may be left out (`5\text{ cm}` equals `5`); two different known units are not equal.
* **Decimals**: equal exactly. A decimal stands for a value that no decimal can write (`1/3`, `\sqrt{2}`) if it is that
  value rounded to its own places, of which there must be at least three.
* **Decimal comma**: read only in comparison with a number that it explains and that is not whole: `2,74` equals `2.74`
  and `1.000,99` equals `1000.99`, while `1,2` compared with anything else is two numbers.
* **Order**: counts in tuples and matrices, not in sets and lists; the ends of an interval count. Repeats count in a
  list of values (`1, 1, 2` has a double root), not in a set nor in a list of points, intervals or sets.
* **Inequalities**: are the real numbers they hold for: `-2 \le x \le 7` equals `[-2,7]`, `|x| < 3` equals `(-3,3)`.
* **Choices**: in multiple choice, and where the reference is one letter, a sentence answers with the one letter
  that it names and does not deny.
* **Variables**: names count (`x+1` is not `y+1`); `x = 5` equals `5`.

Where each is decided: percent in `quantity` (the sign taken off), `compare` (25 % and 0.25) and `expression` (within a
formula); units, currency and labels in `quantity`; decimals and commas in `exact`; order in `structure` and `compare`;
inequalities in `relation`; choices in `words`, for the benchmarks that `policy` names; variables in `expression` and
`probe`.
"""

from lemma_hf.grading.compare import MAX_CHARS
from lemma_hf.grading.exact import read_number
from lemma_hf.grading.extract import box_content, extract_answer
from lemma_hf.grading.grade import DEFAULT_TIMEOUT, answers_equal, bare_reference, grade, grade_many, limit_workers
from lemma_hf.grading.normalize import normalize
from lemma_hf.grading.pool import WorkerFailedError

__all__ = [
    "DEFAULT_TIMEOUT",
    "MAX_CHARS",
    "WorkerFailedError",
    "answers_equal",
    "bare_reference",
    "box_content",
    "extract_answer",
    "grade",
    "grade_many",
    "limit_workers",
    "normalize",
    "read_number",
]
