"""The path of a reference solution: the values it works out, and the formulas behind them.

An attempt may do the same sums in another order, or two of them in one step. So a value is on the path not only where
it is a result of the reference, but also where it is a part of one of its formulas:

    reference   (5 + 8) * 10 = 130         an attempt's 5 * 10 = 50 is a part of it, once it is multiplied out
                40 - 9 - 13 = 18           its 9 + 13 = 22 is a part of it

Two formulas may come to the same value by chance (`20 * 20` and `10 * 20 + 10 * 20`). Each formula is therefore worked
out twice, with the numbers of the question and with these numbers moved a little; who agrees both times is the same.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import combinations

from lemma_hf.records import Problem
from lemma_hf.solutions.arithmetic import Expression, NotArithmeticError, apply_sign
from lemma_hf.solutions.equations import find_expressions, is_close
from lemma_hf.solutions.letters import letter_asked, put_value
from lemma_hf.solutions.line_tokens import TokenKind, find_numbers, tokenize_line, without_latex
from lemma_hf.solutions.step_facts import (
    MAX_STEP_CHARACTERS,
    MAX_STEPS,
    StepFacts,
    parse_amount,
    read_step,
    to_prose,
)
from lemma_hf.solutions.steps import split_line_steps

UNIT_FACTORS = frozenset(map(Fraction, (7, 12, 16, 24, 30, 36, 52, 60, 100, 365, 1000, 3600, 5280)))
"""Days of a week, months, ounces, hours, … feet of a mile: the factors between units of word problems."""
_MAX_TERMS = 7
"""Sums and products of more terms are not taken apart: 2^7 parts are enough."""
_MAX_LEAVES = 4 * _MAX_TERMS
"""A formula of more numbers is not put together: the longest reference solutions have some twenty."""
_MAX_PRODUCTS = 16
"""Terms to multiply out at most: four sums of two terms."""
_MAX_VALUE, _MAX_DENOMINATOR = 10**15, 10**30
"""Moved values beyond these say nothing, and would make the next ones slow."""


class Standing(StrEnum):
    """What a value of an attempt is to the reference solution."""

    RESULT = "result"
    """A result of the reference, by the same formula."""
    PART = "part"
    """Some terms of a sum, or factors of a product, of the reference."""
    REGROUPED = "regrouped"
    """A part of a formula after multiplying out, or after taking out a factor."""
    RESULT_VALUE = "result_value"
    """Equal to a result, by another formula."""
    PART_VALUE = "part_value"
    REGROUPED_VALUE = "regrouped_value"
    CONVERTED = "converted"
    """A share in another form: 80 % for 20 %, or a value times 100 or by 100."""
    OFF = "off"
    """None of these."""


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
    formulas: "_Formulas" = field(compare=False, repr=False)
    letter: str = ""
    """The unknown that the question asks for by its letter; its value is the answer. Empty where there is none."""

    def facts(self, step: str) -> StepFacts:
        """Read a step, of an attempt or of the reference, with the value of the unknown in its place."""
        return _facts(step, self.letter, self.answer)

    def passes(self, value: Fraction) -> bool:
        """Whether a value lies on the path."""
        return _within(value, self.values)

    def standing(self, value: Fraction, formula: Expression) -> Standing:
        """The standing of a value that an attempt works out.

        Args:
            formula: the expression that comes to it; see `grow`.
        """
        return self.formulas.standing(value, formula, self)


@dataclass(frozen=True, slots=True)
class _Formulas:
    """The formulas of a reference solution, each worked out twice."""

    moves: Mapping[Fraction, Fraction]
    """Numbers of the question and the ones that take their places."""
    results: tuple[tuple[Fraction, Fraction | None], ...]
    parts: frozenset[Fraction]
    """Of the moved formulas, as `regrouped`."""
    regrouped: frozenset[Fraction]
    regrouped_values: frozenset[Fraction]
    """Of the formulas as they stand."""
    shares: frozenset[Fraction]

    def standing(self, value: Fraction, formula: Expression, path: Path) -> Standing:
        moved = _moved_value(formula, self.moves)
        if moved is not None:
            if any(is_close(value, r) and m is not None and is_close(m, moved) for r, m in self.results):
                return Standing.RESULT
            if _within(moved, self.parts):
                return Standing.PART
            if _within(moved, self.regrouped):
                return Standing.REGROUPED
        if any(is_close(value, result) for result, _ in self.results):
            return Standing.RESULT_VALUE
        if path.passes(value):
            return Standing.PART_VALUE
        if _within(value, self.regrouped_values):
            return Standing.REGROUPED_VALUE
        if value in self.shares or path.passes(value * 100) or path.passes(value / 100):
            return Standing.CONVERTED
        return Standing.OFF


def _within(value: Fraction, others: frozenset[Fraction]) -> bool:
    return value in others or any(is_close(value, other) for other in others)


@lru_cache(maxsize=256)  # problems of which several attempts, or several stages, are at work
def read_path(problem: Problem) -> Path:
    """Read the reference solution of a problem; without steps where the problem has none."""
    lines = (step.strip() for step in split_line_steps(problem.reference_solution)[:MAX_STEPS])
    steps = tuple(to_prose(step) for step in lines if not read_step(step).is_claim)
    answer = parse_amount(problem.reference_answer)
    letter = letter_asked(problem.question) or ""
    question = problem.question
    if letter and answer is not None:
        question = put_value(question, letter, answer)
    read = tuple(_facts(step, letter, answer) for step in steps)
    results = {result for step in read for result in step.results}
    values = results | {number for step in read for number in step.numbers}
    loose = [expression for step in read for expression in find_expressions(step.text)]
    worked_out, grown = _expanded(read)
    for node in (*worked_out, *grown, *loose):
        values |= _parts(node)
    values |= {answer} if answer is not None else set()
    given = frozenset(find_numbers(question))
    return Path(
        steps,
        read,
        given,
        answer,
        frozenset(results),
        frozenset(values),
        _read_formulas(question, given, grown, loose),
        letter,
    )


def _facts(step: str, letter: str, value: Fraction | None) -> StepFacts:
    return read_step(put_value(step[:MAX_STEP_CHARACTERS], letter, value) if letter and value is not None else step)


def _read_formulas(
    question: str, given: frozenset[Fraction], grown: Sequence[Expression], loose: Sequence[Expression]
) -> _Formulas:
    moves = _moves(question)
    moved = [_moved(node, moves) for node in grown]
    return _Formulas(
        moves,
        tuple((node.value, _moved_value(node, moves)) for node in (*grown, *loose)),
        frozenset(value for node in moved for value in _parts(node)),
        frozenset(value for node in moved for value in _regrouped(node)),
        frozenset(value for node in grown for value in _regrouped(node)),
        _shares(question, given),
    )


def _percentages(question: str) -> frozenset[Fraction]:
    tokens = tokenize_line(without_latex(question))
    return frozenset(token.value for token in tokens if token.kind is TokenKind.NUMBER and token.percent)


def _shares(question: str, given: frozenset[Fraction]) -> frozenset[Fraction]:
    """The shares that a question names, what they leave of the whole, and what they add to it: 20, 80 and 120 %."""
    shares = {share for p in _percentages(question) for share in (p, 1 - p, 1 + p)}
    parts = {share for part in given if 0 < part < 1 for share in (1 - part, 1 + part)}
    return frozenset(shares | parts | {100 * share for share in shares})


def _moves(question: str) -> dict[Fraction, Fraction]:
    """The numbers in digits of a question, each with another one in its place: the same at every call."""
    dice = random.Random("moves")
    moves: dict[Fraction, Fraction] = {}
    for token in tokenize_line(without_latex(question)):
        number = token.value * 100 if token.percent else token.value
        if token.kind is not TokenKind.NUMBER or number in (0, 1) or number in moves:
            continue
        factor = Fraction(dice.randint(1001, 1999), 1000)
        moves[number] = number * factor
        if token.percent:
            for whole in (1, 100):
                share = number * whole / 100
                moves[share] = share * factor
                moves[whole - share] = whole - share * factor
                moves[whole + share] = whole + share * factor
    return moves


def _moved(node: Expression, moves: Mapping[Fraction, Fraction]) -> Expression:
    if node.left is None or node.right is None:
        return Expression(moves.get(node.value, node.value))
    value = _moved_value(node, moves)
    # A part without a value, such as a division by zero, is 0 here: no value of an attempt agrees with it by chance.
    return Expression(value or Fraction(0), node.sign, _moved(node.left, moves), _moved(node.right, moves))


def _moved_value(node: Expression, moves: Mapping[Fraction, Fraction]) -> Fraction | None:
    if node.left is None or node.right is None:
        return moves.get(node.value, node.value)
    left, right = _moved_value(node.left, moves), _moved_value(node.right, moves)
    if left is None or right is None:
        return None
    try:
        value = apply_sign(node.sign, left, right)
    except NotArithmeticError:
        return None
    return value if abs(value) <= _MAX_VALUE and value.denominator <= _MAX_DENOMINATOR else None


def _expanded(steps: Sequence[StepFacts]) -> tuple[list[Expression], list[Expression]]:
    """The left sides of all equations as they stand, and grown to formulas of the question's numbers."""
    known: dict[Fraction, Expression] = {}
    plain: list[Expression] = []
    formulas: list[Expression] = []
    for equation in (equation for step in steps for equation in step.equations):
        formula = grow(equation.left, known)
        plain.append(equation.left)
        formulas.append(formula)
        known.setdefault(equation.result, formula)
    return plain, formulas


def grow(node: Expression, known: Mapping[Fraction, Expression]) -> Expression:
    """Replace each number that was worked out before by its formula; a formula of too many numbers stays as it is.

    Args:
        known: values and the formulas that came to them.
    """
    grown = _grow(node, known)
    return grown if len(grown.leaves) <= _MAX_LEAVES else node


def _grow(node: Expression, known: Mapping[Fraction, Expression]) -> Expression:
    if node.left is None or node.right is None:
        return known.get(node.value, Expression(node.value))
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


def _selections(terms: Sequence[Fraction], sign: str) -> set[Fraction]:
    """What two or more of the terms come to, and the same turned round: 9 + 13 of 40 - 9 - 13, 2 / 5 of 5 / 2."""
    values: set[Fraction] = set()
    for size in range(2, len(terms) + 1):
        for chosen in combinations(terms, size):
            total = Fraction(0 if sign == "+" else 1)
            for term in chosen:
                total = total + term if sign == "+" else total * term
            values |= {total, -total} if sign == "+" else {total, 1 / total} if total else {total}
    return values


@dataclass(frozen=True, slots=True)
class _Product:
    """A term of a sum that is multiplied out."""

    value: Fraction
    factors: tuple[tuple[Fraction, int], ...]
    """Its factors with their exponents."""


def _regrouped(node: Expression) -> set[Fraction]:
    """Parts of the sums in a formula after multiplying out, and after taking out a factor that several terms share."""
    values: set[Fraction] = set()
    for part in node.nodes:
        products = _multiplied_out(part)
        if not 1 < len(products) <= _MAX_TERMS - 1:
            continue
        terms = [product.value for product in products]
        values |= set(terms) | {-term for term in terms} | _selections(terms, "+")
        for factor in _shared_factors(products):
            rest = [term / factor for term in terms]
            values |= set(rest) | _selections(rest, "+")
    return values


def _shared_factors(products: Sequence[_Product]) -> Iterator[Fraction]:
    shared = set.intersection(*({(f, n > 0) for f, n in product.factors if n} for product in products))
    for factor, above in sorted(shared):
        if factor:
            yield factor if above else 1 / factor


def _multiplied_out(node: Expression) -> list[_Product]:
    if node.left is not None and node.right is not None:
        if node.sign == "+":
            return _multiplied_out(node.left) + _multiplied_out(node.right)
        if node.sign == "-":
            taken = (_Product(-product.value, product.factors) for product in _multiplied_out(node.right))
            return [*_multiplied_out(node.left), *taken]
        if node.sign == "*":
            lefts, rights = _multiplied_out(node.left), _multiplied_out(node.right)
            if len(lefts) * len(rights) <= _MAX_PRODUCTS:
                return [
                    _Product(left.value * right.value, _joined(left.factors, right.factors))
                    for left in lefts
                    for right in rights
                ]
        if node.sign == "/" and node.right.value and node.right.left is None:
            divisor = ((node.right.value, -1),)
            return [
                _Product(product.value / node.right.value, _joined(product.factors, divisor))
                for product in _multiplied_out(node.left)
            ]
    return [_Product(node.value, ((node.value, 1),))]


def _joined(
    left: tuple[tuple[Fraction, int], ...], right: tuple[tuple[Fraction, int], ...]
) -> tuple[tuple[Fraction, int], ...]:
    total: Counter[Fraction] = Counter()
    for factor, exponent in (*left, *right):
        total[factor] += exponent
    return tuple(total.items())
