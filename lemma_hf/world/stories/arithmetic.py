"""Equations in a line of text, and whether they hold. Exact, and bounded on any input.

Only numbers, `+ - * /` and brackets are read, by a small parser of our own; nothing is ever evaluated as code.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

_NUMBER = r"\d{1,15}(?:,\d{3}){0,4}(?:\.\d{1,9})?"
_TOKEN = re.compile(rf"\s*(?:\$?({_NUMBER})|([-+*/()×÷−]))")
# Each character can be taken by one part of the pattern only, so that no text makes it try many ways.
_LEFT = rf"\({{0,4}}\$?{_NUMBER}(?:\){{0,4}} ?[-+*/×÷−] ?\({{0,4}}\$?{_NUMBER}){{1,20}}\){{0,4}}"
# Neither a piece of a longer expression on the left, nor (as in `3 + 4 = 5 + 2 = 7`) one that goes on to the right.
_BEFORE = r"(?<![-\d.,])(?<![-+*/×÷−] )"
_AFTER = r"(?![\d%])(?! ?[-+*/×÷−] ?[$(\d])"
_EQUATION = re.compile(rf"{_BEFORE}({_LEFT}) ?= ?(-?) ?(\$?)({_NUMBER}){_AFTER}")
_OPERATORS = {"×": "*", "÷": "/", "−": "-"}
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}


@dataclass(frozen=True, slots=True)
class Equation:
    """`left = claimed` as written somewhere."""

    left: str
    operands: tuple[Fraction, ...]
    operators: tuple[str, ...]
    claimed: Fraction
    value: Fraction
    """What the left side really comes to."""
    money: bool = False
    """Whether the claim is written with `$`."""

    @property
    def holds(self) -> bool:
        """Whether the claim is true."""
        return self.claimed == self.value

    @property
    def signature(self) -> tuple[object, ...]:
        """Equal for equations that differ in spelling only."""
        return tuple(sorted(self.operands)), tuple(sorted(self.operators)), self.value


def evaluate(text: str) -> Fraction | None:
    """The value of an arithmetic expression; None where it is malformed, or divides by zero.

    Example:
        >>> evaluate("2 * ($3 + 4)")
        Fraction(14, 1)
        >>> evaluate("2 * (3") is None
        True
    """
    tokens = _tokens(text)
    return None if tokens is None else _value_of(tokens)


def find_equations(line: str) -> list[Equation]:
    """Every `a op b = c` in a line, in order; a bare `a = c` is no equation.

    Example:
        >>> [(found.left, found.holds) for found in find_equations("It costs 4 * $3 = $13.")]
        [('4 * $3', False)]
    """
    found = []
    for match in _EQUATION.finditer(line[:2000]):
        if line[: match.start()].endswith(("% of ", "th of ")):
            continue
        claimed = Fraction(match[2] + match[4].replace(",", ""))
        equation = _read_equation(match[1].strip(), claimed, money=bool(match[3]))
        if equation is not None:
            found.append(equation)
    return found


def as_number(text: str) -> Fraction | None:
    """The number that `text` is, with or without `$` and thousands commas.

    Example:
        >>> as_number("$1,250.50")
        Fraction(2501, 2)
    """
    match = re.fullmatch(rf"\s*(-?)\s*\$?\s*({_NUMBER})\s*", text)
    return Fraction(match[1] + match[2].replace(",", "")) if match else None


def number_text(value: Fraction, *, money: bool = False) -> str:
    """`value` in digits, with at most two decimals; amounts of money have none or two.

    Example:
        >>> number_text(Fraction(5, 2)), number_text(Fraction(5, 2), money=True)
        ('2.5', '2.50')
    """
    if value.denominator == 1:
        return str(value.numerator)
    text = f"{float(value):.2f}"
    return text if money else text.rstrip("0").rstrip(".")


def _read_equation(left: str, claimed: Fraction, *, money: bool) -> Equation | None:
    tokens = _tokens(left)
    if tokens is None:
        return None
    operands = tuple(token for token in tokens if isinstance(token, Fraction))
    operators = tuple(token for token in tokens if isinstance(token, str) and token in _PRECEDENCE)
    value = _value_of(tokens) if operators and len(operands) > 1 else None
    return None if value is None else Equation(left, operands, operators, claimed, value, money)


def _tokens(text: str) -> list[Fraction | str] | None:
    tokens: list[Fraction | str] = []
    position, text = 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or len(tokens) > 60:
            return None
        number, sign = match[1], match[2]
        tokens.append(Fraction(number.replace(",", "")) if number else _OPERATORS.get(sign, sign))
        position = match.end()
    return tokens


def _value_of(tokens: list[Fraction | str]) -> Fraction | None:
    """Operator precedence with two stacks; None for anything that is no well-formed expression."""
    values: list[Fraction] = []
    waiting: list[str] = []
    operand_next = True
    for token in tokens:
        if isinstance(token, Fraction) or token == "(":
            if not operand_next:
                return None
            if isinstance(token, Fraction):
                values.append(token)
                operand_next = False
            else:
                waiting.append(token)
            continue
        if operand_next:
            return None
        while waiting and waiting[-1] != "(" and (token == ")" or _PRECEDENCE[waiting[-1]] >= _PRECEDENCE[token]):
            if not _apply(waiting.pop(), values):
                return None
        if token != ")":
            waiting.append(token)
            operand_next = True
        elif not waiting or waiting.pop() != "(":
            return None
    while waiting:
        operator = waiting.pop()
        if operator == "(" or operand_next or not _apply(operator, values):
            return None
    return values[0] if len(values) == 1 and not operand_next else None


def _apply(operator: str, values: list[Fraction]) -> bool:
    right, left = values.pop(), values.pop()
    if operator == "/" and right == 0:
        return False
    if operator == "+":
        values.append(left + right)
    elif operator == "-":
        values.append(left - right)
    else:
        values.append(left * right if operator == "*" else left / right)
    return True
