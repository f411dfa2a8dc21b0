r"""Equality by computer algebra, the last layer: integrals, sums, limits, matrices, sets.

Runs in a worker process only, for sympy may take any time and any memory. Formulas are read by `latex2sympy2_extended`,
never by `sympify` or `parse_expr`, which evaluate text as Python. `worth_asking` keeps out what cannot end well, and
needs no sympy.
"""

import re
from typing import Any

from lemma_hf.grading._structure import nesting
from lemma_hf.grading.formulas._algebra import has_calculus, same_formulas
from lemma_hf.grading.formulas._expression import INFINITY, Node, ParseError, parse
from lemma_hf.grading.formulas._probe import Same

_MAX_CHARS = 600
"""The grammar of latex2sympy takes seconds for longer formulas, which then are late in any case."""
_MAX_DEPTH = 24
"""Brackets in brackets; the grammar recurses many times for each, and its time grows with them."""
_LONG_NUMBER = re.compile(r"\d{61,}")  # "1000000000000000000000000000000000000000000000000000000000000"
"""Sixty digits hold all numbers of answers; longer ones come from texts that want arithmetic to take long."""
# "2^{10000}"  "2^10000"  "x^{2^n}"  "9^{9^9}"  "2^{n!}"  "3^{5 \cdot n}"  "2^n^2"
_BIG_EXPONENT = re.compile(
    r"\^\s*(?:\{\s*[-+]?\d{4,}|[-+]?\d{4,}|\{[^{}]*\d\s*\^|\{[^{}]*\^\s*\{?\s*[A-Za-z\\]|\{[^{}]*!|\{\s*\(?\d+\)?\s*\\cdot)|\^\s*\w+\s*\^"
)
"""Four digits, or a tower of numbers."""
_BIG_FACTORIAL = re.compile(r"\d{4,}\s*\)?\s*!|!\s*!")  # "(5000)!"  "3!!"
_BIG_BOUND = re.compile(r"\\(?:sum|prod)(?![A-Za-z]).{0,60}\^\s*\{?\s*\d{5,}")  # "\sum_{k=1}^{100000} k"
"""Terms are added one by one, where no closed form is found. Sixty signs hold the lower bound."""
_HIGH_DERIVATIVE = re.compile(r"\{\s*d\s*\^\s*\{?\s*\d\d")  # "\frac{d^{10}}{dx^{10}}"
# "__import__"  "a@b"  "eval("  "import os"  "lambda"  "[invalid"
_NO_MATHS = re.compile(r"__|[`~@#\"?$]|[A-Za-z]{4,}\s*\(|import|lambda|\[invalid")
_COMMAND = re.compile(r"\\[A-Za-z]+")  # "\int"
_PROSE = re.compile(r"[A-Za-z]{4,}|(?:[A-Za-z]{2,}\s+){2,}")  # "even"  "it is so"


def worth_asking(text: str) -> bool:
    """Whether a formula is small enough, and enough of a formula, to be given to computer algebra."""
    if not text or len(text) > _MAX_CHARS or _LONG_NUMBER.search(text) or _NO_MATHS.search(text):
        return False
    if any(costly.search(text) for costly in (_BIG_EXPONENT, _BIG_FACTORIAL, _BIG_BOUND, _HIGH_DERIVATIVE)):
        return False
    # 60 cells: a matrix of 8 × 8 has 56 signs; the product of larger ones takes too long
    return nesting(text) <= _MAX_DEPTH and text.count("&") <= 60 and not _PROSE.search(_without_commands(text))


def _without_commands(text: str) -> str:
    # "\begin{pmatrix}"  "\text{ if }"  "\operatorname{adj}"
    text = re.sub(r"\\(?:begin|end|text|operatorname)\s*\{[^{}]*\}", " ", text)
    if "\\int" in text:
        text = re.sub(r"\bd ?[a-z]\b", " ", text)  # "dx"
    return _COMMAND.sub(" ", text)


def symbolic_same(answer: str, reference: str) -> Same:
    """Whether computer algebra finds two formulas equal; UNKNOWN where it cannot read or decide them.

    Needs sympy, takes any time: call it in a worker.
    """
    from latex2sympy2_extended import latex2sympy

    if not (worth_asking(answer) and worth_asking(reference)):
        return Same.UNKNOWN
    try:
        if (same := _same_by_own_reading(answer, reference)) is not None:
            return same
        left, right = latex2sympy(answer), latex2sympy(reference)
        return Same.YES if left == right else _same_objects(left, right)
    except RecursionError:
        return Same.UNKNOWN
    except Exception:  # the parser of a hostile text raises anything, and each means the same: not decided
        return Same.UNKNOWN


def _formula(text: str) -> Node:
    """A formula, or the infinity that a limit may come to."""
    sign = text.strip().removesuffix("\\infty")
    if sign in ("", "+", "-") and text.strip() != sign:
        return Node("neg", (INFINITY,)) if sign == "-" else INFINITY
    return parse(text)


def _same_by_own_reading(answer: str, reference: str) -> Same | None:
    """The verdict on formulas of which one has an integral, sum or limit, where this package's parser reads both."""
    try:
        left, right = _formula(answer), _formula(reference)
    except ParseError:
        return None
    if not (has_calculus(left) or has_calculus(right)):
        return None
    return same_formulas(left, right, _same_expressions)


def _same_objects(left: Any, right: Any) -> Same:
    import sympy

    left, right = _done(left), _done(right)
    if left == right:
        return Same.YES
    if isinstance(left, sympy.MatrixBase) and isinstance(right, sympy.MatrixBase):
        if left.shape != right.shape:
            return Same.NO
        return _all_same([_same_expressions(one, other) for one, other in zip(left, right, strict=True)])
    if isinstance(left, sympy.Expr) and isinstance(right, sympy.Expr):
        return _same_expressions(left, right)
    if isinstance(left, sympy.Set) and isinstance(right, sympy.Set):
        return Same.YES if left.symmetric_difference(right) is sympy.S.EmptySet else Same.NO
    if isinstance(left, tuple | sympy.Tuple) and isinstance(right, tuple | sympy.Tuple):
        if len(left) != len(right):
            return Same.NO
        return _all_same([_same_objects(one, other) for one, other in zip(left, right, strict=True)])
    if isinstance(left, sympy.core.relational.Relational) and type(left) is type(right):
        return _same_expressions(left.lhs - left.rhs, right.lhs - right.rhs)
    return Same.NO


def _done(value: Any) -> Any:
    """Integrals, sums and products of matrices carried out."""
    import sympy

    if isinstance(value, sympy.MatrixExpr):
        return value.doit().as_explicit()
    return value.doit() if isinstance(value, sympy.Basic) else value


def _all_same(found: list[Same]) -> Same:
    return Same.NO if Same.NO in found else Same.UNKNOWN if Same.UNKNOWN in found else Same.YES


def _same_expressions(left: Any, right: Any) -> Same:
    """First at points, in thirty digits; then, if no point can be evaluated, by simplifying the difference."""
    import sympy

    if left == right:  # infinity too, less which it is no number
        return Same.YES
    difference = left - right
    if difference == 0:
        return Same.YES
    symbols = sorted(difference.free_symbols, key=str)
    # Three points without a pattern in common: one may lie on a pole, or where two formulas meet by chance.
    decided = [_zero_at(difference, left, symbols, start) for start in (1, 5, 11)]
    known = [zero for zero in decided if zero is not None]
    if known:
        return Same.YES if all(known) else Same.NO
    return Same.YES if sympy.simplify(difference) == 0 else Same.NO


def _zero_at(difference: Any, scale: Any, symbols: list[Any], start: int) -> bool | None:
    import sympy

    # Sevenths: exact, another for each variable, and no zero of the usual formulas.
    point = {symbol: sympy.Rational(2 * start + 3 * index + 1, 7) for index, symbol in enumerate(symbols)}
    value, size = difference.subs(point).evalf(30), scale.subs(point).evalf(30)
    if not (value.is_number and size.is_number and value.is_finite and size.is_finite):
        return None
    # Of thirty digits, twelve: what integrals and sums are evaluated to numerically holds no more.
    return bool(abs(value) <= sympy.Float("1e-12") * max(abs(size), sympy.Float("1e-12")))
