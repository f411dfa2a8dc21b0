"""The error type of a wrong step, from comparing it with the reference step that it should have been.

The two steps' equations are compared operand by operand: the same numbers under other signs, one number for another, a
number too many or too few. What kind of number was lost says which kind of mistake it is.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from lemma_hf.solutions.equations import Equation, is_close
from lemma_hf.solutions.step_facts import StepFacts
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.first_error import Finding
from lemma_hf.teachers.path import UNIT_FACTORS, Path

# "minutes" of "He reads for 30 minutes"
_UNITS = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|inch(?:es)?|foot|feet|yards?|miles?|ounces?|pounds?|"
    r"cents?|dollars?|dozens?|grams?|kg|kilograms?|cm|centimeters?|meters?|metres?|km|kilometers?|liters?|ml)\b",
    re.IGNORECASE,
)
# "area" of "the area of the garden"
_FORMULAS = re.compile(
    r"\b(?:area|perimeter|volume|circumference|diagonal|square|rectang\w*|triang\w*|circ\w*|cub\w*|average|mean|speed|"
    r"interest|side|sides)\b",
    re.IGNORECASE,
)
# "Monday", "March"
_LISTED = re.compile(
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\b(?:January|February|March|April|June|July|August)\b"
)
"""Where the question names days or months, their number has to be counted."""


@dataclass(frozen=True, slots=True)
class ErrorDiagnosis:
    """An error type, with the numbers that were mixed up where they are known."""

    type: ErrorType
    wrong: Fraction | None = None
    """The number that the step uses or comes to."""
    right: Fraction | None = None
    """The number that belongs there."""


@dataclass(frozen=True, slots=True)
class _Case:
    """Two steps to compare, and what surrounds them."""

    path: Path
    step: StepFacts
    twin: StepFacts | None
    earlier: tuple[StepFacts, ...]
    question: str

    @property
    def computed(self) -> set[Fraction]:
        """All values that the reference works out."""
        return {result for step in self.path.read for result in step.results}

    @property
    def about_formulas(self) -> bool:
        """Whether one of the two steps names areas, averages and the like."""
        return bool(_FORMULAS.search(self.step.text) or (self.twin and _FORMULAS.search(self.twin.text)))


def diagnose_error(path: Path, attempt: Sequence[str], finding: Finding, question: str) -> ErrorDiagnosis:
    """Name the error type of a mistake that was found."""
    if finding.broken is not None:
        return ErrorDiagnosis(ErrorType.CALCULATION, finding.broken.result, finding.broken.left.value)
    if finding.stopped:
        return ErrorDiagnosis(ErrorType.MISSING_STEP)
    twin = path.read[finding.counterpart] if finding.counterpart is not None else None
    earlier = tuple(path.facts(step) for step in attempt[: finding.index])
    case = _Case(path, path.facts(attempt[finding.index]), twin, earlier, question)
    mine, theirs = _pair(case.step, twin)
    if mine is None or theirs is None:
        return _without_equation(case)
    return _compare(case, mine, theirs)


def _pair(step: StepFacts, twin: StepFacts | None) -> tuple[Equation | None, Equation | None]:
    """The first equation of the step that the twin does not state, and the twin's that is most like it."""
    theirs = list(twin.equations) if twin else []
    stated = [(e.operands, e.left.signs, e.result) for e in theirs]
    mine = [e for e in step.equations if (e.operands, e.left.signs, e.result) not in stated] or list(step.equations)
    if not mine or not theirs:
        return (mine[0] if mine else None), (theirs[0] if theirs else None)
    if len(step.equations) == len(theirs):
        return mine[0], theirs[step.equations.index(mine[0])]
    return mine[0], max(theirs, key=lambda e: len(set(e.operands) & set(mine[0].operands)))


def _compare(case: _Case, mine: Equation, theirs: Equation) -> ErrorDiagnosis:
    extra = _rest(mine.operands, theirs.operands)
    lost = _rest(theirs.operands, mine.operands)
    same_signs = mine.left.signs == theirs.left.signs
    if not extra and not lost and not same_signs:
        return ErrorDiagnosis(ErrorType.FORMULA_CONFUSION if case.about_formulas else ErrorType.OPERATOR)
    if len(extra) == len(lost) == 1 and same_signs:
        return _one_for_another(case, extra[0], lost[0])
    if case.about_formulas and set(mine.left.signs) != set(theirs.left.signs):
        return ErrorDiagnosis(ErrorType.FORMULA_CONFUSION)
    if extra and not lost:
        return ErrorDiagnosis(ErrorType.HALLUCINATION, extra[0])
    if _skipped(case, lost) or (lost and not extra):
        return ErrorDiagnosis(ErrorType.MISSING_STEP)
    return _by_numbers(case, extra)


def _one_for_another(case: _Case, extra: Fraction, lost: Fraction) -> ErrorDiagnosis:
    """The diagnosis where one number stands in place of another: what the lost one was says what went wrong."""
    units = set(_UNITS.findall(f"{case.step.text} {case.twin.text if case.twin else ''}".lower()))
    if lost in case.computed:
        return ErrorDiagnosis(ErrorType.MISSING_STEP) if _skipped(case, (lost,)) else _copied(extra, lost)
    if lost in UNIT_FACTORS and len(units) > (1 if lost in case.path.given else 0):
        return ErrorDiagnosis(ErrorType.UNIT_CONVERSION, extra, lost)
    listed = abs(extra - lost) == 1 and len(set(_LISTED.findall(case.question))) > 1
    if listed or lost not in case.path.given:
        return ErrorDiagnosis(ErrorType.COUNTING, extra, lost)
    return _copied(extra, lost)


def _copied(extra: Fraction, lost: Fraction) -> ErrorDiagnosis:
    return ErrorDiagnosis(ErrorType.CONTEXT_VALUE, extra, lost)


def _skipped(case: _Case, lost: Sequence[Fraction]) -> bool:
    """Whether a lost number is the result of a reference step that the attempt never did."""
    reached = [result for step in case.earlier for result in (step.results or (step.result,)) if result is not None]
    return any(
        number in case.computed and number not in case.path.given and not any(is_close(number, r) for r in reached)
        for number in lost
    )


def _without_equation(case: _Case) -> ErrorDiagnosis:
    step, twin = case.step, case.twin
    if step.is_claim:
        stopped = step.result is not None and any(is_close(step.result, result) for result in case.path.results)
        return ErrorDiagnosis(ErrorType.MISSING_STEP if stopped else ErrorType.CALCULATION)
    extra = _rest(step.numbers, twin.numbers if twin else ())
    lost = _rest(twin.numbers, step.numbers) if twin else ()
    if not step.equations and len(extra) == len(lost) == 1:
        if step.claims and step.claims[-1] == extra[0] and lost[0] not in case.path.given:
            return ErrorDiagnosis(ErrorType.CALCULATION, extra[0], lost[0])
        return _one_for_another(case, extra[0], lost[0])
    return _by_numbers(case, extra)


def _by_numbers(case: _Case, extra: Sequence[Fraction]) -> ErrorDiagnosis:
    reached = {result for step in case.earlier for result in step.results}
    for number in extra:
        if number not in case.path.given and number not in reached and not case.path.passes(number) and number > 2:
            return ErrorDiagnosis(ErrorType.HALLUCINATION, number)
    return ErrorDiagnosis(ErrorType.QUESTION_MISINTERPRETATION)


def _rest(these: Sequence[Fraction], those: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """What is left of `these` when each of `those` is taken out once."""
    return tuple((Counter(these) - Counter(those)).elements())
