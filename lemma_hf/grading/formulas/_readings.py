r"""Second readings of a formula, each tried only where the first one cannot be what is meant.

* `C_5^2` are combinations where the other formula knows no `C_5`; so are `5C_2` and `5C2`.
* An angle in degrees is one in radians where the other formula writes it with pi or as an arc: `60^\circ` and
  `\frac{\pi}{3}`. Beside a plain number the degree sign is a unit that may be left out.
* An arbitrary constant has any name, and a sum with one is the same with any number added: `\ln|2x|+C` is `\ln|x|+K`.
"""

from itertools import permutations

from lemma_hf.grading.formulas._expression import CALCULUS, Node, ParseError, in_degrees, number, parse, renamed
from lemma_hf.grading.formulas._probe import Same, difference_is_constant, same_value
from lemma_hf.grading.quantities._quantity import Quantity, read_quantity

_COUNTS = {"C": "binom", "P": "perm", "A": "perm"}
_PLAIN_CONSTANTS = frozenset("ABCKck")
_MAX_CONSTANTS = 3
"""Three have six orders; no answer solves an equation of higher order."""


def same_by_second_reading(left: Node, right: Node) -> Same:
    """Whether two formulas that differ as written agree as combinations, or but for an arbitrary constant."""
    counted = as_combinations(left, right), as_combinations(right, left)
    if counted != (left, right):
        return same_value(*counted)
    return Same.YES if _same_but_for_constants(left, right) else Same.NO


def same_angle(answer: str, reference: str) -> bool:
    r"""Whether one is an angle in degrees and the other the same one in radians, with pi or as an arc.

    Example:
        >>> same_angle(r"60^\circ", r"\frac{\pi}{3}"), same_angle(r"90^\circ", "90")
        (True, False)
    """
    if "\\circ" not in answer + reference and "degree" not in answer + reference:
        return False
    one, other = read_quantity(answer), read_quantity(reference)
    if one.unit == "degree" != other.unit:
        return _is_angle_in_radians(one, other)
    return other.unit == "degree" != one.unit and _is_angle_in_radians(other, one)


def is_calculation(text: str, result: str) -> bool:
    r"""Whether an equation may be a calculation: `\log_2 8 = 3`, `\int 2x\,dx = x^2+C`; not `x^2+1 = 5`."""
    try:
        formula, other = parse(text), parse(result)
    except (ParseError, RecursionError):
        return False
    formula = as_combinations(formula, other)
    return (
        not formula.names()
        or same_value(formula, other) is Same.YES
        or any(node.op in CALCULUS for node in formula.walk())
    )


def _is_angle_in_radians(degrees: Quantity, radians: Quantity) -> bool:
    if radians.unit not in (None, "radian", "rad"):
        return False
    try:
        angle, other = parse(degrees.value), parse(radians.value)
    except (ParseError, RecursionError):
        return False
    if not any(node.name == "pi" or node.op.startswith("arc") for node in other.walk()):
        return False
    return same_value(in_degrees(angle), other) is Same.YES


def as_combinations(formula: Node, other: Node) -> Node:
    """`formula` with combinations for the powers of `C_n` that the `other` formula does not know."""
    unknown = {name for name in formula.names() - other.names() if name[0] in _COUNTS and name[1:2] in ("_", "")}
    return _counted(formula, unknown) if unknown else formula


def _counted(node: Node, unknown: set[str]) -> Node:
    if node.op == "pow" and node.args[0].name in unknown and node.args[0].name[1:]:
        among, chosen = _index(node.args[0].name), node.args[1]
        values = among.value, chosen.value
        if values[0] is not None and values[1] is not None and values[0] < values[1]:
            among, chosen = chosen, among  # whichever way round the indices stand, the larger is the set
        return Node(_COUNTS[node.args[0].name[0]], (among, chosen))
    if node.op == "mul" and (short := _spoken(node.args, unknown)):
        return short
    args = tuple(_counted(arg, unknown) for arg in node.args)
    return node if args == node.args else Node(node.op, args, node.value, node.name)


def _spoken(factors: tuple[Node, ...], unknown: set[str]) -> Node | None:
    """`5C_2`, `5C2` and `nC2`."""
    if not (factors[0].op == "number" or factors[0].name in ("n", "m")) or factors[1].name not in unknown:
        return None
    letter = factors[1].name
    if len(factors) == 2 and letter[1:]:
        return Node(_COUNTS[letter[0]], (factors[0], _index(letter)))
    if len(factors) == 3 and not letter[1:] and factors[2].op == "number":
        return Node(_COUNTS[letter], (factors[0], factors[2]))
    return None


def _index(name: str) -> Node:
    try:
        return parse(name[2:])
    except ParseError:
        return Node("name", name=name)


def _same_but_for_constants(left: Node, right: Node) -> bool:
    ours, theirs = left.names(), right.names()
    only_ours, only_theirs = _constants(ours - theirs), _constants(theirs - ours)
    shared = ours & theirs
    # A variable that both know makes a family of functions of them; `A` and `B` alone are two things.
    if not any(name[:1].islower() and name not in _constants(shared) for name in shared):
        return False
    if ours - set(only_ours) != theirs - set(only_theirs) or any(
        len(name) == 1 and name.isupper() for name in shared - {"C", "K"}
    ):
        return False
    if not only_ours and not only_theirs:
        return _same_with_own_constants(left, right, _constants(shared))
    if len(only_ours) != len(only_theirs) or len(only_ours) > _MAX_CONSTANTS or _constants(shared):
        return False
    return any(_same_renamed(left, right, only_ours, order) for order in permutations(only_theirs))


def _same_with_own_constants(left: Node, right: Node, constants: list[str]) -> bool:
    """Whether formulas with the same constants differ by a number beside one, or by the order of `c_1` and `c_2`."""
    if len(constants) == 1:
        return _is_free(constants[0]) and _same_but_for_shift(left, right, constants[0])
    if not 2 <= len(constants) <= _MAX_CONSTANTS or not all("_" in name for name in constants):
        return False
    orders = list(permutations(constants))[1:]
    return any(
        same_value(left, renamed(right, dict(zip(constants, order, strict=True)))) is Same.YES for order in orders
    )


def _same_renamed(left: Node, right: Node, mine: list[str], yours: tuple[str, ...]) -> bool:
    pairs = list(zip(yours, mine, strict=True))
    if not all(_is_free(one) or _is_free(other) for one, other in pairs):
        return False
    # A small "c" is a side, a speed or an intercept, but for one that is only added: `x^2 + c`.
    if any(name == "c" and not _adds(left if name in mine else right, name) for pair in pairs for name in pair):
        return False
    theirs = renamed(right, dict(pairs))
    if same_value(left, theirs) is Same.YES:
        return True
    return len(mine) == 1 and _same_but_for_shift(left, theirs, mine[0])


def _is_free(constant: str) -> bool:
    """Whether a name is that of an arbitrary constant before all else."""
    return constant in ("C", "K") or "_" in constant


def _same_but_for_shift(left: Node, right: Node, constant: str) -> bool:
    """Whether both add the constant to something, and these two differ by a number."""
    if not all(_adds(formula, constant) for formula in (left, right)):
        return False
    return difference_is_constant(_without(left, constant), _without(right, constant))


def _adds(formula: Node, constant: str) -> bool:
    """Whether a formula is a sum with the constant as one of its terms and nowhere else."""
    if formula.op != "add":
        return False
    places = [index for index, term in enumerate(formula.args) if constant in term.names()]
    return len(places) == 1 and formula.args[places[0]].name == constant


def _without(formula: Node, constant: str) -> Node:
    return _replaced(formula, constant, number(0))


def _constants(names: set[str]) -> list[str]:
    """The names of a formula that may be arbitrary constants: `C`, `K`, `c_1`."""
    return sorted(
        name for name in names if name in _PLAIN_CONSTANTS or (name[:2] in ("C_", "c_") and name[2:].isdigit())
    )


def _replaced(node: Node, name: str, value: Node) -> Node:
    if node.op == "name":
        return value if node.name == name else node
    return Node(node.op, tuple(_replaced(arg, name, value) for arg in node.args), node.value, node.name)
