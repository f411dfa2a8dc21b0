"""Figures of teachers on rows that one can count by eye."""

import pytest

from lemma_hf.errors import DataError
from lemma_hf.evaluation.step_marks import figures_by_source, precision_curve, step_figures

# mark, prediction: exact, exact, one late, two early, called right, abstained; then three right solutions.
ROWS = [(2, 2), (0, 0), (1, 2), (3, 1), (1, -1), (4, None), (-1, -1), (-1, 2), (-1, None)]
MARKS, SAID = [mark for mark, _ in ROWS], [said for _, said in ROWS]


def test_shares_are_of_the_rows_that_were_answered() -> None:
    found = step_figures(MARKS, SAID)
    assert (found.rows, found.wrong) == (9, 6)
    assert (found.answered.count, found.answered.total) == (5, 6)
    counts = {name: getattr(found, name).count for name in ("exact", "within_one", "early", "late", "missed")}
    assert counts == {"exact": 2, "within_one": 3, "early": 1, "late": 1, "missed": 1}
    assert {getattr(found, name).total for name in counts} == {5}
    assert (found.exact_of_named.count, found.exact_of_named.total) == (2, 4)
    assert (found.false_alarms.count, found.confirmed.count, found.confirmed.total) == (1, 1, 3)
    assert (found.abstained.count, found.abstained.total) == (2, 9)


def test_f1_is_the_harmonic_mean_and_an_abstention_counts_as_wrong() -> None:
    # 2 of 6 wrong ones found, 1 of 3 right ones confirmed.
    assert step_figures(MARKS, SAID).f1 == pytest.approx(1 / 3)
    assert step_figures([0, -1], [0, -1]).f1 == 1.0
    assert step_figures([0, -1], [None, -1]).f1 == 0.0


def test_f1_needs_wrong_and_right_rows() -> None:
    assert step_figures([0, 1], [0, 1]).f1 is None
    assert step_figures([-1], [-1]).f1 is None
    assert step_figures([], []).f1 is None


def test_sources_come_in_their_order_and_then_all() -> None:
    found = figures_by_source(["b", "a", "b"], [0, 1, -1], [0, 0, 3])
    assert [(name, figures.rows) for name, figures in found.items()] == [("b", 2), ("a", 1), ("all", 3)]
    assert list(figures_by_source(["b"], [0], [0])) == ["b"]


def test_a_curve_is_of_what_is_named_with_a_sureness() -> None:
    curve = precision_curve([0, 1, 2], [0, 0, -1], [0.9, 0.5, None], [0.0, 0.6, 0.95])
    assert [(f.answered.count, f.exact.count, f.missed.count) for _, f in curve] == [(2, 1, 0), (1, 1, 0), (0, 0, 0)]


def test_figures_are_plain_values_for_json() -> None:
    plain = step_figures(MARKS, SAID).as_dict()
    assert plain["exact"] == {"count": 2, "total": 5, "value": 0.4, "ci95": pytest.approx([0.1176, 0.7693], abs=1e-3)}
    assert plain["f1"] == pytest.approx(1 / 3)


def test_a_missing_prediction_is_an_error() -> None:
    with pytest.raises(DataError, match="found 1 for 2"):
        step_figures([0, 1], [0])
