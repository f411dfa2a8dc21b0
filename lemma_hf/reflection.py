r"""What did a text's second thoughts do to its answer? The answer claimed before a turn, graded beside the final one.

    It is \boxed{62}. Wait, that is wrong. 9 * 8 = 72, so it is \boxed{72}.        reference 72 → FIXED, 62 → BROKEN

Most LEMMA trajectories are cut at their first wrong step, so they turn before they have claimed anything: they reflect,
and what that changed cannot be read from the text (UNCLEAR). Turns are found by their English words, as in
`lemma_hf.segment`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from lemma_hf.grading import extract_answer, grade_many
from lemma_hf.records import Grade, Outcome
from lemma_hf.segment.cues import names_mistake, opens_turn
from lemma_hf.segment.steps import split_lines, split_sentences

__all__ = ["Change", "Reflected", "reflect_many"]

_WRITTEN = frozenset(("boxed", "json"))
_SAID = frozenset(("answer_is", "answer_line"))
"""Rules of `extract_answer` that read a claim; the others fall back on the last number, which is a mere step here."""
_HEADING = "####"
"""GSM8K's mark of an answer, and Markdown's of a heading."""


class Change(StrEnum):
    """What second thoughts did to the answer."""

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
    """An output with its final answer graded, and the answer it gave before it had second thoughts."""

    final: Grade
    first: Grade | None
    """The first answer that the text claims in so many words and then turns; None where there is none."""
    reflects: bool
    """Whether the text turns on something it wrote."""

    @property
    def change(self) -> Change:
        """What came of it."""
        if not self.reflects:
            return Change.NONE
        unchecked = {Outcome.TIMEOUT, Outcome.UNREADABLE_REFERENCE}
        if self.first is None or not unchecked.isdisjoint((self.first.outcome, self.final.outcome)):
            return Change.UNCLEAR
        if self.first.outcome is Outcome.RIGHT:
            return Change.KEPT_RIGHT if self.final.outcome is Outcome.RIGHT else Change.BROKEN
        return Change.FIXED if self.final.outcome is Outcome.RIGHT else Change.KEPT_WRONG


def reflect_many(
    outputs: Sequence[str], references: Sequence[str], *, benchmark: str | Sequence[str] = "math"
) -> list[Reflected]:
    r"""Grade many outputs, and what each of them answered before it turned.

    A claim is a box, a JSON field, `####` at the end, or "the answer is"; a number at the end of a step is none. More
    outputs reflect here than in `has_reflection`, which asks for spans that can be trained on: a doubt with nothing
    behind it, or a correction in the sentence of the cue ("Wait, no: \boxed{72}"), counts too. The final answer is the
    one that `lemma_hf.grade` reads, for which a box before the turn is stronger than a sentence behind it.

    Args:
        benchmark: one name for all, or one for each; see `lemma_hf.grade`.

    Raises:
        ConfigError: if the lengths differ.

    Example:
        >>> texts = [r"It is \boxed{62}. Wait, that is wrong: \boxed{72}", r"9 * 7 = 62. Wait, no. It is \boxed{72}"]
        >>> [str(each.change) for each in reflect_many(texts, ["72", "72"])]
        ['fixed', 'unclear']
    """
    finals = grade_many(outputs, references, benchmark=benchmark)
    benchmarks = [benchmark] * len(outputs) if isinstance(benchmark, str) else benchmark
    parts = [_before_turns(output) for output in outputs]
    claims = {
        i: claim
        for i, several in enumerate(parts)
        if (claim := next((part for part in several if _claims(part)), None)) is not None
    }
    grades = grade_many(
        list(claims.values()), [references[i] for i in claims], benchmark=[benchmarks[i] for i in claims]
    )
    firsts = dict(zip(claims, grades, strict=True))
    return [
        Reflected(final, firsts.get(i), bool(several))
        for i, (final, several) in enumerate(zip(finals, parts, strict=True))
    ]


def _before_turns(text: str) -> tuple[str, ...]:
    """What stands before each turn, back to the turn before; nothing for a text that does not turn."""
    return tuple(text[start:end] for start, end in pairwise([0, *_turns(text)]))


def _turns(text: str) -> Iterator[int]:
    """Offsets at which a sentence opens a turn; talk at the very beginning can be no second thought."""
    at, begun = 0, False
    for line in split_lines(text):
        for sentence in split_sentences(line):
            if not opens_turn(sentence):
                begun = True
            elif begun:
                yield at
            at += len(sentence)


def _claims(part: str) -> bool:
    """Whether `part` claims a complete answer in so many words."""
    found = extract_answer(part)
    if found.text is None:
        return False
    if found.rule in _SAID:
        return not names_mistake(found.text)  # "But that answer is wrong." claims nothing
    # Text goes on behind a heading; behind an answer stands only the turn.
    return found.rule in _WRITTEN or (found.rule == _HEADING and part.rstrip().endswith(found.text))
