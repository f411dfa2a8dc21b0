r"""Answers to several questions at once, each with its label: `(a) 3, (b) 5`, `\text{Alice: } 3, \text{Bob: } 5`.

Values under labels are compared label by label. Values without labels beside labelled ones are read in their order.
"""

import re

from lemma_hf.grading._structure import AnswerKind, ParsedAnswer
from lemma_hf.grading.quantities._quantity import DENYING_NAMES

# "(a) 3"  "\text{Alice: } 3"  "Alice 3"  "b) 5"  "Part (a): 3"
_LABELLED = re.compile(
    r"(?:\\text\s*\{\s*)?(?:[Pp]art\s*)?(\([a-z0-9]{1,3}\)|[a-z0-9]\)|[A-Za-z][a-z]{1,20}(?:\s[A-Z][a-z]{1,20})?(?![A-Za-z(^_]))"
    r"\s*[:=]?\s*(?:\}\s*)?(?:[:=]\s*|(?<=[\s}:])(?=[-\d\\($])|(?<=[a-z]\))(?=\d))(\S.*)",
    re.DOTALL,
)
# "x = 3"  "\alpha = 2"  "x_1 = 5"
_NAMED = re.compile(r"(\\?[A-Za-z]{1,8}(?:_\{?\w{1,4}\}?)?)\s*=\s*([^=<>]+)")
_POINT = re.compile(r"[ABD-OQ-Z]\s*\([^()]{1,200},[^()]{1,200}\)")  # "A(1,2)"  but not "C(5,2)" nor "P(5,2)"
_NO_LABELS = frozenset(("sin", "cos", "tan", "log", "ln", "lg", "exp", "sqrt", "max", "min", "gcd", "lcm", "or", "and"))

_ORDERS = ("abcdefgh", "123456", ("i", "ii", "iii", "iv", "v", "vi"))
_Parts = tuple[str, ...]


def without_point_name(text: str, other: str) -> str:
    """A point without its name, beside one that has none: `A(1,2)` is (1,2)."""
    return text[1:].lstrip() if other.startswith("(") and _POINT.fullmatch(text) else text


def by_label(left: ParsedAnswer, right: ParsedAnswer) -> tuple[_Parts, _Parts] | None:
    """The values of two answers in one order, found by their labels; None where labels do not tell the order."""
    kinds = {left.kind, right.kind}
    if len(left.parts) != len(right.parts) or not kinds <= {AnswerKind.LIST, AnswerKind.TUPLE, AnswerKind.MATRIX}:
        return None
    if (
        AnswerKind.MATRIX in kinds
        and (left if left.kind is AnswerKind.MATRIX else right).mark != f"{len(left.parts)}x1"
    ):
        return None
    one, other = _labelled(left), _labelled(right)
    if one and other:
        if one.keys() == other.keys():
            return tuple(one.values()), tuple(other[label] for label in one)
        # Answers to other questions: not even the number of values is the same.
        return ((), left.parts) if all(len(label) == 1 and label in "abcdefgh" for label in [*one, *other]) else None
    if one and (right.kind is not AnswerKind.LIST or _are_letters(one)):
        return _in_order(one), right.parts
    if other and (left.kind is not AnswerKind.LIST or _are_letters(other)):
        return left.parts, _in_order(other)
    return None


def _labelled(answer: ParsedAnswer) -> dict[str, str] | None:
    """The values of a list under their labels; None if a part has none, or two have the same."""
    if answer.kind is not AnswerKind.LIST:
        return None
    found: dict[str, str] = {}
    for part in answer.parts:
        match = _NAMED.fullmatch(part) or _LABELLED.fullmatch(part)
        if match is None or match[1] in _NO_LABELS or match[1].casefold() in DENYING_NAMES:
            return None
        label = match[1].strip("()")
        found[label.casefold() if len(label) > 1 else label] = match[2].strip()
    return found if len(found) == len(answer.parts) else None


def _are_letters(labels: dict[str, str]) -> bool:
    """Whether labels number the questions, so that values without labels answer them in order."""
    return any(list(labels) == list(order[: len(labels)]) for order in _ORDERS)


def _in_order(labels: dict[str, str]) -> _Parts:
    """The values as a point lists them: neighbors in the alphabet by it (`y=2, x=1` is (1, 2)), else as they stand."""
    names = sorted(labels)
    neighbors = all(len(name) == 1 for name in names) and ord(names[-1]) - ord(names[0]) == len(names) - 1
    return tuple(labels[name] for name in (names if neighbors else labels))
