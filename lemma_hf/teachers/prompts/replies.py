"""Parsers of a teacher's replies, one for each prompt; each returns a small record, or why it cannot be read.

A parser never raises, whatever it is given, and takes time in proportion to its length.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from lemma_hf.errors import DataError
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.prompts.tags import Tagged, Unreadable, read_tags, stray_tag

_T = TypeVar("_T")

# "**[" before "Step 2"
_MARKUP = r"[\s*_`\"'(\[#]{0,20}"
# "2", "Step 2", "**no. 2**"; not "2.5"
_NUMBER = re.compile(
    rf"{_MARKUP}(?:(?:step|line|no\.|number)[\s*_:#\[]{{0,10}})?(\d{{1,4}})(?!\d|[.,]\d)", re.IGNORECASE
)
# "none", "N/A", "No step is wrong."
_NONE = re.compile(rf"{_MARKUP}(?:(?:none|null|n/a)(?!\w)|no\b\D{{0,40}}$)", re.IGNORECASE)
_NO_STEP = 0
"""Stands for "none" among step numbers, which are counted from 1."""
# "So the final answer is: " of "So the final answer is: **42**", "**Answer:** 42", "#### 42"
_CLAIM = re.compile(
    r"[*_\s]{0,20}(?:(?:(?:so|thus|hence|therefore|finally),? )?the (?:final |correct )?answer is[* ]{0,5}:?"
    r"|(?:final )?answer[* ]{0,5}:|####)[* ]{0,5}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Analysis:
    """The first wrong step of an attempt, counted from 1, and its type; both None where all steps are right."""

    step: int | None
    type: ErrorType | None


@dataclass(frozen=True, slots=True)
class WrongSolution:
    """A wrong solution that was asked for, and the number of its first wrong step, counted from 1."""

    solution: str
    step: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The text behind a wrong step: the reflection, and the correction, whose last line is `The answer is: X`."""

    reflection: str
    correction: str


def parse_analysis(reply: str) -> Analysis | Unreadable:
    """Parse the reply to `analyse`: `<step>` with a number or `none`, and `<type>`.

    Where a tag stands twice, both have to say the same. A teacher that names two steps may have listed all that are
    wrong, or thought better of the first: whichever were taken, a wrong step might stay behind among the right ones.

    Example:
        >>> parse_analysis("Step 2 should give 15.\\n<step>2</step>\\n<type>Calculation Error</type>")
        Analysis(step=2, type=<ErrorType.CALCULATION: 'calculation'>)
        >>> parse_analysis("<step>none</step>")
        Analysis(step=None, type=None)
        >>> parse_analysis("Looks right to me!")
        Unreadable(why='it has no tags with anything in them, only talk')
    """
    found = read_tags(reply, ("step", "type"))
    if isinstance(found, Unreadable):
        return found
    step = _agreed("step", found, _read_step)
    if isinstance(step, Unreadable):
        return step
    if step == _NO_STEP:
        return Analysis(None, None)
    kind = _agreed("type", found, _read_type)
    return kind if isinstance(kind, Unreadable) else Analysis(step, kind)


def parse_injection(reply: str) -> WrongSolution | Unreadable:
    """Parse the reply to `inject`: `<solution>`, the last one counting, and the `<step>` that is wrong in it."""
    found = read_tags(reply, ("solution", "step"))
    if isinstance(found, Unreadable):
        return found
    solution = _last("solution", found)
    if isinstance(solution, Unreadable):
        return solution
    step = _agreed("step", found, _read_step)
    if step == _NO_STEP:
        return Unreadable("it says that no step of its solution is wrong")
    return step if isinstance(step, Unreadable) else WrongSolution(solution, step)


def parse_correction(reply: str) -> Turn | Unreadable:
    """Parse the reply to `fix` and to `restart`: `<reflection>`, `<correction>`.

    Where a tag stands twice, the last correction counts, with the last reflection in front of it: a model that revises
    itself ends with what it stands by. A last line such as `So the final answer is **42**.` becomes
    `The answer is: 42`; any other one without "the answer is" makes the reply unreadable.

    Example:
        >>> parse_correction("<reflection>Wait.</reflection><correction>6 * 7 = 42\\nThe answer is 42.</correction>")
        Turn(reflection='Wait.', correction='6 * 7 = 42\\nThe answer is: 42')
    """
    found = read_tags(reply, ("reflection", "correction"))
    if isinstance(found, Unreadable):
        return found
    ends = max((place for place, part in enumerate(found) if part.tag == "correction"), default=len(found))
    before = _last("reflection", found[:ends])
    reflection = _last("reflection", found) if isinstance(before, Unreadable) else before
    correction = _last("correction", found)
    if isinstance(reflection, Unreadable):
        return reflection
    claimed = correction if isinstance(correction, Unreadable) else _with_claim(correction)
    return claimed if isinstance(claimed, Unreadable) else Turn(reflection, claimed)


def parse_smoothing(reply: str) -> Turn | Unreadable:
    """Parse the reply to `smooth`: the same tags as for `fix`, read the same way."""
    return parse_correction(reply)


PARSERS: dict[str, Callable[[str], object]] = {
    "analyse": parse_analysis,
    "inject": parse_injection,
    "fix": parse_correction,
    "restart": parse_correction,
    "smooth": parse_smoothing,
}
"""The parser of each prompt's replies."""


def _agreed(tag: str, found: Iterable[Tagged], read: Callable[[str], _T | None]) -> _T | Unreadable:
    """The value on which all readable contents of `tag` agree."""
    contents = [part.text for part in found if part.tag == tag]
    said = dict.fromkeys(value for text in contents if (value := read(text)) is not None)
    if not contents:
        return Unreadable(f"it has no <{tag}>")
    if not said:
        return Unreadable(f"its <{tag}> says {contents[-1][:60]!r}, which cannot be read")
    if len(said) > 1:
        return Unreadable(f"it has several <{tag}> that contradict each other: {', '.join(map(str, said))}"[:200])
    return next(iter(said))


def _last(tag: str, found: Iterable[Tagged]) -> str | Unreadable:
    """The last content of `tag`."""
    contents = [part.text for part in found if part.tag == tag]
    if not contents:
        return Unreadable(f"it has no <{tag}>, or an empty one")
    if stray := stray_tag(contents[-1]):
        return Unreadable(f"a {stray} stands inside its <{tag}>")
    return contents[-1]


def _read_step(text: str) -> int | None:
    """A step's number, `_NO_STEP` for "none", or None. "0" is no number: it may mean the first step, or no step."""
    if number := _NUMBER.match(text):
        return int(number[1]) or None
    return _NO_STEP if _NONE.match(text) else None


def _read_type(text: str) -> ErrorType | None:
    """The type that is named, alone or in front of an explanation."""
    # "calculation (the sum is wrong)"
    for name in (text, re.split(r"[(:,;\n—–]| - ", text, maxsplit=1)[0]):
        try:
            return ErrorType.from_text(name[:100])
        except DataError:
            continue
    return None


def _with_claim(correction: str) -> str | Unreadable:
    """The correction with its last line as `The answer is: X`."""
    before, line_break, last = correction.rpartition("\n")
    claim = _CLAIM.match(last)
    if claim is None:
        if "the answer is" in last.lower():
            return correction
        return Unreadable("its <correction> does not end in a line `The answer is: …`")
    answer = last[claim.end() :].rstrip("* ").removesuffix(".").rstrip("* ")
    return f"{before}{line_break}The answer is: {answer}" if answer else Unreadable("its <correction> claims no answer")
