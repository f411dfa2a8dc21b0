r"""Do two formulas have the same value, whatever their variables are? Asked at random points.

Two ways, and a formula is the same only if no way that applies says otherwise:

* modulo large primes, exactly: for formulas of rational operations. `x^{100000}` or `2^{100000000}` cost nothing there.
  Two different polynomials of degree d agree at a random point with probability at most d / 2^61 (Schwartz, Zippel).
* in complex floating point, at points of both signs: for roots, logarithms and the rest.

What is undefined at every point (a zero denominator) is equal to nothing.
"""

import cmath
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lemma_hf.grading.expression import Node
from lemma_hf.grading.rational import OutOfBoundsError, exact, whole

_PRIMES = ((1 << 61) - 1, (1 << 89) - 1)
_POINTS = 4
_CLOSE = 1e-10


class Same(StrEnum):
    """What was found about two formulas."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Point:
    """Where a formula is evaluated: a value for each variable."""

    floats: dict[str, complex]
    residues: dict[str, int]


def same_value(left: Node, right: Node) -> Same:
    """Whether two formulas agree at random points; UNKNOWN where they can be evaluated at none."""
    names = sorted(left.names() | right.names())
    exact = _same_modulo(left, right, names)
    if exact is Same.NO:
        return Same.NO
    floating = _same_in_floats(left, right, names)
    if exact is Same.YES:
        return Same.YES if floating is not Same.NO or names else Same.UNKNOWN
    return floating


def _points(names: list[str], positive: bool = False) -> list[_Point]:
    rng = random.Random("lemma" + ",".join(names))
    signs = [1, -1, 1, -1] if names else [1]
    if positive:
        signs = [1] * len(signs)
    return [
        _Point(
            {name: complex(sign * rng.uniform(0.3, 2.7)) for name in names},
            {name: rng.randrange(2, _PRIMES[0]) for name in names},
        )
        for sign in signs[:_POINTS]
    ]


def _same_modulo(left: Node, right: Node, names: list[str]) -> Same:
    found = Same.UNKNOWN
    for point, prime in zip(_points(names)[:1] * 2, _PRIMES, strict=True):
        try:
            if _residue(left, point.residues, prime) != _residue(right, point.residues, prime):
                return Same.NO
        except OutOfBoundsError:
            continue
        found = Same.YES
    return found


def _residue(node: Node, values: dict[str, int], prime: int) -> int:
    """The value of a formula of rational operations, modulo `prime`."""
    if node.op == "name":
        return values[node.name]
    if node.op == "pow":
        return _power_modulo(_residue(node.args[0], values, prime), whole(node.args[1]), prime)
    if node.op not in ("add", "neg", "mul", "div"):
        return _modulo_of_exact(node, prime)
    args = [_residue(arg, values, prime) for arg in node.args]
    match node.op:
        case "add":
            return sum(args) % prime
        case "neg":
            return -args[0] % prime
        case "mul":
            return args[0] * args[1] % prime
        case _:
            return args[0] * _inverse(args[1], prime) % prime


def _modulo_of_exact(node: Node, prime: int) -> int:
    value = exact(node)
    return value.numerator % prime * _inverse(value.denominator, prime) % prime


def _power_modulo(base: int, exponent: int, prime: int) -> int:
    if exponent < 0:
        return pow(_inverse(base, prime), -exponent, prime)
    if base == 0 and exponent == 0:
        raise OutOfBoundsError("0^0")
    return pow(base, exponent, prime)


def _inverse(value: int, prime: int) -> int:
    if value % prime == 0:
        raise OutOfBoundsError("division by zero")
    return pow(value, -1, prime)


def _same_in_floats(left: Node, right: Node, names: list[str]) -> Same:
    found = Same.UNKNOWN
    # The cube root of -8 is -2 at school and complex elsewhere: with such a root, only positive points are asked.
    for point in _points(names, positive=_has(left, "root") or _has(right, "root")):
        try:
            one, other = floating(left, point.floats), floating(right, point.floats)
        except (ArithmeticError, ValueError):
            continue
        if not (cmath.isfinite(one) and cmath.isfinite(other)):
            continue
        scale = max(abs(one), abs(other))
        if abs(one - other) > _CLOSE * max(scale, 1e-6 if scale < 1e-6 and names else scale):
            return Same.NO
        found = Same.YES
    return found


def _has(node: Node, op: str) -> bool:
    return node.op == op or any(_has(arg, op) for arg in node.args)


def floating(node: Node, values: dict[str, complex]) -> complex:
    """The value of a formula in complex floating point, on the principal branches.

    Raises:
        ArithmeticError: if it is undefined or overflows.
    """
    if node.op == "number":
        return complex(float(node.value or 0))
    if node.op == "name":
        return values[node.name]
    if node.op == "constant":
        return {"pi": complex(math.pi), "e": complex(math.e), "i": 1j}[node.name]
    args = [floating(arg, values) for arg in node.args]
    try:
        value = _FLOATING[node.op](*args)
    except KeyError:
        return complex(float(exact(node)))
    if abs(value) > 1e150:
        raise OutOfBoundsError("too large for floating point")
    return value


def _power(base: complex, exponent: complex) -> complex:
    if base == 0 and exponent.real <= 0:
        raise OutOfBoundsError("0 to a power that is not positive")
    return complex(base**exponent)


def _logarithm(value: complex, base: complex = complex(10)) -> complex:
    return cmath.log(value) / cmath.log(base)


def _root(value: complex, index: complex) -> complex:
    if value.imag == 0 and value.real < 0 and index.imag == 0 and index.real % 2 == 1:
        return complex(-((-value.real) ** (1 / index.real)))  # the school's cube root of -8 is -2
    return complex(value ** (1 / index))


def _step(rounding: Callable[[float], int]) -> Callable[[complex], complex]:
    def apply(value: complex) -> complex:
        if value.imag:
            raise OutOfBoundsError("rounding a complex number")
        return complex(rounding(value.real))

    return apply


_FLOATING: dict[str, Callable[..., complex]] = {
    "add": lambda *args: sum(args),
    "neg": lambda value: -value,
    "mul": lambda one, other: one * other,
    "div": lambda one, other: one / other,
    "pow": _power,
    "sqrt": cmath.sqrt,
    "root": _root,
    "abs": lambda value: complex(abs(value)),
    "floor": _step(math.floor),
    "ceil": _step(math.ceil),
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "cot": lambda value: 1 / cmath.tan(value),
    "sec": lambda value: 1 / cmath.cos(value),
    "csc": lambda value: 1 / cmath.sin(value),
    "arcsin": cmath.asin,
    "arccos": cmath.acos,
    "arctan": cmath.atan,
    "sinh": cmath.sinh,
    "cosh": cmath.cosh,
    "tanh": cmath.tanh,
    "exp": cmath.exp,
    "ln": cmath.log,
    "log": _logarithm,
    "log10": cmath.log10,
}


def proportion(left: Node, right: Node) -> float | None:
    """The real constant c with `left` = c × `right` at every point tried; None if there is none."""
    names = sorted(left.names() | right.names())
    ratios = []
    for point in _points(names):
        try:
            ratio = floating(left, point.floats) / floating(right, point.floats)
        except (ArithmeticError, ValueError):
            continue
        if not cmath.isfinite(ratio):
            continue
        ratios.append(ratio)
    if len(ratios) < min(2, len(_points(names))) or abs(ratios[0]) < _CLOSE:
        return None
    spread = max(abs(ratio - ratios[0]) for ratio in ratios)
    steady = spread <= _CLOSE * 100 * abs(ratios[0]) and abs(ratios[0].imag) <= _CLOSE * abs(ratios[0])
    return ratios[0].real if steady else None
