"""Equality of formulas with integrals, sums, products, limits or derivatives: a parsed formula as an object of sympy.

Runs in a worker process only, as all of sympy does: it may take any time and any memory.
"""

from collections.abc import Callable
from typing import Any

from lemma_hf.grading.formulas._expression import CALCULUS, Node, number
from lemma_hf.grading.formulas._probe import Same
from lemma_hf.grading.formulas._rational import EvaluationError

_WHOLE = (3, 4, 6)
"""What a variable is that bounds a sum: it counts terms, so it is no fraction; the sum is then written out."""


def has_calculus(node: Node) -> bool:
    """Whether a formula has a part that only computer algebra carries out."""
    return any(part.op in CALCULUS for part in node.walk())


def same_formulas(left: Node, right: Node, compare: Callable[[Any, Any], Same]) -> Same:
    """Whether two formulas are the same once all is carried out; `compare` compares two expressions of sympy."""
    counts = _counts(left) | _counts(right)
    if counts:
        verdicts = [_same_at(dict.fromkeys(counts, value), left, right, compare) for value in _WHOLE]
        return Same.NO if Same.NO in verdicts else Same.UNKNOWN if Same.UNKNOWN in verdicts else Same.YES
    variable = _variable_of_antiderivative(left) or _variable_of_antiderivative(right)
    one, other = _expression(left).doit(), _expression(right).doit()
    if variable:  # of two antiderivatives only the derivatives are the same
        return compare(one.diff(_symbol(variable)), other.diff(_symbol(variable)))
    return compare(one, other)


def _same_at(values: dict[str, int], left: Node, right: Node, compare: Callable[[Any, Any], Same]) -> Same:
    return compare(_expression(_at(left, values)).doit(), _expression(_at(right, values)).doit())


def _counts(formula: Node) -> set[str]:
    """The variables in the bounds of sums and products."""
    names: set[str] = set()
    for node in formula.walk():
        if node.op in ("sum", "product"):
            names.update(*(bound.names() for bound in node.args[1:]))
    return names & formula.names()


def _at(node: Node, values: dict[str, int]) -> Node:
    if node.op == "name":
        return number(values[node.name]) if node.name in values else node
    return Node(node.op, tuple(_at(arg, values) for arg in node.args), node.value, node.name)


def _variable_of_antiderivative(formula: Node) -> str | None:
    found = [node.name for node in formula.walk() if node.op == "integral" and len(node.args) == 1]
    return found[0] if found else None


def _symbol(name: str) -> Any:
    """A real variable: the derivative of its modulus is then a number."""
    import sympy

    return sympy.Symbol(name, real=True)


def _expression(node: Node) -> Any:
    import sympy

    if node.op == "number":
        value = node.value or 0
        return sympy.Rational(value.numerator, value.denominator)
    if node.op == "name":
        return _symbol(node.name)
    if node.op == "constant":
        return {"pi": sympy.pi, "e": sympy.E, "i": sympy.I, "infinity": sympy.oo}[node.name]
    args = [_expression(arg) for arg in node.args]
    if node.op in CALCULUS:
        return _carried_out(node, args)
    if node.op not in _BUILDERS:
        raise EvaluationError(node.op)
    build = _BUILDERS[node.op]
    return getattr(sympy, build)(*args) if isinstance(build, str) else build(*args)


def _carried_out(node: Node, args: list[Any]) -> Any:
    import sympy

    variable = _symbol(node.name)
    body, *bounds = args
    match node.op:
        case "integral":
            return sympy.Integral(body, (variable, *bounds))
        case "sum":
            return sympy.Sum(body, (variable, *bounds))
        case "product":
            return sympy.Product(body, (variable, *bounds))
        case "limit":
            return sympy.limit(body, variable, bounds[0], "-" if bounds[1] < 0 else "+")
        case _:
            return sympy.Derivative(body, (variable, bounds[0]))


def _logarithm(value: Any, base: Any) -> Any:
    import sympy

    return sympy.log(value, base)


_BUILDERS: dict[str, str | Callable[..., Any]] = {
    "add": "Add",
    "neg": lambda value: -value,
    "mul": "Mul",
    "div": lambda upper, lower: upper / lower,
    "pow": "Pow",
    "sqrt": "sqrt",
    "root": lambda value, index: value ** (1 / index),
    "abs": "Abs",
    "floor": "floor",
    "ceil": "ceiling",
    "factorial": "factorial",
    "double factorial": "factorial2",
    "binom": "binomial",
    "perm": "ff",
    "max": "Max",
    "min": "Min",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "cot": "cot",
    "sec": "sec",
    "csc": "csc",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
    "exp": "exp",
    "ln": "log",
    "log": lambda value, base=10: _logarithm(value, base),
    "log10": lambda value: _logarithm(value, 10),
}
