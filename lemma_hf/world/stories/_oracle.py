"""Oracle of the stories: the first error of a solution, and its type."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from lemma_hf.records import DropReason
from lemma_hf.taxonomy import ErrorType
from lemma_hf.world.stories._arithmetic import StoryEquation, as_number, find_exact_equations
from lemma_hf.world.stories._mistakes import StorySlip, known_slips, line_equation, right_equations
from lemma_hf.world.stories._story import Story
from lemma_hf.world.stories._template import Mistake

_ANSWER = re.compile(r"answer is:?\s*(-?\s*\$?-?\d[\d,]{0,20}(?:\.\d{1,9})?)", re.IGNORECASE)  # The answer is: $1,250
_LONGEST = 20_000
"""Characters of a solution, some fifty times a story's longest: a bound on the time for a model's endless output."""
_MOST_STEPS = 200
"""Steps of a solution, for the same reason; a story's own have some ten at most."""


@dataclass(frozen=True, slots=True)
class StoryDiagnosis:
    """The first wrong step of a solution."""

    step: int
    """Counted from 1."""
    type: ErrorType
    found: frozenset[str]
    """The quantities that the steps before it found rightly."""
    mistake: Mistake | None = None
    """The mistake of the template it is, where it is one of them."""
    equation: StoryEquation | None = None
    """Its wrong equation; None for a wrong answer line."""


@dataclass(slots=True)
class _Suspect:
    """An equation off the known routes, which a later step may show to be part of another valid one."""

    step: int
    equation: StoryEquation
    text: str


@dataclass(slots=True)
class _Reading:
    """State of reading a solution line by line."""

    found: dict[str, int] = field(default_factory=dict)
    """Quantities found rightly, and in which step."""
    suspects: list[_Suspect] = field(default_factory=list)


def diagnose_story(story: Story, steps: Sequence[str]) -> StoryDiagnosis | DropReason:
    """The first wrong step, or the reason why there is none to be found.

    A step is right when its equations hold and give values on one of the story's routes, or values that a later right
    step builds on. Of the others, the first is the error.
    """
    if sum(map(len, steps)) > _LONGEST or len(steps) > _MOST_STEPS:
        return DropReason.TOO_LONG
    place, answer = _final_answer(steps)
    if answer == story.answer:
        return DropReason.ALREADY_RIGHT
    reading = _read(story, steps)
    if reading.suspects:
        first = reading.suspects[0]
        found = _found_before(reading, first.step)
        kind, mistake = _classify(story, first, found)
        return StoryDiagnosis(first.step, kind, found, mistake, first.equation)
    if answer is None:
        return DropReason.NO_ANSWER
    return _wrong_answer_line(story, place, _found_before(reading, place), answer)


def found_in(story: Story, steps: Sequence[str]) -> frozenset[str]:
    """The quantities of the story that these steps find rightly."""
    return frozenset(_read(story, steps).found)


def _final_answer(steps: Sequence[str]) -> tuple[int, Fraction | None]:
    """The step (from 1) that states the answer last, and the answer; (0, None) where none does."""
    for number in range(len(steps), 0, -1):
        claims = _ANSWER.findall(steps[number - 1])
        if claims:
            return number, as_number(claims[-1])
    return 0, None


def _read(story: Story, steps: Sequence[str]) -> _Reading:
    reading = _Reading()
    names = {value: name for name, value in story.values.items()}
    familiar = {*story.given.values(), *story.values.values(), *_constants(story)}
    for number, text in enumerate(steps, start=1):
        for equation in find_exact_equations(text):
            if equation.holds and equation.value in names:
                reading.found.setdefault(names[equation.value], number)
                _clear(reading, equation, familiar)
            else:
                reading.suspects.append(_Suspect(number, equation, text))
    return reading


def _clear(reading: _Reading, reached: StoryEquation, familiar: set[Fraction]) -> None:
    """Remove the suspects that led to a right value: they are part of another valid route."""
    used = set(reached.operands) - familiar
    for suspect in reversed(reading.suspects):
        if suspect.equation.holds and suspect.equation.claimed in used:
            used |= set(suspect.equation.operands) - familiar
    reading.suspects = [
        suspect for suspect in reading.suspects if not (suspect.equation.holds and suspect.equation.claimed in used)
    ]


def _found_before(reading: _Reading, step: int) -> frozenset[str]:
    return frozenset(name for name, place in reading.found.items() if place < step)


def _wrong_answer_line(story: Story, place: int, found: frozenset[str], answer: Fraction) -> StoryDiagnosis:
    """The diagnosis of right steps with a wrong answer: given too early, or different from the found value."""
    too_early = story.template.routes[0][-1].name not in found and (not found or answer in story.values.values())
    kind = ErrorType.MISSING_STEP if too_early else ErrorType.CONTRADICTORY_STEP
    return StoryDiagnosis(place, kind, found)


def _classify(story: Story, suspect: _Suspect, found: frozenset[str]) -> tuple[ErrorType, Mistake | None]:
    if not suspect.equation.holds:
        return ErrorType.CALCULATION, None
    slip = _matching_slip(story, suspect)
    if slip is not None:
        return slip.mistake.type, slip.mistake
    return _classify_unknown(story, suspect.equation, found), None


def _matching_slip(story: Story, suspect: _Suspect) -> StorySlip | None:
    """The known mistake with this equation; where there are several, the one worded like this."""
    signature = suspect.equation.signature
    same = [slip for slip in known_slips(story) if line_equation(slip.wrong).signature == signature]
    worded = (slip for slip in same if suspect.text.strip() in _wordings(story, slip))
    return next(worded, same[0] if same else None)


def _wordings(story: Story, slip: StorySlip) -> list[str]:
    return [text.strip() for text in story.wordings(slip.wrong)]


def _classify_unknown(story: Story, equation: StoryEquation, found: frozenset[str]) -> ErrorType:
    """Classify an unknown mistake by comparing its numbers with those of the right equations."""
    familiar = {*story.given.values(), *story.values.values()}
    strange = [value for value in equation.operands if value not in familiar and value not in _constants(story)]
    for right in (one for several in right_equations(story).values() for one in several):
        if sorted(right.operands) == sorted(equation.operands):
            return ErrorType.OPERATOR
        lacking = _one_replaced(right, equation)
        if lacking is not None and right.operators == equation.operators:
            return _classify_replaced(story, lacking, bool(strange), found)
    return ErrorType.HALLUCINATION if strange else ErrorType.QUESTION_MISINTERPRETATION


def _classify_replaced(story: Story, lacking: Fraction, strange: bool, found: frozenset[str]) -> ErrorType:
    """Classify a replaced operand of a right equation: by an unknown number, or by another of the story's."""
    if strange:
        counted = [mistake.misread[0] for mistake in story.template.mistakes if mistake.misread]
        return ErrorType.COUNTING if lacking in {story.given[name] for name in counted} else ErrorType.CONTEXT_VALUE
    missing = any(value == lacking and name not in found for name, value in story.values.items())
    return ErrorType.MISSING_STEP if missing else ErrorType.QUESTION_MISINTERPRETATION


def _one_replaced(right: StoryEquation, other: StoryEquation) -> Fraction | None:
    """The only operand of `right` that `other` lacks; None where more are different."""
    if len(right.operands) != len(other.operands):
        return None
    lacking = list(right.operands)
    for value in other.operands:
        if value in lacking:
            lacking.remove(value)
    return lacking[0] if len(lacking) == 1 else None


def _constants(story: Story) -> set[Fraction]:
    """Numbers that stand in the story's own equations, such as 7 days or 60 minutes."""
    return {
        value for equations in right_equations(story).values() for equation in equations for value in equation.operands
    }
