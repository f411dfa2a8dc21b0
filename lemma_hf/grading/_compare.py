r"""Comparison of two bare answers: cheap layers first; the first that is sure decides.

Each layer answers `Same.YES`, `Same.NO` or `Same.UNKNOWN`. What stays unknown is handed to `decide`, which the worker
process fills with the symbolic layer, and this process with "ask the worker".
"""

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from lemma_hf.grading._labels import by_label, without_point_name
from lemma_hf.grading._real_sets import may_be_set, same_named_set, same_real_set
from lemma_hf.grading._relation import as_interval, bare_value, same_congruence, same_relation
from lemma_hf.grading._structure import BUILDER, AnswerKind, ParsedAnswer, as_matrix, nesting, variable_of
from lemma_hf.grading._words import (
    choice_value,
    is_sentence,
    names_a_choice,
    only_number,
    read_choice,
    same_saying,
    same_words,
)
from lemma_hf.grading._work import Decide, Verdict, Work, WorkSpentError
from lemma_hf.grading.formulas._expression import Node
from lemma_hf.grading.formulas._families import same_family
from lemma_hf.grading.formulas._piecewise import same_piecewise
from lemma_hf.grading.formulas._probe import Same, floating
from lemma_hf.grading.formulas._rational import exact
from lemma_hf.grading.formulas._readings import is_calculation, same_angle, same_by_second_reading
from lemma_hf.grading.policy import Policy
from lemma_hf.grading.quantities._clock import same_moment
from lemma_hf.grading.quantities._exact import (
    MIN_PLACES,
    Number,
    is_written_with_comma,
    read_number,
    same_in_base,
    same_number,
)
from lemma_hf.grading.quantities._quantity import (
    Quantity,
    names_clash,
    read_formulas,
    read_quantity,
    without_name,
    without_scope,
)
from lemma_hf.grading.quantities._respell import respelled
from lemma_hf.grading.quantities._units import PERCENT, units_clash
from lemma_hf.grading.spelling._normalize import normalize

MAX_CHARS = 3_000
"""Longer answers are compared as strings only: no answer that is understood here is as long."""
_MAX_LOOSE_PARTS = 24
"""Parts of an unordered answer without a twin in the other one. Each is compared with each: 576 comparisons at most."""
_UNREADABLE = frozenset(("", "none", "nan", "null", "n/a", "[]", "{}", "()", "[invalidanswer]"))
_SAYS_SOMETHING = re.compile(r"\w|\\\{")  # "7"  "\{\}"  while a lone "?" says nothing
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")  # "1,360 - 142 = 1,218"
_SPACE = re.compile(r"(?<![\d.]) +| +(?![\d. ])")  # "x + 1"  "2 x"
_SPACED_DIGITS = re.compile(r"\d \d{3}")  # "1 500"
_PLAIN_INTEGER = re.compile(r"-?\d{1,15}(?:\.0{1,6})?")  # "72"  "-15"  "72.0"
"""Most answers of word problems, decided at once; fifteen digits and six zeros hold them, all others go on below."""

_NAMED_SET = re.compile(r"\\mathbb\{([A-Z])\}")  # "\mathbb{Z}"
_LONE_LETTER = re.compile(r"(?<![A-Za-z\\])[A-Za-z](?![A-Za-z])")  # "2k+1"
_LETTERS = frozenset("ABCDEF")
_LABELLED = re.compile(r"\(?[A-F][).:]\s")  # "B. 24"  "(C) 7"

_MAX_NESTING = 40
"""Brackets in brackets. Each level is a recursion here and several in the parser; Python ends at 1,000."""

_MAX_RESPELLED = 2
"""Brackets in brackets of an answer whose commas are read anew: each level doubles the work of the next one."""

LATE = "late"
"""The rule of a verdict that did not come before its deadline."""
SPENT = "work"
"""The rule of a verdict that would take more work than one comparison may take."""


def _unsure(answer: str, reference: str) -> Same:
    """A `decide` that never knows."""
    return Same.UNKNOWN


def is_readable(reference: str) -> bool:
    """Whether a reference says anything; `None` or `nan` is the mark of a pipeline that failed earlier."""
    text = normalize(reference[:MAX_CHARS]).casefold()
    return text not in _UNREADABLE and _SAYS_SOMETHING.search(text) is not None


def compare(answer: str, reference: str, policy: Policy, decide: Decide = _unsure) -> Verdict:
    """Whether `answer` says what `reference` says. Both are hostile input of any length."""
    if _PLAIN_INTEGER.fullmatch(answer) and _PLAIN_INTEGER.fullmatch(reference):
        return _verdict(Fraction(answer) == Fraction(reference), "number")
    if max(len(answer), len(reference)) > MAX_CHARS:
        return _verdict(answer.strip() == reference.strip(), "long_string")
    if max(nesting(answer), nesting(reference)) > _MAX_NESTING:
        return _verdict(normalize(answer) == normalize(reference), "nested_string")
    answer, reference = normalize(answer), normalize(reference)
    if max(len(answer), len(reference)) > 2 * MAX_CHARS:  # a sign may become a command of ten
        return _verdict(answer == reference, "long_string")
    work = Work(_compare_text, decide)
    try:
        return _compare_answers(answer, reference, policy, work)
    except WorkSpentError:
        return Verdict(Same.UNKNOWN, SPENT)


def _compare_answers(answer: str, reference: str, policy: Policy, work: Work) -> Verdict:
    own, value = choice_value(answer), choice_value(reference)
    letters = policy.choices or _has_letters(answer, own, reference, value)
    if (letter := read_choice(reference, named=letters)) is not None:
        return _compare_choice(answer, letter, value, work)
    verdict = work.found(answer, reference)
    if verdict.same is Same.YES or not (own or value):
        return verdict
    return work.found(own or answer, value or reference)


def _has_letters(answer: str, own: str | None, reference: str, value: str | None) -> bool:
    """Whether letters alone are choices, as one side shows that is more than a letter: `B` against `B. 12`."""
    if (own and value) or (answer.startswith(("(", "\\text{(")) and _bare(answer).strip("()") in _LETTERS):
        return True
    if _bare(reference) in _LETTERS:
        return own is not None or is_sentence(answer) or _LABELLED.match(answer) is not None
    return _bare(answer).strip("()") in _LETTERS and (value is not None or names_a_choice(reference))


def _bare(letter: str) -> str:
    return letter.removeprefix("\\text{").removesuffix("}").strip()


def _compare_choice(answer: str, letter: str, value: str | None, work: Work) -> Verdict:
    """Against a choice whose value the reference may say too: its letter answers, or its value, but no other letter."""
    named = read_choice(answer, named=True)
    own = choice_value(answer)
    if named is None and value:
        return work.found(answer, value)
    if named == letter and value and own and not is_sentence(own):
        return work.found(own, value)
    return _verdict(named == letter, "choice")


def _verdict(same: bool, rule: str) -> Verdict:
    return Verdict(Same.YES if same else Same.NO, rule)


def _compare_text(answer: str, reference: str, work: Work) -> Verdict:
    if verdict := _compare_at_once(answer, reference):
        return verdict
    measured, wanted = read_quantity(answer, one_letter=True), read_quantity(reference, one_letter=True)
    one, other = read_number(measured.value), read_number(wanted.value)
    if one and other:
        return _compare_quantities(measured, one, wanted, other)
    if (same := same_saying(answer, reference)) is not None:
        return _verdict(same, "words")
    if (one and is_written_with_comma(wanted.value, one)) or (other and is_written_with_comma(measured.value, other)):
        return _verdict(not units_clash(measured.unit, wanted.unit), "decimal_comma")
    for text, number in ((answer, other), (reference, one)):
        if number and (only := only_number(text)) and (stated := read_number(only)):
            return _verdict(same_number(stated, number), "sentence")
    bare = _without_names(measured, answer, wanted, reference)
    if verdict := _compare_notations(*bare, work):
        return verdict
    verdict = _compare_read(*without_scope(*bare), work)
    return verdict if verdict.same is Same.YES else _compare_respelled(answer, reference, verdict, work)


def _compare_respelled(answer: str, reference: str, verdict: Verdict, work: Work) -> Verdict:
    """A comma parts numbers (the verdict so far), unless only another reading of it gives the other answer."""
    both = answer + reference
    if not ("," in both or ":" in both or _SPACED_DIGITS.search(both)):
        return verdict
    if max(nesting(answer), nesting(reference)) > _MAX_RESPELLED:
        return verdict
    found = (_compare_read(*pair, work) for pair in respelled(answer, reference))
    return next((other for other in found if other.same is Same.YES), verdict)


def _compare_at_once(answer: str, reference: str) -> Verdict | None:
    """The verdict on two texts that need not be taken apart; None where they must be."""
    if _squeezed(answer) == _squeezed(reference):
        return Verdict(Same.YES, "string")
    one, other = read_number(answer), read_number(reference)
    if one and other:
        return _verdict(same_number(one, other), "number")
    if _is_undefined(answer) or _is_undefined(reference):
        return Verdict(Same.NO, "undefined")
    if (same := same_moment(answer, reference)) is not None:
        return _verdict(same, "moment")
    if (family := same_family(answer, reference)) is not None:
        return _verdict(family, "family")
    return None


def _without_names(measured: Quantity, answer: str, wanted: Quantity, reference: str) -> tuple[str, str]:
    """Both texts without the name in front, where only one of them has it: `3, 4` of "Roots: 3, 4"."""
    if measured.name and wanted.name:
        return answer, reference
    return (
        without_name(answer, reference) if measured.name else answer,
        without_name(reference, answer) if wanted.name else reference,
    )


def _compare_read(answer: str, reference: str, work: Work) -> Verdict:
    left, right = work.structure(_without_marks(answer)), work.structure(_without_marks(reference))
    if left.kind is AnswerKind.SCALAR and right.kind is AnswerKind.SCALAR:
        return _compare_scalars(left.text, right.text, work)
    return _compare_structures(left, right, work)


def _compare_notations(answer: str, reference: str, work: Work) -> Verdict | None:
    """The verdict on what has a notation of its own: sets of numbers, values under a label, congruences."""
    if may_be_set(answer) or may_be_set(reference):
        same = same_named_set(answer, reference) or same_real_set(answer, reference, work)
        if same is not Same.UNKNOWN:
            return Verdict(same, "real_set")
    if answer[:1].isupper() != reference[:1].isupper():
        bare = without_point_name(answer, reference), without_point_name(reference, answer)
        if bare != (answer, reference):
            return work.found(*bare)
    if "mod" in answer and "mod" in reference:
        same = same_congruence(answer, reference, work)
        return None if same is Same.UNKNOWN else Verdict(same, "congruence")
    return None


def _without_marks(text: str) -> str:
    """A calculation (`1,360 - 142 = 1,218`) without its thousands marks; a list of numbers stays a list."""
    return _THOUSANDS.sub("", text) if "=" in text else text


def _squeezed(text: str) -> str:
    """`text` without spaces, but for those that part two numbers: `1 1/2` is not `11/2`."""
    if " " in text:
        text = _SPACE.sub("", text)
    return text.removeprefix("+")


def _bare_letters(text: str) -> str:
    r"""A text with its named sets as letters: `\mathbb{Z}_5` is `Z_5`."""
    return _NAMED_SET.sub(r"\1", text) if "mathbb" in text else text


def _is_undefined(text: str) -> bool:
    # "\frac{1}{0}"  "5/0"
    return re.search(r"\\frac\{[^{}]*\}\{0\}|(?<![\d.])\d+/0(?![\d.])", text) is not None


def _compare_scalars(answer: str, reference: str, work: Work) -> Verdict:
    if same_angle(answer, reference):
        return Verdict(Same.YES, "angle")
    one, other = read_formulas(answer, reference)
    if units_clash(one.unit, other.unit):
        return Verdict(Same.NO, "unit")
    if (same := same_in_base(answer, reference)) is not None:
        return _verdict(same, "base")
    if (same := same_words(one.value, other.value)) is not None:
        return _verdict(same, "words")
    answer, reference = _bare_letters(one.value), _bare_letters(other.value)
    if _squeezed(answer) == _squeezed(reference):
        return Verdict(Same.YES, "string")
    return _compare_formulas(answer, reference, work)


def _compare_quantities(one: Quantity, left: Number, other: Quantity, right: Number) -> Verdict:
    if units_clash(one.unit, other.unit) or names_clash(one.name, other.name):
        return Verdict(Same.NO, "unit")
    percent = one.unit == PERCENT, other.unit == PERCENT
    if percent[0] != percent[1]:
        return _compare_percent(left.value, right.value) if percent[0] else _compare_percent(right.value, left.value)
    return _verdict(same_number(left, right), "number")


def _compare_percent(percent: Fraction, plain: Fraction) -> Verdict:
    """A number of percent against a number without the sign: what it means, or, from 1 on, the sign left out."""
    return _verdict(percent / 100 == plain or (percent == plain and abs(plain) >= 1), "percent")


def _compare_formulas(answer: str, reference: str, work: Work) -> Verdict:
    left, right = work.tree(answer), work.tree(reference)
    if left is None or right is None:
        return Verdict(work.decided(answer, reference), "symbolic")
    if not left.names() and not right.names():
        for text, other in ((answer, right), (reference, left)):
            number = read_number(text)
            if number and number.places is not None and number.places >= MIN_PLACES and _rounds(number, other):
                return Verdict(Same.YES, "decimal")
    same = work.same_value(left, right)
    if same is Same.NO and (left.names() or right.names()):
        same = same_by_second_reading(left, right)
    return Verdict(work.decided(answer, reference), "symbolic") if same is Same.UNKNOWN else Verdict(same, "probing")


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


_IN_SPACE = frozenset(("2x1", "3x1", "1x2", "1x3"))
# "\hat i"  "\vec{j}"  "\hat{\imath}"  "\jmath"
_UNIT_VECTOR = re.compile(
    r"\\(?:hat|vec|mathbf|bm)\s*\{?\s*\\?([ijk])(?:math)?(?![A-Za-z])\s*\}?|\\([ij])math(?![A-Za-z])"
)
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


def _compare_structures(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Verdict:
    kinds = frozenset((left.kind, right.kind))
    if AnswerKind.PIECEWISE in kinds and AnswerKind.RELATION not in kinds:
        same = same_piecewise(left, right, work)
        return Verdict(work.decided(left.text, right.text) if same is Same.UNKNOWN else same, "piecewise")
    if AnswerKind.RELATION in kinds:
        return _compare_relations(left, right, work)
    if AnswerKind.LIST in kinds and (sides := by_label(left, right)):
        return Verdict(_same_in_order(*sides, work), "labels")
    if left.kind is right.kind is AnswerKind.SET and BUILDER in (left.mark, right.mark):
        return Verdict(_same_builder(left, right, work), "builder")
    if kinds in _UNORDERED:
        repeats = (
            AnswerKind.SET not in kinds
            and AnswerKind.UNION not in kinds
            and not _all_bracketed(left.parts + right.parts)
        )
        return Verdict(_same_in_any_order(left.parts, right.parts, repeats, work), str(left.kind))
    if kinds in _ORDERED:
        if left.mark != right.mark:
            return Verdict(Same.NO, f"{right.kind}_shape")
        return Verdict(_same_in_order(left.parts, right.parts, work), str(right.kind))
    if AnswerKind.MATRIX in kinds and kinds & {AnswerKind.TUPLE, AnswerKind.BRACKET}:
        return _compare_vector(left, right, work)
    if AnswerKind.SCALAR in kinds:
        return _compare_with_scalar(left, right, work)
    return Verdict(Same.NO, "kind")


def _same_builder(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Same:
    """Two sets of all values of a formula; the letter of the variable in it may differ."""
    if left.mark != right.mark:
        return Same.NO
    ours, theirs = variable_of(left), variable_of(right)
    parts = left.parts
    if ours and theirs and ours != theirs:
        names = {ours: theirs}
        parts = tuple(_LONE_LETTER.sub(lambda found: names.get(found.group(), found.group()), part) for part in parts)
    heads = work.same(parts[0], right.parts[0])
    return Same.NO if heads is Same.NO else _both(heads, _same_in_any_order(parts[1:], right.parts[1:], False, work))


def _all_bracketed(parts: tuple[str, ...]) -> bool:
    """Whether a list is one of points, intervals or sets: saying one of them twice adds nothing."""
    return all(part.startswith(("(", "[", "\\{")) and part.endswith((")", "]", "}")) for part in parts)


def _compare_vector(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Verdict:
    matrix, other = (left, right) if left.kind is AnswerKind.MATRIX else (right, left)
    if rows := as_matrix(other):
        if rows.mark != matrix.mark:
            return Verdict(Same.NO, "matrix_shape")
        sides = (left.parts, rows.parts) if matrix is left else (rows.parts, right.parts)
        return Verdict(_same_in_order(*sides, work), "matrix")
    if not matrix.mark.startswith("1x") and not matrix.mark.endswith("x1"):
        return Verdict(Same.NO, "kind")
    return Verdict(_same_in_order(left.parts, right.parts, work), "vector")


def _compare_with_scalar(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Verdict:
    whole, scalar = (right, left) if left.kind is AnswerKind.SCALAR else (left, right)
    if whole.kind in (AnswerKind.BRACKET, AnswerKind.SET) and len(whole.parts) == 1:
        inside = whole.parts[0]
        sides = (inside, scalar.text) if whole is left else (scalar.text, inside)
        return work.found(*sides)
    if ("j" in scalar.text or _UNIT_VECTOR.search(scalar.text)) and (vector := _in_unit_vectors(whole)):
        bare = _UNIT_VECTOR.sub(r"\1\2", scalar.text)
        sides = (vector, bare) if whole is left else (bare, vector)
        return Verdict(work.same(*sides), "vector")
    if _may_be_more(scalar.text):
        return Verdict(work.decided(left.text, right.text), "symbolic")
    same = same_words(left.text, right.text)
    return Verdict(Same.NO, "kind") if same is None else _verdict(same, "words")


def _in_unit_vectors(whole: ParsedAnswer) -> str | None:
    """`(1, 2)` as `(1)i+(2)j`."""
    is_vector = whole.kind is AnswerKind.TUPLE or (whole.kind is AnswerKind.MATRIX and whole.mark in _IN_SPACE)
    if not is_vector or len(whole.parts) not in (2, 3):
        return None
    return "+".join(f"({part}){unit}" for part, unit in zip(whole.parts, "ijk", strict=False))


def _may_be_more(text: str) -> bool:
    r"""Whether a formula may come to more than a number: `A + B` of matrices, `A \setminus B` of sets."""
    return "\\begin" in text or "\\setminus" in text or "\\cap" in text or "\\emptyset" in text


def _compare_relations(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Verdict:
    if left.kind is AnswerKind.RELATION and right.kind is AnswerKind.RELATION:
        same = same_relation(left, right, work)
        return Verdict(work.decided(left.text, right.text) if same is Same.UNKNOWN else same, "relation")
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
            same = _both(work.same(calculation, result), work.same(*sides))
            return Verdict(same, "result")
        return _verdict(bool(same_text), "relation")
    return work.found(value, other.text) if relation is left else work.found(other.text, value)


def _same_in_order(left: tuple[str, ...], right: tuple[str, ...], work: Work) -> Same:
    if len(left) != len(right):
        return Same.NO
    found = Same.YES
    for one, other in zip(left, right, strict=True):
        same = work.same(one, other)
        if same is Same.NO:
            return Same.NO
        if same is Same.UNKNOWN:
            found = Same.UNKNOWN
    return found


def _same_in_any_order(left: tuple[str, ...], right: tuple[str, ...], repeats: bool, work: Work) -> Same:
    if repeats and len(left) != len(right):
        return Same.NO
    only_left, only_right = _unshared(left, right), _unshared(right, left)
    if repeats:
        return _paired(only_left, only_right, work)
    found = _each_has_one(only_left, right, work.same)
    return found if found is Same.NO else _both(found, _each_has_one(only_right, left, work.same_turned))


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


def _paired(ours: list[str], theirs: list[str], work: Work) -> Same:
    if len(ours) != len(theirs) or len(ours) > _MAX_LOOSE_PARTS:
        return Same.NO
    found, left = Same.YES, list(theirs)
    for one in ours:
        at, same = _best(one, left, work.same)
        if same is Same.NO:
            return Same.NO
        left.pop(at)
        found = _both(found, same)
    return found


def _best(one: str, others: Sequence[str], same: Decide) -> tuple[int, Same]:
    """The place of the first of `others` that is the same as `one`, else of the first that may be."""
    at, best = -1, Same.NO
    for index, other in enumerate(others):
        found = same(one, other)
        if found is Same.YES:
            return index, found
        if found is Same.UNKNOWN and best is Same.NO:
            at, best = index, found
    return at, best


def _each_has_one(loose: list[str], others: tuple[str, ...], same: Decide) -> Same:
    if loose and (len(loose) > _MAX_LOOSE_PARTS or len(others) > _MAX_LOOSE_PARTS):
        return Same.NO
    found = Same.YES
    for one in loose:
        found = _both(found, _best(one, others, same)[1])
        if found is Same.NO:
            break
    return found
