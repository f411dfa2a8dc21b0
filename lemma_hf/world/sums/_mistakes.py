"""Mistakes made on purpose in a chain: one function for each of LEMMA's six types.

Each returns wrong steps, of which the first wrong one is known; all later steps follow from it faithfully.
"""

import random
from collections.abc import Callable

from lemma_hf.taxonomy import ErrorType
from lemma_hf.world.sums._chain import MODULUS, Chain, Operation, claim, equation

_Plan = list[Operation]
"""The operations that the wrong solution does."""


def write_mistake(chain: Chain, error_type: ErrorType, dice: random.Random) -> tuple[str, ...] | None:
    """A whole wrong solution with a first error of that type, or None where the chain has no room for it."""
    index = dice.randrange(len(chain.operations))
    return _MISTAKES[error_type](chain, index, dice)


def _follow(start: int, plan: _Plan, at: int = 0, slip: int = 0, begin: int | None = None) -> tuple[str, ...]:
    """Carry out `plan` from `start`; step `at` starts from `begin` if given, and its result is off by `slip`."""
    value, steps = start, []
    for index, operation in enumerate(plan):
        if index == at and begin is not None:
            value = begin
        result = (operation(value) + (slip if index == at else 0)) % MODULUS
        steps.append(equation(value, operation, result))
        value = result
    return (*steps, claim(value))


def _calculation(chain: Chain, index: int, dice: random.Random) -> tuple[str, ...]:
    """Calculation error: the right step with a result of which one digit is off."""
    slip = dice.choice((1, 2, 9)) * 10 ** dice.randrange(3)
    return _follow(chain.start, list(chain.operations), index, slip)


def _counting(chain: Chain, index: int, dice: random.Random) -> tuple[str, ...]:
    """Counting error: an operation is done once too often."""
    plan = list(chain.operations)
    return _follow(chain.start, [*plan[: index + 1], plan[index], *plan[index + 1 :]])


def _missing_step(chain: Chain, index: int, dice: random.Random) -> tuple[str, ...]:
    """Missing step: an operation is left out."""
    plan = list(chain.operations)
    return _follow(chain.start, [*plan[:index], *plan[index + 1 :]])


def _confusing_concept(chain: Chain, index: int, dice: random.Random) -> tuple[str, ...] | None:
    """Confused concept: the step starts again from an earlier value."""
    if index == 0:
        return None
    begin = dice.choice(chain.values[:index])
    return _follow(chain.start, list(chain.operations), index, begin=begin)


def _question_misinterpretation(chain: Chain, index: int, dice: random.Random) -> tuple[str, ...] | None:
    """Misread question: a number of the question is read with its digits swapped."""
    tens, units = divmod(chain.operations[index].number, 10)
    if units in (tens, 0):
        return None
    return _with_operation(chain, index, Operation(chain.operations[index].sign, 10 * units + tens))


def _formula_confusion(chain: Chain, index: int, dice: random.Random) -> tuple[str, ...]:
    """Confused formula: a sum is done for a product, or a product for a sum."""
    right = chain.operations[index]
    return _with_operation(chain, index, Operation("+" if right.sign == "*" else "*", right.number))


def _with_operation(chain: Chain, index: int, wrong: Operation) -> tuple[str, ...]:
    plan = list(chain.operations)
    plan[index] = wrong
    return _follow(chain.start, plan)


_MISTAKES: dict[ErrorType, Callable[[Chain, int, random.Random], tuple[str, ...] | None]] = {
    ErrorType.CALCULATION: _calculation,
    ErrorType.COUNTING: _counting,
    ErrorType.MISSING_STEP: _missing_step,
    ErrorType.CONFUSING_CONCEPT: _confusing_concept,
    ErrorType.QUESTION_MISINTERPRETATION: _question_misinterpretation,
    ErrorType.FORMULA_CONFUSION: _formula_confusion,
}
