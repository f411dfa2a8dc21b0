"""Judgment of turns: whether a turn stands behind something wrong or behind a right step, and how that is known.

    "24 - 9 = 16 pens are left. Wait, that is not right. 24 - 9 = 15."      behind something wrong: 24 - 9 is not 16
    "24 - 9 = 15 pens are left. Wait, let me check: 24 - 9 = 15."           behind a right step: it says the same again
    "She keeps the small ones. Wait, I misread the question."               not known

What is not known stays so: it is counted apart, and never guessed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from lemma_hf.audit.claims import MAX_TURNS, Claimed
from lemma_hf.audit.doubts import MAX_CHARACTERS, Doubt, find_doubts
from lemma_hf.records import Outcome, Problem, SpanKind
from lemma_hf.show import Item
from lemma_hf.solutions import (
    MAX_STEPS,
    Equation,
    find_equations,
    find_numbers,
    is_close,
    split_sentences,
    split_steps,
    without_latex,
)
from lemma_hf.solutions.cues import names_mistake
from lemma_hf.teachers.first_error import find_first_error
from lemma_hf.teachers.path import Standing, read_path
from lemma_hf.teachers.statements import read_attempt

_SURE = 0.7
"""Sureness from which on the finding of the reference teacher is evidence here."""
_NEAR = 200
"""Characters, about two sentences, within which words speak of what stands before them."""
_ROUGHLY = Fraction(1, 1000)
"""Of a result behind "≈": so far off it is called rounded, not wrong (`0.99183 * 0.99178 ≈ 0.98365`)."""
_NEXT = 12
"""Characters around an equation in which a function or dots would change what it says."""
# "let me check if that's correct": nothing is confirmed yet
_SUPPOSES = re.compile(
    r"\b(?:if|whether|unless|assuming|suppose|make sure|ensure|check|maybe|perhaps|might|could)\b[^.!?]{0,40}$",
    re.IGNORECASE,
)
# "√3", "36 cos θ", "0.333..."
_NO_PLAIN_SUM = re.compile(r"√|sqrt|\b(?:sin|cos|tan|log|ln|mod)\b|[θπ²³]|\.\.\.|…|\^\{", re.IGNORECASE)
# "2xy + 1/12": a number with a letter at it is algebra
_ALGEBRA = re.compile(r"\d[a-z]{1,2}\b|\b[a-z]\d|\b[a-z]\s*[-+*/^]|[-+*/^]\s*[a-z]\b")
# "NameError" of "NameError: name 'q' is not defined"
_CODE_FAILED = re.compile(r"\b([A-Z]\w{0,40}(?:Error|Exception))\b")
# "That's correct.", "which checks out", "so the answer is indeed 15": words that confirm what was doubted
_CONFIRMS = re.compile(
    r"\b(?:(?:that|this|it|which|everything|answer|result)(?:'s| is| seems| looks| was)? (?:indeed |actually |all )?"
    r"(?:right|correct|checks out|matches|consistent)|so i was right)\b(?![^.!]{0,40}\?)",
    re.IGNORECASE,
)


# "So I need to correct that.", "But why did I write 2900?": words on a mistake that is known already
_CORRECTS = re.compile(
    r"\b(?:(?:correct|fix|amend|change|rewrite) (?:that|this|it|the|my)|why did (?:i|we)"
    r"|initially|earlier|previously|typo)\b",
    re.IGNORECASE,
)
# "185 + 8/24": the number at the sign is no result yet
_GOES_ON = re.compile(r"\s*(?:[-+*/^×·÷]|\.\.)")
# "Therefore 8*34 = 2024, but 272 ≠ 2024, so that can't be.": a step that itself refutes the sum it supposed
_REFUTED = re.compile(r"≠|\\neq?\b|!=|\b(?:can't|cannot|can not) be\b|\bcontradict|\bimpossible\b", re.IGNORECASE)
_SIGNS = re.compile(r"=|≈|\\approx")


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
    """An answer was claimed since the turn before, and was compared with the reference."""
    REFERENCE = "reference"
    """The step was compared with the reference solution."""
    MARKED = "marked"
    """The row itself marks the step as wrong, with a type or an origin, and nothing else is known: a statement of those
    who made the row, and no finding of the audit."""
    NONE = "none"


class Unknown(StrEnum):
    """Why it is not known what a turn stands behind."""

    NOTHING_STATED = "nothing_stated"
    """The doubted step has no sum that can be read, and no answer is claimed."""
    SUMS_HOLD = "sums_hold"
    """The sums of the doubted step hold; whether they are the ones to do is not known."""
    NO_REFERENCE = "no_reference"
    """An answer is claimed, but the right one is not known."""
    NOT_GRADED = "not_graded"
    """An answer is claimed, but it could not be compared: the reference cannot be read, or time ran out."""
    STEPS_SINCE = "steps_since"
    """A right answer is claimed, but steps stand behind it, and one of them may be what is doubted."""
    EARLIER_MISTAKE = "earlier_mistake"
    """The turn may be about a mistake that the row has named before: a right answer is claimed, but the turn speaks
    of a mistake ("So the answer is 25. So I need to correct that."), or the same wrong answer stands there again, which
    may be a quotation."""
    TOO_MANY_TURNS = "too_many_turns"
    """The row turns more often than is judged."""


class Did(StrEnum):
    """What a turn did to what it stands behind."""

    MENDED = "mended"
    SPOILED = "spoiled"
    LEFT = "left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn, with what it stands behind and what it did to it."""

    behind: Behind
    basis: Basis
    detail: str = ""
    unknown: Unknown | None = None
    """Why it is not known what it stands behind; None where it is known."""
    did: Did = Did.UNKNOWN


def judge_turns(
    item: Item, doubts: Sequence[Doubt] | None = None, claims: Sequence[Claimed | None] = ()
) -> tuple[Turn, ...]:
    """Judge every turn of a row; what the text itself shows comes before what the row says of itself.

    Args:
        doubts: the row's turns; found here (`find_doubts`), if None.
        claims: the graded answer before each of them, see `grade_claims`; none, if empty.

    Example:
        >>> from lemma_hf.show import Part
        >>> (turn,) = judge_turns(Item("a", (Part(None, "24 - 9 = 16. Wait, no. 24 - 9 = 15."),)))
        >>> str(turn.behind), turn.detail, str(turn.did)
        ('wrong', '24 - 9 is not 16', 'mended')
    """
    doubts = find_doubts(item) if doubts is None else doubts
    claims = claims or [None] * len(doubts)
    judged: list[Turn] = []
    for place in range(min(len(doubts), MAX_TURNS)):
        turn = _judge(item, place, doubts, claims)
        judged.append(_unless_earlier(turn, doubts[place], judged))
    beyond = Turn(Behind.UNKNOWN, Basis.NONE, unknown=Unknown.TOO_MANY_TURNS)
    return (*judged, *[beyond] * (len(doubts) - len(judged)))


def _judge(item: Item, place: int, doubts: Sequence[Doubt], claims: Sequence[Claimed | None]) -> Turn:
    doubt, claim = doubts[place], claims[place]
    ends_wrong = item.grade is not None and item.grade.outcome is Outcome.WRONG
    found = (
        _by_code(doubt)
        or _by_sums(doubt, ends_wrong)
        or _by_claim(claim)
        or (_by_reference(item) if place == 0 else None)
        # What a row that ends wrong says again, or calls right, may be what is wrong in it.
        or (None if ends_wrong else _by_words(doubt))
        or _by_marks(item)
        or Turn(Behind.UNKNOWN, Basis.NONE, unknown=_why_unknown(doubt, claim))
    )
    return replace(found, did=_did(found, doubt, _answer_after(item, place, claims)))


def _unless_earlier(turn: Turn, doubt: Doubt, earlier: Sequence[Turn]) -> Turn:
    """The turn, or not known what it stands behind, where it may speak of a mistake found before."""
    if turn.behind is not Behind.RIGHT or turn.basis is not Basis.CLAIM:
        return turn
    opening = split_sentences(doubt.after[:_NEAR])[0]
    known = bool(earlier) or any(map(names_mistake, split_sentences(doubt.since[-MAX_CHARACTERS:])))
    if not known or not (_CORRECTS.search(opening) or names_mistake(opening)):
        return turn
    return Turn(Behind.UNKNOWN, Basis.NONE, unknown=Unknown.EARLIER_MISTAKE)


def _by_code(doubt: Doubt) -> Turn | None:
    _, marked, output = doubt.before[-MAX_CHARACTERS:].rpartition("```output")
    if marked and (failed := _CODE_FAILED.findall(output)):
        return Turn(Behind.WRONG, Basis.CODE_FAILED, f"its code ends with {failed[-1]}")
    return None


def _by_sums(doubt: Doubt, ends_wrong: bool) -> Turn | None:
    before, after = _plain(doubt.before), _plain(doubt.after)
    doubted = find_equations(before)
    for equation in doubted:
        if not equation.holds and _is_plain_sum(equation, before) and not _REFUTED.search(before, equation.claimed.end):
            return Turn(Behind.WRONG, Basis.ARITHMETIC, f"{equation.text} is not {equation.claimed.text}")
    # The turn doubts what was said last, and not a sum some sentences before.
    last = find_equations(split_sentences(before)[-1]) if doubted else []
    found = _stated_again(last[-1], after) if last else None
    if found is not None and found.behind is Behind.RIGHT and (ends_wrong or not _all_hold(doubted, before)):
        return None
    return found


def _all_hold(equations: Sequence[Equation], text: str) -> bool:
    """Whether every sign of equality in a step was read, and holds."""
    return all(one.holds for one in equations) and len(equations) == len(_SIGNS.findall(text))


def _by_words(doubt: Doubt) -> Turn | None:
    said = _CONFIRMS.search(doubt.after[:_NEAR])
    if said and _confirms_the_same(doubt.before, doubt.after[: said.start()]):
        return Turn(Behind.RIGHT, Basis.CONFIRMED, said[0])
    return None


def _stated_again(mine: Equation, after: str) -> Turn | None:
    """Whether what follows gives the doubted sum the same result again, or another one."""
    for other in find_equations(after):
        if not _same_sum(mine, other) or _GOES_ON.match(after, other.claimed.end):
            continue
        if _same_result(mine, other):
            # A sum that is quoted to be denied is no repetition.
            if not _denies(after, other):
                return Turn(Behind.RIGHT, Basis.REPEATED, f"{other.text} = {other.claimed.text} again")
        elif other.holds:
            return Turn(Behind.WRONG, Basis.REPLACED, f"{other.text} = {other.claimed.text} then")
    return None


def _same_result(mine: Equation, other: Equation) -> bool:
    """Whether two results are one, if one of them is rounded more: 185 and 185.333."""
    places = min(mine.claimed.decimals, other.claimed.decimals)
    rounded = mine.claimed.decimals != other.claimed.decimals
    off = abs(mine.result - other.result)
    return is_close(mine.result, other.result) or (rounded and off <= Fraction(1, 2 * 10**places))


def _by_claim(claim: Claimed | None) -> Turn | None:
    if claim is None or not claim.by_reference or claim.quoted:
        return None
    said = (claim.grade.extracted or "")[:60]
    if claim.grade.outcome is Outcome.WRONG:
        return Turn(Behind.WRONG, Basis.CLAIM, f"the answer before it, {said}, is wrong")
    if claim.grade.outcome is Outcome.RIGHT and claim.in_step:
        return Turn(Behind.RIGHT, Basis.CLAIM, f"the answer before it, {said}, is right")
    return None


def _by_marks(item: Item) -> Turn | None:
    known = [error for error in item.errors if error.type is not None or error.origin is not None]
    if not known or len(known) != len(item.errors):
        return None
    return Turn(Behind.WRONG, Basis.MARKED, "marked by those who made the row")


def _why_unknown(doubt: Doubt, claim: Claimed | None) -> Unknown:
    if claim is not None:
        if not claim.by_reference:
            return Unknown.NO_REFERENCE
        if claim.quoted:
            return Unknown.EARLIER_MISTAKE
        return Unknown.STEPS_SINCE if claim.grade.outcome is Outcome.RIGHT else Unknown.NOT_GRADED
    return Unknown.SUMS_HOLD if find_equations(_plain(doubt.before)) else Unknown.NOTHING_STATED


def _answer_after(item: Item, place: int, claims: Sequence[Claimed | None]) -> bool | None:
    """Whether the next answer behind a turn is right; None where none is claimed before another turn."""
    if place + 1 < len(claims):
        claim = claims[place + 1]
        grade = claim.grade if claim is not None and claim.by_reference and not claim.quoted else None
    else:
        grade = item.grade
    if grade is None or grade.outcome not in (Outcome.RIGHT, Outcome.WRONG):
        return None
    return grade.outcome is Outcome.RIGHT


def _did(turn: Turn, doubt: Doubt, right_after: bool | None) -> Did:
    """What a turn did: by the sum that it does again, else by the next answer."""
    if turn.basis is Basis.ARITHMETIC and (again := _sum_again(doubt)) is not None:
        return Did.MENDED if again else Did.LEFT
    if turn.basis is Basis.REPLACED:
        return Did.MENDED
    if turn.basis in (Basis.REPEATED, Basis.CONFIRMED):
        return Did.LEFT
    if right_after is None or turn.behind is Behind.UNKNOWN:
        return Did.UNKNOWN
    if turn.behind is Behind.WRONG:
        # Wrong again behind a wrong step may have another cause; behind a wrong answer it is still a wrong answer.
        return Did.MENDED if right_after else Did.LEFT if turn.basis is Basis.CLAIM else Did.UNKNOWN
    return Did.LEFT if right_after else Did.SPOILED if turn.basis is Basis.CLAIM else Did.UNKNOWN


def _sum_again(doubt: Doubt) -> bool | None:
    """Whether the false sum of a step holds where it is done again; None where it is not."""
    wrong, after = next(one for one in find_equations(_plain(doubt.before)) if not one.holds), _plain(doubt.after)
    again = [one for one in find_equations(after) if _same_sum(wrong, one)]
    if any(one.holds for one in again):
        return True
    return False if any(not _denies(after, one) for one in again) else None


def _confirms_the_same(before: str, until: str) -> bool:
    """Whether all that is said up to the confirming words speaks of the doubted step: no other number, no mistake."""
    if _SUPPOSES.search(until[-_NEAR:]) or names_mistake(until):
        return False
    return set(find_numbers(until)) <= set(find_numbers(before[:MAX_CHARACTERS]))


def _is_plain_sum(equation: Equation, text: str) -> bool:
    """Whether an equation stands there as numbers and signs: no function, no dots for digits, result at the sign."""
    begin, end = equation.left.leaves[0].token, equation.claimed
    if begin is None:
        return False
    around = text[max(0, begin.start - _NEXT) : end.end + _NEXT]
    sign = text[: end.start].rstrip().rstrip("$€£").rstrip()[-1:]
    off = abs(equation.left.value - equation.result)
    rounded = sign == "≈" and off <= abs(equation.left.value) * _ROUGHLY
    algebra = _ALGEBRA.search(text[begin.start : end.end])
    return sign in ("=", "≈") and not rounded and not algebra and not _NO_PLAIN_SUM.search(around)


def _denies(text: str, equation: Equation) -> bool:
    """Whether what stands before an equation, or its sentence behind it, says that something is wrong."""
    behind = text[equation.claimed.start : equation.claimed.end + _NEAR].partition("\n")[0]
    return names_mistake(behind) or any(map(names_mistake, split_sentences(text[: equation.claimed.start])))


def _plain(text: str) -> str:
    return without_latex(text[:MAX_CHARACTERS])


def _same_sum(one: Equation, other: Equation) -> bool:
    return sorted(one.operands) == sorted(other.operands) and one.left.signs == other.left.signs


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
