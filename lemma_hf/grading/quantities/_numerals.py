r"""Numbers in words, in Chinese signs and with magnitudes: `five hundred`, `2.5 million`, `3万`, `two and a half`.

Nothing is guessed: words that do not follow the grammar of one number ("one two three", "two or three") are none.
"""

import re
from fractions import Fraction
from itertools import pairwise

_SMALL_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_SMALL = {word: value for value, word in enumerate(_SMALL_WORDS.split())}
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * value for value, word in enumerate(_TENS_WORDS.split(), 2)} | {"fourty": 40}
_MAGNITUDES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "lakh": 10**5,
    "crore": 10**7,
    "dozen": 12,
}
_OTHER_MAGNITUDES = {
    "百": 100,
    "千": 1_000,
    "万": 10**4,
    "萬": 10**4,
    "亿": 10**8,
    "億": 10**8,
    "만": 10**4,
    "억": 10**8,
    "hundert": 100,
    "tausend": 1_000,
    "mille": 1_000,
    "mil": 1_000,
    "тысяч": 1_000,
    "тысячи": 1_000,
    "millionen": 10**6,
    "millones": 10**6,
    "millón": 10**6,
    "milhões": 10**6,
    "milioni": 10**6,
    "миллион": 10**6,
    "миллиона": 10**6,
    "миллионов": 10**6,
    "milliarde": 10**9,
    "milliarden": 10**9,
    "milliard": 10**9,
    "milliards": 10**9,
    "миллиардов": 10**9,
}
_FACTORS: dict[str, Fraction] = {
    **{word + plural: Fraction(value) for word, value in _MAGNITUDES.items() for plural in ("", "s")},
    **{word: Fraction(value) for word, value in _OTHER_MAGNITUDES.items()},
}
_PART_WORDS = "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_PARTS: dict[str, Fraction] = {
    word + plural: Fraction(1, value) for value, word in enumerate(_PART_WORDS.split(), 3) for plural in ("", "s")
} | {
    "half": Fraction(1, 2),
    "halves": Fraction(1, 2),
    "hundredth": Fraction(1, 100),
    "hundredths": Fraction(1, 100),
    "thousandth": Fraction(1, 1000),
    "thousandths": Fraction(1, 1000),
}
_QUARTERS = {"quarter": Fraction(1, 4), "quarters": Fraction(1, 4)}
"""Parts only after a number in words: `3 quarters` are three coins."""
_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS = {word: value for value, word in enumerate(_ORDINAL_WORDS.split(), 1)}
_ARTICLES = frozenset(("a", "an"))
_NUMBER_WORDS = _SMALL.keys() | _TENS.keys() | _MAGNITUDES.keys() | {"half", "minus", "negative", "a", "an"}
_MAX_WORDS = 20
"""Of a number in words. `nine hundred ninety-nine trillion …` down to the ones takes about as many."""
_HAN_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_STEPS = {"十": 10, "百": 100, "千": 1_000}
_HAN_GROUPS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_HAN = re.compile(r"[零〇一二两兩三四五六七八九十百千万萬亿億]{1,20}")  # "三百二十"  "十二"
_WORD = re.compile(r"[A-Za-z]+")  # "five"


def magnitude(word: str) -> Fraction | None:
    """What a number is multiplied by if this word follows it: a million, a dozen, a half; None for other words."""
    word = word.lower()
    return _FACTORS.get(word) or _PARTS.get(word)


def ordinal(word: str) -> int | None:
    """The number of `twelfth`."""
    return _ORDINALS.get(word.lower())


def number_in_words(text: str) -> tuple[Fraction, str] | None:
    """The number in words that a text begins with, and the text that is left: a unit or a label.

    Example:
        >>> number_in_words("two and a half hours"), number_in_words("one two")
        ((Fraction(5, 2), 'hours'), None)
    """
    first = _WORD.match(text)
    if first is None or first.group().lower() not in _NUMBER_WORDS:
        return None
    found = list(_WORD.finditer(text[:300]))[:_MAX_WORDS]  # 300 characters: twenty words of a number are shorter
    words = _attached(text, [match.group().lower() for match in found], found)
    reader = _Reader(words)
    value = reader.number()
    if value is None:
        return None
    rest = text[found[reader.at - 1].end() :].strip()
    following = words[reader.at] if reader.at < len(words) else ""
    return None if following in _SMALL or following in _TENS else (value, rest)


def _attached(text: str, words: list[str], found: list[re.Match[str]]) -> list[str]:
    """The words up to the first sign between them that is neither a space nor a hyphen."""
    for index, (one, other) in enumerate(pairwise(found), 1):
        if text[one.end() : other.start()].strip(" -"):
            return words[:index]
    return words


class _Reader:
    """Reads one number from the front of a row of words; `at` is the first word that does not belong to it."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        return self.words[self.at + ahead] if self.at + ahead < len(self.words) else ""

    def number(self) -> Fraction | None:
        negative = self.peek() in ("minus", "negative")
        self.at += negative
        value = self.part() or self.cardinal()
        if value is None:
            return None
        if self.peek() == "and" and (more := self.part_after_and()):
            value += more
        if self.peek() == "point":
            value = self.decimals(value)
        while word_factor := _FACTORS.get(self.peek()):
            self.at += 1
            value *= word_factor
        return -value if negative else value

    def part(self) -> Fraction | None:
        """`half a million`, `a third`, `two thirds`, `three quarters`."""
        if self.peek() == "half":
            self.at += 1 + (self.peek(1) in _ARTICLES)
            return Fraction(1, 2)
        count = 1 if self.peek() in _ARTICLES else _SMALL.get(self.peek())
        part = _PARTS.get(self.peek(1)) or _QUARTERS.get(self.peek(1))
        if count is None or part is None:
            return None
        self.at += 2
        return count * part

    def part_after_and(self) -> Fraction | None:
        start = self.at
        self.at += 1
        value = self.part()
        if value is None or value >= 1:
            self.at = start
            return None
        return value

    def cardinal(self) -> Fraction | None:
        total, last = 0, 10**15  # each group is smaller than the one before it
        start = self.at
        while (group := self.below_thousand()) is not None:
            factor = _MAGNITUDES.get(self.peek(), 1)
            if factor >= last:
                self.at = start
                return None
            self.at += factor > 1
            total += group * factor
            last = factor
            if factor == 1:
                break
            if self.peek() == "and" and (self.peek(1) in _SMALL or self.peek(1) in _TENS):
                self.at += 1
        return Fraction(total) if self.at > start else None

    def below_thousand(self) -> int | None:
        start = self.at
        value = 1 if self.peek() in _ARTICLES and self.peek(1) in _MAGNITUDES else None
        if value is not None:
            self.at += 1
        else:
            value = self.below_hundred()
        if value is not None and self.peek() == "hundred":
            self.at += 1
            value *= 100
            and_follows = self.peek() == "and" and (self.peek(1) in _SMALL or self.peek(1) in _TENS)
            self.at += and_follows
            value += self.below_hundred() or 0
        elif value is None:
            self.at = start
        return value

    def below_hundred(self) -> int | None:
        if self.peek() in _SMALL:
            self.at += 1
            return _SMALL[self.words[self.at - 1]]
        if self.peek() not in _TENS:
            return None
        value = _TENS[self.peek()]
        self.at += 1
        if 1 <= _SMALL.get(self.peek(), 0) <= 9:
            value += _SMALL[self.peek()]
            self.at += 1
        return value

    def decimals(self, value: Fraction) -> Fraction:
        digits = ""
        while self.peek(1 + len(digits)) in _SMALL and _SMALL[self.peek(1 + len(digits))] <= 9:
            digits += str(_SMALL[self.peek(1 + len(digits))])
        if digits:
            self.at += 1 + len(digits)
            value += Fraction(int(digits), 10 ** len(digits))
        return value


def chinese_number(text: str) -> tuple[Fraction, str] | None:
    """The number in Chinese signs that a text begins with, and what is left: `十二个` is 12 and `个`."""
    found = _HAN.match(text)
    if not found:
        return None
    total = group = digit = 0
    for sign in found.group():
        if sign in _HAN_GROUPS:
            total, group, digit = (total + group + digit or 1) * _HAN_GROUPS[sign], 0, 0
        elif sign in _HAN_STEPS:
            group, digit = group + (digit or 1) * _HAN_STEPS[sign], 0
        else:
            digit = 10 * digit + _HAN_DIGITS[sign]
    return Fraction(total + group + digit), text[found.end() :].strip()
