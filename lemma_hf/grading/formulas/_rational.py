"""The fraction that a formula without variables equals: exactly, or not at all where that would cost too much."""

import math
from collections.abc import Callable
from fractions import Fraction

from lemma_hf.grading.formulas._expression import Node

_MAX_EXPONENT = 10**12
"""Modulo a prime such a power takes 40 squarings; exact powers are bounded by their bits."""
_MAX_EXACT_BITS = 4_000
"""Some 1,200 digits, numerator and denominator together: more than `exact.read_number` reads."""


class EvaluationError(ArithmeticError):
    """A value that this way cannot hold: too large, undefined here, or not of its kind."""


def whole(node: Node) -> int:
    """The value of a formula as an exponent: whole, and not too large."""
    value = exact(node)
    if value.denominator != 1 or abs(value) > _MAX_EXPONENT:
        raise EvaluationError("an exponent that is not whole, or too large")
    return value.numerator


def exact(node: Node) -> Fraction:
    """The value of a formula without variables as a fraction.

    Raises:
        ArithmeticError: if it is irrational, undefined, or too large to be worth it.
    """
    if node.op == "number":
        return node.value or Fraction(0)
    if node.op == "pow":
        value = _exact_power(exact(node.args[0]), whole(node.args[1]))
    elif node.op in _EXACT:
        value = Fraction(_EXACT[node.op](*(exact(arg) for arg in node.args)))
    else:
        raise EvaluationError(node.op)
    if value.numerator.bit_length() + value.denominator.bit_length() > _MAX_EXACT_BITS:
        raise EvaluationError("too large")
    return value


def _exact_power(base: Fraction, exponent: int) -> Fraction:
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits * abs(exponent) > _MAX_EXACT_BITS or (base == 0 and exponent <= 0):
        raise EvaluationError("a power too large, or undefined")
    return base**exponent


def _exact_root(value: Fraction) -> Fraction:
    if value < 0:
        raise EvaluationError("an imaginary root")
    upper, lower = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if upper * upper != value.numerator or lower * lower != value.denominator:
        raise EvaluationError("an irrational root")
    return Fraction(upper, lower)


_MAX_FACTORIAL = 400
"""400! has 2,887 bits, so it is below `_MAX_EXACT_BITS`; `9999999!` would take minutes before it is refused there."""


def _small_whole(value: Fraction) -> int:
    if value.denominator != 1 or not 0 <= value <= _MAX_FACTORIAL:
        raise EvaluationError("a factorial too large, or of no whole number")
    return value.numerator


def _shared_denominator(args: tuple[Fraction, ...]) -> tuple[int, list[int]]:
    shared = math.lcm(*(arg.denominator for arg in args))
    return shared, [int(arg * shared) for arg in args]


def _largest_divisor(*args: Fraction) -> Fraction:
    shared, whole = _shared_denominator(args)
    return Fraction(math.gcd(*whole), shared)


def _smallest_multiple(*args: Fraction) -> Fraction:
    shared, whole = _shared_denominator(args)
    return Fraction(math.lcm(*whole), shared)


_EXACT: dict[str, Callable[..., Fraction | int]] = {
    "add": lambda *args: sum(args),
    "neg": lambda value: -value,
    "mul": lambda *args: math.prod(args),
    "div": lambda one, other: one / other,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": _exact_root,
    "mod": lambda value, modulus: value % modulus,
    "factorial": lambda value: math.factorial(_small_whole(value)),
    "double factorial": lambda value: math.prod(range(_small_whole(value), 0, -2)),
    "perm": lambda upper, lower: math.perm(_small_whole(upper), _small_whole(lower)),
    "binom": lambda upper, lower: math.comb(_small_whole(upper), _small_whole(lower)),
    "gcd": _largest_divisor,
    "lcm": _smallest_multiple,
    "max": lambda *args: max(args),
    "min": lambda *args: min(args),
}
