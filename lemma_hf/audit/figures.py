"""Figures of an audit, the checks they have to pass, and the rows that are most suspicious."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar

from lemma_hf.audit.rows import Audited, Effect, Fault
from lemma_hf.audit.turns import Basis, Behind, Did, Unknown
from lemma_hf.records import Outcome, question_key

_Kind = TypeVar("_Kind", bound=StrEnum)
_MOST_SUSPICIOUS = 10
_ANSWERED = (Outcome.RIGHT, Outcome.WRONG, Outcome.NO_ANSWER)
"""Outcomes that say something about the row; the others are about its reference, or about time."""
_SEVERITY = {
    Fault.SPOILED: 6,
    Fault.ANSWER_DIFFERS: 5,
    Fault.DOUBTS_RIGHT: 4,
    Fault.OVERLAPS_TEST_SET: 4,
    Fault.LEFT_WRONG: 3,
    Fault.FALSE_FIRST_STEP: 3,
    Fault.DUPLICATE: 2,
    Fault.NEAR_DUPLICATE: 1,
}
"""How much a fault counts where rows are ranked: wrong targets before doubts, and these before mere repetition."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The shares of rows, or of turns, up to which a check passes; from 0 to 1."""

    doubts_right: float = 0.01
    """Of the turns of which the audit itself finds what they stand behind, those behind a right step: what the row
    marks does not count here. 0: none may; a hundredth is about what the judgment itself gets wrong."""
    spoiled: float = 0.0
    """Of the turning rows with a reference, those that give up a right answer."""
    answer_differs: float = 0.0
    """Of the rows with a reference that can be read."""
    duplicate: float = 0.0
    """Of all rows."""
    near_duplicate: float = 0.05
    """Of all rows. Several solutions of one problem are alike where it leaves little choice."""
    overlaps_test_set: float = 0.0
    """Of the rows with a question, where test sets are given."""
    false_first_step: float = 0.01
    """Of the rows whose first error is marked or can be read."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: the share that was found, and the share up to which it passes."""

    name: str
    share: float
    limit: float
    of: int
    """Number of what the share is of; 0 where there was nothing to check."""

    @property
    def checked(self) -> bool:
        """Whether there was something to check."""
        return self.of > 0

    @property
    def passes(self) -> bool:
        """Whether the share is within its limit; a check of nothing fails nothing."""
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
    most_turns: int
    """Turns of the row that turns most often."""
    questions: int
    """Different questions, up to white space."""
    with_reference: int
    outcomes: dict[Outcome, int]
    """Rows with a reference by the outcome of grading their answer."""
    behind: dict[Behind, int]
    """Turns by what they stand behind."""
    basis: dict[Basis, int]
    """Turns by how that is known."""
    unknown: dict[Unknown, int]
    """Turns of which it is not known, by the reason."""
    did: dict[Did, int]
    """Turns by what they did to what they stand behind."""
    effects: dict[Effect, int]
    """Rows by what their turns did to the answer."""
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

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The names of the checks that had nothing to check."""
        return tuple(check.name for check in self.checks if not check.checked)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        counts = ("outcomes", "behind", "basis", "unknown", "did", "effects", "faults")
        plain = {name: {str(key): number for key, number in getattr(self, name).items()} for name in counts}
        names = (
            "rows",
            "turning",
            "by_spans",
            "turns",
            "most_turns",
            "questions",
            "with_reference",
            "tokens",
            "reflection_tokens",
        )
        return {
            "passes": self.passes,
            **{name: getattr(self, name) for name in names},
            **plain,
            "checks": [{**asdict(check), "checked": check.checked, "passes": check.passes} for check in self.checks],
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
    grades = Counter(row.item.grade.outcome for row in rows if row.item.grade is not None)
    return Audit(
        rows=len(rows),
        turning=sum(bool(row.turns) for row in rows),
        by_spans=sum(row.by_spans for row in rows),
        turns=len(turns),
        most_turns=max((len(row.turns) for row in rows), default=0),
        questions=len({question_key(row.item.question) for row in rows if row.item.question}),
        with_reference=grades.total(),
        outcomes={outcome: grades[outcome] for outcome in Outcome},
        behind=_tally(Behind, (turn.behind for turn in turns)),
        basis=dict(Counter(turn.basis for turn in turns).most_common()),
        unknown=_tally(Unknown, (turn.unknown for turn in turns if turn.unknown is not None)),
        did=_tally(Did, (turn.did for turn in turns)),
        effects=_tally(Effect, (row.effect for row in rows)),
        faults={fault: faults[fault] for fault in Fault},
        tokens=sum(row.tokens for row in rows),
        reflection_tokens=sum(row.reflection_tokens for row in rows),
        checks=tuple(_checks(limits or Limits(), rows, faults)),
        suspicious=tuple(row for row in rank(rows)[:_MOST_SUSPICIOUS] if row.faults),
    )


def rank(rows: Sequence[Audited]) -> list[Audited]:
    """The rows with the gravest faults first; others stay in their order."""
    return sorted(rows, key=lambda row: -sum(_SEVERITY[fault] for fault in row.faults))


def _tally(kinds: type[_Kind], found: Iterable[_Kind]) -> dict[_Kind, int]:
    counts = Counter(found)
    return {kind: counts[kind] for kind in kinds}


def _checks(limits: Limits, rows: Sequence[Audited], faults: Counter[Fault]) -> Iterator[Check]:
    found = [turn.behind for row in rows for turn in row.turns if turn.basis not in (Basis.NONE, Basis.MARKED)]
    graded = [row for row in rows if row.item.grade is not None and row.item.grade.outcome in _ANSWERED]
    with_error = sum(row.by_spans for row in rows)
    compared = sum(bool(row.item.question) and row.against_test_sets for row in rows)
    for name, number, limit, of in (
        ("turns behind a right step", found.count(Behind.RIGHT), limits.doubts_right, len(found)),
        ("right answers given up", faults[Fault.SPOILED], limits.spoiled, sum(bool(row.turns) for row in graded)),
        ("answers that differ", faults[Fault.ANSWER_DIFFERS], limits.answer_differs, len(graded)),
        ("duplicates", faults[Fault.DUPLICATE], limits.duplicate, len(rows)),
        ("near duplicates", faults[Fault.NEAR_DUPLICATE], limits.near_duplicate, len(rows)),
        ("overlap with test sets", faults[Fault.OVERLAPS_TEST_SET], limits.overlaps_test_set, compared),
        ("errors that are no step", faults[Fault.FALSE_FIRST_STEP], limits.false_first_step, with_error),
    ):
        yield Check(name, number / max(1, of), limit, of)
