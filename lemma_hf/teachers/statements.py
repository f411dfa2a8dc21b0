"""The statements of an attempt: what each of its steps works out, and how that stands to the reference."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from lemma_hf.solutions.arithmetic import Expression
from lemma_hf.solutions.equations import Equation, find_expressions, find_unequal, is_close
from lemma_hf.solutions.programs import program_steps
from lemma_hf.solutions.step_facts import MAX_STEPS, StepFacts, read_step
from lemma_hf.teachers.alignment import same_outcome, twins
from lemma_hf.teachers.path import Path, Standing, grow

# "hour" of "$9 per hour"
_PER = re.compile(r"[^.]{0,40}?\bper (\w{2,20})")


@dataclass(frozen=True, slots=True)
class Stated:
    """An equation of a step, and what it is to the reference."""

    equation: Equation
    standing: Standing
    holds: bool
    """Whether its arithmetic holds, or is the reference's own."""
    leads_back: bool = False
    """Whether a later step comes from it to a result of the reference."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A step, and what it states."""

    facts: StepFacts
    stated: tuple[Stated, ...]
    loose: tuple[Standing, ...]
    """Of the sums and products whose result no equation states."""
    twins: tuple[int, ...]
    """The reference steps that it is a version of."""
    comes_to_twin: bool
    """Whether it comes to what one of them comes to."""
    verbatim: bool
    """Whether it stands in the reference word for word."""
    unequal: bool
    """Whether it calls two different numbers equal."""
    new: frozenset[Fraction]
    """Numbers from nowhere: not of the question, of an earlier step, or of the path."""
    off_claims: tuple[Fraction, ...]
    """Numbers behind an equals sign that come from nowhere."""
    has_unknown: bool
    """Whether the unknown of the question stands in it, whose value is put in its place."""

    @property
    def off(self) -> tuple[Stated, ...]:
        """The equations that leave the path for good."""
        return tuple(one for one in self.stated if one.standing is Standing.OFF and not one.leads_back)

    @property
    def decisive(self) -> Stated | None:
        """The equation by which a wrong step is found: the first that leaves the path, else the first of all."""
        return next(iter(self.off or self.stated), None)


def read_attempt(path: Path, attempt: Sequence[str]) -> list[Reading]:
    """Read what each step states; a program of assignments is read with values for its names."""
    steps = program_steps(attempt[:MAX_STEPS]) or attempt[:MAX_STEPS]
    known: dict[Fraction, Expression] = {}
    earlier: set[Fraction] = set()
    readings = []
    for step in steps:
        facts = path.facts(step)
        has_unknown = bool(path.letter) and facts != read_step(step)
        readings.append(_read(path, facts, known, earlier, has_unknown))
        earlier |= {*facts.results, *facts.numbers}
    back = _leading_back(readings)
    return [
        replace(reading, stated=tuple(replace(one, leads_back=id(one) in back) for one in reading.stated))
        for reading in readings
    ]


def _read(
    path: Path, facts: StepFacts, known: dict[Fraction, Expression], earlier: set[Fraction], has_unknown: bool
) -> Reading:
    alike = () if facts.is_claim else tuple(twins(path, facts))
    own = {(e.text, e.result) for twin in alike for e in path.read[twin].equations}
    stated = []
    for equation in facts.equations:
        formula = grow(equation.left, known)
        known[equation.result] = formula
        holds = equation.holds or (equation.text, equation.result) in own
        stated.append(Stated(equation, path.standing(equation.result, formula), holds))
    results = {equation.result for equation in facts.equations}
    fresh = frozenset(number for number in facts.numbers if number not in earlier | results)
    return Reading(
        facts,
        tuple(stated),
        tuple(path.standing(node.value, grow(node, known)) for node in find_expressions(facts.text)),
        alike,
        any(same_outcome(facts, path.read[twin]) for twin in alike),
        any(facts.text == other.text for other in path.read),
        find_unequal(facts.text) is not None,
        frozenset(number for number in fresh if number > 2 and not _is_known(path, number)),
        tuple(claim for claim in facts.claims if claim in fresh and not _is_known(path, claim)),
        has_unknown,
    )


def _is_known(path: Path, number: Fraction) -> bool:
    return number in path.given or number * 100 in path.given or path.passes(number)


def _leading_back(readings: Sequence[Reading]) -> set[int]:
    """The equations (by identity) from which a later one comes to a result of the reference: judged from the end."""
    stated = [one for reading in readings for one in reading.stated]
    back: set[int] = set()
    for place in range(len(stated) - 1, -1, -1):
        if stated[place].standing is not Standing.RESULT and id(stated[place]) not in back:
            continue
        operands = stated[place].equation.operands
        back |= {
            id(one)
            for one in stated[:place]
            if one.standing in (Standing.OFF, Standing.CONVERTED)
            and any(is_close(one.equation.result, operand) for operand in operands)
        }
    return back


def is_per_other_unit(path: Path, reading: Reading) -> bool:
    """Whether a step has the reference's result per another unit: 36 / 4 = 9 dollars per hour where it is 9 hours."""
    for one in reading.stated:
        if one.standing is not Standing.RESULT:
            continue
        mine = _PER.match(reading.facts.text[one.equation.claimed.end :])
        if mine is None:
            continue
        for step in path.read:
            for equation in step.equations:
                behind = step.text[equation.claimed.end :]
                if is_close(equation.result, one.equation.result) and _differs(mine[1], behind):
                    return True
    return False


def _differs(unit: str, behind: str) -> bool:
    theirs = _PER.match(behind)
    if theirs is not None:
        return theirs[1].rstrip("s") != unit.rstrip("s")
    # "9 hours" is counted in what the other is measured by.
    return behind.lstrip().startswith(unit.rstrip("s"))
