"""Simple programs as steps of arithmetic: each assignment with the values of its names.

    legs_per_table = 4                     →   legs per table = 4
    screws = 2 * legs_per_table            →   screws: 2 * 4 = 8
    print(screws)                          →   print(screws)

Nothing is run: a right side is read as arithmetic or not at all, and a name that was assigned something else has no
value from then on. Conditions and loops are not understood.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from lemma_hf.solutions.arithmetic import Expression, NotArithmeticError, decimal_text
from lemma_hf.solutions.equations import read_expression

# "total_cost = 3 * price  # dollars", also "total += 4"
_ASSIGNMENT = re.compile(r"\s*([A-Za-z_]\w{0,60})\s*(\+|-|\*)?=\s*([^=#\n]{1,200}?)\s*(?:#.*)?$")
# "Step 3: " of "Step 3: price = 4"
_STEP_NUMBER = re.compile(r"\s*Step \d{1,3}:\s*")
# "price" of "3 * price"
_NAME = re.compile(r"[A-Za-z_]\w{0,60}")
# "if", "for" and the like at the beginning of a line: what comes behind may be done once, often or never.
_CONTROL = re.compile(r"\s*(?:if|elif|else|for|while|def|class|try|with)\b")
_FEWEST = 2
"""Assignments that make a text a program; one alone may be a formula of a solution in words."""


def program_steps(steps: Sequence[str]) -> tuple[str, ...] | None:
    """Return the steps of a program with values for names; None where the steps are no program of assignments only.

    Example:
        >>> program_steps(["tables = 4", "legs_of_all = 4 * tables", "print(legs_of_all)"])
        ('tables = 4', 'legs of all: 4 * 4 = 16', 'print(legs_of_all)')
        >>> program_steps(["She has 4 pens.", "So the answer is 4."]) is None
        True
    """
    lines = [_STEP_NUMBER.sub("", step).rstrip("\n") for step in steps]
    assigned = [match[1] for line in lines if (match := _ASSIGNMENT.match(line))]
    looks_like_one = any("print(" in line for line in lines) or any("_" in name for name in assigned)
    if len(assigned) < _FEWEST or not looks_like_one or any(map(_CONTROL.match, lines)):
        return None
    values: dict[str, Fraction] = {}
    return tuple(_spelt_out(line, values) for line in lines)


def _spelt_out(line: str, values: dict[str, Fraction]) -> str:
    match = _ASSIGNMENT.match(line)
    if match is None:
        # A remark is a step in words.
        return line.lstrip().lstrip("#").lstrip() if line.lstrip().startswith("#") else line
    name, sign, right = match.groups()
    words = name.replace("_", " ")
    found = _with_values(f"{name} {sign} ({right})" if sign else right, values)
    if found is None:
        values.pop(name, None)
        return line
    written, expression = found
    values[name] = expression.value
    if len(expression.leaves) == 1:
        return f"{words} = {_number(expression.value)}"
    return f"{words}: {written} = {_number(expression.value)}"


def _with_values(right: str, values: dict[str, Fraction]) -> tuple[str, Expression] | None:
    """The right side of an assignment with values for names, and what it comes to; None where that is not known."""
    if any(name not in values for name in _NAME.findall(right)):
        return None
    written = _NAME.sub(lambda name: _number(values[name[0]]), right)
    try:
        return written, read_expression(written)
    except NotArithmeticError:
        return None


def _number(value: Fraction) -> str:
    return decimal_text(value) or f"({value.numerator}/{value.denominator})"
