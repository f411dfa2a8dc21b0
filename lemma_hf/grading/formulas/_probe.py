r"""Equality of two formulas for all values of their variables, tested at random points.

Two ways, and a formula is the same only if no way that applies says otherwise:

* modulo large primes, exactly: for formulas of rational operations. `x^{100000}` or `2^{100000000}` cost nothing there.
  Two different polynomials of degree d agree at a random point with probability at most d / 2^61 (Schwartz, Zippel).
* in complex floating point, at points of both signs: for roots, logarithms and the rest.

What is undefined at every point (a zero denominator) is equal to nothing. The points are the same in each run.
"""

import cmath
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lemma_hf.grading.formulas._expression import CALCULUS, Node
from lemma_hf.grading.formulas._rational import EvaluationError, exact, whole

_PRIMES = ((1 << 61) - 2373, (1 << 89) - 3285)
"""Two, since a denominator may vanish modulo one of them. Safe primes: powers of a number return to 1 only after about
2^60 steps. Modulo the Mersenne prime beside the first they do so after 61: 2^100 would be 2^39."""
_POINTS = 4
"""Two of each sign: that one value of two different formulas agrees by chance is rare enough already."""
_CLOSE = 1e-10
"""In proportion. A double carries 16 digits, of which sums that cancel lose some."""


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
    ops = {node.op for formula in (left, right) for node in formula.walk()}
    if ops & CALCULUS:
        return Same.UNKNOWN
    exact = _same_modulo(left, right, names)
    if exact is Same.NO:
        return Same.NO
    floating = _same_in_floats(left, right, names, positive=bool(ops & _ONLY_POSITIVE))
    if exact is Same.YES:
        return Same.YES if floating is not Same.NO or names else Same.UNKNOWN
    return floating


def _points(names: list[str], positive: bool = False) -> list[_Point]:
    rng = random.Random("lemma" + ",".join(names))
    signs = [1, -1, 1, -1] if names else [1]
    if positive:
        signs = [1] * len(signs)
    # Near 1, so that powers neither vanish nor overflow; not near 0, where quotients have their poles.
    return [
        _Point(
            {name: complex(sign * rng.uniform(0.3, 2.7)) for name in names},
            {name: rng.randrange(2, _PRIMES[0]) for name in names},
        )
        for sign in signs[:_POINTS]
    ]


_ONLY_POSITIVE = {"root", "factorial", "binom", "perm"}
"""The cube root of -8 is -2 at school and complex elsewhere, and factorials have poles: asked at positive points."""


def _same_modulo(left: Node, right: Node, names: list[str]) -> Same:
    found = Same.UNKNOWN
    for point, prime in zip(_points(names)[:1] * 2, _PRIMES, strict=True):
        try:
            if _residue(left, point.residues, prime) != _residue(right, point.residues, prime):
                return Same.NO
        except EvaluationError:
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
            return _product_modulo(args, prime)
        case _:
            return args[0] * _inverse(args[1], prime) % prime


def _product_modulo(factors: list[int], prime: int) -> int:
    value = 1
    for factor in factors:
        value = value * factor % prime
    return value


def _modulo_of_exact(node: Node, prime: int) -> int:
    value = exact(node)
    return value.numerator % prime * _inverse(value.denominator, prime) % prime


def _power_modulo(base: int, exponent: int, prime: int) -> int:
    if exponent < 0:
        return pow(_inverse(base, prime), -exponent, prime)
    if base == 0 and exponent == 0:
        raise EvaluationError("0^0")
    return pow(base, exponent, prime)


def _inverse(value: int, prime: int) -> int:
    if value % prime == 0:
        raise EvaluationError("division by zero")
    return pow(value, -1, prime)


def _same_in_floats(left: Node, right: Node, names: list[str], positive: bool) -> Same:
    found = Same.UNKNOWN
    for point in _points(names, positive):
        try:
            one, other = floating(left, point.floats), floating(right, point.floats)
        except (ArithmeticError, ValueError):
            continue
        if not (cmath.isfinite(one) and cmath.isfinite(other)):
            continue
        if _close(one, other, bool(names)) or (not names and _cancels(left) and _cancels(right)):
            found = Same.YES
        elif not (_is_negative(point) and _is_imaginary(one) and _is_imaginary(other)) or _knows_i(left, right):
            return Same.NO
    return found


_NOISE = 1e-14
"""What is left of values of size 1 that cancel: some units of the last of a double's 16 digits."""


def _cancels(node: Node) -> bool:
    r"""Whether a formula without variables is 0 but for rounding: `\cos 90^\circ`, `e^{i\pi}+1`; `e^{-50}` is not."""
    value = abs(floating(node, {}))
    if value == 0 or value > 1e-7:  # the root of what is left of 1 is about 1e-8
        return value == 0
    match node.op:
        case "add" | "sin" | "cos" | "tan" | "cot" | "ln" | "log" | "log10":
            return value <= _NOISE * max(1.0, *(abs(floating(arg, {})) for arg in node.args))
        case "mul" | "neg" | "abs" | "sqrt":
            return any(_cancels(arg) for arg in node.args)
        case "div" | "pow":
            return _cancels(node.args[0])
        case _:
            return False


def _is_negative(point: _Point) -> bool:
    return any(value.real < 0 for value in point.floats.values())


def _is_imaginary(value: complex) -> bool:
    return abs(value.imag) > _CLOSE * abs(value.real)


def _knows_i(left: Node, right: Node) -> bool:
    r"""Whether complex numbers are meant: else, `\sqrt{1/n}` and `1/\sqrt{n}` need not agree where neither is real."""
    return any(node.name == "i" and node.op == "constant" for formula in (left, right) for node in formula.walk())


def _close(one: complex, other: complex, has_names: bool) -> bool:
    scale = max(abs(one), abs(other))
    # What cancels to nearly 0 (below 1e-6) at a point is compared as if it were 1e-6: the rest is rounding.
    return abs(one - other) <= _CLOSE * max(scale, 1e-6 if scale < 1e-6 and has_names else scale)


def _value_or_none(node: Node, values: dict[str, complex]) -> complex | None:
    try:
        value = floating(node, values)
    except (ArithmeticError, ValueError):
        return None
    return value if cmath.isfinite(value) else None


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
    if node.op not in _FLOATING:
        return complex(float(exact(node)))
    value = _FLOATING[node.op](*[floating(arg, values) for arg in node.args])
    if abs(value) > 1e150:  # the square of more overflows a double, which ends at 1e308
        raise EvaluationError("too large for floating point")
    return value + 0j  # -0.0 becomes 0.0: by its sign, the root of -4 would be -2i


def _real(value: complex) -> float:
    if abs(value.imag) > _CLOSE * abs(value.real):
        raise EvaluationError("a complex number where a real one belongs")
    return value.real


def _power(base: complex, exponent: complex) -> complex:
    if base == 0 and exponent.real <= 0:
        raise EvaluationError("0 to a power that is not positive")
    return complex(base**exponent)


def _product(*factors: complex) -> complex:
    value = complex(1)
    for factor in factors:
        value *= factor
    return value


def _gamma(value: complex) -> float:
    return math.gamma(_real(value) + 1)


def _binomial(upper: complex, lower: complex) -> complex:
    return complex(_gamma(upper) / _gamma(lower) / _gamma(upper - lower))


def _logarithm(value: complex, base: complex = complex(10)) -> complex:
    return cmath.log(value) / cmath.log(base)


def _root(value: complex, index: complex) -> complex:
    if value.imag == 0 and value.real < 0 and index.imag == 0 and index.real % 2 == 1:
        return complex(-((-value.real) ** (1 / index.real)))  # the school's cube root of -8 is -2
    return complex(value ** (1 / index))


def _step(rounding: Callable[[float], int]) -> Callable[[complex], complex]:
    def apply(value: complex) -> complex:
        if value.imag:
            raise EvaluationError("rounding a complex number")
        return complex(rounding(value.real))

    return apply


_FLOATING: dict[str, Callable[..., complex]] = {
    "add": lambda *args: sum(args),
    "neg": lambda value: -value,
    "mul": _product,
    "div": lambda one, other: one / other,
    "pow": _power,
    "sqrt": cmath.sqrt,
    "root": _root,
    "abs": lambda value: complex(abs(value)),
    "factorial": lambda value: complex(_gamma(value)),
    "binom": _binomial,
    "perm": lambda upper, lower: complex(_gamma(upper) / _gamma(upper - lower)),
    "max": lambda *args: complex(max(map(_real, args))),
    "min": lambda *args: complex(min(map(_real, args))),
    "sgn": lambda value: complex((_real(value) > 0) - (_real(value) < 0)),
    "cis": lambda value: cmath.exp(1j * value),
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
    "arccot": lambda value: math.pi / 2 - cmath.atan(value),  # between 0 and pi, as ISO 80000-2 has it
    "arcsec": lambda value: cmath.acos(1 / value),
    "arccsc": lambda value: cmath.asin(1 / value),
    "arsinh": cmath.asinh,
    "arcosh": cmath.acosh,
    "artanh": cmath.atanh,
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
    # 100: a quotient of two values, each with its own rounding, loses more digits than one value.
    steady = spread <= _CLOSE * 100 * abs(ratios[0]) and abs(ratios[0].imag) <= _CLOSE * abs(ratios[0])
    return ratios[0].real if steady else None


def difference_is_constant(left: Node, right: Node) -> bool:
    """Whether two formulas differ by one and the same number at every point tried, of which there are two at least."""
    names = sorted(left.names() | right.names())
    gaps = []
    for point in _points(names):
        one, other = _value_or_none(left, point.floats), _value_or_none(right, point.floats)
        if one is not None and other is not None:
            gaps.append((one - other, max(abs(one), abs(other), 1.0)))
    # Real numbers only: beside ln(x), ln(-x) differs by a multiple of pi i at points of one sign.
    return len(gaps) > 1 and all(
        abs(gap - gaps[0][0]) <= _CLOSE * scale and abs(gap.imag) <= _CLOSE * scale for gap, scale in gaps
    )
