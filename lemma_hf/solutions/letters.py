"""An unknown with its known value in its place, so that algebra can be read as arithmetic.

    x = 100:   "each roommate pays (x/4) * 12 = 3x"   →   "each roommate pays (100/4) * 12 = (3 * 100)"

Where a question asks for an unknown by its letter, its value is the reference answer, and what a step says with the
letter can be checked like what it says with numbers.
"""

import re
from fractions import Fraction

from lemma_hf.solutions.arithmetic import decimal_text
from lemma_hf.solutions.line_tokens import without_latex
from lemma_hf.solutions.step_facts import without_notes

# "the value of unknown variable x", "the value of x"; the words in between may be missing.
_ASKED = re.compile(r"\b(?:unknown variable|value of(?: the)?(?: variable)?|variable)\s+\$?([a-zA-Z])\b")
# "3" of "3x", "0.25" of "$0.25x"; no further digit may follow, as in the product "3x4".
_FACTOR = r"(?<![A-Za-z\d.)])([$€£]?)(\d[\d,]{{0,15}}(?:\.\d{{1,9}})?) ?{letter}(?![A-Za-z'’])(?!\s*\d)"
# "x" of "(2/3)x"
_BEHIND_BRACKET = r"\) ?{letter}(?![A-Za-z'’])"
# "x" of "x(2 + 3)"
_BEFORE_BRACKET = r"(?<![A-Za-z'’\d]){letter}(?= ?\()"
# "x" of "x + 3", "$x"
_ALONE = r"(?<![A-Za-z'’\d]){letter}(?![A-Za-z'’])"


def letter_asked(question: str) -> str | None:
    """Return the letter whose value a question asks for; None where it asks for no letter.

    Example:
        >>> letter_asked("Tim works x hours a day. ... What is the value of unknown variable x?")
        'x'
        >>> letter_asked("What is the value of a pen?") is None
        True
    """
    found = _ASKED.search(question)
    # "the value of a pen": the article is no unknown.
    return found[1] if found and found[1] not in "aAI" else None


def put_value(text: str, letter: str, value: Fraction) -> str:
    """Write a value in the place of a letter; `3x` becomes a product in brackets.

    Example:
        >>> put_value("12 / 4x = x + 1", "x", Fraction(5))
        '12 / (4 * 5) = 5 + 1'
    """
    # (A fraction without an end is written as one.)
    number = decimal_text(value) or f"({value.numerator}/{value.denominator})"
    named = re.escape(letter)
    text = without_latex(without_notes(text))
    text = re.sub(_FACTOR.format(letter=named), rf"\1(\2 * {number})", text)
    text = re.sub(_BEHIND_BRACKET.format(letter=named), f") * {number}", text)
    text = re.sub(_BEFORE_BRACKET.format(letter=named), f"{number} * ", text)
    return re.sub(_ALONE.format(letter=named), number, text)
