"""The result of a run on one benchmark: the items, the figures, and everything that they depend on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lemma_hf.evaluation.correction import (
    Corrected,
    Correction,
    Remaining,
    correct_many,
    error_types,
    self_correction,
)
from lemma_hf.evaluation.figures import Scores
from lemma_hf.evaluation.score import Scored
from lemma_hf.solutions.reflection import FindTurns, turn_offsets
from lemma_hf.solutions.spans import split_steps
from lemma_hf.teachers import Teacher


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """One benchmark, scored."""

    benchmark: str
    policy: str
    """The policy by which answers were read, see `lemma_hf.grade`."""
    items: Sequence[Corrected]
    scores: Scores
    correction: Correction
    remaining: Remaining | None = None
    """The mistakes of the wrong outputs, where a teacher was asked."""
    dropped: int = 0
    """Rows of the benchmark that could not be used."""
    dataset: tuple[str, str, str] = ("", "", "")
    """Id on the Hub, config and revision; empty where the problems come from elsewhere."""

    @property
    def is_complete(self) -> bool:
        """Whether every completion came; else the shares are of those that did, and no score of the benchmark."""
        return not self.scores.failed_calls

    @classmethod
    def from_items(
        cls,
        benchmark: str,
        items: Sequence[Scored],
        *,
        policy: str = "math",
        turns: FindTurns = turn_offsets,
        teacher: Teacher | None = None,
        split: Callable[[str], Sequence[str]] = split_steps,
        seed: int = 0,
        dropped: int = 0,
        dataset: tuple[str, str, str] = ("", "", ""),
    ) -> "BenchmarkResult":
        """Compute all figures of scored items.

        Args:
            benchmark: its name.
            policy: how answers are read.
            turns: where an output turns, see `correct_many`.
            teacher: asked for the kind of mistake of each wrong output, unless it is None.
            split: cuts an output into steps for the teacher.
            seed: of the bootstrap.
        """
        corrected = correct_many(items, benchmark=policy, turns=turns)
        return cls(
            benchmark=benchmark,
            policy=policy,
            items=corrected,
            scores=Scores.from_items(items, benchmark=policy, seed=seed),
            correction=self_correction(corrected),
            remaining=error_types(items, teacher, split) if teacher else None,
            dropped=dropped,
            dataset=dataset,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "policy": self.policy,
            "scores": self.scores.as_dict(),
            "self_correction": self.correction.as_dict(),
            "remaining_errors": self.remaining.as_dict() if self.remaining else None,
            "rows_dropped": self.dropped,
            "prompt": self.items[0].item.prompt if self.items else "",
            "dataset": dict(zip(("id", "config", "revision"), self.dataset, strict=True)),
        }

    def rows(self) -> list[dict[str, Any]]:
        """A flat row for each output."""
        return [{"benchmark": self.benchmark} | each.item.as_row() | each.as_row() for each in self.items]
