r"""The place in a wrong step at which the mistake itself begins.

    wrong        So 24 - 9 = 16 pens are left.
    put right    So 24 - 9 = 15 pens are left.
                             ^ the shared beginning is right, the mistake begins here

Two sources know the place: the step put right, where it begins in the same words (`departs_at`), and arithmetic, where
the mistake is one of calculation: it begins at the first result that is not what its left side comes to.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from lemma_hf.records import Error, SpanKind, Strategy, Trajectory
from lemma_hf.solutions.equations import find_equations
from lemma_hf.taxonomy import ErrorType

# "-5" (in "= -5", not in "24-9"), "1,200.50", "1{,}200", ".5", "\frac", "didn't", "4x"
_UNIT = re.compile(r"(?:(?<![\w)\]}])[-−])?(?:\\|\.(?=\d))?\w+(?:(?:(?<=\d)(?:[.,]|\{,\})(?=\d)|['’])\w+)*")
_WORD = re.compile(r"\w+")
_AHEAD = len("{,}2")
"""Characters that are read of the right step beyond the length of the wrong one, to see whether a number goes on."""
_CERTAIN_WORDS = 2
"""Words or numbers that a step and a correction have to share at the beginning, where nothing says that the one is the
other put right: a single word such as "The" opens many sentences."""


def departs_at(wrong: str, right: str) -> int | None:
    r"""The character of `wrong` at which it departs from `right`: the length of what they share at the beginning.

    Moved back to the beginning of the number or word in which they differ. A sign, a decimal point and the commas of
    thousands belong to a number, its backslash to a LaTeX command. White space in front of either counts for nothing.
    The time is linear in the length of `wrong`, however long `right` is.

    Returns:
        None if they share no word or number at the beginning, if `wrong` goes no further than what they share, or if
        both are the same.

    Example:
        >>> departs_at("24 - 9 = 16 pens", "24 - 9 = 15 pens"), departs_at("So -1,250.5", "So -1,250.7")
        (9, 3)
        >>> departs_at("It is 5 pens.", "There are 6 pens."), departs_at("24 - 9 = 15", "24 - 9 = 15, so 15 are left.")
        (None, None)
    """
    lead = len(wrong) - len(wrong.lstrip())
    wrong = wrong[lead:]
    right = right.lstrip()[: len(wrong) + _AHEAD]
    pairs = enumerate(zip(wrong, right, strict=False))
    shared = next((at for at, (one, other) in pairs if one != other), min(len(wrong), len(right)))
    start = min(_start_of_unit(wrong, shared), _start_of_unit(right, shared))
    if not wrong[start:].strip() or not _WORD.search(wrong, 0, start):
        return None
    return lead + start


def mistake_at(wrong: str, correction: str, type: ErrorType | None, strategy: Strategy | None) -> int | None:
    """The character of a wrong step at which its mistake begins; None where it is not known.

    Args:
        wrong: the wrong step.
        correction: what follows the turn; by Fix & Continue it begins with the step put right.
        type: of the error. In a mistake of calculation the first result that is wrong is the place.
        strategy: None where it is not known; the two then have to share two words or numbers. Fresh & Restart does not
            begin with the step put right, so that its text says nothing.

    Example:
        >>> mistake_at("So 24 - 9 = 16.", "Let us see: 24 - 9 = 15.", ErrorType.CALCULATION, None)
        12
        >>> mistake_at("So 24 + 9 = 33.", "So 24 - 9 = 15.", ErrorType.OPERATOR, Strategy.FIX_AND_CONTINUE)
        6
        >>> mistake_at("So 24 + 9 = 33.", "So 24 boxes", ErrorType.OPERATOR, Strategy.FRESH_AND_RESTART) is None
        True
    """
    if type is ErrorType.CALCULATION and (place := _wrong_result_at(wrong)) is not None:
        return place
    if strategy is Strategy.FRESH_AND_RESTART:
        return None
    place = departs_at(wrong, correction)
    if place is None or strategy is Strategy.FIX_AND_CONTINUE:
        return place
    return place if len(_WORD.findall(wrong, 0, place)) >= _CERTAIN_WORDS else None


def with_start(trajectory: Trajectory) -> Trajectory:
    """The trajectory with `Error.start` wherever `mistake_at` knows it; a place that is known already stays.

    Example:
        >>> from lemma_hf.records import Problem, Span
        >>> parts = {"error": "24 - 9 = 16. ", "reflection": "Wait, no. ", "correction": "24 - 9 = 15."}
        >>> spans = tuple(Span(SpanKind(kind), text) for kind, text in parts.items())
        >>> error = Error(None, 1, strategy=Strategy.FIX_AND_CONTINUE)
        >>> with_start(Trajectory(Problem("p", "24 - 9?", "15"), spans, (error,))).errors[0].start
        9
    """
    parts = [(span.kind, span.text) for span in trajectory.spans]
    pairs = zip(trajectory.errors, wrong_and_right(parts), strict=True)
    return replace(trajectory, errors=tuple(_with_place(error, wrong, right) for error, (wrong, right) in pairs))


def _with_place(error: Error, wrong: str, right: str) -> Error:
    if error.start is not None:
        return error
    return replace(error, start=mistake_at(wrong, right, error.type, error.strategy))


def wrong_and_right(parts: Iterable[tuple[SpanKind, str]]) -> Iterator[tuple[str, str]]:
    """The text of each error, and of the correction behind its reflection; empty where there is none.

    Example:
        >>> list(wrong_and_right([(SpanKind.ERROR, "5"), (SpanKind.REFLECTION, "No."), (SpanKind.CORRECTION, "4")]))
        [('5', '4')]
    """
    # Behind a last error without a correction there is nothing to compare it with.
    texts = [*(part for part in parts if part[0] is not SpanKind.REFLECTION), (SpanKind.REASONING, "")]
    return (
        (wrong, right if kind is SpanKind.CORRECTION else "")
        for (is_wrong, wrong), (kind, right) in pairwise(texts)
        if is_wrong is SpanKind.ERROR
    )


def _start_of_unit(text: str, place: int) -> int:
    """Where the number or word begins that goes on across `place`; `place` itself, where none does."""
    for unit in _UNIT.finditer(text):
        if unit.end() > place:
            return min(unit.start(), place)
    return place


def _wrong_result_at(step: str) -> int | None:
    """The character at which the first result stands that is not what its left side comes to."""
    return next((equation.claimed.start for equation in find_equations(step) if not equation.holds), None)
