"""Which equations does a step state, and do they hold?

An own small reader over `Fraction`s: + - * / ^ and brackets, nothing else, and no text is ever handed to Python. What
cannot be read as arithmetic (algebra, a formula in words) states no equation here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lemma_hf.solutions.line_tokens import LineTokenKind, Token, line_tokens

_MAX_LENGTH = 60
"""Tokens of one side of an equation; a longer one is not read."""
_MAX_VALUE = Fraction(10**18)
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}


@dataclass(frozen=True, slots=True)
class EquationNode:
    """A number, or two nodes joined by a sign."""

    value: Fraction
    sign: str = ""
    left: "Node | None" = None
    right: "Node | None" = None
    token: Token | None = None
    """Where a number stands; None for a joined node."""

    @property
    def leaves(self) -> tuple["EquationNode", ...]:
        """The numbers, from left to right."""
        if self.left is None or self.right is None:
            return (self,)
        return self.left.leaves + self.right.leaves

    @property
    def nodes(self) -> Iterator["EquationNode"]:
        """This node and all below it."""
        yield self
        if self.left is not None and self.right is not None:
            yield from self.left.nodes
            yield from self.right.nodes

    @property
    def signs(self) -> tuple[str, ...]:
        """All signs, sorted."""
        return tuple(sorted(node.sign for node in self.nodes if node.sign))


@dataclass(frozen=True, slots=True)
class Equation:
    """`left = claimed`, as a step states it."""

    left: EquationNode
    claimed: Token
    holds: bool
    text: str
    """The left side, as written."""

    @property
    def operands(self) -> tuple[Fraction, ...]:
        """The numbers on the left side, from left to right."""
        return tuple(leaf.value for leaf in self.left.leaves)

    @property
    def result(self) -> Fraction:
        """What the step says the left side comes to."""
        return self.claimed.value


class _Unreadable(Exception):
    """The tokens are no arithmetic."""


def equations_in(text: str) -> list[Equation]:
    """The equations of a line of plain text in the order of their results; in `a = b = c` each sign states one.

    Example:
        >>> [(e.text, e.result, e.holds) for e in equations_in("So 6 boxes x 2 = 12, and $12/box * 3 = $37.")]
        [('6 boxes x 2', Fraction(12, 1), True), ('$12/box * 3', Fraction(37, 1), False)]
    """
    found: list[Equation] = []
    for sentence in _split(line_tokens(text), LineTokenKind.BREAK):
        for left, right in pairwise(_split(sentence, LineTokenKind.EQUALS)):
            equation = _equation(left, right, text)
            if equation is not None:
                found.append(equation)
    return found


def claims_in(text: str) -> list[Token]:
    """Numbers that stand directly behind an equals sign, whatever stands before it: `p = $1.50` claims 1.50."""
    tokens = line_tokens(text)
    return [
        after
        for index, (sign, after) in enumerate(pairwise(tokens))
        if sign.kind is LineTokenKind.EQUALS
        and after.kind is LineTokenKind.NUMBER
        and (
            index + 2 == len(tokens)
            or tokens[index + 2].kind not in (LineTokenKind.SIGN, LineTokenKind.UNKNOWN, LineTokenKind.OPEN)
        )
    ]


def _split(tokens: Sequence[Token], at: LineTokenKind) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind is at:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _equation(left: list[Token], right: list[Token], text: str) -> Equation | None:
    before, after = _last_expression(left), _first_expression(right)
    if before is None or after is None or before.token is not None:
        return None
    if after.token is not None:
        holds = _agrees(before.value, after.token)
        claimed = after.token
        if not holds and _is_fraction(before):
            return None
    else:
        # `600/50 = 12 * 60 = 720` runs on from its result; `2*4 + 3*6 = 8 + 18` says the same in other words.
        first = after.leaves[0].token
        runs_on = first is not None and _agrees(before.value, first)
        if runs_on and first is not None:
            return Equation(before, first, True, _written(before, text))
        if close(before.value, after.value):
            return None
        last = after.leaves[-1].token
        if last is None or first is None:
            return None
        claimed = Token(LineTokenKind.NUMBER, text[first.start : last.end], first.start, last.end, after.value)
        holds = False
    return Equation(before, claimed, holds, _written(before, text))


def _is_fraction(node: EquationNode) -> bool:
    """`3/4 = $15` says what three quarters of something are; it divides nothing."""
    return node.sign == "/" and len(node.leaves) == 2 and 0 < node.value < 1


def _written(node: EquationNode, text: str) -> str:
    tokens = [leaf.token for leaf in node.leaves if leaf.token is not None]
    start, end = tokens[0].start, tokens[-1].end
    inside = text[start:end]
    return (
        "(" * max(0, inside.count(")") - inside.count("("))
        + inside
        + ")" * max(0, inside.count("(") - inside.count(")"))
    )


def close(value: Fraction, other: Fraction) -> bool:
    """Whether two values are the same but for rounding in the sixth digit."""
    return abs(value - other) <= max(abs(value), abs(other)) / 10**5


def _agrees(value: Fraction, claimed: Token) -> bool:
    """Whether `value`, rounded as `claimed` is written, is `claimed`; whole numbers may be rounded up or down too."""
    written = claimed.value * 100 if claimed.percent else claimed.value
    # A percentage may be meant as a share (4/20 = 20%) or as its figure (4/20 * 100 = 20%).
    for meant in (value * 100, value) if claimed.percent else (value, -value if value < 0 else value):
        if close(meant, written):
            return True
        if abs(meant - written) <= Fraction(1, 2 * 10**claimed.decimals) and claimed.decimals:
            return True
        if not claimed.decimals and meant.denominator != 1 and abs(meant - written) < 1 and abs(meant) >= 1:
            return True
    return False


def _last_expression(tokens: list[Token]) -> EquationNode | None:
    """The longest end of `tokens` that is arithmetic, unless an operation reaches further to the left."""
    tokens = tokens[-_MAX_LENGTH:]
    for start in range(len(tokens)):
        if not _may_begin(tokens, start):
            continue
        try:
            return _parse(tokens[start:])
        except _Unreadable:
            continue
    return None


def _may_begin(tokens: list[Token], start: int) -> bool:
    first = tokens[start]
    if first.kind not in (LineTokenKind.NUMBER, LineTokenKind.OPEN) and not (
        first.kind is LineTokenKind.SIGN and first.text == "-"
    ):
        return False
    before = tokens[start - 1] if start else None
    if before is None:
        return True
    if first.kind is LineTokenKind.SIGN:
        return before.kind is LineTokenKind.OPEN
    if before.kind is LineTokenKind.SIGN:
        return False
    return before.kind is not LineTokenKind.UNKNOWN and before.kind is not LineTokenKind.OPEN


def _first_expression(tokens: list[Token]) -> EquationNode | None:
    """The longest beginning of `tokens` that is arithmetic, unless an operation follows it."""
    tokens = tokens[:_MAX_LENGTH]
    while tokens and tokens[0].kind is LineTokenKind.WORD:
        tokens = tokens[1:]
    for end in range(len(tokens), 0, -1):
        behind = tokens[end] if end < len(tokens) else None
        if behind is not None and behind.kind in (LineTokenKind.SIGN, LineTokenKind.UNKNOWN):
            continue
        try:
            return _parse(tokens[:end])
        except _Unreadable:
            continue
    return None


def _parse(tokens: list[Token]) -> EquationNode:
    """The whole of `tokens` as one expression.

    Raises:
        _Unreadable: if it is none.
    """
    reader = _Reader([token for token in _with_products(tokens) if token.kind is not LineTokenKind.WORD])
    node = reader.expression(1)
    if reader.left:
        raise _Unreadable
    return node


def _with_products(tokens: list[Token]) -> Iterator[Token]:
    """`tokens` with the products that are understood: `8(20)`, `1/2 of 30`, `10% of $50`."""
    for index, token in enumerate(tokens):
        last = tokens[index - 1] if index else None
        if (
            token.kind is LineTokenKind.OPEN
            and last is not None
            and last.kind in (LineTokenKind.NUMBER, LineTokenKind.CLOSE)
        ):
            yield Token(LineTokenKind.SIGN, "*", token.start, token.start)
        following = tokens[index + 1].kind if index + 1 < len(tokens) else None
        if (
            token.text == "of"
            and last is not None
            and following is LineTokenKind.NUMBER
            and _is_share(tokens, index - 1)
        ):
            yield Token(LineTokenKind.SIGN, "*", token.start, token.end)
            continue
        yield token


def _is_share(tokens: list[Token], index: int) -> bool:
    if tokens[index].percent:
        return True
    over = index >= 2 and tokens[index - 1].text == "/" and tokens[index - 2].kind is LineTokenKind.NUMBER
    return tokens[index].kind is LineTokenKind.NUMBER and over


class _Reader:
    """Precedence climbing over a list of numbers, signs and brackets."""

    def __init__(self, tokens: list[Token]) -> None:
        self.left = tokens[::-1]

    def expression(self, binding: int) -> EquationNode:
        node = self.operand()
        while self.left and self.left[-1].kind is LineTokenKind.SIGN and _BINDING[self.left[-1].text] >= binding:
            sign = self.left.pop().text
            node = _join(sign, node, self.expression(_BINDING[sign] + 1))
        return node

    def operand(self) -> EquationNode:
        if not self.left:
            raise _Unreadable
        token = self.left.pop()
        if token.kind is LineTokenKind.NUMBER:
            return EquationNode(token.value, token=token)
        if token.kind is LineTokenKind.OPEN:
            node = self.expression(1)
            if not self.left or self.left.pop().kind is not LineTokenKind.CLOSE:
                raise _Unreadable
            return node
        if (
            token.kind is LineTokenKind.SIGN
            and token.text == "-"
            and self.left
            and self.left[-1].kind is LineTokenKind.NUMBER
        ):
            number = self.left.pop()
            negative = Token(
                LineTokenKind.NUMBER,
                number.text,
                token.start,
                number.end,
                -number.value,
                number.percent,
                number.decimals,
            )
            return EquationNode(negative.value, token=negative)
        raise _Unreadable


def _join(sign: str, left: EquationNode, right: EquationNode) -> EquationNode:
    if sign == "^":
        if right.value.denominator != 1 or not 0 <= right.value <= 6:
            raise _Unreadable
        value = left.value ** int(right.value)
    elif sign == "/":
        if right.value == 0:
            raise _Unreadable
        value = left.value / right.value
    else:
        value = {"+": left.value + right.value, "-": left.value - right.value, "*": left.value * right.value}[sign]
    if abs(value) > _MAX_VALUE or value.denominator > 10**30:
        raise _Unreadable
    return EquationNode(value, sign, left, right)
