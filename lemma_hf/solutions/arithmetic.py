"""Arithmetic expressions: from numbers, signs and brackets to a tree of exact values.

Two readers of equations share it. They agree on what an expression is worth, and differ in what they take for one:

- `lemma_hf.solutions.equations` reads what models and people write: units, rates, percentages, LaTeX, rounded results.
- `lemma_hf.world.stories._arithmetic` reads what the world itself writes, `4 * $3 = $13`, and nothing looser.

A small parser over `Fraction`s: + - * / ^ and brackets, nothing else, and no text is ever run as Python.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lemma_hf.solutions.line_tokens import Token, TokenKind

_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_MAX_EXPONENT = 6
"""Word problems square and cube; with a bound on values too, no power takes long."""
_MAX_DENOMINATOR = 10**30
"""Sums of many odd fractions grow long denominators; no solution needs them."""


class NotArithmeticError(ValueError):
    """The error of tokens that are no arithmetic expression, or one beyond the bounds."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A number, or two expressions joined by a sign."""

    value: Fraction
    sign: str = ""
    left: "Expression | None" = None
    right: "Expression | None" = None
    token: Token | None = None
    """Where a number stands; None for a joined expression."""

    @property
    def leaves(self) -> tuple["Expression", ...]:
        """The numbers, from left to right."""
        if self.left is None or self.right is None:
            return (self,)
        return self.left.leaves + self.right.leaves

    @property
    def nodes(self) -> Iterator["Expression"]:
        """This expression and all parts of it."""
        yield self
        if self.left is not None and self.right is not None:
            yield from self.left.nodes
            yield from self.right.nodes

    @property
    def signs(self) -> tuple[str, ...]:
        """All signs, sorted."""
        return tuple(sorted(node.sign for node in self.nodes if node.sign))


def parse_expression(tokens: Sequence[Token], max_value: Fraction | None = None) -> Expression:
    """Parse the whole of `tokens` as one expression, by the usual precedence, from left to right.

    Args:
        tokens: numbers, signs and brackets only. A minus is always between two operands: a negative number is one
            NUMBER token.
        max_value: the bound on the size of each part's value; None where the number of tokens bounds it already.

    Raises:
        NotArithmeticError: if they are none, divide by zero, or go beyond a bound.

    Example:
        >>> from lemma_hf.solutions.line_tokens import tokenize_line
        >>> parse_expression(tokenize_line("2 * (3 + 4)")).value
        Fraction(14, 1)
    """
    parser = _Parser(tokens, max_value)
    found = parser.expression(1)
    if parser.rest:
        raise NotArithmeticError
    return found


class _Parser:
    """Precedence climbing over a list of numbers, signs and brackets."""

    def __init__(self, tokens: Sequence[Token], max_value: Fraction | None) -> None:
        self.rest = list(tokens[::-1])
        """The tokens still to read, the next one last."""
        self.max_value = max_value

    def expression(self, binding: int) -> Expression:
        found = self.operand()
        while self.rest and self.rest[-1].kind is TokenKind.SIGN and _BINDING[self.rest[-1].text] >= binding:
            sign = self.rest.pop().text
            found = self.join(sign, found, self.expression(_BINDING[sign] + 1))
        return found

    def operand(self) -> Expression:
        if not self.rest:
            raise NotArithmeticError
        token = self.rest.pop()
        if token.kind is TokenKind.NUMBER:
            return Expression(token.value, token=token)
        if token.kind is not TokenKind.OPEN:
            raise NotArithmeticError
        found = self.expression(1)
        if not self.rest or self.rest.pop().kind is not TokenKind.CLOSE:
            raise NotArithmeticError
        return found

    def join(self, sign: str, left: Expression, right: Expression) -> Expression:
        value = apply_sign(sign, left.value, right.value)
        if self.max_value is not None and (abs(value) > self.max_value or value.denominator > _MAX_DENOMINATOR):
            raise NotArithmeticError
        return Expression(value, sign, left, right)


def apply_sign(sign: str, left: Fraction, right: Fraction) -> Fraction:
    """Work out `left sign right`.

    Raises:
        NotArithmeticError: on a division by zero, a power beyond the bound, or another sign.

    Example:
        >>> apply_sign("/", Fraction(3), Fraction(4))
        Fraction(3, 4)
    """
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    if sign == "/" and right:
        return left / right
    if sign == "^" and right.denominator == 1 and 0 <= right <= _MAX_EXPONENT:
        return left ** int(right)
    raise NotArithmeticError


def decimal_text(value: Fraction) -> str | None:
    """Write a value in digits; None where more than four decimals would be needed.

    Example:
        >>> decimal_text(Fraction(5, 2)), decimal_text(Fraction(1, 3))
        ('2.5', None)
    """
    if value.denominator == 1:
        return str(value.numerator)
    if (value * 10**4).denominator != 1:
        return None
    return f"{float(value):.4f}".rstrip("0")
