"""Sets: of real numbers in every notation, finite ones, builders, and those that have a name of their own."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.grading import answers_equal
from lemma_hf.records import Outcome

SAME = [
    (r"\mathbb{R}", r"(-\infty,\infty)"), (r"\mathbb R", r"\text{all real numbers}"), ("ℝ", r"x\in\mathbb{R}"),
    (r"\text{all reals}", r"(-\infty,+\infty)"), (r"\text{All real numbers}", r"\mathbb{R}"),
    ("all real numbers x", r"x\in\mathbb{R}"), (r"x \text{ is any real number}", r"\mathbb{R}"),
    (r"\{x \mid x>3\}", "x>3"), (r"\{x : x\ne 3\}", r"x\neq 3"), (r"\{x \in \mathbb{R} : x > 3\}", r"(3,\infty)"),
    (r"\{x | -2<x<2\}", "(-2,2)"), (r"\{x : |x| < 2\}", "-2<x<2"),
    (r"\{ x \mid x<2 \text{ or } x>5 \}", r"(-\infty,2)\cup(5,\infty)"), (r"\{t \mid t>3\}", r"(3, \infty)"),
    (r"\text{all real numbers except } 3", r"x\ne 3"),
    (r"\text{all real numbers except } x=3", r"\mathbb{R}\setminus\{3\}"),
    ("all real numbers except 2 and 3", r"x\ne 2, 3"), (r"\text{all } x \text{ except } 3", r"x \ne 3"),
    (r"\text{all real numbers greater than } 3", "x>3"),
    (r"\text{all real numbers } x \text{ such that } x \ge 3", r"[3,\infty)"),
    (r"\mathbb{R}\setminus\{3\}", r"(-\infty,3)\cup(3,\infty)"), (r"\mathbb{R}-\{3\}", r"x\ne 3"),
    (r"\mathbb{R} \backslash \{-1, 1\}", r"(-\infty,-1)\cup(-1,1)\cup(1,\infty)"),
    (r"x\ne\pm 1", r"\mathbb{R} \setminus \{-1, 1\}"), (r"x \ne 1, x\ne -1", r"\mathbb{R} \setminus \{\pm 1\}"),
    (r"\mathbb{R}^+", r"(0,\infty)"), (r"\text{all positive real numbers}", "x>0"), ("-2<x<2", "|x|<2"),
    ("|x-1|<2", "(-1,3)"), (r"|x-1|\ge 2", r"x\le -1 \text{ or } x\ge 3"), ("0<|x-2|<1", r"(1,2)\cup(2,3)"),
    ("]2,5[", "(2,5)"), ("]2,5]", r"2<x\le5"), ("[2;5[", r"2\le x<5"),
    (r"]-\infty,2[\cup]3,+\infty[", r"(-\infty,2)\cup(3,\infty)"), (r"[1,2]\cup[2,3]", "[1,3]"),
    (r"x\in[1,2]\cup[2,3]", "[1,3]"), (r"(0,2)\cup(1,3)", "(0,3)"), (r"(0,1)\cup\{1\}", "(0,1]"),
    (r"(0,5)\cap[3,8]", "[3,5)"), (r"(-5,5)\setminus\{0\}", r"(-5,0)\cup(0,5)"),
    (r"x<2 \text{ or } x>5", r"(-\infty,2)\cup(5,\infty)"), ("x<2, x>5", r"(-\infty,2)\cup(5,\infty)"),
    ("x<2 or x>5", "x>5 or x<2"), ("x>2, x<5", "(2,5)"), (r"x>2 \text{ and } x<5", "2<x<5"),
    (r"x \le 2 \lor x \ge 5", r"(-\infty,2]\cup[5,\infty)"), (r"(-\infty,2), (5,\infty)", r"(-\infty,2)\cup(5,\infty)"),
    ("(0,1) U (2,3)", r"(0,1)\cup(2,3)"), ("(0,1)U(2,3)", r"(2,3)\cup(0,1)"), ("(-infinity, 5)", r"(-\infty,5)"),
    ("(-inf,5)", "x<5"), ("(-oo, 5)", r"(-\infty,5)"), ("[2, oo)", r"x\ge 2"),
    (r"(-\infty,\frac{1}{2}]", r"(-\infty,0.5]"), (r"(-\sqrt{2},\sqrt{2})", r"-\sqrt2<x<\sqrt2"),
    (r"[\frac{\sqrt{8}}{2},3)", r"[\sqrt{2},3)"), (r"(-\infty, 5)", r"-\infty<x<5"), ("5>x", r"(-\infty,5)"),
    (r"\emptyset", r"\{\}"), (r"\{\}", r"\varnothing"), (r"\{ \}", "∅"), (r"\{1,2\}\cup\{3\}", r"\{1,2,3\}"),
    (r"\{1,3\} \cup \{2,4\}", r"\{1,2,3,4\}"), (r"\{a\}\cup\{b\}", r"\{b,a\}"),
    (r"\{1,2,\ldots,10\}", r"\{1,2,3,\ldots,10\}"), (r"\{1,2,\dots,6\}", r"\{1,2,3,4,5,6\}"),
    (r"\{2,4,\ldots,20\}", r"\{2,4,6,\ldots,20\}"), (r"\{1,\ldots,5\}", r"\{1,2,3,4,5\}"),
    (r"\{2,4,6,\ldots\}", r"\{2,4,6,8,\ldots\}"), (r"\mathbb{Z}", "ℤ"), (r"\text{all integers}", r"\mathbb{Z}"),
    (r"x\in\mathbb{N}", r"\mathbb{N}"), (r"\mathbb{Z}_5", "Z_5"),
    (r"\{2k+1 \mid k\in\mathbb{Z}\}", r"\{2k+1 : k\in\mathbb{Z}\}"),
    (r"\{n \in \mathbb{Z} \mid n > 3\}", r"\{n : n\in\mathbb{Z}, n>3\}"), (r"\mathbb{R}", "R"), ("a<x<b", "(a,b)"),
    ("x>a", r"(a,\infty)"), ("(x,y)=(1,2)", "(1,2)"),
    (r"\{x \in \mathbb{R} \mid x \neq 0\}", r"(-\infty,0)\cup(0,\infty)"),
    (r"x\in (-\infty,2)\cup(2,\infty)", r"\mathbb{R}\setminus\{2\}"), (r"\{x \mid x < -1 \text{ or } x > 1\}", "|x|>1"),
    (r"x \geq 1 \text{ or } x \leq -1", r"|x|\ge 1"), (r"(-\infty, -1) \cup (-1, 1) \cup (1, \infty)", r"x \neq \pm 1"),
    (r"\mathbb{R} \setminus \left\{ \frac12 \right\}", r"x \ne 0.5"),
    (r"[0,\pi/2)\cup(\pi/2,\pi]", r"[0,\pi]\setminus\{\pi/2\}"), (r"-3 < x \text{ and } x < 3", "(-3, 3)"),
    (r"x \ge 2", r"2 \le x < \infty"), (r"x\in(2,5)", "2<x<5"), (r"y \in [0, \infty)", r"[0,\infty)"),
    (r"\{3\} \cup [5,7]", r"[5,7]\cup\{3\}"), (r"[5,7]\cup\{3, 9\}", r"\{3\}\cup[5,7]\cup\{9\}"),
    (r"\text{all real numbers less than or equal to } 5", r"(-\infty,5]"),
    (r"\text{all real numbers except } 0 \text{ and } 1", r"x\ne 0,1"),
    (r"\text{All real numbers except }-3\text{ and }4", r"(-\infty,-3)\cup(-3,4)\cup(4,\infty)"),
    (r"\text{nonnegative real numbers}", r"[0,\infty)"), ("x > 0", r"\mathbb{R}^{+}"),
    (r"\mathbb{R}_{>0}", r"(0,\infty)"), (r"\Bbb{R}", r"\mathbf{R}"), (r"x\in\R", r"\mathbb R"),
    ("[1,3]", r"\{x\mid 1\le x\le 3\}"), (r"\{x\in\mathbb{R}:1\le x\le 3\}", "[1,3]"),
    (r"(-\infty,\infty)", r"-\infty < x < \infty"), (r"3 \le x", r"[3, +\infty)"), ("(2,5)", r"\{x : 2<x<5\}"),
    (r"(-\infty, 0] \cup [0, \infty)", r"\mathbb{R}"), (r"\emptyset", r"\{\,\}"), (r"\varnothing", r"\emptyset"),
    (r"\{(x,y) \mid x>0\}", r"\{(x,y) : x>0\}"), (r"\{1, 2, 3, 4\} \setminus \{2\}", r"\{1,3,4\}"),
    (r"\{1,2,3\}\cap\{2,3,4\}", r"\{2,3\}"), (r"\{1, 2, 3, ..., 20\}", r"\{1,2,\dots,20\}"),
    (r"\{x\in\mathbb{R}\mid x\geq 2\}", r"[2,\infty)"), (r"\{x \,|\, x < 0\}", r"(-\infty, 0)"),
    (r"\{x \;:\; x>0\}", "x>0"), (r"\{x | x \in \mathbb{R}, x \neq 2\}", r"x\neq2"),
    (r"\{x: x \text{ is a real number and } x \ne 2\}", r"x\ne 2"),
    (r"\{x \mid x \neq 1, x \neq 2\}", r"\mathbb{R}\setminus\{1,2\}"),
    (r"\{x \mid x \neq 1 \text{ and } x \neq 2\}", r"\mathbb{R}\setminus\{1,2\}"),
    (r"\text{All real numbers except } 1", r"(-\infty,1)\cup(1,\infty)"),
    (r"\text{the set of all real numbers}", r"\mathbb{R}"), (r"\text{any real number}", r"x \in \mathbb{R}"),
    (r"\text{all real } x", r"\mathbb{R}"), (r"\text{real numbers}", r"\mathbb{R}"),
    ("all real numbers except for 3", r"x\ne3"), (r"\text{all real numbers, except } 3", r"x\ne3"),
    (r"\text{all real numbers not equal to } 3", r"x\ne3"), ("all real numbers other than 3", r"x\ne3"),
    (r"\mathbb{R} \text{ except } 3", r"x\ne 3"), (r"\mathbb{R}\setminus 3", r"x \ne 3"),
    (r"\mathbb{R} \smallsetminus \{3\}", r"x \ne 3"), (r"\mathbb R \backslash \{3\}", r"x \ne 3"),
    (r"R \ {3}", r"x \ne 3"), ("R - {3}", r"x \ne 3"), ("ℝ∖{3}", r"x \ne 3"), (r"ℝ \ {3}", r"x \ne 3"),
    ("(-∞, ∞)", "ℝ"), ("(-∞,3)∪(3,∞)", "x≠3"), ("x ∈ (−∞, 2) ∪ (5, ∞)", "x<2 or x>5"), ("x ≤ 2", "(−∞, 2]"),
    ("-2≤x≤2", "|x|≤2"), (r"\left]2,5\right[", "(2,5)"), (r"\left] -\infty, 2 \right]", r"x\le 2"), ("]-1;1[", "|x|<1"),
    ("[0,1[", "[0,1)"), ("[0;1[", r"0\le x<1"), (r"\left[1,2\right]\cup\left[2,3\right]", "[1,3]"),
    (r"(1,2)\cup[2,3)", "(1,3)"), (r"(1,2)\cup\{2\}\cup(2,3)", "(1,3)"), (r"(0,1) \cup (1,2)", r"(0,2)\setminus\{1\}"),
    (r"(-\infty,0)\cup(0,\infty)", r"\mathbb{R}\setminus\{0\}"),
    (r"x<-1 \text{ or } x>1", r"(-\infty,-1)\cup(1,\infty)"), (r"x < -1 \cup x > 1", r"(-\infty,-1)\cup(1,\infty)"),
    (r"x\in(-\infty,-1) \text{ or } x\in(1,\infty)", "|x|>1"), (r"(-\infty,-1) \text{ or } (1,\infty)", "|x|>1"),
    (r"(-\infty,-1) \text{ and } (1,\infty)", r"(-\infty,-1)\cup(1,\infty)"), (r"(-\infty, -1) ∪ (1, +∞)", "|x|>1"),
    (r"x > 1 \text{ or } x < -1", "x<-1, x>1"), (r"x<-1 \vee x>1", "|x|>1"), (r"x > 2 \wedge x < 5", "(2,5)"),
    ("2 < x, x < 5", "(2,5)"), (r"x>2 \text{ and } x\ne 3", r"(2,3)\cup(3,\infty)"),
    (r"x>2, x \neq 3", r"(2,3)\cup(3,\infty)"), (r"x \ge 0, x \ne 1", r"[0,1)\cup(1,\infty)"),
    (r"0\le x\le 1 \text{ or } x\ge 3", r"[0,1]\cup[3,\infty)"), ("(-infty, 3]", r"x\le 3"),
    ("(-Infinity, 3]", r"x\le 3"), (r"[-2, \infty)", "[-2, +inf)"), ("(2, infinity)", "x>2"),
    (r"(\frac{3}{2}, \infty)", "x > 1.5"), (r"(1.5, \infty)", "x > 3/2"), (r"(\log_2 8, 5)", "(3,5)"),
    ("(2^3, 9]", "(8,9]"), (r"\{0\}", r"x \in \{0\}"), (r"x\in\{1,2\}", r"\{1,2\}"), (r"x\in\emptyset", r"\emptyset"),
    (r"\{1, 2\} \cup \{2, 3\}", r"\{1,2,3\}"), (r"\{1,2\}\cap\{2,3\}", r"\{2\}"), (r"\{1,2\}\cap\{3\}", r"\emptyset"),
    (r"\{1,2,3,\ldots,100\}", r"\{1,2,\ldots,100\}"), (r"\{1,2,\cdots,n\}", r"\{1,2,\ldots,n\}"),
    (r"\{0, 1, 2, \ldots\}", r"\{0,1,2,3,\ldots\}"), (r"1,2,3,\ldots,10", "1,2,3,4,5,6,7,8,9,10"),
    (r"\{-2,-1,\ldots,2\}", r"\{-2,-1,0,1,2\}"), (r"\{10,9,\ldots,1\}", r"\{1,2,\ldots,10\}"),
    (r"\mathbb{Z}^+", r"\mathbb{Z}^{+}"), (r"\text{integers}", r"\mathbb{Z}"),
    (r"\text{natural numbers}", r"\mathbb{N}"), (r"n\in\mathbb{Z}", r"\mathbb{Z}"),
    (r"\mathbb{Q}", r"\text{rational numbers}"), (r"\mathbb{C}", "ℂ"),
    (r"\text{all positive integers}", r"\text{positive integers}"), ("-1 < t < 1", "|t|<1"), ("|x-3|<1", "2<x<4"),
    (r"|x+1|\le 2", "[-3,1]"), ("k>1", r"k\in(1,\infty)"), (r"a \in (2,5]", r"2<a\le 5"), (r"m \ge 4", r"[4,\infty)"),
    (r"y\ge-3", r"\{y \mid y\ge -3\}"), (r"\{y : y \geq -3\}", r"[-3,\infty)"), (r"\text{Domain: } x\ne 3", r"x \ne 3"),
    (r"\text{Domain: } (-\infty,3)", r"(-\infty,3)"), (r"D = \mathbb{R}\setminus\{3\}", r"\mathbb{R}\setminus\{3\}"),
    (r"D=(-\infty,3)\cup(3,\infty)", r"\mathbb{R}\setminus\{3\}"), (r"S=\{1,2\}", r"\{2,1\}"),
    (r"f(x) \ge 3", r"[3,\infty)"), (r"\text{all } x>3", "x>3"), (r"\text{for all } x > 3", "x>3"),
    (r"\text{for all real } x", r"\mathbb{R}"), (r"\text{for all real numbers } x", r"\mathbb{R}"),
    (r"\text{all real values of } x", r"\mathbb{R}"), (r"x \text{ can be any real number except } 3", r"x\ne 3"),
    ("x > e", r"(e,\infty)"), (r"x<\pi", r"(-\infty,\pi)"), (r"\{x : |x|<2\}", r"\{y : -2<y<2\}"),
    ("x=2, x=3", r"x\in\{2,3\}"), (r"(\frac13,5)", "0.333<x<5"),
]  # fmt: skip

DIFFERENT = [
    (r"\mathbb{R}", r"(0,\infty)"), (r"\mathbb{R}", r"\mathbb{Z}"), (r"\mathbb{N}", r"\mathbb{Z}"),
    (r"\text{all integers}", r"\mathbb{R}"), (r"x\in\mathbb{R}", r"y\in\mathbb{R}"),
    (r"\text{all real numbers except } 3", r"x\ne 4"), (r"\text{all real numbers except } 3", "x=3"),
    (r"\text{all real numbers except } 3", r"\mathbb{R}"), (r"\mathbb{R}\setminus\{3\}", r"(-\infty,3)\cup[3,\infty)"),
    (r"\{x \mid x>3\}", r"x\ge 3"), (r"\{x \mid x>3\}", "x<3"), ("-2<x<2", r"|x|\le 2"), ("-2<x<2", "|x|<3"),
    ("|x|>2", "(-2,2)"), ("]2,5[", "[2,5]"), ("]2,5]", "[2,5)"), (r"[1,2)\cup(2,3]", "[1,3]"),
    (r"[1,2]\cup[3,4]", "[1,4]"), (r"x<2 \text{ or } x>5", "(2,5)"), ("x<2, x>5", "(2,5)"), ("x>2, x<5", r"\mathbb{R}"),
    ("x<2 or y>5", r"(-\infty,2)\cup(5,\infty)"), ("(-infinity, 5)", r"(-\infty,5]"),
    (r"(-\infty,\frac{1}{2}]", r"(-\infty,0.51]"), ("(0,1) U (2,3)", r"(0,1)\cup(2,4)"),
    (r"(0,1)\cap(2,3)", r"(0,1)\cup(2,3)"), (r"\emptyset", r"\{0\}"), (r"\{\}", r"\{\emptyset\}"),
    (r"\{1,2\}\cup\{3\}", r"\{1,2,4\}"), (r"\{1,2,\ldots,10\}", r"\{1,2,3,\ldots,11\}"),
    (r"\{2,4,\ldots,20\}", r"\{1,2,\ldots,20\}"), (r"\{1,2,\ldots,10\}", r"\{1,2,10\}"),
    (r"\{2k+1 \mid k\in\mathbb{Z}\}", r"\{2k : k\in\mathbb{Z}\}"), (r"\{n \in \mathbb{Z} \mid n > 3\}", "n>3"),
    ("x>3", "y>3"), ("x^2<4", "(-2,2)"), ("x^2-5x+6>0", "x<2 or x>3"), ("x>3", "3"), ("(2,5)", r"2\le x\le5"),
    (r"x \ge 2", r"(2,\infty)"), (r"x \ne \pm 1", r"x\ne 1"), (r"[0,\pi/2)\cup(\pi/2,\pi]", r"[0,\pi]"),
    (r"\text{all real numbers except } 0 \text{ and } 1", r"x\ne 0"),
    (r"\text{all real numbers less than } 5", r"(-\infty,5]"), (r"x\in(2,5)", r"x\in(2,6)"),
    (r"\{3\}\cup[5,7]", "[5,7]"), (r"\mathbb{R}^+", r"\mathbb{R}"), (r"\mathbb{R}^+", r"[0,\infty)"),
    (r"\mathbb{R}^2", r"\mathbb{R}"), (r"\text{positive integers}", r"\mathbb{R}^+"),
    (r"\{1, 2, 3, 4\} \setminus \{2\}", r"\{1,3\}"), (r"\{x\mid x>3\}", r"\{3\}"), (r"\{x\mid x=3\}", "x>3"),
    (r"\{(x,y) \mid x>0\}", r"\{(x,y) : x<0\}"), ("(3,5)", r"3<x\le 5"), (r"\emptyset", r"\mathbb{R}"), ("5", "x>5"),
    ("x<5", "5"), ("-2", r"x=\pm 2"), (r"(-\infty,2)", "x<2, x>5"),
    (r"\text{all real numbers}", r"\text{all real numbers except } 3"), (r"x\in\mathbb{R}, x\ne 3", r"\mathbb{R}"),
    (r"\{x: x \text{ is a real number and } x \ne 2\}", r"\mathbb{R}"), (r"f(x)\ge 3", r"x\ge 3"),
    (r"\text{for all real } x", r"\text{for all integers } x"), (r"\mathbb{Z}^+", r"\mathbb{Z}"),
    (r"\text{nonnegative integers}", r"\mathbb{Z}^+"), ("R - {3}", "R - {4}"), ("|x-3|<1", r"2\le x\le 4"),
    (r"|x+1|\le 2", "[-1,3]"), (r"x>2 \text{ and } x\ne 3", r"(2,\infty)"), (r"x \ge 0, x \ne 1", r"[0,\infty)"),
    (r"(-\infty,-1) \text{ or } (1,\infty)", "(-1,1)"), (r"\{1,2,\cdots,n\}", r"\{1,2,\ldots,m\}"),
    (r"\{0, 1, 2, \ldots\}", r"\{1,2,3,\ldots\}"), (r"\{1,2,4,\ldots,16\}", r"\{1,2,3,\ldots,16\}"),
    (r"\mathbb{R}\setminus\{0\}", r"\mathbb{R}\setminus\{1\}"), (r"D=(-\infty,3)\cup(3,\infty)", r"\mathbb{R}"),
    ("x>1", r"\{1\}"), ("(1,2)", "1<x, y<2"), (r"x\in\{1,2\}", r"x\in[1,2]"), (r"\{1,2\}", "(1,2)"),
    ("all n", r"\mathbb{R}"), (r"x\ne 2, x=3", r"x\ne 2, 3"), (r"\{x : |x|<2\}", r"\{x : |x|>2\}"),
    ("]10^{400},2[", "(2,3)"), ("x > e", "x > 2"),
]  # fmt: skip


def is_right(answer: str, reference: str) -> bool:
    return answers_equal(answer, reference).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), SAME)
def test_sets_that_say_the_same(one: str, other: str) -> None:
    assert is_right(one, other)
    assert is_right(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_sets_that_do_not(one: str, other: str) -> None:
    assert not is_right(one, other)
    assert not is_right(other, one)


Piece = tuple[int, int, bool, bool]
pieces = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(0, 4), st.booleans(), st.booleans()).map(
        # A point is one whose ends are both in it.
        lambda drawn: (drawn[0], drawn[0] + drawn[1], drawn[2] or not drawn[1], drawn[3] or not drawn[1])
    ),
    min_size=1,
    max_size=4,
)


def as_union(parts: list[Piece]) -> str:
    def text(piece: Piece) -> str:
        low, high, has_low, has_high = piece
        if low == high:
            return rf"\{{{low}\}}"
        return f"{'[' if has_low else '('}{low}, {high}{']' if has_high else ')'}"

    return r" \cup ".join(map(text, parts))


def as_conditions(parts: list[Piece]) -> str:
    signs = {True: r"\le", False: "<"}
    return r" \text{ or } ".join(f"{low} {signs[one]} x {signs[other]} {high}" for low, high, one, other in parts)


def points(parts: list[Piece]) -> set[int]:
    """Where a set is, at the whole numbers and between them, all times two."""
    return {
        at
        for at in range(-20, 21)
        for low, high, has_low, has_high in parts
        if 2 * low < at < 2 * high or (has_low and at == 2 * low) or (has_high and at == 2 * high)
    }


@given(pieces, pieces)
def test_two_unions_are_the_same_where_they_hold_the_same_points(ours: list[Piece], theirs: list[Piece]) -> None:
    if len(ours) > 1 and len(theirs) > 1:
        assert is_right(as_union(ours), as_union(theirs)) == (points(ours) == points(theirs))


@given(pieces, st.randoms())
def test_a_union_is_itself_in_any_order_and_as_conditions(ours: list[Piece], rng: random.Random) -> None:
    shuffled = rng.sample(ours, len(ours))
    if len(ours) > 1:
        assert is_right(as_union(shuffled), as_union(ours))
    if all(low < high for low, high, _, _ in ours) and ours[0][0] != ours[0][1]:
        assert is_right(as_conditions(shuffled), as_union(ours) if len(ours) > 1 else as_union(ours * 2))


@given(pieces)
def test_the_line_without_a_set_is_its_complement(ours: list[Piece]) -> None:
    united = as_union([*ours, *ours])
    assert is_right(rf"\mathbb{{R}} \setminus (\mathbb{{R}} \setminus ({united}))", united)
    assert not is_right(rf"\mathbb{{R}} \setminus ({united})", united)
