"""General solutions: one value for each integer, and formulas that only look like it."""

import pytest

from lemma_hf.grading import answers_equal
from lemma_hf.records import Outcome

SAME = [
    (r"x = \frac{\pi}{4}+k\pi \quad (k\in\mathbb{Z})", r"x=\frac{\pi}{4}+k\pi, k\in\mathbb{Z}"),
    (r"\frac{\pi}{4}+k\pi", r"\frac{\pi}{4}+n\pi"), (r"\frac{5\pi}{4}+k\pi", r"\frac{\pi}{4}+k\pi"),
    (r"\{2k+1 \mid k\in\mathbb{Z}\}", r"\{2k+1 : k\in\mathbb{Z}\}"),
    (r"\{2k+1 \mid k\in\mathbb{Z}\}", r"2n+1, n\in\mathbb{Z}"),
    (r"\{2k+1 : k \in \mathbb Z\}", r"\{x \mid x=2k-1, k\in\mathbb{Z}\}"), (r"2n+1, n\in\mathbb{Z}", "2n+1"),
    (r"2n+1, n\in\mathbb{N}", r"2k+1, k\in\mathbb{N}"), (r"n\pi", r"k\pi"),
    (r"k\pi, k\in\mathbb{Z}", r"n\pi, n \in \mathbb{Z}"), (r"k\pi, k\in\mathbb{Z}", r"-k\pi, k \in \mathbb{Z}"),
    (r"x=k\pi, k\in\mathbb{Z}", r"k\pi"),
    (
        r"x=\frac{\pi}{6}+2k\pi \text{ or } x=\frac{5\pi}{6}+2k\pi, k\in\mathbb{Z}",
        r"x=\frac{5\pi}{6}+2n\pi, x=\frac{\pi}{6}+2n\pi, n\in\mathbb{Z}",
    ),
    (
        r"x=(-1)^k\frac{\pi}{6}+k\pi, k\in\mathbb{Z}",
        r"x=\frac{\pi}{6}+2k\pi \text{ or } x=\frac{5\pi}{6}+2k\pi, k\in\mathbb{Z}",
    ),
    (r"x=\pm\frac{\pi}{3}+2k\pi, k\in\mathbb{Z}", r"x=2n\pi\pm\frac{\pi}{3}, n\in\mathbb{Z}"),
    (r"\frac{k\pi}{2}, k\in\mathbb{Z}", r"x=k\pi \text{ or } x=\frac{\pi}{2}+k\pi, k\in\mathbb{Z}"),
    (r"x=\frac{\pi}{4}+k\pi, \text{ where } k \text{ is an integer}", r"x=\frac{\pi}{4}+k\pi, k\in\mathbb{Z}"),
    (r"\frac{\pi}{4}+k\pi \text{ for any integer } k", r"\frac{\pi}{4}+k\pi"),
    (r"45^\circ+k\cdot180^\circ", r"\frac{\pi}{4}+k\pi"),
    (r"45^\circ+360^\circ k", r"45^\circ+360^\circ n, n\in\mathbb{Z}"), (r"\ln 2+2k\pi i", r"\ln 2+2n\pi i"),
    (r"x=2\pi k, k\in\mathbb{Z}", r"x=2k\pi \ (k\in\mathbb{Z})"),
    (r"x = k\pi, k=0,\pm1,\pm2,\ldots", r"k\pi, k\in\mathbb{Z}"), (r"\frac{n\pi}{2}", r"\frac{m\pi}{2}"),
    (r"5k, k\in\mathbb{Z}", r"5m, m\in\mathbb{Z}"), (r"3k+1, k\in\mathbb{Z}", r"3k-2, k\in\mathbb{Z}"),
    (r"n^2, n\in\mathbb{Z}", r"m^2, m\in\mathbb{Z}"),
    (r"\{\frac{\pi}{4}+k\pi \mid k\in\mathbb{Z}\}", r"\frac{\pi}{4}+k\pi"),
    (r"\left\{ x \mid x = \frac{\pi}{4}+k\pi, k\in\mathbb{Z} \right\}", r"\frac{\pi}{4}+k\pi, k\in\mathbb{Z}"),
    (r"\theta=\frac{\pi}{4}+k\pi", r"\frac{\pi}{4}+n\pi, n\in\mathbb{Z}"),
    (r"\frac{\pi}{2}+k\pi, k\in\mathbb{Z}", r"\frac{(2k+1)\pi}{2}, k\in\mathbb{Z}"),
    (r"x=\frac{\pi}{4}+k\pi\ (k \text{ an integer})", r"\frac{\pi}{4}+n\pi"),
    (r"\frac{\pi}{6}+2\pi n, \frac{5\pi}{6}+2\pi n", r"x=\frac{5\pi}{6}+2k\pi, x=\frac{\pi}{6}+2k\pi"),
    (r"k\cdot 180^\circ+45^\circ", r"\frac{\pi}{4}+k\pi"),
]  # fmt: skip
DIFFERENT = [
    ("2k+1", "2n+1"), (r"2n+1, n\in\mathbb{Z}", r"2n, n\in\mathbb{Z}"),
    (r"2n+1, n\in\mathbb{Z}", r"2n+1, n\in\mathbb{N}"), (r"2n+1, n\in\mathbb{N}", r"2n-1, n\in\mathbb{N}"),
    (r"(n-2)\pi", r"n\pi"), (r"n\pi", r"(n+1)\pi"), (r"k\pi, k\in\mathbb{Z}", r"2k\pi, k \in \mathbb{Z}"),
    (r"\frac{\pi}{4}+\frac{k\pi}{2}", r"\frac{\pi}{4}+k\pi"), (r"\frac{\pi}{3}+k\pi", r"\frac{\pi}{4}+k\pi"),
    ("x+1", "y+1"), (r"x+k\pi", r"y+k\pi"), (r"3k+1, k\in\mathbb{Z}", r"3k+2, k\in\mathbb{Z}"),
    (r"n^2, n\in\mathbb{Z}", r"n^2+1, n\in\mathbb{Z}"), (r"\frac{\pi}{4}", r"\frac{\pi}{4}+k\pi"),
    (r"k\pi r^2", r"n\pi r^2"), (r"k\pi", r"(k+1)\pi"), (r"\frac{n\pi}{3}", r"\frac{(n+1)\pi}{3}"),
    (r"k\pi, k\in\mathbb{Z}, k\ne0", r"k\pi, k\in\mathbb{Z}"),
    (r"\frac{\pi}{2}+k\pi, k\in\mathbb{Z}", r"\frac{\pi}{2}+2k\pi, k\in\mathbb{Z}"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_families_are_the_same_both_ways(one: str, other: str) -> None:
    assert answers_equal(one, other).outcome is Outcome.RIGHT
    assert answers_equal(other, one).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_these_are_not_the_same_either_way(one: str, other: str) -> None:
    assert answers_equal(one, other).outcome is not Outcome.RIGHT
    assert answers_equal(other, one).outcome is not Outcome.RIGHT
