"""Summary of many grades: the figures that every metric here returns."""

from collections.abc import Sequence
from typing import Any

from lemma_hf.records import Grade, Outcome


def rates_of(grades: Sequence[Grade], *, details: bool = False) -> dict[str, Any]:
    """Accuracy, and the shares of outputs that are neither right nor wrong.

    An unreadable reference is a fault of the data: it is counted, and left out of the rates.

    Returns:
        `accuracy`, `no_answer_rate` and `timeout_rate` (of the rows whose reference is readable; 0.0 where there are
        none), the counts `right`, `total` and `unreadable_references`; with `details` also `verdicts`, one for each
        row.
    """
    counts = {outcome: sum(grade.outcome is outcome for grade in grades) for outcome in Outcome}
    readable = len(grades) - counts[Outcome.UNREADABLE_REFERENCE]
    result: dict[str, Any] = {
        "accuracy": counts[Outcome.RIGHT] / max(readable, 1),
        "no_answer_rate": counts[Outcome.NO_ANSWER] / max(readable, 1),
        "timeout_rate": counts[Outcome.TIMEOUT] / max(readable, 1),
        "right": counts[Outcome.RIGHT],
        "total": len(grades),
        "unreadable_references": counts[Outcome.UNREADABLE_REFERENCE],
    }
    if details:
        result["verdicts"] = [
            {"outcome": str(grade.outcome), "extracted": grade.extracted, "rule": grade.rule, "detail": grade.detail}
            for grade in grades
        ]
    return result
