r"""The grader: a text and a reference answer in, an explained verdict out.

Three parts, each of use alone: `extract_answer` says what a text finally claims, `answers_equal` compares two bare
answers, and `grade` (or `grade_many`) does both. Layers run cheap first, and the first that is sure decides:

    extract → normalize → exact numbers → structure, part by part → probing at random points → symbolic, in a worker

Only the last needs sympy (through `latex2sympy2_extended`), and it runs in a killable, memory-capped process with a
deadline. No text is ever evaluated as Python.

What is equal, in one place:

* **Percent**: the sign means hundredths, so `72\%` equals `0.72` and `\frac{18}{25}`. Where only one side has it and
  the other number is 1 or more, it may be left out as a unit may: `72\%` equals `72`. A number below 1 without the
  sign is a share and nothing else: `0.72\%` is not `0.72`. Without a sign on either side no factor of 100 is
  forgiven.
* **Units, currency, labels**: may be left out (`5\text{ cm}` equals `5`); two different known units are not equal,
  nor is a unit equal to another power of it (`cm^2`, `cm^3`), and none is converted. What else follows a number makes
  another answer of it: `5\text{ or more}` and `5\text{ (wrong)}` are not `5`. Letters that may be variables are no
  unit (`2 xy`), nor are two of a formula's own variables (`hr^2` beside `r^2 h`).
* **Names**: may be left out (`Total: 45` equals `45`); two different names are not equal.
* **Numbers in words**: are numbers (`twelve`, `two and a half`), magnitudes count (`5 million` and `5 dozen` are not
  `5`), and so do words of arithmetic (`5 factorial` is `120`). `3 quarters` are three coins.
* **Decimals**: equal exactly. A decimal stands for a value that no decimal can write (`1/3`, `\sqrt{2}`) if it is
  that value rounded to its own places, of which there must be at least three.
* **Commas between digits**: part two numbers, unless only another reading gives the other answer: a decimal comma
  (`2,74` equals `2.74`, `x=2,5` equals `2.5`, `1.000,99` equals `1000.99`) or thousands (`1,500\pi` equals
  `1500\pi`).
* **Spaces between digits**: part them, but for groups of three: `118 000` equals `118000`, `1 2` is not `12`.
* **Times and dates**: `3 pm` equals `15:00`, and `3:00` where one side does not say which half of the day.
* **Bases**: `52_8` equals `52` with the base left out, never its value; `0x1F` is a number.
* **No, or infinitely many, solutions**: however they are said; neither equals `0`, and `does not exist` is a third.
* **Order**: counts in tuples and matrices, not in sets and lists; the ends of an interval count. Repeats count in a
  list of values (`1, 1, 2` has a double root), not in a set nor in a list of points, intervals or sets.
* **Inequalities and sets of reals**: are the numbers they hold for: `-2 \le x \le 7` equals `[-2,7]`, `\mathbb{R}`
  equals `(-\infty,\infty)`. Side by side, inequalities mean "and" if a number satisfies all of them, else "or".
* **Labels**: `(a) 3, (b) 5` is compared by label, `x=1, y=2` equals `(1,2)`; values without labels are read in order.
* **Choices**: in multiple choice, and where the reference is one letter, a sentence answers with the one letter that
  it names and does not deny. `(B) 12` is answered by `B` and by `12`, and answers either.
* **Several answers** where one is asked for (`3\text{ or }4`, `A, B`) are none.
* **Variables**: names count (`x+1` is not `y+1`); `x = 5` equals `5`. The argument of a function, an arbitrary
  constant and the integer of a general solution have any name: `f(t)=2t`, `x^2+K`, `\frac{\pi}{4}+n\pi`.
* **Degrees**: in an argument they are degrees (`\sin 30^\circ` is `1/2`, `\cos 60^\circ` is not `\cos 60`); an angle
  in degrees equals the same one in radians; beside a plain number the sign may be left out.
* **Complex numbers**: principal values; `\sqrt{-4}` is `2i` and not `-2i`.

What a text claims is read in `claims`: `_marked` finds boxes, tags, fields and `####`, `_said` what sentences
announce, `_doubts` what is denied, bounded or taken back, `_thinking` what was only thought; `_extract` holds the
rule that chooses.

Where equality is decided: `_compare` asks one layer after the other. Spelling in `spelling`. Numbers in `quantities`:
units in `_units`, what else may follow a number in `_number_labels`, taking both and a percent sign off in
`_quantity`, words for numbers in `_numerals`, decimals and bases in `_exact`, commas in `_respell`, times in
`_clock`. Parts and their order in `_structure`, sets in `_real_sets`, values under labels in `_labels`, equations in
`_relation`, choices and words in `_words`. Formulas in `formulas`: the parser in `_expression`, points in `_probe`
and `_rational`, second readings in `_readings`, general solutions in `_families`, pieces in `_piecewise`, the rest in
`_algebra` and `_symbolic`. `_work` bounds what one comparison may cost; `pool` and `worker` are the processes that
can be killed.
"""

from lemma_hf.grading._compare import MAX_CHARS
from lemma_hf.grading.claims import box_content, extract_answer
from lemma_hf.grading.grade import (
    DEFAULT_TIMEOUT,
    answers_equal,
    bare_reference,
    grade,
    grade_if_cut_off,
    grade_many,
    limit_workers,
)
from lemma_hf.grading.pool import WorkerFailedError
from lemma_hf.grading.quantities._exact import read_number
from lemma_hf.grading.spelling import normalize

__all__ = [
    "DEFAULT_TIMEOUT",
    "MAX_CHARS",
    "WorkerFailedError",
    "answers_equal",
    "bare_reference",
    "box_content",
    "extract_answer",
    "grade",
    "grade_if_cut_off",
    "grade_many",
    "limit_workers",
    "normalize",
    "read_number",
]
