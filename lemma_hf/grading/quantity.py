r"""Quantities: takes currency signs, units and labels off an answer.

"\$18.90"  →  18.90 in dollars        "15\mbox{ cm}^2"  →  15 in cm        "10 weeks"  →  10 in weeks
"""

import re
from dataclasses import dataclass

from lemma_hf.grading.expression import is_function

PERCENT = "%"
_UNITS = {
    "cm": "cm centimeter centimeters centimetre centimetres",
    "mm": "mm millimeter millimeters millimetre millimetres",
    "m": "m meter meters metre metres",
    "km": "km kilometer kilometers kilometre kilometres",
    "in": "in inch inches",
    "ft": "ft foot feet",
    "yd": "yd yard yards",
    "mi": "mi mile miles",
    "s": "s sec secs second seconds",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
    "day": "day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years yr yrs",
    "g": "g gram grams",
    "kg": "kg kilogram kilograms",
    "lb": "lb lbs pound pounds",
    "oz": "oz ounce ounces",
    "l": "l liter liters litre litres",
    "ml": "ml milliliter milliliters",
    "dollar": "dollar dollars usd",
    "cent": "cent cents",
    "euro": "euro euros",
    "degree": "degree degrees",
    "radian": "rad radian radians",
    "am": "am a.m.",
    "pm": "pm p.m.",
    PERCENT: "percent percentage pct",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_CURRENCIES = {"\\$": "dollar", "$": "dollar", "€": "euro", "£": "pound sterling", "¥": "yen", "₹": "rupee"}
# "\text{ cm}^2"  "\text{hours}"
_TEXT_UNIT = re.compile(r"\s*\\text\s*\{([^{}]*)\}\s*(?:\^\s*(?:\{\s*\d\s*\}|\d))?")
# "5 square feet"  "10 weeks"  "25% of them"  "3 m^2"  "3 cm²"  a label of up to eight words
_WORDS = re.compile(
    r"(?<=[\d)}\s%])\s*((?:[A-Za-z][A-Za-z.']*[ /-]+){0,7}[A-Za-z][A-Za-z.']*)\s*(?:\^\s*(?:\{\s*\d\s*\}|\d)|[²³])?$"
)
# "x"  "sin"  "or"
_FORMULA_WORDS = re.compile(r"\b(?:[A-Za-z]|pi|sqrt|sin|cos|tan|log|ln|exp|or|and|not|mod)\b")
_MODULUS = re.compile(r"\s*(?:\\pmod|\(mod|\(\\bmod)\s*\{?[^{}()]*\}?\)?$")  # "3 \pmod{7}"  "3 (mod 7)"
# "(b) -1812"  "\text{(b) } 5"  "\text{(a) 12}"
_PART = re.compile(
    r"(?:\\text\s*\{\s*\([a-h]\)\s*\}|\([a-h]\)\s)\s*(?=[-\d\\.(])|\\text\s*\{\s*\([a-h]\)\s*([-\d./]+)\s*\}$"
)
"""The letter of the part that is answered: `(b) -1812`."""
_PART_OF_NUMBER = re.compile(r"\{?\([a-h]\)\s*(-?[\d.,/]+)\}?")  # "{(b) 12}"  "(a)3/4"
# "6{hours}"  "\$5{dollars}"  "3{cm}^2"
_BRACED_UNIT = re.compile(r"(-?(?:\\?\$)?[\d.,/]+)\s*\{\s*([A-Za-z][A-Za-z. ]*)\}(?:\^\s*(?:\{\s*\d\s*\}|\d))?")
r"""`6{hours}`: what is left of `6\text{hours}` where a pipeline took the commands out."""
# "5 m"  "3 m^2"
_ONE_LETTER = re.compile(r"(-?[\d.,/]+)\s+([mgshlLCFKNJVW])(?:\s*\^\s*(?:\{\s*\d\s*\}|\d))?")
# "\approx 5"  "\text{about } 5"  "approximately 5"  "only 5"
_APPROXIMATELY = re.compile(
    r"(?:\\approx|\\text\s*\{\s*(?:approximately|about)\s*\}|approximately|about|exactly|only)\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value as text, and its unit: a known one under its short name, or None."""

    value: str
    unit: str | None = None


def read_quantity(text: str, *, one_letter: bool = False) -> Quantity:
    """`text` (normalized) without currency, unit and label.

    Args:
        one_letter: whether `5 m` is a length; compared with a formula it is five times m.
    """
    if one_letter and (found := _ONE_LETTER.fullmatch(text)):
        return Quantity(found[1], _UNIT_OF.get(found[2]))
    unit = None
    text = _APPROXIMATELY.sub("", text, count=1) if _APPROXIMATELY.match(text) else text
    if "{" in text or text[:1] == "(":
        text = _without_braces(text)
    text = _MODULUS.sub("", _PART.sub(r"\1", text, count=1)) if "(" in text or "mod" in text else text
    for sign, currency in _CURRENCIES.items():
        if sign in text:
            stripped = text.strip()
            at_front, at_end = stripped.startswith((sign, "-" + sign)), stripped.endswith(sign)
            if at_front or at_end:
                text, unit = stripped.replace(sign, "", 1) if at_front else stripped[: -len(sign)], currency
                break
    return _without_trailing(text.strip(), unit)


def _without_braces(text: str) -> str:
    if part := _PART_OF_NUMBER.fullmatch(text):
        return part[1]
    found = _BRACED_UNIT.fullmatch(text)
    if found and (len(found[2].strip()) > 1 or found[2] in _UNIT_OF):
        return f"{found[1]}\\text{{{found[2]}}}"
    return text


def _without_trailing(text: str, unit: str | None) -> Quantity:
    if "\\int" in text:  # what stands last is its differential
        return Quantity(text, unit)
    for _ in range(3):  # a unit, a percent sign and a label: no answer has more behind its value
        before = text
        if text.endswith("%"):
            text, unit = text[:-1].rstrip("\\ "), unit or PERCENT
        elif text.endswith(("\\circ", "\\circ C", "\\circ F", "\\circ}")) and not is_function(text):
            text, unit = text[: text.rfind("^")].rstrip(" {"), unit or "degree"
        elif found := _last_text(text) or _label(text):
            text, label = found
            unit = unit or _known(label)
        text = text.strip()
        if text == before:
            break
    return Quantity(text, unit)


def _last_text(text: str) -> tuple[str, str] | None:
    at = text.rfind("\\text")
    if at <= 0:
        return None
    found = _TEXT_UNIT.fullmatch(text, at)
    # " or "  " if "
    if not found or not text[:at].strip() or re.search(r"\b(?:or|and|if|not)\b", found[1]):
        return None
    return text[:at], found[1]


def _label(text: str) -> tuple[str, str] | None:
    if not text[-1:].isalnum() and text[-1:] not in ".}":
        return None
    # 200 characters: a value with a label; what is longer is a text
    if len(text) > 200 or not (found := _WORDS.search(text)):
        return None
    words = found[1].strip()
    if words.lower() in _UNIT_OF and len(words) > 1:
        return text[: found.start()], words
    before = text[: found.start()]
    # "-5"  "\frac"  "(3"
    if _FORMULA_WORDS.search(words) or not re.match(r"[-+]?[\d\\(.]", text) or before.endswith("\\"):
        return None
    if is_function(words):
        return None
    gap = found.group().startswith(" ") or text[: found.start()].endswith(" ")
    return (text[: found.start()], words) if gap and "\\" not in found.group() else None


def _known(label: str) -> str | None:
    words = re.findall(r"[a-z.]+", label.lower())  # "a.m."  "square feet"
    known = [_UNIT_OF[word] for word in words if word in _UNIT_OF]
    return "/".join(known) or None


def units_clash(one: str | None, other: str | None) -> bool:
    """Whether both units are known and differ; a unit may always be left out."""
    return one is not None and other is not None and one != other
