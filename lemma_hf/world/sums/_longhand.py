"""Long multiplication, digit by digit, as at school: partial products with a carry, then column sums.

Each line of the work asks for a table of at most 1000 entries, which even a tiny model learns; a whole product in one
go asks for far more. Sums are easy enough to need no work.
"""

from lemma_hf.world.sums._chain import Chain, Operation, claim, equation

OPEN, BAR = ",", "|"


def worked_step(value: int, operation: Operation) -> str:
    """The right step; a product with its long-hand work first.

    Example:
        >>> worked_step(825, Operation("+", 83))
        '825+83=908;'
        >>> worked_step(825, Operation("*", 23))
        ',5*3+0=15|2*3+1=07|8*3+0=24|5*2+0=10|2*2+1=05|7+0+0=07|4+5+0=09|825*23=975;'
    """
    step = equation(value, operation, operation(value))
    if operation.sign == "+":
        return step
    return OPEN + "".join(line + BAR for line in _multiply(_digits(value), _digits(operation.number))) + step


def worked_solution(chain: Chain) -> tuple[str, ...]:
    """The right steps, every product with its work."""
    steps = [worked_step(value, operation) for value, operation in zip(chain.values, chain.operations, strict=False)]
    return (*steps, claim(chain.values[-1]))


def without_work(step: str) -> str:
    """The equation of a step alone, as it stands in a solution done in the head.

    Example:
        >>> without_work(worked_step(825, Operation("*", 23)))
        '825*23=975;'
    """
    return step.rpartition(BAR)[2]


def _digits(number: int) -> list[int]:
    """Three digits, units first."""
    return [number // 10**place % 10 for place in range(3)]


def _add(left: list[int], right: list[int]) -> list[str]:
    lines, carry = [], 0
    for a, b in zip(left, right, strict=True):
        total = a + b + carry
        lines.append(f"{a}+{b}+{carry}={total:02}")
        carry = total // 10
    return lines


def _times(number: list[int], digit: int) -> tuple[list[str], list[int]]:
    lines, result, carry = [], [], 0
    for a in number:
        total = a * digit + carry
        lines.append(f"{a}*{digit}+{carry}={total:02}")
        carry, unit = divmod(total, 10)
        result.append(unit)
    return lines, result


def _multiply(value: list[int], number: list[int]) -> list[str]:
    """The work of a product, digit by digit."""
    # Modulo 1000 the tens row needs two digits only, and the units column of the sum is already there.
    units_lines, units = _times(value, number[0])
    tens_lines, tens = _times(value[:2], number[1])
    return units_lines + tens_lines + _add(units[1:], tens)
