"""Distribution of the student's error types, from which the types of injected errors are drawn.

The paper draws them from the student's own errors (section 3.2), not evenly.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemma_hf.pipeline.attempts import question_id
from lemma_hf.pipeline.grade import is_right
from lemma_hf.records import Attempt, Flawed, Problem
from lemma_hf.taxonomy import ErrorType


@dataclass(frozen=True, slots=True)
class _Tally:
    """Right and wrong attempts at one problem."""

    right: int = 0
    wrong: int = 0

    @property
    def hardness(self) -> float:
        """The share of wrong ones, from 0 to 1."""
        return self.wrong / (self.right + self.wrong)


@dataclass(frozen=True, slots=True)
class ErrorDistribution:
    """Counts of the error types that were found; a problem is identified by its question, whatever its id.

    Example:
        >>> problem = Problem("p", "2 + 2 * 2?", "6")
        >>> found = ErrorDistribution(
        ...     Counter({ErrorType.OPERATOR: 2, ErrorType.CALCULATION: 3, ErrorType.COUNTING: 1}),
        ...     {"2 + 2 * 2?": Counter({ErrorType.OPERATOR: 2, ErrorType.COUNTING: 1})},
        ... )
        >>> found.weights(problem, [ErrorType.CALCULATION, ErrorType.COUNTING])
        [0.75, 1.25]
    """

    overall: Counter[ErrorType] = field(default_factory=Counter)
    """Counts of all types, also of those that cannot be injected."""
    by_problem: Mapping[str, Counter[ErrorType]] = field(default_factory=dict)
    """By `Problem.key`; a problem without a typed error is not in it."""
    tallies: Mapping[str, _Tally] = field(default_factory=dict)
    """By `Problem.key`; a problem without a graded attempt is not in it."""
    untyped: int = 0
    """Errors without a type; they count in nothing else."""

    def weights(self, problem: Problem, types: Sequence[ErrorType]) -> list[float]:
        """Weight of each of `types` for the next error at a problem; not normalized.

        The counts of the problem itself, and one further error that is distributed as all the errors are (additive
        smoothing with a prior that weighs one). A few attempts tell little about one problem: so a type it has not
        shown yet stays possible, and where it has shown none, its errors are drawn from those of all. Other types than
        `types` count nothing. Where no error of `types` is known at all, each weighs 1.
        """
        total = sum(self.overall[type_] for type_ in types)
        if not total:
            return [1.0] * len(types)
        own = self.by_problem.get(problem.key, Counter())
        return [own[type_] + self.overall[type_] / total for type_ in types]

    def hardness(self, problem: Problem) -> float | None:
        """The share of wrong ones among the graded attempts at a problem; None where there are none."""
        tally = self.tallies.get(problem.key)
        return tally.hardness if tally else None

    def to_json(self) -> dict[str, Any]:
        """The distribution as plain values; a problem is named by the hash of its question, see `question_id`."""
        questions = sorted(self.by_problem.keys() | self.tallies.keys())
        return {
            "overall": _plain(self.overall),
            "not_injectable": _plain(Counter({t: n for t, n in self.overall.items() if not t.injectable})),
            "untyped": self.untyped,
            "by_problem": {question_id(question): self._problem_to_json(question) for question in questions},
        }

    def _problem_to_json(self, question: str) -> dict[str, Any]:
        tally = self.tallies.get(question)
        return {
            "errors": _plain(self.by_problem.get(question, Counter())),
            "right": tally.right if tally else 0,
            "wrong": tally.wrong if tally else 0,
            "hardness": tally.hardness if tally else None,
        }


def error_distribution(flawed: Iterable[Flawed], graded: Iterable[Attempt] = ()) -> ErrorDistribution:
    """Count the student's errors, and its right and wrong attempts.

    Args:
        flawed: attempts whose first error is known; those made on purpose would count the drawing itself, leave them
            out.
        graded: all the graded attempts, right and wrong (see `grade_stage`); without them no problem has a hardness.
    """
    overall: Counter[ErrorType] = Counter()
    by_problem: dict[str, Counter[ErrorType]] = {}
    untyped = 0
    for item in flawed:
        if item.error.type is None:
            untyped += 1
            continue
        overall[item.error.type] += 1
        by_problem.setdefault(item.problem.key, Counter())[item.error.type] += 1
    return ErrorDistribution(overall, by_problem, _tallies(graded), untyped)


def _tallies(graded: Iterable[Attempt]) -> dict[str, _Tally]:
    counts: dict[str, list[int]] = {}
    for attempt in graded:
        if attempt.grade is not None:
            counts.setdefault(attempt.problem.key, [0, 0])[not is_right(attempt)] += 1
    return {question: _Tally(*pair) for question, pair in counts.items()}


def _plain(counts: Counter[ErrorType]) -> dict[str, int]:
    return {str(type_): count for type_, count in counts.most_common()}
