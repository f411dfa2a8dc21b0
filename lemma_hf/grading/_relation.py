r"""Equations and inequalities, and when two of them say the same.

`x = 5` compared with `5` is the value of a named thing; `2x+4y=6` and `y=-x/2+3/2` have the same solutions if one is a
multiple of the other; `5 < x` and `(5, \infty)` are one set.
"""

import re

from lemma_hf.grading._structure import ParsedAnswer
from lemma_hf.grading._work import Work
from lemma_hf.grading.formulas._expression import Node, renamed
from lemma_hf.grading.formulas._probe import Same
from lemma_hf.grading.quantities._exact import read_number

_EQUAL = frozenset(("=", "\\approx", "\\equiv", "\\in"))
_FLIPPED = {"<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le", "=": "=", "\\ne": "\\ne"}
_NAME = re.compile(r"[A-Za-z]|\\[a-z]+|[A-Za-z]_\{?\w+\}?")  # "x"  "\theta"  "x_{12}"
_MODULUS = re.compile(r"\|\s*[A-Za-z]\s*\|")  # "|x|"
_AMOUNT = re.compile(r"[-\\$]*\d[\d,.]*\s*(?:\\text|[A-Za-z]{2,}|$)")  # "\$1,218"  "5 apples"  "12\text{ cm}"
_OF_ARGUMENT = re.compile(r"(\\?[A-Za-z]+'?)\s*\(\s*\\?([A-Za-z]+)\s*\)")  # "f(x)"  "y(t)"
# "P(X>2)"  "\Pr[A]"  "E[X^2]"  "\sigma^2"  "Var(X)"  "\chi^2"  "R^2"
_STATISTIC = re.compile(
    r"\\?(?:P|Pr|E|Var|Cov|SD|Corr)\s*[(\[].{0,60}[)\]]|(?:\\sigma|\\chi|R|s)\s*(?:_\{?\w\}?)?\^\{?2\}?"
)
"""What names a number although signs of operations stand in it."""
_COMMAND = re.compile(r"\\[a-z]+")  # "\pi"
_CALL = re.compile(r"\\?[A-Za-z]+'*(?:_\{?\w+\}?)?\s*(?:\(.*\))?")  # "A"  "f(x)"  "\theta"
_OPERATOR = re.compile(r"[-+^*]|(?<![_{,\w])\d")  # "x+1"  "2x"  but not the index of "x_1"
# "x \equiv 3 \pmod{7}"  "3 (mod 7)"  "x \equiv 3 \bmod 7"
_CONGRUENCE = re.compile(
    r"(?:([^=]{1,60}?)\s*(?:\\equiv|=))?\s*([^=]{1,200}?)\s*(?:(\\pmod|\(\s*(?:\\text\s*\{\s*mod\s*\}|\\b?mod|mod))|\\b?mod|mod|\\text\s*\{\s*mod\s*\})"
    r"(?![A-Za-z])\s*\{?\s*([^{}()=]{1,60})\}?\s*\)?"
)
_MAX_CONGRUENCE = 400
"""Signs; the parts of the expression above take up to 320 of them."""
_MAX_CHAIN = 6
"""Sides of a chain of equations; each is compared with each."""


def bare_value(relation: ParsedAnswer) -> str | None:
    r"""What a relation says its named left side is: `5` of `x = 5`, `[0,1]` of `x \in [0,1]`; None if it names nothing.

    A chain counts as its last link, and what only approximates that is left out: `x = 2/6 = 1/3 \approx 0.33` is `1/3`.
    """
    signs = relation.mark.split()
    if not set(signs) <= _EQUAL:
        return None
    parts = list(relation.parts)
    while signs and signs[-1] == "\\approx" and (len(parts) > 2 or not _NAME.fullmatch(parts[0] or "x")):
        if len(parts) == 2 and not _are_near(*parts):
            return None
        signs.pop()
        parts.pop()
    if len(parts) == 1 or not parts[0] or _names_something(parts[0]):
        return parts[-1] or None
    # "x"
    if not re.search("[A-Za-z]", parts[0]) and _AMOUNT.match(parts[-1]):
        return parts[-1]
    return parts[-1] if len(parts) > 2 else None


def _are_near(value: str, rounded: str) -> bool:
    r"""Whether a number may be what another one is about: `3.14 \approx 3`, while `3 \approx 4` says two things."""
    one, other = read_number(value), read_number(rounded)
    # A tenth: a number rounded to two digits is never further off, and to one digit seldom.
    return not (one and other) or abs(one.value - other.value) * 10 <= max(abs(one.value), abs(other.value))


def _names_something(text: str) -> bool:
    if re.search("[A-Za-z]", text) is not None and not _OPERATOR.search(text):  # "f(x)"
        return True
    return len(text) <= 80 and _STATISTIC.fullmatch(text.strip()) is not None  # 80: what the expression takes


def as_interval(relation: ParsedAnswer) -> str | None:
    r"""The interval of `a < x \le b`, `x > a` or `|x| < a`; None where the relation is no such set."""
    signs, parts = relation.mark.split(), relation.parts
    if not set(signs) <= {"<", ">", "\\le", "\\ge"}:
        return None
    if signs[0] in (">", "\\ge"):
        signs, parts = [_FLIPPED[sign] for sign in reversed(signs)], tuple(reversed(parts))
    if not set(signs) <= {"<", "\\le"}:
        return None
    is_low = len(parts) == 2 and _is_bound(parts[0], parts[1], relation)
    closed = [sign == "\\le" for sign in signs]
    if any(_MODULUS.fullmatch(part.strip()) for part in parts):
        return _around_zero(parts, closed)
    if len(parts) == 3 and _NAME.fullmatch(parts[1].strip()):
        return f"{'[' if closed[0] else '('}{parts[0]},{parts[2]}{']' if closed[1] else ')'}"
    if len(parts) == 2 and _NAME.fullmatch(parts[0].strip()) and not is_low:
        return f"(-\\infty,{parts[1]}{']' if closed[0] else ')'}"
    if len(parts) == 2 and _NAME.fullmatch(parts[1].strip()):
        return f"{'[' if closed[0] else '('}{parts[0]},\\infty)"
    return None


def _is_bound(low: str, high: str, relation: ParsedAnswer) -> bool:
    """Whether of two names the lower is the bound: the other one is a usual variable, or stands first."""
    if not (_NAME.fullmatch(low.strip()) and _NAME.fullmatch(high.strip())):
        return False
    usual = [name.strip() in "xyzt" for name in (low, high)]
    return usual[1] if any(usual) and not all(usual) else relation.parts[0] == high


def _around_zero(parts: tuple[str, ...], closed: list[bool]) -> str | None:
    r"""The real numbers with a bounded modulus: `|x| < 3`, `|x| \ge 2`, `1 < |x| \le 2`."""
    at = next(index for index, part in enumerate(parts) if _MODULUS.fullmatch(part.strip()))
    if len(parts) == 2 and at == 0:
        ends = "[]" if closed[0] else "()"
        return f"{ends[0]}-({parts[1]}),{parts[1]}{ends[1]}"
    if at != 1:
        return None
    low, high = parts[0], parts[2] if len(parts) == 3 else "\\infty"
    inner, outer = "[]" if closed[0] else "()", "[]" if closed[-1] and len(parts) == 3 else "()"
    minus_high = "-\\infty" if len(parts) == 2 else f"-({high})"
    return f"{outer[0]}{minus_high},-({low}){inner[1]}\\cup{inner[0]}{low},{high}{outer[1]}"


def same_congruence(answer: str, reference: str, work: Work) -> Same:
    r"""Whether two congruences say the same: equal moduli, residues a multiple apart; UNKNOWN for other texts."""
    one, other = _congruence(answer), _congruence(reference)
    if one is None or other is None:
        return Same.UNKNOWN
    if (same := work.same(one[2], other[2])) is not Same.YES:
        return same
    if one[0] and other[0] and one[0] != other[0]:
        return Same.NO if _is_label(one[0]) and _is_label(other[0]) else Same.UNKNOWN
    numbers = [read_number(text) for text in (one[1], other[1], one[2])]
    if None in numbers:
        return work.same(one[1], other[1])
    residue, wanted, modulus = (number.value for number in numbers if number)
    return Same.YES if modulus and (residue - wanted) % modulus == 0 else Same.NO


def _congruence(text: str) -> tuple[str, str, str] | None:
    """What is congruent (or ""), to what, and modulo what."""
    found = _CONGRUENCE.fullmatch(text) if len(text) <= _MAX_CONGRUENCE else None
    # Without brackets and without a sign of congruence, `17 mod 5` is an operation.
    if found is None or not (found[1] or found[3]):
        return None
    return (found[1] or "").replace(" ", ""), found[2], found[4]


def same_relation(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Same:
    """Whether two relations say the same."""
    if (same := _same_system(left, right, work)) is not Same.UNKNOWN:
        return same
    if (same := _same_function(left, right, work)) is not Same.UNKNOWN:
        return same
    values = bare_value(left), bare_value(right)
    if values[0] is not None and values[1] is not None:
        names = left.parts[0].replace(" ", ""), right.parts[0].replace(" ", "")
        same = work.same(values[0], values[1])
        if names[0] == names[1] or not (_names_something(names[0]) and _names_something(names[1])):
            return same
        if same is Same.YES and _is_label(names[0]) and _is_label(names[1]):
            return Same.NO
    if "\\in" in (left.mark, right.mark) and (sets := (_as_set(left), _as_set(right))) and sets[0] and sets[1]:
        return work.same(sets[0], sets[1])
    if len(left.parts) != len(right.parts):
        return Same.NO
    if len(left.parts) == 2:
        return _same_pair(left, right, work)
    return _same_chain(left, right, work)


def _same_function(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Same:
    """Definitions of one function: its argument has any name, and may be left out: `f(t) = 2t`, `f(x) = 2x`, `f = 2x`.

    UNKNOWN where one of the two is no such definition.
    """
    if not left.mark == right.mark == "=" or len(left.parts) != 2 or len(right.parts) != 2:
        return Same.UNKNOWN
    one, other = (_OF_ARGUMENT.fullmatch(side.parts[0].strip()) for side in (left, right))
    names = [found[1] if found else side.parts[0].strip() for found, side in ((one, left), (other, right))]
    if not (one or other) or names[0] != names[1]:
        return Same.UNKNOWN
    if not (one and other) or one[2] == other[2]:
        return work.same(left.parts[1], right.parts[1])
    ours, theirs = work.tree(left.parts[1]), work.tree(right.parts[1])
    if ours is None or theirs is None or one[2] in theirs.names():
        return Same.UNKNOWN
    return work.same_value(ours, renamed(theirs, {other[2]: one[2]}))


def _same_system(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Same:
    """Chains of equations between formulas: the same if all sides are those of the other, times one number.

    UNKNOWN where they are no such chains: in `f = (x+1)^2 = x^2+2x+1` the last side is the answer.
    """
    if not all(_is_system(relation) for relation in (left, right)) or len(left.parts) != len(right.parts):
        return Same.UNKNOWN
    ours, theirs = ([tree for part in side.parts if (tree := work.tree(part))] for side in (left, right))
    if not len(ours) == len(theirs) == len(left.parts):
        return Same.UNKNOWN
    if any(work.same_value(sides[-2], sides[-1]) is Same.YES for sides in (ours, theirs)):
        return Same.UNKNOWN  # one formula rewritten
    for twin in theirs:
        factor = work.proportion(ours[0], twin)
        if factor and _pair_up(ours, theirs, factor, work):
            return Same.YES
    return Same.NO


def _is_system(relation: ParsedAnswer) -> bool:
    """Whether a chain equates formulas in variables, and begins with no name, `A` or `f(x)`, for what follows."""
    is_chain = set(relation.mark.split()) == {"="} and 2 < len(relation.parts) <= _MAX_CHAIN
    return (
        is_chain
        and not _CALL.fullmatch(relation.parts[0])
        and all(any(map(str.islower, _COMMAND.sub("", side))) for side in relation.parts)
    )


def _pair_up(ours: list[Node], theirs: list[Node], factor: float, work: Work) -> bool:
    left = list(theirs)
    for side in ours:
        found = [work.proportion(side, other) for other in left]
        # 1e-9: as close as two quotients of doubles come
        twin = next((at for at, ratio in enumerate(found) if ratio and abs(ratio - factor) <= 1e-9 * abs(factor)), None)
        if twin is None:
            return False
        left.pop(twin)
    return True


def _as_set(relation: ParsedAnswer) -> str | None:
    """The set that a relation puts its variable in, however that is written."""
    return relation.parts[1] if relation.mark == "\\in" else as_interval(relation)


def _is_label(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _same_chain(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Same:
    one, other = as_interval(left), as_interval(right)
    if one and other:
        return work.same(one, other) if one[0] + one[-1] == other[0] + other[-1] else Same.NO
    if left.mark != right.mark:
        return Same.NO
    found = [work.same(a, b) for a, b in zip(left.parts, right.parts, strict=True)]
    return Same.NO if Same.NO in found else Same.UNKNOWN if Same.UNKNOWN in found else Same.YES


def _same_pair(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Same:
    """Two sides each: the same if one difference of the sides is a constant times the other, signs minded."""
    one, other = _difference(left, work), _difference(right, work)
    if one is None or other is None:
        return Same.UNKNOWN
    ratio = work.proportion(one, other)
    if ratio is None:
        return Same.NO
    if left.mark not in _FLIPPED or right.mark not in _FLIPPED:
        return Same.UNKNOWN
    wanted = right.mark if ratio > 0 else _FLIPPED[right.mark]
    return Same.YES if left.mark == wanted else Same.NO


def _difference(relation: ParsedAnswer, work: Work) -> Node | None:
    one, other = work.tree(relation.parts[0]), work.tree(relation.parts[1])
    return Node("add", (one, Node("neg", (other,)))) if one and other else None
