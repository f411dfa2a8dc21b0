"""Findings of an audit: what speaks for and against each row."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tqdm.auto import tqdm

from lemma_hf.audit.claims import Claimed, grade_claims
from lemma_hf.audit.doubts import Doubt, find_doubts
from lemma_hf.audit.turns import Behind, Turn, judge_turns
from lemma_hf.audit.twins import Twin, find_twins
from lemma_hf.pipeline.decontaminate import TestSetIndex
from lemma_hf.pipeline.false_steps import false_step
from lemma_hf.records import Grade, Outcome, SpanKind
from lemma_hf.show import Item

CountTokens = Callable[[str], int]
"""A text to its number of tokens."""


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
    NEAR_DUPLICATE = "near_duplicate"
    """An earlier row has the same question and nearly the same text, see `lemma_hf.audit.twins`."""
    FALSE_FIRST_STEP = "false_first_step"
    """What is marked, or read, as the first wrong step states nothing that could be wrong: see `false_step`."""
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
    CHANGED = "changed"
    """The row ends with another answer than it claimed before it turned; the right one is not known."""
    KEPT = "kept"
    """The row ends with the answer that it claimed before it turned; the right one is not known."""
    UNKNOWN = "unknown"
    """The right answer, or what the row stood at before it turned, is not known."""


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
    by_spans: bool = False
    """Whether the row has spans, or they could be read from its words."""
    against_test_sets: bool = False
    """Whether the row was compared with test sets."""


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
    doubts = [find_doubts(item) for item in tqdm(items, desc="finding turns", unit=" rows", disable=None)]
    claims = grade_claims(items, doubts, benchmark=benchmark, workers=workers)
    twins = find_twins(items)
    audited = []
    together = zip(items, doubts, claims, twins, strict=True)
    for item, turned, claimed, twin in tqdm(together, "judging turns", len(items), unit=" rows", disable=None):
        turns = judge_turns(item, turned, claimed)
        effect = _effect(item.grade, claimed, turns)
        row = Audited(
            item,
            turns,
            effect,
            dict(_faults(item, turns, effect, twin, test_sets)),
            tokens=count_tokens(item.text),
            reflection_tokens=sum(map(count_tokens, _reflections(item, turned))),
            by_spans=item.turns,
            against_test_sets=test_sets is not None,
        )
        audited.append(row)
    return audited


def _effect(grade: Grade | None, claims: Sequence[Claimed | None], turns: Sequence[Turn]) -> Effect:
    """What the turns did, from the first answer that is claimed before one of them to the last."""
    if not turns:
        return Effect.NONE
    first = next((claim for claim in claims if claim is not None), None)
    if first is not None and not first.by_reference:
        same = {Outcome.RIGHT: Effect.KEPT, Outcome.WRONG: Effect.CHANGED}
        return same.get(first.grade.outcome, Effect.UNKNOWN)
    if grade is None or grade.outcome in (Outcome.TIMEOUT, Outcome.UNREADABLE_REFERENCE):
        return Effect.UNKNOWN
    ends_right = grade.outcome is Outcome.RIGHT
    if first is not None and first.grade.outcome in (Outcome.RIGHT, Outcome.WRONG):
        if first.grade.outcome is Outcome.RIGHT:
            return Effect.LEFT_RIGHT if ends_right else Effect.SPOILED
        return Effect.MENDED if ends_right else Effect.LEFT_WRONG
    # Without a claim a wrong step says that the answer would have been wrong; a right one does not say the contrary.
    if turns[0].behind is Behind.WRONG:
        return Effect.MENDED if ends_right else Effect.LEFT_WRONG
    return Effect.LEFT_RIGHT if turns[0].behind is Behind.RIGHT and ends_right else Effect.UNKNOWN


def _faults(
    item: Item, turns: Sequence[Turn], effect: Effect, twin: Twin | None, test_sets: TestSetIndex | None
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
    if twin is not None:
        yield (
            (Fault.DUPLICATE, f"of {twin.id}")
            if twin.same
            else (Fault.NEAR_DUPLICATE, f"{twin.shared:.0%} of its phrases are those of {twin.id}")
        )
    if said := _false_first_step(item):
        yield Fault.FALSE_FIRST_STEP, said
    if effect is Effect.LEFT_WRONG:
        yield Fault.LEFT_WRONG, "turns, and has no right answer still"


def _false_first_step(item: Item) -> str:
    """Why the first error of a row is no step, with its text; empty where it is one, or there is none."""
    at = next((place for place, part in enumerate(item.parts) if part.kind is SpanKind.ERROR), None)
    if at is None:
        return ""
    text = item.parts[at].text
    why = false_step(text, item.question, is_first=at == 0)
    return f"{why}: {text.strip()[:100]}" if why else ""


def _reflections(item: Item, doubts: Sequence[Doubt]) -> Iterable[str]:
    if item.turns:
        return (part.text for part in item.parts if part.kind is SpanKind.REFLECTION)
    return (item.text[len(doubts[0].since) :],) if doubts else ()
