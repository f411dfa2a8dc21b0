"""Figures of an audit, the checks they have to pass, and the rows that are most suspicious."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lemma_hf.audit.rows import Audited, Effect, Fault
from lemma_hf.audit.turns import Basis, Behind
from lemma_hf.records import question_key

_MOST_SUSPICIOUS = 10
_SEVERITY = {
    Fault.SPOILED: 6,
    Fault.ANSWER_DIFFERS: 5,
    Fault.DOUBTS_RIGHT: 4,
    Fault.OVERLAPS_TEST_SET: 4,
    Fault.LEFT_WRONG: 3,
    Fault.FALSE_FIRST_STEP: 3,
    Fault.DUPLICATE: 2,
}
"""How much a fault counts where rows are ranked: wrong targets before doubts, and these before mere repetition."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The shares of rows, or of turns, up to which a check passes; from 0 to 1."""

    doubts_right: float = 0.01
    """Of the turns of which it is known what they stand behind, those behind a right step. 0: none may; a hundredth is
    about what the judgment itself gets wrong."""
    answer_differs: float = 0.0
    """Of the rows with a reference."""
    duplicate: float = 0.0
    """Of all rows, as the next two."""
    overlaps_test_set: float = 0.0
    false_first_step: float = 0.01


@dataclass(frozen=True, slots=True)
class Check:
    """One check: the share that was found, and the share up to which it passes."""

    name: str
    share: float
    limit: float
    of: int
    """Number of what the share is of; a check of nothing passes."""

    @property
    def passes(self) -> bool:
        """Whether the share is within its limit."""
        return self.share <= self.limit


@dataclass(frozen=True, slots=True)
class Audit:
    """The figures of a set of rows."""

    rows: int
    turning: int
    """Rows that turn at least once."""
    by_spans: int
    """Of these, rows whose error, reflection and correction are known or can be read from the words."""
    turns: int
    questions: int
    """Different questions, up to white space."""
    with_reference: int
    behind: dict[Behind, int]
    """Turns by what they stand behind."""
    basis: dict[Basis, int]
    """Turns by how that is known."""
    effects: dict[Effect, int]
    """Rows by what their turns did."""
    faults: dict[Fault, int]
    """Rows by fault; a row may have several."""
    tokens: int
    reflection_tokens: int
    checks: tuple[Check, ...]
    suspicious: tuple[Audited, ...]
    """The rows with the gravest faults, at most ten."""

    @property
    def passes(self) -> bool:
        """Whether every check passes."""
        return all(check.passes for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        counts = ("behind", "basis", "effects", "faults")
        plain = {name: {str(key): number for key, number in getattr(self, name).items()} for name in counts}
        names = ("rows", "turning", "by_spans", "turns", "questions", "with_reference", "tokens", "reflection_tokens")
        return {
            "passes": self.passes,
            **{name: getattr(self, name) for name in names},
            **plain,
            "checks": [{**asdict(check), "passes": check.passes} for check in self.checks],
            "suspicious": [
                {"id": row.item.id, "faults": {str(fault): detail for fault, detail in row.faults.items()}}
                for row in self.suspicious
            ],
        }


def summarize(rows: Sequence[Audited], limits: Limits | None = None) -> Audit:
    """Count the findings, check them against limits, and rank the most suspicious rows.

    Args:
        limits: the defaults of `Limits`, if None.
    """
    turns = [turn for row in rows for turn in row.turns]
    faults = Counter(fault for row in rows for fault in row.faults)
    behind = Counter(turn.behind for turn in turns)
    with_reference = sum(row.item.grade is not None for row in rows)
    ranked = sorted((row for row in rows if row.faults), key=lambda row: -sum(_SEVERITY[fault] for fault in row.faults))
    return Audit(
        rows=len(rows),
        turning=sum(bool(row.turns) for row in rows),
        by_spans=sum(row.by_spans for row in rows),
        turns=len(turns),
        questions=len({question_key(row.item.question) for row in rows if row.item.question}),
        with_reference=with_reference,
        behind={kind: behind[kind] for kind in Behind},
        basis=dict(Counter(turn.basis for turn in turns).most_common()),
        effects={effect: sum(row.effect is effect for row in rows) for effect in Effect},
        faults={fault: faults[fault] for fault in Fault},
        tokens=sum(row.tokens for row in rows),
        reflection_tokens=sum(row.reflection_tokens for row in rows),
        checks=_checks(limits or Limits(), faults, behind, len(rows), with_reference),
        suspicious=tuple(ranked[:_MOST_SUSPICIOUS]),
    )


def _checks(
    limits: Limits, faults: Counter[Fault], behind: Counter[Behind], rows: int, with_reference: int
) -> tuple[Check, ...]:
    known = behind[Behind.WRONG] + behind[Behind.RIGHT]
    found = (
        ("turns behind a right step", behind[Behind.RIGHT], known, limits.doubts_right),
        ("answers that differ", faults[Fault.ANSWER_DIFFERS], with_reference, limits.answer_differs),
        ("duplicates", faults[Fault.DUPLICATE], rows, limits.duplicate),
        ("overlap with test sets", faults[Fault.OVERLAPS_TEST_SET], rows, limits.overlaps_test_set),
        ("errors that say nothing", faults[Fault.FALSE_FIRST_STEP], rows, limits.false_first_step),
    )
    return tuple(Check(name, number / max(1, of), limit, of) for name, number, of, limit in found)
