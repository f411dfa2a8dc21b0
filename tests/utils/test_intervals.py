"""Shares and their intervals, against an independent source."""

import math

import pytest

from lemma_hf.evaluation import Share


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    # Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(count, total, low, high):
    assert Share(count, total).interval == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("count", [0, 3, 10])
def test_the_ends_solve_wilsons_equation(count):
    """Each end p is where the observed share is exactly 1.96 standard errors of p away."""
    share = Share(count, 10)
    for end in share.interval:
        if 0 < end < 1:
            assert abs(share.value - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / 10))


@pytest.mark.parametrize("total", [1, 2, 3, 7, 10, 997, 1000])
def test_a_share_lies_within_its_own_interval(total):
    for count in (0, 1, total - 1, total):
        low, high = Share(count, total).interval
        assert 0 <= low <= count / total <= high <= 1


def test_an_empty_share_may_be_anything():
    assert Share(0, 0).interval == (0.0, 1.0)
    assert str(Share(0, 0)) == "–"


def test_a_share_prints_as_percent_with_its_interval():
    assert str(Share(90, 100)) == "90.0 % [82.6, 94.5]"
