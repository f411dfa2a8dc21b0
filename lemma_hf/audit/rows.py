"""Findings of an audit: what speaks for and against each row."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tqdm.auto import tqdm

from lemma_hf.audit.turns import Basis, Behind, Turn, judge_turns
from lemma_hf.grading import extract_answer
from lemma_hf.pipeline.decontaminate import TestSetIndex
from lemma_hf.records import Grade, Outcome, SpanKind, question_key
from lemma_hf.show import Item
from lemma_hf.solutions import find_equations, find_numbers, reflect_many
from lemma_hf.solutions.reflection import Reflected

CountTokens = Callable[[str], int]
"""A text to its number of tokens."""
_LONGEST_READ = 4000
"""Characters of a step that are read for numbers."""


class Fault(StrEnum):
    """What is wrong with a row, the worst first."""

    SPOILED = "spoiled"
    """A right answer was changed into a wrong one."""
    DOUBTS_RIGHT = "doubts_right"
    """A turn stands behind a right step."""
    ANSWER_DIFFERS = "answer_differs"
    """The answer is not the reference's, or there is none."""
    OVERLAPS_TEST_SET = "overlaps_test_set"
    DUPLICATE = "duplicate"
    """An earlier row has the same question and the same text, up to white space and case."""
    FALSE_FIRST_STEP = "false_first_step"
    """The error is the first thing that is said, and says nothing that could be wrong: no sum, and no number that the
    question does not name."""
    LEFT_WRONG = "left_wrong"
    """It turns behind something wrong, and the answer is wrong still."""


class Effect(StrEnum):
    """What the turns of a row did to its answer."""

    NONE = "none"
    """The row does not turn."""
    MENDED = "mended"
    SPOILED = "spoiled"
    LEFT_RIGHT = "left_right"
    LEFT_WRONG = "left_wrong"
    UNKNOWN = "unknown"
    """The right answer, or what the row stood at before its first turn, is not known."""


@dataclass(frozen=True, slots=True)
class Audited:
    """A row with its findings."""

    item: Item
    turns: tuple[Turn, ...]
    effect: Effect
    faults: dict[Fault, str]
    """Each with what was found, the worst first."""
    tokens: int
    reflection_tokens: int
    """Of its reflections; of a row without spans all from its first turn on."""
    by_spans: bool = field(default=False)
    """Whether the row has spans, or they could be read from its words."""


def audit_rows(
    items: Sequence[Item],
    *,
    benchmark: str = "math",
    workers: int | None = None,
    test_sets: TestSetIndex | None = None,
    count_tokens: CountTokens = lambda text: len(text.split()),
) -> list[Audited]:
    """Find what speaks for and against each row.

    Args:
        items: rows, graded where a reference answer is known (`lemma_hf.show.grade_missing`).
        benchmark: how the answers before a turn are read, where the row does not name one; see `lemma_hf.grade`.
        workers: see `lemma_hf.grade_many`.
        test_sets: questions that no row may share thirteen words with.
        count_tokens: words between white space, if not given.
    """
    reflected = dict(zip(map(id, items), _reflected(items, benchmark, workers), strict=True))
    first_of: dict[tuple[str, str], str] = {}
    audited = []
    for item in tqdm(items, desc="judging turns", unit="row", disable=None):
        said = question_key(item.question), question_key(item.text.lower())
        twin = first_of.setdefault(said, item.id)
        audited.append(_audit(item, reflected[id(item)], twin, test_sets, count_tokens))
    return audited


def _reflected(items: Sequence[Item], benchmark: str, workers: int | None) -> list[Reflected]:
    """The first claim of each row against its reference or, where none is known, against its own last answer."""
    finals = [item.grade if item.grade is not None else _own_answer(item) for item in items]
    return reflect_many(
        [item.text for item in items],
        [final.reference for final in finals],
        benchmark=[item.groups.get("benchmark", benchmark) for item in items],
        finals=finals,
        workers=workers,
    )


def _own_answer(item: Item) -> Grade:
    answer = extract_answer(item.text).text or ""
    return Grade(Outcome.RIGHT, answer, answer, "own_answer")


def _audit(item: Item, reflected: Reflected, twin: str, test_sets: TestSetIndex | None, count: CountTokens) -> Audited:
    claim = _claimed_right(reflected)
    turns = judge_turns(item, claim, Basis.CLAIM if item.grade is not None else Basis.OWN_ANSWER)
    effect = _effect(item.grade, claim, turns)
    return Audited(
        item,
        turns,
        effect,
        dict(_faults(item, turns, effect, twin, test_sets)),
        count(item.text),
        sum(map(count, _reflections(item, reflected))),
        item.turns,
    )


def _claimed_right(reflected: Reflected) -> bool | None:
    if reflected.first is None or reflected.first.outcome not in (Outcome.RIGHT, Outcome.WRONG):
        return None
    return reflected.first.outcome is Outcome.RIGHT


def _effect(grade: Grade | None, claim: bool | None, turns: Sequence[Turn]) -> Effect:
    if not turns:
        return Effect.NONE
    before = claim
    if before is None and turns[0].behind is not Behind.UNKNOWN:
        before = turns[0].behind is Behind.RIGHT
    if grade is None or before is None or grade.outcome in (Outcome.TIMEOUT, Outcome.UNREADABLE_REFERENCE):
        return Effect.UNKNOWN
    if grade.outcome is Outcome.RIGHT:
        return Effect.LEFT_RIGHT if before else Effect.MENDED
    return Effect.SPOILED if before and claim else Effect.LEFT_WRONG


def _faults(
    item: Item, turns: Sequence[Turn], effect: Effect, twin: str, test_sets: TestSetIndex | None
) -> Iterator[tuple[Fault, str]]:
    grade = item.grade
    if effect is Effect.SPOILED:
        yield Fault.SPOILED, "a right answer was given up"
    for number, turn in enumerate(turns, 1):
        if turn.behind is Behind.RIGHT:
            yield Fault.DOUBTS_RIGHT, f"turn {number} doubts a right step: {turn.detail}"
            break
    if grade is not None and grade.outcome in (Outcome.WRONG, Outcome.NO_ANSWER):
        yield Fault.ANSWER_DIFFERS, f"claims {grade.extracted or 'nothing'}, should be {item.reference}"
    if test_sets is not None and (name := test_sets.overlap(item.question)):
        yield Fault.OVERLAPS_TEST_SET, name
    if twin != item.id:
        yield Fault.DUPLICATE, f"of {twin}"
    if _says_nothing_first(item):
        yield Fault.FALSE_FIRST_STEP, item.parts[0].text.strip()[:100]
    if effect is Effect.LEFT_WRONG:
        yield Fault.LEFT_WRONG, "turns, and is wrong still"


def _says_nothing_first(item: Item) -> bool:
    first = item.parts[0]
    if first.kind is not SpanKind.ERROR:
        return False
    text = first.text[:_LONGEST_READ]
    return not find_equations(text) and set(find_numbers(text)) <= set(find_numbers(item.question))


def _reflections(item: Item, reflected: Reflected) -> Iterable[str]:
    if item.turns:
        return (part.text for part in item.parts if part.kind is SpanKind.REFLECTION)
    return (item.text[reflected.turns[0] :],) if reflected.turns else ()
