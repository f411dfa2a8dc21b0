"""First wrong step of a chain, and the type of its error.

With three operations there is little room for doubt: a step names the value it starts from, its operation and its
result, and each can be held against the chain.
"""

import re
from dataclasses import dataclass

from lemma_hf.records import Error
from lemma_hf.taxonomy import ErrorType
from lemma_hf.world.sums._chain import Chain, Operation

_EQUATION = re.compile(r"(?:^|[,|!?])(\d{3})([+*])(\d{2})=(\d{3});$")  # 825*23=975;
_CLAIM = re.compile(r"####(\d{3})$")  # ####833


@dataclass(frozen=True, slots=True)
class ChainStep:
    """The claim of one step: `value operation = result`."""

    value: int
    operation: Operation
    result: int


def read_chain_step(text: str) -> ChainStep | None:
    """The equation a step ends in, whatever work stands before it; None where it ends in none."""
    found = _EQUATION.search(text)
    if not found:
        return None
    value, sign, number, result = found.groups()
    return ChainStep(int(value), Operation(sign, int(number)), int(result))


def split(text: str) -> tuple[str, ...]:
    """The steps of a solution: each ends in `;`, the last is what remains."""
    # "825*23=975;975+83=058;####058" → "825*23=975;", "975+83=058;", "####058"
    return tuple(re.findall(r"[^;]*;|[^;]+$", text))


def first_error(chain: Chain, steps: tuple[str, ...]) -> Error | None:
    """The first of one or more steps that leaves the chain, or None where they solve it and claim its answer."""
    values = chain.values
    done = len(chain.operations)
    for index, text in enumerate(steps):
        if index < done:
            error_type = _fault_of_step(chain, index, text)
        elif index == done:
            error_type = _fault_of_claim(values[-1], text)
        else:
            error_type = ErrorType.CONTRADICTORY_STEP
        if error_type is not None:
            return Error(error_type, index + 1)
    if len(steps) <= done:
        return Error(ErrorType.MISSING_STEP, len(steps))
    return None


def _fault_of_step(chain: Chain, index: int, text: str) -> ErrorType | None:
    values, operations = chain.values, chain.operations
    step, wanted = read_chain_step(text), operations[index]
    if step is None:
        return ErrorType.MISSING_STEP if _CLAIM.match(text) else ErrorType.NONSENSICAL
    if step.operation != wanted:
        return _fault_of_operation(operations, index, step.operation)
    if step.value != values[index]:
        return ErrorType.CONFUSING_CONCEPT if step.value in values[:index] else ErrorType.CONTEXT_VALUE
    return ErrorType.CALCULATION if step.result != values[index + 1] else None


def _fault_of_operation(operations: tuple[Operation, ...], index: int, found: Operation) -> ErrorType:
    if found in operations[:index]:
        return ErrorType.COUNTING
    if found in operations[index + 1 :]:
        return ErrorType.MISSING_STEP
    if found.number == operations[index].number:
        return ErrorType.FORMULA_CONFUSION
    return ErrorType.QUESTION_MISINTERPRETATION


def _fault_of_claim(answer: int, text: str) -> ErrorType | None:
    found = _CLAIM.match(text)
    if not found:
        return ErrorType.COUNTING if read_chain_step(text) else ErrorType.NONSENSICAL
    return ErrorType.CONTEXT_VALUE if int(found[1]) != answer else None
