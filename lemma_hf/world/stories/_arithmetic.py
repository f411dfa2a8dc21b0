"""Exact equations: the reader of equations in the stories' own spelling, such as `4 * $3 = $13`.

`lemma_hf.solutions.equations` reads equations too, those of models and people: units, rates and percentages between the
numbers, and results that are rounded. Here nothing is forgiven: an equation is numbers, `+ - * /` and brackets in the
world's own spelling, and holds only where both sides are exactly equal. So the oracle is never wrong about a story, and
what it says stays the same when the other reader learns a further spelling. What an expression is worth, both take from
`lemma_hf.solutions.arithmetic`. Work is bounded on any input.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from lemma_hf.solutions.arithmetic import Expression, NotArithmeticError, parse_expression
from lemma_hf.solutions.line_tokens import Token, TokenKind

_NUMBER = r"\d{1,15}(?:,\d{3}){0,4}(?:\.\d{1,9})?"  # 1,250.50
_TOKEN = re.compile(rf"\s*(?:\$?({_NUMBER})|([-+*/()×÷−]))")  # "$3", " *", "("
# `(4 + 2) * $3`. Each character can be taken by one part of the pattern only, so that no text makes it try many ways.
_LEFT = rf"\({{0,4}}\$?{_NUMBER}(?:\){{0,4}} ?[-+*/×÷−] ?\({{0,4}}\$?{_NUMBER}){{1,20}}\){{0,4}}"
# Neither a piece of a longer expression on the left, nor (as in `3 + 4 = 5 + 2 = 7`) one that goes on to the right.
_BEFORE = r"(?<![-\d.,])(?<![-+*/×÷−] )"
_AFTER = r"(?![\d%])(?! ?[-+*/×÷−] ?[$(\d])"
_EQUATION = re.compile(rf"{_BEFORE}({_LEFT}) ?= ?(-?) ?(\$?)({_NUMBER}){_AFTER}")  # 4 * $3 = $12
_SIGNS = {"×": "*", "÷": "/", "−": "-"}
_BRACKETS = {"(": TokenKind.OPEN, ")": TokenKind.CLOSE}
_MAX_TOKENS = 60
"""A longer expression is not read; a step of a story has fewer than twenty tokens."""


@dataclass(frozen=True, slots=True)
class StoryEquation:
    """An equation `left = claimed` in a text."""

    left: str
    operands: tuple[Fraction, ...]
    operators: tuple[str, ...]
    """Sorted."""
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
        """A key that is equal for equations that differ in spelling only."""
        return tuple(sorted(self.operands)), self.operators, self.value


def evaluate(text: str) -> Fraction | None:
    """The value of an arithmetic expression; None where it is malformed, or divides by zero.

    Example:
        >>> evaluate("2 * ($3 + 4)")
        Fraction(14, 1)
        >>> evaluate("2 * (3") is None
        True
    """
    expression = _parse(text)
    return None if expression is None else expression.value


def find_exact_equations(line: str) -> list[StoryEquation]:
    """Every `a op b = c` in a line, in order; a bare `a = c` is no equation.

    Example:
        >>> [(found.left, found.holds) for found in find_exact_equations("It costs 4 * $3 = $13.")]
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
    # "$1,250.50", "-3"
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


def _read_equation(left: str, claimed: Fraction, *, money: bool) -> StoryEquation | None:
    expression = _parse(left)
    if expression is None or not expression.sign:
        return None
    operands = tuple(leaf.value for leaf in expression.leaves)
    return StoryEquation(left, operands, expression.signs, claimed, expression.value, money)


def _parse(text: str) -> Expression | None:
    try:
        return parse_expression(_tokens(text))
    except NotArithmeticError:
        return None


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    position, text = 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or len(tokens) > _MAX_TOKENS:
            raise NotArithmeticError
        position = match.end()
        tokens.append(_token(match))
    return tokens


def _token(match: re.Match[str]) -> Token:
    number, sign = match[1], match[2]
    if number:
        return Token(TokenKind.NUMBER, number, match.start(1), match.end(1), Fraction(number.replace(",", "")))
    return Token(_BRACKETS.get(sign, TokenKind.SIGN), _SIGNS.get(sign, sign), match.start(2), match.end(2))
