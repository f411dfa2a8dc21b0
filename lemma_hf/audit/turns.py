"""Judgment of turns: whether a turn stands behind something wrong or behind a right step, and how that is known.

    "24 - 9 = 16 pens are left. Wait, that is not right. 24 - 9 = 15."      behind something wrong: 24 - 9 is not 16
    "24 - 9 = 15 pens are left. Wait, let me check: 24 - 9 = 15."           behind a right step: it says the same again
    "She keeps the small ones. Wait, I misread the question."               not known

What is not known stays so: it is counted apart, and never guessed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from lemma_hf.records import Problem, SpanKind
from lemma_hf.show import Item
from lemma_hf.solutions import (
    MAX_STEPS,
    Equation,
    find_equations,
    find_numbers,
    is_close,
    split_sentences,
    split_steps,
    turn_offsets,
    without_latex,
)
from lemma_hf.solutions.cues import names_mistake
from lemma_hf.teachers.first_error import find_first_error
from lemma_hf.teachers.path import Standing, read_path
from lemma_hf.teachers.statements import read_attempt

_MAX_CHARACTERS = 4000
"""Read of each stretch, as of a step of a solution; what stands further from the turn says little about it."""
_SURE = 0.7
"""Sureness from which on the finding of the reference teacher is evidence here."""
_NEAR = 200
"""Characters, about two sentences, within which words speak of what stands before them."""
_NEXT = 12
"""Characters around an equation in which a function or dots would change what it says."""
# "let me check if that's correct": nothing is confirmed yet
_SUPPOSES = re.compile(
    r"\b(?:if|whether|unless|assuming|suppose|make sure|ensure|check|maybe|perhaps|might|could)\b[^.!?]{0,40}$",
    re.IGNORECASE,
)
# "√3", "36 cos θ", "0.333..."
_NO_PLAIN_SUM = re.compile(r"√|sqrt|\b(?:sin|cos|tan|log|ln|mod)\b|[θπ²³]|\.\.\.|…|\^\{", re.IGNORECASE)
# "NameError" of "NameError: name 'q' is not defined"
_CODE_FAILED = re.compile(r"\b([A-Z]\w{0,40}(?:Error|Exception))\b")
# "That's correct.", "which checks out", "so the answer is indeed 15": words that confirm what was doubted
_CONFIRMS = re.compile(
    r"\b(?:(?:that|this|it|which|everything|answer|result)(?:'s| is| seems| looks| was)? (?:indeed |actually |all )?"
    r"(?:right|correct|checks out|matches|consistent)|so i was right)\b(?![^.!]{0,40}\?)",
    re.IGNORECASE,
)


class Behind(StrEnum):
    """What a turn stands behind."""

    WRONG = "wrong"
    RIGHT = "right"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """How that is known."""

    ARITHMETIC = "arithmetic"
    """An equation of the doubted step is false by itself."""
    CODE_FAILED = "code_failed"
    """The doubted step is code whose output is an error."""
    REPEATED = "repeated"
    """What follows states the same equation again."""
    REPLACED = "replaced"
    """What follows gives the same sum another result, which holds."""
    CONFIRMED = "confirmed"
    """What follows says in words that it was right, without another number in between."""
    CLAIM = "claim"
    """An answer was claimed before the turn, and was compared with the reference."""
    OWN_ANSWER = "own_answer"
    """An answer was claimed before the turn, and was compared with the one that the row itself ends with, since no
    reference is known: the row's own account."""
    REFERENCE = "reference"
    """The step was compared with the reference solution."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn, with what it stands behind."""

    behind: Behind
    basis: Basis
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A stretch of a text around a turn."""

    before: str
    """The doubted step."""
    after: str
    """From the turn to the next one, or to the end."""


def find_doubts(item: Item) -> tuple[Doubt, ...]:
    """The turns of a row: by its spans where it has some, else by its words."""
    if not item.turns:
        text = item.text
        places = (*turn_offsets(text), len(text))
        return tuple(Doubt(_last_step(text[:begin]), text[begin:end]) for begin, end in pairwise(places))
    parts = item.parts
    return tuple(
        Doubt(parts[at - 1].text if at else "", "".join(_until_next_error(item, at)))
        for at, part in enumerate(parts)
        if part.kind is SpanKind.REFLECTION
    )


def _last_step(text: str) -> str:
    steps = split_steps(text[-_MAX_CHARACTERS:])
    return steps[-1] if steps else ""


def _until_next_error(item: Item, at: int) -> Iterator[str]:
    for part in item.parts[at:]:
        if part.kind is SpanKind.ERROR:
            return
        yield part.text


def judge_turns(item: Item, claim: bool | None = None, basis: Basis = Basis.CLAIM) -> tuple[Turn, ...]:
    """Judge every turn of a row.

    Args:
        claim: whether the answer that the row claims before its first turn is right; None where it claims none, or
            nothing is known to compare it with.
        basis: what it was compared with: CLAIM, a reference; or OWN_ANSWER, the last answer of the row.
    """
    turns = tuple(_judge(doubt) for doubt in find_doubts(item))
    if not turns or turns[0].behind is not Behind.UNKNOWN:
        return turns
    first = _by_claim(claim, basis) or _by_reference(item) or turns[0]
    return (first, *turns[1:])


def _judge(doubt: Doubt) -> Turn:
    return _by_code(doubt) or _by_sums(doubt) or _by_words(doubt) or Turn(Behind.UNKNOWN, Basis.NONE)


def _by_code(doubt: Doubt) -> Turn | None:
    _, marked, output = doubt.before[-_MAX_CHARACTERS:].rpartition("```output")
    failed = _CODE_FAILED.findall(output) if marked else []
    return Turn(Behind.WRONG, Basis.CODE_FAILED, f"its code ends with {failed[-1]}") if failed else None


def _by_sums(doubt: Doubt) -> Turn | None:
    before, after = _plain(doubt.before), _plain(doubt.after)
    doubted = find_equations(before)
    for equation in doubted:
        if not equation.holds and _is_plain_sum(equation, before):
            return Turn(Behind.WRONG, Basis.ARITHMETIC, f"{equation.text} is not {equation.claimed.text}")
    if not doubted:
        return None
    for other in find_equations(after):
        if not _same_sum(doubted[-1], other):
            continue
        said = f"{other.text} = {other.claimed.text}"
        same = is_close(doubted[-1].result, other.result)
        if same and not _denies(after, other):
            return Turn(Behind.RIGHT, Basis.REPEATED, f"{said} again")
        if not same and other.holds:
            return Turn(Behind.WRONG, Basis.REPLACED, f"{said} then")
    return None


def _by_words(doubt: Doubt) -> Turn | None:
    said = _CONFIRMS.search(doubt.after[:_NEAR])
    if said is None or not _confirms_the_same(doubt.before, doubt.after[: said.start()]):
        return None
    return Turn(Behind.RIGHT, Basis.CONFIRMED, said[0])


def _confirms_the_same(before: str, until: str) -> bool:
    """Whether all that is said up to the confirming words speaks of the doubted step: no other number, no mistake."""
    if _SUPPOSES.search(until[-_NEAR:]) or names_mistake(until):
        return False
    return set(find_numbers(until)) <= set(find_numbers(before[:_MAX_CHARACTERS]))


def _is_plain_sum(equation: Equation, text: str) -> bool:
    """Whether an equation stands there as numbers and signs: no function, no dots for digits, result at the sign."""
    begin, end = equation.left.leaves[0].token, equation.claimed
    if begin is None:
        return False
    around = text[max(0, begin.start - _NEXT) : end.end + _NEXT]
    at_sign = text[: end.start].rstrip().rstrip("$€£").rstrip().endswith(("=", "≈"))
    return at_sign and not _NO_PLAIN_SUM.search(around)


def _denies(text: str, equation: Equation) -> bool:
    """Whether what stands before an equation, or its sentence behind it, says that something is wrong."""
    behind = text[equation.claimed.start : equation.claimed.end + _NEAR].partition("\n")[0]
    return names_mistake(behind) or any(map(names_mistake, split_sentences(text[: equation.claimed.start])))


def _plain(text: str) -> str:
    return without_latex(text[:_MAX_CHARACTERS])


def _same_sum(one: Equation, other: Equation) -> bool:
    return sorted(one.operands) == sorted(other.operands) and one.left.signs == other.left.signs


def _by_claim(claim: bool | None, basis: Basis) -> Turn | None:
    if claim is None:
        return None
    behind = Behind.RIGHT if claim else Behind.WRONG
    if basis is Basis.OWN_ANSWER:
        return Turn(behind, basis, f"the row {'keeps' if claim else 'takes back'} the answer before it")
    return Turn(behind, basis, f"the answer before it was {behind}")


def _by_reference(item: Item) -> Turn | None:
    """Compare the first doubted step with the reference solution, where the row has one."""
    if not item.solution or not item.turns:
        return None
    path = read_path(Problem(item.id, item.question, item.reference, item.solution))
    steps = _steps_to_error(item)
    if not path.steps or not 0 < len(steps) <= MAX_STEPS:
        return None
    last = read_attempt(path, steps)[-1]
    if last.stated and all(one.holds and one.standing is Standing.RESULT for one in last.stated):
        return Turn(Behind.RIGHT, Basis.REFERENCE, "its sums are those of the reference solution")
    found = find_first_error(path, steps)
    if found is not None and found.sureness >= _SURE and found.index == len(steps) - 1:
        return Turn(Behind.WRONG, Basis.REFERENCE, f"by the reference solution ({found.evidence})")
    return None


def _steps_to_error(item: Item) -> Sequence[str]:
    at = next(place for place, part in enumerate(item.parts) if part.kind is SpanKind.REFLECTION)
    before = "".join(part.text for part in item.parts[: max(0, at - 1)])
    return [*split_steps(before), item.parts[at - 1].text] if at else []
