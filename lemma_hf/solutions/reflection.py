r"""Effect of reflection on the answer: the answer claimed before a turn and the final one, both graded.

    It is \boxed{62}. Wait, that is wrong. 9 * 8 = 72, so it is \boxed{72}.        reference 72 → FIXED, 62 → BROKEN

Most LEMMA trajectories are cut at their first wrong step, so they turn before they have claimed anything: they reflect,
and what that changed cannot be read from the text (UNCLEAR). Turns are found by their English words, as in
`lemma_hf.solutions.spans`, unless the caller says how.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from lemma_hf.errors import ConfigError
from lemma_hf.grading import DEFAULT_TIMEOUT, extract_answer, grade_many
from lemma_hf.grading.claims import with_marks_blank
from lemma_hf.grading.values import list_of
from lemma_hf.records import Grade, Outcome
from lemma_hf.solutions.cues import names_mistake, opens_turn, reasons
from lemma_hf.solutions.steps import split_lines, split_sentences

__all__ = [
    "Change",
    "FindTurns",
    "Reflected",
    "ReflectionTally",
    "claims_answer",
    "count_reflections",
    "reflect_many",
    "reflection_rates",
    "turn_offsets",
]

FindTurns = Callable[[str], Sequence[int]]
"""A text to the offsets, in characters and ascending, at which it turns."""

_WRITTEN = frozenset(("boxed", "json", "tag"))
_SAID = frozenset(("answer_is", "answer_line", "corrected"))
"""Rules of `extract_answer` that read a claim; the others fall back on the last number, which is a mere step here."""
_HEADING = "####"
"""GSM8K's mark of an answer, and Markdown's of a heading."""


class Change(StrEnum):
    """The effect of a reflection on the answer."""

    NONE = "none"
    """The text does not turn."""
    FIXED = "fixed"
    """The first answer is wrong, the final one right."""
    BROKEN = "broken"
    """The first answer is right, the final one is not, or is missing: over-correction."""
    KEPT_RIGHT = "kept_right"
    KEPT_WRONG = "kept_wrong"
    """Neither answer is right; they may differ."""
    UNCLEAR = "unclear"
    """The text turns, but claimed no answer before, or one of the two could not be checked."""


@dataclass(frozen=True, slots=True)
class Reflected:
    """An output with the grades of its final answer and of the answer it claimed before it turned."""

    final: Grade
    first: Grade | None
    """The first answer that the text claims in so many words and then turns; None where there is none."""
    reflects: bool
    """Whether the text turns, which means goes back on something it wrote."""
    turns: tuple[int, ...] = ()
    """The offsets of the turns, in characters."""

    @property
    def change(self) -> Change:
        """The change from the first answer to the final one."""
        if not self.reflects:
            return Change.NONE
        unchecked = {Outcome.TIMEOUT, Outcome.UNREADABLE_REFERENCE}
        if self.first is None or not unchecked.isdisjoint((self.first.outcome, self.final.outcome)):
            return Change.UNCLEAR
        if self.first.outcome is Outcome.RIGHT:
            return Change.KEPT_RIGHT if self.final.outcome is Outcome.RIGHT else Change.BROKEN
        return Change.FIXED if self.final.outcome is Outcome.RIGHT else Change.KEPT_WRONG

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return {
            "change": str(self.change),
            "first": self.first.extracted if self.first is not None else None,
            "first_outcome": str(self.first.outcome) if self.first is not None else None,
            "final": self.final.extracted,
            "final_outcome": str(self.final.outcome),
            "turns": list(self.turns),
        }


@dataclass(frozen=True, slots=True)
class ReflectionTally:
    """Counts of outputs by change; an unreadable *reference* counts in `unreadable_references` only."""

    total: int
    """Outputs with a readable reference."""
    right: int
    reflected: int
    right_when_reflected: int
    changes: Counter[Change]
    unreadable_references: int = 0

    @property
    def clear(self) -> int:
        """Outputs that turn, and of which both the first and the final answer could be checked."""
        return self.reflected - self.changes[Change.UNCLEAR]

    @property
    def right_before(self) -> int:
        """Of the clear ones, those whose first answer is right."""
        return self.changes[Change.KEPT_RIGHT] + self.changes[Change.BROKEN]

    @property
    def right_after(self) -> int:
        """Of the clear ones, those whose final answer is right."""
        return self.changes[Change.KEPT_RIGHT] + self.changes[Change.FIXED]


def count_reflections(verdicts: Sequence[Reflected]) -> ReflectionTally:
    r"""Count the outputs by the effect of their reflections.

    Example:
        >>> outputs = [r"\boxed{4}. Wait, that is wrong: \boxed{5}", "#### 5"]
        >>> counts = count_reflections(reflect_many(outputs, ["5", "5"]))
        >>> counts.right, counts.reflected, counts.right_before, counts.right_after
        (2, 1, 0, 1)
    """
    readable = [verdict for verdict in verdicts if verdict.final.outcome is not Outcome.UNREADABLE_REFERENCE]
    right = [verdict.reflects for verdict in readable if verdict.final.outcome is Outcome.RIGHT]
    return ReflectionTally(
        total=len(readable),
        right=len(right),
        reflected=sum(verdict.reflects for verdict in readable),
        right_when_reflected=sum(right),
        changes=Counter(verdict.change for verdict in readable),
        unreadable_references=len(verdicts) - len(readable),
    )


def reflection_rates(outputs: Sequence[str], verdicts: Sequence[Reflected]) -> dict[str, Any]:
    """Compute the flat figures of the metric `lemma_reflection`, whose card explains them.

    Args:
        outputs: the texts that `verdicts` are about.
    """
    counts = count_reflections(verdicts)
    numbers = {
        "right": counts.right,
        "reflected": counts.reflected,
        **{str(change): counts.changes[change] for change in Change if change is not Change.NONE},
    }
    counted = [
        (len(text), verdict.turns)
        for text, verdict in zip(outputs, verdicts, strict=True)
        if verdict.final.outcome is not Outcome.UNREADABLE_REFERENCE
    ]
    return {
        "accuracy": counts.right / max(1, counts.total),
        **{f"{name}_rate": number / max(1, counts.total) for name, number in numbers.items() if name != "right"},
        "accuracy_before": counts.right_before / max(1, counts.clear),
        "accuracy_after": counts.right_after / max(1, counts.clear),
        "right_when_reflected": counts.right_when_reflected / max(1, counts.reflected),
        "turns": sum(len(turns) for _, turns in counted) / max(1, counts.reflected),
        "reflection_share": sum(length - turns[0] for length, turns in counted if turns)
        / max(1, sum(length for length, _ in counted)),
        **numbers,
        "total": counts.total + counts.unreadable_references,
        "unreadable_references": counts.unreadable_references,
    }


def turn_offsets(text: str) -> tuple[int, ...]:
    """Find where a text turns, by its English words: offsets in characters of the sentences that open a turn.

    A cue at the very beginning is no turn: nothing stands before it that it could doubt. Where nothing was worked out
    since the last turn, the cue continues that turn.

    Example:
        >>> turn_offsets("9 * 7 = 62. Wait, no. Let me check again. 9 * 7 = 63.")
        (12,)
    """
    text = with_marks_blank(text)
    openings = tuple(_openings(text))
    second_run_ups = {end for start, end in pairwise(openings) if not _gets_on(text[start:end])}
    return tuple(at for at in openings if at not in second_run_ups)


def _gets_on(part: str) -> bool:
    """Whether `part` holds more than talk: an equation or a claim."""
    return reasons(part) or claims_answer(part)


def reflect_many(
    outputs: Sequence[str],
    references: Sequence[str],
    *,
    benchmark: str | Sequence[str] = "math",
    turns: FindTurns = turn_offsets,
    finals: Sequence[Grade] | None = None,
    workers: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> list[Reflected]:
    r"""Grade many outputs, and what each of them answered before it turned.

    A claim is a box, a JSON field, `####` at the end, or "the answer is"; a number at the end of a step is none. More
    outputs reflect here than in `corrects_itself`, which asks for spans that can be trained on: a doubt with nothing
    behind it, or a correction in the sentence of the cue ("Wait, no: \boxed{72}"), counts too. The final answer is the
    one that `lemma_hf.grade` reads: what is claimed behind the turn, in whatever form, or else what stands before it. A
    thought counts as text here, whatever marks its model sets around it: that is where such models turn.

    Args:
        benchmark: one name for all, or one for each; see `lemma_hf.grade`.
        turns: where an output turns, for texts that do not say so in English.
        finals: the grades of the outputs, where they are known already; else they are graded here.
        workers: see `lemma_hf.grade_many`.
        timeout: seconds for one answer, see `lemma_hf.grade_many`.

    Raises:
        ConfigError: if the lengths differ, or one text stands in the place of a list.

    Example:
        >>> texts = [r"It is \boxed{62}. Wait, that is wrong: \boxed{72}", r"9 * 7 = 62. Wait, no. It is \boxed{72}"]
        >>> [str(each.change) for each in reflect_many(texts, ["72", "72"])]
        ['fixed', 'unclear']
    """
    outputs, references = list_of(outputs, "outputs"), list_of(references, "references")
    if finals is None:
        finals = grade_many(outputs, references, benchmark=benchmark, workers=workers, timeout=timeout)
    benchmarks = [benchmark] * len(outputs) if isinstance(benchmark, str) else benchmark
    if not len(outputs) == len(references) == len(benchmarks) == len(finals):
        raise ConfigError(
            f"need as many references, benchmarks and grades as outputs, but got {len(outputs)} outputs, "
            f"{len(references)} references, {len(benchmarks)} benchmarks and {len(finals)} grades"
        )
    outputs = [with_marks_blank(output) for output in outputs]
    offsets = [tuple(turns(output)) for output in outputs]
    claims = {
        i: claim
        for i, (output, several) in enumerate(zip(outputs, offsets, strict=True))
        if (claim := next(filter(claims_answer, _before_turns(output, several)), None)) is not None
    }
    grades = grade_many(
        list(claims.values()),
        [references[i] for i in claims],
        benchmark=[benchmarks[i] for i in claims],
        workers=workers,
        timeout=timeout,
    )
    firsts = dict(zip(claims, grades, strict=True))
    return [
        Reflected(final, firsts.get(i), bool(several), several)
        for i, (final, several) in enumerate(zip(finals, offsets, strict=True))
    ]


def _before_turns(text: str, turns: Sequence[int]) -> Iterator[str]:
    """What stands before each turn, back to the turn before; nothing for a text that does not turn."""
    return (text[start:end] for start, end in pairwise([0, *turns]))


def _openings(text: str) -> Iterator[int]:
    """Offsets at which a sentence opens a turn; a cue at the very beginning opens none."""
    at, begun = 0, False
    for line in split_lines(text):
        for sentence in split_sentences(line):
            if not opens_turn(sentence):
                begun = True
            elif begun:
                yield at
            at += len(sentence)


def claims_answer(part: str) -> bool:
    r"""Whether a part of a text claims a complete answer in so many words; a number at the end of a step is none.

    Example:
        >>> claims_answer("So it is \\boxed{72}."), claims_answer("9 * 8 = 72.")
        (True, False)
    """
    found = extract_answer(part)
    if found.text is None:
        return False
    if found.rule in _SAID:
        return not names_mistake(found.text)  # "But that answer is wrong." claims nothing
    # Text goes on behind a heading; behind an answer stands only the turn.
    return found.rule in _WRITTEN or (found.rule == _HEADING and part.rstrip().endswith(found.text))
