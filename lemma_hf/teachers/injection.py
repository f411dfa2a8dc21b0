"""Injection of a mistake into a reference solution, so that everything after it follows from the mistake.

Five kinds can be written without understanding the words: another result, another number, another sign, another count,
and a step left out. The steps behind the mistake are worked out again with the wrong value.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lemma_hf.solutions.arithmetic import decimal_text
from lemma_hf.solutions.equations import Equation, find_equations
from lemma_hf.solutions.line_tokens import Token, TokenKind, tokenize_line, without_latex
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.first_error import find_first_error
from lemma_hf.teachers.path import Path

_Changes = dict[Fraction, Fraction]
"""Right values and the wrong ones that stand for them from now on."""
_MAX_TRIES = 24
"""Places to try for a mistake; each costs a search of the whole solution."""


@dataclass(frozen=True, slots=True)
class _Slip:
    """The first wrong step of a solution in the making."""

    kept: tuple[str, ...]
    """The right steps before it."""
    wrong: str
    following: tuple[str, ...]
    """The steps after it, still with the right values."""
    changes: _Changes


def write_slip(path: Path, error_type: ErrorType, dice: random.Random) -> tuple[tuple[str, ...], int] | None:
    """Write a wrong solution, with the index of its first wrong step; None where the solution has no place for one."""
    steps = [without_latex(step) for step in path.steps]
    if error_type not in _KINDS or path.answer is None or not all(_sound(step) for step in steps):
        return None
    slips = list(_KINDS[error_type](path, steps, dice))
    dice.shuffle(slips)
    for slip in slips[:_MAX_TRIES]:
        done = _carry_on(path, slip)
        if done is not None:
            found = find_first_error(path, done)
            if found is not None and found.index == len(slip.kept):
                return done, found.index
    return None


def _sound(step: str) -> bool:
    return all(equation.holds for equation in find_equations(step))


def _calculation(path: Path, steps: list[str], dice: random.Random) -> Iterator[_Slip]:
    """Another result: one digit off, or as if a carry had been forgotten."""
    for index, equation in _single(steps):
        right = equation.result
        size = Fraction(10) ** dice.randrange(max(1, len(str(int(abs(right))))))
        wrong = right + dice.choice((1, -1, 2)) * size
        text = _substitute(steps[index], {right: wrong}, spare=_places(equation))
        if _usable(wrong) and text is not None and right not in path.given:
            yield _Slip(tuple(steps[:index]), text, tuple(steps[index + 1 :]), {right: wrong})


def _context_value(path: Path, steps: list[str], dice: random.Random) -> Iterator[_Slip]:
    """Another number: one of the question is copied wrongly."""
    for index, equation in _single(steps):
        for leaf in equation.left.leaves:
            if leaf.value in path.given and leaf.token is not None and leaf.value > 3:
                wrong = leaf.value + dice.choice((1, -1, 10 if leaf.value >= 20 else 2))
                yield from _with_number(steps, index, equation, leaf.token, wrong)


def _counting(path: Path, steps: list[str], dice: random.Random) -> Iterator[_Slip]:
    """Another count: a small number that the question does not spell out is one off."""
    computed = {result for step in path.read for result in step.results}
    for index, equation in _single(steps):
        for leaf in equation.left.leaves:
            uncounted = leaf.value not in path.given and leaf.value not in computed
            if uncounted and leaf.token is not None and leaf.value.denominator == 1 and 3 <= leaf.value <= 12:
                yield from _with_number(steps, index, equation, leaf.token, leaf.value + dice.choice((1, -1)))


def _operator(path: Path, steps: list[str], dice: random.Random) -> Iterator[_Slip]:
    """Another sign: a sum for a difference, a product for a quotient, and the other way round."""
    for index, equation in _single(steps):
        tokens = [leaf.token for leaf in equation.left.leaves if leaf.token is not None]
        if len(tokens) != 2 or equation.left.sign not in "+-*/":
            continue
        between = [t for t in tokenize_line(steps[index]) if tokens[0].end <= t.start < tokens[1].start]
        sign = next((t for t in between if t.kind is TokenKind.SIGN), None)
        if sign is not None:
            other = {"+": "-", "-": "+", "*": "/", "/": "*"}[equation.left.sign]
            text = f"{steps[index][: sign.start]}{other}{steps[index][sign.end :]}"
            yield from _worked_out(steps, index, equation, text)


def _missing_step(path: Path, steps: list[str], dice: random.Random) -> Iterator[_Slip]:
    """A step less: it is left out, and what it started from is used in place of its result."""
    for index, equation in _single(steps[:-1]):
        users = [
            at
            for at in range(index + 1, len(steps))
            if any(equation.result in e.operands for e in find_equations(steps[at]))
        ]
        if not users or equation.result in path.given:
            continue
        at, stand_in = users[0], max(equation.operands)
        changes = {equation.result: stand_in}
        text = _rework(steps[at], changes, path) if stand_in != equation.result else None
        if text is not None:
            kept = (*steps[:index], *steps[index + 1 : at])
            yield _Slip(kept, text, tuple(steps[at + 1 :]), changes)


_KINDS: dict[ErrorType, Callable[[Path, list[str], random.Random], Iterator[_Slip]]] = {
    ErrorType.CALCULATION: _calculation,
    ErrorType.CONTEXT_VALUE: _context_value,
    ErrorType.COUNTING: _counting,
    ErrorType.OPERATOR: _operator,
    ErrorType.MISSING_STEP: _missing_step,
}
SLIP_TYPES = tuple(_KINDS)
"""The error types that `write_slip` can write."""


def _single(steps: Sequence[str]) -> Iterator[tuple[int, Equation]]:
    """The steps that state exactly one equation."""
    for index, step in enumerate(steps):
        equations = find_equations(step)
        if len(equations) == 1:
            yield index, equations[0]


def _with_number(steps: list[str], index: int, equation: Equation, token: Token, wrong: Fraction) -> Iterator[_Slip]:
    figure = decimal_text(wrong)
    if figure is None or token.percent or "$" in token.text:
        return
    text = steps[index][: token.start] + figure + steps[index][token.end :]
    yield from _worked_out(steps, index, equation, text)


def _worked_out(steps: list[str], index: int, right: Equation, text: str) -> Iterator[_Slip]:
    """The step as edited, with the result that now follows."""
    edited = find_equations(text)
    if len(edited) != 1 or not _usable(edited[0].left.value) or edited[0].left.value == right.result:
        return
    change = {right.result: edited[0].left.value}
    done = _substitute(text, change, spare=_places(edited[0]))
    if done is not None:
        yield _Slip(tuple(steps[:index]), done, tuple(steps[index + 1 :]), change)


def _carry_on(path: Path, slip: _Slip) -> tuple[str, ...] | None:
    """The whole wrong solution with its wrong claim; None where it cannot be written or still ends right."""
    changes = dict(slip.changes)
    if any(right in path.given for right in changes):
        return None
    steps = [*slip.kept, slip.wrong, *(_rework(step, changes, path) for step in slip.following)]
    answer = changes.get(path.answer) if path.answer is not None else None
    if answer is None or answer == path.answer or any(step is None for step in steps):
        return None
    return (*(f"{step}\n" for step in steps), f"The answer is: {decimal_text(answer)}")


def _rework(step: str, changes: _Changes, path: Path) -> str | None:
    """A step worked out again with the changed values; new changes are added to `changes`."""
    # Each pass corrects one equation; a step that needs more than eight is given up.
    for _ in range(8):
        text = _substitute(step, changes)
        if text is None:
            return None
        broken = next((equation for equation in find_equations(text) if not equation.holds), None)
        if broken is None:
            return text
        if broken.result in changes or broken.result in path.given or not _usable(broken.left.value):
            return None
        changes[broken.result] = broken.left.value
    return None


def _substitute(text: str, changes: _Changes, spare: frozenset[int] = frozenset()) -> str | None:
    """`text` with the changed values, but for the numbers that start at the places in `spare`."""
    pieces, at = [], 0
    for token in tokenize_line(text):
        if token.kind is not TokenKind.NUMBER or token.value not in changes or token.start in spare:
            continue
        figure = decimal_text(changes[token.value] * (100 if token.percent else 1))
        if figure is None:
            return None
        currency = token.text[0] if token.text[0] in "$€£" else ""
        pieces += [text[at : token.start], currency, figure, "%" if token.percent else ""]
        at = token.end
    return "".join([*pieces, text[at:]])


def _places(equation: Equation) -> frozenset[int]:
    return frozenset(leaf.token.start for leaf in equation.left.leaves if leaf.token is not None)


def _usable(value: Fraction) -> bool:
    """Whether a value looks like one of a word problem: above zero, at most two decimals, not huge."""
    return 0 < value < 10**9 and (value * 100).denominator == 1
