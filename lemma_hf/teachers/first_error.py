"""Search for the first wrong step of an attempt, by a reference solution.

A step is wrong where its arithmetic does not hold; where it is worded as a step of the reference and comes to something
else; or where it comes to a value that is not on the reference's path and leads nowhere on it. On the path are the
reference's results and the parts they are put together from, so another order of the same sums is no mistake; and a
value off the path is forgiven where a later right step uses it to come back.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from lemma_hf.records import Problem
from lemma_hf.solutions.arithmetic import Expression
from lemma_hf.solutions.equations import Equation, is_close
from lemma_hf.solutions.line_tokens import find_numbers
from lemma_hf.solutions.step_facts import (
    MAX_STEPS,
    StepFacts,
    likeness,
    parse_amount,
    read_step,
    to_prose,
)
from lemma_hf.solutions.steps import split_line_steps

_ALIKE = 0.75
"""From this likeness on a step is taken for a version of a reference step: three of four words in the same order."""
_MAX_TERMS = 7
"""Sums and products of more terms are not taken apart: 2^7 parts are enough."""


@dataclass(frozen=True, slots=True)
class Path:
    """A reference solution with the facts of its steps."""

    steps: tuple[str, ...]
    """As prose, without the final claim."""
    read: tuple[StepFacts, ...]
    given: frozenset[Fraction]
    """Numbers of the question."""
    answer: Fraction | None
    results: frozenset[Fraction]
    """What the steps come to."""
    values: frozenset[Fraction]
    """The results, the parts they are made of, and every number the reference names."""

    def passes(self, value: Fraction) -> bool:
        """Whether a value lies on the path."""
        return any(is_close(value, other) for other in self.values)


@dataclass(frozen=True, slots=True)
class Finding:
    """The first wrong step, and what is known of its cause."""

    index: int
    """The place of the step in the attempt, counted from 0."""
    counterpart: int | None
    """The step of the reference that it should have been, counted from 0."""
    broken: Equation | None = None
    """The equation that does not hold."""
    stopped: bool = False
    """Whether all is right up to here, and the attempt just ends too early."""


def read_path(problem: Problem) -> Path:
    """Read the reference solution of a problem; without steps where the problem has none."""
    steps = tuple(to_prose(step) for step in _lines(problem.reference_solution) if not read_step(step).is_claim)
    read = tuple(read_step(step) for step in steps)
    answer = parse_amount(problem.reference_answer)
    results = {result for step in read for result in step.results}
    values = results | {number for step in read for number in step.numbers}
    for node in _expanded(read):
        values |= _parts(node)
    values |= {answer} if answer is not None else set()
    return Path(steps, read, frozenset(find_numbers(problem.question)), answer, frozenset(results), frozenset(values))


def _lines(solution: str) -> tuple[str, ...]:
    return tuple(step.strip() for step in split_line_steps(solution)[:MAX_STEPS])


def _expanded(steps: Sequence[StepFacts]) -> list[Expression]:
    """The left sides of all equations, each operand that an earlier equation worked out replaced by its left side."""
    known: dict[Fraction, Expression] = {}
    found: list[Expression] = []
    for equation in (equation for step in steps for equation in step.equations):
        grown = _grow(equation.left, known)
        found.append(equation.left)
        if len(grown.leaves) <= 4 * _MAX_TERMS:
            found.append(grown)
            known.setdefault(equation.result, grown)
    return found


def _grow(node: Expression, known: dict[Fraction, Expression]) -> Expression:
    if node.left is None or node.right is None:
        return known.get(node.value, node)
    return Expression(node.value, node.sign, _grow(node.left, known), _grow(node.right, known))


def _parts(node: Expression) -> set[Fraction]:
    """The values of all nodes, and of every selection of the terms of a sum or the factors of a product."""
    values: set[Fraction] = set()
    for part in node.nodes:
        values.add(part.value)
        sign = {"-": "+", "/": "*"}.get(part.sign, part.sign)
        if sign in ("+", "*"):
            values |= _selections(_terms(part, sign)[:_MAX_TERMS], sign)
    return values


def _terms(node: Expression, sign: str, turned: bool = False) -> list[Fraction]:
    """`a - (b + c)` as the terms a, -b, -c; `a / b` as the factors a, 1/b."""
    inverse = {"+": "-", "*": "/"}[sign]
    if node.left is not None and node.right is not None and node.sign in (sign, inverse):
        return _terms(node.left, sign, turned) + _terms(node.right, sign, turned ^ (node.sign == inverse))
    if turned and sign == "*":
        return [1 / node.value] if node.value else []
    return [-node.value if turned else node.value]


def _selections(terms: list[Fraction], sign: str) -> set[Fraction]:
    values: set[Fraction] = set()
    for size in range(2, len(terms) + 1):
        for chosen in combinations(terms, size):
            total = Fraction(0 if sign == "+" else 1)
            for term in chosen:
                total = total + term if sign == "+" else total * term
            values |= {total, 1 / total} if sign == "*" and total else {total}
    return values


def find_first_error(path: Path, attempt: Sequence[str]) -> Finding | None:
    """Find the first wrong step; None where no step can be called wrong."""
    steps = [read_step(step) for step in attempt[:MAX_STEPS]]
    forgiven = _forgiven(path, steps)
    for index, step in enumerate(steps):
        if finding := _fault(path, steps, index, forgiven):
            return finding
        if step.is_claim:
            break
    return _wrong_claim(path, steps)


def explain_step(path: Path, attempt: Sequence[str], index: int) -> Finding:
    """Describe a step that is known to be wrong: its broken equation, and the reference step it should have been."""
    step = read_step(attempt[index])
    broken = next((equation for equation in step.equations if not equation.holds), None)
    return Finding(index, _counterpart_of(path, attempt, index), broken)


def _fault(path: Path, steps: list[StepFacts], index: int, forgiven: set[int]) -> Finding | None:
    step = steps[index]
    if step.is_claim or any(step.text == other.text for other in path.read):
        return None
    twins = _twins(path, step)
    known = {(equation.text, equation.result) for twin in twins for equation in path.read[twin].equations}
    for equation in step.equations:
        if not equation.holds and (equation.text, equation.result) not in known:
            return Finding(index, _counterpart(path, steps, index), equation)
    if twins and not any(_same_outcome(step, path.read[twin]) for twin in twins):
        return Finding(index, twins[0])
    if _brings_in(path, steps, index):
        return Finding(index, _counterpart(path, steps, index))
    if not twins and _strays(path, steps, index, forgiven):
        return Finding(index, _counterpart(path, steps, index))
    return None


def _twins(path: Path, step: StepFacts) -> list[int]:
    """The reference steps that `step` is a version of: those worded most alike, if alike enough."""
    if len(step.wording.split()) < 3:
        return []
    scores = [likeness(step, other) if other.results or not step.results else 0.0 for other in path.read]
    best = max(scores, default=0.0)
    return [index for index, score in enumerate(scores) if score >= _ALIKE and score > best - 0.02]


def _same_outcome(step: StepFacts, twin: StepFacts) -> bool:
    if step.algebra and twin.algebra and step.algebra != twin.algebra:
        return False
    if step.result is None or twin.result is None:
        return step.result is twin.result
    return is_close(step.result, twin.result) or any(is_close(step.result, other) for other in twin.results)


def _brings_in(path: Path, steps: list[StepFacts], index: int) -> bool:
    """Whether a step names a number that comes from nowhere, and a later step works with it."""
    step = steps[index]
    earlier = {result for other in steps[: index + 1] for result in other.results}
    new = {n for n in step.numbers if n not in path.given and n not in earlier and n > 1 and not path.passes(n)}
    return bool(new) and any(new & set(e.operands) for other in steps[index + 1 :] for e in other.equations)


def _strays(path: Path, steps: list[StepFacts], index: int, forgiven: set[int]) -> bool:
    """Whether a step that is worded in its own way leaves the path."""
    step = steps[index]
    astray = [e for e in step.equations if id(e) not in forgiven and not path.passes(e.result)]
    if astray:
        return True
    earlier = {result for other in steps[:index] for result in other.results}
    own = {equation.result for equation in step.equations}
    return (
        any(
            not path.passes(claim) and claim not in path.given and claim not in earlier and claim not in own
            for claim in step.claims
        )
        and not step.equations
    )


def _forgiven(path: Path, steps: list[StepFacts]) -> set[int]:
    """The equations (by identity) that are right or lead back: judged from the last to the first."""
    equations = [equation for step in steps for equation in step.equations]
    good: set[int] = set()
    used: list[Fraction] = []
    for equation in reversed(equations):
        if not equation.holds:
            continue
        arrives = any(is_close(equation.result, result) for result in path.results)
        if arrives or any(is_close(equation.result, operand) for operand in used):
            good.add(id(equation))
            used += equation.operands
    return good


def _wrong_claim(path: Path, steps: list[StepFacts]) -> Finding | None:
    """The finding where every step holds, and yet the end is wrong: a stop too early, or a wrong last result."""
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        if step.result is None:
            continue
        if path.answer is not None and is_close(step.result, path.answer):
            return None
        stopped = any(is_close(step.result, result) for result in path.results)
        if step.is_claim and index and _repeats(steps, index) and not stopped:
            continue
        return Finding(index, _counterpart(path, steps, index), stopped=stopped)
    return None


def _repeats(steps: list[StepFacts], index: int) -> bool:
    """Whether a claim only says again what the step before it came to."""
    before, claim = steps[index - 1].result, steps[index].result
    return before is not None and claim is not None and is_close(before, claim)


def _counterpart_of(path: Path, attempt: Sequence[str], index: int) -> int | None:
    """The reference step that a wrong step should have been: worded like it, or else the first not yet done."""
    return _counterpart(path, [read_step(step) for step in attempt], index)


def _counterpart(path: Path, steps: Sequence[StepFacts], index: int) -> int | None:
    if not path.read:
        return None
    twins = _twins(path, steps[index])
    if twins:
        return twins[0]
    done = covered(path, steps[:index])
    operands = {operand for equation in steps[index].equations for operand in equation.operands}
    following = range(done, len(path.read))
    # Of the steps still to do, the one that works on the same numbers; the first of them where none does.
    shared = [len(operands & {o for e in path.read[at].equations for o in e.operands}) for at in following]
    if shared and max(shared) > 0:
        return following[shared.index(max(shared))]
    return min(done, len(path.read) - 1)


def covered(path: Path, right: Sequence[StepFacts]) -> int:
    """Count the steps of the reference, from its first on without a gap, that the right steps have done.

    Each result counts once: two steps of the reference that come to the same number need it twice.
    """
    texts = {step.text for step in right}
    unused = Counter(result for step in right for result in (step.results or (step.result,)))
    done = 0
    for step in path.read:
        outcome = step.results[-1] if step.results else None
        match = next(
            (r for r, n in unused.items() if n and r is not None and outcome is not None and is_close(outcome, r)), None
        )
        if step.text not in texts and match is None and not any(_is_version(other, step) for other in right):
            break
        unused[match] -= 1
        done += 1
    return done


def _is_version(step: StepFacts, of: StepFacts) -> bool:
    return likeness(step, of) >= _ALIKE and _same_outcome(step, of)
