"""Sureness of a finding: which evidence it rests on, and what speaks against it.

Rules on numbers find a wrong step that is plain to see, and guess at others. The sureness says which of the two it is:
1 / (1 + exp(-s)), where s adds up the weights of all signs that apply. The weights come from a logistic regression on
solutions that people marked (`benchmarks/fit_sureness.py`). A step found too late counts double there, since it leaves
a wrong step among the right ones: a sureness is rather below the share of such findings that are right.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import exp

from lemma_hf.solutions.equations import Equation
from lemma_hf.teachers.path import UNIT_FACTORS, Path, Standing
from lemma_hf.teachers.statements import Reading, Stated


class Evidence(StrEnum):
    """What a finding rests on."""

    ARITHMETIC = "arithmetic"
    """An equation does not hold."""
    ALGEBRA = "algebra"
    """An equation does not hold with the value of the unknown that the question asks for."""
    UNEQUAL = "unequal"
    """Two different numbers are called equal."""
    OTHER_OUTCOME = "other_outcome"
    """The step is worded as one of the reference, and comes to something else."""
    OFF_PATH = "off_path"
    """The step works out a value that is not on the reference's path."""
    OFF_TERM = "off_term"
    """A term with the unknown is not on the path."""
    INVENTED = "invented"
    """The step names a number from nowhere, and works with it or leaves that to a later step."""
    OTHER_UNIT = "other_unit"
    """The reference's result, per another unit."""
    INCOMPLETE = "incomplete"
    """A part of a sum or product, taken for the whole by a later step."""
    COINCIDENCE = "coincidence"
    """A result of the reference by another formula, from which a later step leaves the path."""
    ENDS_WITH_PART = "ends_with_part"
    """The attempt ends with a part of a sum or product."""
    ENDS_BESIDE = "ends_beside"
    """The attempt ends with a value that is on the path by chance, or after regrouping."""
    STOPPED = "stopped"
    """All steps are right, and the attempt ends before the answer."""
    CLAIM = "claim"
    """A number is claimed that no equation comes to."""


class Sign(StrEnum):
    """What makes a finding more or less likely to be right."""

    ALL_BEFORE_VERBATIM = "all_before_verbatim"
    """All steps before are the reference's own, one of them word for word."""
    TERMS = "terms"
    """The equation is one of the reference's with a number too many or too few."""
    OPERATION = "operation"
    """The equation has the numbers of one of the reference's, and other signs."""
    ONE_NUMBER = "one_number"
    """One number of such an equation differs: it may come from a wrong step before."""
    NEW_NUMBER = "new_number"
    """The step names a number from nowhere."""
    UNUSED = "unused"
    """No later step uses the result."""
    BESIDE_BEFORE = "beside_before"
    """A step before is on the path only by a part of a formula, or by chance."""
    OFTEN_BESIDE_BEFORE = "often_beside_before"
    WORDS_BEFORE = "words_before"
    """A step before states numbers without an equation, and cannot be checked."""
    INTRODUCED = "introduced"
    """The step before only says what comes now: "We add the pens and the pads:"."""
    BESIDE_TWIN_BEFORE = "beside_twin_before"
    """A step before is worded as one of the reference, and comes to another of its results."""
    NUMBER_FROM_WORDS = "number_from_words"
    """A number of the wrong equation stands in such a step."""


_SOUND = frozenset((Standing.RESULT, Standing.CONVERTED))
_BASE = 0.48
_EVIDENCE_WEIGHTS = {
    Evidence.ARITHMETIC: 1.39,
    Evidence.ALGEBRA: 0.96,
    Evidence.UNEQUAL: 0.55,
    Evidence.OTHER_OUTCOME: 0.86,
    Evidence.OFF_PATH: -0.13,
    Evidence.OFF_TERM: -0.07,
    Evidence.INVENTED: 0.14,
    Evidence.OTHER_UNIT: 0.21,
    Evidence.INCOMPLETE: -0.14,
    Evidence.COINCIDENCE: -0.10,
    Evidence.ENDS_WITH_PART: -0.06,
    Evidence.ENDS_BESIDE: -0.11,
    Evidence.STOPPED: -1.60,
    Evidence.CLAIM: -1.88,
}
_SIGN_WEIGHTS = {
    Sign.ALL_BEFORE_VERBATIM: 0.84,
    Sign.TERMS: 0.69,
    Sign.OPERATION: 0.85,
    Sign.ONE_NUMBER: -0.09,
    Sign.NEW_NUMBER: 1.03,
    Sign.UNUSED: -0.64,
    Sign.BESIDE_BEFORE: -1.51,
    Sign.OFTEN_BESIDE_BEFORE: -0.42,
    Sign.WORDS_BEFORE: -0.81,
    Sign.INTRODUCED: -0.78,
    Sign.BESIDE_TWIN_BEFORE: -1.09,
    Sign.NUMBER_FROM_WORDS: -0.96,
}


def sureness(path: Path, readings: Sequence[Reading], index: int, evidence: Evidence) -> float:
    """The sureness, from 0 to 1, that the step at `index` is the first wrong one."""
    signs = find_signs(path, readings, index, evidence)
    total = _BASE + _EVIDENCE_WEIGHTS[evidence] + sum(_SIGN_WEIGHTS[sign] for sign in signs)
    return 1 / (1 + exp(-total))


def find_signs(path: Path, readings: Sequence[Reading], index: int, evidence: Evidence) -> frozenset[Sign]:
    """The signs that apply to a finding."""
    before = readings[:index]
    signs = set(_signs_before(before))
    fault = readings[index].decisive
    if evidence in (Evidence.OFF_PATH, Evidence.OTHER_OUTCOME) and fault is not None:
        signs |= _signs_of_fault(path, readings, index, fault)
    return frozenset(signs)


def _signs_before(before: Sequence[Reading]) -> Iterator[Sign]:
    if any(one.verbatim for one in before) and all(one.verbatim or one.comes_to_twin for one in before):
        yield Sign.ALL_BEFORE_VERBATIM
    beside = sum(one.standing not in _SOUND and not one.leads_back for reading in before for one in reading.stated)
    if beside:
        yield Sign.BESIDE_BEFORE
    if beside > 1:
        yield Sign.OFTEN_BESIDE_BEFORE
    if any(one.twins and one.stated and not one.comes_to_twin for one in before):
        yield Sign.BESIDE_TWIN_BEFORE
    if any(map(_is_words, before)):
        yield Sign.WORDS_BEFORE
    if before and not before[-1].stated and before[-1].facts.text.endswith(":"):
        yield Sign.INTRODUCED


def _is_words(reading: Reading) -> bool:
    """Whether a step states numbers, and no equation that could be checked."""
    return bool(reading.facts.numbers) and not reading.stated and not reading.facts.claims


def _signs_of_fault(path: Path, readings: Sequence[Reading], index: int, fault: Stated) -> set[Sign]:
    operands = set(fault.equation.operands)
    signs = set()
    relation = _relation(path, fault.equation)
    if relation is not None:
        signs.add(relation)
    if readings[index].new - UNIT_FACTORS:
        signs.add(Sign.NEW_NUMBER)
    later = [one for reading in readings[index:] for one in reading.stated if one is not fault]
    if later and not any(fault.equation.result in one.equation.operands for one in later):
        signs.add(Sign.UNUSED)
    if any(operands & set(reading.facts.numbers) for reading in readings[:index] if _is_words(reading)):
        signs.add(Sign.NUMBER_FROM_WORDS)
    return signs


def _relation(path: Path, equation: Equation) -> Sign | None:
    """How an equation differs from the reference equation that is most like it."""
    found = None
    for own in (own for step in path.read for own in step.equations):
        extra = sum((Counter(equation.operands) - Counter(own.operands)).values())
        lost = sum((Counter(own.operands) - Counter(equation.operands)).values())
        if not extra and not lost:
            return Sign.OPERATION
        if extra == lost == 1 and len(equation.operands) > 1 and equation.left.signs == own.left.signs:
            found = Sign.ONE_NUMBER
        elif (not extra or not lost) and found is None:
            found = Sign.TERMS
    return found
