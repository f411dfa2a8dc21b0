r"""Comparison of two bare answers: cheap layers first; the first that is sure decides.

Each layer answers `Same.YES`, `Same.NO` or `Same.UNKNOWN`. What stays unknown is handed to `decide`, which the worker
process fills with the symbolic layer, and this process with "ask the worker".
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from lemma_hf.grading.exact import MIN_PLACES, Number, is_written_with_comma, read_number, same_in_base, same_number
from lemma_hf.grading.expression import Node, ParseError, parse
from lemma_hf.grading.families import same_family
from lemma_hf.grading.normalize import normalize
from lemma_hf.grading.policy import Policy
from lemma_hf.grading.probe import Same, floating, same_value
from lemma_hf.grading.quantity import PERCENT, Quantity, read_quantity, units_clash
from lemma_hf.grading.rational import exact
from lemma_hf.grading.readings import is_calculation, same_angle, same_by_second_reading
from lemma_hf.grading.relation import as_interval, bare_value, same_relation
from lemma_hf.grading.structure import AnswerKind, ParsedAnswer, nesting, read_structure
from lemma_hf.grading.words import is_sentence, only_number, read_choice, same_words

MAX_CHARS = 3_000
"""Longer answers are compared as strings only: no answer that is understood here is as long."""
_MAX_LOOSE_PARTS = 24
"""Parts of an unordered answer without a twin in the other one. Each is compared with each: 576 comparisons at most."""
_UNREADABLE = frozenset(("", "none", "nan", "null", "n/a", "[]", "{}", "()", "[invalidanswer]"))
_SAYS_SOMETHING = re.compile(r"\w|\\\{")  # "7"  "\{\}"  while a lone "?" says nothing
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")  # "1,360 - 142 = 1,218"
_PLAIN_INTEGER = re.compile(r"-?\d{1,15}(?:\.0{1,6})?")  # "72"  "-15"  "72.0"
"""Most answers of word problems, decided at once; fifteen digits and six zeros hold them, all others go on below."""

_LETTERS = frozenset("ABCDEF")
_LABELLED = re.compile(r"\(?[A-F][).:]\s")  # "B. 24"  "(C) 7"

_MAX_NESTING = 40
"""Brackets in brackets. Each level is a recursion here and several in the parser; Python ends at 1,000."""

LATE = "late"
"""The rule of a verdict that did not come before its deadline."""

_Decide = Callable[[str, str], Same]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two answers are the same, and the rule that decided."""

    same: Same
    rule: str


def _unsure(answer: str, reference: str) -> Same:
    """A `decide` that never knows."""
    return Same.UNKNOWN


def is_readable(reference: str) -> bool:
    """Whether a reference says anything; `None` or `nan` is the mark of a pipeline that failed earlier."""
    text = normalize(reference[:MAX_CHARS]).casefold()
    return text not in _UNREADABLE and _SAYS_SOMETHING.search(text) is not None


def compare(answer: str, reference: str, policy: Policy, decide: _Decide = _unsure) -> Verdict:
    """Whether `answer` says what `reference` says. Both are hostile input of any length."""
    if _PLAIN_INTEGER.fullmatch(answer) and _PLAIN_INTEGER.fullmatch(reference):
        return _verdict(Fraction(answer) == Fraction(reference), "number")
    if max(len(answer), len(reference)) > MAX_CHARS:
        return _verdict(answer.strip() == reference.strip(), "long_string")
    if max(nesting(answer), nesting(reference)) > _MAX_NESTING:
        return _verdict(normalize(answer) == normalize(reference), "nested_string")
    answer, reference = normalize(answer), normalize(reference)
    letters = policy.choices or (reference in _LETTERS and (is_sentence(answer) or _LABELLED.match(answer) is not None))
    if (letter := read_choice(reference, named=letters)) is not None:
        return _verdict(read_choice(answer, named=True) == letter, "choice")
    return _compare_text(answer, reference, decide)


def _verdict(same: bool, rule: str) -> Verdict:
    return Verdict(Same.YES if same else Same.NO, rule)


def _compare_text(answer: str, reference: str, decide: _Decide) -> Verdict:
    if _squeezed(answer) == _squeezed(reference):
        return Verdict(Same.YES, "string")
    one, other = read_number(answer), read_number(reference)
    if one and other:
        return _verdict(same_number(one, other), "number")
    if _is_undefined(answer) or _is_undefined(reference):
        return Verdict(Same.NO, "undefined")
    if (family := same_family(answer, reference)) is not None:
        return _verdict(family, "family")
    measured = read_quantity(answer, one_letter=other is not None)
    wanted = read_quantity(reference, one_letter=one is not None)
    one, other = read_number(measured.value), read_number(wanted.value)
    if one and other:
        return _compare_quantities(measured, one, wanted, other)
    if (one and is_written_with_comma(wanted.value, one)) or (other and is_written_with_comma(measured.value, other)):
        return _verdict(not units_clash(measured.unit, wanted.unit), "decimal_comma")
    if other and (only := only_number(answer)) and (one := read_number(only)):
        return _verdict(same_number(one, other), "sentence")
    left, right = read_structure(_without_marks(answer)), read_structure(_without_marks(reference))
    if left.kind is AnswerKind.SCALAR and right.kind is AnswerKind.SCALAR:
        return _compare_scalars(left.text, right.text, decide)
    return _compare_structures(left, right, decide)


def _without_marks(text: str) -> str:
    """A calculation (`1,360 - 142 = 1,218`) without its thousands marks; a list of numbers stays a list."""
    return _THOUSANDS.sub("", text) if "=" in text else text


def _squeezed(text: str) -> str:
    return text.replace(" ", "").removeprefix("+")


def _is_undefined(text: str) -> bool:
    # "\frac{1}{0}"  "5/0"
    return re.search(r"\\frac\{[^{}]*\}\{0\}|(?<![\d.])\d+/0(?![\d.])", text) is not None


def _compare_scalars(answer: str, reference: str, decide: _Decide) -> Verdict:
    if same_angle(answer, reference):
        return Verdict(Same.YES, "angle")
    one, other = read_quantity(answer), read_quantity(reference)
    if units_clash(one.unit, other.unit):
        return Verdict(Same.NO, "unit")
    if (same := same_words(one.value, other.value)) is not None:
        return _verdict(same, "words")
    answer, reference = one.value, other.value
    if _squeezed(answer) == _squeezed(reference):
        return Verdict(Same.YES, "string")
    if (same := same_in_base(answer, reference)) is not None:
        return _verdict(same, "base")
    return _compare_formulas(answer, reference, decide)


def _compare_quantities(one: Quantity, left: Number, other: Quantity, right: Number) -> Verdict:
    if units_clash(one.unit, other.unit):
        return Verdict(Same.NO, "unit")
    if same_number(left, right):
        return Verdict(Same.YES, "number")
    if (one.unit == PERCENT) == (other.unit == PERCENT):
        return Verdict(Same.NO, "number")
    shares = left.value / (100 if one.unit == PERCENT else 1), right.value / (100 if other.unit == PERCENT else 1)
    return _verdict(shares[0] == shares[1], "percent")


def _compare_formulas(answer: str, reference: str, decide: _Decide) -> Verdict:
    try:
        left, right = parse(answer), parse(reference)
    except (ParseError, RecursionError):
        return Verdict(decide(answer, reference), "symbolic")
    if not left.names() and not right.names():
        for text, other in ((answer, right), (reference, left)):
            number = read_number(text)
            if number and number.places is not None and number.places >= MIN_PLACES and _rounds(number, other):
                return Verdict(Same.YES, "decimal")
    same = same_value(left, right)
    if same is Same.NO and (left.names() or right.names()):
        same = same_by_second_reading(left, right)
    return Verdict(decide(answer, reference), "symbolic") if same is Same.UNKNOWN else Verdict(same, "probing")


def _rounds(decimal: Number, formula: Node) -> bool:
    """Whether a decimal is an irrational value rounded or cut to its places; a rational one is compared exactly."""
    try:
        return same_number(decimal, Number(exact(formula)))
    except ArithmeticError:
        pass
    try:
        value = floating(formula, {})
    except (ArithmeticError, ValueError):
        return False
    gap = abs(value - float(decimal.value))
    # Half a unit of the last place, with 1e-12 for the float's own noise; and 1 %, or 0.001 would stand for 0.0006.
    return gap <= 0.5 * 10.0 ** -(decimal.places or 0) + 1e-12 and gap <= abs(value) * 1e-2


_UNORDERED = {
    frozenset((AnswerKind.LIST,)),
    frozenset((AnswerKind.SET,)),
    frozenset((AnswerKind.LIST, AnswerKind.SET)),
    frozenset((AnswerKind.LIST, AnswerKind.BRACKET)),
    frozenset((AnswerKind.SET, AnswerKind.BRACKET)),
    frozenset((AnswerKind.UNION,)),
}
_ORDERED = {
    frozenset((AnswerKind.TUPLE,)),
    frozenset((AnswerKind.TUPLE, AnswerKind.LIST)),
    frozenset((AnswerKind.BRACKET,)),
    frozenset((AnswerKind.INTERVAL,)),
    frozenset((AnswerKind.MATRIX,)),
    frozenset((AnswerKind.RATIO,)),
}


def _compare_structures(left: ParsedAnswer, right: ParsedAnswer, decide: _Decide) -> Verdict:
    if AnswerKind.RELATION in (left.kind, right.kind):
        return _compare_relations(left, right, decide)
    kinds = frozenset((left.kind, right.kind))
    if kinds in _UNORDERED:
        repeats = (
            AnswerKind.SET not in kinds
            and AnswerKind.UNION not in kinds
            and not _all_bracketed(left.parts + right.parts)
        )
        return Verdict(_same_in_any_order(left.parts, right.parts, repeats, decide), str(left.kind))
    if kinds in _ORDERED:
        if left.mark != right.mark:
            return Verdict(Same.NO, f"{right.kind}_shape")
        return Verdict(_same_in_order(left.parts, right.parts, decide), str(right.kind))
    if AnswerKind.MATRIX in kinds and kinds & {AnswerKind.TUPLE, AnswerKind.BRACKET}:
        return _compare_vector(left, right, decide)
    if AnswerKind.SCALAR in kinds:
        return _compare_with_scalar(left, right, decide)
    return Verdict(Same.NO, "kind")


def _all_bracketed(parts: tuple[str, ...]) -> bool:
    """Whether a list is one of points, intervals or sets: saying one of them twice adds nothing."""
    return all(part.startswith(("(", "[", "\\{")) and part.endswith((")", "]", "}")) for part in parts)


def _compare_vector(left: ParsedAnswer, right: ParsedAnswer, decide: _Decide) -> Verdict:
    matrix = left if left.kind is AnswerKind.MATRIX else right
    if not matrix.mark.endswith("x1"):
        return Verdict(Same.NO, "kind")
    return Verdict(_same_in_order(left.parts, right.parts, decide), "vector")


def _compare_with_scalar(left: ParsedAnswer, right: ParsedAnswer, decide: _Decide) -> Verdict:
    whole, scalar = (right, left) if left.kind is AnswerKind.SCALAR else (left, right)
    if whole.kind in (AnswerKind.BRACKET, AnswerKind.SET) and len(whole.parts) == 1:
        inside = whole.parts[0]
        sides = (inside, scalar.text) if whole is left else (scalar.text, inside)
        return _compare_text(*sides, decide)
    if _may_be_more(scalar.text):
        return Verdict(decide(left.text, right.text), "symbolic")
    same = same_words(left.text, right.text)
    return Verdict(Same.NO, "kind") if same is None else _verdict(same, "words")


def _may_be_more(text: str) -> bool:
    r"""Whether a formula may come to more than a number: `A + B` of matrices, `A \setminus B` of sets."""
    return "\\begin" in text or "\\setminus" in text or "\\cap" in text or "\\emptyset" in text


def _compare_relations(left: ParsedAnswer, right: ParsedAnswer, decide: _Decide) -> Verdict:
    if left.kind is AnswerKind.RELATION and right.kind is AnswerKind.RELATION:
        same = same_relation(left, right, lambda one, other: _compare_text(one, other, decide).same)
        return Verdict(decide(left.text, right.text) if same is Same.UNKNOWN else same, "relation")
    relation, other = (left, right) if left.kind is AnswerKind.RELATION else (right, left)
    value = (
        as_interval(relation)
        if other.kind in (AnswerKind.INTERVAL, AnswerKind.TUPLE, AnswerKind.BRACKET, AnswerKind.UNION)
        else None
    )
    value = value or bare_value(relation)
    if value is None:
        same_text = other.kind is AnswerKind.SCALAR and same_words(left.text, right.text)
        if (
            not same_text
            and other.kind is AnswerKind.SCALAR
            and relation.mark == "="
            and is_calculation(*relation.parts)
        ):
            calculation, result = relation.parts
            sides = (result, other.text) if relation is left else (other.text, result)
            same = _both(_compare_text(calculation, result, decide).same, _compare_text(*sides, decide).same)
            return Verdict(same, "result")
        return _verdict(bool(same_text), "relation")
    return _compare_text(value, other.text, decide) if relation is left else _compare_text(other.text, value, decide)


def _same_in_order(left: tuple[str, ...], right: tuple[str, ...], decide: _Decide) -> Same:
    if len(left) != len(right):
        return Same.NO
    found = Same.YES
    for one, other in zip(left, right, strict=True):
        same = _compare_text(one, other, decide).same
        if same is Same.NO:
            return Same.NO
        if same is Same.UNKNOWN:
            found = Same.UNKNOWN
    return found


def _same_in_any_order(left: tuple[str, ...], right: tuple[str, ...], repeats: bool, decide: _Decide) -> Same:
    if repeats and len(left) != len(right):
        return Same.NO
    only_left, only_right = _unshared(left, right), _unshared(right, left)
    if repeats:
        return _paired(only_left, only_right, decide)
    return _both(_each_has_one(only_left, right, decide), _each_has_one(only_right, left, decide))


def _both(one: Same, other: Same) -> Same:
    return Same.NO if Same.NO in (one, other) else Same.UNKNOWN if Same.UNKNOWN in (one, other) else Same.YES


def _unshared(parts: tuple[str, ...], others: tuple[str, ...]) -> list[str]:
    """The parts that `others` does not write in the same way; so long lists are compared quickly."""
    shared = Counter(map(_key, others))
    left = []
    for part in parts:
        shared[_key(part)] -= 1
        if shared[_key(part)] < 0:
            left.append(part)
    return left


def _key(text: str) -> str:
    number = read_number(text)
    return str(number.value) if number else _squeezed(text)


def _paired(ours: list[str], theirs: list[str], decide: _Decide) -> Same:
    if len(ours) != len(theirs) or len(ours) > _MAX_LOOSE_PARTS:
        return Same.NO
    found, left = Same.YES, list(theirs)
    for one in ours:
        verdicts = [_compare_text(one, other, decide).same for other in left]
        if Same.YES in verdicts:
            left.pop(verdicts.index(Same.YES))
        elif Same.UNKNOWN in verdicts:
            left.pop(verdicts.index(Same.UNKNOWN))
            found = Same.UNKNOWN
        else:
            return Same.NO
    return found


def _each_has_one(loose: list[str], others: tuple[str, ...], decide: _Decide) -> Same:
    if loose and (len(loose) > _MAX_LOOSE_PARTS or len(others) > _MAX_LOOSE_PARTS):
        return Same.NO
    found = Same.YES
    for one in loose:
        verdicts = {_compare_text(one, other, decide).same for other in others}
        if Same.YES not in verdicts:
            found = _both(found, Same.UNKNOWN if Same.UNKNOWN in verdicts else Same.NO)
    return found
