"""Means over problems and their bootstrap, against every resample there is."""

from itertools import product

import pytest

from lemma_hf.evaluation import Mean, Share
from lemma_hf.utils.intervals import bootstrap, estimate


def every_resample(values):
    """The exact percentile interval: all n^n draws with replacement, by their means."""
    means = sorted(sum(draw) / len(draw) for draw in product(values, repeat=len(values)))
    return means[int(0.025 * len(means))], means[int(0.975 * len(means))]


@pytest.mark.parametrize(
    "values", [[0.0, 1.0, 1.0, 0.5, 0.25], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0], [0.1, 0.2, 0.3, 0.4, 0.9, 0.9]]
)
def test_the_bootstrap_is_the_one_over_all_resamples(values):
    low, high = every_resample(values)
    # Means lie on a grid, so an end may fall on the neighbour of the exact one.
    assert bootstrap(values, seed=1) == pytest.approx((low, high), abs=0.05)


def test_a_seed_says_what_comes_out_and_another_seed_says_hardly_anything_else():
    values = [i % 7 / 7 for i in range(500)]
    assert bootstrap(values, 3) == bootstrap(values, 3)
    assert bootstrap(values, 3) != bootstrap(values, 4)
    assert bootstrap(values, 3) == pytest.approx(bootstrap(values, 4), abs=0.002)


def test_many_different_values_are_drawn_in_bounded_memory_and_give_the_usual_interval():
    values = [(i * 7919 % 5003) / 5003 for i in range(5003)]  # every value once: a uniform distribution
    low, high = bootstrap(values)
    standard_error = (1 / 12) ** 0.5 / 5003**0.5
    assert (low, high) == pytest.approx((0.5 - 1.96 * standard_error, 0.5 + 1.96 * standard_error), abs=0.0005)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_problems_that_all_agree_do_not_make_the_mean_certain(value):
    mean = Mean.from_values([value] * 10)
    assert mean.interval == Share(int(10 * value), 10).interval
    assert mean.low <= mean.value <= mean.high and mean.high - mean.low > 0.2


def test_nothing_may_be_anything():
    assert Mean.from_values([]).interval == (0.0, 1.0)
    assert str(Mean.from_values([])) == "–"
    assert estimate([]) == Share(0, 0)


def test_one_sample_a_problem_is_a_share_and_more_are_a_mean_over_problems():
    assert estimate([[True], [False], [True], []]) == Share(2, 3)
    # A problem with more samples weighs no more than another: (1/4 + 1) / 2.
    found = estimate([[True, False, False, False], [True]])
    assert isinstance(found, Mean) and (found.value, found.total) == (0.625, 2)


def test_either_prints_and_is_written_in_the_same_way():
    mean, share = Mean.from_values([0.5, 1.0] * 50), Share(75, 100)
    assert str(mean).startswith("75.0 % [")
    assert mean.as_dict().keys() < share.as_dict().keys()
    assert mean.as_dict()["ci95"] == list(mean.interval)
