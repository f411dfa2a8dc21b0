r"""Commas read another way, where the other answer explains it: `1,500\pi` as `1500\pi`, `x = 2,5` as `x = 2.5`.

A comma between digits parts two numbers, groups thousands or is a decimal comma. The first reading is tried before;
these are the other two, and what they give has to be the other answer.
"""

import re
from collections.abc import Iterator

_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+))(?!\d|,\d)")  # "1,500"  "2 500 000"
_DECIMAL = re.compile(r"(?<![\d.,])(\d{1,15}),(\d{1,15})(?!\d|[.,]\d)")  # "2,5"
_POINT = re.compile(r"\d\.\d")  # "2.5"
_TO = re.compile(r"(?<=[\d}])\s*(?:\\text\s*\{\s*to\s*\}|\bto\b)\s*(?=[\d\\])")  # "3 to 4"  "3\text{ to }4"
_BRACKET = re.compile(r"[(\[]\s*-?\d+\s*,\s*-?\d+\s*[)\]]|\\\{")  # "(1,500)"  "\{"  a pair or a set


def respelled(answer: str, reference: str) -> Iterator[tuple[str, str]]:
    r"""Pairs of answers with commas between digits taken out, or read as decimal commas.

    Example:
        >>> list(respelled(r"1,500\pi", r"1500\pi")), list(respelled("x=2,5", "x=2.5"))
        ([('1500\\pi', '1500\\pi')], [('x=2.5', 'x=2.5')])
    """
    plain = _without_thousands(answer), _without_thousands(reference)
    if plain != (answer, reference):
        yield plain
    if ":" in answer + reference and (ratio := (_as_ratio(answer), _as_ratio(reference))) != (answer, reference):
        yield ratio
    if (text := _with_points(answer, reference)) is not None:
        yield text, reference
    if (text := _with_points(reference, answer)) is not None:
        yield answer, text


def _without_thousands(text: str) -> str:
    """A formula, or a list that parts its numbers in another way, without thousands marks."""
    if (", " not in text and _BRACKET.search(text)) or _THOUSANDS.fullmatch(text):
        return text
    return _THOUSANDS.sub(lambda found: found[1].replace(",", "").replace(" ", ""), text)


def _as_ratio(text: str) -> str:
    return _TO.sub(":", text) if len(text) < 40 else text  # 40 characters: two numbers and "to"


def _with_points(text: str, other: str) -> str | None:
    r"""`text` with decimal points for commas, if `other` has as many decimals, or is a fraction."""
    decimals = _POINT.findall(other)
    is_fraction = not decimals and ("/" in other or "\\frac" in other or "10^" in text)
    if not (decimals or is_fraction) or _POINT.search(text) or _DECIMAL.search(other) or _BRACKET.search(text):
        return None
    spelled, count = _DECIMAL.subn(r"\1.\2", text)
    if any(found[1].replace(",", ".") not in other for found in _THOUSANDS.finditer(text)):
        return None  # "1,500" is no 1.5
    return spelled if count and count == (1 if is_fraction else len(decimals)) else None
