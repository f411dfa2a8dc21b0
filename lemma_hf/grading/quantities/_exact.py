r"""The rational number that a text writes: exactly, as a fraction, never as a float.

1,234   118 000   .5   3.54e-7   2.3\times 10^{-3}   \frac{3}{4}   \frac34   7/2   3\frac{1}{2}   1 1/2   -5
"""

import re
from dataclasses import dataclass
from fractions import Fraction

_MAX_DIGITS = 1_000
"""Longer numbers are compared as strings: converting them costs quadratic time, and no answer needs them."""
_MAX_EXPONENT = 1_000
"""As many digits. Without a bound, `1e999999999` would be a fraction of a billion digits."""

# "1,234"  "1,00,000"  "118 000"  ".5"  "-5."  "3.54e-7"
_PLAIN = re.compile(
    r"([-+]?)\s*(\d+(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?: \d{3})+|\d*)(?:\.(\d*))?(?:[eE]([-+]?\d{1,9}))?"
)
# "2.3\times 10^{-3}"  "5*10^4"  "3 x 10^2"
_SCIENTIFIC = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(?:\\times|\\cdot|\*|x)\s*10\s*\^\s*\{?\s*([-+]?\d{1,9})\s*\}?")
_POWER_OF_TEN = re.compile(r"10\s*\^\s*\{?\s*([-+]?\d{1,9})\s*\}?")  # "10^{-3}"
_WHOLE = r"(\d[\d,]*(?:\.\d+)?)"
# "\frac{3}{4}"  "\frac34"  "-3\frac{1}{2}"  "\frac 3{4}"
_FRACTION = re.compile(
    r"([-+]?)\s*(\d+)?\s*\\frac\s*(?:\{\s*([-+]?\s*[\d,.]+)\s*\}|\s(\d)|(\d))\s*(?:\{\s*([-+]?\s*[\d,.]+)\s*\}|(\d))"
)
_DECIMAL_COMMA = re.compile(r"([-+]?)(\d+|[1-9]\d{0,2}(?:[. ]\d{3})+),(\d+)")  # "2,74"  "1.000,99"
# "7/2"  "1 1/2"  "-1,000/3"
_SLASH = re.compile(r"([-+]?)\s*(?:(\d+)\s+)?" + _WHOLE + r"\s*/\s*" + _WHOLE)
_PERIOD = re.compile(r"([-+]?)(\d{1,20})[.,](\d{0,20})\((\d{1,20})\)")  # "0.(3)"  "-1.1(6)"  "0,(3)"
_LITERAL = re.compile(r"0([xX])([0-9A-Fa-f]{1,40})|0([bBoO])([0-7]{1,40})")  # "0x1F"  "0b101"
_LITERAL_BASES = {"x": 16, "o": 8, "b": 2}


@dataclass(frozen=True, slots=True)
class Number:
    """A rational number, and how many decimal places it was written with (None: not as a decimal)."""

    value: Fraction
    places: int | None = None


def read_number(text: str) -> Number | None:
    r"""The number that the whole of a normalized `text` writes, or None.

    Example:
        >>> read_number(r"3\frac{1}{2}").value
        Fraction(7, 2)
    """
    if not text or len(text) > _MAX_DIGITS:
        return None
    while len(text) > 2 and text[0] + text[-1] in ("()", "{}") and "," not in text:
        text = text[1:-1].strip()
    if found := _PLAIN.fullmatch(text):
        return _plain(*found.groups())
    if found := _FRACTION.fullmatch(text):
        sign, whole, *parts = found.groups()
        upper, lower = parts[0] or parts[1] or parts[2], parts[3] or parts[4]
        return _ratio(sign, whole, upper, lower)
    if found := _SLASH.fullmatch(text):
        return _ratio(*found.groups())
    if found := _SCIENTIFIC.fullmatch(text):
        return _scaled(Fraction(found[1]), int(found[2]))
    if found := _POWER_OF_TEN.fullmatch(text):
        return _scaled(Fraction(1), int(found[1]))
    if text[-1] == ")" and (found := _PERIOD.fullmatch(text)):
        return _repeating(*found.groups())
    if text[0] == "0" and (found := _LITERAL.fullmatch(text)):
        return _literal(found)
    return None


def _literal(found: re.Match[str]) -> Number | None:
    try:
        return Number(Fraction(int(found[2] or found[4], int(_literal_base(found)))))
    except ValueError:
        return None  # "0b7"


def _repeating(sign: str, before: str, after: str, period: str) -> Number:
    """`0.1(6)` as the fraction that it is."""
    upper = int(before + after + period) - int(before + after)
    value = Fraction(upper, (10 ** len(period) - 1) * 10 ** len(after))
    return Number(-value if sign == "-" else value)


def is_written_with_comma(text: str, value: Number) -> bool:
    """Whether `text` is `value` with a decimal comma: `2,74` and `1.000,99`.

    A comma may part two numbers as well, so this is asked only against a value that it explains: one that is not whole,
    or any where the thousands are parted too.
    """
    found = _DECIMAL_COMMA.fullmatch(text) if "," in text and len(text) <= _MAX_DIGITS else None
    if found is None or (value.value.denominator == 1 and found[2].isdigit()):
        return False
    sign, whole, decimals = found.groups()
    return Fraction(f"{sign}{re.sub('[. ]', '', whole)}.{decimals}") == value.value  # "1.000"


def _plain(sign: str, whole: str, decimals: str | None, exponent: str | None) -> Number | None:
    whole = whole.replace(",", "").replace(" ", "")
    if not whole and not decimals:
        return None
    value = Fraction(int(f"{whole}{decimals or ''}"), 10 ** len(decimals or ""))
    if exponent:
        return _scaled(-value if sign == "-" else value, int(exponent))
    return Number(-value if sign == "-" else value, len(decimals) if decimals else None)


def _scaled(value: Fraction, exponent: int) -> Number | None:
    if abs(exponent) > _MAX_EXPONENT:
        return None
    value *= Fraction(10) ** exponent
    digits = len(str(value.denominator)) - 1
    return Number(value, digits or None)


def _ratio(sign: str, whole: str | None, upper: str, lower: str) -> Number | None:
    try:
        part = Fraction(_bare(upper)) / Fraction(_bare(lower))
    except (ValueError, ZeroDivisionError):
        return None
    if whole:
        if not 0 <= part < 1:
            return None  # "2 7/2" and 2\frac{7}{2} are no mixed numbers; the second is a product
        part += int(whole)
    return Number(-part if sign == "-" else part)


def _bare(digits: str) -> str:
    # "1,000"  while "2,5" is a decimal comma, or two numbers
    if "," in digits and not re.fullmatch(r"\s*[-+]?\s*\d{1,3}(?:,\d{3})+(?:\.\d*)?", digits):
        raise ValueError("a comma that groups no thousands")
    return digits.replace(",", "").replace(" ", "")


def same_number(left: Number, right: Number) -> bool:
    """Whether two numbers are the same, by the policy on decimals of `lemma_hf.grading`."""
    if left.value == right.value:
        return True
    return _stands_for(left, right.value, right.places is not None) or _stands_for(
        right, left.value, left.places is not None
    )


_FLOAT_PLACES = 8
"""A decimal of as many places was printed from a float; it stands for what is within 1e-9 of it, in proportion."""
MIN_PLACES = 3
"""A decimal of fewer places stands for no value but its own: two would let 0.33 pass for 1/3."""


def _stands_for(decimal: Number, value: Fraction, is_decimal: bool) -> bool:
    """Whether `decimal` is how a person or a float would write `value`.

    A value that a decimal *can* write must be written exactly, but for the noise of binary floats
    (`0.30000000000000004`).
    """
    if decimal.places is None:
        return False
    gap = abs(decimal.value - value)
    if decimal.places >= _FLOAT_PLACES and gap <= abs(value) / 10**9:
        return True
    if is_decimal or _terminates(value) or decimal.places < MIN_PLACES:
        return False
    # Half a unit of the last place; and 1 %, or 0.001 would stand for 0.0006.
    return 2 * gap <= Fraction(1, 10**decimal.places) and 100 * gap <= abs(value)


def _terminates(value: Fraction) -> bool:
    """Whether a finite decimal writes `value` exactly."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


# "1011_2"  "2F_{16}"  "101_{\text{two}}"  "52_{(8)}"  "(52)_8"  "52\text{ (base 8)}"  "52 in base eight"
_IN_BASE = re.compile(
    r"\(?([0-9A-Fa-f]{1,200})\)?\s*(?:_\s*(?:\{\s*\(?(?:\\text\s*\{)?\s*\(?(?:base\s*)?(\w{1,12})\)?\s*\}?\)?\s*\}|(\d))"
    r"|(?:\\text\s*\{)?\s*\(?(?:in )?base\s*\}?\s*(\w{1,12})\)?\s*\}?)"
)
_BASE_NAMES = "two three four five six seven eight nine ten eleven twelve"
_BASE_WORDS = {word: str(value) for value, word in enumerate(_BASE_NAMES.split(), 2)} | {"sixteen": "16"}


def same_in_base(answer: str, reference: str) -> bool | None:
    """`1011_2`: the base may be left out; with two bases, values count. None if neither answer names a base."""
    left, right = _digits_and_base(answer), _digits_and_base(reference)
    if not left and not right:
        return None
    digits = [found[0] if found else text.upper() for found, text in ((left, answer), (right, reference))]
    if left and right and left[1] != right[1]:
        values = _value_in_base(*left), _value_in_base(*right)
        return values[0] == values[1] is not None
    return digits[0] == digits[1]


def _value_in_base(digits: str, base: str) -> int | None:
    """The value of digits; None where the base is none, or a digit does not fit it."""
    try:
        return int(digits, int(base)) if len(digits) <= _MAX_DIGITS else None
    except ValueError:
        return None


def _digits_and_base(text: str) -> tuple[str, str] | None:
    if "_" not in text and "base" not in text:
        literal = _LITERAL.fullmatch(text)
        return ((literal[2] or literal[4]).upper(), _literal_base(literal)) if literal else None
    found = _IN_BASE.fullmatch(text)
    if not found:
        return None
    base = (found[2] or found[3] or found[4]).lower()
    return found[1].upper(), _BASE_WORDS.get(base, base)


def _literal_base(literal: re.Match[str]) -> str:
    return str(_LITERAL_BASES[(literal[1] or literal[3]).lower()])
