"""Equations in a step of a solution as models and people write it, and whether they hold.

Units, rates, percentages, LaTeX and rounded results are understood, see `lemma_hf.solutions.line_tokens`. (The reader
of the made-up stories, `lemma_hf.world.stories._arithmetic`, is strict instead: it reads what the world itself writes.)
What cannot be read as arithmetic (algebra, a formula in words) states no equation here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from lemma_hf.solutions.arithmetic import Expression, NotArithmeticError, parse_expression
from lemma_hf.solutions.line_tokens import Token, TokenKind, tokenize_line

_MAX_LENGTH = 60
"""Tokens of one side of an equation; a longer one is not read."""
_MAX_VALUE = Fraction(10**18)
"""Of each part of an expression: a greater one is no quantity of a word problem, and would make powers slow."""

_BRACKETED_NUMBER = re.compile(r"(?<![\d)])\((\$?\d[\d.,]*%?)\)(?![\d(])")


@dataclass(frozen=True, slots=True)
class Equation:
    """`left = claimed`, as a step states it."""

    left: Expression
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


def find_equations(text: str) -> list[Equation]:
    """Find the equations of a line of plain text, in the order of their results; in `a = b = c` each sign states one.

    Example:
        >>> [(e.text, e.result, e.holds) for e in find_equations("So 6 boxes x 2 = 12, and $12/box * 3 = $37.")]
        [('6 boxes x 2', Fraction(12, 1), True), ('$12/box * 3', Fraction(37, 1), False)]
    """
    found: list[Equation] = []
    for sentence in _split(tokenize_line(text), TokenKind.BREAK):
        for left, right in pairwise(_split(sentence, TokenKind.EQUALS)):
            equation = _equation(left, right, text)
            if equation is not None:
                found.append(equation)
    return found


def find_expressions(text: str) -> list[Expression]:
    """Find the sums and products of a line whose result no equation states: "which makes 4 * 6 pens", "2 * 8 = 4 * 4".

    Example:
        >>> [str(e.value) for e in find_expressions("That makes 4 * 6 pens, and 2 * 3 = 6 pads.")]
        ['24']
    """
    stated = find_equations(text)
    values = {value for equation in stated for value in (equation.left.value, equation.result)}
    found = []
    for sentence in _split(tokenize_line(text), TokenKind.BREAK):
        sides = _split(sentence, TokenKind.EQUALS)
        for place, side in enumerate(sides):
            ends = place == len(sides) - 1 and place > 0
            expression = _first_expression(side) if ends else _last_expression(_without_words_behind(side))
            if expression is not None and expression.token is None and not _any_close(expression.value, values):
                found.append(expression)
    return found


def _without_words_behind(tokens: list[Token]) -> list[Token]:
    end = len(tokens)
    while end and tokens[end - 1].kind is TokenKind.WORD:
        end -= 1
    return tokens[:end]


def _any_close(value: Fraction, others: set[Fraction]) -> bool:
    return any(is_close(value, other) for other in others)


def find_unequal(text: str) -> tuple[Fraction, Fraction] | None:
    """Find two bare numbers that a line calls equal, although they differ: `$180000 = $330000`.

    Within 2 % of each other they are taken for rounded. A percentage on one side is no such number: `40% = 240 boys`
    says what a share is.

    Example:
        >>> find_unequal("So $9.00 = $1.00."), find_unequal("40% = 240 boys"), find_unequal("4 + 5 = 9")
        ((Fraction(9, 1), Fraction(1, 1)), None, None)
    """
    for sentence in _split(tokenize_line(text), TokenKind.BREAK):
        sides = _split(sentence, TokenKind.EQUALS)
        if len(sides) != 2:
            continue
        left, right = _only_number(sides[0]), _only_number(sides[1])
        # The numbers touch the sign: "24 hours = one day of 8" compares nothing.
        if left is None or right is None or sides[0][-1] is not left or sides[1][0] is not right:
            continue
        if abs(left.value - right.value) * 50 > max(abs(left.value), abs(right.value)):
            return left.value, right.value
    return None


def _only_number(tokens: Sequence[Token]) -> Token | None:
    """The number among words only, if it is one and no percentage."""
    numbers = [token for token in tokens if token.kind is not TokenKind.WORD]
    if len(numbers) != 1 or numbers[0].kind is not TokenKind.NUMBER or numbers[0].percent:
        return None
    return numbers[0]


def find_claims(text: str) -> list[Token]:
    """Find the numbers directly behind an equals sign, whatever stands before it: `p = $1.50` claims 1.50."""
    tokens = tokenize_line(text)
    return [
        after
        for index, (sign, after) in enumerate(pairwise(tokens))
        if sign.kind is TokenKind.EQUALS
        and after.kind is TokenKind.NUMBER
        and (
            index + 2 == len(tokens)
            or tokens[index + 2].kind not in (TokenKind.SIGN, TokenKind.UNKNOWN, TokenKind.OPEN)
        )
    ]


def _split(tokens: Sequence[Token], at: TokenKind) -> list[list[Token]]:
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
        if is_close(before.value, after.value):
            return None
        last = after.leaves[-1].token
        if last is None or first is None:
            return None
        claimed = Token(TokenKind.NUMBER, text[first.start : last.end], first.start, last.end, after.value)
        holds = False
    return Equation(before, claimed, holds, _written(before, text))


def _is_fraction(node: Expression) -> bool:
    """Whether a left side is a mere fraction: `3/4 = $15` says what three quarters of something are."""
    return node.sign == "/" and len(node.leaves) == 2 and 0 < node.value < 1


def _written(node: Expression, text: str) -> str:
    tokens = [leaf.token for leaf in node.leaves if leaf.token is not None]
    start, end = tokens[0].start, tokens[-1].end
    inside = text[start:end]
    opened = missing = 0
    for character in inside:
        if character == ")" and not opened:
            missing += 1
        else:
            opened += (character == "(") - (character == ")")
    # "(265)/(4)", which is how a fraction in LaTeX comes here, is 265/4.
    return _BRACKETED_NUMBER.sub(r"\1", "(" * missing + inside + ")" * opened)


def is_close(value: Fraction, other: Fraction) -> bool:
    """Whether two values are the same but for rounding in the sixth digit."""
    return abs(value - other) <= max(abs(value), abs(other)) / 10**5


def _agrees(value: Fraction, claimed: Token) -> bool:
    """Whether `claimed` is `value`, rounded as it is written; whole numbers may be rounded up or down too."""
    written = claimed.value * 100 if claimed.percent else claimed.value
    # A percentage may be meant as a share (4/20 = 20%) or as its figure (4/20 * 100 = 20%).
    for meant in (value * 100, value) if claimed.percent else (value, -value if value < 0 else value):
        if is_close(meant, written):
            return True
        if abs(meant - written) <= Fraction(1, 2 * 10**claimed.decimals) and claimed.decimals:
            return True
        if not claimed.decimals and meant.denominator != 1 and abs(meant - written) < 1 and abs(meant) >= 1:
            return True
    return False


def _last_expression(tokens: list[Token]) -> Expression | None:
    """The longest end of `tokens` that is arithmetic, unless an operation reaches further to the left."""
    tokens = tokens[-_MAX_LENGTH:]
    for start in range(len(tokens)):
        if not _may_begin(tokens, start):
            continue
        try:
            return _parse(tokens[start:])
        except NotArithmeticError:
            continue
    return None


def _may_begin(tokens: list[Token], start: int) -> bool:
    first = tokens[start]
    if first.kind not in (TokenKind.NUMBER, TokenKind.OPEN) and not (
        first.kind is TokenKind.SIGN and first.text == "-"
    ):
        return False
    before = tokens[start - 1] if start else None
    if before is None:
        return True
    if first.kind is TokenKind.SIGN:
        return before.kind is TokenKind.OPEN
    if before.kind is TokenKind.SIGN:
        return False
    if first.kind is TokenKind.OPEN and before.kind is TokenKind.CLOSE:
        return False  # a product reaches further to the left: `(3x)(4)`
    return before.kind is not TokenKind.UNKNOWN and before.kind is not TokenKind.OPEN


def _first_expression(tokens: list[Token]) -> Expression | None:
    """The longest beginning of `tokens` that is arithmetic, unless an operation follows it."""
    tokens = tokens[:_MAX_LENGTH]
    while tokens and tokens[0].kind is TokenKind.WORD:
        tokens = tokens[1:]
    for end in range(len(tokens), 0, -1):
        behind = tokens[end] if end < len(tokens) else None
        if behind is not None and behind.kind in (TokenKind.SIGN, TokenKind.UNKNOWN):
            continue
        try:
            return _parse(tokens[:end])
        except NotArithmeticError:
            continue
    return None


def read_expression(text: str) -> Expression:
    """Read a text that is one arithmetic expression and nothing else.

    Raises:
        NotArithmeticError: if it is not one.

    Example:
        >>> read_expression("2 * (3 + 4)").value
        Fraction(14, 1)
    """
    tokens = tokenize_line(text)
    if len(tokens) > _MAX_LENGTH or any(token.kind is TokenKind.WORD for token in tokens):
        raise NotArithmeticError
    return _parse(tokens)


def _parse(tokens: list[Token]) -> Expression:
    """The whole of `tokens` as one expression; words in it, such as units, are passed over.

    Raises:
        NotArithmeticError: if it is none.
    """
    signs = [token for token in _with_products(tokens) if token.kind is not TokenKind.WORD]
    return parse_expression(list(_with_negatives(signs)), _MAX_VALUE)


def _with_negatives(tokens: list[Token]) -> Iterator[Token]:
    """`tokens` with a minus and the number behind it as one where no operand stands before them: `6 * -10`."""
    for place, token in enumerate(tokens):
        if place and _negates(tokens, place - 1):
            yield replace(token, start=tokens[place - 1].start, value=-token.value)
        elif not _negates(tokens, place):
            yield token


def _negates(tokens: list[Token], place: int) -> bool:
    """Whether a minus belongs to the number behind it."""
    token = tokens[place]
    if token.kind is not TokenKind.SIGN or token.text != "-":
        return False
    if place and tokens[place - 1].kind not in (TokenKind.SIGN, TokenKind.OPEN):
        return False
    return place + 1 < len(tokens) and tokens[place + 1].kind is TokenKind.NUMBER


def _with_products(tokens: list[Token]) -> Iterator[Token]:
    """`tokens` with the products that are understood: `8(20)`, `1/2 of 30`, `10% of $50`."""
    for index, token in enumerate(tokens):
        last = tokens[index - 1] if index else None
        if token.kind is TokenKind.OPEN and last is not None and last.kind in (TokenKind.NUMBER, TokenKind.CLOSE):
            yield Token(TokenKind.SIGN, "*", token.start, token.start)
        following = tokens[index + 1].kind if index + 1 < len(tokens) else None
        if token.text == "of" and last is not None and following is TokenKind.NUMBER and _is_share(tokens, index - 1):
            yield Token(TokenKind.SIGN, "*", token.start, token.end)
            continue
        yield token


def _is_share(tokens: list[Token], index: int) -> bool:
    if tokens[index].percent:
        return True
    over = index >= 2 and tokens[index - 1].text == "/" and tokens[index - 2].kind is TokenKind.NUMBER
    return tokens[index].kind is TokenKind.NUMBER and over
