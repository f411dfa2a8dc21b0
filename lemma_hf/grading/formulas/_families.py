r"""General solutions: families of values, one for each integer.

`\frac{\pi}{4}+k\pi`, with or without `k\in\mathbb{Z}` behind it, is the same family as `\frac{5\pi}{4}+n\pi`; and
`\{2k+1 \mid k\in\mathbb{Z}\}` is `2n-1, n\in\mathbb{Z}`. A family is linear in its integer, or is for the even and the
odd ones apart; two are the same where the union of their arithmetic progressions is.

Where neither side says that a letter stands for all integers, two formulas are families only with pi (or degrees) in
them and no further variable, and only if their letters are those of integers. `(n-2)\pi` is then not `n\pi`: that `n`
counts something.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lemma_hf.grading._structure import AnswerKind, read_structure
from lemma_hf.grading.formulas._expression import Node, ParseError, parse
from lemma_hf.grading.formulas._probe import floating

_LETTERS = "knml"
"""Integers, where nothing says so."""
_MAX_TEXT = 600
"""Both sides together: no general solutions are longer; this bounds the searches below."""
_MAX_BRANCHES = 12
"""As many solutions between 0 and the period."""
_MAX_RESIDUES = 120
"""Of all branches, once they are written with one common period."""
_TERMS = 6
"""Values that are tried of each branch: three of each parity, for two steps that have to be the same."""
_CLOSE = 1e-9
"""In periods. A double carries 16 digits, of which the differences lose some."""

_COMMAND = re.compile(r"\\[A-Za-z]+")  # "\pi"
_LETTER = re.compile(rf"[{_LETTERS}]|(?<![A-Za-z])[a-z](?![A-Za-z])")  # "2k"  "t"
_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")  # "\text{ where }"
_INTEGERS = r"(?:\\(?:mathbb|mathbf|Bbb)?\s*)?(?:\{\s*Z\s*\}|Z(?![A-Za-z]))|integers?\b|the set of integers\b"
_NATURALS = r"(?:\\(?:mathbb|mathbf|Bbb)?\s*)?(?:\{\s*N\s*\}|N(?![A-Za-z]))"
# "k \in Z"  "k is an integer"  "k \in \mathbb{Z}"  "n\inZ"  "n \in N"  "k\in Z^+"  "k an integer"
_CONDITION = re.compile(
    r"(?<![A-Za-z\\])([a-z])\s*(?:\\in(?=[ZN]|[^A-Za-z])|is|be|belongs to|(?=\s(?:an|any)\s))\s*"
    r"(?:an?\b|any\b|some\b)?\s*(?:arbitrary\b)?\s*"
    rf"(?:({_INTEGERS})(\s*[\^_]\s*(?:\{{[^{{}}]{{0,9}}\}}|[+*]))?|({_NATURALS}))"
)
_NAMED = re.compile(r"\bintegers?\s+([a-z])(?![A-Za-z])")  # "any integer k"
_COUNTED = re.compile(r"(?<![A-Za-z\\])([a-z])\s*=\s*0\s*,\s*\\pm\s*1[\\pm\d\s,.]{0,40}$")  # "k=0,\pm 1,\pm 2,..."
# ", where "  "("  "for any "  what stands between the values and the condition
_BETWEEN = re.compile(r"(?:[\s,;:|(]|\\forall|\b(?:where|for|with|any|all|some|every|each|and|as|let)\b)+$")
_BUILDER = re.compile(r"\\\{([^|:]*)[|:](.*)\\\}", re.DOTALL)  # "\{2k+1 | k\in Z\}"
_NAME = re.compile(r"[A-Za-z]|\\(?:theta|alpha|beta|phi|varphi|omega)")  # "x"  "\theta"


@dataclass(frozen=True, slots=True)
class _Family:
    """Values as formulas in one integer; without `domain` nothing says that it is one."""

    branches: tuple[Node, ...]
    letter: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class _Progression:
    """offset + integer × period"""

    offset: complex
    period: complex


def same_family(answer: str, reference: str) -> bool | None:
    r"""Whether two general solutions are the same; None where not both of them are general solutions.

    Example:
        >>> same_family(r"\frac{5\pi}{4}+k\pi", r"\frac{\pi}{4}+n\pi"), same_family(r"k\pi, k\in Z", r"2k\pi, k\in Z")
        (True, False)
    """
    both = answer + reference
    if "\\in" not in both and "\\pi" not in both and "\\circ" not in both and "integer" not in both:
        return None
    if len(both) > _MAX_TEXT or not (_has_letter(answer) and _has_letter(reference)):
        return None
    try:
        one, other = _read(answer), _read(reference)
        if one is None or other is None:
            return None
        return _same(one, other)
    except (ParseError, ArithmeticError, ValueError, RecursionError):
        return None


def _has_letter(text: str) -> bool:
    """Whether a text has a letter that can be the integer."""
    return _LETTER.search(_COMMAND.sub(" ", text)) is not None


def _read(text: str) -> _Family | None:
    text = _TEXT.sub(r" \1 ", text).strip()
    if builder := _BUILDER.fullmatch(text):
        text = _of_builder(builder[1], builder[2])
    letter, domain = "", ""
    for pattern in (_CONDITION, _COUNTED, _NAMED):
        if found := pattern.search(text):
            if text[found.end() :].strip(" .)"):
                return None
            letter, domain = found[1], _domain(found) if pattern is _CONDITION else "Z"
            text = text[: found.start()]
            break
    while (shorter := _BETWEEN.sub("", text).strip()) != text:
        text = shorter
    values = _values(text, 0)
    if not values or len(values) > _MAX_BRANCHES:
        return None
    branches = tuple(map(parse, values))
    letter = letter or _letter_of(branches)
    return _Family(branches, letter, domain) if letter and _runs(branches, letter) else None


def _of_builder(values: str, condition: str) -> str:
    r"""`2k+1, k\in Z` of `\{2k+1 | k\in Z\}` and of `\{x | x=2k+1, k\in Z\}`."""
    found = _CONDITION.search(condition)
    rest = _BETWEEN.sub("", condition[: found.start()]) if found else ""
    return condition if rest.strip() else f"{values}, {condition}"


def _domain(found: re.Match[str]) -> str:
    return "N" if found[4] else "Z" + re.sub(r"[\s{}]", "", found[3] or "")  # "^{+}"


def _values(text: str, depth: int) -> list[str] | None:
    """The formulas of the branches, without the name of the unknown."""
    if depth > 3:  # a set of a list of equations
        return None
    found = read_structure(text)
    match found.kind:
        case AnswerKind.SCALAR:
            return [text]
        case AnswerKind.LIST | AnswerKind.SET | AnswerKind.UNION:
            parts = list(found.parts)
        case AnswerKind.RELATION if found.mark in ("=", "\\in") and _NAME.fullmatch(found.parts[0].strip()):
            parts = [found.parts[1]]
        case _:
            return None
    values = [_values(part, depth + 1) for part in parts]
    return [value for inner in values for value in inner or ()] if all(values) else None


def _letter_of(branches: tuple[Node, ...]) -> str:
    """The one letter that can be the integer."""
    letters = set().union(*(branch.names() for branch in branches)) & set(_LETTERS)
    return letters.pop() if len(letters) == 1 else ""


def _runs(branches: tuple[Node, ...], letter: str) -> bool:
    return all(letter in branch.names() for branch in branches)


def _same(one: _Family, other: _Family) -> bool | None:
    others = [set().union(*(branch.names() for branch in each.branches)) - {each.letter} for each in (one, other)]
    if others[0] != others[1]:
        return None
    if not one.domain and not other.domain and (others[0] or not _are_angles(one, other)):
        return None
    # Two points, where there are further variables: 0.7 and 1.9 are no zeros of the usual formulas.
    points = [{name: complex(start + index) for index, name in enumerate(sorted(others[0]))} for start in (0.7, 1.9)]
    verdicts = [_same_at(one, other, point) for point in points]
    if None in verdicts:
        return None
    if one.domain or other.domain:
        return all(verdicts)
    return True if all(verdicts) and _is_meant(one, other, points[0]) else None


def _are_angles(one: _Family, other: _Family) -> bool:
    return all(any(node.name == "pi" for branch in each.branches for node in branch.walk()) for each in (one, other))


def _same_at(one: _Family, other: _Family, point: dict[str, complex]) -> bool | None:
    if {one.domain or "Z", other.domain or "Z"} != {"Z"}:
        if one.domain and other.domain and one.domain != other.domain:
            return False
        return _as_written(one, point) == _as_written(other, point)
    ours, theirs = _progressions(one, point), _progressions(other, point)
    if ours is None or theirs is None:
        return True if _as_written(one, point) == _as_written(other, point) else None
    period = _common_period([each.period for each in (*ours, *theirs)])
    if period is None:
        return None
    left, right = _residues(ours, period), _residues(theirs, period)
    return _covers(left, right, period) and _covers(right, left, period)


def _as_written(family: _Family, point: dict[str, complex]) -> list[list[complex]]:
    """The first values of each branch, rounded so that equal ones are equal."""
    rows = [[_value(branch, family.letter, at, point) for at in range(_TERMS)] for branch in family.branches]
    return sorted(([complex(round(v.real, 9), round(v.imag, 9)) for v in row] for row in rows), key=repr)


def _value(branch: Node, letter: str, at: int, point: dict[str, complex]) -> complex:
    return floating(branch, {**point, letter: complex(at)})


def _progressions(family: _Family, point: dict[str, complex]) -> list[_Progression] | None:
    found: list[_Progression] = []
    for branch in family.branches:
        values = [_value(branch, family.letter, at, point) for at in range(_TERMS)]
        if (whole := _progression(values)) is not None:
            found.append(whole)
        elif (even := _progression(values[::2])) and (odd := _progression(values[1::2])):
            found += [even, odd]  # as with (-1)^k
        else:
            return None
    return found


def _progression(values: list[complex]) -> _Progression | None:
    steps = [after - before for before, after in pairwise(values)]
    period = steps[0]
    if abs(period) < _CLOSE or any(abs(step - period) > _CLOSE * abs(period) for step in steps):
        return None
    return _Progression(values[0], period)


def _common_period(periods: list[complex]) -> complex | None:
    """The smallest period that is a multiple of all; None where they have none in common."""
    shared = Fraction(1)
    for period in periods:
        ratio = period / periods[0]
        share = abs(Fraction(ratio.real).limit_denominator(_MAX_RESIDUES))
        if share == 0 or abs(ratio.imag) > _CLOSE or abs(abs(ratio.real) - share) > _CLOSE:
            return None
        upper = math.lcm(shared.numerator, share.numerator)
        shared = Fraction(upper, math.gcd(shared.denominator, share.denominator))
        if upper > _MAX_RESIDUES:
            return None
    if sum(abs(periods[0] * shared / period) for period in periods) > _MAX_RESIDUES:
        return None
    return periods[0] * shared


def _residues(progressions: list[_Progression], period: complex) -> list[complex]:
    return [
        each.offset + step * each.period for each in progressions for step in range(round(abs(period / each.period)))
    ]


def _covers(values: list[complex], others: list[complex], period: complex) -> bool:
    """Whether each of the `others` is, but for multiples of the period, one of `values`."""
    return all(any(_is_whole((value - other) / period) for value in values) for other in others)


def _is_whole(value: complex) -> bool:
    return abs(value.imag) <= _CLOSE and abs(value.real - round(value.real)) <= _CLOSE * max(1.0, abs(value.real))


def _is_meant(one: _Family, other: _Family, point: dict[str, complex]) -> bool:
    r"""Whether two formulas in pi are general solutions although neither says so.

    They are if one is the other with another letter; or if they are shifted, in `k`, from something that is no multiple
    of the period itself: `(n-2)\pi` is a sum of angles.
    """
    if one.letter != other.letter and _as_written(one, point) == _as_written(other, point):
        return True
    if one.letter == other.letter != "k":
        return False
    progressions = [*(_progressions(one, point) or ()), *(_progressions(other, point) or ())]
    return not any(_is_whole(each.offset / each.period) for each in progressions)
