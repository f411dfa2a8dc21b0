"""Tokens of a line of a solution: its numbers, signs and words.

The line `The pens cost $1,200/box x 2 boxes = $2,400.` reads as

    word word number(1200) [per word] sign(*) number(2) word sign(=) number(2400) break

Prices, thousands commas, percent, `x` or a LaTeX command for times, units glued to a number (`14-hour`) and a rate
(`/box`) are read as people mean them; a letter that stands for an unknown (`4x - 7`) is a token of its own, so that
algebra is never taken for arithmetic.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

_MAX_DIGITS = 15
"""A longer run of digits is no quantity of a word problem; it is read as a word."""
_LONGEST_REMEMBERED = 4000
"""Characters of a text whose tokens are kept for the next reader: steps have fewer, and hostile texts far more."""
_MAX_TOKENS = 400
"""The rest of a longer step is not read: a step of prose has far fewer, and hostile texts stay cheap."""


class TokenKind(StrEnum):
    """The kind of a token."""

    NUMBER = "number"
    SIGN = "sign"
    OPEN = "("
    CLOSE = ")"
    EQUALS = "="
    WORD = "word"
    UNKNOWN = "unknown"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a line, with the place where it stands there."""

    kind: TokenKind
    text: str
    start: int
    end: int
    value: Fraction = Fraction(0)
    """The value of a number; a percentage is a hundredth of what is written."""
    percent: bool = False
    decimals: int = 0
    """Digits written after the point."""


# In this order: "2\frac{3}{4}", "\frac{3}{4}", "\text{ pens}", "\boxed{15}", "3 \times 4", "12 \div 3", "\approx 3",
# "\$5", "1{,}200".
_LATEX = (
    (re.compile(r"(?<![\d.,])(\d{1,6})\\d?frac\{(\d{1,6})\}\{(\d{1,6})\}"), r"(\1+\2/\3)"),
    (re.compile(r"\\d?frac\{([^{}]{1,20})\}\{([^{}]{1,20})\}"), r"(\1)/(\2)"),
    (re.compile(r"\\(?:text|mathrm|mbox|textbf)\{([^{}]{0,80})\}"), r" \1 "),
    (re.compile(r"\\boxed\{([^{}]{0,80})\}"), r"\1"),
    (re.compile(r"\\(?:times|cdot)"), "*"),
    (re.compile(r"\\div"), "/"),
    (re.compile(r"\\approx"), "="),
    (re.compile(r"\\([$%])"), r"\1"),
    (re.compile(r"\\[()\[\],;! ]|\{,\}(?=\d{3})|\*\*|`"), ""),
)
# "3 times 4", "12 divided by 3", "3 plus 4", "7 minus 4", "7 equals 7"
_WRITTEN_OUT = (
    (re.compile(r"(?<=\d)\s+(?:times|multiplied by)\s+(?=[$\d.(])"), " * "),
    (re.compile(r"(?<=\d)\s+divided by\s+(?=[$\d.(])"), " / "),
    (re.compile(r"(?<=\d)\s+plus\s+(?=[$\d.(])"), " + "),
    (re.compile(r"(?<=\d)\s+minus\s+(?=[$\d.(])"), " - "),
    (re.compile(r"(?<=\d)\s+(?:equals|is equal to)\s+(?=[$\d.(])"), " = "),
)
# "- Therefore", "* \\(10 + 6", "- $180": the dash of a list is no minus
_BULLET = re.compile(r"^[ \t]*[-*•–][ \t]+(?=[A-Za-z\"'(\\$*])", re.MULTILINE)
# "1. ", "Step 2: ", "## 3) "
_MARKER = re.compile(r"^\s*(?:#+\s*)?(?:step\s*)?\d{1,2}[.):](?=\s)", re.IGNORECASE)

# In order: "7:30", "3rd", "$1,200" or "40%", "x" of "3 x 4", "pens", "=", "-" of "14-hour", "+", "(", ")", "$", ",".
_TOKEN = re.compile(
    r"""
      (?P<time>\d{1,2}:\d\d)
    | (?P<ordinal>\d+(?:st|nd|rd|th)\b)
    | (?P<number>[$€£]?[ ]?(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:[ ]000)+(?!\d)|\d+\.\d+|\.\d+|\d+)[ ]?%?)
    | (?P<times>(?<![A-Za-z])[xX](?=\s*[$€£(]?\s*[\d.(]))
    | (?P<word>[A-Za-z]+(?:['’-][A-Za-z]+)*)
    | (?P<equals>[=≈])
    | (?P<glued>-(?=[A-Za-z]))
    | (?P<sign>[+*/÷×·∙−–—^-])
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<currency>[$€£])
    | (?P<break>[,;:!?\n]|\.(?=\s|$)|\.{2,})
    """,
    re.VERBOSE,
)
_SIGNS = {"÷": "/", "×": "*", "·": "*", "∙": "*", "−": "-", "–": "-", "—": "-"}


def without_latex(text: str) -> str:
    """Return `text` with LaTeX and written-out operations as signs, and without list markers.

    Example:
        >>> without_latex(r"- So the total is \\(10 + 6 = 16\\).")
        'So the total is 10 + 6 = 16.'
    """
    text = _BULLET.sub("", text)
    for pattern, replacement in _LATEX if "\\" in text or "*" in text or "`" in text else ():
        text = pattern.sub(replacement, text)
    for pattern, replacement in _WRITTEN_OUT:
        text = pattern.sub(replacement, text)
    return _MARKER.sub("", text)


def tokenize_line(text: str) -> list[Token]:
    """Cut a line of plain text into tokens; characters without a meaning here are passed over."""
    return list(_recent_tokens(text) if len(text) <= _LONGEST_REMEMBERED else _tokens(text))


@lru_cache(maxsize=256)  # a step is read for its equations, its claims and its numbers, one after the other
def _recent_tokens(text: str) -> tuple[Token, ...]:
    return tuple(_tokens(text))


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        token = _read(match, text)
        if token is not None:
            found.append(token)
        if len(found) == _MAX_TOKENS:
            break
    return _without_rates(found)


def _read(match: re.Match[str], text: str) -> Token | None:
    group, raw, start, end = match.lastgroup or "", match.group(), match.start(), match.end()
    if group == "number":
        return _number(raw, start, end, text)
    if group in ("currency", "glued"):
        return None
    if group in ("sign", "times"):
        return Token(TokenKind.SIGN, _SIGNS.get(raw, "*" if group == "times" else raw), start, end)
    if group == "word":
        # One letter by itself is an unknown, except the two that are English words.
        return Token(TokenKind.UNKNOWN if len(raw) == 1 and raw not in "aAI" else TokenKind.WORD, raw, start, end)
    kinds = {
        "equals": TokenKind.EQUALS,
        "open": TokenKind.OPEN,
        "close": TokenKind.CLOSE,
        "break": TokenKind.BREAK,
    }
    return Token(kinds.get(group, TokenKind.WORD), raw, start, end)


def _number(raw: str, start: int, end: int, text: str) -> Token:
    percent = raw.endswith("%")
    digits = raw.strip("$€£% ").replace(",", "").replace(" ", "")
    if (len(digits) > _MAX_DIGITS and "." not in digits) or len(digits) > 3 * _MAX_DIGITS:
        return Token(TokenKind.WORD, raw, start, end)
    # `4x` is algebra unless a number follows the x: `4x5`.
    if re.match(r"[a-zA-Z](?![a-zA-Z])", text[end : end + 2]) and not re.match(
        r"[xX]\s*[$(]?\s*[\d.(]", text[end : end + 6]
    ):
        return Token(TokenKind.UNKNOWN, raw, start, end)
    value = Fraction(digits)
    # The match may have swallowed a space on either side: the place is that of the number itself.
    inner = raw.strip(" ")
    start += raw.index(inner)
    return Token(
        TokenKind.NUMBER,
        inner,
        start,
        start + len(inner),
        value / 100 if percent else value,
        percent,
        len(digits.partition(".")[2]),
    )


def _without_rates(tokens: list[Token]) -> list[Token]:
    """The tokens without the strokes of rates: `$15/hour * 3` is 15 * 3, since no number stands behind the stroke."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1].kind if index + 1 < len(tokens) else None
        if token.kind is TokenKind.SIGN and token.text == "/" and following is TokenKind.WORD:
            continue
        kept.append(token)
    return kept


_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "dozen": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100,
    "once": 1, "twice": 2, "double": 2, "doubles": 2, "doubled": 2, "triple": 3, "triples": 3, "tripled": 3,
    "couple": 2, "pair": 2, "both": 2,
}  # fmt: skip
_SHARE_WORDS = {
    "half": (1, 2), "halves": (1, 2), "third": (1, 3), "thirds": (1, 3), "quarter": (1, 4), "quarters": (1, 4),
    "fourth": (1, 4), "fourths": (1, 4), "fifth": (1, 5), "fifths": (1, 5), "sixth": (1, 6), "tenth": (1, 10),
}  # fmt: skip


def find_numbers(text: str) -> list[Fraction]:
    """Find every quantity that a text names, written in digits or in words; a share also counts as its divisor.

    Example:
        >>> [str(number) for number in find_numbers("Half of the 24 boys ate 50% of two cakes")]
        ['1/2', '2', '24', '1/2', '50', '2']
    """
    found: list[Fraction] = []
    for token in tokenize_line(without_latex(text)):
        if token.kind is TokenKind.NUMBER:
            found += [token.value, token.value * 100] if token.percent else [token.value]
        elif token.kind is TokenKind.WORD:
            found += _spelt_out(token.text.lower())
    return found


def _spelt_out(word: str) -> list[Fraction]:
    """The numbers of a word: 2, 1/3 and 3 of `two-thirds`."""
    found: list[Fraction] = []
    for part in re.split(r"[-'’]", word):  # "two-thirds"
        if part in _NUMBER_WORDS:
            found.append(Fraction(_NUMBER_WORDS[part]))
        elif part in _SHARE_WORDS:
            found += [Fraction(*_SHARE_WORDS[part]), Fraction(_SHARE_WORDS[part][1])]
    return found
