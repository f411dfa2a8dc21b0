r"""Self-correction: how often a model corrects itself, what it gains and what it costs, by first and final answers.

    It is \boxed{62}. Wait, that is wrong. 9 * 8 = 72, so it is \boxed{72}.
    ╰─ first answer ─╯╰─────────── spent on second thoughts ──────────────╯      reference 72: wrong → right

What stands before the first turn and claims an answer explicitly is the first answer
(`lemma_hf.solutions.reflection`); an output that turns before it has claimed one is unclear, and counted as such.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from lemma_hf.evaluation.score import Scored
from lemma_hf.records import Attempt, Dropped, DropReason, Outcome, Span
from lemma_hf.solutions.reflection import (
    Change,
    FindTurns,
    Reflected,
    ReflectionTally,
    count_reflections,
    reflect_many,
    turn_offsets,
)
from lemma_hf.solutions.spans import segment, split_steps
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import Teacher
from lemma_hf.utils.intervals import Share


@dataclass(frozen=True, slots=True)
class Corrected:
    """One scored output, with its first answer, its turns and what they changed."""

    item: Scored
    verdict: Reflected

    @property
    def change(self) -> Change:
        """The change from the first to the final answer."""
        return self.verdict.change

    @property
    def turns(self) -> tuple[int, ...]:
        """Offsets in characters at which the output turns."""
        return self.verdict.turns

    @property
    def characters(self) -> int:
        """Characters from the first turn on."""
        return len(self.item.text) - self.turns[0] if self.turns else 0

    @property
    def tokens(self) -> float:
        """Tokens from the first turn on: the characters' share of the output's tokens, 0 where these are not known."""
        return self.item.completion.tokens * self.characters / max(1, len(self.item.completion.text))

    @property
    def spans(self) -> tuple[Span, ...]:
        """The output as reasoning, error, reflection and correction, by its English words; empty if it has no such."""
        found = segment(self.item.text, self.item.problem.id)
        return () if isinstance(found, Dropped) else found

    def as_row(self) -> dict[str, Any]:
        """The columns added to the item's own row, flat, for a file; `span_ends` are offsets in characters."""
        spans = self.spans
        first = self.verdict.first
        return {
            "change": str(self.change),
            "first_answer": first.extracted if first is not None else None,
            "first_outcome": str(first.outcome) if first is not None else None,
            "turns": list(self.turns),
            "tokens_spent": self.tokens,
            "span_kinds": [str(span.kind) for span in spans],
            "span_ends": list(accumulate(len(span.text) for span in spans)),
        }


@dataclass(frozen=True, slots=True)
class Correction:
    """Figures of self-correction. The first eight shares are of all outputs, so that they can be added up.

    Intervals are Wilson's and take outputs as independent; with several samples a problem they are too narrow.
    """

    accuracy: Share
    reflected: Share
    """Outputs that turn on something they wrote."""
    fixed: Share
    """Wrong, then right."""
    broken: Share
    """Right, then wrong or no answer: over-correction."""
    kept_right: Share
    kept_wrong: Share
    unclear: Share
    """They turn, but claimed no answer before, or an answer could not be checked."""
    unchanged: Share
    """They do not turn."""
    right_when_reflected: Share
    """Right in the end, of those that turn."""
    before: Share
    """Right first answers, of those that turn and are not unclear."""
    after: Share
    """Right final answers of the same outputs."""
    before_over_all: Share
    """Right answers if no output had turned, of all outputs that are not unclear."""
    after_over_all: Share
    """Right final answers of the same outputs."""
    turns: float
    """Mean turns of an output that turns."""
    characters_spent: float
    """Share of all characters that stand behind a first turn."""
    tokens_spent: float | None
    """Mean tokens behind the first turn, of an output that turns; by their share of characters. None: not known."""
    unreadable_references: int
    """Outputs left out because their reference cannot be read."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: each.as_dict() if isinstance(each, Share) else each for name, each in values.items()}

    @property
    def matrix(self) -> Mapping[tuple[bool, bool], int]:
        """Clear outputs by (first answer right, final answer right)."""
        return {
            (False, False): self.kept_wrong.count,
            (False, True): self.fixed.count,
            (True, False): self.broken.count,
            (True, True): self.kept_right.count,
        }


def correct_many(
    items: Sequence[Scored], *, benchmark: str = "math", turns: FindTurns = turn_offsets
) -> list[Corrected]:
    """Find where each output turns, and grade what it claimed before; outputs whose call failed are left out.

    Args:
        benchmark: how answers are read, see `lemma_hf.grade`.
        turns: where an output turns; by default as its English words say. `marked_turns("!?")` is for the world's
            `sums`.
    """
    came = [item for item in items if not item.call_failed]
    verdicts = reflect_many(
        [item.text for item in came],
        [item.problem.reference_answer for item in came],
        benchmark=benchmark,
        turns=turns,
        finals=[item.grade for item in came],
    )
    return [Corrected(item, verdict) for item, verdict in zip(came, verdicts, strict=True)]


def self_correction(items: Sequence[Corrected]) -> Correction:
    """Sum up what self-correction changed, and what it cost."""
    counted = [each for each in items if each.item.counts]
    turned = [each for each in counted if each.turns]
    counts = count_reflections([each.verdict for each in items])
    written = sum(len(each.item.text) for each in counted)
    known = [each.tokens for each in turned if each.item.completion.tokens]
    return Correction(
        accuracy=Share(counts.right, counts.total),
        reflected=Share(counts.reflected, counts.total),
        fixed=Share(counts.changes[Change.FIXED], counts.total),
        broken=Share(counts.changes[Change.BROKEN], counts.total),
        kept_right=Share(counts.changes[Change.KEPT_RIGHT], counts.total),
        kept_wrong=Share(counts.changes[Change.KEPT_WRONG], counts.total),
        unclear=Share(counts.changes[Change.UNCLEAR], counts.total),
        unchanged=Share(counts.changes[Change.NONE], counts.total),
        right_when_reflected=Share(counts.right_when_reflected, counts.reflected),
        before=Share(counts.right_before, counts.clear),
        after=Share(counts.right_after, counts.clear),
        before_over_all=Share(_right_unchanged(counts) + counts.right_before, _all_clear(counts)),
        after_over_all=Share(_right_unchanged(counts) + counts.right_after, _all_clear(counts)),
        turns=sum(len(each.turns) for each in turned) / max(1, len(turned)),
        characters_spent=sum(each.characters for each in turned) / max(1, written),
        tokens_spent=sum(known) / len(known) if known else None,
        unreadable_references=counts.unreadable_references,
    )


def _right_unchanged(counts: ReflectionTally) -> int:
    return counts.right - counts.right_when_reflected


def _all_clear(counts: ReflectionTally) -> int:
    return counts.total - counts.changes[Change.UNCLEAR]


def marked_turns(marks: str) -> FindTurns:
    """A finder of turns that are runs of any of the characters `marks`; a run at the very beginning is none.

    Example:
        >>> marked_turns("!?")("2+2=5;!!2+2=4;####4")
        (6,)
    """
    run = re.compile(f"[{re.escape(marks)}]+")  # marks "!?": `!!` in "2+2=5;!!2+2=4;"
    return lambda text: tuple(found.start() for found in run.finditer(text) if text[: found.start()].strip())


@dataclass(frozen=True, slots=True)
class Remaining:
    """The mistakes in outputs that are wrong in the end."""

    types: Counter[ErrorType]
    untyped: int
    """Mistakes that the teacher found and did not name."""
    dropped: Counter[DropReason]
    """Outputs that the teacher could not analyse, by reason."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON, the most frequent first."""
        return {
            "types": {str(kind): count for kind, count in self.types.most_common()},
            "untyped": self.untyped,
            "dropped": {str(reason): count for reason, count in self.dropped.most_common()},
        }


def error_types(
    items: Sequence[Scored], teacher: Teacher, split: Callable[[str], Sequence[str]] = split_steps
) -> Remaining:
    """Ask a teacher for the kind of the first wrong step of each output whose answer is wrong.

    An output without an answer, or whose grading was given up, is not asked about: it may not be wrong. In one
    that corrects itself the first wrong step may be one that it went on to repair.

    Args:
        split: cuts an output into its steps; for a world, the world's own.
    """
    wrong = [item for item in items if item.grade.outcome is Outcome.WRONG and not item.call_failed]
    attempts = [Attempt(item.problem, tuple(split(item.text)), item.grade) for item in wrong]
    found = teacher.analyse(attempts)
    named = [each.type for each in found if not isinstance(each, Dropped)]
    return Remaining(
        types=Counter(kind for kind in named if kind is not None),
        untyped=named.count(None),
        dropped=Counter(each.reason for each in found if isinstance(each, Dropped)),
    )
