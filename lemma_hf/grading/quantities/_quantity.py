r"""Quantities: takes currency signs, units and labels off an answer.

"\$18.90"  →  18.90 in dollars      "15\mbox{ cm}^2"  →  15 in cm^2      "2.5 \text{ million}"  →  2500000

Only a unit or a label may stand behind a number. Any other text makes another answer of it, and stays: `5 \text{ or
more}`, `5 \text{ (wrong)}`. Letters that may be variables stay too: `2 xy` has no unit.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from lemma_hf.grading.formulas._expression import is_function
from lemma_hf.grading.quantities._exact import read_number
from lemma_hf.grading.quantities._number_labels import LETTER, is_label, is_word
from lemma_hf.grading.quantities._numerals import chinese_number, magnitude, number_in_words, ordinal
from lemma_hf.grading.quantities._units import PERCENT, may_be_variables, read_unit

_CURRENCIES = {
    "\\$": "dollar", "$": "dollar", "€": "euro", "£": "sterling", "\\pounds": "sterling", "¥": "¥", "₹": "rupee",
    "₽": "ruble", "₩": "won",
}  # fmt: skip
# "USD 5"  "Rs. 500"  "US\$ 5"  "R\$5"
_CURRENCY_BEFORE = re.compile(r"(USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|Rs|US|R|A|C|HK)\.?\s*(?=[\d\\$.-])")
_BEFORE = frozenset(("USD", "EUR", "GBP", "CHF", "JPY", "CNY", "RMB", "INR", "Rs"))
_HASH = re.compile(r"(?:\\?#|№|No\.|Nr\.)\s*(?=\d)")  # "#12"  "\#12"  "No. 12"
_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")  # "\text{ cm}"
# "\text{ cm}^2"  "\text{m}/\text{s}"  "\text{ m s}^{-1}"  "\text{ k}\Omega"
_TEXT_TAIL = re.compile(
    r"(?:\s*(?:\\text\s*\{[^{}]*\}|\\cdot|\\Omega|\\mu|/|\^\s*\{\s*-?\d\s*\}|\^\s*-?\d|[²³]))+\s*[.]?"
)
# "\frac{\text{m}}{\text{s}}"
_TEXT_FRACTION = re.compile(r"\\frac\s*\{\s*\\text\s*\{([^{}]*)\}\s*\}\s*\{\s*\\text\s*\{([^{}]*)\}\s*\}")
_UNIT_FRACTION = re.compile(
    r"(?<=[\d)} ])\\frac\s*\{\s*([A-Za-z][A-Za-z ]*)\}\s*\{\s*([A-Za-z][A-Za-z ]*)\}$"
)  # "5 \frac{km}{h}"
_UPRIGHT = re.compile(r"\\mathrm\s*\{((?:[^{}]|\{[^{}]*\})*)\}$")  # "\mathrm{m s^{-1}}"
_EXPONENT = r"(?:\s*\^\s*(?:\{\s*-?\d\s*\}|-?\d)|[²³])?"
_UNIT = rf"(?:{LETTER}(?:{LETTER}|[.'])*|\\Omega|\\mu[ ]?[A-Za-z]|[℃℉¢]){_EXPONENT}"
# "5 square feet"  "10 weeks"  "25% of them"  "3 m^2"  "3 cm²"  "5 m s^{-1}"  a unit or a label of up to eight words
_WORDS = re.compile(rf"(?<![\\A-Za-z])(?:{_UNIT}(?:\s*/\s*|\s*\\cdot\s*|[\s-]+)){{0,7}}{_UNIT}\s*$")
_IN_BRACKETS = re.compile(r"(?<=\d)\s+\(([^\W\d_][^()\d]{1,40})\)$")  # "5 (cm)"  "5 (in meters)"
_FIRST_WORD = re.compile(rf"{_UNIT}(?:\s*/\s*|\s*\\cdot\s*|[\s-]+)")  # "square "  "m/"
_MODULUS = re.compile(r"\s*(?:\\pmod|\(mod|\(\\bmod)\s*\{?[^{}()]*\}?\)?$")  # "3 \pmod{7}"  "3 (mod 7)"
# "(b) -1812"  "\text{(b) } 5"  "\text{(a) 12}"
_PART = re.compile(
    r"(?:\\text\s*\{\s*\([a-h]\)\s*\}|\([a-h]\)\s)\s*(?=[-\d\\.(])|\\text\s*\{\s*\([a-h]\)\s*([-\d./]+)\s*\}$"
)
"""The letter of the part that is answered: `(b) -1812`."""
_PART_OF_NUMBER = re.compile(r"\{?\([a-h]\)\s*(-?[\d.,/]+)\}?")  # "{(b) 12}"  "(a)3/4"
# "6{hours}"  "\$5{dollars}"  "3{cm}^2"
_BRACED_UNIT = re.compile(r"(-?(?:\\?\$)?[\d.,/]+)\s*\{\s*([A-Za-z][A-Za-z. ]*)\}(\^\s*(?:\{\s*\d\s*\}|\d))?")
r"""`6{hours}`: what is left of `6\text{hours}` where a pipeline took the commands out."""
# "\approx 5"  "\text{about } 5"  "approximately 5"  "only 5"  "a 5"
_APPROXIMATELY = re.compile(
    r"(?:\\approx|\\text\s*\{\s*(?:approximately|about)\s*\}|approximately|about|exactly|only|an?(?=\s+\d))\s*",
    re.IGNORECASE,
)
# "12^{th}"  "the 12th"  "12^{\text{th}}"  "21st"  "12\text{th}"  "2^{nd}"
_ORDINAL = re.compile(
    r"(?:the )?(\d{1,9})\s*(?:\^\s*)?\{?\s*(?:\\text\s*\{)?\s*(?:st|nd|rd|th)\s*\}?\s*\}?(?![A-Za-z])"
)
# "5 and a half"  "5 \text{ and a half}"
_AND_PART = re.compile(r"(\d{1,9})\s*(?:\\text\s*\{)?\s*and (a [a-z]+|one [a-z]+|three [a-z]+)\s*\}?")
_AND_FRACTION = re.compile(r"(\d{1,9}) and (\d{1,3}/\d{1,3})((?: [A-Za-z]+)?)")  # "2 and 1/2"  "2 and 3/4 cups"
# "5 squared"  "5 \text{ factorial}"
_OPERATION = re.compile(r"(-?\d{1,9})\s*(?:\\text\s*\{)?\s*(?:factorial|squared|cubed)\s*\}?")
# "Total: 45"  "\text{Alice: } 3"  "n: 5"  "Total cost: \$45"
_NAME_BEFORE = re.compile(
    r"(?:\\text\s*\{\s*([^\W\d_](?:[^\W\d_]|[ '.-]){0,40}?)\s*:\s*\}\s*|([^\W\d_](?:[^\W\d_]|[ '.-]){0,40}):\s+)"
    r"(?=[-\d\\$.(€£]|[A-Za-z]\s*(?:=|\\ne))"
)
_DENYING_TEXT = (
    "not no never wrong incorrect false except unless if maybe perhaps possibly guess below above over under hint step "
    "problem"
)
DENYING_NAMES = frozenset(_DENYING_TEXT.split())
"""Words before a value that take it back, leave it open, or say that it is something else."""
_CAPITAL_BEFORE = re.compile(r"\\text\s*\{\s*([A-Z][a-z]{2,20})\s*\}\s*(?=[-\d\\$.])")  # "\text{Alice } 3"
# "cx \text{ for any constant } c"  "x^2 for all x"  "cx, \forall x"  "cx \text{, where } c \text{ is a constant}"
_SCOPE = re.compile(
    r",?\s*(?:(?:\\text\s*\{\s*,?\s*|\s)for (?:any|all|every|each|some)\b.{0,80}|\\forall\b.{0,80}"
    r"|(?:\\text\s*\{\s*,?\s*|\s)where\b.{0,40}\b(?:constants?|arbitrary|any|real)\b.{0,40})$"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value as text, and its unit: a known one as `units` writes it, or None."""

    value: str
    unit: str | None = None
    name: str | None = None
    """What is said to have this value: `total` of "Total: 45"."""


def read_quantity(text: str, *, one_letter: bool = False) -> Quantity:
    """`text` (normalized) without currency, unit and label.

    Args:
        one_letter: whether `5 m` is a length; compared with a formula it is five times m.
    """
    if text[-1:].isdigit() and text.isascii() and text[:1].isdigit() and text.isdigit():
        return Quantity(text)
    unit = name = None
    text = _APPROXIMATELY.sub("", text, count=1) if _APPROXIMATELY.match(text) else text
    if text.startswith("\\text") and (whole := _TEXT.fullmatch(text)) and re.search(r"\d", whole[1]):  # "5"
        text = whole[1].strip()
    if found := _name_before(text):
        name, text = found
    if "{" in text or text[:1] == "(":
        text = _without_braces(text, one_letter)
    if "\\mathrm" in text:
        text = _UPRIGHT.sub(r" \1", text)
    text = _MODULUS.sub("", _PART.sub(r"\1", text, count=1)) if "(" in text or "mod" in text else text
    text, unit = _without_currency(text)
    text = _calculated(_in_digits(text.strip()))
    rest = _without_trailing(text.strip(), unit, one_letter)
    return Quantity(rest.value, rest.unit, name) if name else rest


def _name_before(text: str) -> tuple[str, str] | None:
    """The name in front of a value, and the rest: "total" and "45" of `Total: 45`."""
    if ":" in text and (found := _NAME_BEFORE.match(text)):
        name = (found[1] or found[2]).casefold()
        if DENYING_NAMES.isdisjoint(name.split()):
            return name, text[found.end() :]
    if (
        text.startswith("\\text")
        and (found := _CAPITAL_BEFORE.match(text))
        and is_label(found[1])
        and is_word(found[1])
    ):
        return found[1].casefold(), text[found.end() :]
    return None


def without_name(text: str, other: str) -> str:
    """`text` without the one name in front of it: `3, 4` of "Roots: 3, 4"; beside an equation a letter is a variable.

    Example:
        >>> without_name("Roots: 3, 4", "3, 4"), without_name("n: 5", "n = 5")
        ('3, 4', 'n=5')
    """
    found = _name_before(text) if text.count(":") == 1 else None
    if found and "=" in other and "=" not in found[1] and text[1:2] == ":":
        return f"{text[0]}={found[1]}"
    return found[1] if found else text


def names_clash(one: str | None, other: str | None) -> bool:
    """Whether two values are said of different things; a name may be left out, or be longer: `total`, `total cost`."""
    if one is None or other is None:
        return False
    left, right = set(one.split()), set(other.split())
    return not (left <= right or right <= left)


def _without_braces(text: str, one_letter: bool) -> str:
    if part := _PART_OF_NUMBER.fullmatch(text):
        return part[1]
    if "\\frac" in text and "\\text" in text:
        text = _TEXT_FRACTION.sub(r"\\text{\1/\2}", text)
    if "\\frac" in text and (found := _UNIT_FRACTION.search(text)):
        unit = f"{found[1]}/{found[2]}"
        if read_unit(unit) and (one_letter or not may_be_variables(unit)):
            text = f"{text[: found.start()]}\\text{{{unit}}}"
    found = _BRACED_UNIT.fullmatch(text)
    if found and (len(found[2].strip()) > 1 or read_unit(found[2])):
        return f"{found[1]}\\text{{{found[2]}}}{found[3] or ''}"
    return text


def _without_currency(text: str) -> tuple[str, str | None]:
    if text[:1] in "#\\№N" and (found := _HASH.match(text)):
        text = text[found.end() :]
    code = _CURRENCY_BEFORE.match(text) if text[:1] in "UEGCJRIAH" else None
    if code and (code[1] in _BEFORE or text[code.end() :].startswith(("$", "\\$"))):
        rest = text[code.end() :]
        known = read_unit(code[1]) if code[1] in _BEFORE else "dollar" if code[1] == "US" else f"{code[1]}$"
        return rest.removeprefix("\\").removeprefix("$"), known
    for sign, currency in _CURRENCIES.items():
        if sign in text:
            stripped = text.strip()
            at_front, at_end = stripped.startswith((sign, "-" + sign)), stripped.endswith(sign)
            if at_front or at_end:
                return stripped.replace(sign, "", 1) if at_front else stripped[: -len(sign)], currency
    return text, None


def _in_digits(text: str) -> str:
    """With the number in words or in Chinese signs at its front in digits: `twelve pens` as `12 pens`."""
    # 300 characters: a number in words with its label
    if not text or len(text) > 300 or not (text[0].isalpha() or text.startswith("\\text")):
        return text
    plain = _TEXT.sub(r" \1 ", text).strip() if "\\text" in text else text
    if (value := ordinal(plain)) is not None:
        return str(value)
    found = number_in_words(plain) if plain.isascii() else chinese_number(plain)
    if found is None or (found[1] and not (is_label(found[1]) or read_unit(found[1]))):
        return text
    return f"{found[0]} {found[1]}".strip()


def _without_trailing(text: str, unit: str | None, one_letter: bool) -> Quantity:
    if "\\int" in text:  # what stands last is its differential
        return Quantity(text, unit)
    for _ in range(3):  # a unit, a percent sign and a label: no answer has more behind its value
        before = text
        if text.endswith("%"):
            text, unit = text[:-1].rstrip("\\ "), unit or PERCENT
        elif text.endswith("‰"):
            text = f"{text[:-1].rstrip()}/1000"
        elif text.endswith(
            ("\\circ", "\\circ C", "\\circ F", "\\circ}", "\\circ \\text{C}", "\\circ \\text{F}")
        ) and not is_function(text):
            scale = " C" if "C" in text[-3:] else " F" if "F" in text[-3:] else ""
            text, unit = text[: text.rfind("^")].rstrip(" {"), unit or f"degree{scale}"
        elif (found := _ORDINAL.match(text)) and (found.end() == len(text) or _is_plain_label(text[found.end() :])):
            text = found[1]
        elif text.endswith(")") and (found := _IN_BRACKETS.search(text)) and _is_remark(found[1]):
            text, unit = text[: found.start()], unit or read_unit(found[1])
        elif cut := _last_text(text) or _label(text, one_letter):
            text, label = cut
            text, label = _scaled(text, label)
            unit = unit or read_unit(label) or _unit_in(label)
        text = text.strip()
        if text == before:
            break
    return Quantity(text, unit)


def _last_text(text: str) -> tuple[str, str] | None:
    r"""The value and the flat text behind it: "5" and "m/s" of `5\text{ m}/\text{s}`."""
    if "\\text" not in text:
        return None
    for at in (text.find("\\text"), text.rfind("\\text")):
        if at > 0 and text[:at].strip() and _TEXT_TAIL.fullmatch(text, at):
            break
    else:
        return None
    if text[:at].rstrip().endswith("\\mu"):
        at = text.rfind("\\mu", 0, at)
    value = text[:at].rstrip().removesuffix("\\cdot").rstrip()
    label = _flat(text[at:])
    if not label:
        return value, ""
    factor, rest = _magnitude_before(label)
    if not (read_unit(label) or (_is_value(value) and (_behind(rest) if factor else is_label(label)))):
        return None
    return value, label


def _behind(rest: str) -> bool:
    return not rest or is_label(rest) or read_unit(rest) is not None


def _is_remark(text: str) -> bool:
    return read_unit(text) is not None or (is_label(text) and _are_words(text))


def _is_plain_label(text: str) -> bool:
    return is_label(_TEXT.sub(r" \1 ", text))


def _is_value(text: str) -> bool:
    """Whether a text may be a value that a label follows: words after words are a sentence."""
    return "\\text" not in text and text[-1:] not in "=<>+-*/^,;:("


def _flat(tail: str) -> str:
    plain = _TEXT.sub(r" \1 ", tail).replace("\\cdot", " ").replace("\\mu", "u")
    for sign in ("\\Omega", "\u03a9", "\u2126"):  # the Greek letter, and the sign of the unit
        plain = plain.replace(sign, "ohm")
    # "k ohm"  "u m"
    plain = re.sub(r"\b([kMmGu]) +(?=ohm\b)|\b(u) +(?=[mgsAVF]\b)", r"\1\2", plain)
    return re.sub(r"\s+(?=\^)", "", plain).strip()  # "m ^2"


def _label(text: str, one_letter: bool) -> tuple[str, str] | None:
    if not text[-1:].isalpha() and text[-1:] not in ".}0123456789²³℃℉¢":
        return None
    # 200 characters: a value with a label; what is longer is a text
    if len(text) > 200 or not (found := _WORDS.search(text)):
        return None
    start, words = found.start(), found.group().strip()
    for _ in range(8):  # as many words as `_WORDS` takes
        value = text[:start].rstrip()
        if _ends_a_value(value):
            cut = _as_unit(text, start, words, one_letter) or _as_label(text, start, words)
            if cut:
                return cut
        if not (first := _FIRST_WORD.match(words)):
            return None
        start, words = start + first.end(), words[first.end() :]
    return None


def _ends_a_value(value: str) -> bool:
    """Whether a unit may follow: no operator waits for a factor."""
    return (
        value != "" and (value[-1].isalnum() or value[-1] in ")}]%!.|'") and not value.endswith(("\\cdot", "\\times"))
    )


def _as_unit(text: str, start: int, words: str, one_letter: bool) -> tuple[str, str] | None:
    flat = _flat(words)
    unit = read_unit(flat)
    if unit is None and flat.lower() not in ("unit", "units"):
        return None
    if may_be_variables(flat):
        gap = text[start - 1] == " " or "/" in words
        value = text[:start].strip()
        if not (one_letter and gap and not re.search("[A-Za-z]$", value)):  # "x"
            return None
    return text[:start], flat


def _as_label(text: str, start: int, words: str) -> tuple[str, str] | None:
    # "-5"  "\frac"  "(3"
    if "^" in words or "\\" in words or not re.match(r"[-+]?[\d\\(.]", text):
        return None
    han = ord(words[0]) > 0x2E7F  # a sign of Chinese, Japanese or Korean needs no space before it
    if not (text[start - 1] == " " or han) or not _is_value(text[:start].rstrip()):
        return None
    factor, rest = _magnitude_before(words)
    if factor:
        return (text[:start], words) if _behind(rest) else None
    return (text[:start], words) if is_label(words) and _are_words(words) else None


def _are_words(label: str) -> bool:
    """Whether letters are words rather than variables: a short word needs a longer one beside it."""
    words = re.split(r"[\s/-]+", label)  # "a b"
    sure = [is_word(word) or (read_unit(word) is not None and not may_be_variables(word)) for word in words]
    long = any(len(word) > 3 and is_sure for word, is_sure in zip(words, sure, strict=True))
    return all(is_sure or (long and 1 < len(word) <= 3) for word, is_sure in zip(words, sure, strict=True))


def _magnitude_before(label: str) -> tuple[Fraction | None, str]:
    """The magnitude that a label begins with, and the rest: a million and "dollars" of `million dollars`."""
    word, _, rest = label.partition(" ")
    if (factor := magnitude(word)) is None and label and ord(label[0]) > 0x2E7F:
        word, rest = label[0], label[1:].strip()  # "万元"
        factor = magnitude(word)
    return factor, rest


_OPERATIONS = {"factorial": "!", "squared": "^2", "cubed": "^3"}
"""What a word behind a number does with it: `5 factorial` is 120, `5 squared` is 25."""


def _calculated(text: str) -> str:
    if " and " in text and (found := _AND_FRACTION.fullmatch(text)):
        return f"{found[1]} {found[2]}{found[3]}"
    if " and " in text and (found := _AND_PART.fullmatch(text)) and (more := number_in_words(found[2])):
        part, rest = more
        return f"{int(found[1]) + part} {rest}".strip() if part < 1 and _behind(rest) else text
    for word, sign in _OPERATIONS.items():
        if text.endswith((f" {word}", f" {word}}}")) and (found := _OPERATION.fullmatch(text)):
            return f"{found[1]}{sign}"
    return text


def _scaled(value: str, label: str) -> tuple[str, str]:
    """The value times the magnitude that its label begins with, and the rest of the label."""
    factor, rest = _magnitude_before(label)
    if factor is None:
        return value, label
    number = read_number(value.strip())
    return (str(number.value * factor) if number else f"({value})({factor})"), rest


def read_formulas(answer: str, reference: str) -> tuple[Quantity, Quantity]:
    """Two formulas as quantities; what one reads as a unit and the other has as variables is none: `hr^2`, `r^2 h`."""
    # Beside a formula without variables a letter behind a value can be a unit only: `\sqrt{2} m`.
    one = read_quantity(answer, one_letter=not _variables(reference))
    other = read_quantity(reference, one_letter=not _variables(answer))
    if one.unit and not other.unit and _are_variables(answer[len(one.value) :], other.value):
        return Quantity(answer), other
    if other.unit and not one.unit and _are_variables(reference[len(other.value) :], one.value):
        return one, Quantity(reference)
    return one, other


def _are_variables(tail: str, formula: str) -> bool:
    letters = set(re.findall("[A-Za-z]", tail))  # "hr"
    return bool(letters) and "\\" not in tail and letters <= _variables(formula)


def _variables(formula: str) -> set[str]:
    """The letters of a formula outside of its commands."""
    # "\pi r h"
    return {sign for sign in re.sub(r"\\[A-Za-z]+", "", formula) if sign.isalpha()}


def without_scope(answer: str, reference: str) -> tuple[str, str]:
    """Both without the clause that says for which values a formula holds, where only one of them has it."""
    one, other = _scope(answer), _scope(reference)
    if one and not other:
        return answer[: one.start()], reference
    return (answer, reference[: other.start()]) if other and not one else (answer, reference)


def _scope(text: str) -> re.Match[str] | None:
    return _SCOPE.search(text) if "for " in text or "where" in text or "\\forall" in text else None


def _unit_in(label: str) -> str | None:
    """The unit of a label in which it is one word of several: the hours of `hours of work` and of `more hours`."""
    head = re.split(
        r"\s(?:of|in|for|from|after|each|every|on|at|with|long|old|wide|tall|away|left)\b", label, maxsplit=1
    )[0]  # "hours of"
    words = head.split()
    return read_unit(head) or (words and (read_unit(words[-1]) or read_unit(words[0]))) or None
