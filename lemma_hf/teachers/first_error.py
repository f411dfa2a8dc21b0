"""Search for the first wrong step of an attempt, by a reference solution.

A step is wrong where its arithmetic does not hold; where it is worded as a step of the reference and comes to something
else; or where it works out a value that is not on the reference's path (see `lemma_hf.teachers.path`) and that no later
step leads back to it. A step that takes a part of the reference's sum for the whole is found by what comes behind it:

    reference   8 * 3 = 24,   24 * 5 = 120,   120 - 70 = 50
    attempt     8 * 5 = 40                a part of the product, of which nothing can be said yet
                70 - 40 = 30              no product goes on so: 40 was taken for the whole, and its step is wrong

A finding says by which `Evidence` it was made, and how sure it is (see `lemma_hf.teachers.sureness`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lemma_hf.solutions.equations import Equation, is_close
from lemma_hf.solutions.step_facts import likeness, read_step
from lemma_hf.teachers.alignment import counterpart
from lemma_hf.teachers.path import UNIT_FACTORS, Path, Standing
from lemma_hf.teachers.statements import Reading, Stated, is_per_other_unit, read_attempt
from lemma_hf.teachers.sureness import Evidence, sureness

_NEARLY_VERBATIM = 0.9
"""From this likeness on, nine words of ten, a step has to come to what its twin comes to, whatever its formula."""
_BESIDE = frozenset((Standing.REGROUPED, Standing.RESULT_VALUE, Standing.PART_VALUE, Standing.REGROUPED_VALUE))
"""On the path after regrouping, or by chance."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The first wrong step, and what is known of its cause."""

    index: int
    """The place of the step in the attempt, counted from 0."""
    counterpart: int | None
    """The step of the reference that it should have been, counted from 0."""
    broken: Equation | None = None
    """The equation that does not hold."""
    evidence: Evidence | None = None
    """What the finding rests on; None where the step was given."""
    sureness: float = 1.0
    """From 0 to 1; see `lemma_hf.teachers.sureness`."""

    @property
    def stopped(self) -> bool:
        """Whether all is right up to here, and the attempt just ends too early."""
        return self.evidence is Evidence.STOPPED


def find_first_error(path: Path, attempt: Sequence[str]) -> Finding | None:
    """Find the first wrong step; None where no step can be called wrong."""
    readings = read_attempt(path, attempt)
    found = _first_fault(path, readings)
    found = _origin(readings, *found) if found else _wrong_end(path, readings)
    if found is None:
        return None
    index, evidence = found
    broken = next((one.equation for one in readings[index].stated if not one.holds), None)
    return Finding(
        index,
        counterpart(path, [reading.facts for reading in readings], index),
        # (With an unknown, the equation as it was checked is not the one that stands in the text.)
        broken if evidence is Evidence.ARITHMETIC else None,
        evidence,
        sureness(path, readings, index, evidence),
    )


def explain_step(path: Path, attempt: Sequence[str], index: int) -> Finding:
    """Describe a step that is known to be wrong: its broken equation, and the reference step it should have been."""
    steps = [path.facts(step) for step in attempt]
    written = read_step(attempt[index]).equations
    return Finding(index, counterpart(path, steps, index), next((one for one in written if not one.holds), None))


def _first_fault(path: Path, readings: Sequence[Reading]) -> tuple[int, Evidence] | None:
    for index, reading in enumerate(readings):
        if reading.facts.is_claim:
            return None
        evidence = None if reading.verbatim else _fault(path, reading)
        if evidence is None and not reading.verbatim and _brings_in(readings, index):
            evidence = Evidence.INVENTED
        if evidence is not None:
            return index, evidence
    return None


def _fault(path: Path, reading: Reading) -> Evidence | None:
    if not all(one.holds for one in reading.stated):
        return Evidence.ALGEBRA if reading.has_unknown else Evidence.ARITHMETIC
    if reading.unequal:
        return Evidence.UNEQUAL
    if _misses_twin(path, reading):
        return Evidence.OTHER_OUTCOME
    if reading.off:
        return Evidence.OFF_PATH
    if path.letter and Standing.OFF in reading.loose:
        return Evidence.OFF_TERM
    if is_per_other_unit(path, reading):
        return Evidence.OTHER_UNIT
    if not reading.stated and reading.off_claims:
        return Evidence.CLAIM
    return None


def _misses_twin(path: Path, reading: Reading) -> bool:
    """Whether a step is worded as one of the reference, and comes to something else."""
    facts = reading.facts
    if not reading.twins or reading.comes_to_twin or not (reading.stated or facts.claims or facts.algebra):
        return False
    if reading.stated and reading.stated[-1].leads_back:
        return False
    # Worded alike by chance ("Her lawn is …", "Her bag of seed is …"), and right by its own formula.
    right = reading.stated and reading.stated[-1].standing is Standing.RESULT
    return not right or max(likeness(facts, path.read[twin]) for twin in reading.twins) >= _NEARLY_VERBATIM


def _brings_in(readings: Sequence[Reading], index: int) -> bool:
    """Whether a step names a number from nowhere, and works with it or leaves that to a later step."""
    new = readings[index].new
    own = {operand for one in readings[index].stated for operand in one.equation.operands}
    later = {
        operand for reading in readings[index + 1 :] for one in reading.stated for operand in one.equation.operands
    }
    return bool(new & later or (new - UNIT_FACTORS) & own)


def _origin(readings: Sequence[Reading], index: int, evidence: Evidence) -> tuple[int, Evidence]:
    """The step that a fault comes from: an earlier one, where it took a part for the whole."""
    fault = readings[index].decisive
    if evidence not in (Evidence.OFF_PATH, Evidence.OTHER_OUTCOME) or fault is None:
        return index, evidence
    for earlier, one in _sources(readings, index, fault):
        if readings[earlier].comes_to_twin or readings[earlier].verbatim:
            continue
        if one.standing is Standing.RESULT_VALUE:
            return earlier, Evidence.COINCIDENCE
        # A sum goes on with terms, a product with factors; what does anything else takes it for the whole.
        if one.standing is Standing.PART and not _goes_on(one, fault):
            return earlier, Evidence.INCOMPLETE
    return index, evidence


def _sources(readings: Sequence[Reading], index: int, fault: Stated) -> list[tuple[int, Stated]]:
    """The last equation before `index` that came to each operand of the fault, in the order of their steps."""
    found = []
    for operand in fault.equation.operands:
        made = [
            (place, one)
            for place, reading in enumerate(readings[:index])
            for one in reading.stated
            if one.equation.result == operand
        ]
        found += made[-1:]
    return sorted(found, key=lambda pair: pair[0])


def _goes_on(part: Stated, use: Stated) -> bool:
    return _is_sum(part) == _is_sum(use)


def _is_sum(one: Stated) -> bool:
    return one.equation.left.sign in ("+", "-")


def _wrong_end(path: Path, readings: Sequence[Reading]) -> tuple[int, Evidence] | None:
    """The finding where every step holds, and yet the end is wrong: a part for the whole, a stop too early, a claim."""
    ends = [place for place, reading in enumerate(readings) if reading.stated]
    if ends:
        last = readings[ends[-1]].stated[-1]
        if path.answer is not None and is_close(last.equation.result, path.answer):
            return None
        if last.standing is Standing.PART:
            return ends[-1], Evidence.ENDS_WITH_PART
        if last.standing in _BESIDE:
            return ends[-1], Evidence.ENDS_BESIDE
        if last.standing is Standing.RESULT:
            said = _taken_for_answer(readings, ends[-1], last)
            # Where nothing says so, the attempt just ends: its last step is right, and none is wrong.
            return None if said is None else (said, Evidence.STOPPED)
    return _wrong_claim(path, readings)


def _taken_for_answer(readings: Sequence[Reading], index: int, last: Stated) -> int | None:
    """The step that says again what the last sum came to, as the answer; a mere claim only where no other does."""
    again = [at for at in range(index + 1, len(readings)) if last.equation.result in readings[at].facts.numbers]
    return min(again, key=lambda at: (readings[at].facts.is_claim, at), default=None)


def _wrong_claim(path: Path, readings: Sequence[Reading]) -> tuple[int, Evidence] | None:
    """The last claim, unless it only repeats what the step before it came to."""
    for index in range(len(readings) - 1, -1, -1):
        facts = readings[index].facts
        if facts.result is None:
            continue
        if path.answer is not None and is_close(facts.result, path.answer):
            return None
        before = readings[index - 1].facts.result if index else None
        if facts.is_claim and before is not None and is_close(before, facts.result):
            continue
        return index, Evidence.CLAIM
    return None
