"""Times of day and dates, however they are written: `3 pm` and `15:00`, `March 5` and `5th of March`."""

import re

_MONTH_NAMES = "january february march april may june july august september october november december"
_MONTHS = _MONTH_NAMES.split()
_MONTH_OF = {name: index for index, name in enumerate(_MONTHS, 1)} | {
    name[:3]: index for index, name in enumerate(_MONTHS, 1)
}
# "3 pm"  "3:00 P.M."  "15:00"  "12:30:15 am"
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*([ap]\.?\s?m\.?)?", re.IGNORECASE)
_MONTH = r"([A-Za-z]{3,9})\.?"
_YEAR = r"(?:,?\s+(\d{4}))?"
_MONTH_FIRST = re.compile(rf"{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}")  # "March 5"  "Mar. 5th, 2020"
# "5 March"  "5th of March 2020"  "the 5th of March"
_DAY_FIRST = re.compile(rf"(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}{_YEAR}")
_WORDS = {"noon": "12:00 pm", "midday": "12:00 pm", "midnight": "12:00 am"}
_MAX_CHARS = 40
"""The longest date, with its month in a text command."""

_Time = tuple[int, int, int, bool]
_Date = tuple[int, int, str]


def same_moment(answer: str, reference: str) -> bool | None:
    """Whether two answers are one time of day or one date; None if they are none, or the same kind of plain text.

    Example:
        >>> same_moment("3 pm", "15:00"), same_moment("March 5", "5 March"), same_moment("3:00", "4:00")
        (True, True, None)
    """
    if max(len(answer), len(reference)) > _MAX_CHARS:
        return None
    one, other = _plain(answer), _plain(reference)
    if (left := _date(one)) and (right := _date(other)):
        return left[:2] == right[:2] and (left[2] == right[2] or not (left[2] and right[2]))
    return _same_time(one, other)


def _plain(text: str) -> str:
    text = re.sub(r"\\text\s*\{([^{}]*)\}", r" \1 ", text).strip().lower()  # "\text{ pm}"
    return _WORDS.get(text, text.replace("12 noon", "12 pm").replace("12 midnight", "12 am"))


def _date(text: str) -> _Date | None:
    if found := _MONTH_FIRST.fullmatch(text):
        month, day, year = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    else:
        return None
    return (_MONTH_OF[month], int(day), year or "") if month in _MONTH_OF else None


def _same_time(one: str, other: str) -> bool | None:
    # "pm"  "a.m."  without one of them, two clock times are compared part by part
    if not re.search(r"[ap]\.?\s?m\.?$", one) and not re.search(r"[ap]\.?\s?m\.?$", other):
        return None
    left, right = _time(one), _time(other)
    if left is None or right is None:
        return None
    if left[3] and right[3]:
        return left[:3] == right[:3]
    return (left[0] % 12, *left[1:3]) == (right[0] % 12, *right[1:3])


def _time(text: str) -> _Time | None:
    """Hour, minute and second, and whether the half of the day is known; None for a bare number."""
    found = _TIME.fullmatch(text)
    if not found or not (found[2] or found[4]):
        return None
    hour, half = int(found[1]), (found[4] or "")[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half == "p")
    return hour, int(found[2] or 0), int(found[3] or 0), bool(half) or not 1 <= hour <= 12
