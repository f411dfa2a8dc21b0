"""Figures of a teacher that names the first wrong step, where people marked it: marks and predictions in, shares out.

Steps are counted from 0, as ProcessBench does; -1 stands for "every step is right", and a prediction of None for an
abstention.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.utils.intervals import Share

ALL_RIGHT = -1
"""Mark and prediction where no step is wrong."""
ALL_SOURCES = "all"
"""The name of the line over all sources."""


@dataclass(frozen=True, slots=True)
class StepFigures:
    """The figures of one teacher on one set of rows."""

    rows: int
    wrong: int
    """Rows in which people marked a wrong step."""
    answered: Share
    """Of these, the rows about which the teacher said anything: its coverage. The next five are shares of them."""
    exact: Share
    within_one: Share
    """At most one step before or behind the mark."""
    early: Share
    """A right step is called wrong: some of the text before the error is lost, and nothing wrong is learned."""
    late: Share
    """A wrong step stays among the right ones, and is trained on as right."""
    missed: Share
    """Every step is called right, or the answer is."""
    exact_of_named: Share
    """The exact ones among the rows in which a step is named."""
    false_alarms: Share
    """Of the rows marked as right, those in which a step was called wrong."""
    confirmed: Share
    """Of the rows marked as right, those that were called right."""
    exact_of_all: Share
    """Of all rows with a wrong step, those in which it was found; an abstention counts as not found."""
    abstained: Share
    """Of all rows."""

    @property
    def f1(self) -> float | None:
        """ProcessBench's figure (arXiv 2412.06559): the harmonic mean of the accuracy on wrong and on right samples.

        An abstention counts as wrong in both. None where there are no wrong rows, or no right ones.
        """
        if not (self.exact_of_all.total and self.confirmed.total):
            return None
        wrong, right = self.exact_of_all.value, self.confirmed.value
        return 2 * wrong * right / (wrong + right) if wrong + right else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        figures = {field.name: getattr(self, field.name) for field in fields(self)}
        return {n: v.as_dict() if isinstance(v, Share) else v for n, v in figures.items()} | {"f1": self.f1}


def step_figures(marks: Sequence[int], predictions: Sequence[int | None]) -> StepFigures:
    """Compare the predictions with the marks.

    Args:
        marks: the first wrong step of each row, counted from 0, or -1.
        predictions: the same as the teacher sees it, or None where it abstains.

    Raises:
        DataError: if there are not as many predictions as marks.

    Example:
        >>> figures = step_figures([2, 1, 3, 0, -1, -1], [2, 2, None, -1, -1, 4])
        >>> str(figures.exact.count), figures.late.count, figures.answered.count, figures.wrong
        ('1', 1, 3, 4)
        >>> round(figures.f1, 3)
        0.333
    """
    if len(marks) != len(predictions):
        raise DataError(f"need a prediction for each mark, found {len(predictions)} for {len(marks)}")
    pairs = list(zip(marks, predictions, strict=True))
    wrong = [(mark, said) for mark, said in pairs if mark >= 0]
    right = [said for mark, said in pairs if mark < 0]
    answered = [(mark, said) for mark, said in wrong if said is not None]
    found = [said - mark for mark, said in answered if said >= 0]
    exact = sum(away == 0 for away in found)

    def of_answered(count: int) -> Share:
        return Share(count, len(answered))

    return StepFigures(
        rows=len(pairs),
        wrong=len(wrong),
        answered=Share(len(answered), len(wrong)),
        exact=of_answered(exact),
        within_one=of_answered(sum(abs(away) <= 1 for away in found)),
        early=of_answered(sum(away < 0 for away in found)),
        late=of_answered(sum(away > 0 for away in found)),
        missed=of_answered(len(answered) - len(found)),
        exact_of_named=Share(exact, len(found)),
        false_alarms=Share(sum(said is not None and said >= 0 for said in right), len(right)),
        confirmed=Share(sum(said == ALL_RIGHT for said in right), len(right)),
        exact_of_all=Share(exact, len(wrong)),
        abstained=Share(sum(said is None for _, said in pairs), len(pairs)),
    )


def figures_by_source(
    sources: Sequence[str], marks: Sequence[int], predictions: Sequence[int | None]
) -> dict[str, StepFigures]:
    """The figures of each source, in the order in which they come, and then of all rows where there are several.

    Example:
        >>> [(name, figures.rows) for name, figures in figures_by_source("aab", [0, 1, 1], [0, 1, 0]).items()]
        [('a', 2), ('b', 1), ('all', 3)]
    """
    found: dict[str, StepFigures] = {}
    for name in dict.fromkeys(sources):
        places = [place for place, source in enumerate(sources) if source == name]
        found[name] = step_figures([marks[p] for p in places], [predictions[p] for p in places])
    if len(found) > 1:
        found[ALL_SOURCES] = step_figures(marks, predictions)
    return found


def precision_curve(
    marks: Sequence[int],
    predictions: Sequence[int | None],
    sureness: Sequence[float | None],
    thresholds: Sequence[float],
) -> list[tuple[float, StepFigures]]:
    """The figures of what a teacher names with a sureness of at least each threshold.

    What it says without a sureness, such as that every step is right, counts as an abstention here.

    Example:
        >>> curve = precision_curve([0, 1, 2], [0, 1, 0], [0.9, 0.6, 0.5], [0.5, 0.8])
        >>> [(bound, figures.answered.count, figures.exact.count) for bound, figures in curve]
        [(0.5, 3, 2), (0.8, 1, 1)]
    """
    return [
        (
            bound,
            step_figures(
                marks,
                [
                    said if sure is not None and sure >= bound else None
                    for said, sure in zip(predictions, sureness, strict=True)
                ],
            ),
        )
        for bound in thresholds
    ]
